//! The README says what the program is, not what it was.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// `MUSTER_README=1 cargo test --test readme` writes the sheet into the README.
#[test]
fn the_key_sheet_is_the_table_of_actions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- KEYS -->\n").unwrap();
    let (written, after) = rest.split_once("<!-- /KEYS -->").unwrap();
    let sheet = format!("{}\n", muster::app::sheet::key_sheet().trim_end());
    if std::env::var_os("MUSTER_README").is_some() {
        fs::write(&path, format!("{before}<!-- KEYS -->\n{sheet}<!-- /KEYS -->{after}")).unwrap();
    } else {
        assert_eq!(written, sheet, "write it with MUSTER_README=1 cargo test --test readme");
    }
}
