use super::*;
use crate::base::Who;
use crate::flow::delete::{self, Deletion};
use crate::flow::gauge::Gauge;
use crate::flow::show;
use crate::flow::undo::{TakenBack, take_back};
use crate::model::fields::by_name;
use rstest::rstest;

static GO_ON: AtomicBool = AtomicBool::new(false);

fn id_of(name: &str) -> FieldId {
    by_name(name).unwrap().id
}

fn stamp() -> Stamp {
    Stamp { who: Who { user: "ops".to_owned(), ..Who::default() }, when: 0 }
}

fn typed(fields: &[(&str, &str)]) -> BTreeMap<FieldId, String> {
    fields.iter().map(|(name, text)| (id_of(name), (*text).to_owned())).collect()
}

fn draft(base: &Base, entity: Entity, id: &str, fields: &[(&str, &str)]) -> Draft {
    Draft {
        entity,
        id: id.to_owned(),
        seen: base.get(entity, id).unwrap(),
        typed: typed(fields),
        reading: Reading::default(),
    }
}

fn save_all(base: &Base, entity: Entity, id: &str, fields: &[(&str, &str)]) -> Saved {
    save(base, &draft(base, entity, id, fields), &stamp(), &GO_ON).unwrap()
}

fn number(saved: Saved) -> u64 {
    match saved {
        Saved::Done(done) => done.number,
        Saved::Not(review) => panic!("{review:?}"),
    }
}

/// Changes as a file brings them: no value is a person's.
fn import(base: &Base, entity: Entity, id: &str, fields: &[(&str, &str)]) -> u64 {
    let row = typed(fields);
    let cells: Vec<(FieldId, &str)> = row.iter().map(|(field, text)| (*field, text.as_str())).collect();
    let values = typed_row(entity, &cells, &Catalog::default(), &Reading::default()).values;
    let mut changes = ChangeList::default();
    changes.push(entity, Change { id: id.to_owned(), line: 2, put: Some(Put { values, ..Put::default() }) });
    let commit =
        Commit { kind: Kind::Import, by_hand: false, ..by_hand(base, Kind::Import, (entity, id), changes, &stamp()) };
    base.commit(base.head().commit, &commit, &mut |_, _| {}, &AtomicBool::new(false)).unwrap().number
}

fn office_mart() -> Base {
    let base = Base::in_memory();
    import(&base, Entity::Organization, "A-1", &[("account.name", "Office Mart")]);
    let person = [("contact.first_name", "Kathryn"), ("contact.last_name", "Smith"), ("contact.title", "Buyer")];
    import(&base, Entity::Contact, "C-1", &[&person[..], &[("account.id", "A-1")]].concat());
    base
}

fn contact(base: &Base, id: &str) -> Record {
    base.get(Entity::Contact, id).unwrap().unwrap()
}

#[test]
fn r14_a_changed_value_is_protected_with_what_the_file_brought_and_others_are_not() {
    let base = office_mart();
    number(save_all(
        &base,
        Entity::Contact,
        "C-1",
        &[("contact.title", "Head of Purchasing"), ("contact.last_name", "Smith ")],
    ));
    let record = contact(&base, "C-1");
    assert_eq!(record.values.view().text(id_of("contact.title")), Some("Head of Purchasing"));
    assert_eq!(record.by_hand, BTreeMap::from([(id_of("contact.title"), b"Buyer".to_vec())]));
    number(save_all(&base, Entity::Contact, "C-1", &[("contact.title", "CEO")]));
    assert_eq!(
        contact(&base, "C-1").by_hand[&id_of("contact.title")],
        b"Buyer",
        "what a file last brought stays known"
    );
    number(save_all(&base, Entity::Contact, "C-1", &[("contact.title", "Buyer")]));
    assert!(contact(&base, "C-1").by_hand.is_empty(), "the file's value again is the file's");
}

#[test]
fn r14_the_membership_and_an_erased_value_are_protected_too() {
    let base = office_mart();
    number(save_all(&base, Entity::Contact, "C-1", &[("account.id", ""), ("contact.title", "")]));
    let by_hand = contact(&base, "C-1").by_hand;
    assert_eq!(
        by_hand,
        BTreeMap::from([(id_of("contact.title"), b"Buyer".to_vec()), (FieldId::ACCOUNT_ID, b"A-1".to_vec())])
    );
    assert_eq!(base.member_count("A-1").unwrap(), 0);
}

#[test]
fn r13_an_organization_made_here_is_manual_and_an_edited_one_is_not() {
    let base = office_mart();
    number(save_all(&base, Entity::Organization, "H-1", &[("account.name", "By Hand Ltd")]));
    assert!(base.get(Entity::Organization, "H-1").unwrap().unwrap().manual);
    number(save_all(&base, Entity::Organization, "A-1", &[("account.name", "Office Mart Inc")]));
    assert!(!base.get(Entity::Organization, "A-1").unwrap().unwrap().manual);
}

#[rstest]
#[case::taken("C-1", &[("contact.first_name", "K"), ("contact.last_name", "S")], FieldId::CONTACT_ID, "this ID is taken: Kathryn Smith has it")]
#[case::no_id(" ", &[("contact.first_name", "K"), ("contact.last_name", "S")], FieldId::CONTACT_ID, "Contact ID is missing")]
#[case::damaged_id("#N/A", &[("contact.first_name", "K"), ("contact.last_name", "S")], FieldId::CONTACT_ID, "is not an ID")]
#[case::no_name("C-2", &[("contact.first_name", "K")], FieldId::LAST_NAME, "Last name is missing")]
#[case::no_such_organization("C-2", &[("contact.first_name", "K"), ("contact.last_name", "S"), ("account.id", "A-9")], FieldId::ACCOUNT_ID, "there is no organization 'A-9'")]
fn r04_what_cannot_be_stored_is_refused_and_says_why(
    #[case] id: &str,
    #[case] fields: &[(&str, &str)],
    #[case] field: FieldId,
    #[case] why: &str,
) {
    let base = office_mart();
    let draft = Draft {
        entity: Entity::Contact,
        id: id.to_owned(),
        seen: None,
        typed: typed(fields),
        reading: Reading::default(),
    };
    match save(&base, &draft, &stamp(), &GO_ON).unwrap() {
        Saved::Not(Review::Refused(at, text)) => assert!(at == field && text.contains(why), "{at:?} {text}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(base.head().commit, 2);
}

#[test]
fn r24_a_record_that_changed_meanwhile_is_not_overwritten() {
    let base = office_mart();
    let draft = draft(&base, Entity::Contact, "C-1", &[("contact.title", "CEO")]);
    let changed = [("contact.first_name", "Kathryn"), ("contact.last_name", "Jones"), ("contact.title", "Buyer")];
    import(&base, Entity::Contact, "C-1", &[&changed[..], &[("account.id", "A-1")]].concat());
    let Saved::Not(Review::Stale(stale)) = save(&base, &draft, &stamp(), &GO_ON).unwrap() else {
        panic!("it was written");
    };
    assert_eq!(stale.by, "import 3, ops");
    assert_eq!(stale.changes.iter().map(|c| c.field).collect::<Vec<_>>(), [FieldId::LAST_NAME]);
    let draft = Draft { seen: stale.now, ..draft };
    number(save(&base, &draft, &stamp(), &GO_ON).unwrap());
    let record = contact(&base, "C-1");
    assert_eq!(brief::name(Entity::Contact, record.values.view()), "Kathryn Jones");
    assert_eq!(record.values.view().text(id_of("contact.title")), Some("CEO"));
}

#[test]
fn r17_a_country_typed_beside_an_unreadable_phone_reads_it_again() {
    let base = office_mart();
    number(save_all(&base, Entity::Contact, "C-1", &[("contact.work_phone", "020 7946 0204")]));
    let draft = draft(&base, Entity::Contact, "C-1", &[("contact.work_phone_country", "GB")]);
    let changes = draft.check(&Catalog::default()).changes;
    let after: Vec<String> = changes.iter().filter_map(|change| Some(change.after.as_ref()?.text())).collect();
    assert_eq!(after, ["+442079460204", "GB"]);
}

#[test]
fn r17_a_phone_typed_in_another_notation_is_no_change() {
    let base = office_mart();
    number(save_all(&base, Entity::Contact, "C-1", &[("contact.work_phone", "(317) 555-0101")]));
    let draft = draft(&base, Entity::Contact, "C-1", &[("contact.work_phone", "+1 317 555 0101")]);
    assert_eq!(draft.check(&Catalog::default()).changes, []);
}

#[test]
fn r25_the_steps_of_a_record_say_which_commit_changed_which_field() {
    let base = office_mart();
    number(save_all(&base, Entity::Contact, "C-1", &[("contact.title", "CEO"), ("contact.city", "Szeged")]));
    number(save_all(&base, Entity::Organization, "A-1", &[("account.city", "Szeged")]));
    let steps = show::steps(&base, Entity::Contact, "C-1", 9).unwrap();
    let told: Vec<(u64, u32, &str)> = steps.iter().map(|s| (s.commit, s.line, s.what.as_str())).collect();
    assert_eq!(told, [(3, 0, "Title, City"), (2, 2, "created")]);
    assert_eq!(show::steps(&base, Entity::Contact, "C-1", 1).unwrap().len(), 1);
}

fn deletion(base: &Base, entity: Entity, id: &str) -> Deletion {
    delete::plan(base, entity, id).unwrap()
}

#[test]
fn r28_deleting_an_organization_names_its_members_and_leaves_them() {
    let base = office_mart();
    let deletion = deletion(&base, Entity::Organization, "A-1");
    assert_eq!((deletion.members.as_slice(), deletion.members_total), (&["Kathryn Smith".to_owned()][..], 1));
    let done = delete::delete(&base, &deletion, &stamp(), &GO_ON).unwrap();
    let record = contact(&base, "C-1");
    assert_eq!((record.values.view().get(FieldId::ACCOUNT_ID), record.by_hand.len()), (None, 0));
    assert!(base.tombstone(Entity::Organization, "A-1").unwrap().unwrap().by_hand);
    assert!(matches!(take_back(&base, done.number, &stamp(), &Gauge::default()).unwrap(), TakenBack::Done(_)));
    assert_eq!(base.members("A-1", None, 9).unwrap(), ["C-1"]);
}

#[test]
fn r28_a_deletion_that_is_redone_is_by_hand_again() {
    let base = office_mart();
    let done = delete::delete(&base, &deletion(&base, Entity::Contact, "C-1"), &stamp(), &GO_ON).unwrap();
    let TakenBack::Done(undone) = take_back(&base, done.number, &stamp(), &Gauge::default()).unwrap() else {
        panic!("blocked")
    };
    assert_eq!(base.tombstone(Entity::Contact, "C-1").unwrap(), None);
    let TakenBack::Done(_) = take_back(&base, undone.number, &stamp(), &Gauge::default()).unwrap() else {
        panic!("blocked")
    };
    assert!(base.tombstone(Entity::Contact, "C-1").unwrap().unwrap().by_hand);
}

#[test]
fn r28_what_was_made_here_and_taken_back_may_come_by_a_file() {
    let base = office_mart();
    let made =
        number(save_all(&base, Entity::Contact, "C-2", &[("contact.first_name", "K"), ("contact.last_name", "S")]));
    assert!(matches!(take_back(&base, made, &stamp(), &Gauge::default()).unwrap(), TakenBack::Done(_)));
    assert!(!base.tombstone(Entity::Contact, "C-2").unwrap().unwrap().by_hand);
}

#[test]
fn r24_a_deletion_of_something_else_than_was_asked_about_is_refused() {
    let base = office_mart();
    let deletion = deletion(&base, Entity::Organization, "A-1");
    number(save_all(
        &base,
        Entity::Contact,
        "C-2",
        &[("contact.first_name", "K"), ("contact.last_name", "S"), ("account.id", "A-1")],
    ));
    assert!(matches!(
        delete::delete(&base, &deletion, &stamp(), &GO_ON),
        Err(FlowError::Base(BaseError::Moved { .. }))
    ));
}

#[test]
fn r26_an_edit_with_later_changes_of_the_same_value_is_not_taken_back() {
    let base = office_mart();
    let edit = number(save_all(&base, Entity::Contact, "C-1", &[("contact.title", "CEO")]));
    number(save_all(&base, Entity::Contact, "C-1", &[("contact.title", "CFO")]));
    let TakenBack::Blocked(plan) = take_back(&base, edit, &stamp(), &Gauge::default()).unwrap() else {
        panic!("taken back")
    };
    assert_eq!(plan.blocked, 1);
    assert_eq!(contact(&base, "C-1").values.view().text(id_of("contact.title")), Some("CFO"));
}

#[test]
fn r24_an_act_begins_anew_while_others_commit_in_between() {
    let mut tries = 0;
    let moved = |head| Err(FlowError::Base(BaseError::Moved { expected: 1, head }));
    let done = until_settled(|| {
        tries += 1;
        if tries < 3 { moved(tries) } else { Ok(tries) }
    });
    assert_eq!(done.unwrap(), 3);
}
