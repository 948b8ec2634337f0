//! What stands beside the records: deltas, tombstones, internal IDs, near IDs, members.
//!
//! Deltas and tombstones lie in the order in which the notes come and are written at once; the others are sorted first.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Receiver;

use super::change::{Change, ChangeSource, Commit};
use super::engine::{Table, Writer};
use super::error::BaseError;
use super::key;
use super::note::{Event, Note};
use super::table::{Appender, Editor, Walker, damaged};
use super::view::{Cursor, Tombstone, View, each_member};
use crate::model::fields::Entity;
use crate::spill::{Sorted, Sorter, SpillRoom};

/// Under this beginning, [`Commit::remember`] says of deleted records that they stay deleted; see [`super::stay_key`].
const STAY: &str = "stay/";

/// The key under which a commit remembers that a deleted record stays deleted (R28): with any value it does, with none
/// it does no longer. The base keeps it in the record's tombstone, so it ends when the record comes back.
pub fn stay_key(entity: Entity, id: &str) -> String {
    format!("{STAY}{}/{id}", entity.prefix())
}

/// The record that a key of [`stay_key`] speaks of.
pub(super) fn stays(key: &str) -> Option<(Entity, &str)> {
    let (prefix, id) = key.strip_prefix(STAY)?.split_once('/')?;
    let entity = [Entity::Contact, Entity::Organization].into_iter().find(|entity| entity.prefix() == prefix)?;
    Some((entity, id))
}

/// What the notes of a commit lead to beyond what is already written.
pub(super) struct Noted {
    delta_bytes: u64,
    internals: Sorted,
    near: Sorted,
    members: Sorted,
}

/// What was written beside the records.
pub(super) struct Aside {
    /// Stored bytes of the delta.
    pub delta_bytes: u64,
    /// How many members there are more than before.
    pub members: i64,
}

/// The second thread of a commit: takes notes until there are no more.
pub(super) fn take_notes(
    batches: &Receiver<Vec<u8>>,
    stop: &AtomicBool,
    room: &SpillRoom,
    view: &View,
    writer: &dyn Writer,
    commit: &Commit,
) -> Result<Noted, BaseError> {
    let number = view.head().commit + 1;
    let mut taker = Taker {
        number,
        deltas: Appender::new(writer, Table::Deltas, number, &number.to_be_bytes()),
        tombstones: Tombstones::new(view, writer, commit),
        internals: Sorter::new(room),
        near: Sorter::new(room),
        members: Sorter::new(room),
        key: Vec::new(),
        record: Vec::new(),
    };
    for batch in batches {
        let mut rest = batch.as_slice();
        while let Some(note) = Note::decode(&mut rest) {
            taker.take(&note)?;
        }
    }
    if stop.load(Ordering::Relaxed) {
        return Err(BaseError::Cancelled);
    }
    taker.tombstones.finish()?;
    Ok(Noted {
        delta_bytes: taker.deltas.finish()?,
        internals: taker.internals.finish(),
        near: taker.near.finish(),
        members: taker.members.finish(),
    })
}

struct Taker<'a> {
    number: u64,
    deltas: Appender<'a>,
    tombstones: Tombstones<'a>,
    internals: Sorter,
    near: Sorter,
    members: Sorter,
    key: Vec<u8>,
    record: Vec<u8>,
}

/// What a sorted edit does to its key: an empty payload removes it, [`KEEP`] before a payload sets it.
const KEEP: u8 = 1;

impl Taker<'_> {
    fn take(&mut self, note: &Note<'_>) -> Result<(), BaseError> {
        key::delta_key(&mut self.key, self.number, note.entity, note.id);
        self.deltas.push(&self.key, note.delta)?;
        if note.event != Event::Updated {
            self.exists(note)?;
        }
        for (account, edit) in [(note.left, &[][..]), (note.joined, &[KEEP][..])] {
            if !account.is_empty() {
                key::member_key(&mut self.key, account, note.id);
                self.members.push(&self.key, edit)?;
            }
        }
        Ok(())
    }

    /// The record came or went.
    fn exists(&mut self, note: &Note<'_>) -> Result<(), BaseError> {
        self.record.clear();
        let mut near = &[][..];
        if note.event != Event::Deleted {
            self.record.extend_from_slice(&[KEEP, key::entity_byte(note.entity)]);
            self.record.extend_from_slice(note.id.as_bytes());
            near = &[KEEP];
        }
        self.internals.push(note.internal.as_bytes(), &self.record)?;
        key::near_key(&mut self.key, note.entity, note.id);
        self.near.push(&self.key, near)?;
        self.tombstones.take(note)
    }
}

/// Edits tombstones in the order of the notes, and between them what is said to stay deleted.
struct Tombstones<'a> {
    editor: Editor<&'a dyn Writer>,
    by_hand: bool,
    stays: Peekable<std::collections::btree_map::IntoIter<Vec<u8>, bool>>,
    key: Vec<u8>,
}

impl<'a> Tombstones<'a> {
    fn new(view: &View, writer: &'a dyn Writer, commit: &Commit) -> Tombstones<'a> {
        let mut stays = BTreeMap::new();
        for (name, value) in &commit.remember {
            if let Some((entity, id)) = self::stays(name) {
                let mut key = Vec::new();
                key::record_key(&mut key, entity, id);
                stays.insert(key, value.is_some());
            }
        }
        let editor = Editor::new(view.snapshot.clone(), writer, Table::Tombstones, view.head().commit + 1);
        Tombstones { editor, by_hand: commit.by_hand, stays: stays.into_iter().peekable(), key: Vec::new() }
    }

    fn take(&mut self, note: &Note<'_>) -> Result<(), BaseError> {
        key::record_key(&mut self.key, note.entity, note.id);
        while let Some((key, stay)) = self.stays.next_if(|(key, _)| *key < self.key) {
            self.set_stay(&key, stay)?;
        }
        let stay = self.stays.next_if(|(key, _)| *key == self.key).is_some_and(|(_, stay)| stay);
        let stone = match note.event {
            Event::Deleted => Some(Tombstone { internal: note.internal, by_hand: self.by_hand, stay }.encode()),
            Event::Created | Event::Revived | Event::Updated => None,
        };
        self.editor.set(&self.key, stone.as_ref().map(<[u8; 17]>::as_slice))
    }

    fn set_stay(&mut self, key: &[u8], stay: bool) -> Result<(), BaseError> {
        if let Some(stone) = self.editor.find(key)?.and_then(Tombstone::decode) {
            self.editor.set(key, Some(&Tombstone { stay, ..stone }.encode()))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), BaseError> {
        while let Some((key, stay)) = self.stays.next() {
            self.set_stay(&key, stay)?;
        }
        self.editor.finish()
    }
}

/// Writes the tables that needed sorting: members here, the IDs in a thread of their own.
pub(super) fn write_sorted(
    noted: Noted,
    view: &View,
    writer: &dyn Writer,
    commit: &Commit,
) -> Result<Aside, BaseError> {
    let Noted { delta_bytes, internals, near, members } = noted;
    std::thread::scope(|scope| {
        let ids = scope.spawn(move || {
            edit_sorted(view, writer, Table::Internals, &internals)?;
            drop(internals);
            edit_sorted(view, writer, Table::Near, &near)
        });
        let members = edit_members(view, writer, &members, commit.changes.as_ref());
        ids.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Aside { delta_bytes, members: members? })
    })
}

fn edit_sorted(view: &View, writer: &dyn Writer, table: Table, edits: &Sorted) -> Result<(), BaseError> {
    let mut editor = Editor::new(view.snapshot.clone(), writer, table, view.head().commit + 1);
    let mut edits = edits.merge()?;
    while let Some((key, edit)) = edits.next()? {
        editor.set(key, edit.strip_prefix(&[KEEP]))?;
    }
    editor.finish()
}

/// Edits the members and makes sure that every membership leads to an organization: one that is joined must exist after
/// the commit, one that is deleted must have lost all its members.
fn edit_members(
    view: &View,
    writer: &dyn Writer,
    edits: &Sorted,
    changes: &dyn ChangeSource,
) -> Result<i64, BaseError> {
    let mut editor = Editor::new(view.snapshot.clone(), writer, Table::Members, view.head().commit + 1);
    let mut check = Check {
        changes: changes.changes(Entity::Organization)?.peekable(),
        stored: view.cursor(Entity::Organization),
        members: view.walker(Table::Members),
    };
    let mut group = Group::default();
    let mut balance = 0;
    let mut edits = edits.merge()?;
    while let Some((key, edit)) = edits.next()? {
        let (account, contact) =
            key::split_member_key(key).ok_or_else(|| damaged(Table::Members, key, "the key cannot be read"))?;
        if account != group.account {
            check.group(&group)?;
            group = Group { account: account.to_owned(), ..Group::default() };
        }
        if edit.is_empty() {
            group.left += 1;
            balance -= 1;
        } else {
            group.joined.get_or_insert_with(|| contact.to_owned());
            balance += 1;
        }
        editor.set(key, edit.strip_prefix(&[KEEP]))?;
    }
    check.group(&group)?;
    check.deletions_before(None)?;
    editor.finish()?;
    Ok(balance)
}

/// What happens to the members of one organization.
#[derive(Default)]
struct Group {
    account: String,
    left: u64,
    /// One of those who joined.
    joined: Option<String>,
}

struct Check<'a> {
    changes: Peekable<Box<dyn Iterator<Item = std::io::Result<Change>> + Send + 'a>>,
    stored: Cursor,
    members: Walker,
}

impl Check<'_> {
    /// Checks an organization whose members change, and those before it that are deleted.
    fn group(&mut self, group: &Group) -> Result<(), BaseError> {
        if group.account.is_empty() {
            return Ok(());
        }
        self.deletions_before(Some(&group.account))?;
        let same = |change: &std::io::Result<Change>| change.as_ref().is_ok_and(|c| c.id == group.account);
        let change = self.changes.next_if(same).transpose()?;
        let exists = match &change {
            Some(change) => change.put.is_some(),
            None => self.stored.get(&group.account)?.is_some(),
        };
        match &group.joined {
            Some(contact) if !exists => Err(BaseError::Invalid(format!(
                "contact '{contact}' would belong to organization '{}', which would not exist",
                group.account
            ))),
            None if change.is_some() && !exists => self.empty(&group.account, group.left),
            _ => Ok(()),
        }
    }

    /// Checks the deleted organizations up to an Account ID, none of whose members change.
    fn deletions_before(&mut self, account: Option<&str>) -> Result<(), BaseError> {
        let before = |change: &std::io::Result<Change>| match change {
            Ok(change) => account.is_none_or(|account| change.id.as_str() < account),
            Err(_) => true,
        };
        while let Some(change) = self.changes.next_if(before).transpose()? {
            if change.put.is_none() {
                self.empty(&change.id, 0)?;
            }
        }
        Ok(())
    }

    /// A deleted organization must lose as many members as it has.
    fn empty(&mut self, account: &str, left: u64) -> Result<(), BaseError> {
        let mut count = 0;
        each_member(&mut self.members, account, "", &mut |_| {
            count += 1;
            Ok(true)
        })?;
        if count == left {
            return Ok(());
        }
        Err(BaseError::Invalid(format!(
            "organization '{account}' would be deleted, but {} contacts belong to it",
            count - left
        )))
    }
}
