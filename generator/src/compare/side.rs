//! Which statements a dialect has words for. What only one of them can say is held against the model, and against
//! nothing where there is no model.

use super::pairing::is_known_to_a_stack;
use crate::{
    difference::DifferenceKind,
    graph::{Demand, Dialect},
};

/// Whether `dialect` can say anything about the entity: a stack knows its name and its region without being told.
pub(super) fn knows_entity(dialect: Dialect, kind: DifferenceKind, name: &str) -> bool {
    match kind {
        DifferenceKind::Parameter => dialect != Dialect::CloudFormation || !is_known_to_a_stack(name),
        DifferenceKind::Resource
        | DifferenceKind::Condition
        | DifferenceKind::Attribute
        | DifferenceKind::Requirement
        | DifferenceKind::Output => true,
    }
}

/// Whether `dialect` has words for a demand on the inputs.
pub(super) fn knows_demand(dialect: Dialect, demand: &Demand) -> bool {
    match demand {
        Demand::Holds(_) => true,
        Demand::Written(_) => dialect != Dialect::CloudFormation,
    }
}

/// Whether `dialect` has words for the property called `name`.
pub(super) fn knows(dialect: Dialect, kind: DifferenceKind, name: &str) -> bool {
    match (dialect, kind) {
        (Dialect::Model, _) => true,
        // Messages for people, which either dialect asks for in another form.
        (_, DifferenceKind::Parameter) if name == "ConstraintDescription" => false,
        // Numbers have no whole ones there, lists no length, texts nothing in them but a pattern, and a policy inside a role
        // is in place with it.
        (Dialect::CloudFormation, DifferenceKind::Parameter) => {
            !["Whole", "Nullable", "MinItems", "MaxItems", "OtherChecks"].contains(&name)
        }
        (Dialect::CloudFormation, _) => name != "DependsOn",
        (Dialect::Terraform, DifferenceKind::Output) => name != "Export",
        (Dialect::Terraform, _) => true,
    }
}

/// Whether the property only tells people something, or checks an input more closely than people usually do. Without a
/// model, everybody may say it in their own words.
pub(super) fn is_for_people(kind: DifferenceKind, name: &str) -> bool {
    match kind {
        // Terraform asks for the id of a VPC as text, and seldom says more.
        DifferenceKind::Parameter => name == "Description" || name == "AwsType",
        DifferenceKind::Output => name == "Description",
        DifferenceKind::Resource | DifferenceKind::Condition | DifferenceKind::Attribute => name == "Sid",
        DifferenceKind::Requirement => false,
    }
}
