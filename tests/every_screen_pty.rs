//! The line drops, the shell calls, the window changes, in every screen and every overlay: the real binary in a
//! pseudo-terminal.
//!
//! Each scene is the way of a person to a screen, as keys and the text that each brings. In each, TERM, HUP and a closed
//! terminal end the program within a second, with the base whole, its lock free and the import kept; Ctrl-Z and `fg`
//! come back to it, and so does a window that was too small for a while.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use muster::model::fields::Entity;
use portable_pty::CommandBuilder;
use pty::{ENDS, Session, muster};
use rustix::process::Signal;

const USUAL: (u16, u16) = (80, 24);

/// Keys and the text that each brings.
type Walk = &'static [(&'static str, &'static str)];

/// What is there before the app starts, and what it starts with.
#[derive(Clone, Copy)]
enum Start {
    /// Nothing.
    Empty,
    /// The import of this file, into an empty base.
    File(&'static str),
    /// A base with a past.
    Stored,
    /// An import that asks for consent three times.
    Doubts,
}

/// Files that are no samples.
const FILES: [(&str, &str); 3] = [
    ("question.csv", "Contact Id,First Name,Last Name,Company\nC-1,Ann,Lee,Acme\nC-2,Bob,May,\n"),
    ("keys.csv", "Country,Customer No,First Name,Last Name\nUS,1001,Kathryn,Smith\n"),
    ("sheet.csv", "PK\u{3}\u{4}xl/workbook.xml"),
];

const WEEK: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Email
C-1,Kathryn,Smith,Buyer,kathryn@officemart.example
C-2,Josh,Reyes,Driver,josh@officemart.example
C-3,Ann,Lee,Clerk,ann@officemart.example
";

/// A home, and the command that starts the app there.
struct Home {
    command: CommandBuilder,
    path: PathBuf,
}

impl Home {
    fn new(start: Start) -> Home {
        let file = match start {
            Start::File(name) => vec![name],
            Start::Doubts => vec!["week2.csv"],
            Start::Empty | Start::Stored => vec![],
        };
        let command = muster(&file);
        let path = PathBuf::from(command.get_cwd().expect("a folder"));
        let home = Home { command, path };
        match start {
            Start::Empty => {}
            Start::File(name) => match FILES.iter().find(|(known, _)| *known == name) {
                Some((_, text)) => fs::write(home.path.join(name), text).unwrap(),
                None => home.sample(name),
            },
            Start::Stored => ["office-mart.csv", "office-mart-update.csv", "broken-rows.csv"].iter().for_each(|name| {
                home.sample(name);
                home.import(name);
            }),
            Start::Doubts => {
                fs::write(home.path.join("week1.csv"), WEEK).unwrap();
                home.import("week1.csv");
                let base = by_hand::open(&home.path.join(".local/share/muster"));
                by_hand::set(&base, Entity::Contact, "C-1", "contact.title", "Head of Purchasing");
                by_hand::delete(&base, Entity::Contact, "C-3");
                let week2 =
                    WEEK.replace("Buyer", "Purchaser").replace("Josh,Reyes,Driver,josh", "Oleg,Petrov,Cook,oleg");
                fs::write(home.path.join("week2.csv"), week2).unwrap();
            }
        }
        home
    }

    fn sample(&self, name: &str) {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        fs::copy(samples.join(name), self.path.join(name)).unwrap();
    }

    fn import(&self, name: &str) {
        let output = self.run(&["import", name]);
        assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin").current_dir(&self.path);
        command.args(arguments).output().unwrap()
    }

    /// The imports that can be gone on with.
    fn drafts(&self) -> usize {
        fs::read_dir(self.path.join(".local/state/muster/drafts")).map_or(0, Iterator::count)
    }

    /// The app inside a shell that controls jobs.
    fn in_shell(&self) -> Session {
        let mut shell = self.command.clone();
        let words: Vec<String> = shell.get_argv().iter().map(|word| word.to_str().unwrap().to_owned()).collect();
        *shell.get_argv_mut() = vec!["/bin/sh".into(), "-i".into()];
        shell.env("PS1", "shell$ ");
        let mut session = Session::start(shell, USUAL);
        session.wait_for("shell$");
        session.send(format!("{}\r", words.join(" ")));
        session
    }
}

fn walk(session: &mut Session, walk: Walk) {
    for (keys, text) in walk {
        session.send(keys);
        session.wait_for(text);
    }
}

/// What the last step of a walk brought.
fn there(walk: Walk) -> &'static str {
    walk.last().map_or("", |(_, text)| text)
}

fn ends(start: Start, steps: Walk) {
    // From the check on, until it is written, the import is kept.
    let pressed = |key: &str| steps.iter().any(|(keys, _)| *keys == key);
    let drafts = usize::from(pressed("c") && !pressed("y"));
    for how in ENDS {
        let home = Home::new(start);
        let mut session = Session::start(home.command.clone(), USUAL);
        walk(&mut session, steps);
        session.end(how);
        assert!(home.run(&["verify"]).status.success(), "the base is whole and its lock is free");
        assert_eq!(home.drafts(), drafts);
    }
}

fn comes_back(start: Start, steps: Walk) {
    let mut session = Home::new(start).in_shell();
    walk(&mut session, steps);
    session.send("\x1a");
    session.wait("the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    session.send("fg\r");
    session.wait("the app's screen", |screen| screen.alternate_screen() && screen.contents().contains(there(steps)));
    session.resize((30, 8));
    session.wait_for("too small");
    session.resize((60, 15));
    session.wait_gone("too small");
    session.resize(USUAL);
    session.wait_for(there(steps));
    session.signal(Signal::TERM);
}

macro_rules! scenes {
    ($($name:ident: $start:expr, $walk:expr;)+) => {
        $(mod $name {
            use super::*;

            const WALK: Walk = &$walk;

            #[test]
            fn the_end_comes_within_a_second() {
                ends($start, WALK);
            }

            #[test]
            fn it_is_there_again_after_fg_and_after_a_window_that_was_too_small() {
                comes_back($start, WALK);
            }
        })+
    };
}

const BEGIN: (&str, &str) = ("", "Import which CSV file?");
/// From the import, on which an empty base starts, to Browse.
const LEAVE: (&str, &str) = ("\x1b", "Press 2 to import a file");
const COLUMNS: (&str, &str) = ("", "contact.first_name");
const REVIEW: (&str, &str) = ("c", "rows in all");
const CONFLICTS: (&str, &str) = ("v", "0 of 7 decided");
const QUESTION: (&str, &str) = ("i", "Import now?");
const LIST: (&str, &str) = ("", "> Kathryn Smith");
const FORM: (&str, &str) = ("e", "Edit contact 1001");
const HISTORY: (&str, &str) = ("3", "u undoes it");

scenes! {
    choose: Start::Empty, [BEGIN];
    browse_of_an_empty_base: Start::Empty, [BEGIN, LEAVE];
    no_hits: Start::Empty, [BEGIN, LEAVE, ("/", "Enter to the list"), ("x", "No contact matches: x")];
    help: Start::Empty, [BEGIN, LEAVE, ("?", "┌ Help")];
    palette: Start::Empty, [BEGIN, LEAVE, (":", "┌ Commands")];
    quit_question: Start::Empty, [BEGIN, ("\x03", "Quit muster?")];
    message: Start::File("sheet.csv"), [("", "save it as CSV")];

    list: Start::Stored, [LIST];
    search: Start::Stored, [LIST, ("/", "Enter to the list"), ("smi", "/ smi")];
    details: Start::Stored, [LIST, ("\r", "y copy")];
    copied: Start::Stored, [LIST, ("y", "Sent to the terminal's clipboard")];
    organizations: Start::Stored, [LIST, ("o", "Organizations: ")];
    members: Start::Stored, [LIST, ("m", "Members of Office Mart")];
    form: Start::Stored, [LIST, FORM];
    leave_question: Start::Stored, [LIST, FORM, ("x", "1 change"), ("\x1b", "Leave the form?")];
    save_question: Start::Stored, [LIST, FORM, ("x", "1 change"), ("\x0f", "y yes")];
    delete_question: Start::Stored, [LIST, ("d", "y yes")];

    columns: Start::File("office-mart.csv"), [COLUMNS];
    field: Start::File("office-mart.csv"), [COLUMNS, ("\r", "leave the column out")];
    settings: Start::File("office-mart.csv"), [COLUMNS, ("s", "Phones without country code")];
    region: Start::File("office-mart.csv"), [COLUMNS, ("s", "Phones without country code"), ("\r", "A country: US, HUN, Germany")];
    question: Start::File("question.csv"), [COLUMNS, ("a", "What is meant?")];
    marked: Start::File("keys.csv"), [("", "Customer No"), (" ", "[1] Country")];
    composed: Start::File("keys.csv"), [
        ("", "Customer No"), (" ", "[1] Country"), ("j", "Column 2 of 4"), (" ", "[2] Customer No"),
        ("+", "Which ID do they make?"),
    ];
    review: Start::File("office-mart.csv"), [COLUMNS, REVIEW];
    rows: Start::File("office-mart.csv"), [COLUMNS, REVIEW, ("\r", "1 of 6")];
    row: Start::File("office-mart.csv"), [COLUMNS, REVIEW, ("\r", "1 of 6"), ("\r", "First name: Kathryn")];
    which_cell: Start::File("conflicts.csv"), [COLUMNS, REVIEW, ("jjj\r", "1 of 19"), ("e", "which cell?")];
    commit_question: Start::File("office-mart.csv"), [COLUMNS, REVIEW, QUESTION];
    result: Start::File("office-mart.csv"), [COLUMNS, REVIEW, QUESTION, ("y", "Every row was imported.")];
    conflicts: Start::File("conflicts.csv"), [COLUMNS, REVIEW, CONFLICTS];
    lines: Start::File("conflicts.csv"), [COLUMNS, REVIEW, CONFLICTS, ("\r", "C-01,Megan")];
    policies: Start::File("conflicts.csv"), [COLUMNS, REVIEW, CONFLICTS, ("a", "Decide all open")];
    per_field: Start::File("conflicts.csv"), [COLUMNS, REVIEW, CONFLICTS, ("f", "per field")];
    typed_value: Start::File("conflicts.csv"), [COLUMNS, REVIEW, CONFLICTS, ("e", "Checked as a cell")];

    hand_edits: Start::Doubts, [COLUMNS, ("c", "hand edit"), ("jjjjj\r", "Last from a file")];
    answers: Start::Doubts, [COLUMNS, ("c", "hand edit"), ("jjjjj\r", "Last from a file"), ("a", "Answer many at once")];

    history: Start::Stored, [LIST, HISTORY];
    records: Start::Stored, [LIST, HISTORY, ("\r", "all records  1 of 6")];
    filter: Start::Stored, [LIST, HISTORY, ("\r", "all records  1 of 6"), ("f", "Which records of")];
    story: Start::Stored, [LIST, HISTORY, ("\r", "all records  1 of 6"), ("\r", "Nothing has changed it since.")];
    undo_question: Start::Stored, [LIST, HISTORY, ("u", "y yes")];
    blockers: Start::Stored, [LIST, HISTORY, ("j", "import 2  "), ("j", "import 1  "), ("u", "values block")];
    rest_question: Start::Stored, [
        LIST, HISTORY, ("j", "import 2  "), ("j", "import 1  "), ("u", "values block"), ("r", "y yes"),
    ];
    rejects: Start::Stored, [LIST, HISTORY, ("w", "Save")];
}

#[test]
fn an_import_that_was_left_is_offered_through_every_end() {
    let home = Home::new(Start::File("conflicts.csv"));
    let mut session = Session::start(home.command.clone(), USUAL);
    walk(&mut session, &[COLUMNS, REVIEW, CONFLICTS, ("d", "1 of 7 decided")]);
    for how in ENDS {
        session.end(how);
        session = Session::start(home.command.clone(), USUAL);
        session.wait_for("1 of 7 decided, left");
    }
    session.send("\r");
    session.wait_for("1 of 7 decided, saved");
    session.signal(Signal::TERM);
}
