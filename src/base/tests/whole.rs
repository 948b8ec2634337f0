//! First light.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::super::*;
use crate::model::fields::FieldId;
use crate::model::record::{Value, Values};

fn commit(base: &Base, kind: Kind, changes: impl ChangeSource + 'static) -> Result<Done, BaseError> {
    let commit = Commit {
        kind,
        when: 1_700_000_000_000,
        who: Who::default(),
        details: String::new(),
        changes: Box::new(changes),
        catalog: base.catalog(),
        remember: Vec::new(),
        by_hand: false,
    };
    base.commit(base.head().commit, &commit, &mut |_, _| {}, &AtomicBool::new(false))
}

fn put(id: &str, fields: &[(u16, &str)]) -> Change {
    let values: Values = fields.iter().map(|(n, t)| (FieldId(*n), Value::Text((*t).to_owned()))).collect();
    Change { id: id.to_owned(), line: 2, put: Some(Put { values, ..Put::default() }) }
}

#[test]
fn first_light() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b");
    let base = Base::open(&path, Duration::ZERO).unwrap();
    let mut list = ChangeList::default();
    list.push(Entity::Organization, put("A-1", &[(35, "Office Mart")]));
    list.push(Entity::Contact, put("C-1", &[(2, "Kathryn"), (4, "Smith"), (34, "A-1")]));
    list.push(Entity::Contact, put("C-2", &[(2, "Josh"), (4, "Smith"), (34, "A-1")]));
    commit(&base, Kind::Import, list).unwrap();
    assert_eq!(base.members("A-1", None, 9).unwrap(), ["C-1", "C-2"]);
    assert_eq!(base.near(Entity::Contact, "c-1").unwrap(), ["C-1"]);
    let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert_eq!(report.damaged, []);
    drop(base);
    let base = Base::open(&path, Duration::from_secs(1)).unwrap();
    assert_eq!(base.head().members, 2);
    let plan = base.plan_undo(1, &AtomicBool::new(false)).unwrap();
    assert_eq!((plan.blocked, plan.contacts.deleted), (0, 2));
    commit(&base, Kind::Undo { of: 1 }, plan.changes).unwrap();
    assert_eq!(base.head().contacts, 0);
    let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    assert_eq!(report.damaged, []);
    base.backup(&dir.path().join("copy"), &AtomicBool::new(false)).unwrap();
    let copy = Base::open(&dir.path().join("copy"), Duration::from_secs(1)).unwrap();
    assert_eq!(copy.head(), base.head());
}
