//! Everything that muster makes is for its owner alone, whatever the umask; nothing is written through a link; nothing of a
//! person is in the log; and no spill file is left.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;
#[path = "support/story.rs"]
mod story;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use story::Story;

const PEOPLE: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Work Email\nC-1,Kathryn,Smith,kathryn@x.example\nC-2,Josh,Reyes,josh@x.example\nC-3,Ana,,ana@x.example\n";

/// Runs a command under another umask than the tests'.
fn under_umask(story: &Story, umask: &str, line: &str) -> Option<i32> {
    let script = format!("umask {umask}; exec {} {line}", env!("CARGO_BIN_EXE_muster"));
    let mut shell = Command::new("/bin/sh");
    let home = story.path("");
    shell.args(["-c", &script]).env_clear().env("HOME", &home).env("PATH", "/usr/bin:/bin").current_dir(&home);
    shell.output().unwrap().status.code()
}

fn everything_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            everything_below(&path, found);
        }
        found.push(path);
    }
}

#[test]
fn whatever_the_umask_only_the_owner_reads_it() {
    for umask in ["000", "022"] {
        let story = Story::new();
        story.file("in.csv", PEOPLE);
        for line in [
            "import in.csv --findings findings.csv --changes changes.csv",
            "import in.csv --blank clear",
            "undo 1 --yes --keep-blocked",
            "import in.csv",
            "export --to export.csv",
            "backup --to copy",
            "compact",
            "forget contact C-2 --yes",
            "verify",
        ] {
            let code = under_umask(&story, umask, line);
            assert!(matches!(code, Some(0 | 1)), "{line}: {code:?}");
        }
        let mut found = Vec::new();
        everything_below(&story.path(""), &mut found);
        let own = found.iter().filter(|path| !path.ends_with("in.csv"));
        let open: Vec<String> = own
            .filter_map(|path| {
                let mode = fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
                // The XDG folders above ours are made by us too.
                let wanted = if path.is_dir() { 0o700 } else { 0o600 };
                (mode != wanted).then(|| format!("{mode:o} {}", path.display()))
            })
            .collect();
        assert!(found.len() > 15, "{found:?}");
        assert!(open.is_empty(), "umask {umask}:\n{}", open.join("\n"));
        assert!(!found.iter().any(|path| path.parent().unwrap().ends_with("spill")), "{found:?}");
    }
}

#[test]
fn a_link_in_the_place_of_a_file_of_the_base_is_refused() {
    for name in ["base.json", "store", "store/db", "store/conf", "lock"] {
        let story = Story::new();
        story.file("in.csv", PEOPLE).import("in.csv", 1);
        let base = story.path(".local/share/muster");
        let elsewhere = story.path("elsewhere");
        fs::rename(base.join(name), &elsewhere).unwrap();
        symlink(&elsewhere, base.join(name)).unwrap();
        let answer = story.muster("verify").exits(3);
        assert!(answer.err.contains("symbolic link"), "{name}: {}", answer.err);
    }
}

#[test]
fn a_link_in_the_place_of_a_report_is_refused() {
    let story = Story::new();
    story.file("in.csv", PEOPLE).file("theirs", "kept");
    symlink(story.path("theirs"), story.path("link.csv")).unwrap();
    for option in ["--rejects", "--findings", "--changes"] {
        story.muster(&format!("check in.csv {option} link.csv")).exits(3);
    }
    story.import("in.csv", 1);
    story.muster("export --to link.csv").exits(3).says("link");
    story.muster("backup --to link.csv").exits(3);
    assert_eq!(story.text("theirs"), "kept");
}

#[test]
fn what_is_restored_is_for_its_owner_alone_whoever_may_read_the_backup() {
    let story = Story::new();
    story.file("in.csv", PEOPLE).import("in.csv", 1);
    story.muster("backup --to copy").exits(0);
    let mut copied = Vec::new();
    everything_below(&story.path("copy"), &mut copied);
    for path in &copied {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    story.muster("--base other restore --from copy").exits(0);
    let mut found = Vec::new();
    everything_below(&story.path("other"), &mut found);
    let open: Vec<&PathBuf> =
        found.iter().filter(|path| fs::metadata(path).unwrap().permissions().mode() & 0o077 != 0).collect();
    assert!(found.len() > 3 && open.is_empty(), "{open:?}");
}

#[test]
fn a_link_that_looks_like_half_a_backup_leads_nowhere() {
    let story = Story::new();
    story.file("in.csv", PEOPLE).import("in.csv", 1);
    fs::create_dir_all(story.path("theirs")).unwrap();
    fs::create_dir_all(story.path("backups")).unwrap();
    symlink(story.path("theirs"), story.path("backups/.muster-backup-x")).unwrap();
    story.muster("backup --to backups/copy").exits(0);
    assert_eq!(fs::read_dir(story.path("theirs")).unwrap().count(), 0, "something was made behind the link");
}

/// Texts of people that muster meets in the session below, as they stand in files and as people type them.
const SECRETS: [&str; 9] =
    ["Kathryn", "kathryn@", "Quasimodo", "Bellringer", "zelda@", "5550177", "555 0177", "Drummer", "Weatherby"];

#[test]
fn a_long_session_leaves_nothing_of_a_person_in_log_state_or_cache() {
    let story = Story::new();
    story.file(
        "in.csv",
        "Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Contact Work Email\n\
         C-1,Kathryn,Smith,Buyer,+1 317 555 0101,kathryn@x.example\n\
         C-2,Zelda,Quasimodo,Bellringer,+1 317 555 0177,zelda@x.example\n\
         C-3,Ulrich,Weatherby,Clerk,317 55,u@x.example\nC-3,Ulrike,Weatherby,Clerk,317 55,u@x.example\n",
    );
    let start = |arguments: &[&str]| {
        let mut command = pty::command(env!("CARGO_BIN_EXE_muster"), arguments);
        command.env("HOME", story.path(""));
        command.env("TMPDIR", story.path("tmp"));
        command.cwd(story.path(""));
        pty::Session::start(command, (80, 24))
    };
    fs::create_dir(story.path("tmp")).unwrap();
    let mut app = start(&["in.csv"]);
    app.wait_for("contact.first_name");
    app.send("c");
    app.wait_for("rows in all");
    app.send("v");
    app.wait_for("0 of 1 decided");
    app.send("x");
    app.wait_for("1 of 1 decided, saved");
    app.send("\x1b");
    app.wait_for("rows in all");
    // While it still counts, it says so.
    while !app.text().contains("Import now?") {
        app.send("i");
        app.silent_for(std::time::Duration::from_millis(200));
    }
    app.send("y");
    app.wait_for("Done: import 1");
    app.send("1");
    app.wait_for("Zelda Quasimodo");
    app.send("/");
    app.wait_for("F1 help");
    app.send("quasi");
    app.wait_for("> Zelda");
    app.send("\r");
    app.wait_for("e edit");
    app.send("e");
    app.wait_for("First name");
    app.send("Drummer");
    app.wait_for("Drummer");
    app.signal(rustix::process::Signal::TERM);
    assert_eq!(app.exit_code(), 143);
    // What goes wrong is said, and some of it logged: a file that is gone, a base that cannot be opened.
    let db = story.path(".local/share/muster/store/db");
    let mut bytes = fs::read(&db).unwrap();
    bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0xff);
    fs::write(&db, bytes).unwrap();
    let mut app = start(&[]);
    app.wait_for("damaged");
    app.signal(rustix::process::Signal::TERM);
    assert_eq!(app.exit_code(), 143);
    let mut found = Vec::new();
    for folder in [".local/state/muster", ".cache/muster", "tmp"] {
        everything_below(&story.path(folder), &mut found);
    }
    let log = story.text(".local/state/muster/muster.log");
    assert!(log.contains("indexed"), "nothing is logged at all: {log}");
    for path in found.iter().filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let leaks: Vec<_> = SECRETS.iter().filter(|secret| text.contains(**secret)).collect();
        assert!(leaks.is_empty(), "{leaks:?} in {}:\n{text}", path.display());
    }
}
