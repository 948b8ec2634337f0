//! Search over a generated base in memory: `cargo bench --bench search`; `CONTACTS=100000` for another size.
//!
//! First a table of keystrokes: every query is typed letter by letter, each letter a search of its own, as in the app.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and stops at the first surprise"
)]

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use muster::model::fields::{Entity, FieldId, by_name};
use muster::model::phone::Phone;
use muster::model::record::{Record, RecordRef, Value};
use muster::search::{Index, Narrowing, Query, Source, SourcePage};
use uuid::Uuid;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);
const PAGE: usize = 16;
const FIRST_PAGE: usize = 50;

/// Queries by what makes them hard.
const TYPED: [(&str, &[&str]); 8] = [
    ("ASCII names", &["kathryn", "smith", "johnson", "rebecca", "anderson", "tomlinson"]),
    ("umlauts", &["jürgen", "müller", "größmann", "zoë"]),
    ("Cyrillic", &["иванова", "сергей", "петров"]),
    ("CJK", &["東京商会", "佐藤健", "山田"]),
    ("phones", &["030 901", "4930901", "+1 317 555", "(317) 555-0", "0044 20", "555012"]),
    ("two words", &["smith office", "anna berlin", "jürgen gmbh", "smith -office", "\"office mart\"", "org:mart anna"]),
    ("broad", &["example", "@mail.example", "com", "us", "1"]),
    ("IDs, e-mails, no hit", &["C-0500", "A-1001", "ksmith@mail", "zzzqqq", "smiht", "qwertz uiop", "no:phone x"]),
];

struct Pages(BTreeMap<Entity, Vec<Page>>);

struct Page(String, Vec<(String, Vec<u8>)>);

impl SourcePage for &Page {
    type Error = Infallible;
    fn key(&self) -> &[u8] {
        self.0.as_bytes()
    }
    fn stamp(&self) -> u64 {
        1
    }
    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), Infallible> {
        self.1.iter().for_each(|(id, bytes)| found(id, &RecordRef::decode(bytes).unwrap()));
        Ok(())
    }
}

impl<'a> Source for &'a Pages {
    type Page = &'a Page;
    type Error = Infallible;
    fn commit(&self) -> u64 {
        1
    }
    fn days(&self) -> Result<HashMap<u64, jiff::civil::Date>, Infallible> {
        Ok(HashMap::new())
    }
    fn pages(&self, entity: Entity) -> Box<dyn Iterator<Item = Result<&'a Page, Infallible>> + Send + '_> {
        Box::new(self.0[&entity].iter().map(Ok))
    }
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.roll(10) as u8)).collect()
    }
}

const FIRST: [&str; 24] = [
    "Kathryn",
    "Josh",
    "Rebecca",
    "Anna",
    "John",
    "Mary",
    "Peter",
    "Laura",
    "Mark",
    "Susan",
    "David",
    "Emma",
    "Jürgen",
    "Zoë",
    "Søren",
    "Łukasz",
    "François",
    "Сергей",
    "Анна",
    "Ольга",
    "健",
    "美咲",
    "Daniel",
    "Sofía",
];
const LAST: [&str; 20] = [
    "Smith",
    "Johnson",
    "Anderson",
    "Brown",
    "Miller",
    "Rossi",
    "Patel",
    "Nagy",
    "Schmidt",
    "Müller",
    "Größmann",
    "Ångström",
    "Иванова",
    "Петров",
    "佐藤",
    "山田",
    "Tomlinson",
    "García",
    "Novák",
    "O'Brien",
];
const SYLLABLES: [&str; 16] =
    ["ba", "ker", "lan", "mo", "ri", "son", "ste", "ton", "wil", "den", "har", "vic", "nor", "ell", "qui", "zan"];
const CITIES: [&str; 8] = ["Berlin", "Indianapolis", "London", "Łódź", "München", "Москва", "東京", "New York"];
const COMPANY: [&str; 10] = [
    "Office Mart",
    "Brown Supplies",
    "Rossi Group",
    "Nagy Kft",
    "Müller GmbH",
    "東京商会",
    "Северная Звезда",
    "Patel",
    "Harbour",
    "Delta",
];

fn text(name: &str, value: impl Into<String>) -> (FieldId, Value) {
    (by_name(name).unwrap().id, Value::Text(value.into()))
}

fn phone(name: &str, dice: &mut Dice) -> (FieldId, Value) {
    let number = match dice.roll(4) {
        0 => format!("+4930{}", dice.digits(6)),
        1 => format!("+4420{}", dice.digits(8)),
        _ => format!("+1{}555{}", dice.pick(&["317", "212", "415"]), dice.digits(4)),
    };
    (by_name(name).unwrap().id, Value::Phone(Phone { typed: number.clone(), number: Ok(number), extension: None }))
}

fn contact(n: usize, organizations: usize, dice: &mut Dice) -> (String, Vec<(FieldId, Value)>) {
    let first = dice.pick(&FIRST);
    let last = match dice.roll(3) {
        0 => dice.pick(&LAST).to_owned(),
        _ => format!("{}{}{}", dice.pick(&SYLLABLES), dice.pick(&SYLLABLES), dice.pick(&SYLLABLES)),
    };
    let mail =
        format!("{}.{}{}@mail{}.example", first.to_lowercase(), last.to_lowercase(), dice.roll(100), dice.roll(50));
    let values = vec![
        text("contact.first_name", first),
        text("contact.last_name", last),
        text("contact.title", dice.pick(&["Buyer", "CEO", "Sales", "Engineer"])),
        phone("contact.work_phone", dice),
        phone("contact.cell_phone", dice),
        text("contact.work_email", mail),
        text("contact.city", dice.pick(&CITIES)),
        text("contact.country", dice.pick(&["US", "DE", "GB"])),
        text("account.id", format!("A-{:06}", dice.roll(organizations))),
    ];
    (format!("C-{n:07}"), values)
}

fn pages(records: impl Iterator<Item = (String, Vec<(FieldId, Value)>)>) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for (n, (id, values)) in records.enumerate() {
        let internal = Uuid::from_u128(n as u128);
        let values = values.into_iter().collect();
        let record =
            Record { internal, created: 1, changed: 1, line: 2, manual: false, values, by_hand: BTreeMap::new() };
        if n % PAGE == 0 {
            pages.push(Page(id.clone(), Vec::new()));
        }
        pages.last_mut().unwrap().1.push((id, record.encode()));
    }
    pages
}

fn contacts() -> usize {
    std::env::var("CONTACTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

static BASE: LazyLock<Pages> = LazyLock::new(|| {
    let organizations = (contacts() / 12).max(1);
    let mut dice = Dice(7);
    let names = (0..organizations).map(|n| {
        let name = format!("{} {}{n}", dice.pick(&COMPANY), dice.pick(&SYLLABLES));
        (format!("A-{n:06}"), vec![text("account.name", name)])
    });
    let organizations_pages = pages(names);
    let mut dice = Dice(11);
    let contacts = pages((0..contacts()).map(|n| contact(n, organizations, &mut dice)));
    Pages([(Entity::Organization, organizations_pages), (Entity::Contact, contacts)].into())
});

static INDEX: LazyLock<Index> = LazyLock::new(loaded);

fn loaded() -> Index {
    let index = Index::new();
    let Ok(_) = index.refresh(&&*BASE, &|| false, |_| {});
    index
}

/// Types a query letter by letter; the time of each letter.
fn typed(query: &str) -> Vec<(Duration, String)> {
    let mut narrowing = Narrowing::default();
    let mut times = Vec::new();
    for (at, c) in query.char_indices() {
        let Ok(query) = Query::parse(&query[..at + c.len_utf8()], TODAY) else { continue };
        let start = Instant::now();
        let hits = INDEX.search(&query, Entity::Contact, FIRST_PAGE, &|| false, &mut narrowing);
        times.push((start.elapsed(), format!("first {} bytes", at + c.len_utf8())));
        black_box(hits);
    }
    times
}

fn keystrokes() {
    black_box(&*BASE);
    let start = Instant::now();
    black_box(&*INDEX);
    println!("{} contacts folded in {:.0?}, {} bytes of memory", contacts(), start.elapsed(), INDEX.bytes());
    println!("{:22} {:>5} {:>10} {:>10} {:>10}  worst letter", "typed letter by letter", "keys", "p50", "p99", "worst");
    let mut all = Vec::new();
    for (kind, queries) in TYPED {
        let mut times: Vec<(Duration, String)> = Vec::new();
        for query in queries {
            times.extend(typed(query).into_iter().map(|(time, at)| (time, format!("{query}, {at}"))));
        }
        line(kind, &mut times);
        all.extend(times);
    }
    line("all", &mut all);
}

fn line(kind: &str, times: &mut [(Duration, String)]) {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100].0;
    let (worst, which) = &times[times.len() - 1];
    println!("{kind:22} {:>5} {:>10.1?} {:>10.1?} {worst:>10.1?}  {which}", times.len(), at(50), at(99));
}

#[divan::bench(args = ["s", "smith", "smith office", "030 901", "4930901", "zzzqqq", "smiht", "example"], sample_count = 20)]
fn search_cold(query: &str) -> usize {
    let query = Query::parse(query, TODAY).unwrap();
    let hits = INDEX.search(&query, Entity::Contact, FIRST_PAGE, &|| false, &mut Narrowing::default());
    hits.map_or(0, |hits| hits.total)
}

#[divan::bench(sample_count = 3)]
fn fold_all() -> Index {
    loaded()
}

fn main() {
    keystrokes();
    divan::main();
}
