//! A person makes or changes one record (R13, R14). What was typed is checked as cells of a file would be, shown old → new,
//! and written only if the record is still the one that the person saw.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::FlowError;
use super::history;
use super::import::Stamp;
use crate::base::{Base, BaseError, Change, ChangeList, ChangeSource, Commit, Done, Kind, Put, View};
use crate::intake::{TypedRow, typed_id, typed_row};
use crate::model::fields::{Catalog, Entity, FieldId, Kind as FieldKind, required_fields};
use crate::model::finding::{Code, Finding, Severity};
use crate::model::phone::Phone;
use crate::model::record::{MAX_RECORD, Record, Value, Values, ValuesRef, same};
use crate::model::settings::Reading;
use crate::report::brief;

/// What a person typed for one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// A contact or an organization.
    pub entity: Entity,
    /// Its Contact ID or Account ID; of a new record as it was typed.
    pub id: String,
    /// The record as the person saw it; `None` for a new one.
    pub seen: Option<Record>,
    /// The texts of the fields that were touched; an empty one erases the value. The key is not among them.
    pub typed: BTreeMap<FieldId, String>,
    /// How the texts are read.
    pub reading: Reading,
}

/// A value that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// The field.
    pub field: FieldId,
    /// The value before; `None` if there was none.
    pub before: Option<Value>,
    /// The value afterwards; `None` if there is none.
    pub after: Option<Value>,
}

/// What a draft comes to, before the base is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The ID in normal form; empty if it cannot be one.
    pub id: String,
    /// The record afterwards.
    pub put: Put,
    /// The values that change, in the order of the fields.
    pub changes: Vec<ValueChange>,
    /// What there is to say about what was typed; with an error it cannot be saved.
    pub findings: Vec<Finding>,
}

/// What would become of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// It can be saved.
    Ready(Ready),
    /// It cannot: which field, and why.
    Refused(FieldId, String),
    /// The record is not the one that the person saw.
    Stale(Stale),
}

/// A draft that can be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// What it comes to.
    pub checked: Checked,
    /// What the base has to say about it, in sentences.
    pub notes: Vec<String>,
    /// The commit of the base on which this was worked out.
    head: u64,
}

/// A record that changed while a person was typing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The record as it is now; `None` if it is gone.
    pub now: Option<Record>,
    /// What changed it: `import 8, ops, contacts.csv`; empty if it is gone.
    pub by: String,
    /// The values that changed.
    pub changes: Vec<ValueChange>,
}

/// What became of saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is in the base.
    Done(Done),
    /// It is not, because the base is not as it was when the person was asked.
    Not(Review),
}

impl Draft {
    /// Checks what was typed; the base is not asked.
    pub fn check(&self, catalog: &Catalog) -> Checked {
        let stored = self.seen.as_ref().map_or(ValuesRef(&[]), |record| record.values.view());
        let mut checked = Checked::default();
        self.check_id(&mut checked);
        let (row, again) = self.read(stored, catalog);
        let of_typed = |finding: &Finding| finding.field.is_none_or(|field| self.typed.contains_key(&field));
        checked.findings.extend(row.findings.into_iter().filter(of_typed));
        let fields: BTreeSet<FieldId> =
            stored.iter().map(|(field, _)| field).chain(self.typed.keys().copied()).collect();
        let (mut values, mut by_hand) =
            (Values::new(), self.seen.as_ref().map_or_else(BTreeMap::new, |r| r.by_hand.clone()));
        for field in fields {
            let before = stored.get(field).unwrap_or_default();
            let read = row.values.view().get(field).unwrap_or_default();
            let taken = self.typed.contains_key(&field) || again.contains(&field) && Phone::is_valid(read);
            let after = if !taken || same(field, before, read) { before } else { read };
            values.push(field, after);
            if after != before {
                protect(&mut by_hand, field, before, after);
                let value = |payload| Value::decode(field, payload).filter(|_| !payload.is_empty());
                checked.changes.push(ValueChange { field, before: value(before), after: value(after) });
            }
        }
        let manual = self.seen.as_ref().map_or(self.entity == Entity::Organization, |record| record.manual);
        checked.put = Put { values, by_hand, manual };
        self.check_whole(&mut checked);
        checked
    }

    /// The ID of a new record (R1); that of a stored one is not typed.
    fn check_id(&self, checked: &mut Checked) {
        if self.seen.is_some() {
            checked.id.clone_from(&self.id);
            return;
        }
        match typed_id(self.entity, &self.id) {
            Ok(id) if id.is_empty() => {
                checked.findings.push(finding(Some(self.entity.key()), Code::RequiredMissing, ""));
            }
            Ok(id) => checked.id = id,
            Err(found) => checked.findings.push(Finding { field: Some(self.entity.key()), ..*found }),
        }
    }

    /// Reads what was typed, with the stored countries that phones are read by, and, if such a country was typed, the
    /// stored phones that were no valid numbers.
    fn read(&self, stored: ValuesRef<'_>, catalog: &Catalog) -> (TypedRow, Vec<FieldId>) {
        let is_country = |field: FieldId| matches!(field.kind(), FieldKind::PhoneCountry(_) | FieldKind::Country);
        let moved = self.typed.keys().any(|field| is_country(*field));
        let beside = |(field, payload): (FieldId, &[u8])| {
            let phone = field.kind() == FieldKind::Phone && moved && !Phone::is_valid(payload);
            let untouched = !self.typed.contains_key(&field);
            let text = Value::decode(field, payload).filter(|_| untouched && (phone || is_country(field)))?;
            Some((field, editable(field, &text)))
        };
        let beside: Vec<(FieldId, String)> = stored.iter().filter_map(beside).collect();
        let typed = self.typed.iter().map(|(field, text)| (*field, text.as_str()));
        let cells: Vec<(FieldId, &str)> =
            beside.iter().map(|(field, text)| (*field, text.as_str())).chain(typed).collect();
        let again = beside.iter().map(|(field, _)| *field).filter(|field| field.kind() == FieldKind::Phone).collect();
        (typed_row(self.entity, &cells, catalog, &self.reading), again)
    }

    /// R4, and the bound on records.
    fn check_whole(&self, checked: &mut Checked) {
        let values = checked.put.values.view();
        for field in required_fields(self.entity) {
            let said = checked.findings.iter().any(|f| f.field == Some(field) && f.severity == Severity::Error);
            if values.get(field).is_none() && !said {
                checked.findings.push(finding(Some(field), Code::RequiredMissing, ""));
            }
        }
        let by_hand: usize = checked.put.by_hand.values().map(|payload| payload.len() + 8).sum();
        let size = values.0.len() + by_hand + 64;
        if size > MAX_RECORD {
            checked.findings.push(finding(
                None,
                Code::RecordTooLarge,
                &format!("{size} bytes, {MAX_RECORD} are stored"),
            ));
        }
    }
}

/// The text with which a value is typed again: `yes` for a yes, and a phone with its extension.
pub fn editable(field: FieldId, value: &Value) -> String {
    match (value, field.kind()) {
        (Value::Text(text), FieldKind::YesNo | FieldKind::PhoneSms(_)) if text == "true" => "yes".to_owned(),
        (Value::Text(text), FieldKind::YesNo | FieldKind::PhoneSms(_)) if text == "false" => "no".to_owned(),
        (Value::Phone(Phone { typed, number: Err(_), extension: Some(extension) }), _) => {
            format!("{typed} x{extension}")
        }
        (value, _) => value.text(),
    }
}

/// R14: the value is now a person's, unless it is the one that a file last brought.
fn protect(by_hand: &mut BTreeMap<FieldId, Vec<u8>>, field: FieldId, before: &[u8], after: &[u8]) {
    let brought = by_hand.entry(field).or_insert_with(|| before.to_vec());
    if same(field, brought, after) {
        by_hand.remove(&field);
    }
}

fn finding(field: Option<FieldId>, code: Code, detail: &str) -> Finding {
    let (value, detail) = (String::new(), detail.to_owned());
    Finding { row: None, line: 0, column: None, field, code, severity: code.severity(), value, detail }
}

/// Asks the base what would become of a draft without errors.
///
/// # Errors
/// The base cannot be read.
pub fn review(base: &Base, draft: &Draft) -> Result<Review, FlowError> {
    let view = base.view();
    let mut draft = draft.clone();
    let mut notes = Vec::new();
    if draft.seen.is_some() {
        let now = view.get(draft.entity, &draft.id)?;
        if content(now.as_ref()) != content(draft.seen.as_ref()) {
            return Ok(Review::Stale(stale(base, &draft, now)?));
        }
        draft.seen = now;
    }
    let checked = draft.check(view.catalog());
    if let Some(error) = checked.findings.iter().find(|finding| finding.severity == Severity::Error) {
        let field = error.field.unwrap_or(draft.entity.key());
        return Ok(Review::Refused(field, error.message(&view.catalog().label(field))));
    }
    if draft.seen.is_none() {
        if let Some(record) = view.get(draft.entity, &checked.id)? {
            let name = brief::name(draft.entity, record.values.view());
            return Ok(Review::Refused(draft.entity.key(), format!("this ID is taken: {name} has it")));
        }
        notes = about_id(&view, draft.entity, &checked.id)?;
    }
    if let Some(change) = checked.changes.iter().find(|change| change.field == FieldId::ACCOUNT_ID) {
        let after = organization(&view, change.after.as_ref())?;
        if let (Some(Value::Text(account)), None) = (&change.after, &after) {
            let why = format!("there is no organization '{account}'; make it first, or choose another");
            return Ok(Review::Refused(FieldId::ACCOUNT_ID, why));
        }
        notes.push(match (organization(&view, change.before.as_ref())?, after) {
            (Some(before), Some(after)) => format!("Moves from {before} to {after}."),
            (None, Some(after)) => format!("Becomes a member of {after}."),
            (before, None) => format!("Leaves {}.", before.unwrap_or_default()),
        });
    }
    Ok(Review::Ready(Ready { checked, notes, head: view.head().commit }))
}

/// Saves a draft as it was reviewed. Where the base has moved, for instance because an import was being written, it is
/// reviewed again, and written only if the record is still the one that the person saw.
///
/// # Errors
/// As for every commit, cancelled included; the base is then as it was.
pub fn save(base: &Base, draft: &Draft, stamp: &Stamp, cancel: &AtomicBool) -> Result<Saved, FlowError> {
    until_settled(|| {
        let Ready { checked, head, .. } = match review(base, draft)? {
            Review::Ready(ready) => ready,
            other => return Ok(Saved::Not(other)),
        };
        let mut changes = ChangeList::default();
        changes.push(draft.entity, Change { id: checked.id.clone(), line: 0, put: Some(checked.put) });
        let commit = by_hand(base, Kind::Edit, (draft.entity, &checked.id), changes, stamp);
        Ok(Saved::Done(base.commit(head, &commit, &mut |_, _| {}, cancel)?))
    })
}

/// Does an act of a person again as long as others commit between its look at the base and its commit.
pub(super) fn until_settled<T>(mut act: impl FnMut() -> Result<T, FlowError>) -> Result<T, FlowError> {
    loop {
        match act() {
            Err(FlowError::Base(BaseError::Moved { .. })) => {}
            done => return done,
        }
    }
}

/// The commit of an act by which a person changes one record.
pub(super) fn by_hand(
    base: &Base,
    kind: Kind,
    (entity, id): (Entity, &str),
    changes: impl ChangeSource + 'static,
    stamp: &Stamp,
) -> Commit {
    Commit {
        kind,
        when: stamp.when,
        who: stamp.who.clone(),
        details: json!({ "record": entity.noun(), "id": id }).to_string(),
        changes: Box::new(changes),
        catalog: base.catalog(),
        remember: Vec::new(),
        by_hand: true,
    }
}

/// What a person sees of a record; what files last brought is not among it.
fn content(record: Option<&Record>) -> Option<(ValuesRef<'_>, bool)> {
    record.map(|record| (record.values.view(), record.manual))
}

fn stale(base: &Base, draft: &Draft, now: Option<Record>) -> Result<Stale, FlowError> {
    let by = match &now {
        Some(record) => {
            let act = history::act(base, record.changed)?;
            [Some(act.name()), Some(act.who()), act.file().map(str::to_owned)].into_iter().flatten().collect::<Vec<_>>()
        }
        None => Vec::new(),
    };
    let values = |record: Option<&Record>| record.map(|r| r.values.clone()).unwrap_or_default();
    let (before, after) = (values(draft.seen.as_ref()), values(now.as_ref()));
    let fields: BTreeSet<FieldId> = before.view().iter().chain(after.view().iter()).map(|(field, _)| field).collect();
    let change = |field| ValueChange { field, before: before.view().value(field), after: after.view().value(field) };
    let changes = fields.into_iter().map(change).filter(|change| change.before != change.after).collect();
    Ok(Stale { now, by: by.join(", "), changes })
}

/// The name of the organization with that Account ID, if there is one.
fn organization(view: &View, account: Option<&Value>) -> Result<Option<String>, FlowError> {
    let Some(Value::Text(account)) = account else { return Ok(None) };
    let record = view.get(Entity::Organization, account)?;
    Ok(record.map(|record| brief::name(Entity::Organization, record.values.view())))
}

/// What the base knows of an ID that it does not have (R1, R28).
fn about_id(view: &View, entity: Entity, id: &str) -> Result<Vec<String>, FlowError> {
    let mut notes = Vec::new();
    let near = view.near(entity, id)?;
    if !near.is_empty() {
        notes.push(format!("'{}' is stored: check case and leading zeros.", near.join("', '")));
    }
    if view.tombstone(entity, id)?.is_some_and(|stone| stone.by_hand) {
        notes.push(format!("This {} was deleted by hand and comes back.", entity.noun()));
    }
    Ok(notes)
}

#[cfg(test)]
mod tests;
