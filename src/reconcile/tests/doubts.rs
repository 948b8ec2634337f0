//! Consents: hand edits (R14), another person (R15), deleted by hand (R28).

use super::*;
use crate::base::{Change, ChangeList, Put, stay_key};
use crate::reconcile::decision::Subject;

const CITY: &str = "contact.city";
const STRANGER: Cells = ["C-1", "A-1", "Oleg", "Petrov", "Makó", "Office Mart", "Retail", "Szeged"];

fn only(plan: &Plan, kind: DoubtKind) -> Doubt {
    assert_eq!(plan.doubts.count(kind), 1);
    plan.doubts.get(kind, 0).unwrap().unwrap()
}

impl Setup {
    /// Says the same to every doubt of a kind.
    pub(super) fn consents(&mut self, plan: &Plan, kind: DoubtKind, consent: Consent) {
        for number in 0..plan.doubts.count(kind) {
            let doubt = plan.doubts.get(kind, number).unwrap().unwrap();
            self.decisions.consents.insert(doubt.subject.clone(), (doubt.fingerprint(), consent));
        }
    }

    /// A person changes a record, or deletes it.
    fn by_hand(&self, entity: Entity, id: &str, put: Option<Put>, remember: Vec<(String, Option<Vec<u8>>)>) {
        let mut changes = ChangeList::default();
        changes.push(entity, Change { id: id.to_owned(), line: 0, put });
        let commit = Commit {
            kind: Kind::Edit,
            when: 0,
            who: Who::default(),
            details: String::new(),
            changes: Box::new(changes),
            catalog: Catalog::default(),
            remember,
            by_hand: true,
        };
        let head = self.base.head().commit;
        self.base.commit(head, &commit, &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    }

    /// A person sets the city of a contact.
    fn sets_city(&self, id: &str, city: &str) {
        let record = self.base.get(Entity::Contact, id).unwrap().unwrap();
        let field = by_name(CITY).unwrap().id;
        let before = record.values.view().get(field).unwrap_or_default().to_vec();
        let values =
            record.values.view().iter().map(|(f, p)| {
                (f, if f == field { Value::Text(city.to_owned()) } else { Value::decode(f, p).unwrap() })
            });
        let put = Put { values: values.collect(), by_hand: BTreeMap::from([(field, before)]), manual: false };
        self.by_hand(Entity::Contact, id, Some(put), Vec::new());
    }
}

/// A base in which a person has moved Kathryn from Szeged to Makó, and a file that says Arad.
fn edited() -> (Setup, Cells) {
    let s = Setup::default();
    s.import(&[KATHRYN, JOSH]);
    s.sets_city("C-1", "Makó");
    (s, ["C-1", "A-1", "Kathryn", "Smith", "Arad", "Office Mart", "Retail", "Szeged"])
}

#[test]
fn r14_a_hand_edit_is_shown_with_its_three_values_and_kept() {
    let (s, row) = edited();
    let p = s.plan(&[row]);
    assert_eq!((p.outcomes.clone(), p.counts.blast_radius.hand_edits_kept), (vec![Unchanged], 1));
    let doubt = only(&p, DoubtKind::HandEdit);
    let field = by_name(CITY).unwrap().id;
    assert_eq!(doubt.subject, Subject::value(Entity::Contact, "C-1", field));
    let three = [&doubt.last[..], doubt.stored.view().get(field).unwrap(), doubt.incoming.view().get(field).unwrap()];
    assert_eq!(three, ["Szeged", "Makó", "Arad"].map(str::as_bytes));
    assert_eq!((doubt.line, doubt.usual), (2, Some(Consent::KeepHand)));
    s.commit(p);
    assert_eq!(s.text(Entity::Contact, "C-1", CITY).as_deref(), Some("Makó"));
    assert_eq!(s.plan(&[row]).doubts.count(DoubtKind::HandEdit), 0, "the same file again is kept silently");
}

#[test]
fn r14_a_person_takes_the_files_value_and_stays_asked_until_the_commit() {
    let (mut s, row) = edited();
    let p = s.plan(&[row]);
    s.consents(&p, DoubtKind::HandEdit, Consent::TakeFile);
    let p = s.plan(&[row]);
    assert_eq!((p.outcomes.clone(), p.counts.blast_radius.hand_edits_overwritten), (vec![Updated], 1));
    assert_eq!((p.doubts.count(DoubtKind::HandEdit), p.doubts.answered(DoubtKind::HandEdit)), (1, 1));
    s.commit(p);
    assert_eq!(s.text(Entity::Contact, "C-1", CITY).as_deref(), Some("Arad"));
    assert!(s.base.get(Entity::Contact, "C-1").unwrap().unwrap().by_hand.is_empty());
}

#[test]
fn r14_one_value_can_be_kept_though_the_others_are_overwritten() {
    let (mut s, row) = edited();
    s.merging.hand_edits = crate::model::settings::HandEdits::Overwrite;
    let p = s.plan(&[row]);
    assert_eq!((p.outcomes.clone(), only(&p, DoubtKind::HandEdit).usual), (vec![Updated], Some(Consent::TakeFile)));
    s.consents(&p, DoubtKind::HandEdit, Consent::KeepHand);
    assert_eq!(s.plan(&[row]).outcomes, [Unchanged]);
}

#[test]
fn a_consent_holds_only_for_the_values_that_it_was_given_to() {
    let (mut s, row) = edited();
    let p = s.plan(&[row]);
    s.consents(&p, DoubtKind::HandEdit, Consent::TakeFile);
    let mut other = row;
    other[4] = "Deva";
    assert_eq!(s.plan(&[other]).outcomes, [Unchanged], "another value of the file");
    s.sets_city("C-1", "Baja");
    assert_eq!(s.plan(&[row]).outcomes, [Unchanged], "another value by hand");
}

#[test]
fn r15_another_person_and_a_hand_edit_of_one_contact_take_a_consent_each() {
    let (mut s, _) = edited();
    let mut row = STRANGER;
    row[4] = "Arad";
    let p = s.plan(&[row]);
    assert_eq!(p.outcomes, [Held]);
    assert_eq!(p.doubts.count(DoubtKind::HandEdit), 0, "nothing is merged while the row waits");
    let doubt = only(&p, DoubtKind::DifferentPerson);
    assert_eq!(doubt.stored.view().text(FieldId::FIRST_NAME), Some("Kathryn"));
    assert_eq!(doubt.incoming.view().text(FieldId::FIRST_NAME), Some("Oleg"));
    s.consents(&p, DoubtKind::DifferentPerson, Consent::SamePerson);
    let p = s.plan(&[row]);
    assert_eq!((p.outcomes.clone(), p.counts.blast_radius.hand_edits_kept), (vec![Updated], 1));
    s.consents(&p, DoubtKind::HandEdit, Consent::TakeFile);
    let p = s.plan(&[row]);
    assert_eq!((p.outcomes, p.counts.blast_radius.hand_edits_overwritten), (vec![Updated], 1));
}

#[test]
fn r15_whom_a_setting_accepts_a_person_can_still_hold() {
    let mut s = Setup::default();
    s.import(&[KATHRYN]);
    s.merging.accept_different_person = true;
    let p = s.plan(&[STRANGER]);
    assert_eq!(p.outcomes, [Updated]);
    s.consents(&p, DoubtKind::DifferentPerson, Consent::OtherPerson);
    assert_eq!(s.plan(&[STRANGER]).outcomes, [Held]);
}

/// A base whose Kathryn somebody has deleted.
fn deleted() -> Setup {
    let s = Setup::default();
    s.import(&[KATHRYN, JOSH]);
    s.by_hand(Entity::Contact, "C-1", None, Vec::new());
    s
}

#[test]
fn r28_a_deleted_contact_waits_until_a_person_creates_it_again() {
    let mut s = deleted();
    let p = s.plan(&[KATHRYN]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Held], vec![Code::DeletedByHand]));
    assert_eq!(only(&p, DoubtKind::DeletedByHand).usual, None);
    s.consents(&p, DoubtKind::DeletedByHand, Consent::CreateAgain);
    let p = s.plan(&[KATHRYN]);
    assert_eq!((p.outcomes.clone(), p.doubts.answered(DoubtKind::DeletedByHand)), (vec![Created], 1));
    s.commit(p);
    assert_eq!(s.base.tombstone(Entity::Contact, "C-1").unwrap(), None);
}

#[test]
fn r28_what_shall_stay_deleted_is_rejected_and_can_still_be_created_again() {
    let mut s = deleted();
    let p = s.plan(&[KATHRYN]);
    s.consents(&p, DoubtKind::DeletedByHand, Consent::StayDeleted);
    assert_eq!(s.plan(&[KATHRYN]).outcomes, [Rejected]);
    s.decisions = Decisions::default();
    // What an import remembers of such a consent.
    s.by_hand(Entity::Contact, "C-9", None, vec![(stay_key(Entity::Contact, "C-1"), Some(Vec::new()))]);
    let p = s.plan(&[KATHRYN]);
    assert_eq!(
        (p.outcomes.clone(), only(&p, DoubtKind::DeletedByHand).usual),
        (vec![Rejected], Some(Consent::StayDeleted))
    );
    s.consents(&p, DoubtKind::DeletedByHand, Consent::CreateAgain);
    assert_eq!(s.plan(&[KATHRYN]).outcomes, [Created]);
}

#[test]
fn r13_an_empty_cell_says_otherwise_where_it_is_a_value_though_a_hand_edit_keeps_the_stored_one() {
    let mut s = Setup::default();
    s.import_manual(&[["", "A-1", "", "", "", "Office Mart", "", ""]]);
    let record = s.base.get(Entity::Organization, "A-1").unwrap().unwrap();
    let industry = by_name("account.industry").unwrap().id;
    let texts = [(by_name("account.name").unwrap().id, "Office Mart"), (industry, "Retail")];
    let values = texts.into_iter().map(|(field, text)| (field, Value::Text(text.to_owned()))).collect();
    let put = Put { values, by_hand: BTreeMap::from([(industry, Vec::new())]), manual: record.manual };
    s.by_hand(Entity::Organization, "A-1", Some(put), Vec::new());
    let bare = ["", "A-1", "", "", "", "Office Mart", "", ""];
    assert_eq!(s.plan(&[bare]).outcomes, [OrganizationOnly]);
    s.merging.blank = Blank::Clear;
    let p = s.plan(&[bare]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Rejected], vec![Code::ManualOrganization]));
}
