//! Records made and changed by hand as a person meets it: the real binary in a pseudo-terminal, on a base that
//! `muster import` has filled.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;
#[path = "support/story.rs"]
mod story;

use pty::{Session, muster};
use rustix::process::Signal;
use story::{Story, sample};

const USUAL: (u16, u16) = (80, 24);
const DOWN: &str = "\x1b[B";
const CTRL_O: &str = "\x0f";
const CTRL_R: &str = "\x12";
const CTRL_U: &str = "\x15";

/// A home with Office Mart in its base.
fn office_mart() -> Story {
    let story = Story::new();
    story.muster(&format!("import {} --rejects r.csv", sample("office-mart.csv"))).exits(0);
    story
}

/// The app on the base of a home, when its list is there.
fn app(story: &Story) -> Session {
    let mut command = muster(&[]);
    command.env("HOME", story.path(""));
    let session = Session::start(command, USUAL);
    session.wait_for("> Kathryn Smith");
    session.wait_for("Last changed 20");
    session
}

fn quit(mut session: Session) {
    session.send("q");
    assert_eq!(session.exit_code(), 0);
}

/// Goes down to a field of the form.
fn go_to(session: &mut Session, label: &str) {
    let is_there = |line: String| line.starts_with(" > ") && line.get(4..).is_some_and(|rest| rest.starts_with(label));
    let there = |screen: &vt100::Screen| screen.rows(0, 80).any(is_there);
    for _ in 0..60 {
        if session.screen(there) {
            return;
        }
        let before = session.text();
        session.send("\t");
        session.wait("the next field", |screen| screen.contents() != before);
    }
    panic!("no field {label:?} in\n{}", session.text());
}

/// Types into a field of the form, in place of what it says.
fn fill(session: &mut Session, label: &str, text: &str) {
    go_to(session, label);
    session.send(CTRL_U);
    session.send(text);
    session.wait_for(text);
}

/// Saves the form, and says yes when it shows what will be saved.
fn save(session: &mut Session, shown: &str) {
    session.send(CTRL_O);
    session.wait_for(shown);
    session.send("y");
    session.wait_for("u takes it back");
}

#[test]
fn a_contact_is_created_found_and_undone() {
    let story = office_mart();
    let mut session = app(&story);
    session.send("c");
    session.wait_for("New contact");
    fill(&mut session, "Contact ID", "1001");
    fill(&mut session, "First name", "Nora");
    fill(&mut session, "Last name", "Berg");
    fill(&mut session, "Account ID", "lantern");
    session.wait("offers for that", |s| {
        s.contents().contains("Lantern Books Ltd") && !s.contents().contains("Office Mart")
    });
    session.send(DOWN);
    session.wait_for("> Lantern Books Ltd");
    session.send("\r");
    session.wait_for("*Account ID           LB-200");
    session.send(CTRL_O);
    session.wait_for("! this ID is taken: Kathryn Smith has it");
    fill(&mut session, "Contact ID", "N-1");
    save(&mut session, "Becomes a member of Lantern Books Ltd.");
    session.wait_for("> Nora Berg");
    session.wait_for("7 contacts");
    session.send("u");
    session.wait_for("6 contacts");
    session.send(CTRL_R);
    session.wait_for("7 contacts");
    quit(session);
    story.muster("show contact N-1").exits(0).shows("Lantern Books Ltd");
    story.muster("verify").exits(0);
}

#[test]
fn r14_a_corrected_phone_outlives_the_same_file() {
    let story = office_mart();
    let mut session = app(&story);
    session.send("e");
    session.wait_for("Edit contact 1001  Kathryn Smith");
    fill(&mut session, "Cell phone", "317 55");
    session.wait_for("will not sync: too short");
    fill(&mut session, "Cell phone", "(317) 555-0199");
    session.wait_for("+13175550199  syncs");
    save(&mut session, "Cell phone: +1 317-555-0111 -> +1 317-555-0199");
    session.wait_for("+1 317-555-0199");
    session.send("\r");
    // With the lines of its history, which come a moment later.
    session.wait_for("line 1 of 17");
    session.send("G");
    let selected = |screen: &vt100::Screen, parts: [&str; 3]| {
        screen.rows(0, 80).any(|line| line.starts_with(" > ") && parts.iter().all(|part| line.contains(part)))
    };
    session.wait("its creation", |s| selected(s, ["History", "import 1, office-mart.csv line 2", ": created"]));
    session.send("k");
    session.wait("the edit", |s| selected(s, ["History", "edit 2, ", ": Cell phone"]));
    session.send("a");
    session.wait_for("> Office Mart");
    quit(session);
    let again = story.import(&format!("{} --rejects r2.csv", sample("office-mart.csv")), 0);
    assert_eq!(again["rows"]["updated"], 0);
    let shown = story.muster("show contact 1001 --json").exits(0).json();
    assert_eq!(shown["contact.cell_phone"]["e164"], "+13175550199");
}

#[test]
fn r13_an_organization_made_by_hand_refuses_rows_until_it_is_handed_over() {
    let story = office_mart();
    story.file("by-hand.csv", "Account Id,Account Name,Account Industry\nBH-1,By Hand Ltd,Toys\n");
    let mut session = app(&story);
    session.send("o");
    session.wait_for("Organizations: 3 of 3");
    session.send("c");
    session.wait_for("New organization");
    fill(&mut session, "Account ID", "BH-1");
    fill(&mut session, "Account name", "By Hand Ltd");
    save(&mut session, "No file may change it or add members");
    session.wait_for("> By Hand Ltd");
    quit(session);
    let refused = story.import("by-hand.csv --rejects r2.csv", 1);
    assert_eq!(refused["findings"][0]["code"], "manual-organization");
    let mut session = app(&story);
    session.send("o");
    session.wait_for("> By Hand Ltd");
    session.send("h");
    session.wait_for("Hand over to imports?");
    session.send("y");
    session.wait_for("Handed over");
    quit(session);
    let taken = story.import("by-hand.csv --rejects r3.csv", 0);
    assert_eq!(taken["organizations"]["updated"], 1);
}

#[test]
fn r28_a_deleted_contact_is_held_when_its_file_comes_again() {
    let story = office_mart();
    let mut session = app(&story);
    session.send("d");
    session.wait_for("Kathryn Smith (1001)");
    session.send("\r");
    session.wait_gone("Delete this contact?");
    session.wait_for("6 contacts");
    session.send("d");
    session.wait_for("Delete this contact?");
    session.send("y");
    session.wait_for("Kathryn Smith: deleted");
    session.wait_for("> Josh Reyes");
    quit(session);
    let again = story.import(&format!("{} --rejects r2.csv", sample("office-mart.csv")), 1);
    assert_eq!(again["contacts"]["created"], 0);
    assert!(again["findings"].as_array().unwrap().iter().any(|f| f["code"] == "deleted-by-hand"));
}

#[test]
fn r28_an_organization_is_deleted_after_its_members_were_named() {
    let story = office_mart();
    let mut session = app(&story);
    session.send("o");
    session.wait_for("Organizations: 3 of 3");
    session.send("G");
    session.wait_for("> Office Mart");
    session.send("d");
    session.wait_for("3 contacts belong to it: Kathryn Smith, Josh Reyes");
    session.send("y");
    session.wait_for("2 organizations");
    session.send("u");
    session.wait_for("3 organizations");
    quit(session);
    story.muster("show contact 1001").exits(0).shows("Office Mart");
    story.muster("verify").exits(0);
}

#[test]
fn a_form_left_by_esc_asks_and_writes_nothing() {
    let story = office_mart();
    let before = story.export();
    let mut session = app(&story);
    session.send("e");
    session.wait_for("Edit contact 1001");
    fill(&mut session, "First name", "q?:d");
    session.send("\x1b");
    session.wait_for("Leave the form?");
    session.send("n");
    session.wait_gone("Leave the form?");
    session.wait_for("q?:d");
    session.send("\x1b");
    session.wait_for("Leave the form?");
    session.send("y");
    session.wait_for("> Kathryn Smith");
    quit(session);
    assert_eq!(story.export(), before);
}

#[test]
fn a_dropped_line_while_a_form_is_open_leaves_the_base_whole_and_free() {
    let story = office_mart();
    let before = story.export();
    let mut session = app(&story);
    session.send("e");
    session.wait_for("Edit contact 1001");
    fill(&mut session, "First name", "Half");
    session.signal(Signal::HUP);
    assert_eq!(session.exit_code(), 129);
    assert_eq!(story.export(), before);
    story.muster("verify").exits(0);
}

#[test]
fn the_form_follows_the_window() {
    let story = office_mart();
    let mut session = app(&story);
    session.send("e");
    session.wait_for("Edit contact 1001");
    go_to(&mut session, "City");
    for window in [(60, 15), (200, 50), (40, 10), USUAL] {
        session.resize(window);
        session.wait("the field in a window of that size", |screen| {
            screen.contents().contains(">  City")
                && screen.rows(0, 200).nth(usize::from(window.1) - 1).is_some_and(|l| l.contains("Ctrl-O"))
        });
    }
}

#[test]
fn without_colour_and_in_ascii_the_form_says_the_same() {
    let story = office_mart();
    let mut command = muster(&["--no-color", "--ascii"]);
    command.env("HOME", story.path(""));
    let mut session = Session::start(command, USUAL);
    session.wait_for("Last changed 20");
    session.send("e");
    session.wait_for("Edit contact 1001");
    fill(&mut session, "Work e-mail", "nobody");
    session.wait_for("is not an e-mail address");
    go_to(&mut session, "City");
    session.send("\u{fc}");
    session.wait_for("Indianapolis?");
    assert!(session.bytes().is_ascii());
}

#[test]
fn r17_a_phone_is_read_in_the_region_that_is_configured() {
    let story = office_mart();
    std::fs::create_dir_all(story.path(".config/muster")).unwrap();
    story.file(".config/muster/config.toml", "region = \"GB\"\n");
    let mut session = app(&story);
    session.send("e");
    session.wait_for("Edit contact 1001  Kathryn Smith");
    fill(&mut session, "Home phone", "020 7946 0958");
    session.wait_for("+442079460958  syncs");
}
