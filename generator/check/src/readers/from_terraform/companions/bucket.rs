//! Properties of buckets that Terraform has as resources of their own.

use super::{
    super::{
        body::{object, words},
        service::{ENDS, EVENTS},
        weight_of,
    },
    CompanionBlock, Merger, conditional, items, merge_property,
};
use crate::{
    graph::{Condition, Held, Kind, Properties, Value},
    problem::TranslationProblem,
    read::Place,
};

/// The lists of notifications, by what they go to.
const LISTS: [&str; 3] = ["LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"];

/// Puts what `companion` says into its bucket.
pub(super) fn merge(merger: &mut Merger<'_>, mut companion: CompanionBlock) {
    if let Some(mut notifications) = companion.properties.remove("NotificationConfiguration") {
        if let Value::Map(lists) = &mut notifications.value {
            for name in LISTS {
                if let Some(held) = lists.remove(name)
                    && let Some(apart) = take_apart(merger, &companion, held)
                {
                    lists.insert(name.to_owned(), apart);
                }
            }
        }
        companion.properties.insert("NotificationConfiguration".to_owned(), notifications);
    }
    merge_property(merger, companion, "Bucket", Kind::Bucket, "aws_s3_bucket");
}

/// Notifications about one event each, as a template has them.
fn take_apart(merger: &mut Merger<'_>, companion: &CompanionBlock, held: Held) -> Option<Held> {
    let place = held.place.clone();
    let mut apart = Vec::new();
    for (condition, block) in written_out(merger, companion, held)? {
        let Value::Map(mut properties) = block.value else {
            // It could not be read.
            apart.push(block.under(condition));
            continue;
        };
        let Some(events) = properties.remove(EVENTS) else { continue };
        filter(&mut properties, &block.place);
        let weight = weight_of(&properties);
        for (condition, event) in conditional(&condition, written_out(merger, companion, events)?) {
            if !merger.may_copy(weight, &block.place) {
                return None;
            }
            let mut properties = properties.clone();
            properties.insert("Event".to_owned(), event);
            apart.push(Held::new(properties, block.place.clone()).under(condition));
        }
    }
    Some(Held::new(Value::List(apart), place))
}

fn written_out(
    merger: &mut Merger<'_>,
    companion: &CompanionBlock,
    held: Held,
) -> Option<Vec<(Condition, Held)>> {
    let (place, found) = (held.place.clone(), words(&held.value));
    let found_items = items(held);
    if found_items.is_none() {
        let problem = TranslationProblem::NotUnderstood {
            of: companion.of.name.to_owned(),
            path: "events".to_owned(),
            expected: "a list that is written out",
            found,
        };
        merger.refuse(&place, problem);
    }
    found_items
}

/// States how keys begin and end as a template does.
fn filter(properties: &mut Properties, place: &Place) {
    let mut rules = Vec::new();
    for (argument, name) in ENDS {
        let Some(mut held) = properties.remove(argument) else { continue };
        held.each_alternative(&mut |held| {
            if held.as_literal() == Some("") {
                held.value = Value::Absent;
            } else if held.value != Value::Absent {
                let (name, place) = (Held::new(name, held.place.clone()), held.place.clone());
                *held = object([("Name", name), ("Value", held.clone())], place);
            }
        });
        if held.value != Value::Absent {
            rules.push(held);
        }
    }
    if !rules.is_empty() {
        let rules = object([("Rules", Held::new(Value::List(rules), place.clone()))], place.clone());
        properties.insert("Filter".to_owned(), object([("S3Key", rules)], place.clone()));
    }
}
