//! Puts what is known of a resource together with what nobody knows before it exists.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::identifiers::Identifiers;
use crate::{
    graph::{
        Address, Held, Number, Properties, Segment, Symbol, SymbolicText, Value,
        from_terraform::computed::computed,
    },
    read::Place,
};

/// Arguments that take a name, an id, a URL or an ARN as it is.
///
/// A plan says what an expression refers to, and not what it makes of it. Where one of these refers to one attribute
/// and nothing else, it is that attribute; other arguments (`target = "integrations/${...}"`, policies) stay unknown.
const TAKEN_AS_THEY_ARE: &[&str] = &[
    "api_id",
    "arn",
    "destination",
    "destination_arn",
    "event_source_arn",
    "function_name",
    "integration_uri",
    "kms_key_arn",
    "kms_key_id",
    "kms_master_key_id",
    "log_group",
    "log_group_name",
    "permissions_boundary",
    "policy_arn",
    "queue_url",
    "referenced_security_group_id",
    "role",
    "role_arn",
    "role_name",
    "rule",
    "security_group_id",
    "source_arn",
    "source_security_group_id",
    "target_arn",
];

/// Attributes that are only ever the beginning of something: no service takes them as they are.
const BEGINNINGS: &[&str] = &["execution_arn"];

/// Arguments that show what other resources of the module put there. They count where they are written.
const SHARED: &[(&str, &str)] = &[
    ("aws_iam_role", "inline_policy"),
    ("aws_iam_role", "managed_policy_arns"),
    ("aws_security_group", "egress"),
    ("aws_security_group", "ingress"),
    ("aws_sqs_queue", "policy"),
    ("aws_sqs_queue", "redrive_allow_policy"),
    ("aws_sqs_queue", "redrive_policy"),
];

/// Reads the values of resources.
pub(super) struct Reader<'p> {
    /// Where everything stands: a plan has no lines that anybody wrote.
    pub place: Place,
    /// The resources of the plan.
    pub addresses: &'p BTreeSet<Address>,
    /// What stands for attributes of these resources.
    pub identifiers: &'p Identifiers,
    /// Whether the provider has tags of its own. Without them, `tags_all` repeats `tags`.
    pub has_default_tags: bool,
}

impl Reader<'_> {
    /// The arguments of the `kind` at `address`.
    pub(super) fn arguments(
        &self,
        kind: &str,
        address: &Address,
        values: &Map<String, Json>,
        unknown: &Json,
        written: &Json,
    ) -> Properties {
        let mut arguments = Properties::new();
        let names: BTreeSet<&String> =
            values.keys().chain(unknown.as_object().into_iter().flat_map(Map::keys)).collect();
        for name in names {
            let written = written.get(name);
            let is_shared = written.is_none() && SHARED.contains(&(kind, name));
            if is_shared || (name == "tags_all" && !self.has_default_tags) {
                continue;
            }
            let unknown = unknown.get(name).unwrap_or(&Json::Null);
            let value = match (written, unknown) {
                // Nobody wrote it: the service decides, and no template states it either. What all tags will be is
                // the provider's word alone.
                (None, Json::Bool(true)) if name != "tags_all" => continue,
                (written, unknown) => self.value(name, values.get(name), unknown, written),
            };
            // What AWS made up for the resource, nobody stated.
            let is_own = |segment: &Segment| matches!(segment, Segment::Symbol(Symbol::Attribute { of, .. }) if of == address);
            if !matches!(&value, Value::Text(text) if text.segments().iter().any(is_own)) {
                arguments.insert(name.clone(), self.held(value));
            }
        }
        arguments
    }

    /// A value of an output.
    pub(super) fn output(&self, value: &Json, unknown: &Json) -> Value {
        self.value("value", Some(value), unknown, None)
    }

    /// A value of which everything is known.
    pub(super) fn known(&self, json: &Json) -> Value {
        match json {
            Json::Null => Value::Absent,
            Json::Bool(flag) => Value::Flag(*flag),
            Json::Number(number) => {
                let digits = number.to_string();
                Number::parse(&digits)
                    .map_or_else(|| Value::Text(SymbolicText::literal(digits)), Value::Number)
            }
            Json::String(text) => Value::Text(self.identifiers.text(text)),
            Json::Array(items) => Value::List(items.iter().map(|item| self.held(self.known(item))).collect()),
            Json::Object(entries) => Value::Map(
                entries.iter().map(|(name, json)| (name.clone(), self.held(self.known(json)))).collect(),
            ),
        }
    }

    /// What `value` says, where `unknown` does not say that nobody knows; `argument` is the one that it belongs to.
    fn value(&self, argument: &str, value: Option<&Json>, unknown: &Json, written: Option<&Json>) -> Value {
        match unknown {
            Json::Bool(true) => self.unknown(argument, written),
            Json::Array(unknown) => {
                let items = value.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
                let count = items.len().max(unknown.len());
                let items = (0..count).map(|index| {
                    let unknown = unknown.get(index).unwrap_or(&Json::Null);
                    let value = self.value(argument, items.get(index), unknown, item_of(written, index));
                    self.held(value)
                });
                Value::List(items.collect())
            }
            Json::Object(unknown) => {
                let mut entries = match value.map(|value| self.known(value)) {
                    Some(Value::Map(entries)) => entries,
                    _ => Properties::new(),
                };
                for (name, unknown) in unknown {
                    let stated = argument_of(written, name);
                    if *unknown == Json::Bool(true) && stated == Argument::Unwritten {
                        continue;
                    }
                    let written = match stated {
                        Argument::Written(json) => Some(json),
                        Argument::Unwritten | Argument::Unclear => None,
                    };
                    let value = value.and_then(|value| value.get(name));
                    let value = self.value(name, value, unknown, written);
                    entries.insert(name.clone(), self.held(value));
                }
                Value::Map(entries)
            }
            _ => value.map_or(Value::Absent, |value| self.known(value)),
        }
    }

    fn unknown(&self, argument: &str, written: Option<&Json>) -> Value {
        let found = if TAKEN_AS_THEY_ARE.contains(&argument) {
            written.and_then(|written| self.attribute(written))
        } else {
            None
        };
        found.unwrap_or_else(|| Value::Text(SymbolicText::from(Symbol::Unknown)))
    }

    /// The attribute that is all that `written` refers to.
    fn attribute(&self, written: &Json) -> Option<Value> {
        let references = written.get("references")?.as_array()?;
        let reference = references.first()?.as_str()?;
        // The reference, and the resource that it begins with, with and without its index.
        if !references.iter().all(|other| other.as_str().is_some_and(|other| reference.starts_with(other))) {
            return None;
        }
        let (address, attribute) = reference.rsplit_once('.')?;
        let address = self.addresses.get(address)?;
        let kind = address.split('.').next()?;
        if BEGINNINGS.contains(&attribute) {
            return None;
        }
        computed(kind, attribute, address)
    }

    /// `value`, which stands nowhere in particular.
    pub(super) fn held(&self, value: Value) -> Held {
        Held::new(value, self.place.clone())
    }
}

/// What the module says about an argument of a block.
#[derive(Debug, PartialEq)]
enum Argument<'a> {
    Written(&'a Json),
    Unwritten,
    /// It says something about more than the argument.
    Unclear,
}

/// What `written`, a block or blocks, says about the argument `name`. Blocks of a set stand in another order than their
/// values, so that what one of them says is said of all.
fn argument_of<'a>(written: Option<&'a Json>, name: &str) -> Argument<'a> {
    match written {
        Some(Json::Array(blocks)) => {
            let mut found = blocks.iter().filter_map(|block| block.get(name));
            match (found.next(), found.next(), blocks.len()) {
                (None, _, _) => Argument::Unwritten,
                (Some(json), None, 1) => Argument::Written(json),
                (Some(_), _, _) => Argument::Unclear,
            }
        }
        Some(Json::Object(block)) if !is_expression(block) => {
            block.get(name).map_or(Argument::Unwritten, Argument::Written)
        }
        Some(_) | None => Argument::Unclear,
    }
}

/// What `written` says about an item of a list: the blocks, where there are some.
fn item_of(written: Option<&Json>, index: usize) -> Option<&Json> {
    let written = written?;
    match written {
        Json::Array(blocks) if blocks.len() == 1 && index == 0 => blocks.first(),
        _ => Some(written),
    }
}

fn is_expression(json: &Map<String, Json>) -> bool {
    json.contains_key("references") || json.contains_key("constant_value")
}
