//! A person with an empty home, a few files and muster on the command line.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

/// Longer than any command here needs, so that a hang becomes a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn of(output: Output) -> Answer {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Answer { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Checks the exit code, and that nothing went wrong beneath it.
    #[track_caller]
    pub fn exits(self, code: i32) -> Answer {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked") && !self.err.contains("bug in muster"), "{}", self.err);
        self
    }

    /// Checks that the message on standard error says this.
    #[track_caller]
    pub fn says(self, text: &str) -> Answer {
        assert!(self.err.contains(text), "no {text:?} in:\n{}", self.err);
        self
    }

    /// Checks that standard output says this.
    #[track_caller]
    pub fn shows(self, text: &str) -> Answer {
        assert!(self.out.contains(text), "no {text:?} in:\n{}", self.out);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// A home with files in it.
pub struct Story {
    home: tempfile::TempDir,
}

impl Story {
    pub fn new() -> Story {
        Story { home: tempfile::tempdir().unwrap() }
    }

    /// A path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file in the home.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Story {
        fs::write(self.path(name), content).unwrap();
        self
    }

    /// The text of a file in the home.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The command line, with an environment that says nothing about this machine.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::cargo_bin("muster").unwrap();
        let home = self.home.path();
        command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").env("TERM", "dumb").env("TZ", "UTC");
        command.current_dir(home).args(words).timeout(PATIENCE);
        command
    }

    /// Runs a command; words are separated by spaces, and by nothing else.
    pub fn muster(&self, line: &str) -> Answer {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs a command whose words have spaces in them.
    pub fn run(&self, words: &[&str]) -> Answer {
        Answer::of(self.command(words).output().unwrap())
    }

    /// The whole content of the base as one CSV.
    #[track_caller]
    pub fn export(&self) -> String {
        self.muster("export --to -").exits(0).out
    }

    /// `import FILE --json`, whose exit code must be this.
    #[track_caller]
    pub fn import(&self, line: &str, code: i32) -> Value {
        self.muster(&format!("import --json {line}")).exits(code).json()
    }
}

/// A file of the samples.
pub fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name).display().to_string()
}

/// The cells of one column of a CSV, by header.
pub fn column(csv: &str, header: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader.headers().unwrap().iter().position(|h| h == header).unwrap_or_else(|| panic!("no column {header}"));
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}
