//! Text with symbols in it, and what a symbol can be.

use std::{fmt, sync::Arc};

use super::{Address, Held};

/// Text, in segments. Neighbouring literals are one, and none is empty, so equal texts are equal however they were put
/// together.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SymbolicText(Vec<Segment>);

/// A part of a [`SymbolicText`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Segment {
    /// Characters that mean themselves.
    Literal(String),
    /// What is only known when the deployment is made.
    Symbol(Symbol),
}

/// A value that is only known when the deployment is made. Alone in a [`SymbolicText`], it may hold anything: a list input
/// is a symbol, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Symbol {
    /// The deployment's name: the stack's name, `project_name`.
    DeploymentName,
    /// The region.
    Region,
    /// The account's id.
    AccountId,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    Partition,
    /// `amazonaws.com`, or what it is in the partition.
    UrlSuffix,
    /// An input, by the name that its file gives it.
    Input(Arc<str>),
    /// An attribute that a resource of the same files has once it exists.
    Attribute {
        /// The resource.
        of: Address,
        /// The attribute.
        attribute: ResourceAttribute,
    },
    /// A function of values that are not all known.
    Call(Call),
    /// What a plan does not know before it is carried out. Whoever compares leaves it out, and counts it.
    Unknown,
}

/// A function with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// The function.
    pub function: Function,
    /// Its arguments, in the order of `CloudFormation`'s function of the same name.
    pub arguments: Vec<Held>,
}

/// Functions that both dialects have, by `CloudFormation`'s names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Function {
    /// Separator, list.
    Join,
    /// Index, list.
    Select,
    /// Separator, text.
    Split,
    /// Text.
    Base64,
    /// Count of the items of a list.
    Length,
    /// The text of a JSON document (`jsonencode`, `Fn::ToJsonString`) inside a longer text.
    ToJsonString,
}

/// An attribute that a resource has once it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ResourceAttribute {
    /// Its ARN, without a trailing `:*`.
    Arn,
    /// The id that the service gave it.
    Id,
    /// Its name.
    Name,
    /// A queue's URL.
    Url,
    /// An API's address, without a trailing slash.
    Endpoint,
    /// A role's `AROA...`.
    UniqueId,
    /// A table's stream.
    StreamArn,
}

impl SymbolicText {
    /// Empty text.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Text that means itself.
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        let mut new = Self::new();
        new.push_str(&text.into());
        new
    }

    /// Characters at the end.
    pub(crate) fn push_str(&mut self, more: &str) {
        match self.0.last_mut() {
            _ if more.is_empty() => {}
            Some(Segment::Literal(last)) => last.push_str(more),
            Some(Segment::Symbol(_)) | None => self.0.push(Segment::Literal(more.to_owned())),
        }
    }

    /// An expression at the end.
    pub(crate) fn push_symbol(&mut self, symbol: Symbol) {
        self.0.push(Segment::Symbol(symbol));
    }

    /// Another text at the end.
    pub(crate) fn append(&mut self, more: &Self) {
        for segment in &more.0 {
            match segment {
                Segment::Literal(text) => self.push_str(text),
                Segment::Symbol(symbol) => self.push_symbol(symbol.clone()),
            }
        }
    }

    /// This, and `more` at the end.
    pub(crate) fn then(mut self, more: impl Into<Self>) -> Self {
        self.append(&more.into());
        self
    }

    /// What follows `start` in this text.
    pub(crate) fn strip_start(&self, start: &Self) -> Option<Self> {
        let mut segments = self.0.iter();
        let mut rest = Self::new();
        let mut wanted = start.0.iter().peekable();
        while let Some(want) = wanted.next() {
            match (want, segments.next()?) {
                (Segment::Symbol(want), Segment::Symbol(found)) if want == found => {}
                (Segment::Literal(want), Segment::Literal(found)) if wanted.peek().is_none() => {
                    rest.push_str(found.strip_prefix(want.as_str())?);
                }
                (Segment::Literal(want), Segment::Literal(found)) if want == found => {}
                _ => return None,
            }
        }
        rest.0.extend(segments.cloned());
        Some(rest)
    }

    /// What stands before the characters `end` at the end of this text.
    pub(crate) fn strip_end(&self, end: &str) -> Option<Self> {
        let (Segment::Literal(last), before) = self.0.split_last()? else { return None };
        let mut rest = Self(before.to_vec());
        rest.push_str(last.strip_suffix(end)?);
        Some(rest)
    }

    /// Its segments.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The characters, if nothing in it has to be found out.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Segment::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The expression, if there is nothing else.
    pub(crate) fn as_symbol(&self) -> Option<&Symbol> {
        match self.0.as_slice() {
            [Segment::Symbol(symbol)] => Some(symbol),
            _ => None,
        }
    }
}

impl From<Symbol> for SymbolicText {
    fn from(symbol: Symbol) -> Self {
        Self(vec![Segment::Symbol(symbol)])
    }
}

impl From<&Self> for SymbolicText {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<&str> for SymbolicText {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

impl Symbol {
    /// An attribute of the resource at `of`.
    pub(crate) fn attribute(of: impl Into<Address>, attribute: ResourceAttribute) -> Self {
        Self::Attribute { of: of.into(), attribute }
    }
}

/// As people are shown it: `${name}-scaleup`.
impl fmt::Display for SymbolicText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            match segment {
                Segment::Literal(text) => f.write_str(text)?,
                Segment::Symbol(symbol) => write!(f, "{symbol}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The documents say `<name>-scaleup`, too.
            Self::DeploymentName => f.write_str("<name>"),
            Self::Region => f.write_str("<region>"),
            Self::AccountId => f.write_str("<account>"),
            Self::Partition => f.write_str("<partition>"),
            Self::UrlSuffix => f.write_str("<url suffix>"),
            Self::Input(name) => write!(f, "<{name}>"),
            Self::Unknown => f.write_str("<known after apply>"),
            Self::Attribute { of, attribute } => write!(f, "<{of}.{attribute}>"),
            Self::Call(Call { function, arguments }) => {
                write!(f, "<{function:?}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{}", argument.value)?;
                }
                f.write_str(")>")
            }
        }
    }
}

impl fmt::Display for ResourceAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arn => "arn",
            Self::Id => "id",
            Self::Name => "name",
            Self::Url => "url",
            Self::Endpoint => "endpoint",
            Self::UniqueId => "unique id",
            Self::StreamArn => "stream arn",
        })
    }
}

/// Puts a text together from literals, symbols and other texts: `symbolic_text!["arn:", Symbol::Partition, ":sqs:"]`.
macro_rules! symbolic_text {
    ($($part:expr),* $(,)?) => {
        $crate::graph::SymbolicText::new()$(.then($part))*
    };
}
pub(crate) use symbolic_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_literals_are_one() {
        let joined = symbolic_text!["a", "b", Symbol::Region, "", "c"];
        let literal = |text: &str| Segment::Literal(text.to_owned());
        assert_eq!(joined.segments(), [literal("ab"), Segment::Symbol(Symbol::Region), literal("c")]);
        assert_eq!(symbolic_text!["a", &symbolic_text!["b"]].as_literal(), Some("ab"));
    }

    #[test]
    fn starts_and_ends_come_off() {
        let sqs = symbolic_text!["arn:", Symbol::Partition, ":sqs:", Symbol::Region, ":"];
        let sns = symbolic_text!["arn:", Symbol::Partition, ":sns:", Symbol::Region, ":"];
        let whole = symbolic_text![&sqs, "jobs/end"];
        assert_eq!(whole.strip_start(&sqs).unwrap().as_literal(), Some("jobs/end"));
        assert_eq!(whole.strip_start(&sns), None);
        assert_eq!(SymbolicText::literal("arn:").strip_start(&sqs), None);
        assert_eq!(sqs.strip_start(&sqs), Some(SymbolicText::new()));
        assert_eq!(whole.strip_end("/end"), Some(symbolic_text![sqs, "jobs"]));
        assert_eq!(whole.strip_end("other"), None);
        assert_eq!(SymbolicText::from(Symbol::Region).strip_end(""), None);
    }
}
