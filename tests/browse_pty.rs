//! Browse as a person meets it: the real binary in a pseudo-terminal, on a base that `muster import` has filled.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;

use std::path::Path;
use std::process::Command;

use pty::{Session, muster};

const USUAL: (u16, u16) = (80, 24);

/// A home with a base that holds some of the samples.
struct Home(tempfile::TempDir);

impl Home {
    fn with(samples: &[&str]) -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        for sample in samples {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample);
            let mut import = Command::new(env!("CARGO_BIN_EXE_muster"));
            import.arg("import").arg(file).arg("--rejects").arg(home.0.path().join(format!("{sample}.rejects")));
            let output = import.env("HOME", home.0.path()).env("MUSTER_BASE", home.base()).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        home
    }

    fn base(&self) -> std::path::PathBuf {
        self.0.path().join("base")
    }

    fn app(&self, arguments: &[&str], window: (u16, u16)) -> Session {
        self.app_in(arguments, window, &[])
    }

    fn app_in(&self, arguments: &[&str], window: (u16, u16), variables: &[(&str, &str)]) -> Session {
        let mut command = muster(arguments);
        command.env("HOME", self.0.path());
        command.env("MUSTER_BASE", self.base());
        variables.iter().for_each(|(name, value)| command.env(name, value));
        Session::start(command, window)
    }
}

/// The app on Office Mart and its neighbours, ready for keys.
fn office_mart() -> (Home, Session) {
    let home = Home::with(&["office-mart.csv", "umlauts-windows-1252.csv"]);
    let session = home.app(&[], USUAL);
    session.wait_for("> Kathryn Smith");
    (home, session)
}

/// Types a query into the search field, letter by letter, and waits for the selected hit.
fn search(session: &mut Session, query: &str, hit: &str) {
    if session.screen(vt100::Screen::hide_cursor) {
        session.send("/");
        session.wait("the cursor", |screen| !screen.hide_cursor());
    }
    for letter in query.chars() {
        session.send(letter.to_string());
    }
    session.wait_for(&format!("/ {query}"));
    session.wait_for(hit);
}

#[test]
fn the_list_and_the_details_of_the_first_record_are_there() {
    let (_home, session) = office_mart();
    session.wait_for("Kathryn Smith, Buyer");
    session.wait_for("+1 317-555-0101 x12  syncs");
    session.wait_for("Members       3");
    session.wait_for("by import 1, office-mart.csv line 2");
}

#[test]
fn digits_of_a_phone_in_another_notation_find_it() {
    let (_home, mut session) = office_mart();
    search(&mut session, "0044 20 79460204", "Contacts: 1 of");
    session.wait_for("> Zoë Whittaker");
}

#[test]
fn part_of_an_e_mail_and_a_name_without_its_umlaut_are_enough() {
    let (_home, mut session) = office_mart();
    search(&mut session, "reyes@off", "> Josh Reyes");
    session.send("\x1b");
    session.wait_gone("reyes@off ");
    search(&mut session, "lowenstein", "> Käthe Löwenstein");
}

#[test]
fn a_word_can_be_excluded_and_a_mistake_in_a_filter_is_said() {
    let (_home, mut session) = office_mart();
    search(&mut session, "org:office -kathryn", "Contacts: 2 of");
    session.send("\x15");
    search(&mut session, "orgg:x", "did you mean 'org:'?");
    session.send("\x15");
    session.wait_gone("did you mean");
}

#[test]
fn one_slip_is_forgiven_and_said() {
    let (_home, mut session) = office_mart();
    search(&mut session, "katrhyn", "one letter changed");
    session.wait_for("> Kathryn Smith");
}

#[test]
fn an_organization_opens_its_members_and_esc_comes_back() {
    let (_home, mut session) = office_mart();
    session.send("o");
    session.wait_for("Organizations: 4 of 4");
    session.send("G");
    session.wait_for("> Office Mart");
    session.send("\r");
    session.wait_for("Members of Office Mart: 3");
    search(&mut session, "reb", "Members of Office Mart: 1");
    session.send("\r");
    session.wait("the list", vt100::Screen::hide_cursor);
    session.send("\x1b");
    session.wait_for("Members of Office Mart: 3");
    session.send("\x1b");
    session.wait_for("> Office Mart");
}

#[test]
fn hits_are_saved_as_csv_in_their_order_and_a_file_that_exists_stays() {
    let (home, mut session) = office_mart();
    let path = home.0.path().join("hits.csv");
    search(&mut session, "office", "Contacts: 3 of");
    session.send("\r");
    session.wait("the list", vt100::Screen::hide_cursor);
    session.send("s");
    session.wait_for("by name");
    session.send("w");
    session.wait_for("Save 3 contacts as");
    session.send("\x15");
    session.send(path.display().to_string());
    session.wait_for("/hits.csv");
    session.send("\r");
    session.wait_for("3 records saved");
    let saved = std::fs::read_to_string(&path).unwrap();
    assert_eq!(ids(&saved), ["1002", "1001", "1003"], "{saved}");
    session.send("w");
    session.wait_for("hits.csv");
    session.send("\r");
    session.wait_for("Saving the file failed");
    session.wait_for("choose another name");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), saved);
    // What was saved is a file that an import takes back.
    session.send("\r");
    session.wait_gone("choose another name");
    session.send("q");
    assert_eq!(session.exit_code(), 0);
    let again =
        Command::new(env!("CARGO_BIN_EXE_muster")).arg("check").arg(&path).env("MUSTER_BASE", home.base()).output();
    let said = String::from_utf8(again.unwrap().stdout).unwrap();
    assert!(said.contains("3 unchanged"), "{said}");
}

/// The IDs in the first column of CSV.
fn ids(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).filter_map(|line| line.split(',').next()).collect()
}

#[test]
fn the_app_the_commands_and_their_json_find_the_same_in_the_same_order() {
    for query in ["office", "smith", "317 555", "lantern", "\"office mart\" -kathryn", "smiht"] {
        let home = Home::with(&["office-mart.csv", "umlauts-windows-1252.csv"]);
        let path = |name: &str| home.0.path().join(name);
        let muster = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
            let output = command.args(words).env("HOME", home.0.path()).env("MUSTER_BASE", home.base()).output();
            String::from_utf8(output.unwrap().stdout).unwrap()
        };
        muster(&["search", query, "--to", path("command.csv").to_str().unwrap()]);
        let csv = std::fs::read_to_string(path("command.csv")).unwrap();
        let ids = ids(&csv);
        let json: serde_json::Value = serde_json::from_str(&muster(&["search", query, "--json"])).unwrap();
        let found: Vec<&str> = json["hits"].as_array().unwrap().iter().filter_map(|hit| hit["id"].as_str()).collect();
        assert_eq!((&found, json["total"].as_u64().unwrap()), (&ids, ids.len() as u64), "{query}: {json}");
        let said = muster(&["search", query]);
        let told: Vec<&str> = said.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(told[..ids.len()], ids, "{query}: {said}");

        let mut session = home.app(&[], USUAL);
        session.wait_for("> Kathryn Smith");
        session.send("/");
        session.wait("the cursor", |screen| !screen.hide_cursor());
        query.chars().for_each(|letter| session.send(letter.to_string()));
        session.wait_for(&format!("/ {query}"));
        session.wait_for(&format!("Contacts: {} of", ids.len()));
        session.send("\r");
        session.wait("the list", vt100::Screen::hide_cursor);
        session.send("w");
        session.wait_for("Save ");
        session.send("\x15");
        session.send(path("app.csv").display().to_string());
        session.wait_for("/app.csv");
        session.send("\r");
        session.wait_for("saved");
        session.send("q");
        assert_eq!(session.exit_code(), 0);
        assert_eq!(std::fs::read_to_string(path("app.csv")).unwrap(), csv, "{query}");
    }
}

#[test]
fn members_are_saved_too_and_an_empty_list_says_that_there_is_nothing() {
    let (home, mut session) = office_mart();
    session.send("m");
    session.wait_for("Members of Office Mart: 3");
    session.send("w");
    session.wait_for("Save 3 members of Office Mart as");
    session.send("\x15");
    session.send(home.0.path().join("members.csv").display().to_string());
    session.wait_for("/members.csv");
    session.send("\r");
    session.wait_for("3 records saved");
    session.send("\x1b");
    session.wait_for("Contacts: ");
    search(&mut session, "zzzqqq", "No contact matches");
    session.send("\r");
    session.wait("the list", vt100::Screen::hide_cursor);
    session.send("w");
    session.wait_for("there is nothing to save");
}

#[test]
fn no_hits_say_what_to_do() {
    let (_home, mut session) = office_mart();
    search(&mut session, "zzzqqq", "No contact matches: zzzqqq");
    session.wait_for("Esc clears the search");
}

#[test]
fn an_empty_base_says_what_to_do() {
    let home = Home::with(&[]);
    let mut session = home.app(&[], USUAL);
    session.wait_for("0 contacts");
    session.send("\x1b");
    session.wait_for("muster");
    assert!(session.text().contains("mport"), "{}", session.text());
}

#[test]
fn a_base_in_use_says_who_has_it_and_can_be_tried_again() {
    let (home, mut first) = office_mart();
    let mut second = home.app(&[], USUAL);
    second.wait_for("Opening the base failed");
    second.wait_for("process");
    second.send("\x1b");
    second.wait_gone("Opening the base failed");
    second.wait_for("Press r to try again");
    first.send("q");
    assert_eq!(first.exit_code(), 0);
    second.send("r");
    second.wait_for("> Kathryn Smith");
    second.send("q");
    assert_eq!(second.exit_code(), 0);
}

#[test]
fn a_base_in_use_is_waited_for() {
    let (home, mut first) = office_mart();
    let second = home.app(&["--wait", "30"], USUAL);
    second.wait_for("Waiting up to 30 seconds");
    first.send("q");
    assert_eq!(first.exit_code(), 0);
    second.wait_for("> Kathryn Smith");
}

#[test]
fn the_details_scroll_and_a_value_is_copied() {
    let (_home, mut session) = office_mart();
    session.send("\r");
    session.wait_for("> Contact ID");
    for line in ["> Organization", "> Members", "> Work phone"] {
        session.send("j");
        session.wait_for(line);
    }
    session.send("y");
    session.wait_for("Sent to the terminal");
    // "+1 317-555-0101 x12" in base64, as OSC 52 wants it.
    let sent = String::from_utf8_lossy(&session.bytes()).into_owned();
    assert!(sent.contains("\x1b]52;c;KzEgMzE3LTU1NS0wMTAxIHgxMg==\x07"), "{}", session.text());
}

#[test]
fn a_resize_keeps_the_selected_record() {
    let (_home, mut session) = office_mart();
    session.send("jj");
    session.wait_for("> Rebecca Lind");
    for window in [(60, 15), (200, 50), (40, 10), USUAL] {
        session.resize(window);
        session.wait("the record in a window of that size", |screen| {
            screen.contents().contains("> Rebecca Lind")
                && screen.rows(0, 200).nth(usize::from(window.1) - 1).is_some_and(|l| l.contains("search"))
        });
    }
}

#[test]
fn without_colour_matches_and_selection_still_show() {
    let home = Home::with(&["office-mart.csv"]);
    for (arguments, variables) in [(&["--no-color"][..], &[][..]), (&[], &[("NO_COLOR", "1")])] {
        let mut session = home.app_in(arguments, USUAL, variables);
        session.wait_for("> Kathryn Smith");
        search(&mut session, "smith", "Contacts: 1 of");
        session.screen(|screen| {
            let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
            let cells: Vec<_> = cells.filter_map(|(row, column)| screen.cell(row, column)).collect();
            assert!(cells.iter().all(|c| c.fgcolor() == vt100::Color::Default && c.bgcolor() == vt100::Color::Default));
            assert!(cells.iter().any(|c| c.inverse() && c.underline()), "the match in the selected row");
        });
        session.send("\r");
        session.wait("the list", vt100::Screen::hide_cursor);
        session.send("q");
        assert_eq!(session.exit_code(), 0);
    }
}

#[test]
fn ascii_sends_only_ascii() {
    let home = Home::with(&["umlauts-windows-1252.csv"]);
    let mut session = home.app(&["--ascii"], USUAL);
    session.wait_for("Tab shows all");
    search(&mut session, "jurgen", "Contacts: 1 of");
    session.send("\r");
    session.send("\t");
    session.wait_for("> Contact ID");
    assert!(session.bytes().is_ascii());
}
