//! Corrects records that nobody else corrects: launches that no invocation finished, and jobs whose events were lost.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::table::{JobState, OpenKind, label_set_key};

use super::{
    FollowUp, Survey,
    decide::{IntentDecision, Rotation, decide_intent, is_asked_about},
};
use crate::{
    port::{Clock, Github, GithubJobStatus, Observation, Observe, Stored, Table, Write},
    record::{IntentState, Item, Job, longest_open},
    store::{self, StoreError, Transaction},
    time::Time,
};

/// Abandons launches that no invocation holds, and gives their slots back once they can make no more instances.
pub(super) async fn correct_launches<P: Table + Clock + Observe>(
    ports: &P,
    survey: &Survey,
) -> Result<(), StoreError> {
    for intent in &survey.intents {
        let recorded: BTreeSet<_> = intent.item.launched.iter().collect();
        let live = survey.instances.iter().flatten().filter(|instance| {
            instance.state.is_live()
                && instance.intent.as_ref() == Some(&intent.item.id)
                && !recorded.contains(&instance.id)
        });
        match decide_intent(&intent.item, live.count(), survey.instances.is_some(), survey.now) {
            IntentDecision::Leave => {}
            IntentDecision::Abandon => {
                let mut intent = intent.clone();
                intent.item.state = IntentState::Abandoned;
                intent.item.since = ports.now();
                // If it has changed since it was read, the next run decides again.
                if store::commit_if_unchanged(ports, vec![intent.write()]).await? {
                    ports.observe(Observation::Abandoned(intent.item.id));
                }
            }
            IntentDecision::Close => {
                let mut intent = intent.clone();
                intent.item.state = IntentState::Closed;
                intent.item.since = ports.now();
                intent.item.call = None;
                intent.item.is_doubtful = true;
                let slots = std::mem::take(&mut intent.item.unfilled);
                let closed = store::transact(ports, intent.item.id.as_str(), async |_| {
                    let mut fleet = store::fleet(ports).await?;
                    fleet.item.give_back(&intent.item.repository, slots);
                    Ok(Transaction::Write(vec![intent.write(), fleet.write()], ()))
                });
                match closed.await {
                    // The conflict is about the fleet, which every invocation changes; or the launch is closed
                    // already.
                    Ok(()) | Err(StoreError::Conflict) => {}
                    Err(error @ StoreError::Unavailable(_)) => return Err(error),
                }
            }
        }
    }
    Ok(())
}

/// Asks GitHub about jobs that run, are held or wait for long, a few in each run, and stores what it says.
pub(super) async fn correct_jobs<P: Table + Github + Clock + Observe>(
    ports: &P,
    survey: &Survey,
    follow_up: &mut FollowUp,
) -> Result<(), StoreError> {
    // If one of our runners has the job, GitHub is asked when the runner is looked after.
    let with_runner: BTreeSet<_> =
        survey.runners.iter().filter_map(|runner| runner.item.job.as_ref()).collect();
    let jobs = store::open_of_kind::<Job>(ports, OpenKind::Job).await?;
    let (overdue, jobs): (Vec<_>, Vec<_>) =
        jobs.into_iter().partition(|job| survey.now.since(job.item.queued_at) > longest_open::JOB);
    for job in overdue {
        let mut closed = job.clone();
        closed.item.advance(JobState::Completed);
        close_overdue(ports, closed, survey.now.since(job.item.queued_at)).await?;
    }
    let doubtful: Vec<_> = jobs
        .iter()
        .filter(|job| {
            is_asked_about(&job.item, with_runner.contains(&job.item.job), survey.limits, survey.now)
        })
        .collect();
    // Many jobs may wait. They must not take the turns of the others.
    let (waiting, others): (Vec<_>, Vec<_>) = doubtful.into_iter().partition(|job| job.item.is_waiting());
    // What fails for ever at one place must not keep the jobs of others open.
    let mut silent = BTreeSet::new();
    for job in in_turn(others, survey.now).chain(in_turn(waiting, survey.now)) {
        let place = job.item.job.repository.identity();
        if ports.now() >= survey.deadline || silent.contains(&place) {
            continue;
        }
        let Ok(found) = ports.job(&job.item.job).await else {
            silent.insert(place);
            continue;
        };
        let (mut job, before) = (job.clone(), job.item.state);
        let was_held = job.item.is_held();
        match found.map(|found| found.status) {
            Some(GithubJobStatus::Queued | GithubJobStatus::Held) if before == JobState::Running => {
                job.item.queue_again();
            }
            Some(status) => job.item.seen(status, ports.now()),
            None => job.item.missed(ports.now()),
        }
        if was_held && job.item.is_waiting() {
            follow_up.note_waiting(&job.item);
        }
        follow_up.write_job(ports, job, before, Vec::new()).await?;
    }
    Ok(())
}

/// Those of `jobs` whose turn it is in the run at `now`.
fn in_turn<J>(jobs: Vec<J>, now: Time) -> impl Iterator<Item = J> {
    let mut rotation = Rotation::new(jobs.len(), now);
    jobs.into_iter().filter(move |_| rotation.takes_next())
}

/// Stores an item that was closed because it is overdue, and reports it.
pub(super) async fn close_overdue<P: Table + Clock + Observe>(
    ports: &P,
    closed: Stored<impl Clone + Into<Item>>,
    age: Duration,
) -> Result<(), StoreError> {
    let write = closed.write();
    let key = write.key.to_string();
    // If it has changed since it was read, the next run decides again.
    if store::commit_if_unchanged(ports, vec![write]).await? {
        ports.observe(Observation::Overdue { key, age });
    }
    Ok(())
}

impl FollowUp {
    /// A job was let through, and no webhook said so.
    fn note_waiting(&mut self, job: &Job) {
        self.label_sets.insert(label_set_key(&job.job.repository, &job.labels));
    }

    /// Stores what GitHub says about a job that was `before` in that state. Returns whether the job and `writes` were
    /// written.
    pub(super) async fn write_job<P: Table + Clock + Observe>(
        &mut self,
        ports: &P,
        job: Stored<Job>,
        before: JobState,
        mut writes: Vec<Write>,
    ) -> Result<bool, StoreError> {
        writes.push(job.write());
        // If it has changed since it was read, the next run decides again.
        if !store::commit_if_unchanged(ports, writes).await? {
            return Ok(false);
        }
        if job.item.state != before {
            if job.item.is_queued() {
                ports.observe(Observation::QueuedAgain(job.item.job.clone()));
                self.label_sets.insert(label_set_key(&job.item.job.repository, &job.item.labels));
            } else {
                ports.observe(Observation::JobCompleted(job.item.job));
            }
        }
        Ok(true)
    }
}
