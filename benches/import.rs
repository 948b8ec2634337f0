//! How fast a file is checked, imported, imported again, and a contact got: `cargo bench --bench import`.
//!
//! The file has 50,000 rows of 36 columns. For the figures of a million rows see the README.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "../examples/generate/people.rs"]
mod people;
#[path = "../examples/generate/random.rs"]
mod random;
#[path = "../examples/generate/rows.rs"]
mod rows;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use muster::base::{Base, Commit, Kind, Who};
use muster::flow::import::{Request, Watch, open};
use muster::intake::{MapOptions, SourceOptions};
use muster::model::fields::{Catalog, Entity};
use muster::model::settings::{Merging, Reading};
use muster::reconcile::decision::Decisions;
use muster::reconcile::plan::Plan;
use muster::spill::SpillRoom;
use tempfile::TempDir;

const ROWS: u64 = 50_000;

fn main() {
    divan::main();
}

/// A folder with a generated file in it.
fn file() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder for the bench");
    let path = dir.path().join("contacts.csv");
    let plan =
        rows::Plan { rows: ROWS, seed: 1, columns: 36, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change: 0 };
    plan.write(File::create(&path).expect("a file for the bench")).expect("room for the file");
    (dir, path)
}

fn plan(base: &Base, path: &Path) -> Plan {
    let request = Request {
        path: path.to_owned(),
        source: SourceOptions::default(),
        map: MapOptions::default(),
        reading: Reading::default(),
        merging: Merging::default(),
        rules: Vec::new(),
        threads: 2,
        room: SpillRoom::new(path.parent().unwrap_or(path)),
        access: Default::default(),
    };
    let opened = open(base, request).expect("the generated file opens");
    let watch = Watch::default();
    let checked = opened.check(&watch).expect("the generated file can be checked");
    checked.plan(base, &opened, &Decisions::default(), &watch).expect("a plan")
}

fn commit(base: &Base, plan: Plan) {
    let commit = Commit {
        kind: Kind::Import,
        when: 0,
        who: Who::default(),
        details: String::new(),
        changes: Box::new(Arc::new(plan)),
        catalog: Catalog::default(),
        remember: Vec::new(),
        by_hand: false,
    };
    let head = base.head().commit;
    base.commit(head, &commit, &mut |_, _| {}, &AtomicBool::new(false)).expect("a commit");
}

fn new_base() -> (TempDir, Base) {
    let dir = tempfile::tempdir().expect("a folder for the base");
    let base = Base::open(&dir.path().join("base"), Duration::ZERO).expect("a new base");
    (dir, base)
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn check(bencher: Bencher) {
    let (_dir, path) = file();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| plan(&Base::in_memory(), &path));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn import(bencher: Bencher) {
    let (_dir, path) = file();
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(new_base)
        .bench_refs(|(_, base)| commit(base, plan(base, &path)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn import_again(bencher: Bencher) {
    let (_dir, path) = file();
    let (_base_dir, base) = new_base();
    commit(&base, plan(&base, &path));
    bencher.counter(ItemsCount::new(ROWS)).bench(|| commit(&base, plan(&base, &path)));
}

#[divan::bench(sample_count = 1000)]
fn get(bencher: Bencher) {
    let (_dir, path) = file();
    let (_base_dir, base) = new_base();
    commit(&base, plan(&base, &path));
    let ids: Vec<String> = base.scan(Entity::Contact, "").map(|found| found.expect("a whole base").0).collect();
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 7919) % ids.len();
        black_box(base.get(Entity::Contact, &ids[at]).expect("a whole base"))
    });
}
