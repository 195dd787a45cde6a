//! Random JSON, and valid documents with random changes.

use proptest::{prelude::*, sample::Index};
use serde_json::Value;

/// A text in the random values. No answer, error or log line may contain it.
pub const ODD: &str = "odd-text";

/// Pointers to every value in `json`, itself included.
pub fn places(json: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let children: Vec<(String, &Value)> = match json {
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        Value::Object(fields) => {
            let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
            fields.iter().map(|(name, value)| (escaped(name), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in children {
        found.extend(places(value).into_iter().map(|rest| format!("/{name}{rest}")));
    }
    found
}

/// Any JSON, not very deep, often with names that some reader knows.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from(ODD)),
        Just(Value::from("missing field `odd-text`")),
    ];
    let name =
        "action|workflow_job|repository|full_name|id|labels|version|job|change|detail|detail-type|[a-z]{0,3}";
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..5).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// What happens to one value of a document.
#[derive(Debug, Clone)]
pub enum Change {
    /// It is not there.
    Drop,
    /// Something else stands there.
    Replace(Value),
    /// It is a text of what it was.
    Text,
    /// It is a list of what it was.
    List,
    /// It is a copy of another value of the document.
    Copy(Index),
}

/// A change, and where.
pub fn any_change() -> impl Strategy<Value = (Index, Change)> {
    let change = prop_oneof![
        Just(Change::Drop),
        any_json().prop_map(Change::Replace),
        Just(Change::Text),
        Just(Change::List),
        any::<Index>().prop_map(Change::Copy),
    ];
    (any::<Index>(), change)
}

/// `document` with one value changed.
#[must_use]
pub fn changed(document: &Value, place: &Index, change: &Change) -> Value {
    let (mut document, all) = (document.clone(), places(document));
    let pointer = place.get::<String>(&all);
    let value = document.pointer(pointer).cloned().unwrap_or_default();
    let instead = match change {
        Change::Drop => {
            remove(&mut document, pointer);
            return document;
        }
        Change::Replace(other) => other.clone(),
        Change::Text => Value::from(value.to_string()),
        Change::List => Value::from(vec![value]),
        Change::Copy(from) => document.pointer(from.get::<String>(&all)).cloned().unwrap_or_default(),
    };
    if let Some(place) = document.pointer_mut(pointer) {
        *place = instead;
    }
    document
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *document = Value::Null;
        return;
    };
    match (document.pointer_mut(parent), name.parse::<usize>()) {
        (Some(Value::Object(fields)), _) => drop(fields.remove(&name.replace("~1", "/").replace("~0", "~"))),
        (Some(Value::Array(items)), Ok(index)) => drop(items.remove(index)),
        _ => {}
    }
}

/// `depth` lists or objects in each other.
pub fn nested(depth: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}
