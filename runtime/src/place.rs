//! Where runners are registered.

use jit_runners_model::{choices::RunnerScope, contract::message::Repository};

use crate::port::Place;

/// The place for runners of `repository`.
pub fn place(scope: RunnerScope, repository: &Repository) -> Place {
    match scope {
        RunnerScope::Repository => Place::Repository(repository.clone()),
        RunnerScope::Organization => Place::Organization(repository.owner().to_owned()),
    }
}
