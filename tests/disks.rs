//! Disks that are full, small, or read-only: the base stays as it was, and the message says what is needed. On a small disk in
//! memory of its own, where the system lets a test mount one (`unshare`); else the test says that it is skipped.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../examples/generate/people.rs"]
mod people;
#[path = "../examples/generate/random.rs"]
mod random;
#[path = "../examples/generate/rows.rs"]
mod rows;
#[path = "support/story.rs"]
mod story;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use story::{Answer, Story};

/// Tells the child that it runs where it may mount.
const MAY_MOUNT: &str = "MUSTER_TEST_MAY_MOUNT";

/// Runs a test of this file in a room of its own in which it may mount.
fn in_own_room(test: &str) {
    let mut child = Command::new("unshare");
    child.args(["--map-root-user", "--mount", "--"]).arg(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", test, "--nocapture"]).env(MAY_MOUNT, "yes");
    let mut may = Command::new("unshare");
    may.args(["--map-root-user", "--mount", "--", "mount", "-t", "tmpfs", "none", "/mnt"]);
    if !may.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        println!("skipped: this system lets no test mount a small disk");
        return;
    }
    assert!(child.status().unwrap().success());
}

/// A home on a disk of that size, with people in it; `None` outside a room of its own.
fn on_small_disk(megabytes: u32, rows: u64) -> Option<Story> {
    std::env::var_os(MAY_MOUNT)?;
    let story = Story::new();
    let size = format!("size={megabytes}m");
    let home = story.path("");
    assert!(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&home).status().unwrap().success());
    for (name, change) in [("people.csv", 0), ("changed.csv", 1)] {
        let plan = rows::Plan { rows, seed: 1, columns: 12, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change };
        plan.write(File::create(story.path(name)).unwrap()).unwrap();
    }
    Some(story)
}

/// Takes all the room there is.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 4096, 1] {
        let bytes = vec![0xa5; size];
        while file.write_all(&bytes).is_ok() {}
    }
}

#[test]
fn a_commit_says_beforehand_how_much_room_it_needs() {
    in_own_room("small_disk");
}

#[test]
#[ignore = "the child of a test"]
fn small_disk() {
    let Some(story) = on_small_disk(40, 2000) else { return };
    let refused = story.muster("import people.csv").exits(3);
    refused.says("the disk is full: ").says(" MB needed").says("nothing was changed");
    assert_eq!(story.export().lines().count(), 1);
    story.muster("verify").exits(0);
    story.muster("backup --to copy").exits(3).says(" MB needed");
    assert!(!story.path("copy").exists());
}

#[test]
fn r24_a_disk_that_fills_up_at_any_stage_leaves_before_or_after() {
    in_own_room("full_disk");
}

#[test]
#[ignore = "the child of a test"]
fn full_disk() {
    let Some(story) = on_small_disk(140, 20_000) else { return };
    story.import("people.csv", 0);
    let before = story.export();
    let started = Instant::now();
    story.import("changed.csv", 0);
    let span = started.elapsed();
    let after = story.export();
    story.muster("undo 2 --yes").exits(0);
    let (mut full, mut done) = (0, 0);
    let stages = std::env::var("MUSTER_STAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for stage in 0..stages {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().env("HOME", story.path("")).current_dir(story.path("")).args(["import", "changed.csv"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(span.mul_f64(f64::from(stage) / f64::from(stages)));
        fill(&story.path("filler"));
        let answer = Answer::of(child.wait_with_output().unwrap());
        let code = answer.code;
        // While it is full, looking either works or says why not.
        let looked = story.muster("search smith");
        assert!(matches!(looked.code, Some(0 | 1 | 3)), "{looked:?}");
        assert!(!looked.err.contains("panicked"), "{}", looked.err);
        fs::remove_file(story.path("filler")).unwrap();
        story.muster("verify").exits(0);
        let found = story.export();
        match code {
            Some(0) => {
                assert!(found == after, "stage {stage}: acknowledged, and lost");
                let newest = story.muster("history --json").json()["history"][0]["number"].clone();
                story.muster(&format!("undo {newest} --yes")).exits(0);
                done += 1;
            }
            Some(3) => {
                let answer = answer.exits(3);
                assert!(answer.err.contains("disk is full") || answer.err.contains("No space left"), "{}", answer.err);
                assert!(found == before || found == after, "stage {stage}: neither before nor after");
                full += 1;
            }
            _ => panic!("stage {stage}: {answer:?}"),
        }
    }
    println!("a full disk at {stages} stages: {full} times before the import, {done} after it, 0 lost, 0 half");
    assert!(full > 0);
}

/// Runs an import whose `nth` call of that kind fails. `None` where that cannot be; else the answer, and whether there was such a call.
fn import_with_a_fault(story: &Story, call: &str, nth: u32) -> Option<(Answer, bool)> {
    let trace = story.path("trace");
    let (calls, fault) = (format!("trace={call}"), format!("inject={call}:error=EIO:when={nth}"));
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o"]).arg(&trace).args(["-e", &calls, "-e", &fault, env!("CARGO_BIN_EXE_muster")]);
    strace.args(["import", "changed.csv"]).env_clear().env("HOME", story.path("")).current_dir(story.path(""));
    let answer = strace.output().ok().map(Answer::of)?;
    let traced = !answer.err.contains("ptrace");
    traced.then(|| (answer, fs::read_to_string(&trace).unwrap().contains("(INJECTED)")))
}

#[test]
fn r24_whichever_call_to_the_disk_fails_the_base_is_before_or_after() {
    let story = Story::new();
    for (name, change) in [("people.csv", 0), ("changed.csv", 1)] {
        let plan =
            rows::Plan { rows: 50, seed: 1, columns: 12, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change };
        plan.write(File::create(story.path(name)).unwrap()).unwrap();
    }
    story.import("people.csv", 0);
    let before = story.export();
    story.import("changed.csv", 0);
    let after = story.export();
    story.muster("undo 2 --yes").exits(0);
    let mut faults = 0;
    for call in ["pwrite64", "fsync", "sync_file_range", "rename"] {
        for nth in 1..20 {
            let Some((answer, failed)) = import_with_a_fault(&story, call, nth) else {
                println!("skipped: strace is not installed, or may not trace here");
                return;
            };
            let what = format!("{call} {nth}: {answer:?}");
            assert!(!answer.err.contains("panicked") && matches!(answer.code, Some(0 | 3)), "{what}");
            story.muster("verify").exits(0);
            let found = story.export();
            assert!(found == after || (found == before && answer.code == Some(3)), "{what}");
            if found == after {
                // The last step of all may fail after the disk has it: that is said.
                assert!(answer.code == Some(0) || answer.err.contains("not certain whether this is stored"), "{what}");
                let newest = story.muster("history --json").json()["history"][0]["number"].clone();
                story.muster(&format!("undo {newest} --yes")).exits(0);
            }
            if !failed {
                break;
            }
            faults += 1;
        }
    }
    println!("{faults} calls failed, one at a time: 0 lost, 0 half");
    assert!(faults > 5, "{faults}");
}

#[test]
fn a_read_only_disk_is_said_and_can_be_copied_from() {
    in_own_room("read_only_disk");
}

#[test]
#[ignore = "the child of a test"]
fn read_only_disk() {
    let Some(story) = on_small_disk(200, 100) else { return };
    story.muster("--base base import people.csv").exits(0);
    let elsewhere = Story::new();
    let home = story.path("");
    assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(&home).status().unwrap().success());
    let base = story.path("base").display().to_string();
    for line in ["search smith", "verify", "history", "import people.csv"] {
        elsewhere.file("people.csv", "Contact Id\n");
        elsewhere
            .muster(&format!("--base {base} {line}"))
            .exits(3)
            .says("cannot write in")
            .says("muster restore --from");
    }
    elsewhere.muster(&format!("restore --from {base}")).exits(0).shows("100 contacts");
    assert_eq!(elsewhere.export().lines().count(), 101);
}
