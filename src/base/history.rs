//! The history: what each commit was (R25), and, for as long as it is kept, what it changed in each record (R26).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::change::{Commit, Done, Kind, Who};
use super::delta::{self, Delta, Verb};
use super::engine::Table;
use super::error::BaseError;
use super::key;
use super::table::{Lent, Scan, Walker, damaged};
use super::view::{Kept, View};
use crate::model::fields::Entity;

/// Deltas of this many imports are kept, ...
pub const KEPT_IMPORTS: u64 = 100;

/// ... unless they take more than this many bytes: then the oldest go first. That of the newest commit always stays.
pub const KEPT_BYTES: u64 = 64 << 20;

/// A commit in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it did.
    pub done: Done,
    /// What kind of act it was.
    pub kind: Kind,
    /// When, in milliseconds since 1970, UTC.
    pub when: i64,
    /// Who did it.
    pub who: Who,
    /// Whether a person made the changes, record by record.
    pub by_hand: bool,
    /// As the commit gave them.
    pub details: String,
    /// Stored bytes of its delta.
    pub(super) delta_bytes: u64,
    /// Whether its delta is gone, so that it cannot be undone.
    #[serde(skip)]
    pub too_old: bool,
    /// The commit that undid it, unless that was undone in its turn.
    #[serde(skip)]
    pub undone_by: Option<u64>,
}

impl Entry {
    /// What tells it from the entries of other commits and other bases: a SHA-256, in hexadecimal digits. `None` if it cannot be
    /// said.
    pub fn digest(&self) -> Option<String> {
        let said = serde_json::to_vec(self).ok()?;
        Some(Sha256::digest(said).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The entry of a commit.
    pub(super) fn new(commit: &Commit, done: Done, delta_bytes: u64) -> Entry {
        Entry {
            done,
            kind: commit.kind,
            when: commit.when,
            who: commit.who.clone(),
            by_hand: commit.by_hand,
            details: commit.details.clone(),
            delta_bytes,
            too_old: false,
            undone_by: None,
        }
    }

    /// The number of the commit.
    pub fn number(&self) -> u64 {
        self.done.number
    }
}

impl View {
    /// Every commit, the newest first.
    pub fn history(&self) -> Result<Vec<Entry>, BaseError> {
        let mut entries = self.entries(1)?;
        entries.reverse();
        let mut undone: BTreeMap<u64, u64> = BTreeMap::new();
        for entry in &mut entries {
            entry.undone_by = undone.get(&entry.number()).copied();
            if let (Kind::Undo { of }, None) = (entry.kind, entry.undone_by) {
                undone.insert(of, entry.number());
            }
        }
        Ok(entries)
    }

    /// A commit of the history.
    ///
    /// # Errors
    /// [`BaseError::NoSuchCommit`].
    pub fn entry(&self, number: u64) -> Result<Entry, BaseError> {
        let found = self.history()?.into_iter().find(|entry| entry.number() == number);
        found.ok_or(BaseError::NoSuchCommit(number))
    }

    /// The entries from a commit on, oldest first, without `undone_by`.
    pub(super) fn entries(&self, from: u64) -> Result<Vec<Entry>, BaseError> {
        let mut scan = Scan::new(self.snapshot.clone(), Table::History, &from.to_be_bytes());
        let mut entries = Vec::new();
        while let Some((number, bytes)) = scan.next()? {
            let mut entry: Entry =
                postcard::from_bytes(bytes).map_err(|_| damaged(Table::History, number, "it cannot be read"))?;
            entry.too_old = entry.number() < self.head().kept.from;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// What a commit changed, contacts first, each entity in ascending order of the IDs.
    ///
    /// # Errors
    /// [`BaseError::NoSuchCommit`], [`BaseError::TooOld`].
    pub fn deltas(
        &self,
        number: u64,
    ) -> Result<impl Iterator<Item = Result<Delta, BaseError>> + Send + use<>, BaseError> {
        let contacts = self.delta_reader(number, Entity::Contact)?;
        let organizations = self.delta_reader(number, Entity::Organization)?;
        let read = |mut reader: DeltaReader| std::iter::from_fn(move || reader.next().transpose());
        Ok(read(contacts).chain(read(organizations)))
    }

    /// The IDs of all records that commits after `since` have created, changed or deleted; `None` if their deltas are not kept
    /// any more, or if that could be more than `most`.
    pub fn touched(&self, since: u64, most: usize) -> Result<Option<Vec<(Entity, String)>>, BaseError> {
        if since + 1 < self.head().kept.from {
            return Ok(None);
        }
        let entries = self.entries(since + 1)?;
        if entries.iter().map(|entry| touched(&entry.done)).sum::<u64>() > most as u64 {
            return Ok(None);
        }
        let mut touched = Vec::new();
        let mut scan = Scan::new(self.snapshot.clone(), Table::Deltas, &(since + 1).to_be_bytes());
        while let Some((found, _)) = scan.next()? {
            let record = found.get(8..).and_then(key::split_record_key);
            let (entity, id) = record.ok_or_else(|| damaged(Table::Deltas, found, "the key cannot be read"))?;
            touched.push((entity, id.to_owned()));
        }
        Ok(Some(touched))
    }

    /// Part of what a commit changed in one entity, in ascending order of the IDs: of the deltas with a verb (of all, if
    /// there is none) at most `count`, from the number `first` on. Those before it are passed over without being read.
    ///
    /// # Errors
    /// [`BaseError::NoSuchCommit`], [`BaseError::TooOld`].
    pub fn some_deltas(
        &self,
        number: u64,
        entity: Entity,
        verb: Option<Verb>,
        first: usize,
        count: usize,
    ) -> Result<Vec<Delta>, BaseError> {
        let mut reader = self.delta_reader(number, entity)?;
        let mut deltas = Vec::new();
        let mut seen = 0;
        while deltas.len() < count {
            let Some((id, bytes)) = reader.stored()? else { break };
            if verb.is_some() && delta::verb(bytes) != verb {
                continue;
            }
            seen += 1;
            if seen > first {
                deltas.push(read(entity, id, bytes)?);
            }
        }
        Ok(deltas)
    }

    /// What a commit changed in one record.
    ///
    /// # Errors
    /// As [`View::some_deltas`].
    pub fn delta(&self, number: u64, entity: Entity, id: &str) -> Result<Option<Delta>, BaseError> {
        self.delta_reader(number, entity)?;
        View::delta_of(&mut self.walker(Table::Deltas), number, entity, id)
    }

    /// What a commit changed in one record; `walker` reads the deltas.
    pub(super) fn delta_of(
        walker: &mut Walker,
        number: u64,
        entity: Entity,
        id: &str,
    ) -> Result<Option<Delta>, BaseError> {
        let mut key = Vec::new();
        key::delta_key(&mut key, number, entity, id);
        walker.get(&key)?.map(|bytes| read(entity, id.as_bytes(), bytes)).transpose()
    }

    /// A reader of what a commit changed in one entity.
    pub(super) fn delta_reader(&self, number: u64, entity: Entity) -> Result<DeltaReader, BaseError> {
        if number == 0 || number > self.head().commit {
            return Err(BaseError::NoSuchCommit(number));
        }
        if number < self.head().kept.from {
            return Err(BaseError::TooOld(number));
        }
        let mut prefix = Vec::new();
        key::delta_key(&mut prefix, number, entity, "");
        Ok(DeltaReader { scan: Scan::new(self.snapshot.clone(), Table::Deltas, &prefix), entity, prefix })
    }
}

/// Reads the deltas of a commit.
pub(super) struct DeltaReader {
    scan: Scan,
    entity: Entity,
    prefix: Vec<u8>,
}

impl DeltaReader {
    pub fn next(&mut self) -> Result<Option<Delta>, BaseError> {
        let entity = self.entity;
        self.stored()?.map(|(id, bytes)| read(entity, id, bytes)).transpose()
    }

    /// Whose the next delta is, and what it did in a word: cheaper than the delta.
    pub fn next_verb(&mut self) -> Result<Option<(&str, Verb)>, BaseError> {
        let Some((id, bytes)) = self.stored()? else { return Ok(None) };
        let told = std::str::from_utf8(id).ok().zip(delta::verb(bytes));
        told.map(Some).ok_or_else(|| damaged(Table::Deltas, id, "it cannot be read"))
    }

    /// The next delta as it is stored, and whose it is.
    fn stored(&mut self) -> Lent<'_> {
        let Some((found, bytes)) = self.scan.next()? else { return Ok(None) };
        Ok(found.strip_prefix(self.prefix.as_slice()).map(|id| (id, bytes)))
    }
}

fn read(entity: Entity, id: &[u8], bytes: &[u8]) -> Result<Delta, BaseError> {
    let delta = std::str::from_utf8(id).ok().and_then(|id| delta::decode(entity, id, bytes));
    delta.ok_or_else(|| damaged(Table::Deltas, id, "it cannot be read"))
}

/// How many records a commit touched.
fn touched(done: &Done) -> u64 {
    [done.contacts, done.organizations].map(|counts| counts.created + counts.updated + counts.deleted).iter().sum()
}

/// Which deltas are kept when a commit adds one; see [`KEPT_BYTES`].
pub(super) fn keep(view: &View, kind: Kind, bytes: u64) -> Result<Kept, BaseError> {
    let mut kept = view.head().kept;
    kept.bytes += bytes;
    kept.imports += u64::from(kind == Kind::Import);
    if kept.bytes <= KEPT_BYTES && kept.imports <= KEPT_IMPORTS {
        return Ok(kept);
    }
    for entry in view.entries(kept.from)? {
        if kept.bytes <= KEPT_BYTES && kept.imports <= KEPT_IMPORTS {
            break;
        }
        kept.from = entry.number() + 1;
        kept.bytes -= entry.delta_bytes.min(kept.bytes);
        kept.imports -= u64::from(entry.kind == Kind::Import).min(kept.imports);
    }
    Ok(kept)
}
