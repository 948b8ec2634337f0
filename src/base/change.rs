//! What a commit is made of, and what it has done.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::record::{Record, Values};

/// What kind of act a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file was imported.
    Import,
    /// A commit was undone.
    Undo {
        /// Its number.
        of: u64,
    },
    /// A person changed or made a record.
    Edit,
    /// A person deleted records.
    Delete,
    /// A manual organization was handed over to imports (R13).
    Adopt,
}

/// Who did it (R25).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Who {
    /// The user of the system.
    pub user: String,
    /// Where an SSH session came from.
    pub ssh_client: Option<String>,
    /// The name given with `--as`, for accounts that are shared.
    pub as_name: Option<String>,
}

/// One change of the base, all or nothing (R24).
pub struct Commit {
    /// What kind of act it is.
    pub kind: Kind,
    /// When, in milliseconds since 1970, UTC.
    pub when: i64,
    /// Who.
    pub who: Who,
    /// What the history tells beyond that: file, settings, decisions, counts. JSON, kept as it is.
    pub details: String,
    /// The records that change.
    pub changes: Box<dyn ChangeSource>,
    /// The custom fields after the commit.
    pub catalog: Catalog,
    /// Mappings and decisions to remember, or, with `None`, to forget; see [`super::Base::recall`] and [`super::stay_key`].
    pub remember: Vec<(String, Option<Vec<u8>>)>,
    /// Whether a person made the changes, record by record; records deleted so stay away from imports (R28).
    pub by_hand: bool,
}

/// The changes of a commit. They are read as a stream, possibly several times, and give the same each time.
pub trait ChangeSource: Send + Sync {
    /// The changes of an entity in strictly ascending order of their IDs.
    fn changes(&self, entity: Entity) -> io::Result<Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>>;

    /// How many changes of an entity there are; for progress and the space needed.
    fn count(&self, entity: Entity) -> u64;
}

/// What shall become of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its Contact ID or Account ID.
    pub id: String,
    /// The line of the file; 0 if a person or an undo did it.
    pub line: u32,
    /// The record afterwards; `None` deletes it.
    pub put: Option<Put>,
}

/// The whole content of a record after a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Put {
    /// See [`Record::values`].
    pub values: Values,
    /// See [`Record::by_hand`].
    pub by_hand: BTreeMap<FieldId, Vec<u8>>,
    /// See [`Record::manual`].
    pub manual: bool,
}

impl From<Record> for Put {
    fn from(record: Record) -> Put {
        Put { values: record.values, by_hand: record.by_hand, manual: record.manual }
    }
}

/// Changes in memory, for those that a person makes: a few.
#[derive(Debug, Clone, Default)]
pub struct ChangeList(BTreeMap<(Entity, String), (u32, Option<Put>)>);

impl ChangeList {
    /// Adds a change; a later one of the same record replaces it.
    pub fn push(&mut self, entity: Entity, change: Change) {
        self.0.insert((entity, change.id), (change.line, change.put));
    }
}

impl ChangeSource for ChangeList {
    fn changes(&self, entity: Entity) -> io::Result<Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>> {
        let of_entity = self.0.iter().filter(move |((e, _), _)| *e == entity);
        Ok(Box::new(
            of_entity.map(|((_, id), (line, put))| Ok(Change { id: id.clone(), line: *line, put: put.clone() })),
        ))
    }

    fn count(&self, entity: Entity) -> u64 {
        self.0.keys().filter(|(e, _)| *e == entity).count() as u64
    }
}

/// How many records of an entity a commit has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Counts {
    /// New records.
    pub created: u64,
    /// Records of which a value changed.
    pub updated: u64,
    /// Records that are gone.
    pub deleted: u64,
}

/// What a commit has done. A change that says what the base already holds is counted nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Done {
    /// The number of the commit; the first is 1.
    pub number: u64,
    /// Contacts.
    pub contacts: Counts,
    /// Organizations.
    pub organizations: Counts,
}

impl Done {
    /// The counts of an entity.
    pub fn of(&mut self, entity: Entity) -> &mut Counts {
        match entity {
            Entity::Contact => &mut self.contacts,
            Entity::Organization => &mut self.organizations,
        }
    }
}
