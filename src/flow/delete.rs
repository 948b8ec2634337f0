//! A person deletes a contact or an organization. Imports then hold rows that would bring it back (R28).

use std::io;
use std::sync::atomic::AtomicBool;

use super::FlowError;
use super::edit::by_hand;
use super::import::Stamp;
use crate::base::{Base, Change, ChangeSource, Done, Kind, Put, View};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::{Record, Values};
use crate::report::brief;

/// How many members a question names.
const NAMED: usize = 8;

/// What a deletion would do; it is shown before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// A contact or an organization.
    pub entity: Entity,
    /// Its Contact ID or Account ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of the first members of an organization, by Contact ID.
    pub members: Vec<String>,
    /// How many members it has.
    pub members_total: u64,
    /// The commit of the base on which this was worked out.
    head: u64,
}

/// Works out what a deletion would do.
///
/// # Errors
/// [`FlowError::NotFound`], or the base cannot be read.
pub fn plan(base: &Base, entity: Entity, id: &str) -> Result<Deletion, FlowError> {
    let view = base.view();
    let name = |entity, record: &Record| brief::name(entity, record.values.view());
    let Some(record) = view.get(entity, id)? else {
        return Err(FlowError::NotFound { what: format!("{} '{id}'", entity.noun()), near: Vec::new() });
    };
    let mut deletion = Deletion {
        entity,
        id: id.to_owned(),
        name: name(entity, &record),
        members: Vec::new(),
        members_total: 0,
        head: view.head().commit,
    };
    if entity == Entity::Organization {
        deletion.members_total = view.member_count(id)?;
        for contact in view.members(id, None, NAMED)? {
            deletion.members.extend(view.get(Entity::Contact, &contact)?.map(|member| name(Entity::Contact, &member)));
        }
    }
    Ok(deletion)
}

/// Deletes the record. Members of an organization stay, without an organization; that is no value which a person set, so
/// that they come back to it by the next file if the organization does.
///
/// # Errors
/// [`BaseError::Moved`](crate::base::BaseError::Moved) if the base has changed since the plan: make it again, and ask again.
pub fn delete(base: &Base, deletion: &Deletion, stamp: &Stamp, cancel: &AtomicBool) -> Result<Done, FlowError> {
    let Deletion { entity, id, .. } = deletion;
    let removal = Removal { view: base.view(), entity: *entity, id: id.clone() };
    let commit = by_hand(base, Kind::Delete, (*entity, id), removal, stamp);
    Ok(base.commit(deletion.head, &commit, &mut |_, _| {}, cancel)?)
}

/// The changes of a deletion, read from the base, however many members there are.
struct Removal {
    view: View,
    entity: Entity,
    id: String,
}

/// How many members are read at once.
const CHUNK: usize = 1024;

impl ChangeSource for Removal {
    fn changes(&self, entity: Entity) -> io::Result<Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>> {
        if entity == self.entity {
            let change = Change { id: self.id.clone(), line: 0, put: None };
            return Ok(Box::new(std::iter::once(Ok(change))));
        }
        if entity == Entity::Organization {
            return Ok(Box::new(std::iter::empty()));
        }
        let mut chunk: std::vec::IntoIter<String> = Vec::new().into_iter();
        let mut last: Option<String> = None;
        Ok(Box::new(std::iter::from_fn(move || {
            if chunk.len() == 0 {
                match self.view.members(&self.id, last.as_deref(), CHUNK) {
                    Ok(members) => chunk = members.into_iter(),
                    Err(error) => return Some(Err(io::Error::other(error))),
                }
            }
            let id = chunk.next()?;
            last = Some(id.clone());
            Some(self.leaves(id).map_err(io::Error::other))
        })))
    }

    fn count(&self, entity: Entity) -> u64 {
        match (entity == self.entity, entity) {
            (true, _) => 1,
            (false, Entity::Organization) => 0,
            (false, Entity::Contact) => self.view.member_count(&self.id).unwrap_or_default(),
        }
    }
}

impl Removal {
    /// A member without its membership.
    fn leaves(&self, id: String) -> Result<Change, crate::base::BaseError> {
        let put = self.view.get(Entity::Contact, &id)?.map(|record| {
            let mut put = Put::from(record);
            let mut values = Values::new();
            put.values.view().iter().filter(|(f, _)| *f != FieldId::ACCOUNT_ID).for_each(|(f, p)| values.push(f, p));
            put.values = values;
            put.by_hand.remove(&FieldId::ACCOUNT_ID);
            put
        });
        Ok(Change { id, line: 0, put })
    }
}
