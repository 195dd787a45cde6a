use super::{
    super::tests::{Sketch, held, input, map},
    Default, TABLES, tables,
};
use crate::graph::{Condition, Held, Kind, Value};

fn filled<const N: usize>(mut sketch: Sketch, kind: Kind, properties: [(&str, Held); N]) -> Sketch {
    sketch.resource(kind, "it", properties);
    for rule in [tables::API_GATEWAY, tables::EVENTS, tables::LAMBDA, tables::IAM, tables::EC2] {
        sketch.apply(&rule);
    }
    for rule in [tables::CLOUDWATCH, tables::SQS, tables::DYNAMODB] {
        sketch.apply(&rule);
    }
    sketch
}

#[track_caller]
fn gives(sketch: &Sketch, property: &str, expected: &str) {
    let held = &sketch.find("it").properties[property];
    assert_eq!(held.value.to_string(), expected);
}

#[test]
fn every_default_is_of_the_vocabulary_and_has_a_source() {
    for default in TABLES.into_iter().flatten() {
        let Default { kind, path, source, .. } = default;
        let first = path.split('.').next().unwrap().trim_end_matches('?');
        assert!(kind.facts().fields.iter().any(|field| field.name == first), "{path}");
        assert!(source.starts_with("https://"), "{path}");
    }
}

#[test]
fn what_nobody_says_is_filled_in_and_says_so() {
    let sketch = filled(Sketch::cloudformation(), Kind::Function, [("FunctionName", held("f"))]);
    gives(&sketch, "MemorySize", "128");
    gives(&sketch, "Architectures", r#"["x86_64"]"#);
    gives(&sketch, "LoggingConfig", r#"{LogFormat: "Text", LogGroup: "/aws/lambda/f"}"#);
    assert_eq!(sketch.find("it").properties["MemorySize"].rule, Some(tables::LAMBDA.name));
    assert_eq!(sketch.find("it").properties["FunctionName"].rule, None);
}

#[test]
fn what_somebody_says_stays() {
    let config = map([("LogFormat", held("JSON")), ("SystemLogLevel", held("WARN"))]);
    let sketch = filled(
        Sketch::terraform(),
        Kind::Function,
        [("MemorySize", held(256_u32)), ("LoggingConfig", config)],
    );
    gives(&sketch, "MemorySize", "256");
    gives(
        &sketch,
        "LoggingConfig",
        r#"{ApplicationLogLevel: "INFO", LogFormat: "JSON", SystemLogLevel: "WARN"}"#,
    );
}

#[test]
fn the_provider_sends_its_own_defaults() {
    for (sketch, size) in
        [(Sketch::terraform(), "262144"), (Sketch::cloudformation(), "1048576"), (Sketch::model(), "1048576")]
    {
        gives(&filled(sketch, Kind::Queue, []), "MaximumMessageSize", size);
    }
    let settings = || map([("ThrottlingRateLimit", held(10_u32))]);
    let stage = filled(Sketch::terraform(), Kind::Stage, [("DefaultRouteSettings", settings())]);
    gives(
        &stage,
        "DefaultRouteSettings",
        "{DataTraceEnabled: false, DetailedMetricsEnabled: false, ThrottlingBurstLimit: 0, ThrottlingRateLimit: 10}",
    );
    let stage = filled(Sketch::cloudformation(), Kind::Stage, [("DefaultRouteSettings", settings())]);
    gives(
        &stage,
        "DefaultRouteSettings",
        "{DataTraceEnabled: false, DetailedMetricsEnabled: false, ThrottlingRateLimit: 10}",
    );
}

#[test]
fn a_key_of_the_account_replaces_the_one_of_sqs() {
    let own = filled(Sketch::terraform(), Kind::Queue, []);
    gives(&own, "SqsManagedSseEnabled", "true");
    let keyed = filled(Sketch::terraform(), Kind::Queue, [("KmsMasterKeyId", held("alias/k"))]);
    gives(&keyed, "SqsManagedSseEnabled", "false");
    gives(&keyed, "KmsDataKeyReusePeriodSeconds", "300");
    let is_on = Condition::equals(input("On"), Value::Flag(true));
    let key = held(Value::choice(is_on, held("alias/k"), held(Value::Absent)));
    let either = filled(Sketch::terraform(), Kind::Queue, [("KmsMasterKeyId", key)]);
    gives(&either, "SqsManagedSseEnabled", r#"false if "true" = "<On>", else true"#);
    gives(&either, "KmsDataKeyReusePeriodSeconds", r#"300 if "true" = "<On>", else nothing"#);
}

#[test]
fn one_of_two_that_is_nothing_is_the_default() {
    let is_on = || Condition::equals(input("On"), Value::Flag(true));
    let memory = held(Value::choice(is_on(), held(256_u32), held(Value::Absent)));
    let sketch = filled(Sketch::terraform(), Kind::Function, [("MemorySize", memory)]);
    gives(&sketch, "MemorySize", r#"256 if "true" = "<On>", else 128"#);
}

#[test]
fn batches_depend_on_what_feeds_the_function() {
    for (arn, size) in [("arn:aws:sqs:r:1:q", "10"), ("arn:aws:kinesis:r:1:stream/s", "100")] {
        let mapping = filled(Sketch::terraform(), Kind::EventSourceMapping, [("EventSourceArn", held(arn))]);
        gives(&mapping, "BatchSize", size);
    }
    let unknown = filled(Sketch::terraform(), Kind::EventSourceMapping, []);
    assert!(!unknown.find("it").properties.contains_key("BatchSize"));
}

#[test]
fn an_alarm_and_a_filter_and_a_rule_are_filled_in_deeply() {
    let alarm = filled(Sketch::terraform(), Kind::Alarm, [("EvaluationPeriods", held(3_u32))]);
    gives(&alarm, "DatapointsToAlarm", "3");
    let transformation = held(Value::List(vec![map([("MetricName", held("m"))])]));
    let filter = filled(Sketch::terraform(), Kind::MetricFilter, [("MetricTransformations", transformation)]);
    gives(&filter, "MetricTransformations", r#"[{MetricName: "m", Unit: "None"}]"#);
    let targets = map([("one", map([("Arn", held("a"))]))]);
    let rule = filled(Sketch::terraform(), Kind::EventRule, [("Targets", targets)]);
    gives(
        &rule,
        "Targets",
        r#"{one: {Arn: "a", RetryPolicy: {MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185}}}"#,
    );
}

#[test]
fn what_is_taken_out_is_deleted() {
    let mut sketch = Sketch::cloudformation();
    sketch.resource(Kind::Queue, "it", []);
    sketch.resource(Kind::Table, "kept", [("DeletionPolicy", held("Retain"))]);
    sketch.apply(&tables::DELETION);
    assert_eq!(sketch.resources("it"), r#"{DeletionPolicy: "Delete"}"#);
    assert_eq!(sketch.resources("kept"), r#"{DeletionPolicy: "Retain"}"#);
}
