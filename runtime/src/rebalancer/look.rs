//! Looks for lost webhooks in GitHub's lists, request by request.
//!
//! A lost job is recorded and published as soon as its run was read. A run or a repository that GitHub does not tell
//! about stops nothing else.

use std::time::Duration;

use jit_runners_model::contract::{message::JobMessage, table::Key};

use super::{
    Requests,
    decide::{Listed, Missing, hold, listed, missing},
    learn,
    plan::{self, Blame, Request, Stop},
};
use crate::{
    ledger::{Ledger, publish},
    port::{
        Clock, Etagged, Github, GithubError, GithubJob, Observation, Observe, Page, PublishJobs, RunStatus,
        Table,
    },
    record::Job,
    retry::{GithubClass, github_class},
    store::{self, StoreError},
    time::Time,
};

/// What a request takes at most.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// What one tick found out.
pub(super) struct Look<'a, P> {
    pub(super) ports: &'a P,
    pub(super) ledger: &'a Ledger,
    pub(super) stops: Vec<Stop>,
    /// Jobs that were found and published, by repository: the indexes are those of the stops.
    pub(super) published: Vec<(usize, usize)>,
}

impl<P: Table + Github + PublishJobs + Clock + Observe> Look<'_, P> {
    /// Makes requests until none is due or left, or until `deadline`.
    pub(super) async fn run(&mut self, left: &mut Requests, deadline: Time) -> Result<(), StoreError> {
        let (began, most) = (self.ports.now(), left.left());
        while self.ports.now() + REQUEST_TIME <= deadline {
            let Some(request) = plan::next(&self.stops, most, began).filter(|_| left.take()) else { break };
            let waits = match request {
                Request::Runs { stop, status, page } => self.runs(stop, status, page).await,
                Request::Jobs { stop, run, page } => self.jobs(stop, run, page).await?,
            };
            if waits == Waits::Yes {
                break;
            }
        }
        learn::conclude(&mut self.stops, self.ports.now());
        Ok(())
    }

    async fn runs(&mut self, index: usize, status: RunStatus, page: u32) -> Waits {
        let now = self.ports.now();
        let Some(stop) = self.stops.get_mut(index) else { return Waits::No };
        stop.lists += 1;
        stop.lesser += u32::from(status != RunStatus::Queued);
        let list = stop.visit.list_mut(status);
        let known = if page == 1 {
            list.asked_at = now;
            list.etag.clone()
        } else {
            list.next_asked_at = now;
            None
        };
        match self.ports.runs(&stop.visit.repository, status, page, known.as_deref()).await {
            Ok(found) => {
                answered(self.ports, stop, now);
                if let Etagged::Changed { value: runs, etag } = found {
                    learn::listed(&mut stop.visit, status, page, &runs, now);
                    if page == 1 {
                        stop.visit.list_mut(status).etag = Some(etag);
                    }
                }
                Waits::No
            }
            Err(error) => {
                stop.failed = Some(blame(&error, now));
                self.failed("a repository was not looked at", &error)
            }
        }
    }

    async fn jobs(&mut self, index: usize, run: u64, page: Page) -> Result<Waits, StoreError> {
        let now = self.ports.now();
        let Some(stop) = self.stops.get_mut(index) else { return Ok(Waits::No) };
        stop.jobs += 1;
        match self.ports.jobs(&stop.visit.repository, run, page).await {
            Ok(jobs) => {
                answered(self.ports, stop, now);
                let (lost, again) = self.lost(&jobs).await?;
                if let Some(stop) = self.stops.get_mut(index) {
                    learn::told(&mut stop.visit, run, jobs.len(), again, now);
                    if !lost.is_empty() {
                        stop.visit.active_at = now;
                        self.published.push((index, lost.len()));
                    }
                }
                publish(self.ports, lost).await?;
                Ok(Waits::No)
            }
            Err(error) => {
                learn::untold(stop, run, blame(&error, now), now);
                Ok(self.failed("the jobs of a run were not looked at", &error))
            }
        }
    }

    /// Records the jobs whose webhooks were lost. Also returns whether a job has to be looked at again.
    async fn lost(&self, jobs: &[GithubJob]) -> Result<(Vec<JobMessage>, bool), StoreError> {
        let (mut lost, mut again) = (Vec::new(), false);
        for job in jobs {
            let key = Key::job(&job.job);
            // An index may be late, so what is known of a job is asked once more before it is recorded.
            let known = self.ledger.job(&key).map(|known| &known.item);
            match listed(job, known, self.ports.now()) {
                Listed::Done => {}
                Listed::Young => again = true,
                Listed::Held => {
                    let found = store::get::<Job>(self.ports, &key).await?;
                    if let Some(write) = hold(found, self.ports.now()) {
                        again |= !store::commit_if_unchanged(self.ports, vec![write]).await?;
                    }
                }
                Listed::Overdue(message) => {
                    let found = store::get::<Job>(self.ports, &key).await?;
                    let Missing::Yes(write, message) = missing(found, message, self.ports.now()) else {
                        continue;
                    };
                    // In the ledger first: a message can end in the dead-letter queue unread.
                    if store::commit_if_unchanged(self.ports, vec![*write]).await? {
                        self.ports.observe(Observation::LostWebhook(message.job.clone()));
                        lost.push(message);
                    } else {
                        // The job is in the ledger after all, or another transaction changed it.
                        again = true;
                    }
                }
            }
        }
        Ok((lost, again))
    }

    /// Reports a failure; returns whether GitHub asks everybody to wait.
    fn failed(&self, what: &'static str, error: &GithubError) -> Waits {
        self.ports.observe(Observation::Failed { what, error: error.to_string() });
        match github_class(error, self.ports.now()) {
            GithubClass::Wait(_) => Waits::Yes,
            _ => Waits::No,
        }
    }
}

/// Notes that GitHub told something about a repository, perhaps by its new name. Where its id is not known, the name
/// stands in for it and is kept.
fn answered(ports: &impl Github, stop: &mut Stop, now: Time) {
    (stop.is_answered, stop.visit.visited_at) = (true, now);
    if let (Some(id), Some(name)) = (stop.visit.repository.id(), ports.renamed(&stop.visit.repository)) {
        stop.visit.name(&name.with_id(id), now);
    }
}

/// Whether GitHub asked to wait with any further request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    Yes,
    No,
}

/// Whom a failure is about. A refused token says nothing about a repository.
fn blame(error: &GithubError, now: Time) -> Blame {
    let is_of_token = matches!(error, GithubError::Refused(refusal) if refusal.status == 401);
    match github_class(error, now) {
        GithubClass::Wait(_) | GithubClass::Again => Blame::Anybody,
        _ if is_of_token => Blame::Anybody,
        _ => Blame::Asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        port::Refusal,
        sample::{NOW, seconds},
    };

    fn refused(status: u16) -> Refusal {
        let message = "no".to_owned();
        Refusal { status, message, retry_after: None, rate_limit: None, token_age: Some(seconds(60)) }
    }

    #[test]
    fn a_refusal_is_about_what_was_asked_for_unless_it_may_be_about_all() {
        let blame = |refusal| blame(&GithubError::Refused(refusal), NOW);
        for status in [403, 404, 410, 422, 451] {
            assert_eq!(blame(refused(status)), Blame::Asked, "{status}");
        }
        for status in [401, 408, 429, 500, 502, 503] {
            assert_eq!(blame(refused(status)), Blame::Anybody, "{status}");
        }
        assert_eq!(
            blame(Refusal { retry_after: Some(seconds(60)), ..refused(403) }),
            Blame::Anybody,
            "a limit"
        );
        assert_eq!(super::blame(&GithubError::Unknown("timed out".to_owned()), NOW), Blame::Anybody);
    }
}
