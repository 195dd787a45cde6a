//! What happens in a scenario: pushes and what people do with them, at which times. A seed decides what a file leaves
//! open.

mod read;

use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_runtime::webhook::Request;
use jit_runners_yaml::Spot;

pub(super) use self::read::{LABEL, REPOSITORY, read, unknown};
use crate::{
    github::{NewJob, PlaceRefusal, RefusedCall, RunId},
    random::Random,
    stack::Deploying,
    stranger::Stranger,
    swarm::FORGED_JOB,
    world::{Means, World},
};

/// One entry of the story.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// When it happens, since the beginning: between these times.
    at: (Duration, Duration),
    /// What others call it.
    name: Option<String>,
    /// What happens.
    act: Act,
    /// Where it stands in the file.
    spot: Spot,
}

/// What happens.
#[derive(Debug, Clone)]
enum Act {
    Push(Box<Pushes>),
    Cancel(String),
    Rerun(String),
    Rename {
        from: Repository,
        to: Repository,
    },
    Hang {
        repository: Repository,
        runs: u32,
    },
    Foreign {
        installation: u64,
        repository: Repository,
        jobs: u32,
        labels: BTreeSet<Label>,
        length: (Duration, Duration),
    },
    Stranger(Box<Strangers>),
    Lose {
        lasting: Duration,
    },
    Forge(Repository),
    Deploy(Deploying),
    Pause {
        means: Means,
        lasting: Duration,
    },
}

/// Pushes that are alike.
#[derive(Debug, Clone)]
struct Pushes {
    /// Where to; with a number behind it, if there are several.
    repository: Repository,
    /// How many repositories there are, one of which is drawn for each push.
    repositories: Option<u32>,
    /// How many pushes, and how long after each other if that is not drawn.
    times: u32,
    every: Option<Duration>,
    /// Pushes go on until there are so many jobs.
    in_all: Option<u32>,
    /// Jobs of one push.
    jobs: (u32, u32),
    labels: BTreeSet<Label>,
    length: (Duration, Duration),
    /// How its jobs are held before they are queued.
    held: Option<HeldJobs>,
    /// Each push cancels the run of the one before.
    cancel_in_progress: bool,
    /// Its `queued` webhooks never come.
    unheard: bool,
}

/// Jobs that are held before they are queued.
#[derive(Debug, Clone, Copy)]
struct HeldJobs {
    /// For how long.
    lasting: (Duration, Duration),
    /// They wait for an approval, and not for the concurrency of their workflow.
    gated: bool,
    /// A webhook says first that they are queued.
    announced: bool,
    /// How many of the jobs of a push; all if it is not said.
    jobs: Option<u32>,
}

/// Events of a stranger's job.
#[derive(Debug, Clone)]
struct Strangers {
    event: Stranger,
    times: u32,
    every: Duration,
}

/// What happens in the run of one seed.
#[derive(Debug, Clone)]
pub(super) struct Happening {
    /// Since the beginning.
    at: Duration,
    name: Option<String>,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Push { repository: Repository, jobs: Vec<NewJob>, cancels: Option<usize>, unheard: bool, number: usize },
    Cancel(String),
    Rerun(String),
    Rename { from: Repository, to: Repository },
    Hang { repository: Repository, runs: u32 },
    Foreign { installation: u64, repository: Repository, jobs: Vec<NewJob> },
    Stranger(Box<Stranger>),
    Lose { lasting: Duration },
    Forge(Repository),
    Deploy(Deploying),
    Pause { means: Means, lasting: Duration },
}

/// The runs that were pushed.
pub(super) type Pushed = Rc<RefCell<Vec<PushedRun>>>;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct PushedRun {
    /// The run.
    pub run: RunId,
    /// Where it was pushed to; the repository may have another name by now.
    pub repository: Repository,
    /// The name of the push.
    pub name: Option<String>,
    number: usize,
}

impl Entry {
    /// The latest time at which it happens.
    pub(super) fn latest(&self) -> Duration {
        match &self.act {
            Act::Push(pushes) => {
                self.at.1
                    + pushes.every.unwrap_or_default() * pushes.times.saturating_sub(1)
                    + pushes.held.map_or(Duration::ZERO, |held| held.lasting.1)
            }
            Act::Stranger(strangers) => self.at.1 + strangers.every * strangers.times.saturating_sub(1),
            Act::Lose { lasting } | Act::Pause { means: _, lasting } => self.at.1 + *lasting,
            Act::Cancel(_)
            | Act::Rerun(_)
            | Act::Rename { .. }
            | Act::Hang { .. }
            | Act::Foreign { .. }
            | Act::Forge(_)
            | Act::Deploy(_) => self.at.1,
        }
    }

    /// The repositories that it pushes to.
    pub(super) fn repositories(&self) -> Vec<Repository> {
        let pushes = match &self.act {
            Act::Push(pushes) => pushes,
            Act::Hang { repository, .. } | Act::Foreign { repository, .. } => {
                return vec![repository.clone()];
            }
            Act::Stranger(strangers) => return vec![strangers.event.repository.clone()],
            _ => return Vec::new(),
        };
        match pushes.repositories {
            Some(count) => {
                (0..count).filter_map(|number| numbered(&pushes.repository, number.into())).collect()
            }
            None => vec![pushes.repository.clone()],
        }
    }

    /// The labels of its jobs.
    pub(super) fn labels(&self) -> Option<&BTreeSet<Label>> {
        if let Act::Push(pushes) = &self.act { Some(&pushes.labels) } else { None }
    }

    /// Where it stands in the file.
    pub(super) const fn spot(&self) -> &Spot {
        &self.spot
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// What happens with this chance, in the order of time.
pub(super) fn happenings(story: &[Entry], random: &mut Random) -> Vec<Happening> {
    let mut all = Vec::new();
    for entry in story {
        let Entry { at, name, act, spot: _ } = entry;
        let mut add = |at, what| all.push(Happening { at, name: name.clone(), what });
        let what = match act {
            Act::Push(pushes) => {
                pushes.draw(*at, random, &mut add);
                continue;
            }
            Act::Cancel(name) => What::Cancel(name.clone()),
            Act::Rerun(name) => What::Rerun(name.clone()),
            Act::Rename { from, to } => What::Rename { from: from.clone(), to: to.clone() },
            Act::Hang { repository, runs } => What::Hang { repository: repository.clone(), runs: *runs },
            Act::Foreign { installation, repository, jobs, labels, length } => {
                let job = |random: &mut Random| NewJob {
                    labels: labels.clone(),
                    duration: drawn(random, *length),
                    ..NewJob::default()
                };
                let (installation, repository) = (*installation, repository.clone());
                let at = drawn(random, *at);
                let jobs = (0..*jobs).map(|_| job(random)).collect();
                add(at, What::Foreign { installation, repository, jobs });
                continue;
            }
            Act::Stranger(strangers) => {
                for number in 0..strangers.times {
                    let at = drawn(random, *at) + strangers.every * number;
                    add(at, What::Stranger(Box::new(strangers.event.clone())));
                }
                continue;
            }
            Act::Lose { lasting } => What::Lose { lasting: *lasting },
            Act::Forge(repository) => What::Forge(repository.clone()),
            Act::Deploy(what) => What::Deploy(*what),
            Act::Pause { means, lasting } => What::Pause { means: *means, lasting: *lasting },
        };
        add(drawn(random, *at), what);
    }
    // Runs are known by their number in the order of the file.
    let mut number = 0_usize;
    for happening in &mut all {
        if let What::Push { number: own, cancels, .. } = &mut happening.what {
            *cancels = cancels.and_then(|before| number.checked_sub(before));
            *own = number;
            number += 1;
        }
    }
    all.sort_by_key(|happening| happening.at);
    all
}

/// A time in between, which is drawn only if there is a choice.
fn drawn(random: &mut Random, (from, until): (Duration, Duration)) -> Duration {
    if from == until { from } else { random.between(from, until) }
}

/// The repository with this number.
fn numbered(repository: &Repository, number: u64) -> Option<Repository> {
    Repository::new(format!("{}-{number}", repository.as_str())).ok()
}

impl Pushes {
    fn draw(&self, at: (Duration, Duration), random: &mut Random, add: &mut impl FnMut(Duration, What)) {
        let (fewest, most) = self.jobs;
        let mut left = self.in_all;
        let mut done = 0_u32;
        while left.map_or(done < self.times, |left| left > 0) {
            let mut jobs = fewest;
            if fewest < most {
                jobs += u32::try_from(random.below(u64::from(most - fewest) + 1)).unwrap_or(0);
            }
            if let Some(left) = &mut left {
                jobs = jobs.min(*left);
                *left -= jobs;
            }
            let time = drawn(random, at) + self.every.unwrap_or_default() * done;
            let repository = match self.repositories {
                Some(count) => numbered(&self.repository, random.below(count.into())),
                None => Some(self.repository.clone()),
            };
            let jobs = (0..jobs).map(|number| self.job(random, number)).collect();
            done += 1;
            let Some(repository) = repository else { continue };
            let cancels = (self.cancel_in_progress && done > 1).then_some(1);
            add(time, What::Push { repository, jobs, cancels, unheard: self.unheard, number: 0 });
        }
    }

    fn job(&self, random: &mut Random, number: u32) -> NewJob {
        let mut job =
            NewJob { labels: self.labels.clone(), duration: drawn(random, self.length), ..NewJob::default() };
        if let Some(held) = self.held.filter(|held| held.jobs.is_none_or(|jobs| number < jobs)) {
            job.held_for = Some(drawn(random, held.lasting));
            job.announced = held.announced;
            job.gated = held.gated;
        }
        job
    }
}

/// Has it all happen. Each of `refused` is refused to the runs of the push of that name.
pub(super) fn schedule(
    happenings: Vec<Happening>,
    refused: &[(String, PlaceRefusal)],
    world: &mut World,
) -> Pushed {
    let began = world.now;
    let pushed: Pushed = Rc::default();
    for Happening { at, name, what } in happenings {
        let pushed = Rc::clone(&pushed);
        let own = refused.iter().filter(|(push, _)| name.as_ref() == Some(push));
        let refused: Vec<_> = own.map(|(_, refusal)| refusal.clone()).collect();
        world.at(began + at, move |world| {
            let before = pushed.borrow().len();
            happen(world, &pushed, name, what);
            for run in pushed.borrow().iter().skip(before) {
                let call = RefusedCall::RunJobs { run: Some(run.run) };
                let refusals = refused.iter().map(|refusal| PlaceRefusal { call, ..refusal.clone() });
                world.github.settings_mut().refusals.extend(refusals);
            }
        });
    }
    pushed
}

fn happen(world: &mut World, pushed: &Pushed, name: Option<String>, what: What) {
    let now = world.now;
    let of = |name: &str| -> Vec<RunId> {
        let all = pushed.borrow();
        all.iter().filter(|run| run.name.as_deref() == Some(name)).map(|run| run.run).collect()
    };
    match what {
        What::Push { repository, jobs, cancels, unheard, number } => {
            let before = pushed.borrow().iter().find(|run| Some(run.number) == cancels).map(|run| run.run);
            if let Some(run) = before {
                world.github.cancel(now, run);
            }
            let usual = world.github.settings_mut().webhook_lost;
            if unheard {
                world.github.settings_mut().webhook_lost = 1.0;
            }
            let run = world.github.push(now, &repository, jobs);
            world.github.settings_mut().webhook_lost = usual;
            pushed.borrow_mut().push(PushedRun { run, repository, name, number });
        }
        What::Cancel(name) => {
            for run in of(&name) {
                world.github.cancel(now, run);
            }
        }
        What::Rerun(name) => {
            for run in of(&name) {
                world.github.rerun(now, run);
            }
        }
        What::Rename { from, to } => {
            world.tell(|| format!("{} is renamed to {}", from.as_str(), to.as_str()));
            world.github.rename(now, &from, &to);
        }
        What::Hang { repository, runs } => {
            for _ in 0..runs {
                world.github.push_hanging(now, &repository);
            }
        }
        What::Foreign { installation, repository, jobs } => {
            world.github.push_foreign(now, installation, &repository, jobs);
        }
        What::Stranger(event) => world.stranger(*event),
        What::Lose { lasting } => {
            let usual = std::mem::replace(&mut world.github.settings_mut().webhook_lost, 1.0);
            world.at(now + lasting, move |world| world.github.settings_mut().webhook_lost = usual);
        }
        What::Forge(repository) => world.post(forged(&repository)),
        What::Deploy(what) => world.deploy(what),
        What::Pause { means, lasting } => world.pause(means, lasting),
    }
}

/// A webhook of somebody who does not know the secret.
fn forged(repository: &Repository) -> Request {
    let body = serde_json::json!({
        "action": "queued",
        "repository": { "full_name": repository.as_str() },
        "workflow_job": {
            "id": FORGED_JOB, "run_attempt": 1, "labels": ["self-hosted"], "created_at": "2026-01-01T00:00:00Z",
        },
    });
    let signature = format!("sha256={}", "0".repeat(64));
    let headers = [("x-github-event", "workflow_job"), ("x-hub-signature-256", &signature)];
    Request::new(
        headers.map(|(name, value)| (name.to_owned(), value.to_owned())),
        body.to_string().into_bytes(),
    )
}

impl Happening {
    /// When it happens, since the beginning.
    pub(super) const fn at(&self) -> Duration {
        self.at
    }

    /// The jobs that it brings.
    pub(super) fn jobs(&self) -> usize {
        if let What::Push { jobs, .. } = &self.what { jobs.len() } else { 0 }
    }
}
