//! Killed at any moment, a base is as before the import or as after it (R24); asked to stop, muster stops and says so.
//!
//! `MUSTER_KILLS=500 cargo test --release --test kill -- --ignored` kills that often.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../examples/generate/people.rs"]
mod people;
#[path = "../examples/generate/random.rs"]
mod random;
#[path = "../examples/generate/rows.rs"]
mod rows;
#[path = "support/story.rs"]
mod story;

use std::fs::File;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use story::Story;

/// Rows of the file. Enough that a commit takes a while, and that files are spilled and pages split.
const ROWS: u64 = 20_000;

const PLAN: rows::Plan =
    rows::Plan { rows: ROWS, seed: 1, columns: 12, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change: 0 };

/// Kills in the test that always runs.
const KILLS: u32 = 12;

fn story() -> Story {
    let story = Story::new();
    for (name, change) in [("people.csv", 0), ("changed.csv", 1)] {
        rows::Plan { change, ..PLAN }.write(File::create(story.path(name)).unwrap()).unwrap();
    }
    story
}

/// Starts a command without waiting for its end.
fn start(story: &Story, line: &str) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", story.path("")).current_dir(story.path("")).args(line.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    // It may have ended by itself.
    let _ = kill_process(pid, signal);
}

/// The number of the newest commit and the whole content. Any damage fails, and so does a lock that is still held.
#[track_caller]
fn content(story: &Story) -> (u64, String) {
    let report = story.muster("verify --json").exits(0).json();
    assert_eq!(report["damaged_total"], 0);
    let history = story.muster("history --json --limit 1").exits(0).json();
    (history["total"].as_u64().unwrap(), story.export())
}

/// A delay from zero to a little over `span`, different each time and the same for the same number.
fn delay(n: u32, span: Duration) -> Duration {
    let share = f64::from(n.wrapping_mul(2_654_435_761) % 1000) / 900.0;
    span.mul_f64(share)
}

fn run(kills: u32) {
    let story = story();
    let empty = story.export();
    story.import("people.csv", 0);
    let first = content(&story).1;
    let started = Instant::now();
    story.import("changed.csv --blank clear --replace-valid-phones", 0);
    let span = started.elapsed();
    let mut before = content(&story);
    let whole = [empty, first, before.1.clone()];
    let (mut done, mut cut) = (0, 0);
    for n in 0..kills {
        // By turns: an import that changes every row, and taking the newest commit back, whichever that is.
        let line = match n % 2 {
            0 => format!("undo {} --yes", before.0),
            _ => format!(
                "import {} --blank clear --replace-valid-phones --threads {}",
                ["people.csv", "changed.csv"][n as usize / 2 % 2],
                1 + n % 3
            ),
        };
        let mut child = start(&story, &line);
        std::thread::sleep(delay(n, span));
        signal(&child, Signal::KILL);
        child.wait().unwrap();
        let after = content(&story);
        match after.0 - before.0 {
            0 => {
                assert!(after.1 == before.1, "kill {n} of {line}: half a commit");
                cut += 1;
            }
            1 => {
                assert!(whole.contains(&after.1), "kill {n} of {line}: neither before nor after");
                done += 1;
            }
            _ => panic!("kill {n} of {line}: from {} to {}", before.0, after.0),
        }
        before = after;
    }
    println!("{kills} kills: {cut} before the commit point, {done} after it");
    assert!(cut > 0, "no kill came in time");
}

#[test]
fn r24_a_killed_import_or_undo_leaves_the_base_before_or_after() {
    run(KILLS);
}

#[test]
#[ignore = "long: set MUSTER_KILLS"]
fn r24_many_kills() {
    run(std::env::var("MUSTER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(200));
}

#[test]
fn r24_a_first_import_killed_leaves_an_empty_base_or_a_whole_one() {
    for n in 0..3 {
        let story = story();
        let mut child = start(&story, "import people.csv");
        std::thread::sleep(delay(n * 7 + 1, Duration::from_millis(600)));
        signal(&child, Signal::KILL);
        child.wait().unwrap();
        let lines = story.export().lines().count() as u64;
        assert!(lines == 1 || lines == ROWS + 1, "{lines} lines");
        story.muster("verify").exits(0);
    }
}

#[test]
fn r24_a_signal_ends_an_import_with_its_exit_code_and_the_base_as_before() {
    let story = story();
    story.import("people.csv", 0);
    let before = story.export();
    for (which, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let status = interrupted(&story, "import changed.csv", which);
        assert_eq!(status.code(), Some(code), "{status:?}");
        assert_eq!(story.export(), before, "the base is free, and as before");
    }
    story.muster("verify").exits(0);
    assert_eq!(std::fs::read_dir(story.path(".cache/muster/spill")).unwrap().count(), 0, "no spill file is left");
}

/// Sends a signal once the import is under way, again later if it was too early or too late.
fn interrupted(story: &Story, line: &str, which: Signal) -> ExitStatus {
    let mut wait = Duration::from_millis(120);
    for _ in 0..8 {
        let mut child = start(story, line);
        std::thread::sleep(wait);
        signal(&child, which);
        let status = child.wait().unwrap();
        if status.code().is_some_and(|code| code > 1) {
            return status;
        }
        if status.code().is_some() {
            // It was done before the signal came: take it back and come earlier.
            let newest = story.muster("history --json").json()["history"][0]["number"].clone();
            story.muster(&format!("undo {newest} --yes")).exits(0);
            wait /= 2;
        } else {
            // It was not yet listening.
            wait *= 2;
        }
    }
    panic!("no signal came while the import was under way");
}

#[test]
fn a_wait_for_standard_input_can_be_interrupted() {
    let story = Story::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", story.path("")).args(["import", "-"]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::INT);
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "it waits for ever");
        std::thread::sleep(Duration::from_millis(20));
    }
    story.muster("verify").exits(0);
}
