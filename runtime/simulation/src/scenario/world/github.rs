//! The settings of GitHub: for the whole run, or from one time until another.

use std::{sync::Arc, time::Duration};

use jit_runners_model::RunnerVersion;
use jit_runners_yaml::{
    Section, Spot,
    reader::{List, Name, Number, OneOrMany, Or, Read, Span, Text, Time, Whole},
};

use super::super::story::LABEL;
use crate::{
    github::{GithubSettings, PlaceRefusal, RefusedCall},
    world::WorldSettings,
};

/// Settings that are given, and when they hold.
#[derive(Clone)]
pub(in crate::scenario) struct Period {
    /// From when on, since the beginning.
    pub from: Duration,
    /// Until when, if not for the whole run.
    pub until: Option<Duration>,
    /// What is set then.
    changes: Vec<Change>,
    /// What is refused then.
    pub refusals: Vec<Refused>,
}

/// What is refused in a period.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct Refused {
    /// The refusal.
    pub refusal: PlaceRefusal,
    /// The push whose runs are meant, if only some are.
    pub push: Option<String>,
    /// Where it stands in the file.
    pub spot: Spot,
}

type Change = Arc<dyn Fn(&mut GithubSettings) + Send + Sync>;

impl Period {
    /// Whether it is the whole run.
    pub(in crate::scenario) const fn is_lasting(&self) -> bool {
        self.from.is_zero() && self.until.is_none()
    }

    /// Makes its changes.
    pub(in crate::scenario) fn set_up(&self, settings: &mut GithubSettings) {
        self.changes.iter().for_each(|change| change(settings));
    }
}

/// GitHub's settings at each time at which they change, the first one at the beginning.
pub(in crate::scenario) fn timeline(
    usual: &GithubSettings,
    periods: &[Period],
) -> Vec<(Duration, GithubSettings)> {
    let mut times: Vec<_> = periods
        .iter()
        .flat_map(|period| [Some(period.from), period.until])
        .flatten()
        .chain([Duration::ZERO])
        .collect();
    times.sort_unstable();
    times.dedup();
    let at = |time| {
        let mut settings = usual.clone();
        let hold = |period: &&Period| period.from <= time && period.until.is_none_or(|until| time < until);
        periods.iter().filter(hold).for_each(|period| period.set_up(&mut settings));
        (time, settings)
    };
    times.into_iter().map(at).collect()
}

/// Reads one period.
pub(in crate::scenario) fn period(section: &mut Section<'_, '_>) -> Period {
    let mut from = Duration::ZERO;
    section.set("from", "From when on the settings hold.", &Time, &mut from);
    let until = section.get("until", "Until when; for the whole run if it is missing.", &Time);
    if until.is_some_and(|until| until <= from) {
        section.refuse(Some("until"), "is not after `from`");
    }
    let refusals = CALLS
        .iter()
        .filter_map(|(key, about, call)| refusal(section, key, about, *call, (from, until)))
        .collect();
    let mut keys = Keys { section, usual: GithubSettings::default(), changes: Vec::new() };
    settings(&mut keys);
    let changes = keys.changes;
    Period { from, until, changes, refusals }
}

/// The calls that can be refused at some places.
const CALLS: &[(&str, &str, RefusedCall)] = &[
    (
        "registration",
        "Registrations of runners are refused; with 409, names stay taken.",
        RefusedCall::Registration,
    ),
    ("job", "A job is not shown.", RefusedCall::Job),
    ("removal", "Runners cannot be removed.", RefusedCall::Removal),
    ("run_jobs", "The jobs of a run cannot be listed.", RefusedCall::RunJobs { run: None }),
    ("runs", "Runs cannot be listed.", RefusedCall::Runs),
    ("everything", "Everything is refused.", RefusedCall::Everything),
];
/// Statuses that are refusals or errors.
const ANSWERS: Whole = Whole { low: 400, high: 599 };

fn refusal(
    section: &mut Section<'_, '_>,
    key: &'static str,
    about: &str,
    call: RefusedCall,
    (from, until): (Duration, Option<Duration>),
) -> Option<Refused> {
    section.maybe(key, about, |section| {
        let answer = section.required("answer", "The status of the answer.", &ANSWERS);
        let about = "Where: repositories, and owners with all of theirs; everywhere if it is missing.";
        let places = section.get("repositories", about, &OneOrMany(Text { example: "o/r" }));
        let about = "Only for runners and jobs with one of these labels.";
        let labels = section.get("labels", about, &OneOrMany(LABEL));
        let mut chance = 1.0;
        section.set("chance", "How often.", &Number::CHANCE, &mut chance);
        let push = match call {
            RefusedCall::RunJobs { .. } => {
                section.get("push", "Only the runs of the push of this name.", &Text { example: "first" })
            }
            _ => None,
        };
        let began = WorldSettings::quiet(0).began;
        let refusal = PlaceRefusal {
            from: began + from,
            until: until.map(|until| began + until),
            call,
            answer: u16::try_from(answer?).ok()?,
            repositories: places.into_iter().flatten().collect(),
            labels: labels.into_iter().flatten().collect(),
            chance,
        };
        Some(Refused { refusal, push, spot: section.spot() })
    })
}

/// Reads settings, and keeps how each changes the world.
struct Keys<'s, 'a, 'p> {
    section: &'s mut Section<'a, 'p>,
    usual: GithubSettings,
    changes: Vec<Change>,
}

impl Keys<'_, '_, '_> {
    /// One setting, which is `at` that place.
    fn set<R: Read>(
        &mut self,
        key: &'static str,
        about: &str,
        reader: &R,
        at: fn(&mut GithubSettings) -> &mut R::Value,
    ) where
        R::Value: Clone + Send + Sync + 'static,
    {
        let mut value = at(&mut self.usual).clone();
        self.section.set(key, about, reader, &mut value);
        if self.section.has(key) {
            self.changes.push(Arc::new(move |settings| at(settings).clone_from(&value)));
        }
    }
}

fn settings(keys: &mut Keys<'_, '_, '_>) {
    let chance = &Number::CHANCE;
    let span = &Span(Time);
    let count = &Whole::ANY;
    keys.set("assign_delay", "From when a job and a runner fit until it is given to it.", span, |it| {
        &mut it.assign_delay
    });
    keys.set("pickup_delay", "From then until the runner has it, which webhooks report.", span, |it| {
        &mut it.pickup_delay
    });
    keys.set("oldest_first", "How often a runner gets the job that has waited longest.", chance, |it| {
        &mut it.oldest_first
    });
    keys.set("webhook_delay", "From an event until its webhook arrives.", span, |it| &mut it.webhook_delay);
    keys.set("webhook_lost", "How often a webhook is lost.", chance, |it| &mut it.webhook_lost);
    keys.set("webhook_doubled", "How often a webhook arrives twice.", chance, |it| &mut it.webhook_doubled);
    keys.set("webhook_late", "How often a webhook arrives later than usual.", chance, |it| {
        &mut it.webhook_late
    });
    keys.set("webhook_lateness", "How late it is then.", span, |it| &mut it.webhook_lateness);
    let dropped = Or { word: "never", reader: Span(Time) };
    keys.set("idle_drop", "When a runner that listens without a job is dropped.", &dropped, |it| {
        &mut it.idle_drop
    });
    keys.set("ghost", "How often the job of a runner is gone when the runner asks for it.", chance, |it| {
        &mut it.ghost
    });
    keys.set("lost_machine", "From the loss of a machine until its job fails.", span, |it| {
        &mut it.lost_machine
    });
    keys.set("offline_after", "From the loss of a machine until its runner is offline.", span, |it| {
        &mut it.offline_after
    });
    keys.set(
        "requeued_though_started",
        "How often a job whose machine is lost at once is queued again, although it was started.",
        chance,
        |it| &mut it.requeued_though_started,
    );
    keys.set(
        "left_behind",
        "How often the registration of a lost machine is left when its job has failed.",
        chance,
        |it| &mut it.left_behind,
    );
    keys.set("server_error", "How often a call is answered with a server error.", chance, |it| {
        &mut it.server_error
    });
    keys.set("done_despite_error", "How often such a call was carried out all the same.", chance, |it| {
        &mut it.done_despite_error
    });
    keys.set("refuse_limited", "How often a call is refused without a header that says why.", chance, |it| {
        &mut it.refuse_limited
    });
    keys.set("refuse_with_wait", "How often a call is refused with `retry-after`.", chance, |it| {
        &mut it.refuse_with_wait
    });
    keys.set("refused_for", "How long that header says.", span, |it| &mut it.refused_for);
    outages(keys);
    keys.set("outage_loses_webhooks", "The share of webhooks that an outage loses.", chance, |it| {
        &mut it.outage_loses_webhooks
    });
    keys.set("stale_reads", "How often a list or a job is shown as it was before.", chance, |it| {
        &mut it.stale_reads
    });
    keys.set("stale_for", "For how long after a change.", &Time, |it| &mut it.stale_for);
    keys.set("primary_limit", "Requests for an hour.", count, |it| &mut it.primary_limit);
    keys.set("registration_limit", "Registrations for an hour.", count, |it| &mut it.registration_limit);
    keys.set(
        "registration_burst",
        "Registrations for five minutes with one repository or organization.",
        count,
        |it| &mut it.registration_burst,
    );
    keys.set("secondary_limit", "Points for a minute and one endpoint.", count, |it| &mut it.secondary_limit);
    keys.set(
        "secondary_without_wait",
        "How often a refusal for that limit comes without `retry-after`.",
        chance,
        |it| &mut it.secondary_without_wait,
    );
    deprecated(keys);
    keys.set(
        "removal_blind",
        "For how long after a job was assigned its runner is shown without a job, and can be removed.",
        &Time,
        |it| &mut it.removal_blind,
    );
    keys.set("young_token", "How old a token is until it is accepted everywhere.", &Time, |it| {
        &mut it.young_token
    });
    keys.set("young_token_refused", "How often a call with a younger one is refused.", chance, |it| {
        &mut it.young_token_refused
    });
    keys.set(
        "self_update",
        "How often a runner updates itself before it listens, and is shown with a job meanwhile.",
        chance,
        |it| &mut it.self_update,
    );
}

fn outages(keys: &mut Keys<'_, '_, '_>) {
    let about =
        "Times in which the API answers nothing but errors, and no webhook is sent: `[[5 min, 15 min]]`.";
    let Some(outages) = keys.section.get("outages", about, &List(Span(Time))) else { return };
    let began = WorldSettings::quiet(0).began;
    let outages: Vec<_> = outages.into_iter().map(|(from, until)| (began + from, began + until)).collect();
    keys.changes.push(Arc::new(move |settings| settings.outages.clone_from(&outages)));
}

fn deprecated(keys: &mut Keys<'_, '_, '_>) {
    let release =
        Name { example: "2.334.0", check: |text| RunnerVersion::new(text), text: RunnerVersion::to_string };
    let about = "Releases whose runners get no jobs.";
    let Some(releases) = keys.section.get("deprecated", about, &List(release)) else { return };
    keys.changes.push(Arc::new(move |settings| settings.deprecated = releases.iter().cloned().collect()));
}
