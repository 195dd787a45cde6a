//! Values of a plan: what is known of a resource, put together with what nobody knows before it exists.
//!
//! In the plan of what is deployed already, `sg-0123456789abcdef0` stands where a module says
//! `aws_security_group.runner.id`, and `arn:aws:sqs:us-east-1:123456789012:jobs` where it says `aws_sqs_queue.jobs.arn`.
//! A template's references have no such ids yet, so both are taken for references, and for ARNs of here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::super::argument::computed;
use crate::{
    graph::{Address, Held, Number, Properties, ResourceAttribute, Segment, Symbol, SymbolicText, Value},
    read::Place,
};

/// Arguments that take a name, an id, a URL or an ARN as it is.
///
/// A plan says what an expression refers to, and not what it makes of it. Where one of these refers to one attribute
/// and nothing else, it is that attribute; other arguments (`target = "integrations/${...}"`, policies) stay unknown.
const TAKEN_AS_THEY_ARE: &[&str] = &[
    "api_id",
    "arn",
    "bucket",
    "destination",
    "destination_arn",
    "endpoint",
    "event_source_arn",
    "function_name",
    "integration_uri",
    "kms_key_arn",
    "kms_key_id",
    "kms_master_key_id",
    "lambda_function_arn",
    "log_group",
    "log_group_name",
    "permissions_boundary",
    "policy_arn",
    "queue_arn",
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
    "target_bucket",
    "topic_arn",
];

/// Attributes that are only ever the beginning of something: no service takes them as they are.
const BEGINNINGS: &[&str] = &["execution_arn"];

/// Arguments that show what other resources of the module put there. They count where they are written.
const SHARED: &[(&str, &str)] = &[
    ("aws_iam_role", "inline_policy"),
    ("aws_iam_role", "managed_policy_arns"),
    ("aws_s3_bucket", "acceleration_status"),
    ("aws_s3_bucket", "acl"),
    ("aws_s3_bucket", "cors_rule"),
    ("aws_s3_bucket", "grant"),
    ("aws_s3_bucket", "lifecycle_rule"),
    ("aws_s3_bucket", "logging"),
    ("aws_s3_bucket", "object_lock_configuration"),
    ("aws_s3_bucket", "object_lock_enabled"),
    ("aws_s3_bucket", "policy"),
    ("aws_s3_bucket", "replication_configuration"),
    ("aws_s3_bucket", "request_payer"),
    ("aws_s3_bucket", "server_side_encryption_configuration"),
    ("aws_s3_bucket", "versioning"),
    ("aws_s3_bucket", "website"),
    ("aws_security_group", "egress"),
    ("aws_security_group", "ingress"),
    ("aws_sns_topic", "policy"),
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

/// Characters of an identifier, at least. Shorter ones could stand anywhere by chance.
const SHORTEST: usize = 8;

/// What stands for attributes, and for the account and the region of the plan.
#[derive(Debug)]
pub(super) struct Identifiers {
    /// The longest first.
    known: Vec<(String, Symbol)>,
    /// Partition, region, account, as far as the plan says so.
    here: BTreeMap<Symbol, String>,
}

impl Identifiers {
    /// Those of a plan for `surroundings`.
    pub(super) fn new(surroundings: &[(Symbol, SymbolicText)]) -> Self {
        let literal =
            |(symbol, text): &(Symbol, SymbolicText)| Some((symbol.clone(), text.as_literal()?.to_owned()));
        Self { known: Vec::new(), here: surroundings.iter().filter_map(literal).collect() }
    }

    /// Takes those of the `kind` at `address` from its values.
    pub(super) fn learn(&mut self, kind: &str, address: &Address, values: &Map<String, Json>) {
        for (name, value) in values {
            let (Some(value), Some(Value::Text(text))) = (value.as_str(), computed(kind, name, address))
            else {
                continue;
            };
            let Some(symbol @ Symbol::Attribute { attribute, .. }) = text.as_symbol() else { continue };
            let is_made_up = match attribute {
                ResourceAttribute::Id
                | ResourceAttribute::Url
                | ResourceAttribute::Endpoint
                | ResourceAttribute::UniqueId
                | ResourceAttribute::StreamArn => true,
                // Whoever knows the name knows these.
                ResourceAttribute::Name
                | ResourceAttribute::Arn
                | ResourceAttribute::DomainName
                | ResourceAttribute::RegionalDomainName => false,
            };
            if is_made_up && value.len() >= SHORTEST && self.known.iter().all(|(known, _)| known != value) {
                self.known.push((value.to_owned(), symbol.clone()));
            }
        }
        self.known
            .sort_by(|(left, _), (right, _)| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
    }

    /// `text` with references in place of identifiers, and ARNs of here in place of those of this account and region.
    pub(super) fn text(&self, text: &str) -> SymbolicText {
        let mut found = SymbolicText::new();
        let mut rest = text;
        loop {
            let arn = self.first_arn_in(rest);
            let identifier = self.first_in(rest);
            match (arn, identifier) {
                (Some((at, length, start)), other) if other.is_none_or(|(other, _, _)| at < other) => {
                    found.push_str(&rest[..at]);
                    found.append(&start);
                    rest = &rest[at + length..];
                }
                (_, Some((at, identifier, symbol))) => {
                    found.push_str(&rest[..at]);
                    found.push_symbol(symbol.clone());
                    rest = &rest[at + identifier.len()..];
                }
                (_, None) => break,
            }
        }
        found.push_str(rest);
        found
    }

    /// The first `arn:<partition>:service:<region>:<account>:` of here: where it begins, its length, and what it says.
    fn first_arn_in(&self, text: &str) -> Option<(usize, usize, SymbolicText)> {
        let start = format!("arn:{}:", self.here.get(&Symbol::Partition)?);
        text.match_indices(&start).find_map(|(at, _)| {
            let mut fields = text[at + start.len()..].splitn(4, ':');
            let (service, region, account) = (fields.next()?, fields.next()?, fields.next()?);
            fields.next()?;
            let mut arn = SymbolicText::literal("arn:");
            arn.push_symbol(Symbol::Partition);
            arn.push_str(&format!(":{service}:"));
            for (field, symbol) in [(region, Symbol::Region), (account, Symbol::AccountId)] {
                if Some(field) == self.here.get(&symbol).map(String::as_str) {
                    arn.push_symbol(symbol);
                } else if !field.is_empty() {
                    return None;
                }
                arn.push_str(":");
            }
            let length = start.len() + service.len() + region.len() + account.len() + 3;
            Some((at, length, arn))
        })
    }

    /// The identifier that stands first in `text` and is no part of a longer word; of two at one place, the longer one.
    fn first_in(&self, text: &str) -> Option<(usize, &str, &Symbol)> {
        let places = self.known.iter().filter_map(|(identifier, symbol)| {
            let (at, _) = text.match_indices(identifier).find(|(at, _)| {
                let before = text[..*at].chars().next_back();
                let after = text[*at + identifier.len()..].chars().next();
                [before, after].into_iter().flatten().all(|c| !c.is_ascii_alphanumeric())
            })?;
            Some((at, identifier.as_str(), symbol))
        });
        // Of equals, this is the first, and the longest stand first.
        places.min_by_key(|(at, _, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn identifiers() -> Identifiers {
        let here =
            [(Symbol::Partition, "aws"), (Symbol::Region, "eu-west-1"), (Symbol::AccountId, "123456789012")];
        let mut identifiers =
            Identifiers::new(&here.map(|(symbol, text)| (symbol, SymbolicText::literal(text))));
        let mut learn = |kind: &str, address: &str, values: Json| {
            identifiers.learn(kind, &address.into(), values.as_object().unwrap());
        };
        learn("aws_sqs_queue", "aws_sqs_queue.a", json!({"id": "https://sqs/1/a", "name": "a-long-name"}));
        learn(
            "aws_sqs_queue",
            "aws_sqs_queue.b",
            json!({"id": "https://sqs/1/a-dlq", "arn": "arn:aws:sqs:::b"}),
        );
        learn("aws_apigatewayv2_api", "aws_apigatewayv2_api.c", json!({"id": "abcdef0123"}));
        learn("aws_security_group", "aws_security_group.d", json!({"id": "sg-1"}));
        identifiers
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(identifiers().text(text).to_string(), expected);
    }

    #[test]
    fn an_identifier_is_a_reference() {
        check("arn:x:abcdef0123/*/POST", "arn:x:<aws_apigatewayv2_api.c.id>/*/POST");
        check("https://sqs/1/a", "<aws_sqs_queue.a.url>");
        check("https://sqs/1/a-dlq abcdef0123", "<aws_sqs_queue.b.url> <aws_apigatewayv2_api.c.id>");
    }

    #[test]
    fn an_arn_of_this_account_and_region_is_one_of_here() {
        check(
            r#"["arn:aws:sqs:eu-west-1:123456789012:a","arn:aws:iam::123456789012:role/r"]"#,
            r#"["arn:<partition>:sqs:<region>:<account>:a","arn:<partition>:iam::<account>:role/r"]"#,
        );
        check("arn:aws:s3:::b/abcdef0123", "arn:<partition>:s3:::b/<aws_apigatewayv2_api.c.id>");
        for elsewhere in
            ["arn:aws:sqs:us-east-1:123456789012:a", "arn:aws-cn:s3:::b", "arn:aws:sqs", "arn:aws:"]
        {
            check(elsewhere, elsewhere);
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in ["0abcdef0123", "abcdef01234", "a-long-name", "sg-1", ""] {
            check(text, text);
        }
    }
}
