//! A `CloudFormation` template as a tree: sections, resources, and values in which each intrinsic function is a
//! variant of its own. Order is kept; layout is the printer's business.

use jit_runners_model::{Concern, resource::ResourceId};

/// A whole template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) description: String,
    pub(super) metadata: Map,
    pub(super) parameters: Map,
    pub(super) rules: Map,
    pub(super) conditions: Map,
    /// Grouped by concern, as in the model.
    pub(super) resources: Vec<Resource>,
    pub(super) outputs: Map,
}

impl Template {
    /// The one version that there is.
    pub(super) const FORMAT_VERSION: &str = "2010-09-09";
}

/// An entry of the section `Resources`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) id: ResourceId,
    pub(super) concern: Concern,
    /// For example `AWS::SQS::Queue`.
    pub(super) kind: String,
    /// The logical ids of what it waits for, where none of its properties refers to that.
    pub(super) depends_on: Vec<&'static str>,
    /// What becomes of it when it leaves the stack, where readers should not have to look up the default.
    pub(super) removal: Option<Removal>,
    pub(super) properties: Map,
}

/// What becomes of a resource when it leaves the stack or is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// It is deleted with everything in it.
    Delete,
}

impl Removal {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "Delete",
        }
    }
}

/// A value of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Characters that mean themselves.
    Text(String),
    Number(u32),
    Flag(bool),
    List(Vec<Item>),
    Map(Map),
    Call(Intrinsic),
}

/// An intrinsic function with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Intrinsic {
    /// A parameter, a pseudo parameter, or what a resource is known by.
    Ref(&'static str),
    /// An attribute of a resource.
    GetAtt(&'static str, &'static str),
    /// Text with references in it.
    Sub(Vec<SubPiece>),
    /// The elements of a list with a separator between them.
    Join(&'static str, Box<Value>),
    /// The first value if the condition of that name holds, otherwise the second.
    If(String, Box<Value>, Box<Value>),
    /// Whether two values are equal.
    Equals(Box<Value>, Box<Value>),
    /// The opposite.
    Not(Box<Value>),
    /// Whether any of two or more conditions holds.
    Or(Vec<Value>),
}

/// A part of the text of `Sub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SubPiece {
    /// Characters that mean themselves.
    Literal(String),
    /// `${Name}`
    Ref(&'static str),
    /// `${Name.Attribute}`
    GetAtt(&'static str, &'static str),
}

impl SubPiece {
    /// The text of a whole `Sub`. A literal `${` is written `${!`.
    pub(super) fn template(pieces: &[Self]) -> String {
        pieces
            .iter()
            .map(|piece| match piece {
                Self::Literal(text) => text.replace("${", "${!"),
                Self::Ref(name) => format!("${{{name}}}"),
                Self::GetAtt(name, attribute) => format!("${{{name}.{attribute}}}"),
            })
            .collect()
    }
}

/// An element of a list, with a comment for the reader of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) comment: Option<&'static str>,
    pub(super) value: Value,
}

/// Names and values in the order in which they were put in. A name is put in once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map(Vec<(String, Value)>);

impl Map {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Puts an entry at the end.
    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Puts an entry at the end, if there is a value.
    pub(super) fn with_some(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Puts all of `other` at the end.
    pub(super) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn entries(&self) -> &[(String, Value)] {
        &self.0
    }
}

impl FromIterator<(String, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Value {
    pub(super) fn list<V: Into<Self>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::List(values.into_iter().map(|value| Item { comment: None, value: value.into() }).collect())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Intrinsic> for Value {
    fn from(call: Intrinsic) -> Self {
        Self::Call(call)
    }
}
