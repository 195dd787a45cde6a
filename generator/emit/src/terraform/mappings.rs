//! What Terraform can ask about label mappings, which are JSON in a text: all that the scale-up function asks of them.

use hcl_edit::expr::{BinaryOperator, Expression};
use jit_runners_model::{InstanceType, Label, parameter::ParameterId};

use super::{
    input::{Rule, matches},
    tree::{binary, call, for_each, for_each_if, list, literal, path},
};

/// The rules of the input `mappings`, beside its pattern.
pub(super) fn rules(mappings: ParameterId) -> Vec<Rule> {
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
pub(super) fn one_architecture(default: ParameterId, mappings: ParameterId) -> Expression {
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
