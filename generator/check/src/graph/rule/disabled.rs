//! What is switched off, unlimited or never, in the numbers and flags that one dialect has for it.

use super::Rule;
use crate::graph::{
    Graph, Held, Kind, Number, Properties, Value,
    kind::{Off, OffValue},
};

pub(super) const RULE: Rule = Rule {
    name: "switched off",
    says: "A feature that is switched off, or has no limit, is like one that nobody mentions.",
    source: "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/index.html.markdown: arguments say `-1`, `0` or `enabled = false` for what templates leave out",
    apply,
};

fn apply(graph: &mut Graph) {
    for node in &mut graph.resources {
        for Off { path, value } in node.kind.facts().off {
            leave_out_at(&mut node.properties, path, *value);
        }
    }
    for table in graph.resources_of(Kind::Table) {
        throughput(&mut table.properties);
    }
    for queue in graph.resources_of(Kind::Queue) {
        reuse_period(&mut queue.properties);
    }
}

fn leave_out_at(properties: &mut Properties, path: &str, value: OffValue) {
    let Some((object, path)) = path.split_once('.') else {
        return leave_out(properties, path, &|held| value.is(held));
    };
    if let Some(held) = properties.get_mut(object) {
        held.each_object(&mut |properties| leave_out_at(properties, path, value));
    }
}

impl OffValue {
    fn is(self, held: &Held) -> bool {
        match self {
            Self::Number(number) => is_number(held, number),
            Self::Flag(flag) => is_off(held, flag),
            Self::Member(member, text) => member_is(held, member, text),
        }
    }
}

/// How long a queue keeps the data key of a customer's key means nothing without one
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>). Plans say 0.
fn reuse_period(queue: &mut Properties) {
    if !queue.contains_key("KmsMasterKeyId") {
        queue.remove("KmsDataKeyReusePeriodSeconds");
    }
}

/// A table that is billed by request has no throughput of its own, and neither have its indexes.
fn throughput(table: &mut Properties) {
    const THROUGHPUT: &str = "ProvisionedThroughput";
    if table.get("BillingMode").and_then(Held::as_literal) != Some("PAY_PER_REQUEST") {
        return;
    }
    let is_zero = |held: &Held| match &held.value {
        Value::Map(entries) => entries.values().all(|held| is_number(held, "0")),
        _ => false,
    };
    leave_out(table, THROUGHPUT, &is_zero);
    let Some(indexes) = table.get_mut("GlobalSecondaryIndexes") else { return };
    indexes.each_object(&mut |indexes| {
        for index in indexes.values_mut() {
            index.each_object(&mut |index| leave_out(index, THROUGHPUT, &is_zero));
        }
    });
}

fn leave_out(properties: &mut Properties, property: &str, says_nothing: &impl Fn(&Held) -> bool) {
    let Some(held) = properties.get_mut(property) else { return };
    held.each_alternative(&mut |held| {
        if says_nothing(held) {
            held.value = Value::Absent;
        }
    });
    if held.value == Value::Absent {
        properties.remove(property);
    }
}

fn is_number(held: &Held, wanted: &str) -> bool {
    match &held.value {
        Value::Number(number) => number.as_str() == wanted,
        Value::Text(text) => {
            text.as_literal().and_then(Number::parse).is_some_and(|number| number.as_str() == wanted)
        }
        _ => false,
    }
}

fn is_off(held: &Held, switch: &str) -> bool {
    match &held.value {
        Value::Map(entries) => {
            matches!(entries.get(switch).map(|held| &held.value), Some(Value::Flag(false)))
        }
        _ => false,
    }
}

fn member_is(held: &Held, member: &str, wanted: &str) -> bool {
    match &held.value {
        Value::Map(entries) => entries.get(member).and_then(Held::as_literal) == Some(wanted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Sketch, held, map};
    use super::*;

    #[track_caller]
    fn becomes<const N: usize>(kind: Kind, before: [(&str, Held); N], after: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", before);
        sketch.apply(&RULE);
        assert_eq!(sketch.resources("it"), after);
    }

    #[test]
    fn what_is_off_goes() {
        let minus_one = || held(Number::parse("-1").map_or(Value::Absent, Value::Number));
        becomes(Kind::Function, [("ReservedConcurrentExecutions", minus_one())], "{}");
        becomes(Kind::Function, [("SnapStart", map([("ApplyOn", held("None"))]))], "{}");
        becomes(Kind::LogGroup, [("RetentionInDays", held(0_u32))], "{}");
        becomes(Kind::Table, [("SSESpecification", map([("SSEEnabled", held(false))]))], "{}");
        let window = map([("Mode", held("OFF")), ("MaximumWindowInMinutes", held(0_u32))]);
        becomes(Kind::Schedule, [("FlexibleTimeWindow", window)], r#"{FlexibleTimeWindow: {Mode: "OFF"}}"#);
    }

    #[test]
    fn what_is_on_stays() {
        becomes(
            Kind::Function,
            [("ReservedConcurrentExecutions", held(0_u32))],
            "{ReservedConcurrentExecutions: 0}",
        );
        becomes(
            Kind::Table,
            [("SSESpecification", map([("SSEEnabled", held(true))]))],
            "{SSESpecification: {SSEEnabled: true}}",
        );
    }

    #[test]
    fn a_table_that_is_billed_by_request_has_no_throughput() {
        let zero = || map([("ReadCapacityUnits", held(0_u32)), ("WriteCapacityUnits", held(0_u32))]);
        let index = || map([("i", map([("ProvisionedThroughput", zero())]))]);
        becomes(
            Kind::Table,
            [
                ("BillingMode", held("PAY_PER_REQUEST")),
                ("ProvisionedThroughput", zero()),
                ("GlobalSecondaryIndexes", index()),
            ],
            r#"{BillingMode: "PAY_PER_REQUEST", GlobalSecondaryIndexes: {i: {}}}"#,
        );
        becomes(
            Kind::Table,
            [("ProvisionedThroughput", zero())],
            "{ProvisionedThroughput: {ReadCapacityUnits: 0, WriteCapacityUnits: 0}}",
        );
    }
}
