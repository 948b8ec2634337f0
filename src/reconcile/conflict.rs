//! Rows of one ID that disagree: variants, the fields that differ, the class, and what muster suggests (R6, R7, R9).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rows::{Group, GroupRow, Spelling};
use crate::model::fields::{Entity, FieldId, Kind};
use crate::model::record::{Values, ValuesRef, canonical, push_varint, same};
use crate::model::settings::Blank;
use crate::model::text::cosmetic;

/// How far the variants of a conflict, or of one field, are apart (R7). The order is from mild to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// All values that are not empty are equal.
    Blank,
    /// Text that is equal but for case, spaces and punctuation.
    Cosmetic,
    /// Really different.
    Content,
}

impl Class {
    /// Its word on screens, in policies and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Class::Blank => "blank",
            Class::Cosmetic => "cosmetic",
            Class::Content => "content",
        }
    }
}

/// What identifies a set of values across files: the start of the SHA-256 of its canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of values; equal for sets that are equal by R6.
    pub fn of(values: ValuesRef<'_>) -> Fingerprint {
        Fingerprint::of_bytes(&canonical_form(values))
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Fingerprint {
        let hash = Sha256::digest(bytes);
        let mut start = [0; 16];
        start.copy_from_slice(&hash[..16]);
        Fingerprint(start)
    }
}

fn canonical_form(values: ValuesRef<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.0.len());
    let mut form = Vec::new();
    for (field, payload) in values.iter() {
        form.clear();
        canonical(field, payload, &mut form);
        out.extend_from_slice(&field.0.to_be_bytes());
        push_varint(&mut out, form.len() as u64);
        out.extend_from_slice(&form);
    }
    out
}

/// One distinct set of values among the rows of an ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Identifies the variant in decisions.
    pub fingerprint: Fingerprint,
    /// The values; of several equal spellings of a value the most frequent, then the lowest in byte order (R6).
    pub values: Values,
    /// The rows behind it as (number of the data row, physical line), ascending.
    pub rows: Vec<(u32, u32)>,
    /// Whether every row behind it is rejected, so that only a person may take it (R6).
    pub only_rejected: bool,
}

/// Rows of one ID that disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Account conflict (organization) or contact conflict.
    pub entity: Entity,
    /// The Account ID or Contact ID.
    pub id: String,
    /// The worst class among the differing fields.
    pub class: Class,
    /// The fields that differ, ascending, each with its class. `account.id` of a contact is its membership.
    pub fields: Vec<(FieldId, Class)>,
    /// The variants: most rows first, then by the first row.
    pub variants: Vec<Variant>,
    /// What the base holds, if it has the record.
    pub base: Option<Values>,
    /// What muster would take per differing field; `None` for a conflict of class content, or where it cannot tell.
    pub suggestion: Option<Vec<(FieldId, Vec<u8>)>>,
}

impl Conflict {
    /// How many rows are behind it.
    pub fn row_count(&self) -> usize {
        self.variants.iter().map(|v| v.rows.len()).sum()
    }

    /// The variants that a policy may take (R6).
    pub fn eligible(&self) -> impl Iterator<Item = &Variant> {
        self.variants.iter().filter(|v| !v.only_rejected)
    }

    fn all_variants(&self) -> Vec<u8> {
        let mut parts: Vec<[u8; 16]> = self.variants.iter().map(|v| v.fingerprint.0).collect();
        parts.sort_unstable();
        parts.concat()
    }

    /// Under which key the base remembers the decision about these variants of this ID (R8).
    pub fn memory_key(&self) -> String {
        let hex: String = Fingerprint::of_bytes(&self.all_variants()).0.iter().map(|b| format!("{b:02x}")).collect();
        format!("{}{hex}", memory_prefix(self.entity, &self.id))
    }

    /// Identifies what a decision was made about: the variants, and what the base holds in the differing fields.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = self.all_variants();
        if let Some(base) = &self.base {
            let held: Values = self.fields.iter().filter_map(|(f, _)| Some((*f, base.view().value(*f)?))).collect();
            bytes.extend_from_slice(&Fingerprint::of(held.view()).0);
        }
        Fingerprint::of_bytes(&bytes)
    }
}

/// What the memory keys of an ID begin with; see [`Conflict::memory_key`]. No slash comes behind it.
pub fn memory_prefix(entity: Entity, id: &str) -> String {
    format!("decision/{}/{id}/", entity.prefix())
}

/// The variants of a group; one if all rows agree.
pub(super) fn variants(group: &Group) -> Vec<Variant> {
    let usual = usual_spellings(&group.spellings);
    let mut by_form: BTreeMap<Vec<u8>, Vec<&Spelling>> = BTreeMap::new();
    for spelling in &group.spellings {
        by_form.entry(canonical_form(spelling.values.view())).or_default().push(spelling);
    }
    let mut variants: Vec<Variant> = by_form.iter().map(|(form, spellings)| variant(form, spellings, &usual)).collect();
    variants.sort_by_key(|v| (std::cmp::Reverse(v.rows.len()), v.rows.first().copied()));
    variants
}

fn variant(form: &[u8], spellings: &[&Spelling], usual: &UsualSpellings<'_>) -> Variant {
    let mut rows: Vec<GroupRow> = spellings.iter().flat_map(|s| s.rows.iter().copied()).collect();
    rows.sort_unstable_by_key(|r| r.row);
    let mut values = Values::new();
    for (field, payload) in spellings.iter().take(1).flat_map(|s| s.values.view().iter()) {
        values.push(field, usual.get(&value_form(field, payload)).copied().unwrap_or(payload));
    }
    Variant {
        fingerprint: Fingerprint::of_bytes(form),
        values,
        only_rejected: rows.iter().all(|r| r.rejected || r.lost),
        rows: rows.into_iter().map(|r| (r.row, r.line)).collect(),
    }
}

/// A value, however it is spelled: its field and its canonical form.
type ValueForm = (FieldId, Vec<u8>);

/// How each value of an ID is spelled.
type UsualSpellings<'a> = BTreeMap<ValueForm, &'a [u8]>;

/// Of equal spellings of a value the most frequent among all rows of the ID, whatever else these say, then the lowest in
/// byte order (R6). So the order of rows decides nothing, not even where two variants spell alike values otherwise.
fn usual_spellings(spellings: &[Spelling]) -> UsualSpellings<'_> {
    let mut counts: BTreeMap<ValueForm, BTreeMap<&[u8], usize>> = BTreeMap::new();
    for spelling in spellings {
        for (field, payload) in spelling.values.view().iter() {
            *counts.entry(value_form(field, payload)).or_default().entry(payload).or_default() += spelling.rows.len();
        }
    }
    let mut usual = BTreeMap::new();
    for (value, counts) in counts {
        let best = counts.into_iter().max_by_key(|(payload, count)| (*count, std::cmp::Reverse(*payload)));
        usual.extend(best.map(|(payload, _)| (value, payload)));
    }
    usual
}

fn value_form(field: FieldId, payload: &[u8]) -> ValueForm {
    let mut form = Vec::new();
    canonical(field, payload, &mut form);
    (field, form)
}

/// The conflict that these variants are. There are at least two, and they differ in a field.
pub(super) fn conflict(
    entity: Entity,
    id: &str,
    variants: Vec<Variant>,
    base: Option<ValuesRef<'_>>,
    blank: Blank,
) -> Conflict {
    let touched: BTreeSet<FieldId> = variants.iter().flat_map(|v| v.values.view().iter().map(|(f, _)| f)).collect();
    let fields: Vec<(FieldId, Class)> =
        touched.into_iter().filter_map(|field| Some((field, class(field, &variants, blank)?))).collect();
    let class = fields.iter().map(|(_, class)| *class).max().unwrap_or(Class::Content);
    let suggestion = suggestion(&fields, &variants, base);
    Conflict { entity, id: id.to_owned(), class, fields, variants, base: base.map(ValuesRef::to_owned), suggestion }
}

/// How far the variants are apart in a field; `None` if they agree.
fn class(field: FieldId, variants: &[Variant], blank: Blank) -> Option<Class> {
    let payloads: Vec<Option<&[u8]>> = variants.iter().map(|v| v.values.view().get(field)).collect();
    let mut filled = payloads.iter().flatten();
    let first = filled.next()?;
    let some_empty = payloads.iter().any(Option::is_none);
    let all_equal = filled.all(|payload| same(field, first, payload));
    match (all_equal, some_empty) {
        (true, false) => None,
        (_, true) if blank == Blank::Clear => Some(Class::Content),
        (true, true) => Some(Class::Blank),
        _ if cosmetic_only(field, payloads.iter().flatten().copied()) => Some(Class::Cosmetic),
        _ => Some(Class::Content),
    }
}

fn cosmetic_only<'a>(field: FieldId, payloads: impl Iterator<Item = &'a [u8]>) -> bool {
    let forms: BTreeSet<String> = payloads.map(|p| cosmetic(&String::from_utf8_lossy(p))).collect();
    // A text of punctuation only has an empty form, which says nothing.
    field.kind() == Kind::Text && field != FieldId::ACCOUNT_ID && forms.len() == 1 && !forms.contains("")
}

fn suggestion(
    fields: &[(FieldId, Class)],
    variants: &[Variant],
    base: Option<ValuesRef<'_>>,
) -> Option<Vec<(FieldId, Vec<u8>)>> {
    fields
        .iter()
        .map(|(field, class)| {
            let payload = match class {
                Class::Content => None,
                Class::Blank => counted(*field, variants).into_iter().next().map(|(payload, _)| payload),
                Class::Cosmetic => base_spelling(*field, variants, base).or_else(|| most_rows(*field, variants)),
            };
            Some((*field, payload?.to_vec()))
        })
        .collect()
}

/// The base's spelling of a value that all variants have but for cosmetics.
fn base_spelling<'a>(field: FieldId, variants: &[Variant], base: Option<ValuesRef<'a>>) -> Option<&'a [u8]> {
    let held = base?.get(field)?;
    let (value, _) = *counted(field, variants).first()?;
    cosmetic_only(field, [held, value].into_iter()).then_some(held)
}

/// The spelling that more rows have than any other.
fn most_rows(field: FieldId, variants: &[Variant]) -> Option<&[u8]> {
    match counted(field, variants).as_slice() {
        [(payload, _)] => Some(payload),
        [(payload, first), (_, second), ..] if first > second => Some(payload),
        _ => None,
    }
}

/// The values of a field with the rows of eligible variants behind each, most rows first.
fn counted(field: FieldId, variants: &[Variant]) -> Vec<(&[u8], usize)> {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for variant in variants.iter().filter(|v| !v.only_rejected) {
        if let Some(payload) = variant.values.view().get(field) {
            *counts.entry(payload).or_default() += variant.rows.len();
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(payload, count)| (std::cmp::Reverse(*count), *payload));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::record::Value;
    use rstest::rstest;

    fn variant_of(fields: &[(&str, &str)], rows: &[u32], only_rejected: bool) -> Variant {
        let values: Values =
            fields.iter().map(|(name, v)| (by_name(name).unwrap().id, Value::Text((*v).to_owned()))).collect();
        let fingerprint = Fingerprint::of(values.view());
        Variant { fingerprint, values, rows: rows.iter().map(|r| (*r, r + 2)).collect(), only_rejected }
    }

    fn text_of(c: &Conflict, name: &str) -> Option<String> {
        let field = by_name(name).unwrap().id;
        let all = c.suggestion.as_ref()?;
        all.iter().find(|(f, _)| *f == field).map(|(_, p)| String::from_utf8(p.clone()).unwrap())
    }

    #[rstest]
    #[case::blank("Retail", "", Blank::Keep, Class::Blank, Some("Retail"))]
    #[case::blank_is_a_value("Retail", "", Blank::Clear, Class::Content, None)]
    #[case::cosmetic("Office Mart", "OFFICE-MART", Blank::Keep, Class::Cosmetic, Some("Office Mart"))]
    #[case::content("Retail", "Wholesale", Blank::Keep, Class::Content, None)]
    #[case::punctuation_says_nothing("-", "--", Blank::Keep, Class::Content, None)]
    fn r07_class_and_suggestion(
        #[case] a: &str,
        #[case] b: &str,
        #[case] blank: Blank,
        #[case] class: Class,
        #[case] suggested: Option<&str>,
    ) {
        let variants = vec![
            variant_of(&[("account.name", "X"), ("account.industry", a)], &[0, 1], false),
            variant_of(&[("account.name", "X"), ("account.industry", b)], &[2], false),
        ];
        let c = conflict(Entity::Organization, "A", variants, None, blank);
        assert_eq!(c.class, class);
        assert_eq!(c.fields.len(), 1);
        assert_eq!(text_of(&c, "account.industry").as_deref(), suggested);
    }

    #[test]
    fn r07_cosmetic_suggestion_prefers_the_base_and_makes_no_choice_between_equals() {
        let variants = vec![
            variant_of(&[("account.name", "Office Mart")], &[0], false),
            variant_of(&[("account.name", "OFFICE MART")], &[1], false),
        ];
        let tie = conflict(Entity::Organization, "A", variants.clone(), None, Blank::Keep);
        assert_eq!(tie.suggestion, None);
        let base = variant_of(&[("account.name", "Office-Mart")], &[], false);
        let c = conflict(Entity::Organization, "A", variants, Some(base.values.view()), Blank::Keep);
        assert_eq!(text_of(&c, "account.name").as_deref(), Some("Office-Mart"));
    }

    #[test]
    fn r06_a_value_backed_only_by_rejected_rows_is_not_suggested() {
        let variants = vec![
            variant_of(&[("account.name", "X"), ("account.industry", "Retail")], &[0], true),
            variant_of(&[("account.name", "X")], &[1], false),
        ];
        let c = conflict(Entity::Organization, "A", variants, None, Blank::Keep);
        assert_eq!(c.class, Class::Blank);
        assert_eq!(c.suggestion, None);
    }

    #[test]
    fn r09_membership_alone_is_a_conflict_of_content() {
        let variants = vec![
            variant_of(&[("contact.last_name", "Smith"), ("account.id", "A-1")], &[0], false),
            variant_of(&[("contact.last_name", "Smith"), ("account.id", "a-1")], &[1], false),
        ];
        let c = conflict(Entity::Contact, "C", variants, None, Blank::Keep);
        assert_eq!((c.class, c.fields[0].0), (Class::Content, FieldId::ACCOUNT_ID));
    }

    /// Rows of one ID, each with a name and tags.
    fn group(rows: &[(&str, &str)]) -> Group {
        let mut group = Group::default();
        for (row, (name, tags)) in (0..).zip(rows) {
            let texts = [("account.name", *name), ("account.tags", *tags)];
            let values = texts.into_iter().map(|(f, v)| (by_name(f).unwrap().id, Value::Text(v.to_owned()))).collect();
            let rows = vec![GroupRow { row, line: 0, rejected: false, lost: false }];
            group.spellings.push(Spelling { values, rows });
        }
        group
    }

    #[rstest]
    #[case::most_frequent(&[("X", "a;b"), ("X", "b;a"), ("X", "b; a"), ("X", "b;a")], "b;a")]
    #[case::lowest(&[("X", "b;a"), ("X", "a;b")], "a;b")]
    #[case::in_every_variant(&[("X", "b;a"), ("Y", "a;b")], "a;b")]
    #[case::over_all_variants(&[("X", "a;b"), ("Y", "b;a"), ("Z", "b;a")], "b;a")]
    fn r06_the_most_frequent_spelling_wins_then_the_lowest(#[case] rows: &[(&str, &str)], #[case] usual: &str) {
        for variant in variants(&group(rows)) {
            assert_eq!(variant.values.view().text(by_name("account.tags").unwrap().id), Some(usual));
        }
    }
}
