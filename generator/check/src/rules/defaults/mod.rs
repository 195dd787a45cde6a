//! What services do when nobody says, and what the Terraform provider sends in their place: one table a service.
//!
//! Both sides are filled in, so that an explicit default on one side equals an omitted one on the other, and different
//! defaults are a difference.

pub(super) mod tables;

use std::{collections::BTreeMap, fmt};

use crate::{
    graph::{Address, Dialect, Graph, Held, Kind, Node, Properties, Symbol, Value},
    read::Place,
};

/// What a property is when nobody says.
struct Default {
    kind: Kind,
    /// The way to it from the resource down. `*` is each item of a map or a list; behind a name with `?`, nothing is filled in
    /// where that object is missing.
    path: &'static str,
    value: Literal,
    whose: Whose,
    when: When,
    /// The page that says so.
    source: &'static str,
}

#[derive(Clone, Copy)]
enum Literal {
    Text(&'static str),
    Number(u32),
    Flag(bool),
    Texts(&'static [&'static str]),
    /// What another property of the resource holds.
    SameAs(&'static str),
    /// An object with one text in it.
    Object(&'static str, &'static str),
    /// A list of one object, in which this text stands at the end of this path.
    Item(&'static str, &'static str),
}

/// Whose default it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The service's: it holds for whoever does not say.
    Service,
    /// The Terraform provider's, which it sends to the service.
    Provider,
}

/// Which resources it is for.
#[derive(Clone, Copy)]
enum When {
    Always,
    /// Where the property is stated.
    Stated(&'static str),
    /// Where the property, with the path to it, is this text.
    Is(&'static str, &'static str),
    /// Where the property is true.
    IsTrue(&'static str),
    /// Where the property is an ARN of this service.
    OfService(&'static str, &'static str),
}

const fn service(kind: Kind, path: &'static str, value: Literal, source: &'static str) -> Default {
    Default { kind, path, value, whose: Whose::Service, when: When::Always, source }
}

const fn provider(kind: Kind, path: &'static str, value: Literal, source: &'static str) -> Default {
    Default { kind, path, value, whose: Whose::Provider, when: When::Always, source }
}

impl Default {
    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }
}

/// The tables.
const TABLES: [&[Default]; 10] = [
    tables::API_GATEWAY_DEFAULTS,
    tables::SQS_DEFAULTS,
    tables::SNS_DEFAULTS,
    tables::S3_DEFAULTS,
    tables::DYNAMODB_DEFAULTS,
    tables::LAMBDA_DEFAULTS,
    tables::IAM_DEFAULTS,
    tables::EC2_DEFAULTS,
    tables::EVENTS_DEFAULTS,
    tables::CLOUDWATCH_DEFAULTS,
];

/// Every default in a table: the property with its kind and for which resources, the value and whose it is, the page that
/// says so.
///
/// ```
/// let memory = jit_runners_check::defaults().find(|(property, ..)| property == "`Function.MemorySize`");
/// assert_eq!(memory.map(|(_, value, _)| value).as_deref(), Some("128"));
/// ```
pub fn defaults() -> impl Iterator<Item = (String, String, &'static str)> {
    TABLES.into_iter().flatten().map(|default| {
        let Default { kind, path, value, whose, when, source } = default;
        let path = path.replace('?', "");
        let whose = match whose {
            Whose::Service => "",
            Whose::Provider => ", from the Terraform provider",
        };
        (format!("`{}.{path}`{when}", kind.as_str()), format!("{value}{whose}"), *source)
    })
}

/// Whether the property at `path` of a `kind` has a default that depends on another property.
pub(crate) fn may_depend(kind: &str, path: &str) -> bool {
    TABLES.into_iter().flatten().any(|default| {
        default.kind.as_str() == kind && default.path == path && !matches!(default.when, When::Always)
    })
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "`{flag}`"),
            Self::Texts(texts) => write!(f, "`{}`", texts.join("`, `")),
            Self::SameAs(property) => write!(f, "what `{property}` is"),
            Self::Object(name, text) | Self::Item(name, text) => write!(f, "`{name}: {text}`"),
        }
    }
}

/// With the word before it: ` where ...`.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => Ok(()),
            Self::Stated(property) => write!(f, " where `{property}` is stated"),
            Self::Is(property, text) => write!(f, " where `{property}` is `{text}`"),
            Self::IsTrue(property) => write!(f, " where `{property}` is true"),
            Self::OfService(property, service) => write!(f, " where `{property}` is an ARN of `{service}`"),
        }
    }
}

/// Fills in `defaults`, in their order, as the rule called `rule`.
fn fill_in(graph: &mut Graph, defaults: &[Default], rule: &'static str) {
    let dialect = graph.dialect;
    let services = services(graph);
    for node in &mut graph.resources {
        for default in defaults {
            let Default { kind, path, value, whose, when, source: _ } = default;
            let speaks = *whose == Whose::Service || dialect == Dialect::Terraform;
            if *kind != node.kind || !speaks || !when.holds(&node.properties, &services) {
                continue;
            }
            let filling = Filling { place: &node.place, rule };
            let Some(value) = filling.value(*value, &node.properties) else { continue };
            let steps: Vec<_> = path.split('.').collect();
            filling.fill(&mut node.properties, &steps, &value);
        }
    }
}

/// The services of resources, by what refers to them: the ARN of one without a name is not known, but whose it is.
type Services = BTreeMap<Address, &'static str>;

fn services(graph: &Graph) -> Services {
    let service =
        |node: &Node<Kind>| Some((Address::clone(&node.address), node.kind.facts().arn.as_ref()?.service));
    graph.resources.iter().filter_map(service).collect()
}

impl When {
    fn holds(self, properties: &Properties, services: &Services) -> bool {
        match self {
            Self::Always => true,
            Self::Stated(property) => properties.contains_key(property),
            Self::Is(path, wanted) => literal(properties, path) == Some(wanted),
            Self::IsTrue(property) => {
                matches!(properties.get(property).map(|held| &held.value), Some(Value::Flag(true)))
            }
            Self::OfService(property, service) => match properties.get(property).map(|held| &held.value) {
                Some(Value::Text(text)) => match text.as_symbol() {
                    Some(Symbol::Attribute { of, attribute: _ }) => services.get(of) == Some(&service),
                    _ => text.to_string().split(':').nth(2) == Some(service),
                },
                _ => false,
            },
        }
    }
}

fn literal<'p>(properties: &'p Properties, path: &str) -> Option<&'p str> {
    match path.split_once('.') {
        None => properties.get(path)?.as_literal(),
        Some((first, rest)) => match &properties.get(first)?.value {
            Value::Map(entries) => literal(entries, rest),
            _ => None,
        },
    }
}

/// Fills in values: at this place, in the name of this rule.
struct Filling<'f> {
    place: &'f Place,
    rule: &'static str,
}

impl Filling<'_> {
    fn held(&self, value: Value) -> Held {
        Held { value, place: self.place.clone(), rule: Some(self.rule) }
    }

    fn value(&self, literal: Literal, properties: &Properties) -> Option<Held> {
        let value = match literal {
            Literal::Text(text) => text.into(),
            Literal::Number(number) => number.into(),
            Literal::Flag(flag) => flag.into(),
            Literal::Texts(texts) => Value::set(texts.iter().map(|text| self.held((*text).into())).collect()),
            Literal::SameAs(property) => properties.get(property)?.value.clone(),
            Literal::Object(name, text) => Value::Map([(name.to_owned(), self.held(text.into()))].into()),
            Literal::Item(path, text) => {
                let below =
                    |inner: Held, name: &str| self.held(Value::Map([(name.to_owned(), inner)].into()));
                Value::List(vec![path.rsplit('.').fold(self.held(text.into()), below)])
            }
        };
        Some(self.held(value))
    }

    fn fill(&self, properties: &mut Properties, steps: &[&str], value: &Held) {
        let Some((first, rest)) = steps.split_first() else { return };
        if *first == "*" {
            for held in properties.values_mut() {
                held.each_object(&mut |entries| self.fill(entries, rest, value));
            }
            return;
        }
        let (name, may_be_missing) = first.strip_suffix('?').map_or((*first, false), |name| (name, true));
        if rest.is_empty() {
            let Some(held) = properties.get_mut(name) else {
                properties.insert(name.to_owned(), value.clone());
                return;
            };
            held.each_alternative(&mut |held| {
                if held.value == Value::Absent {
                    *held = value.clone();
                }
            });
            return;
        }
        if !properties.contains_key(name) {
            if may_be_missing {
                return;
            }
            properties.insert(name.to_owned(), self.held(Value::Map(Properties::new())));
        }
        let Some(held) = properties.get_mut(name) else { return };
        held.each_alternative(&mut |held| {
            if held.value == Value::Absent && !may_be_missing {
                *held = self.held(Value::Map(Properties::new()));
            }
            match (&mut held.value, rest) {
                (Value::Map(entries), _) => self.fill(entries, rest, value),
                (Value::List(items), ["*", rest @ ..]) => {
                    for item in items {
                        item.each_object(&mut |entries| self.fill(entries, rest, value));
                    }
                }
                _ => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
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
        for (sketch, size) in [
            (Sketch::terraform(), "262144"),
            (Sketch::cloudformation(), "1048576"),
            (Sketch::model(), "1048576"),
        ] {
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
            let mapping =
                filled(Sketch::terraform(), Kind::EventSourceMapping, [("EventSourceArn", held(arn))]);
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
        let filter =
            filled(Sketch::terraform(), Kind::MetricFilter, [("MetricTransformations", transformation)]);
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
}
