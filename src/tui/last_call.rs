//! The last call: from the moment that a signal or a dead terminal ends the program, it is gone within a second, even
//! if the loop is stuck in a write to a line that nobody reads.
//!
//! The orderly way is the loop's: it hears of the end, stops the jobs, flushes and returns. Beside it a clock runs;
//! when it is over, the same is done without the loop.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;

use super::terminal;
use super::worker::Work;

/// The exit code after SIGHUP or the loss of the terminal.
pub const HUNG_UP: u8 = 129;
/// How long the loop has to end by itself.
const ORDERLY: Duration = Duration::from_millis(700);
/// How long flushing and restoring may take after that.
const HURRIED: Duration = Duration::from_millis(200);

/// Ends the program; cheap to clone, the first call counts.
#[derive(Clone)]
pub struct LastCall {
    shared: Arc<Shared>,
}

struct Shared {
    work: Arc<dyn Work>,
    given: AtomicBool,
    flushed: AtomicBool,
}

impl LastCall {
    /// A last call that flushes this work.
    pub fn new(work: Arc<dyn Work>) -> LastCall {
        LastCall { shared: Arc::new(Shared { work, given: AtomicBool::new(false), flushed: AtomicBool::new(false) }) }
    }

    /// Starts the clock. The process ends with `code`, by the loop or without it.
    #[expect(clippy::disallowed_methods, reason = "the one end that must not wait for destructors: the loop is stuck")]
    pub fn give(&self, code: u8) {
        if self.shared.given.swap(true, Ordering::SeqCst) {
            return;
        }
        let call = self.clone();
        let clock = move || {
            thread::sleep(ORDERLY);
            // Each in a thread of its own: a disk or a line that hangs must not keep the other from being tried.
            let (done, both) = bounded(2);
            let flushed = done.clone();
            thread::spawn(move || {
                call.flush();
                let _ = flushed.send(());
            });
            thread::spawn(move || {
                terminal::leave();
                let _ = done.send(());
            });
            let deadline = std::time::Instant::now() + HURRIED;
            let _ = both.recv_deadline(deadline).and_then(|()| both.recv_deadline(deadline));
            process::exit(code.into());
        };
        if thread::Builder::new().name("last call".to_owned()).spawn(clock).is_err() {
            terminal::leave();
            process::exit(code.into());
        }
    }

    /// Flushes the work, once however often it is called.
    pub fn flush(&self) {
        if !self.shared.flushed.swap(true, Ordering::SeqCst) {
            self.shared.work.flush();
        }
    }
}
