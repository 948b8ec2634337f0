//! A base of an older schema is brought to the present one, its old files are kept; one of a newer schema is refused.
//!
//! There was one schema so far, so these tests have an older one of their own: its payloads are written backwards.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::base::engine::Table;
use crate::base::migrate::{Step, rewrite};

fn backwards(_: Table, _: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    Some(payload.iter().rev().copied().collect())
}

/// The head with another schema, which is its first byte.
fn with_schema(head: &[u8], schema: u8) -> Option<Vec<u8>> {
    Some([&[schema], head.get(1..)?].concat())
}

const BACK: Step = Step { head: |head| with_schema(head, 0), entry: backwards };
const FORTH: Step = Step { head: |head| with_schema(head, 1), entry: backwards };

fn store(dir: &Path) -> Versions<SledStore> {
    Versions::open(SledStore::open(&dir.join(STORE), Duration::from_secs(5)).unwrap()).unwrap()
}

/// A base of the older schema, and what it holds.
fn older() -> (tempfile::TempDir, PathBuf, Content) {
    let room = tempfile::tempdir().unwrap();
    let (present, dir) = (room.path().join("present"), room.path().join("base"));
    let base = open(&present).unwrap();
    let ids: Vec<String> = (0..300).map(|n| format!("C-{n:04}")).collect();
    for round in ["Ann", "Bea"] {
        let contacts = ids.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, round), (ACCOUNT, "A-1")])));
        import(&base, contacts.chain([(Entity::Organization, "A-1", put(&[(NAME, "Office Mart")]))]));
    }
    let held = content(&base.view());
    drop(base);
    rewrite(&store(&present), &dir, &[BACK]).unwrap();
    (room, dir, held)
}

fn migrated(dir: &Path) -> Result<Base, BaseError> {
    Base::migrated_by(dir, Lock::take(dir, Duration::from_secs(5)).unwrap(), &[FORTH])
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_older_base_becomes_one_of_the_present_schema_and_its_old_files_stay() {
    let (_room, dir, held) = older();
    let base = migrated(&dir).unwrap();
    assert_eq!(base.old_files(), Some(dir.join("schema-0").as_path()));
    assert_eq!(content(&base.view()), held);
    assert_sound(&base);
    // It goes on: an undo needs the old history, an import the old pages.
    undo(&base, 2);
    assert_eq!(import(&base, [(Entity::Contact, "C-0000", put(&[(FIRST, "Cy")]))]), 4);
    assert_sound(&base);
    drop(base);
    let again = open(&dir).unwrap();
    assert_eq!((again.old_files(), again.head().commit), (None, 4));
    assert_eq!(names(&dir), ["base.json", "lock", "schema-0", "store"]);
    // The old files are a base of the older schema, from which the same can be had again.
    let kept = dir.join("schema-0");
    assert_eq!(names(&kept), ["base.json", "store"]);
    assert_eq!(content(&migrated(&kept).unwrap().view()), held);
}

#[test]
fn a_crash_before_the_new_files_are_in_place_changes_nothing_and_leaves_nothing() {
    let (_room, dir, held) = older();
    backup::copy_files(&dir, &dir.join("schema-0")).unwrap();
    for half in ["fresh/store/db", "schema-0.half/store/db"] {
        fs::create_dir_all(dir.join(half).parent().unwrap()).unwrap();
        fs::write(dir.join(half), "half").unwrap();
    }
    assert_eq!(content(&migrated(&dir).unwrap().view()), held);
    let mut left = names(&dir);
    left.retain(|name| name != "schema-0.half");
    assert_eq!(left, ["base.json", "lock", "schema-0", "store"]);
}

#[test]
fn a_kept_base_of_another_commit_is_not_overwritten() {
    let (_room, dir, _) = older();
    fs::create_dir_all(dir.join("schema-0")).unwrap();
    fs::write(
        dir.join("schema-0/base.json"),
        r#"{"magic":"muster base","schema":0,"commit":9,"contacts":1,"organizations":1}"#,
    )
    .unwrap();
    assert_eq!(migrated(&dir).unwrap().old_files(), Some(dir.join("schema-0-2").as_path()));
    assert_eq!(names(&dir.join("schema-0")), ["base.json"]);
}

#[test]
fn a_base_that_cannot_be_brought_to_the_present_schema_stays_as_it_is() {
    let (_room, dir, held) = older();
    let no_way = open(&dir).unwrap_err();
    assert!(no_way.to_string().contains("schema 0"), "{no_way}");
    let unreadable = Step { entry: |table, _, payload| (table != Table::Deltas).then(|| payload.to_vec()), ..FORTH };
    let failed = Base::migrated_by(&dir, Lock::take(&dir, Duration::from_secs(5)).unwrap(), &[unreadable]);
    assert!(matches!(failed, Err(BaseError::Damaged { .. })), "{failed:?}");
    assert_eq!(names(&dir), ["base.json", "lock", "store"]);
    assert_eq!(content(&migrated(&dir).unwrap().view()), held);
}

#[test]
fn a_newer_base_is_refused_whatever_it_is_like() {
    let room = tempfile::tempdir().unwrap();
    let dir = room.path();
    fs::create_dir(dir.join(STORE)).unwrap();
    let engine = store(dir);
    let writer = engine.begin(0, 1).unwrap();
    writer.finish(&postcard::to_stdvec(&(2u32, "a head of another kind")).unwrap()).unwrap();
    drop(engine);
    assert!(matches!(open(dir), Err(BaseError::NewerSchema { found: 2, known: view::SCHEMA })));
    fs::write(dir.join("base.json"), r#"{"magic":"muster base","schema":3,"tables":{}}"#).unwrap();
    assert!(matches!(open(dir), Err(BaseError::NewerSchema { found: 3, known: view::SCHEMA })));
}
