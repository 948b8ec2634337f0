//! Random bases and queries.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use jiff::civil::Date;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::{Changed, Source, SourcePage};
use crate::model::fields::{Entity, FieldId, by_name};
use crate::model::phone::{Phone, PhoneProblem};
use crate::model::record::{Record, RecordRef, Value};

/// A contact or an organization as the tests know it.
#[derive(Debug, Clone, Default)]
pub struct Person {
    pub name: [&'static str; 2],
    pub city: &'static str,
    pub email: &'static str,
    /// A contact's title or an organization's industry, and a custom field.
    pub title: &'static str,
    pub custom: &'static str,
    pub phones: Vec<&'static TestPhone>,
    /// The Account ID of a contact's organization.
    pub account: Option<String>,
    pub commit: u64,
}

/// Typed text, and for a valid number its notations: international, national with trunk prefix, national without.
#[derive(Debug)]
pub struct TestPhone(pub &'static str, pub Option<[&'static str; 3]>);

pub static PHONES: [TestPhone; 6] = [
    TestPhone("+49 30 901820", Some(["4930901820", "030901820", "30901820"])),
    TestPhone("(317) 555-0101", Some(["13175550101", "13175550101", "3175550101"])),
    TestPhone("8 495 123-45-67", Some(["74951234567", "84951234567", "4951234567"])),
    TestPhone("06 1 234 5678", Some(["3612345678", "0612345678", "12345678"])),
    TestPhone("030 901", None),
    TestPhone("ask 555", None),
];

pub const NAMES: [&str; 10] =
    ["Jürgen", "Smith", "Smithers", "Groß", "Иванова", "東京商会", "O'Brien", "Anna", "ann", "Ο ΔΟΣ"];
pub const ORGANIZATIONS: [&str; 5] = ["Office Mart", "Mart & Söhne", "Анна GmbH", "Smith 030", "C3"];

#[derive(Debug, Clone, Default)]
pub struct TestBase {
    pub contacts: BTreeMap<String, Person>,
    pub organizations: BTreeMap<String, Person>,
    pub commit: u64,
}

impl TestBase {
    pub fn of(&self, entity: Entity) -> &BTreeMap<String, Person> {
        if entity == Entity::Contact { &self.contacts } else { &self.organizations }
    }
}

pub struct TestPage(String, Vec<(String, Vec<u8>)>);

impl SourcePage for TestPage {
    type Error = Infallible;
    fn low(&self) -> &str {
        &self.0
    }
    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), Infallible> {
        self.1.iter().for_each(|(id, bytes)| found(id, &RecordRef::decode(bytes).unwrap()));
        Ok(())
    }
}

/// Pages hold the IDs with the same first two characters; the first one has every ID below the second.
impl Source for TestBase {
    type Page = TestPage;
    type Error = Infallible;
    fn commit(&self) -> u64 {
        self.commit
    }
    fn stamp(&self, commit: u64) -> Result<Option<String>, Infallible> {
        Ok(Some(format!("test base at commit {commit}")))
    }
    fn days(&self) -> Result<HashMap<u64, Date>, Infallible> {
        Ok(HashMap::new())
    }
    fn pages(&self, entity: Entity, from: &str) -> Box<dyn Iterator<Item = Result<TestPage, Infallible>> + Send + '_> {
        let mut pages: BTreeMap<String, Vec<(String, Vec<u8>)>> = BTreeMap::new();
        // A person without a name was deleted.
        for (id, person) in self.of(entity).iter().filter(|(_, person)| !person.name[0].is_empty()) {
            let low = id.chars().take(2).collect();
            pages.entry(low).or_default().push((id.clone(), record(entity, person).encode()));
        }
        let mut pages: Vec<TestPage> = pages.into_iter().map(|(low, records)| TestPage(low, records)).collect();
        pages.iter_mut().take(1).for_each(|page| page.0.clear());
        let first = pages.iter().rposition(|page| page.0.as_str() <= from).unwrap_or(0);
        Box::new(pages.into_iter().skip(first).map(Ok))
    }
    fn changed(&self, since: u64, _most: usize) -> Result<Option<Changed>, Infallible> {
        let ids = |entity| {
            let changed = self.of(entity).iter().filter(|(_, person)| person.commit > since);
            changed.map(|(id, _)| id.clone()).collect()
        };
        Ok(Some(Changed { contacts: ids(Entity::Contact), organizations: ids(Entity::Organization) }))
    }
    fn members(&self, account: &str) -> Result<Vec<String>, Infallible> {
        let belongs = |person: &Person| person.account.as_deref() == Some(account) && !person.name[0].is_empty();
        Ok(self.contacts.iter().filter(|(_, person)| belongs(person)).map(|(id, _)| id.clone()).collect())
    }
}

pub fn record(entity: Entity, person: &Person) -> Record {
    let text = |field: u16, text: &str| (FieldId(field), Value::Text(text.to_owned()));
    let mut values = match entity {
        Entity::Contact => {
            vec![text(2, person.name[0]), text(4, person.name[1]), text(27, person.city), text(22, person.email)]
        }
        Entity::Organization => vec![text(35, person.name[0]), text(48, person.city)],
    };
    values.extend(person.account.iter().map(|account| text(34, account)));
    let title = if entity == Entity::Contact { "contact.title" } else { "account.industry" };
    values.push((by_name(title).unwrap().id, Value::Text(person.title.to_owned())));
    values.push(text(FieldId::CUSTOM, person.custom));
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
pub enum Piece {
    Word(&'static str),
    Phrase(&'static str),
    Without(&'static str),
    City(&'static str),
    Org(&'static str),
    Name(&'static str),
    Id(&'static str),
    Email(&'static str),
    Phone(&'static str),
    NoPhone,
}

impl Piece {
    pub fn typed(&self) -> String {
        match self {
            Piece::Word(text) => (*text).to_owned(),
            Piece::Phrase(text) => format!("\"{text}\""),
            Piece::Without(text) => format!("-{text}"),
            Piece::City(text) => format!("city:{text}"),
            Piece::Org(text) => format!("org:{text}"),
            Piece::Name(text) => format!("name:{text}"),
            Piece::Id(text) => format!("id:{text}"),
            Piece::Email(text) => format!("email:{text}"),
            Piece::Phone(text) => format!("phone:{text}"),
            Piece::NoPhone => "no:phone".to_owned(),
        }
    }
}

pub fn person(contact: bool) -> impl Strategy<Value = Person> {
    let phones = prop::collection::vec(prop::sample::select(PHONES.iter().collect::<Vec<_>>()), 0..3);
    let name = prop::sample::select(if contact { NAMES.to_vec() } else { ORGANIZATIONS.to_vec() });
    let last = prop::sample::select(NAMES.to_vec());
    let city = prop::sample::select(vec!["", "Berlin", "Łódź", "東京"]);
    let email = prop::sample::select(vec!["", "ann.smith@mart.example", "x030@901.example"]);
    let title = prop::sample::select(vec![("", ""), ("Buyer", ""), ("Head of Mart", "gold 030"), ("", "Ann's list")]);
    let account = prop::option::of((0..6u8).prop_map(|n| format!("A{n}")));
    let parts = (name, last, city, email, title, phones, account);
    parts.prop_map(move |(name, last, city, email, (title, custom), phones, account)| Person {
        name: [name, if contact { last } else { "" }],
        city,
        email: if contact { email } else { "" },
        title,
        custom,
        phones,
        account: account.filter(|_| contact),
        commit: 1,
    })
}

pub fn base() -> impl Strategy<Value = TestBase> {
    let contacts = prop::collection::btree_map("C[0-3][0-9a]{0,2}", person(true), 0..25);
    let organizations = prop::collection::btree_map("A[0-5]", person(false), 0..5);
    (contacts, organizations).prop_map(|(contacts, organizations)| TestBase { contacts, organizations, commit: 1 })
}

pub fn pieces() -> impl Strategy<Value = Vec<Piece>> {
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
        "buy",
        "list",
        "go",
        "byuer",
    ];
    let word = || prop::sample::select(words.clone());
    let piece = prop_oneof![
        6 => word().prop_map(Piece::Word),
        1 => word().prop_map(Piece::Without),
        1 => prop::sample::select(vec!["office mart", "anna smith", "030 901", "ann smith", "head of"]).prop_map(Piece::Phrase),
        1 => prop::sample::select(vec!["ber", "lodz", "京"]).prop_map(Piece::City),
        1 => prop::sample::select(vec!["mart", "a1", "smith"]).prop_map(Piece::Org),
        1 => prop_oneof![
            prop::sample::select(vec!["smi", "ann", "mart"]).prop_map(Piece::Name),
            prop::sample::select(vec!["c1", "C30", "a1", "1"]).prop_map(Piece::Id),
            prop::sample::select(vec!["smith", "mart.example", "030"]).prop_map(Piece::Email),
            prop::sample::select(vec!["030901", "317", "0101", "ask"]).prop_map(Piece::Phone),
        ],
        1 => Just(Piece::NoPhone),
    ];
    prop::collection::vec(piece, 0..4)
}
