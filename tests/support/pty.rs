//! Drives a program in a pseudo-terminal the way a person does: send keys, wait until the screen shows something.
//!
//! Nothing here sleeps for a guessed time: every wait ends when what it waits for is there, and fails with the screen
//! after [`PATIENCE`].
#![allow(dead_code, reason = "each test file uses what it needs")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::Signal;

/// How long any wait may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How a session or its line ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// By a signal, with this exit code.
    Signal(Signal, u32),
    /// The terminal is closed.
    Closed,
}

/// Every way to end.
pub const ENDS: [End; 3] = [End::Signal(Signal::TERM, 143), End::Signal(Signal::HUP, 129), End::Closed];

/// Back from the alternate screen.
const LEFT: &[u8] = b"\x1b[?1049l";

struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    closed: bool,
    hang_up: bool,
}

/// A program in a pseudo-terminal.
pub struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a window has a size")
}

/// The command line with an environment that depends on nothing outside.
pub fn command(program: &str, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin")] {
        command.env(name, value);
    }
    command
}

/// The program under test, on a base of its own that is empty.
pub fn muster(arguments: &[&str]) -> CommandBuilder {
    on_new_base(command(env!("CARGO_BIN_EXE_muster"), arguments))
}

/// Gives a command a home of its own, in the folder for what tests leave behind.
pub fn on_new_base(mut command: CommandBuilder) -> CommandBuilder {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("pty-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Numbers of processes come again, and a home that was left has a base and drafts.
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).expect("a home");
    command.env("HOME", &home);
    command.cwd(&home);
    command
}

impl Session {
    /// Starts a command in a window of a size in columns and rows.
    pub fn start(command: CommandBuilder, (width, height): (u16, u16)) -> Session {
        let size = PtySize { rows: height, cols: width, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let parser = vt100::Parser::new(cells(height), cells(width), 0);
        let seen =
            Arc::new((Mutex::new(Seen { parser, bytes: Vec::new(), closed: false, hang_up: false }), Condvar::new()));
        let shared = Arc::clone(&seen);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let count = reader.read(&mut buffer).unwrap_or(0);
                // Poisoned: the test has failed already.
                let Ok(mut seen) = shared.0.lock() else { return };
                seen.closed = count == 0 || seen.hang_up;
                seen.parser.process(&buffer[..count]);
                seen.bytes.extend_from_slice(&buffer[..count]);
                shared.1.notify_all();
                if seen.closed {
                    return;
                }
            }
        });
        Session { master: Some(pair.master), writer: Some(writer), child, seen, reader: Some(reader) }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().expect("the screen")
    }

    /// Sends bytes in one write.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let writer = self.writer.as_mut().expect("the terminal is open");
        writer.write_all(bytes.as_ref()).and_then(|()| writer.flush()).expect("the terminal takes bytes");
    }

    /// Waits until the screen is as wanted.
    pub fn wait(&self, wanted: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen();
        while !is_so(seen.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !seen.closed,
                "waited for {wanted}; the screen is\n{}\n",
                seen.parser.screen().contents()
            );
            seen = self.seen.1.wait_timeout(seen, left).expect("the screen").0;
        }
    }

    /// Waits until the screen shows a text.
    pub fn wait_for(&self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until the screen does not show a text any more.
    pub fn wait_gone(&self, text: &str) {
        self.wait(&format!("no {text:?}"), |screen| !screen.contents().contains(text));
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.seen().parser.screen().contents()
    }

    /// A look at the screen.
    pub fn screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen().parser.screen())
    }

    /// Everything that the program has sent.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen().bytes.clone()
    }

    /// Whether the program sends nothing for a time.
    pub fn silent_for(&self, time: Duration) -> bool {
        let seen = self.seen();
        let before = seen.bytes.len();
        let (_seen, waited) =
            self.seen.1.wait_timeout_while(seen, time, |seen| seen.bytes.len() == before).expect("the screen");
        waited.timed_out()
    }

    /// Gives the window another size.
    pub fn resize(&mut self, (width, height): (u16, u16)) {
        self.seen().parser.screen_mut().set_size(cells(height), cells(width));
        let size = PtySize { rows: height, cols: width, ..PtySize::default() };
        self.master.as_ref().expect("the terminal is open").resize(size).expect("the terminal takes a size");
    }

    /// The process of the command.
    pub fn pid(&self) -> i32 {
        self.child.process_id().and_then(|id| i32::try_from(id).ok()).expect("a process")
    }

    /// Sends a signal to the process of the command.
    pub fn signal(&self, signal: Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).expect("a process");
        rustix::process::kill_process(pid, signal).expect("the process takes signals");
    }

    /// Closes the terminal, as when the line drops. The reading thread holds it too, and sees that it shall let go when
    /// the program sends something: `provoke` makes it.
    pub fn hang_up(&mut self, provoke: &[u8]) {
        self.seen().hang_up = true;
        self.send(provoke);
        self.reader.take().expect("a terminal hangs up once").join().expect("the reader ends");
        self.writer = None;
        self.master = None;
    }

    /// Ends the session, and checks that the program is gone within a second and has given the terminal back.
    pub fn end(&mut self, how: End) {
        let since = Instant::now();
        match how {
            End::Signal(signal, code) => {
                self.signal(signal);
                assert_eq!(self.exit_code(), code);
                self.wait_closed();
                assert!(self.bytes().windows(LEFT.len()).any(|bytes| bytes == LEFT), "the terminal is given back");
            }
            End::Closed => {
                self.hang_up(b"\x0c");
                assert_eq!(self.exit_code(), 129);
            }
        }
        assert!(since.elapsed() < Duration::from_secs(1), "{how:?} took {:?}", since.elapsed());
    }

    /// The exit code, once the command has ended.
    pub fn exit_code(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "the program does not end; the screen is\n{}\n", self.text());
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Waits until all output of an ended command has arrived.
    pub fn wait_closed(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen();
        while !seen.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the terminal stays open");
            seen = self.seen.1.wait_timeout(seen, left).expect("the screen").0;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Only what this session started, and only if it still runs.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
