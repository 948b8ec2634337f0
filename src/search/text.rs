//! The folded text of one record: what a query is matched against.
//!
//! A record's text is a row of *parts*, each one tag byte below 0x20 and then folded text, in which control characters
//! and runs of white space are one space. The *head* has the ID first, then the organization and the name. Nothing in the *rest*
//! can be more than the beginning of a word. A valid phone is a number beside the text; if it has an extension, it is there too,
//! as its international digits, then ` x` and the extension. Another phone is its text, then its digits alone.

use std::sync::LazyLock;

use crate::model::fields::{Entity, FIELDS, Field, FieldId, Kind};
use crate::model::phone::Phone;
use crate::model::record::RecordRef;
use crate::model::text::fold;

use super::digits;
use super::fold::Shared;
use super::numbers;

/// The tag of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// The record's own ID.
    Id = 1,
    /// The Account ID of a contact's organization.
    Membership,
    /// The name of a contact's organization.
    Organization,
    /// First, middle and last name of a contact; the name of an organization.
    Name,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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

    /// The set of the tags in a text.
    pub fn in_text(text: &[u8]) -> Tags {
        Tags(text.iter().filter(|byte| is_tag(**byte)).fold(0, |bits, tag| bits | 1 << tag))
    }

    /// The set as bits, ...
    pub fn bits(self) -> u16 {
        self.0
    }

    /// ... and the other way round.
    pub fn from_bits(bits: u16) -> Tags {
        Tags(bits)
    }

    /// Whether the tag with that byte is in the set.
    pub fn has(self, tag: u8) -> bool {
        // A byte that is a tag is below 32, in a file that somebody changed too.
        u32::from(self.0) & 1 << (tag & 31) != 0
    }

    /// Whether the sets have a tag in common.
    pub fn meet(self, other: Tags) -> bool {
        self.0 & other.0 != 0
    }

    /// The tags of either set.
    pub fn or(self, other: Tags) -> Tags {
        Tags(self.0 | other.0)
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

/// The folded names of organizations by Account ID.
pub(super) type NameOf<'a> = dyn Fn(&str) -> Option<&'a [u8]> + Sync + 'a;

/// Appends the head of a record's text; returns the tags of its parts, and the code of its organization if it has one.
pub(super) fn push_head(
    out: &mut Vec<u8>,
    entity: Entity,
    id: &str,
    record: &RecordRef<'_>,
    shared: &Shared<'_, '_>,
) -> (Tags, u32) {
    let membership = record.values.text(FieldId::ACCOUNT_ID).filter(|_| entity == Entity::Contact);
    let mut tags = Tags::of(&[Tag::Id, Tag::Name]);
    let mut code = 0;
    push_part(out, Tag::Id, id.as_bytes());
    if let Some(account) = membership {
        tags = tags.or(Tags::of(&[Tag::Membership]));
        if let Shared::Coded(coder) = shared {
            code = coder.account(account);
        }
        if code == 0 {
            push_part(out, Tag::Membership, account.as_bytes());
        }
        if let Shared::Plain(names) = shared
            && let Some(name) = names(account)
        {
            out.push(Tag::Organization as u8);
            out.extend_from_slice(name);
        }
    }
    push_name(out, entity, record);
    (tags, code)
}

/// What of records is not in their heads.
#[derive(Debug, Default)]
pub(super) struct Rests {
    pub text: Vec<u8>,
    /// Columns and codes.
    pub codes: Vec<(u16, u16)>,
    /// Valid phones: see [`numbers`].
    pub numbers: Vec<u128>,
}

/// Appends all that is not in the head; returns the tags.
pub(super) fn push_rest(out: &mut Rests, entity: Entity, record: &RecordRef<'_>, shared: &mut Shared<'_, '_>) -> Tags {
    let mut tags = Tags::of(&[]);
    for (field, payload) in record.values.iter() {
        let pushed = match tag_of(entity, field) {
            None | Some(Tag::Name | Tag::Membership) => continue,
            Some(Tag::Phone) => push_phone(out, payload),
            Some(Tag::Email) => push_part(&mut out.text, Tag::Email, payload),
            Some(tag) => {
                let code = if let Shared::Coded(coder) = shared { coder.value(field, tag, payload) } else { None };
                match code {
                    Some(code) => out.codes.push(code),
                    None => _ = push_part(&mut out.text, tag, payload),
                }
                Tags::of(&[tag])
            }
        };
        tags = tags.or(pushed);
    }
    if record.manual || !record.by_hand.is_empty() {
        out.text.push(Tag::Hand as u8);
        tags = tags.or(Tags::of(&[Tag::Hand]));
    }
    tags
}

/// The name part: the parts of a contact's name as they are shown, or an organization's name.
fn push_name(out: &mut Vec<u8>, entity: Entity, record: &RecordRef<'_>) {
    out.push(Tag::Name as u8);
    for (field, payload) in record.values.iter() {
        if tag_of(entity, field) == Some(Tag::Name) {
            if out.last() != Some(&(Tag::Name as u8)) {
                out.push(b' ');
            }
            push_folded(out, payload);
        }
    }
}

/// Appends a part.
pub(super) fn push_part(out: &mut Vec<u8>, tag: Tag, text: &[u8]) -> Tags {
    out.push(tag as u8);
    push_folded(out, text);
    Tags::of(&[tag])
}

fn push_phone(Rests { text: out, numbers, .. }: &mut Rests, payload: &[u8]) -> Tags {
    if let Some((e164, extension)) = Phone::valid_parts(payload) {
        let digits = e164.strip_prefix(b"+").unwrap_or(e164);
        let number = numbers::packed(digits);
        numbers.extend(number);
        if number.is_none() || !extension.is_empty() {
            out.push(Tag::Phone as u8);
            out.extend_from_slice(digits);
            push_extension(out, extension);
        }
        return Tags::of(&[Tag::Phone]);
    }
    let Some(phone) = Phone::decode(payload) else { return Tags::of(&[]) };
    let tags = push_part(out, Tag::BadPhone, phone.typed.as_bytes());
    let typed = folded(&phone.typed);
    if let Some(digits) = digits::of_phone_text(&typed).filter(|digits| *digits != typed) {
        out.push(b' ');
        out.extend_from_slice(&digits);
    }
    push_extension(out, phone.extension.unwrap_or_default().as_bytes());
    tags
}

fn push_extension(out: &mut Vec<u8>, extension: &[u8]) {
    if !extension.is_empty() {
        out.extend_from_slice(b" x");
        push_folded(out, extension);
    }
}

/// The folded form of a text, without tags.
pub(super) fn folded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    push_folded(&mut out, text.as_bytes());
    out
}

/// Appends the folded form of a text; control characters and white space become one space, none at the beginning.
fn push_folded(out: &mut Vec<u8>, text: &[u8]) {
    let start = out.len();
    out.extend(text.iter().map(u8::to_ascii_lowercase));
    // Nearly every text is done with that.
    let mut before = b' ';
    let plain = out[start..].iter().all(|byte| {
        let two_spaces = *byte == b' ' && before == b' ';
        before = *byte;
        matches!(byte, b' '..=b'~') && !two_spaces
    });
    if !plain {
        out.truncate(start);
        push_folded_slowly(out, &String::from_utf8_lossy(text));
    }
}

fn push_folded_slowly(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    for c in text.chars() {
        if c <= ' ' || c == '\x7f' || (!c.is_ascii() && c.is_whitespace()) || c.is_control() {
            if out.len() > start && out.last() != Some(&b' ') {
                out.push(b' ');
            }
        } else if c.is_ascii() {
            out.push(c.to_ascii_lowercase() as u8);
        } else {
            push_folded_char(out, c);
        }
    }
}

/// Folding goes character by character, so that the common ones can be kept ready: Latin, Greek, Cyrillic.
fn push_folded_char(out: &mut Vec<u8>, c: char) {
    static READY: LazyLock<Vec<Box<str>>> =
        LazyLock::new(|| ('\0'..'\u{600}').map(|c| fold_char(c).into_boxed_str()).collect());
    match READY.get(c as usize) {
        Some(folded) => out.extend_from_slice(folded.as_bytes()),
        // Chinese characters have no other form.
        None if matches!(c, '\u{4e00}'..='\u{9fff}') => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(fold_char(c).as_bytes()),
    }
}

/// Compatibility forms may bring spaces of their own; none of them is a control character.
fn fold_char(c: char) -> String {
    fold(c.encode_utf8(&mut [0; 4]))
}

/// The parts of a record's text: tag and text.
pub(super) fn parts(text: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (tag, after) = rest.split_first()?;
        let part = until_tag(after);
        rest = &after[part.len()..];
        Some((*tag, part))
    })
}

/// The bytes before the next tag.
pub(super) fn until_tag(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|b| is_tag(*b)).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::phone::PhoneProblem;
    use crate::model::record::{Record, Value, Values};
    use proptest::prelude::*;
    use rstest::rstest;
    use uuid::Uuid;

    /// The text, and the numbers after it.
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
        let record = RecordRef::decode(&bytes).unwrap();
        let names = |_: &str| organization.map(str::as_bytes);
        let mut shared = Shared::Plain(&names);
        let (head, _) = push_head(&mut out, entity, id, &record, &shared);
        let mut rests = Rests::default();
        let tags = head.or(push_rest(&mut rests, entity, &record, &mut shared));
        out.extend(rests.text);
        let is_number = |tag: u8| tag == Tag::Phone as u8 && !rests.numbers.is_empty();
        let told =
            |tag: &u8| *tag == Tag::Organization as u8 || tags.has(*tag) == (out.contains(tag) || is_number(*tag));
        assert!((1..=10).all(|tag| told(&tag)), "every tag that a condition asks for is told");
        for number in rests.numbers {
            out.push(b'+');
            out.extend(numbers::unpacked(number));
        }
        String::from_utf8(out).unwrap()
    }

    fn plain(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_contact_is_name_organization_id_and_fields() {
        let valid = |extension| {
            let (typed, number) = ("030 901820".into(), Ok("+4930901820".into()));
            Value::Phone(Phone { typed, number, extension })
        };
        let bad = Value::Phone(Phone { typed: "317 555".into(), number: Err(PhoneProblem::TooShort), extension: None });
        let values = [
            (2, plain("Jürgen")),
            (4, plain("Groß\r\nmann")),
            (6, valid(Some("12".into()))),
            (14, valid(None)),
            (10, bad),
            (33, plain("true")),
            (34, plain("A-7")),
        ];
        assert_eq!(
            text(Entity::Contact, "C-1", &values, Some("office mart")),
            "\u{1}c-1\u{2}a-7\u{3}office mart\u{4}jurgen gross mann\u{5}4930901820 x12\u{6}317 555 317555+4930901820+4930901820"
        );
    }

    #[test]
    fn an_organization_is_id_name_and_fields() {
        let values = [(35, plain("Office Mart")), (48, plain("Łódź"))];
        assert_eq!(text(Entity::Organization, "A-1", &values, None), "\u{1}a-1\u{4}office mart\u{8}lodz");
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
        let text = b"\x01c\x03a b\x05123\x06x\x0a";
        let expected: [(u8, &[u8]); 5] = [(1, b"c"), (3, b"a b"), (5, b"123"), (6, b"x"), (10, b"")];
        assert_eq!(parts(text).collect::<Vec<_>>(), expected);
    }

    proptest! {
        #[test]
        fn folding_here_is_folding_everywhere(typed in "\\PC{0,20}") {
            let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let here = String::from_utf8(folded(&typed)).unwrap();
            prop_assert_eq!(spaced(&here), spaced(&fold(&typed)));
            prop_assert!(!here.bytes().any(is_tag));
        }
    }
}
