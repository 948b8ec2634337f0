//! The app without a terminal: its state, and the real jobs on a base in a folder of its own.
#![allow(dead_code, unused_imports, reason = "each test file uses what it needs")]

#[path = "dump.rs"]
mod dump;

#[allow(unused_imports, reason = "each test file uses what it needs")]
pub use dump::{SIZES, USUAL};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use muster::app::effect::Effect;
use muster::app::key::{Code, Key};
use muster::app::message::{Message, Size};
use muster::app::screen::import::open_file;
use muster::app::state::State;
use muster::app::update::update;
use muster::base::Base;
use muster::home::paths::Paths;
use muster::tui::theme::Theme;
use muster::tui::work::{Flows, Place};
use muster::tui::worker::{Envelope, Workers};
use tempfile::TempDir;

/// Where the app has its base and its traces in its folder.
pub fn paths(room: &Path) -> Paths {
    let folder = |name: &str| room.join(name);
    Paths { base: folder("base"), state: folder("state"), cache: folder("cache"), config: folder("c") }
}

/// The app on a base of its own.
pub struct Drive {
    pub state: State,
    workers: Workers,
    reports: Receiver<Envelope>,
    room: TempDir,
}

impl Drive {
    /// The app on an empty base, in a window of a size, when the base is open.
    pub fn new(size: (u16, u16)) -> Drive {
        Drive::on(tempfile::tempdir().unwrap(), size)
    }

    /// The app as the next start finds it, after this one ended without a word.
    pub fn restart(self) -> Drive {
        self.again(|_| ())
    }

    /// Ends the app, lets somebody do something to its base, and starts it anew.
    pub fn again(self, between: impl FnOnce(&Base)) -> Drive {
        let size = self.state.size;
        let room = self.leave();
        let base = Base::open(&room.path().join("base"), Duration::from_secs(10)).unwrap();
        between(&base);
        drop(base);
        Drive::on(room, (size.width, size.height))
    }

    /// Ends the app without a word; gives its folder.
    pub fn leave(self) -> TempDir {
        let Drive { mut workers, room, .. } = self;
        workers.stop(Duration::from_secs(30));
        room
    }

    fn on(room: TempDir, (width, height): (u16, u16)) -> Drive {
        let paths = paths(room.path());
        let (workers, reports) = Workers::new(Arc::new(Flows::new(Place { paths, ..Place::default() })));
        let (state, effects) = State::new(Size { width, height });
        let mut drive = Drive { state, workers, reports, room };
        drive.perform(effects);
        drive.settle();
        drive
    }

    /// A path in the app's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// A file in the app's folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.room.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A copy of a sample in the app's folder.
    pub fn sample(&self, name: &str) -> PathBuf {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        self.file(name, std::fs::read(samples.join(name)).unwrap())
    }

    /// Opens the import of a file.
    pub fn open(&mut self, path: PathBuf) {
        let effects = open_file(&mut self.state, path);
        self.perform(effects);
        self.settle();
    }

    /// Does effects: jobs run, others are for a terminal.
    pub fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(job) => self.workers.start(job).unwrap(),
                Effect::Cancel(slot) => self.workers.cancel(slot),
                Effect::Keep { file, begins, entries } => self.workers.keep(&file, begins, entries),
                _ => {}
            }
        }
    }

    /// Takes reports in until no job runs.
    pub fn settle(&mut self) {
        while !self.state.running.is_empty() {
            let envelope = self.reports.recv_timeout(Duration::from_secs(30)).expect("the jobs answer");
            if let Some(message) = self.workers.accept(envelope) {
                self.send(message);
            }
        }
    }

    /// Sends a message, without waiting for what it starts.
    pub fn send(&mut self, message: Message) {
        let effects = update(&mut self.state, message);
        self.perform(effects);
    }

    /// Presses a key and waits for what it starts.
    pub fn key(&mut self, key: Key) {
        self.send(Message::Key(key));
        self.settle();
    }

    /// Presses characters one after the other.
    pub fn keys(&mut self, keys: &str) {
        keys.chars().for_each(|c| self.key(Key::char(c)));
    }

    /// Presses a key that types nothing.
    pub fn code(&mut self, code: Code) {
        self.key(Key::plain(code));
    }

    /// Gives the window another size.
    pub fn resize(&mut self, (width, height): (u16, u16)) {
        self.send(Message::Resized(Size { width, height }));
        self.settle();
    }

    /// The screen, with a layer of styles.
    pub fn picture(&self, theme: &Theme) -> String {
        dump::picture(&self.state, theme)
    }

    /// The screen in windows of these sizes; afterwards the window has its usual one. Rows that a larger window needs are
    /// there.
    pub fn pictures<'n>(&mut self, sizes: &[(&'n str, (u16, u16))]) -> Vec<(&'n str, String)> {
        let taken = sizes.iter().map(|(name, size)| {
            self.resize(*size);
            (*name, self.picture(&Theme::new(true, false)))
        });
        let taken = taken.collect();
        self.resize(USUAL);
        taken
    }
}
