//! The rules of `reconcile` on a base in memory: rows in, outcomes and records out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use proptest::prelude::*;
use rstest::rstest;

use super::conflict::Class;
use super::decision::{Choice, Consent, Decisions, Pick, Rule};
use super::doubt::{Doubt, DoubtKind};
use super::outcome::Outcome::{self, *};
use super::plan::{Plan, plan};
use super::rows::{RowSink, Rows};
use super::{PlanInput, outcome::RowCounts};
use crate::base::{Base, Commit, Kind, Who};
use crate::intake::{CheckedRow, Side, Sink};
use crate::model::fields::{Catalog, Entity, FieldId, by_name};
use crate::model::finding::Code;
use crate::model::record::{Value, Values};
use crate::model::settings::{Blank, Merging, Only};
use crate::spill::SpillRoom;

mod doubts;
mod rejected;

const FIELDS: [&str; 6] =
    ["contact.first_name", "contact.last_name", "contact.city", "account.name", "account.industry", "account.city"];

/// A row as a test writes it: Contact ID, Account ID, then the six fields. `!` in front of the Contact ID rejects the row.
type Cells = [&'static str; 8];

#[derive(Debug, Clone)]
struct Setup {
    base: Base,
    merging: Merging,
    rules: Vec<Rule>,
    decisions: Decisions,
    memory: usize,
    sinks: usize,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            base: Base::in_memory(),
            merging: Merging::default(),
            rules: Vec::new(),
            decisions: Decisions::default(),
            memory: 1 << 20,
            sinks: 1,
        }
    }
}

impl Setup {
    fn rows(&self, table: &[Vec<String>], order: &[usize], room: &SpillRoom) -> Rows {
        let mut sinks: Vec<RowSink> = (0..self.sinks).map(|_| RowSink::new(room)).collect();
        for at in order {
            let cells = &table[*at];
            let rejected = cells[0].starts_with('!');
            let contact_id = cells[0].trim_start_matches('!');
            let values = |range: std::ops::Range<usize>| -> Values {
                range
                    .filter(|n| !cells[n + 2].is_empty())
                    .map(|n| (by_name(FIELDS[n]).unwrap().id, Value::Text(cells[n + 2].clone())))
                    .collect()
            };
            let membership = (!cells[1].is_empty()).then(|| (FieldId::ACCOUNT_ID, Value::Text(cells[1].clone())));
            let person: Values =
                values(0..3).view().iter().map(|(f, p)| (f, Value::decode(f, p).unwrap())).chain(membership).collect();
            let origin = cells.get(8).map(|text| (FieldId::ORIGIN, Value::Text(text.clone())));
            let account: Values =
                values(3..6).view().iter().map(|(f, p)| (f, Value::decode(f, p).unwrap())).chain(origin).collect();
            let blank = cells.iter().all(String::is_empty);
            let side = |id: &'static str, values: &'static Values| Side { id, values: values.view(), witness: true };
            let leak = |values: Values| -> &'static Values { Box::leak(Box::new(values)) };
            let name = |id: &str| -> &'static str { Box::leak(id.to_owned().into_boxed_str()) };
            let row = CheckedRow {
                row: *at as u32,
                line: *at as u32 + 2,
                blank,
                rejected,
                contact: (!contact_id.is_empty()).then(|| side(name(contact_id), leak(person))),
                account: (!cells[1].is_empty()).then(|| side(name(&cells[1]), leak(account))),
            };
            sinks[at % self.sinks].row(row).unwrap();
        }
        Rows::join(sinks)
    }

    fn plan_table(&self, table: &[Vec<String>], order: &[usize]) -> Plan {
        let dir = tempfile::tempdir().unwrap();
        let room = SpillRoom { dir: dir.path().to_owned(), memory: self.memory };
        let rows = self.rows(table, order, &room);
        let mut columns: BTreeMap<FieldId, u32> =
            FIELDS.iter().zip(3..).map(|(name, n)| (by_name(name).unwrap().id, n)).collect();
        columns.extend([(FieldId::CONTACT_ID, 1), (FieldId::ACCOUNT_ID, 2)]);
        let input = PlanInput {
            base: &self.base,
            merging: &self.merging,
            columns: &columns,
            catalog: &Catalog::default(),
            decisions: &self.decisions,
            rules: &self.rules,
            room: &room,
            cancel: &AtomicBool::new(false),
            progress: &AtomicU64::new(0),
        };
        plan(&rows, input).unwrap()
    }

    fn plan(&self, table: &[Cells]) -> Plan {
        let table: Vec<Vec<String>> = table.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect();
        self.plan_table(&table, &(0..table.len()).collect::<Vec<_>>())
    }

    fn commit(&self, plan: Plan) {
        let commit = Commit {
            kind: Kind::Import,
            when: 0,
            who: Who::default(),
            details: String::new(),
            changes: Box::new(Arc::new(plan)),
            catalog: Catalog::default(),
            remember: Vec::new(),
            by_hand: false,
        };
        let head = self.base.head().commit;
        self.base.commit(head, &commit, &mut |_, _| {}, &AtomicBool::new(false)).unwrap();
    }

    fn import(&self, table: &[Cells]) -> Vec<Outcome> {
        let plan = self.plan(table);
        let outcomes = plan.outcomes.clone();
        self.commit(plan);
        outcomes
    }

    /// Imports rows of an exported file whose organizations were made by a person.
    fn import_manual(&self, table: &[Cells]) {
        let mut table: Vec<Vec<String>> =
            table.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect();
        table.iter_mut().for_each(|row| row.push("manual".to_owned()));
        self.commit(self.plan_table(&table, &(0..table.len()).collect::<Vec<_>>()));
    }

    fn text(&self, entity: Entity, id: &str, field: &str) -> Option<String> {
        let record = self.base.get(entity, id).unwrap()?;
        record.values.view().text(by_name(field).unwrap().id).map(str::to_owned)
    }

    /// Every record with its values, without internal IDs and stamps.
    fn content(&self) -> Vec<(Entity, String, Values)> {
        [Entity::Contact, Entity::Organization]
            .into_iter()
            .flat_map(|entity| self.base.scan(entity, "").map(move |r| (entity, r.unwrap())))
            .map(|(entity, (id, record))| (entity, id, record.values))
            .collect()
    }
}

fn codes(plan: &Plan) -> Vec<Code> {
    plan.findings().unwrap().map(|f| f.unwrap().code).collect()
}

const KATHRYN: Cells = ["C-1", "A-1", "Kathryn", "Smith", "Szeged", "Office Mart", "Retail", "Szeged"];
const JOSH: Cells = ["C-2", "A-1", "Josh", "Hale", "", "Office Mart", "Retail", "Szeged"];

#[test]
fn r02_the_same_id_updates_another_id_creates() {
    let s = Setup::default();
    assert_eq!(s.import(&[KATHRYN, JOSH]), [Created, Created]);
    let before = s.base.get(Entity::Contact, "C-1").unwrap().unwrap();
    let moved = ["C-1", "A-1", "Kathryn", "Smith-Jones", "Szeged", "Office Mart", "Retail", "Szeged"];
    let twin = ["C-3", "A-1", "Kathryn", "Smith", "Szeged", "Office Mart", "Retail", "Szeged"];
    assert_eq!(s.import(&[moved, twin]), [Updated, Created]);
    let after = s.base.get(Entity::Contact, "C-1").unwrap().unwrap();
    assert_eq!(before.internal, after.internal);
    assert_eq!(s.base.head().contacts, 3);
}

#[test]
fn r03_a_row_with_both_makes_a_member_and_a_later_import_may_move_it() {
    let s = Setup::default();
    s.import(&[KATHRYN, JOSH]);
    assert_eq!(s.base.members("A-1", None, 10).unwrap(), ["C-1", "C-2"]);
    let p = s.plan(&[["C-2", "A-2", "Josh", "Hale", "", "Paper Barn", "", ""]]);
    assert_eq!((p.counts.memberships.moved, p.counts.blast_radius.contacts_moved), (1, 1));
    s.commit(p);
    assert_eq!(s.base.members("A-1", None, 10).unwrap(), ["C-1"]);
    assert_eq!(s.base.members("A-2", None, 10).unwrap(), ["C-2"]);
}

#[test]
fn r04_required_fields_are_judged_on_the_result() {
    let s = Setup::default();
    let p = s.plan(&[["C-1", "", "Kathryn", "", "Szeged", "", "", ""]]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Rejected], vec![Code::RequiredMissing]));
    s.import(&[KATHRYN]);
    assert_eq!(s.import(&[["C-1", "", "Kathryn", "", "Makó", "", "", ""]]), [Updated]);
    assert_eq!(s.text(Entity::Contact, "C-1", "contact.last_name").as_deref(), Some("Smith"));
}

#[test]
fn r05_a_reference_is_good_if_the_base_or_an_accepted_row_has_the_organization() {
    let s = Setup::default();
    let reference = ["C-2", "A-1", "Josh", "Hale", "", "", "", ""];
    let p = s.plan(&[reference]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Rejected], vec![Code::OrganizationUnknown]));
    assert_eq!(s.plan(&[reference, KATHRYN]).outcomes, [Created, Created]);
    let creator_rejected = ["!C-1", "A-1", "Kathryn", "Smith", "", "Office Mart", "", ""];
    assert_eq!(s.plan(&[reference, creator_rejected]).outcomes, [Rejected, Rejected]);
    s.import(&[KATHRYN]);
    let p = s.plan(&[reference]);
    assert_eq!((p.outcomes.clone(), p.counts.organizations.references), (vec![Created], 1));
    s.commit(p);
    assert_eq!(s.text(Entity::Organization, "A-1", "account.industry").as_deref(), Some("Retail"));
}

#[test]
fn r06_rows_that_disagree_hold_the_organization_and_nothing_is_picked() {
    let s = Setup::default();
    let other = ["C-2", "A-1", "Josh", "Hale", "", "Office Mart", "Toys", "Szeged"];
    let p = s.plan(&[KATHRYN, other]);
    assert_eq!(p.outcomes, [Held, Held]);
    assert_eq!((p.conflicts.len(), p.conflicts[0].class), (1, Class::Content));
    assert_eq!(codes(&p), [Code::AccountConflict, Code::AccountConflict]);
    s.commit(p);
    assert_eq!((s.base.head().contacts, s.base.head().organizations), (0, 0));
}

#[test]
fn r06_a_rejected_row_bears_witness_but_no_policy_takes_its_variant() {
    let mut s = Setup::default();
    let witness = ["!C-2", "A-1", "Josh", "Hale", "", "Office Mart", "Toys", "Szeged"];
    let p = s.plan(&[KATHRYN, witness]);
    assert_eq!(p.outcomes, [Held, Rejected]);
    s.rules = vec!["last".parse().unwrap()];
    s.commit(s.plan(&[KATHRYN, witness]));
    assert_eq!(s.text(Entity::Organization, "A-1", "account.industry").as_deref(), Some("Retail"));
}

#[rstest]
#[case("first", [Created, Created], Some("Retail"))]
#[case("last", [Created, Created], Some("Toys"))]
#[case("most-rows", [Held, Held], None)]
#[case("account:content:first", [Created, Created], Some("Retail"))]
#[case("contact:first", [Held, Held], None)]
#[case("hold", [Held, Held], None)]
fn r08_policies(#[case] rule: &str, #[case] outcomes: [Outcome; 2], #[case] industry: Option<&str>) {
    let s = Setup { rules: vec![rule.parse().unwrap()], ..Setup::default() };
    let other = ["C-2", "A-1", "Josh", "Hale", "", "Office Mart", "Toys", "Szeged"];
    assert_eq!(s.import(&[KATHRYN, other]), outcomes);
    assert_eq!(s.text(Entity::Organization, "A-1", "account.industry").as_deref(), industry);
}

#[test]
fn r08_a_person_picks_per_field_and_a_typed_value_counts_as_set_by_hand() {
    let mut s = Setup::default();
    let other = ["C-2", "A-1", "Josh", "Hale", "", "Office-Mart", "Toys", "Szeged"];
    let p = s.plan(&[KATHRYN, other]);
    let conflict = p.conflict(&p.conflicts[0]).unwrap();
    let (name, industry) = (by_name("account.name").unwrap().id, by_name("account.industry").unwrap().id);
    let picks = BTreeMap::from([
        (name, Pick::Variant(conflict.variants[1].fingerprint)),
        (industry, Pick::Typed(b"Stationery".to_vec())),
    ]);
    s.decisions
        .choices
        .insert((Entity::Organization, "A-1".to_owned()), (conflict.fingerprint(), Choice::Fields(picks)));
    assert_eq!(s.import(&[KATHRYN, other]), [Created, Created]);
    let record = s.base.get(Entity::Organization, "A-1").unwrap().unwrap();
    assert_eq!(record.values.view().text(industry), Some("Stationery"));
    assert_eq!(record.by_hand.keys().collect::<Vec<_>>(), [&industry]);
}

#[test]
fn r09_equal_rows_of_a_contact_are_repeated_and_others_a_conflict() {
    let mut s = Setup::default();
    assert_eq!(s.plan(&[KATHRYN, KATHRYN, KATHRYN]).outcomes, [Created, Repeated, Repeated]);
    let elsewhere = ["C-1", "A-2", "Kathryn", "Smith", "Szeged", "Paper Barn", "", ""];
    let p = s.plan(&[KATHRYN, elsewhere]);
    assert_eq!(p.outcomes, [Held, Held]);
    assert_eq!((p.conflicts[0].entity, p.conflicts[0].fields.clone()), (Entity::Contact, vec![FieldId::ACCOUNT_ID]));
    s.rules = vec!["last".parse().unwrap()];
    assert_eq!(s.import(&[KATHRYN, elsewhere]), [Repeated, Created]);
    assert_eq!(s.base.members("A-2", None, 9).unwrap(), ["C-1"]);
    assert_eq!(s.base.head().organizations, 2, "R30: the loser's organization is written, its row is accepted");
}

#[test]
fn r11_a_missing_column_and_an_empty_cell_leave_the_value_unless_blank_is_clear() {
    let mut s = Setup::default();
    s.import(&[KATHRYN]);
    let bare = ["C-1", "A-1", "Kathryn", "Smith", "", "Office Mart", "", ""];
    assert_eq!(s.plan(&[bare]).outcomes, [Unchanged]);
    s.merging.blank = Blank::Clear;
    let p = s.plan(&[bare]);
    assert_eq!((p.outcomes.clone(), p.counts.blast_radius.values_erased), (vec![Updated], 3));
    s.commit(p);
    assert_eq!(s.text(Entity::Contact, "C-1", "contact.city"), None);
}

#[test]
fn r12_every_row_has_one_outcome() {
    let s = Setup::default();
    let table = [
        KATHRYN,
        KATHRYN,
        ["", "", "", "", "", "", "", ""],
        ["", "A-7", "", "", "", "Lone Star", "", ""],
        ["!C-9", "", "X", "Y", "", "", "", ""],
        ["C-8", "A-404", "X", "Y", "", "", "", ""],
    ];
    let p = s.plan(&table);
    assert_eq!(p.outcomes, [Created, Repeated, Blank, OrganizationOnly, Rejected, Rejected]);
    let rows = p.counts.rows;
    assert_eq!(
        rows,
        RowCounts { total: 6, created: 1, repeated: 1, blank: 1, organization_only: 1, rejected: 2, ..rows }
    );
    assert_eq!(p.counts.organizations.created, 2);
}

#[test]
fn r13_no_file_changes_an_organization_made_by_hand_or_adds_members() {
    let s = Setup::default();
    let made = ["C-1", "A-1", "Kathryn", "Smith", "", "Office Mart", "Retail", ""];
    s.import_manual(&[made]);
    assert!(s.base.get(Entity::Organization, "A-1").unwrap().unwrap().manual, "an export brings the origin back");
    let p = s.plan(&[
        made,
        ["C-1", "A-1", "Kathryn", "Smith", "Makó", "Office Mart", "Toys", ""],
        ["C-2", "A-1", "Josh", "Hale", "", "Office Mart", "Retail", ""],
        ["C-3", "A-1", "Ion", "Popa", "", "", "", ""],
    ]);
    assert_eq!(p.outcomes[1..], [Rejected, Rejected, Rejected]);
    assert_eq!(codes(&p).iter().filter(|c| **c == Code::ManualOrganization).count(), 3);
    assert_eq!(s.plan(&[made]).outcomes, [Unchanged]);
}

#[test]
fn r15_another_person_under_a_stored_id_is_held_until_accepted() {
    let mut s = Setup::default();
    s.import(&[KATHRYN]);
    let stranger = ["C-1", "", "Oleg", "Petrov", "", "", "", ""];
    let p = s.plan(&[stranger]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Held], vec![Code::DifferentPerson]));
    s.consents(&p, DoubtKind::DifferentPerson, Consent::SamePerson);
    assert_eq!(s.plan(&[stranger]).outcomes, [Updated]);
}

#[test]
fn r16_the_same_file_again_changes_nothing() {
    let s = Setup::default();
    s.import(&[KATHRYN, JOSH]);
    let p = s.plan(&[KATHRYN, JOSH]);
    assert!(p.is_empty());
    assert_eq!(p.outcomes, [Unchanged, Unchanged]);
    assert_eq!(p.counts.memberships.unchanged, 2);
}

#[rstest]
#[case(Only::Update, [Rejected, Unchanged], Code::WouldCreate)]
#[case(Only::Create, [Created, Rejected], Code::WouldUpdate)]
fn only_new_or_only_stored_records(#[case] only: Only, #[case] outcomes: [Outcome; 2], #[case] code: Code) {
    let mut s = Setup::default();
    s.import(&[KATHRYN]);
    s.merging.only = Some(only);
    let city = if only == Only::Create { "Makó" } else { "Szeged" };
    let p = s.plan(&[["C-2", "", "Josh", "Hale", "", "", "", ""], ["C-1", "", "Kathryn", "Smith", city, "", "", ""]]);
    assert_eq!((p.outcomes.as_slice(), codes(&p).contains(&code)), (outcomes.as_slice(), true));
}

#[test]
fn r30_holding_goes_no_further_than_the_contact_and_its_organization() {
    let s = Setup::default();
    s.import(&[["", "A-2", "", "", "", "Paper Barn", "", ""]]);
    let table = [
        ["C-1", "A-1", "Kathryn", "Smith", "", "Office Mart", "Retail", ""],
        ["C-2", "A-1", "Josh", "Hale", "", "Office Mart", "Toys", ""],
        ["C-3", "A-1", "Rebecca", "Stone", "", "", "", ""],
        ["C-4", "A-2", "Ana", "Popa", "", "Paper Barn", "Retail", ""],
        ["C-5", "A-2", "Ion", "Popa", "", "Paper Barn", "Toys", ""],
        ["C-6", "A-2", "Eva", "Nagy", "", "", "", ""],
    ];
    let p = s.plan(&table);
    assert_eq!(p.outcomes, [Held, Held, Held, Held, Held, Created]);
    assert_eq!(p.counts.organizations.held, 2);
}

#[test]
fn r30_an_organization_is_written_only_if_one_of_its_rows_is_accepted() {
    let s = Setup::default();
    let table =
        [["C-1", "A-1", "Kathryn", "", "", "Office Mart", "", ""], ["C-2", "A-1", "Josh", "Hale", "", "", "", ""]];
    let p = s.plan(&table);
    assert_eq!(p.outcomes, [Rejected, Rejected], "the only row that brings the organization lacks a last name");
    assert_eq!(p.counts.organizations.created, 0);
    assert!(p.is_empty());
}

fn cell(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(choices).prop_map(str::to_owned)
}

fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let row = (
        cell(&["C-1", "C-2", "C-3", "!C-4", "C-5", ""]),
        cell(&["A-1", "A-2", "A-3", ""]),
        cell(&["Ann", "Bob", ""]),
        cell(&["Lee", "Lee", "Kim", ""]),
        cell(&["Oslo", "", ""]),
        cell(&["Acme", "Acme", "ACME", ""]),
        cell(&["Toys", ""]),
        cell(&["Oslo", ""]),
    );
    let row = row.prop_map(|(a, b, c, d, e, f, g, h)| vec![a, b, c, d, e, f, g, h]);
    // Contact data without a Contact ID never leaves intake unrejected (R4), nor account data without an Account ID.
    let row = row.prop_map(|mut r| {
        if r[0].is_empty() {
            r[2..5].iter_mut().for_each(String::clear);
        }
        if r[1].is_empty() {
            r[5..8].iter_mut().for_each(String::clear);
        }
        r
    });
    proptest::collection::vec(row, 0..14)
}

fn setups() -> impl Strategy<Value = Setup> {
    let rules = proptest::sample::subsequence(vec!["suggested", "most-rows", "most-complete", "base", "first"], 0..=3);
    (rules, any::<bool>()).prop_map(|(rules, clear)| {
        // `first` speaks of the order of rows, so it is out where the order is shuffled.
        let rules = rules.into_iter().filter(|r| *r != "first").map(|r| r.parse().unwrap()).collect();
        let blank = if clear { Blank::Clear } else { Blank::Keep };
        Setup { rules, merging: Merging { blank, ..Merging::default() }, ..Setup::default() }
    })
}

fn in_order(table: &[Vec<String>]) -> Vec<usize> {
    (0..table.len()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn r12_counts_sum_up(setup in setups(), first in tables(), second in tables()) {
        for table in [first, second] {
            let p = setup.plan_table(&table, &in_order(&table));
            let r = p.counts.rows;
            let sum = r.created + r.updated + r.unchanged + r.repeated + r.organization_only + r.held + r.rejected + r.blank;
            prop_assert_eq!((sum, r.total), (table.len() as u64, table.len() as u64));
            prop_assert_eq!((r.created, r.updated, r.unchanged), (p.counts.contacts.created, p.counts.contacts.updated, p.counts.contacts.unchanged));
            setup.commit(p);
        }
    }

    #[test]
    fn r10_order_of_rows_threads_and_memory_change_nothing(setup in setups(), table in tables(), seed: u64, sinks in 1usize..4, memory in 1usize..600) {
        let mut shuffled = table.clone();
        let len = shuffled.len();
        for n in 0..len {
            shuffled.swap(n, (seed.rotate_left(n as u32 * 7) % len as u64) as usize);
        }
        let plain = setup.plan_table(&table, &in_order(&table));
        let other = Setup { base: Base::in_memory(), sinks, memory, ..setup.clone() };
        let mixed = other.plan_table(&shuffled, &in_order(&shuffled));
        prop_assert_eq!(plain.counts, mixed.counts);
        prop_assert_eq!(&plain.digest, &mixed.digest);
        setup.commit(plain);
        other.commit(mixed);
        prop_assert_eq!(setup.content(), other.content());
    }

    #[test]
    fn r16_import_twice_is_unchanged(setup in setups(), table in tables()) {
        let before = setup.plan_table(&table, &in_order(&table));
        let good = before.counts.rows;
        setup.commit(before);
        let again = setup.plan_table(&table, &in_order(&table));
        prop_assert_eq!(again.counts.rows.created, 0);
        let content = setup.content();
        if good.held == 0 && setup.rules.is_empty() {
            prop_assert!(again.is_empty(), "{:?}", again.counts);
        }
        setup.commit(again);
        if setup.rules.is_empty() {
            prop_assert_eq!(setup.content(), content);
        }
    }
}
