//! Refusals that depend on the place: what an organization forbids, what the App may not do, and what GitHub cannot
//! answer. Unlike other faults, they may last for ever.

use std::collections::{BTreeMap, BTreeSet};

use jit_runners_model::{
    Label,
    contract::message::{JobRef, Repository},
};
use jit_runners_runtime::{port::Refusal, time::Time};

use super::{
    GithubWorld, Scope,
    demand::{RunId, RunState},
};

/// A call that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusedCall {
    /// To register a runner.
    Registration,
    /// To show a job.
    Job,
    /// To remove a runner.
    Removal,
    /// To list the jobs of a run, or of any run.
    RunJobs {
        /// Which run.
        run: Option<RunId>,
    },
    /// To list runs.
    Runs,
    /// Everything, including what is in no other list.
    Everything,
}

impl RefusedCall {
    /// Whether a refusal of this concerns such a call.
    fn covers(self, call: Self) -> bool {
        match (self, call) {
            (Self::Everything, _) | (Self::RunJobs { run: None }, Self::RunJobs { .. }) => true,
            _ => self == call,
        }
    }
}

/// What GitHub refuses at some places.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceRefusal {
    /// Since when.
    pub from: Time,
    /// Until when. If it never ends, it outlasts other faults.
    pub until: Option<Time>,
    /// What is refused.
    pub call: RefusedCall,
    /// The status of the answer.
    pub answer: u16,
    /// Where: names of repositories, and of owners with all their repositories; if it is empty, everywhere. A
    /// repository is meant under all its names.
    pub repositories: BTreeSet<String>,
    /// Only calls for a runner or a job with one of these labels; if it is empty, all calls.
    pub labels: BTreeSet<Label>,
    /// How often, from 0 to 1.
    pub chance: f64,
}

impl PlaceRefusal {
    fn is_due(&self, now: Time) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    fn concerns_labels(&self, labels: Option<&BTreeSet<Label>>) -> bool {
        self.labels.is_empty() || labels.is_some_and(|labels| !labels.is_disjoint(&self.labels))
    }
}

/// What GitHub answers instead of a result.
pub(super) enum Answer {
    NotFound,
    Refused(u16, String),
    Limited(Refusal),
}

/// When something was last refused, by place and, where only some labels are refused, by label set.
pub(super) type LastRefused = BTreeMap<(Scope, Option<usize>), Time>;

impl GithubWorld {
    /// Refuses a call if it is refused at this place. `labels` is the label set of the runner or job that it is about.
    pub(super) fn refuse(
        &mut self,
        now: Time,
        call: RefusedCall,
        place: Scope,
        labels: Option<usize>,
    ) -> Result<(), Answer> {
        if self.settings.refusals.is_empty() {
            return Ok(());
        }
        let its_labels = labels.map(|labels| &self.label_sets.sets[labels]);
        let concerned: Vec<_> = self
            .settings
            .refusals
            .iter()
            .filter(|it| it.is_due(now) && it.call.covers(call) && it.concerns_labels(its_labels))
            .filter(|it| self.is_at(it, place))
            .map(|it| (it.answer, it.chance, it.until.is_none(), !it.labels.is_empty()))
            .collect();
        for (answer, chance, for_good, of_labels) in concerned {
            if !self.trouble.chance(chance) {
                continue;
            }
            self.last_refused.insert((place, labels.filter(|_| of_labels)), now);
            self.happened.refused.note(call, answer, for_good, of_labels);
            return Err(match (answer, call) {
                (404, _) => Answer::NotFound,
                (status, call) => Answer::Refused(status, words(status, call).to_owned()),
            });
        }
        Ok(())
    }

    /// When a call that concerns a job was last refused because of its place or its labels.
    pub fn last_refused(&self, job: &JobRef) -> Option<Time> {
        let it = &self.jobs[self.job_index(job)?];
        let places = [Scope::Repository(it.repository), Scope::Owner(self.repositories[it.repository].owner)];
        let keys = places.into_iter().flat_map(|place| [(place, None), (place, Some(it.labels))]);
        keys.filter_map(|key| self.last_refused.get(&key)).max().copied()
    }

    /// Whether something that a job may need is refused at its place, or to its labels, and will be for ever.
    pub fn is_refused_for_good(&self, job: &JobRef) -> bool {
        let Some(index) = self.job_index(job) else { return false };
        let it = &self.jobs[index];
        let (place, labels) = (Scope::Repository(it.repository), &self.label_sets.sets[it.labels]);
        let run = RefusedCall::RunJobs { run: Some(RunId { id: Self::run_id(it.run) }) };
        self.settings.refusals.iter().any(|refusal| {
            let needed = [RefusedCall::Registration, RefusedCall::Job, RefusedCall::Runs, run];
            refusal.until.is_none()
                && needed.into_iter().any(|call| refusal.call.covers(call))
                && refusal.concerns_labels(Some(labels))
                && self.is_at(refusal, place)
        })
    }

    /// Whether anything is refused for ever.
    pub fn refuses_for_good(&self) -> bool {
        self.settings.refusals.iter().any(|refusal| refusal.until.is_none())
    }

    /// Whether anything is refused for ever at this repository, or to its owner.
    pub fn refuses_for_good_at(&self, repository: &Repository) -> bool {
        self.refuses_for_good()
            && self.known_repository(repository).is_some_and(|index| {
                let places = [Scope::Repository(index), Scope::Owner(self.repositories[index].owner)];
                let mut refusals = self.settings.refusals.iter().filter(|it| it.until.is_none());
                refusals.any(|it| places.into_iter().any(|place| self.is_at(it, place)))
            })
    }

    /// Whether the removal of a registration is refused for ever, or the question which ones there are.
    pub fn is_kept_for_good(&self, runner_id: u64) -> bool {
        self.refuses_for_good()
            && self.runner_index(runner_id).is_some_and(|runner| {
                let place = self.targets[self.runners[runner].target].scope;
                let mut refusals = self.settings.refusals.iter().filter(|it| it.until.is_none());
                refusals.any(|it| it.call.covers(RefusedCall::Removal) && self.is_at(it, place))
            })
    }

    /// Whether something is wrong for ever somewhere: a refusal, or a run that hangs.
    pub fn has_lasting_trouble(&self) -> bool {
        self.refuses_for_good() || self.runs.iter().any(RunState::hangs)
    }

    /// Somebody cancels all jobs that need what is refused for ever.
    pub fn cancel_refused(&mut self, now: Time) {
        let open: Vec<_> =
            self.jobs.iter().filter(|job| !job.is_over()).map(|job| job.reference.clone()).collect();
        for job in open.iter().filter(|job| self.is_refused_for_good(job)).collect::<Vec<_>>() {
            self.cancel_job(now, job);
        }
    }

    fn is_at(&self, refusal: &PlaceRefusal, place: Scope) -> bool {
        let meant = |name: &str| refusal.repositories.contains(name);
        refusal.repositories.is_empty()
            || match place {
                Scope::Owner(owner) => meant(&self.owners[owner].name),
                Scope::Repository(repository) => {
                    let names = self.repositories[repository].names();
                    names.iter().any(|name| meant(name.as_str()) || meant(name.owner()))
                }
            }
    }
}

/// How often something was refused because of its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Registrations that are refused for ever.
    pub registrations_for_good: u32,
    /// Registrations that were refused for their labels.
    pub labels: u32,
    /// Names that were taken although nobody has them.
    pub names: u32,
    /// Jobs that were there and not shown.
    pub jobs: u32,
    /// Removals.
    pub removals: u32,
    /// Lists of the jobs of a run.
    pub run_jobs: u32,
    /// Lists of runs.
    pub runs: u32,
    /// Registrations that were refused for a while.
    pub registrations_for_a_while: u32,
}

impl Refusals {
    const fn note(&mut self, call: RefusedCall, answer: u16, for_good: bool, of_labels: bool) {
        let count = match call {
            RefusedCall::Registration if answer == 409 => &mut self.names,
            RefusedCall::Registration if of_labels => &mut self.labels,
            RefusedCall::Registration if for_good => &mut self.registrations_for_good,
            RefusedCall::Registration => &mut self.registrations_for_a_while,
            RefusedCall::Job => &mut self.jobs,
            RefusedCall::Removal => &mut self.removals,
            RefusedCall::RunJobs { .. } => &mut self.run_jobs,
            RefusedCall::Runs | RefusedCall::Everything => &mut self.runs,
        };
        *count += 1;
    }
}

/// GitHub's words.
const fn words(status: u16, call: RefusedCall) -> &'static str {
    match (status, call) {
        // https://github.com/runs-on/runs-on/issues/417
        (403, RefusedCall::Registration) => {
            "Repository level self-hosted runners are disabled on this repository."
        }
        (403, _) => "Resource not accessible by integration",
        (409, _) => "Already exists - A runner with the name already exists.",
        (422, _) => "Validation Failed",
        (500, _) => "Server Error",
        (502, _) => "Bad Gateway",
        (503, _) => "Service Unavailable",
        _ => "Refused",
    }
}
