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
    gap::Group,
    port::{Deferral, GithubJob, GithubJobStatus, Stored, Write},
    record::{Call, Caps, Fleet, Intent, IntentId, IntentState, Job, NoLaunches, Place, RunnerName, TryId},
    time::Time,
};

/// An old job about which GitHub did not answer is asked about again after this.
const UNANSWERED_RETRY: Duration = Duration::from_mins(1);
/// A job that nothing can be launched for is considered again after this. That costs no call of EC2.
const UNLAUNCHABLE_RETRY: Duration = Duration::from_mins(5);
/// The longest that a launch and the registration of its runners take while the services answer.
pub(super) const LAUNCH_TIME: Duration = Duration::from_secs(15);

/// Jobs that one decision puts off together. The table makes 100 changes at once, and there are others.
const MOST_PUT_OFF: usize = 60;

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
    /// What GitHub says about jobs that were launched for before, or are old; `None` if it knows no such job.
    pub seen: BTreeMap<JobRef, Option<GithubJob>>,
    /// Old jobs that nobody had heard of and about which GitHub did not answer.
    pub unanswered: BTreeSet<JobRef>,
    /// What GitHub said about registrations where the runners are registered.
    pub place: Stored<Place>,
    /// The label set.
    pub label_set: String,
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
#[derive(Debug, Clone)]
pub(super) struct Decision {
    /// The repository, by its newest name.
    pub repository: Repository,
    /// Changes, all or none.
    pub writes: Vec<Write>,
    /// Launches to carry out.
    pub tasks: Vec<LaunchTask>,
    /// Jobs that were not known before.
    pub recorded: Vec<JobRef>,
    /// How many jobs wait, by what they wait for. No number is 0.
    pub deferred: Vec<(Deferral, usize)>,
    /// Why nothing at all is launched, if that is so.
    pub no_launches: Option<NoLaunches>,
    /// Jobs that have used up their budget of launches for now.
    pub stranded: Vec<JobRef>,
    /// Jobs that nothing can be launched for: how many, why, and for how long they wait.
    pub refused: Option<(usize, Unlaunchable, Duration)>,
    /// Before anything is launched, a registration is to be tried at this time. Nobody else tries.
    pub try_registration: Option<Try>,
    /// Nothing is launched before somebody else's registration has shown whether GitHub accepts them here.
    pub awaits_proof: bool,
    /// The index contradicts itself: the items are to be read by key, and the decision made again.
    pub contradicted: bool,
}

/// A registration to try before anything is launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Try {
    /// When.
    pub at: Time,
    /// What tells it from others.
    pub id: TryId,
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
    /// What is known of registrations there.
    pub proof: Proof,
}

/// What is known of registrations where a launch registers its runners.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// They have succeeded, and nothing was refused since.
    Known,
    /// Nothing was refused, and the first one that succeeds is noted in this item.
    Missing(Stored<Place>),
    /// What came of one has to be noted with care.
    Unclear,
}

/// Decides. `first_call` says which pool a launch asks first, its position, and the image.
pub(super) fn decide(
    facts: &Facts,
    first_call: impl Fn(&Intent) -> Result<FirstCall, Unlaunchable>,
) -> Decision {
    let mut deciding = Deciding {
        decision: Decision::new(facts.repository.clone()),
        changed: BTreeMap::new(),
        fleet: facts.fleet.clone(),
        place: facts.place.clone(),
        group: facts.group.clone(),
        gap: 0,
    };
    deciding.record(facts);
    deciding.gap = deciding.group.gap(facts.now);
    deciding.take_over(facts);
    deciding.launch(facts, first_call);
    deciding.finish(facts)
}

/// Whether runners can be expected to get a registration.
enum Registrations {
    /// Yes.
    Expected,
    /// GitHub refused, and is asked again at that time.
    Refused(Time),
    /// Somebody else is about to find out.
    Awaited,
    /// Nobody knows. One is tried before anything is launched.
    ToTry,
}

struct Deciding {
    decision: Decision,
    changed: BTreeMap<Key, Stored<Job>>,
    fleet: Stored<Fleet>,
    place: Stored<Place>,
    group: Group,
    gap: usize,
}

impl Decision {
    /// Nothing changes.
    const fn new(repository: Repository) -> Self {
        Self {
            repository,
            writes: Vec::new(),
            tasks: Vec::new(),
            recorded: Vec::new(),
            deferred: Vec::new(),
            no_launches: None,
            stranded: Vec::new(),
            refused: None,
            try_registration: None,
            awaits_proof: false,
            contradicted: false,
        }
    }
}

impl Deciding {
    /// Adds what the messages and GitHub say to the ledger.
    fn record(&mut self, facts: &Facts) {
        for asked in &facts.asked {
            let key = Key::job(&asked.job);
            let known = self.group.job(&key).cloned();
            let mut job = known.clone().unwrap_or_else(|| {
                self.decision.recorded.push(asked.job.clone());
                Stored { revision: None, item: Job::asked(asked) }
            });
            let seen = facts.seen.get(&asked.job);
            let is_held = seen
                .is_some_and(|seen| seen.as_ref().is_some_and(|seen| seen.status == GithubJobStatus::Held));
            if asked.received_at > 0 && !is_held {
                job.item.announce(Time::from_millis(asked.received_at));
            }
            job.item.learn_name(&facts.repository);
            match seen {
                Some(Some(seen)) => {
                    job.item.seen(seen.status, facts.now);
                    self.bind(&asked.job, seen, &facts.deployment);
                }
                Some(None) => job.item.missed(facts.now),
                None if facts.unanswered.contains(&asked.job) => {
                    job.item.not_before = Some(facts.now + UNANSWERED_RETRY);
                }
                None => {}
            }
            if known.as_ref() != Some(&job) {
                self.group.learn(job.clone());
                self.changed.insert(key, job);
            }
        }
    }

    /// Notes that GitHub gave a job to one of our runners, which therefore takes no other.
    fn bind(&mut self, job: &JobRef, seen: &GithubJob, deployment: &DeploymentName) {
        let name = seen.runner_name.as_deref().and_then(|name| RunnerName::parse(name, deployment));
        let Some(name) = name else { return };
        let Some(runner) = self.group.runner(&Key::runner(name.instance.as_str())) else { return };
        // The name alone proves nothing.
        if runner.item.job.is_none() && runner.item.registration.is_some_and(|id| seen.runner_id == Some(id))
        {
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
            // Its jobs are launched for again in this decision, which must know that it came to nothing.
            self.group.learn(intent.committed());
        }
        if self.fleet.item.no_launches(facts.caps).is_some() {
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
        if let Some(why) = self.fleet.item.no_launches(facts.caps) {
            let waiting = jobs.len().min(self.gap);
            self.decision.no_launches = (waiting > 0).then_some(why);
            return self.defer(Deferral::Slots, waiting);
        }
        jobs.retain(|job| !self.rests(job, facts));
        jobs.sort_by_cached_key(|job| self.group.launched_in_turn(&job.item, facts.now));
        jobs.truncate(self.gap);
        match self.registrations(facts, number(jobs.len())) {
            Registrations::Expected => {}
            Registrations::Refused(until) => return self.wait_for_registrations(until, facts.now),
            Registrations::Awaited => {
                self.decision.awaits_proof = true;
                return;
            }
            Registrations::ToTry => return self.try_registration(jobs.len(), facts),
        }
        let wanted = jobs.len();
        let free = self.fleet.item.free(&facts.repository, facts.caps);
        jobs.truncate(usize::try_from(free).unwrap_or(usize::MAX));
        self.defer(Deferral::Slots, wanted - jobs.len());
        let free = jobs.len();
        while !jobs.is_empty() && !self.registrations_in_time(number(jobs.len()), facts) {
            jobs.pop();
        }
        self.defer(Deferral::Registrations, free - jobs.len());
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
            is_doubtful: false,
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
        self.place.item.launch(count, facts.now);
        for mut job in jobs {
            if let Some(launched_at) = job.item.launched_at.filter(|_| self.group.was_in_vain(&job.item)) {
                job.item.note_in_vain(launched_at);
            }
            job.item.launches += 1;
            job.item.launched_at = Some(facts.now);
            job.item.not_before = None;
            job.item.intent = Some(intent.id.clone());
            self.changed.insert(Key::job(&job.item.job), job);
        }
        self.promise(Stored { revision: None, item: intent }, false, facts);
    }

    /// Whether `count` runners can be expected to get a registration.
    fn registrations(&self, facts: &Facts, count: u32) -> Registrations {
        let place = &self.place.item;
        if count == 0 {
            return Registrations::Expected;
        }
        match place.refusal(&facts.label_set) {
            Some(refusal) if facts.now < refusal.again_at => Registrations::Refused(refusal.again_at),
            // A few instances may be launched in vain. That costs less than a try for each place.
            None if place.is_proven(facts.now)
                || place.launched_unproven(facts.now) + count <= facts.budget + 1 =>
            {
                Registrations::Expected
            }
            None if place.is_about_to_be_proven(facts.now) => Registrations::Awaited,
            Some(_) | None => Registrations::ToTry,
        }
    }

    /// Stores that the jobs of this label set wait until a registration may be tried again. So that they do not use up
    /// what can be published for others, these are all jobs, not only those that were asked for.
    fn wait_for_registrations(&mut self, until: Time, now: Time) {
        let jobs: Vec<_> = self.group.unserved(now).into_iter().take(MOST_PUT_OFF).cloned().collect();
        self.defer(Deferral::Refused, jobs.len());
        for job in jobs {
            self.put_off(job, until);
        }
    }

    /// Has one registration tried before anything is launched for `jobs` jobs.
    fn try_registration(&mut self, jobs: usize, facts: &Facts) {
        if !self.registrations_in_time(1, facts) {
            return self.defer(Deferral::Registrations, jobs);
        }
        let try_id = self.place.item.try_registration(&facts.label_set, facts.now);
        let at = self.fleet.item.reserve_registrations(1, facts.now);
        self.decision.try_registration = Some(Try { at, id: try_id });
    }

    fn defer(&mut self, until: Deferral, jobs: usize) {
        if jobs > 0 {
            self.decision.deferred.push((until, jobs));
        }
    }

    /// Stores that nothing can be launched for `jobs`, so that nobody publishes them for some time.
    fn refuse(&mut self, jobs: Vec<Stored<Job>>, why: Unlaunchable, facts: &Facts) {
        self.decision.refused = Some((jobs.len(), why, UNLAUNCHABLE_RETRY));
        for job in jobs {
            self.put_off(job, facts.now + UNLAUNCHABLE_RETRY);
        }
    }

    /// How many launches for the job made no runner that took a job, including the last one.
    fn in_vain(&self, job: &Job) -> u32 {
        job.in_vain + u32::from(self.group.was_in_vain(job))
    }

    /// Whether the job rests because its launches were in vain. Stores that, so that nobody publishes it for that time.
    fn rests(&mut self, job: &Stored<Job>, facts: &Facts) -> bool {
        let in_vain = job.item.launched_at.filter(|_| self.group.was_in_vain(&job.item));
        let rest = |last| job.item.rests_until(last, facts.budget).filter(|until| facts.now < *until);
        let Some(mut until) = rest(in_vain) else { return false };
        if self.group.is_coming(&job.item, facts.now) {
            // Nothing more is launched for now. Whether the last launch was in vain is not known before its runner has come.
            let Some(of_others) = rest(None) else { return true };
            until = of_others;
        }
        self.decision.stranded.push(job.item.job.clone());
        self.put_off(job.clone(), until);
        true
    }

    /// Stores that nothing is launched for `job` before `until`.
    fn put_off(&mut self, mut job: Stored<Job>, until: Time) {
        job.item.not_before = Some(until);
        self.changed.insert(Key::job(&job.item.job), job);
    }

    /// Whether a launch for the job is under way, or was just taken over.
    fn is_being_launched_for(&self, job: &Job, now: Time) -> bool {
        let Some(id) = &job.intent else { return false };
        self.decision.tasks.iter().any(|task| task.intent.item.id == *id)
            || self.group.last_launch(job).is_some_and(|intent| intent.item.is_held(now))
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
        let place = &self.place.item;
        let proof = match place.refusal(&facts.label_set) {
            None if place.is_proven(facts.now) => Proof::Known,
            // The item that another launch has just written, somebody will change before this one is done.
            None if self.place != facts.place && facts.place.item.launched_unproven(facts.now) == 0 => {
                Proof::Missing(self.place.clone().committed())
            }
            Some(_) | None => Proof::Unclear,
        };
        self.decision.writes.push(intent.write());
        self.decision.tasks.push(LaunchTask { intent: intent.committed(), launch_at, resumed, proof });
    }

    fn finish(self, facts: &Facts) -> Decision {
        let Self { mut decision, changed, fleet, place, .. } = self;
        decision.writes.extend(changed.values().map(Stored::write));
        if place != facts.place {
            decision.writes.push(place.write());
        }
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
mod tests;
