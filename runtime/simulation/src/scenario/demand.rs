//! What people push.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};

use crate::{github::NewJob, random::Random};

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Since the run began.
    pub at: Duration,
    /// Where to.
    pub repository: Repository,
    /// The jobs of the run that it begins.
    pub jobs: Vec<NewJob>,
    /// The number of an earlier push whose run it cancels.
    pub cancels: Option<usize>,
}

/// Jobs take so long.
const JOB: (Duration, Duration) = (Duration::from_mins(2), Duration::from_mins(8));

/// `jobs` jobs, in pushes of one to `most` jobs, spread over `time` and over `repositories` repositories.
pub(super) fn spread(
    random: &mut Random,
    jobs: usize,
    most: usize,
    repositories: u64,
    time: Duration,
) -> Vec<Push> {
    let mut pushes = Vec::new();
    let mut left = jobs;
    while left > 0 {
        let count = (1 + random.index(most)).min(left);
        left -= count;
        let at = random.between(Duration::ZERO, time);
        let repository = random.below(repositories);
        pushes.extend(push(random, at, repository, count));
    }
    pushes.sort_by_key(|push| push.at);
    pushes
}

/// One push of `jobs` jobs; none if the names were not allowed.
pub(super) fn push(random: &mut Random, at: Duration, repository: u64, jobs: usize) -> Option<Push> {
    let repository = Repository::new(format!("octo/repository-{repository}")).ok()?;
    let labels: BTreeSet<Label> =
        ["self-hosted", "linux", "large"].into_iter().filter_map(|label| Label::new(label).ok()).collect();
    let jobs = (0..jobs)
        .map(|_| NewJob { labels: labels.clone(), duration: random.between(JOB.0, JOB.1), held_for: None })
        .collect();
    Some(Push { at, repository, jobs, cancels: None })
}
