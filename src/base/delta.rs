//! What a commit changed in one record, with enough to restore it exactly.
//!
//! Stored as `line (LEB128) · kind`, then for a deleted record its bytes, for an updated one `manual before · manual after`
//! and for each field `number (LEB128) · which parts follow · the parts`.

use std::collections::BTreeMap;

use crate::model::fields::{Entity, FieldId};
use crate::model::record::{Record, RecordRef, ValuesRef, push_bytes, push_varint, read_bytes, read_varint};

const CREATED: u8 = 0;
const DELETED: u8 = 1;
const UPDATED: u8 = 2;

/// What a commit changed in one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// Whose ID it is.
    pub entity: Entity,
    /// The Contact ID or Account ID.
    pub id: String,
    /// The line of the commit's file; 0 if there was none.
    pub line: u32,
    /// What happened to the record.
    pub what: What,
}

/// What happened to a record, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// See [`What::Created`].
    Created,
    /// See [`What::Updated`].
    Updated,
    /// See [`What::Deleted`].
    Deleted,
}

impl Verb {
    /// Every verb, in the order in which they are told.
    pub const ALL: [Verb; 3] = [Verb::Created, Verb::Updated, Verb::Deleted];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Created => "created",
            Verb::Updated => "updated",
            Verb::Deleted => "deleted",
        }
    }
}

/// What happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was created. Its values are those it has now, less what later commits changed.
    Created,
    /// It was deleted.
    Deleted {
        /// As it was.
        record: Record,
    },
    /// Fields were changed.
    Updated {
        /// The fields, in ascending order.
        fields: Vec<FieldChange>,
        /// [`Record::manual`] before and after.
        manual: [bool; 2],
    },
}

impl What {
    /// What happened, in a word.
    pub fn verb(&self) -> Verb {
        match self {
            What::Created => Verb::Created,
            What::Deleted { .. } => Verb::Deleted,
            What::Updated { .. } => Verb::Updated,
        }
    }
}

/// What a commit changed in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: FieldId,
    /// Before the commit.
    pub before: Slot,
    /// After the commit.
    pub after: Slot,
}

/// All that the base knows of a field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slot {
    /// The payload of its value.
    pub value: Option<Vec<u8>>,
    /// If a person set the value: the payload last brought by a file, empty if none was (R14).
    pub by_hand: Option<Vec<u8>>,
}

/// The fields of a record by number.
pub type Slots = BTreeMap<FieldId, Slot>;

/// The slots of a record.
pub fn slots(values: ValuesRef<'_>, by_hand: &BTreeMap<FieldId, Vec<u8>>) -> Slots {
    let mut slots = Slots::new();
    for (field, payload) in values.iter() {
        slots.entry(field).or_default().value = Some(payload.to_vec());
    }
    for (field, payload) in by_hand {
        slots.entry(*field).or_default().by_hand = Some(payload.clone());
    }
    slots
}

/// The stored form of [`What::Created`].
pub fn encode_created(out: &mut Vec<u8>, line: u32) {
    push_varint(out, u64::from(line));
    out.push(CREATED);
}

/// The stored form of [`What::Deleted`].
pub fn encode_deleted(out: &mut Vec<u8>, line: u32, record: &[u8]) {
    push_varint(out, u64::from(line));
    out.push(DELETED);
    out.extend_from_slice(record);
}

/// The content of a record, borrowed.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    /// See [`Record::values`].
    pub values: ValuesRef<'a>,
    /// See [`Record::by_hand`], in ascending order.
    pub by_hand: &'a [(FieldId, &'a [u8])],
    /// See [`Record::manual`].
    pub manual: bool,
}

/// The stored form of [`What::Updated`]; `false`, and nothing is written, if the contents are equal.
pub fn encode_updated(out: &mut Vec<u8>, line: u32, before: Content<'_>, after: Content<'_>) -> bool {
    if before.values == after.values && before.by_hand == after.by_hand && before.manual == after.manual {
        return false;
    }
    push_varint(out, u64::from(line));
    out.extend_from_slice(&[UPDATED, u8::from(before.manual), u8::from(after.manual)]);
    let (mut old, mut new) = (before.values.iter().peekable(), after.values.iter().peekable());
    let (mut old_hand, mut new_hand) = (before.by_hand.iter().peekable(), after.by_hand.iter().peekable());
    loop {
        let heads = [old.peek().map(|(f, _)| *f), new.peek().map(|(f, _)| *f)];
        let hands = [old_hand.peek().map(|(f, _)| *f), new_hand.peek().map(|(f, _)| *f)];
        let Some(field) = heads.into_iter().chain(hands).flatten().min() else { return true };
        let before = [
            old.next_if(|(f, _)| *f == field).map(|(_, p)| p),
            old_hand.next_if(|(f, _)| *f == field).map(|(_, p)| *p),
        ];
        let after = [
            new.next_if(|(f, _)| *f == field).map(|(_, p)| p),
            new_hand.next_if(|(f, _)| *f == field).map(|(_, p)| *p),
        ];
        if before != after {
            encode_field(out, field, [before[0], before[1], after[0], after[1]]);
        }
    }
}

fn encode_field(out: &mut Vec<u8>, field: FieldId, parts: [Option<&[u8]>; 4]) {
    push_varint(out, u64::from(field.0));
    out.push(parts.iter().enumerate().map(|(n, part)| u8::from(part.is_some()) << n).sum());
    for part in parts.into_iter().flatten() {
        push_bytes(out, part);
    }
}

/// What the delta of stored bytes did; `None` if they are damaged. Much cheaper than the delta.
pub fn verb(mut bytes: &[u8]) -> Option<Verb> {
    read_varint(&mut bytes)?;
    match *bytes.first()? {
        CREATED => Some(Verb::Created),
        DELETED => Some(Verb::Deleted),
        UPDATED => Some(Verb::Updated),
        _ => None,
    }
}

/// The delta of stored bytes; `None` if they are damaged.
pub fn decode(entity: Entity, id: &str, mut bytes: &[u8]) -> Option<Delta> {
    let line = u32::try_from(read_varint(&mut bytes)?).ok()?;
    let (kind, mut rest) = bytes.split_first()?;
    let what = match *kind {
        CREATED => What::Created,
        DELETED => What::Deleted { record: Record::decode(rest)? },
        UPDATED => {
            let ([before, after], fields) = rest.split_first_chunk::<2>()?;
            rest = fields;
            let mut fields = Vec::new();
            while !rest.is_empty() {
                fields.push(decode_field(&mut rest)?);
            }
            What::Updated { fields, manual: [*before == 1, *after == 1] }
        }
        _ => return None,
    };
    Some(Delta { entity, id: id.to_owned(), line, what })
}

fn decode_field(rest: &mut &[u8]) -> Option<FieldChange> {
    let field = FieldId(u16::try_from(read_varint(rest)?).ok()?);
    let (which, after) = rest.split_first()?;
    *rest = after;
    let mut parts = [None, None, None, None];
    for (n, part) in parts.iter_mut().enumerate() {
        if which & 1 << n != 0 {
            *part = Some(read_bytes(rest)?.to_vec());
        }
    }
    let [value, by_hand, value_after, by_hand_after] = parts;
    Some(FieldChange {
        field,
        before: Slot { value, by_hand },
        after: Slot { value: value_after, by_hand: by_hand_after },
    })
}

/// The content of a stored record.
pub fn content<'a>(record: &'a RecordRef<'a>) -> Content<'a> {
    Content { values: record.values, by_hand: &record.by_hand, manual: record.manual }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::{Value, Values};
    use proptest::prelude::*;

    fn values(texts: &BTreeMap<u16, String>) -> Values {
        texts.iter().map(|(n, text)| (FieldId(*n), Value::Text(text.clone()))).collect()
    }

    proptest! {
        #[test]
        fn an_update_read_back_leads_from_before_to_after_and_back(
            old in proptest::collection::btree_map(0u16..9, "[a-c]{1,3}", 0..6),
            new in proptest::collection::btree_map(0u16..9, "[a-c]{1,3}", 0..6),
            old_hand in proptest::collection::btree_map((0u16..9).prop_map(FieldId), proptest::collection::vec(0u8..2, 0..2), 0..3),
            new_hand in proptest::collection::btree_map((0u16..9).prop_map(FieldId), proptest::collection::vec(0u8..2, 0..2), 0..3),
        ) {
            let (old, new) = (values(&old), values(&new));
            let [old_list, new_list] = [&old_hand, &new_hand].map(|hand| hand.iter().map(|(f, p)| (*f, p.as_slice())).collect::<Vec<_>>());
            let before = Content { values: old.view(), by_hand: &old_list, manual: false };
            let after = Content { values: new.view(), by_hand: &new_list, manual: true };
            let mut bytes = Vec::new();
            prop_assert!(encode_updated(&mut bytes, 3, before, after));
            let delta = decode(Entity::Contact, "C", &bytes).unwrap();
            prop_assert_eq!(verb(&bytes), Some(delta.what.verb()));
            let What::Updated { fields, manual } = delta.what else { panic!() };
            prop_assert_eq!(manual, [false, true]);
            let (old, new) = (slots(old.view(), &old_hand), slots(new.view(), &new_hand));
            for n in 0..9 {
                let (before, after) = (old.get(&FieldId(n)), new.get(&FieldId(n)));
                match fields.iter().find(|change| change.field.0 == n) {
                    Some(change) => {
                        prop_assert_eq!(&change.before, &before.cloned().unwrap_or_default());
                        prop_assert_eq!(&change.after, &after.cloned().unwrap_or_default());
                    }
                    None => prop_assert_eq!(before, after),
                }
            }
        }

        #[test]
        fn damaged_bytes_never_panic(bytes: Vec<u8>) {
            let decoded = decode(Entity::Contact, "C", &bytes);
            prop_assert!(decoded.is_none_or(|delta| verb(&bytes) == Some(delta.what.verb())));
        }
    }
}
