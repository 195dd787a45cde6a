//! Reads what must hold, and refuses what can never be looked at.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::{message::Repository, metric};
use jit_runners_yaml::{
    Located, Problem, Section, YamlValue,
    reader::{List, Number, OneOrMany, Read, Text, Time, Whole, Word},
    section::Mappings,
};
use serde_json::{Value, json};

use super::{
    super::story::{Entry, LABEL, REPOSITORY, unknown},
    After, End, Hold, Instances, Metric, Requests, Started,
};
use crate::promise::PROMISES;

/// How long a run lasts, if nothing is said.
const USUAL: Duration = Duration::from_hours(1);
/// The largest value of a metric.
const LARGEST: f64 = 1_000_000.0;

/// The metrics that functions emit.
const METRICS: &[(&str, &str)] = &[
    (metric::JOBS_QUEUED, "Jobs that were queued."),
    (metric::LAUNCHES, "Instances that were launched, in one launch."),
    (metric::FALLBACKS, "Launches that did not get their first choice."),
    (metric::TIME_TO_START, "Seconds from queued to started."),
    (metric::GAP, "Runners that are missing, as the rebalancer finds it."),
    (metric::STRANDED_JOBS, "Jobs that are queued while no runner is coming for them."),
    (metric::RATE_LIMIT_REMAINING, "Requests that GitHub still accepts in this hour."),
    (metric::RELEASE_DAYS_LEFT, "Days in which GitHub still gives jobs to the runner's release."),
    (metric::ERRORS, "What went wrong; each error counts 1."),
];

/// Reads what must hold of `story`.
pub(in crate::scenario) fn read(section: &mut Section<'_, '_>, story: &[Entry]) -> Hold {
    let about = "The run lasts until then.";
    let until = section.get("until", about, &Time);
    let about = "By then everything is over: no job is open, and nothing is left. The run ends when it is.";
    let over = section.get("over_within", about, &Time);
    if until.is_some() && over.is_some() {
        section.refuse(
            Some("until"),
            "a run ends at `until`, or when everything is over; remove one of the two",
        );
    }
    let end = match (until, over) {
        (Some(time), _) => End::At(time),
        (None, Some(time)) => End::Over(time),
        (None, None) => End::At(USUAL),
    };
    let about = "The promises that must hold, by their numbers, or `all`, or `none`.";
    let mut promises: BTreeSet<u8> = PROMISES.collect();
    section.set("promises", about, &Promises, &mut promises);
    let about = "Jobs that must start.";
    let started = section.one_or_many("started", about, |it| started(it, story));
    let about = "Instances that may be launched, at most.";
    let instances = section.one_or_many("instances", about, |it| Some(instances(it, story)));
    let about = "Requests to GitHub that may be made, at most.";
    let requests = section.one_or_many("requests", about, |it| Some(requests(it, story)));
    let about = "Values of metrics, as the functions emit them.";
    let metrics = section.by_name(
        "metric",
        about,
        METRICS,
        &Mappings(|it: &mut Section<'_, '_>| Some(metric_bounds(it))),
    );
    let metrics = metrics.into_iter().map(|(name, bounds)| Metric { name, ..bounds }).collect();
    let any = &Whole::ANY;
    let about = "Jobs that nobody started and nobody cancelled, at most.";
    let stranded = section.get("stranded", about, any);
    let busy_ended =
        section.get("busy_ended", "Instances that were ended while their job ran, at most.", any);
    let dead_letters = section.get("dead_letters", "Messages that were received too often, at most.", any);
    late(section, story, end);
    Hold { end, promises, started, instances, requests, metrics, stranded, busy_ended, dead_letters }
}

/// Refuses what happens when the run is over.
fn late(section: &mut Section<'_, '_>, story: &[Entry], end: End) {
    use jit_runners_yaml::quantity::Quantity as _;
    for entry in story.iter().filter(|entry| entry.latest() >= end.latest()) {
        let (at, end) = (entry.latest().written(), end.latest().written());
        section.refuse_at(
            entry.spot(),
            format!("it happens at {at}, and the run ends at {end}; let it last longer"),
        );
    }
}

fn started(section: &mut Section<'_, '_>, story: &[Entry]) -> Option<Started> {
    let repository = repository(section, story);
    let labels = section.get("labels", "Only jobs with all of these labels.", &List(LABEL));
    let name = section.get("name", "Only jobs of the push of this name.", &Text { example: "first" });
    let within = section.required("within", "How long they may wait.", &Time);
    let about = "Since when: `queued` (for a held job, since its approval), `push`, the `last refusal` of something that it needs, or a time since the beginning, for what was queued before it.";
    let mut after = After::Queued;
    section.set("after", about, &Since, &mut after);
    let labels = labels.map(|labels| labels.into_iter().collect::<BTreeSet<_>>());
    if let Some(labels) = &labels {
        let known = |label| story.iter().filter_map(Entry::labels).any(|all| all.contains(label));
        for label in labels.iter().filter(|label| !known(label)) {
            section.refuse(Some("labels"), format!("no job has the label `{label}`"));
        }
    }
    if let Some(name) = &name {
        let known: Vec<_> = story.iter().filter_map(Entry::name).collect();
        if !known.contains(&name.as_str()) {
            section.refuse(Some("name"), unknown("push", name, &known));
        }
    }
    Some(Started { repository, labels, name, within: within?, after })
}

fn repository(section: &mut Section<'_, '_>, story: &[Entry]) -> Option<Repository> {
    let about = "Only those of this repository, by the name that it has when it is pushed to.";
    let repository = section.get("repository", about, &REPOSITORY)?;
    let known: Vec<_> = story.iter().flat_map(Entry::repositories).collect();
    if !known.contains(&repository) {
        let mut names: Vec<_> = known.iter().map(Repository::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names.truncate(12);
        section.refuse(Some("repository"), unknown("repository of the story", repository.as_str(), &names));
    }
    Some(repository)
}

fn instances(section: &mut Section<'_, '_>, story: &[Entry]) -> Instances {
    let repository = repository(section, story);
    let mut count = |key, about| section.get(key, about, &Whole::ANY);
    Instances {
        repository,
        first_hour: count("first hour", "In the first hour of the run."),
        day: count("day", "In the first day of the run."),
        in_all: count("in all", "In the whole run."),
        at_once: count("at once", "At the same time."),
        for_nothing: count("for nothing", "Those that are more than the jobs that started."),
    }
}

fn requests(section: &mut Section<'_, '_>, story: &[Entry]) -> Requests {
    let mut count = |key, about| section.get(key, about, &Whole::ANY);
    let mut requests = Requests {
        per_hour: count("per hour", "In any hour of the run."),
        in_all: count("in all", "In the whole run."),
        registrations: count("registrations", "Registrations of runners, in any hour of the run."),
        registrations_per_launch: count("registrations per launch", "Registrations for each instance."),
        more_per_hour: count("more per hour", "On average, more than in the run `without` something."),
        without: BTreeSet::new(),
    };
    let about = "The names of entries of the story that are left out in the run with which it is compared.";
    let without = section.get("without", about, &OneOrMany(Text { example: "renamed" }));
    if without.is_some() != requests.more_per_hour.is_some() && !section.is_described() {
        section.refuse(None, "`more per hour` and `without` belong together");
    }
    let known: Vec<_> = story.iter().filter_map(Entry::name).collect();
    for name in without.iter().flatten().filter(|name| !known.contains(&name.as_str())) {
        section.refuse(Some("without"), unknown("entry of the story", name, &known));
    }
    requests.without.extend(without.into_iter().flatten());
    requests
}

fn metric_bounds(section: &mut Section<'_, '_>) -> Metric {
    let value = &Number { high: LARGEST, what: "a number" };
    let above = section.get("above", "It rises above this.", value);
    let mut from = Duration::ZERO;
    section.set("from", "Since when it is looked at.", &Time, &mut from);
    let until = section.get("until", "Until when it is looked at; to the end if it is missing.", &Time);
    if until.is_some_and(|until| until <= from) {
        section.refuse(Some("until"), "ends before `from`; give a later time");
    }
    let within = section.get("within", "How long after `from` it does, at most.", &Time);
    let at_most = section.get("at most", "It never rises above this.", value);
    if within.is_some() && above.is_none() {
        section.refuse(Some("within"), "needs `above`");
    }
    if above.is_none() && at_most.is_none() && !section.is_described() {
        section.refuse(None, "says nothing; add `above` or `at most`");
    }
    Metric { name: "", above, from, until, within, at_most }
}

/// Since when a wait counts.
struct Since;

const SINCE: &[(&str, After)] =
    &[("queued", After::Queued), ("push", After::Push), ("last refusal", After::Refusal)];

impl Read for Since {
    type Value = After;

    fn schema(&self) -> Value {
        json!({ "anyOf": [Word(SINCE).schema(), Time.schema()] })
    }
    fn example(&self) -> String {
        "queued".to_owned()
    }
    fn written(&self, value: &After) -> Value {
        match value {
            After::Time(time) => Time.written(time),
            After::Queued | After::Push | After::Refusal => Word(SINCE).written(value),
        }
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<After> {
        match &node.value {
            YamlValue::Scalar(scalar) if scalar.text.starts_with(|c: char| c.is_ascii_digit()) => {
                Time.read(node, path, problems).map(After::Time)
            }
            _ => Word(SINCE).read(node, path, problems),
        }
    }
}

/// Numbers of promises.
struct Promises;

const WORDS: &[(&str, bool)] = &[("all", true), ("none", false)];

impl Promises {
    fn list() -> List<Whole> {
        List(Whole { low: (*PROMISES.start()).into(), high: (*PROMISES.end()).into() })
    }
}

impl Read for Promises {
    type Value = BTreeSet<u8>;

    fn schema(&self) -> Value {
        json!({ "anyOf": [Word(WORDS).schema(), Self::list().schema()] })
    }
    fn example(&self) -> String {
        "[4, 7]".to_owned()
    }
    fn written(&self, value: &BTreeSet<u8>) -> Value {
        if value.iter().copied().eq(PROMISES) { json!("all") } else { json!(value) }
    }
    fn read(&self, node: &Located, path: &[String], problems: &mut Vec<Problem>) -> Option<BTreeSet<u8>> {
        match &node.value {
            YamlValue::Scalar(_) => {
                let all = Word(WORDS).read(node, path, problems)?;
                Some(PROMISES.filter(|_| all).collect())
            }
            YamlValue::Sequence(_) | YamlValue::Mapping(_) => {
                let numbers = Self::list().read(node, path, problems)?;
                Some(numbers.into_iter().filter_map(|number| u8::try_from(number).ok()).collect())
            }
        }
    }
}
