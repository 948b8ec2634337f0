//! Stories of imports that are left: the real binary in a pseudo-terminal, killed, hung up, and started again.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use muster::home::draft::{Draft, list};
use portable_pty::CommandBuilder;
use pty::{Session, command, muster};
use rustix::process::Signal;

const USUAL: (u16, u16) = (80, 24);
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
const PROGRAM: &str = env!("CARGO_BIN_EXE_muster");

/// A home with samples in it.
fn home(samples: &[&str]) -> PathBuf {
    let home = PathBuf::from(muster(&[]).get_cwd().expect("a folder"));
    for sample in samples {
        fs::copy(Path::new(SAMPLES).join(sample), home.join(sample)).unwrap();
    }
    home
}

/// The program in that home.
fn at(home: &Path, arguments: &[&str]) -> CommandBuilder {
    let mut command = command(PROGRAM, arguments);
    command.env("HOME", home);
    command.cwd(home);
    command
}

/// A session on the conflicts of the sample.
fn on_conflicts(home: &Path) -> Session {
    let mut session = Session::start(at(home, &["conflicts.csv"]), USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("0 decided");
    session.send("v");
    session.wait_for("0 of 7 decided");
    session.wait_for("d takes Industry");
    session
}

/// Starts again, and goes on with what was left.
fn go_on(home: &Path, offered: &str) -> Session {
    let mut session = Session::start(at(home, &[]), USUAL);
    session.wait_for("An import is not finished");
    session.wait_for(offered);
    session.send("\r");
    session.wait_gone("An import is not finished");
    session
}

/// The only draft of a home.
fn draft(home: &Path) -> Draft {
    let found: Vec<_> = list(&home.join(".local/state/muster/drafts")).into_iter().map(Result::unwrap).collect();
    assert_eq!(found.len(), 1);
    found[0].draft.clone()
}

#[test]
fn killed_after_two_decisions_it_goes_on_with_both() {
    let home = home(&["conflicts.csv"]);
    let mut session = on_conflicts(&home);
    session.send("d");
    session.wait_for("1 of 7 decided");
    session.send("t");
    session.wait_for("2 of 7 decided");
    session.signal(Signal::KILL);
    session.exit_code();
    assert_eq!(draft(&home).timeline.decisions().choices.len(), 2, "what was shown as decided is there");
    let mut session = go_on(&home, "2 of 7 decided");
    session.wait_for("Back where you were");
    session.wait_for("2 of 7 decided");
    session.wait_for("> AC-3");
    session.send("u");
    session.wait_for("1 of 7 decided");
    session.send("\x12");
    session.wait_for("2 of 7 decided, saved");
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("conflicts.rejects.csv");
    session.send("\r");
    session.wait_for("7 contacts");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    assert_eq!(list(&home.join(".local/state/muster/drafts")).len(), 0);
}

#[test]
fn every_decision_that_was_shown_survives_a_kill_at_once() {
    let home = home(&["conflicts.csv"]);
    let mut session = on_conflicts(&home);
    for decided in 1..=7 {
        session.send("t");
        session.wait_for(&format!("{decided} of 7 decided"));
        session.signal(Signal::KILL);
        session.exit_code();
        assert_eq!(draft(&home).timeline.decisions().choices.len(), decided);
        if decided == 7 {
            return;
        }
        session = go_on(&home, &format!("{decided} of 7 decided"));
        session.wait_for(&format!("{decided} of 7 decided"));
    }
}

#[test]
fn a_dropped_line_keeps_the_import() {
    let home = home(&["conflicts.csv"]);
    let mut session = on_conflicts(&home);
    session.send("x");
    session.wait_for("1 of 7 decided");
    session.signal(Signal::HUP);
    assert_eq!(session.exit_code(), 129);
    let session = go_on(&home, "1 of 7 decided");
    session.wait_for("1 of 7 decided");
}

#[test]
fn quitting_keeps_the_import_without_a_question() {
    let home = home(&["conflicts.csv"]);
    let mut session = on_conflicts(&home);
    session.send("d");
    session.wait_for("1 of 7 decided");
    session.send("q");
    session.wait_for("conflicts.csv is kept as a draft");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    // The file is listed as begun, and opening it offers to go on.
    let mut session = Session::start(at(&home, &["conflicts.csv"]), USUAL);
    session.wait_for("An import is not finished");
    session.send("later");
    session.wait_for("/ later");
    session.send("\r");
    session.wait_gone("An import is not finished");
    session.send("\x1b");
    session.wait_for("not finished, left");
}

#[test]
fn a_file_and_a_base_that_changed_meanwhile_are_met_again() {
    let home = home(&["conflicts.csv", "office-mart.csv"]);
    let mut session = on_conflicts(&home);
    session.send("d");
    session.wait_for("1 of 7 decided");
    session.send("t");
    session.wait_for("2 of 7 decided");
    session.signal(Signal::KILL);
    session.exit_code();
    let imported =
        Command::new(PROGRAM).args(["import", "office-mart.csv"]).env("HOME", &home).current_dir(&home).output();
    assert!(imported.unwrap().status.success());
    let file = home.join("conflicts.csv");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("Amber Kettle Inc.", "Amber Kettle Ltd.", 1)).unwrap();
    let mut session = go_on(&home, "2 of 7 decided");
    session.wait_for("1 of 7 decided");
    session.wait_for("The file and the base have changed; 1 of 2 decisions no longer fits");
    session.send("\x1b");
    session.wait_for("rows that disagree, 1 decided");
    session.wait_for("The file and the base have changed; 1 of 2 decisions no longer fits");
}

#[test]
fn a_cell_is_corrected_and_imported() {
    let home = home(&[]);
    let text = "Contact Id,First Name,Last Name,Work Phone\nC-1,Ann,Lee,317 55\nC-2,Bob,,\nC-3,Cid,May,\n";
    fs::write(home.join("bad.csv"), text).unwrap();
    let mut session = Session::start(at(&home, &["bad.csv"]), USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("required-missing");
    session.send("j");
    session.send("j");
    session.send("j");
    session.wait(">  … required-missing", |screen| {
        screen.contents().lines().any(|line| line.starts_with('>') && line.contains("required-missing"))
    });
    session.send("\r");
    session.wait_for("Last name is missing");
    session.send("e");
    session.wait_for("Line 3, Last Name");
    session.send("Marsh");
    session.wait_for("> Marsh");
    session.send("\r");
    session.wait_for("Line 3 is corrected");
    session.wait_for("Nothing here any more");
    session.send("u");
    session.wait_for("Last name is missing");
    session.send("\x12");
    session.wait_for("Nothing here any more");
    // The line drops; the correction is there afterwards.
    session.signal(Signal::KILL);
    session.exit_code();
    let mut session = go_on(&home, "1 row corrected");
    session.wait_for("corrected by hand");
    session.send("i");
    session.wait_for("Contacts: 3 created");
    session.send("y");
    session.wait_for("Every row was imported.");
    session.send("\r");
    session.wait_for("Bob Marsh");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    assert_eq!(fs::read_to_string(home.join("bad.csv")).unwrap(), text);
    let shown = Command::new(PROGRAM).args(["show", "import", "1"]).env("HOME", &home).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("line 3, Last Name: '' -> 'Marsh'"), "{shown}");
}
