//! What holds for every engine: a base does what plain maps do.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::disk::Disk;
use super::*;
use crate::base::memory::Memory;
use crate::base::sled::SledStore;
use crate::base::versions::Versions;

/// What a random commit does to one record: for a contact also where it belongs.
#[derive(Debug, Clone)]
enum Deed {
    Put { entity: Entity, id: u8, text: u8, account: u8, by_hand: bool },
    Delete { entity: Entity, id: u8 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let entity = prop_oneof![3 => Just(Entity::Contact), 1 => Just(Entity::Organization)];
    let id = 0u8..40;
    let put = (entity.clone(), id.clone(), 0u8..4, 0u8..12, proptest::bool::weighted(0.2));
    let deed = prop_oneof![
        4 => put.prop_map(|(entity, id, text, account, by_hand)| Deed::Put { entity, id, text, account, by_hand }),
        1 => (entity, id).prop_map(|(entity, id)| Deed::Delete { entity, id }),
    ];
    proptest::collection::vec(deed, 0..25)
}

/// A step of a random history.
#[derive(Debug, Clone)]
enum Turn {
    Commit(Vec<Deed>),
    /// Undoes the commit that lies so many back.
    Undo(u64),
    Reopen,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn =
        prop_oneof![4 => deeds().prop_map(Turn::Commit), 2 => (0u64..4).prop_map(Turn::Undo), 1 => Just(Turn::Reopen)];
    proptest::collection::vec(turn, 1..12)
}

/// IDs of different lengths and cases; some near each other.
fn id_of(entity: Entity, n: u8) -> String {
    match (entity, n % 3) {
        (Entity::Organization, _) => format!("A-{}", n % 12),
        (Entity::Contact, 0) => format!("00{n}"),
        (Entity::Contact, 1) => format!("c{}", n - 1),
        (Entity::Contact, _) => format!("C{}", n - 2),
    }
}

/// Text that fills pages: about 2 KB that do not pack.
fn filler(seed: u8) -> String {
    let mut state = u64::from(seed) + 1;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 33) as u8 % 90)
    });
    letters.take(2000).collect()
}

type Model = BTreeMap<(Entity, String), Put>;

/// The model after the deeds, made such that no contact is left without its organization.
fn after(model: &Model, deeds: &[Deed]) -> Model {
    let mut next = model.clone();
    for deed in deeds {
        match deed {
            Deed::Put { entity, id, text, account, by_hand } => {
                let mut fields = vec![(FIRST, text.to_string()), (LAST, filler(*text))];
                if *entity == Entity::Contact && *account < 8 {
                    fields.push((ACCOUNT, id_of(Entity::Organization, *account)));
                }
                let fields: Vec<(u16, &str)> = fields.iter().map(|(n, text)| (*n, text.as_str())).collect();
                let mut put = Put { values: values(&fields), ..Put::default() };
                put.manual = *by_hand && *entity == Entity::Organization;
                if *by_hand {
                    put.by_hand.insert(FieldId(FIRST), b"from a file".to_vec());
                }
                next.insert((*entity, id_of(*entity, *id)), put);
            }
            Deed::Delete { entity, id } => {
                next.remove(&(*entity, id_of(*entity, *id)));
            }
        }
    }
    let organizations: BTreeSet<String> =
        next.keys().filter(|(entity, _)| *entity == Entity::Organization).map(|(_, id)| id.clone()).collect();
    next.retain(|_, put| {
        put.values.view().text(FieldId(ACCOUNT)).is_none_or(|account| organizations.contains(account))
    });
    next
}

fn changes(from: &Model, to: &Model) -> ChangeList {
    let mut list = ChangeList::default();
    for (entity, id) in from.keys().chain(to.keys()) {
        let put = to.get(&(*entity, id.clone())).cloned();
        list.push(*entity, Change { id: id.clone(), line: 2, put });
    }
    list
}

/// Fails unless the base says about each record what the model says, in every way in which it can be asked.
fn compare(base: &Base, model: &Model) {
    assert_sound(base);
    assert_eq!(&puts(&base.view()), model);
    let mut cursors = [base.cursor(Entity::Contact), base.cursor(Entity::Organization)];
    let mut lookups = [Entity::Contact, Entity::Organization].map(|entity| Lookup::new(&base.view(), entity));
    // In no order, most pages more than once.
    for n in (0..120u32).map(|n| (n * 17 % 40) as u8) {
        for (entity, lookup) in [Entity::Contact, Entity::Organization].into_iter().zip(&mut lookups) {
            let id = id_of(entity, n);
            assert_eq!(lookup.get(&id).unwrap().map(Put::from), model.get(&(entity, id)).cloned());
        }
    }
    let mut roster = Roster::new(&base.view());
    for id in model.keys().filter(|(entity, _)| *entity == Entity::Organization).map(|(_, id)| id) {
        assert_eq!(roster.has_members(id).unwrap(), base.member_count(id).unwrap() > 0, "{id}");
    }
    for n in 0..40 {
        for (entity, cursor) in [Entity::Contact, Entity::Organization].into_iter().zip(&mut cursors) {
            let id = id_of(entity, n);
            let found = base.get(entity, &id).unwrap();
            assert_eq!(found.clone().map(Put::from), model.get(&(entity, id.clone())).cloned(), "{id}");
            let lent = cursor.get(&id).unwrap().map(|record| (record.internal, record.values.to_owned()));
            assert_eq!(lent, found.clone().map(|record| (record.internal, record.values)));
            assert!(found.is_none() || base.tombstone(entity, &id).unwrap().is_none());
            if let Some(record) = found {
                assert_eq!(base.by_internal(record.internal).unwrap(), Some((entity, id.clone())));
            }
            let fold = |id: &str| id.trim_start_matches('0').to_lowercase();
            let near = model.keys().filter(|(e, other)| *e == entity && *other != id && fold(other) == fold(&id));
            assert_eq!(
                base.near(entity, &id).unwrap(),
                near.map(|(_, id)| id.clone()).collect::<Vec<_>>(),
                "near {id}"
            );
        }
        let account = id_of(Entity::Organization, n);
        let members = model.iter().filter(|(_, put)| put.values.view().text(FieldId(ACCOUNT)) == Some(&account));
        let members: Vec<String> = members.map(|((_, id), _)| id.clone()).collect();
        assert_eq!(base.member_count(&account).unwrap(), members.len() as u64);
        assert_eq!(
            base.members(&account, members.first().map(String::as_str), 2).unwrap(),
            members.iter().skip(1).take(2).cloned().collect::<Vec<_>>()
        );
    }
}

/// Plays the turns, and compares after each.
fn play(turns: &[Turn], open: &mut dyn FnMut() -> Base) {
    let mut base = open();
    let mut pasts = vec![Model::new()];
    let mut internals: BTreeMap<(Entity, String), Uuid> = BTreeMap::new();
    for turn in turns {
        let now = pasts.last().unwrap().clone();
        match turn {
            Turn::Commit(deeds) => {
                let next = after(&now, deeds);
                let before = base.view();
                submit(&base, &act(Kind::Import, changes(&now, &next))).unwrap();
                assert_eq!(puts(&before), now, "a reader saw a commit");
                pasts.push(next);
            }
            Turn::Undo(back) => {
                let newest = base.head().commit;
                let Some(number) = newest.checked_sub(*back).filter(|n| *n > 0) else { continue };
                let plan = plan(&base, number).unwrap();
                let free = plan.blocked == 0;
                submit(&base, &act(Kind::Undo { of: number }, plan.changes)).unwrap();
                let undone = puts(&base.view());
                if *back == 0 {
                    assert!(free, "nothing can block the undo of the newest commit");
                    assert_eq!(undone, pasts[number as usize - 1], "undo of {number}");
                }
                pasts.push(undone);
            }
            Turn::Reopen => {
                drop(base);
                base = open();
            }
        }
        compare(&base, pasts.last().unwrap());
        for (key, (_, internal)) in content(&base.view()) {
            assert_eq!(*internals.entry(key).or_insert(internal), internal, "R2: an internal ID changed");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn r02_r24_r26_an_engine_in_memory_does_what_maps_do(turns in turns()) {
        let turns: Vec<Turn> = turns.into_iter().filter(|turn| !matches!(turn, Turn::Reopen)).collect();
        play(&turns, &mut || over(Memory::default()));
    }

    #[test]
    fn r02_r24_r26_versions_over_a_disk_do_what_maps_do(turns in turns()) {
        let disk = Disk::default();
        play(&turns, &mut || over(Versions::open(disk.clone()).unwrap()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn r02_r24_r26_sled_does_what_maps_do(turns in turns()) {
        let dir = tempfile::tempdir().unwrap();
        let wait = Duration::from_secs(5);
        play(&turns, &mut || over(Versions::open(SledStore::open(dir.path(), wait).unwrap()).unwrap()));
    }
}

/// Every engine, empty.
fn engines() -> Vec<Base> {
    let dir = tempfile::tempdir().unwrap().keep();
    vec![Base::in_memory(), over(Versions::open(Disk::default()).unwrap()), open(&dir).unwrap()]
}

#[test]
fn r24_a_reader_sees_one_commit_whole_while_others_are_made() {
    for base in engines() {
        import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn"), (LAST, "Smith")]))]);
        let view = base.view();
        let mut scan = view.scan(Entity::Contact, "");
        for n in 0..3 {
            let name = n.to_string();
            import(
                &base,
                [(Entity::Contact, "C-1", put(&[(FIRST, &name)])), (Entity::Contact, "C-2", put(&[(FIRST, &name)]))],
            );
        }
        assert_eq!(
            view.get(Entity::Contact, "C-1").unwrap().unwrap().values,
            values(&[(FIRST, "Kathryn"), (LAST, "Smith")])
        );
        assert_eq!(scan.next().unwrap().unwrap().1.created, 1);
        assert!(scan.next().is_none());
        assert_eq!(view.head().commit, 1);
        assert_sound(&base);
    }
}

#[test]
fn r24_a_commit_upon_another_head_is_refused() {
    for base in engines() {
        import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
        let late = base.commit(0, &act(Kind::Import, ChangeList::default()), &mut |_, _| {}, &AtomicBool::new(false));
        assert!(matches!(late, Err(BaseError::Moved { expected: 0, head: 1 })));
    }
}

#[test]
fn r24_cancelling_leaves_the_base_as_it_was() {
    let ids: Vec<String> = (0..5000).map(|n| format!("C-{n:05}")).collect();
    for base in engines() {
        import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
        let before = content(&base.view());
        let many = list(ids.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, id)]))));
        let cancel = AtomicBool::new(false);
        let mut stop = |done, _| cancel.store(done > 2000, Ordering::Relaxed);
        let cancelled = base.commit(1, &act(Kind::Import, many), &mut stop, &cancel);
        assert!(matches!(cancelled, Err(BaseError::Cancelled)));
        assert_eq!(content(&base.view()), before);
        assert_sound(&base);
        import(&base, [(Entity::Contact, "C-00001", put(&[(FIRST, "Josh")]))]);
        assert_eq!((base.head().commit, base.head().contacts), (2, 2));
    }
}

#[test]
fn changes_that_break_what_must_hold_are_refused() {
    let contact = |account| put(&[(FIRST, "Kathryn"), (ACCOUNT, account)]);
    for base in engines() {
        let organizations = ["A-1", "A-2", "A-3"].map(|id| (Entity::Organization, id, put(&[(NAME, id)])));
        import(&base, organizations.into_iter().chain([(Entity::Contact, "C-1", contact("A-2"))]));
        let before = content(&base.view());
        for wrong in [
            list([(Entity::Contact, "C-2", contact("A-9"))]),
            list([(Entity::Organization, "A-2", None)]),
            list([(Entity::Organization, "A-3", None), (Entity::Contact, "C-1", contact("A-3"))]),
            list([(Entity::Contact, "", contact("A-1"))]),
            list([(Entity::Contact, "C\0", contact("A-1"))]),
            list([(Entity::Contact, "C-3", put(&[(LAST, &"x".repeat(30_000))]))]),
        ] {
            assert!(matches!(submit(&base, &act(Kind::Import, wrong)), Err(BaseError::Invalid(_))));
            assert_eq!(content(&base.view()), before);
        }
        let moved = list([(Entity::Organization, "A-2", None), (Entity::Contact, "C-1", contact("A-1"))]);
        submit(&base, &act(Kind::Import, moved)).unwrap();
        assert_sound(&base);
    }
}

#[test]
fn r16_a_commit_without_changes_writes_a_history_line_only() {
    for base in engines() {
        let change = || [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))];
        import(&base, change());
        let done = submit(&base, &act(Kind::Import, list(change()))).unwrap();
        assert_eq!(done, Done { number: 2, ..Done::default() });
        let record = base.get(Entity::Contact, "C-1").unwrap().unwrap();
        assert_eq!((record.created, record.changed, record.line), (1, 1, 2));
        assert_eq!(base.deltas(2).unwrap().count(), 0);
        assert_eq!(base.history().unwrap().len(), 2);
        assert_eq!(plan(&base, 2).unwrap().blocked, 0);
    }
}

#[test]
fn r25_the_history_tells_who_when_and_what() {
    for base in engines() {
        import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
        edit(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathy")]))]);
        let [newest, first] = <[Entry; 2]>::try_from(base.history().unwrap()).unwrap();
        assert_eq!((newest.number(), newest.kind, newest.by_hand), (2, Kind::Edit, true));
        assert_eq!((first.who.user.as_str(), first.details.as_str()), ("kathryn", r#"{"file": "a.csv"}"#));
        assert_eq!(first.done.contacts, Counts { created: 1, ..Counts::default() });
        let deltas: Vec<Delta> = base.deltas(2).unwrap().map(Result::unwrap).collect();
        let slot = |text: &str| Slot { value: Some(text.as_bytes().to_vec()), by_hand: None };
        let change = FieldChange { field: FieldId(FIRST), before: slot("Kathryn"), after: slot("Kathy") };
        assert_eq!(deltas[0].what, What::Updated { fields: vec![change], manual: [false; 2] });
        assert!(matches!(base.entry(3), Err(BaseError::NoSuchCommit(3))));
        assert!(matches!(base.deltas(0).err(), Some(BaseError::NoSuchCommit(0))));
    }
}

#[test]
fn r02_r28_what_is_deleted_leaves_a_tombstone_and_comes_back_as_itself() {
    for base in engines() {
        import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
        let internal = base.get(Entity::Contact, "C-1").unwrap().unwrap().internal;
        submit(&base, &act(Kind::Delete, list([(Entity::Contact, "C-1", None)]))).unwrap();
        let stone = Tombstone { internal, by_hand: true, stay: false };
        assert_eq!(base.tombstone(Entity::Contact, "C-1").unwrap(), Some(stone));
        assert_eq!(base.by_internal(internal).unwrap(), None);
        let remember = vec![(stay_key(Entity::Contact, "C-1"), Some(Vec::new()))];
        submit(&base, &Commit { remember, ..act(Kind::Import, ChangeList::default()) }).unwrap();
        assert_eq!(base.tombstone(Entity::Contact, "C-1").unwrap(), Some(Tombstone { stay: true, ..stone }));
        import(&base, [(Entity::Contact, "C-1", put(&[(FIRST, "Kathryn")]))]);
        assert_eq!(base.get(Entity::Contact, "C-1").unwrap().unwrap().internal, internal);
        assert_eq!(base.tombstone(Entity::Contact, "C-1").unwrap(), None);
        undo(&base, 4);
        assert!(!base.tombstone(Entity::Contact, "C-1").unwrap().unwrap().by_hand);
        assert_sound(&base);
    }
}

#[test]
fn what_is_remembered_is_recalled_and_forgotten() {
    for base in engines() {
        let long = vec![7; 300_000];
        let remember = |entries: &[(&str, Option<&[u8]>)]| {
            let remember = entries.iter().map(|(key, value)| ((*key).to_owned(), value.map(<[u8]>::to_vec))).collect();
            submit(&base, &Commit { remember, ..act(Kind::Import, ChangeList::default()) }).unwrap();
        };
        remember(&[("m/b", Some(b"2")), ("m/a", Some(&long)), ("n/c", Some(b"3"))]);
        remember(&[("m/b", None), ("m/d", Some(b""))]);
        assert_eq!(base.recall("m/b").unwrap(), None);
        assert_eq!(base.recall("m/a").unwrap(), Some(long.clone()));
        assert_eq!(base.recall_prefix("m/").unwrap(), [("m/a".to_owned(), long), ("m/d".to_owned(), Vec::new())]);
        assert_sound(&base);
    }
}

#[test]
fn custom_fields_are_kept_with_the_commit() {
    let mut catalog = Catalog::default();
    catalog.add(Entity::Contact, "Lead Source").unwrap();
    for base in engines() {
        submit(&base, &Commit { catalog: catalog.clone(), ..act(Kind::Import, ChangeList::default()) }).unwrap();
        assert_eq!(base.catalog(), catalog);
    }
}

#[test]
fn what_commits_touched_is_told_and_pages_are_read_from_an_id_on() {
    let ids: Vec<String> = (0..100).map(|n| format!("C-{n:03}")).collect();
    for base in engines() {
        let text = filler(1);
        import(&base, ids.iter().map(|id| (Entity::Contact, id.as_str(), put(&[(FIRST, id), (LAST, &text)]))));
        assert!(base.pages(Entity::Contact, "").count() > 5);
        import(&base, [(Entity::Contact, "C-050", put(&[(FIRST, "Josh"), (LAST, &text)]))]);
        import(&base, [(Entity::Contact, "C-051", None), (Entity::Organization, "A-1", put(&[(NAME, "Mart")]))]);
        let touched = |since, most| base.view().touched(since, most).unwrap();
        let contact = |id: &str| (Entity::Contact, id.to_owned());
        let later = vec![contact("C-051"), (Entity::Organization, "A-1".to_owned())];
        assert_eq!(touched(2, 2), Some(later.clone()));
        assert_eq!(touched(1, 3), Some([vec![contact("C-050")], later].concat()));
        assert_eq!((touched(1, 2), touched(3, 0)), (None, Some(vec![])), "too many, none");
        let page = base.pages(Entity::Contact, "C-050").next().unwrap().unwrap();
        assert!(page.records().any(|found| found.unwrap().0 == "C-050") && !page.is_empty());
    }
}
