//! Decides what follows from an event: pure.

use jit_runners_model::contract::{
    environment::Id,
    message::{JobEvent, JobMessage, JobRef, VERSION},
};

use super::decode::{Change, Event, Ignored, ReportedJob};
use crate::time::Time;

/// What follows from an event: one message, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Scale-up is told of a queued job.
    PublishJob(JobMessage),
    /// Lifecycle is told what happened to a job.
    PublishEvent(JobEvent),
    /// Somebody has to be told that a job cannot be served.
    TellUnservable(JobRef, Ignored),
    /// It is nothing for us.
    Nothing(Ignored),
}

/// Decides for the App's installation `ours`. An event without a time happened `now`, and no event happened later than
/// that: GitHub's clock may be ahead of ours.
///
/// An App has one webhook for all its installations, so events of others come, too. Our token reaches none of their
/// repositories. Webhooks that an App has not sent name no installation.
pub fn decide(event: Event, ours: Id, now: Time) -> Decision {
    let is_foreign = |installation: Option<u64>| installation.is_some_and(|it| it != ours.0);
    let ReportedJob { job, labels, change, at, .. } = match event {
        Event::Job(ReportedJob { installation, .. }) | Event::Unservable { installation, .. }
            if is_foreign(installation) =>
        {
            return Decision::Nothing(Ignored::Installation);
        }
        Event::Job(job) => job,
        Event::Unservable { job, why, .. } => return Decision::TellUnservable(job, why),
        Event::Ignored(ignored) => return Decision::Nothing(ignored),
    };
    let at = at.unwrap_or(now).min(now).as_millis();
    match change {
        Change::Queued => Decision::PublishJob(JobMessage {
            version: VERSION,
            job,
            labels,
            queued_at: at,
            received_at: now.as_millis(),
            re_enqueued: 0,
        }),
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
        contract::message::{JobChange, Repository},
    };

    use super::*;

    const NOW: Time = Time::from_millis(10_000);
    const OURS: Id = Id(42);

    fn reported(change: Change, at: Option<Time>) -> Event {
        let job = JobRef { repository: Repository::new("octo/cat").unwrap(), job_id: 7, run_attempt: 2 };
        let labels = [Label::new("self-hosted").unwrap()].into();
        Event::Job(ReportedJob { job, labels, change, at, installation: Some(OURS.0) })
    }

    #[test]
    fn a_job_that_no_runner_can_have_is_told_unless_it_is_of_another_installation() {
        let Event::Job(ReportedJob { job, .. }) = reported(Change::Queued, None) else { panic!() };
        let of = |installation| {
            let event = Event::Unservable { job: job.clone(), installation, why: Ignored::Label };
            decide(event, OURS, NOW)
        };
        assert_eq!(of(Some(43)), Decision::Nothing(Ignored::Installation));
        for ours in [Some(OURS.0), None] {
            assert_eq!(of(ours), Decision::TellUnservable(job.clone(), Ignored::Label));
        }
    }

    #[test]
    fn jobs_of_other_installations_are_ignored() {
        let of = |installation| {
            let Event::Job(job) = reported(Change::Queued, None) else { panic!() };
            decide(Event::Job(ReportedJob { installation, ..job }), OURS, NOW)
        };
        assert_eq!(of(Some(43)), Decision::Nothing(Ignored::Installation));
        assert!(matches!(of(Some(42)), Decision::PublishJob(_)));
        assert!(matches!(of(None), Decision::PublishJob(_)), "a webhook of a repository, not of an App");
    }

    #[test]
    fn a_queued_job_goes_to_scale_up() {
        let earlier = NOW - Duration::from_secs(3);
        let Decision::PublishJob(message) = decide(reported(Change::Queued, Some(earlier)), OURS, NOW) else {
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
            JobChange::Completed { runner_name: None, runner_id: None, conclusion: "cancelled".into() },
        ];
        for change in changes {
            let event = reported(Change::Moved(change.clone()), Some(Time::from_millis(9_500)));
            let Decision::PublishEvent(message) = decide(event, OURS, NOW) else { panic!() };
            assert_eq!((message.version, message.at, message.change), (VERSION, 9_500, change));
            assert_eq!((message.job.job_id, message.job.run_attempt), (7, 2));
        }
    }

    #[test]
    fn nothing_happens_later_than_now() {
        for at in [None, Some(NOW + Duration::from_mins(1))] {
            let Decision::PublishJob(message) = decide(reported(Change::Queued, at), OURS, NOW) else {
                panic!()
            };
            assert_eq!(message.queued_at, NOW.as_millis());
        }
    }

    #[test]
    fn what_is_ignored_leads_to_nothing() {
        let decision = decide(Event::Ignored(Ignored::Action), OURS, NOW);
        assert_eq!(decision, Decision::Nothing(Ignored::Action));
    }
}
