//! Reading: one commit of the base, whole, however long the reading takes and whatever is committed meanwhile.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::engine::{Engine, Snapshot, Table};
use super::error::BaseError;
use super::key;
use super::page::{Entries, Page};
use super::table::{Scan, Walker, damaged};
use crate::model::fields::{Catalog, Entity};
use crate::model::record::{Record, RecordRef};

/// The layout of the stored tables. A base of a newer schema is refused, one of an older schema is brought to this one
/// ([`super::migrate`]).
pub const SCHEMA: u32 = 1;

/// The key of the custom fields in their table.
pub(super) const CATALOG_KEY: &[u8] = b"catalog";

/// What the base is at: the newest commit and how much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// The number of the newest commit; 0 if there is none.
    pub commit: u64,
    /// Stored contacts.
    pub contacts: u64,
    /// Stored organizations.
    pub organizations: u64,
    /// Contacts that belong to an organization.
    pub members: u64,
    /// What is kept of the history for undo.
    pub(super) kept: Kept,
}

/// Which deltas are kept (R26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The deltas of this commit and all later ones are there.
    pub from: u64,
    /// Their stored bytes.
    pub bytes: u64,
    /// How many of them are imports.
    pub imports: u64,
}

/// The schema that the bytes of a head begin with, whatever follows in it.
pub(super) fn schema_of(head: &[u8]) -> Result<u32, BaseError> {
    let schema = postcard::take_from_bytes(head).map_err(|_| BaseError::damaged("its head cannot be read"))?;
    Ok(schema.0)
}

impl Head {
    /// Reads a stored head of the present schema.
    pub(super) fn read(bytes: &[u8]) -> Result<Head, BaseError> {
        let found = schema_of(bytes)?;
        if found > SCHEMA {
            return Err(BaseError::NewerSchema { found, known: SCHEMA });
        }
        postcard::from_bytes(bytes).map_err(|_| BaseError::damaged("its head cannot be read"))
    }
}

impl Default for Head {
    fn default() -> Head {
        let kept = Kept { from: 1, ..Kept::default() };
        Head { schema: SCHEMA, commit: 0, contacts: 0, organizations: 0, members: 0, kept }
    }
}

/// What is left of a deleted record (R2, R28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tombstone {
    /// The internal ID, which the record gets again if it comes back.
    pub internal: Uuid,
    /// Whether a person deleted it; then no file brings it back by itself.
    pub by_hand: bool,
    /// Whether a person said that it stays deleted.
    pub stay: bool,
}

impl Tombstone {
    pub(super) fn encode(self) -> [u8; 17] {
        let mut bytes = [u8::from(self.by_hand) | u8::from(self.stay) << 1; 17];
        bytes[..16].copy_from_slice(self.internal.as_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Tombstone> {
        let ([flags], internal) = (bytes.get(16..)?.first_chunk::<1>()?, bytes.first_chunk::<16>()?);
        Some(Tombstone { internal: Uuid::from_bytes(*internal), by_hand: flags & 1 != 0, stay: flags & 2 != 0 })
    }
}

/// The base as of one commit. Cheap to clone; keeps that commit readable for as long as it lives.
#[derive(Clone)]
pub struct View {
    pub(super) snapshot: Arc<dyn Snapshot>,
    head: Head,
    catalog: Arc<Catalog>,
    /// Readers that stand where they last read: small look-ups mostly come in order.
    standing: Arc<[Mutex<Walker>; 3]>,
}

/// The tables of [`View::standing`].
const STANDING: [Table; 3] = [Table::Near, Table::Tombstones, Table::Memory];

impl View {
    /// The newest commit of an engine.
    pub(super) fn newest(engine: &dyn Engine) -> Result<View, BaseError> {
        let snapshot = engine.snapshot();
        let head: Head = match snapshot.head() {
            [] => Head::default(),
            bytes => Head::read(bytes)?,
        };
        let catalog = match Walker::new(snapshot.clone(), Table::Catalog).get(CATALOG_KEY)? {
            None => Catalog::default(),
            Some(bytes) => {
                postcard::from_bytes(bytes).map_err(|_| damaged(Table::Catalog, b"", "no list of fields"))?
            }
        };
        let standing = Arc::new(STANDING.map(|table| Mutex::new(Walker::new(snapshot.clone(), table))));
        Ok(View { snapshot, head, catalog: Arc::new(catalog), standing })
    }

    /// What the base is at.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The custom fields.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// A reader of records that are asked for in ascending order of their IDs.
    pub fn cursor(&self, entity: Entity) -> Cursor {
        Cursor { walker: self.walker(table(entity)), table: table(entity) }
    }

    /// The record of an ID.
    pub fn get(&self, entity: Entity, id: &str) -> Result<Option<Record>, BaseError> {
        let mut walker = self.walker(table(entity));
        let Some(bytes) = walker.get(id.as_bytes())? else { return Ok(None) };
        Record::decode(bytes)
            .map(Some)
            .ok_or_else(|| damaged(table(entity), id.as_bytes(), "the record cannot be read"))
    }

    /// Whose internal ID it is (R2).
    pub fn by_internal(&self, internal: Uuid) -> Result<Option<(Entity, String)>, BaseError> {
        let mut walker = self.walker(Table::Internals);
        let Some(bytes) = walker.get(internal.as_bytes())? else { return Ok(None) };
        let (entity, id) = key::split_record_key(bytes)
            .ok_or_else(|| damaged(Table::Internals, internal.as_bytes(), "the ID cannot be read"))?;
        Ok(Some((entity, id.to_owned())))
    }

    /// The time in the greatest internal ID, in milliseconds since 1970; `None` if there is none.
    pub(super) fn newest_internal(&self) -> Result<Option<i64>, BaseError> {
        let Some(last) = self.snapshot.clone().pages(Table::Internals, &[0xff; 16]).next() else { return Ok(None) };
        let (low, stored) = last?;
        let mut page = Page::default();
        page.unpack(&stored).map_err(|why| damaged(Table::Internals, &low, why))?;
        let newest = page.iter().last().and_then(|(key, _)| key.first_chunk::<6>());
        Ok(newest.map(|time| time.iter().fold(0, |all, byte| all << 8 | i64::from(*byte))))
    }

    /// The Contact IDs of an organization's members in ascending order, those behind `after`, at most `limit`.
    pub fn members(&self, account: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, BaseError> {
        let mut found = Vec::new();
        self.each_member(account, after.unwrap_or_default(), |contact| {
            if found.len() < limit && Some(contact) != after {
                found.push(contact.to_owned());
            }
            Ok(found.len() < limit)
        })?;
        Ok(found)
    }

    /// How many members an organization has.
    pub fn member_count(&self, account: &str) -> Result<u64, BaseError> {
        let mut count = 0;
        self.each_member(account, "", |_| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }

    /// Shows the members from a Contact ID on, for as long as `see` says so.
    pub(super) fn each_member(
        &self,
        account: &str,
        from: &str,
        mut see: impl FnMut(&str) -> Result<bool, BaseError>,
    ) -> Result<(), BaseError> {
        each_member(&mut self.walker(Table::Members), account, from, &mut see)
    }

    /// Stored IDs that equal this one but for case or leading zeros (R1), without itself.
    pub fn near(&self, entity: Entity, id: &str) -> Result<Vec<String>, BaseError> {
        let mut prefix = Vec::new();
        key::near_prefix(&mut prefix, entity, id);
        let mut found = Vec::new();
        let mut walker = self.standing[0].lock().unwrap_or_else(PoisonError::into_inner);
        walker.each(&prefix, &prefix, |key, _| {
            let near = std::str::from_utf8(&key[prefix.len()..]);
            let near = near.map_err(|_| damaged(Table::Near, key, "the ID is no text"))?;
            if near != id {
                found.push(near.to_owned());
            }
            Ok(true)
        })?;
        Ok(found)
    }

    /// What is left of a deleted record; `None` if there was none of that ID, or it is there.
    pub fn tombstone(&self, entity: Entity, id: &str) -> Result<Option<Tombstone>, BaseError> {
        let mut name = Vec::new();
        key::record_key(&mut name, entity, id);
        let mut walker = self.standing[1].lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bytes) = walker.get(&name)? else { return Ok(None) };
        Tombstone::decode(bytes).map(Some).ok_or_else(|| damaged(Table::Tombstones, &name, "it cannot be read"))
    }

    /// What was remembered under a key.
    pub fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, BaseError> {
        let mut walker = self.standing[2].lock().unwrap_or_else(PoisonError::into_inner);
        Ok(walker.get(key.as_bytes())?.map(<[u8]>::to_vec))
    }

    /// All that was remembered under keys with this beginning, in ascending order of the keys.
    pub fn recall_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, BaseError> {
        let mut found = Vec::new();
        self.walker(Table::Memory).each(prefix.as_bytes(), prefix.as_bytes(), |key, value| {
            found.push((String::from_utf8_lossy(key).into_owned(), value.to_vec()));
            Ok(true)
        })?;
        Ok(found)
    }

    /// The records from an ID on, in ascending order of their IDs.
    pub fn scan(
        &self,
        entity: Entity,
        from: &str,
    ) -> impl Iterator<Item = Result<(String, Record), BaseError>> + Send + use<> {
        let table = table(entity);
        let mut scan = Scan::new(self.snapshot.clone(), table, from.as_bytes());
        std::iter::from_fn(move || match scan.next() {
            Ok(None) => None,
            Ok(Some((id, bytes))) => {
                Some(owned(id, bytes).ok_or_else(|| damaged(table, id, "the record cannot be read")))
            }
            Err(error) => Some(Err(error)),
        })
    }

    /// The pages of records, in ascending order of their IDs, from the page that may hold `from`.
    pub fn pages(
        &self,
        entity: Entity,
        from: &str,
    ) -> impl Iterator<Item = Result<RecordPage, BaseError>> + Send + use<> {
        self.packed_pages(entity, from).map(|page| page?.unpack())
    }

    /// [`View::pages`] as they are stored: unpacking is most of the work, and can be done on other threads.
    pub fn packed_pages(
        &self,
        entity: Entity,
        from: &str,
    ) -> impl Iterator<Item = Result<PackedPage, BaseError>> + Send + use<> {
        let table = table(entity);
        self.snapshot.clone().pages(table, from.as_bytes()).map(move |page| {
            let (low, stored) = page?;
            let low = String::from_utf8(low).map_err(|bad| damaged(table, bad.as_bytes(), "the ID is no text"))?;
            Ok(PackedPage { low, table, stored })
        })
    }

    pub(super) fn walker(&self, table: Table) -> Walker {
        Walker::new(self.snapshot.clone(), table)
    }
}

/// See [`View::each_member`]; cheap if the Account IDs asked for ascend.
pub(super) fn each_member(
    members: &mut Walker,
    account: &str,
    from: &str,
    see: &mut dyn FnMut(&str) -> Result<bool, BaseError>,
) -> Result<(), BaseError> {
    let (mut prefix, mut start) = (Vec::new(), Vec::new());
    key::member_key(&mut prefix, account, "");
    key::member_key(&mut start, account, from);
    members.each(&prefix, &start, |key, _| match key::split_member_key(key) {
        Some((_, contact)) => see(contact),
        None => Err(damaged(Table::Members, key, "the key cannot be read")),
    })
}

fn owned(id: &[u8], bytes: &[u8]) -> Option<(String, Record)> {
    Some((std::str::from_utf8(id).ok()?.to_owned(), Record::decode(bytes)?))
}

/// The table of an entity's records.
pub(super) fn table(entity: Entity) -> Table {
    match entity {
        Entity::Contact => Table::Contacts,
        Entity::Organization => Table::Organizations,
    }
}

/// Reads records in ascending order of their IDs; other orders work, but cost a search each.
pub struct Cursor {
    walker: Walker,
    table: Table,
}

impl Cursor {
    /// The record of an ID, valid until the next call.
    pub fn get(&mut self, id: &str) -> Result<Option<RecordRef<'_>>, BaseError> {
        let table = self.table;
        let Some(bytes) = self.walker.get(id.as_bytes())? else { return Ok(None) };
        RecordRef::decode(bytes).map(Some).ok_or_else(|| damaged(table, id.as_bytes(), "the record cannot be read"))
    }
}

/// A page of records as it is stored.
pub struct PackedPage {
    low: String,
    table: Table,
    stored: Vec<u8>,
}

impl PackedPage {
    /// The lowest ID that the page may hold; empty for the first.
    pub fn low(&self) -> &str {
        &self.low
    }

    /// The page, checked and unpacked.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn unpack(&self) -> Result<RecordPage, BaseError> {
        let mut page = Page::default();
        page.unpack(&self.stored).map_err(|why| damaged(self.table, self.low.as_bytes(), why))?;
        Ok(RecordPage { table: self.table, page })
    }
}

/// A page of records.
pub struct RecordPage {
    table: Table,
    page: Page,
}

impl RecordPage {
    /// How many records it has.
    pub fn len(&self) -> usize {
        self.page.entries as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.page.entries == 0
    }

    /// The records with their IDs, in ascending order.
    pub fn records(&self) -> impl Iterator<Item = Result<(&str, RecordRef<'_>), BaseError>> {
        let entries: Entries<'_> = self.page.iter();
        entries.map(|(id, bytes)| {
            let record = std::str::from_utf8(id).ok().zip(RecordRef::decode(bytes));
            record.ok_or_else(|| damaged(self.table, id, "the record cannot be read"))
        })
    }
}
