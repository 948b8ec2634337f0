//! Imports that are left and gone on with: keys in, state and pictures out, on the real flows.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/drive.rs"]
mod drive;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use drive::{Drive, SIZES, USUAL};
use insta::assert_snapshot;
use muster::app::effect::Effect;
use muster::app::job::Report;
use muster::app::job::draft::DraftReport;
use muster::app::job::import::{Files, ImportReport};
use muster::app::key::{Code, Key};
use muster::app::message::Message;
use muster::app::overlay::Overlay;
use muster::app::screen::Screen;
use muster::app::screen::import::Step;
use muster::app::screen::import::draft::Saved;
use muster::app::update::update;
use muster::flow::draft::Offer;
use muster::home::draft::read;
use muster::model::settings::Blank;
use muster::tui::theme::Theme;

fn pictures(drive: &mut Drive, name: &str) {
    for (size, picture) in drive.pictures(&SIZES) {
        assert_snapshot!(format!("{name}_{size}"), picture);
    }
}

/// The text of what lies on top.
fn asked(drive: &Drive) -> String {
    match drive.state.overlays.last() {
        Some(Overlay::Pick(pick)) => format!("{}\n{}", pick.title, pick.text),
        Some(Overlay::Confirm(confirm)) => format!("{}\n{}", confirm.title, confirm.text),
        Some(Overlay::Notice(notice)) => format!("{}\n{}", notice.title, notice.text),
        _ => String::new(),
    }
}

fn said(drive: &Drive) -> &str {
    drive.state.notice.as_deref().unwrap_or_default()
}

/// The app on the conflicts of the sample, the first two of seven decided.
fn two_decided() -> (Drive, PathBuf) {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("conflicts.csv");
    drive.open(path.clone());
    drive.keys("cvdt");
    assert_eq!(drive.state.import.conflicts.decided(), 2);
    assert_eq!(drive.state.import.draft.saved, Saved::Saved);
    (drive, path)
}

/// The only draft.
fn draft(drive: &Drive) -> PathBuf {
    let found: Vec<PathBuf> =
        fs::read_dir(drive.path("state/drafts")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [only] = found.as_slice() else { panic!("{found:?}") };
    only.clone()
}

#[test]
fn the_next_start_goes_on_exactly_there() {
    let (mut drive, _) = two_decided();
    drive.keys("u");
    let mut drive = drive.restart();
    assert!(asked(&drive).starts_with("An import is not finished\nconflicts.csv: 1 of 7 decided, left 20"));
    drive.code(Code::Enter);
    let import = &drive.state.import;
    assert_eq!((import.step, import.conflicts.decided()), (Step::Conflicts, 1));
    assert_eq!(import.conflicts.cursor.selected, 1, "the next open conflict");
    assert_eq!(said(&drive), "Back where you were");
    // What was taken back before the restart can be brought back after it.
    drive.key(Key::ctrl('r'));
    assert_eq!(drive.state.import.conflicts.decided(), 2);
    drive.keys("uu");
    assert_eq!(drive.state.import.conflicts.decided(), 0);
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 0);
    drive.key(Key::ctrl('r'));
    drive.key(Key::ctrl('r'));
    assert_eq!(drive.state.import.conflicts.decided(), 2);
}

#[test]
fn a_policy_is_kept_as_one_step() {
    let (mut drive, _) = two_decided();
    drive.keys("a");
    drive.keys("all first");
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 7);
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!((drive.state.import.step, drive.state.import.conflicts.open()), (Step::Review, 0));
    drive.keys("u");
    assert_eq!(drive.state.import.conflicts.decided(), 2);
}

#[test]
fn the_draft_of_the_present_import_is_no_offer() {
    let (mut drive, path) = two_decided();
    drive.keys("q");
    drive.keys("U");
    assert!(drive.state.overlays.is_empty() && said(&drive).starts_with("There is no other unfinished import"));
    // Another file is open: the first one is an offer again, and what is thrown away is not written to any more.
    let other = drive.sample("office-mart.csv");
    drive.open(other);
    drive.keys("1U");
    assert!(asked(&drive).contains("2 of 7 decided"));
    drive.keys("throw");
    drive.code(Code::Enter);
    drive.keys("y");
    drive.open(path);
    drive.keys("cvd");
    let mut drive = drive.restart();
    assert!(asked(&drive).contains("1 of 7 decided"), "{}", asked(&drive));
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 1);
}

#[test]
fn mapping_and_settings_are_kept() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("conflicts.csv");
    drive.open(path);
    drive.keys("s");
    drive.keys("empty");
    drive.code(Code::Enter);
    drive.code(Code::Esc);
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.step, Step::Columns, "nothing was checked yet");
    assert_eq!(drive.state.import.file.as_ref().unwrap().settings.merging.blank, Blank::Clear);
}

#[test]
fn leaving_keeps_the_import_and_quitting_asks_nothing() {
    let (mut drive, _) = two_decided();
    drive.keys("q");
    assert_eq!((drive.state.screen, said(&drive)), (Screen::Browse, "conflicts.csv is kept as a draft"));
    assert_eq!(update(&mut drive.state, Message::Key(Key::char('q'))), [Effect::Quit]);
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 2);
}

#[test]
fn another_file_can_be_opened_without_a_question() {
    let (mut drive, path) = two_decided();
    let other = drive.sample("office-mart.csv");
    drive.open(other);
    assert_eq!(
        (drive.state.overlays.len(), drive.state.import.file.as_ref().unwrap().name.as_str()),
        (0, "office-mart.csv")
    );
    // The draft is offered where its file is opened again.
    drive.open(path);
    assert!(asked(&drive).contains("2 of 7 decided"));
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 2);
}

#[test]
fn a_changed_file_is_checked_again_and_what_no_longer_fits_is_counted() {
    let (drive, path) = two_decided();
    let text = fs::read_to_string(&path).unwrap();
    // AC-1 is decided, and its rows say something else now; AC-2 is decided and stays.
    let changed = text.replacen("Amber Kettle Inc.", "Amber Kettle Ltd.", 1);
    assert_ne!(changed, text);
    fs::write(&path, changed).unwrap();
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(said(&drive), "The file has changed; 1 of 2 decisions no longer fits");
    let import = &drive.state.import;
    assert_eq!((import.step, import.conflicts.decided(), import.conflicts.cursor.selected), (Step::Conflicts, 1, 0));
    drive.code(Code::Esc);
    pictures(&mut drive, "draft_changed_file");
}

#[test]
fn a_changed_base_is_met_again() {
    let (drive, _) = two_decided();
    let mut drive = drive.restart();
    drive.code(Code::Esc);
    let other = drive.sample("office-mart.csv");
    drive.open(other);
    drive.keys("ciy");
    assert!(drive.state.import.done.is_some());
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(said(&drive), "The base has changed; what you decided holds");
    assert_eq!(drive.state.import.conflicts.decided(), 2);
}

#[test]
fn a_draft_is_left_for_later_or_thrown_away_after_a_question() {
    let (drive, _) = two_decided();
    let mut drive = drive.restart();
    drive.code(Code::Esc);
    assert!(drive.state.overlays.is_empty());
    let mut drive = drive.restart();
    drive.keys("throw");
    drive.code(Code::Enter);
    assert!(asked(&drive).starts_with("Throw the draft away?\n2 of 7 decided"));
    drive.code(Code::Enter);
    assert!(draft(&drive).exists(), "Enter alone throws nothing away");
    drive.code(Code::Esc);
    drive.code(Code::Esc);
    drive.keys("U");
    drive.keys("throw");
    drive.code(Code::Enter);
    drive.keys("y");
    assert_eq!(said(&drive), "The draft is thrown away");
    assert_eq!(fs::read_dir(drive.path("state/drafts")).unwrap().count(), 0);
    drive.keys("U");
    assert_eq!(said(&drive), "There is no unfinished import");
}

#[test]
fn a_draft_whose_file_vanished_says_so_and_can_only_be_thrown_away() {
    let (drive, path) = two_decided();
    fs::remove_file(&path).unwrap();
    let drive = drive.restart();
    assert!(asked(&drive).contains("conflicts.csv is not there any more"), "{}", asked(&drive));
    let Some(Overlay::Pick(pick)) = drive.state.overlays.last() else { panic!() };
    assert_eq!(
        pick.items.iter().map(|item| item.label.as_str()).collect::<Vec<_>>(),
        ["Leave it for later", "Throw it away"]
    );
}

#[test]
fn a_committed_import_has_no_draft() {
    let (mut drive, _) = two_decided();
    let draft = draft(&drive);
    // As if the program had ended between the commit and the removal: another name keeps the file.
    fs::hard_link(&draft, draft.with_file_name("again.draft")).unwrap();
    drive.keys("iy");
    assert!(drive.state.import.done.is_some() && !draft.exists());
    assert!(draft.with_file_name("again.draft").exists());
    let drive = drive.restart();
    assert!(drive.state.overlays.is_empty());
    assert!(!draft.with_file_name("again.draft").exists(), "the history has its commit");
}

#[test]
fn a_draft_that_cannot_be_saved_says_so_and_is_caught_up() {
    let mut drive = Drive::new(USUAL);
    let path = drive.sample("conflicts.csv");
    fs::create_dir_all(drive.path("state")).unwrap();
    fs::write(drive.path("state/drafts"), "in the way").unwrap();
    drive.open(path);
    drive.keys("c");
    assert!(asked(&drive).starts_with("The draft of this import is not saved"), "{}", asked(&drive));
    drive.code(Code::Esc);
    drive.keys("vd");
    assert!(drive.picture(&Theme::new(true, false)).contains("1 of 7 decided, NOT SAVED"));
    assert!(drive.state.overlays.is_empty(), "said once");
    drive.code(Code::Esc);
    drive.keys("1q");
    assert!(asked(&drive).contains("1 decision about the file of the import could not be saved"), "{}", asked(&drive));
    drive.code(Code::Esc);
    fs::remove_file(drive.path("state/drafts")).unwrap();
    drive.keys("2vt");
    assert_eq!(drive.state.import.draft.saved, Saved::Saved);
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 2, "what had failed is there too");
}

#[test]
fn drafts_are_private_and_a_torn_end_is_left_out() {
    let (drive, _) = two_decided();
    let path = draft(&drive);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
    assert!(read(&path).unwrap().torn);
    let mut drive = drive.restart();
    drive.code(Code::Enter);
    assert_eq!(drive.state.import.conflicts.decided(), 1);
    drive.keys("t");
    let found = read(&path).unwrap();
    assert!(!found.torn);
    assert_eq!(found.draft.timeline.decisions().choices.len(), 2);
}

#[test]
fn offers() {
    let mut drive = Drive::new(USUAL);
    drive.send(Message::Report(Report::Import(ImportReport::Files(Files::default()))));
    let offer = |file: &str, decided: usize, corrected: usize| Offer {
        path: "/d/1.draft".into(),
        file: file.into(),
        left: "2026-11-22 10:14".to_owned(),
        decided,
        conflicts: 12,
        corrected,
        obstacle: None,
    };
    let one = vec![offer("/exports/contacts-nov.csv", 3, 1)];
    drive.send(Message::Report(Report::Draft(DraftReport::Offers(one.clone(), false))));
    pictures(&mut drive, "draft_offer");
    drive.code(Code::Esc);
    let gone = Offer {
        obstacle: Some("/exports/contacts-oct.csv is not there any more".to_owned()),
        ..offer("/exports/contacts-oct.csv", 12, 0)
    };
    let several = one.into_iter().chain([gone]).collect();
    drive.send(Message::Report(Report::Draft(DraftReport::Offers(several, false))));
    pictures(&mut drive, "draft_offers");
    drive.code(Code::Down);
    drive.code(Code::Enter);
    pictures(&mut drive, "draft_gone");
}
