//! The properties of resources: their names, and what they hold.

/// A property.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// What a property holds.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text; numbers and flags are written out.
    Text,
    /// A number, also in quotes.
    Number,
    /// True or false, also in quotes.
    Flag,
    /// Items whose order matters.
    List(&'static Shape),
    /// Items whose order does not matter.
    Set(&'static Shape),
    /// Texts whose order does not matter, or a single one (policy documents).
    OneOrMore,
    /// Items whose order matters, or a single one (policy statements).
    OneOrMoreOf(&'static Shape),
    /// Known properties.
    Object(&'static [Field]),
    /// Names that somebody chose, each with a value.
    MapOf(&'static Shape),
    /// A list of objects, each named by one of its properties. If it has only one other property, that is the value.
    Keyed {
        /// The property that names an item.
        key: &'static str,
        /// The only other one.
        value: Option<&'static str>,
        /// The item.
        item: &'static Shape,
    },
    /// Tags, as an object or as a list of keys and values.
    Tags,
    /// `*`, or kinds of principals with their names.
    Principal,
    /// A JSON document, as it is or as its text.
    Document(&'static Shape),
    /// Text; compared as a JSON document if it is one.
    MaybeDocument,
    /// Anything that JSON can say.
    Json,
    /// An event pattern.
    Pattern,
}

impl Shape {
    /// What messages call what belongs there.
    pub(crate) const fn noun(&self) -> &'static str {
        match self {
            Self::Text | Self::MaybeDocument => "text",
            Self::Number => "a number",
            Self::Flag => "true or false",
            Self::List(_) | Self::Set(_) => "a list",
            Self::OneOrMore => "text, or a list of texts",
            Self::OneOrMoreOf(_) => "an object, or a list of objects",
            Self::Object(_) | Self::MapOf(_) => "an object",
            Self::Keyed { .. } => "a list of named items",
            Self::Tags => "tags: an object, or a list of keys and values",
            Self::Principal => "`*`, or an object of principals",
            Self::Document(_) => "a JSON document",
            Self::Json | Self::Pattern => "JSON",
        }
    }
}

pub(super) const fn text(name: &'static str) -> Field {
    Field { name, shape: Shape::Text }
}

pub(super) const fn number(name: &'static str) -> Field {
    Field { name, shape: Shape::Number }
}

pub(super) const fn flag(name: &'static str) -> Field {
    Field { name, shape: Shape::Flag }
}

pub(super) const fn texts(name: &'static str) -> Field {
    Field { name, shape: Shape::Set(&Shape::Text) }
}

pub(super) const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    Field { name, shape: Shape::Object(fields) }
}

pub(super) const fn tags() -> Field {
    Field { name: "Tags", shape: Shape::Tags }
}

pub(super) const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

/// A tag in a list.
pub(crate) const TAG: Shape = Shape::Object(&[text("Key"), text("Value")]);
