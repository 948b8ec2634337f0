//! What a person does to a base between two imports: the test prepares it before the app opens it.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use muster::base::{Base, Change, ChangeList, Commit, Kind, Put, Who};
use muster::model::fields::{Entity, by_name};
use muster::model::record::{Value, Values};

/// Opens the base in a folder.
pub fn open(folder: &Path) -> Base {
    Base::open(folder, Duration::from_secs(10)).unwrap()
}

/// Commits one change of a person.
pub fn commit(base: &Base, kind: Kind, entity: Entity, id: &str, put: Option<Put>) -> u64 {
    let mut changes = ChangeList::default();
    changes.push(entity, Change { id: id.to_owned(), line: 0, put });
    let commit = Commit {
        kind,
        when: 1_763_800_000_000,
        who: Who { user: "ann".to_owned(), ..Who::default() },
        details: format!(r#"{{"record":"{}","id":"{id}"}}"#, entity.noun()),
        changes: Box::new(changes),
        catalog: base.catalog(),
        remember: Vec::new(),
        by_hand: kind != Kind::Import,
    };
    base.commit(base.head().commit, &commit, &mut |_, _| {}, &AtomicBool::new(false)).unwrap().number
}

/// A person sets a text of a record.
pub fn set(base: &Base, entity: Entity, id: &str, field: &str, text: &str) {
    let record = base.get(entity, id).unwrap().unwrap();
    let field = by_name(field).unwrap().id;
    let before = record.values.view().get(field).unwrap_or_default().to_vec();
    let kept = record.values.view().iter().filter(|(known, _)| *known != field);
    let mut values: Vec<(_, Value)> =
        kept.map(|(known, payload)| (known, Value::decode(known, payload).unwrap())).collect();
    values.push((field, Value::Text(text.to_owned())));
    values.sort_by_key(|(field, _)| *field);
    let mut by_hand = record.by_hand.clone();
    by_hand.entry(field).or_insert(before);
    let put = Put { values: values.into_iter().collect::<Values>(), by_hand, manual: record.manual };
    commit(base, Kind::Edit, entity, id, Some(put));
}

/// A person deletes a record.
pub fn delete(base: &Base, entity: Entity, id: &str) {
    commit(base, Kind::Delete, entity, id, None);
}
