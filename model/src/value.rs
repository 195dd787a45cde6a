//! What a field may hold: literal text, expressions, the two put together, and JSON documents of them.
//!
//! Literal text and expressions are different types. A literal is data and is always escaped by an
//! emitter; an expression is only built from a deployment input or from an attribute of a resource.
//! Nobody scans strings for `${`, so an IAM policy variable such as `${aws:userid}` is safe as a literal.
//!
//! ```
//! use jit_runners_model::{Expr, Piece, text};
//!
//! let name = text![Expr::DeploymentName, "-", "scaleup"];
//! assert_eq!(name.pieces(), [Piece::Expr(Expr::DeploymentName), Piece::Literal("-scaleup".to_owned())]);
//! assert_eq!(text!["${aws:userid}"].as_literal(), Some("${aws:userid}"));
//! ```

use crate::{
    parameter::ParameterId,
    resource::{Attribute, Kind, ResourceId},
};

/// A value that is only known when the deployment is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expr {
    /// The deployment's name: the stack's name, or `project_name`.
    DeploymentName,
    /// The region that the deployment lives in.
    Region,
    /// The AWS account's id.
    AccountId,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    Partition,
    /// The value of an input.
    Parameter(ParameterId),
    /// The values of an input that is a list, joined by commas.
    JoinedParameter(ParameterId),
    /// An attribute of another resource of this deployment.
    Attribute {
        /// The resource's kind, which decides how a dialect spells the attribute.
        kind: Kind,
        /// The resource.
        of: ResourceId,
        /// The attribute.
        attribute: Attribute,
    },
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Characters that mean themselves.
    Literal(String),
    /// A value that is only known when the deployment is made.
    Expr(Expr),
}

/// Text that may contain expressions.
///
/// Neighbouring literals are joined, so that equal texts compare equal however they were put together.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(Vec<Piece>);

impl Text {
    /// Empty text.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Text that means itself.
    pub fn literal(text: impl Into<String>) -> Self {
        Self::new().then(text.into())
    }

    /// Puts `piece` at the end.
    #[must_use]
    pub fn then(mut self, piece: impl Into<Piece>) -> Self {
        match (self.0.last_mut(), piece.into()) {
            (_, Piece::Literal(more)) if more.is_empty() => {}
            (Some(Piece::Literal(last)), Piece::Literal(more)) => last.push_str(&more),
            (_, piece) => self.0.push(piece),
        }
        self
    }

    /// Puts all of `other` at the end.
    #[must_use]
    pub fn join(self, other: &Self) -> Self {
        other.0.iter().cloned().fold(self, Self::then)
    }

    /// The parts, in order; no two literals stand side by side, and none is empty.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The characters, if nothing in it depends on the deployment.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The expressions in it, in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Expr(expr) => Some(expr),
            Piece::Literal(_) => None,
        })
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Literal(text.to_owned())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::Literal(text)
    }
}

impl From<Expr> for Piece {
    fn from(expr: Expr) -> Self {
        Self::Expr(expr)
    }
}

impl<P: Into<Piece>> From<P> for Text {
    fn from(piece: P) -> Self {
        Self::new().then(piece)
    }
}

/// Puts pieces of text together: `text![Expr::DeploymentName, "-scaleup"]`.
#[macro_export]
macro_rules! text {
    ($($piece:expr),* $(,)?) => {
        $crate::Text::new()$(.then($piece))*
    };
}

/// A JSON value whose texts may contain expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// A text.
    Text(Text),
    /// A whole number.
    Number(u32),
    /// True or false.
    Flag(bool),
    /// A list.
    List(Vec<Json>),
    /// An object; names stand in the order given.
    Object(Vec<(&'static str, Json)>),
}

impl<T: Into<Text>> From<T> for Json {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_literals_are_one() {
        let joined = text!["a", "b", Expr::Region, "", "c"];
        assert_eq!(
            joined.pieces(),
            [Piece::Literal("ab".into()), Piece::Expr(Expr::Region), Piece::Literal("c".into())]
        );
        assert_eq!(text!["a", "b"].as_literal(), Some("ab"));
        assert_eq!(joined.as_literal(), None);
    }

    #[test]
    fn a_policy_variable_is_a_literal() {
        assert_eq!(Text::literal("${aws:userid}").pieces(), [Piece::Literal("${aws:userid}".into())]);
    }
}
