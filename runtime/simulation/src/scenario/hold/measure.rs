//! Looks at a run while it goes on, and says at its end what came out.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::message::Repository;
use jit_runners_runtime::{
    line::line,
    port::GithubJobStatus,
    record::{InstanceId, RunnerName},
    time::Time,
};

use super::{super::story::PushedRun, After, Amount, Figure, Hold, Instances, Metric, Requests, Started};
use crate::{
    ec2::{Ec2Event, EndCause, Machine},
    github::JobView,
    operation::{Operation, Service},
    promise::Violation,
    world::World,
};

/// What is counted while a run goes on.
#[derive(Debug, Clone, Default)]
pub(in crate::scenario) struct Observed {
    watched: Vec<&'static str>,
    /// Values of the metrics that are looked at.
    values: BTreeMap<&'static str, Vec<(Time, f64)>>,
    /// Whether anybody asks how many instances were ended while their job ran.
    counts_busy: bool,
    busy_ended: u64,
    /// Requests to GitHub, and registrations among them, at the end of each hour.
    hours: Vec<(u64, u64)>,
    began: Time,
}

const HOUR: Duration = Duration::from_hours(1);

impl Observed {
    /// Looks at a run that begins now.
    pub(in crate::scenario) fn new(hold: &Hold, world: &World) -> Self {
        let watched = hold.watched().into_iter().collect();
        Self { watched, counts_busy: hold.busy_ended.is_some(), began: world.now, ..Self::default() }
    }

    /// Looks at what the last step did.
    pub(in crate::scenario) fn after_step(&mut self, world: &World) {
        self.hours(world);
        if !self.watched.is_empty() {
            for (_, observation) in &world.happened.observations {
                for measure in line(observation.clone()).metrics {
                    if let (true, Some(value)) =
                        (self.watched.contains(&measure.name), measure.value.as_f64())
                    {
                        self.values.entry(measure.name).or_default().push((world.now, value));
                    }
                }
            }
        }
        if self.counts_busy {
            let terminated = world.happened.ec2.iter().filter_map(|event| match event {
                Ec2Event::Ended { instance, cause: EndCause::Terminated } => Some(instance),
                _ => None,
            });
            self.busy_ended += terminated.filter(|instance| is_busy(world, instance)).count() as u64;
        }
    }

    /// Closes hours that are over.
    fn hours(&mut self, world: &World) {
        while world.now.since(self.began) >= HOUR * (u32::try_from(self.hours.len()).unwrap_or(u32::MAX) + 1)
        {
            self.hours.push(Self::requests(world));
        }
    }

    /// Requests so far, and registrations among them.
    fn requests(world: &World) -> (u64, u64) {
        (world.calls.of_service(Service::Github), world.calls.of(Operation::Register).made)
    }

    /// The most in any hour, of what `of` picks.
    fn busiest_hour(&self, world: &World, of: fn((u64, u64)) -> u64) -> u64 {
        let ends = self.hours.iter().copied().chain([Self::requests(world)]).map(of);
        let mut before = 0;
        ends.map(|end| end - std::mem::replace(&mut before, end)).max().unwrap_or(0)
    }
}

/// A run that is over.
pub(in crate::scenario) struct Ended<'a> {
    pub hold: &'a Hold,
    pub observed: &'a Observed,
    pub world: &'a World,
    pub pushed: &'a [PushedRun],
    pub violations: &'a [Violation],
    /// Requests of the runs with which it is compared.
    pub compared: &'a BTreeMap<BTreeSet<String>, u64>,
}

/// Every number that something is expected of.
pub(in crate::scenario) fn figures(run: &Ended<'_>) -> Vec<Figure> {
    let Ended { hold, observed, world, violations, .. } = run;
    let mut figures = Vec::new();
    let mut add = |what: String, at_most: Amount, found: Amount, details: Vec<String>| {
        figures.push(Figure { what, at_most, found, details });
    };
    let broken: Vec<_> = violations.iter().filter(|it| hold.promises.contains(&it.promise)).collect();
    let details = broken.iter().map(ToString::to_string).collect();
    add("promises broken".to_owned(), Amount::Count(0), count(broken.len()), details);
    for started in &hold.started {
        let (found, details) = run.longest_wait(started);
        add(started.words(), Amount::Time(started.within), found, details);
    }
    for instances in &hold.instances {
        for (words, at_most, found) in run.launched(instances) {
            add(words, Amount::Count(at_most.into()), Amount::Count(found), Vec::new());
        }
    }
    for requests in &hold.requests {
        for (words, at_most, found) in run.requests(requests) {
            add(words, Amount::Count(at_most.into()), Amount::Count(found), Vec::new());
        }
    }
    for metric in &hold.metrics {
        for (words, at_most, found) in run.metric(metric) {
            add(words, at_most, found, Vec::new());
        }
    }
    if let Some(most) = hold.stranded {
        let stranded = world.github.all_jobs().filter(is_stranded).count();
        add("jobs stranded".to_owned(), Amount::Count(most.into()), count(stranded), Vec::new());
    }
    if let Some(most) = hold.busy_ended {
        let found = Amount::Count(observed.busy_ended);
        add("instances ended while busy".to_owned(), Amount::Count(most.into()), found, Vec::new());
    }
    if let Some(most) = hold.dead_letters {
        let found = world.scale_up.dead_letters().len() + world.lifecycle.dead_letters().len();
        add("dead letters".to_owned(), Amount::Count(most.into()), count(found), Vec::new());
    }
    figures
}

/// Whether a job runs on the instance, whatever GitHub shows of its runner.
fn is_busy(world: &World, instance: &InstanceId) -> bool {
    let deployment = &world.environments().scaleup.deployment;
    let mut under_way = world.github.all_jobs().filter(|job| job.status == GithubJobStatus::InProgress);
    under_way.any(|job| {
        let name = job.runner_name.and_then(|name| RunnerName::parse(name, deployment));
        name.is_some_and(|name| name.instance == *instance)
    })
}

fn count(things: usize) -> Amount {
    Amount::Count(u64::try_from(things).unwrap_or(u64::MAX))
}

fn is_stranded(job: &JobView<'_>) -> bool {
    job.queued_at.is_some()
        && job.runner_id.is_none()
        && !job.cancelled
        && matches!(job.status, GithubJobStatus::Queued | GithubJobStatus::Completed)
}

impl Ended<'_> {
    /// The repository that a job was pushed to, whatever it is called now.
    fn pushed(&self, job: &JobView<'_>) -> Option<&PushedRun> {
        self.pushed.iter().find(|pushed| pushed.run == job.run)
    }

    fn longest_wait(&self, started: &Started) -> (Amount, Vec<String>) {
        let mut longest = Amount::Time(Duration::ZERO);
        let mut details = Vec::new();
        let mut any = false;
        for job in self.world.github.all_jobs() {
            let Some(pushed) = self.pushed(&job) else { continue };
            let fits = started.repository.as_ref().is_none_or(|it| *it == pushed.repository)
                && (started.name.is_none() || started.name == pushed.name)
                && started.labels.as_ref().is_none_or(|labels| labels.is_subset(job.labels));
            let since = match started.after {
                After::Queued => job.queued_at,
                After::Push => Some(job.created_at),
                After::Refusal => {
                    let refused = self.world.github.last_refused(job.job);
                    job.queued_at.map(|at| refused.map_or(at, |refused| at.max(refused)))
                }
                After::Time(time) => job.queued_at.map(|at| at.max(self.observed.began + time)),
            };
            let Some(since) = since.filter(|_| fits && !job.cancelled) else { continue };
            any = true;
            let wait = match (job.runner_id, job.started_at) {
                (Some(_), Some(at)) => Amount::Time(at.since(since)),
                _ => Amount::Never,
            };
            if wait > Amount::Time(started.within) && details.len() < 5 {
                let (id, repository) = (job.job.job_id, job.job.repository.as_str());
                details.push(format!("job {id} of {repository} waited {wait}"));
            }
            if wait > longest {
                longest = wait;
            }
        }
        if any { (longest, details) } else { (Amount::Never, vec!["there is no such job".to_owned()]) }
    }

    /// The machines for jobs of a repository, by whatever name it was known then.
    fn machines(&self, repository: Option<&Repository>) -> impl Iterator<Item = &Machine> {
        let of_it = |pushed: &&PushedRun| repository.is_some_and(|it| *it == pushed.repository);
        let runs: Vec<_> = self.pushed.iter().filter(of_it).map(|pushed| pushed.run).collect();
        let jobs = self.world.github.all_jobs().filter(|job| runs.contains(&job.run));
        let known: BTreeSet<_> = jobs.map(|job| job.job.repository.identity().into_owned()).collect();
        let is_its = move |machine: &&Machine| {
            repository.is_none_or(|it| {
                it.as_str() == machine.repository.as_str() || known.contains(&*machine.repository.identity())
            })
        };
        self.world.ec2.machines().iter().filter(is_its)
    }

    fn launched(&self, instances: &Instances) -> Vec<(String, u32, u64)> {
        let machines: Vec<_> = self.machines(instances.repository.as_ref()).collect();
        let before = |time: Duration| {
            let launched = machines.iter().filter(|it| it.launched_at.since(self.observed.began) < time);
            launched.count() as u64
        };
        let jobs = self.world.github.all_jobs().filter(|job| {
            let own = self.pushed(job).is_some_and(|pushed| {
                instances.repository.as_ref().is_none_or(|repository| pushed.repository == *repository)
            });
            own && job.runner_id.is_some()
        });
        let of = match &instances.repository {
            Some(repository) => format!(" for {}", repository.as_str()),
            None => String::new(),
        };
        let all = before(Duration::MAX);
        let for_nothing = all.saturating_sub(jobs.count() as u64);
        [
            ("in the first hour", instances.first_hour, before(HOUR)),
            ("in the first day", instances.day, before(HOUR * 24)),
            ("in all", instances.in_all, all),
            ("at once", instances.at_once, most_at_once(&machines)),
            ("for nothing", instances.for_nothing, for_nothing),
        ]
        .into_iter()
        .filter_map(|(when, at_most, found)| Some((format!("instances{of} {when}"), at_most?, found)))
        .collect()
    }

    fn requests(&self, requests: &Requests) -> Vec<(String, u32, u64)> {
        let (all, registrations) = Observed::requests(self.world);
        let launches = self.world.ec2.machines().len() as u64;
        let hours = self.world.now.since(self.observed.began).as_secs().div_ceil(HOUR.as_secs()).max(1);
        let usual = self.compared.get(&requests.without).copied().unwrap_or(all);
        let names: Vec<_> = requests.without.iter().map(String::as_str).collect();
        [
            (
                "requests in the busiest hour".to_owned(),
                requests.per_hour,
                self.observed.busiest_hour(self.world, |it| it.0),
            ),
            ("requests in all".to_owned(), requests.in_all, all),
            (
                "registrations in the busiest hour".to_owned(),
                requests.registrations,
                self.observed.busiest_hour(self.world, |it| it.1),
            ),
            (
                "registrations for each instance".to_owned(),
                requests.registrations_per_launch,
                registrations.div_ceil(launches.max(1)),
            ),
            (
                format!("requests in an hour more than without {}", names.join(" and ")),
                requests.more_per_hour,
                all.saturating_sub(usual).div_ceil(hours),
            ),
        ]
        .into_iter()
        .filter_map(|(words, at_most, found)| Some((words, at_most?, found)))
        .collect()
    }

    fn metric(&self, metric: &Metric) -> Vec<(String, Amount, Amount)> {
        let from = self.observed.began + metric.from;
        let values = self.observed.values.get(metric.name).map(Vec::as_slice).unwrap_or_default();
        let until = metric.until.map(|until| self.observed.began + until);
        let is_looked_at = |at: Time| at >= from && until.is_none_or(|until| at < until);
        let values = || values.iter().filter(|(at, _)| is_looked_at(*at));
        let mut found = Vec::new();
        if let Some(above) = metric.above {
            let seen = values().find(|(_, value)| *value > above);
            let after = seen.map_or(Amount::Never, |(at, _)| Amount::Time(at.since(from)));
            let within = metric.within.map_or(Amount::Time(Duration::MAX), Amount::Time);
            found.push((format!("{} above {above} after", metric.name), within, after));
        }
        if let Some(at_most) = metric.at_most {
            let most = values().map(|(_, value)| *value).fold(0.0, f64::max);
            found.push((metric.name.to_owned(), Amount::Value(at_most), Amount::Value(most)));
        }
        found
    }
}

/// The most machines that lived at the same time.
fn most_at_once(machines: &[&Machine]) -> u64 {
    let begin = machines.iter().map(|machine| (machine.launched_at, 1_i64));
    let end = machines.iter().filter_map(|machine| machine.ended.map(|(at, _)| (at, -1)));
    let mut changes: Vec<_> = begin.chain(end).collect();
    changes.sort_unstable();
    let mut live = 0;
    let most = changes.into_iter().map(|(_, by)| {
        live += by;
        live
    });
    most.max().and_then(|most| u64::try_from(most).ok()).unwrap_or(0)
}

impl Started {
    fn words(&self) -> String {
        let labels: Vec<_> = self.labels.iter().flatten().map(ToString::to_string).collect();
        let mut words = "jobs".to_owned();
        for (word, what) in [
            (" of ", self.repository.as_ref().map(|it| it.as_str().to_owned())),
            (" of push ", self.name.clone()),
            (" with ", Some(labels.join(" and ")).filter(|labels| !labels.is_empty())),
        ] {
            if let Some(what) = what {
                words.push_str(word);
                words.push_str(&what);
            }
        }
        words.push_str(" started after");
        words
    }
}
