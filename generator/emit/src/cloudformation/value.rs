//! The model's text and expressions as values of a template.

use jit_runners_model::{Expr, Json, Piece, Ref, Text, parameter::ParameterId, resource::IsKind};

use super::{
    resource::attribute_name,
    tree::{Intrinsic, SubPiece, Value},
};

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        match text.pieces() {
            [] => Self::from(""),
            [Piece::Literal(text)] => Self::from(text.as_str()),
            [Piece::Expr(expr)] => Self::from(expr),
            pieces => pieces.iter().map(sub_piece).collect::<Option<_>>().map_or_else(
                || {
                    let values = Self::list(pieces.iter().map(Self::from));
                    Intrinsic::Join("", Box::new(values)).into()
                },
                |pieces| Intrinsic::Sub(pieces).into(),
            ),
        }
    }
}

impl From<&Piece> for Value {
    fn from(piece: &Piece) -> Self {
        match piece {
            Piece::Literal(text) => Self::from(text.as_str()),
            Piece::Expr(expr) => Self::from(expr),
        }
    }
}

impl From<&Expr> for Value {
    fn from(expr: &Expr) -> Self {
        match reference(expr) {
            Reference::Ref(name) => Intrinsic::Ref(name).into(),
            Reference::GetAtt(name, attribute) => Intrinsic::GetAtt(name, attribute).into(),
            Reference::Joined(name) => Intrinsic::Join(",", Box::new(Intrinsic::Ref(name).into())).into(),
        }
    }
}

impl From<Expr> for Value {
    fn from(expr: Expr) -> Self {
        Self::from(&expr)
    }
}

/// What `Ref` gives for a resource: its name, id or URL, whichever the service knows it by.
impl<K: IsKind> From<Ref<K>> for Value {
    fn from(resource: Ref<K>) -> Self {
        Intrinsic::Ref(resource.id().logical_id).into()
    }
}

impl From<ParameterId> for Value {
    fn from(parameter: ParameterId) -> Self {
        Intrinsic::Ref(parameter.cloudformation).into()
    }
}

/// A JSON document as text, without blanks. Each element of its outermost list stands on a line of its own, so
/// that people can read and compare it.
pub(super) fn json_text(json: &Json) -> Text {
    write_json(Text::new(), json, true)
}

fn write_json(text: Text, json: &Json, break_lines: bool) -> Text {
    match json {
        Json::Text(content) => content
            .pieces()
            .iter()
            .fold(text.then("\""), |text, piece| match piece {
                Piece::Literal(literal) => text.then(escaped(literal)),
                Piece::Expr(expr) => text.then(expr.clone()),
            })
            .then("\""),
        Json::Number(number) => text.then(number.to_string()),
        Json::Flag(flag) => text.then(flag.to_string()),
        Json::List(elements) => {
            let new_line = if break_lines { "\n" } else { "" };
            elements
                .iter()
                .enumerate()
                .fold(text.then("["), |text, (index, element)| {
                    let text = text.then(if index == 0 { "" } else { "," }).then(new_line);
                    write_json(text, element, false)
                })
                .then(new_line)
                .then("]")
        }
        Json::Object(members) => members
            .iter()
            .enumerate()
            .fold(text.then("{"), |text, (index, (name, member))| {
                let comma = if index == 0 { "" } else { "," };
                write_json(text.then(format!("{comma}\"{}\":", escaped(name))), member, break_lines)
            })
            .then("}"),
    }
}

/// The inside of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// How an expression is spelled.
enum Reference {
    Ref(&'static str),
    GetAtt(&'static str, &'static str),
    /// The elements of a list parameter, joined by commas.
    Joined(&'static str),
}

fn reference(expr: &Expr) -> Reference {
    match expr {
        Expr::DeploymentName => Reference::Ref("AWS::StackName"),
        Expr::Region => Reference::Ref("AWS::Region"),
        Expr::AccountId => Reference::Ref("AWS::AccountId"),
        Expr::Partition => Reference::Ref("AWS::Partition"),
        Expr::Parameter(id) => Reference::Ref(id.cloudformation),
        Expr::JoinedParameter(id) => Reference::Joined(id.cloudformation),
        Expr::Attribute { kind, of, attribute } => match attribute_name(*kind, *attribute) {
            Some(name) => Reference::GetAtt(of.logical_id, name),
            None => Reference::Ref(of.logical_id),
        },
    }
}

/// A part of a `Sub`, unless `Sub` cannot say it: it knows no joined lists, and a literal `${` without its `}`
/// would swallow what follows.
fn sub_piece(piece: &Piece) -> Option<SubPiece> {
    match piece {
        Piece::Literal(text) => {
            let open = text.rsplit_once("${").is_some_and(|(_, rest)| !rest.contains('}'));
            (!open).then(|| SubPiece::Literal(text.clone()))
        }
        Piece::Expr(expr) => match reference(expr) {
            Reference::Ref(name) => Some(SubPiece::Ref(name)),
            Reference::GetAtt(name, attribute) => Some(SubPiece::GetAtt(name, attribute)),
            Reference::Joined(_) => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{stack::inputs, text};

    use super::*;

    fn sub(text: &Text) -> String {
        match Value::from(text) {
            Value::Call(Intrinsic::Sub(pieces)) => SubPiece::template(&pieces),
            other => panic!("not a Sub: {other:?}"),
        }
    }

    #[test]
    fn a_literal_is_never_an_expression() {
        assert_eq!(Value::from(&Text::literal("${aws:userid}")), Value::from("${aws:userid}"));
        assert_eq!(sub(&text!["${aws:userid}/", Expr::Region]), "${!aws:userid}/${AWS::Region}");
        assert_eq!(sub(&text!["${!a}", Expr::Region]), "${!!a}${AWS::Region}");
        assert_eq!(sub(&text!["$", Expr::Region, "}"]), "$${AWS::Region}}");
    }

    #[test]
    fn what_sub_cannot_say_is_joined() {
        for text in
            [text!["${", Expr::Region, "}"], text!["subnets: ", Expr::JoinedParameter(inputs::SUBNET_IDS)]]
        {
            assert!(matches!(Value::from(&text), Value::Call(Intrinsic::Join("", _))), "{text:?}");
        }
    }

    #[test]
    fn json_is_escaped_and_expressions_are_not() {
        let json = Json::Object(vec![
            ("a", Json::List(vec![text!["\"", Expr::Region].into(), Json::Flag(true)])),
            ("b", Json::List(Vec::new())),
        ]);
        assert_eq!(sub(&json_text(&json)), "{\"a\":[\n\"\\\"${AWS::Region}\",\ntrue\n],\"b\":[\n]}");
    }
}
