use std::collections::BTreeMap;

use jit_runners_model::{
    Label,
    contract::{
        message::{JobRef, Repository},
        table::{JobState, label_set_key},
    },
};
use jit_runners_runtime::record::{Configuration, Fleet, InstanceId, Job, Lease, Rotation};
use proptest::prelude::*;

use super::*;

const START: Time = Time::from_millis(1_700_000_000_000);

fn table(settings: TableSettings) -> SimTable {
    SimTable::new(settings, Random::new(3))
}

/// A table whose indexes are ten seconds late.
fn late() -> SimTable {
    let delay = Duration::from_secs(10);
    table(TableSettings { index_delay: (delay, delay), ..TableSettings::default() })
}

fn after(seconds: u64) -> Time {
    START + Duration::from_secs(seconds)
}

fn job(id: u64, label: &str, queued_at: Time) -> Job {
    let job = JobRef { repository: Repository::new("o/r").unwrap(), job_id: id, run_attempt: 1 };
    Job::queued(job, [Label::new(label).unwrap()].into(), queued_at)
}

fn lease(name: &str) -> Lease {
    Lease { name: name.to_owned(), until: START, rotation: Rotation::default() }
}

fn label_set(label: &str) -> String {
    label_set_key(&Repository::new("o/r").unwrap(), &[Label::new(label).unwrap()].into())
}

fn ids(items: Vec<Stored<Item>>) -> Vec<u64> {
    items.into_iter().map(|stored| Job::try_from(stored.item).unwrap().job.job_id).collect()
}

#[test]
fn an_item_is_written_under_the_revision_that_was_read() {
    let mut table = late();
    let fleet = || Item::from(Fleet::default());
    let changes = table.commit(START, vec![Write::create(fleet())]).unwrap();
    assert!(changes[0].before.is_none() && changes[0].after.as_ref().unwrap().revision == Some(Revision(1)));
    assert_eq!(table.commit(START, vec![Write::create(fleet())]), Err(CommitError::Conflict));
    assert_eq!(table.commit(START, vec![Write::put(Some(Revision(2)), fleet())]), Err(CommitError::Conflict));
    let changes = table.commit(START, vec![Write::put(Some(Revision(1)), fleet())]).unwrap();
    assert_eq!(changes[0].before.as_ref().unwrap().revision, Some(Revision(1)));
    assert_eq!(table.get(&Key::fleet()).unwrap().unwrap().revision, Some(Revision(2)));
    assert_eq!(table.statistics().conflicts, 2);
}

#[test]
fn one_failed_condition_stops_all_writes() {
    let mut table = late();
    table.commit(START, vec![Write::create(lease("a"))]).unwrap();
    let writes = vec![Write::create(lease("b")), Write::create(lease("a"))];
    assert_eq!(table.commit(START, writes), Err(CommitError::Conflict));
    assert_eq!(table.get(&Key::lease("b")), Ok(None));
    assert_eq!(table.items().count(), 1);
}

#[test]
fn an_item_that_was_taken_begins_again() {
    let mut table = late();
    table.commit(START, vec![Write::create(lease("a"))]).unwrap();
    assert_eq!(table.take(START, &Key::lease("a")).unwrap().unwrap().item, lease("a").into());
    assert_eq!(table.get(&Key::lease("a")), Ok(None));
    table.commit(START, vec![Write::create(lease("a"))]).unwrap();
    assert_eq!(table.get(&Key::lease("a")).unwrap().unwrap().revision, Some(Revision(1)));
}

#[test]
fn only_one_takes_an_item() {
    let mut table = late();
    let instance = InstanceId::new("i-0123456789abcdef0");
    let key = Key::configuration("ROLE", instance.as_str());
    assert_eq!(table.take(START, &key), Ok(None));
    let encoded = "secret".to_owned();
    let configuration = Configuration { role_id: "ROLE".to_owned(), instance, encoded, at: START };
    table.commit(START, vec![Write::create(configuration.clone())]).unwrap();
    let taken = table.take(START, &key).unwrap().unwrap();
    assert_eq!(taken.item, Item::Configuration(configuration));
    assert_eq!(table.take(START, &key), Ok(None));
}

#[test]
fn what_dynamodb_never_takes_is_flagged() {
    let mut table = late();
    let many = (0..101).map(|number| Write::create(lease(&number.to_string()))).collect();
    let twice = vec![Write::create(lease("a")), Write::create(lease("a"))];
    let stray = vec![Write { key: Key::fleet(), expected: None, item: lease("a").into() }];
    for writes in [Vec::new(), many, twice, stray] {
        assert!(matches!(table.commit(START, writes), Err(CommitError::Throttled(_))));
    }
    assert_eq!((table.statistics().violations.len(), table.items().count()), (4, 0));
    let most = (0..100).map(|number| Write::create(lease(&number.to_string()))).collect();
    table.commit(START, most).unwrap();
}

#[test]
fn indexes_are_late_and_hold_what_is_open() {
    let mut table = late();
    let (old, new) = (job(1, "x", after(1)), job(2, "y", after(2)));
    table.commit(START, vec![Write::create(new), Write::create(old.clone())]).unwrap();
    assert!(table.open_of_kind(after(9), OpenKind::Job).unwrap().is_empty());
    assert_eq!(ids(table.open_of_kind(after(10), OpenKind::Job).unwrap()), [1, 2], "oldest first");
    assert_eq!(ids(table.open_of_label_set(after(10), &label_set("y")).unwrap()), [2]);

    let done = Job { state: JobState::Completed, ..old };
    table.commit(after(20), vec![Write::put(Some(Revision(1)), done)]).unwrap();
    let shown = table.open_of_label_set(after(29), &label_set("x")).unwrap();
    assert_eq!(shown[0].revision, Some(Revision(1)), "as it was");
    assert!(table.open_of_label_set(after(30), &label_set("x")).unwrap().is_empty());
    assert_eq!(ids(table.open_of_kind(after(30), OpenKind::Job).unwrap()), [2]);
    assert!(table.open_of_kind(after(30), OpenKind::Runner).unwrap().is_empty());
    assert_eq!((table.statistics().queries, table.statistics().longest_query), (7, 2));
}

#[test]
fn a_throttled_call_does_nothing() {
    let mut table = table(TableSettings { throttle: 1.0, ..TableSettings::default() });
    assert!(matches!(table.get(&Key::fleet()), Err(ReadError::Unavailable(_))));
    assert!(matches!(table.open_of_kind(START, OpenKind::Job), Err(ReadError::Unavailable(_))));
    let commit = table.commit(START, vec![Write::create(Fleet::default())]);
    assert!(matches!(commit, Err(CommitError::Throttled(_))));
    table.stop_faults();
    assert_eq!(table.get(&Key::fleet()), Ok(None));
}

#[test]
fn a_transaction_may_meet_another_one() {
    let mut table = table(TableSettings { conflict: 1.0, ..TableSettings::default() });
    assert_eq!(table.commit(START, vec![Write::create(Fleet::default())]), Err(CommitError::Conflict));
    assert_eq!(table.items().count(), 0);
}

/// One commit: the time since the last one, the job, and its new state.
#[derive(Debug, Clone)]
struct Step {
    wait: u64,
    job: u64,
    label: &'static str,
    fate: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (0..3_000_u64, 0..6_u64, prop_oneof![Just("x"), Just("y")], 0..4_u8)
        .prop_map(|(wait, job, label, fate)| Step { wait, job, label, fate })
}

proptest! {
    #[test]
    fn indexes_follow_each_item_in_order_and_catch_up(seed: u64, steps in prop::collection::vec(step(), 1..60)) {
        let settings = TableSettings { slow_index: 0.3, ..TableSettings::default() };
        let mut table = SimTable::new(settings, Random::new(seed));
        let mut now = START;
        // All versions of each job, and the version that the index last showed.
        let mut versions: BTreeMap<u64, Vec<Option<Item>>> = BTreeMap::new();
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        for (number, step) in steps.iter().enumerate() {
            now = now + Duration::from_millis(step.wait);
            // The time makes all versions different.
            let queued_at = after(1_000_000) + Duration::from_millis(u64::try_from(number).unwrap());
            let mut item = job(step.job, step.label, queued_at);
            item.state = if step.fate == 0 { JobState::Completed } else { JobState::Queued };
            let item = (step.fate != 1).then_some(Item::Job(item));
            let key = Key::job(&job(step.job, "x", START).job);
            let expected = table.peek(&key).and_then(|stored| stored.revision);
            match item.clone() {
                Some(item) => drop(table.commit(now, vec![Write { key, expected, item }]).unwrap()),
                None => drop(table.take(now, &key).unwrap()),
            }
            versions.entry(step.job).or_default().push(item);

            for shown in table.open_of_kind(now, OpenKind::Job).unwrap() {
                let Item::Job(found) = &shown.item else { panic!("{shown:?}") };
                let history = &versions[&found.job.job_id];
                let version = history.iter().position(|it| it.as_ref() == Some(&shown.item));
                let version = version.expect("the index shows what was never written");
                let last = seen.insert(found.job.job_id, version);
                prop_assert!(last.is_none_or(|last| last <= version), "the index went back");
            }
        }

        now = now + Duration::from_secs(10);
        let mut open: Vec<_> = table.items().filter(|stored| stored.item.open().is_some()).cloned().collect();
        open.sort_by_key(|stored| stored.item.open().map(|open| open.since));
        prop_assert_eq!(&table.open_of_kind(now, OpenKind::Job).unwrap(), &open);
        for label in ["x", "y"] {
            let set = Some(label_set(label));
            let mut own = open.clone();
            own.retain(|stored| stored.item.open().is_some_and(|open| open.label_set == set));
            prop_assert_eq!(table.open_of_label_set(now, &label_set(label)).unwrap(), own);
        }
    }
}
