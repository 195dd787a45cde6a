//! A simulated DynamoDB table: items with revisions, transactions, and two indexes that are eventually consistent.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use jit_runners_model::contract::table::{Key, OpenKind};
use jit_runners_runtime::{
    port::{CommitError, Read, ReadError, Revision, Stored, Write},
    record::{Fleet, Item},
    time::Time,
};

use crate::random::Random;

/// The most writes of a transaction
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const MOST_WRITES: usize = 100;
/// Items that one page of a query holds: 1 MB of items of about 250 bytes
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>).
const PAGE: usize = 4_000;

/// How well the table behaves. [`Default`] is a quiet world: indexes are a little late, as they always are.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSettings {
    /// How long a change takes to the indexes
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html>).
    pub index_delay: (Duration, Duration),
    /// The probability that a change takes much longer.
    pub slow_index: f64,
    /// How long it takes then.
    pub slow: (Duration, Duration),
    /// The probability that a call is throttled.
    pub throttle: f64,
    /// The probability that a transaction conflicts with another one (`TransactionConflict`).
    pub conflict: f64,
}

impl Default for TableSettings {
    fn default() -> Self {
        Self {
            index_delay: (Duration::from_millis(5), Duration::from_millis(100)),
            slow_index: 0.0,
            slow: (Duration::from_secs(1), Duration::from_secs(10)),
            throttle: 0.0,
            conflict: 0.0,
        }
    }
}

/// One version of an item; `None` where there is no item.
pub type Version = Option<Arc<Stored<Item>>>;

/// What a write did to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What was there.
    pub before: Version,
    /// What is there now.
    pub after: Version,
}

/// Counts of what was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableStatistics {
    /// Reads of one item.
    pub gets: u64,
    /// Transactions, also those that failed.
    pub commits: u64,
    /// Items in them.
    pub writes: u64,
    /// Transactions that met a changed item.
    pub conflicts: u64,
    /// Calls that were throttled.
    pub throttled: u64,
    /// Queries of an index.
    pub queries: u64,
    /// Items that they gave.
    pub queried: u64,
    /// Pages that they took.
    pub pages: u64,
    /// The most items that one query gave.
    pub longest_query: usize,
    /// Transactions that DynamoDB would never accept: mistakes of the caller.
    pub violations: Vec<String>,
}

/// The simulated table. Expired items stay: DynamoDB deletes them within days, and no simulation lasts that long.
#[derive(Debug)]
pub struct SimTable {
    settings: TableSettings,
    random: Random,
    rows: Vec<Row>,
    /// The row of each key. It is only looked up, never iterated over.
    places: HashMap<Key, usize>,
    /// Changes that the indexes do not show yet, by the time when they will.
    underway: BTreeMap<(Time, u64), (usize, Version)>,
    number: u64,
    by_kind: BTreeMap<OpenKind, Entries>,
    by_label_set: HashMap<Arc<str>, Entries>,
    statistics: TableStatistics,
}

/// Entries of an index under one partition key: sort key and row.
type Entries = BTreeSet<(Time, usize)>;

#[derive(Debug, Default)]
struct Row {
    now: Version,
    /// What the indexes show.
    shown: Version,
    /// Where they show it.
    entry: Option<Entry>,
    /// When the last change arrives at the indexes.
    indexed_at: Time,
}

#[derive(Debug, Clone)]
struct Entry {
    kind: OpenKind,
    since: Time,
    label_set: Option<Arc<str>>,
}

impl SimTable {
    /// An empty table.
    pub fn new(settings: TableSettings, random: Random) -> Self {
        Self {
            settings,
            random,
            rows: Vec::new(),
            places: HashMap::new(),
            underway: BTreeMap::new(),
            number: 0,
            by_kind: BTreeMap::new(),
            by_label_set: HashMap::new(),
            statistics: TableStatistics::default(),
        }
    }

    /// The item as it is now.
    pub fn get(&mut self, key: &Key) -> Read<Option<Stored<Item>>> {
        self.statistics.gets += 1;
        self.readable()?;
        Ok(self.peek(key).cloned())
    }

    /// Makes all changes, or none; returns what each changed.
    pub fn commit(&mut self, now: Time, writes: Vec<Write>) -> Result<Vec<Change>, CommitError> {
        self.statistics.commits += 1;
        self.statistics.writes += u64::try_from(writes.len()).unwrap_or(u64::MAX);
        if let Some(violation) = violation(&writes) {
            self.statistics.violations.push(violation.clone());
            return Err(CommitError::Throttled(violation));
        }
        if self.random.chance(self.settings.throttle) {
            self.statistics.throttled += 1;
            return Err(CommitError::Throttled("ThrottlingError".to_owned()));
        }
        let as_expected =
            |write: &Write| self.peek(&write.key).and_then(|stored| stored.revision) == write.expected;
        let fits = writes.iter().all(as_expected);
        if !fits || self.random.chance(self.settings.conflict) {
            self.statistics.conflicts += 1;
            return Err(CommitError::Conflict);
        }
        Ok(writes.into_iter().map(|write| self.write(now, write.key, Some(write.item))).collect())
    }

    /// Changes the fleet by hand, as an operator does who tries until it succeeds.
    pub fn change_fleet(&mut self, now: Time, change: impl FnOnce(&mut Fleet)) -> Change {
        let mut fleet = match self.peek(&Key::fleet()).map(|stored| &stored.item) {
            Some(Item::Fleet(fleet)) => fleet.clone(),
            _ => Fleet::default(),
        };
        change(&mut fleet);
        self.write(now, Key::fleet(), Some(fleet.into()))
    }

    /// Reads and deletes an item, in one step (`DeleteItem` with `ReturnValues` `ALL_OLD`).
    pub fn take(&mut self, now: Time, key: &Key) -> Read<Version> {
        self.statistics.commits += 1;
        self.statistics.writes += 1;
        self.readable()?;
        Ok(if self.places.contains_key(key) { self.write(now, key.clone(), None).before } else { None })
    }

    /// Everything open that belongs to a label set, as the index shows it, oldest first.
    pub fn open_of_label_set(&mut self, now: Time, label_set: &str) -> Read<Vec<Stored<Item>>> {
        self.readable()?;
        self.update_indexes(now);
        Ok(self.answer(self.by_label_set.get(label_set)))
            .inspect(|items| self.statistics.count_query(items.len()))
    }

    /// Everything open of one kind, as the index shows it, oldest first.
    pub fn open_of_kind(&mut self, now: Time, kind: OpenKind) -> Read<Vec<Stored<Item>>> {
        self.readable()?;
        self.update_indexes(now);
        Ok(self.answer(self.by_kind.get(&kind))).inspect(|items| self.statistics.count_query(items.len()))
    }

    /// The current item, for checks of the world.
    pub fn peek(&self, key: &Key) -> Option<&Stored<Item>> {
        self.rows.get(*self.places.get(key)?)?.now.as_deref()
    }

    /// Every item as it is now, in the order in which they were first written.
    pub fn items(&self) -> impl Iterator<Item = &Stored<Item>> {
        self.rows.iter().filter_map(|row| row.now.as_deref())
    }

    /// Stops all faults that have not begun.
    pub fn stop_faults(&mut self) {
        self.settings = TableSettings::default();
    }

    /// Counts of what was done.
    pub const fn statistics(&self) -> &TableStatistics {
        &self.statistics
    }

    fn readable(&mut self) -> Result<(), ReadError> {
        if self.random.chance(self.settings.throttle) {
            self.statistics.throttled += 1;
            return Err(ReadError::Unavailable("ThrottlingException".to_owned()));
        }
        Ok(())
    }

    /// Writes an item, or deletes it, without a condition.
    fn write(&mut self, now: Time, key: Key, item: Option<Item>) -> Change {
        let index = self.places.get(&key).copied().unwrap_or_else(|| {
            self.places.insert(key, self.rows.len());
            self.rows.push(Row::default());
            self.rows.len() - 1
        });
        let slow = self.random.chance(self.settings.slow_index);
        let (soonest, latest) = if slow { self.settings.slow } else { self.settings.index_delay };
        let delay = self.random.between(soonest, latest);
        let Some(row) = self.rows.get_mut(index) else { return Change { before: None, after: None } };

        let before = row.now.take();
        let revision = Some(Revision::after(before.as_ref().and_then(|stored| stored.revision)));
        row.now = item.map(|item| Arc::new(Stored { revision, item }));
        // Changes of one item reach an index in their order.
        row.indexed_at = row.indexed_at.max(now + delay);
        self.number += 1;
        self.underway.insert((row.indexed_at, self.number), (index, row.now.clone()));
        Change { before, after: row.now.clone() }
    }

    /// Applies the changes that the indexes show by `now`.
    fn update_indexes(&mut self, now: Time) {
        while let Some(entry) = self.underway.first_entry().filter(|entry| entry.key().0 <= now) {
            let (index, version) = entry.remove();
            let Some(row) = self.rows.get_mut(index) else { continue };
            row.shown = version;
            let open = row.shown.as_ref().and_then(|stored| stored.item.open());
            let is_same = match (&open, &row.entry) {
                (Some(open), Some(entry)) => {
                    open.kind == entry.kind
                        && open.since == entry.since
                        && open.label_set.as_deref() == entry.label_set.as_deref()
                }
                (None, None) => true,
                _ => false,
            };
            if is_same {
                continue;
            }
            if let Some(old) = row.entry.take() {
                let place = (old.since, index);
                if let Some(entries) = self.by_kind.get_mut(&old.kind) {
                    entries.remove(&place);
                }
                if let Some(entries) = old.label_set.and_then(|set| self.by_label_set.get_mut(&set)) {
                    entries.remove(&place);
                }
            }
            if let Some(open) = open {
                let place = (open.since, index);
                self.by_kind.entry(open.kind).or_default().insert(place);
                let label_set = open.label_set.map(|text| {
                    let known =
                        self.by_label_set.get_key_value(text.as_str()).map(|(set, _)| Arc::clone(set));
                    let set = known.unwrap_or_else(|| Arc::from(text));
                    self.by_label_set.entry(Arc::clone(&set)).or_default().insert(place);
                    set
                });
                row.entry = Some(Entry { kind: open.kind, since: open.since, label_set });
            }
        }
    }

    fn answer(&self, entries: Option<&Entries>) -> Vec<Stored<Item>> {
        let rows = entries.into_iter().flatten().filter_map(|(_, index)| self.rows.get(*index));
        rows.filter_map(|row| row.shown.as_deref().cloned()).collect()
    }
}

impl TableStatistics {
    fn count_query(&mut self, items: usize) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.queries += 1;
        self.queried += number(items);
        self.pages += number(items.div_ceil(PAGE).max(1));
        self.longest_query = self.longest_query.max(items);
    }
}

/// Why DynamoDB would never accept these writes.
fn violation(writes: &[Write]) -> Option<String> {
    if writes.is_empty() || writes.len() > MOST_WRITES {
        return Some(format!("a transaction of {} writes", writes.len()));
    }
    let has_twins = || writes.iter().map(|write| &write.key).collect::<BTreeSet<_>>().len() < writes.len();
    if writes.len() > 1 && has_twins() {
        return Some("two writes of one item in a transaction".to_owned());
    }
    // Checking new items is enough, and saves most of the work: items that are written again were read under their
    // key.
    let mut new = writes.iter().filter(|write| write.expected.is_none());
    let stray = new.find(|write| write.item.key() != write.key)?;
    Some(format!("an item of another key than `{}`", stray.key))
}

#[cfg(test)]
mod tests;
