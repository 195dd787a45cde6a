//! What each dialect can express. What only one of them can express is compared with the model; without a model, it is
//! not compared.

use super::matching::is_known_to_a_stack;
use crate::{
    difference::DifferenceKind,
    graph::{Demand, Dialect, Kind},
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

/// Whether `dialect` has words for the property at `path` of a `noun`.
pub(super) fn knows(dialect: Dialect, kind: DifferenceKind, noun: &str, path: &str) -> bool {
    let is_custom = noun == Kind::CustomResource.as_str();
    match (dialect, kind) {
        (Dialect::Model, _) => true,
        // Messages for people, which either dialect asks for in another form.
        (_, DifferenceKind::Parameter) if path == "ConstraintDescription" => false,
        // There, numbers cannot be asked to be whole, lists have no length, texts have only a pattern, and a policy inside
        // a role is in place with it.
        (Dialect::CloudFormation, DifferenceKind::Parameter) => {
            !["Whole", "Nullable", "MinItems", "MaxItems", "OtherChecks"].contains(&path)
        }
        // A stack has only one way to tell a function what it does.
        (Dialect::CloudFormation, _) if is_custom => path != "TerraformKey",
        (Dialect::CloudFormation, _) => path != "DependsOn",
        (Dialect::Terraform, DifferenceKind::Output) => path != "Export",
        // Only a stack can state a type, and a time after which it gives up.
        (Dialect::Terraform, _) if is_custom => !["Type", "ServiceTimeout"].contains(&path),
        (Dialect::Terraform, _) => true,
    }
}

/// Whether the property puts resources in an order, which is compared with a model only: a file may merely write down an order
/// that its references give anyway.
pub(super) fn is_order(path: &str) -> bool {
    path == "DependsOn"
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
