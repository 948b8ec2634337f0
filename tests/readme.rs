//! The README says what the program is, not what it was.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// Checks what the README says between two marks. `MUSTER_README=1 cargo test --test readme -- --test-threads=1` writes it.
fn section(name: &str, sheet: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
    let (written, after) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
    let sheet = format!("{}\n", sheet.trim_end());
    if std::env::var_os("MUSTER_README").is_some() {
        fs::write(&path, format!("{before}<!-- {name} -->\n{sheet}<!-- /{name} -->{after}")).unwrap();
    } else {
        assert_eq!(written, sheet, "write it with MUSTER_README=1 cargo test --test readme -- --test-threads=1");
    }
}

#[test]
fn the_key_sheet_is_the_table_of_actions() {
    section("KEYS", &muster::app::sheet::key_sheet());
}

/// The files that drive the real binary in a pseudo-terminal.
const STORIES: [&str; 8] =
    ["app_pty", "app_import_pty", "app_drafts_pty", "browse_pty", "form_pty", "history_pty", "manners_pty", "ssh"];

#[test]
fn the_stories_are_the_tests_in_a_pseudo_terminal() {
    let (mut sheet, mut all) = (String::new(), 0);
    for file in STORIES {
        let stories = stories(file);
        all += stories.len();
        sheet.push_str(&format!("| `tests/{file}.rs` | {} | {} |\n", stories.len(), stories.join(" · ")));
    }
    assert!(all >= 25, "{all} stories");
    section("STORIES", &format!("| {all} stories | | what a person does there |\n| --- | --- | --- |\n{sheet}"));
}

/// The names of the tests of a file, as sentences.
fn stories(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/{file}.rs"));
    let text = fs::read_to_string(path).unwrap();
    // Programs that a story runs are at the end.
    let text = text.split("\nmod hosted {").next().unwrap();
    let (mut names, mut is_test) = (Vec::new(), false);
    for line in text.lines() {
        is_test |= line == "#[test]" || line == "#[rstest]";
        if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
            is_test = false;
            names.push(name.split('(').next().unwrap().replace('_', " "));
        }
    }
    names
}
