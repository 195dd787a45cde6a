//! Text with symbols in it, what a symbol can be, and the JSON document that a text may hold.

use std::{fmt, sync::Arc};

use serde_json::Value as Json;

use super::{Address, Held, Number, Value};
use crate::read::Place;

/// Stand around the number of an expression while the text is parsed; text that contains them is refused.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

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
    /// A scalar without quotes that is text to one reader of YAML and a number to another: `1.10`. Where a number belongs,
    /// it is one; elsewhere it is refused.
    Unsure(Arc<str>),
    /// What stands in a map under a key that it does not have: a deployment with such a key fails.
    NoSuchKey,
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
    /// A value that stands in JSON without quotes: its characters are a part of the document.
    Bare,
    /// A number or a flag of Terraform that has become text.
    Text,
    /// A function or an operator of Terraform's that templates do not have.
    Terraform(&'static str),
    /// What another stack exports under a name.
    ImportValue,
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
    /// A bucket's domain.
    DomainName,
    /// A bucket's domain with its region.
    RegionalDomainName,
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

    /// The JSON document that it holds, with expressions anywhere in it. Every value in it stands at `place`, because the text is one value of its file.
    pub(crate) fn parse_json(&self, place: &Place) -> Result<Value, String> {
        let mut source = String::new();
        let mut expressions = Vec::new();
        let mut inside = false;
        for segment in self.segments() {
            match segment {
                Segment::Literal(literal) => {
                    if literal.contains([OPEN, CLOSE]) || spells_a_mark(literal) {
                        return Err("it has characters of Unicode's private use area".to_owned());
                    }
                    source.push_str(literal);
                    inside = ends_inside_string(literal, inside);
                }
                Segment::Symbol(symbol) => {
                    let quote = if inside { "" } else { "\"" };
                    source += quote;
                    source.push(OPEN);
                    source += &expressions.len().to_string();
                    source.push(CLOSE);
                    source += quote;
                    expressions.push(if inside { symbol.clone() } else { Symbol::bare(symbol) });
                }
            }
        }
        let json = serde_json::from_str(&source).map_err(|error| error.to_string())?;
        Ok(of_json(&json, &expressions, place))
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

    /// This, where it stands in JSON without quotes.
    pub(crate) fn bare(&self) -> Self {
        let held = Held::new(SymbolicText::from(self.clone()), Place::whole("".into()));
        Self::Call(Call { function: Function::Bare, arguments: vec![held] })
    }

    /// What stands in JSON without quotes, where this is such a thing.
    pub(crate) fn as_bare(&self) -> Option<&Held> {
        match self {
            Self::Call(Call { function: Function::Bare, arguments }) => arguments.first(),
            _ => None,
        }
    }

    /// The document whose text stands without quotes in another one: it is a part of that one.
    fn as_bare_document(&self) -> Option<&Held> {
        match self.as_bare()?.value.as_symbol()? {
            Self::Call(Call { function: Function::ToJsonString, arguments }) => arguments.first(),
            _ => None,
        }
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
            Self::Unsure(written) => f.write_str(written),
            Self::NoSuchKey => f.write_str("<no such key>"),
            Self::Attribute { of, attribute } => write!(f, "<{of}.{attribute}>"),
            Self::Call(Call { function: Function::Bare, arguments }) => {
                let inner = arguments.first().map(|argument| argument.value.to_string()).unwrap_or_default();
                write!(f, "<{} without quotes>", inner.trim_matches(['"', '<', '>']))
            }
            Self::Call(Call { function, arguments }) => {
                match function {
                    Function::Terraform(name) => write!(f, "<{name}(")?,
                    function => write!(f, "<{function:?}(")?,
                }
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
            Self::DomainName => "domain name",
            Self::RegionalDomainName => "regional domain name",
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

/// Whether an escape in `literal` may stand for one of the marks: better one document refused than one taken for another.
fn spells_a_mark(literal: &str) -> bool {
    let literal = literal.to_ascii_lowercase();
    literal.contains(r"\ue000") || literal.contains(r"\ue001")
}

/// Whether a string is still open after `literal`.
fn ends_inside_string(literal: &str, mut inside: bool) -> bool {
    let mut escaped = false;
    for c in literal.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    inside
}

fn of_json(json: &Json, expressions: &[Symbol], place: &Place) -> Value {
    let held = |json: &Json| Held::new(of_json(json, expressions, place), place.clone());
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => {
            // JSON's numbers are all numbers here, too; what is too large for one stays the text that it is.
            let text = number.to_string();
            Number::parse(&text).map_or_else(|| Value::Text(SymbolicText::literal(text)), Value::Number)
        }
        Json::String(text) => {
            let text = with_expressions(text, expressions);
            match text.as_symbol().and_then(Symbol::as_bare_document) {
                Some(document) => document.value.clone(),
                None => Value::Text(text),
            }
        }
        Json::Array(items) => Value::List(items.iter().map(held).collect()),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(name, json)| (with_expressions(name, expressions).to_string(), held(json)))
                .collect(),
        ),
    }
}

fn with_expressions(source: &str, expressions: &[Symbol]) -> SymbolicText {
    let mut text = SymbolicText::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once(OPEN) {
        text.push_str(before);
        let Some((index, after)) = after.split_once(CLOSE) else { break };
        if let Some(symbol) = index.parse().ok().and_then(|index: usize| expressions.get(index)) {
            text.push_symbol(symbol.clone());
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

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

    fn read(segments: &[Segment]) -> Result<String, String> {
        let mut text = SymbolicText::new();
        for segment in segments {
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Symbol(symbol) => text.push_symbol(symbol.clone()),
            }
        }
        text.parse_json(&Place::whole("f".into())).map(|value| value.to_string())
    }

    #[test]
    fn expressions_stand_inside_strings_and_alone() {
        let literal = |text: &str| Segment::Literal(text.to_owned());
        assert_eq!(
            read(&[
                literal(r#"{"a": "x\""#),
                Segment::Symbol(Symbol::Region),
                literal(r#"y", "n": "#),
                Segment::Symbol(Symbol::Input("Count".into())),
                literal(r#", "l": [1, true, null]}"#),
            ])
            .unwrap(),
            r#"{a: "x\"<region>y", l: [1, true, null], n: "<Count without quotes>"}"#
        );
        assert!(read(&[literal("{\"a\": ")]).unwrap_err().contains("EOF"));
        assert!(read(&[literal("\u{e000}0\u{e001}")]).is_err());
        assert!(read(&[literal(r#"{"a": "\uE0000\ue001"}"#)]).is_err());
    }
}
