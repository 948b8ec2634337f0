//! Rows that are rejected for a reason outside themselves: what they still say in conflicts, and what comes first.

use super::*;

fn under(rule: &str) -> Setup {
    Setup { rules: vec![rule.parse().unwrap()], ..Setup::default() }
}

#[test]
fn r06_no_policy_takes_the_variant_of_a_row_that_its_contact_rejects() {
    let s = under("first");
    let nameless = ["C-1", "A-1", "Kathryn", "", "", "Ofice Mart", "", ""];
    let good = ["C-2", "A-1", "Josh", "Hale", "", "Office Mart", "", ""];
    assert_eq!(s.import(&[nameless, good]), [Rejected, Created]);
    assert_eq!(s.text(Entity::Organization, "A-1", "account.name").as_deref(), Some("Office Mart"));
}

#[test]
fn r06_no_policy_takes_the_variant_of_a_reference_to_nothing() {
    let s = under("first");
    let astray = ["C-1", "A-404", "Kathryn", "Smith", "", "", "", ""];
    let good = ["C-1", "", "Kathryn", "Smith", "Szeged", "", "", ""];
    let p = s.plan(&[astray, good]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Rejected, Created], vec![Code::OrganizationUnknown]));
    let undecided = Setup::default().plan(&[astray, good]);
    assert_eq!(undecided.outcomes, [Rejected, Held]);
}

#[test]
fn r06_no_policy_takes_the_variant_of_a_reference_to_what_does_not_come_to_be() {
    let s = under("first");
    // A-1 has a name, but only in a row whose contact lacks one.
    let nameless = ["C-9", "A-1", "Ion", "", "", "Office Mart", "", ""];
    let astray = ["C-1", "A-1", "Kathryn", "Smith", "", "", "", ""];
    let good = ["C-1", "", "Kathryn", "Smith", "Szeged", "", "", ""];
    assert_eq!(s.import(&[nameless, astray, good]), [Rejected, Rejected, Created]);
    assert_eq!(s.text(Entity::Contact, "C-1", "contact.city").as_deref(), Some("Szeged"));
}

#[test]
fn r12_a_row_that_cannot_be_imported_is_rejected_though_its_organization_is_undecided() {
    let s = Setup::default();
    let nameless = ["C-1", "A-1", "Kathryn", "", "", "Office Mart", "", ""];
    let other = ["C-2", "A-1", "Josh", "Hale", "", "Paper Barn", "", ""];
    let p = s.plan(&[nameless, other]);
    assert_eq!(p.outcomes, [Rejected, Held]);
    assert!(codes(&p).contains(&Code::RequiredMissing));
    assert_eq!((p.counts.contacts.held, p.counts.organizations.held), (1, 1));
}

#[test]
fn r13_a_row_that_would_add_a_member_is_an_error_whatever_the_other_rows_of_the_contact_say() {
    let mut s = Setup::default();
    s.import_manual(&[["", "A-1", "", "", "", "Office Mart", "", ""]]);
    s.rules = vec!["first".parse().unwrap()];
    let joins = ["C-1", "A-1", "Kathryn", "Smith", "", "", "", ""];
    let alone = ["C-1", "", "Kathryn", "Smith", "", "", "", ""];
    let p = s.plan(&[joins, alone]);
    assert_eq!((p.outcomes.clone(), codes(&p)), (vec![Rejected, Created], vec![Code::ManualOrganization]));
}

#[test]
fn r11_an_empty_account_id_ends_the_membership_under_clear() {
    let mut s = Setup::default();
    s.import(&[KATHRYN]);
    let alone = ["C-1", "", "Kathryn", "Smith", "Szeged", "", "", ""];
    assert_eq!(s.plan(&[alone]).outcomes, [Unchanged]);
    s.merging.blank = Blank::Clear;
    let p = s.plan(&[alone]);
    assert_eq!((p.outcomes.clone(), p.counts.blast_radius.values_erased), (vec![Updated], 1));
    s.commit(p);
    assert!(s.base.members("A-1", None, 9).unwrap().is_empty());
}
