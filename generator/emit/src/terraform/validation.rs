//! What the inputs must fulfil besides each one's own type, bounds and pattern.
//!
//! Label mappings are JSON in a text: Terraform can ask all of them that the scale-up function asks. What inputs must fulfil
//! together cannot stand in a variable's own validation before Terraform 1.9 and OpenTofu 1.9, so it is asked by
//! preconditions of a data source: Terraform asks them of each plan, before all resources.

use hcl_edit::{
    expr::{BinaryOperator, Expression},
    structure::Block,
};
use jit_runners_model::{
    Deployment, InstanceType, Label,
    parameter::ParameterId,
    requirement::{Demand, Fact, Requirement},
};

use super::{
    input::{Rule, matches},
    tree::{Contents, binary, block, call, commented, for_each, for_each_if, list, literal, path},
    value::{is_set, variable},
};

/// The data source that has the preconditions.
pub(super) const OWNER: [&str; 3] = ["data", "aws_caller_identity", "current"];

/// The `lifecycle` block that has them; none, if there are none.
pub(super) fn lifecycle(deployment: &Deployment) -> Option<Block> {
    let preconditions: Vec<_> = deployment.requirements().iter().map(precondition).collect();
    (!preconditions.is_empty()).then(|| {
        let lifecycle = block("lifecycle", &[], Contents::new().blocks(preconditions));
        commented(lifecycle, "What the variables must fulfil together is asked first, whatever this looks up")
    })
}

fn precondition(requirement: &Requirement) -> Block {
    let message = requirement.message(|input| input.terraform);
    let contents = Contents::new()
        .set("condition", condition(&requirement.demand))
        .set("error_message", literal(&message));
    block("precondition", &[], contents)
}

fn condition(demand: &Demand) -> Expression {
    match demand {
        Demand::AnyOf(facts) => {
            let any = facts.iter().map(fact).reduce(|one, other| binary(one, BinaryOperator::Or, other));
            any.unwrap_or_else(|| false.into())
        }
        Demand::OneArchitecture { default, mappings } => one_architecture(*default, *mappings),
    }
}

fn fact(fact: &Fact) -> Expression {
    match fact {
        Fact::OneOf(input, values) => {
            call("contains", [list(values.iter().map(|value| literal(value))), variable(*input)])
        }
        Fact::IsSet(input) => is_set(*input),
    }
}

/// The rules of the input `mappings`, beside its pattern.
pub(super) fn mapping_rules(mappings: ParameterId) -> Vec<Rule> {
    let each = |value| for_each("mapping", decoded(mappings), value);
    let types = each(list([of("instance_type"), call("try", [of("instance_types"), nothing()])]));
    let types = call("flatten", [call("try", [types, nothing()])]);
    let labels = call("distinct", [each(call("lower", [of("label")]))]);
    let as_many = binary(call("length", [labels]), BinaryOperator::Eq, call("length", [decoded(mappings)]));
    let is_type = matches(InstanceType::PATTERN.as_str(), path(&["type"]));
    let label = matches(Label::PATTERN.as_str(), call("try", [of("label"), literal("x")]));
    vec![
        holds(
            call("can", [each(list([of("label"), of("instance_type")]))]),
            "must be JSON, with a label and an instance_type in each entry",
            ("incomplete", r#"[{"label":"a"}]"#),
        ),
        holds(
            call("alltrue", [for_each("type", types, is_type)]),
            "must have instance types that EC2 could have, a family and a size such as c7i.xlarge",
            ("impossible", r#"[{"label":"a","instance_type":"t3.huge"}]"#),
        ),
        holds(
            call("alltrue", [for_each("mapping", decoded_or_none(mappings), label)]),
            "must have labels of at most 256 characters, without blanks and commas",
            ("mislabelled", r#"[{"label":"a\tb","instance_type":"t3.large"}]"#),
        ),
        holds(
            call("try", [as_many, true.into()]),
            "must have each label once, in upper or lower case",
            (
                "doubled",
                r#"[{"label":"a","instance_type":"t3.large"},{"label":"A","instance_type":"t3.nano"}]"#,
            ),
        ),
    ]
}

/// A rule, and mappings that break it and no other.
fn holds(condition: Expression, must: &'static str, (way, broken): (&'static str, &str)) -> Rule {
    Rule::Holds { condition: condition.into(), must, refused: (way, literal(broken)).into() }
}

/// Whether the type in `default` and those in `mappings` that start from the default image are of one architecture.
fn one_architecture(default: ParameterId, mappings: ParameterId) -> Expression {
    let alone = || list([of("instance_type")]);
    let candidates = call("try", [call("coalescelist", [of("instance_types"), alone()]), alone()]);
    let has_no_image =
        binary(call("try", [of("ami"), Expression::null()]), BinaryOperator::Eq, Expression::null());
    let mapped = for_each_if("mapping", decoded_or_none(mappings), candidates, has_no_image);
    let all = call("flatten", [list([path(&["var", default.terraform]), mapped])]);
    let is_graviton = matches(InstanceType::GRAVITON.as_str(), path(&["type"]));
    let architectures = call("distinct", [for_each("type", all, is_graviton)]);
    binary(call("length", [architectures]), BinaryOperator::Eq, 1)
}

/// A part of a mapping.
fn of(name: &str) -> Expression {
    path(&["mapping", name])
}

fn nothing() -> Expression {
    list::<Expression>([])
}

fn decoded(mappings: ParameterId) -> Expression {
    call("jsondecode", [path(&["var", mappings.terraform])])
}

/// What is no JSON is told once.
fn decoded_or_none(mappings: ParameterId) -> Expression {
    call("try", [decoded(mappings), nothing()])
}
