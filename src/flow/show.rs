//! One record with what stands around it: its organization or its members, and the commit that last changed it.

use uuid::Uuid;

use super::FlowError;
use super::history::{self, Act};
use crate::base::{Base, What};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::Record;
use crate::model::text::normal;

/// How a record is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Name<'a> {
    /// By the ID that the files use.
    External(&'a str),
    /// By the ID that the base gave it (R2).
    Internal(Uuid),
}

/// A record with what stands around it.
#[derive(Debug)]
pub struct Shown {
    /// Its Contact ID or Account ID.
    pub id: String,
    /// The record.
    pub record: Record,
    /// The name of a contact's organization.
    pub organization_name: Option<String>,
    /// The commit that last changed the record.
    pub change: Option<Act>,
    /// How many members an organization has.
    pub members_total: u64,
    /// The first of them, by Contact ID.
    pub members: Vec<(String, Record)>,
}

/// Reads a record; of the members of an organization at most `members`.
///
/// # Errors
/// [`FlowError::NotFound`], with stored IDs that look like it; or the base cannot be read.
pub fn show(base: &Base, entity: Entity, name: Name<'_>, members: usize) -> Result<Shown, FlowError> {
    let id = match name {
        Name::External(id) => normal(id).into_owned(),
        Name::Internal(internal) => by_internal(base, entity, internal)?,
    };
    let Some(record) = base.get(entity, &id)? else {
        return Err(FlowError::NotFound { what: format!("{} '{id}'", entity.noun()), near: base.near(entity, &id)? });
    };
    let change = Some(history::act(base, record.changed)?);
    let mut shown = Shown { id, record, organization_name: None, change, members_total: 0, members: Vec::new() };
    match entity {
        Entity::Contact => shown.organization_name = organization_name(base, &shown.record)?,
        Entity::Organization => {
            shown.members_total = base.member_count(&shown.id)?;
            for contact in base.members(&shown.id, None, members)? {
                let member = base.get(Entity::Contact, &contact)?;
                shown.members.extend(member.map(|member| (contact, member)));
            }
        }
    }
    Ok(shown)
}

fn by_internal(base: &Base, entity: Entity, internal: Uuid) -> Result<String, FlowError> {
    match base.by_internal(internal)? {
        Some((found, id)) if found == entity => Ok(id),
        _ => Err(FlowError::NotFound {
            what: format!("{} with the internal ID {internal}", entity.noun()),
            near: Vec::new(),
        }),
    }
}

/// A commit that changed a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub commit: u64,
    /// The line of its file; 0 if a person or an undo did it.
    pub line: u32,
    /// What it did, in words: `created`, or the fields that it changed.
    pub what: String,
}

/// How a record became what it is: who set which value, the newest first, at most `limit` steps.
///
/// # Errors
/// The base cannot be read.
pub fn steps(base: &Base, entity: Entity, id: &str, limit: usize) -> Result<Vec<Step>, FlowError> {
    let view = base.view();
    let words = |what: What| match what {
        What::Created => "created".to_owned(),
        What::Deleted { .. } => "deleted".to_owned(),
        What::Updated { fields, manual } => {
            let labels = fields.iter().map(|change| view.catalog().label(change.field));
            let handed_over = (manual == [true, false]).then(|| "handed over to imports".to_owned());
            labels.chain(handed_over).collect::<Vec<_>>().join(", ")
        }
    };
    let trace = view.trace(entity, id, limit)?;
    Ok(trace.into_iter().map(|(commit, delta)| Step { commit, line: delta.line, what: words(delta.what) }).collect())
}

/// The name of a contact's organization.
///
/// # Errors
/// The base cannot be read.
pub fn organization_name(base: &Base, contact: &Record) -> Result<Option<String>, FlowError> {
    let Some(account) = contact.values.view().text(FieldId::ACCOUNT_ID) else { return Ok(None) };
    let organization = base.get(Entity::Organization, account)?;
    Ok(organization.and_then(|o| o.values.view().text(FieldId::ACCOUNT_NAME).map(str::to_owned)))
}
