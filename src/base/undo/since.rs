//! One record, taken back through the commits since the one that is undone.

use std::collections::{BTreeMap, BTreeSet};

use super::Why;
use crate::base::change::Put;
use crate::base::delta::{self, Slot, Slots, What};
use crate::model::fields::FieldId;
use crate::model::record::{Record, RecordRef};

/// The content of a record by fields.
#[derive(Clone, PartialEq)]
pub(super) struct State {
    slots: Slots,
    manual: bool,
}

impl From<Record> for State {
    fn from(record: Record) -> State {
        State { slots: delta::slots(record.values.view(), &record.by_hand), manual: record.manual }
    }
}

impl State {
    /// The content of a stored record.
    pub fn of(record: &RecordRef<'_>) -> State {
        let by_hand = record.by_hand.iter().map(|(field, payload)| (*field, payload.to_vec())).collect();
        State { slots: delta::slots(record.values, &by_hand), manual: record.manual }
    }

    fn slot(&self, field: FieldId) -> Slot {
        self.slots.get(&field).cloned().unwrap_or_default()
    }

    fn set(&mut self, field: FieldId, slot: Slot) {
        if slot == Slot::default() {
            self.slots.remove(&field);
        } else {
            self.slots.insert(field, slot);
        }
    }

    fn into_put(self) -> Put {
        let mut put = Put { manual: self.manual, ..Put::default() };
        for (field, slot) in self.slots {
            put.values.push(field, &slot.value.unwrap_or_default());
            if let Some(by_hand) = slot.by_hand {
                put.by_hand.insert(field, by_hand);
            }
        }
        put
    }
}

/// What a record that no later commit has touched becomes when the commit that did `what` is taken back.
pub(super) fn untouched(record: &RecordRef<'_>, what: What) -> Option<Put> {
    let What::Updated { fields, manual } = what else { return None };
    let mut put = Put { manual: manual[0], ..Put::default() };
    put.by_hand = record.by_hand.iter().map(|(field, payload)| (*field, payload.to_vec())).collect();
    let mut kept = record.values.iter().peekable();
    for change in fields {
        while let Some((field, payload)) = kept.next_if(|(field, _)| *field < change.field) {
            put.values.push(field, payload);
        }
        kept.next_if(|(field, _)| *field == change.field);
        put.values.push(change.field, change.before.value.as_deref().unwrap_or_default());
        match change.before.by_hand {
            Some(payload) => put.by_hand.insert(change.field, payload),
            None => put.by_hand.remove(&change.field),
        };
    }
    for (field, payload) in kept {
        put.values.push(field, payload);
    }
    Some(put)
}

/// What happened to a record since the commit that is taken back.
pub(super) struct Since {
    /// The record right after that commit, as far as later commits are taken back; `None` if there was none.
    then: Option<State>,
    /// The newest commit that changed each field.
    fields: BTreeMap<FieldId, u64>,
    /// The newest one that changed whether the organization is manual.
    manual: Option<u64>,
    /// The newest one that created or deleted the record.
    existence: Option<u64>,
}

/// What a record becomes (nothing changes, it goes, it is put), and what blocks.
type Undone = (Option<Option<Put>>, Vec<(Option<FieldId>, Why)>);

impl Since {
    /// A record as it is now, `None` if there is none, before any later commit is taken back.
    pub fn new(now: Option<State>) -> Since {
        Since { then: now, fields: BTreeMap::new(), manual: None, existence: None }
    }

    /// The record as far as later commits are taken back; `None` if there was none.
    pub fn then(self) -> Option<Put> {
        self.then.map(State::into_put)
    }

    /// Takes a later commit back; the newest comes first.
    pub fn take_back(&mut self, commit: u64, what: What) {
        match what {
            What::Created => {
                self.then = None;
                self.existence.get_or_insert(commit);
            }
            What::Deleted { record } => {
                self.then = Some(State::from(record));
                self.existence.get_or_insert(commit);
            }
            What::Updated { fields, manual } => {
                if manual[0] != manual[1] {
                    self.manual.get_or_insert(commit);
                }
                for change in fields {
                    self.fields.entry(change.field).or_insert(commit);
                    if let Some(then) = &mut self.then {
                        then.set(change.field, change.before);
                    }
                }
                if let Some(then) = &mut self.then {
                    then.manual = manual[0];
                }
            }
        }
    }

    /// What the record becomes when the commit that did `what` is taken back, and what blocks.
    pub fn undo(&self, what: What, now: Option<State>, homeless: bool) -> Undone {
        match (what, now, &self.then) {
            (What::Created, Some(now), Some(then)) => {
                let blockers = self.differences(then, &now);
                (blockers.is_empty().then_some(None), blockers)
            }
            (What::Deleted { record }, None, _) if homeless => {
                let gone = record.values.view().text(FieldId::ACCOUNT_ID).unwrap_or_default().to_owned();
                (None, vec![(Some(FieldId::ACCOUNT_ID), Why::OrganizationGone(gone))])
            }
            (What::Deleted { record }, None, _) => (Some(Some(Put::from(record))), Vec::new()),
            (What::Updated { fields, manual }, Some(now), Some(then)) => {
                let mut undone = now.clone();
                let mut blockers = Vec::new();
                for change in fields {
                    let field = change.field;
                    if then.slot(field) != now.slot(field) {
                        blockers.push((Some(field), self.changed(Some(field))));
                    } else if homeless && field == FieldId::ACCOUNT_ID {
                        let gone = String::from_utf8_lossy(&change.before.value.unwrap_or_default()).into_owned();
                        blockers.push((Some(field), Why::OrganizationGone(gone)));
                    } else {
                        undone.set(field, change.before);
                    }
                }
                if manual[0] != manual[1] && then.manual != now.manual {
                    blockers.push((None, self.changed(None)));
                } else if manual[0] != manual[1] {
                    undone.manual = manual[0];
                }
                ((undone != now).then(|| Some(undone.into_put())), blockers)
            }
            _ => (None, vec![(None, self.changed(None))]),
        }
    }

    fn differences(&self, then: &State, now: &State) -> Vec<(Option<FieldId>, Why)> {
        let fields: BTreeSet<FieldId> = then.slots.keys().chain(now.slots.keys()).copied().collect();
        let differ = fields.into_iter().filter(|field| then.slot(*field) != now.slot(*field)).map(Some);
        let manual = (then.manual != now.manual).then_some(None);
        differ.chain(manual).map(|field| (field, self.changed(field))).collect()
    }

    /// The commit that changed a field, or the record as such.
    fn changed(&self, field: Option<FieldId>) -> Why {
        let by_field = field.and_then(|field| self.fields.get(&field).copied());
        let commit = if field.is_some() { by_field.or(self.existence) } else { self.existence.or(self.manual) };
        Why::ChangedBy(commit.unwrap_or_default())
    }
}
