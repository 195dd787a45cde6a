//! Jobs of which GitHub says otherwise than the ledger, because events were lost.

use std::collections::BTreeSet;

use jit_runners_model::contract::table::{JobState, OpenKind, label_set_key};

use super::{Remains, Survey, turn::Turn};
use crate::{
    gap::state_at_github,
    port::{Clock, Github, Observation, Observe, Stored, Table, Write},
    record::Job,
    store::{self, StoreError},
};

pub(super) async fn look_after<P: Table + Github + Clock + Observe>(
    ports: &P,
    survey: &Survey,
    remains: &mut Remains,
) -> Result<(), StoreError> {
    // A job that one of our runners has is asked about with that runner.
    let with_runner: BTreeSet<_> =
        survey.runners.iter().filter_map(|runner| runner.item.job.as_ref()).collect();
    let jobs = store::open_of_kind::<Job>(ports, OpenKind::Job).await?;
    let doubtful: Vec<_> = jobs
        .iter()
        .filter(|job| job.item.state == JobState::Running && !with_runner.contains(&job.item.job))
        .filter(|job| survey.now.since(job.item.queued_at) > survey.limits.stale)
        .collect();
    let mut turn = Turn::new(doubtful.len(), survey.now);
    for job in doubtful {
        if !turn.asks() || ports.now() >= survey.deadline {
            continue;
        }
        let Ok(found) = ports.job(&job.item.job).await else { return Ok(()) };
        let state = state_at_github(found.as_ref());
        if state != JobState::Running {
            remains.settled(ports, job.clone(), state, Vec::new()).await?;
        }
    }
    Ok(())
}

impl Remains {
    /// Writes down that GitHub says otherwise of a job than the ledger: that it is over, or queued again. Says whether that,
    /// and `writes`, was written.
    pub(super) async fn settled<P: Table + Clock + Observe>(
        &mut self,
        ports: &P,
        mut job: Stored<Job>,
        state: JobState,
        mut writes: Vec<Write>,
    ) -> Result<bool, StoreError> {
        let before = job.item.state;
        match state {
            JobState::Queued => job.item.queue_again(),
            JobState::Running | JobState::Completed => drop(job.item.advance(state)),
        }
        if job.item.state != before {
            writes.push(job.write());
        }
        if writes.is_empty() {
            return Ok(false);
        }
        // What changed meanwhile is looked at again in the next run.
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
