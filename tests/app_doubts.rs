//! Consents in the review: hand edits (R14), different persons (R15), deleted by hand (R28), on the real flows.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/drive.rs"]
mod drive;

use drive::{Drive, SIZES, USUAL};
use insta::assert_snapshot;
use muster::app::key::{Code, Key};
use muster::app::overlay::Overlay;
use muster::app::screen::import::Step;
use muster::app::screen::import::review::{Line, Opens, lines};
use muster::model::fields::Entity;
use muster::model::text::told;
use muster::reconcile::doubt::DoubtKind;
use muster::tui::theme::Theme;

const FIRST: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Contact Work Email,Account Id,Account Name,Account Industry
C-1,Kathryn,Smith,Buyer,(317) 555-0101,kathryn@officemart.example,A-1,Office Mart,Retail
C-2,Josh,Reyes,Driver,(317) 555-0102,josh@officemart.example,A-1,Office Mart,Retail
C-3,Ion,Popa,Planner,(317) 555-0103,ion@officemart.example,A-1,Office Mart,Retail
C-4,Grace,Larsen,Clerk,(317) 555-0104,grace@officemart.example,A-1,Office Mart,Retail
";

/// The same people a week later: C-1 and A-1 have other values than a person set, C-2 is somebody else, C-4 was deleted.
const SECOND: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Contact Work Email,Account Id,Account Name,Account Industry
C-1,Kathryn,Smith,Purchaser,(317) 555-0101,kathryn@officemart.example,A-1,Office Mart,Wholesale
C-2,Oleg,Petrov,Engineer,(317) 555-0999,oleg@elsewhere.example,A-1,Office Mart,Wholesale
C-3,Ion,Popa,Planner,(317) 555-0103,ion@officemart.example,A-1,Office Mart,Wholesale
C-4,Grace,Larsen,Clerk,(317) 555-0104,grace@officemart.example,A-1,Office Mart,Wholesale
";

fn pictures(drive: &mut Drive, name: &str) {
    for (size, picture) in drive.pictures(&SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

/// The review of the second file, after a person has changed two values and deleted a contact.
fn reviewed() -> Drive {
    let mut drive = Drive::new(USUAL);
    let path = drive.file("contacts.csv", FIRST);
    drive.open(path);
    drive.keys("ciy");
    let mut drive = drive.again(|base| {
        by_hand::set(base, Entity::Contact, "C-1", "contact.title", "Head of Purchasing");
        by_hand::set(base, Entity::Organization, "A-1", "account.industry", "Stationery");
        by_hand::delete(base, Entity::Contact, "C-4");
    });
    let path = drive.file("contacts.csv", SECOND);
    drive.open(path);
    drive.keys("c");
    assert_eq!(drive.state.import.step, Step::Review);
    drive
}

/// The number of a line of the review; 0 without such a line.
fn count(drive: &Drive, wanted: &str) -> u64 {
    let lines = lines(&drive.state.import, drive.state.size);
    let found = lines.iter().find_map(|line| match line {
        Line::Number { label, count, .. } if label.starts_with(wanted) => Some(*count),
        _ => None,
    });
    found.unwrap_or(0)
}

/// Opens the list behind a line of the review.
fn open(drive: &mut Drive, kind: DoubtKind) {
    let lines = lines(&drive.state.import, drive.state.size);
    let is_it = |line: &Line| matches!(line, Line::Number { opens, .. } if *opens == Opens::Doubts(kind));
    drive.state.import.number.selected = lines.iter().position(is_it).expect("a line that opens it");
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.step, Step::Doubts);
}

#[test]
fn the_review_says_what_is_asked() {
    let mut drive = reviewed();
    pictures(&mut drive, "review_with_doubts");
}

#[test]
fn r14_hand_edits_are_kept_or_taken_from_the_file_one_by_one() {
    let mut drive = reviewed();
    assert_eq!((count(&drive, "hand edits kept"), count(&drive, "hand edits overwritten")), (2, 0));
    open(&mut drive, DoubtKind::HandEdit);
    drive.keys("j");
    pictures(&mut drive, "hand_edits");
    drive.keys("t");
    pictures(&mut drive, "hand_edits_taken");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "hand edit kept"), count(&drive, "hand edit overwritten")), (1, 1));
    open(&mut drive, DoubtKind::HandEdit);
    drive.keys("u");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "hand edits kept"), count(&drive, "hand edits overwritten")), (2, 0));
    open(&mut drive, DoubtKind::HandEdit);
    drive.key(Key::ctrl('r'));
    drive.code(Code::Esc);
    assert_eq!(count(&drive, "hand edit overwritten"), 1);
}

#[test]
fn r14_all_or_the_marked_are_answered_with_the_number_told_beforehand() {
    let mut drive = reviewed();
    open(&mut drive, DoubtKind::HandEdit);
    drive.keys(" a");
    pictures(&mut drive, "hand_edits_many");
    drive.keys("all: take");
    drive.code(Code::Enter);
    assert_eq!(drive.state.notice.as_deref(), Some("2 answered: take the file's value; u takes it back"));
    drive.keys("i");
    drive.keys("y");
    assert_eq!(drive.state.import.step, Step::Result);
    assert_eq!(drive.state.import.done.as_ref().unwrap().counts.blast_radius.hand_edits_overwritten, 2);
}

#[test]
fn r15_two_persons_stand_side_by_side_and_one_is_accepted() {
    let mut drive = reviewed();
    assert_eq!(count(&drive, "held"), 2);
    open(&mut drive, DoubtKind::DifferentPerson);
    pictures(&mut drive, "persons");
    drive.code(Code::Enter);
    assert!(
        matches!(drive.state.overlays.last(), Some(Overlay::Notice(n)) if told(&n.text).contains("in the file Oleg"))
    );
    pictures(&mut drive, "person");
    drive.code(Code::Esc);
    drive.keys("t");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "held"), count(&drive, "updated")), (1, 1));
    open(&mut drive, DoubtKind::DifferentPerson);
    drive.keys("x");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "held"), count(&drive, "updated")), (2, 0));
}

#[test]
fn r28_what_was_deleted_by_hand_is_created_again_or_stays_deleted() {
    let mut drive = reviewed();
    open(&mut drive, DoubtKind::DeletedByHand);
    pictures(&mut drive, "deleted");
    drive.keys("t");
    drive.code(Code::Esc);
    assert_eq!(count(&drive, "created"), 1);
    open(&mut drive, DoubtKind::DeletedByHand);
    drive.keys("x");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "created"), count(&drive, "rejected")), (0, 1));
    drive.keys("iy");
    let mut drive = drive.again(|_| {});
    let path = drive.file("contacts.csv", SECOND);
    drive.open(path);
    drive.keys("c");
    assert_eq!(count(&drive, "rejected"), 1, "it is remembered");
    open(&mut drive, DoubtKind::DeletedByHand);
    drive.keys("t");
    drive.code(Code::Esc);
    assert_eq!((count(&drive, "created"), count(&drive, "rejected")), (1, 0), "and can be revoked");
}

#[test]
fn every_number_opens_a_list_of_as_many() {
    let mut drive = reviewed();
    let all = lines(&drive.state.import, drive.state.size);
    for (at, line) in all.iter().enumerate() {
        let Line::Number { label, count, opens: Opens::List(_), .. } = line else { continue };
        drive.state.import.number.selected = at;
        drive.code(Code::Enter);
        let pane = drive.state.import.rows.as_ref().unwrap();
        assert_eq!((pane.total() as u64, pane.row(0).is_some()), (*count, true), "{label}");
        drive.code(Code::Esc);
    }
}

#[test]
fn under_mask_both_sides_of_a_doubt_are_not_drawn() {
    let masked = Theme { mask: true, ..Theme::new(true, false) };
    for (kind, values) in [
        (DoubtKind::HandEdit, ["Kathryn", "Head of", "Purchaser"]),
        (DoubtKind::DifferentPerson, ["Josh", "Petrov", "oleg@"]),
        (DoubtKind::DeletedByHand, ["Grace", "Larsen", "Clerk"]),
    ] {
        let mut drive = reviewed();
        open(&mut drive, kind);
        drive.code(Code::End);
        assert!(values.iter().any(|value| drive.picture(&Theme::new(true, false)).contains(value)), "{kind:?}");
        let picture = drive.picture(&masked);
        assert!(values.iter().all(|value| !picture.contains(value)), "{picture}");
    }
}
