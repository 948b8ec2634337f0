//! A contact goes without a trace: its record, what stands beside it, what the history keeps of it for undo. What stays is a
//! salted hash of its ID, by which an import knows it again.
//!
//! It is a commit like any other, all or nothing, but it leaves no delta and no tombstone, so it cannot be taken back.
//! Pages that it replaced are still in the file of the store until [`Base::compact`] has rewritten it.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem::Finder;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Base;
use super::change::{Done, Kind, Who};
use super::delta::{Delta, What};
use super::engine::{Engine, Table, Writer};
use super::error::BaseError;
use super::history::Entry;
use super::key;
use super::table::{Editor, Scan};
use super::view::{Head, View, table};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::Record;

/// Under this beginning the memory keeps a hash for each forgotten contact.
const FORGOTTEN: &str = "forgotten/";

/// Where the memory keeps what the hashes are salted with.
const SALT: &str = "forgotten-salt";

/// What the base knows of a contact, in all its tables.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// The record; `None` if it is not stored, or not any more.
    pub record: Option<Record>,
    /// Whether it was deleted and the base remembers that.
    pub deleted: bool,
    /// What commits have changed in it, as far as that is kept, with their numbers.
    pub deltas: Vec<(u64, Delta)>,
}

impl Traces {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.record.is_none() && !self.deleted && self.deltas.is_empty()
    }

    /// Every payload that the record has or had, each once.
    pub fn payloads(&self) -> BTreeSet<(FieldId, Vec<u8>)> {
        let mut found = BTreeSet::new();
        let mut of_record = |record: &Record| {
            found.extend(record.values.view().iter().map(|(field, payload)| (field, payload.to_vec())));
            found.extend(record.by_hand.iter().map(|(field, payload)| (*field, payload.clone())));
        };
        self.record.iter().for_each(&mut of_record);
        for (_, delta) in &self.deltas {
            if let What::Deleted { record } = &delta.what {
                of_record(record);
            }
        }
        for (_, delta) in &self.deltas {
            let What::Updated { fields, .. } = &delta.what else { continue };
            for change in fields {
                let slots = [&change.before, &change.after];
                let payloads = slots.into_iter().flat_map(|slot| [&slot.value, &slot.by_hand]).flatten();
                found.extend(payloads.map(|payload| (change.field, payload.clone())));
            }
        }
        found
    }
}

/// What shall be forgotten.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The Contact ID.
    pub id: String,
    /// What entries of the history say instead, because their details speak of the contact; by number.
    pub details: BTreeMap<u64, String>,
    /// Keys of the memory that go.
    pub memory: Vec<String>,
    /// When, in milliseconds since 1970, UTC.
    pub when: i64,
    /// Who.
    pub who: Who,
}

/// The contacts that were forgotten, by the hashes of their IDs.
#[derive(Debug, Clone, Default)]
pub struct Forgotten {
    salt: Vec<u8>,
    hashes: BTreeSet<String>,
}

impl Forgotten {
    /// Whether the contact of that ID was forgotten.
    pub fn contains(&self, id: &str) -> bool {
        !self.hashes.is_empty() && self.hashes.contains(&hash(&self.salt, id))
    }

    /// The key of the memory that says it; with `None` as its value the contact may come again.
    pub fn memory_key(&self, id: &str) -> String {
        format!("{FORGOTTEN}{}", hash(&self.salt, id))
    }
}

fn hash(salt: &[u8], id: &str) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(id).finalize();
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was found when every page was decoded; see [`View::look_for`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// How many entries there are in all tables.
    pub entries: u64,
    /// How many of them are of the contact, or lead to it.
    pub of_contact: u64,
    /// For each text, how many entries have it in them.
    pub with_text: Vec<u64>,
}

impl View {
    /// What the base knows of a contact. Reads the delta of every commit that is kept.
    pub fn traces(&self, id: &str) -> Result<Traces, BaseError> {
        let entity = Entity::Contact;
        let mut traces = Traces { record: self.get(entity, id)?, ..Traces::default() };
        traces.deleted = self.tombstone(entity, id)?.is_some();
        let mut walker = self.walker(Table::Deltas);
        let mut name = Vec::new();
        for number in self.head().kept.from..=self.head().commit {
            key::delta_key(&mut name, number, entity, id);
            let Some(bytes) = walker.get(&name)? else { continue };
            let delta = super::delta::decode(entity, id, bytes);
            let delta = delta.ok_or_else(|| super::table::damaged(Table::Deltas, &name, "it cannot be read"))?;
            traces.deltas.push((number, delta));
        }
        Ok(traces)
    }

    /// The contacts that were forgotten.
    pub fn forgotten(&self) -> Result<Forgotten, BaseError> {
        let salt = self.recall(SALT)?.unwrap_or_default();
        let kept = self.recall_prefix(FORGOTTEN)?;
        Ok(Forgotten { salt, hashes: kept.into_iter().map(|(key, _)| key[FORGOTTEN.len()..].to_owned()).collect() })
    }

    /// Decodes every page and looks for the ID of a contact where an ID stands, and for texts everywhere.
    pub fn look_for(&self, id: &str, texts: &[Vec<u8>]) -> Result<Look, BaseError> {
        let finders: Vec<Finder<'_>> = texts.iter().map(Finder::new).collect();
        let mut look = Look { with_text: vec![0; texts.len()], ..Look::default() };
        for table in Table::ALL {
            let mut scan = Scan::new(self.snapshot.clone(), table, &[]);
            while let Some((key, payload)) = scan.next()? {
                look.entries += 1;
                look.of_contact += u64::from(is_of(table, key, payload, id));
                for (finder, count) in finders.iter().zip(&mut look.with_text) {
                    *count += u64::from(finder.find(key).is_some() || finder.find(payload).is_some());
                }
            }
        }
        Ok(look)
    }
}

/// Whether an entry is of a contact, or leads to it.
fn is_of(table: Table, key: &[u8], payload: &[u8], id: &str) -> bool {
    let contact = |found: Option<(Entity, &str)>| found == Some((Entity::Contact, id));
    match table {
        Table::Contacts => key == id.as_bytes(),
        Table::Members => key::split_member_key(key).is_some_and(|(_, member)| member == id),
        Table::Internals => contact(key::split_record_key(payload)),
        Table::Tombstones => contact(key::split_record_key(key)),
        Table::Deltas => contact(key.get(8..).and_then(key::split_record_key)),
        Table::Near => {
            let mut near = Vec::new();
            key::near_key(&mut near, Entity::Contact, id);
            key == near
        }
        Table::Organizations | Table::History | Table::Memory | Table::Catalog => false,
    }
}

impl Base {
    /// Takes a contact out of every table, and out of what the history keeps. Only a salted hash of its ID stays.
    ///
    /// # Errors
    /// [`BaseError::Moved`] if the base is not at commit `expected` any more; [`BaseError::DiskFull`], [`BaseError::Io`].
    /// Then the base is as it was.
    pub fn forget(&self, expected: u64, erasure: &Erasure) -> Result<Done, BaseError> {
        self.advance(expected, &mut |engine, view| write(engine, view, erasure))
    }
}

/// Writes the commit. When it returns `Ok`, it is durable.
fn write(engine: &dyn Engine, view: &View, erasure: &Erasure) -> Result<Done, BaseError> {
    let head = view.head();
    let traces = view.traces(&erasure.id)?;
    engine.check_space(0)?;
    let mut done = Done { number: head.commit + 1, ..Done::default() };
    done.contacts.deleted = u64::from(traces.record.is_some());
    let writer = engine.begin(head.commit, done.number)?;
    let erase = Erase { view, writer: writer.as_ref(), number: done.number };
    let member = erase.contact(&erasure.id, &traces)?;
    erase.memory(erasure)?;
    erase.history(erasure, done)?;
    let new_head = Head {
        commit: done.number,
        contacts: head.contacts - done.contacts.deleted,
        members: head.members - u64::from(member),
        ..head
    };
    let bytes = postcard::to_stdvec(&new_head).map_err(|e| BaseError::Engine(e.to_string()))?;
    writer.finish(&bytes)?;
    Ok(done)
}

/// The commit on its way.
struct Erase<'a> {
    view: &'a View,
    writer: &'a dyn Writer,
    number: u64,
}

impl Erase<'_> {
    fn editor(&self, table: Table) -> Editor<&dyn Writer> {
        Editor::new(self.view.snapshot.clone(), self.writer, table, self.number)
    }

    /// Removes entries; their keys ascend.
    fn remove(&self, table: Table, keys: &[Vec<u8>]) -> Result<(), BaseError> {
        let mut editor = self.editor(table);
        keys.iter().try_for_each(|key| editor.set(key, None))?;
        editor.finish()
    }

    /// The record, its IDs, its membership, its tombstone, its deltas. Whether it was a member.
    fn contact(&self, id: &str, traces: &Traces) -> Result<bool, BaseError> {
        let entity = Entity::Contact;
        let key_of = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut key = Vec::new();
            write(&mut key);
            key
        };
        let mut account = None;
        if let Some(record) = &traces.record {
            account = record.values.view().text(FieldId::ACCOUNT_ID);
            self.remove(table(entity), &[id.as_bytes().to_vec()])?;
            self.remove(Table::Internals, &[record.internal.as_bytes().to_vec()])?;
            self.remove(Table::Near, &[key_of(&|key| key::near_key(key, entity, id))])?;
        }
        if let Some(account) = account {
            self.remove(Table::Members, &[key_of(&|key| key::member_key(key, account, id))])?;
        }
        self.remove(Table::Tombstones, &[key_of(&|key| key::record_key(key, entity, id))])?;
        let delta = |(number, _): &(u64, Delta)| key_of(&|key| key::delta_key(key, *number, entity, id));
        self.remove(Table::Deltas, &traces.deltas.iter().map(delta).collect::<Vec<_>>())?;
        Ok(account.is_some())
    }

    /// What was remembered of it goes, the hash comes.
    fn memory(&self, erasure: &Erasure) -> Result<(), BaseError> {
        let mut forgotten = self.view.forgotten()?;
        let mut edits: BTreeMap<String, Option<Vec<u8>>> =
            erasure.memory.iter().map(|key| (key.clone(), None)).collect();
        if forgotten.salt.is_empty() {
            // 148 bits of these are random.
            forgotten.salt = [Uuid::now_v7(), Uuid::now_v7()].iter().flat_map(|uuid| *uuid.as_bytes()).collect();
            edits.insert(SALT.to_owned(), Some(forgotten.salt.clone()));
        }
        edits.insert(forgotten.memory_key(&erasure.id), Some(Vec::new()));
        let mut editor = self.editor(Table::Memory);
        edits.iter().try_for_each(|(key, value)| editor.set(key.as_bytes(), value.as_deref()))?;
        editor.finish()
    }

    /// The history keeps its entries, but they do not name the contact; the new one neither.
    fn history(&self, erasure: &Erasure, done: Done) -> Result<(), BaseError> {
        let encode_failed = |e: postcard::Error| BaseError::Engine(e.to_string());
        let mut entries = self.view.entries(1)?;
        entries.retain(|entry| erasure.details.contains_key(&entry.number()));
        for entry in &mut entries {
            entry.details.clone_from(&erasure.details[&entry.number()]);
        }
        entries.push(Entry::of_forgetting(done, erasure.when, erasure.who.clone()));
        let mut editor = self.editor(Table::History);
        for entry in &entries {
            let bytes = postcard::to_stdvec(entry).map_err(encode_failed)?;
            editor.set(&entry.number().to_be_bytes(), Some(&bytes))?;
        }
        editor.finish()
    }
}

/// What the history says of an act that forgot a contact.
const DETAILS: &str = r#"{"record":"contact","forgotten":true}"#;

impl Entry {
    fn of_forgetting(done: Done, when: i64, who: Who) -> Entry {
        let (kind, details) = (Kind::Delete, DETAILS.to_owned());
        Entry { done, kind, when, who, by_hand: true, details, delta_bytes: 0, too_old: false, undone_by: None }
    }

    /// Whether it is an act that forgot a contact. Nothing takes it back.
    pub fn is_forgetting(&self) -> bool {
        self.kind == Kind::Delete && self.details == DETAILS
    }
}
