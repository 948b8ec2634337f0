//! The search over a stored base: commits, edits, deletions, and a commit while a search runs.

use std::sync::atomic::AtomicBool;

use super::super::{Index, Narrowing, Query, Wanted};
use crate::base::{Base, Change, ChangeList, Commit, Kind, Put, Who};
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::record::Value;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

fn put(values: &[(u16, &str)]) -> Option<Put> {
    let values = values.iter().map(|(field, text)| (FieldId(*field), Value::Text((*text).to_owned()))).collect();
    Some(Put { values, ..Put::default() })
}

fn commit(base: &Base, changes: Vec<(Entity, &str, Option<Put>)>) {
    let mut list = ChangeList::default();
    for (entity, id, put) in changes {
        list.push(entity, Change { id: id.to_owned(), line: 2, put });
    }
    let commit = Commit {
        kind: Kind::Edit,
        when: 1_700_000_000_000,
        who: Who::default(),
        details: String::new(),
        changes: Box::new(list),
        catalog: Catalog::default(),
        remember: Vec::new(),
        by_hand: false,
    };
    let next = base.head().commit;
    base.commit(next, &commit, &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
}

fn found(index: &Index, typed: &str) -> Vec<String> {
    let query = Query::parse(typed, TODAY).unwrap();
    let wanted = Wanted::best(Entity::Contact, 9);
    let hits = index.search(&query, wanted, &|| false, &mut Narrowing::default(), &mut |_| {}).unwrap();
    hits.hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn commits_edits_and_deletions_are_found_after_a_refresh() {
    let base = Base::in_memory();
    let index = Index::new();
    let refresh = || index.refresh(&base.view(), &|| false, |_| {}).unwrap().unwrap();
    commit(
        &base,
        vec![
            (Entity::Organization, "A-1", put(&[(35, "Office Mart")])),
            (Entity::Contact, "C-1", put(&[(2, "Kathryn"), (4, "Smith"), (34, "A-1")])),
            (Entity::Contact, "C-2", put(&[(2, "Josh"), (4, "Smithers")])),
        ],
    );
    assert_eq!(found(&index, "smith"), Vec::<String>::new(), "nothing is loaded yet");
    assert!(refresh().complete);
    assert_eq!(found(&index, "smith"), ["C-2", "C-1"]);
    assert_eq!(found(&index, "office"), ["C-1"]);
    assert_eq!(found(&index, "changed:2023-11 import:1"), ["C-2", "C-1"]);
    assert_eq!(found(&index, "changed:2022"), Vec::<String>::new());

    commit(&base, vec![(Entity::Organization, "A-1", put(&[(35, "Brown")])), (Entity::Contact, "C-2", None)]);
    assert_eq!(found(&index, "smith office"), ["C-1"], "the base before the commit, whole");
    refresh();
    assert_eq!(found(&index, "smith brown"), ["C-1"]);
    assert_eq!(found(&index, "josh"), Vec::<String>::new());
    assert_eq!(index.commit(), Some(2));
}
