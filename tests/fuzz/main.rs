//! Bytes that nobody meant to send, for everything that takes bytes from outside.
//!
//! An execution must not panic, must hold what its target promises (`files.rs`, `stored.rs`, `home.rs`, `typed.rs`), and must end soon.
//! Inputs are mutations of a corpus: what each target makes of valid data, the inputs in `tests/fixtures/fuzz/TARGET.txt` (a line each, as
//! `escape_ascii` writes them: what failed once, and what long runs have found of different behaviours), and what showed something new on the
//! way. The suite takes the corpus and a few thousand mutations; the long run is
//!
//! ```text
//! MUSTER_FUZZ_SECONDS=3600 cargo test --test fuzz -- --ignored --nocapture
//! ```
//!
//! It is no release build on purpose: overflow checks and debug assertions find more than speed does. `MUSTER_FUZZ_TARGET` runs one target
//! alone, `MUSTER_FUZZ_SEED` repeats a run, `MUSTER_FUZZ_KEEP=tests/fixtures/fuzz` writes a small corpus of what it found.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod files;
mod home;
mod mutate;
#[path = "../../examples/generate/random.rs"]
mod random;
mod stored;
mod typed;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use random::Random;
use rstest::rstest;

/// Longer than any input may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many inputs that showed something new are kept beside the corpus.
const KEPT: usize = 4000;

/// Of those, how many of a target are kept in the repository, and how long such an input may be.
const SMALL: (usize, usize) = (48, 400);

/// What a run of a target has shown: anything that tells one behaviour from another.
pub type Seen = Box<dyn FnMut(&[u8]) -> u64>;

/// Something that takes bytes from outside.
struct Target {
    name: &'static str,
    /// Valid inputs.
    seeds: fn() -> Vec<Vec<u8>>,
    words: &'static [&'static [u8]],
    /// The longest input in bytes.
    most: usize,
    /// Makes the function that takes an input.
    make: fn() -> Seen,
}

const TARGETS: &[Target] = &[
    Target { name: "file", seeds: files::samples, words: mutate::CSV, most: 3 << 20, make: files::file },
    Target { name: "header", seeds: files::headers, words: mutate::CSV, most: 4096, make: files::header },
    Target { name: "import", seeds: files::small_samples, words: mutate::CSV, most: 1 << 14, make: files::import },
    Target { name: "page", seeds: stored::pages, words: mutate::BINARY, most: 1 << 16, make: stored::page },
    Target { name: "record", seeds: stored::records, words: mutate::BINARY, most: 1 << 14, make: stored::record },
    Target { name: "delta", seeds: stored::deltas, words: mutate::BINARY, most: 1 << 14, make: stored::delta },
    Target { name: "history", seeds: stored::entries, words: mutate::BINARY, most: 1 << 14, make: stored::entry },
    Target { name: "json", seeds: stored::json_seeds, words: mutate::JSON, most: 1 << 14, make: stored::json },
    Target { name: "config", seeds: home::configs, words: mutate::TOML, most: 4096, make: home::config },
    Target { name: "draft", seeds: home::drafts, words: mutate::JSON, most: 1 << 14, make: home::draft },
    Target { name: "cell", seeds: typed::cells, words: mutate::CSV, most: 1 << 13, make: typed::cell },
    Target { name: "query", seeds: typed::queries, words: mutate::QUERY, most: 512, make: typed::query },
    Target { name: "keys", seeds: typed::keystrokes, words: mutate::KEYS, most: 1 << 12, make: typed::keys },
];

/// A hash of what was seen.
pub fn seen(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// The corpus of a target in the repository.
fn kept(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz");
    let lines = fs::read_to_string(folder.join(target.name).with_extension("txt")).unwrap();
    lines.lines().map(unescaped).collect()
}

/// The bytes that `escape_ascii` has written as a line.
fn unescaped(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte.unwrap()).to_digit(16).unwrap() as u8;
        bytes.push(match byte {
            b'\\' => match rest.next().unwrap() {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => digit(rest.next()) << 4 | digit(rest.next()),
                other => other,
            },
            byte => byte,
        });
    }
    bytes
}

/// A target being run.
struct Run {
    target: &'static Target,
    take: Seen,
    corpus: Vec<Vec<u8>>,
    shown: HashSet<u64>,
    random: Random,
    executions: u64,
    slowest: Duration,
    /// Where it panicked, or that it was slow, with the file that holds the input.
    failures: BTreeMap<String, PathBuf>,
}

impl Run {
    /// A run that has taken the whole corpus as it is. From then on panics are kept, not printed.
    fn new(target: &'static Target, seed: u64) -> Run {
        let corpus = [(target.seeds)(), kept(target)].concat();
        quiet_panics();
        let mut run = Run {
            target,
            take: (target.make)(),
            corpus: Vec::new(),
            shown: HashSet::new(),
            random: Random::new(seed, 0, 0),
            executions: 0,
            slowest: Duration::ZERO,
            failures: BTreeMap::new(),
        };
        assert!(!corpus.is_empty(), "{} has no seeds", target.name);
        corpus.iter().for_each(|input| run.execute(input));
        run.corpus = corpus;
        run
    }

    fn step(&mut self) {
        let input = mutate::mutated(&mut self.random, &self.corpus, self.target.words, self.target.most);
        self.execute(&input);
    }

    fn execute(&mut self, input: &[u8]) {
        let mut timed = || {
            let started = Instant::now();
            (panic::catch_unwind(AssertUnwindSafe(|| (self.take)(input))), started.elapsed())
        };
        let (mut taken, mut took) = timed();
        if took > PATIENCE {
            // Was it the input, or was the machine busy with something else?
            let before = processor_time();
            taken = timed().0;
            took = processor_time() - before;
        }
        self.executions += 1;
        self.slowest = self.slowest.max(took);
        match taken {
            Ok(shown) if took > PATIENCE => self.fail(&format!("slow {shown}"), input),
            Ok(shown) => {
                if self.shown.insert(shown) && self.corpus.len() < KEPT && input.len() < 1 << 15 {
                    self.corpus.push(input.to_vec());
                }
            }
            Err(_) => {
                let place = LAST_PANIC.lock().unwrap().take().unwrap_or_default();
                self.fail(&place, input);
                self.take = (self.target.make)();
            }
        }
    }

    /// A small corpus of the behaviours that were found: of the whole run, not only of its first minutes. Each input is cut
    /// down as far as it shows the same.
    fn small_corpus(&mut self) -> String {
        let short: Vec<Vec<u8>> = self.corpus.iter().filter(|input| input.len() <= SMALL.1).cloned().collect();
        let some = short.iter().step_by(short.len().div_ceil(SMALL.0).max(1));
        let lines: BTreeSet<String> = some.map(|input| format!("{}\n", self.cut_down(input).escape_ascii())).collect();
        lines.into_iter().collect()
    }

    fn cut_down(&mut self, input: &[u8]) -> Vec<u8> {
        let shown = (self.take)(input);
        let mut input = input.to_vec();
        let mut size = input.len() / 2;
        // Smaller parts take more tries than they are worth.
        while size > input.len() / 32 {
            for at in (0..input.len()).step_by(size).rev() {
                let shorter = [&input[..at.min(input.len())], &input[(at + size).min(input.len())..]].concat();
                let taken = panic::catch_unwind(AssertUnwindSafe(|| (self.take)(&shorter)));
                if taken.is_ok_and(|now| now == shown) {
                    input = shorter;
                }
            }
            size /= 2;
        }
        input
    }

    /// Keeps the input of a failure; of those in one place the shortest.
    fn fail(&mut self, place: &str, input: &[u8]) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}-{:x}", self.target.name, seen(&place)));
        let shorter = fs::metadata(&path).is_ok_and(|found| found.len() <= input.len() as u64);
        if !(shorter && self.failures.contains_key(place)) {
            fs::write(&path, input).unwrap();
        }
        self.failures.insert(place.to_owned(), path);
    }

    fn told(&self) -> String {
        let (name, slowest) = (self.target.name, self.slowest.as_millis());
        let failures: String =
            self.failures.iter().map(|(place, path)| format!("\n    {place}\n    {}", path.display())).collect();
        format!(
            "{name:8} {:>12} executions, {:>5} behaviours, slowest {slowest} ms{failures}",
            self.executions,
            self.shown.len()
        )
    }
}

/// Where the last panic was, on whichever thread.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Panics of inputs are kept, not printed.
fn quiet_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let own = panic.location().is_some_and(|place| place.file().ends_with("fuzz/main.rs"));
        if own {
            return usual(panic);
        }
        let text = panic.to_string().chars().take(600).collect();
        *LAST_PANIC.lock().unwrap() = Some(text);
    }));
}

/// How long the threads of the process have run on a processor.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // Behind the name of the program: the 12th and 13th words are ticks of a hundredth of a second.
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).map(|word| word.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}

/// The most memory that the process ever had, in bytes.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[rstest]
fn every_target_takes_the_corpus_and_its_mutations(
    #[values(
        "file", "header", "import", "page", "record", "delta", "history", "json", "config", "draft", "cell", "query",
        "keys"
    )]
    name: &str,
) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let mut run = Run::new(target, 7);
    let end = Instant::now() + Duration::from_secs(3);
    while run.executions < 3000 && Instant::now() < end {
        run.step();
    }
    assert!(run.failures.is_empty(), "{}", run.told());
    assert!(run.shown.len() > 3, "the target sees no difference: {}", run.told());
}

/// The long run; one thread, targets in turn.
#[test]
#[ignore = "takes as long as MUSTER_FUZZ_SECONDS says, an hour if it says nothing"]
fn long() {
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (seconds, seed) = (number("MUSTER_FUZZ_SECONDS", 3600), number("MUSTER_FUZZ_SEED", std::process::id().into()));
    let only = std::env::var("MUSTER_FUZZ_TARGET").ok();
    let chosen = TARGETS.iter().filter(|target| only.as_ref().is_none_or(|only| only == target.name));
    let mut runs: Vec<Run> = chosen.map(|target| Run::new(target, seed)).collect();
    println!("seed {seed}, {seconds} s");
    let started = Instant::now();
    let turn = Duration::from_secs(seconds) / (10 * runs.len().max(1) as u32);
    for _ in 0..10 {
        for run in &mut runs {
            let end = Instant::now() + turn;
            while Instant::now() < end {
                run.step();
            }
        }
        runs.iter().for_each(|run| println!("{}", run.told()));
        println!("{}", sum(&runs, started.elapsed()));
    }
    if let Ok(folder) = std::env::var("MUSTER_FUZZ_KEEP") {
        for run in &mut runs {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder).join(run.target.name).with_extension("txt");
            fs::write(path, run.small_corpus()).unwrap();
        }
    }
    assert!(runs.iter().all(|run| run.failures.is_empty()), "see above");
    assert!(peak_memory() < 1 << 30, "memory grew with an input");
}

/// What a run has done so far, in one line.
fn sum(runs: &[Run], time: Duration) -> String {
    let executions: u64 = runs.iter().map(|run| run.executions).sum();
    let crashes: usize = runs.iter().map(|run| run.failures.len()).sum();
    let (targets, seconds, memory) = (runs.len(), time.as_secs(), peak_memory() >> 20);
    format!(
        "{executions} executions over {targets} targets in {seconds} s: {crashes} crashes, at most {memory} MB of memory\n"
    )
}
