//! Runners: their registrations, and the processes that listen with them.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::Duration,
};

use jit_runners_runtime::{
    port::{JitConfiguration, Registration, RegistrationTarget},
    time::Time,
};

use super::{
    DAY, GithubEvent, GithubWorld, Grouped, Scope, Step, TargetState, assignment::REQUEUED_AFTER,
    demand::Stage, refusal::Answer,
};

/// The first runner's id; ids grow.
const FIRST_RUNNER: u64 = 101;

/// How long a runner takes to update itself.
const UPDATING: (Duration, Duration) = (Duration::from_secs(40), Duration::from_secs(80));

/// Why a runner cannot listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Its registration was removed, or had its job.
    #[error("the registration has been deleted")]
    Gone,
    /// Another process listened with the same configuration.
    #[error("conflict: the configuration was used before")]
    Used,
    /// GitHub has not issued this configuration.
    #[error("not a configuration")]
    Malformed,
}

/// A runner that was registered once.
pub(super) struct Runner {
    pub name: String,
    pub target: usize,
    pub labels: usize,
    pub created_at: Time,
    pub stage: RunnerStage,
    /// The machine is gone, which GitHub does not know at first.
    pub lost: bool,
    /// Its machine is gone, and GitHub knows.
    pub silent: bool,
    /// Its registration was removed although it has a job, which goes on.
    pub removed: bool,
    /// The secret part of the configuration.
    token: u64,
    /// The state before its last change, and when that was.
    before: Shown,
    pub changed_at: Time,
}

/// What GitHub shows of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// It listens, or has a job.
    pub online: bool,
    /// It has a job.
    pub busy: bool,
}

/// Where a runner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunnerStage {
    /// Registered; nobody has listened with it.
    New,
    /// Updates itself. It is shown with a job, and has none.
    Updating,
    /// Listens for a job.
    Listening,
    /// A job was chosen for it, whether it has picked it up or not.
    Busy { job: usize },
    /// A process listened with it, and does not any more.
    Offline,
    /// Its registration is gone.
    Gone,
}

impl Runner {
    /// Whether its registration is gone, and it has no job.
    pub(super) fn is_gone(&self) -> bool {
        self.stage == RunnerStage::Gone
    }

    /// Whether its registration is there.
    pub(super) fn is_registered(&self) -> bool {
        !self.is_gone() && !self.removed
    }

    /// Whether GitHub shows it as online.
    pub(super) fn is_online(&self) -> bool {
        let processes =
            matches!(self.stage, RunnerStage::Updating | RunnerStage::Listening | RunnerStage::Busy { .. });
        processes && !self.silent
    }

    /// Whether GitHub shows it as busy.
    pub(super) fn is_busy(&self) -> bool {
        self.job().is_some() || self.stage == RunnerStage::Updating
    }

    /// What GitHub shows of it.
    pub(super) fn shown(&self) -> Shown {
        Shown { online: self.is_online(), busy: self.is_busy() }
    }

    /// What GitHub showed of it at `then`, if it was there.
    pub(super) fn shown_at(&self, then: Time) -> Option<Shown> {
        let shown = if self.changed_at > then { self.before } else { self.shown() };
        (self.created_at <= then).then_some(shown)
    }

    /// The job that was chosen for it.
    pub(super) fn job(&self) -> Option<usize> {
        match self.stage {
            RunnerStage::Busy { job } => Some(job),
            RunnerStage::New
            | RunnerStage::Updating
            | RunnerStage::Listening
            | RunnerStage::Offline
            | RunnerStage::Gone => None,
        }
    }
}

impl TargetState {
    /// Forgets a registration.
    fn forget(&mut self, runner: usize, name: &str) {
        self.registered.remove(&runner);
        if self.names.get(name) == Some(&runner) {
            self.names.remove(name);
        }
    }
}

impl GithubWorld {
    /// A machine starts the runner program with a configuration, and listens from now on. Returns the id of the
    /// runner.
    pub fn connect(&mut self, now: Time, encoded: &str) -> Result<u64, ConnectError> {
        let (id, token) = decode(encoded).ok_or(ConnectError::Malformed)?;
        let runner = self.runner_index(id).ok_or(ConnectError::Malformed)?;
        let it = &mut self.runners[runner];
        if it.token != token {
            return Err(ConnectError::Malformed);
        }
        match it.stage {
            RunnerStage::New => {}
            RunnerStage::Gone => return Err(ConnectError::Gone),
            RunnerStage::Updating
            | RunnerStage::Listening
            | RunnerStage::Busy { .. }
            | RunnerStage::Offline => {
                return Err(ConnectError::Used);
            }
        }
        if self.settings.self_update > 0.0 && self.trouble.chance(self.settings.self_update) {
            self.happened.self_updates += 1;
            self.set_runner_stage(now, runner, RunnerStage::Updating);
            let at = now + self.trouble.between(UPDATING.0, UPDATING.1);
            self.schedule.add(at, Step::Updated { runner });
        } else {
            self.listen(now, runner);
        }
        Ok(id)
    }

    /// A runner has updated itself, unless its machine is gone.
    pub(super) fn updated(&mut self, now: Time, runner: usize) {
        match self.runners[runner].stage {
            RunnerStage::Updating if self.runners[runner].lost => self.go_offline(now, runner),
            RunnerStage::Updating => self.listen(now, runner),
            _ => {}
        }
    }

    fn listen(&mut self, now: Time, runner: usize) {
        self.set_runner_stage(now, runner, RunnerStage::Listening);
        let at = now + self.delay(self.settings.assign_delay);
        self.schedule.add(at, Step::SeekJob { runner });
        if let Some(idle_drop) = self.settings.idle_drop {
            let at = now + self.delay(idle_drop);
            self.schedule.add(at, Step::Drop { runner });
        }
    }

    /// A runner's process stops listening in an orderly way. Returns false if it was just given a job, which it then
    /// does.
    pub fn stop_listening(&mut self, now: Time, runner_id: u64) -> bool {
        let Some(runner) = self.runner_index(runner_id) else { return true };
        match self.runners[runner].stage {
            RunnerStage::Busy { .. } => return false,
            RunnerStage::Updating | RunnerStage::Listening => {
                self.runners[runner].lost = true;
                self.go_offline(now, runner);
            }
            RunnerStage::Gone => self.runners[runner].lost = true,
            RunnerStage::New | RunnerStage::Offline => {}
        }
        true
    }

    /// A machine vanishes without notice. GitHub finds out later.
    pub fn machine_lost(&mut self, now: Time, runner_id: u64) {
        let Some(runner) = self.runner_index(runner_id) else { return };
        let it = &mut self.runners[runner];
        let had_been_lost = mem::replace(&mut it.lost, true);
        if had_been_lost || !it.is_online() {
            return;
        }
        let stage = it.stage;
        let silent_at = now + self.delay(self.settings.offline_after);
        self.schedule.add(silent_at, Step::Silent { runner });
        let RunnerStage::Busy { job } = stage else { return };
        // Planned steps of the machine do not happen.
        self.jobs[job].epoch += 1;
        let epoch = self.jobs[job].epoch;
        let requeued_at = |assigned_at: Time| now.max(assigned_at + REQUEUED_AFTER);
        match self.jobs[job].stage {
            Stage::Assigned { at, .. } => self.schedule.add(requeued_at(at), Step::Requeue { job, epoch }),
            Stage::Running { assigned_at, .. } => {
                let early = now.since(assigned_at) < REQUEUED_AFTER;
                if self.random.chance(self.settings.requeued_though_started) && early {
                    self.schedule.add(requeued_at(assigned_at), Step::Requeue { job, epoch });
                } else {
                    let at = now + self.delay(self.settings.lost_machine);
                    self.schedule.add(at, Step::GiveUp { job, epoch });
                }
            }
            Stage::Held | Stage::Queued | Stage::Completed => {}
        }
    }

    /// Adds a runner to those of its target, in which its name must be free.
    pub(super) fn add_runner(
        &mut self,
        now: Time,
        target: usize,
        registration: &Registration,
    ) -> JitConfiguration {
        let index = self.runners.len();
        let token = self.random.number();
        let runner_id = Self::runner_id(index);
        self.runners.push(Runner {
            name: registration.name.clone(),
            target,
            labels: self.label_sets.number(&registration.labels),
            created_at: now,
            stage: RunnerStage::New,
            lost: false,
            silent: false,
            removed: false,
            token,
            before: Shown { online: false, busy: false },
            changed_at: now,
        });
        let state = &mut self.targets[target];
        state.registered.insert(index);
        state.names.insert(registration.name.clone(), index);
        self.schedule.add_for_tomorrow(now, Step::ExpireRunner { runner: index });
        JitConfiguration { runner_id, encoded: format!("jit-{runner_id}-{token:016x}") }
    }

    /// Moves a runner to a stage, and updates every list.
    pub(super) fn set_runner_stage(&mut self, now: Time, runner: usize, stage: RunnerStage) {
        let it = &mut self.runners[runner];
        it.before = it.shown();
        it.changed_at = now;
        let before = mem::replace(&mut it.stage, stage);
        let target = &mut self.targets[it.target];
        if before == RunnerStage::Listening {
            target.listening.remove(it.labels, runner);
        }
        match stage {
            RunnerStage::Listening => target.listening.insert(it.labels, runner),
            RunnerStage::Gone => target.forget(runner, &it.name),
            RunnerStage::New | RunnerStage::Updating | RunnerStage::Busy { .. } | RunnerStage::Offline => {}
        }
    }

    /// Whether a runner's job was assigned so recently that it is shown without one.
    pub(super) fn hides_its_job(&self, now: Time, runner: usize) -> bool {
        let blind = self.settings.removal_blind;
        let Some(job) = self.runners[runner].job() else { return false };
        match self.jobs[job].stage {
            Stage::Assigned { at, .. } | Stage::Running { assigned_at: at, .. } => now.since(at) < blind,
            Stage::Held | Stage::Queued | Stage::Completed => false,
        }
    }

    /// The registration of a runner with a job is removed. The job goes on.
    pub(super) fn remove_blindly(&mut self, runner: usize) {
        self.happened.blind_removals += 1;
        let it = &mut self.runners[runner];
        it.removed = true;
        self.targets[it.target].forget(runner, &it.name);
    }

    /// GitHub keeps the registration of a runner that no longer listens for a day.
    pub(super) fn go_offline(&mut self, now: Time, runner: usize) {
        if self.runners[runner].removed {
            self.set_runner_stage(now, runner, RunnerStage::Gone);
            return;
        }
        self.set_runner_stage(now, runner, RunnerStage::Offline);
        self.schedule.add_for_tomorrow(now, Step::ExpireRunner { runner });
    }

    /// A runner without a job listened for too long.
    pub(super) fn drop_idle(&mut self, now: Time, runner: usize, out: &mut Vec<GithubEvent>) {
        if self.runners[runner].stage == RunnerStage::Listening {
            self.happened.idle_drops += 1;
            self.set_runner_stage(now, runner, RunnerStage::Gone);
            self.tell(runner, out);
        }
    }

    /// A runner's process learns that its registration is gone.
    pub(super) fn tell(&self, runner: usize, out: &mut Vec<GithubEvent>) {
        if !self.runners[runner].lost {
            out.push(GithubEvent::Dropped { runner_id: Self::runner_id(runner) });
        }
    }

    /// GitHub sees that a machine is silent.
    pub(super) fn notice_silence(&mut self, now: Time, runner: usize) {
        self.runners[runner].silent = true;
        if matches!(self.runners[runner].stage, RunnerStage::Updating | RunnerStage::Listening) {
            self.go_offline(now, runner);
        }
    }

    /// A runner that nobody listened with for a day is removed
    /// (<https://docs.github.com/en/actions/concepts/runners/communicating-with-self-hosted-runners>).
    pub(super) fn expire_runner(&mut self, now: Time, runner: usize) {
        let it = &self.runners[runner];
        let is_offline = matches!(it.stage, RunnerStage::New | RunnerStage::Offline);
        if is_offline && now.since(it.changed_at) >= DAY {
            self.set_runner_stage(now, runner, RunnerStage::Gone);
        }
    }

    /// The index in the list; `None` if there is no such repository.
    pub(super) fn target(&mut self, target: &RegistrationTarget) -> Option<usize> {
        let scope = match target {
            RegistrationTarget::Repository(repository) => {
                Scope::Repository(self.known_repository(repository)?)
            }
            RegistrationTarget::Organization(owner) => Scope::Owner(self.owner(owner)),
        };
        let (known, present) = match scope {
            Scope::Repository(repository) => {
                let state = &mut self.repositories[repository];
                let name = state.name().clone();
                (&mut state.target, RegistrationTarget::Repository(name))
            }
            Scope::Owner(owner) => (&mut self.owners[owner].target, target.clone()),
        };
        if known.is_some() {
            return *known;
        }
        let index = self.targets.len();
        *known = Some(index);
        self.targets.push(TargetState {
            target: present,
            scope,
            registered: BTreeSet::new(),
            names: BTreeMap::new(),
            listening: Grouped::default(),
        });
        Some(index)
    }

    /// The index of the target that a call names.
    pub(super) fn reach_target(
        &mut self,
        now: Time,
        index: Option<usize>,
        target: &RegistrationTarget,
    ) -> Result<(usize, Scope), Answer> {
        let index = index.ok_or(Answer::NotFound)?;
        if let RegistrationTarget::Repository(repository) = target {
            self.reach(now, repository)?;
        }
        Ok((index, self.targets[index].scope))
    }

    /// The id of a runner.
    pub(super) fn runner_id(runner: usize) -> u64 {
        FIRST_RUNNER + u64::try_from(runner).unwrap_or_default()
    }

    /// The runner's index in the list.
    pub(super) fn runner_index(&self, runner_id: u64) -> Option<usize> {
        let index = usize::try_from(runner_id.checked_sub(FIRST_RUNNER)?).ok()?;
        (index < self.runners.len()).then_some(index)
    }
}

/// Id and token of a configuration.
fn decode(encoded: &str) -> Option<(u64, u64)> {
    let (id, token) = encoded.strip_prefix("jit-")?.split_once('-')?;
    Some((id.parse().ok()?, u64::from_str_radix(token, 16).ok()?))
}
