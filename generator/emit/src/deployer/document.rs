//! A policy as IAM reads it.

use std::collections::BTreeMap;

use jit_runners_model::policy::{PolicyCondition, Statement};
use serde::Serialize;

use crate::docs::Reader;

/// The version of the policy language
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>).
const VERSION: &str = "2012-10-17";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Allowed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Allowed {
    sid: &'static str,
    effect: &'static str,
    action: Vec<&'static str>,
    resource: OneOrMany,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<String, OneOrMany>>,
}

/// A list of one stands without brackets.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl FromIterator<String> for OneOrMany {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Self {
        let mut texts: Vec<_> = texts.into_iter().collect();
        match (texts.pop(), texts.is_empty()) {
            (Some(one), true) => Self::One(one),
            (last, _) => {
                texts.extend(last);
                Self::Many(texts)
            }
        }
    }
}

/// The policy, with a word of its own for whatever only the reader knows, see [`Reader`].
///
/// # Panics
/// Never: texts and lists of them can always be written.
pub(super) fn text(reader: &Reader<'_>, statements: &[Statement]) -> String {
    let document = Document {
        version: VERSION,
        statement: statements.iter().map(|statement| allowed(reader, statement)).collect(),
    };
    let text = serde_json::to_string_pretty(&document).expect("a document of texts is JSON");
    format!("{text}\n")
}

fn allowed(reader: &Reader<'_>, statement: &Statement) -> Allowed {
    let Statement { sid, reason: _, service: _, actions, resources, conditions } = statement;
    let mut condition: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for PolicyCondition { operator, key, values } in conditions {
        let values = values.iter().map(|value| reader.text(value)).collect();
        condition.entry(operator.as_str()).or_default().insert(key.clone(), values);
    }
    Allowed {
        sid,
        effect: "Allow",
        action: actions.clone(),
        resource: resources.iter().map(|arn| reader.text(arn)).collect(),
        condition,
    }
}
