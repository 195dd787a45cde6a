//! What says as little as saying nothing: what is empty, switched off or unlimited, what only others could set.

use super::Rule;
use crate::graph::{
    Graph, Held, Kind, Number, Properties, Segment, Value,
    kind::{Field, Off, OffValue, Shape},
};

/// What is empty says nothing.
pub(super) const EMPTY: Rule = Rule {
    name: "empty",
    says: "A property that is an empty list, object or text says as much as one that is left out.",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html: one dialect leaves out by `AWS::NoValue`, the other by `null`, `\"\"` or `[]`",
    apply: empty,
};

/// Properties that say something when they are empty: the pattern that every log event matches, and what is on, or open, with
/// nothing more said.
const MEANT: &[(Kind, &str)] = &[
    (Kind::MetricFilter, "FilterPattern"),
    (Kind::Bucket, "EventBridgeConfiguration"),
    (Kind::Bucket, "LoggingConfiguration"),
    (Kind::Bucket, "PublicAccessBlockConfiguration"),
];

fn empty(graph: &mut Graph) {
    for node in &mut graph.resources {
        object(node.kind.facts().fields, &mut node.properties, &|name| !MEANT.contains(&(node.kind, name)));
    }
}

fn object(fields: &[Field], properties: &mut Properties, may_go: &impl Fn(&str) -> bool) {
    properties.retain(|name, held| {
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            inside(&field.shape, held, may_go, may_go(name));
        }
        !(may_go(name) && is_empty(&held.value))
    });
}

/// What is inside `held`, which goes where it is one of two, is empty and may go, where the names are known; names and texts that somebody chose stay as they are.
fn inside(shape: &Shape, held: &mut Held, may_go: &impl Fn(&str) -> bool, may_be_nothing: bool) {
    match (shape, &mut held.value) {
        (_, Value::Choice(_)) => held.value.change_inside(&mut |side| {
            inside(shape, side, may_go, may_be_nothing);
            if may_be_nothing && is_empty(&side.value) {
                side.value = Value::Absent;
            }
        }),
        (Shape::Object(fields), Value::Map(entries)) => object(fields, entries, may_go),
        (Shape::Document(shape), _) => inside(shape, held, may_go, may_be_nothing),
        (Shape::List(shape) | Shape::OneOrMoreOf(shape), Value::List(_))
        | (Shape::Set(shape), Value::Set(_))
        | (Shape::MapOf(shape) | Shape::Keyed { key: _, value: None, item: shape }, Value::Map(_)) => {
            held.value.change_inside(&mut |held| inside(shape, held, may_go, true));
        }
        (Shape::Keyed { key: _, value: Some(value), item: Shape::Object(fields) }, Value::Map(_)) => {
            if let Some(field) = fields.iter().find(|field| field.name == *value) {
                held.value.change_inside(&mut |held| inside(&field.shape, held, may_go, true));
            }
        }
        (
            Shape::Text
            | Shape::Number
            | Shape::Flag
            | Shape::List(_)
            | Shape::Set(_)
            | Shape::OneOrMore
            | Shape::OneOrMoreOf(_)
            | Shape::Object(_)
            | Shape::MapOf(_)
            | Shape::Keyed { .. }
            | Shape::Tags
            | Shape::Principal
            | Shape::MaybeDocument
            | Shape::Json
            | Shape::Pattern,
            _,
        ) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Absent => true,
        Value::Text(text) => text.as_literal() == Some(""),
        Value::List(items) | Value::Set(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Null | Value::Flag(_) | Value::Number(_) | Value::Json(_) | Value::Choice(_) => false,
    }
}

/// What is switched off, unlimited or never, in the numbers and flags that one dialect has for it.
pub(super) const DISABLED: Rule = Rule {
    name: "switched off",
    says: "A feature that is switched off, or has no limit, is like one that nobody mentions.",
    source: "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/index.html.markdown: arguments say `-1`, `0` or `enabled = false` for what templates leave out",
    apply: disabled,
};

fn disabled(graph: &mut Graph) {
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

/// What only streams have, said of a queue.
pub(super) const QUEUE_SOURCES: Rule = Rule {
    name: "queues as sources",
    says: "Settings that only a stream can have say nothing, as 0 or `false`, where a function reads from a queue.",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html",
    apply: queue_sources,
};

/// For Kinesis, DynamoDB Streams and the like, says the page.
const OF_STREAMS: &[&str] = &[
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
];

fn queue_sources(graph: &mut Graph) {
    for mapping in graph.resources_of(Kind::EventSourceMapping) {
        if mapping.properties.get("EventSourceArn").is_some_and(is_queue) {
            mapping.properties.retain(|name, held| !(OF_STREAMS.contains(&name.as_str()) && is_zero(held)));
        }
    }
}

/// Whether the ARN is one of SQS, whatever account and region it names.
fn is_queue(arn: &Held) -> bool {
    let Value::Text(text) = &arn.value else { return false };
    let start: String = text
        .segments()
        .iter()
        .map(|segment| match segment {
            Segment::Literal(literal) => literal.as_str(),
            Segment::Symbol(_) => "",
        })
        .collect();
    start.starts_with("arn:") && start.split(':').nth(2) == Some("sqs")
}

fn is_zero(held: &Held) -> bool {
    match &held.value {
        Value::Flag(flag) => !flag,
        Value::Number(number) => number.as_str() == "0",
        _ => false,
    }
}

/// Tags that AWS sets.
pub(super) const TAGS: Rule = Rule {
    name: "tags of AWS",
    says: "Tags whose keys begin with `aws:` are set by AWS, and nobody else can.",
    source: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
    apply: tags,
};

fn tags(graph: &mut Graph) {
    for node in &mut graph.resources {
        if let Some(held) = node.properties.get_mut("Tags") {
            held.each_object(&mut |tags| tags.retain(|key, _| !key.starts_with("aws:")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{Sketch, held, input, joined, list, map, set_of},
        *,
    };
    use crate::graph::{Condition, Symbol};

    #[track_caller]
    fn empty_becomes<const N: usize>(kind: Kind, before: [(&str, Held); N], after: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", before);
        sketch.apply(&EMPTY);
        assert_eq!(sketch.resources("it"), after);
    }

    #[test]
    fn what_is_empty_goes() {
        empty_becomes(
            Kind::Function,
            [
                ("Description", held("")),
                ("Layers", list([])),
                ("VpcConfig", map([("SubnetIds", set_of([])), ("SecurityGroupIds", set_of([]))])),
                ("Handler", held(Value::Absent)),
                ("Runtime", held("provided.al2023")),
            ],
            r#"{Runtime: "provided.al2023"}"#,
        );
    }

    #[test]
    fn what_somebody_chose_stays() {
        let variables = map([("Variables", map([("EMPTY", held(""))]))]);
        empty_becomes(
            Kind::Function,
            [("Environment", variables)],
            r#"{Environment: {Variables: {EMPTY: ""}}}"#,
        );
        empty_becomes(Kind::Queue, [("Tags", map([("Team", held(""))]))], r#"{Tags: {Team: ""}}"#);
        empty_becomes(Kind::MetricFilter, [("FilterPattern", held(""))], r#"{FilterPattern: ""}"#);
    }

    #[test]
    fn one_of_two_may_be_nothing() {
        let is_set = Condition::equals(input("On"), Value::Flag(true));
        let choice = held(Value::choice(is_set, set_of(["topic"]), set_of([])));
        empty_becomes(
            Kind::Alarm,
            [("AlarmActions", choice)],
            r#"{AlarmActions: ["topic"] if "true" = "<On>", else nothing}"#,
        );
    }

    #[track_caller]
    fn disabled_becomes<const N: usize>(kind: Kind, before: [(&str, Held); N], after: &str) {
        let mut sketch = Sketch::terraform();
        sketch.resource(kind, "it", before);
        sketch.apply(&DISABLED);
        assert_eq!(sketch.resources("it"), after);
    }

    #[test]
    fn what_is_off_goes() {
        let minus_one = || held(Number::parse("-1").map_or(Value::Absent, Value::Number));
        disabled_becomes(Kind::Function, [("ReservedConcurrentExecutions", minus_one())], "{}");
        disabled_becomes(Kind::Function, [("SnapStart", map([("ApplyOn", held("None"))]))], "{}");
        disabled_becomes(Kind::LogGroup, [("RetentionInDays", held(0_u32))], "{}");
        disabled_becomes(Kind::Table, [("SSESpecification", map([("SSEEnabled", held(false))]))], "{}");
        let window = map([("Mode", held("OFF")), ("MaximumWindowInMinutes", held(0_u32))]);
        disabled_becomes(
            Kind::Schedule,
            [("FlexibleTimeWindow", window)],
            r#"{FlexibleTimeWindow: {Mode: "OFF"}}"#,
        );
    }

    #[test]
    fn what_is_on_stays() {
        disabled_becomes(
            Kind::Function,
            [("ReservedConcurrentExecutions", held(0_u32))],
            "{ReservedConcurrentExecutions: 0}",
        );
        disabled_becomes(
            Kind::Table,
            [("SSESpecification", map([("SSEEnabled", held(true))]))],
            "{SSESpecification: {SSEEnabled: true}}",
        );
    }

    #[test]
    fn a_table_that_is_billed_by_request_has_no_throughput() {
        let zero = || map([("ReadCapacityUnits", held(0_u32)), ("WriteCapacityUnits", held(0_u32))]);
        let index = || map([("i", map([("ProvisionedThroughput", zero())]))]);
        disabled_becomes(
            Kind::Table,
            [
                ("BillingMode", held("PAY_PER_REQUEST")),
                ("ProvisionedThroughput", zero()),
                ("GlobalSecondaryIndexes", index()),
            ],
            r#"{BillingMode: "PAY_PER_REQUEST", GlobalSecondaryIndexes: {i: {}}}"#,
        );
        disabled_becomes(
            Kind::Table,
            [("ProvisionedThroughput", zero())],
            "{ProvisionedThroughput: {ReadCapacityUnits: 0, WriteCapacityUnits: 0}}",
        );
    }

    fn after(source: Held, retries: u32) -> String {
        let mut sketch = Sketch::terraform();
        let properties = [("EventSourceArn", source), ("MaximumRetryAttempts", held(retries))];
        sketch.resource(Kind::EventSourceMapping, "m", properties);
        sketch.apply(&QUEUE_SOURCES);
        sketch.resources("m")
    }

    #[test]
    fn a_queue_is_no_stream() {
        let mut queue = joined("arn:", Symbol::Partition);
        queue.push_str(":sqs:eu-west-1:1:q");
        assert!(!after(held(queue.clone()), 0).contains("Retry"));
        assert!(after(held(queue), 3).contains("MaximumRetryAttempts: 3"));
        assert!(after(held("arn:aws:kinesis:eu-west-1:1:stream/s"), 0).contains("MaximumRetryAttempts: 0"));
        assert!(after(held("sqs"), 0).contains("MaximumRetryAttempts: 0"));
    }

    #[test]
    fn tags_of_aws_go() {
        let mut sketch = Sketch::cloudformation();
        let tags = map([("aws:cloudformation:stack-name", held("s")), ("Team", held("a"))]);
        sketch.resource(Kind::Queue, "q", [("Tags", tags)]);
        sketch.apply(&TAGS);
        assert_eq!(sketch.resources("q"), r#"{Tags: {Team: "a"}}"#);
    }
}
