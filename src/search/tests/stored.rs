//! The search over a stored base: commits, edits, deletions, and a commit while a search runs.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::{Index, Narrowing, Query, Wanted};
use crate::base::{Base, Change, ChangeList, ChangeSource, Commit, Kind, Put, Who};
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
    submit(base, Kind::Edit, Box::new(list));
}

fn submit(base: &Base, kind: Kind, changes: Box<dyn ChangeSource>) {
    let commit = Commit {
        kind,
        when: 1_700_000_000_000,
        who: Who::default(),
        details: String::new(),
        changes,
        catalog: Catalog::default(),
        remember: Vec::new(),
        by_hand: false,
    };
    let next = base.head().commit;
    base.commit(next, &commit, &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
}

fn total(index: &Index, typed: &str) -> usize {
    let query = Query::parse(typed, TODAY).unwrap();
    let wanted = Wanted::best(Entity::Contact, 9);
    index.search(&query, wanted, &|| false, &mut Narrowing::default(), &mut |_| {}).unwrap().total
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
    let refresh = || index.refresh(&base.view(), None, &|| false, |_| {}).unwrap().unwrap();
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

/// Takes a commit back.
fn undo(base: &Base, number: u64) {
    let changes = base.plan_undo(number, &AtomicBool::new(false)).unwrap().changes;
    submit(base, Kind::Undo { of: number }, Box::new(changes));
}

/// What a freshly loaded index finds, and one that was brought up to date.
fn both(base: &Base, index: &Index, typed: &str) -> [Vec<String>; 2] {
    index.refresh(&base.view(), None, &|| false, |_| {}).unwrap().unwrap();
    index.order();
    let fresh = Index::new();
    fresh.refresh(&base.view(), None, &|| false, |_| {}).unwrap().unwrap();
    fresh.order();
    [index, &fresh].map(|index| found(index, typed))
}

#[test]
fn hits_after_an_import_an_edit_a_deletion_and_an_undo_are_those_of_a_fresh_load() {
    let base = Base::in_memory();
    let index = Index::new();
    let contact = |n: u32, name: &str| {
        let id = format!("C-{n:02}");
        (Entity::Contact, id, put(&[(2, name), (4, "Smith"), (5, "Buyer"), (27, "Berlin"), (34, "A-1")]))
    };
    let import = |names: &[&str]| {
        let mut changes = vec![(Entity::Organization, "A-1".to_owned(), put(&[(35, "Office Mart")]))];
        changes.extend((0..30).zip(names.iter().cycle()).map(|(n, name)| contact(n, name)));
        let changes = changes.iter().map(|(entity, id, put)| (*entity, id.as_str(), put.clone())).collect();
        commit(&base, changes);
    };
    let same = |what: &str| {
        for typed in ["anna", "smith berlin", "buyer", "office", "mart anna", "brwon", "c-1", "city:ber -josh"] {
            let [after, fresh] = both(&base, &index, typed);
            assert_eq!(after, fresh, "{typed} after {what}");
        }
    };
    import(&["Anna", "Josh", "Kathryn"]);
    same("an import");
    import(&["Anna", "Zoe"]);
    same("another import");
    commit(&base, vec![(Entity::Contact, "C-07", put(&[(2, "Aaron"), (4, "Brown"), (27, "Bern")]))]);
    same("an edit");
    commit(&base, vec![(Entity::Contact, "C-03", None), (Entity::Organization, "A-1", put(&[(35, "Mart Anna")]))]);
    same("a deletion and a new name");
    undo(&base, 4);
    same("an undo");
    undo(&base, 2);
    same("an undo of an import");
    assert_eq!(found(&index, "aaron"), ["C-07"]);
}

#[test]
fn a_search_that_runs_while_a_commit_runs_sees_the_base_before_it_or_after_it_whole() {
    let base = Base::in_memory();
    let index = Index::new();
    let name = |name: &str| {
        let ids: Vec<String> = (0..60).map(|n| format!("C-{n:02}")).collect();
        commit(&base, ids.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(2, name), (4, "Smith")]))).collect());
        index.refresh(&base.view(), None, &|| false, |_| {}).unwrap().unwrap();
        index.order();
    };
    name("Before");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            name("After");
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            let hits = total(&index, "before smith");
            assert!(hits == 0 || hits == 60, "{hits} of 60");
        }
    });
    assert_eq!([total(&index, "before smith"), total(&index, "after smith")], [0, 60]);
}
