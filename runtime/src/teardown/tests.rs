//! Removals at a GitHub that calls names taken, loses permissions, and does not answer.

use std::cell::{Cell, RefCell};

use jit_runners_model::{
    RunnerVersion,
    contract::{
        message::{JobRef, Repository},
        table::OpenKind,
    },
};

use super::*;
use crate::{
    port::{
        CommitError, Download, EndOfLife, Etagged, GithubJob, JitConfiguration, Page, RateLimit, Read,
        Refusal, Registered, Registration, Run, RunStatus, Write,
    },
    record::Item,
    sample::{NOW, deployment, launched, listening, outcome, repository},
    time::Time,
};

/// The registrations at GitHub: id, name, and how a removal is answered.
#[derive(Default)]
struct Fake {
    registered: RefCell<Vec<(u64, String, Answer)>>,
    /// Requests so far.
    requests: Cell<u32>,
    /// Nothing is answered.
    is_silent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Removed,
    HasJob,
    NotFound,
}

impl Fake {
    fn with(attempts: &[(u32, Answer)]) -> Self {
        let name = |attempt| RunnerName { instance: launched(1).instance, attempt }.text(&deployment());
        let registered =
            attempts.iter().map(|(attempt, answer)| (u64::from(*attempt), name(*attempt), *answer));
        Self { registered: RefCell::new(registered.collect()), ..Self::default() }
    }

    fn asked(&self) -> Result<(), GithubError> {
        self.requests.set(self.requests.get() + 1);
        if self.is_silent { Err(GithubError::Unknown("timed out".to_owned())) } else { Ok(()) }
    }

    fn remove_all(&self, runner: &Runner) -> Deregistration {
        let target = RegistrationTarget::Repository(repository());
        outcome(deregister_all(self, &deployment(), &target, runner))
    }

    fn left(&self) -> Vec<u64> {
        self.registered.borrow().iter().map(|(id, ..)| *id).collect()
    }
}

impl Clock for Fake {
    fn now(&self) -> Time {
        NOW
    }
    async fn sleep_until(&self, _: Time) {}
}

impl Observe for Fake {
    fn observe(&self, _: Observation) {}
}

/// There is nothing in the table, and it takes everything.
impl Table for Fake {
    async fn get(&self, _: &Key) -> Read<Option<Stored<Item>>> {
        Ok(None)
    }
    async fn commit(&self, _: Vec<Write>) -> Result<(), CommitError> {
        Ok(())
    }
    async fn open_of_label_set(&self, _: &str) -> Read<Vec<Stored<Item>>> {
        unreachable!()
    }
    async fn open_of_kind(&self, _: OpenKind) -> Read<Vec<Stored<Item>>> {
        unreachable!()
    }
}

impl Github for Fake {
    async fn remove(&self, _: &RegistrationTarget, id: u64) -> Result<(), GithubError> {
        self.asked()?;
        let refused = |status| {
            let message = "no".to_owned();
            let refusal = Refusal { status, message, retry_after: None, rate_limit: None, token_age: None };
            Err(GithubError::Refused(refusal))
        };
        let answer = self.registered.borrow().iter().find(|(it, ..)| *it == id).map(|(.., answer)| *answer);
        match answer {
            Some(Answer::Removed) => {
                self.registered.borrow_mut().retain(|(it, ..)| *it != id);
                Ok(())
            }
            Some(Answer::HasJob) => refused(422),
            Some(Answer::NotFound) | None => refused(404),
        }
    }

    async fn find(&self, _: &RegistrationTarget, name: &str) -> Result<Option<Registered>, GithubError> {
        self.asked()?;
        let registered = self.registered.borrow();
        Ok(registered.iter().find(|(_, it, _)| it == name).map(|(id, name, _)| Registered {
            id: *id,
            name: name.clone(),
            online: false,
            busy: false,
        }))
    }

    async fn register(&self, _: &Registration) -> Result<JitConfiguration, GithubError> {
        unreachable!("a removal registers nothing")
    }
    async fn runners(&self, _: &RegistrationTarget, _: u32) -> Result<Vec<Registered>, GithubError> {
        unreachable!("names are looked for one by one")
    }
    async fn job(&self, _: &JobRef) -> Result<Option<GithubJob>, GithubError> {
        unreachable!()
    }
    async fn runs(
        &self,
        _: &Repository,
        _: RunStatus,
        _: u32,
        _: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError> {
        unreachable!()
    }
    async fn jobs(&self, _: &Repository, _: u64, _: Page) -> Result<Vec<GithubJob>, GithubError> {
        unreachable!()
    }
    async fn repositories(&self, _: u32) -> Result<Vec<Repository>, GithubError> {
        unreachable!()
    }
    async fn downloads(&self, _: &RegistrationTarget) -> Result<Vec<Download>, GithubError> {
        unreachable!()
    }
    async fn end_of_life(&self, _: &RegistrationTarget, _: &RunnerVersion) -> Result<EndOfLife, GithubError> {
        unreachable!()
    }
    fn renamed(&self, _: &Repository) -> Option<Repository> {
        None
    }
    fn rate_limit(&self) -> Option<RateLimit> {
        None
    }
}

#[test]
fn a_404_is_believed_once_the_list_agrees() {
    let gone = Fake::default();
    assert_eq!((gone.remove_all(&listening(1)), gone.requests.get()), (Deregistration::Gone, 3));
    let hidden = Fake::with(&[(1, Answer::NotFound)]);
    assert_eq!(hidden.remove_all(&listening(1)), Deregistration::Unclear, "the permission may be lost");
    let another = Fake::with(&[(1, Answer::HasJob)]);
    let successor = Runner { registration: Some(7), attempt: 1, ..listening(1) };
    assert_eq!(another.remove_all(&successor), Deregistration::Gone, "the name belongs to another id");
}

#[test]
fn one_request_shows_that_a_runner_was_never_registered() {
    let fake = Fake::default();
    assert_eq!((fake.remove_all(&launched(1)), fake.requests.get()), (Deregistration::Gone, 1));
}

#[test]
fn a_registration_behind_a_name_that_nobody_has_is_found() {
    let fake = Fake::with(&[(3, Answer::Removed)]);
    let runner = Runner { names_taken: 2, ..launched(1) };
    assert_eq!((fake.remove_all(&runner), fake.left()), (Deregistration::Gone, Vec::new()));
    let known = Fake::with(&[(2, Answer::Removed), (3, Answer::Removed)]);
    let runner = Runner { attempt: 2, registration: Some(2), names_taken: 1, ..listening(1) };
    assert_eq!((known.remove_all(&runner), known.left()), (Deregistration::Gone, Vec::new()));
}

#[test]
fn the_others_are_removed_although_one_has_a_job() {
    let fake = Fake::with(&[(1, Answer::Removed), (2, Answer::HasJob), (3, Answer::Removed)]);
    let runner = Runner { attempt: 2, registration: Some(2), names_taken: 1, ..listening(1) };
    assert_eq!((fake.remove_all(&runner), fake.left()), (Deregistration::Busy, vec![2]));
}

#[test]
fn nothing_is_concluded_from_silence() {
    let fake = Fake { is_silent: true, ..Fake::default() };
    assert_eq!(fake.remove_all(&listening(1)), Deregistration::Unclear);
    assert_eq!(fake.remove_all(&launched(1)), Deregistration::Unclear);
}
