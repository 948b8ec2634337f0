//! A promise holds through a power cut: what muster says is stored, and what the head of a base leads to, is on the disk before.
//! A kill cannot show that, so this reads the system calls: every file that a promise rests on must be fsynced before it is made.
//! sled itself only calls `sync_file_range`, which a power cut does not respect.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pty.rs"]
mod pty;
#[path = "support/story.rs"]
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use story::{Story, sample};

/// What happened, in the order in which it did.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    /// Bytes went to a file.
    Wrote {
        file: String,
        bytes: String,
    },
    /// A process syncs a file or folder; if it is not done at once ...
    Syncs {
        process: String,
        file: String,
        done: bool,
    },
    /// ... it is later.
    Synced {
        process: String,
    },
    Renamed {
        from: String,
        to: String,
    },
    /// Standard output was written.
    Said(String),
}

/// Runs muster under strace. `None`, said why, where that cannot be.
fn traced(story: &Story, line: &str) -> Option<Vec<Event>> {
    let trace = story.path("trace");
    let mut strace = Command::new("strace");
    let calls = "trace=write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2";
    strace.args(["-f", "-y", "-s", "120", "-e", calls, "-o"]).arg(&trace).arg(env!("CARGO_BIN_EXE_muster"));
    strace.env_clear().env("HOME", story.path("")).env("PATH", "/usr/bin:/bin").current_dir(story.path(""));
    match strace.args(line.split_whitespace()).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("ptrace") => {
            println!("skipped: strace may not trace here");
            return None;
        }
        Ok(output) => panic!("{line}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            println!("skipped: strace is not installed ({error})");
            return None;
        }
    }
    let events: Vec<Event> = fs::read_to_string(trace).unwrap().lines().filter_map(event).collect();
    Some(events)
}

/// Reads a line such as `4711 pwrite64(4</home/base/store/db>, "...", 28, 5502) = 28`.
fn event(line: &str) -> Option<Event> {
    let (process, rest) = line.split_once(' ')?;
    let process = process.to_owned();
    let rest = rest.trim_start();
    if rest.starts_with("<... f") && rest.contains("sync resumed>") {
        return Some(Event::Synced { process });
    }
    let (call, arguments) = rest.split_once('(')?;
    let file = || Some(arguments.split_once('<')?.1.split_once('>')?.0.to_owned());
    let quoted: Vec<&str> = arguments.split('"').collect();
    match call {
        "write" | "writev" if arguments.starts_with("1<") => Some(Event::Said(quoted.get(1)?.to_string())),
        "write" | "writev" | "pwrite64" => {
            Some(Event::Wrote { file: file()?, bytes: quoted.get(1).copied().unwrap_or_default().to_owned() })
        }
        "fsync" | "fdatasync" => {
            Some(Event::Syncs { process, file: file()?, done: !arguments.contains("<unfinished") })
        }
        name if name.starts_with("rename") => {
            Some(Event::Renamed { from: quoted.get(1)?.to_string(), to: quoted.get(3)?.to_string() })
        }
        _ => None,
    }
}

/// How the names of the files end on which promises rest.
const PROMISING: [&str; 3] = ["/store/db", "/base.json.new", ".draft"];

/// How far each file is written and synced, and what must be so at each promise.
#[derive(Default)]
struct Reading {
    written: BTreeMap<String, u32>,
    synced: BTreeMap<String, u32>,
    syncing: BTreeMap<String, (String, u32)>,
    /// Folders in which a name has changed since they were synced.
    renamed_in: BTreeSet<String>,
    /// Writes of the head, as numbers of writes of the store.
    heads: Vec<u32>,
    /// Acknowledgements seen.
    said: u32,
    broken: Vec<String>,
}

impl Reading {
    fn of(events: &[Event]) -> Reading {
        let mut reading = Reading::default();
        events.iter().for_each(|event| reading.take(event));
        reading
    }

    fn synced(&self, file: &str) -> u32 {
        self.synced.get(file).copied().unwrap_or_default()
    }

    fn take(&mut self, event: &Event) {
        match event {
            // Snapshots and settings of sled can be made again; spill files and the log promise nothing.
            Event::Wrote { file, .. } if !PROMISING.iter().any(|ending| file.ends_with(ending)) => {}
            Event::Wrote { file, bytes } => {
                let written = self.written.get(file).copied().unwrap_or_default();
                if bytes.contains("\\5state") {
                    if self.synced(file) < written {
                        self.broken.push(format!("the head of {file} is written before what it leads to is synced"));
                    }
                    self.heads.push(written + 1);
                }
                self.written.insert(file.clone(), written + 1);
            }
            Event::Syncs { process, file, done } => {
                let written = self.written.get(file).copied().unwrap_or_default();
                self.syncing.insert(process.clone(), (file.clone(), written));
                if *done {
                    self.finish(process);
                }
            }
            Event::Synced { process } => self.finish(process),
            Event::Renamed { from, .. } if from.contains("/snap.") => {}
            Event::Renamed { from, to } => {
                let below = |file: &str| file == from || Path::new(file).starts_with(from);
                for (file, written) in self.written.iter().filter(|(file, _)| below(file)) {
                    if self.synced(file) < *written {
                        self.broken.push(format!("{file} gets its place, {to}, before it is synced"));
                    }
                }
                // Its files are known by their new names from now on.
                let moved: Vec<String> = self.written.keys().filter(|file| below(file)).cloned().collect();
                for file in moved {
                    self.written.remove(&file);
                    self.synced.remove(&file);
                }
                let folder = Path::new(to).parent().unwrap().display().to_string();
                self.renamed_in.insert(folder);
            }
            Event::Said(text)
                if text.contains("Committed as") || text.contains("Undid") || text.contains("read back") =>
            {
                self.said += 1;
                if let Some(folder) = self.renamed_in.first() {
                    self.broken.push(format!("said before the names in {folder} are synced: {text}"));
                }
            }
            Event::Said(_) => {}
        }
    }

    fn finish(&mut self, process: &str) {
        let Some((file, written)) = self.syncing.remove(process) else { return };
        self.renamed_in.remove(&file);
        // Syncs overlap on a slow disk: one that began earlier and ends later takes nothing back.
        let synced = self.synced.entry(file).or_default();
        *synced = written.max(*synced);
    }

    /// How many writes of the head were on the disk when the last acknowledgement came.
    fn heads_synced(&self, store: &str) -> usize {
        self.heads.iter().filter(|head| **head <= self.synced(store)).count()
    }
}

/// The events up to the acknowledgement of a commit.
fn until_said<'a>(events: &'a [Event], text: &str) -> &'a [Event] {
    let said = |event: &Event| matches!(event, Event::Said(said) if said.contains(text));
    &events[..=events.iter().position(said).unwrap()]
}

const PEOPLE: &str = "Contact Id,Contact First Name,Contact Last Name,Account Id,Account Name
C-1,Kathryn,Smith,A-1,Office Mart
C-2,Josh,Brown,A-1,Office Mart
";

#[test]
fn every_promise_is_synced_before_it_is_made() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).file("changed.csv", PEOPLE.replace("Josh", "Joshua"));
    let store = story.path(".local/share/muster/store/db").display().to_string();
    story.import("people.csv", 0);
    for (line, said) in [("import changed.csv", "Committed as"), ("undo 2 --yes", "Undid")] {
        let Some(events) = traced(&story, line) else { return };
        let reading = Reading::of(until_said(&events, said));
        assert_eq!(reading.broken, [] as [String; 0], "{line}");
        // The pending commit and the finished one; a third write only says that nothing is left over.
        assert!(reading.heads_synced(&store) >= 2, "{line}: {:?}, synced {}", reading.heads, reading.synced(&store));
        assert!(reading.said == 1 && reading.heads.len() >= 2, "{line}");
        assert_eq!(fs::read_dir(story.path(".local/share/muster/store/blobs")).unwrap().count(), 0, "{line}");
        // The reading can fail: without the syncs of the store, or of the folder, it finds each broken promise.
        let unsynced = |ending: &str| -> Vec<Event> {
            let lost = |event: &&Event| !matches!(event, Event::Syncs { file, .. } if file.ends_with(ending));
            until_said(&events, said).iter().filter(lost).cloned().collect()
        };
        assert_eq!(Reading::of(&unsynced("/store/db")).heads_synced(&store), 0);
        for ending in ["/store/db", "/base.json.new", "/muster"] {
            assert!(!Reading::of(&unsynced(ending)).broken.is_empty(), "{line} without the sync of {ending}");
        }
    }
}

/// How long every sync of a draft takes on the slow disk of the test, in microseconds.
const SLOW: u32 = 3_000_000;

/// How many writes of drafts there were, and how many of them are on the disk.
fn drafted(events: &[Event]) -> (u32, u32) {
    let reading = Reading::of(events);
    let of_drafts = |counts: &BTreeMap<String, u32>| -> u32 {
        counts.iter().filter(|(file, _)| file.ends_with(".draft")).map(|(_, count)| count).sum()
    };
    (of_drafts(&reading.written), of_drafts(&reading.synced))
}

#[test]
fn a_sync_of_the_folder_that_ends_late_takes_nothing_back() {
    let draft = "10</home/drafts/1.draft>";
    let lines = [
        format!("1 write({draft}, \"a\", 1) = 1"),
        format!("2 fdatasync({draft}) = 0 (DELAYED)"),
        "2 fsync(16</home/drafts> <unfinished ...>".to_owned(),
        format!("1 write({draft}, \"b\", 1) = 1"),
        format!("3 fdatasync({draft} <unfinished ...>"),
        "3 <... fdatasync resumed>) = 0 (DELAYED)".to_owned(),
        "2 <... fsync resumed>) = 0".to_owned(),
    ];
    let events: Vec<Event> = lines.iter().filter_map(|line| event(line)).collect();
    assert_eq!(drafted(&events), (2, 2));
    assert_eq!(drafted(&events[..5]), (2, 1));
}

#[test]
fn a_sync_that_begins_earlier_and_ends_later_takes_nothing_back() {
    let draft = "10</home/drafts/1.draft>";
    let lines = [
        format!("1 write({draft}, \"a\", 1) = 1"),
        format!("2 fdatasync({draft} <unfinished ...>"),
        format!("1 write({draft}, \"b\", 1) = 1"),
        format!("3 fdatasync({draft}) = 0 (DELAYED)"),
        "2 <... fdatasync resumed>) = 0 (DELAYED)".to_owned(),
    ];
    let events: Vec<Event> = lines.iter().filter_map(|line| event(line)).collect();
    assert_eq!(drafted(&events), (2, 2));
    assert_eq!(drafted(&events[..3]), (2, 0));
}

#[test]
fn on_a_slow_disk_a_decision_is_shown_at_once_and_said_to_be_saved_when_it_is_synced() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).file("conflicts.csv", fs::read(sample("conflicts.csv")).unwrap());
    if traced(&story, "check people.csv").is_none() {
        return;
    }
    let (trace, slow) = (story.path("slow").display().to_string(), format!("inject=fdatasync:delay_exit={SLOW}"));
    let calls = "trace=write,fsync,fdatasync";
    let muster = env!("CARGO_BIN_EXE_muster");
    let words = ["-f", "-y", "-s", "9", "-o", &trace, "-e", calls, "-e", &slow, muster, "conflicts.csv"];
    let mut command = pty::command("strace", &words);
    command.env("HOME", story.path(""));
    command.cwd(story.path(""));
    let mut app = pty::Session::start(command, (80, 24));
    app.wait_for("contact.first_name");
    app.send("c");
    app.wait_for("rows in all");
    app.send("v");
    app.wait_for("0 of 7 decided");
    for decided in ["1 of 7 decided", "2 of 7 decided", "3 of 7 decided"] {
        app.send(if decided.starts_with('3') { "x" } else { "d" });
        app.wait_for(decided);
    }
    // No key has waited for the disk: three syncs take longer than all of this.
    app.wait_for("3 of 7 decided, saved");
    let events: Vec<Event> = fs::read_to_string(&trace).unwrap().lines().filter_map(event).collect();
    app.signal(Signal::KILL);
    let (wrote, synced) = drafted(&events);
    assert!(wrote > 3, "{wrote} writes");
    assert_eq!(synced, wrote, "said to be saved before it was synced");
}

#[test]
fn a_copy_gets_its_place_when_it_is_synced() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    for line in ["backup --to copy", "restore --from copy --overwrite", "compact"] {
        let Some(events) = traced(&story, line) else { return };
        let reading = Reading::of(until_said(&events, "read back"));
        assert_eq!((reading.broken, reading.said), (Vec::new(), 1), "{line}");
    }
}
