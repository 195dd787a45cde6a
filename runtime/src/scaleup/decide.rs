//! Decides what is to be done for the jobs that messages ask for: pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::{
    DeploymentName, Label,
    contract::{
        message::{JobMessage, JobRef, Repository},
        runner_release::RunnerRelease,
        table::Key,
    },
};

use super::pool::{FirstCall, Unlaunchable};
use crate::{
    gap::{Group, state_at_github},
    port::{Deferral, GithubJob, Stored, Write},
    record::{Call, Caps, Fleet, Intent, IntentId, IntentState, Job, RunnerName},
    time::Time,
};

/// A job whose budget of launches is used up is tried again after this: somebody may have fixed the cause by then. If
/// not, the job costs no more than two instances an hour.
const STRANDED_RETRY: Duration = Duration::from_mins(30);
/// A job that nothing can be launched for is considered again after this. That costs no call of EC2.
const UNLAUNCHABLE_RETRY: Duration = Duration::from_mins(5);
/// The longest that a launch and the registration of its runners take while the services answer.
pub(super) const LAUNCH_TIME: Duration = Duration::from_secs(15);

/// What is known when messages ask for jobs of one label set.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The repository.
    pub repository: Repository,
    /// The labels.
    pub labels: BTreeSet<Label>,
    /// The messages, one for each job.
    pub asked: Vec<JobMessage>,
    /// What is open in the label set, and all that is known about the jobs.
    pub group: Group,
    /// The fleet.
    pub fleet: Stored<Fleet>,
    /// What GitHub says about jobs that were launched for before; `None` if it knows no such job.
    pub seen: BTreeMap<JobRef, Option<GithubJob>>,
    /// The release of the runner for new launches.
    pub release: RunnerRelease,
    /// The deployment. Its name is part of the runners' names.
    pub deployment: DeploymentName,
    /// The caps.
    pub caps: Caps,
    /// How often a job may be launched for again.
    pub budget: u32,
    /// The time.
    pub now: Time,
    /// When the invocation ends.
    pub deadline: Time,
}

/// What to write, and what to do once that is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    /// Changes, all or none.
    pub writes: Vec<Write>,
    /// Launches to carry out.
    pub tasks: Vec<LaunchTask>,
    /// Jobs that were not known before.
    pub recorded: Vec<JobRef>,
    /// How many jobs wait, by what they wait for. No number is 0.
    pub deferred: Vec<(Deferral, usize)>,
    /// Nothing is launched: the deployment is being removed.
    pub stopped: bool,
    /// Jobs that have used up their budget of launches for now.
    pub stranded: Vec<JobRef>,
    /// Jobs that nothing can be launched for: how many, why, and for how long they wait.
    pub refused: Option<(usize, Unlaunchable, Duration)>,
    /// The index contradicts itself: the items are to be read by key, and the decision made again.
    pub contradicted: bool,
}

/// A launch to carry out: it is stored, and this invocation holds it.
#[derive(Debug, Clone)]
pub(super) struct LaunchTask {
    /// The launch, as it will be stored.
    pub intent: Stored<Intent>,
    /// When EC2 may be called.
    pub launch_at: Time,
    /// Another invocation had begun it.
    pub resumed: bool,
}

/// Decides. `first_call` says which pool a launch asks first, its position, and the image.
pub(super) fn decide(
    facts: &Facts,
    first_call: impl Fn(&Intent) -> Result<FirstCall, Unlaunchable>,
) -> Decision {
    let mut deciding = Deciding {
        decision: Decision::default(),
        changed: BTreeMap::new(),
        fleet: facts.fleet.clone(),
        group: facts.group.clone(),
        gap: 0,
    };
    deciding.record(facts);
    deciding.gap = deciding.group.gap(facts.now);
    deciding.take_over(facts);
    deciding.launch(facts, first_call);
    deciding.finish(facts)
}

struct Deciding {
    decision: Decision,
    changed: BTreeMap<Key, Stored<Job>>,
    fleet: Stored<Fleet>,
    group: Group,
    gap: usize,
}

impl Deciding {
    /// Adds what the messages and GitHub say to the ledger.
    fn record(&mut self, facts: &Facts) {
        for asked in &facts.asked {
            let key = Key::job(&asked.job);
            let known = self.group.job(&key).cloned();
            let mut job = known.clone().unwrap_or_else(|| {
                self.decision.recorded.push(asked.job.clone());
                Stored {
                    revision: None,
                    item: Job::queued(
                        asked.job.clone(),
                        asked.labels.clone(),
                        Time::from_millis(asked.queued_at),
                    ),
                }
            });
            if let Some(seen) = facts.seen.get(&asked.job) {
                job.item.advance(state_at_github(seen.as_ref()));
                job.item.seen_at = Some(facts.now);
                self.bind(&asked.job, seen.as_ref(), &facts.deployment);
            }
            if known.as_ref() != Some(&job) {
                self.group.learn(job.clone());
                self.changed.insert(key, job);
            }
        }
    }

    /// Notes that GitHub gave a job to one of our runners, which therefore takes no other.
    fn bind(&mut self, job: &JobRef, seen: Option<&GithubJob>, deployment: &DeploymentName) {
        let name = seen.and_then(|seen| RunnerName::parse(seen.runner_name.as_deref()?, deployment));
        let Some(name) = name else { return };
        let Some(runner) = self.group.runner(&Key::runner(name.instance.as_str())) else { return };
        if runner.item.job.is_none() {
            let mut runner = runner.clone();
            runner.item.job = Some(job.clone());
            self.decision.writes.push(runner.write());
            self.group.learn(runner);
        }
    }

    /// Takes over launches whose invocation ended early, before anything new is launched. Abandons those that are too
    /// old for that.
    fn take_over(&mut self, facts: &Facts) {
        for mut intent in self.group.to_abandon(facts.now).into_iter().cloned().collect::<Vec<_>>() {
            intent.item.state = IntentState::Abandoned;
            intent.item.since = facts.now;
            self.decision.writes.push(intent.write());
        }
        if self.fleet.item.is_stopped() {
            return;
        }
        let left: Vec<_> = self.group.to_take_over(facts.now).into_iter().cloned().collect();
        for mut intent in left.into_iter().take(facts.asked.len()) {
            if self.gap == 0 {
                return;
            }
            let coming = self.group.promise_of(&intent.item);
            let count = u32::try_from(coming).unwrap_or(u32::MAX);
            if !self.registrations_in_time(count, facts) {
                return;
            }
            self.gap = self.gap.saturating_sub(coming);
            intent.item.held_until = facts.deadline;
            self.promise(intent, true, facts);
        }
    }

    fn launch(&mut self, facts: &Facts, first_call: impl Fn(&Intent) -> Result<FirstCall, Unlaunchable>) {
        let mut jobs: Vec<_> = facts
            .asked
            .iter()
            .filter_map(|asked| self.group.job(&Key::job(&asked.job)))
            .filter(|job| {
                job.item.may_be_launched_for(facts.now) && !self.is_being_launched_for(&job.item, facts.now)
            })
            .cloned()
            .collect();
        jobs.retain(|job| !self.rests(job, facts));
        jobs.sort_by(|a, b| (a.item.queued_at, &a.item.job).cmp(&(b.item.queued_at, &b.item.job)));
        jobs.truncate(self.gap);
        let wanted = jobs.len();
        let free = self.fleet.item.free(&facts.repository, facts.caps);
        jobs.truncate(usize::try_from(free).unwrap_or(usize::MAX));
        self.defer(Deferral::Slots, wanted - jobs.len());
        let free = jobs.len();
        while !jobs.is_empty() && !self.registrations_in_time(number(jobs.len()), facts) {
            jobs.pop();
        }
        self.defer(Deferral::Registrations, free - jobs.len());
        self.decision.stopped = !self.decision.deferred.is_empty() && self.fleet.item.is_stopped();
        let Some(first) = jobs.first() else { return };

        let count = number(jobs.len());
        let id = IntentId::new(&first.item.job, first.item.launches + 1);
        if self.group.intent(&Key::intent(id.as_str())).is_some() {
            // There is a launch for it, so the job is not new: the index shows the launch and not the job.
            self.decision.contradicted = true;
            return;
        }
        let mut intent = Intent {
            id,
            repository: facts.repository.clone(),
            labels: facts.labels.clone(),
            jobs: jobs.iter().map(|job| (job.item.job.job_id, job.item.job.run_attempt)).collect(),
            release: facts.release.clone(),
            state: IntentState::Open,
            since: facts.now,
            called_at: facts.now,
            held_until: facts.deadline,
            unfilled: count,
            call: None,
            tried: 0,
            in_vain: 0,
            launched: Vec::new(),
        };
        intent.in_vain = jobs.iter().map(|job| self.in_vain(&job.item)).max().unwrap_or(0);
        match first_call(&intent) {
            Ok(FirstCall { tried, pool, image }) => {
                intent.tried = tried;
                intent.call = Some(Call { pool, image, count, attempt: 1 });
            }
            Err(why) => return self.refuse(jobs, why, facts),
        }
        self.fleet.item.take(&facts.repository, count);
        for mut job in jobs {
            job.item.in_vain = self.in_vain(&job.item);
            job.item.launches += 1;
            job.item.launched_at = Some(facts.now);
            job.item.not_before = None;
            job.item.intent = Some(intent.id.clone());
            self.changed.insert(Key::job(&job.item.job), job);
        }
        self.promise(Stored { revision: None, item: intent }, false, facts);
    }

    fn defer(&mut self, until: Deferral, jobs: usize) {
        if jobs > 0 {
            self.decision.deferred.push((until, jobs));
        }
    }

    /// Stores that nothing can be launched for `jobs`, so that nobody publishes them for some time.
    fn refuse(&mut self, jobs: Vec<Stored<Job>>, why: Unlaunchable, facts: &Facts) {
        self.decision.refused = Some((jobs.len(), why, UNLAUNCHABLE_RETRY));
        for mut job in jobs {
            job.item.not_before = Some(facts.now + UNLAUNCHABLE_RETRY);
            self.changed.insert(Key::job(&job.item.job), job);
        }
    }

    /// How many launches for the job made no runner that took a job, including the last one.
    fn in_vain(&self, job: &Job) -> u32 {
        job.in_vain + u32::from(self.group.was_in_vain(job))
    }

    /// Whether the job's budget is used up and its last launch failed a short time ago. Stores that, so that nobody
    /// publishes the job for some time.
    fn rests(&mut self, job: &Stored<Job>, facts: &Facts) -> bool {
        let Some(until) = job.item.launched_at.map(|at| at + STRANDED_RETRY) else { return false };
        let rests =
            self.group.was_in_vain(&job.item) && self.in_vain(&job.item) > facts.budget && facts.now < until;
        if rests {
            let mut job = job.clone();
            job.item.not_before = Some(until);
            self.decision.stranded.push(job.item.job.clone());
            self.changed.insert(Key::job(&job.item.job), job);
        }
        rests
    }

    /// Whether a launch for the job is under way, or was just taken over.
    fn is_being_launched_for(&self, job: &Job, now: Time) -> bool {
        let Some(id) = &job.intent else { return false };
        self.decision.tasks.iter().any(|task| task.intent.item.id == *id)
            || self.group.intent(&Key::intent(id.as_str())).is_some_and(|intent| intent.item.is_held(now))
    }

    fn registrations_in_time(&self, count: u32, facts: &Facts) -> bool {
        self.fleet.item.earliest_registration(count, facts.now) + LAUNCH_TIME <= facts.deadline
    }

    /// Reserves the call that a launch needs, and adds the launch to the tasks. Registrations are reserved later,
    /// when there is something to register: a reservation that comes too early is wasted.
    fn promise(&mut self, intent: Stored<Intent>, resumed: bool, facts: &Facts) {
        let launch_at = match &intent.item.call {
            Some(call) => self.fleet.item.reserve_launch(call.count, facts.now),
            None => facts.now,
        };
        self.decision.writes.push(intent.write());
        self.decision.tasks.push(LaunchTask { intent: intent.committed(), launch_at, resumed });
    }

    fn finish(self, facts: &Facts) -> Decision {
        let Self { mut decision, changed, fleet, .. } = self;
        decision.writes.extend(changed.values().map(Stored::write));
        if fleet != facts.fleet {
            decision.writes.push(fleet.write());
        }
        decision
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{InstanceId, Item, Market, Runner},
        sample::{
            DEADLINE, NOW, asked, deployment, first, group, intent, job, left, listening, newer, pool,
            repository, served, usual_labels,
        },
    };

    fn facts(ids: &[u64], group: Group) -> Facts {
        Facts {
            repository: repository(),
            labels: usual_labels(),
            asked: ids.iter().map(|id| asked(*id)).collect(),
            group,
            fleet: Stored::absent(),
            seen: BTreeMap::new(),
            release: RunnerRelease::newest_shipped(),
            deployment: deployment(),
            caps: Caps { total: 20, per_repository: 20 },
            budget: 3,
            now: NOW,
            deadline: DEADLINE,
        }
    }

    fn decided(facts: &Facts) -> Decision {
        decide(facts, |_| Ok(FirstCall { tried: 0, pool: pool(0, Market::Spot), image: "ami-1".to_owned() }))
    }

    #[track_caller]
    fn launches(decision: &Decision, counts: &[u32]) {
        let found: Vec<_> = decision.tasks.iter().map(|task| task.intent.item.unfilled).collect();
        assert_eq!(found, counts);
    }

    #[test]
    fn a_new_job_its_launch_and_the_fleet_are_written_together() {
        let decision = decided(&facts(&[1], Group::default()));
        launches(&decision, &[1]);
        let kinds: Vec<_> = decision.writes.iter().map(|write| &write.item).collect();
        assert!(matches!(kinds[..], [Item::Intent(_), Item::Job(_), Item::Fleet(_)]), "{kinds:?}");
        assert_eq!(decision.recorded.len(), 1);
    }

    #[test]
    fn the_same_message_again_changes_nothing() {
        let decision = decided(&facts(&[1], group([served(1).into(), intent(1, 1).into()])));
        assert!(decision.writes.is_empty() && decision.tasks.is_empty());
    }

    #[test]
    fn ten_jobs_are_one_launch_of_ten() {
        let ids: Vec<_> = (1..=10).collect();
        launches(&decided(&facts(&ids, Group::default())), &[10]);
    }

    #[test]
    fn what_the_caps_have_no_room_for_is_recorded_and_waits() {
        let mut facts = facts(&[1, 2, 3], Group::default());
        facts.caps = Caps { total: 20, per_repository: 2 };
        let decision = decided(&facts);
        launches(&decision, &[2]);
        assert_eq!((decision.recorded.len(), decision.deferred), (3, vec![(Deferral::Slots, 1)]));
    }

    #[test]
    fn a_runner_that_listens_without_a_job_is_enough() {
        let decision = decided(&facts(&[1], group([listening(9).into()])));
        launches(&decision, &[]);
        assert_eq!(decision.recorded.len(), 1, "the job is in the ledger all the same");
    }

    #[test]
    fn a_launch_that_was_left_is_taken_over_with_the_same_call() {
        let left = left(1, 1);
        let decision = decided(&facts(&[1], group([served(1).into(), left.clone().into()])));
        launches(&decision, &[1]);
        let task = &decision.tasks[0];
        assert!(task.resumed && task.intent.item.call == left.call && task.intent.item.id == left.id);
        assert_eq!(task.intent.item.held_until, DEADLINE);
    }

    #[test]
    fn a_new_launch_has_the_release_in_force_and_one_that_is_made_again_the_one_it_had() {
        let mut facts = facts(&[1], Group::default());
        facts.release = newer();
        assert_eq!(decided(&facts).tasks[0].intent.item.release, newer());
        facts.group = group([served(1).into(), left(1, 1).into()]);
        let decision = decided(&facts);
        let again = &decision.tasks[0].intent.item;
        assert_eq!((decision.tasks[0].resumed, &again.release), (true, &left(1, 1).release));
        assert_ne!(again.release, newer());
    }

    #[test]
    fn a_launch_begins_with_the_first_pool_that_may_be_asked() {
        let third = FirstCall { tried: 2, pool: pool(2, Market::Spot), image: "ami-1".to_owned() };
        let decision = decide(&facts(&[1], Group::default()), |_| Ok(third.clone()));
        let intent = &decision.tasks[0].intent.item;
        assert_eq!((intent.tried, &intent.call.as_ref().unwrap().pool), (2, &third.pool));
    }

    #[test]
    fn jobs_that_nothing_can_be_launched_for_are_recorded_and_wait() {
        let why = Unlaunchable::NoImage { image: "ami-1".to_owned() };
        let decision = decide(&facts(&[1, 2], Group::default()), |_| Err(why.clone()));
        launches(&decision, &[]);
        assert_eq!(decision.refused, Some((2, why, UNLAUNCHABLE_RETRY)));
        let waits = |write: &Write| match &write.item {
            Item::Job(job) => job.not_before == Some(NOW + UNLAUNCHABLE_RETRY) && job.launches == 0,
            _ => false,
        };
        assert!(decision.writes.len() == 2 && decision.writes.iter().all(waits), "{:?}", decision.writes);
    }

    #[test]
    fn an_index_that_shows_the_launch_and_not_its_job_is_not_believed() {
        let decision = decided(&facts(&[1], group([Intent { jobs: Vec::new(), ..left(1, 0) }.into()])));
        assert!(decision.contradicted);
    }

    #[test]
    fn a_job_that_github_says_is_over_is_closed_and_not_launched_for() {
        let mut facts = facts(&[1], group([job(1).into()]));
        facts.seen.insert(asked(1).job, None);
        let decision = decided(&facts);
        launches(&decision, &[]);
        assert!(decision.writes.iter().any(|write| matches!(&write.item, Item::Job(job) if !job.is_open())));
    }

    #[test]
    fn a_job_rests_when_its_budget_is_used_up_and_its_last_launch_came_to_nothing() {
        let instance = InstanceId::new("i-1");
        let closed = Intent { state: IntentState::Closed, launched: vec![instance.clone()], ..intent(1, 0) };
        let lost = Runner {
            instance_gone: true,
            ..Runner::launched(instance, closed.id.clone(), repository(), usual_labels(), NOW)
        };
        let tired = Job { in_vain: 3, ..served(1) };
        let rest =
            decided(&facts(&[1], group([tired.clone().into(), closed.clone().into(), lost.clone().into()])));
        launches(&rest, &[]);
        assert_eq!(rest.stranded.len(), 1);
        let fresh = Job { in_vain: 2, ..served(1) };
        launches(
            &decided(&facts(&[1], group([fresh.into(), closed.clone().into(), lost.clone().into()]))),
            &[1],
        );
        let taken = Runner { job: Some(asked(2).job), ..lost };
        launches(&decided(&facts(&[1], group([tired.into(), closed.into(), taken.into()]))), &[1]);
    }

    #[test]
    fn nothing_is_launched_that_could_not_be_registered_in_time() {
        let mut facts = facts(&[1], Group::default());
        let mut fleet = Fleet::default();
        fleet.pause(DEADLINE);
        facts.fleet = first(fleet);
        let decision = decided(&facts);
        launches(&decision, &[]);
        assert_eq!(decision.deferred, [(Deferral::Registrations, 1)]);
    }

    #[test]
    fn jobs_that_wait_for_slots_are_not_those_that_wait_for_github() {
        let mut facts = facts(&[1, 2, 3, 4, 5], Group::default());
        facts.caps = Caps { total: 20, per_repository: 3 };
        let mut fleet = Fleet::default();
        // Room for one more registration until the deadline.
        while fleet.earliest_registration(2, NOW) + LAUNCH_TIME <= DEADLINE {
            fleet.reserve_registrations(1, NOW);
        }
        facts.fleet = first(fleet);
        let decision = decided(&facts);
        launches(&decision, &[1]);
        assert_eq!(decision.deferred, [(Deferral::Slots, 2), (Deferral::Registrations, 2)]);
    }
}
