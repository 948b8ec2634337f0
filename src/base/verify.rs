//! Reads everything and says what does not fit: pages, records, references in both directions, counts.
//!
//! What the tables beside the records should hold is worked out from the records, sorted, and compared with what they do
//! hold, entry by entry.

use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::engine::Table;
use super::error::BaseError;
use super::key;
use super::page::Page;
use super::table::Scan;
use super::view::{Cursor, Tombstone, View};
use super::{Entry, delta};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::RecordRef;
use crate::spill::{Sorted, Sorter, SpillRoom};

/// How many damages a report lists.
pub const LISTED: usize = 1000;

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Contacts that can be read.
    pub contacts: u64,
    /// Organizations that can be read.
    pub organizations: u64,
    /// Members that can be read.
    pub members: u64,
    /// What is wrong, at most [`LISTED`] of it. Empty: the base is sound.
    pub damaged: Vec<Damage>,
    /// How much is wrong.
    pub damages: u64,
    /// Of each table, the hash of its entries.
    hashes: [[u8; 32]; Table::ALL.len()],
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The table in which it is.
    pub table: &'static str,
    /// The key, bytes that are no text escaped.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

impl Report {
    /// The report of a base that cannot even be opened.
    pub fn unreadable(what: String) -> Report {
        let damage = Damage { table: "base", key: String::new(), what };
        Report { damaged: vec![damage], damages: 1, ..Report::default() }
    }

    /// A hash of all that was read, whatever pages and files it lies in: a base and its copy have the same.
    pub fn digest(&self) -> String {
        let mut all = Sha256::new();
        self.hashes.iter().for_each(|hash| all.update(hash));
        all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn damage(&mut self, table: Table, key: &[u8], what: impl Into<String>) {
        self.damages += 1;
        if self.damaged.len() < LISTED {
            let key = String::from_utf8(key.to_vec()).unwrap_or_else(|_| key.escape_ascii().to_string());
            self.damaged.push(Damage { table: table.name(), key, what: what.into() });
        }
    }
}

/// What the tables beside the records should hold.
struct Expected {
    internals: Sorter,
    near: Sorter,
    members: Sorter,
    key: Vec<u8>,
}

/// Checks every page (checksum, order), every record, every reference both ways, and the counts. `progress` is told how
/// many records of how many are read.
///
/// # Errors
/// [`BaseError::Cancelled`]; else only if reading itself fails, or a spill file: damage is in the report.
pub fn verify(
    view: &View,
    room: &SpillRoom,
    progress: &mut dyn FnMut(u64, u64),
    cancel: &AtomicBool,
) -> Result<Report, BaseError> {
    let mut report = Report::default();
    let head = view.head();
    let total = head.contacts + head.organizations;
    let sorter = || Sorter::new(room);
    let mut expected = Expected { internals: sorter(), near: sorter(), members: sorter(), key: Vec::new() };
    let mut read = 0u64;
    for entity in [Entity::Organization, Entity::Contact] {
        let table = super::view::table(entity);
        let count = each_entry(view, table, &mut report, &mut |report, id, bytes| {
            if read.is_multiple_of(1024) {
                progress(read, total);
                if cancel.load(Ordering::Relaxed) {
                    return Err(BaseError::Cancelled);
                }
            }
            read += 1;
            expected.add(entity, id, bytes).map(|sound| {
                if !sound {
                    report.damage(table, id, "the record cannot be read");
                }
            })
        })?;
        match entity {
            Entity::Contact => report.contacts = count,
            Entity::Organization => report.organizations = count,
        }
    }
    compare(view, Table::Internals, &expected.internals.finish(), &mut report)?;
    compare(view, Table::Near, &expected.near.finish(), &mut report)?;
    let members = expected.members.finish();
    report.members = compare(view, Table::Members, &members, &mut report)?;
    check_organizations(view, &members, &mut report)?;
    check_rest(view, &mut report)?;
    for (noun, found, table, counted) in [
        ("contacts", report.contacts, Table::Contacts, head.contacts),
        ("organizations", report.organizations, Table::Organizations, head.organizations),
        ("members", report.members, Table::Members, head.members),
    ] {
        if found != counted {
            report.damage(table, b"", format!("there should be {counted} {noun}, {found} can be read"));
        }
    }
    progress(total, total);
    Ok(report)
}

impl Expected {
    /// Adds what follows from a record; `false` if it cannot be read.
    fn add(&mut self, entity: Entity, id: &[u8], bytes: &[u8]) -> Result<bool, BaseError> {
        let Some((id, record)) = std::str::from_utf8(id).ok().zip(RecordRef::decode(bytes)) else { return Ok(false) };
        key::record_key(&mut self.key, entity, id);
        self.internals.push(record.internal.as_bytes(), &self.key)?;
        key::near_key(&mut self.key, entity, id);
        self.near.push(&self.key, &[])?;
        if let (Entity::Contact, Some(account)) = (entity, record.values.text(FieldId::ACCOUNT_ID)) {
            key::member_key(&mut self.key, account, id);
            self.members.push(&self.key, &[])?;
        }
        Ok(true)
    }
}

/// Looks at an entry, and reports what is wrong with it.
type See<'a> = &'a mut dyn FnMut(&mut Report, &[u8], &[u8]) -> Result<(), BaseError>;

/// Shows every entry of a table that can be read, and reports pages that cannot. Gives the number of entries shown.
fn each_entry(view: &View, table: Table, report: &mut Report, see: See<'_>) -> Result<u64, BaseError> {
    let mut count = 0;
    let mut last: Option<Vec<u8>> = None;
    let mut page = Page::default();
    let mut hash = Sha256::new();
    for stored in view.snapshot.clone().pages(table, &[]) {
        let (low, stored) = stored?;
        if let Err(why) = page.unpack(&stored) {
            report.damage(table, &low, why);
            continue;
        }
        if page.iter().count() != page.entries as usize || page.commit > view.head().commit {
            report.damage(table, &low, "the page does not fit its header");
        }
        for (key, payload) in page.iter() {
            if key < low.as_slice() || last.as_deref().is_some_and(|last| key <= last) {
                report.damage(table, key, "it is out of order");
            }
            last = Some(key.to_vec());
            for part in [key, payload] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            see(report, key, payload)?;
            count += 1;
        }
    }
    report.hashes[table as usize] = hash.finalize().into();
    Ok(count)
}

/// Compares a table with what it should hold. Gives the number of its entries.
fn compare(view: &View, table: Table, expected: &Sorted, report: &mut Report) -> Result<u64, BaseError> {
    let mut expected = expected.merge()?;
    let mut next = owned(expected.next()?);
    let count = each_entry(view, table, report, &mut |report, key, payload| {
        while let Some((missing, _)) = next.take_if(|(missing, _)| missing.as_slice() < key) {
            report.damage(table, &missing, "it is missing");
            next = owned(expected.next()?);
        }
        match next.take_if(|(expected, _)| expected == key) {
            None => report.damage(table, key, "no record belongs to it"),
            Some((_, expected)) if expected != payload => report.damage(table, key, "it leads to another record"),
            Some(_) => {}
        }
        if next.is_none() {
            next = owned(expected.next()?);
        }
        Ok(())
    })?;
    while let Some((missing, _)) = next {
        report.damage(table, &missing, "it is missing");
        next = owned(expected.next()?);
    }
    Ok(count)
}

fn owned(entry: Option<(&[u8], &[u8])>) -> Option<(Vec<u8>, Vec<u8>)> {
    entry.map(|(key, payload)| (key.to_vec(), payload.to_vec()))
}

/// Every membership must lead to an organization.
fn check_organizations(view: &View, members: &Sorted, report: &mut Report) -> Result<(), BaseError> {
    let mut stored: Cursor = view.cursor(Entity::Organization);
    let mut members = members.merge()?;
    while let Some((key, _)) = members.next()? {
        let Some((account, contact)) = key::split_member_key(key) else { continue };
        // A damaged page is already reported.
        if matches!(stored.get(account), Ok(None)) {
            report.damage(Table::Contacts, contact.as_bytes(), format!("its organization '{account}' does not exist"));
        }
    }
    Ok(())
}

/// The tables that nothing refers to must at least be readable.
fn check_rest(view: &View, report: &mut Report) -> Result<(), BaseError> {
    let mut check = |table: Table, sound: &dyn Fn(&[u8], &[u8]) -> bool| {
        each_entry(view, table, report, &mut |report, key, payload| {
            if !sound(key, payload) {
                report.damage(table, key, "it cannot be read");
            }
            Ok(())
        })
    };
    check(Table::Tombstones, &|_, payload| Tombstone::decode(payload).is_some())?;
    check(Table::Deltas, &|key, payload| {
        let record = key.get(8..).and_then(key::split_record_key);
        record.is_some_and(|(entity, id)| delta::decode(entity, id, payload).is_some())
    })?;
    check(Table::Memory, &|_, _| true)?;
    check(Table::Catalog, &|_, _| true)?;
    let entries = check(Table::History, &|_, payload| postcard::from_bytes::<Entry>(payload).is_ok())?;
    if entries != view.head().commit {
        report.damage(
            Table::History,
            b"",
            format!("there should be {} entries, {entries} can be read", view.head().commit),
        );
    }
    let mut contacts = view.cursor(Entity::Contact);
    let mut organizations = view.cursor(Entity::Organization);
    let mut scan = Scan::new(view.snapshot.clone(), Table::Tombstones, &[]);
    while let Ok(Some((key, _))) = scan.next() {
        let exists = match key::split_record_key(key) {
            Some((Entity::Contact, id)) => contacts.get(id),
            Some((Entity::Organization, id)) => organizations.get(id),
            None => continue,
        };
        if let Ok(Some(_)) = exists {
            report.damage(Table::Tombstones, key, "the record is not deleted");
        }
    }
    Ok(())
}
