//! The way of one job through the five functions, for people to read: what each function received, what it called, and
//! what it logged.

use std::{collections::BTreeMap, fmt::Write as _};

use jit_runners_functions::clock::now;
use jit_runners_model::contract::Handler;
use jit_runners_runtime::time::Time;
use serde_json::Value;

use super::fixture::Fixture;

/// Everything that happened since the beginning, each with its time.
pub(crate) struct Transcript<'a> {
    fixture: &'a Fixture,
    from: Time,
    told: Vec<(Time, String)>,
}

impl<'a> Transcript<'a> {
    pub(crate) fn begin(fixture: &'a Fixture) -> Self {
        Self { fixture, from: now(), told: Vec::new() }
    }

    /// Adds a step of the test.
    pub(crate) fn tell(&mut self, what: impl Into<String>) {
        self.told.push((now(), format!("*** {}", what.into())));
    }

    /// The text, and the number of calls by function.
    pub(crate) fn end(mut self) -> (String, BTreeMap<String, usize>) {
        let mut counts = BTreeMap::new();
        let calls = self.fixture.recorder.calls().into_iter().chain(self.fixture.ec2.calls());
        for call in calls.filter(|call| call.at >= self.from) {
            let who = self.fixture.name_of(&call.access_key);
            *counts.entry(format!("{who}: {}", call.name)).or_default() += 1;
            self.told.push((call.at, format!("{who:>10} -> {}", call.name)));
        }
        for exchange in
            self.fixture.github.exchanges().into_iter().filter(|exchange| exchange.at >= self.from)
        {
            // The path without ids, so that equal calls can be counted.
            let status = exchange.reply.map_or(0, |reply| reply.status);
            let line = exchange.request.line();
            let kind = line.split('?').next().unwrap_or_default().replace(|c: char| c.is_ascii_digit(), "");
            *counts.entry(format!("GitHub: {kind}")).or_default() += 1;
            self.told.push((exchange.at, format!("{:>10} -> GitHub {line} ({status})", "")));
        }
        for handler in Handler::ALL {
            // A removed deployment has no logs.
            for line in self.fixture.log(handler).unwrap_or_default() {
                let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
                let Some(at) = told_at(&line) else { continue };
                if at >= self.from {
                    self.told.push((at, format!("{:>10} says: {}", handler.name(), said(&line))));
                }
            }
        }
        self.told.sort_by_key(|(at, _)| *at);
        let mut text = String::new();
        for (at, line) in &self.told {
            let _ = writeln!(text, "{:>7} ms  {line}", at.since(self.from).as_millis());
        }
        (text, counts)
    }
}

/// When a function wrote a line. `None` for Lambda's own lines.
fn told_at(line: &Value) -> Option<Time> {
    let time: jiff::Timestamp = line["timestamp"].as_str()?.parse().ok()?;
    Some(Time::from_millis(u64::try_from(time.as_millisecond()).ok()?))
}

/// A log line without the fields that every line has.
fn said(line: &Value) -> String {
    const EVERYWHERE: [&str; 6] = ["_aws", "level", "message", "timestamp", "function", "request_id"];
    let fields = line.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, _)| !EVERYWHERE.contains(&name.as_str()));
    let fields: Vec<_> =
        fields.map(|(name, value)| format!("{name}={}", value.to_string().trim_matches('"'))).collect();
    format!("{} [{}]", line["message"].as_str().unwrap_or_default(), fields.join(" "))
}
