//! What the base takes: time, memory and disk of commits, reads and undo.
//!
//! `cargo bench --bench base -- [CONTACTS] [ROUNDS]` (1,000,000 contacts in a quarter as many organizations, 10 rounds that
//! each change every contact) prints a line per step. Made-up people; every value follows from its number and the round.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench fails by panicking")]
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what goes wrong here ends the measurement, and its lines are its result"
)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use muster::base::{Base, Change, ChangeSource, Commit, Kind, Put, Who};
use muster::model::fields::{self, Entity, FieldId};
use muster::model::phone::Phone;
use muster::model::record::{Value, Values};
use muster::spill::{Tape, TapeWriter};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse().ok());
    let contacts: u64 = numbers.next().unwrap_or(1_000_000);
    let rounds: u64 = numbers.next().unwrap_or(10);
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("base");
    let csv = contacts * 348;
    let base = Base::open(&path, Duration::ZERO).expect("open");
    println!("{contacts} contacts, {} organizations, as CSV about {} MB", contacts / 4, csv >> 20);
    for round in 0..=rounds {
        let people = People::new(dir.path(), contacts, round, 1);
        let (start, processor) = (Instant::now(), processor_time());
        commit(&base, Kind::Import, people);
        let disk = disk(&path);
        println!(
            "commit {round:2}: {:.2?} (processor {:.2?}), disk {} MB = {:.2} x CSV, peak memory {} MB",
            start.elapsed(),
            processor_time() - processor,
            disk >> 20,
            disk as f64 / csv as f64,
            peak_memory()
        );
    }
    let people = People::new(dir.path(), contacts, rounds, 1);
    let start = Instant::now();
    commit(&base, Kind::Import, people);
    println!("the same again: {:.2?}", start.elapsed());
    let people = People::new(dir.path(), contacts, rounds + 1, contacts);
    let start = Instant::now();
    commit(&base, Kind::Edit, people);
    println!("one contact: {:.2?}", start.elapsed());
    drop(base);

    let start = Instant::now();
    let base = Base::open(&path, Duration::from_secs(5)).expect("open");
    println!("first open after all this: {:.2?}", start.elapsed());
    drop(base);
    let start = Instant::now();
    let base = Base::open(&path, Duration::from_secs(5)).expect("open");
    println!("open: {:.2?}", start.elapsed());
    reads(&base, contacts);
    let start = Instant::now();
    let newest = base.head().commit;
    let plan = base.plan_undo(newest - 2, &AtomicBool::new(false)).expect("plan");
    println!("plan undo: {:.2?}, {} contacts, {} blocked", start.elapsed(), plan.contacts.updated, plan.blocked);
    let start = Instant::now();
    commit(&base, Kind::Undo { of: newest - 2 }, plan.changes);
    println!("undo: {:.2?}, disk {} MB", start.elapsed(), disk(&path) >> 20);
    let start = Instant::now();
    let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false)).expect("verify");
    println!("verify: {:.2?}, {} damages, peak memory {} MB", start.elapsed(), report.damages, peak_memory());
    let start = Instant::now();
    base.backup(&dir.path().join("copy"), &mut |_, _| {}, &AtomicBool::new(false)).expect("backup");
    println!("backup: {:.2?}, {} MB", start.elapsed(), disk(&dir.path().join("copy")) >> 20);
    let blobs = std::fs::read_dir(path.join("store/blobs")).map_or(0, Iterator::count);
    println!("blobs: {blobs}");
}

fn reads(base: &Base, contacts: u64) {
    let mut times: Vec<Duration> = (0..20_000u64)
        .map(|n| {
            let id = contact_id(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % contacts);
            let start = Instant::now();
            assert!(base.get(Entity::Contact, &id).expect("get").is_some());
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("get: p50 {:.1?}, p99 {:.1?}", times[times.len() / 2], times[times.len() * 99 / 100]);
    let start = Instant::now();
    assert_eq!(base.scan(Entity::Contact, "").count() as u64, contacts);
    println!("scan: {:.2?}", start.elapsed());
    let start = Instant::now();
    let mut cursor = base.cursor(Entity::Contact);
    assert!((0..contacts).all(|n| cursor.get(&contact_id(n)).expect("get").is_some()));
    println!("cursor over all: {:.2?}", start.elapsed());
    let start = Instant::now();
    assert!((0..contacts).all(|n| base.near(Entity::Contact, &contact_id(n).to_lowercase()).expect("near").len() == 1));
    println!("near for all: {:.2?}", start.elapsed());
    let start = Instant::now();
    let members: u64 = (0..1000).map(|n| base.member_count(&account_id(n)).expect("members")).sum();
    println!("members of 1,000 organizations: {:.2?} ({members})", start.elapsed());
}

fn commit(base: &Base, kind: Kind, changes: impl ChangeSource + 'static) {
    let commit = Commit {
        kind,
        when: 1_700_000_000_000,
        who: Who::default(),
        details: "{}".to_owned(),
        changes: Box::new(changes),
        catalog: base.catalog(),
        remember: Vec::new(),
        by_hand: false,
    };
    base.commit(base.head().commit, &commit, &mut |_, _| {}, &AtomicBool::new(false)).expect("commit");
}

/// Every contact, or every `every`-th, as it is after a round, on tapes: what is measured is the base, not the making of
/// people. A round changes the title and one of the phones.
struct People {
    contacts: Tape,
    organizations: Tape,
}

impl People {
    fn new(dir: &Path, contacts: u64, round: u64, every: u64) -> People {
        let tape = |records: &mut dyn Iterator<Item = (String, Values)>| {
            let mut tape = TapeWriter::new(dir).expect("a tape");
            for (id, values) in records {
                tape.push(id.as_bytes(), values.as_bytes()).expect("write");
            }
            tape.finish().expect("write")
        };
        let numbers = (0..contacts).step_by(every as usize);
        People {
            contacts: tape(&mut numbers.map(|n| (contact_id(n), contact(n, round, contacts)))),
            organizations: tape(&mut (0..contacts / 4 / every).map(|n| (account_id(n), organization(n)))),
        }
    }

    fn tape(&self, entity: Entity) -> &Tape {
        match entity {
            Entity::Contact => &self.contacts,
            Entity::Organization => &self.organizations,
        }
    }
}

impl ChangeSource for People {
    fn changes(&self, entity: Entity) -> io::Result<Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>> {
        let mut tape = self.tape(entity).reader();
        let mut line = 1;
        let mut next = move || -> io::Result<Option<Change>> {
            let Some((id, values)) = tape.next()? else { return Ok(None) };
            line += 1;
            let id = String::from_utf8_lossy(id).into_owned();
            let put = Put { values: Values::from_bytes(values.to_vec()), ..Put::default() };
            Ok(Some(Change { id, line, put: Some(put) }))
        };
        Ok(Box::new(std::iter::from_fn(move || next().transpose())))
    }

    fn count(&self, entity: Entity) -> u64 {
        self.tape(entity).len()
    }
}

fn contact_id(n: u64) -> String {
    format!("C-{n:09}")
}

fn account_id(n: u64) -> String {
    format!("A-{n:08}")
}

const FIRST: [&str; 12] = [
    "Kathryn",
    "Josh",
    "Rebecca",
    "Zoltán",
    "Agnieszka",
    "Jürgen",
    "Wei",
    "Olumide",
    "Fatima",
    "Sean",
    "Inés",
    "Mary Ann",
];
const LAST: [&str; 12] = [
    "Smith",
    "Kovács",
    "Nowak-Zielińska",
    "Müller",
    "Chen",
    "Adeyemi",
    "O'Neil",
    "García",
    "Brown",
    "Lindqvist",
    "Rossi",
    "Sato",
];
const TITLE: [&str; 6] = [
    "Buyer",
    "Head of Purchasing",
    "Office Manager",
    "Senior Account Executive",
    "IT Administrator",
    "Managing Director",
];
const STREET: [&str; 6] = ["Main Street", "Oak Avenue", "Váci út", "Lindenstraße", "Calle Mayor", "Station Road"];
const CITY: [&str; 6] = ["Indianapolis", "Budapest", "Kraków", "Hamburg", "Valencia", "Leeds"];

fn contact(n: u64, round: u64, contacts: u64) -> Values {
    let mut random = Random(n + 1);
    let (first, last) = (random.pick(&FIRST), random.pick(&LAST));
    let phone = |random: &mut Random, code: &str| {
        let digits = format!("{code}{:010}", random.next() % 10_000_000_000);
        Value::Phone(Phone { typed: digits.clone(), number: Ok(digits), extension: None })
    };
    let mut address = String::new();
    let _ = write!(address, "{} {}", random.next() % 999, random.pick(&STREET));
    let text = |text: &str| Value::Text(text.to_owned());
    let mail = format!(
        "{}.{}{}@company{}.example",
        first.to_lowercase(),
        last.to_lowercase(),
        n % 9973,
        random.next() % (contacts / 4)
    );
    let mut changing = Random(n.wrapping_mul(31) ^ round << 40);
    [
        ("contact.salutation", text(random.pick(&["Mr", "Ms", "Dr", "Mx"]))),
        ("contact.first_name", text(first)),
        ("contact.last_name", text(last)),
        ("contact.title", text(&format!("{} {round}", changing.pick(&TITLE)))),
        ("contact.work_phone", phone(&mut random, "+1")),
        ("contact.cell_phone", phone(&mut changing, "+36")),
        ("contact.work_email", text(&mail)),
        ("contact.personal_email", text(&format!("{}{}@mail.example", last.to_lowercase(), random.next() % 1_000_000))),
        ("contact.address1", text(&address)),
        ("contact.city", text(random.pick(&CITY))),
        ("contact.state", text(random.pick(&["IN", "Pest", "HH", "VLC"]))),
        ("contact.postal_code", text(&format!("{:05}", random.next() % 100_000))),
        ("contact.country", text(random.pick(&["US", "HU", "PL", "DE", "ES", "GB"]))),
        ("contact.external_url", text(&format!("https://crm.example/contacts/{:016x}", random.next()))),
        ("contact.survey_opt_out", text(random.pick(&["true", "false"]))),
        ("account.id", text(&account_id(random.next() % (contacts / 4)))),
    ]
    .into_iter()
    .map(|(name, value)| (field(name), value))
    .collect()
}

fn organization(n: u64) -> Values {
    let mut random = Random(n + 77);
    let text = |text: &str| Value::Text(text.to_owned());
    [
        ("account.name", text(&format!("{} {} {n}", random.pick(&LAST), random.pick(&["Ltd", "GmbH", "Kft", "Inc"])))),
        ("account.industry", text(random.pick(&["Retail", "Insurance", "Health", "Software"]))),
        ("account.address1", text(&format!("{} {}", random.next() % 999, random.pick(&STREET)))),
        ("account.city", text(random.pick(&CITY))),
        ("account.employees", text(&(random.next() % 10_000).to_string())),
        ("account.website", text(&format!("https://company{n}.example"))),
    ]
    .into_iter()
    .map(|(name, value)| (field(name), value))
    .collect()
}

fn field(name: &str) -> FieldId {
    static FIELDS: LazyLock<HashMap<&str, FieldId>> =
        LazyLock::new(|| fields::FIELDS.iter().map(|f| (f.name, f.id)).collect());
    FIELDS[name]
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.next() as usize % from.len()]
    }
}

fn disk(dir: &Path) -> u64 {
    let Ok(files) = std::fs::read_dir(dir) else { return 0 };
    files
        .flatten()
        .map(|f| f.metadata().map_or(0, |m| if m.is_dir() { disk(&f.path()) } else { m.blocks() * 512 }))
        .sum()
}

/// What all threads have used of the processors, to 10 ms; tells more than the clock on a busy machine.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The greatest resident memory so far, in MB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_ascii_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}
