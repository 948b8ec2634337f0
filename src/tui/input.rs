//! The thread that reads the terminal.
//!
//! It sleeps in `poll` until there are bytes, so that it notices a terminal that died, whether SIGHUP came or not, and
//! never spins on one.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Instant;

use crossbeam_channel::{Receiver, unbounded};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::decode::{Decoder, Input};
use super::last_call::{HUNG_UP, LastCall};

/// The thread and its channel. The channel is closed when the terminal is gone; the last call has then been given.
pub struct Reader {
    /// What the person does, and when it was read.
    pub inputs: Receiver<(Instant, Input)>,
    paused: Arc<AtomicBool>,
    thread: Thread,
}

impl Reader {
    /// Starts the thread.
    pub fn start(terminal: OwnedFd, last_call: LastCall) -> io::Result<Reader> {
        let (sender, inputs) = unbounded();
        let paused = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&paused);
        let handle = thread::Builder::new().name("input".to_owned()).spawn(move || {
            let mut decoder = Decoder::default();
            while let Ok(inputs) = next(&terminal, &mut decoder, &watched) {
                let read = Instant::now();
                for input in inputs {
                    if sender.send((read, input)).is_err() {
                        return;
                    }
                }
            }
            last_call.give(HUNG_UP);
        })?;
        Ok(Reader { inputs, paused, thread: handle.thread().clone() })
    }

    /// Reads nothing from now on: what the person types is for the shell, even before the shell has stopped us.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    /// Reads again.
    pub fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// Waits for bytes, or for as long as the decoder's patience lasts. An error means that the terminal is gone.
fn next(terminal: &OwnedFd, decoder: &mut Decoder, paused: &AtomicBool) -> io::Result<Vec<Input>> {
    let timeout = decoder
        .patience()
        .map(|patience| Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: i64::from(patience.subsec_nanos()) });
    let mut watched = [PollFd::new(terminal, PollFlags::IN)];
    match poll(&mut watched, timeout.as_ref()) {
        Ok(0) => return Ok(decoder.expire()),
        Ok(_) => {}
        Err(Errno::INTR) => return Ok(vec![]),
        Err(error) => return Err(error.into()),
    }
    if watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    if paused.load(Ordering::SeqCst) {
        thread::park();
        return Ok(vec![]);
    }
    let mut buffer = [0; 4096];
    match rustix::io::read(terminal, &mut buffer) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(count) => Ok(decoder.feed(&buffer[..count])),
        Err(Errno::INTR | Errno::AGAIN) => Ok(vec![]),
        Err(error) => Err(error.into()),
    }
}
