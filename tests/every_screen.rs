//! A walk through every screen and what lies above it, once with people whose data must not be seen (`--mask`), once with text
//! that attacks the terminal. `hostile.rs` looks at the bytes that the real program sends.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/drive.rs"]
mod drive;

use drive::Drive;
use muster::app::key::{Code, Key};
use muster::app::overlay::Overlay;
use muster::app::screen::import::Step;
use muster::app::screen::import::review::lines;
use muster::model::fields::Entity;
use muster::model::text::is_foreign_control;
use muster::tui::theme::Theme;

const HEADER: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Contact Work Email,Account Id,Account Name\n";

/// Rows of a file: the ID of the contact, five values, the ID and the name of the organization.
type Rows = Vec<[String; 8]>;

fn file(rows: &Rows) -> String {
    let cell = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let row = |row: &[String; 8]| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\n";
    HEADER.to_owned() + &rows.iter().map(row).collect::<String>()
}

/// Two files a week apart: hand edits, somebody else, somebody deleted, conflicts, bad cells.
fn weeks(value: &dyn Fn(&str) -> String) -> [String; 2] {
    let row = |id: &str, values: [&str; 5], account: &str, name: &str| {
        let [first, last, title, phone, mail] =
            values.map(|text| if text.is_empty() { String::new() } else { value(text) });
        [id.to_owned(), first, last, title, phone, mail, account.to_owned(), value(name)]
    };
    let zelda = ["Zelda", "Quasimodo", "Bellringer", "+1 317 555 0177", "zelda@towers.example"];
    let yorick = ["Yorick", "Gravedigger", "Jesterly", "+1 317 555 0188", "yorick@towers.example"];
    let wanda = ["Wanda", "Fishmonger", "Seller", "+1 317 555 0166", "wanda@towers.example"];
    let first = vec![
        row("C-1", zelda, "A-1", "Notredame"),
        row("C-2", yorick, "A-1", "Notredame"),
        row("C-3", wanda, "A-2", "Harbourside"),
    ];
    let second = vec![
        row(
            "C-1",
            ["Zelda", "Quasimodo", "Campanologist", "+1 317 555 0177", "zelda@towers.example"],
            "A-1",
            "Notredame",
        ),
        row("C-2", ["Xavier", "Otherman", "Plumberly", "+1 317 555 0155", "xavier@pipes.example"], "A-1", "Notredame"),
        row("C-3", wanda, "A-2", "Harbourside"),
        row(
            "C-4",
            ["Ulrich", "Weatherby", "Forecaster", "+1 317 555 0144", "ulrich@clouds.example"],
            "A-3",
            "Skywatch",
        ),
        row(
            "C-4",
            ["Ulrike", "Weatherby", "Forecaster", "+1 317 555 0144", "ulrich@clouds.example"],
            "A-3",
            "Skygazers",
        ),
        row("C-5", ["Tamsin", "", "Gardenerly", "+1 317 55", "tamsin@roses.example"], "A-1", "Notredame"),
        row("C-6", ["Sigurd", "Longbeard", "Rowerly", "+1 317 555 01 333333", "not a mail"], "A-1", "Notredame"),
    ];
    [file(&first), file(&second)]
}

/// Every stop of the walk is shown to `see`, with a word for where it is.
fn walk(weeks: [String; 2], see: &mut dyn FnMut(&str, &Drive)) {
    let mut drive = Drive::new((110, 30));
    let path = drive.file("first.csv", &weeks[0]);
    drive.open(path);
    see("columns", &drive);
    drive.keys("ciy");
    let mut drive = drive.again(|base| {
        by_hand::set(base, Entity::Contact, "C-1", "contact.title", "Handwritten");
        by_hand::delete(base, Entity::Contact, "C-3");
    });
    browse(&mut drive, see);
    let path = drive.file("second.csv", &weeks[1]);
    drive.open(path);
    drive.code(Code::Enter);
    see("what a column means", &drive);
    drive.code(Code::Esc);
    drive.keys("c");
    review(&mut drive, see);
    drive.keys("iy");
    assert_eq!(drive.state.import.step, Step::Result);
    see("result", &drive);
    history(&mut drive, see);
}

fn browse(drive: &mut Drive, see: &mut dyn FnMut(&str, &Drive)) {
    drive.keys("1");
    see("contacts", drive);
    drive.keys("/zel");
    see("search", drive);
    drive.code(Code::Enter);
    drive.code(Code::Enter);
    see("detail", drive);
    drive.code(Code::Esc);
    drive.keys("y");
    see("copied", drive);
    drive.code(Code::Esc);
    drive.keys("m");
    see("members", drive);
    drive.code(Code::Esc);
    drive.keys("e");
    see("form", drive);
    drive.keys("Dr");
    drive.key(Key::ctrl('o'));
    see("save question", drive);
    drive.keys("y");
    see("saved", drive);
    drive.keys("u");
    see("taken back", drive);
    drive.keys("d");
    see("delete question", drive);
    drive.keys("n");
    drive.keys("o");
    see("organizations", drive);
    drive.code(Code::Enter);
    see("organization", drive);
    drive.code(Code::Esc);
    drive.keys("d");
    see("delete an organization", drive);
    drive.keys("n?");
    see("help", drive);
    drive.code(Code::Esc);
    drive.keys("o");
}

/// Every number of the review, what it opens, and what lies behind that.
fn review(drive: &mut Drive, see: &mut dyn FnMut(&str, &Drive)) {
    see("review", drive);
    for at in 0..lines(&drive.state.import, drive.state.size).len() {
        drive.state.import.number.selected = at;
        drive.code(Code::Enter);
        let step = drive.state.import.step;
        see(&format!("{step:?} {at}"), drive);
        if step == Step::Review {
            drive.state.overlays.clear();
            continue;
        }
        for keys in ["j", "\r", "e", "f", "a", "y", "="] {
            match keys {
                "\r" => drive.code(Code::Enter),
                keys => drive.keys(keys),
            }
            see(&format!("{step:?} {at} {keys:?}"), drive);
            while !drive.state.overlays.is_empty() {
                drive.code(Code::Esc);
            }
        }
        to_review(drive);
    }
    drive.keys("vd");
    see("decided", drive);
    to_review(drive);
    drive.keys("i");
    see("import question", drive);
    drive.keys("n");
}

fn to_review(drive: &mut Drive) {
    for _ in 0..4 {
        if drive.state.import.step != Step::Review {
            drive.code(Code::Esc);
        }
    }
    assert_eq!(drive.state.import.step, Step::Review);
}

fn history(drive: &mut Drive, see: &mut dyn FnMut(&str, &Drive)) {
    drive.keys("3");
    see("history", drive);
    for act in 0..3 {
        drive.code(Code::Enter);
        see(&format!("records of act {act}"), drive);
        drive.code(Code::Enter);
        see(&format!("a record of act {act}"), drive);
        drive.code(Code::Esc);
        drive.keys("y");
        see("copied", drive);
        drive.code(Code::Esc);
        drive.code(Code::Esc);
        drive.keys("u");
        see(&format!("undo of act {act}"), drive);
        while !drive.state.overlays.is_empty() {
            drive.code(Code::Esc);
        }
        drive.code(Code::Esc);
        drive.keys("3j");
    }
}

/// What is on the screen, without the layer of styles.
fn shown(drive: &Drive, theme: Theme) -> String {
    let picture = drive.picture(&theme);
    picture.lines().take(usize::from(drive.state.size.height)).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_personal_is_on_any_screen_that_is_masked() {
    let secrets = [
        "Zelda",
        "Quasimodo",
        "Bellringer",
        "Campanologist",
        "Handwritten",
        "Yorick",
        "Gravedigger",
        "Jesterly",
        "Wanda",
        "Fishmonger",
        "Xavier",
        "Otherman",
        "Plumberly",
        "Ulrich",
        "Ulrike",
        "Weatherby",
        "Forecaster",
        "Tamsin",
        "Gardenerly",
        "Sigurd",
        "Longbeard",
        "0177",
        "0188",
        "0166",
        "0155",
        "0144",
        "towers",
        "clouds",
        "roses",
        "Notredame",
        "Skygazers",
    ];
    let plain = Theme::new(true, false);
    let (mut seen, mut leaks, mut stops) = (String::new(), Vec::new(), 0);
    walk(weeks(&str::to_owned), &mut |place, drive| {
        stops += 1;
        seen.push_str(&shown(drive, plain));
        let mut masked = shown(drive, Theme { mask: true, ..plain });
        // The text that a person is typing is shown.
        if let Some(Overlay::Prompt(prompt)) = drive.state.overlays.last() {
            masked = masked.replacen(prompt.field.text(), "", 1);
        }
        let found = secrets.iter().filter(|secret| masked.contains(**secret));
        leaks.extend(found.map(|secret| format!("{secret} on {place}:\n{masked}\n")));
    });
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
    assert!(stops > 60, "{stops} stops");
    let unseen: Vec<_> = secrets.iter().filter(|secret| !seen.contains(**secret)).collect();
    assert!(unseen.is_empty(), "never seen, so nothing is shown by this: {unseen:?}");
}

#[test]
fn no_screen_draws_what_acts_on_a_terminal() {
    let attacks = [
        "\u{1b}[2J",
        "\u{1b}]52;c;aGk=\u{7}",
        "\u{9b}31m",
        "\u{202e}",
        "\u{200b}\u{2066}",
        "\u{8}\u{7f}\r",
        "\u{2028}",
        "\u{2}\u{3}",
    ];
    let attacked = |text: &str| format!("{text}{}", attacks[text.len() % attacks.len()]);
    let mut stops = 0;
    walk(weeks(&attacked), &mut |place, drive| {
        stops += 1;
        for theme in [Theme::new(true, false), Theme::new(false, true), Theme { mask: true, ..Theme::new(true, false) }]
        {
            let screen = shown(drive, theme);
            let bad = screen.chars().find(|c| *c != '\n' && is_foreign_control(*c));
            assert!(bad.is_none(), "{bad:?} on {place}:\n{screen:?}");
        }
    });
    assert!(stops > 60, "{stops} stops");
}
