//! What happened in a run: as a fingerprint, by which two runs are compared, and as a story for people.

use std::fmt::{self, Write as _};

use jit_runners_model::contract::message::{JobChange, JobRef};
use jit_runners_runtime::{
    message::{LifecycleEvent, decode_event, decode_job},
    port::{Deferral, Observation},
    record::{NoLaunches, Pool},
    time::Time,
};

use crate::{ec2::Ec2Event, github::GithubEvent};

/// What happened so far.
#[derive(Debug, Default)]
pub struct Trace {
    fingerprint: u64,
    marks: u64,
    story: Option<String>,
    began: Time,
}

impl Trace {
    /// A trace of a run that begins at `began`; with or without a story.
    pub fn new(began: Time, with_story: bool) -> Self {
        Self { story: with_story.then(String::new), began, ..Self::default() }
    }

    /// A hash of everything that happened. Two runs with the same fingerprint are almost certainly the same.
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// How much happened.
    pub const fn marks(&self) -> u64 {
        self.marks
    }

    /// The story, line by line, each with the time since the beginning; empty when none is kept.
    pub fn story(&self) -> &str {
        self.story.as_deref().unwrap_or_default()
    }

    /// Whether a story is kept.
    pub const fn is_told(&self) -> bool {
        self.story.is_some()
    }

    /// Records that something happened; `what` and `which` tell it from everything else.
    pub fn record(&mut self, now: Time, what: u64, which: u64) {
        self.marks += 1;
        for word in [now.as_millis(), what, which] {
            // One round of a multiplicative hash. The constant comes from the golden ratio.
            self.fingerprint = (self.fingerprint.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    /// Adds a line to the story, if one is kept.
    pub fn tell<D: fmt::Display>(&mut self, now: Time, line: impl FnOnce() -> D) {
        if let Some(story) = &mut self.story {
            let millis = now.since(self.began).as_millis();
            let (minutes, seconds) = (millis / 60_000, millis % 60_000);
            // Writing to a string cannot fail.
            let _ = writeln!(story, "{minutes:>4}:{:02}.{:03}  {}", seconds / 1_000, seconds % 1_000, line());
        }
    }
}

/// A number for what GitHub did.
pub(crate) fn github_number(event: &GithubEvent) -> u64 {
    match event {
        GithubEvent::Webhook { body, .. } => u64::try_from(body.len()).unwrap_or(u64::MAX),
        GithubEvent::JobStarted { runner_id, .. } => *runner_id << 2,
        GithubEvent::JobEnded { runner_id, .. } => (*runner_id << 2) | 1,
        GithubEvent::Dropped { runner_id } => (*runner_id << 2) | 2,
        GithubEvent::Ghosted { runner_id } => (*runner_id << 2) | 3,
    }
}

/// A number for what happened to an instance.
pub(crate) fn ec2_number(event: &Ec2Event) -> u64 {
    let (kind, text) = match event {
        Ec2Event::Booted { instance } => (0, instance.as_str()),
        Ec2Event::Interrupting { instance } => (1, instance.as_str()),
        Ec2Event::Ended { instance, cause } => (2 + *cause as u64, instance.as_str()),
        Ec2Event::Notice { body } => (8, body.as_str()),
    };
    text.bytes().rev().take(16).fold(kind, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}

/// A message of either queue.
pub(crate) fn body_words(body: &str) -> String {
    if let Ok(message) = decode_job(body) {
        return format!("{} is queued", job(&message.job));
    }
    match decode_event(body) {
        Ok(LifecycleEvent::Job(event)) => match event.change {
            JobChange::InProgress { runner_name, .. } => format!("{} runs on {runner_name}", job(&event.job)),
            JobChange::Waiting => format!("{} is held", job(&event.job)),
            JobChange::Completed { conclusion, .. } => format!("{} is over ({conclusion})", job(&event.job)),
        },
        Ok(LifecycleEvent::Interrupted { instance }) => format!("{instance} will be interrupted"),
        Ok(LifecycleEvent::Ended { instance }) => format!("{instance} has ended"),
        Ok(LifecycleEvent::Irrelevant) => "an event of no interest".to_owned(),
        Err(error) => format!("something that is {error}"),
    }
}

/// A job.
pub(crate) fn job(job: &JobRef) -> String {
    format!("job {} of {}, attempt {}", job.job_id, job.repository.as_str(), job.run_attempt)
}

/// What a handler tells.
pub(crate) fn observation_words(observation: &Observation) -> String {
    match observation {
        Observation::JobQueued(it) => format!("{} is in the ledger", job(it)),
        Observation::JobStarted { job: it, after } => format!("{} started after {after:?}", job(it)),
        Observation::JobCompleted(it) => format!("{} is over", job(it)),
        Observation::Deferred { repository, jobs, until } => {
            format!(
                "{jobs} jobs of {} wait for {}",
                repository.as_str(),
                match until {
                    Deferral::Slots => "a free slot",
                    Deferral::Registrations => "room in GitHub's limits",
                    Deferral::Refused => "GitHub, which refuses registrations",
                }
            )
        }
        Observation::Launched { intent, pool, instances, fallbacks } => {
            format!("launched {instances} {} for {intent}, after {fallbacks} other pools", pool_words(pool))
        }
        Observation::NoCapacity { pool, code } => format!("no {}: {code}", pool_words(pool)),
        Observation::NotOffered { pool, error } => format!("there is no {}: {error}", pool_words(pool)),
        Observation::NoSpot { error } => format!("there is no spot at all: {error}"),
        Observation::Misfit { reason, .. } => reason.clone(),
        Observation::Unlaunchable { repository, jobs, reason, wait } => {
            format!("{jobs} jobs of {} wait {wait:?}: {reason}", repository.as_str())
        }
        Observation::LaunchFailed { intent, reason } => format!("{intent} cannot be launched: {reason}"),
        Observation::Resumed(intent) => format!("takes {intent} over"),
        Observation::Abandoned(intent) => format!("gives {intent} up"),
        Observation::Configured(instance) => format!("{instance} is configured"),
        Observation::NameTaken { instance, attempt } => format!("name {attempt} of {instance} is taken"),
        Observation::RegistrationRefused { place, status, reason, wait, ended, .. } => {
            format!(
                "{place} refuses registrations, {status} {reason}: {ended} instances end, again in {wait:?}"
            )
        }
        Observation::Unservable { job: it, why } => format!("{} cannot be served: {why}", job(it)),
        Observation::RegistrationAccepted { place } => format!("{place} accepts registrations again"),
        Observation::Overdue { key, age } => format!("{key} was open for {age:?} and is closed"),
        Observation::RateLimited { wait } => format!("GitHub asks to wait {wait:?}"),
        Observation::Retired(instance) => format!("{instance} is retired"),
        Observation::Busy(instance) => format!("{instance} is busy and stays"),
        Observation::Stale(instance) => format!("{instance} never got ready"),
        Observation::TooOld(instance) => format!("{instance} is too old"),
        Observation::Interrupted(instance) => format!("{instance} is being interrupted"),
        Observation::InstanceGone { instance, had_job } => {
            format!("{instance} is gone, {} a job", if *had_job { "with" } else { "without" })
        }
        Observation::EndedEarly { instance, after, reason } => {
            format!("{instance} ended after {after:?} without a job: {}", reason.code)
        }
        Observation::Orphan(instance) => format!("{instance} belongs to nobody"),
        Observation::Zombie { name } => format!("the registration {name} belongs to nobody"),
        Observation::Published { repository, jobs } => {
            format!("published {jobs} jobs of {} again", repository.as_str())
        }
        Observation::QueuedAgain(it) => format!("GitHub has queued {} again", job(it)),
        Observation::LostWebhook(it) => format!("the webhook of {} was lost", job(it)),
        Observation::Stranded(it) => format!("{} has used its launches up", job(it)),
        Observation::ReleaseOffered(version) => format!("GitHub offers runner {version}"),
        Observation::ReleaseUnknown { question, why } => format!("{question:?} is not known: {why}"),
        Observation::ReleaseEnds { version, days } => format!("runner {version} gets jobs for {days} days"),
        Observation::NoLaunches { why: NoLaunches::Removed, jobs } => {
            format!("launches are stopped, and {jobs} jobs wait")
        }
        Observation::NoLaunches { why: NoLaunches::Paused, jobs } => {
            format!("launches are paused, and {jobs} jobs wait")
        }
        Observation::Prepared => "the deployment is prepared".to_owned(),
        Observation::NothingEnded { stack } => format!("nothing is ended: the stack is in {stack}"),
        Observation::Ending { instances } => format!("{instances} instances are left to end"),
        Observation::Ended { instances, registrations } => {
            format!("the deployment has ended: {instances} instances, {registrations} registrations left")
        }
        Observation::Failed { what, error } => format!("{what}: {error}"),
        Observation::Cycle { .. } | Observation::Tick { .. } => format!("{observation:?}"),
    }
}

/// What an observation is called.
pub(crate) const fn observation_kind(observation: &Observation) -> &'static str {
    match observation {
        Observation::JobQueued(_) => "job queued",
        Observation::JobStarted { .. } => "job started",
        Observation::JobCompleted(_) => "job completed",
        Observation::Deferred { until: Deferral::Slots, .. } => "deferred by the caps",
        Observation::Deferred { until: Deferral::Registrations, .. } => "deferred by GitHub's limits",
        Observation::Deferred { until: Deferral::Refused, .. } => "deferred by a refusal",
        Observation::Launched { .. } => "launched",
        Observation::NoCapacity { .. } => "no capacity",
        Observation::NotOffered { .. } => "not offered",
        Observation::NoSpot { .. } => "no spot",
        Observation::Misfit { .. } => "misfit",
        Observation::Unlaunchable { .. } => "unlaunchable",
        Observation::LaunchFailed { .. } => "launch failed",
        Observation::Resumed(_) => "resumed",
        Observation::Abandoned(_) => "abandoned",
        Observation::Configured(_) => "configured",
        Observation::NameTaken { .. } => "name taken",
        Observation::RegistrationRefused { .. } => "registration refused",
        Observation::Unservable { .. } => "unservable",
        Observation::RegistrationAccepted { .. } => "registration accepted again",
        Observation::Overdue { .. } => "overdue",
        Observation::RateLimited { .. } => "rate limited",
        Observation::Retired(_) => "retired",
        Observation::Busy(_) => "busy",
        Observation::Stale(_) => "stale",
        Observation::TooOld(_) => "too old",
        Observation::Interrupted(_) => "interrupted",
        Observation::InstanceGone { .. } => "instance gone",
        Observation::EndedEarly { .. } => "ended early",
        Observation::Orphan(_) => "orphan",
        Observation::Zombie { .. } => "zombie",
        Observation::Published { .. } => "published",
        Observation::QueuedAgain(_) => "queued again",
        Observation::LostWebhook(_) => "lost webhook",
        Observation::Stranded(_) => "stranded",
        Observation::Cycle { .. } => "cycle",
        Observation::Tick { .. } => "tick",
        Observation::ReleaseOffered(_) => "release offered",
        Observation::ReleaseUnknown { .. } => "release unknown",
        Observation::ReleaseEnds { .. } => "release ends",
        Observation::NoLaunches { why: NoLaunches::Removed, .. } => "stopped",
        Observation::NoLaunches { why: NoLaunches::Paused, .. } => "paused",
        Observation::Prepared => "prepared",
        Observation::NothingEnded { .. } => "nothing ended",
        Observation::Ending { .. } => "ending",
        Observation::Ended { .. } => "ended",
        Observation::Failed { .. } => "failed",
    }
}

fn pool_words(pool: &Pool) -> String {
    format!("{:?} {} in {}", pool.market, pool.instance_type.as_str(), pool.subnet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_depends_on_time_kind_thing_and_order() {
        let fingerprint = |marks: &[(u64, u64, u64)]| {
            let mut trace = Trace::default();
            for (at, what, which) in marks {
                trace.record(Time::from_millis(*at), *what, *which);
            }
            trace.fingerprint()
        };
        let one = fingerprint(&[(1, 2, 3), (4, 5, 6)]);
        assert_eq!(one, fingerprint(&[(1, 2, 3), (4, 5, 6)]));
        for other in
            [[(4, 5, 6), (1, 2, 3)], [(2, 2, 3), (4, 5, 6)], [(1, 2, 3), (4, 5, 7)], [(1, 3, 3), (4, 5, 6)]]
        {
            assert_ne!(one, fingerprint(&other), "{other:?}");
        }
    }

    #[test]
    fn a_story_is_told_only_when_it_was_asked_for() {
        let began = Time::from_millis(1_000_000);
        let now = Time::from_millis(1_000_000 + 61_007);
        let mut told = Trace::new(began, true);
        told.tell(now, || "job 1 was queued");
        assert_eq!(told.story(), "   1:01.007  job 1 was queued\n");
        let mut silent = Trace::new(began, false);
        silent.tell(now, || -> &str { unreachable!("nobody listens") });
        assert_eq!(silent.story(), "");
    }

    #[test]
    fn a_message_is_told_in_words() {
        let queued = r#"{"version":1,"job":{"repository":"o/r","job_id":7,"run_attempt":2},"labels":["x"],"queued_at":1,"re_enqueued":0}"#;
        assert_eq!(body_words(queued), "job 7 of o/r, attempt 2 is queued");
        assert!(body_words("{").starts_with("something that is not a message"), "{}", body_words("{"));
    }
}
