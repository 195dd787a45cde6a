//! Decides what the event of a job changes: pure.

use jit_runners_model::contract::{
    message::{JobChange, JobEvent},
    table::{JobState, label_set_key},
};

use crate::{
    port::{Observation, Stored, Write},
    record::{Job, Runner},
    time::Time,
};

/// GitHub's conclusion for a successful job.
const SUCCESS: &str = "success";

/// What an event changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    /// The job, as it is now known.
    pub job: Option<Stored<Job>>,
    /// The runner, as it is now known.
    pub runner: Option<Stored<Runner>>,
    /// Changes, all or none.
    pub writes: Vec<Write>,
    /// What to tell.
    pub observations: Vec<Observation>,
    /// Label sets whose demand and supply did not change together: there may be a gap or a surplus.
    pub unbalanced: Vec<String>,
}

/// Whether `event` says that GitHub holds a job of which it last said that it waits for a runner. Webhooks come in any order,
/// so this one may be older than what was heard, and GitHub is asked.
pub(super) fn would_hold(event: &JobEvent, job: Option<&Stored<Job>>) -> bool {
    event.change == JobChange::Waiting && job.is_some_and(|job| job.item.is_waiting())
}

/// Decides what `event` changes.
pub(super) fn decide(event: &JobEvent, job: Option<Stored<Job>>, runner: Option<Stored<Runner>>) -> Decision {
    let at = Time::from_millis(event.at);
    let known = job.clone();
    let mut job = job.unwrap_or_else(|| Stored {
        revision: None,
        item: Job::queued(event.job.clone(), event.labels.clone(), at),
    });
    job.item.learn_name(&event.job.repository);
    let mut decision = Decision::default();
    let was = job.item.state;
    let own_set = label_set_key(&event.job.repository, &event.labels);
    let before = runner.clone();
    let mut runner = runner;
    match &event.change {
        JobChange::Waiting => {
            let was_held = job.item.is_held();
            job.item.hold(at);
            // The runner that was launched for it is too many, unless another job takes it.
            if known.is_some() && job.item.is_held() && !was_held {
                decision.unbalanced.push(own_set.clone());
            }
        }
        JobChange::InProgress { .. } => {
            if job.item.advance(JobState::Running) {
                decision.observations.push(Observation::JobStarted {
                    job: event.job.clone(),
                    after: at.since(job.item.queued_at),
                });
            }
            if let Some(runner) = &mut runner {
                bind(&mut runner.item, event);
            }
        }
        JobChange::Completed { runner_name, conclusion, .. } => {
            if job.item.advance(JobState::Completed) {
                decision.observations.push(Observation::JobCompleted(event.job.clone()));
            }
            if let Some(runner) = &mut runner {
                bind(&mut runner.item, event);
                let runner = &mut runner.item;
                runner.job_done = true;
                // GitHub removes the registration of a runner that saw the end of its job. If the instance ended
                // first, the registration may be left; so may an earlier one whose answer was lost.
                let reported = conclusion == SUCCESS || !runner.instance_gone;
                runner.registration_gone |= reported && runner.attempt <= 1;
            }
            if runner_name.is_none() {
                decision.unbalanced.push(own_set.clone());
            }
        }
    }
    if let Some(runner) = &runner {
        let its_set = label_set_key(&runner.item.repository, &runner.item.labels);
        let took_it =
            before.as_ref().is_some_and(|before| before.item.job.is_none()) && was == JobState::Queued;
        if its_set != own_set && took_it {
            decision.unbalanced.extend([its_set, own_set]);
        }
        if before.as_ref() != Some(runner) {
            decision.writes.push(runner.write());
        }
    }
    if known.as_ref() != Some(&job) {
        decision.writes.push(job.write());
    }
    decision.job = Some(if known.as_ref() == Some(&job) { job } else { job.committed() });
    decision.runner = match (before, runner) {
        (Some(before), Some(runner)) if before != runner => Some(runner.committed()),
        (_, runner) => runner,
    };
    decision
}

fn bind(runner: &mut Runner, event: &JobEvent) {
    if runner.job.is_none() {
        runner.job = Some(event.job.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jit_runners_model::contract::message::VERSION;
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{NOW, first, job, job_ref, labels, listening, usual_labels};

    fn event(change: JobChange) -> JobEvent {
        let labels = usual_labels();
        JobEvent { version: VERSION, job: job_ref(1), labels, change, at: NOW.as_millis() }
    }

    fn started() -> JobEvent {
        event(JobChange::InProgress { runner_name: "jit-runners-i-1-1".to_owned(), runner_id: 1 })
    }

    fn completed(runner_name: Option<&str>) -> JobEvent {
        let runner_id = runner_name.map(|_| 1);
        let runner_name = runner_name.map(str::to_owned);
        event(JobChange::Completed { runner_name, runner_id, conclusion: SUCCESS.to_owned() })
    }

    #[test]
    fn a_job_that_is_held_needs_no_runner() {
        let waiting = event(JobChange::Waiting);
        let decision = decide(&waiting, Some(first(job(1))), None);
        assert_eq!(decision.unbalanced.len(), 1, "its runner is too many");
        let held = decision.job.unwrap().item;
        assert!(held.is_held() && held.is_queued() && !held.is_waiting());
        let again = decide(&waiting, Some(first(held)), None);
        assert!(again.unbalanced.is_empty() && again.writes.is_empty(), "a second webhook says nothing new");
        let unknown = decide(&waiting, None, None);
        assert!(unknown.unbalanced.is_empty(), "nothing was launched for it");
        assert!(unknown.job.is_some_and(|job| job.item.is_held()));
    }

    #[test]
    fn only_a_webhook_that_would_hold_a_waiting_job_is_asked_about() {
        let waiting = event(JobChange::Waiting);
        assert!(would_hold(&waiting, Some(&first(job(1)))));
        assert!(!would_hold(&waiting, None), "nothing was heard that could be newer");
        let held = decide(&waiting, Some(first(job(1))), None).job.unwrap();
        assert!(!would_hold(&waiting, Some(&held)));
        assert!(!would_hold(&started(), Some(&first(job(1)))));
        assert!(!would_hold(&completed(None), Some(&first(job(1)))));
    }

    #[test]
    fn a_webhook_that_is_older_than_the_last_says_nothing() {
        let mut announced = job(1);
        announced.announce(NOW + Duration::from_secs(1));
        let decision = decide(&event(JobChange::Waiting), Some(first(announced)), None);
        assert!(decision.job.is_some_and(|job| job.item.is_waiting()));
    }

    #[test]
    fn a_job_that_never_started_leaves_its_runner_without_one() {
        let decision = decide(&completed(None), Some(first(job(1))), None);
        assert_eq!(decision.unbalanced.len(), 1);
        assert!(decision.job.is_some_and(|job| job.item.state == JobState::Completed));
    }

    #[test]
    fn a_runner_that_takes_a_job_of_other_labels_leaves_both_unbalanced() {
        let other = Runner { labels: labels("self-hosted linux large"), ..listening(2) };
        let decision = decide(&started(), Some(first(job(1))), Some(first(other)));
        assert_eq!(decision.unbalanced.len(), 2);
        let own = decide(&started(), Some(first(job(1))), Some(first(listening(2))));
        assert!(own.unbalanced.is_empty(), "the normal path leaves nothing to settle");
    }

    proptest! {
        /// The same events in any order and number end in the same state, and no state goes back.
        #[test]
        fn order_and_number_of_events_do_not_matter(steps in prop::collection::vec(0..3_u8, 0..8)) {
            // Each event comes at least once, after whatever came before.
            let mut job = first(job(1));
            let mut runner = first(listening(1));
            for step in steps.into_iter().chain([0, 1, 2]) {
                let event = match step {
                    0 => started(),
                    1 => completed(Some("jit-runners-i-1-1")),
                    _ => {
                        let before = runner.item.state();
                        runner.item.instance_gone = true;
                        prop_assert!(before <= runner.item.state());
                        continue;
                    }
                };
                let before = (job.item.state, runner.item.state());
                let decision = decide(&event, Some(job.clone()), Some(runner.clone()));
                job = decision.job.unwrap_or(job);
                runner = decision.runner.unwrap_or(runner);
                prop_assert!(before.0 <= job.item.state && before.1 <= runner.item.state());
            }
            prop_assert_eq!(job.item.state, JobState::Completed);
            let end = Runner {
                job: Some(job_ref(1)),
                job_done: true,
                instance_gone: true,
                registration_gone: true,
                ..listening(1)
            };
            prop_assert_eq!(runner.item, end);
        }
    }
}
