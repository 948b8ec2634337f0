//! Tests of the base as a whole.
//!
//! - [`engines`]: what holds for every engine, against a model of plain maps
//! - [`faults`]: a fault between any two steps of a commit and of recovery
//! - [`undoing`]: what undo restores and what blocks it
//! - [`copies`]: backup, restore, the base in fresh files
//! - [`damage`]: bytes flipped, files cut, zeroed, missing, moved away
//! - [`migration`]: from an older schema to the present one
//! - [`folder`]: what is done about a folder that is in use, damaged, newer, full of large records
//!
//! Here: short ways to make commits and to look at everything a base holds.

mod copies;
mod damage;
mod disk;
mod engines;
mod faults;
mod folder;
mod looking_back;
mod migration;
mod undoing;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::engine::Engine;
use super::*;
use crate::model::fields::FieldId;
use crate::model::record::{Value, Values};

/// First name, last name, account name: some fields to fill.
const FIRST: u16 = 2;
const LAST: u16 = 4;
const NAME: u16 = 35;
const ACCOUNT: u16 = 34;

fn values(fields: &[(u16, &str)]) -> Values {
    fields.iter().map(|(n, text)| (FieldId(*n), Value::Text((*text).to_owned()))).collect()
}

fn put(fields: &[(u16, &str)]) -> Option<Put> {
    Some(Put { values: values(fields), ..Put::default() })
}

fn list<'a>(changes: impl IntoIterator<Item = (Entity, &'a str, Option<Put>)>) -> ChangeList {
    let mut list = ChangeList::default();
    for (entity, id, put) in changes {
        list.push(entity, Change { id: id.to_owned(), line: 2, put });
    }
    list
}

fn act(kind: Kind, changes: impl ChangeSource + 'static) -> Commit {
    Commit {
        kind,
        when: 1_700_000_000_000,
        who: Who { user: "kathryn".to_owned(), ..Who::default() },
        details: r#"{"file": "a.csv"}"#.to_owned(),
        changes: Box::new(changes),
        catalog: Catalog::default(),
        remember: Vec::new(),
        by_hand: kind == Kind::Edit || kind == Kind::Delete,
    }
}

fn submit(base: &Base, commit: &Commit) -> Result<Done, BaseError> {
    base.commit(base.head().commit, commit, &mut |_, _| {}, &AtomicBool::new(false))
}

fn import<'a>(base: &Base, changes: impl IntoIterator<Item = (Entity, &'a str, Option<Put>)>) -> u64 {
    submit(base, &act(Kind::Import, list(changes))).unwrap().number
}

fn edit<'a>(base: &Base, changes: impl IntoIterator<Item = (Entity, &'a str, Option<Put>)>) -> u64 {
    submit(base, &act(Kind::Edit, list(changes))).unwrap().number
}

fn plan(base: &Base, number: u64) -> Result<UndoPlan, BaseError> {
    base.plan_undo(number, &AtomicBool::new(false))
}

/// Undoes a commit with all that can be undone.
fn undo(base: &Base, number: u64) -> u64 {
    submit(base, &act(Kind::Undo { of: number }, plan(base, number).unwrap().changes)).unwrap().number
}

/// All that a base holds, but for stamps.
type Content = BTreeMap<(Entity, String), (Put, Uuid)>;

fn content(view: &View) -> Content {
    [Entity::Contact, Entity::Organization]
        .into_iter()
        .flat_map(|entity| view.scan(entity, "").map(move |found| (entity, found.unwrap())))
        .map(|(entity, (id, record))| ((entity, id), (Put::from(record.clone()), record.internal)))
        .collect()
}

/// The content without internal IDs.
fn puts(view: &View) -> BTreeMap<(Entity, String), Put> {
    content(view).into_iter().map(|(key, (put, _))| (key, put)).collect()
}

/// Fails unless every page and reference of the base is right.
fn assert_sound(base: &Base) {
    let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert_eq!(report.damaged.iter().take(3).collect::<Vec<_>>(), [] as [&verify::Damage; 0]);
    let head = base.head();
    assert_eq!(
        (report.contacts, report.organizations, report.members),
        (head.contacts, head.organizations, head.members)
    );
}

/// A base over an engine.
fn over(engine: impl Engine + 'static) -> Base {
    Base::over(Box::new(engine), std::env::temp_dir(), None).unwrap()
}

fn open(dir: &Path) -> Result<Base, BaseError> {
    Base::open(dir, Duration::from_secs(5))
}
