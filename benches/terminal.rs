//! What the app costs on the line, and how soon it answers: the real binary in a pseudo-terminal of 120x40.
//!
//! `cargo bench --bench terminal -- [ROWS] [FOLDER]` (1,000,000 rows, some minutes) prints the time to the first frame,
//! bytes for each kind of key, updates a second, key to frame in the loop while an import of as many rows is checked and
//! written, and how soon the program is gone when the line drops. What a folder has is used, and what it lacks is made
//! and kept: `contacts-0.csv`, `base` (the import of it), `contacts-1.csv` (the same people, each row changed).
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench fails by panicking")]
#![expect(clippy::print_stdout, reason = "its lines are its result")]

#[path = "../examples/generate/people.rs"]
mod people;
#[path = "../tests/support/pty.rs"]
mod pty;
#[path = "../examples/generate/random.rs"]
mod random;
#[path = "../examples/generate/rows.rs"]
mod rows;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use pty::{Session, command};
use rustix::process::Signal;

const WINDOW: (u16, u16) = (120, 40);
/// When nothing came for so long, a key is answered.
const QUIET: Duration = Duration::from_millis(300);
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const QUERIES: [&str; 8] = ["smith", "jurgen muller", "anna berlin", "maria", "317 555", "@example", "org:ar", "zzz"];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let rows = arguments.next().map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let room = tempfile::tempdir().expect("a folder");
    let kept = arguments.next().map_or_else(|| room.path().join("kept"), PathBuf::from);
    let place = Place { kept, home: room.path().to_owned() };
    place.prepare(rows);
    println!("{:<44} {:>8} {:>8} {:>8}", "", "p50", "p99", "worst");
    first_frame(&place);
    bytes(&place);
    ends(&place);
    under_load(&place);
}

/// Files and base of the measurement, and a home that is thrown away.
struct Place {
    kept: PathBuf,
    home: PathBuf,
}

impl Place {
    /// Makes what is missing, and works on a copy of the base.
    fn prepare(&self, rows: u64) {
        fs::create_dir_all(&self.kept).expect("a folder");
        let base = self.kept.join("base");
        if !base.exists() {
            let mut import = Command::new(env!("CARGO_BIN_EXE_muster"));
            import.arg("import").arg(self.file(rows, 0)).env("HOME", &self.home).env("MUSTER_BASE", &base);
            assert!(import.output().expect("muster runs").status.success());
        }
        self.file(rows, 1);
        let copied = Command::new("cp").arg("-r").args([&base, &self.home.join("base")]).status().expect("cp runs");
        assert!(copied.success());
    }

    /// The file, made if it is not there.
    fn file(&self, rows: u64, change: u64) -> PathBuf {
        let path = self.kept.join(format!("contacts-{change}.csv"));
        if !path.exists() {
            let plan =
                rows::Plan { rows, seed: 1, columns: 36, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change };
            plan.write(File::create(&path).expect("a file")).expect("room for the file");
        }
        path
    }

    fn app(&self, arguments: &[&str]) -> Session {
        Session::start(self.command(arguments), WINDOW)
    }

    fn command(&self, arguments: &[&str]) -> CommandBuilder {
        let mut app = command(env!("CARGO_BIN_EXE_muster"), arguments);
        app.env("HOME", &self.home);
        app.env("MUSTER_BASE", self.home.join("base"));
        app.env("MUSTER_FRAMES", self.frames());
        app
    }

    /// Browse, when nothing is loaded any more.
    fn browse(&self) -> Session {
        let session = self.app(&[]);
        session.wait_for("Contacts:");
        while !session.silent_for(Duration::from_secs(2)) {}
        session
    }

    fn frames(&self) -> PathBuf {
        self.home.join("frames")
    }
}

/// From the start of the process until the first frame, and the first contacts, are on the screen.
fn first_frame(place: &Place) {
    let start = |_| {
        let start = Instant::now();
        let mut session = place.app(&[]);
        session.wait_for("1 Browse");
        let frame = start.elapsed().as_micros() as u64;
        session.wait_for("Contacts:");
        let contacts = start.elapsed().as_micros() as u64;
        session.send("q");
        session.exit_code();
        (frame, contacts)
    };
    let (frames, contacts) = (0..20).map(start).unzip();
    print("start to first frame, ms", frames, 1000.0);
    print("start to first contacts, ms", contacts, 1000.0);
}

/// Bytes for each kind of key, and when nothing happens.
fn bytes(place: &Place) {
    let mut session = place.browse();
    let before = session.bytes().len();
    session.silent_for(Duration::from_secs(60));
    print("bytes: idle for a minute", vec![(session.bytes().len() - before) as u64], 1.0);
    let mut measure = |name: &str, keys: &[&str]| {
        print(&format!("bytes: {name}"), keys.iter().map(|key| answer(&mut session, key)).collect(), 1.0);
    };
    measure("the selection moves in the window", &["j"; 26]);
    measure("it moves and the list scrolls down", &["j"; 80]);
    measure("it moves up in the window", &["k"; 26]);
    measure("it moves up and the list scrolls", &["k"; 80]);
    measure("a page", &["\x1b[6~"; 10]);
    measure("organizations, contacts", &["o"; 4]);
    answer(&mut session, "o");
    let mut measure = |name: &str, keys: &[&str]| {
        print(&format!("bytes: {name}"), keys.iter().map(|key| answer(&mut session, key)).collect(), 1.0);
    };
    measure("the selection moves among organizations", &["j"; 80]);
    answer(&mut session, "o");
    let mut letters = Vec::new();
    for query in QUERIES {
        answer(&mut session, "/");
        letters.extend(query.chars().map(|letter| answer(&mut session, letter.encode_utf8(&mut [0; 4]))));
        answer(&mut session, "\x1b");
        answer(&mut session, "\x1b");
    }
    print("bytes: a letter of a search", letters, 1.0);
    session.send("q");
    session.exit_code();
}

/// Sends a key; gives how many bytes it brought until nothing more came.
fn answer(session: &mut Session, key: &str) -> u64 {
    let before = session.bytes().len();
    session.send(key);
    while !session.silent_for(QUIET) {}
    (session.bytes().len() - before) as u64
}

/// Sends a key; gives how many bytes came in a time.
fn sent(session: &mut Session, key: &str, time: Duration) -> u64 {
    let (before, end) = (session.bytes().len(), Instant::now() + time);
    session.send(key);
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        session.silent_for(left);
    }
    (session.bytes().len() - before) as u64
}

/// From the end of the line until the process is gone, on the loaded base.
fn ends(place: &Place) {
    for (name, signal) in [("TERM", Some(Signal::TERM)), ("HUP", Some(Signal::HUP)), ("a closed terminal", None)] {
        let times = (0..5).map(|_| end(&mut place.browse(), signal)).collect();
        print(&format!("{name} to gone, ms"), times, 1000.0);
    }
}

/// Ends the program by a signal or by closing its terminal; gives how long that takes, in microseconds.
fn end(session: &mut Session, signal: Option<Signal>) -> u64 {
    let start = Instant::now();
    match signal {
        Some(signal) => session.signal(signal),
        None => session.hang_up(b"\x0c"),
    }
    session.exit_code();
    start.elapsed().as_micros() as u64
}

/// Key to frame in the loop, and updates a second, while an import runs in the background.
fn under_load(place: &Place) {
    let mut session = check(place);
    updates(&session, "updates a second while it is checked", CHECKING);
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("Importing");
    session.send("1");
    keys(place, &mut session, "key to frame while rows are written, ms", &["Importing"]);
    session.signal(Signal::TERM);
    session.exit_code();
    let mut session = check(place);
    session.send("1");
    keys(place, &mut session, "key to frame while rows are checked, ms", CHECKING);
    session.signal(Signal::TERM);
    session.exit_code();
}

const CHECKING: &[&str] = &["Checking", "Comparing"];

/// The app while it checks the large file.
fn check(place: &Place) -> Session {
    let mut session = place.app(&[place.file(0, 1).to_str().expect("a plain path")]);
    session.wait_for("SAMPLES");
    while !session.silent_for(Duration::from_secs(2)) {}
    session.send("c");
    session.wait_for("Checking");
    session
}

fn runs(session: &Session, doing: &[&str]) -> bool {
    let text = session.text();
    doing.iter().any(|word| text.contains(word))
}

/// Frames a second that come by themselves.
fn updates(session: &Session, name: &str, doing: &[&str]) {
    let (before, start) = (session.bytes().len(), Instant::now());
    while runs(session, doing) {
        session.silent_for(QUIET);
    }
    let frames = session.bytes()[before..].windows(BEGIN_FRAME.len()).filter(|bytes| *bytes == BEGIN_FRAME).count();
    println!("{name:<44} {:>8.1}", frames as f64 / start.elapsed().as_secs_f64());
}

/// What a person does in Browse; it ends where it began.
const BROWSING: [&str; 20] = [
    "j", "j", "\x1b[6~", "k", "/", "m", "a", "r", "i", "\x1b", "\x1b", "j", "o", "j", "o", "?", "\x1b", "\r", "j",
    "\x1b",
];

/// Presses keys as long as the bottom line shows that work runs; in what the keys open it is not to be seen.
fn keys(place: &Place, session: &mut Session, name: &str, doing: &[&str]) {
    let before = frames(&place.frames()).len();
    while runs(session, doing) {
        for key in BROWSING {
            session.send(key);
            // A lone Esc counts when nothing came behind it.
            session.silent_for(Duration::from_millis(30));
            let pause = if key == "\x1b" { 150 } else { 30 };
            sent(session, "", Duration::from_millis(pause));
        }
    }
    let waited = frames(&place.frames())[before..].iter().filter_map(|(waited, _)| *waited).collect();
    print(name, waited, 1000.0);
}

/// The frames that the app has logged: microseconds since the key, bytes.
fn frames(path: &Path) -> Vec<(Option<u64>, u64)> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = |line: &str| {
        let (waited, bytes) = line.split_once(' ')?;
        Some((waited.parse().ok(), bytes.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// A line of the result: `what p50 p99 worst (of 20)`.
fn print(what: &str, mut values: Vec<u64>, unit: f64) {
    values.sort_unstable();
    let at = |part: f64| {
        let place = ((values.len() as f64 * part).ceil() as usize).clamp(1, values.len().max(1)) - 1;
        values.get(place).map_or(0.0, |value| *value as f64 / unit)
    };
    let digits = if unit > 1.0 { 1 } else { 0 };
    let [half, most, worst] = [0.5, 0.99, 1.0].map(|part| format!("{:.digits$}", at(part)));
    println!("{what:<44} {half:>8} {most:>8} {worst:>8}  of {}", values.len());
}
