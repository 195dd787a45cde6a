//! A job, as the ledger knows it.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    Label,
    contract::{
        message::{JobMessage, JobRef, Repository},
        table::JobState,
    },
};
use serde::{Deserialize, Serialize};

use super::IntentId;
use crate::{port::GithubJobStatus, time::Time};

/// For how long GitHub must say that it does not know a job before the job counts as over. It said so of existing jobs
/// for minutes (<https://github.com/veertuinc/anklet/issues/58>), and an App that loses a permission hears the same.
const ABSENT_FOR: Duration = Duration::from_hours(6);
/// How often it must say so.
const ABSENCES: u32 = 5;
/// The longest time between two questions about a job that GitHub does not know.
const LONGEST_ABSENCE_REST: Duration = Duration::from_mins(15);

/// The shortest time after a launch in vain beyond the budget.
const FIRST_REST: Duration = Duration::from_mins(30);
/// The longest such time.
const LONGEST_REST: Duration = Duration::from_hours(4);
/// Launches in vain for one job within a day, at most.
const MOST_IN_A_DAY: usize = 10;
const HOUR: Duration = Duration::from_hours(1);
/// The longest time from the decision to launch until EC2 does: somebody else may have to take the launch over.
const LAUNCH_LASTS: Duration = Duration::from_mins(5);
const DAY: Duration = Duration::from_hours(24);

/// A job, as the ledger knows it. Its state only moves forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Which job.
    pub job: JobRef,
    /// Its labels.
    pub labels: BTreeSet<Label>,
    /// Where it stands.
    pub state: JobState,
    /// How often GitHub queued it again, because the runner that had taken it was lost at once. A higher number is
    /// always later, whatever the state.
    pub queued_again: u32,
    /// When GitHub queued it. If it was held, when it was let through.
    pub queued_at: Time,
    /// When GitHub last said that it waits for a runner.
    #[serde(default)]
    pub announced_at: Time,
    /// When GitHub last said that it is held: it waits for an approval or for another run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_at: Option<Time>,
    /// The last launch for it. The runners of that launch may take other jobs.
    pub intent: Option<IntentId>,
    /// How many launches were decided for it.
    pub launches: u32,
    /// How many of these launches made instances, none of which took a job. The budget of a job limits these.
    pub in_vain: u32,
    /// When the launches in vain of the last day were decided, the oldest first.
    #[serde(default)]
    pub in_vain_at: Vec<Time>,
    /// When the last launch was decided.
    pub launched_at: Option<Time>,
    /// When GitHub was last asked about it.
    pub seen_at: Option<Time>,
    /// Nothing is launched for it before this time: its launches were in vain, nothing can be launched for it, GitHub
    /// refuses to register its runner, or GitHub does not know it.
    pub not_before: Option<Time>,
    /// What GitHub says since it last knew the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
}

/// GitHub says that it does not know a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Since when.
    pub since: Time,
    /// How often it has said so.
    pub times: u32,
}

impl Job {
    /// A job that was just queued.
    pub const fn queued(job: JobRef, labels: BTreeSet<Label>, queued_at: Time) -> Self {
        Self {
            job,
            labels,
            state: JobState::Queued,
            queued_again: 0,
            queued_at,
            announced_at: Time::from_millis(0),
            held_at: None,
            intent: None,
            launches: 0,
            in_vain: 0,
            in_vain_at: Vec::new(),
            launched_at: None,
            seen_at: None,
            not_before: None,
            absence: None,
        }
    }

    /// A job of which nobody has heard before, as the message says.
    pub fn asked(message: &JobMessage) -> Self {
        Self::queued(message.job.clone(), message.labels.clone(), Time::from_millis(message.queued_at))
    }

    /// Takes the newer name of a repository that was renamed or transferred; returns whether it had another one. A rest ends, because
    /// it may come from what GitHub refused under the old name. Whether launches were in vain is still known.
    pub fn learn_name(&mut self, repository: &Repository) -> bool {
        let is_news = self.job.repository.as_str() != repository.as_str();
        if is_news {
            self.job.repository = repository.clone();
            self.not_before = None;
        }
        is_news
    }

    /// Moves it to `state` if that is later; returns whether it is.
    pub fn advance(&mut self, state: JobState) -> bool {
        let forward = self.state < state;
        self.state = self.state.max(state);
        forward
    }

    /// Notes that GitHub queued it again, because the runner that had started it is lost.
    pub fn queue_again(&mut self) {
        if self.state == JobState::Running {
            self.queued_again += 1;
            self.state = JobState::Queued;
        }
    }

    /// GitHub answered at `now` with this status.
    pub fn seen(&mut self, status: GithubJobStatus, now: Time) {
        self.seen_at = Some(now);
        self.absence = None;
        match status {
            GithubJobStatus::Held => self.hold(now),
            GithubJobStatus::Queued => self.announce(now),
            GithubJobStatus::InProgress => drop(self.advance(JobState::Running)),
            GithubJobStatus::Completed => drop(self.advance(JobState::Completed)),
        }
    }

    /// GitHub answered at `now` that it does not know the job. That alone proves nothing. So the job rests and is asked
    /// about again, and counts as over only after repeated answers over hours.
    pub fn missed(&mut self, now: Time) {
        let before = self.absence.unwrap_or(Absence { since: now, times: 0 });
        let absence = Absence { times: before.times.saturating_add(1), ..before };
        let rest = (Duration::from_mins(1) * 2_u32.pow(before.times.min(8))).min(LONGEST_ABSENCE_REST);
        self.seen_at = Some(now);
        self.absence = Some(absence);
        self.not_before = self.not_before.max(Some(now + rest));
        if absence.times >= ABSENCES && absence.since + ABSENT_FOR <= now {
            self.advance(JobState::Completed);
        }
    }

    /// GitHub lists it as queued although it was closed because GitHub did not know it: it is open again. Returns
    /// whether that was so.
    pub fn reopen(&mut self, now: Time) -> bool {
        let reopens = self.state == JobState::Completed && self.absence.is_some();
        if reopens {
            self.queued_again += 1;
            self.state = JobState::Queued;
            self.not_before = None;
            self.seen(GithubJobStatus::Queued, now);
        }
        reopens
    }

    /// Notes that the launch of `launched_at` was in vain.
    pub fn note_in_vain(&mut self, launched_at: Time) {
        self.in_vain += 1;
        self.in_vain_at.retain(|at| launched_at.since(*at) < DAY + LAUNCH_LASTS);
        self.in_vain_at.push(launched_at);
    }

    /// Until when it rests because launches were in vain: within an hour, there are at most `budget` such launches after
    /// the first. After those, the time between two launches grows, and there are at most ten in a day. `last` is when the
    /// last launch was decided, if that was in vain as well.
    pub fn rests_until(&self, last: Option<Time>, budget: u32) -> Option<Time> {
        let all: Vec<_> = self.in_vain_at.iter().copied().chain(last).collect();
        let nth_last = |n: usize| all.len().checked_sub(n).and_then(|index| all.get(index)).copied();
        let in_an_hour = usize::try_from(budget).unwrap_or(usize::MAX).saturating_add(1);
        // As long as it has been in vain already, so the time between two launches doubles.
        let so_far = last
            .zip(all.first())
            .map(|(last, first)| last + last.since(*first).clamp(FIRST_REST, LONGEST_REST));
        let beyond = so_far.filter(|_| self.in_vain >= budget);
        let of_hour = nth_last(in_an_hour).map(|at| at + HOUR + LAUNCH_LASTS);
        let of_day = nth_last(MOST_IN_A_DAY).map(|at| at + DAY + LAUNCH_LASTS);
        beyond.max(of_hour).max(of_day)
    }

    /// GitHub said at `at` that it is held.
    pub fn hold(&mut self, at: Time) {
        self.held_at = self.held_at.max(Some(at));
    }

    /// GitHub said at `at` that it waits for a runner. If it was held, it begins anew: nothing that was launched before
    /// could have got it.
    pub fn announce(&mut self, at: Time) {
        let was_held = self.is_held();
        self.announced_at = self.announced_at.max(at);
        if was_held && !self.is_held() {
            self.queued_at = self.queued_at.max(at);
            self.in_vain = 0;
            self.in_vain_at.clear();
            self.not_before = None;
        }
    }

    /// Whether GitHub holds it, so that no runner can get it.
    pub fn is_held(&self) -> bool {
        self.held_at.is_some_and(|held_at| self.announced_at < held_at)
    }

    /// Whether it waits for a runner.
    pub fn is_waiting(&self) -> bool {
        self.is_queued() && !self.is_held()
    }

    /// Whether nobody has started it.
    pub fn is_queued(&self) -> bool {
        self.state == JobState::Queued
    }

    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.state != JobState::Completed
    }

    /// Whether a runner may be launched for it at `now`.
    pub fn may_be_launched_for(&self, now: Time) -> bool {
        self.is_waiting() && self.not_before.is_none_or(|time| time <= now)
    }

    /// Since when it has waited for a launch: since it was queued, or since the end of its last rest.
    pub fn due_at(&self) -> Time {
        self.queued_at.max(self.not_before.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, job, minutes, seconds};

    const fn hours(hours: u64) -> Duration {
        Duration::from_hours(hours)
    }

    /// When a job is launched for of which every launch is in vain after five minutes.
    fn launches(budget: u32, lasts: Duration) -> Vec<Time> {
        let (mut job, mut at, mut all) = (job(1), NOW, Vec::new());
        while at < NOW + lasts {
            all.push(at);
            let next = job.rests_until(Some(at), budget).unwrap_or(at).max(at + minutes(5));
            job.note_in_vain(at);
            at = next;
        }
        all
    }

    #[test]
    fn launches_in_vain_are_few_in_an_hour_and_in_a_day_and_grow_rarer() {
        for budget in 1..=10_u32 {
            let all = launches(budget, hours(96));
            let within = |from: Time, time: Duration| {
                all.iter().filter(|at| (from..from + time).contains(*at)).count()
            };
            for from in &all {
                let in_an_hour = usize::try_from(budget).unwrap() + 1;
                assert!(within(*from, HOUR) <= in_an_hour.min(10), "budget {budget}");
                assert!(within(*from, DAY) <= 10, "budget {budget}");
            }
            assert!(within(NOW + hours(72), DAY) >= 3, "it is still tried");
        }
        let rests: Vec<_> = launches(3, hours(14)).windows(2).map(|pair| pair[1].since(pair[0])).collect();
        assert_eq!(rests[..3], [minutes(5); 3], "the budget is used at once");
        assert_eq!(rests[3..], [50, 65, 130, 240, 240].map(minutes));
    }

    #[test]
    fn a_launch_whose_runner_took_another_job_does_not_end_the_rest() {
        let mut job = job(1);
        job.note_in_vain(NOW);
        job.note_in_vain(NOW + minutes(5));
        assert_eq!(job.rests_until(None, 1), Some(NOW + hours(1) + minutes(5)));
        assert_eq!(job.rests_until(None, 2), None);
    }

    #[test]
    fn a_job_that_github_does_not_know_rests_and_is_closed_only_after_hours() {
        let (mut job, mut now, mut rests) = (job(1), NOW, Vec::new());
        while job.is_open() {
            job.missed(now);
            assert!(!job.may_be_launched_for(now));
            rests.push(job.not_before.unwrap().since(now));
            now = job.not_before.unwrap();
        }
        assert_eq!(rests[..5], [1, 2, 4, 8, 15].map(minutes));
        assert!(now.since(NOW) >= hours(6) && now.since(NOW) < hours(7));
    }

    #[test]
    fn a_few_answers_close_nothing_however_old_the_first_is() {
        let mut job = job(1);
        job.missed(NOW);
        job.missed(NOW + hours(10));
        assert!(job.is_open());
    }

    #[test]
    fn a_job_that_github_knows_again_waits_as_before() {
        let mut job = job(1);
        job.missed(NOW);
        job.seen(GithubJobStatus::Queued, NOW + minutes(1));
        assert!(job.absence.is_none() && job.may_be_launched_for(NOW + minutes(1)));
    }

    #[test]
    fn a_job_that_was_closed_for_its_absence_is_opened_again_and_no_other() {
        let mut closed = job(1);
        while closed.is_open() {
            closed.missed(closed.not_before.unwrap_or(NOW));
        }
        assert!(closed.reopen(NOW + hours(8)) && closed.may_be_launched_for(NOW + hours(8)));
        assert_eq!(closed.queued_again, 1, "so its state has moved forward");
        let mut over = job(2);
        over.advance(JobState::Completed);
        assert!(!over.reopen(NOW) && !over.is_open(), "its event says that it is over");
    }

    #[test]
    fn a_job_that_is_let_through_begins_anew() {
        let mut job = Job { in_vain: 3, in_vain_at: vec![NOW], not_before: Some(NOW + hours(1)), ..job(1) };
        job.announce(NOW + seconds(1));
        assert_eq!(job.in_vain, 3, "it was not held");
        job.hold(NOW + seconds(2));
        assert!(!job.may_be_launched_for(NOW + hours(6)));
        job.announce(NOW + hours(6));
        assert!(job.may_be_launched_for(NOW + hours(6)));
        assert_eq!((job.in_vain, job.queued_at, job.in_vain_at), (0, NOW + hours(6), Vec::new()));
    }
}
