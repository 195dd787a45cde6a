//! Items as DynamoDB attributes: their own fields by name, and those for the two indexes and the expiry.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jit_runners_model::contract::table::{KEY, LABEL_SET, OPEN_KIND, REVISION, SINCE, STATE, TTL};
use jit_runners_runtime::{
    port::{ReadError, Revision, Stored},
    record::Item,
    time::Time,
};

/// An item's attributes.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// The attributes of `item` when it is written at `now` and had the revision `read`.
pub(super) fn encoded(
    item: &Item,
    read: Option<Revision>,
    now: Time,
) -> Result<Attributes, serde_dynamo::Error> {
    let mut attributes: Attributes = serde_dynamo::to_item(item)?;
    let mut set = |name: &str, value| drop(attributes.insert(name.to_owned(), value));
    set(KEY, text(item.key().as_str()));
    set(REVISION, number(Revision::after(read).0));
    if let Item::Runner(runner) = item {
        // For people: the state follows from the facts.
        set(STATE, text(runner.state().as_str()));
    }
    if let Some(open) = item.open() {
        set(OPEN_KIND, text(open.kind.as_str()));
        set(SINCE, number(open.since.as_millis()));
        if let Some(label_set) = open.label_set {
            set(LABEL_SET, text(&label_set));
        }
    }
    if let Some(at) = item.expires(now) {
        // In whole seconds (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html>).
        set(TTL, number(at.as_millis() / 1_000));
    }
    Ok(attributes)
}

/// Decodes an item of the table.
pub(super) fn decoded(attributes: Attributes) -> Result<Stored<Item>, ReadError> {
    let key = attributes.get(KEY).and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
    let revision = attributes.get(REVISION).and_then(|number| number.as_n().ok()?.parse().ok()).map(Revision);
    let item = serde_dynamo::from_item(attributes).map_err(|error| not_readable(&key, &said(&error)))?;
    if revision.is_none() {
        return Err(not_readable(&key, "it has no revision"));
    }
    Ok(Stored { revision, item })
}

/// serde's message, if it names only one of our fields. All its other messages quote a value.
fn said(error: &serde_dynamo::Error) -> String {
    let words = error.to_string();
    if words.starts_with("missing field `") { words } else { "an attribute does not fit".to_owned() }
}

/// Names the item, but no values, because one of them is a secret.
fn not_readable(key: &str, why: &str) -> ReadError {
    ReadError::Unavailable(format!("the item `{key}` cannot be read: {why}"))
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::table::Key;
    use jit_runners_runtime::conformance::items;
    use proptest::{collection::hash_map, prelude::*};

    use super::*;

    const NOW: Time = Time::from_millis(1_700_000_000_000);
    /// What must never be said.
    const ODD: &str = "odd-text";

    /// Each item as it stands in the table.
    fn stored() -> Vec<(Item, Attributes)> {
        let items = items();
        assert_eq!(items.len(), 9, "one of each kind");
        let encoded = |item: &Item| encoded(item, Some(Revision(4)), NOW).unwrap();
        items.into_iter().map(|item| (item.clone(), encoded(&item))).collect()
    }

    /// Each item with one attribute left out or replaced, by `change`.
    fn each_attribute(
        change: impl Fn(&mut Attributes, &str),
    ) -> Vec<(String, Item, Result<Stored<Item>, ReadError>)> {
        let mut read = Vec::new();
        for (item, attributes) in stored() {
            let mut names: Vec<_> = attributes.keys().cloned().collect();
            names.sort_unstable();
            for name in names {
                let mut changed = attributes.clone();
                change(&mut changed, &name);
                read.push((name, item.clone(), decoded(changed)));
            }
        }
        assert!(read.len() > 60, "{} attributes", read.len());
        read
    }

    #[test]
    fn what_is_written_is_read() {
        for (item, attributes) in stored() {
            assert_eq!(decoded(attributes), Ok(Stored { revision: Some(Revision(5)), item }));
        }
    }

    #[test]
    fn attributes_of_a_newer_release_are_passed_over() {
        for (item, mut attributes) in stored() {
            let nested = AttributeValue::M([("x".to_owned(), AttributeValue::Null(true))].into());
            attributes.insert("since_tomorrow".to_owned(), AttributeValue::L(vec![nested]));
            assert_eq!(decoded(attributes).map(|read| read.item), Ok(item));
        }
    }

    #[test]
    fn an_item_that_lacks_an_attribute_is_refused_or_is_the_same_without_it() {
        for (name, item, read) in each_attribute(|attributes, name| drop(attributes.remove(name))) {
            match read {
                // For the indexes, the expiry, or nothing but people; or something that need not be known.
                Ok(read) => assert_eq!(read.item.key(), item.key(), "{name}"),
                Err(error) => {
                    let words = error.to_string();
                    assert!(
                        words.contains(&name) || name == REVISION && words.contains("no revision"),
                        "{name}: {words}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_item_that_cannot_be_read_is_named_and_no_value_of_it_is_said() {
        let others = [
            AttributeValue::S(ODD.to_owned()),
            AttributeValue::N(ODD.to_owned()),
            AttributeValue::Ss(vec![ODD.to_owned()]),
            AttributeValue::B(ODD.as_bytes().into()),
            AttributeValue::L(vec![AttributeValue::S(ODD.to_owned())]),
            AttributeValue::M([(ODD.to_owned(), AttributeValue::S(ODD.to_owned()))].into()),
        ];
        let mut refused = 0;
        for other in others {
            let change = |attributes: &mut Attributes, name: &str| {
                drop(attributes.insert(name.to_owned(), other.clone()));
            };
            for (name, item, read) in each_attribute(change) {
                let Err(error) = read else { continue };
                refused += 1;
                let words = format!("{error} {error:?}");
                // The key is what the item is asked by.
                assert!(name == KEY || !words.contains(ODD), "{name}: {words}");
                assert!(name == KEY || words.contains(item.key().as_str()), "{name}: {words}");
            }
        }
        assert!(refused > 150, "{refused}");
    }

    #[test]
    fn a_configuration_never_stands_in_an_error() {
        let (item, attributes) =
            stored().into_iter().find(|(item, _)| matches!(item, Item::Configuration(_))).unwrap();
        let Item::Configuration(configuration) = &item else { panic!() };
        for kind in ["job", "intent", "runner", "fleet", "repository", "lease", "other"] {
            let mut changed = attributes.clone();
            changed.insert("kind".to_owned(), text(kind));
            for name in ["job", "labels", "id", "name", "until", "repository", "slots"] {
                changed.insert(name.to_owned(), text(&configuration.encoded));
            }
            let error = decoded(changed).unwrap_err().to_string();
            assert!(!error.contains(&configuration.encoded), "{kind}: {error}");
        }
    }

    fn any_attribute() -> impl Strategy<Value = AttributeValue> {
        let leaf = prop_oneof![
            Just(AttributeValue::Null(true)),
            any::<bool>().prop_map(AttributeValue::Bool),
            any::<String>().prop_map(AttributeValue::S),
            prop_oneof![any::<i64>().prop_map(|it| it.to_string()), any::<String>()]
                .prop_map(AttributeValue::N),
            any::<Vec<u8>>().prop_map(|it| AttributeValue::B(it.into())),
            prop::collection::vec(any::<String>(), 0..3).prop_map(AttributeValue::Ss),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
                hash_map("kind|job|id|[a-z]{1,6}", inner, 0..3).prop_map(AttributeValue::M),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_attribute_makes_the_decoder_panic(
            which in any::<prop::sample::Index>(),
            value in any_attribute(),
            noise in hash_map("kind|job|revision|[a-z_]{1,12}", any_attribute(), 0..6),
        ) {
            for (_, attributes) in stored() {
                let mut names: Vec<_> = attributes.keys().cloned().collect();
                names.sort_unstable();
                let mut changed = attributes;
                changed.insert(which.get::<String>(&names).clone(), value.clone());
                if let Ok(read) = decoded(changed) {
                    // Whatever is read can be written again.
                    let key: Key = read.item.key();
                    prop_assert!(encoded(&read.item, None, NOW).is_ok(), "{}", key);
                }
            }
            let _ = decoded(noise);
        }
    }
}
