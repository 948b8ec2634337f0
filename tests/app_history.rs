//! The history in the app: keys in, state and pictures out, on the real flows.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/drive.rs"]
mod drive;

use std::borrow::Cow;

use drive::{Drive, SIZES, USUAL};
use insta::assert_snapshot;
use muster::app::job::Counts;
use muster::app::key::{Code, Key};
use muster::app::message::Message;
use muster::app::overlay::Overlay;
use muster::app::screen::Screen;
use muster::app::screen::history::Step;
use muster::model::fields::Entity;
use muster::model::text::told;
use muster::tui::theme::Theme;

/// Sets when and who to what never changes.
fn steady(drive: &mut Drive) {
    for act in drive.state.history.acts.iter_mut().flatten() {
        (act.when, act.who) = ("2026-11-22 10:14".to_owned(), "ops (Kathryn) from 192.0.2.7".to_owned());
    }
}

/// Pictures at three sizes.
fn pictures(drive: &mut Drive, name: &str) {
    steady(drive);
    for (size, picture) in drive.pictures(&SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

/// Imports a sample.
fn import(drive: &mut Drive, name: &str) {
    let path = drive.sample(name);
    drive.open(path);
    drive.keys("ciy");
    assert!(drive.state.import.done.is_some(), "{name}");
}

/// The app on the history of four imports.
fn history() -> Drive {
    let mut drive = Drive::new(USUAL);
    for name in ["office-mart.csv", "office-mart-update.csv", "conflicts.csv", "broken-rows.csv"] {
        import(&mut drive, name);
    }
    drive.keys("3");
    assert_eq!((drive.state.screen, drive.state.history.total()), (Screen::History, 4));
    drive
}

fn notice(drive: &Drive) -> Cow<'_, str> {
    match drive.state.overlays.last() {
        Some(Overlay::Notice(notice)) => told(&notice.text),
        _ => told(drive.state.notice.as_deref().unwrap_or_default()),
    }
}

#[test]
fn an_empty_history_says_what_to_do() {
    let mut drive = Drive::new(USUAL);
    drive.code(Code::Esc);
    drive.keys("3");
    pictures(&mut drive, "history_empty");
    drive.code(Code::Esc);
    assert_eq!(drive.state.screen, Screen::Browse);
}

#[test]
fn r25_acts_are_listed_the_newest_first() {
    let mut drive = history();
    drive.keys("jj");
    pictures(&mut drive, "history");
    let mono = drive.picture(&Theme::new(false, true));
    assert!(mono.is_ascii() && mono.contains("> 2 "), "{mono}");
}

#[test]
fn r25_the_records_of_an_import_are_shown_old_and_new() {
    let mut drive = history();
    drive.keys("jj");
    drive.code(Code::Enter);
    assert_eq!(drive.state.history.step, Step::Records);
    pictures(&mut drive, "records");
    drive.code(Code::Enter);
    assert!(notice(&drive).contains("Title: Buyer -> Head of Purchasing"), "{}", notice(&drive));
    assert!(notice(&drive).contains("Nothing has changed it since."));
    pictures(&mut drive, "story");
    drive.code(Code::Esc);
    drive.keys("f");
    pictures(&mut drive, "records_filter");
    drive.keys("created");
    drive.code(Code::Enter);
    let pane = drive.state.history.records.as_ref().unwrap();
    assert_eq!((pane.total(), pane.row(0).unwrap().id.as_str()), (1, "1007"));
}

#[test]
fn r26_what_changed_since_is_listed_with_who_changed_it() {
    let mut drive = history().again(|base| by_hand::set(base, Entity::Contact, "1001", "contact.title", "Director"));
    drive.keys("3GG");
    drive.code(Code::Enter);
    drive.keys("fsince");
    drive.code(Code::Enter);
    let pane = drive.state.history.records.as_ref().unwrap();
    let ids: Vec<&str> = (0..pane.total()).map(|n| pane.row(n).unwrap().id.as_str()).collect();
    assert_eq!(ids, ["1001", "1002", "OM-100"]);
    drive.code(Code::Enter);
    let text = notice(&drive);
    assert!(text.starts_with("created by import 1, line 2\n"), "{text}");
    assert!(text.contains("\nTitle: Buyer\n"), "as it was right after the import: {text}");
    let edit = text.find("updated since by edit 5").unwrap();
    assert!(text[edit..].contains("Title: Head of Purchasing -> Director (set by hand)"), "{text}");
    assert!(text[edit..].contains("updated since by import 2"), "the newest first: {text}");
}

#[test]
fn r26_the_last_import_is_undone_and_had_back() {
    let mut drive = history();
    let before = drive.state.counts;
    drive.keys("u");
    pictures(&mut drive, "undo_question");
    drive.code(Code::Enter);
    assert_eq!(drive.state.history.total(), 4, "Enter alone does nothing");
    drive.keys("uy");
    assert!(notice(&drive).contains("Contacts: 6 removed"), "{}", notice(&drive));
    pictures(&mut drive, "undone");
    assert_eq!(drive.state.counts, Some(Counts { contacts: 9, organizations: 5 }));
    drive.code(Code::Esc);
    assert_eq!(drive.state.history.selected().unwrap().name, "undo 5 of 4");
    drive.keys("ju");
    assert!(notice(&drive).contains("import 4 was undone by 5"), "{}", notice(&drive));
    drive.code(Code::Enter);
    assert!(drive.state.history.records.as_ref().unwrap().row(0).unwrap().cells[2].contains("changed since"));
    assert_eq!(drive.state.history.records.as_ref().unwrap().row(0).unwrap().cells[1], "Kathryn Smith");
    drive.code(Code::Esc);
    drive.keys("kuy");
    assert_eq!(drive.state.counts, before);
    drive.code(Code::Esc);
    drive.keys("1");
    assert_eq!(drive.state.browse.total(), 15, "Browse shows the new state");
}

#[test]
fn r26_blockers_are_listed_and_the_rest_can_be_undone() {
    let mut drive = history();
    drive.keys("Gu");
    assert_eq!(drive.state.history.step, Step::Blockers);
    pictures(&mut drive, "blockers");
    drive.keys("r");
    pictures(&mut drive, "undo_rest_question");
    drive.keys("n");
    drive.code(Code::Esc);
    assert_eq!((drive.state.history.step, drive.state.history.total()), (Step::Acts, 4));
    drive.keys("Gury");
    assert!(notice(&drive).contains("4 values were left as they are"), "{}", notice(&drive));
    assert_eq!(drive.state.counts, Some(Counts { contacts: 11, organizations: 4 }));
}

#[test]
fn r26_an_undo_that_would_do_something_else_by_now_is_told_anew() {
    let mut drive = history();
    drive.keys("u");
    drive.state.history.undo.as_mut().unwrap().contacts.deleted = 99;
    drive.keys("y");
    assert_eq!(drive.state.history.undo.as_ref().unwrap().contacts.deleted, 6);
    assert!(matches!(drive.state.overlays.last(), Some(Overlay::Confirm(_))), "asked again");
    assert_eq!(drive.state.counts, Some(Counts { contacts: 15, organizations: 5 }));
}

#[test]
fn r23_the_rejects_of_an_import_are_saved_again() {
    let mut drive = history();
    drive.keys("w");
    pictures(&mut drive, "save_rejects");
    let first = drive.file("x", "").with_file_name("broken-rows.rejects.csv");
    let again = first.with_file_name("again.csv");
    let typed = again.display().to_string();
    drive.key(Key::ctrl('u'));
    drive.send(Message::Text(typed.clone()));
    drive.code(Code::Enter);
    assert_eq!(notice(&drive), format!("Saved: {typed}"));
    assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(&first).unwrap());
    drive.keys("w");
    drive.key(Key::ctrl('u'));
    drive.send(Message::Text(typed));
    drive.code(Code::Enter);
    assert!(notice(&drive).contains("cannot write"), "a file that exists stays: {}", notice(&drive));
    drive.code(Code::Esc);
    drive.keys("Gw");
    assert_eq!(notice(&drive), "import 1 left no row out");
}

#[test]
fn under_mask_what_records_were_and_are_is_not_drawn() {
    let mut drive = history();
    drive.keys("jj");
    drive.code(Code::Enter);
    let masked = Theme { mask: true, ..Theme::new(true, false) };
    assert!(drive.picture(&Theme::new(true, false)).contains("Head of Purch"));
    let picture = drive.picture(&masked);
    assert!(picture.contains("office-mart-update.csv") && picture.contains("1001"), "{picture}");
    for value in ["Kathryn", "Head of", "Buyer", "Office Mart"] {
        assert!(!picture.contains(value), "{value}:\n{picture}");
    }
}
