//! Repositories: their names, which change, and to whom they belong.

use std::collections::BTreeMap;

use jit_runners_model::contract::message::Repository;
use jit_runners_runtime::{port::RegistrationTarget, time::Time};

use super::{GithubWorld, Grouped, OwnerState, RunList, demand::LISTS, limit::Endpoint, refusal::Answer};

/// Our installation of the App.
pub const OUR_INSTALLATION: u64 = 1;

/// A repository, with what is open in it.
pub(super) struct RepositoryState {
    /// Its names, the present one last.
    names: Vec<Repository>,
    /// The installation that it belongs to.
    pub installation: u64,
    pub owner: usize,
    /// Where its runners are, once it had one.
    pub target: Option<usize>,
    pub queued: Grouped,
    /// Its runs, by the list that they are in.
    pub runs: [RunList; LISTS],
}

impl RepositoryState {
    /// Its present name.
    pub(super) fn name(&self) -> &Repository {
        // There is always one.
        &self.names[self.names.len() - 1]
    }

    /// The number of its present name.
    pub(super) const fn name_number(&self) -> usize {
        self.names.len() - 1
    }

    /// The name of that number.
    pub(super) fn name_of(&self, number: usize) -> &Repository {
        &self.names[number]
    }

    /// All its names.
    pub(super) fn names(&self) -> &[Repository] {
        &self.names
    }

    /// Whether it belongs to our installation.
    pub(super) const fn is_ours(&self) -> bool {
        self.installation == OUR_INSTALLATION
    }
}

/// Repositories by every name that they have had.
#[derive(Default)]
pub(super) struct Names {
    ours: BTreeMap<String, usize>,
    foreign: BTreeMap<(u64, String), usize>,
}

impl GithubWorld {
    /// Renames a repository, or transfers it if the owner is another one. Requests with the old name are redirected,
    /// and webhooks carry the new name. Returns false if there is no such repository, or if the new name is taken.
    pub fn rename(&mut self, now: Time, from: &Repository, to: &Repository) -> bool {
        let Some(index) = self.known_repository(from) else { return false };
        let taken = self
            .known_repository(to)
            .is_some_and(|other| other != index && self.repositories[other].name().as_str() == to.as_str());
        if taken {
            return false;
        }
        let (before, owner) = (self.repositories[index].owner, self.owner(to.owner()));
        let state = &mut self.repositories[index];
        state.names.push(named(to, index));
        state.owner = owner;
        self.names.ours.insert(to.as_str().to_owned(), index);
        if let Some(target) = state.target {
            self.targets[target].target = RegistrationTarget::Repository(named(to, index));
        }
        self.happened.renames += 1;
        if before != owner {
            self.change_owner(now, index, before);
        }
        true
    }

    /// The present name of a repository that was renamed; `None` if this is its name, or if there is no such
    /// repository.
    pub fn renamed(&self, repository: &Repository) -> Option<Repository> {
        let name = self.repositories[self.known_repository(repository)?].name();
        (name.as_str() != repository.as_str()).then(|| name.clone())
    }

    /// The repository's index in the list, to which it is added if necessary.
    pub(super) fn repository(&mut self, repository: &Repository) -> usize {
        if let Some(index) = self.known_repository(repository) {
            return index;
        }
        let index = self.add(OUR_INSTALLATION, repository);
        self.names.ours.insert(repository.as_str().to_owned(), index);
        index
    }

    /// The index of another installation's repository, which is added if necessary. It cannot be reached by our calls.
    pub(super) fn foreign_repository(&mut self, installation: u64, repository: &Repository) -> usize {
        let key = (installation, repository.as_str().to_owned());
        if let Some(index) = self.names.foreign.get(&key) {
            return *index;
        }
        let index = self.add(installation, repository);
        self.names.foreign.insert(key, index);
        index
    }

    /// The index of a repository of ours that has, or had, this name.
    pub(super) fn known_repository(&self, repository: &Repository) -> Option<usize> {
        self.names.ours.get(repository.as_str()).copied()
    }

    /// The index of the repository that a call names. A call with an old name is redirected: that is one more request
    /// (<https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects>).
    pub(super) fn reach(&mut self, now: Time, repository: &Repository) -> Result<usize, Answer> {
        let index = self.known_repository(repository).ok_or(Answer::NotFound)?;
        if self.repositories[index].name().as_str() != repository.as_str() {
            self.happened.redirects += 1;
            self.limits.count(now, Endpoint::Redirect);
            self.limits.admit(now, Endpoint::Redirect, None, &self.settings).map_err(Answer::Limited)?;
        }
        Ok(index)
    }

    /// The index of a user or organization.
    pub(super) fn owner(&mut self, name: &str) -> usize {
        if let Some(index) = self.owner_by_name.get(name) {
            return *index;
        }
        let index = self.owners.len();
        self.owners.push(OwnerState { name: name.to_owned(), target: None, queued: Grouped::default() });
        self.owner_by_name.insert(name.to_owned(), index);
        index
    }

    fn add(&mut self, installation: u64, repository: &Repository) -> usize {
        let owner = self.owner(repository.owner());
        let index = self.repositories.len();
        self.repositories.push(RepositoryState {
            names: vec![named(repository, index)],
            installation,
            owner,
            target: None,
            queued: Grouped::default(),
            runs: Default::default(),
        });
        index
    }

    /// Queued jobs of a repository that was transferred wait for runners of the new owner.
    fn change_owner(&mut self, now: Time, repository: usize, before: usize) {
        let state = &self.repositories[repository];
        let after = state.owner;
        let queued: Vec<_> =
            state.queued.0.iter().flat_map(|(labels, jobs)| jobs.iter().map(|job| (*labels, *job))).collect();
        for (labels, job) in queued {
            self.owners[before].queued.remove(labels, job);
            self.owners[after].queued.insert(labels, job);
            self.seek_runner_later(now, job);
        }
    }
}

/// The repository as webhooks and lists tell it.
fn named(repository: &Repository, index: usize) -> Repository {
    repository.clone().with_id(repository_id(index))
}

/// The id of a repository.
pub(super) fn repository_id(index: usize) -> u64 {
    u64::try_from(index).unwrap_or_default() + 1
}
