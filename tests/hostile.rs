//! Text from files never acts on a terminal: attacks go through every command and the screens of the app, and every byte
//! that comes out is looked at. Cells that would run in a spreadsheet are guarded, and come back as they were.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;
#[path = "support/story.rs"]
mod story;

use std::fs;

use muster::model::text::is_foreign_control;
use story::{Story, column};

/// What a terminal must not get: CSI, OSC (title, clipboard), DCS, C1, bidi, zero width, a flood of marks, tags, bells.
fn attacks() -> Vec<String> {
    let fixed = [
        "a\u{1b}[2J\u{1b}[31mred",
        "b\u{1b}]0;pwned\u{7}",
        "c\u{1b}]52;c;cHduZWQ=\u{1b}\\",
        "d\u{1b}Pq#0\u{1b}\\",
        "e\u{9b}2J\u{9d}0;x\u{9c}",
        "f\u{202e}txt.exe\u{2066}",
        "g\u{200b}\u{200d}\u{feff}\u{2060}z",
        "h\u{e0041}\u{e007f}",
        "i\u{8}\u{8}\u{7f}\r",
        "j\u{1b}c\u{1b}(0",
        "k\u{2028}\u{2029}",
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).to_vec();
    all.push(format!("l{}", "\u{301}\u{338}".repeat(200)));
    all.push("m".repeat(120));
    all
}

/// A file with an attack in each place: names, phones, organizations, IDs, headers, a conflict, a row that is too long.
fn hostile() -> String {
    let mut text = "Contact Id,Contact First Name,Contact Last Name,Contact Work Phone,Account Id,Account Name,Evil\u{1b}]0;h\u{7}\u{9b}m\n".to_owned();
    for (n, attack) in attacks().iter().enumerate() {
        let cell = format!("\"{attack}\"");
        text.push_str(&format!("C-{n},{cell},Last {cell},{cell},A-1,Office Mart,{cell}\n").replace(" \"", " "));
        text.push_str(&format!("D-{n},Ann,Lee,,A-2,{cell},\n"));
        text.push_str(&format!("E{attack},Ann,Lee,,,,\n"));
        text.push_str(&format!("F-{n},Ann,Lee,,,,,,,{cell}\n"));
    }
    text
}

fn assert_harmless(bytes: &[u8], what: &str) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what} is no UTF-8"));
    let bad = text.char_indices().find(|(_, c)| *c != '\n' && is_foreign_control(*c));
    assert!(
        bad.is_none(),
        "{what}: {bad:?} in {:?}",
        bad.map(|(at, _)| text[at..].chars().take(40).collect::<String>())
    );
}

#[test]
fn no_command_sends_what_acts() {
    let story = Story::new();
    let evil = "evil\u{1b}]0;x\u{7}\u{9b}2J\u{202e}.csv";
    story.file("in.csv", hostile()).file(evil, hostile());
    let mut lines: Vec<Vec<&str>> = [
        "check in.csv",
        "check in.csv --json",
        "import in.csv --resolve suggested",
        "import in.csv --json",
        "search ann",
        "search ann --json",
        "search --organizations a",
        "show contact C-0",
        "show contact C-4 --json",
        "show organization A-2",
        "show contact C-11",
        "history",
        "history --json",
        "show import 1",
        "show import 1 --json",
        "undo 1 --dry-run",
        "undo 2 --dry-run --json",
        "forget contact C-1 --dry-run",
        "verify",
        "verify --json",
        "doctor",
        "export --to -x",
        "fields",
        "template",
    ]
    .iter()
    .map(|line| line.split(' ').collect())
    .collect();
    lines.push(vec!["check", evil]);
    lines.push(vec!["import", evil, "--json"]);
    lines.push(vec!["check", "missing\u{1b}[2J\u{9b}m.csv"]);
    lines.push(vec!["show", "contact", "x\u{1b}[2J\u{202e}"]);
    lines.push(vec!["search", "x\u{1b}[2J\u{9b}"]);
    lines.push(vec!["search", "x\u{9b}y:z"]);
    lines.push(vec!["--\u{1b}[2Jx\u{9b}"]);
    lines.push(vec!["check", "in.csv", "--map", "\u{1b}[2J=\u{9b}"]);
    lines.push(vec!["check", "in.csv", "--region", "\u{9b}2J"]);
    lines.push(vec!["no\u{1b}[2Jcommand"]);
    for words in lines {
        let output = story.command(&words).output().unwrap();
        assert_ne!(output.status.code(), Some(101), "{words:?} panicked");
        assert_harmless(&output.stdout, &format!("{words:?} on standard output"));
        assert_harmless(&output.stderr, &format!("{words:?} on standard error"));
    }
}

/// The text that is left when the sequences are taken out that muster itself sends; nothing else may be among them.
fn without_own_sequences(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        // Rows move down by one.
        if let Some(after) = after.strip_prefix('M') {
            rest = after;
            continue;
        }
        let sequence =
            after.strip_prefix('[').unwrap_or_else(|| panic!("not ours: ESC {:?}", &after[..after.len().min(20)]));
        let end = sequence.find(|c: char| ('@'..='~').contains(&c)).unwrap();
        let (parameters, last) = (&sequence[..end], &sequence[end..=end]);
        assert!(parameters.chars().all(|c| c.is_ascii_digit() || ";?".contains(c)), "ESC [{parameters}{last}");
        assert!("mHJKABCDGdhlSTLMrXP@".contains(last), "ESC [{parameters}{last}");
        // Nobody but us turns modes on, and we turn on few.
        assert!(
            !"hl".contains(last) || ["?25", "?1049", "?2004", "?2026", "?7"].contains(&parameters),
            "ESC [{parameters}{last}"
        );
        rest = &sequence[end + 1..];
    }
    out + rest
}

#[test]
fn no_screen_sends_what_acts() {
    for size in [(80, 24), (200, 50)] {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("hostile.csv"), hostile()).unwrap();
        let mut command = pty::command(env!("CARGO_BIN_EXE_muster"), &["hostile.csv"]);
        command.env("HOME", home.path());
        command.cwd(home.path());
        let mut app = pty::Session::start(command, size);
        app.wait_for("contact.first_name");
        app.send("c");
        app.wait_for("rows in all");
        // Through the lists behind the numbers and the conflicts, looking at the rows as they stand.
        for keys in ["\r", "jjj", "\r", "\x1b", "j", "\r", "G", "\r", "\x1b", "v", "j", "\r", "\x1b", "=", "d"] {
            app.send(keys);
            app.silent_for(std::time::Duration::from_millis(150));
        }
        app.signal(rustix::process::Signal::TERM);
        assert_eq!(app.exit_code(), 143);
        let text = without_own_sequences(&app.bytes());
        let bad = text.chars().find(|c| !"\r\n\u{8}".contains(*c) && is_foreign_control(*c));
        assert!(bad.is_none(), "{bad:?} in {text:?}");
        let marks = text.chars().fold((0, 0), |(now, most): (u32, u32), c| {
            let now = if ('\u{300}'..'\u{36f}').contains(&c) { now + 1 } else { 0 };
            (now, most.max(now))
        });
        assert!(marks.1 <= 4, "{} marks on one letter", marks.1);
    }
}

#[test]
fn formulas_are_guarded_in_every_file_and_come_back() {
    let story = Story::new();
    let formulas =
        ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(1)", "\t=1", "'=1", "=HYPERLINK(\"\"http://x.example\"\")"];
    let mut text = "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Employees\n".to_owned();
    for (n, formula) in formulas.iter().enumerate() {
        text.push_str(&format!("C-{n},Ann,\"{formula}\",\"{formula}\",\nR-{n},,\"{formula}\",\"{formula}\",\n"));
    }
    story.file("in.csv", &text);
    story.muster("import in.csv --findings findings.csv --changes changes.csv").exits(1);
    story.muster("export --to export.csv").exits(0);
    for file in ["export.csv", "in.rejects.csv", "findings.csv", "changes.csv"] {
        let content = story.text(file);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(content.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                let number = cell.strip_prefix(['+', '-']).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
                assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{file}: {cell:?}");
            }
        }
    }
    let other = Story::new();
    other.file("export.csv", story.text("export.csv")).import("export.csv", 0);
    assert_eq!(other.export(), story.export());
    assert_eq!(column(&other.export(), "Contact Title").len(), formulas.len());
}
