//! Resources as JSON: every field of every kind, under the name that it has in the model.

use jit_runners_model::resource::{FieldValue, Fields, Resource};
use serde_json::{Value, json};

use super::values::{conditions, egress_rule, encryption, policy, text};

pub(super) fn fields(resource: &Resource) -> Value {
    object(&resource.fields())
}

fn object(fields: &Fields<'_>) -> Value {
    Value::Object(fields.iter().map(|(name, held)| ((*name).to_owned(), value(held))).collect())
}

fn value(held: &FieldValue<'_>) -> Value {
    match held {
        FieldValue::Nothing => Value::Null,
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Number(number) => json!(number),
        FieldValue::Literal(literal) => json!(literal),
        FieldValue::Text(held) => text(held),
        FieldValue::Link(id) => json!(id.logical_id),
        FieldValue::Input(input) => json!({ "input": input.cloudformation }),
        FieldValue::Encryption(held) => encryption(held),
        FieldValue::Policy(held) => policy(held),
        FieldValue::Conditions(held) => conditions(held),
        FieldValue::Egress(rule) => egress_rule(rule),
        FieldValue::List(items) => items.iter().map(value).collect(),
        FieldValue::Object(held) => object(held),
    }
}
