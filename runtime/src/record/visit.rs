//! What the rebalancer knows about a repository: how far it has read GitHub's lists.

use std::time::Duration;

use jit_runners_model::contract::message::Repository;
use serde::{Deserialize, Serialize};

use crate::{port::RunStatus, time::Time};

/// Runs that are remembered of a repository: with them the item stays below 30 KB.
pub const MOST_RUNS: usize = 200;
/// The first rest after a failure ends in time for the next tick. Each further one is twice as long.
const FIRST_REST: Duration = Duration::from_secs(45);
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_mins(15);

/// What the rebalancer knows about a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The repository.
    pub repository: Repository,
    /// As of when its name was heard. It may have been renamed later.
    #[serde(default)]
    pub named_at: Time,
    /// When something last happened in it.
    pub active_at: Time,
    /// When GitHub last answered about it.
    pub visited_at: Time,
    /// What was read of its lists of runs, in the order of [`RunStatus::ALL`].
    #[serde(default)]
    pub lists: [SeenList; RunStatus::ALL.len()],
    /// The runs on these lists, at most [`MOST_RUNS`].
    #[serde(default)]
    pub runs: Vec<SeenRun>,
    /// How often in a row GitHub answered nothing about it, as far as that counts for its rest.
    #[serde(default)]
    pub failures: u32,
    /// When it last did that.
    #[serde(default)]
    pub failed_at: Time,
}

impl Visit {
    /// A repository that was never looked at.
    pub fn new(repository: Repository) -> Self {
        Self {
            repository,
            named_at: Time::default(),
            active_at: Time::default(),
            visited_at: Time::default(),
            lists: Default::default(),
            runs: Vec::new(),
            failures: 0,
            failed_at: Time::default(),
        }
    }

    /// It had this name at `heard_at`, unless a later one is known.
    pub fn name(&mut self, name: &Repository, heard_at: Time) {
        if self.named_at <= heard_at && name.as_str() != self.repository.as_str() {
            (self.repository, self.named_at) = (name.clone(), heard_at);
        }
    }

    /// Whether it is left alone at `now`, because GitHub refuses to tell anything about it.
    pub fn rests(&self, now: Time) -> bool {
        self.failures > 0 && now < self.failed_at + rest(self.failures)
    }

    /// What was read of the list of runs in `status`.
    pub const fn list(&self, status: RunStatus) -> &SeenList {
        let [queued, in_progress, waiting, pending] = &self.lists;
        match status {
            RunStatus::Queued => queued,
            RunStatus::InProgress => in_progress,
            RunStatus::Waiting => waiting,
            RunStatus::Pending => pending,
        }
    }

    /// The same, to change it.
    pub const fn list_mut(&mut self, status: RunStatus) -> &mut SeenList {
        let [queued, in_progress, waiting, pending] = &mut self.lists;
        match status {
            RunStatus::Queued => queued,
            RunStatus::InProgress => in_progress,
            RunStatus::Waiting => waiting,
            RunStatus::Pending => pending,
        }
    }
}

/// How long to wait after that many failures in a row, before it is tried again.
pub fn rest(failures: u32) -> Duration {
    let doubled =
        2_u32.checked_pow(failures.saturating_sub(1)).and_then(|times| FIRST_REST.checked_mul(times));
    doubled.map_or(LONGEST_REST, |rest| rest.min(LONGEST_REST))
}

/// How far a list of runs was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenList {
    /// When its first page was last asked for.
    pub asked_at: Time,
    /// The etag of its first page. `None` if that has to be read whatever GitHub's etag.
    pub etag: Option<String>,
    /// Which page is read next besides the first one, if there are more.
    pub next_page: Option<u32>,
    /// When such a page was last asked for.
    pub next_asked_at: Time,
}

/// A run on one of the lists, and how far its jobs were read. It is stored as a list of numbers, because a repository
/// can have many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Numbers", into = "Numbers")]
pub struct SeenRun {
    /// GitHub's id of it.
    pub id: u64,
    /// In which list it stands.
    pub status: RunStatus,
    /// When it last changed, as GitHub says.
    pub updated_at: Time,
    /// When it was first listed.
    pub listed_at: Time,
    /// When its jobs were last asked for.
    pub asked_at: Time,
    /// When reading all its jobs was last begun and then completed. 0 if that was never done or has to be done again.
    pub read_at: Time,
    /// The page that is read next, counted from 1.
    pub page: u32,
    /// When reading the pages before that one was begun.
    pub began_at: Time,
    /// How often in a row GitHub did not tell its jobs, as far as that counts for its rest.
    pub failures: u32,
    /// How often its pages were made smaller, because GitHub did not answer.
    pub smaller: u32,
}

/// [`SeenRun`], field by field.
type Numbers = (u64, u8, u64, u64, u64, u64, u32, u64, u32, u32);

impl From<Numbers> for SeenRun {
    fn from((id, status, updated, listed, asked, read, page, began, failures, smaller): Numbers) -> Self {
        Self {
            id,
            // A status of a later release may stand in any list; it is listed again.
            status: RunStatus::ALL.get(usize::from(status)).copied().unwrap_or(RunStatus::Queued),
            updated_at: Time::from_millis(updated),
            listed_at: Time::from_millis(listed),
            asked_at: Time::from_millis(asked),
            read_at: Time::from_millis(read),
            page,
            began_at: Time::from_millis(began),
            failures,
            smaller,
        }
    }
}

impl From<SeenRun> for Numbers {
    fn from(run: SeenRun) -> Self {
        let status = match run.status {
            RunStatus::Queued => 0,
            RunStatus::InProgress => 1,
            RunStatus::Waiting => 2,
            RunStatus::Pending => 3,
        };
        let [updated, listed, asked, read, began] =
            [run.updated_at, run.listed_at, run.asked_at, run.read_at, run.began_at].map(Time::as_millis);
        (run.id, status, updated, listed, asked, read, run.page, began, run.failures, run.smaller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, repository, seconds};

    fn run(id: u64) -> SeenRun {
        SeenRun {
            id,
            status: RunStatus::Waiting,
            updated_at: NOW,
            listed_at: NOW - seconds(1),
            asked_at: NOW - seconds(2),
            read_at: NOW - seconds(3),
            page: 4,
            began_at: NOW - seconds(5),
            failures: 6,
            smaller: 7,
        }
    }

    #[test]
    fn a_visit_can_be_read_again_and_is_bounded() {
        let runs = (0..MOST_RUNS as u64).map(|number| run(30_000_000_000 + number)).collect();
        let visit = Visit { runs, ..Visit::new(repository()) };
        let text = serde_json::to_string(&visit).unwrap();
        assert!(text.len() < 30_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<Visit>(&text).unwrap(), visit);
    }

    #[test]
    fn a_visit_of_an_earlier_release_can_be_read() {
        let text = r#"{"repository":"o/r","active_at":7,"visited_at":8,"in_progress_at":9,"etag":"x"}"#;
        let visit: Visit = serde_json::from_str(text).unwrap();
        assert_eq!((visit.active_at, visit.visited_at), (Time::from_millis(7), Time::from_millis(8)));
        assert_eq!(visit.list(RunStatus::Queued), &SeenList::default());
    }

    #[test]
    fn rests_grow_to_a_quarter_of_an_hour() {
        let rests = [1, 2, 3, 4, 5, 6, 40, u32::MAX].map(|failures| rest(failures).as_secs());
        assert_eq!(rests, [45, 90, 180, 360, 720, 900, 900, 900]);
        let failed = |failures| Visit { failures, failed_at: NOW, ..Visit::new(repository()) };
        assert!(!failed(0).rests(NOW));
        assert!(failed(1).rests(NOW + seconds(44)) && !failed(1).rests(NOW + seconds(45)));
    }

    #[test]
    fn the_name_that_was_heard_last_counts() {
        let named = |name: &str| Repository::new(name).unwrap().with_id(7);
        let mut visit = Visit::new(named("o/first"));
        visit.name(&named("o/second"), NOW);
        visit.name(&named("o/first"), NOW - seconds(1));
        assert_eq!(visit.repository.as_str(), "o/second");
        visit.name(&named("o/third"), NOW + seconds(1));
        assert_eq!((visit.repository.as_str(), visit.named_at), ("o/third", NOW + seconds(1)));
    }

    #[test]
    fn each_list_has_its_place() {
        let mut visit = Visit::new(repository());
        for (number, status) in RunStatus::ALL.into_iter().enumerate() {
            visit.list_mut(status).next_page = u32::try_from(number).ok();
        }
        for (number, status) in RunStatus::ALL.into_iter().enumerate() {
            assert_eq!(visit.lists[number].next_page, visit.list(status).next_page);
            let numbers = Numbers::from(SeenRun { status, ..run(1) });
            assert_eq!((numbers.1 as usize, SeenRun::from(numbers).status), (number, status));
        }
    }
}
