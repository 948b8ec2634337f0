//! The search against a slow and obvious reference, on random bases, queries and edits.

mod kept;
mod people;
mod reference;
mod stored;

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use proptest::prelude::*;
use rstest::rstest;

use super::{Hits, Index, Narrowing, Progress, Query, Sort, Tier, Wanted};
use crate::model::fields::Entity;
use people::{PHONES, Person, Piece, TestBase, base, person, pieces};
use reference::{reference_search, reference_sorted};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

fn indexed(base: &TestBase) -> Index {
    let index = Index::new();
    refresh(&index, base);
    index.order();
    index
}

fn refresh(index: &Index, base: &TestBase) -> Progress {
    let Ok(done) = index.refresh(base, None, &|| false, |_| {});
    done.expect("not cancelled")
}

/// Searches, and checks that a first page that comes early is the page of the answer.
fn search(index: &Index, typed: &str, wanted: Wanted, narrowing: &mut Narrowing) -> Hits {
    let query = Query::parse(typed, TODAY).unwrap();
    let mut page = None;
    let hits =
        index.search(&query, wanted, &|| false, narrowing, &mut |hits| page = Some(hits)).expect("not cancelled");
    if let Some(page) = page {
        let settled = if hits.hits.first().is_some_and(|hit| hit.typo) { &[] } else { hits.hits.as_slice() };
        assert_eq!(page, settled, "the first page of {typed}");
    }
    hits
}

fn typed(pieces: &[Piece]) -> String {
    pieces.iter().map(Piece::typed).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_fast_search_is_the_slow_one(base in base(), pieces in pieces(), contacts: bool, limit in 1usize..30) {
        let entity = if contacts { Entity::Contact } else { Entity::Organization };
        let mut expected = reference_search(&base, entity, &pieces);
        let found = search(&indexed(&base), &typed(&pieces), Wanted::best(entity, limit), &mut Narrowing::default());
        prop_assert_eq!(found.total, expected.len(), "{}", typed(&pieces));
        expected.truncate(limit);
        prop_assert_eq!(found.hits, expected, "{}", typed(&pieces));
    }

    #[test]
    fn typing_letter_by_letter_finds_the_same(base in base(), pieces in pieces()) {
        let index = indexed(&base);
        let typed = typed(&pieces);
        let mut narrowing = Narrowing::default();
        for (at, c) in typed.char_indices() {
            let so_far = &typed[..at + c.len_utf8()];
            if Query::parse(so_far, TODAY).is_ok() {
                let narrowed = search(&index, so_far, Wanted::best(Entity::Contact, 10), &mut narrowing);
                let fresh = search(&index, so_far, Wanted::best(Entity::Contact, 10), &mut Narrowing::default());
                prop_assert_eq!(narrowed, fresh, "{}", so_far);
            }
        }
    }

    /// As it is when somebody types faster than it can be searched.
    #[test]
    fn searches_that_were_cancelled_leave_nothing_wrong(base in base(), pieces in pieces(), asked in 0usize..40) {
        let index = indexed(&base);
        let typed = typed(&pieces);
        let mut narrowing = Narrowing::default();
        for (at, c) in typed.char_indices() {
            let Ok(query) = Query::parse(&typed[..at + c.len_utf8()], TODAY) else { continue };
            let left = AtomicUsize::new(asked * (at + 1) % 40);
            let cancelled = || left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err();
            _ = index.search(&query, Wanted::best(Entity::Contact, 10), &cancelled, &mut narrowing, &mut |_| {});
        }
        let after = search(&index, &typed, Wanted::best(Entity::Contact, 10), &mut narrowing);
        let fresh = search(&index, &typed, Wanted::best(Entity::Contact, 10), &mut Narrowing::default());
        prop_assert_eq!(after, fresh, "{}", typed);
    }

    #[test]
    fn windows_of_sorted_hits_are_parts_of_the_whole(base in base(), pieces in pieces(), by_organization: bool, count in 1usize..9) {
        let index = indexed(&base);
        let expected = reference_sorted(&base, Entity::Contact, &pieces, by_organization);
        let sort = if by_organization { Sort::Organization } else { Sort::Name };
        let mut narrowing = Narrowing::default();
        let mut ids = |first, around| {
            let wanted = Wanted { sort, first, around, ..Wanted::best(Entity::Contact, count) };
            let found = search(&index, &typed(&pieces), wanted, &mut narrowing);
            assert_eq!(found.total, expected.len());
            (found.first, found.hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>())
        };
        for first in (0..expected.len() + 2).step_by(3) {
            let window = expected.iter().skip(first).take(count).cloned().collect::<Vec<_>>();
            prop_assert_eq!(ids(first, None).1, window);
        }
        for (place, id) in expected.iter().enumerate() {
            let (first, window) = ids(0, Some(id.clone()));
            prop_assert_eq!(first, place.saturating_sub(count / 2));
            prop_assert!(window.contains(id) && window[0] == expected[first]);
        }
    }

    #[test]
    fn the_best_hits_are_paged_as_they_are_found(base in base(), pieces in pieces()) {
        let index = indexed(&base);
        let expected = reference_search(&base, Entity::Contact, &pieces);
        for (place, hit) in expected.iter().enumerate() {
            let wanted = Wanted { around: Some(hit.id.clone()), ..Wanted::best(Entity::Contact, 5) };
            let found = search(&index, &typed(&pieces), wanted, &mut Narrowing::default());
            prop_assert_eq!(&found.hits[place - found.first], hit);
        }
    }

    #[test]
    fn hits_after_edits_are_those_of_a_fresh_build(
        base in base(), contacts in prop::collection::btree_map("C[0-3][0-9a]{0,2}", person(true), 0..4),
        organizations in prop::collection::btree_map("A[0-5]", person(false), 0..2), deleted in 0usize..9, pieces in pieces(),
    ) {
        let index = indexed(&base);
        let mut base = base;
        base.commit = 2;
        let stamped = |(id, person): (String, Person)| (id, Person { commit: 2, ..person });
        base.contacts.extend(contacts.into_iter().map(stamped));
        base.organizations.extend(organizations.into_iter().map(stamped));
        for table in [&mut base.contacts, &mut base.organizations] {
            if let Some((_, person)) = table.iter_mut().nth(deleted) {
                *person = Person { commit: 2, ..Person::default() };
            }
        }
        refresh(&index, &base);
        for entity in [Entity::Contact, Entity::Organization] {
            let after = search(&index, &typed(&pieces), Wanted::best(entity, 50), &mut Narrowing::default());
            let fresh = search(&indexed(&base), &typed(&pieces), Wanted::best(entity, 50), &mut Narrowing::default());
            prop_assert_eq!(after, fresh);
        }
    }
}

fn contacts(ids: &[&str]) -> TestBase {
    let person = Person { name: ["Anna", "Smith"], commit: 1, account: Some("A1".into()), ..Person::default() };
    let organization = Person { name: ["Office Mart", ""], commit: 1, ..Person::default() };
    TestBase {
        contacts: ids.iter().map(|id| ((*id).to_owned(), person.clone())).collect(),
        organizations: [("A1".to_owned(), organization)].into(),
        commit: 1,
    }
}

/// Many hits that begin with what is typed, by name before the one that is exactly that.
#[rstest]
#[case("anna", "ANNA", Person::default())]
#[case("4930901820", "Z", Person { phones: vec![&PHONES[0]], ..Person::default() })]
#[case("030 901820", "Z", Person { phones: vec![&PHONES[0]], ..Person::default() })]
fn an_exact_hit_is_the_first_whatever_its_name(#[case] typed: &str, #[case] exact: &str, #[case] last: Person) {
    let mut base = contacts(&["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9"]);
    let custom = "4930901820a 030a 901820a";
    base.contacts.values_mut().for_each(|person| *person = Person { custom, ..person.clone() });
    base.contacts.insert(exact.to_owned(), Person { name: ["Zed", "Zed"], commit: 1, ..last });
    let hits = search(&indexed(&base), typed, Wanted::best(Entity::Contact, 3), &mut Narrowing::default()).hits;
    assert_eq!((&*hits[0].id, hits[0].tier, hits[1].tier > Tier::Exact), (exact, Tier::Exact, true));
}

#[test]
fn only_what_changed_is_folded_again() {
    let mut base = contacts(&["C1", "C2", "C3"]);
    let index = indexed(&base);
    assert_eq!(refresh(&index, &base).folded, 0);
    base.commit = 2;
    base.contacts.get_mut("C2").unwrap().commit = 2;
    assert_eq!(refresh(&index, &base).folded, 1);
    base.commit = 3;
    base.organizations.get_mut("A1").unwrap().name[0] = "Brown";
    base.organizations.get_mut("A1").unwrap().commit = 3;
    assert_eq!(refresh(&index, &base).folded, 4, "the organization, and its members");
    assert_eq!(search(&index, "brown", Wanted::best(Entity::Contact, 9), &mut Narrowing::default()).total, 3);
}

#[test]
fn a_cancelled_search_and_refresh_say_so() {
    let base = contacts(&["C1"]);
    let index = indexed(&base);
    // One is in the text of a record, the other one in what records share.
    for typed in ["anna", "office"] {
        let query = Query::parse(typed, TODAY).unwrap();
        let mut narrowing = Narrowing::default();
        let found = index.search(&query, Wanted::best(Entity::Contact, 9), &|| true, &mut narrowing, &mut |_| {});
        assert_eq!(found, None, "{typed}");
        assert_eq!(search(&index, typed, Wanted::best(Entity::Contact, 9), &mut narrowing).total, 1, "{typed}");
    }
    let Ok(cancelled) = Index::new().refresh(&base, None, &|| true, |_| {});
    assert_eq!(cancelled, None);
}

#[test]
fn commits_and_days_are_filters() {
    let base = contacts(&["C1"]);
    let index = indexed(&base);
    let total = |typed| search(&index, typed, Wanted::best(Entity::Contact, 9), &mut Narrowing::default()).total;
    assert_eq!([total("import:1"), total("import:2"), total("-import:1")], [1, 0, 0]);
    assert_eq!([total("edited:hand"), total("-edited:hand"), total("changed:2026")], [0, 1, 0]);
}
