//! What the base asks of a storage engine: ordered tables of pages, readers that see one commit whole, one
//! all-or-nothing commit.
//!
//! A page is found by the greatest key not above the one that is looked for, so the first page of a table that is not
//! empty has the empty key. What a page holds is no concern of an engine.

use std::sync::Arc;

use super::error::BaseError;

/// A table of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Contacts by Contact ID.
    Contacts,
    /// Organizations by Account ID.
    Organizations,
    /// Account ID, Contact ID.
    Members,
    /// Internal ID to entity and ID.
    Internals,
    /// Entity, folded ID, ID (R1).
    Near,
    /// Entity and ID of what was deleted (R2, R28).
    Tombstones,
    /// What each commit was, by its number (R25).
    History,
    /// What each commit changed, by its number, entity and ID (R26).
    Deltas,
    /// Remembered mappings and decisions, by their keys.
    Memory,
    /// The custom fields.
    Catalog,
}

impl Table {
    /// Every table.
    pub const ALL: [Table; 10] = [
        Table::Contacts,
        Table::Organizations,
        Table::Members,
        Table::Internals,
        Table::Near,
        Table::Tombstones,
        Table::History,
        Table::Deltas,
        Table::Memory,
        Table::Catalog,
    ];

    /// Its name in the store and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Table::Contacts => "contacts",
            Table::Organizations => "organizations",
            Table::Members => "members",
            Table::Internals => "internals",
            Table::Near => "near",
            Table::Tombstones => "tombstones",
            Table::History => "history",
            Table::Deltas => "deltas",
            Table::Memory => "memory",
            Table::Catalog => "catalog",
        }
    }
}

/// A page with its key.
pub type KeyedPage = (Vec<u8>, Vec<u8>);

/// Pages in the order of their keys.
pub type Pages = Box<dyn Iterator<Item = Result<KeyedPage, BaseError>> + Send>;

/// A storage engine.
pub trait Engine: Send + Sync {
    /// The newest commit, to be read for as long as the snapshot lives.
    fn snapshot(&self) -> Arc<dyn Snapshot>;

    /// Begins the commit `next` upon the commit `expected`. There is one writer at a time.
    ///
    /// # Errors
    /// [`BaseError::Moved`] if `expected` is not the newest commit.
    fn begin(&self, expected: u64, next: u64) -> Result<Box<dyn Writer + '_>, BaseError>;

    /// Frees what no snapshot needs any more.
    fn tidy(&self) -> Result<(), BaseError>;

    /// Fails if there is too little space on the disk to write about this many bytes.
    fn check_space(&self, bytes: u64) -> Result<(), BaseError>;
}

/// One commit, whole, whatever is committed later.
pub trait Snapshot: Send + Sync {
    /// The bytes that the commit was finished with; empty if there is no commit yet.
    fn head(&self) -> &[u8];

    /// The pages from the one that may hold `from` to the end of the table.
    fn pages(self: Arc<Self>, table: Table, from: &[u8]) -> Pages;
}

/// A commit on its way. Dropped without [`Writer::finish`], it leaves no trace.
pub trait Writer: Send + Sync {
    /// Writes the page of that key, or removes it. Each key at most once in a commit; the keys of a table in ascending order are fastest.
    fn put(&self, table: Table, key: &[u8], page: Option<&[u8]>) -> Result<(), BaseError>;

    /// The commit point: when it returns, the commit survives a power cut.
    ///
    /// # Errors
    /// An error may come before or after the point: reopen to know.
    fn finish(self: Box<Self>, head: &[u8]) -> Result<(), BaseError>;
}
