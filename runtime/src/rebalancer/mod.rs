//! Finds demand that nobody serves, every minute, one invocation at a time.
//!
//! First, it publishes the gaps of the ledger, without any call to GitHub. Then it reads GitHub's lists of runs and their
//! jobs, within a share of the rate limit, to find jobs whose webhook was lost. It remembers how far it has read, so that each
//! tick reads what is new, and every repository and every run has its turn.

mod decide;
mod learn;
mod look;
mod plan;
mod rotation;

use std::collections::BTreeMap;

use jit_runners_model::contract::{
    environment::RebalancerEnvironment,
    message::Repository,
    table::{Key, OpenKind},
};

use self::{
    decide::{is_news, requests, tour},
    look::Look,
    plan::Stop,
};
use crate::{
    ledger::{Ledger, publish},
    port::{Clock, Github, Observation, Observe, PublishJobs, Stored, Table, Write},
    record::{Caps, Job, Lease, NoLaunches, Releases, Rotation},
    release,
    store::{self, StoreError},
    time::Time,
};

/// The lease's name.
const LEASE: &str = "rebalancer";
/// Repositories or runs on one page.
const PAGE: usize = 100;
/// Changes that the table makes at once, at most.
const MOST_WRITES: usize = 100;

/// What one repository has, as the ledger knows it.
#[derive(Debug, Clone, Copy, Default)]
struct Balance {
    demand: usize,
    supply: usize,
    published: usize,
    label_sets: usize,
}

/// Handles one tick. Does nothing while another invocation holds the lease.
pub async fn rebalancer<P: Table + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &RebalancerEnvironment,
    deadline: Time,
) {
    if let Err(error) = tick(ports, settings, deadline).await {
        ports.observe(Observation::Failed { what: "the rebalancer stopped", error: error.to_string() });
    }
}

async fn tick<P: Table + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &RebalancerEnvironment,
    deadline: Time,
) -> Result<(), StoreError> {
    let Some(lease) = take_lease(ports, deadline).await? else { return Ok(()) };
    let now = ports.now();
    let ledger = Ledger::read(ports).await?;
    let fleet = store::fleet(ports).await?;
    let caps = Caps::new(settings.max_runners, settings.max_runners_per_repository, settings.paused);
    let messages = ledger.to_publish(&fleet.item, caps, now);
    let mut balances = balances(&ledger, now);
    for message in &messages {
        balances.entry(message.job.repository.clone()).or_default().published += 1;
    }
    publish(ports, messages).await?;
    let (gap, stranded) = ledger.groups().fold((0, 0), |(gap, stranded), (_, group)| {
        let coming = group.supply(now);
        (gap + group.gap(now), stranded + group.waiting().saturating_sub(coming))
    });
    let releases = release::read(ports).await?;
    let no_launches = fleet.item.no_launches(caps);
    if let Some(why) = no_launches {
        ports.observe(Observation::NoLaunches { why, jobs: gap });
    }
    // Whoever has paused the deployment knows that jobs wait.
    let stranded = if no_launches == Some(NoLaunches::Paused) { 0 } else { stranded };
    let (errors, releases) = if no_launches == Some(NoLaunches::Removed) {
        // Nothing will be launched for jobs that GitHub might list.
        give_back(ports, lease).await?;
        (0, releases)
    } else {
        ask_github(ports, settings, &ledger, releases, &mut balances, lease, deadline).await?
    };
    for (repository, balance) in &balances {
        ports.observe(Observation::Cycle {
            repository: repository.clone(),
            demand: balance.demand,
            supply: balance.supply,
            published: balance.published,
            label_sets: balance.label_sets,
        });
    }
    ports.observe(Observation::Tick {
        repositories: balances.len(),
        errors,
        stranded,
        gap,
        rate_limit_remaining: ports.rate_limit().map(|limit| limit.remaining),
        release_days_left: releases.item.days_left(&settings.runner_version, ports.now()),
    });
    Ok(())
}

async fn take_lease<P: Table + Clock>(ports: &P, until: Time) -> Result<Option<Stored<Lease>>, StoreError> {
    let found = store::get::<Lease>(ports, &Key::lease(LEASE)).await?;
    let mut lease = found.unwrap_or_else(|| Stored {
        revision: None,
        item: Lease { name: LEASE.to_owned(), until: Time::default(), rotation: Rotation::default() },
    });
    if lease.item.until > ports.now() {
        return Ok(None);
    }
    lease.item.until = until;
    let written = store::commit_if_unchanged(ports, vec![lease.write()]).await?;
    Ok(written.then(|| lease.committed()))
}

fn balances(ledger: &Ledger, now: Time) -> BTreeMap<Repository, Balance> {
    let mut balances: BTreeMap<Repository, Balance> = BTreeMap::new();
    for (_, group) in ledger.groups() {
        let Some(repository) = group.repository() else { continue };
        let balance = balances.entry(repository.clone()).or_default();
        balance.demand += group.waiting();
        balance.supply += group.supply(now);
        balance.label_sets += 1;
    }
    balances
}

/// Looks for lost webhooks, and asks for the runner's release if that is due. Returns how many repositories could not
/// be read, and what is known about releases. Gives the lease back.
async fn ask_github<P: Table + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    settings: &RebalancerEnvironment,
    ledger: &Ledger,
    releases: Stored<Releases>,
    balances: &mut BTreeMap<Repository, Balance>,
    mut lease: Stored<Lease>,
    deadline: Time,
) -> Result<(usize, Stored<Releases>), StoreError> {
    let mut left = Requests(requests(ports.rate_limit()));
    // At most a half, so that lists are read however little is left.
    let mut for_release = left.split(release::due(settings, &releases.item, ports.now()));
    let busy = busy(ledger);
    let visits = store::open_of_kind(ports, OpenKind::Repository).await?;
    let mut errors = usize::from(!list_repositories(ports, &mut lease.item.rotation, &mut left).await);
    let rotation = &mut lease.item.rotation;
    let others = |active: &_| (rotation::turn(rotation, active), rotation.listed_at);
    let tour = tour(visits, &busy, others, ports.now());
    let (before, stops): (Vec<_>, Vec<_>) = tour
        .into_iter()
        .map(|(visit, is_active)| {
            let stop = Stop::new(visit.item.clone(), is_active, busy.contains_key(&visit.item.repository));
            (visit, stop)
        })
        .unzip();
    let mut look = Look { ports, ledger, stops, published: Vec::new() };
    look.run(&mut left, deadline).await?;
    for (index, published) in &look.published {
        let Some(stop) = look.stops.get(*index) else { continue };
        balances.entry(stop.visit.repository.clone()).or_default().published += published;
    }
    let mut answered: Vec<_> = Vec::new();
    let (mut news, mut renamed) = (Vec::new(), Vec::new());
    for (before, stop) in before.into_iter().zip(look.stops) {
        if !stop.is_visited() {
            continue;
        }
        errors += usize::from(stop.failed.is_some());
        let balance = balances.entry(stop.visit.repository.clone()).or_default();
        if stop.failed.is_none() {
            answered.push((balance.supply, stop.visit.repository.clone()));
        }
        renamed.extend(renamed_jobs(ledger, &stop.visit.repository).map(|job| job.write()));
        if is_news(&before, &stop.visit) {
            news.push(Write::put(before.revision, stop.visit));
        }
    }
    for some in news.chunks(MOST_WRITES).chain(renamed.chunks(MOST_WRITES)) {
        // If somebody else has looked as well, that counts.
        store::commit_if_unchanged(ports, some.to_vec()).await?;
    }
    // Where runners could be registered, GitHub tells which release they should have.
    answered.sort_by(|(one, _), (other, _)| other.cmp(one));
    let answered: Vec<_> = answered.into_iter().map(|(_, repository)| repository).collect();
    let releases = release::look(ports, settings, releases, &answered, || for_release.take()).await?;
    give_back(ports, lease).await?;
    Ok((errors, releases))
}

/// The repositories with something open, each under the name that its newest job tells, and when that was heard.
fn busy(ledger: &Ledger) -> BTreeMap<Repository, Time> {
    let mut names: BTreeMap<Repository, (Time, &Repository)> = BTreeMap::new();
    let mut hear = |repository, heard_at| {
        let newest = names.entry(Repository::clone(repository)).or_insert((heard_at, repository));
        if newest.0 < heard_at {
            *newest = (heard_at, repository);
        }
    };
    for (_, group) in ledger.groups() {
        for job in group.jobs().map(|job| &job.item) {
            hear(&job.job.repository, job.queued_at.max(job.announced_at));
        }
        if let Some(repository) = group.repository() {
            hear(repository, Time::default());
        }
    }
    names.into_values().map(|(heard_at, name)| (name.clone(), heard_at)).collect()
}

/// The open jobs of `repository` that are known by an older name of it, under its name. Their runners would be registered where the
/// repository was before.
fn renamed_jobs(ledger: &Ledger, repository: &Repository) -> impl Iterator<Item = Stored<Job>> {
    let jobs = ledger.groups().flat_map(|(_, group)| group.jobs());
    jobs.filter(move |job| job.item.job.repository == *repository).filter_map(move |job| {
        let mut job = job.clone();
        job.item.learn_name(repository).then_some(job)
    })
}

/// Gives the lease back.
async fn give_back<P: Table + Clock>(ports: &P, mut lease: Stored<Lease>) -> Result<(), StoreError> {
    lease.item.until = Time::default();
    // If it has changed, somebody else has it. It also lapses by itself.
    store::commit_if_unchanged(ports, vec![lease.write()]).await.map(drop)
}

/// Lists the next page of the installation's repositories, if that is due. Returns whether GitHub answered.
async fn list_repositories<P: Github + Clock + Observe>(
    ports: &P,
    rotation: &mut Rotation,
    left: &mut Requests,
) -> bool {
    let Some(page) = rotation::due_page(rotation, ports.now()).filter(|_| left.take()) else { return true };
    match ports.repositories(page).await {
        Ok(names) => {
            rotation::listed(rotation, page, names, ports.now());
            true
        }
        Err(error) => {
            let what = "the installation's repositories were not listed";
            ports.observe(Observation::Failed { what, error: error.to_string() });
            false
        }
    }
}

/// Requests that a tick may still make.
#[derive(Debug, Clone, Copy)]
struct Requests(u32);

impl Requests {
    /// Takes one; returns whether there was one.
    fn take(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }

    /// How many there are.
    const fn left(self) -> u32 {
        self.0
    }

    /// Keeps so many of them for something else, but not more than half.
    fn split(&mut self, kept: u32) -> Self {
        let kept = kept.min(self.0 / 2);
        self.0 -= kept;
        Self(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, first, job, labels, listening, minutes};

    #[test]
    fn a_repository_has_the_name_that_its_newest_job_tells() {
        let named = |name: &str| Repository::new(name).unwrap().with_id(7);
        let mut ledger = Ledger::default();
        ledger.learn(first(listening(9)));
        for (id, name, text, ago) in [(1, "o/new", "a", 1), (2, "o/old", "b", 5), (3, "o/older", "a", 9)] {
            let mut job = job(id);
            (job.labels, job.queued_at) = (labels(text), NOW - minutes(ago));
            job.job.repository = named(name);
            ledger.learn(first(job));
        }
        let heard: Vec<_> = busy(&ledger).into_iter().map(|(it, at)| (it.as_str().to_owned(), at)).collect();
        let expected = [("o/r", Time::default()), ("o/new", NOW - minutes(1))];
        assert_eq!(heard, expected.map(|(name, at)| (name.to_owned(), at)));
    }

    #[test]
    fn the_jobs_of_a_renamed_repository_get_its_name_and_rest_no_more() {
        let named = |name: &str| Repository::new(name).unwrap().with_id(7);
        let mut ledger = Ledger::default();
        for (id, name) in [(1, "o/old"), (2, "p/new"), (3, "o/other")] {
            let mut job = Job { not_before: Some(NOW + minutes(15)), ..job(id) };
            job.job.repository = named(name).with_id(if id == 3 { 8 } else { 7 });
            ledger.learn(first(job));
        }
        let renamed: Vec<_> = renamed_jobs(&ledger, &named("p/new")).collect();
        let told: Vec<_> = renamed.iter().map(|it| (it.item.job.job_id, it.item.not_before)).collect();
        assert_eq!(told, [(1, None)]);
        assert!(renamed.iter().all(|it| it.item.job.repository.as_str() == "p/new"));
    }

    #[test]
    fn half_of_the_requests_at_most_are_kept_for_something_else() {
        let split = |all, kept| {
            let mut left = Requests(all);
            let for_other = left.split(kept);
            (left.left(), for_other.left())
        };
        assert_eq!(
            [split(20, 0), split(20, 6), split(2, 6), split(1, 6)],
            [(20, 0), (14, 6), (1, 1), (1, 0)]
        );
    }
}
