//! What is killed, and what may be left of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use muster::base::{Base, Put};
use muster::model::fields::Entity;
use uuid::Uuid;

use crate::story::Story;
use crate::{delay, start, story};

/// Something muster does, that a kill may interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    FirstOpen,
    FirstImport,
    Import,
    Undo,
    Backup,
    Restore,
    Compact,
    Forget,
}

impl Deed {
    pub const ALL: [Deed; 8] = [
        Deed::FirstOpen,
        Deed::FirstImport,
        Deed::Import,
        Deed::Undo,
        Deed::Backup,
        Deed::Restore,
        Deed::Compact,
        Deed::Forget,
    ];

    /// The folder in which it begins.
    fn begins(self) -> &'static str {
        match self {
            Deed::FirstOpen | Deed::FirstImport => "nothing",
            Deed::Import => "first",
            Deed::Undo | Deed::Backup | Deed::Restore | Deed::Compact | Deed::Forget => "second",
        }
    }

    fn line(self, n: u32) -> String {
        let threads = 1 + n % 3;
        let line = match self {
            Deed::FirstOpen => "import one.csv".to_owned(),
            Deed::FirstImport => format!("import people.csv --threads {threads}"),
            Deed::Import => format!("import changed.csv --blank clear --threads {threads}"),
            Deed::Undo => "undo 2 --yes".to_owned(),
            Deed::Backup => format!("backup --to copies/{n}"),
            Deed::Restore => "restore --from first --overwrite".to_owned(),
            Deed::Compact => "compact".to_owned(),
            Deed::Forget => format!("forget contact {} --yes", somebody()),
        };
        format!("--base work {line}")
    }
}

/// The Contact ID of the first of the people.
fn somebody() -> String {
    format!("003{:016X}", crate::random::scramble(1 << 40))
}

/// All that a base holds, record by record.
#[derive(PartialEq)]
struct Held {
    commit: u64,
    records: BTreeMap<(Entity, String), (Put, Uuid)>,
}

impl Held {
    /// Opens the base as the next start does; any damage fails. Also gives how long opening took.
    fn of(dir: &Path) -> (Held, Duration) {
        let started = Instant::now();
        let base = Base::open(dir, Duration::from_secs(10)).unwrap();
        let took = started.elapsed();
        let report = base.verify(&mut |_, _| {}, &AtomicBool::new(false)).unwrap();
        assert_eq!(report.damages, 0, "{:?}", report.damaged.first());
        let records = [Entity::Contact, Entity::Organization].into_iter().flat_map(|entity| {
            let stored = base.scan(entity, "").map(Result::unwrap);
            stored.map(move |(id, record)| ((entity, id), (Put::from(record.clone()), record.internal)))
        });
        (Held { commit: base.head().commit, records: records.collect() }, took)
    }

    /// Whether it is that state, reached from another. A record that is created gets another internal ID in each run.
    fn reached(&self, after: &Held, before: &Held) -> bool {
        let kept = |key, internal| before.records.get(key).is_none_or(|(_, before)| before == internal);
        self.commit == after.commit
            && self.records.len() == after.records.len()
            && self.records.iter().zip(&after.records).all(|((key, (put, internal)), (other_key, (other, _)))| {
                key == other_key && put == other && kept(key, internal)
            })
    }
}

/// Kills the first import of that many rows while they are written, and tells how long the next start takes to take it back.
pub fn recover(rows: u64) {
    let story = story(rows);
    let db = story.path("work/store/db");
    let size = || fs::metadata(&db).map_or(0, |found| found.len());
    let mut child = start(&story, "--base work import people.csv");
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    let (whole, mut slowest) = (size(), Duration::ZERO);
    for share in [0.2, 0.4, 0.6, 0.8, 0.95] {
        fs::remove_dir_all(story.path("work")).unwrap();
        let mut child = start(&story, "--base work import people.csv");
        while (size() as f64) < whole as f64 * share && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let written = size() >> 20;
        let started = Instant::now();
        let base = Base::open(&story.path("work"), Duration::from_secs(10)).unwrap();
        let took = started.elapsed();
        let contacts = base.head().contacts;
        println!("killed with {written} MB written: open after {} ms, {contacts} contacts", took.as_millis());
        assert!(contacts == 0 || contacts == rows, "{contacts} of {rows}");
        slowest = slowest.max(took);
    }
    println!("slowest open after a kill in the import of {rows} rows: {} ms", slowest.as_millis());
}

/// Kills each deed so many times. Prints what was left.
pub fn kill_each(kills: u32, rows: u64) {
    let story = story(rows);
    story.file("one.csv", "Contact Id,Contact First Name,Contact Last Name\nC-1,Kathryn,Smith\n");
    let home = story.path("");
    fs::create_dir(home.join("nothing")).unwrap();
    story.muster("--base second import people.csv").exits(0);
    story.muster("--base second backup --to first").exits(0);
    story.muster("--base second import changed.csv --blank clear").exits(0);
    println!("{:<12} {:>5} {:>7} {:>6} {:>13} {:>12}", "", "kills", "before", "after", "acknowledged", "slowest open");
    for deed in Deed::ALL {
        let tally = kill(&story, deed, kills);
        println!(
            "{:<12} {kills:>5} {:>7} {:>6} {:>13} {:>9} ms",
            format!("{deed:?}"),
            tally.before,
            tally.after,
            tally.acknowledged,
            tally.slowest.as_millis()
        );
    }
}

#[derive(Default)]
struct Tally {
    before: u32,
    after: u32,
    acknowledged: u32,
    slowest: Duration,
}

fn kill(story: &Story, deed: Deed, kills: u32) -> Tally {
    let (work, begin) = (story.path("work"), story.path(deed.begins()));
    let renew = || {
        let _ = fs::remove_dir_all(&work);
        copy_folder(&begin, &work);
    };
    renew();
    let before = Held::of(&work).0;
    let started = Instant::now();
    story.muster(&deed.line(u32::MAX)).exits(0);
    let span = started.elapsed();
    let after = Held::of(&work).0;
    let copies = story.path("copies");
    let mut tally = Tally::default();
    renew();
    for n in 0..kills {
        let mut child = start(story, &deed.line(n));
        std::thread::sleep(delay(n, span));
        child.kill().unwrap();
        let acknowledged = child.wait().unwrap().success();
        if n % 3 == 2 {
            // What takes a killed commit back is itself killed.
            let mut child = start(story, "--base work verify");
            std::thread::sleep(delay(n, Duration::from_millis(60)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let (found, took) = Held::of(&work);
        let is_after = match deed {
            Deed::Backup => backup_is_whole(&copies.join(n.to_string()), &before),
            Deed::Compact => acknowledged,
            _ => found.reached(&after, &before),
        };
        if deed == Deed::Forget && is_after {
            // What the old files still hold goes when it is said again.
            story.muster(&deed.line(n)).exits(0).shows("are nowhere in");
        }
        let same = matches!(deed, Deed::Backup | Deed::Compact);
        assert!(found == before || (is_after && !same), "{deed:?}, kill {n}: neither before nor after");
        assert!(is_after || !acknowledged, "{deed:?}, kill {n}: acknowledged, and lost");
        assert!(
            !work.join("store/blobs").exists() || is_empty(&work.join("store/blobs")),
            "{deed:?}, kill {n}: a blob"
        );
        assert!(
            names(&work).iter().all(|name| KNOWN.contains(&name.as_str())),
            "{deed:?}, kill {n}: {:?}",
            names(&work)
        );
        tally.before += u32::from(!is_after);
        tally.after += u32::from(is_after);
        tally.acknowledged += u32::from(acknowledged);
        tally.slowest = tally.slowest.max(took);
        if is_after {
            renew();
        }
    }
    if deed == Deed::Backup {
        story.muster(&deed.line(kills)).exits(0);
        assert!(names(&copies).iter().all(|name| !name.starts_with('.')), "half copies: {:?}", names(&copies));
    }
    tally
}

/// What the folder of a base may hold once it is opened.
const KNOWN: [&str; 4] = ["base.json", "base.json.new", "lock", "store"];

/// A backup is there and whole, or not there at all.
fn backup_is_whole(copy: &Path, expected: &Held) -> bool {
    let there = copy.exists();
    assert!(!there || Held::of(copy).0 == *expected, "half a backup");
    there
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

fn names(dir: &Path) -> Vec<String> {
    let Ok(files) = fs::read_dir(dir) else { return Vec::new() };
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

fn copy_folder(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(file.file_name());
        if file.metadata().unwrap().is_dir() {
            copy_folder(&file.path(), &to);
        } else {
            fs::copy(file.path(), to).unwrap();
        }
    }
}
