//! Memory stays bounded whatever a file holds: files far larger than the memory that the process may have.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/story.rs"]
mod story;

use std::fs::File;
use std::io::{BufWriter, Write};

use assert_cmd::Command;
use rstest::rstest;
use story::Story;

const HEADER: &[u8] = b"Contact Id,Contact First Name,Contact Last Name\n";
const MIB: usize = 1 << 20;

/// The address space that the process may have, in KiB, and the size of the file in MiB.
const MOST: usize = 320 << 10;
const SIZE: usize = 360;

#[rstest]
#[case::one_line(b"2,", b'x', 1)]
#[case::open_quote(b"2,\"", b'x', 1)]
#[case::quotes_only(b"2,", b'"', 1)]
#[case::cells_only(b"2", b',', 1)]
#[case::empty_lines(b"", b'\n', 0)]
fn no_input_makes_memory_grow(#[case] start: &[u8], #[case] fill: u8, #[case] code: i32) {
    let story = Story::new();
    let mut file = BufWriter::new(File::create(story.path("in.csv")).unwrap());
    file.write_all(HEADER).unwrap();
    file.write_all(start).unwrap();
    (0..SIZE).for_each(|_| file.write_all(&vec![fill; MIB]).unwrap());
    file.write_all(b"\n3,Ann,Lee\n").unwrap();
    file.into_inner().unwrap();
    // Arenas of the allocator reserve far more than they use.
    let script =
        format!("ulimit -v {MOST}; exec {} check in.csv --threads 2 --rejects r.csv", env!("CARGO_BIN_EXE_muster"));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &script]).env_clear().env("HOME", story.path("")).env("MALLOC_ARENA_MAX", "1");
    let output = shell.current_dir(story.path("")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{}", &told[..told.len().min(2000)]);
    assert!(told.contains("created") && told.len() < 10_000, "{}", &told[..told.len().min(2000)]);
}
