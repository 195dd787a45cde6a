//! The model's values as expressions of the language.

use hcl_edit::expr::{BinaryOperator, Expression};
use jit_runners_model::{
    Expr, Json, Piece, Text,
    parameter::ParameterId,
    resource::{Attribute, Kind, ResourceId},
};

use super::{
    resource::{attribute_name, resource_type},
    tree::{TemplatePart, binary, call, list, literal, object, path, template},
};

/// Text: a single expression stays bare, anything else is a literal or a template.
pub(super) fn text(text: &Text) -> Expression {
    match text.pieces() {
        [] => literal(""),
        [Piece::Literal(characters)] => literal(characters),
        [Piece::Expr(expr)] => expression(expr),
        pieces => template(pieces.iter().map(|piece| match piece {
            Piece::Literal(characters) => TemplatePart::Literal(characters),
            Piece::Expr(expr) => TemplatePart::Value(expression(expr)),
        })),
    }
}

/// A value that is only known when the deployment is made.
pub(super) fn expression(expr: &Expr) -> Expression {
    match expr {
        Expr::DeploymentName => path(&["var", "project_name"]),
        Expr::Region => path(&["var", "aws_region"]),
        Expr::AccountId => path(&["local", "account_id"]),
        Expr::Partition => path(&["local", "partition"]),
        Expr::Parameter(id) => variable(*id),
        Expr::JoinedParameter(id) => call("join", [literal(","), variable(*id)]),
        Expr::Attribute { kind, of, attribute } => attribute_of(*kind, *of, *attribute),
    }
}

/// The value of an input.
pub(super) fn variable(id: ParameterId) -> Expression {
    path(&["var", id.terraform])
}

/// A link to a resource's attribute.
pub(super) fn attribute_of(kind: Kind, of: ResourceId, attribute: Attribute) -> Expression {
    path(&[resource_type(kind), of.label, attribute_name(kind, attribute)])
}

/// Whether an input is the empty text.
pub(super) fn is_empty(id: ParameterId) -> Expression {
    binary(variable(id), BinaryOperator::Eq, literal(""))
}

/// Whether an input is any other text.
pub(super) fn is_set(id: ParameterId) -> Expression {
    binary(variable(id), BinaryOperator::NotEq, literal(""))
}

/// A JSON document, as the argument of `jsonencode`.
pub(super) fn json(document: &Json) -> Expression {
    match document {
        Json::Text(characters) => text(characters),
        Json::Number(number) => (*number).into(),
        Json::Flag(flag) => (*flag).into(),
        Json::List(items) => list(items.iter().map(json)),
        Json::Object(entries) => object(entries.iter().map(|(name, value)| (*name, json(value)))),
    }
}

/// A JSON document as text.
pub(super) fn jsonencode(document: Expression) -> Expression {
    call("jsonencode", [document])
}

#[cfg(test)]
mod tests {
    use jit_runners_model::text;

    use super::*;

    #[track_caller]
    fn check(value: &Text, expected: &str) {
        assert_eq!(text(value).to_string(), expected);
    }

    #[test]
    fn a_single_expression_stays_bare() {
        check(&Expr::Region.into(), "var.aws_region");
        let id = ParameterId { cloudformation: "SubnetIds", terraform: "subnet_ids" };
        check(&Expr::Parameter(id).into(), "var.subnet_ids");
        check(&Expr::JoinedParameter(id).into(), r#"join(",", var.subnet_ids)"#);
    }

    #[test]
    fn literals_and_expressions_together_are_a_template() {
        check(&text![Expr::DeploymentName, "-scaleup"], r#""${var.project_name}-scaleup""#);
        check(&text!["a${b}", Expr::Region], r#""a$${b}${var.aws_region}""#);
        check(&text!["costs $", Expr::Region], r#""costs ${"$"}${var.aws_region}""#);
    }

    #[test]
    fn literals_are_escaped() {
        check(&Text::new(), r#""""#);
        check(&Text::literal("${aws:userid}"), r#""$${aws:userid}""#);
        check(&Text::literal("say \"hi\"\n"), r#""say \"hi\"\n""#);
    }

    #[test]
    fn attributes_have_the_providers_names() {
        let of = ResourceId { logical_id: "ScaleUp", label: "scaleup" };
        let attribute = |kind, attribute| attribute_of(kind, of, attribute).to_string();
        assert_eq!(attribute(Kind::Function, Attribute::Name), "aws_lambda_function.scaleup.function_name");
        assert_eq!(attribute(Kind::Queue, Attribute::Name), "aws_sqs_queue.scaleup.name");
        assert_eq!(attribute(Kind::Api, Attribute::Endpoint), "aws_apigatewayv2_api.scaleup.api_endpoint");
    }
}
