//! What the simulated GitHub does by itself, and when.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, VecDeque},
    time::Duration,
};

use jit_runners_runtime::time::Time;

/// After a day, a queued job fails and an offline ephemeral runner is removed
/// (<https://docs.github.com/en/actions/reference/runners/self-hosted-runners>).
pub(super) const DAY: Duration = Duration::from_hours(24);

/// A webhook on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice {
    /// The job.
    pub job: usize,
    /// What happened to it.
    pub action: Action,
    /// The runner that had it then.
    pub runner: Option<usize>,
    /// Counts notices: a doubled one has the same number.
    pub number: u64,
}

/// What a webhook tells of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// It is held at a gate.
    Waiting,
    /// It waits for a runner.
    Queued,
    /// A runner has it.
    InProgress,
    /// It is over.
    Completed,
}

/// One thing that GitHub does by itself. `epoch` is that of the job: the step is void when the job has moved on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// The gate lets the job through.
    Release { job: usize, epoch: u32 },
    /// The job looks for a runner.
    SeekRunner { job: usize },
    /// The runner looks for a job.
    SeekJob { runner: usize },
    /// The runner starts its job.
    PickUp { job: usize, epoch: u32 },
    /// The runner finds that its job is gone.
    Ghost { runner: usize },
    /// The job waits for a runner again.
    Requeue { job: usize, epoch: u32 },
    /// The job is over.
    End { job: usize, epoch: u32 },
    /// GitHub gives the job of a lost machine up.
    GiveUp { job: usize, epoch: u32 },
    /// GitHub has had enough of a runner without a job.
    Drop { runner: usize },
    /// GitHub notices that the runner's machine is silent.
    Silent { runner: usize },
    /// The runner is told that its registration is gone.
    Tell { runner: usize },
    /// A webhook arrives.
    Deliver(Notice),
    /// A job that is still queued fails.
    ExpireJob { job: usize },
    /// A runner that is still offline is removed.
    ExpireRunner { runner: usize },
}

/// Steps in the order of their time; at one time, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    steps: BinaryHeap<Reverse<Entry>>,
    added: u64,
    /// What happens a day after it was added stands in order anyway, and there is much of it.
    after_a_day: VecDeque<(Time, Step)>,
}

impl Agenda {
    /// Adds a step.
    pub(super) fn add(&mut self, at: Time, step: Step) {
        self.steps.push(Reverse(Entry { at, number: self.added, step }));
        self.added += 1;
    }

    /// Adds a step that is due in a day.
    pub(super) fn add_for_tomorrow(&mut self, now: Time, step: Step) {
        self.after_a_day.push_back((now + DAY, step));
    }

    /// When the next step is due.
    pub(super) fn next_at(&self) -> Option<Time> {
        let tomorrow = self.after_a_day.front().map(|(at, _)| *at);
        self.steps.peek().map(|Reverse(entry)| entry.at).into_iter().chain(tomorrow).min()
    }

    /// Takes the next step that is due at `now`.
    pub(super) fn take(&mut self, now: Time) -> Option<(Time, Step)> {
        let at = self.next_at().filter(|at| *at <= now)?;
        if self.steps.peek().is_some_and(|Reverse(entry)| entry.at == at) {
            self.steps.pop().map(|Reverse(entry)| (entry.at, entry.step))
        } else {
            self.after_a_day.pop_front()
        }
    }

    /// Forgets steps for tomorrow that came to nothing, as far as they stand first.
    pub(super) fn forget_for_tomorrow(&mut self, is_void: impl Fn(Step) -> bool) {
        while self.after_a_day.front().is_some_and(|(_, step)| is_void(*step)) {
            self.after_a_day.pop_front();
        }
    }
}

/// A step, ordered by its time and number.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: Time,
    number: u64,
    step: Step,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}
