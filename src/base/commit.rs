//! A commit: one path for imports, edits, deletions, undo and handing over.
//!
//! Threads work side by side. One reads the changes ([`super::ahead`]). One merges them into the pages of contacts, then
//! of organizations, and hands a [`Note`] for each changed record to the last ([`super::aside`]), which writes what follows
//! from it. Nothing is visible before [`Writer::finish`]; any error on the way, and the writer takes all back.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Sender, bounded};
use uuid::Uuid;

use super::ahead::read_ahead;
use super::aside::{self, Aside};
use super::behind::{Behind, write_behind};
use super::change::{Change, Commit, Done, Put};
use super::delta::{self, Content};
use super::engine::{Engine, Table, Writer};
use super::error::BaseError;
use super::history::{self, Entry};
use super::key;
use super::note::{Event, Note};
use super::table::{Editor, Walker, damaged};
use super::view::{self, CATALOG_KEY, Head, Tombstone, View};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::{MAX_RECORD, RecordRef, encode_record};
use crate::spill::SpillRoom;

/// Changes between two looks at the cancel flag, and between two reports of progress.
const EVERY: u64 = 1024;

/// Bytes of notes that are handed over at once, and how many such batches may wait.
const BATCH: usize = 64 << 10;
const WAITING: usize = 16;

/// Bytes that a changed record needs on the disk until its older version is gone; measured with `benches/base.rs`, 270 for a
/// new record and up to 400 for a changed one.
const SPACE_PER_CHANGE: u64 = 400;

/// Who watches a commit, and can stop it before its commit point.
pub(super) struct Watch<'a> {
    /// Told how many changes of how many are done.
    pub progress: &'a mut dyn FnMut(u64, u64),
    /// Stops the commit when it is set.
    pub cancel: &'a AtomicBool,
}

/// Writes a commit upon the view. When it returns `Ok`, the commit is durable.
pub(super) fn write(
    engine: &dyn Engine,
    room: &SpillRoom,
    view: &View,
    commit: &Commit,
    mut watch: Watch<'_>,
) -> Result<Done, BaseError> {
    let head = view.head();
    let number = head.commit + 1;
    let total = commit.changes.count(Entity::Contact) + commit.changes.count(Entity::Organization);
    engine.check_space(total * SPACE_PER_CHANGE)?;
    let writer = engine.begin(head.commit, number)?;
    let (done, aside) = write_records(writer.as_ref(), room, view, commit, &mut watch, total)?;
    let kept = history::keep(view, commit.kind, aside.delta_bytes)?;
    prune(view, writer.as_ref(), kept.from)?;
    write_rest(view, writer.as_ref(), commit, &Entry::new(commit, done, aside.delta_bytes))?;
    let count = |before: u64, counts: super::change::Counts| before + counts.created - counts.deleted;
    let new_head = Head {
        commit: number,
        contacts: count(head.contacts, done.contacts),
        organizations: count(head.organizations, done.organizations),
        members: head.members.saturating_add_signed(aside.members),
        kept,
        ..head
    };
    if watch.cancel.load(Ordering::Relaxed) {
        return Err(BaseError::Cancelled);
    }
    let bytes = postcard::to_stdvec(&new_head).map_err(|e| BaseError::Engine(e.to_string()))?;
    writer.finish(&bytes)?;
    Ok(done)
}

fn write_records(
    writer: &dyn Writer,
    room: &SpillRoom,
    view: &View,
    commit: &Commit,
    watch: &mut Watch<'_>,
    total: u64,
) -> Result<(Done, Aside), BaseError> {
    let number = view.head().commit + 1;
    // A clock may go back, or stand; the internal IDs go on in the order of the commits.
    let born = view.newest_internal()?.map_or(commit.when, |newest| commit.when.max(newest + 1));
    let (sender, receiver) = bounded(WAITING);
    let stop = AtomicBool::new(false);
    let (done, noted) = std::thread::scope(|scope| {
        let noted = scope.spawn(|| aside::take_notes(&receiver, &stop, room, view, writer, commit));
        let mut primary = Primary {
            view,
            commit,
            number,
            born,
            seed: key::seed(),
            notes: Notes { sender, batch: Vec::with_capacity(BATCH) },
            done: Done { number, ..Done::default() },
            seen: 0,
        };
        let written = write_behind(writer, |pages| primary.run(pages, watch, total));
        stop.store(written.is_err(), Ordering::Relaxed);
        let done = primary.done;
        drop(primary);
        let noted = noted.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (written.map(|()| done), noted)
    });
    let noted = match (&done, noted) {
        // A note that nobody takes looks like a cancelled commit; the reason is on the other side, and the other way round.
        (_, Err(error)) if !matches!(error, BaseError::Cancelled) => return Err(error),
        (Ok(_), Err(error)) => return Err(error),
        (_, noted) => noted,
    };
    let done = done?;
    Ok((done, aside::write_sorted(noted?, view, writer, commit)?))
}

/// Removes the deltas that are not kept any more.
fn prune(view: &View, writer: &dyn Writer, from: u64) -> Result<(), BaseError> {
    let old = view.head().kept.from;
    if from == old {
        return Ok(());
    }
    for page in view.snapshot.clone().pages(Table::Deltas, &old.to_be_bytes()) {
        let (low, _) = page?;
        if low.as_slice() >= from.to_be_bytes().as_slice() {
            break;
        }
        writer.put(Table::Deltas, &low, None)?;
    }
    Ok(())
}

/// Writes the small tables: memory, custom fields, history.
fn write_rest(view: &View, writer: &dyn Writer, commit: &Commit, entry: &Entry) -> Result<(), BaseError> {
    let number = entry.number();
    let editor = |table| Editor::new(view.snapshot.clone(), writer, table, number);
    let encode_failed = |e: postcard::Error| BaseError::Engine(e.to_string());
    let remember: BTreeMap<&str, Option<&[u8]>> =
        commit.remember.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
    let mut memory = editor(Table::Memory);
    for (key, value) in remember.into_iter().filter(|(key, _)| aside::stays(key).is_none()) {
        memory.set(key.as_bytes(), value)?;
    }
    memory.finish()?;
    if commit.catalog != **view.catalog() {
        let mut catalog = editor(Table::Catalog);
        catalog.set(CATALOG_KEY, Some(&postcard::to_stdvec(&commit.catalog).map_err(encode_failed)?))?;
        catalog.finish()?;
    }
    let mut entries = editor(Table::History);
    entries.set(&number.to_be_bytes(), Some(&postcard::to_stdvec(entry).map_err(encode_failed)?))?;
    entries.finish()
}

/// The first thread: the records themselves.
struct Primary<'a> {
    view: &'a View,
    commit: &'a Commit,
    number: u64,
    /// The time in the internal IDs of new records, in milliseconds.
    born: i64,
    seed: [u8; 5],
    notes: Notes,
    done: Done,
    seen: u64,
}

impl Primary<'_> {
    fn run(&mut self, pages: &Behind, watch: &mut Watch<'_>, total: u64) -> Result<(), BaseError> {
        for entity in [Entity::Contact, Entity::Organization] {
            let changes = self.commit.changes.changes(entity)?;
            read_ahead(changes, |changes| self.merge(entity, changes, pages, watch, total))?;
        }
        self.notes.send()?;
        (watch.progress)(total, total);
        Ok(())
    }

    fn merge(
        &mut self,
        entity: Entity,
        changes: &mut dyn Iterator<Item = io::Result<Change>>,
        pages: &Behind,
        watch: &mut Watch<'_>,
        total: u64,
    ) -> Result<(), BaseError> {
        let snapshot = Arc::clone(&self.view.snapshot);
        let mut editor = Editor::new(snapshot, pages, view::table(entity), self.number);
        let mut tombstones = self.view.walker(Table::Tombstones);
        let mut last = String::new();
        let mut record = Vec::new();
        for change in changes {
            let change = change?;
            check_id(entity, &last, &change.id)?;
            if self.seen.is_multiple_of(EVERY) {
                if watch.cancel.load(Ordering::Relaxed) {
                    return Err(BaseError::Cancelled);
                }
                (watch.progress)(self.seen, total);
            }
            self.seen += 1;
            let old = editor.find(change.id.as_bytes())?;
            record.clear();
            if self.change(entity, &change, old, &mut tombstones, &mut record)? {
                editor.set(change.id.as_bytes(), (!record.is_empty()).then_some(&record))?;
            }
            last = change.id;
        }
        editor.finish()
    }

    /// Works out one record, into `record` if there will be one, and notes what follows. `false` if nothing changes.
    fn change(
        &mut self,
        entity: Entity,
        change: &Change,
        old: Option<&[u8]>,
        tombstones: &mut Walker,
        record: &mut Vec<u8>,
    ) -> Result<bool, BaseError> {
        let (id, line) = (change.id.as_str(), change.line);
        let decode = |bytes| {
            RecordRef::decode(bytes)
                .ok_or_else(|| damaged(view::table(entity), id.as_bytes(), "the record cannot be read"))
        };
        let mut what = Vec::new();
        let (event, internal, left) = match (old, &change.put) {
            (None, None) => return Ok(false),
            (Some(bytes), None) => {
                let old = decode(bytes)?;
                delta::encode_deleted(&mut what, line, bytes);
                self.done.of(entity).deleted += 1;
                (Event::Deleted, old.internal, membership(entity, old.values))
            }
            (Some(bytes), Some(put)) => {
                let old = decode(bytes)?;
                if !delta::encode_updated(&mut what, line, delta::content(&old), content(put, &mut Vec::new())) {
                    return Ok(false);
                }
                encode_put(record, old.internal, [old.created, self.number], line, put);
                self.done.of(entity).updated += 1;
                (Event::Updated, old.internal, membership(entity, old.values))
            }
            (None, Some(put)) => {
                delta::encode_created(&mut what, line);
                let (event, internal) = self.internal_of_new(entity, id, tombstones)?;
                encode_put(record, internal, [self.number; 2], line, put);
                self.done.of(entity).created += 1;
                (event, internal, "")
            }
        };
        if record.len() > MAX_RECORD {
            return Err(BaseError::Invalid(format!("{} '{id}' is larger than {MAX_RECORD} bytes", entity.noun())));
        }
        let joined = change.put.as_ref().map_or("", |put| membership(entity, put.values.view()));
        let (left, joined) = if left == joined { ("", "") } else { (left, joined) };
        self.notes.push(&Note { entity, id, event, internal, left, joined, delta: &what })?;
        Ok(true)
    }

    /// A record that comes back gets its internal ID back (R2).
    fn internal_of_new(
        &mut self,
        entity: Entity,
        id: &str,
        tombstones: &mut Walker,
    ) -> Result<(Event, Uuid), BaseError> {
        let mut name = Vec::new();
        key::record_key(&mut name, entity, id);
        if let Some(bytes) = tombstones.get(&name)? {
            let stone =
                Tombstone::decode(bytes).ok_or_else(|| damaged(Table::Tombstones, &name, "it cannot be read"))?;
            return Ok((Event::Revived, stone.internal));
        }
        let ordinal = self.done.of(entity).created;
        Ok((Event::Created, key::internal_id(self.born, self.seed, entity, ordinal)))
    }
}

/// The content of a put; `hand` is room for the borrowed list.
fn content<'a>(put: &'a Put, hand: &'a mut Vec<(FieldId, &'a [u8])>) -> Content<'a> {
    hand.extend(put.by_hand.iter().map(|(field, payload)| (*field, payload.as_slice())));
    Content { values: put.values.view(), by_hand: hand, manual: put.manual }
}

fn encode_put(record: &mut Vec<u8>, internal: Uuid, stamps: [u64; 2], line: u32, put: &Put) {
    encode_record(record, internal, stamps, line, put.manual, &put.by_hand, put.values.view());
}

fn membership(entity: Entity, values: crate::model::record::ValuesRef<'_>) -> &str {
    match entity {
        Entity::Contact => values.text(FieldId::ACCOUNT_ID).unwrap_or_default(),
        Entity::Organization => "",
    }
}

fn check_id(entity: Entity, last: &str, id: &str) -> Result<(), BaseError> {
    if id.is_empty() || id.len() > key::MAX_ID || id.contains('\0') {
        return Err(BaseError::Invalid(format!("'{}' is no ID of a {}", id.escape_debug(), entity.noun())));
    }
    if id <= last {
        return Err(BaseError::Invalid(format!("{} '{id}' comes after '{last}'", entity.noun())));
    }
    Ok(())
}

/// Batches of notes on their way to the second thread.
struct Notes {
    sender: Sender<Vec<u8>>,
    batch: Vec<u8>,
}

impl Notes {
    fn push(&mut self, note: &Note<'_>) -> Result<(), BaseError> {
        note.encode(&mut self.batch);
        if self.batch.len() >= BATCH { self.send() } else { Ok(()) }
    }

    /// Fails as if the commit was cancelled when the other thread has given up.
    fn send(&mut self) -> Result<(), BaseError> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH + BATCH / 8));
        self.sender.send(batch).map_err(|_| BaseError::Cancelled)
    }
}
