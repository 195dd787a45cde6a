//! Custom resources: what a stack hands to a function
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>).

use crate::{
    cloudformation::term::Term,
    graph::{Held, Properties, SymbolicText, Value},
};

/// The properties that are the stack's own; the function is handed all the others as `ResourceProperties`.
const OWN: &[&str] = &["ServiceToken", "ServiceTimeout"];

/// A custom resource of the type `resource_type` with its `written` properties, in the words of the vocabulary.
pub(super) fn stated(written: Properties, resource_type: Term<'_>, depends_on: Vec<Held>) -> Properties {
    let (mut stated, handed): (Properties, Properties) =
        written.into_iter().partition(|(name, _)| OWN.contains(&name.as_str()));
    if let Some(place) = handed.values().map(|held| held.place.clone()).min() {
        let handed = handed.into_iter().map(|(name, held)| (name, as_text(held)));
        let handed = Held::new(handed.collect::<Properties>(), place);
        stated.insert("ResourceProperties".to_owned(), handed);
    }
    if let Some(name) = resource_type.text() {
        stated.insert("Type".to_owned(), Held::new(name, resource_type.place.clone()));
    }
    if let Some(place) = depends_on.first().map(|held| held.place.clone()) {
        stated.insert("DependsOn".to_owned(), Held::new(Value::List(depends_on), place));
    }
    stated
}

/// Numbers and flags reach the function as text.
fn as_text(held: Held) -> Held {
    let Held { value, place, rule } = held;
    let all = |items: Vec<Held>| items.into_iter().map(as_text).collect::<Vec<_>>();
    let value = match value {
        Value::Flag(flag) => Value::Text(SymbolicText::literal(flag.to_string())),
        Value::Number(number) => Value::Text(SymbolicText::literal(number.as_str())),
        Value::List(items) => Value::List(all(items)),
        Value::Set(items) => Value::set(all(items)),
        Value::Map(entries) => {
            Value::Map(entries.into_iter().map(|(name, held)| (name, as_text(held))).collect())
        }
        Value::Choice(choice) => {
            Value::choice(choice.condition, as_text(choice.then), as_text(choice.otherwise))
        }
        // The text of a document is text already.
        value @ (Value::Absent | Value::Text(_) | Value::Json(_)) => value,
    };
    Held { value, place, rule }
}
