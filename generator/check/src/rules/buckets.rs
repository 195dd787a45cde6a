//! What buckets say in more than one form.

use super::Rule;
use crate::graph::{Graph, Held, Kind, Properties, Value};

/// Older forms of lifecycle rules.
pub(super) const LIFECYCLE: Rule = Rule {
    name: "rules of lifecycles",
    says: "A lifecycle rule with one transition, or with days alone, is a rule with a list of one, or with an object; a marker that is not removed is not mentioned.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-rule.html",
    apply: lifecycle,
};

/// Properties of a rule that hold one of what the other ones list.
const SINGLE: [(&str, &str); 2] =
    [("Transition", "Transitions"), ("NoncurrentVersionTransition", "NoncurrentVersionTransitions")];

fn lifecycle(graph: &mut Graph) {
    for bucket in graph.resources_of(Kind::Bucket) {
        each_rule(bucket.properties.get_mut("LifecycleConfiguration"), "Rules", &mut |rule| {
            for (single, list) in SINGLE {
                // Where both stand, neither may go.
                if let (None, Some(held)) = (rule.get(list), rule.get(single)) {
                    let place = held.place.clone();
                    let listed = Held::new(Value::set(vec![held.clone()]), place);
                    rule.remove(single);
                    rule.insert(list.to_owned(), listed);
                }
            }
            if !rule.contains_key("NoncurrentVersionExpiration")
                && let Some(days) = rule.remove("NoncurrentVersionExpirationInDays")
            {
                let place = days.place.clone();
                let expiration = Properties::from([("NoncurrentDays".to_owned(), days)]);
                rule.insert("NoncurrentVersionExpiration".to_owned(), Held::new(expiration, place));
            }
            rule.retain(|name, held| name != "ExpiredObjectDeleteMarker" || held.value != Value::Flag(false));
        });
    }
}

/// Labels of rules.
pub(super) const LABELS: Rule = Rule {
    name: "labels of a bucket's rules",
    says: "The id of a lifecycle rule, or of a CORS rule, is a label, which S3 makes up where nobody states one.",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html",
    apply: labels,
};

fn labels(graph: &mut Graph) {
    for bucket in graph.resources_of(Kind::Bucket) {
        for (property, list) in [("LifecycleConfiguration", "Rules"), ("CorsConfiguration", "CorsRules")] {
            each_rule(bucket.properties.get_mut(property), list, &mut |rule| drop(rule.remove("Id")));
        }
    }
}

/// Filters of notifications.
pub(super) const FILTERS: Rule = Rule {
    name: "filters of notifications",
    says: "A filter of notifications says `prefix` and `suffix` in upper or lower case, and an empty one is none. EventBridge that is not enabled is not mentioned.",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/API/API_FilterRule.html",
    apply: filters,
};

const NOTIFICATIONS: [&str; 3] = ["LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"];

fn filters(graph: &mut Graph) {
    for bucket in graph.resources_of(Kind::Bucket) {
        let Some(notifications) = bucket.properties.get_mut("NotificationConfiguration") else { continue };
        notifications.each_object(&mut |notifications| {
            for list in NOTIFICATIONS {
                let Some(held) = notifications.get_mut(list) else { continue };
                held.each_list(&mut |items| {
                    for item in items.iter_mut() {
                        item.each_object(&mut filter);
                    }
                });
            }
            if let Some(bridge) = notifications.get_mut("EventBridgeConfiguration") {
                bridge.each_alternative(&mut |bridge| {
                    if matches!(&bridge.value, Value::Map(entries) if entries.get("EventBridgeEnabled").is_some_and(|held| held.value == Value::Flag(false)))
                    {
                        bridge.value = Value::Absent;
                    }
                });
            }
        });
    }
}

fn filter(notification: &mut Properties) {
    let Some(filter) = notification.get_mut("Filter") else { return };
    filter.each_object(&mut |filter| {
        let Some(key) = filter.get_mut("S3Key") else { return };
        key.each_object(&mut |key| {
            let Some(rules) = key.get_mut("Rules") else { return };
            rules.each_object(&mut |rules| {
                let lower: Vec<_> = rules.keys().map(|name| name.to_ascii_lowercase()).collect();
                // `Prefix` and `prefix` at once: neither may go.
                let is_unique =
                    lower.iter().all(|name| lower.iter().filter(|other| *other == name).count() == 1);
                if is_unique {
                    let all = std::mem::take(rules);
                    rules.extend(lower.into_iter().zip(all.into_values()));
                }
                rules.retain(|_, held| held.as_literal() != Some(""));
            });
        });
    });
}

/// Gives each rule of the list in `held` to `change`.
fn each_rule(held: Option<&mut Held>, list: &str, change: &mut dyn FnMut(&mut Properties)) {
    let Some(held) = held else { return };
    held.each_object(&mut |entries| {
        let Some(rules) = entries.get_mut(list) else { return };
        rules.each_list(&mut |rules| rules.iter_mut().for_each(|rule| rule.each_object(change)));
    });
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{Sketch, held, list, map},
        *,
    };

    #[track_caller]
    fn becomes<const N: usize>(rule: &Rule, before: [(&str, Held); N], after: &str) {
        let mut sketch = Sketch::cloudformation();
        sketch.resource(Kind::Bucket, "b", before);
        sketch.apply(rule);
        assert_eq!(sketch.resources("b"), after);
    }

    fn rules<const N: usize>(rule: [(&str, Held); N]) -> [(&'static str, Held); 1] {
        let rules = held(Value::set(vec![map(rule)]));
        [("LifecycleConfiguration", map([("Rules", rules)]))]
    }

    #[test]
    fn one_transition_is_a_list_of_one() {
        let to = |class: &str| map([("StorageClass", held(class))]);
        becomes(
            &LIFECYCLE,
            rules([
                ("Transition", to("GLACIER")),
                ("NoncurrentVersionExpirationInDays", held(3_u32)),
                ("ExpiredObjectDeleteMarker", held(false)),
            ]),
            r#"{LifecycleConfiguration: {Rules: [{NoncurrentVersionExpiration: {NoncurrentDays: 3}, Transitions: [{StorageClass: "GLACIER"}]}]}}"#,
        );
        let both = [("Transition", to("A")), ("Transitions", held(Value::set(vec![to("B")])))];
        becomes(
            &LIFECYCLE,
            rules(both),
            r#"{LifecycleConfiguration: {Rules: [{Transition: {StorageClass: "A"}, Transitions: [{StorageClass: "B"}]}]}}"#,
        );
    }

    #[test]
    fn labels_go() {
        becomes(
            &LABELS,
            rules([("Id", held("old")), ("Status", held("Enabled"))]),
            r#"{LifecycleConfiguration: {Rules: [{Status: "Enabled"}]}}"#,
        );
        let cors = map([("CorsRules", list([map([("Id", held("all")), ("MaxAge", held(3_u32))])]))]);
        becomes(&LABELS, [("CorsConfiguration", cors)], "{CorsConfiguration: {CorsRules: [{MaxAge: 3}]}}");
    }

    fn filtered<const N: usize>(filter: [(&str, Held); N]) -> [(&'static str, Held); 1] {
        let filter = map([("S3Key", map([("Rules", map(filter))]))]);
        let item = map([("Event", held("s3:*")), ("Filter", filter)]);
        let lists = map([("QueueConfigurations", held(Value::set(vec![item])))]);
        [("NotificationConfiguration", lists)]
    }

    #[test]
    fn names_in_filters_have_no_case() {
        let is = |rules: &str| {
            format!(
                r#"{{NotificationConfiguration: {{QueueConfigurations: [{{Event: "s3:*", Filter: {{S3Key: {{Rules: {rules}}}}}}}]}}}}"#
            )
        };
        let ends = [("Prefix", held("")), ("Suffix", held(".png"))];
        becomes(&FILTERS, filtered(ends), &is(r#"{suffix: ".png"}"#));
        let doubled = [("Prefix", held("a")), ("prefix", held("b"))];
        becomes(&FILTERS, filtered(doubled), &is(r#"{Prefix: "a", prefix: "b"}"#));
    }

    #[test]
    fn event_bridge_may_be_off() {
        let bridge = |on: bool| {
            let bridge = map([("EventBridgeEnabled", held(on))]);
            [("NotificationConfiguration", map([("EventBridgeConfiguration", bridge)]))]
        };
        becomes(&FILTERS, bridge(false), "{NotificationConfiguration: {EventBridgeConfiguration: nothing}}");
        becomes(
            &FILTERS,
            bridge(true),
            "{NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}",
        );
    }
}
