//! A locked-down account: nothing is read but from the inbox, nothing is written but to the outbox.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;
#[path = "support/story.rs"]
mod story;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use story::{Answer, Story};

const PEOPLE: &str = "Contact Id,Contact First Name,Contact Last Name\nC-1,Kathryn,Smith\nC-2,Josh,Reyes\nC-3,,\n";
const BAD: &str = "Contact Id,Contact First Name,Contact Last Name\nC-9,Only,\n";

/// A home with an inbox, an outbox, and files beside them that nobody may reach.
fn account() -> Story {
    let story = Story::new();
    for folder in ["in/sub", "out"] {
        fs::create_dir_all(story.path(folder)).unwrap();
    }
    story.file("in/people.csv", PEOPLE).file("in/sub/bad.csv", BAD).file("secret.csv", PEOPLE);
    symlink(story.path("secret.csv"), story.path("in/link.csv")).unwrap();
    symlink(story.path(""), story.path("out/link")).unwrap();
    story
}

fn confined(story: &Story, line: &str) -> Answer {
    let mut words = vec!["--inbox", "in", "--outbox", "out"];
    words.extend(line.split_whitespace());
    story.run(&words)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_of_the_inbox_are_imported_and_rejects_go_to_the_outbox() {
    let story = account();
    confined(&story, "import people.csv").exits(1);
    let rejects = confined(&story, "import sub/bad.csv").exits(1).shows("out/bad.rejects.csv");
    assert!(!rejects.out.contains("/proc/"), "{}", rejects.out);
    assert_eq!(names(&story.path("out")), ["bad.rejects.csv", "link", "people.rejects.csv"]);
    assert_eq!(names(&story.path("in")), ["link.csv", "people.csv", "sub"]);
}

#[test]
fn no_other_file_is_opened() {
    let story = account();
    let secret = story.path("secret.csv").display().to_string();
    for path in ["../secret.csv", "sub/../../secret.csv", "link.csv", &secret, "/etc/passwd", "/proc/self/cwd/secret.csv"] {
        for command in ["check", "import"] {
            confined(&story, &format!("{command} {path}")).exits(3).says("is not below").says("in");
        }
    }
    confined(&story, "check sub").exits(3).says("is a folder");
}

#[test]
fn nothing_is_written_outside_the_outbox() {
    let story = account();
    confined(&story, "import people.csv").exits(1);
    let before = names(&story.path(""));
    for to in ["../x", "link/x", "/tmp/muster-must-not-be-here"] {
        confined(&story, &format!("export --to {to}")).exits(3).says("is not below");
        confined(&story, &format!("backup --to {to}")).exits(3).says("is not below");
        for option in ["--rejects", "--findings", "--changes"] {
            confined(&story, &format!("check people.csv {option} {to}")).exits(3).says("is not below");
        }
    }
    assert_eq!(names(&story.path("")), before);
    confined(&story, "restore --from ../x --overwrite").exits(2).says("locked-down");
    confined(&story, "export --to all.csv").exits(0).shows("out/all.csv");
    let backup = confined(&story, "backup --to copy").exits(0).shows("out/copy");
    assert!(!backup.out.contains("/proc/"), "{}", backup.out);
    story.muster("--base out/copy show contact C-1").exits(0);
}

#[test]
fn both_folders_must_be_there() {
    let story = account();
    story.muster("--inbox in check people.csv").exits(2).says("--outbox");
    story.muster("--inbox in --outbox missing check people.csv").exits(3).says("missing");
}
