//! The values of a contact or an organization, and the record that the base keeps.
//!
//! Values travel and rest in one flat form, so that a million rows need no million allocations:
//! `field number (u16 LE) · length (LEB128) · payload`, sorted by field number. Empty cells have no entry.
//! The payload of a phone field is [`Phone::encode`]'s; every other field's is its text in normal form.
//! The key of the record is not among its values. The Account ID among a contact's values is its membership.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::{FieldId, Kind};
use super::phone::Phone;

/// A value as people and JSON see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Text in normal form; numbers as digits, yes/no as `true` or `false`, lists joined by `;`.
    Text(String),
    /// A phone.
    Phone(Phone),
}

impl Value {
    /// Its payload in the flat form.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Value::Text(text) => text.as_bytes().to_vec(),
            Value::Phone(phone) => phone.encode(),
        }
    }

    /// The value of a payload; `None` if the bytes are not one.
    pub fn decode(field: FieldId, payload: &[u8]) -> Option<Value> {
        match field.kind() {
            Kind::Phone => Phone::decode(payload).map(Value::Phone),
            _ => std::str::from_utf8(payload).ok().map(|text| Value::Text(text.to_owned())),
        }
    }

    /// The text a person typed or would type.
    pub fn text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Phone(phone) => phone.shown(),
        }
    }
}

/// Whether two payloads of a field are equal by R6: phones by E.164 and extension, lists as sets, other text as it is.
pub fn same(field: FieldId, a: &[u8], b: &[u8]) -> bool {
    a == b
        || match field.kind() {
            Kind::Phone => Phone::key(a) == Phone::key(b),
            Kind::List => list_items(a) == list_items(b),
            _ => false,
        }
}

/// Appends the canonical form of a payload: equal for two payloads exactly if [`same`] says so.
pub fn canonical(field: FieldId, payload: &[u8], out: &mut Vec<u8>) {
    match field.kind() {
        Kind::Phone => out.extend_from_slice(Phone::key(payload)),
        Kind::List => {
            for item in list_items(payload) {
                out.extend_from_slice(item);
                out.push(b';');
            }
        }
        _ => out.extend_from_slice(payload),
    }
}

fn list_items(payload: &[u8]) -> BTreeSet<&[u8]> {
    payload.split(|b| *b == b';').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty()).collect()
}

/// The values of one record in the flat form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Values(Vec<u8>);

impl Values {
    /// Values without an entry.
    pub fn new() -> Values {
        Values::default()
    }

    /// Takes over bytes in the flat form. Damaged bytes read as if they ended at the damage.
    pub fn from_bytes(bytes: Vec<u8>) -> Values {
        Values(bytes)
    }

    /// The flat form.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Borrowed.
    pub fn view(&self) -> ValuesRef<'_> {
        ValuesRef(&self.0)
    }

    /// Appends an entry. Fields must come in ascending order, each once; an empty payload is not stored.
    pub fn push(&mut self, field: FieldId, payload: &[u8]) {
        debug_assert!(self.view().iter().last().is_none_or(|(last, _)| last < field));
        push_entry(&mut self.0, field, payload);
    }

    /// Removes every entry but keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl FromIterator<(FieldId, Value)> for Values {
    fn from_iter<I: IntoIterator<Item = (FieldId, Value)>>(entries: I) -> Values {
        let sorted: BTreeMap<FieldId, Value> = entries.into_iter().collect();
        let mut values = Values::new();
        for (field, value) in sorted {
            values.push(field, &value.encode());
        }
        values
    }
}

/// Appends one entry of the flat form; an empty payload is left out.
pub fn push_entry(out: &mut Vec<u8>, field: FieldId, payload: &[u8]) {
    if payload.is_empty() {
        return;
    }
    out.extend_from_slice(&field.0.to_le_bytes());
    push_varint(out, payload.len() as u64);
    out.extend_from_slice(payload);
}

/// Values in the flat form, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValuesRef<'a>(pub &'a [u8]);

impl<'a> ValuesRef<'a> {
    /// The entries in ascending order of their fields.
    pub fn iter(self) -> Entries<'a> {
        Entries(self.0)
    }

    /// The payload of a field.
    pub fn get(self, field: FieldId) -> Option<&'a [u8]> {
        self.iter().take_while(|(f, _)| *f <= field).find(|(f, _)| *f == field).map(|(_, payload)| payload)
    }

    /// The text of a field that is not a phone.
    pub fn text(self, field: FieldId) -> Option<&'a str> {
        self.get(field).and_then(|payload| std::str::from_utf8(payload).ok())
    }

    /// The value of a field.
    pub fn value(self, field: FieldId) -> Option<Value> {
        self.get(field).and_then(|payload| Value::decode(field, payload))
    }

    /// Whether there is no entry.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Owned.
    pub fn to_owned(self) -> Values {
        Values(self.0.to_vec())
    }
}

/// The entries of [`ValuesRef`].
#[derive(Debug, Clone)]
pub struct Entries<'a>(&'a [u8]);

impl<'a> Iterator for Entries<'a> {
    type Item = (FieldId, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (number, rest) = self.0.split_first_chunk::<2>()?;
        let mut rest = rest;
        let len = usize::try_from(read_varint(&mut rest)?).ok()?;
        let (payload, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some((FieldId(u16::from_le_bytes(*number)), payload))
    }
}

/// Appends a number in LEB128.
pub fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a LEB128 number off the front; `None` if the bytes end within it or it needs over 64 bits.
pub fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Appends a length in LEB128 and the bytes.
pub fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    push_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes bytes written by [`push_bytes`] off the front.
pub fn read_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(read_varint(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}

/// A record as the base keeps it; its ID is the key under which it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The internal ID (R2): UUID v7, made at the commit that created the record, never changed.
    pub internal: Uuid,
    /// The commit that created the record.
    pub created: u64,
    /// The commit that last changed a value.
    pub changed: u64,
    /// The line of that commit's file; 0 if a person did it.
    pub line: u32,
    /// Whether a person made this organization (R13).
    pub manual: bool,
    /// The present values.
    pub values: Values,
    /// For each field whose present value a person set: the payload last brought by a file; empty if none was (R14).
    pub by_hand: BTreeMap<FieldId, Vec<u8>>,
}

/// The greatest size of a stored record in bytes. Larger ones are refused with [`super::finding::Code::RecordTooLarge`].
pub const MAX_RECORD: usize = 24 * 1024;

impl Record {
    /// The bytes that the base stores: a version byte, then the fields in the order of the struct.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.values.as_bytes().len() + 40);
        encode_record(
            &mut out,
            self.internal,
            [self.created, self.changed],
            self.line,
            self.manual,
            &self.by_hand,
            self.values.view(),
        );
        out
    }

    /// The record of stored bytes; `None` if they are damaged or of a newer version.
    pub fn decode(bytes: &[u8]) -> Option<Record> {
        let view = RecordRef::decode(bytes)?;
        Some(Record {
            internal: view.internal,
            created: view.created,
            changed: view.changed,
            line: view.line,
            manual: view.manual,
            values: view.values.to_owned(),
            by_hand: view.by_hand.iter().map(|(f, p)| (*f, p.to_vec())).collect(),
        })
    }
}

/// Appends the stored form of a record; see [`Record::encode`].
pub fn encode_record(
    out: &mut Vec<u8>,
    internal: Uuid,
    [created, changed]: [u64; 2],
    line: u32,
    manual: bool,
    by_hand: &BTreeMap<FieldId, Vec<u8>>,
    values: ValuesRef<'_>,
) {
    out.push(1);
    out.push(u8::from(manual));
    out.extend_from_slice(internal.as_bytes());
    push_varint(out, created);
    push_varint(out, changed);
    push_varint(out, u64::from(line));
    push_varint(out, by_hand.len() as u64);
    for (field, payload) in by_hand {
        push_varint(out, u64::from(field.0));
        push_bytes(out, payload);
    }
    out.extend_from_slice(values.0);
}

/// A stored record, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// See [`Record::internal`].
    pub internal: Uuid,
    /// See [`Record::created`].
    pub created: u64,
    /// See [`Record::changed`].
    pub changed: u64,
    /// See [`Record::line`].
    pub line: u32,
    /// See [`Record::manual`].
    pub manual: bool,
    /// See [`Record::by_hand`]; nearly always empty.
    pub by_hand: Vec<(FieldId, &'a [u8])>,
    /// See [`Record::values`].
    pub values: ValuesRef<'a>,
}

impl<'a> RecordRef<'a> {
    /// The record of stored bytes; `None` if they are damaged or of a newer version.
    pub fn decode(bytes: &'a [u8]) -> Option<RecordRef<'a>> {
        let ([1, manual], mut rest) = bytes.split_first_chunk::<2>()? else { return None };
        let (internal, after) = rest.split_first_chunk::<16>()?;
        rest = after;
        let created = read_varint(&mut rest)?;
        let changed = read_varint(&mut rest)?;
        let line = u32::try_from(read_varint(&mut rest)?).ok()?;
        let hands = read_varint(&mut rest)?;
        let mut by_hand = Vec::new();
        for _ in 0..hands {
            let field = FieldId(u16::try_from(read_varint(&mut rest)?).ok()?);
            by_hand.push((field, read_bytes(&mut rest)?));
        }
        let internal = Uuid::from_bytes(*internal);
        Some(RecordRef { internal, created, changed, line, manual: *manual == 1, by_hand, values: ValuesRef(rest) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(s: &str) -> Value {
        Value::Text(s.to_owned())
    }

    #[test]
    fn values_are_sorted_and_found_by_field() {
        let values: Values = [(FieldId(4), text("Smith")), (FieldId(2), text("Kathryn"))].into_iter().collect();
        assert_eq!(values.view().iter().map(|(f, _)| f.0).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(values.view().text(FieldId(4)), Some("Smith"));
        assert_eq!(values.view().get(FieldId(3)), None);
    }

    #[test]
    fn r06_lists_are_equal_as_sets() {
        let tags = crate::model::fields::by_name("account.tags").unwrap().id;
        assert!(same(tags, b"b;a", b"a; b;a"));
        assert!(!same(tags, b"a", b"a;b"));
    }

    proptest! {
        #[test]
        fn a_stored_record_is_read_back_whole(created in 0u64.., line in 0u32.., manual: bool, first in "\\PC{1,40}", last in "\\PC{1,400}", old in "\\PC{0,9}") {
            let values: Values = [(FieldId(2), text(&first)), (FieldId(4), text(&last))].into_iter().collect();
            let by_hand = BTreeMap::from([(FieldId(4), old.into_bytes())]);
            let record = Record { internal: Uuid::from_u128(7), created, changed: created, line, manual, values, by_hand };
            prop_assert_eq!(Record::decode(&record.encode()), Some(record));
        }

        #[test]
        fn damaged_bytes_never_panic(bytes: Vec<u8>) {
            if let Some(record) = RecordRef::decode(&bytes) {
                for (field, payload) in record.values.iter() {
                    let _ = Value::decode(field, payload);
                }
            }
        }
    }
}
