//! Search over a base on disk, as the app does it: `BASE=/path/to/base cargo bench --bench search`.
//!
//! Loads the text, then types queries letter by letter: the time to the first page of hits, and to their exact number; then
//! sorts, and jumps to the end. `LETTERS=1` lists the worst letters, `ORGANIZATION=ID` opens that one, `TYPED=text` types only that, `KEPT=file` takes the text from a
//! file if there is one, and keeps it there. Such a base is made with
//! `examples/generate` and `muster import`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints, and stops at the first surprise"
)]

use std::fs::File;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use muster::base::Base;
use muster::model::fields::Entity;
use muster::search::{Index, Narrowing, Progress, Query, Sort, Wanted};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

/// What the app loads at once.
fn page() -> Wanted {
    Wanted::best(Entity::Contact, 120)
}

/// Queries by what makes them hard.
const TYPED: [(&str, &[&str]); 8] = [
    ("ASCII names", &["kathryn", "smith", "johnson", "rebecca", "anderson", "walter whitfield", "o'brien"]),
    ("umlauts", &["jürgen", "müller", "löwenstein", "zoë", "lefèvre"]),
    ("Cyrillic", &["иванова", "сергей", "петров", "ооо"]),
    ("CJK", &["東京", "佐藤", "山田"]),
    ("phones", &["030 231", "4930231", "+1 317 555", "(317) 555-0", "0044 20", "555012", "+44 20 7946 0123"]),
    (
        "two words",
        &["smith office", "anna berlin", "jürgen gmbh", "smith -office", "\"harbor clinic\"", "org:cedar anna"],
    ),
    ("broad", &["example", "@company9.example", "com", "us", "1", "city:london", "no:phone"]),
    ("IDs, e-mails, no hit", &["00395154e", "a-0000123", "ksmith@mail", "zzzqqq", "smiht", "qwertz uiop", "ompan"]),
];

/// The times of one letter.
struct Letter {
    typed: String,
    first: Duration,
    count: Duration,
}

/// Types a query letter by letter.
fn type_out(index: &Index, query: &str, letters: &mut Vec<Letter>) {
    let mut narrowing = Narrowing::default();
    for (at, c) in query.char_indices() {
        let typed = query[..at + c.len_utf8()].to_owned();
        let start = Instant::now();
        let Ok(query) = Query::parse(&typed, TODAY) else { continue };
        let mut first = None;
        let mut show = |hits| {
            first = Some(start.elapsed());
            black_box(hits);
        };
        black_box(index.search(&query, page(), &|| false, &mut narrowing, &mut show));
        let count = start.elapsed();
        letters.push(Letter { typed, first: first.unwrap_or(count), count });
    }
}

fn line(kind: &str, what: &str, letters: &[&Letter], time: fn(&Letter) -> Duration) {
    let mut sorted = letters.to_vec();
    sorted.sort_by_key(|letter| time(letter));
    let at = |part: usize| time(sorted[(sorted.len() - 1) * part / 100]);
    let Some(worst) = sorted.last() else { return };
    let [p50, p99, max] = [at(50), at(99), time(worst)].map(|time| format!("{:.1}", time.as_secs_f64() * 1000.0));
    println!("{kind:22} {what:6} {:>5} {p50:>8} {p99:>8} {max:>8}  {}", letters.len(), worst.typed);
}

fn report(kind: &str, letters: &[&Letter]) {
    line(kind, "first", letters, |letter| letter.first);
    line("", "count", letters, |letter| letter.count);
}

/// The most memory that this process has had so far, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn main() {
    let Some(dir) = std::env::var_os("BASE").map(PathBuf::from) else {
        println!("BASE=/path/to/base cargo bench --bench search");
        return;
    };
    let start = Instant::now();
    let base = Base::open(&dir, Duration::ZERO).unwrap();
    println!("{} contacts, opened in {:.0?}; peak {} MB", base.head().contacts, start.elapsed(), peak());
    let index = Index::new();
    let start = Instant::now();
    let mut usable = None;
    let progress = |done: Progress| _ = usable.get_or_insert((done.contacts, start.elapsed()));
    let kept = std::env::var_os("KEPT").map(PathBuf::from);
    index.refresh(&base.view(), kept.as_deref(), &|| false, progress).unwrap();
    let (contacts, after) = usable.unwrap_or_default();
    println!("searchable: {contacts} contacts after {after:.0?}, in full after {:.2?}", start.elapsed());
    println!("{} MB of text, peak {} MB", index.bytes() >> 20, peak());
    let start = Instant::now();
    index.order();
    println!("ordered after {:.0?} more; peak {} MB", start.elapsed(), peak());

    if let Some(file) = kept {
        let start = Instant::now();
        let written = index.keep(&base.view(), &file, |file| File::create(file), &|| false).unwrap();
        println!("kept: {written}, after {:.2?}; peak {} MB", start.elapsed(), peak());
    }
    if let Ok(typed) = std::env::var("TYPED") {
        return type_again(&index, &typed);
    }
    type_everything(&index);
    sort_everything(&index, base.head().contacts as usize);
    members(&base);
    println!("peak {} MB", peak());
}

/// Types one query many times, to see where its time goes.
fn type_again(index: &Index, typed: &str) {
    let mut letters = Vec::new();
    (0..50).for_each(|_| type_out(index, typed, &mut letters));
    let each: Vec<Vec<&Letter>> = (typed.char_indices())
        .map(|(at, c)| letters.iter().filter(|letter| letter.typed.len() == at + c.len_utf8()).collect())
        .collect();
    each.iter().filter(|letters| !letters.is_empty()).for_each(|letters| report(&letters[0].typed, letters));
}

/// Types all queries, letter by letter.
fn type_everything(index: &Index) {
    println!(
        "{:22} {:6} {:>5} {:>8} {:>8} {:>8}  worst letter",
        "typed, times in ms", "to", "keys", "p50", "p99", "worst"
    );
    let mut all = Vec::new();
    for (kind, queries) in TYPED {
        let mut letters = Vec::new();
        queries.iter().for_each(|query| type_out(index, query, &mut letters));
        report(kind, &letters.iter().collect::<Vec<_>>());
        all.extend(letters);
    }
    let is_short = |letter: &Letter| letter.typed.chars().count() <= 2;
    let (short, long): (Vec<&Letter>, Vec<&Letter>) = all.iter().partition(|letter| is_short(letter));
    report("one or two letters", &short);
    report("three and more", &long);
    report("all", &all.iter().collect::<Vec<_>>());
    if std::env::var_os("LETTERS").is_some() {
        all.sort_by_key(|letter| std::cmp::Reverse(letter.first));
        for letter in all.iter().take(40) {
            println!("{:>8.1?} {:>8.1?}  {}", letter.first, letter.count, letter.typed);
        }
    }
}

/// Looks at windows of the whole table in both orders, and of the hits of a broad query: the first, one in the middle, the last.
fn sort_everything(index: &Index, contacts: usize) {
    let window = |typed: &str, sort, first, narrowing: &mut Narrowing| {
        let start = Instant::now();
        let query = Query::parse(typed, TODAY).unwrap();
        let hits = index.search(&query, Wanted { sort, first, ..page() }, &|| false, narrowing, &mut |_| {});
        let total = hits.map_or(0, |hits| hits.total);
        println!("'{typed}' by {sort:?}, from {first} of {total}: {:.1?}", start.elapsed());
    };
    for sort in [Sort::Best, Sort::Name, Sort::Organization] {
        for first in [0, contacts / 2, contacts.saturating_sub(120)] {
            window("", sort, first, &mut Narrowing::default());
        }
    }
    let mut narrowing = Narrowing::default();
    for first in [contacts * 2 / 5, contacts / 5] {
        window("a", Sort::Best, first, &mut narrowing);
    }
}

/// Opens the organization that `ORGANIZATION` names, as Browse does: all its members, and the records of a window.
fn members(base: &Base) {
    let Ok(account) = std::env::var("ORGANIZATION") else { return };
    let start = Instant::now();
    let view = base.view();
    let members = view.members(&account, None, usize::MAX).unwrap();
    for id in members.iter().take(page().count) {
        black_box(view.get(Entity::Contact, id).unwrap());
    }
    println!("organization {account} of {} members opened in {:.1?}", members.len(), start.elapsed());
}
