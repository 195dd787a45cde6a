//! Words for what happens, for people who read a run as a story.

use jit_runners_model::contract::message::{JobChange, JobRef};
use jit_runners_runtime::{
    message::{LifecycleEvent, decode_event, decode_job},
    port::{Deferral, Observation},
    record::Pool,
};

/// A message of either queue.
pub(crate) fn body_words(body: &str) -> String {
    if let Ok(message) = decode_job(body) {
        return format!("{} is queued", job(&message.job));
    }
    match decode_event(body) {
        Ok(LifecycleEvent::Job(event)) => match event.change {
            JobChange::InProgress { runner_name, .. } => format!("{} runs on {runner_name}", job(&event.job)),
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
        Observation::Stopped { jobs } => format!("launches are stopped, and {jobs} jobs wait"),
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
        Observation::Stopped { .. } => "stopped",
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
    fn a_message_is_told_in_words() {
        let queued = r#"{"version":1,"job":{"repository":"o/r","job_id":7,"run_attempt":2},"labels":["x"],"queued_at":1,"re_enqueued":0}"#;
        assert_eq!(body_words(queued), "job 7 of o/r, attempt 2 is queued");
        assert!(body_words("{").starts_with("something that is not a message"), "{}", body_words("{"));
    }
}
