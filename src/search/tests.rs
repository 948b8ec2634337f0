//! The search against a slow and obvious reference, on random bases, queries and edits.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use jiff::civil::Date;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Hit, Index, Narrowing, Query, Source, SourcePage, Tier};
use crate::model::fields::{Entity, FieldId};
use crate::model::phone::{Phone, PhoneProblem};
use crate::model::record::{Record, RecordRef, Value};
use crate::model::text::fold;

/// A contact or an organization as the tests know it.
#[derive(Debug, Clone, Default)]
struct Person {
    name: [&'static str; 2],
    city: &'static str,
    email: &'static str,
    phones: Vec<&'static TestPhone>,
    /// The Account ID of a contact's organization.
    account: Option<String>,
    commit: u64,
}

/// Typed text, and for a valid number its notations: international, national with trunk prefix, national without.
#[derive(Debug)]
struct TestPhone(&'static str, Option<[&'static str; 3]>);

static PHONES: [TestPhone; 6] = [
    TestPhone("+49 30 901820", Some(["4930901820", "030901820", "30901820"])),
    TestPhone("(317) 555-0101", Some(["13175550101", "13175550101", "3175550101"])),
    TestPhone("8 495 123-45-67", Some(["74951234567", "84951234567", "4951234567"])),
    TestPhone("06 1 234 5678", Some(["3612345678", "0612345678", "12345678"])),
    TestPhone("030 901", None),
    TestPhone("ask 555", None),
];

const NAMES: [&str; 10] =
    ["Jürgen", "Smith", "Smithers", "Groß", "Иванова", "東京商会", "O'Brien", "Anna", "ann", "Ο ΔΟΣ"];
const ORGANIZATIONS: [&str; 5] = ["Office Mart", "Mart & Söhne", "Анна GmbH", "Smith 030", "C3"];

#[derive(Debug, Clone, Default)]
struct TestBase {
    contacts: BTreeMap<String, Person>,
    organizations: BTreeMap<String, Person>,
    commit: u64,
}

impl TestBase {
    fn of(&self, entity: Entity) -> &BTreeMap<String, Person> {
        if entity == Entity::Contact { &self.contacts } else { &self.organizations }
    }
}

struct TestPage(String, u64, Vec<(String, Vec<u8>)>);

impl SourcePage for TestPage {
    type Error = Infallible;
    fn key(&self) -> &[u8] {
        self.0.as_bytes()
    }
    fn stamp(&self) -> u64 {
        self.1
    }
    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), Infallible> {
        self.2.iter().for_each(|(id, bytes)| found(id, &RecordRef::decode(bytes).unwrap()));
        Ok(())
    }
}

/// Pages hold the IDs with the same first two characters; the stamp of a page is its newest commit.
impl Source for TestBase {
    type Page = TestPage;
    type Error = Infallible;
    fn commit(&self) -> u64 {
        self.commit
    }
    fn days(&self) -> Result<HashMap<u64, Date>, Infallible> {
        Ok(HashMap::new())
    }
    fn pages(&self, entity: Entity) -> Box<dyn Iterator<Item = Result<TestPage, Infallible>> + Send + '_> {
        let mut pages: BTreeMap<String, TestPage> = BTreeMap::new();
        for (id, person) in self.of(entity) {
            let key: String = id.chars().take(2).collect();
            let page = pages.entry(key.clone()).or_insert_with(|| TestPage(key, 0, Vec::new()));
            page.1 = page.1.max(person.commit);
            // A person without a name was deleted: the page was written, but the record is gone.
            if !person.name[0].is_empty() {
                page.2.push((id.clone(), record(entity, person).encode()));
            }
        }
        Box::new(pages.into_values().map(Ok))
    }
}

fn record(entity: Entity, person: &Person) -> Record {
    let text = |field: u16, text: &str| (FieldId(field), Value::Text(text.to_owned()));
    let mut values = match entity {
        Entity::Contact => {
            vec![text(2, person.name[0]), text(4, person.name[1]), text(27, person.city), text(22, person.email)]
        }
        Entity::Organization => vec![text(35, person.name[0]), text(48, person.city)],
    };
    values.extend(person.account.iter().map(|account| text(34, account)));
    let fields = if entity == Entity::Contact { [6, 10] } else { [38, 42] };
    for (phone, field) in person.phones.iter().zip(fields) {
        let number = phone.1.map(|forms| format!("+{}", forms[0])).ok_or(PhoneProblem::TooShort);
        values.push((FieldId(field), Value::Phone(Phone { typed: phone.0.into(), number, extension: None })));
    }
    let values = values.into_iter().filter(|(_, v)| !v.text().is_empty()).collect();
    let (created, changed) = (person.commit, person.commit);
    Record { internal: Uuid::nil(), created, changed, line: 2, manual: false, values, by_hand: [].into() }
}

/// A piece of a query, as typed and as meant.
#[derive(Debug, Clone)]
enum Piece {
    Word(&'static str),
    Phrase(&'static str),
    Without(&'static str),
    City(&'static str),
    Org(&'static str),
    NoPhone,
}

impl Piece {
    fn typed(&self) -> String {
        match self {
            Piece::Word(text) => (*text).to_owned(),
            Piece::Phrase(text) => format!("\"{text}\""),
            Piece::Without(text) => format!("-{text}"),
            Piece::City(text) => format!("city:{text}"),
            Piece::Org(text) => format!("org:{text}"),
            Piece::NoPhone => "no:phone".to_owned(),
        }
    }
}

/// The parts of a record in which a piece looks, by name.
struct Parts<'a> {
    id: String,
    account: Option<String>,
    name: String,
    organization: Option<String>,
    others: Vec<String>,
    city: String,
    phones: &'a [&'static TestPhone],
}

fn reference_parts<'a>(base: &TestBase, entity: Entity, id: &str, person: &'a Person) -> Parts<'a> {
    let organization = person.account.as_ref().and_then(|account| base.organizations.get(account));
    let name = [person.name[0], if entity == Entity::Contact { person.name[1] } else { "" }].map(fold);
    Parts {
        id: fold(id),
        account: person.account.as_deref().map(fold),
        name: name.iter().filter(|n| !n.is_empty()).cloned().collect::<Vec<_>>().join(" "),
        organization: organization.map(|o| fold(o.name[0])).filter(|name| !name.is_empty()),
        others: if entity == Entity::Contact { vec![fold(person.email)] } else { vec![] },
        city: fold(person.city),
        phones: &person.phones,
    }
}

fn starts_of(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().map(|(at, _)| at).filter(|at| {
        text[..*at].chars().next_back().is_none_or(|before| before.is_ascii() && !before.is_ascii_alphanumeric())
    })
}

fn has_word_start(text: &str, word: &str) -> bool {
    starts_of(text).any(|at| text[at..].starts_with(word))
}

fn digits_of(word: &str) -> Option<String> {
    let phone_like = word.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c));
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    (phone_like && !digits.is_empty()).then_some(digits)
}

fn phone_text(phone: &TestPhone) -> String {
    match phone.1 {
        Some(forms) => forms[0].to_owned(),
        None => digits_of(phone.0).map_or(phone.0.to_owned(), |digits| format!("{} {digits}", phone.0)),
    }
}

fn phone_tier(phone: &TestPhone, word: &str) -> Option<Tier> {
    let text = phone_text(phone);
    let mut tiers = Vec::new();
    for w in [Some(word.to_owned()), digits_of(word)].into_iter().flatten() {
        tiers.extend(text.contains(&w).then_some(Tier::Anywhere));
        tiers.extend(has_word_start(&text, &w).then_some(Tier::Word));
    }
    if let (Some([international, national, bare]), Some(digits)) = (phone.1, digits_of(word)) {
        let dialled = format!("00{international}");
        let forms = [international, national, bare, &dialled];
        tiers.extend(forms.iter().any(|form| form.starts_with(&digits)).then_some(Tier::Word));
        tiers.extend(forms.contains(&digits.as_str()).then_some(Tier::Exact));
    }
    tiers.into_iter().min()
}

fn reference_word(parts: &Parts<'_>, word: &str) -> Option<Tier> {
    let texts =
        [Some(&parts.id), parts.account.as_ref(), Some(&parts.name), parts.organization.as_ref(), Some(&parts.city)];
    let texts: Vec<&String> = texts.into_iter().flatten().chain(&parts.others).collect();
    let mut tiers: Vec<Tier> = parts.phones.iter().filter_map(|phone| phone_tier(phone, word)).collect();
    tiers.extend(texts.iter().any(|t| t.contains(word)).then_some(Tier::Anywhere));
    tiers.extend(texts.iter().any(|t| has_word_start(t, word)).then_some(Tier::Word));
    let prefix = has_word_start(&parts.name, word) || parts.organization.as_ref().is_some_and(|o| o.starts_with(word));
    tiers.extend(prefix.then_some(Tier::Prefix));
    let exact = parts.id == word || parts.account.as_deref() == Some(word);
    tiers.extend(exact.then_some(Tier::Exact));
    tiers.into_iter().min()
}

fn reference_org(parts: &Parts<'_>, entity: Entity, word: &str) -> Option<Tier> {
    let (id, name) = match entity {
        Entity::Contact => (parts.account.as_ref(), parts.organization.as_ref()),
        Entity::Organization => (Some(&parts.id), Some(&parts.name)),
    };
    let only = Parts {
        id: id.cloned().unwrap_or_default(),
        account: None,
        name: if entity == Entity::Organization { name.cloned().unwrap_or_default() } else { String::new() },
        organization: if entity == Entity::Contact { name.cloned() } else { None },
        others: vec![],
        city: String::new(),
        phones: &[],
    };
    reference_word(&only, word)
}

/// The tier of each piece that is a word, whether any other piece fails, and the words that do not match.
fn reference(
    base: &TestBase,
    entity: Entity,
    pieces: &[Piece],
    id: &str,
    person: &Person,
) -> Result<Tier, Vec<String>> {
    let parts = reference_parts(base, entity, id, person);
    let (mut tiers, mut missed, mut fails) = (Vec::new(), Vec::new(), false);
    for piece in pieces {
        let tier = match piece {
            Piece::Word(text) | Piece::Phrase(text) => reference_word(&parts, &fold(text)),
            Piece::Org(text) => reference_org(&parts, entity, &fold(text)),
            Piece::City(text) => parts
                .city
                .contains(&fold(text))
                .then(|| if has_word_start(&parts.city, &fold(text)) { Tier::Word } else { Tier::Anywhere }),
            Piece::Without(text) => {
                fails |= reference_word(&parts, &fold(text)).is_some();
                continue;
            }
            Piece::NoPhone => {
                fails |= !person.phones.is_empty();
                continue;
            }
        };
        match tier {
            Some(tier) => tiers.push(tier),
            None => missed.extend(match piece {
                Piece::Word(text) => Some(fold(text)),
                _ => Some(String::new()),
            }),
        }
    }
    if fails {
        return Err(vec![String::new()]);
    }
    if !missed.is_empty() {
        return Err(missed);
    }
    let worst = tiers.iter().copied().max().unwrap_or(Tier::Anywhere);
    Ok(number_tier(&parts, pieces).map_or(worst, |better| better.min(worst)))
}

/// The tier when the first run of neighbouring digit words is read as one phone.
fn number_tier(parts: &Parts<'_>, pieces: &[Piece]) -> Option<Tier> {
    let is_digits = |piece: &Piece| matches!(piece, Piece::Word(text) if digits_of(text).is_some());
    let runs = pieces.chunk_by(|a, b| is_digits(a) && is_digits(b));
    let run = runs.filter(|run| run.len() > 1).collect::<Vec<_>>();
    let run = *run.first()?;
    let joined = run.iter().map(Piece::typed).collect::<Vec<_>>().join(" ");
    let number = parts.phones.iter().filter_map(|phone| phone_tier(phone, &fold(&joined))).min()?;
    let others = pieces.iter().filter(|piece| !run.iter().any(|r| std::ptr::eq(r, *piece)));
    let others = others.filter_map(|piece| match piece {
        Piece::Word(text) | Piece::Phrase(text) => reference_word(parts, &fold(text)),
        _ => None,
    });
    Some(others.max().map_or(number, |other| other.max(number)))
}

/// Distance with swaps of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swapped = if swapped { d[i - 2][j - 2] + 1 } else { usize::MAX };
                replaced.min(swapped).min(d[i - 1][j] + 1).min(d[i][j - 1] + 1)
            };
        }
    }
    d[a.len()][b.len()]
}

fn one_typo_away(parts: &Parts<'_>, word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 || !letters.iter().all(|c| c.is_alphabetic()) {
        return false;
    }
    let texts =
        [Some(&parts.id), parts.account.as_ref(), Some(&parts.name), parts.organization.as_ref(), Some(&parts.city)];
    let phones: Vec<String> = parts.phones.iter().map(|phone| phone_text(phone)).collect();
    texts.into_iter().flatten().chain(&parts.others).chain(&phones).any(|text| {
        starts_of(text).any(|start| {
            let rest: Vec<char> = text[start..].chars().collect();
            (0..=rest.len()).any(|len| distance(&letters, &rest[..len]) == 1)
        })
    })
}

fn reference_search(base: &TestBase, entity: Entity, pieces: &[Piece]) -> Vec<Hit> {
    let people = || base.of(entity).iter().filter(|(_, person)| !person.name[0].is_empty());
    let hit = |id: &String, tier, typo| Hit { id: id.clone(), tier, typo };
    let mut hits: Vec<(Tier, String, Hit)> = Vec::new();
    for (id, person) in people() {
        if let Ok(tier) = reference(base, entity, pieces, id, person) {
            hits.push((tier, reference_parts(base, entity, id, person).name, hit(id, tier, false)));
        }
    }
    if hits.is_empty() {
        for (id, person) in people() {
            let parts = reference_parts(base, entity, id, person);
            if let Err(missed) = reference(base, entity, pieces, id, person)
                && let [word] = missed.as_slice()
                && one_typo_away(&parts, word)
            {
                hits.push((Tier::Anywhere, parts.name, hit(id, Tier::Anywhere, true)));
            }
        }
    }
    hits.sort_by(|a, b| (a.0, &a.1, &a.2.id).cmp(&(b.0, &b.1, &b.2.id)));
    hits.into_iter().map(|(_, _, hit)| hit).collect()
}

fn person(contact: bool) -> impl Strategy<Value = Person> {
    let phones = prop::collection::vec(prop::sample::select(PHONES.iter().collect::<Vec<_>>()), 0..3);
    let name = prop::sample::select(if contact { NAMES.to_vec() } else { ORGANIZATIONS.to_vec() });
    let last = prop::sample::select(NAMES.to_vec());
    let city = prop::sample::select(vec!["", "Berlin", "Łódź", "東京"]);
    let email = prop::sample::select(vec!["", "ann.smith@mart.example", "x030@901.example"]);
    let account = prop::option::of((0..6u8).prop_map(|n| format!("A{n}")));
    (name, last, city, email, phones, account).prop_map(move |(name, last, city, email, phones, account)| Person {
        name: [name, if contact { last } else { "" }],
        city,
        email: if contact { email } else { "" },
        phones,
        account: account.filter(|_| contact),
        commit: 1,
    })
}

fn base() -> impl Strategy<Value = TestBase> {
    let contacts = prop::collection::btree_map("C[0-3][0-9a]{0,2}", person(true), 0..25);
    let organizations = prop::collection::btree_map("A[0-5]", person(false), 0..5);
    (contacts, organizations).prop_map(|(contacts, organizations)| TestBase { contacts, organizations, commit: 1 })
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let words = vec![
        "smi",
        "SMITH",
        "jurg",
        "jürgen",
        "gross",
        "иван",
        "ИВАНОВА",
        "東",
        "商会",
        "ann",
        "n",
        "mart",
        "office",
        "a1",
        "C1",
        "c3",
        "030",
        "0",
        "901",
        "(317)",
        "555-0101",
        "4930901820",
        "004930",
        "061",
        "+7",
        "8495",
        "030901",
        "smiht",
        "ofice",
        "jrgen",
        "o'b",
        "@mart",
        "example",
        "οδος",
        "00",
        "123",
    ];
    let word = || prop::sample::select(words.clone());
    let piece = prop_oneof![
        6 => word().prop_map(Piece::Word),
        1 => word().prop_map(Piece::Without),
        1 => prop::sample::select(vec!["office mart", "anna smith", "030 901", "ann smith"]).prop_map(Piece::Phrase),
        1 => prop::sample::select(vec!["ber", "lodz", "京"]).prop_map(Piece::City),
        1 => prop::sample::select(vec!["mart", "a1", "smith"]).prop_map(Piece::Org),
        1 => Just(Piece::NoPhone),
    ];
    prop::collection::vec(piece, 0..4)
}

fn indexed(base: &TestBase) -> Index {
    let index = Index::new();
    refresh(&index, base);
    index
}

fn refresh(index: &Index, base: &TestBase) -> super::Progress {
    let Ok(done) = index.refresh(base, &|| false, |_| {});
    done.expect("not cancelled")
}

fn search(index: &Index, typed: &str, entity: Entity, limit: usize, narrowing: &mut Narrowing) -> super::Hits {
    index.search(&Query::parse(typed).unwrap(), entity, limit, &|| false, narrowing).expect("not cancelled")
}

fn typed(pieces: &[Piece]) -> String {
    pieces.iter().map(Piece::typed).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_fast_search_is_the_slow_one(base in base(), pieces in pieces(), contacts: bool, limit in 1usize..30) {
        let entity = if contacts { Entity::Contact } else { Entity::Organization };
        let mut expected = reference_search(&base, entity, &pieces);
        let found = search(&indexed(&base), &typed(&pieces), entity, limit, &mut Narrowing::default());
        prop_assert_eq!(found.total, expected.len(), "{}", typed(&pieces));
        expected.truncate(limit);
        prop_assert_eq!(found.hits, expected, "{}", typed(&pieces));
    }

    #[test]
    fn typing_letter_by_letter_finds_the_same(base in base(), pieces in pieces()) {
        let index = indexed(&base);
        let typed = typed(&pieces);
        let mut narrowing = Narrowing::default();
        for (at, c) in typed.char_indices() {
            let so_far = &typed[..at + c.len_utf8()];
            if Query::parse(so_far).is_ok() {
                let narrowed = search(&index, so_far, Entity::Contact, 10, &mut narrowing);
                let fresh = search(&index, so_far, Entity::Contact, 10, &mut Narrowing::default());
                prop_assert_eq!(narrowed, fresh, "{}", so_far);
            }
        }
    }

    #[test]
    fn hits_after_edits_are_those_of_a_fresh_build(
        base in base(), contacts in prop::collection::btree_map("C[0-3][0-9a]{0,2}", person(true), 0..4),
        organizations in prop::collection::btree_map("A[0-5]", person(false), 0..2), deleted in 0usize..9, pieces in pieces(),
    ) {
        let index = indexed(&base);
        let mut base = base;
        base.commit = 2;
        let stamped = |(id, person): (String, Person)| (id, Person { commit: 2, ..person });
        base.contacts.extend(contacts.into_iter().map(stamped));
        base.organizations.extend(organizations.into_iter().map(stamped));
        for table in [&mut base.contacts, &mut base.organizations] {
            if let Some((_, person)) = table.iter_mut().nth(deleted) {
                *person = Person { commit: 2, ..Person::default() };
            }
        }
        refresh(&index, &base);
        for entity in [Entity::Contact, Entity::Organization] {
            let after = search(&index, &typed(&pieces), entity, 50, &mut Narrowing::default());
            let fresh = search(&indexed(&base), &typed(&pieces), entity, 50, &mut Narrowing::default());
            prop_assert_eq!(after, fresh);
        }
    }
}

fn contacts(ids: &[&str]) -> TestBase {
    let person = Person { name: ["Anna", "Smith"], commit: 1, account: Some("A1".into()), ..Person::default() };
    let organization = Person { name: ["Office Mart", ""], commit: 1, ..Person::default() };
    TestBase {
        contacts: ids.iter().map(|id| ((*id).to_owned(), person.clone())).collect(),
        organizations: [("A1".to_owned(), organization)].into(),
        commit: 1,
    }
}

#[test]
fn only_what_changed_is_folded_again() {
    let mut base = contacts(&["C1", "C2", "C3"]);
    let index = indexed(&base);
    assert_eq!(refresh(&index, &base).folded, 0);
    base.commit = 2;
    base.contacts.get_mut("C2").unwrap().commit = 2;
    assert_eq!(refresh(&index, &base).folded, 1);
    base.commit = 3;
    base.organizations.get_mut("A1").unwrap().name[0] = "Brown";
    base.organizations.get_mut("A1").unwrap().commit = 3;
    assert_eq!(refresh(&index, &base).folded, 4, "the organization, and the pages with its members");
    assert_eq!(search(&index, "brown", Entity::Contact, 9, &mut Narrowing::default()).total, 3);
}

#[test]
fn a_cancelled_search_and_refresh_say_so() {
    let base = contacts(&["C1"]);
    let index = indexed(&base);
    let query = Query::parse("anna").unwrap();
    assert_eq!(index.search(&query, Entity::Contact, 9, &|| true, &mut Narrowing::default()), None);
    let Ok(cancelled) = Index::new().refresh(&base, &|| true, |_| {});
    assert_eq!(cancelled, None);
}

#[test]
fn commits_and_days_are_filters() {
    let base = contacts(&["C1"]);
    let index = indexed(&base);
    let total = |typed| search(&index, typed, Entity::Contact, 9, &mut Narrowing::default()).total;
    assert_eq!([total("import:1"), total("import:2"), total("-import:1")], [1, 0, 0]);
    assert_eq!([total("edited:hand"), total("-edited:hand"), total("changed:2026")], [0, 1, 0]);
}
