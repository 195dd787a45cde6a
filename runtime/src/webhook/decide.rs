//! Decides what follows from an event: pure.

use jit_runners_model::contract::message::{JobEvent, JobMessage, VERSION};

use super::decode::{Change, Event, Ignored, ReportedJob};
use crate::time::Time;

/// What follows from an event: one message, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Scale-up is told of a queued job.
    PublishJob(JobMessage),
    /// Lifecycle is told what happened to a job.
    PublishEvent(JobEvent),
    /// It is nothing for us.
    Nothing(Ignored),
}

/// Decides. An event without a time happened `now`, and no event happened later than that: GitHub's clock may be
/// ahead of ours.
pub fn decide(event: Event, now: Time) -> Decision {
    let ReportedJob { job, labels, change, at } = match event {
        Event::Job(job) => job,
        Event::Ignored(ignored) => return Decision::Nothing(ignored),
    };
    let at = at.unwrap_or(now).min(now).as_millis();
    match change {
        Change::Queued => {
            Decision::PublishJob(JobMessage { version: VERSION, job, labels, queued_at: at, re_enqueued: 0 })
        }
        Change::Moved(change) => {
            Decision::PublishEvent(JobEvent { version: VERSION, job, labels, change, at })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jit_runners_model::{
        Label,
        contract::message::{JobChange, JobRef, Repository},
    };

    use super::*;

    const NOW: Time = Time::from_millis(10_000);

    fn reported(change: Change, at: Option<Time>) -> Event {
        let job = JobRef { repository: Repository::new("octo/cat").unwrap(), job_id: 7, run_attempt: 2 };
        Event::Job(ReportedJob { job, labels: [Label::new("self-hosted").unwrap()].into(), change, at })
    }

    #[test]
    fn a_queued_job_goes_to_scale_up() {
        let earlier = NOW - Duration::from_secs(3);
        let Decision::PublishJob(message) = decide(reported(Change::Queued, Some(earlier)), NOW) else {
            panic!()
        };
        assert_eq!((message.version, message.queued_at, message.re_enqueued), (VERSION, 7_000, 0));
        assert_eq!((message.job.job_id, message.job.run_attempt), (7, 2));
        assert_eq!(message.labels, [Label::new("self-hosted").unwrap()].into());
    }

    #[test]
    fn what_happens_to_a_job_goes_to_lifecycle() {
        let changes = [
            JobChange::InProgress { runner_name: "jit-i-0abc-1".into(), runner_id: 8 },
            JobChange::Completed { runner_name: None, conclusion: "cancelled".into() },
        ];
        for change in changes {
            let event = reported(Change::Moved(change.clone()), Some(Time::from_millis(9_500)));
            let Decision::PublishEvent(message) = decide(event, NOW) else { panic!() };
            assert_eq!((message.version, message.at, message.change), (VERSION, 9_500, change));
            assert_eq!((message.job.job_id, message.job.run_attempt), (7, 2));
        }
    }

    #[test]
    fn nothing_happens_later_than_now() {
        for at in [None, Some(NOW + Duration::from_mins(1))] {
            let Decision::PublishJob(message) = decide(reported(Change::Queued, at), NOW) else { panic!() };
            assert_eq!(message.queued_at, NOW.as_millis());
        }
    }

    #[test]
    fn what_is_ignored_leads_to_nothing() {
        let decision = decide(Event::Ignored(Ignored::Action), NOW);
        assert_eq!(decision, Decision::Nothing(Ignored::Action));
    }
}
