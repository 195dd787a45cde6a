//! Cases for the table.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{
    InstanceType, Label,
    contract::{
        message::{JobRef, Repository},
        runner_release::RunnerRelease,
        table::{JobState, Key, OpenKind, label_set_key},
    },
};

use super::Differences;
use crate::{
    port::{Clock, CommitError, Read, Revision, RunStatus, Stored, Table, Write},
    record::{
        Call, Configuration, EndReason, Findings, Fleet, Image, InstanceId, Intent, IntentId, IntentState,
        Item, Job, Lease, Market, Pool, Refused, ReleaseSupport, Releases, Rotation, Runner, SeenList,
        SeenRun, Visit,
    },
    time::Time,
};

/// How long an index may be late.
const SHOWN_WITHIN: Duration = Duration::from_secs(10);

/// Runs every case. The table is empty before.
pub async fn table(ports: &(impl Table + Clock)) -> Differences {
    let mut differences = Differences::default();
    let Some(sample) = Sample::new() else {
        differences.expect("the sample's names are valid", &false, &true);
        return differences;
    };
    round_trips(ports, &sample, &mut differences).await;
    revisions(ports, &mut differences).await;
    transactions(ports, &mut differences).await;
    indexes(ports, &sample, &mut differences).await;
    pages(ports, &sample, &mut differences).await;
    differences
}

/// One item of each kind, with every field filled.
pub fn items() -> Vec<Item> {
    Sample::new().map(|sample| sample.items()).unwrap_or_default()
}

/// Names for items.
struct Sample {
    repository: Repository,
    labels: BTreeSet<Label>,
    instance_type: InstanceType,
}

impl Sample {
    fn new() -> Option<Self> {
        Some(Self {
            repository: Repository::new("octo-org/a.repository_1").ok()?,
            labels: ["self-hosted", "größe=x", "a.b"]
                .map(Label::new)
                .into_iter()
                .collect::<Result<_, _>>()
                .ok()?,
            instance_type: InstanceType::new("c5.large").ok()?,
        })
    }

    fn job(&self, job_id: u64, queued_at: u64) -> Job {
        let job = JobRef { repository: self.repository.clone(), job_id, run_attempt: 1 };
        Job::queued(job, self.labels.clone(), Time::from_millis(queued_at))
    }

    /// One item of each kind, with every field filled.
    fn items(&self) -> Vec<Item> {
        let now = Time::from_millis(1_700_000_000_123);
        let job = self.job(u64::MAX, 1_700_000_000_001);
        let intent = IntentId::new(&job.job, 1);
        let instance = InstanceId::new("i-0123456789abcdef0");
        let pool = Pool {
            instance_type: self.instance_type.clone(),
            subnet: "subnet-0a".to_owned(),
            market: Market::OnDemand,
        };
        let mut fleet = Fleet::default();
        fleet.take(&self.repository, 3);
        fleet.reserve_launch(3, now);
        fleet.reserve_registrations(3, now);
        fleet.pause(now);
        fleet.stop(now);
        let mut findings = Findings::default();
        findings.learn("ami-1", Image { architecture: "x86_64".to_owned() });
        findings.note(Refused::Pool(pool.clone()), now);
        let release = RunnerRelease::newest_shipped();
        let registered = Runner {
            configured_at: Some(now),
            attempt: 2,
            registration: Some(23),
            job: Some(job.job.clone()),
            ended_because: Some(EndReason::new("Client.InternalError", "on launch")),
            ..Runner::launched(
                instance.clone(),
                intent.clone(),
                self.repository.clone(),
                self.labels.clone(),
                now,
            )
        };
        vec![
            Job {
                intent: Some(intent.clone()),
                launches: 2,
                in_vain: 1,
                launched_at: Some(now),
                seen_at: Some(now),
                not_before: Some(now),
                ..job.clone()
            }
            .into(),
            Intent {
                id: intent,
                repository: self.repository.clone(),
                labels: self.labels.clone(),
                jobs: vec![(job.job.job_id, 1), (7, 2)],
                release: release.clone(),
                state: IntentState::Open,
                since: now,
                called_at: now,
                held_until: now,
                unfilled: 2,
                call: Some(Call { pool, image: "ami-1".to_owned(), count: 2, attempt: 3 }),
                tried: 4,
                in_vain: 0,
                launched: vec![instance.clone()],
                is_doubtful: false,
            }
            .into(),
            Releases {
                offered: Some(release.clone()),
                confirmed_at: Some(now),
                asked_at: Some(now),
                is_asked: true,
                support: Some(ReleaseSupport { version: release.version, asked_at: now, ends_at: Some(now) }),
            }
            .into(),
            registered.into(),
            fleet.into(),
            findings.into(),
            self.visit(now).into(),
            Lease {
                name: "one".to_owned(),
                until: now,
                rotation: Rotation {
                    names: vec![self.repository.clone()],
                    page: 2,
                    listed_at: now,
                    place: 1,
                },
            }
            .into(),
            Configuration {
                role_id: "AROAEXAMPLE".to_owned(),
                instance,
                encoded: "a secret".to_owned(),
                at: now,
            }
            .into(),
        ]
    }

    /// A repository of which something is known in every field.
    fn visit(&self, now: Time) -> Visit {
        Visit {
            repository: self.repository.clone(),
            named_at: now,
            active_at: now,
            visited_at: now,
            lists: RunStatus::ALL.map(|_| SeenList {
                asked_at: now,
                etag: Some("W/\"0a\"".to_owned()),
                next_page: Some(2),
                next_asked_at: now,
            }),
            runs: vec![SeenRun {
                id: 9_000_000_001,
                status: RunStatus::Pending,
                updated_at: now,
                listed_at: now,
                asked_at: now,
                read_at: now,
                page: 2,
                began_at: now,
                failures: 3,
                smaller: 1,
            }],
            failures: 4,
            failed_at: now,
        }
    }
}

fn lease(name: &str) -> Lease {
    Lease { name: name.to_owned(), until: Time::from_millis(1), rotation: Rotation::default() }
}

/// Every item that is written can be read again.
async fn round_trips(ports: &impl Table, sample: &Sample, differences: &mut Differences) {
    for item in sample.items() {
        let key = item.key();
        differences.expect("what was never written", &ports.get(&key).await, &Ok(None));
        differences.expect("a first write", &ports.commit(vec![Write::create(item.clone())]).await, &Ok(()));
        let expected = Stored { revision: Some(Revision(1)), item };
        differences.expect("what was written", &ports.get(&key).await, &Ok(Some(expected)));
    }
}

/// A write takes place only if its item has not changed since it was read.
async fn revisions(ports: &impl Table, differences: &mut Differences) {
    let key = Key::lease("revisions");
    let create = || vec![Write::create(lease("revisions"))];
    let put = |revision, until| {
        let lease = Lease { until: Time::from_millis(until), ..lease("revisions") };
        vec![Write::put(Some(Revision(revision)), lease)]
    };
    let conflict = Err(CommitError::Conflict);
    differences.expect("a write over nothing", &ports.commit(put(1, 5)).await, &conflict);
    differences.expect("a first write", &ports.commit(create()).await, &Ok(()));
    differences.expect("a second first write", &ports.commit(create()).await, &conflict);
    differences.expect("a write of what is not there yet", &ports.commit(put(2, 6)).await, &conflict);
    differences.expect("a write of what was read", &ports.commit(put(1, 7)).await, &Ok(()));
    differences.expect("a write of what was", &ports.commit(put(1, 8)).await, &conflict);
    let expected = Stored {
        revision: Some(Revision(2)),
        item: Lease { until: Time::from_millis(7), ..lease("revisions") }.into(),
    };
    differences.expect("what is left", &ports.get(&key).await, &Ok(Some(expected)));
}

/// All writes of a transaction take place, or none.
async fn transactions(ports: &impl Table, differences: &mut Differences) {
    let both = |one: &str, other: &str| vec![Write::create(lease(one)), Write::create(lease(other))];
    differences.expect("two first writes", &ports.commit(both("both-1", "both-2")).await, &Ok(()));
    let refused = ports.commit(both("both-3", "both-2")).await;
    differences.expect("two of which one is there", &refused, &Err(CommitError::Conflict));
    differences.expect("the other one", &ports.get(&Key::lease("both-3")).await, &Ok(None));
    let many = (0..100).map(|number| Write::create(lease(&format!("many-{number}")))).collect();
    differences.expect("a hundred writes", &ports.commit(many).await, &Ok(()));
    let last = ports.get(&Key::lease("many-99")).await.map(|found| found.is_some());
    differences.expect("the last of them", &last, &Ok(true));
}

/// Open items are in the indexes, oldest first; closed ones are not.
async fn indexes(ports: &(impl Table + Clock), sample: &Sample, differences: &mut Differences) {
    let labels: BTreeSet<_> = Label::new("indexes").into_iter().collect();
    let job = |id, queued_at| Job { labels: labels.clone(), ..sample.job(id, queued_at) };
    let label_set = label_set_key(&sample.repository, &labels);
    for (id, queued_at) in [(11, 3_000), (12, 1_000), (13, 2_000)] {
        differences.expect("a job", &ports.commit(vec![Write::create(job(id, queued_at))]).await, &Ok(()));
    }
    let found = shown(ports, async || ids(ports.open_of_label_set(&label_set).await), &[12, 13, 11]).await;
    differences.expect("open jobs of a label set", &found, &vec![12, 13, 11]);
    let of_kind = async || {
        let mut ids = ids(ports.open_of_kind(OpenKind::Job).await);
        ids.retain(|id| (11..=13).contains(id));
        ids
    };
    let found = shown(ports, of_kind, &[12, 13, 11]).await;
    differences.expect("open jobs, oldest first", &found, &vec![12, 13, 11]);
    let over = Job { state: JobState::Completed, ..job(13, 2_000) };
    let closed = ports.commit(vec![Write::put(Some(Revision(1)), over)]).await;
    differences.expect("the end of a job", &closed, &Ok(()));
    let found = shown(ports, async || ids(ports.open_of_label_set(&label_set).await), &[12, 11]).await;
    differences.expect("open jobs after one ended", &found, &vec![12, 11]);
    let none = ids(ports.open_of_label_set("octo-org/a.repository_1#nobody").await);
    differences.expect("another label set", &none, &Vec::new());
}

/// A query returns everything, even if DynamoDB needs several pages for it.
async fn pages(ports: &(impl Table + Clock), sample: &Sample, differences: &mut Differences) {
    let long = |number: u64| Label::new(format!("{number:0>200}"));
    let labels: BTreeSet<_> = (0..90).filter_map(|number| long(number).ok()).collect();
    let label_set = label_set_key(&sample.repository, &labels);
    let jobs: Vec<u64> = (1_000..1_080).collect();
    for some in jobs.chunks(20) {
        let job = |id: &u64| Write::create(Job { labels: labels.clone(), ..sample.job(*id, *id) });
        differences.expect("many jobs", &ports.commit(some.iter().map(job).collect()).await, &Ok(()));
    }
    let found = shown(ports, async || ids(ports.open_of_label_set(&label_set).await), &jobs).await;
    differences.expect("all of a large label set", &found, &jobs);
}

/// What an index shows, as soon as it shows what is expected, or after a time limit.
async fn shown(clock: &impl Clock, look: impl AsyncFn() -> Vec<u64>, expected: &[u64]) -> Vec<u64> {
    let until = clock.now() + SHOWN_WITHIN;
    loop {
        let found = look().await;
        if found == expected || clock.now() > until {
            return found;
        }
        clock.sleep_until(clock.now() + Duration::from_millis(50)).await;
    }
}

/// The ids of jobs.
fn ids(found: Read<Vec<Stored<Item>>>) -> Vec<u64> {
    let jobs = found.unwrap_or_default().into_iter().filter_map(|stored| Job::try_from(stored.item).ok());
    jobs.map(|job| job.job.job_id).collect()
}
