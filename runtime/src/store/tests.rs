use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
};

use jit_runners_model::contract::table::Key;

use super::*;
use crate::{
    port::Stored,
    record::{Intent, Job},
    sample::{NOW, first, intent, job, outcome, repository, seconds},
};

/// What happens to a commit.
enum Fate {
    /// Carried out, if its conditions hold, and answered.
    Carried,
    /// Carried out, and the answer is lost.
    AnswerLost,
    /// Lost on its way.
    Lost,
    /// Refused for now.
    Throttled,
    /// Somebody else writes this first.
    After(Vec<Write>),
}

/// A table that holds what was committed; commits fare as was written down, and then well.
#[derive(Default)]
struct Script {
    items: RefCell<BTreeMap<String, Stored<Item>>>,
    fates: RefCell<VecDeque<Fate>>,
    unreadable: Cell<u32>,
    commits: Cell<usize>,
    waited: Cell<Duration>,
}

impl Script {
    fn new(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { fates: RefCell::new(fates.into_iter().collect()), ..Self::default() }
    }

    /// Carries `writes` out, or nothing of them.
    fn carry_out(&self, writes: &[Write]) -> Result<(), CommitError> {
        let mut items = self.items.borrow_mut();
        let is_as_read =
            |it: &Write| items.get(&it.key.to_string()).and_then(|found| found.revision) == it.expected;
        if !writes.iter().all(is_as_read) {
            return Err(CommitError::Conflict);
        }
        for write in writes {
            let revision = Some(Revision::after(write.expected));
            items.insert(write.key.to_string(), Stored { revision, item: write.item.clone() });
        }
        Ok(())
    }

    fn found<T: TryFrom<Item, Error = OfAnotherKind>>(&self, key: &Key) -> Option<Stored<T>> {
        outcome(get(self, key)).unwrap()
    }
}

impl Clock for Script {
    fn now(&self) -> Time {
        NOW + self.waited.get()
    }

    async fn sleep_until(&self, time: Time) {
        self.waited.set(self.waited.get().max(time.since(NOW)));
    }
}

impl Table for Script {
    async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>> {
        if let Some(left) = self.unreadable.get().checked_sub(1) {
            self.unreadable.set(left);
            return Err(ReadError::Unavailable("slow down".to_owned()));
        }
        Ok(self.items.borrow().get(&key.to_string()).cloned())
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        self.commits.set(self.commits.get() + 1);
        let fate = self.fates.borrow_mut().pop_front().unwrap_or(Fate::Carried);
        match fate {
            Fate::Carried => self.carry_out(&writes),
            Fate::AnswerLost => {
                self.carry_out(&writes)?;
                Err(CommitError::Unknown("connection reset".to_owned()))
            }
            Fate::Lost => Err(CommitError::Unknown("connection reset".to_owned())),
            Fate::Throttled => Err(CommitError::Throttled("slow down".to_owned())),
            Fate::After(others) => {
                self.carry_out(&others)?;
                self.carry_out(&writes)
            }
        }
    }

    async fn open_of_label_set(&self, _: &str) -> Read<Vec<Stored<Item>>> {
        Ok(Vec::new())
    }

    async fn open_of_kind(&self, _: OpenKind) -> Read<Vec<Stored<Item>>> {
        Ok(Vec::new())
    }
}

fn committed(script: &Script, writes: Vec<Write>) -> Result<(), StoreError> {
    outcome(commit(script, writes))
}

fn key(job: &Job) -> Key {
    Key::job(&job.job)
}

/// `taken` slots, in place of no fleet.
fn fleet_of(taken: u32) -> Fleet {
    let mut fleet = Fleet::default();
    fleet.take(&repository(), taken);
    fleet
}

#[test]
fn a_commit_whose_answer_was_lost_is_made_once() {
    for lost in [Fate::AnswerLost, Fate::Lost] {
        let script = Script::new([lost]);
        assert_eq!(committed(&script, vec![Write::create(job(1)), Write::create(intent(1, 1))]), Ok(()));
        assert_eq!(script.found(&key(&job(1))), Some(first(job(1))));
        assert_eq!(script.found(&Key::intent(intent(1, 1).id.as_str())), Some(first(intent(1, 1))));
        assert_eq!(script.commits.get(), 2);
    }
}

#[test]
fn a_commit_that_lost_its_answer_and_then_the_race_is_a_conflict() {
    let other = Write::create(Job { launches: 7, ..job(1) });
    let script = Script::new([Fate::Lost, Fate::After(vec![other])]);
    assert_eq!(committed(&script, vec![Write::create(job(1))]), Err(StoreError::Conflict));
    assert_eq!(script.found::<Job>(&key(&job(1))).unwrap().item.launches, 7, "the other's stays");
}

#[test]
fn one_item_as_written_does_not_prove_the_whole_commit() {
    // Another invocation decides the same for the job, and something else for the launch.
    let others = vec![Write::create(job(1)), Write::create(Intent { tried: 3, ..intent(1, 1) })];
    let script = Script::new([Fate::Lost, Fate::After(others)]);
    let writes = vec![Write::create(job(1)), Write::create(intent(1, 1))];
    assert_eq!(committed(&script, writes), Err(StoreError::Conflict));
}

#[test]
fn the_fleet_alone_proves_nothing() {
    let script = Script::new([Fate::AnswerLost]);
    assert_eq!(
        committed(&script, vec![Write::create(fleet_of(1))]),
        Err(StoreError::Conflict),
        "another may have taken the same slot"
    );
}

#[test]
fn a_commit_without_doubt_is_no_success_after_a_conflict() {
    // The very same was written before, by somebody else.
    let script = Script::new([Fate::After(vec![Write::create(job(1))])]);
    assert_eq!(committed(&script, vec![Write::create(job(1))]), Err(StoreError::Conflict));
    assert_eq!(script.commits.get(), 1, "deciding again is the caller's");
}

#[test]
fn a_throttled_commit_is_made_again_for_a_while() {
    let some = Script::new([Fate::Throttled, Fate::Throttled, Fate::Throttled]);
    assert_eq!(committed(&some, vec![Write::create(job(1))]), Ok(()));
    assert_eq!(some.waited.get(), FIRST_WAIT * 7, "each wait is twice the one before");
    let all = Script::new([Fate::Throttled, Fate::Throttled, Fate::Throttled, Fate::Throttled]);
    assert!(matches!(committed(&all, vec![Write::create(job(1))]), Err(StoreError::Unavailable(_))));
    assert_eq!(all.found::<Job>(&key(&job(1))), None);
}

#[test]
fn a_read_is_made_again_for_a_while() {
    let script = Script::default();
    committed(&script, vec![Write::create(job(1))]).unwrap();
    script.unreadable.set(TRIES - 1);
    assert_eq!(script.found(&key(&job(1))), Some(first(job(1))));
    script.unreadable.set(TRIES);
    let unreadable = outcome(get::<Job>(&script, &key(&job(1))));
    assert!(matches!(unreadable, Err(ReadError::Unavailable(_))));
}

#[test]
fn an_item_of_another_kind_is_told_by_its_key() {
    let script = Script::default();
    committed(&script, vec![Write::create(job(1))]).unwrap();
    let error = outcome(get::<Intent>(&script, &key(&job(1)))).unwrap_err();
    assert_eq!(error.to_string(), "the item `job#o/r#1#1` is of another kind than its key says");
}

#[test]
fn a_change_of_the_fleet_is_decided_anew_after_each_conflict() {
    let mut others = first(fleet_of(9));
    others.item.take(&repository(), 1);
    let script = Script::new([Fate::Carried, Fate::After(vec![Write::put(Some(Revision(1)), others.item)])]);
    committed(&script, vec![Write::create(fleet_of(9))]).unwrap();
    let seen = outcome(change_fleet(&script, "salt", |fleet| {
        let before = fleet.taken();
        fleet.give_back(&repository(), 4);
        before
    }));
    assert_eq!(seen, Ok(10), "what came of the second try");
    let fleet = outcome(fleet(&script)).unwrap();
    assert_eq!((fleet.revision, fleet.item.taken()), (Some(Revision(3)), 6));
}

#[test]
fn a_fleet_that_does_not_change_is_not_written() {
    let script = Script::default();
    assert_eq!(outcome(change_fleet(&script, "salt", |fleet| fleet.taken())), Ok(0));
    assert_eq!(script.commits.get(), 0);
}

#[test]
fn a_fleet_that_everybody_changes_is_given_up_at_last() {
    let takes = |taken| {
        vec![Write::put((taken > 1).then(|| Revision(taken - 1)), fleet_of(u32::try_from(taken).unwrap()))]
    };
    let script = Script::new((1..=u64::from(CONFLICTS)).map(|taken| Fate::After(takes(taken))));
    let changed = outcome(change_fleet(&script, "salt", |fleet| fleet.take(&repository(), 1)));
    assert_eq!(changed, Err(StoreError::Conflict));
    assert_eq!(outcome(fleet(&script)).unwrap().item.taken(), CONFLICTS, "the others' changes stay");
}

#[test]
fn what_is_contradicted_is_read_again_and_not_written() {
    let script = Script::default();
    let done = outcome(transact(&script, "salt", async |conflicts| {
        Ok(if conflicts < 2 {
            Transaction::Contradicted
        } else {
            Transaction::Write(vec![Write::create(job(1))], conflicts)
        })
    }));
    assert_eq!((done, script.commits.get()), (Ok(2), 1));
    assert!(!script.waited.get().is_zero());
}

#[test]
fn what_does_not_hold_any_more_is_given_up_at_once() {
    let script = Script::new([Fate::After(vec![Write::create(job(1))])]);
    let lost = outcome(transact_while(
        &script,
        "salt",
        async || Ok(false),
        async |_| Ok(Transaction::Write(vec![Write::create(job(1))], ())),
    ));
    assert_eq!((lost, script.commits.get()), (Err(StoreError::Conflict), 1));
    assert!(script.waited.get().is_zero());
}

#[test]
fn rivals_wait_differently_and_longer_each_time() {
    let waits = |salt: &str| -> Vec<_> {
        (0..8).map(|tries| pause_after_conflict(tries, salt, NOW).since(NOW)).collect()
    };
    assert_ne!(waits("one"), waits("other"));
    assert!(waits("one").iter().all(|wait| *wait >= Duration::from_millis(5) && *wait < seconds(1)));
}
