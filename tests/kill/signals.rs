//! Signals, and processes that want the same base.

use std::fs;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use muster::base::lock;
use rustix::process::{Pid, Signal, kill_process};

use crate::story::Story;
use crate::{start, story};

/// Enough that an import takes a while, and that files are spilled.
const ROWS: u64 = 20_000;

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    // It may have ended by itself.
    let _ = kill_process(pid, signal);
}

/// Waits for something that another process does.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Starts an import and stops it in the midst, with the base in its hands.
fn stopped_import(story: &Story) -> Child {
    let child = start(story, "import changed.csv");
    let path = story.path(".local/share/muster/lock");
    until("the import has the base", || lock::holder(&path).is_some_and(|holder| holder.process == child.id()));
    signal(&child, Signal::STOP);
    child
}

#[test]
fn a_second_process_is_told_who_has_the_base_and_the_first_goes_on() {
    let story = story(ROWS);
    story.import("people.csv", 0);
    let mut first = stopped_import(&story);
    let refused = story.muster("verify").exits(4);
    let holder = format!("is in use by muster (process {}, user ", first.id());
    refused.says(&holder).says(", since 20").says("--wait SECONDS");
    signal(&first, Signal::CONT);
    assert_eq!(first.wait().unwrap().code(), Some(0));
    story.muster("verify").exits(0);
    assert_eq!(story.muster("history --json").exits(0).json()["total"], 2);
}

#[test]
fn who_waits_has_the_base_when_its_holder_dies() {
    let story = story(ROWS);
    story.import("people.csv", 0);
    let before = story.export();
    let mut first = stopped_import(&story);
    let mut waiting = start(&story, "verify --wait 60");
    signal(&first, Signal::KILL);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    assert!(!first.wait().unwrap().success());
    assert_eq!(story.export(), before);
}

#[test]
fn ten_processes_take_turns() {
    let story = Story::new();
    let mut children: Vec<Child> = (0..10)
        .map(|n| {
            let row = format!("Contact Id,Contact First Name,Contact Last Name\nC-{n},Kathryn,Smith\n");
            story.file(&format!("{n}.csv"), row);
            start(&story, &format!("import {n}.csv --wait 60"))
        })
        .collect();
    for child in &mut children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(story.export().lines().count(), 11);
    assert_eq!(story.muster("history --json").json()["total"], 10);
    story.muster("verify").exits(0).shows("Everything is sound");
}

#[test]
fn of_ten_that_wait_one_after_the_other_has_the_base_of_who_died() {
    let story = story(ROWS);
    story.import("people.csv", 0);
    let before = story.export();
    let mut holder = stopped_import(&story);
    let mut waiting: Vec<Child> = (0..9).map(|_| start(&story, "verify --wait 60")).collect();
    let mut impatient = start(&story, "verify");
    assert_eq!(impatient.wait().unwrap().code(), Some(4));
    signal(&holder, Signal::KILL);
    for child in &mut waiting {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert!(!holder.wait().unwrap().success());
    assert_eq!(story.export(), before);
}

#[test]
fn a_backup_taken_between_imports_of_others_is_whole() {
    let story = story(2000);
    story.import("people.csv", 0);
    let mut others: Vec<Child> =
        ["changed.csv", "people.csv"].map(|file| start(&story, &format!("import {file} --wait 60"))).into();
    for n in 0..3 {
        story.muster(&format!("backup --to copy{n} --wait 60")).exits(0);
        let taken = story.muster(&format!("--base copy{n} verify --json")).exits(0).json();
        assert_eq!(taken["contacts"], 2000);
    }
    for other in &mut others {
        assert_eq!(other.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn r24_a_signal_ends_an_import_with_its_exit_code_and_the_base_as_before() {
    let story = story(ROWS);
    story.import("people.csv", 0);
    let before = story.export();
    for (which, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let status = interrupted(&story, which);
        assert_eq!(status.code(), Some(code), "{status:?}");
        assert_eq!(story.export(), before, "the base is free, and as before");
    }
    story.muster("verify").exits(0);
    assert_eq!(fs::read_dir(story.path(".cache/muster/spill")).unwrap().count(), 0, "no spill file is left");
}

/// Ends an import with a signal once it listens to signals; it is stopped before, so that it is not done first.
fn interrupted(story: &Story, which: Signal) -> ExitStatus {
    let mut child = start(story, "import changed.csv");
    until("the import listens", || listens(&child, Signal::TERM));
    signal(&child, Signal::STOP);
    signal(&child, which);
    signal(&child, Signal::CONT);
    child.wait().unwrap()
}

/// Whether a process has a handler for a signal: a bit of `SigCgt` in its status.
fn listens(child: &Child, which: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0) >> (which.as_raw() - 1) & 1 == 1
}

#[test]
fn a_wait_for_standard_input_can_be_interrupted() {
    let story = Story::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", story.path("")).args(["import", "-"]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::INT);
    until("the import ends", || child.try_wait().unwrap().is_some());
    story.muster("verify").exits(0);
}

#[test]
fn a_closed_terminal_ends_nothing_half_done() {
    // Standard output and error that nobody reads any more, as after a dropped line.
    let story = story(2000);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", story.path("")).current_dir(story.path("")).args(["import", "people.csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(story.export().lines().count(), 2001);
}
