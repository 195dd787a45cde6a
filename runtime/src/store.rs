//! Typed reads of the table, and writes that are retried where that is harmless.
//!
//! ```
//! # use std::{cell::RefCell, collections::BTreeMap, pin::pin, task::{Context, Poll, Waker}};
//! # use jit_runners_model::contract::table::{Key, OpenKind};
//! # use jit_runners_runtime::port::{Clock, CommitError, Read, Revision, Stored, Table, Write};
//! # use jit_runners_runtime::record::Item;
//! # #[derive(Default)]
//! # struct Memory(RefCell<BTreeMap<Key, Stored<Item>>>);
//! # impl Table for Memory {
//! #     async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>> {
//! #         Ok(self.0.borrow().get(key).cloned())
//! #     }
//! #     async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
//! #         let mut items = self.0.borrow_mut();
//! #         let stored = |key| items.get(key).and_then(|stored| stored.revision);
//! #         if writes.iter().any(|write| stored(&write.key) != write.expected) {
//! #             return Err(CommitError::Conflict);
//! #         }
//! #         for Write { key, expected, item } in writes {
//! #             items.insert(key, Stored { revision: Some(Revision::after(expected)), item });
//! #         }
//! #         Ok(())
//! #     }
//! #     async fn open_of_label_set(&self, _: &str) -> Read<Vec<Stored<Item>>> { Ok(Vec::new()) }
//! #     async fn open_of_kind(&self, _: OpenKind) -> Read<Vec<Stored<Item>>> { Ok(Vec::new()) }
//! # }
//! # impl Clock for Memory {
//! #     fn now(&self) -> Time { Time::default() }
//! #     async fn sleep_until(&self, _: Time) {}
//! # }
//! # fn run<T>(future: impl Future<Output = T>) -> T {
//! #     let Poll::Ready(result) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
//! #     result
//! # }
//! use jit_runners_runtime::{record::Fleet, store::{change_fleet, commit_if_unchanged, fleet}, time::Time};
//!
//! let ports = Memory::default();
//! run(async {
//!     let read = fleet(&ports).await?;
//!     // Somebody else is faster.
//!     change_fleet(&ports, "salt", |fleet| fleet.stop(Time::from_millis(7))).await?;
//!     // What was decided from an old revision is not written.
//!     assert!(!commit_if_unchanged(&ports, vec![read.write()]).await?);
//!     assert!(fleet(&ports).await?.item.is_stopped());
//!     # Ok::<(), Box<dyn std::error::Error>>(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::Duration;

use jit_runners_model::contract::table::{Key, OpenKind};

use crate::{
    port::{Clock, CommitError, Read, ReadError, Revision, Stored, Table, Write},
    record::{Findings, Fleet, Item, OfAnotherKind},
    time::Time,
};

/// How often a throttled read or write is tried.
const TRIES: u32 = 4;
/// The first wait between two tries; the next ones double.
const FIRST_WAIT: Duration = Duration::from_millis(40);

/// How often a decision is made again because another invocation was faster.
pub(crate) const CONFLICTS: u32 = 16;

/// Why something could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// An item is not as it was read: read again and decide again.
    #[error("an item changed since it was read")]
    Conflict,
    /// The table does not answer, or is throttled.
    #[error("{0}")]
    Unavailable(String),
}

impl From<ReadError> for StoreError {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The item under `key`.
pub async fn get<T: TryFrom<Item, Error = OfAnotherKind>>(
    ports: &(impl Table + Clock),
    key: &Key,
) -> Read<Option<Stored<T>>> {
    let found = retry_read(ports, || ports.get(key)).await?;
    found.map(|Stored { revision, item }| Ok(Stored { revision, item: item.try_into()? })).transpose()
}

/// Everything open in a label set.
pub async fn open_of_label_set(ports: &(impl Table + Clock), label_set: &str) -> Read<Vec<Stored<Item>>> {
    retry_read(ports, || ports.open_of_label_set(label_set)).await
}

/// Everything open of one kind, oldest first.
pub async fn open_of_kind<T: TryFrom<Item, Error = OfAnotherKind>>(
    ports: &(impl Table + Clock),
    kind: OpenKind,
) -> Read<Vec<Stored<T>>> {
    let found = retry_read(ports, || ports.open_of_kind(kind)).await?;
    found
        .into_iter()
        .map(|Stored { revision, item }| Ok(Stored { revision, item: item.try_into()? }))
        .collect()
}

/// The fleet; the first invocation of a deployment finds none.
pub async fn fleet(ports: &(impl Table + Clock)) -> Read<Stored<Fleet>> {
    let found = get(ports, &Key::fleet()).await?;
    Ok(found.unwrap_or_else(Stored::absent))
}

/// Makes all changes or none. A write whose answer was lost is made again; its conditions keep it from taking effect
/// twice.
pub async fn commit(ports: &(impl Table + Clock), writes: Vec<Write>) -> Result<(), StoreError> {
    let mut wait = FIRST_WAIT;
    let mut doubtful = false;
    let mut tries = 1;
    loop {
        let error = match ports.commit(writes.clone()).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict) if doubtful && is_done(ports, &writes).await? => return Ok(()),
            Err(CommitError::Conflict) => return Err(StoreError::Conflict),
            Err(error) => error,
        };
        doubtful |= matches!(error, CommitError::Unknown(_));
        if tries == TRIES {
            return Err(StoreError::Unavailable(error.to_string()));
        }
        ports.sleep_until(ports.now() + wait).await;
        wait *= 2;
        tries += 1;
    }
}

/// The same; returns whether it was written, or `false` if an item has changed since it was read.
pub async fn commit_if_unchanged(
    ports: &(impl Table + Clock),
    writes: Vec<Write>,
) -> Result<bool, StoreError> {
    match commit(ports, writes).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error @ StoreError::Unavailable(_)) => Err(error),
    }
}

/// Whether a call whose answer was lost has carried out `writes`: every item is as they make it. One item alone would
/// prove nothing, because others decide the same from the same facts. The fleet is left out, because every invocation
/// changes it.
async fn is_done(ports: &(impl Table + Clock), writes: &[Write]) -> Result<bool, ReadError> {
    let mut told = false;
    for write in writes.iter().filter(|write| !matches!(write.item, Item::Fleet(_))) {
        let found = retry_read(ports, || ports.get(&write.key)).await?;
        if !found
            .is_some_and(|it| it.revision == Some(Revision::after(write.expected)) && it.item == write.item)
        {
            return Ok(false);
        }
        told = true;
    }
    Ok(told)
}

/// What is decided from what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transaction<T> {
    /// Nothing is to be written, and this is the result.
    Done(T),
    /// All of these changes are to be made, or none; and the result once they are made. An empty list writes nothing.
    Write(Vec<Write>, T),
    /// What was read is contradictory. It is read once more, as after a conflict.
    Contradicted,
}

/// Reads, decides and writes. If an item has changed since it was read, waits for a moment and does everything again.
///
/// `decide` reads what it needs for its decision. Its argument is the number of conflicts so far. An error of
/// `decide` ends the transaction.
pub async fn transact<T>(
    ports: &(impl Table + Clock),
    salt: &str,
    decide: impl AsyncFnMut(u32) -> Result<Transaction<T>, StoreError>,
) -> Result<T, StoreError> {
    transact_while(ports, salt, async || Ok(true), decide).await
}

/// Does the same, but gives up after a conflict if `holds` says no.
pub async fn transact_while<T>(
    ports: &(impl Table + Clock),
    salt: &str,
    mut holds: impl AsyncFnMut() -> Result<bool, StoreError>,
    mut decide: impl AsyncFnMut(u32) -> Result<Transaction<T>, StoreError>,
) -> Result<T, StoreError> {
    for conflicts in 0..CONFLICTS {
        match decide(conflicts).await? {
            Transaction::Done(result) => return Ok(result),
            Transaction::Write(writes, result) if writes.is_empty() => return Ok(result),
            Transaction::Write(writes, result) => {
                if commit_if_unchanged(ports, writes).await? {
                    return Ok(result);
                }
            }
            Transaction::Contradicted => {}
        }
        if !holds().await? {
            break;
        }
        ports.sleep_until(pause_after_conflict(conflicts, salt, ports.now())).await;
    }
    Err(StoreError::Conflict)
}

/// Changes the fleet, and nothing else.
pub async fn change_fleet<T>(
    ports: &(impl Table + Clock),
    salt: &str,
    change: impl FnMut(&mut Fleet) -> T,
) -> Result<T, StoreError> {
    change_item(ports, &Key::fleet(), salt, change).await
}

/// Changes what is known about EC2, and nothing else.
pub async fn change_findings(
    ports: &(impl Table + Clock),
    salt: &str,
    change: impl FnMut(&mut Findings),
) -> Result<(), StoreError> {
    change_item(ports, &Key::findings(), salt, change).await
}

/// Changes the item under `key`, which a deployment has once, and nothing else.
async fn change_item<Record, T>(
    ports: &(impl Table + Clock),
    key: &Key,
    salt: &str,
    mut change: impl FnMut(&mut Record) -> T,
) -> Result<T, StoreError>
where
    Record: Clone + Default + PartialEq + Into<Item> + TryFrom<Item, Error = OfAnotherKind>,
{
    transact(ports, salt, async |_| {
        let mut read = get::<Record>(ports, key).await?.unwrap_or_else(Stored::absent);
        let before = read.item.clone();
        let result = change(&mut read.item);
        let writes = if read.item == before { Vec::new() } else { vec![read.write()] };
        Ok(Transaction::Write(writes, result))
    })
    .await
}

/// How long to wait before deciding again after conflict number `tries`, counted from 0. `salt` spreads invocations
/// that start at the same time.
fn pause_after_conflict(tries: u32, salt: &str, now: Time) -> Time {
    let spread =
        salt.bytes().fold(u64::from(tries), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let most = 20_u64 << tries.min(5);
    now + Duration::from_millis(5 + spread % most)
}

async fn retry_read<T, F: Future<Output = Read<T>>>(
    clock: &impl Clock,
    mut read: impl FnMut() -> F,
) -> Read<T> {
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match read().await {
            Err(ReadError::Unavailable(_)) => {
                clock.sleep_until(clock.now() + wait).await;
                wait *= 2;
            }
            answer => return answer,
        }
    }
    read().await
}

#[cfg(test)]
mod tests;
