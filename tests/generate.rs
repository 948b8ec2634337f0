//! The generator of large files: what a bench measures must be what its options say.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../examples/generate/people.rs"]
mod people;
#[path = "../examples/generate/random.rs"]
mod random;
#[path = "../examples/generate/rows.rs"]
mod rows;

use std::collections::{HashMap, HashSet};

use muster::model::fields::{self, Kind};
use muster::model::phone::Phone;
use muster::model::settings::Country;

const PLAN: rows::Plan =
    rows::Plan { rows: 4000, seed: 1, columns: 36, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change: 0 };

fn bytes(plan: &rows::Plan) -> Vec<u8> {
    let mut out = Vec::new();
    plan.write(&mut out).unwrap();
    out
}

fn records(plan: &rows::Plan) -> Vec<csv::ByteRecord> {
    let bytes = bytes(plan);
    csv::ReaderBuilder::new().flexible(true).from_reader(&bytes[..]).byte_records().map(Result::unwrap).collect()
}

fn column(plan: &rows::Plan, name: &str) -> usize {
    let bytes = bytes(&rows::Plan { rows: 0, ..*plan });
    let header = fields::by_name(name).unwrap().header;
    csv::Reader::from_reader(&bytes[..]).headers().unwrap().iter().position(|h| h == header).unwrap()
}

#[test]
fn the_same_arguments_give_the_same_bytes_of_a_realistic_size() {
    let file = bytes(&PLAN);
    assert_eq!(file, bytes(&PLAN));
    assert_ne!(file, bytes(&rows::Plan { seed: 2, ..PLAN }));
    let per_row = file.len() as u64 / PLAN.rows;
    assert!((320..380).contains(&per_row), "{per_row} bytes a row");
    assert_eq!(records(&PLAN)[0].len(), 36);
    assert_eq!(records(&rows::Plan { columns: 10, ..PLAN })[0].len(), 10);
}

#[test]
fn without_conflicts_contacts_are_distinct_and_accounts_agree() {
    let first = column(&PLAN, "account.id");
    let mut accounts = HashMap::new();
    let mut contacts = HashSet::new();
    for record in records(&PLAN) {
        assert!(contacts.insert(record[0].to_vec()));
        let account: Vec<Vec<u8>> = record.iter().skip(first).map(<[u8]>::to_vec).collect();
        assert_eq!(*accounts.entry(account[0].clone()).or_insert_with(|| account.clone()), account);
    }
    assert_eq!(accounts.len(), 1000);
}

#[test]
fn most_phones_are_valid_and_there_are_about_two_a_row() {
    let header = bytes(&rows::Plan { rows: 0, ..PLAN });
    let header = csv::Reader::from_reader(&header[..]).headers().unwrap().clone();
    let is_phone = |header: &str| fields::meaning(header).exact[0].kind() == Kind::Phone;
    let phones: Vec<usize> = (0..header.len()).filter(|at| is_phone(&header[*at])).collect();
    let (mut all, mut valid) = (0.0, 0.0);
    for record in records(&PLAN) {
        for cell in phones.iter().map(|at| str::from_utf8(&record[*at]).unwrap()).filter(|cell| !cell.is_empty()) {
            all += 1.0;
            valid += f64::from(Phone::parse(cell, None, Some(Country::US)).e164().is_some());
        }
    }
    assert!((2.0..2.4).contains(&(all / PLAN.rows as f64)), "{all} phones");
    assert!((0.95..0.99).contains(&(valid / all)), "{valid} of {all}");
}

#[test]
fn every_change_changes_every_row_and_no_id() {
    let title = column(&PLAN, "contact.title");
    let [before, once, again] = [0, 1, 30].map(|change| records(&rows::Plan { change, ..PLAN }));
    for ((before, once), again) in before.iter().zip(&once).zip(&again) {
        assert_eq!([&before[0], &before[0]], [&once[0], &again[0]]);
        assert!(before[title] != once[title] && once[title] != again[title] && before[title] != again[title]);
    }
}

#[test]
fn conflicts_and_broken_rows_come_at_the_chosen_rates() {
    let conflicts = records(&rows::Plan { conflicts: 0.1, ..PLAN });
    let contacts: HashSet<_> = conflicts.iter().map(|record| &record[0]).collect();
    let repeated = conflicts.len() - contacts.len();
    assert!((160..240).contains(&repeated), "{repeated} rows of a contact that has one");
    let broken = records(&rows::Plan { broken: 0.1, ..PLAN });
    let ragged = broken.iter().filter(|record| record.len() != 36).count();
    assert!((70..130).contains(&ragged), "{ragged} rows too short or too long");
}
