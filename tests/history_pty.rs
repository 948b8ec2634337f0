//! Stories of the history and of consents: the real binary in a pseudo-terminal, on a base with a past.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use muster::base::Base;
use muster::model::fields::Entity;
use pty::{Session, muster};

const USUAL: (u16, u16) = (80, 24);
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

const HEADER: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Email\n";

/// A home in which these files were imported, one after the other, and a session that opens with `arguments`.
fn after(imports: &[&str], arguments: &[&str]) -> (portable_pty::CommandBuilder, PathBuf) {
    let command = muster(arguments);
    let home = PathBuf::from(command.get_cwd().expect("a folder"));
    for name in imports {
        let sample = Path::new(SAMPLES).join(name);
        if sample.exists() {
            fs::copy(sample, home.join(name)).unwrap();
        }
        import(&home, name);
    }
    (command, home)
}

fn import(home: &Path, name: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", home).env("TZ", "UTC").current_dir(home).args(["import", name]);
    let output = command.output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The base of a home.
fn base(home: &Path) -> Base {
    by_hand::open(&home.join(".local/share/muster"))
}

/// A home with a small file imported, and another one a week later.
fn two_weeks(first: &str, second: &str) -> (portable_pty::CommandBuilder, PathBuf) {
    let (command, home) = after(&[], &["week2.csv"]);
    fs::write(home.join("week1.csv"), format!("{HEADER}{first}")).unwrap();
    fs::write(home.join("week2.csv"), format!("{HEADER}{second}")).unwrap();
    import(&home, "week1.csv");
    (command, home)
}

#[test]
fn r26_the_last_import_is_undone_in_the_history() {
    let (command, _) = after(&["office-mart.csv", "broken-rows.csv"], &[]);
    let mut session = Session::start(command, USUAL);
    session.wait_for("12 contacts");
    session.send("3");
    session.wait_for("import broken-rows");
    session.send("u");
    session.wait_for("Undo import 2?");
    session.wait_for("6 removed");
    session.send("y");
    session.wait_for("import 2 is undone");
    session.send("\x1b");
    session.wait_gone("import 2 is undone");
    session.wait_for("undone by 3");
    session.send("1");
    session.wait_for("6 of 6");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn r26_a_blocked_undo_says_why_and_changes_nothing() {
    let (command, _) = after(&["office-mart.csv", "office-mart-update.csv"], &[]);
    let mut session = Session::start(command, USUAL);
    session.wait_for("7 contacts");
    session.send("3");
    session.wait_for("import 2  office-mart-update.csv");
    session.send("j");
    session.wait_for("> 1 ");
    session.send("u");
    session.wait_for("import 1 is not undone: 4 values block");
    session.wait_for("changed since by import 2");
    session.wait_for("contact '1002' belongs to it");
    session.send("\x1b");
    session.wait_for("STATE");
    session.wait_gone("undone by");
    session.wait_for("7 contacts");
    session.send("u");
    session.wait_for("4 values block");
    session.send("r");
    session.wait_for("4 values stay as they are");
    session.send("y");
    session.wait_for("import 1 is undone");
    session.wait_for("3 contacts");
}

#[test]
fn r25_the_records_of_an_import_are_read_old_and_new() {
    let (command, _) = after(&["office-mart.csv", "office-mart-update.csv"], &[]);
    let mut session = Session::start(command, USUAL);
    session.wait_for("7 contacts");
    session.send("3");
    session.wait_for("import 2  office-mart-update.csv");
    session.send("\r");
    session.wait_for("all records  1 of 4");
    session.wait_for("Title: Buyer -> Head of Purchasing");
    session.send("f");
    session.wait_for("organizations updated");
    session.send("organizations updated");
    session.wait_for("/ organizations updated");
    session.send("\r");
    session.wait_for("organizations updated  1 of 1");
    session.send("\x1b");
    session.wait_for("STATE");
    session.send("j");
    session.wait_for("> 1 ");
    session.send("\r");
    session.wait_for("all records  1 of 9");
    session.send("f");
    session.wait_for("changed again since");
    session.send("since");
    session.wait_for("/ since");
    session.send("\r");
    session.wait_for("changed again since  1 of 3");
    session.send("\r");
    session.wait_for("updated since by import 2");
}

#[test]
fn r23_the_rejects_of_an_import_are_saved_again() {
    let (command, home) = after(&["broken-rows.csv"], &[]);
    let rejects = fs::read(home.join("broken-rows.rejects.csv")).unwrap();
    fs::remove_file(home.join("broken-rows.rejects.csv")).unwrap();
    let mut session = Session::start(command, USUAL);
    session.wait_for("contacts");
    session.send("3");
    session.wait_for("12 rejected; w saves them again");
    session.send("w");
    session.wait_for("> broken-rows.rejects.csv");
    session.send("\r");
    session.wait_for("Saved: broken-rows.rejects.csv");
    assert_eq!(fs::read(home.join("broken-rows.rejects.csv")).unwrap(), rejects);
}

#[test]
fn r14_a_hand_edit_is_kept_then_taken_from_the_file() {
    let row = |title: &str| format!("C-1,Kathryn,Smith,{title},kathryn@officemart.example\n");
    let (command, home) = two_weeks(&row("Buyer"), &row("Purchaser"));
    by_hand::set(&base(&home), Entity::Contact, "C-1", "contact.title", "Head of Purchasing");
    let mut session = Session::start(command, USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("hand edit kept");
    session.send("jj\r");
    session.wait_for("Last from a file");
    for value in ["Buyer", "> Set by hand", "Head of Purchasing", "Purchaser", "unless you say otherwise: keep"] {
        session.wait_for(value);
    }
    session.send("b");
    session.wait_for("you say: keep what was set by hand");
    session.send("t");
    session.wait_for("you say: take the file's value");
    session.send("\x1b");
    session.wait_for("hand edit overwritten");
    session.send("i");
    session.wait_for("1 hand edit overwritten");
    session.send("y");
    session.wait_for("Done: import 3");
    session.send("q");
    session.wait_for("Kathryn Smith, Purchaser");
}

#[test]
fn r15_two_persons_are_looked_at_side_by_side_and_accepted_as_one() {
    let (command, _) = two_weeks(
        "C-1,Kathryn,Smith,Buyer,kathryn@officemart.example\n",
        "C-1,Cathrin,Schmidt,Buyer,c.schmidt@officemart.example\n",
    );
    let mut session = Session::start(command, USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("different person under a stored Contact ID, 0 answered");
    session.send("jj\r");
    session.wait_for("waits for you");
    session.wait_for("Kathryn                      Cathrin");
    session.send("t");
    session.wait_for("you say: the same person: import");
    session.send("\x1b");
    session.wait_for("1 answered");
    session.wait_for("updated");
    session.send("i");
    session.wait_for("Contacts: 1 updated.");
    session.send("y");
    session.wait_for("Every row was imported.");
}

#[test]
fn r28_a_contact_deleted_by_hand_is_created_again() {
    let row = "C-1,Kathryn,Smith,Buyer,kathryn@officemart.example\nC-2,Josh,Reyes,Driver,josh@officemart.example\n";
    let (command, home) = two_weeks(row, row);
    by_hand::delete(&base(&home), Entity::Contact, "C-1");
    let mut session = Session::start(command, USUAL);
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("deleted by hand and in the file again, 0 answered");
    session.send("jjj\r");
    session.wait_for("IN THE FILE");
    session.send("t");
    session.wait_for("you say: create again");
    session.send("u");
    session.wait_for("waits for you");
    session.send("\x12");
    session.wait_for("you say: create again");
    session.send("i");
    session.wait_for("Contacts: 1 created");
    session.send("y");
    session.wait_for("Every row was imported.");
    session.wait_for("2 contacts");
}
