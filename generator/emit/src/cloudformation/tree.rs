//! A `CloudFormation` template as a tree: sections, resources, and values in which each intrinsic function is a
//! variant of its own; which of its resources refers to which; and the same as JSON. Order is kept; layout is the printer's
//! business.

use std::collections::BTreeSet;

use jit_runners_model::{Concern, resource::ResourceId};
use serde_json::{Map as Object, Value as Json, json};

use crate::{DependencyGraph, DependencyNode};

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

    /// The whole template as JSON, with intrinsics in their long form: what `CloudFormation` itself makes of the YAML.
    pub(super) fn to_json(&self) -> Json {
        let Self { description, metadata, parameters, rules, conditions, resources, outputs } = self;
        let mut json = Object::new();
        json.insert("AWSTemplateFormatVersion".into(), Self::FORMAT_VERSION.into());
        json.insert("Description".into(), description.as_str().into());
        let before = [
            ("Metadata", metadata),
            ("Parameters", parameters),
            ("Rules", rules),
            ("Conditions", conditions),
        ];
        for (name, section) in before {
            if !section.entries().is_empty() {
                json.insert(name.into(), section.to_json());
            }
        }
        let resources =
            resources.iter().map(|node| (node.id.logical_id.to_owned(), node.to_json())).collect();
        json.insert("Resources".into(), Json::Object(resources));
        json.insert("Outputs".into(), outputs.to_json());
        Json::Object(json)
    }
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

impl Resource {
    fn to_json(&self) -> Json {
        let Self { id: _, concern: _, kind, depends_on, removal, properties } = self;
        let mut json = Object::new();
        json.insert("Type".into(), kind.as_str().into());
        if !depends_on.is_empty() {
            json.insert("DependsOn".into(), depends_on.as_slice().into());
        }
        if let Some(removal) = removal {
            json.insert("DeletionPolicy".into(), removal.as_str().into());
            json.insert("UpdateReplacePolicy".into(), removal.as_str().into());
        }
        json.insert("Properties".into(), properties.to_json());
        Json::Object(json)
    }
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

impl Intrinsic {
    fn to_json(&self) -> Json {
        match self {
            Self::Ref(name) => json!({ "Ref": name }),
            Self::GetAtt(name, attribute) => json!({ "Fn::GetAtt": [name, attribute] }),
            Self::Sub(pieces) => json!({ "Fn::Sub": SubPiece::template(pieces) }),
            Self::Join(separator, list) => json!({ "Fn::Join": [separator, list.to_json()] }),
            Self::If(condition, yes, no) => json!({ "Fn::If": [condition, yes.to_json(), no.to_json()] }),
            Self::Equals(left, right) => json!({ "Fn::Equals": [left.to_json(), right.to_json()] }),
            Self::Not(condition) => json!({ "Fn::Not": [condition.to_json()] }),
            Self::Or(conditions) => {
                json!({ "Fn::Or": conditions.iter().map(Value::to_json).collect::<Vec<_>>() })
            }
        }
    }
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

    fn to_json(&self) -> Json {
        Json::Object(self.0.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
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

    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::List(items) => Json::Array(items.iter().map(|item| item.value.to_json()).collect()),
            Self::Map(map) => map.to_json(),
            Self::Call(call) => call.to_json(),
        }
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

/// Which resource of `template` refers to which.
pub(super) fn dependency_graph(template: &Template) -> DependencyGraph {
    let resources: BTreeSet<_> = template.resources.iter().map(|resource| resource.id.logical_id).collect();
    let mut dependency_graph = DependencyGraph::default();
    for resource in &template.resources {
        let id = resource.id.logical_id;
        dependency_graph.nodes.push(DependencyNode { id: id.to_owned(), kind: resource.kind.clone() });
        let mut names = BTreeSet::new();
        for (_, value) in resource.properties.entries() {
            collect_names(value, &mut names);
        }
        // The other names are parameters.
        let edges = names.intersection(&resources).map(|name| (id.to_owned(), (*name).to_owned()));
        dependency_graph.edges.extend(edges);
    }
    dependency_graph
}

/// Every name that `value` refers to.
fn collect_names(value: &Value, names: &mut BTreeSet<&'static str>) {
    match value {
        Value::Text(_) | Value::Number(_) | Value::Flag(_) => {}
        Value::List(items) => items.iter().for_each(|item| collect_names(&item.value, names)),
        Value::Map(map) => map.entries().iter().for_each(|(_, value)| collect_names(value, names)),
        Value::Call(call) => match call {
            Intrinsic::Ref(name) | Intrinsic::GetAtt(name, _) => {
                names.insert(name);
            }
            Intrinsic::Sub(pieces) => names.extend(pieces.iter().filter_map(|piece| match piece {
                SubPiece::Literal(_) => None,
                SubPiece::Ref(name) | SubPiece::GetAtt(name, _) => Some(*name),
            })),
            Intrinsic::Join(_, list) => collect_names(list, names),
            Intrinsic::If(_, yes, no) => {
                collect_names(yes, names);
                collect_names(no, names);
            }
            Intrinsic::Equals(left, right) => {
                collect_names(left, names);
                collect_names(right, names);
            }
            Intrinsic::Not(condition) => collect_names(condition, names),
            Intrinsic::Or(conditions) => conditions.iter().for_each(|one| collect_names(one, names)),
        },
    }
}
