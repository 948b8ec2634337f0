//! A person is forgotten: nowhere in the base, the history, the files; not brought back unasked; everybody else as before.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/story.rs"]
mod story;

use std::fs;
use std::path::Path;

use story::{Story, column};

const HEADER: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Contact Work Email,Account Id,Account Name";
const ZELDA: &str = "C-77001,Zelda,Quasimodo,Bellringer,+1 317 555 0177,zelda@quasimodo.example,OM-1,Office Mart";
const OTHERS: &str =
    "C-77002,Josh,Reyes,Buyer,+1 317 555 0102,josh@officemart.example,OM-1,Office Mart\nC-7,Ana,Sol,Clerk,,,,";

/// Texts of the person that nobody else has.
const TRACES: [&str; 9] = [
    "C-77001",
    "quasimodo",
    "Zelda",
    "Quasimodo",
    "Bellringer",
    "+13175550177",
    "317 555 0177",
    "zelda@",
    "Campanologist",
];

/// A base with a long past: two imports that touched the person, a decided conflict, an undone import.
fn past() -> Story {
    let story = Story::new();
    story.file("one.csv", format!("{HEADER}\n{ZELDA}\n{OTHERS}\n")).import("one.csv", 0);
    story.file("two.csv", format!("{HEADER}\n{}\n", ZELDA.replace("Bellringer", "Campanologist"))).import("two.csv", 0);
    let conflict = format!("{HEADER}\n{ZELDA}\n{}\n", ZELDA.replace("Bellringer", "Ringer"));
    story.file("three.csv", conflict);
    story.muster("import three.csv --resolve first").exits(0);
    story.muster("undo 3 --yes").exits(0);
    story
}

/// Every file below the home but those that the test wrote.
fn own_files(folder: &Path, see: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            own_files(&path, see);
        } else if path.extension().is_none_or(|ending| ending != "csv") {
            see(&path, &fs::read(&path).unwrap());
        }
    }
}

fn traces(story: &Story) -> Vec<String> {
    let mut found = Vec::new();
    own_files(&story.path(""), &mut |path, bytes| {
        for text in TRACES {
            if memchr::memmem::find(bytes, text.as_bytes()).is_some() {
                found.push(format!("{text} in {}", path.display()));
            }
        }
    });
    found
}

#[test]
fn what_goes_is_said_before() {
    let story = past();
    let said = story.muster("forget contact C-77001 --dry-run").exits(0);
    let said = said.shows("C-77001: Zelda Quasimodo, member of Office Mart").shows("1, 2, 3, 4; an undo of them");
    said.shows("1 remembered ones go").shows("Dry run: nothing was changed");
    story.muster("show contact C-77001").exits(0);
    // Without a terminal nobody can say yes.
    story.muster("forget contact C-77001").exits(2).says("--yes");
    story.muster("show contact C-77001").exits(0);
    story.muster("forget contact C-999").exits(1).says("not in the base");
}

#[test]
fn nothing_of_the_person_is_left() {
    let story = past();
    assert!(!traces(&story).is_empty(), "the search finds nothing even before");
    story.muster("search Quasimodo").exits(0);
    let text = fs::read(story.path(".local/share/muster/search.text")).unwrap();
    assert!(memchr::memmem::find(&text, b"quasimodo").is_some(), "the text of the search is kept");
    let others = story.muster("show contact C-77002 --json").exits(0).json();
    let done = story.muster("forget contact C-77001 --yes --json").exits(0).json();
    assert_eq!(done["forgotten"], true);
    assert!(
        done["proof"]["entries"].as_u64().unwrap() > 5 && done["proof"]["values_gone"].as_u64().unwrap() > 5,
        "{done}"
    );
    assert_eq!(traces(&story), Vec::<String>::new());
    assert!(!story.path(".local/share/muster/search.text").exists());
    story.muster("verify").exits(0);
    story.muster("show contact C-77001").exits(1);
    story.muster("search Quasimodo").exits(1).shows("No contact");
    assert_eq!(traces(&story), Vec::<String>::new(), "the text that was made again does not have it either");
    let export = story.export();
    assert_eq!(column(&export, "Contact Id"), ["C-7", "C-77002"]);
    assert_eq!(story.muster("show contact C-77002 --json").exits(0).json(), others);
    // The history says that it happened, and not to whom.
    let history = story.muster("history --json").exits(0).out + &story.muster("show import 3 --json").exits(0).out;
    assert!(!history.contains("C-77001"), "{history}");
    // Once more rewrites the base once more: so what a crash has left half done is finished.
    story.muster("forget contact C-77001 --yes").exits(0).shows("is forgotten already").shows("Forgotten.");
}

#[test]
fn the_next_file_does_not_bring_the_person_back_unasked() {
    let story = past();
    story.muster("forget contact C-77001 --yes").exits(0).shows("Rows with its ID are held");
    let again = story.import("one.csv", 1);
    assert_eq!([&again["rows"]["held"], &again["rows"]["unchanged"], &again["rows"]["created"]], [1, 2, 0]);
    assert_eq!([&again["findings"][0]["code"], &again["findings"][0]["severity"]], ["forgotten", "held"]);
    assert_eq!(column(&story.text("one.rejects.csv"), "muster code"), ["forgotten"]);
    story.muster("allow contact C-77002 --yes").exits(1).shows("was not forgotten");
    story.muster("allow contact C-77001 --yes").exits(0);
    let again = story.import("one.csv", 0);
    assert_eq!([&again["rows"]["held"], &again["rows"]["created"]], [0, 1]);
}

#[test]
fn r26_the_rest_of_an_import_can_still_be_undone() {
    let story = past();
    story.muster("forget contact C-77001 --yes").exits(0);
    story.muster("undo 5 --yes").exits(1).says("forgot a contact");
    let undo = story.muster("undo 1 --dry-run").exits(0);
    undo.shows("2 removed").shows("1 contacts are left out");
    story.muster("undo 1 --yes").exits(0);
    assert_eq!(column(&story.export(), "Contact Id"), Vec::<String>::new());
    story.muster("verify").exits(0);
}

#[test]
fn somebody_who_is_deleted_already_is_forgotten_too() {
    let story = Story::new();
    story.file("one.csv", format!("{HEADER}\n{ZELDA}\n")).import("one.csv", 0);
    story.muster("undo 1 --yes").exits(0);
    story.muster("forget contact C-77001 --dry-run").exits(0).shows("not stored any more");
    story.muster("forget contact C-77001 --yes").exits(0);
    assert_eq!(traces(&story), Vec::<String>::new());
    story.muster("verify").exits(0);
    assert_eq!(story.import("one.csv", 1)["findings"][0]["code"], "forgotten");
}

#[test]
fn kept_rejects_go_and_an_unfinished_import_waits() {
    let story = past();
    let conflict = format!("{HEADER}\n{ZELDA}\n{}\n", ZELDA.replace("Bellringer", "Ringer"));
    story.file("four.csv", conflict).import("four.csv", 1);
    let kept = story.path(".local/share/muster/rejects");
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 1, "the held rows are kept for the history");
    let draft = story.path(".local/state/muster/drafts/left.draft");
    fs::create_dir_all(draft.parent().unwrap()).unwrap();
    // A draft with a corrected row: its cells are lists of bytes. That of a similar ID is of somebody else.
    let draft_of =
        |id: &str| format!("00000000 {{\"said\":[{{\"correction\":[3,{{\"cells\":[{:?}]}}]}}]}}\n", id.as_bytes());
    fs::write(draft.with_extension("other"), draft_of("C-770011")).unwrap();
    fs::write(&draft, draft_of("C-77001")).unwrap();
    story.muster("forget contact C-77001 --yes").exits(1).says("an unfinished import names the contact");
    story.muster("show contact C-77001").exits(0);
    fs::remove_file(&draft).unwrap();
    story.muster("forget contact C-77001 --yes").exits(0);
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 0);
}

#[test]
fn a_short_id_is_found_where_it_stands_alone() {
    let story = Story::new();
    let row = |id: &str, name: &str| format!("{id},Ann,{name},,,,,\n");
    story.file("one.csv", format!("{HEADER}\n{}{}", row("C-7", "Sol"), row("C-71", "Ray"))).import("one.csv", 0);
    let one_each = |lines: &str| format!("{HEADER}\n{lines}");
    story.file("two.csv", one_each(&(row("C-7", "Sol") + &row("C-7", "Luna")))).import("two.csv", 1);
    story.file("three.csv", one_each(&(row("C-71", "Ray") + &row("C-71", "Rey")))).import("three.csv", 1);
    let kept = || fs::read_dir(story.path(".local/share/muster/rejects")).unwrap().count();
    assert_eq!(kept(), 2);
    story.muster("forget contact C-7 --yes").exits(0);
    assert_eq!(kept(), 1, "the rejects of C-71 stay");
    story.muster("forget contact C-71 --yes").exits(0);
    assert_eq!(kept(), 0);
}
