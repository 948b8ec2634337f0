//! R26: what undo restores, and what blocks it.

use super::*;

const ID: &str = "C-1";

fn named(name: &str) -> Option<Put> {
    put(&[(FIRST, name), (LAST, "Smith")])
}

fn first_name(base: &Base) -> String {
    let record = base.get(Entity::Contact, ID).unwrap().unwrap();
    record.values.view().text(FieldId(FIRST)).unwrap().to_owned()
}

#[test]
fn r26_undo_restores_what_was_there_exactly() {
    let base = Base::in_memory();
    let mut by_hand = named("Kathryn").unwrap();
    by_hand.by_hand.insert(FieldId(FIRST), b"Catherine".to_vec());
    let manual = Put { manual: true, ..put(&[(NAME, "Office Mart")]).unwrap() };
    edit(&base, [(Entity::Contact, ID, Some(by_hand)), (Entity::Organization, "A-1", Some(manual))]);
    let before = content(&base.view());
    let adopted = Put { manual: false, ..put(&[(NAME, "Office Mart")]).unwrap() };
    let import = import(
        &base,
        [
            (Entity::Contact, ID, named("Catherine")),
            (Entity::Contact, "C-2", put(&[(FIRST, "Josh"), (ACCOUNT, "A-1")])),
            (Entity::Organization, "A-1", Some(adopted)),
        ],
    );
    let plan = plan(&base, import).unwrap();
    assert_eq!((plan.blocked, plan.contacts.deleted, plan.contacts.updated, plan.organizations.updated), (0, 1, 1, 1));
    undo(&base, import);
    assert_eq!(content(&base.view()), before);
    assert_sound(&base);
}

#[test]
fn r26_an_undo_can_be_undone() {
    let base = Base::in_memory();
    import(&base, [(Entity::Contact, ID, named("Kathryn"))]);
    import(&base, [(Entity::Contact, ID, named("Kate")), (Entity::Contact, "C-2", named("Josh"))]);
    let after = content(&base.view());
    let undone = undo(&base, 2);
    assert_eq!(first_name(&base), "Kathryn");
    assert_eq!(base.entry(2).unwrap().undone_by, Some(undone));
    undo(&base, undone);
    assert_eq!(content(&base.view()), after);
    assert_eq!(base.entry(2).unwrap().undone_by, None);
}

#[test]
fn r26_the_same_value_changed_later_blocks_and_another_does_not() {
    let base = Base::in_memory();
    import(&base, [(Entity::Contact, ID, put(&[(FIRST, "Kathryn"), (LAST, "Smith"), (5, "Buyer")]))]);
    import(&base, [(Entity::Contact, ID, put(&[(FIRST, "Kate"), (LAST, "Jones"), (5, "Buyer")]))]);
    edit(&base, [(Entity::Contact, ID, put(&[(FIRST, "Katy"), (LAST, "Jones"), (5, "Head of Purchasing")]))]);
    let plan = plan(&base, 2).unwrap();
    let blocker =
        Blocker { entity: Entity::Contact, id: ID.to_owned(), field: Some(FieldId(FIRST)), why: Why::ChangedBy(3) };
    assert_eq!(plan.blockers, [blocker]);
    undo(&base, 2);
    let record = base.get(Entity::Contact, ID).unwrap().unwrap();
    assert_eq!(record.values, values(&[(FIRST, "Katy"), (LAST, "Smith"), (5, "Head of Purchasing")]));
}

#[test]
fn r26_a_later_import_that_was_undone_does_not_block() {
    let base = Base::in_memory();
    import(&base, [(Entity::Contact, ID, named("Kathryn"))]);
    import(&base, [(Entity::Contact, ID, named("Kate"))]);
    import(&base, [(Entity::Contact, ID, named("Katy")), (Entity::Contact, "C-2", named("Josh"))]);
    undo(&base, 3);
    undo(&base, 2);
    assert_eq!(first_name(&base), "Kathryn");
    assert_eq!(plan(&base, 1).unwrap().blocked, 0);
    undo(&base, 1);
    assert_eq!(base.head().contacts, 0);
    assert_sound(&base);
}

#[test]
fn r26_a_created_record_with_a_later_value_stays_whole() {
    let base = Base::in_memory();
    import(&base, [(Entity::Contact, ID, named("Kathryn"))]);
    edit(&base, [(Entity::Contact, ID, put(&[(FIRST, "Kathryn"), (LAST, "Smith"), (5, "Buyer")]))]);
    let plan = plan(&base, 1).unwrap();
    assert_eq!(plan.blockers.iter().map(|b| b.field).collect::<Vec<_>>(), [Some(FieldId(5))]);
    assert_eq!(plan.contacts, Counts::default());
}

#[test]
fn r26_a_record_deleted_since_blocks() {
    let base = Base::in_memory();
    import(&base, [(Entity::Contact, ID, named("Kathryn"))]);
    submit(&base, &act(Kind::Delete, list([(Entity::Contact, ID, None)]))).unwrap();
    let blockers = plan(&base, 1).unwrap().blockers;
    assert_eq!(blockers.iter().map(|b| (b.field, b.why.clone())).collect::<Vec<_>>(), [(None, Why::ChangedBy(2))]);
    undo(&base, 2);
    assert_eq!(plan(&base, 1).unwrap().blocked, 0, "it is there again");
    assert_eq!(plan(&base, 2).unwrap().blocked, 1, "its deletion is undone already");
}

#[test]
fn r26_members_added_since_block_and_keep_their_organization() {
    let base = Base::in_memory();
    let member = |account| put(&[(FIRST, "Kathryn"), (ACCOUNT, account)]);
    let organization = |id| (Entity::Organization, id, put(&[(NAME, id)]));
    import(&base, [organization("A-1"), organization("A-2"), (Entity::Contact, ID, member("A-1"))]);
    import(&base, [(Entity::Contact, "C-2", member("A-1"))]);
    let plan = plan(&base, 1).unwrap();
    assert_eq!(plan.blockers.iter().map(|b| b.why.clone()).collect::<Vec<_>>(), [Why::HasMember("C-2".to_owned())]);
    undo(&base, 1);
    let left: Vec<String> = puts(&base.view()).into_keys().map(|(_, id)| id).collect();
    assert_eq!(left, ["C-2", "A-1"]);
    assert_sound(&base);
}

#[test]
fn r26_nobody_goes_back_to_an_organization_that_is_gone() {
    let base = Base::in_memory();
    let member = |account| put(&[(FIRST, "Kathryn"), (ACCOUNT, account)]);
    let organization = |id| (Entity::Organization, id, put(&[(NAME, id)]));
    import(&base, [organization("A-1"), (Entity::Contact, ID, member("A-1"))]);
    import(&base, [organization("A-2"), (Entity::Contact, ID, put(&[(FIRST, "Kate"), (ACCOUNT, "A-2")]))]);
    submit(&base, &act(Kind::Delete, list([(Entity::Organization, "A-1", None)]))).unwrap();
    let plan = plan(&base, 2).unwrap();
    assert_eq!(
        plan.blockers.iter().map(|b| b.why.clone()).collect::<Vec<_>>(),
        [Why::OrganizationGone("A-1".to_owned()), Why::HasMember(ID.to_owned())]
    );
    undo(&base, 2);
    assert_eq!(base.members("A-2", None, 9).unwrap(), [ID]);
    assert_eq!(first_name(&base), "Kathryn");
    assert_sound(&base);
}

#[test]
fn r26_the_undo_of_a_deletion_brings_organization_and_members_back() {
    let base = Base::in_memory();
    let both = [
        (Entity::Organization, "A-1", put(&[(NAME, "Office Mart")])),
        (Entity::Contact, ID, put(&[(FIRST, "Kathryn"), (ACCOUNT, "A-1")])),
    ];
    import(&base, both);
    let before = content(&base.view());
    let gone = list([(Entity::Organization, "A-1", None), (Entity::Contact, ID, None)]);
    submit(&base, &act(Kind::Delete, gone)).unwrap();
    undo(&base, 2);
    assert_eq!(content(&base.view()), before);
}

#[test]
fn r26_deltas_of_the_last_hundred_imports_are_kept() {
    let base = Base::in_memory();
    for n in 0..=history::KEPT_IMPORTS + 1 {
        import(&base, [(Entity::Contact, ID, named(&n.to_string()))]);
    }
    let entries = base.history().unwrap();
    assert_eq!(entries.iter().filter(|entry| !entry.too_old).count() as u64, history::KEPT_IMPORTS);
    assert!(matches!(plan(&base, 2), Err(BaseError::TooOld(2))));
    assert!(matches!(base.deltas(1).err(), Some(BaseError::TooOld(1))));
    assert_eq!(plan(&base, 3).unwrap().blocked, 1);
    assert_sound(&base);
}

#[test]
fn a_clock_that_goes_back_changes_no_order() {
    let base = Base::in_memory();
    for (n, when) in [1_800_000_000_000, 1_600_000_000_000, 0, -5].into_iter().enumerate() {
        let id = format!("C-{n}");
        let changes = list([(Entity::Contact, id.as_str(), put(&[(FIRST, "Kathryn")]))]);
        submit(&base, &Commit { when, ..act(Kind::Import, changes) }).unwrap();
    }
    let numbers: Vec<u64> = base.history().unwrap().iter().map(Entry::number).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    let internals: std::collections::BTreeSet<Uuid> = content(&base.view()).into_values().map(|(_, id)| id).collect();
    assert_eq!(internals.len(), 4, "no internal ID twice");
    undo(&base, 4);
    undo(&base, 1);
    assert_eq!(content(&base.view()).len(), 2);
    assert_sound(&base);
}
