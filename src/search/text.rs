//! The folded text of one record: what a query is matched against.
//!
//! A record's text is a row of *parts*, each one tag byte below 0x20 and then folded text, in which control characters
//! and runs of white space are one space. The name comes first, so that hits can be ordered without another table.
//! A valid phone is its international digits, then ` x` and the extension; another one its text, then its digits alone.

use std::sync::LazyLock;

use crate::model::fields::{Entity, FIELDS, Field, FieldId, Kind};
use crate::model::phone::Phone;
use crate::model::record::RecordRef;
use crate::model::text::fold;

use super::digits;

/// The tag of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// First, middle and last name of a contact; the name of an organization.
    Name = 1,
    /// The name of a contact's organization.
    Organization,
    /// The record's own ID.
    Id,
    /// The Account ID of a contact's organization.
    Membership,
    /// A valid phone.
    Phone,
    /// A phone that is not valid.
    BadPhone,
    /// An e-mail address.
    Email,
    /// A city.
    City,
    /// The text of any other field.
    Other,
    /// Without text: a person set a value, or made the record.
    Hand,
}

/// A set of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tags(u16);

impl Tags {
    /// Every tag.
    pub const ALL: Tags = Tags(u16::MAX);

    /// The set of these tags.
    pub const fn of(tags: &[Tag]) -> Tags {
        let mut bits = 0;
        let mut at = 0;
        while at < tags.len() {
            bits |= 1 << tags[at] as u16;
            at += 1;
        }
        Tags(bits)
    }

    /// Whether the tag with that byte is in the set.
    pub fn has(self, tag: u8) -> bool {
        self.0 & (1 << tag) != 0
    }
}

/// Whether a byte of folded text is a tag.
pub(super) fn is_tag(byte: u8) -> bool {
    byte < 0x20
}

/// The tag of a field's values; `None` if they are not searched (yes/no answers, and what belongs to a phone).
pub(super) fn tag_of(entity: Entity, field: FieldId) -> Option<Tag> {
    static TAGS: LazyLock<[Vec<Option<Tag>>; 2]> = LazyLock::new(|| {
        [Entity::Contact, Entity::Organization].map(|entity| FIELDS.iter().map(|f| tag_of_field(entity, f)).collect())
    });
    TAGS[entity as usize].get(usize::from(field.0)).copied().unwrap_or(Some(Tag::Other))
}

fn tag_of_field(entity: Entity, field: &Field) -> Option<Tag> {
    Some(match (entity, field.name) {
        (Entity::Contact, "contact.first_name" | "contact.middle_name" | "contact.last_name") => Tag::Name,
        (Entity::Contact, "account.id") => Tag::Membership,
        (Entity::Contact, "account.name") => Tag::Organization,
        (Entity::Organization, "account.name") => Tag::Name,
        (_, "contact.id" | "account.id") => Tag::Id,
        (_, "contact.city" | "account.city") => Tag::City,
        _ => match field.kind {
            Kind::Phone => Tag::Phone,
            Kind::Email => Tag::Email,
            Kind::Extension(_) | Kind::PhoneCountry(_) | Kind::PhoneSms(_) | Kind::YesNo => return None,
            _ => Tag::Other,
        },
    })
}

/// Appends the text of a record. `organization` is the folded name of a contact's organization.
pub(super) fn push_record(
    out: &mut Vec<u8>,
    entity: Entity,
    id: &str,
    record: &RecordRef<'_>,
    organization: Option<&[u8]>,
) {
    push_name(out, entity, record);
    if let Some(name) = organization {
        out.push(Tag::Organization as u8);
        out.extend_from_slice(name);
    }
    push_part(out, Tag::Id, id);
    for (field, payload) in record.values.iter() {
        match tag_of(entity, field) {
            None | Some(Tag::Name) => {}
            Some(Tag::Phone) => push_phone(out, payload),
            Some(tag) => push_part(out, tag, &String::from_utf8_lossy(payload)),
        }
    }
    if record.manual || !record.by_hand.is_empty() {
        out.push(Tag::Hand as u8);
    }
}

/// The name part: the parts of a contact's name as they are shown, or an organization's name.
fn push_name(out: &mut Vec<u8>, entity: Entity, record: &RecordRef<'_>) {
    out.push(Tag::Name as u8);
    for (field, payload) in record.values.iter() {
        if tag_of(entity, field) == Some(Tag::Name) {
            if out.last() != Some(&(Tag::Name as u8)) {
                out.push(b' ');
            }
            push_folded(out, &String::from_utf8_lossy(payload));
        }
    }
}

fn push_part(out: &mut Vec<u8>, tag: Tag, text: &str) {
    out.push(tag as u8);
    push_folded(out, text);
}

fn push_phone(out: &mut Vec<u8>, payload: &[u8]) {
    let Some(phone) = Phone::decode(payload) else { return };
    if let Some(e164) = phone.e164() {
        out.push(Tag::Phone as u8);
        out.extend(e164.bytes().filter(u8::is_ascii_digit));
    } else {
        push_part(out, Tag::BadPhone, &phone.typed);
        let typed = folded(&phone.typed);
        if let Some(digits) = digits::of_phone_text(&typed).filter(|digits| *digits != typed) {
            out.push(b' ');
            out.extend_from_slice(&digits);
        }
    }
    if let Some(extension) = &phone.extension {
        out.extend_from_slice(b" x");
        push_folded(out, extension);
    }
}

/// The folded form of a text, without tags.
pub(super) fn folded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    push_folded(&mut out, text);
    out
}

fn push_folded(out: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        push_spaced(out, text.bytes().map(|b| b.to_ascii_lowercase()));
    } else {
        push_spaced(out, fold(text).bytes());
    }
}

/// Appends bytes; control characters and white space become one space, none at the beginning.
fn push_spaced(out: &mut Vec<u8>, bytes: impl Iterator<Item = u8>) {
    let start = out.len();
    for byte in bytes {
        let space = byte <= b' ' || byte == 0x7f;
        if !space {
            out.push(byte);
        } else if out.len() > start && out.last() != Some(&b' ') {
            out.push(b' ');
        }
    }
}

/// The parts of a record's text: tag and text.
pub(super) fn parts(text: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (tag, after) = rest.split_first()?;
        let end = after.iter().position(|b| is_tag(*b)).unwrap_or(after.len());
        rest = &after[end..];
        Some((*tag, &after[..end]))
    })
}

/// The text of the first part of a record's text: its folded name.
pub(super) fn name(text: &[u8]) -> &[u8] {
    parts(text).next().map_or(&[], |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::phone::PhoneProblem;
    use crate::model::record::{Record, Value, Values};
    use rstest::rstest;
    use uuid::Uuid;

    fn text(entity: Entity, id: &str, values: &[(u16, Value)], organization: Option<&str>) -> String {
        let values: Values = values.iter().map(|(f, v)| (FieldId(*f), v.clone())).collect();
        let record = Record {
            internal: Uuid::nil(),
            created: 1,
            changed: 1,
            line: 2,
            manual: false,
            values,
            by_hand: [].into(),
        };
        let mut out = Vec::new();
        let bytes = record.encode();
        push_record(&mut out, entity, id, &RecordRef::decode(&bytes).unwrap(), organization.map(str::as_bytes));
        String::from_utf8(out).unwrap()
    }

    fn plain(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_contact_is_name_organization_id_and_fields() {
        let valid = Value::Phone(Phone {
            typed: "030 901820".into(),
            number: Ok("+4930901820".into()),
            extension: Some("12".into()),
        });
        let bad = Value::Phone(Phone { typed: "317 555".into(), number: Err(PhoneProblem::TooShort), extension: None });
        let values = [(2, plain("Jürgen")), (4, plain("Groß\r\nmann")), (6, valid), (10, bad), (33, plain("true"))];
        assert_eq!(
            text(Entity::Contact, "C-1", &values, Some("office mart")),
            "\u{1}jurgen gross mann\u{2}office mart\u{3}c-1\u{5}4930901820 x12\u{6}317 555 317555"
        );
    }

    #[test]
    fn an_organization_has_its_name_first() {
        let values = [(35, plain("Office Mart")), (48, plain("Łódź"))];
        assert_eq!(text(Entity::Organization, "A-1", &values, None), "\u{1}office mart\u{3}a-1\u{8}lodz");
    }

    #[rstest]
    #[case("  Ａ  b\u{1}\tC ", "a b c ")]
    #[case("ΟΔΟΣ Ёлка", "οδοσ елка")]
    #[case("東京", "東京")]
    fn folded_text_has_no_control_characters(#[case] typed: &str, #[case] expected: &str) {
        assert_eq!(String::from_utf8(folded(typed)).unwrap(), expected);
    }

    #[test]
    fn parts_are_read_back() {
        assert_eq!(
            parts(b"\x01a b\x03c\x0a").collect::<Vec<_>>(),
            [(1, b"a b".as_slice()), (3, b"c".as_slice()), (10, b"".as_slice())]
        );
        assert_eq!(name(b"\x01a b\x03c"), b"a b");
    }
}
