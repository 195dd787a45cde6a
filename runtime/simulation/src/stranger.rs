//! What strangers send to the webhook's address. GitHub signs it, because it is about their own jobs.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::{port::RegistrationTarget, webhook::Request};

use crate::{
    github::{Action, GithubEvent, OUR_INSTALLATION, StrangersEvent, THEIR_RUNNER},
    world::World,
};

/// Whose name the runner of a stranger's job has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// One of their own.
    Nobody,
    /// Our latest runner with a job.
    Busy,
    /// Our latest runner without a job.
    Idle,
}

/// Which id of a runner a stranger's event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// None.
    Null,
    /// 0.
    Zero,
    /// That of their own runner.
    Theirs,
    /// That of our runner whose name it has, if the runner gets no jobs of the repository. GitHub sends none of these.
    /// Somebody who has the webhook's secret can.
    Ours,
}

/// A stranger's event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// The repository of the job.
    pub repository: Repository,
    /// The installation of that repository.
    pub installation: u64,
    /// What is said to have happened.
    pub action: Action,
    /// The labels of the job.
    pub labels: BTreeSet<Label>,
    /// Whose name its runner has.
    pub aim: Aim,
    /// Which id its runner has.
    pub claim: Claim,
    /// How old the job is.
    pub age: Duration,
}

impl World {
    /// A stranger's event reaches the webhook's address. Nothing happens if there is no runner to aim at.
    pub fn stranger(&mut self, stranger: Stranger) {
        let Stranger { repository, installation, action, labels, aim, claim, age } = stranger;
        let aimed_at = |busy: bool| {
            let runners = self.github.registrations().filter(|it| it.job.is_some() == busy);
            runners
                .max_by_key(|it| it.id)
                .map(|it| (it.name.to_owned(), it.id, serves(it.target, &repository)))
        };
        let aimed_at = match aim {
            Aim::Nobody => Some(("their-runner".to_owned(), THEIR_RUNNER, false)),
            Aim::Busy => aimed_at(true),
            Aim::Idle => aimed_at(false),
        };
        let Some((name, id, serves)) = aimed_at else { return };
        let runner_id = match claim {
            Claim::Null => None,
            Claim::Zero => Some(0),
            Claim::Ours if !serves || installation != OUR_INSTALLATION => Some(id),
            Claim::Theirs | Claim::Ours => Some(THEIR_RUNNER),
        };
        self.tell(|| {
            let (action, place) = (action.as_str(), repository.as_str());
            format!("a stranger in {place} says that a job is {action} on {name}, id {runner_id:?}")
        });
        let has_runner = matches!(action, Action::InProgress | Action::Completed);
        let event = StrangersEvent {
            repository,
            installation,
            action,
            labels,
            runner_name: has_runner.then_some(name),
            runner_id: runner_id.filter(|_| has_runner),
            age,
        };
        if let GithubEvent::Webhook { headers, body } = self.github.strangers_event(self.now, event) {
            self.trace.record(self.now, 0x600, u64::try_from(body.len()).unwrap_or(u64::MAX));
            self.receive_request(Request::new(headers, body));
        }
    }
}

/// Whether runners of `target` may get jobs of `repository`.
fn serves(target: &RegistrationTarget, repository: &Repository) -> bool {
    match target {
        RegistrationTarget::Repository(its) => its.as_str() == repository.as_str(),
        RegistrationTarget::Organization(owner) => owner == repository.owner(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::WorldSettings;

    fn sent(aim: Aim, claim: Claim) -> u32 {
        let mut world = World::new(WorldSettings::quiet(1)).unwrap();
        world.stranger(Stranger {
            repository: Repository::new("mallory/app").unwrap(),
            installation: OUR_INSTALLATION,
            action: Action::InProgress,
            labels: [Label::new("self-hosted").unwrap()].into(),
            aim,
            claim,
            age: Duration::ZERO,
        });
        world.github.happened().strangers_events
    }

    #[test]
    fn a_stranger_needs_a_runner_to_aim_at() {
        assert_eq!(sent(Aim::Nobody, Claim::Theirs), 1);
        assert_eq!((sent(Aim::Busy, Claim::Ours), sent(Aim::Idle, Claim::Null)), (0, 0));
    }

    #[test]
    fn runners_serve_their_repository_or_their_organization() {
        let named = |name: &str| Repository::new(name).unwrap();
        let of_repository = RegistrationTarget::Repository(named("octo/one"));
        let of_organization = RegistrationTarget::Organization("octo".to_owned());
        assert!(serves(&of_repository, &named("octo/one")) && serves(&of_organization, &named("octo/two")));
        assert!(
            !serves(&of_repository, &named("octo/two")) && !serves(&of_organization, &named("other/one"))
        );
    }
}
