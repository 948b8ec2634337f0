//! Manners over a line that may drop: the end during a commit, a second instance meanwhile, keys and settings of a person's
//! own, and the walk through folders. The real binary in a pseudo-terminal.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pty::{ENDS, End, Session, muster};
use rstest::rstest;
use rustix::process::Signal;

const USUAL: (u16, u16) = (80, 24);
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

/// A home of its own, with files in it and, if wanted, contacts in its base.
struct Home {
    command: portable_pty::CommandBuilder,
    path: PathBuf,
}

impl Home {
    fn new(arguments: &[&str]) -> Home {
        let command = muster(arguments);
        let path = PathBuf::from(command.get_cwd().expect("a folder"));
        Home { command, path }
    }

    fn sample(self, name: &str) -> Home {
        fs::copy(Path::new(SAMPLES).join(name), self.path.join(name)).unwrap();
        self
    }

    fn config(self, text: &str) -> Home {
        let folder = self.path.join(".config/muster");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin").current_dir(&self.path);
        command.args(arguments).output().unwrap()
    }

    fn start(&self) -> Session {
        Session::start(self.command.clone(), USUAL)
    }
}

const ROWS: u64 = 100_000;

/// The app while it writes a large import.
fn committing() -> (Home, Session) {
    let home = Home::new(&["large.csv"]);
    let rows: String = (0..ROWS).map(|n| format!("C-{n},Ann,Lee,(317) 555-{:04}\n", n % 10_000)).collect();
    let header = "Contact Id,Contact First Name,Contact Last Name,Contact Work Phone\n";
    fs::write(home.path.join("large.csv"), format!("{header}{rows}")).unwrap();
    let mut session = home.start();
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("rows in all");
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("Importing large.csv");
    (home, session)
}

#[rstest]
#[case(ENDS[0])]
#[case(ENDS[1])]
#[case(ENDS[2])]
fn the_end_during_a_commit_leaves_all_of_it_or_nothing(#[case] how: End) {
    let (home, mut session) = committing();
    session.end(how);
    let verified = home.run(&["verify", "--json"]);
    assert!(verified.status.success());
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert!([0, ROWS].contains(&report["contacts"].as_u64().unwrap()), "{report}");
}

#[test]
fn a_second_one_during_a_commit_says_who_has_the_base_and_waits_its_turn() {
    let (home, mut first) = committing();
    let mut command = home.command.clone();
    command.get_argv_mut().truncate(1);
    let mut second = Session::start(command, USUAL);
    second.wait_for("Opening the base failed");
    second.wait_for(&format!("process {}", first.pid()));
    second.send("\x1b");
    second.wait_for("Press r to try again");
    let refused = home.run(&["import", "large.csv"]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    first.wait_for("Every row was imported.");
    first.send("q");
    first.wait_for("Contacts: 100,000");
    first.send("q");
    assert_eq!(first.exit_code(), 0);
    second.send("r");
    second.wait_for("100,000 contacts");
    second.signal(Signal::TERM);
}

#[test]
fn suspended_in_the_middle_of_an_import_it_comes_back_where_it_was() {
    let home = Home::new(&[]).sample("conflicts.csv");
    let mut shell = home.command.clone();
    *shell.get_argv_mut() = vec!["/bin/sh".into(), "-i".into()];
    shell.env("PS1", "shell$ ");
    let mut session = Session::start(shell, USUAL);
    session.wait_for("shell$");
    session.send(format!("{} conflicts.csv\r", env!("CARGO_BIN_EXE_muster")));
    session.wait_for("contact.first_name");
    session.send("c");
    session.wait_for("0 decided");
    session.send("v");
    session.wait_for("d takes");
    session.send("\x1a");
    session.wait("the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    session.resize((60, 15));
    session.send("fg\r");
    session.wait("the conflicts again", |screen| screen.alternate_screen() && screen.contents().contains("d takes"));
    session.resize((30, 8));
    session.wait_for("too small");
    session.resize(USUAL);
    session.wait_for("d takes");
    session.signal(Signal::TERM);
}

#[test]
fn keys_of_a_persons_own_work_and_are_shown() {
    let home = Home::new(&[]).config("[keys]\nsearch = [\"z\", \"Ctrl-F\"]\nhelp = [\"?\", \"Ctrl-G\"]\n");
    let mut session = home.start();
    session.wait_for("Import which CSV file?");
    session.send("\x1b");
    session.wait_for("z search");
    session.send("z");
    session.wait("the cursor", |screen| !screen.hide_cursor());
    session.send("\x07");
    session.wait_for("Help");
    session.send("type to search all");
    session.wait_for("z Ctrl-F");
    session.send("\x1b\x1b");
    session.wait_gone("Ctrl-F");
}

#[test]
fn the_config_sets_what_an_import_begins_with_and_how_it_looks() {
    let home = Home::new(&["office-mart.csv"]).sample("office-mart.csv");
    let home = home.config("theme = \"mono\"\nascii = true\nregion = \"GB\"\nblank = \"clear\"\n");
    let session = home.start();
    session.wait_for("contact.first_name");
    session.wait_for("GB");
    assert!(session.text().contains("clear") || session.text().contains("erase"), "{}", session.text());
    assert!(session.bytes().is_ascii());
    session.screen(|screen| {
        let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
        let mut cells = cells.filter_map(|(row, column)| screen.cell(row, column));
        assert!(cells.all(|cell| cell.fgcolor() == vt100::Color::Default));
    });
}

#[test]
fn a_mistake_in_the_config_is_told_before_anything_happens() {
    let home = Home::new(&[]).sample("office-mart.csv").config("region = \"GB\"\n[keys]\nserach = \"s\"\n");
    let said = home.run(&[]);
    let error = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(2));
    let place = format!("{}, line 3, column 1", home.path.join(".config/muster/config.toml").display());
    assert!(error.contains(&place) && error.contains("did you mean 'search'?"), "{error}");
    let doctor = String::from_utf8(home.run(&["doctor"]).stdout).unwrap();
    assert!(doctor.contains("line 3, column 1") && doctor.contains("did you mean 'search'?"), "{doctor}");
}

/// The result of a script follows from its command line, whatever a person set for the app.
#[test]
fn commands_take_nothing_from_the_config() {
    let digest = |home: &Home| {
        let output = home.run(&["check", "--json", "office-mart.csv"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["digest"].as_str().unwrap().to_owned()
    };
    let plain = Home::new(&[]).sample("office-mart.csv");
    let set = Home::new(&[]).sample("office-mart.csv").config("region = \"GB\"\nblank = \"clear\"\n");
    let broken = Home::new(&[]).sample("office-mart.csv").config("regoin = 1");
    assert_eq!(digest(&plain), digest(&set));
    assert_eq!(digest(&plain), digest(&broken));
}

#[test]
fn folders_are_walked_down_and_up() {
    let home = Home::new(&[]).sample("office-mart.csv");
    fs::create_dir_all(home.path.join("exports/old")).unwrap();
    fs::copy(home.path.join("office-mart.csv"), home.path.join("exports/november.csv")).unwrap();
    let mut session = home.start();
    session.wait_for("exports/");
    session.send("exports");
    session.wait_for("> exports");
    session.send("\r");
    session.wait_for("exports/november.csv");
    session.wait_for("folder above");
    session.send("old/");
    session.wait_for("> exports/old/");
    // At once, before the folder is listed.
    session.send("\x1b[Z");
    session.wait("the folder above", |screen| screen.rows(0, 80).nth(2).is_some_and(|row| row.trim() == "> exports/"));
    session.send("\x1b[Z");
    session.wait_for("> ./");
    session.wait_for("office-mart.csv");
    session.send("\x1b");
    session.wait_gone("> ./");
    session.send("/proc/1/root/");
    session.wait_for("/proc/1/root/");
    session.send("\x1b");
    session.wait_gone("/proc/1");
    session.send("nowhere/");
    session.wait_for("Cannot read nowhere/: No such file");
}

#[test]
fn r27_an_id_is_built_of_two_columns() {
    let home = Home::new(&["keys.csv"]);
    fs::write(home.path.join("keys.csv"), "Country,Customer No,First Name,Last Name\nUS,1001,Kathryn,Smith\n").unwrap();
    let mut session = home.start();
    session.wait_for("Customer No");
    session.send("+");
    session.wait_for("First mark two or more columns with Space");
    session.send(" ");
    session.wait_for("[1] Country");
    session.send("j");
    session.wait_for("Column 2 of 4");
    session.send(" ");
    session.wait_for("[2] Customer No");
    session.send("+");
    session.wait_for("Country + Customer No");
    session.send("\r");
    session.wait_for("What stands between the parts?");
    session.send("\r");
    session.wait_for("* changed");
    session.send("c");
    session.wait_for("rows in all");
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("Every row was imported.");
    session.signal(Signal::TERM);
    session.exit_code();
    assert!(home.run(&["show", "contact", "US-1001"]).status.success());
}
