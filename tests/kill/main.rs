//! The real process ends at any moment: killed, a base is as before what it was doing or as after it (R24), and the next start
//! needs no person; asked to stop, muster stops and says so.
//!
//! - [`deeds`]: what is killed, from a first import to rewriting the base, and what may be left of it
//! - [`commits`]: a process that commits edits, deletions, imports and undos until it is killed
//! - [`decisions`]: a process that records decisions in a draft until it is killed
//! - [`signals`]: HUP, INT, TERM, STOP and CONT, and processes that want the same base
//!
//! `MUSTER_KILLS=500 cargo test --release --test kill -- --ignored --nocapture many_kills` kills that often, and tells what it
//! saw. `MUSTER_KILL_ROWS` is the size of its files, 1000 rows by default; with `recovery` in the place of `many_kills` it tells how long the next
//! start takes after a kill in the midst of writing so many rows.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking")]

mod commits;
mod decisions;
mod deeds;
#[path = "../../examples/generate/people.rs"]
mod people;
#[path = "../../examples/generate/random.rs"]
mod random;
#[path = "../../examples/generate/rows.rs"]
mod rows;
mod signals;
#[path = "../support/story.rs"]
mod story;

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Duration;

use story::Story;

/// Kills of each deed in the test that always runs.
const KILLS: u32 = 3;

const ROWS: u64 = 1000;

#[test]
fn r24_killed_at_any_moment_the_base_is_before_or_after() {
    deeds::kill_each(KILLS, ROWS);
    commits::kill(KILLS);
    decisions::kill(KILLS);
}

#[test]
#[ignore = "long: set MUSTER_KILLS"]
fn r24_many_kills() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u32>().ok());
    let each = number("MUSTER_KILLS").unwrap_or(200).div_ceil(deeds::Deed::ALL.len() as u32 + 2);
    deeds::kill_each(each, number("MUSTER_KILL_ROWS").map_or(ROWS, u64::from));
    commits::kill(each);
    decisions::kill(each);
}

#[test]
#[ignore = "long with as many rows as it is for: MUSTER_KILL_ROWS=1000000"]
fn r24_recovery() {
    let rows = std::env::var("MUSTER_KILL_ROWS").ok().and_then(|n| n.parse().ok());
    deeds::recover(rows.unwrap_or(20_000));
}

/// A home with a file of people, and one in which every one of them has changed.
fn story(rows: u64) -> Story {
    let story = Story::new();
    for (name, change) in [("people.csv", 0), ("changed.csv", 1)] {
        let plan = rows::Plan { rows, seed: 1, columns: 12, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change };
        plan.write(File::create(story.path(name)).unwrap()).unwrap();
    }
    story
}

/// Starts a command without waiting for its end.
fn start(story: &Story, line: &str) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", story.path("")).current_dir(story.path("")).args(line.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A delay from zero to a little over `span`, different each time and the same for the same number.
fn delay(n: u32, span: Duration) -> Duration {
    let share = f64::from(n.wrapping_mul(2_654_435_761) % 1000) / 900.0;
    span.mul_f64(share)
}
