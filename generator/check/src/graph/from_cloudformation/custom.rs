//! Custom resources: what a stack hands to a function
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>).

use crate::{
    cloudformation::term::Term,
    graph::{Held, Properties, Value},
};

/// The properties that are the stack's own; the function is handed all the others as `ResourceProperties`.
const OWN: &[&str] = &["ServiceToken", "ServiceTimeout"];

/// A custom resource of the type `resource_type` with its `written` properties, in the words of the vocabulary.
pub(super) fn stated(written: Properties, resource_type: Term<'_>, depends_on: Vec<Held>) -> Properties {
    let (mut stated, mut handed): (Properties, Properties) =
        written.into_iter().partition(|(name, _)| OWN.contains(&name.as_str()));
    if let Some(place) = handed.values().map(|held| held.place.clone()).min() {
        handed.values_mut().for_each(as_text);
        let handed = Held::new(handed, place);
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

/// Numbers and flags reach the function as text. The text of a document is text already.
fn as_text(held: &mut Held) {
    match &mut held.value {
        Value::Flag(flag) => held.value = flag.to_string().as_str().into(),
        Value::Number(number) => held.value = number.as_str().into(),
        Value::Json(_) => {}
        value => value.change_inside(&mut as_text),
    }
}
