//! What a commit did, in parts, and what became of its records; the order of what was done, whatever the clock says.

use super::*;

fn ids(base: &Base, number: u64, verb: Option<Verb>, first: usize, count: usize) -> Vec<String> {
    let deltas = base.view().some_deltas(number, Entity::Contact, verb, first, count).unwrap();
    deltas.into_iter().map(|delta| delta.id).collect()
}

#[test]
fn r25_parts_of_a_commit_are_those_of_the_whole() {
    let base = Base::in_memory();
    let names: Vec<String> = (0..5000).map(|n| format!("C-{n:04}")).collect();
    import(&base, names.iter().step_by(2).map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, "Ann")]))));
    let second = import(&base, names.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, "Bea")]))));
    assert_eq!(ids(&base, second, None, 0, 9999), names);
    assert_eq!(ids(&base, second, None, 4990, 100), names[4990..]);
    let created: Vec<String> = names.iter().skip(1).step_by(2).cloned().collect();
    for first in [0, 1, 700, 2499, 2500] {
        let part = &created[first..(first + 3).min(created.len())];
        assert_eq!(ids(&base, second, Some(Verb::Created), first, 3), part);
    }
    assert_eq!(ids(&base, second, Some(Verb::Deleted), 0, 3), [] as [&str; 0]);
    assert!(base.view().some_deltas(9, Entity::Contact, None, 0, 1).is_err());
}

#[test]
fn r26_a_record_is_told_as_it_was_after_a_commit_and_what_changed_it_since() {
    let base = Base::in_memory();
    let first = import(
        &base,
        [("C-1", "Kathryn"), ("C-2", "Josh"), ("C-3", "Ion")]
            .map(|(id, name)| (Entity::Contact, id, put(&[(FIRST, name)]))),
    );
    edit(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kate")]))]);
    edit(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Katy")])), (Entity::Contact, "C-2", None)]);
    let view = base.view();
    let later = |id: &str| view.later(first, Entity::Contact, id).unwrap();
    let since = |id: &str| later(id).since.iter().map(|(n, delta)| (*n, delta.what.verb())).collect::<Vec<_>>();
    assert_eq!(
        (later("C-1").then, since("C-1")),
        (put(&[(FIRST, "Kathryn")]), vec![(3, Verb::Updated), (2, Verb::Updated)])
    );
    assert_eq!((later("C-2").then, since("C-2")), (put(&[(FIRST, "Josh")]), vec![(3, Verb::Deleted)]));
    assert_eq!((later("C-3").then, since("C-3")), (put(&[(FIRST, "Ion")]), vec![]));
    let again = |number| view.touched_again(number, Entity::Contact, &AtomicBool::new(false)).unwrap();
    assert_eq!(
        (again(first), again(2), again(3)),
        (vec!["C-1".to_owned(), "C-2".to_owned()], vec!["C-1".to_owned()], vec![])
    );
}

#[test]
fn r02_a_clock_that_goes_back_changes_no_order() {
    let base = Base::in_memory();
    for (n, when) in [1_700_000_000_000, 1_700_000_000_000, 1_000, 1_700_000_000_001].into_iter().enumerate() {
        let contact = format!("C-{n}");
        let changes = [(Entity::Organization, "A-1", put(&[(NAME, "Mart")])), (Entity::Contact, &contact, put(&[]))];
        submit(&base, &Commit { when, ..act(Kind::Import, list(changes)) }).unwrap();
    }
    let born: Vec<Uuid> =
        (0..4).map(|n| base.get(Entity::Contact, &format!("C-{n}")).unwrap().unwrap().internal).collect();
    assert!(born.is_sorted_by(|a, b| a < b), "{born:?}");
    let history = base.history().unwrap();
    assert_eq!(history.iter().map(Entry::number).collect::<Vec<_>>(), [4, 3, 2, 1]);
    // The history says what the clock said.
    assert_eq!(history[1].when, 1_000);
}
