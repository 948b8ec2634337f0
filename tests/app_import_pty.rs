//! Stories of an import: the real binary in a pseudo-terminal, on files as people have them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pty::{Session, muster};
use rustix::process::Signal;

const USUAL: (u16, u16) = (80, 24);
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

/// A session whose folder has the samples, on the import of one of them.
fn import(sample: &str, size: (u16, u16)) -> (Session, PathBuf) {
    let (command, home) = at_home(&[sample]);
    fs::copy(Path::new(SAMPLES).join(sample), home.join(sample)).unwrap();
    (Session::start(command, size), home)
}

fn at_home(arguments: &[&str]) -> (portable_pty::CommandBuilder, PathBuf) {
    let command = muster(arguments);
    let home = PathBuf::from(command.get_cwd().expect("a folder"));
    (command, home)
}

/// A file that takes a while to check.
fn large(home: &Path) {
    let mut file = "Contact Id,Contact First Name,Contact Last Name,Contact Work Phone\n".to_owned();
    for n in 0..150_000 {
        file.push_str(&format!("C-{n},Ann,Lee,(317) 555-{:04}\n", n % 10_000));
    }
    fs::write(home.join("large.csv"), file).unwrap();
}

#[test]
fn the_first_import_ends_in_browse() {
    let (mut session, home) = import("office-mart.csv", USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("rows in all");
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("Every row was imported.");
    session.send("\r");
    session.wait_for("Kathryn Smith");
    session.wait_for("6 contacts");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    assert!(!home.join("office-mart.rejects.csv").exists());
}

#[test]
fn a_file_is_found_by_typing_and_tab() {
    let (command, home) = at_home(&[]);
    fs::copy(Path::new(SAMPLES).join("office-mart.csv"), home.join("office-mart.csv")).unwrap();
    let mut session = Session::start(command, USUAL);
    session.wait_for("office-mart.csv");
    session.send("off");
    session.wait_for("> off");
    session.send("\t");
    session.wait_for("> office-mart.csv");
    session.send("\r");
    session.wait_for("contact.first_name");
}

#[test]
fn r08_a_conflict_of_each_class_is_decided_by_a_person() {
    let (mut session, home) = import("conflicts.csv", USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("0 decided");
    session.send("v");
    session.wait_for("d takes Industry Retail");
    // blank: the suggestion; cosmetic: the second variant; content: a value typed by hand.
    session.send("d");
    session.wait_for("1 of 7 decided");
    session.send("2");
    session.wait_for(">2");
    session.send("t");
    session.wait_for("2 of 7 decided");
    session.wait_for("+12065550131");
    session.send("e");
    session.wait_for("Checked as a cell");
    session.send("\x15");
    session.send("206 555 0139");
    session.wait_for("> 206 555 0139");
    session.send("\r");
    session.wait_for("3 of 7 decided");
    session.send("u");
    session.wait_for("2 of 7 decided");
    session.send("\x12");
    session.wait_for("3 of 7 decided");
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("conflicts.rejects.csv");
    let rejects = fs::read_to_string(home.join("conflicts.rejects.csv")).unwrap();
    assert!(rejects.contains("C-12,Ruth") && !rejects.contains("C-06,Frank"));
    session.send("\r");
    session.wait_for("Megan Brooks");
    session.send("o");
    session.wait_for("+1 206-555-0139");
    session.wait_for("QUARRY TOOLS INC");
}

#[test]
fn r08_a_policy_decides_all_at_once() {
    let (mut session, _) = import("conflicts.csv", USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("0 decided");
    session.send("v");
    session.wait_for("d takes");
    session.send("a");
    session.wait_for("settles 4 of 7");
    session.send("all first");
    session.wait_for("/ all first");
    session.send("\r");
    session.wait_for("7 of 7 decided");
    session.send("\x1b");
    session.wait_for("7 decided");
    session.wait_gone("held");
}

#[test]
fn r04_a_question_is_answered_before_the_check() {
    let (command, home) = at_home(&["company.csv"]);
    fs::write(home.join("company.csv"), "Contact Id,First Name,Last Name,Company\nC-1,Ann,Lee,Acme\n").unwrap();
    let mut session = Session::start(command, USUAL);
    session.wait_for("a answer");
    session.send("c");
    session.wait_for("What is meant?");
    session.wait_for("leave them out");
    session.send("\r");
    session.wait_for("c check");
    session.send("c");
    session.wait_for("rows in all");
}

#[test]
fn r23_rejects_that_cannot_be_written_beside_the_file_are_saved_from_the_history() {
    let (command, home) = at_home(&["gone/broken-rows.csv"]);
    fs::create_dir(home.join("gone")).unwrap();
    fs::copy(Path::new(SAMPLES).join("broken-rows.csv"), home.join("gone/broken-rows.csv")).unwrap();
    let mut session = Session::start(command, USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("rows in all");
    fs::remove_dir_all(home.join("gone")).unwrap();
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("could not be written: beside gone/broken-rows.csv");
    session.wait_for("The history keeps these rows");
    session.send("3");
    session.wait_for("w saves them again");
    session.send("w");
    session.wait_for("Save the rejects of import 1 as");
    session.send("\r");
    session.wait_for("Saved: broken-rows.rejects.csv");
    assert!(fs::read_to_string(home.join("broken-rows.rejects.csv")).unwrap().contains("muster message"));
}

#[test]
fn a_check_is_cancelled() {
    let (command, home) = at_home(&["large.csv"]);
    large(&home);
    let mut session = Session::start(command, USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("Checking large.csv");
    session.send("\x1b");
    session.wait_for("Stop the check?");
    session.send("n");
    session.wait_gone("Stop the check?");
    session.send("\x03");
    session.wait_for("cancelled");
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("150,000  rows in all");
}

#[test]
fn a_signal_during_the_check_ends_it_within_a_second() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let (command, home) = at_home(&["large.csv"]);
        large(&home);
        let mut session = Session::start(command, USUAL);
        session.wait_for("contact.first_name");
        session.send("c");
        session.wait_for("Checking large.csv");
        let since = Instant::now();
        session.signal(signal);
        assert_eq!(session.exit_code(), code);
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
        session.wait_closed();
        session.screen(|screen| assert!(!screen.alternate_screen()));
    }
}

#[test]
fn conflicts_can_be_decided_in_a_tiny_window() {
    let (mut session, _) = import("conflicts.csv", (40, 10));
    session.wait_for("contact.id");
    session.send("c");
    session.wait_for("created");
    session.send("v");
    session.wait_for("0 of 7 decided");
    session.wait_for(">1");
    session.send("t");
    session.wait_for("1 of 7 decided");
    session.resize((30, 8));
    session.wait_for("too small");
    session.resize((80, 24));
    session.wait_for("CLASS");
    session.wait_for("1 of 7 decided");
}

#[test]
fn a_file_that_is_none_says_why() {
    let (command, home) = at_home(&["sheet.csv"]);
    fs::write(home.join("sheet.csv"), b"PK\x03\x04xl/workbook.xml").unwrap();
    let mut session = Session::start(command, USUAL);
    session.wait_for("not a CSV file");
    session.send("\x1b");
    session.wait_for("Import which CSV file?");
}

#[test]
fn foreign_text_never_reaches_the_terminal() {
    let (command, home) = at_home(&["evil.csv"]);
    let file =
        "Contact Id,First Name,Last Name,\x1b]0;owned\x07Title\nC-1,\x1b[2JAnn,Lee\u{202e},x\nC-1,Bob\x1b[31m,Lee,x\n";
    fs::write(home.join("evil.csv"), file).unwrap();
    let mut session = Session::start(command, USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("rows in all");
    session.send("v");
    session.wait_for("0 of 1 decided");
    session.send("\r");
    session.wait_for("Lines behind");
    let bytes = session.bytes();
    for foreign in [&b"\x1b]0;owned"[..], b"\x1b[2JAnn", "\u{202e}".as_bytes()] {
        assert!(!bytes.windows(foreign.len()).any(|window| window == foreign), "{foreign:?}");
    }
}
