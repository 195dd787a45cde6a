//! Finds demand that nobody serves, every minute, one invocation at a time.
//!
//! First, it publishes the gaps of the ledger, without any call to GitHub. Then it reads GitHub's lists, within a
//! share of the rate limit, to find jobs whose webhook was lost.

mod decide;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::{
    environment::RebalancerEnvironment,
    message::{JobMessage, Repository},
    table::{Key, OpenKind},
};

use self::decide::{ACTIVITY_NOTED, Listed, listed, reads_in_progress, requests, tour};
use crate::{
    ledger::{Ledger, publish},
    port::{
        Clock, Etagged, Github, GithubError, Observation, Observe, PublishJobs, Run, RunStatus, Stored,
        Table, Write,
    },
    record::{Caps, Job, Lease, Releases, Visit},
    release,
    store::{self, StoreError},
    time::Time,
};

/// The lease's name.
const LEASE: &str = "rebalancer";
/// Repositories or jobs on one page.
const PAGE: usize = 100;
/// Repositories without activity that are read in one tick, if the rate limit allows it.
const OTHERS: usize = 5;
/// What a visit takes at most.
const VISIT_TIME: Duration = Duration::from_secs(10);

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
    let messages = ledger.to_publish(
        &fleet.item,
        Caps::new(settings.max_runners, settings.max_runners_per_repository),
        now,
    );
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
    let (errors, releases) = if fleet.item.is_stopped() {
        // Nothing could be launched for jobs that GitHub might list.
        ports.observe(Observation::Stopped { jobs: gap });
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
        item: Lease { name: LEASE.to_owned(), until: Time::default(), cursor: None },
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
    mut releases: Stored<Releases>,
    balances: &mut BTreeMap<Repository, Balance>,
    mut lease: Stored<Lease>,
    deadline: Time,
) -> Result<(usize, Stored<Releases>), StoreError> {
    let mut left = Requests(requests(ports.rate_limit()));
    let mut errors = 0;
    let busy: BTreeSet<Repository> = balances.keys().cloned().collect();
    let visits = store::open_of_kind(ports, OpenKind::Repository).await?;
    let others = next_others(ports, &mut lease.item, &mut left).await;
    errors += usize::from(others.is_none());
    let others = others.unwrap_or_default();
    for stop in tour(visits, &busy, others, ports.now()) {
        if left.is_used_up() || ports.now() + VISIT_TIME > deadline {
            break;
        }
        let repository = stop.item.repository.clone();
        let balance = balances.entry(repository.clone()).or_default();
        match visit(ports, ledger, stop, &mut left).await? {
            Some(published) => {
                balance.published += published;
                releases = release::look(ports, settings, releases, &repository, || left.take()).await?;
            }
            None => errors += 1,
        }
    }
    give_back(ports, lease).await?;
    Ok((errors, releases))
}

/// Gives the lease back.
async fn give_back<P: Table + Clock>(ports: &P, mut lease: Stored<Lease>) -> Result<(), StoreError> {
    lease.item.until = Time::default();
    // If it has changed, somebody else has it. It also lapses by itself.
    store::commit_if_unchanged(ports, vec![lease.write()]).await.map(drop)
}

/// The next repositories of the installation, in rotation. The cursor is a page and a position on it.
async fn next_others<P: Github>(
    ports: &P,
    lease: &mut Lease,
    left: &mut Requests,
) -> Option<Vec<Repository>> {
    let (page, place) = lease
        .cursor
        .as_deref()
        .and_then(|cursor| cursor.split_once(':'))
        .and_then(|(page, place)| Some((page.parse().ok()?, place.parse::<usize>().ok()?)))
        .unwrap_or((1, 0));
    left.take();
    let found = ports.repositories(page).await.ok()?;
    let others: Vec<_> = found.iter().skip(place).take(OTHERS).cloned().collect();
    let next = place + others.len();
    lease.cursor = if next < found.len() {
        Some(format!("{page}:{next}"))
    } else if found.len() == PAGE {
        Some(format!("{}:0", page + 1))
    } else {
        None
    };
    Some(others)
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

    /// Whether none is left.
    fn is_used_up(self) -> bool {
        self.0 == 0
    }
}

/// What the lists of one repository show.
#[derive(Default)]
struct Findings {
    lost: Vec<JobMessage>,
    /// Something has to be read again even if the list does not change.
    must_reread: bool,
}

/// Reads GitHub's lists of a repository. Returns how many jobs were found and published; `None` if GitHub did not
/// answer.
async fn visit<P: Table + Github + PublishJobs + Clock + Observe>(
    ports: &P,
    ledger: &Ledger,
    mut stop: Stored<Visit>,
    left: &mut Requests,
) -> Result<Option<usize>, StoreError> {
    let repository = stop.item.repository.clone();
    let mut findings = Findings::default();
    left.take();
    let queued = match ports.runs(&repository, RunStatus::Queued, stop.item.etag.as_deref()).await {
        Ok(queued) => queued,
        Err(error) => return Ok(unanswered(ports, &error)),
    };
    let mut etag = None;
    match queued {
        Etagged::Unchanged => etag.clone_from(&stop.item.etag),
        Etagged::Changed { value: runs, etag: new } => {
            etag = Some(new);
            if let Err(error) = read_jobs(ports, ledger, &repository, &runs, left, &mut findings).await? {
                return Ok(unanswered(ports, &error));
            }
        }
    }
    let before = stop.item.clone();
    if reads_in_progress(&stop.item, ports.now()) && left.take() {
        stop.item.in_progress_at = ports.now();
        match ports.runs(&repository, RunStatus::InProgress, None).await {
            Ok(Etagged::Changed { value: runs, .. }) => {
                if let Err(error) = read_jobs(ports, ledger, &repository, &runs, left, &mut findings).await? {
                    return Ok(unanswered(ports, &error));
                }
            }
            Ok(Etagged::Unchanged) => {}
            Err(error) => return Ok(unanswered(ports, &error)),
        }
    }
    for lost in &findings.lost {
        // In the ledger first: a message can end in the dead-letter queue unread, and the list may not change any more.
        let job = Job::queued(lost.job.clone(), lost.labels.clone(), Time::from_millis(lost.queued_at));
        if store::commit_if_unchanged(ports, vec![Write::create(job)]).await? {
            ports.observe(Observation::LostWebhook(lost.job.clone()));
        } else {
            // The job is in the ledger after all, or another transaction changed it. The list is read again.
            findings.must_reread = true;
        }
    }
    if !findings.lost.is_empty() {
        stop.item.active_at = ports.now();
    }
    let published = publish(ports, findings.lost).await?;
    // Only now, because a list that was not handled must be read again.
    stop.item.etag = if findings.must_reread { None } else { etag };
    stop.item.visited_at = ports.now();
    let moved = stop.item.visited_at.since(before.visited_at) > ACTIVITY_NOTED;
    if moved
        || stop.revision.is_none()
        || stop.item.etag != before.etag
        || stop.item.active_at != before.active_at
        || stop.item.in_progress_at != before.in_progress_at
    {
        store::commit_if_unchanged(ports, vec![stop.write()]).await?;
    }
    Ok(Some(published))
}

/// Reads the jobs of `runs`, as far as requests are left.
async fn read_jobs<P: Table + Github + Clock>(
    ports: &P,
    ledger: &Ledger,
    repository: &Repository,
    runs: &[Run],
    left: &mut Requests,
    findings: &mut Findings,
) -> Result<Result<(), GithubError>, StoreError> {
    for run in runs {
        for page in 1.. {
            if !left.take() {
                findings.must_reread = true;
                return Ok(Ok(()));
            }
            let jobs = match ports.jobs(repository, *run, page).await {
                Ok(jobs) => jobs,
                Err(error) => return Ok(Err(error)),
            };
            for job in &jobs {
                match listed(job, ports.now()) {
                    Listed::Done => {}
                    Listed::Young => findings.must_reread = true,
                    Listed::Overdue(message) => {
                        // A run that starts between two requests is in both lists.
                        let found = findings.lost.iter().any(|lost| lost.job == message.job);
                        if !found && !is_known(ports, ledger, &message).await? {
                            findings.lost.push(message);
                        }
                    }
                }
            }
            if jobs.len() < PAGE {
                break;
            }
        }
    }
    Ok(Ok(()))
}

async fn is_known<P: Table + Clock>(
    ports: &P,
    ledger: &Ledger,
    message: &JobMessage,
) -> Result<bool, StoreError> {
    let key = Key::job(&message.job);
    if ledger.job(&key).is_some() {
        return Ok(true);
    }
    Ok(store::get::<Job>(ports, &key).await?.is_some())
}

fn unanswered(ports: &impl Observe, error: &GithubError) -> Option<usize> {
    ports.observe(Observation::Failed { what: "a repository was not looked at", error: error.to_string() });
    None
}
