//! The map of the layers in `src/lib.rs` holds: every `crate::` path points down, each outside library has one place,
//! and no file is too long to read in one sitting.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the lowest to the highest. The last two are doors side by side.
const LAYERS: [&[&str]; 12] = [
    &["model"],
    &["spill"],
    &["intake"],
    &["base"],
    &["reconcile"],
    &["search"],
    &["report"],
    &["home"],
    &["flow"],
    &["app"],
    &["tui", "cli"],
    &["main"],
];

/// Libraries, and the only places that may name them.
const PLACES: [(&str, &[&str]); 4] = [
    ("sled", &["base/sled"]),
    ("rlibphonenumber", &["model/phone"]),
    ("ratatui", &["tui/", "tui.rs"]),
    ("crossterm", &["tui/", "tui.rs"]),
];

const MAX_LINES: usize = 600;

/// Every source file: its path below `src`, and its text.
fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("src is readable").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&src, &mut found);
    let name = |path: &Path| path.strip_prefix(&src).expect("below src").to_string_lossy().into_owned();
    found.iter().map(|path| (name(path), fs::read_to_string(path).expect("UTF-8"))).collect()
}

/// Lines without comments, each with its number.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(n, line)| (n + 1, line.split("//").next().unwrap_or_default()))
}

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|beside| beside.contains(&layer))
}

fn layer_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// The first parts of the `crate::` paths in a line; `use crate::{a, b::C}` has two. In `main.rs` the crate is `muster`.
fn roots(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let paths = line.split("crate::").skip(1).chain(line.split("muster::").skip(1));
    paths
        .flat_map(|path| match path.strip_prefix('{') {
            None => vec![word(path)],
            Some(group) => {
                let mut depth = 0;
                let flat: String = group
                    .chars()
                    .take_while(|c| {
                        depth += i32::from(*c == '{') - i32::from(*c == '}');
                        depth >= 0
                    })
                    .collect();
                top_level(&flat).into_iter().map(|part| word(part.trim())).collect()
            }
        })
        .collect()
}

/// The parts between commas that are not inside inner braces.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match (c, depth) {
            (',', 0) => parts.push(String::new()),
            _ => parts.last_mut().expect("never empty").push(c),
        }
    }
    parts
}

#[test]
fn every_path_points_down() {
    let mut wrong = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| *file != "lib.rs") {
        let own = layer_of(file);
        let own_rank = rank(own).unwrap_or_else(|| panic!("src/{file} is in no layer: add it to the map"));
        for (number, line) in code_lines(text) {
            for root in roots(line).iter().filter(|root| !root.is_empty() && *root != own) {
                match rank(root) {
                    Some(other) if other < own_rank => {}
                    Some(_) => wrong.push(format!("src/{file}:{number}: {own} names {root}, which is not below it")),
                    None => wrong.push(format!("src/{file}:{number}: '{root}' is no layer; import it from its layer")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn outside_libraries_have_one_place() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (library, places) in PLACES {
            if places.iter().any(|place| file.starts_with(place)) {
                continue;
            }
            for (number, line) in code_lines(&text) {
                let named = line.match_indices(library).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    let starts_here =
                        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '"'));
                    let path = line[at + library.len()..].starts_with("::") || line.trim_start().starts_with("use ");
                    starts_here && path
                });
                if named {
                    wrong.push(format!("src/{file}:{number}: only {} may name {library}", places.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_600_lines() {
    // One row for each field: data, which is read by searching.
    let tables = ["model/fields.rs"];
    let long: Vec<String> = sources()
        .iter()
        .filter(|(file, text)| !tables.contains(&file.as_str()) && text.lines().count() > MAX_LINES)
        .map(|(file, text)| format!("src/{file}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn the_check_sees_what_it_should() {
    assert_eq!(roots("use crate::{model::fields, base::{a, b}, tui};"), ["model", "base", "tui"]);
    assert_eq!(roots("fn x(a: crate::flow::Y) -> crate::app::Z {"), ["flow", "app"]);
    assert!(rank("model") < rank("home") && rank("app") < rank("cli") && rank("cli") == rank("tui"));
}
