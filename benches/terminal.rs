//! What the app costs on the line, and how soon it answers: the real binary in a pseudo-terminal of 120x40.
//!
//! `cargo bench --bench terminal -- [ROWS] [FOLDER]` (1,000,000 rows; a folder keeps files and base for the next run)
//! prints the time to the first frame, bytes for each kind of key, updates a second, and key to frame in the loop while
//! an import of as many rows runs in the background.
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

const WINDOW: (u16, u16) = (120, 40);
/// When nothing came for so long, a key is answered.
const QUIET: Duration = Duration::from_millis(60);
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const QUERIES: [&str; 6] = ["smith", "jurgen muller", "anna berlin", "317 555", "@example", "zzz"];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let rows = arguments.next().map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let room = tempfile::tempdir().expect("a folder");
    let kept = arguments.next().map_or_else(|| room.path().to_owned(), PathBuf::from);
    let place = Place { kept, home: room.path().to_owned() };
    place.prepare(rows);
    first_frame(&place);
    for term in ["xterm-256color", "xterm"] {
        bytes(&place, term);
    }
    under_load(&place);
}

/// Files and base of the measurement, and a home that is thrown away.
struct Place {
    kept: PathBuf,
    home: PathBuf,
}

impl Place {
    fn file(&self, change: u64) -> PathBuf {
        self.kept.join(format!("contacts-{change}.csv"))
    }

    fn base(&self) -> PathBuf {
        self.home.join("base")
    }

    /// Makes what is missing, and works on a copy of the base.
    fn prepare(&self, rows: u64) {
        for change in [0, 1] {
            let path = self.file(change);
            if !path.exists() {
                let plan =
                    rows::Plan { rows, seed: 1, columns: 36, rows_per_account: 4, conflicts: 0.0, broken: 0.0, change };
                plan.write(File::create(&path).expect("a file")).expect("room for the file");
            }
        }
        let base = self.kept.join("base");
        if !base.exists() {
            let mut import = Command::new(env!("CARGO_BIN_EXE_muster"));
            import.arg("import").arg(self.file(0)).env("HOME", &self.home).env("MUSTER_BASE", &base);
            assert!(import.output().expect("muster runs").status.success());
        }
        if base != self.base() {
            let copied = Command::new("cp").arg("-r").args([&base, &self.base()]).status().expect("cp runs");
            assert!(copied.success());
        }
    }

    fn app(&self, arguments: &[&str], term: &str) -> CommandBuilder {
        let mut app = command(env!("CARGO_BIN_EXE_muster"), arguments);
        app.env("HOME", &self.home);
        app.env("MUSTER_BASE", self.base());
        app.env("MUSTER_FRAMES", self.frames());
        app.env("TERM", term);
        app
    }

    fn frames(&self) -> PathBuf {
        self.home.join("frames")
    }
}

/// From the start of the process until the first frame is on the screen.
fn first_frame(place: &Place) {
    let mut times: Vec<u64> = (0..20)
        .map(|_| {
            let start = Instant::now();
            let mut session = Session::start(place.app(&[], "xterm"), WINDOW);
            session.wait_for("1 Browse");
            let time = start.elapsed();
            session.wait_for("Contacts:");
            session.send("q");
            session.exit_code();
            time.as_micros() as u64
        })
        .collect();
    println!("first frame, ms: {}", spread(&mut times, 1000.0));
}

/// Bytes for each kind of key, and when nothing happens.
fn bytes(place: &Place, term: &str) {
    let mut session = Session::start(place.app(&[], term), WINDOW);
    session.wait_for("Contacts:");
    while !session.silent_for(Duration::from_secs(2)) {}
    let idle = session.bytes().len();
    session.silent_for(Duration::from_secs(60));
    println!("\n{term}, bytes:\nidle, a minute: {}", session.bytes().len() - idle);
    let mut measure = |name: &str, keys: &[&str]| {
        let mut counts: Vec<u64> = keys.iter().map(|key| answer(&mut session, key)).collect();
        println!("{name}: {}", spread(&mut counts, 1.0));
    };
    measure("selection, within the window", &["j"; 20]);
    measure("selection, the list scrolls down", &["j"; 100]);
    measure("selection, up", &["k"; 100]);
    measure("half a page", &["\x04"; 20]);
    measure("page", &["\x1b[6~"; 20]);
    measure("first and last", &["G", "g", "G", "g"]);
    measure("contacts and organizations", &["o", "o", "o", "o"]);
    measure("selection among organizations", &[&["o"][..], &["j"; 100]].concat()[1..]);
    let mut letters: Vec<u64> = Vec::new();
    for query in QUERIES {
        answer(&mut session, "/");
        letters.extend(query.chars().map(|letter| answer(&mut session, letter.encode_utf8(&mut [0; 4]))));
        answer(&mut session, "\x1b");
        answer(&mut session, "\x1b");
    }
    println!("a letter of a search: {}", spread(&mut letters, 1.0));
    session.send("q");
    session.exit_code();
}

/// Sends a key; gives how many bytes it brought.
fn answer(session: &mut Session, key: &str) -> u64 {
    let before = session.bytes().len();
    session.send(key);
    while !session.silent_for(QUIET) {}
    (session.bytes().len() - before) as u64
}

/// Key to frame in the loop, and frames without a key, while an import runs in the background.
fn under_load(place: &Place) {
    let file = place.file(1);
    let mut session = Session::start(place.app(&[file.to_str().expect("a plain path")], "xterm"), WINDOW);
    session.wait_for("SAMPLES");
    while !session.silent_for(Duration::from_secs(2)) {}
    println!("\nkey to frame while an import runs, ms:");
    session.send("c");
    session.wait_for("Checking");
    while_it_runs(place, &mut session, "check, watched", &["Checking", "Comparing"], Keys::None);
    session.wait_for("rows in all");
    session.send("m");
    session.wait_for("SAMPLES");
    session.send("c");
    session.wait_for("Checking");
    session.send("1");
    session.wait_for("Contacts:");
    while_it_runs(place, &mut session, "check and plan", &["Checking", "Comparing"], Keys::Browse);
    while !session.text().contains("rows in all") {
        session.send("\x1b");
        session.silent_for(QUIET);
        session.send("2");
        session.silent_for(QUIET);
    }
    session.send("i");
    session.wait_for("Import now?");
    session.send("y");
    session.wait_for("Importing");
    session.send("1");
    session.wait_for("Contacts:");
    while_it_runs(place, &mut session, "commit", &["Importing"], Keys::Browse);
    session.signal(rustix::process::Signal::TERM);
    session.exit_code();
}

#[derive(PartialEq)]
enum Keys {
    None,
    Browse,
}

/// Presses keys as long as the bottom line shows that work runs.
fn while_it_runs(place: &Place, session: &mut Session, name: &str, doing: &[&str], keys: Keys) {
    let before = frames(&place.frames()).len();
    let (bytes, start) = (session.bytes().len(), Instant::now());
    let mut pressed =
        ["j", "j", "j", "\x1b[6~", "k", "/", "s", "m", "i", "\x1b", "\x1b", "j", "o", "o", "?", "\x1b"].iter().cycle();
    while doing.iter().any(|word| session.text().contains(word)) {
        if keys == Keys::Browse {
            session.send(pressed.next().expect("a cycle has no end"));
        }
        session.silent_for(Duration::from_millis(30));
    }
    let seconds = start.elapsed().as_secs_f64();
    let all = frames(&place.frames());
    let mut answers: Vec<u64> = all[before..].iter().filter_map(|(waited, _)| *waited).collect();
    let sent = session.bytes();
    let others =
        sent[bytes..].windows(BEGIN_FRAME.len()).filter(|w| *w == BEGIN_FRAME).count().saturating_sub(answers.len());
    println!(
        "{name}: {} in {seconds:.1} s; {:.1} other frames a second",
        spread(&mut answers, 1000.0),
        others as f64 / seconds
    );
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

/// `p50 1 p99 2 worst 3 (of 100)`
fn spread(values: &mut [u64], unit: f64) -> String {
    values.sort_unstable();
    let at = |part: f64| {
        let place = ((values.len() as f64 * part).ceil() as usize).clamp(1, values.len().max(1)) - 1;
        values.get(place).map_or(0.0, |value| *value as f64 / unit)
    };
    let digits = if unit > 1.0 { 1 } else { 0 };
    format!("p50 {:.digits$}  p99 {:.digits$}  worst {:.digits$}  (of {})", at(0.5), at(0.99), at(1.0), values.len())
}
