//! The functions' log: one JSON object per line, with metrics in CloudWatch's embedded format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use std::{cell::RefCell, io::Write as _};

use jit_runners_model::contract::Handler;
use jit_runners_runtime::{
    port::{Observation, Observe},
    time::Time,
};
use serde_json::{Map, Value, json};

use crate::clock::now;
pub use jit_runners_runtime::line::{Level, Line, Measure, Unit, line};

/// The log of one function.
#[derive(Debug)]
pub struct Log {
    function: String,
    namespace: String,
    /// Fields of every line of this invocation.
    about: RefCell<Map<String, Value>>,
}

impl Log {
    /// The log of `function`, whose metrics go to `namespace`.
    pub fn new(function: Handler, namespace: impl Into<String>) -> Self {
        Self::named(function.name(), namespace)
    }

    /// The log of a function with the name `function`.
    pub fn named(function: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self { function: function.into(), namespace: namespace.into(), about: RefCell::default() }
    }

    /// Begins an invocation: each of its lines contains the fields `about`, such as Lambda's id of the request.
    pub fn begin(&self, about: Map<String, Value>) {
        *self.about.borrow_mut() = about;
    }

    /// Says why the function cannot run.
    pub fn stopped(&self, why: &str) {
        self.observe(Observation::Failed { what: "the function cannot run", error: why.to_owned() });
    }

    /// The line as it is written.
    fn text(&self, line: Line) -> String {
        let Line { level, message, fields, metrics } = line;
        let now = now();
        let mut all = Map::new();
        if !metrics.is_empty() {
            all.insert("_aws".to_owned(), directive(&self.namespace, now.as_millis(), &metrics));
        }
        all.insert("level".to_owned(), level.as_str().into());
        all.insert("message".to_owned(), message.into());
        all.insert("timestamp".to_owned(), rfc_3339(now).into());
        all.insert("function".to_owned(), self.function.as_str().into());
        all.extend(self.about.borrow().clone());
        all.extend(fields);
        all.extend(metrics.into_iter().map(|metric| (metric.name.to_owned(), metric.value)));
        Value::Object(all).to_string()
    }
}

/// A time in the format of Lambda's filter by level. A line without a time counts as `INFO`, whatever its level
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).
fn rfc_3339(time: Time) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or_default();
    format!("{:.3}", jiff::Timestamp::from_millisecond(millis).unwrap_or_default())
}

impl Observe for Log {
    fn observe(&self, observation: Observation) {
        let mut text = self.text(line(observation));
        text.push('\n');
        // A failure to log cannot be logged.
        drop(std::io::stdout().lock().write_all(text.as_bytes()));
    }
}

/// Which of a line's values are metrics. Each is published without dimensions, for alarms, and with its dimensions,
/// if it has any.
fn directive(namespace: &str, millis: u64, metrics: &[Measure]) -> Value {
    let metrics: Vec<_> = metrics
        .iter()
        .map(|metric| {
            let mut sets = vec![json!([])];
            if !metric.dimensions.is_empty() {
                sets.push(json!(metric.dimensions));
            }
            json!({
                "Namespace": namespace,
                "Dimensions": sets,
                "Metrics": [{ "Name": metric.name, "Unit": metric.unit.as_str() }],
            })
        })
        .collect();
    json!({ "Timestamp": millis, "CloudWatchMetrics": metrics })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jit_runners_model::contract::{
        message::{JobRef, Repository},
        metric,
    };

    use jit_runners_runtime::record::{EndReason, InstanceId};

    use super::*;

    fn job() -> JobRef {
        JobRef { repository: Repository::new("o/r").unwrap(), job_id: 7, run_attempt: 2 }
    }

    fn told(observation: Observation) -> Value {
        let log = Log::new(Handler::Lifecycle, "JitRunners/ours");
        log.begin(json!({ "request_id": "a-b-c" }).as_object().unwrap().clone());
        serde_json::from_str(&log.text(line(observation))).unwrap()
    }

    #[test]
    fn a_line_says_what_happened_to_what_in_which_request() {
        let line = told(Observation::JobCompleted(job()));
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "a job is over");
        assert_eq!(line["function"], "lifecycle");
        assert_eq!(line["request_id"], "a-b-c");
        assert_eq!(
            (&line["repository"], &line["job_id"], &line["run_attempt"]),
            (&json!("o/r"), &json!(7), &json!(2))
        );
        assert!(line.get("_aws").is_none(), "nothing is measured");
    }

    /// What Lambda's filter by level reads.
    #[test]
    fn a_line_has_a_level_and_a_timestamp_that_lambda_knows() {
        for (seconds, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (951_782_399.5, "2000-02-28T23:59:59.500Z"),
            (951_782_400.001, "2000-02-29T00:00:00.001Z"),
        ] {
            assert_eq!(rfc_3339(Time::default() + Duration::from_secs_f64(seconds)), text);
        }
        let line = told(Observation::JobCompleted(job()));
        assert!(["INFO", "WARN", "ERROR"].contains(&line["level"].as_str().unwrap()));
        let told_at: jiff::Timestamp = line["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(now().as_millis().abs_diff(u64::try_from(told_at.as_millisecond()).unwrap()) < 60_000);
    }

    #[test]
    fn a_metric_is_named_measured_and_stands_in_the_line() {
        let line = told(Observation::JobStarted { job: job(), after: Duration::from_millis(1_500) });
        assert_eq!(line[metric::TIME_TO_START], 1.5);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "JitRunners/ours");
        assert_eq!(directive["Dimensions"], json!([[]]));
        assert_eq!(directive["Metrics"], json!([{ "Name": "TimeToStart", "Unit": "Seconds" }]));
        assert!(line["_aws"]["Timestamp"].as_u64().is_some_and(|millis| millis > 1_700_000_000_000));
    }

    #[test]
    fn what_people_wrote_stays_in_its_line_and_field() {
        let odd = "a\"}\n{\"level\":\"ERROR\"}\r\u{1b}[1m\u{0}\u{2028}\u{202e}";
        let log = Log::new(Handler::ScaleDown, "JitRunners/ours");
        log.begin(json!({ "request_id": odd }).as_object().unwrap().clone());
        let text = log.text(line(Observation::Zombie { name: odd.to_owned() }));
        assert!(!text.contains(|c: char| c.is_ascii_control()), "{text}");
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&read["level"], &read["runner"], &read["request_id"]),
            (&json!("WARN"), &json!(odd), &json!(odd))
        );
    }

    #[test]
    fn why_an_instance_ended_is_an_error_where_people_must_mend_it() {
        let ended = |code: &str| {
            let reason = EndReason::new(code, &format!("{code}: Client error on launch"));
            let instance = InstanceId::new("i-0abc");
            told(Observation::EndedEarly { instance, after: Duration::from_secs(4), reason })
        };
        let line = ended("Client.InternalError");
        assert_eq!((&line["level"], &line["code"]), (&json!("ERROR"), &json!("Client.InternalError")));
        assert_eq!(line["reason"], "Client.InternalError: Client error on launch");
        assert_eq!((&line["after_seconds"], &line["instance"]), (&json!(4), &json!("i-0abc")));
        for code in
            ["Client.InstanceInitiatedShutdown", "Client.UserInitiatedShutdown", "Server.InternalError", ""]
        {
            assert_eq!(ended(code)["level"], "WARN", "{code}");
        }
    }

    #[test]
    fn operators_find_the_lines_that_they_filter_on() {
        let cycle = Observation::Cycle {
            repository: Repository::new("o/r").unwrap(),
            demand: 3,
            supply: 1,
            published: 2,
            label_sets: 1,
        };
        assert_eq!(
            told(cycle)["message"],
            "cycle complete repo=o/r demand=3 supply=1 published=2 label_sets=1"
        );
        let tick = |release_days_left| Observation::Tick {
            repositories: 4,
            errors: 0,
            stranded: 5,
            gap: 6,
            rate_limit_remaining: None,
            release_days_left,
        };
        assert_eq!(told(tick(Some(7)))[metric::RELEASE_DAYS_LEFT], 7);
        let line = told(tick(None));
        assert_eq!(line["message"], "tick complete repos=4 errors=0");
        assert_eq!((&line[metric::STRANDED_JOBS], &line[metric::GAP]), (&json!(5), &json!(6)));
        for unknown in [metric::RATE_LIMIT_REMAINING, metric::RELEASE_DAYS_LEFT] {
            assert!(line.get(unknown).is_none(), "what is not known is not measured");
        }
    }
}
