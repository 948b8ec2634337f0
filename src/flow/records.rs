//! What an act did, record by record, old → new, and what became of these records since (R25, R26). An import of a million
//! records is read in parts.

use std::sync::atomic::AtomicBool;

use super::FlowError;
use crate::base::{Counts, Delta, Entry, FieldChange, Put, Slot, Verb, View, What};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::{Value, ValuesRef};
use crate::report::brief;

/// Which records of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of them: contacts, then organizations.
    Everything,
    /// Those of an entity to which the same happened.
    Of(Entity, Verb),
    /// Those that a later act has changed again.
    ChangedSince,
}

/// A field that an act changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTold {
    /// The field.
    pub field: FieldId,
    /// Its value before; `None` if it had none.
    pub before: Option<Value>,
    /// Its value after.
    pub after: Option<Value>,
    /// What else there is to know: whose value it is (R14).
    pub note: &'static str,
}

/// A record that an act changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTold {
    /// What it is.
    pub entity: Entity,
    /// Its Contact ID or Account ID.
    pub id: String,
    /// The name of the person or organization; empty if it is not known any more.
    pub name: String,
    /// The line of the act's file; 0 if there was none.
    pub line: u32,
    /// What happened to it.
    pub verb: Verb,
    /// Field by field. Empty for a created record that was changed since: [`story`] tells it.
    pub fields: Vec<FieldTold>,
    /// What else happened to it, or is to know: empty, or a few words.
    pub note: &'static str,
    /// Whether a later act has changed it.
    pub changed_since: bool,
}

/// A record of an act, whole, and what happened to it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// What the act did.
    pub told: RecordTold,
    /// What each later act did, the newest first, with its number.
    pub since: Vec<(u64, RecordTold)>,
}

/// How many records a part has; `None` if only looking at all of them tells.
pub fn count(entry: &Entry, part: Part) -> Option<u64> {
    let of = |counts: Counts, verb| match verb {
        Verb::Created => counts.created,
        Verb::Updated => counts.updated,
        Verb::Deleted => counts.deleted,
    };
    let done = entry.done;
    match part {
        Part::Everything => {
            Some([done.contacts, done.organizations].iter().map(|c| c.created + c.updated + c.deleted).sum())
        }
        Part::Of(Entity::Contact, verb) => Some(of(done.contacts, verb)),
        Part::Of(Entity::Organization, verb) => Some(of(done.organizations, verb)),
        Part::ChangedSince => None,
    }
}

/// The records of an act that later acts have changed again. Looks at every record of the act.
///
/// # Errors
/// What the act changed is not kept any more, or the base cannot be read; cancelled.
pub fn changed_since(view: &View, entry: &Entry, cancel: &AtomicBool) -> Result<Vec<(Entity, String)>, FlowError> {
    let mut found = Vec::new();
    for entity in [Entity::Contact, Entity::Organization] {
        let ids = view.touched_again(entry.number(), entity, cancel)?;
        found.extend(ids.into_iter().map(|id| (entity, id)));
    }
    Ok(found)
}

/// At most `count` records of a part, from the number `first` on. Of [`Part::ChangedSince`] there are none here: see
/// [`named`].
///
/// # Errors
/// As [`changed_since`].
pub fn records(
    view: &View,
    entry: &Entry,
    part: Part,
    first: usize,
    count: usize,
) -> Result<Vec<RecordTold>, FlowError> {
    let number = entry.number();
    let deltas = match part {
        Part::Everything => {
            let Counts { created, updated, deleted } = entry.done.contacts;
            let contacts = usize::try_from(created + updated + deleted).unwrap_or(usize::MAX);
            let mut deltas = view.some_deltas(number, Entity::Contact, None, first, count)?;
            let (first, count) = (first.saturating_sub(contacts), count - deltas.len());
            deltas.extend(view.some_deltas(number, Entity::Organization, None, first, count)?);
            deltas
        }
        Part::Of(entity, verb) => view.some_deltas(number, entity, Some(verb), first, count)?,
        Part::ChangedSince => Vec::new(),
    };
    deltas.into_iter().map(|delta| told(view, entry, delta)).collect()
}

/// These records of an act.
///
/// # Errors
/// As [`changed_since`].
pub fn named(view: &View, entry: &Entry, ids: &[(Entity, String)]) -> Result<Vec<RecordTold>, FlowError> {
    let mut records = Vec::with_capacity(ids.len());
    for (entity, id) in ids {
        if let Some(delta) = view.delta(entry.number(), *entity, id)? {
            records.push(told(view, entry, delta)?);
        }
    }
    Ok(records)
}

/// A record of an act, whole; `None` if the act did nothing to it.
///
/// # Errors
/// As [`changed_since`].
pub fn story(view: &View, entry: &Entry, entity: Entity, id: &str) -> Result<Option<Story>, FlowError> {
    let number = entry.number();
    let Some(delta) = view.delta(number, entity, id)? else { return Ok(None) };
    let later = view.later(number, entity, id)?;
    let mut told = told(view, entry, delta)?;
    if let Some(then) = &later.then {
        told.name = brief::name(entity, then.values.view());
        if told.verb == Verb::Created {
            told.fields = all_fields(then, Verb::Created);
        }
    }
    let since = later.since.into_iter().map(|(commit, delta)| (commit, by_itself(delta))).collect();
    Ok(Some(Story { told, since }))
}

fn told(view: &View, entry: &Entry, delta: Delta) -> Result<RecordTold, FlowError> {
    let now = view.get(delta.entity, &delta.id)?;
    let mut told = by_itself(delta);
    told.changed_since = match (&now, told.verb) {
        (None, verb) => verb != Verb::Deleted,
        (Some(record), _) => record.changed != entry.number(),
    };
    match now {
        Some(now) => {
            told.name = brief::name(told.entity, now.values.view());
            if told.verb == Verb::Created && !told.changed_since {
                told.fields = all_fields(&Put::from(now), Verb::Created);
            }
        }
        // What an undo took away is nearly always what the act had made.
        None if told.verb != Verb::Deleted => {
            let undone = entry.undone_by.map(|by| view.delta(by, told.entity, &told.id)).transpose()?.flatten();
            if let Some(What::Deleted { record }) = undone.map(|delta| delta.what) {
                told.name = brief::name(told.entity, record.values.view());
            }
        }
        None => {}
    }
    Ok(told)
}

/// What a delta says without a look at the base.
fn by_itself(delta: Delta) -> RecordTold {
    let Delta { entity, id, line, what } = delta;
    let verb = what.verb();
    let mut told =
        RecordTold { entity, id, name: String::new(), line, verb, fields: Vec::new(), note: "", changed_since: false };
    match what {
        What::Created => {}
        What::Deleted { record } => {
            told.name = brief::name(entity, record.values.view());
            told.fields = all_fields(&Put::from(record), Verb::Deleted);
        }
        What::Updated { fields, manual } => {
            told.fields = fields.into_iter().map(field_told).collect();
            told.note = match manual {
                [true, false] => "handed over to imports",
                [false, true] => "made by hand again",
                _ => "",
            };
        }
    }
    told
}

/// Every value of a record that came or went.
fn all_fields(put: &Put, verb: Verb) -> Vec<FieldTold> {
    let values: ValuesRef<'_> = put.values.view();
    let field = |(field, payload): (FieldId, &[u8])| {
        let value = Value::decode(field, payload);
        let (before, after) = if verb == Verb::Deleted { (value, None) } else { (None, value) };
        FieldTold { field, before, after, note: "" }
    };
    values.iter().map(field).collect()
}

fn field_told(change: FieldChange) -> FieldTold {
    let FieldChange { field, before, after } = change;
    let value = |slot: &Slot| slot.value.as_deref().and_then(|payload| Value::decode(field, payload));
    let note = match (&before.by_hand, &after.by_hand) {
        (None, Some(_)) => "set by hand",
        (Some(_), None) if before.value == after.value => "by hand no more: a file says the same",
        (Some(_), None) => "by hand no more",
        (Some(a), Some(b)) if a != b => "set by hand; a file brought another value",
        _ => "",
    };
    FieldTold { field, before: value(&before), after: value(&after), note }
}
