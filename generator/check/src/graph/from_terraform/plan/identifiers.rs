//! Identifiers that AWS made up, and the attributes that they are.
//!
//! In the plan of what is deployed already, `sg-0123456789abcdef0` stands where a module says
//! `aws_security_group.runner.id`, and `arn:aws:sqs:us-east-1:123456789012:jobs` where it says `aws_sqs_queue.jobs.arn`.
//! A template's references have no such ids yet, so both are taken for references, and for ARNs of here.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::graph::{
    Address, ResourceAttribute, Symbol, SymbolicText, Value, from_terraform::computed::computed,
};

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
                ResourceAttribute::Name | ResourceAttribute::Arn => false,
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
