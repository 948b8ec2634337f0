//! One record of the file meets one record of the base: what would be stored, and what that does to people's data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conflict::Fingerprint;
use super::decision::{Consent, Resolved};
use super::doubt::hand_edit;
use crate::model::columns::MANUAL;
use crate::model::fields::{Entity, FIELDS, FieldId, Kind, required_fields};
use crate::model::finding::Code;
use crate::model::phone::Phone;
use crate::model::record::{RecordRef, Value, Values, ValuesRef, same};
use crate::model::settings::{Blank, HandEdits, Merging};

/// A set of fields that is cheap to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet(Vec<u64>);

impl FieldSet {
    /// Whether the field is in the set.
    pub fn contains(&self, field: FieldId) -> bool {
        let (word, bit) = (usize::from(field.0 / 64), field.0 % 64);
        self.0.get(word).is_some_and(|w| w >> bit & 1 == 1)
    }
}

impl FromIterator<FieldId> for FieldSet {
    fn from_iter<I: IntoIterator<Item = FieldId>>(fields: I) -> FieldSet {
        let mut set = FieldSet::default();
        for field in fields {
            let (word, bit) = (usize::from(field.0 / 64), field.0 % 64);
            if set.0.len() <= word {
                set.0.resize(word + 1, 0);
            }
            set.0[word] |= 1 << bit;
        }
        set
    }
}

/// What an import does to the values of records, besides setting them (the blast radius of `ux.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Effects {
    /// Values erased under the blank policy `clear`.
    pub values_erased: u32,
    /// Stored valid phones kept against invalid ones (R18).
    pub phones_kept: u32,
    /// Values set by hand kept against the file's (R14).
    pub hand_edits_kept: u32,
    /// Values set by hand overwritten by the file's.
    pub hand_edits_overwritten: u32,
    /// Organizations whose name changes.
    pub renamed: u32,
    /// Contacts that get an organization for the first time.
    pub joined: u32,
    /// Contacts that move to another organization.
    pub moved: u32,
}

/// What a person said to a hand edit of a field (R14); the fingerprint is that of [`hand_edit`].
pub type Consents<'a> = dyn Fn(FieldId, Fingerprint) -> Option<Consent> + 'a;

/// Something to say about a field of the record, or about the record.
pub type Remark = (Code, FieldId, String, String);

/// What a record of the file and a record of the base make together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// The values to store.
    pub values: Values,
    /// For each value set by hand, the payload last brought by a file (R14).
    pub by_hand: BTreeMap<FieldId, Vec<u8>>,
    /// Whether an organization is one that a person made (R13).
    pub manual: bool,
    /// Whether a value differs from the base's. `by_hand` may differ though no value does.
    pub changed: bool,
    /// What happens to people's data.
    pub effects: Effects,
    /// Findings (code, field, value, detail).
    pub remarks: Vec<Remark>,
    /// The values set by hand against which the file brings another one, each with what a person said to that.
    pub hand_edits: Vec<(FieldId, Option<Consent>)>,
}

/// How the records of one import are merged.
#[derive(Debug, Clone)]
pub struct Merger {
    /// Whose records.
    pub entity: Entity,
    /// The fields for which the file has a column (R11); for contacts also `account.id`.
    pub columns: FieldSet,
    /// The settings.
    pub merging: Merging,
}

impl Merger {
    /// What `incoming` and the stored record make. `consent` tells what a person said to a hand edit; see [`hand_edit`].
    pub fn merge(&self, incoming: &Resolved, base: Option<&RecordRef<'_>>, consent: &Consents<'_>) -> Merged {
        let mut merged = Merged::default();
        let Some(base) = base else {
            merged.manual = incoming.values.view().text(FieldId::ORIGIN) == Some(MANUAL);
            merged.values = without_origin(&incoming.values);
            merged.by_hand = incoming.typed.clone();
            merged.changed = true;
            merged.effects.joined = u32::from(self.membership(merged.values.view()).is_some());
            return merged;
        };
        merged.manual = base.manual;
        if base.by_hand.is_empty() && incoming.typed.is_empty() && base.values == incoming.values.view() {
            merged.values = incoming.values.clone();
            return merged;
        }
        merged.by_hand = base.by_hand.iter().map(|(f, p)| (*f, p.to_vec())).collect();
        let fields = union(base.values, incoming.values.view()).filter(|(field, _, _)| *field != FieldId::ORIGIN);
        for (field, stored, brought) in fields {
            let kept = if incoming.from_base.contains(&field) {
                stored
            } else {
                self.field(&mut merged, field, [stored, brought], incoming, consent)
            };
            if let Some(payload) = kept {
                merged.values.push(field, payload);
            }
            merged.changed |= kept != stored;
        }
        merged.by_hand.retain(|field, _| !self.agrees_on_nothing(*field, base, incoming));
        self.note_membership(&mut merged, base);
        let name = FieldId(FieldId::ACCOUNT_ID.0 + 1);
        merged.effects.renamed =
            u32::from(self.entity == Entity::Organization && merged.values.view().get(name) != base.values.get(name));
        merged
    }

    /// The payload that the field has afterwards.
    fn field<'a>(
        &self,
        merged: &mut Merged,
        field: FieldId,
        [stored, brought]: [Option<&'a [u8]>; 2],
        incoming: &Resolved,
        consent: &Consents<'_>,
    ) -> Option<&'a [u8]> {
        if let Some(instead) = incoming.typed.get(&field) {
            let last = merged.by_hand.entry(field).or_default();
            if !instead.is_empty() {
                last.clone_from(instead);
            }
            let equal = both(stored, brought).is_some_and(|(s, b)| same(field, s, b));
            return if equal { stored } else { brought };
        }
        if brought.is_none() && !self.erases(field) {
            return stored;
        }
        if both(stored, brought).is_some_and(|(s, b)| same(field, s, b)) || stored == brought {
            merged.by_hand.remove(&field);
            return stored;
        }
        if merged.by_hand.contains_key(&field) {
            return self.against_hand(merged, field, stored, brought, consent);
        }
        if self.lacks_only_extension(field, stored, brought) {
            return stored;
        }
        let worse_phone = field.kind() == Kind::Phone
            && both(stored, brought).is_some_and(|(s, b)| Phone::is_valid(s) && !Phone::is_valid(b));
        if worse_phone && !self.merging.replace_valid_phones {
            merged.effects.phones_kept += 1;
            merged.remarks.push((Code::PhoneKept, field, shown(field, brought), shown(field, stored)));
            return stored;
        }
        merged.effects.values_erased += u32::from(brought.is_none());
        brought
    }

    /// R14: whether a person left a field empty, and an empty cell of the file now says the same.
    fn agrees_on_nothing(&self, field: FieldId, base: &RecordRef<'_>, incoming: &Resolved) -> bool {
        self.erases(field)
            && base.values.get(field).is_none()
            && incoming.values.view().get(field).is_none()
            && !incoming.from_base.contains(&field)
            && !incoming.typed.contains_key(&field)
    }

    /// R11: whether an empty cell of the file erases the field.
    pub(super) fn erases(&self, field: FieldId) -> bool {
        self.merging.blank == Blank::Clear && self.columns.contains(field) && !self.requires(field)
    }

    /// R11: whether the file brings the stored number, and says nothing of its extension.
    fn lacks_only_extension(&self, field: FieldId, stored: Option<&[u8]>, brought: Option<&[u8]>) -> bool {
        let parts = both(stored.and_then(Phone::valid_parts), brought.and_then(Phone::valid_parts));
        let lacks = parts.is_some_and(|(stored, brought)| stored.0 == brought.0 && brought.1.is_empty());
        let erases = || {
            let column = FIELDS.iter().find(|f| f.kind == Kind::Extension(field));
            self.merging.blank == Blank::Clear && column.is_some_and(|column| self.columns.contains(column.id))
        };
        lacks && !erases()
    }

    /// R14: the payload of a field that a person set and for which the file brings another value than the person.
    fn against_hand<'a>(
        &self,
        merged: &mut Merged,
        field: FieldId,
        stored: Option<&'a [u8]>,
        brought: Option<&'a [u8]>,
        consent: &Consents<'_>,
    ) -> Option<&'a [u8]> {
        let last = merged.by_hand.get(&field).cloned().unwrap_or_default();
        if brought.map_or(last.is_empty(), |brought| same(field, brought, &last)) {
            return stored;
        }
        let given = consent(field, hand_edit(field, &last, stored, brought));
        merged.hand_edits.push((field, given));
        let takes = match given {
            Some(consent) => consent == Consent::TakeFile,
            None => self.merging.hand_edits == HandEdits::Overwrite,
        };
        if takes {
            merged.by_hand.remove(&field);
            merged.effects.hand_edits_overwritten += 1;
            merged.effects.values_erased += u32::from(brought.is_none());
            return brought;
        }
        merged.by_hand.insert(field, brought.unwrap_or_default().to_vec());
        merged.effects.hand_edits_kept += 1;
        merged.remarks.push((Code::HandEditKept, field, shown(field, brought), shown(field, stored)));
        stored
    }

    /// R4: whether no empty cell may erase the field. The Account ID of a contact is its membership, which it may lack.
    fn requires(&self, field: FieldId) -> bool {
        required_fields(self.entity).any(|required| required == field)
    }

    fn membership<'a>(&self, values: ValuesRef<'a>) -> Option<&'a [u8]> {
        if self.entity == Entity::Contact { values.get(FieldId::ACCOUNT_ID) } else { None }
    }

    fn note_membership(&self, merged: &mut Merged, base: &RecordRef<'_>) {
        let after = self.membership(merged.values.view());
        match (self.membership(base.values), after) {
            (None, Some(_)) => merged.effects.joined = 1,
            (Some(before), Some(after)) if before != after => merged.effects.moved = 1,
            _ => {}
        }
    }

    /// The required fields that the result lacks (R4). The key is not among the values and never lacks.
    pub fn missing(&self, values: ValuesRef<'_>) -> Vec<FieldId> {
        required_fields(self.entity).filter(|f| values.get(*f).is_none()).collect()
    }
}

/// The origin is no value of a record.
fn without_origin(values: &Values) -> Values {
    if values.view().get(FieldId::ORIGIN).is_none() {
        return values.clone();
    }
    let mut kept = Values::new();
    for (field, payload) in values.view().iter().filter(|(field, _)| *field != FieldId::ORIGIN) {
        kept.push(field, payload);
    }
    kept
}

fn both<T>(a: Option<T>, b: Option<T>) -> Option<(T, T)> {
    a.zip(b)
}

fn shown(field: FieldId, payload: Option<&[u8]>) -> String {
    payload.and_then(|p| Value::decode(field, p)).map_or_else(
        || "(empty)".to_owned(),
        |v| match v {
            Value::Phone(phone) if phone.e164().is_none() => phone.typed,
            value => value.text(),
        },
    )
}

/// Every field of either side, ascending, with both payloads.
fn union<'a>(
    a: ValuesRef<'a>,
    b: ValuesRef<'a>,
) -> impl Iterator<Item = (FieldId, Option<&'a [u8]>, Option<&'a [u8]>)> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    std::iter::from_fn(move || {
        let field = match (a.peek(), b.peek()) {
            (Some((x, _)), Some((y, _))) => *x.min(y),
            (Some((x, _)), None) => *x,
            (None, Some((y, _))) => *y,
            (None, None) => return None,
        };
        let left = a.next_if(|(f, _)| *f == field).map(|(_, p)| p);
        let right = b.next_if(|(f, _)| *f == field).map(|(_, p)| p);
        Some((field, left, right))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::phone::PhoneProblem;
    use rstest::rstest;
    use uuid::Uuid;

    const INDUSTRY: FieldId = FieldId(37);
    const NAME: FieldId = FieldId(35);
    const PHONE: FieldId = FieldId(38);

    /// Nobody has said anything.
    const NOTHING_SAID: fn(FieldId, Fingerprint) -> Option<Consent> = |_, _| None;

    fn values(entries: &[(FieldId, &str)]) -> Values {
        entries.iter().map(|(f, v)| (*f, Value::Text((*v).to_owned()))).collect()
    }

    fn base<'a>(values: &'a Values, by_hand: &[(FieldId, &'a [u8])]) -> RecordRef<'a> {
        let by_hand = by_hand.to_vec();
        RecordRef {
            internal: Uuid::nil(),
            created: 1,
            changed: 1,
            line: 2,
            manual: false,
            by_hand,
            values: values.view(),
        }
    }

    fn merger(merging: Merging) -> Merger {
        let columns = [NAME, INDUSTRY, PHONE].into_iter().collect();
        Merger { entity: Entity::Organization, columns, merging }
    }

    fn brings(entries: &[(FieldId, &str)]) -> Resolved {
        Resolved { values: values(entries), ..Resolved::default() }
    }

    #[rstest]
    #[case(Blank::Keep, Some("Retail"), 0)]
    #[case(Blank::Clear, None, 1)]
    fn r11_an_empty_cell_follows_the_blank_policy(
        #[case] blank: Blank,
        #[case] after: Option<&str>,
        #[case] erased: u32,
    ) {
        let stored = values(&[(NAME, "Office Mart"), (INDUSTRY, "Retail"), (FieldId(48), "Szeged")]);
        let m = merger(Merging { blank, ..Merging::default() });
        let merged = m.merge(&brings(&[(NAME, "Office Mart")]), Some(&base(&stored, &[])), &NOTHING_SAID);
        assert_eq!(merged.values.view().text(INDUSTRY), after);
        assert_eq!(merged.values.view().text(FieldId(48)), Some("Szeged"), "no column, left alone");
        assert_eq!(merged.effects.values_erased, erased);
        assert_eq!(merged.changed, erased > 0);
    }

    #[test]
    fn r04_an_empty_cell_never_erases_a_required_field() {
        let stored = values(&[(NAME, "Office Mart")]);
        let m = merger(Merging { blank: Blank::Clear, ..Merging::default() });
        let merged = m.merge(&brings(&[]), Some(&base(&stored, &[])), &NOTHING_SAID);
        assert_eq!(merged.values.view().text(NAME), Some("Office Mart"));
        assert!(m.missing(merged.values.view()).is_empty());
    }

    #[rstest]
    #[case::same_value_lifts_the_protection("Toys", HandEdits::Keep, "Toys", None, 0)]
    #[case::old_value_is_kept_silently("Retail", HandEdits::Keep, "Toys", Some("Retail"), 0)]
    #[case::another_value_is_listed("Books", HandEdits::Keep, "Toys", Some("Books"), 1)]
    #[case::overwrite("Books", HandEdits::Overwrite, "Books", None, 0)]
    #[case::overwrite_is_no_reason_to_take_an_old_value("Retail", HandEdits::Overwrite, "Toys", Some("Retail"), 0)]
    fn r14_hand_edits(
        #[case] brought: &str,
        #[case] hand_edits: HandEdits,
        #[case] after: &str,
        #[case] last: Option<&str>,
        #[case] kept: u32,
    ) {
        let stored = values(&[(NAME, "Office Mart"), (INDUSTRY, "Toys")]);
        let m = merger(Merging { hand_edits, ..Merging::default() });
        let merged =
            m.merge(&brings(&[(INDUSTRY, brought)]), Some(&base(&stored, &[(INDUSTRY, b"Retail")])), &NOTHING_SAID);
        assert_eq!(merged.values.view().text(INDUSTRY), Some(after));
        assert_eq!(merged.by_hand.get(&INDUSTRY).map(Vec::as_slice), last.map(str::as_bytes));
        assert_eq!(merged.effects.hand_edits_kept, kept);
        assert_eq!(merged.remarks.len(), kept as usize);
    }

    #[rstest]
    #[case(false, "+13175550101", 1)]
    #[case(true, "317", 0)]
    fn r18_an_invalid_phone_does_not_replace_a_valid_one(
        #[case] replace_valid_phones: bool,
        #[case] after: &str,
        #[case] kept: u32,
    ) {
        let phone = |typed: &str, number| Value::Phone(Phone { typed: typed.to_owned(), number, extension: None });
        let stored: Values = [(PHONE, phone("(317) 555-0101", Ok("+13175550101".to_owned())))].into_iter().collect();
        let brought: Values = [(PHONE, phone("317", Err(PhoneProblem::TooShort)))].into_iter().collect();
        let m = merger(Merging { replace_valid_phones, ..Merging::default() });
        let merged =
            m.merge(&Resolved { values: brought, ..Resolved::default() }, Some(&base(&stored, &[])), &NOTHING_SAID);
        assert_eq!(merged.values.view().value(PHONE).unwrap().text(), after);
        assert_eq!(merged.effects.phones_kept, kept);
    }

    #[rstest]
    #[case::no_column(Blank::Keep, false, "+13175550101", Some("12"))]
    #[case::empty_cell(Blank::Keep, true, "+13175550101", Some("12"))]
    #[case::no_column_to_clear(Blank::Clear, false, "+13175550101", Some("12"))]
    #[case::cleared(Blank::Clear, true, "+13175550101", None)]
    #[case::another_number(Blank::Keep, false, "+13175550199", None)]
    fn r11_a_number_without_an_extension_leaves_the_stored_one_alone(
        #[case] blank: Blank,
        #[case] has_column: bool,
        #[case] brought: &str,
        #[case] after: Option<&str>,
    ) {
        let phone = |number: &str, extension: Option<&str>| -> Values {
            let extension = extension.map(str::to_owned);
            let phone = Phone { typed: number.to_owned(), number: Ok(number.to_owned()), extension };
            [(PHONE, Value::Phone(phone))].into_iter().collect()
        };
        let extension = FIELDS.iter().find(|f| f.kind == Kind::Extension(PHONE)).unwrap().id;
        let mut m = merger(Merging { blank, ..Merging::default() });
        m.columns = [PHONE].into_iter().chain(has_column.then_some(extension)).collect();
        let stored = phone("+13175550101", Some("12"));
        let incoming = Resolved { values: phone(brought, None), ..Resolved::default() };
        let merged = m.merge(&incoming, Some(&base(&stored, &[])), &NOTHING_SAID);
        let Some(Value::Phone(kept)) = merged.values.view().value(PHONE) else { panic!("no phone") };
        assert_eq!((kept.e164(), kept.extension.as_deref()), (Some(brought), after));
        assert_eq!(merged.changed, after.is_none());
    }

    #[test]
    fn r14_an_empty_cell_says_the_same_as_a_value_erased_by_hand_where_it_is_a_value() {
        let stored = values(&[(NAME, "Office Mart")]);
        let erased: [(FieldId, &[u8]); 1] = [(INDUSTRY, b"Retail")];
        for (blank, protected) in [(Blank::Keep, true), (Blank::Clear, false)] {
            let m = merger(Merging { blank, ..Merging::default() });
            let merged = m.merge(&brings(&[(NAME, "Office Mart")]), Some(&base(&stored, &erased)), &NOTHING_SAID);
            assert_eq!(merged.by_hand.contains_key(&INDUSTRY), protected, "{blank:?}");
        }
    }

    #[test]
    fn r06_an_equal_value_keeps_its_stored_spelling() {
        let phone = |typed: &str| {
            Value::Phone(Phone { typed: typed.to_owned(), number: Ok("+13175550101".to_owned()), extension: None })
        };
        let stored: Values = [(PHONE, phone("(317) 555-0101"))].into_iter().collect();
        let brought: Values = [(PHONE, phone("317.555.0101"))].into_iter().collect();
        let merged = merger(Merging::default()).merge(
            &Resolved { values: brought, ..Resolved::default() },
            Some(&base(&stored, &[])),
            &NOTHING_SAID,
        );
        assert!(!merged.changed);
        assert_eq!(merged.values, stored);
    }
}
