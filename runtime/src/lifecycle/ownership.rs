//! Decides whether an event is about one of our runners: pure.
//!
//! Whoever administers a repository chooses the names of its runners, and GitHub signs the events of all repositories of
//! the App. So the name only says which record to look at. GitHub's id of the runner says whether the event is about it.

use jit_runners_model::{
    choices::RunnerScope,
    contract::message::{JobChange, JobEvent, Repository},
};

use crate::record::Runner;

/// Whether an event is about a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// It is.
    Own,
    /// It is about another runner, or about a job that the runner cannot have.
    Foreign,
    /// The event does not say GitHub's id of the runner, so nobody knows.
    Unproven,
    /// The runner's registration is not written yet.
    Early,
}

/// GitHub's id of the runner in `event`, if the event says it.
pub(super) const fn runner_id(event: &JobEvent) -> Option<u64> {
    match &event.change {
        JobChange::InProgress { runner_id: 0, .. } | JobChange::Waiting => None,
        JobChange::InProgress { runner_id, .. } => Some(*runner_id),
        JobChange::Completed { runner_id, .. } => *runner_id,
    }
}

/// Whether `event`, whose runner has the id `runner_id` as far as is known, is about `runner`.
pub(super) fn ownership(
    event: &JobEvent,
    runner_id: Option<u64>,
    runner: &Runner,
    scope: RunnerScope,
) -> Ownership {
    let has_it = runner.job.as_ref() == Some(&event.job);
    if !has_it && (runner.job.is_some() || !may_have_jobs_of(runner, &event.job.repository, scope)) {
        return Ownership::Foreign;
    }
    match (runner.registration, runner_id) {
        (Some(registration), Some(id)) if registration == id => Ownership::Own,
        (Some(_), Some(_)) => Ownership::Foreign,
        // It was proven when the runner got the job.
        (_, None) if has_it => Ownership::Own,
        (Some(_), None) => Ownership::Unproven,
        (None, _) => Ownership::Early,
    }
}

fn may_have_jobs_of(runner: &Runner, repository: &Repository, scope: RunnerScope) -> bool {
    match scope {
        RunnerScope::Repository => runner.repository == *repository,
        RunnerScope::Organization => runner.repository.owner().eq_ignore_ascii_case(repository.owner()),
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::contract::message::{JobRef, VERSION};

    use super::*;
    use crate::sample::{NOW, busy, job_ref, launched, listening, repository, usual_labels};

    fn event(job: JobRef, runner_id: u64) -> JobEvent {
        let change = JobChange::InProgress { runner_name: "jit-runners-i-1-1".to_owned(), runner_id };
        JobEvent { version: VERSION, job, labels: usual_labels(), change, at: NOW.as_millis() }
    }

    fn of(event: &JobEvent, runner: &Runner, scope: RunnerScope) -> Ownership {
        ownership(event, runner_id(event), runner, scope)
    }

    fn in_repository(event: &JobEvent, runner: &Runner) -> Ownership {
        of(event, runner, RunnerScope::Repository)
    }

    #[test]
    fn only_the_id_of_the_registration_makes_an_event_its_own() {
        assert_eq!(in_repository(&event(job_ref(7), 1), &listening(1)), Ownership::Own);
        assert_eq!(in_repository(&event(job_ref(7), 2), &listening(1)), Ownership::Foreign);
        assert_eq!(in_repository(&event(job_ref(7), 0), &listening(1)), Ownership::Unproven);
        assert_eq!(in_repository(&event(job_ref(7), 1), &launched(1)), Ownership::Early);
    }

    #[test]
    fn a_runner_has_one_job() {
        assert_eq!(in_repository(&event(job_ref(1), 1), &busy(1)), Ownership::Own);
        assert_eq!(in_repository(&event(job_ref(2), 1), &busy(1)), Ownership::Foreign);
        assert_eq!(in_repository(&event(job_ref(1), 0), &busy(1)), Ownership::Own, "it has the job already");
    }

    #[test]
    fn a_runner_has_jobs_of_its_repository_or_of_its_organization() {
        let other = |name: &str| JobRef { repository: Repository::new(name).unwrap(), ..job_ref(7) };
        assert_eq!(in_repository(&event(other("o/other"), 1), &listening(1)), Ownership::Foreign);
        let in_organization =
            |name: &str| of(&event(other(name), 1), &listening(1), RunnerScope::Organization);
        assert_eq!(in_organization("o/other"), Ownership::Own);
        assert_eq!(in_organization("p/other"), Ownership::Foreign);
    }

    #[test]
    fn a_renamed_repository_is_the_same_one() {
        let named = |name: &str| Repository::new(name).unwrap().with_id(5);
        let runner = Runner { repository: named(repository().as_str()), ..listening(1) };
        let renamed = JobRef { repository: named("o/new-name"), ..job_ref(7) };
        assert_eq!(in_repository(&event(renamed, 1), &runner), Ownership::Own);
    }
}
