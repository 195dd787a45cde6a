//! The table: each item is written only if its revision is still the one that was read.

use jit_runners_model::contract::table::{Key, OpenKind};

use crate::record::Item;

/// Counts changes of one item, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision of an item after a write that expected `read`.
    pub const fn after(read: Option<Self>) -> Self {
        match read {
            Some(Self(number)) => Self(number + 1),
            None => Self(1),
        }
    }
}

/// An item and the revision that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// Its revision; `None` when there is no such item yet.
    pub revision: Option<Revision>,
    /// The item.
    pub item: T,
}

impl<T: Default> Stored<T> {
    /// An item that is not there yet.
    pub fn absent() -> Self {
        Self { revision: None, item: T::default() }
    }
}

impl<T: Clone + Into<Item>> Stored<T> {
    /// Writes the item as it is here, if its revision is still the one that was read.
    pub fn write(&self) -> Write {
        Write::put(self.revision, self.item.clone())
    }

    /// What will be stored once [`Stored::write`] is committed.
    #[must_use]
    pub fn committed(mut self) -> Self {
        self.revision = Some(Revision::after(self.revision));
        self
    }
}

/// One change of one item, which is made only if the item has not changed since it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The item's key.
    pub key: Key,
    /// The revision that was read; `None` when there was no such item.
    pub expected: Option<Revision>,
    /// The new item. Items are never deleted by a write: the table deletes them when they have expired.
    pub item: Item,
}

impl Write {
    /// Writes an item that is not there.
    pub fn create(item: impl Into<Item>) -> Self {
        let item = item.into();
        Self { key: item.key(), expected: None, item }
    }

    /// Writes an item where `revision` was read, if any.
    pub fn put(revision: Option<Revision>, item: impl Into<Item>) -> Self {
        let item = item.into();
        Self { key: item.key(), expected: revision, item }
    }
}

/// Why a read failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The service did not answer, or throttled the call. Reading again is harmless.
    #[error("the table could not be read: {0}")]
    Unavailable(String),
    /// An item is not what was asked for.
    #[error(transparent)]
    Kind(#[from] crate::record::OfAnotherKind),
}

/// Why a commit failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An item changed since it was read, or is being changed. Nothing was written: read again and decide again.
    #[error("an item changed since it was read")]
    Conflict,
    /// Nothing was written: the service throttled the call.
    #[error("the table could not be written: {0}")]
    Throttled(String),
    /// No answer: everything was written, or nothing. Reading shows which.
    #[error("no answer whether the table was written: {0}")]
    Unknown(String),
}

/// The result of a read. An index may be some moments late.
pub type Read<T> = Result<T, ReadError>;

/// The table.
pub trait Table {
    /// The item as it is now.
    async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>>;

    /// Makes all changes, or none. At most 100 (`TransactWriteItems`).
    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError>;

    /// Everything open that belongs to a label set; possibly some moments late.
    async fn open_of_label_set(&self, label_set: &str) -> Read<Vec<Stored<Item>>>;

    /// Everything open of one kind, oldest first; possibly some moments late.
    async fn open_of_kind(&self, kind: OpenKind) -> Read<Vec<Stored<Item>>>;
}
