//! Signals become events of the loop.

use std::io;
use std::thread;

use crossbeam_channel::{Receiver, unbounded};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::last_call::LastCall;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The window has another size.
    Resized,
    /// Stop until the shell lets us go on.
    Suspend,
    /// The shell let us go on.
    Continued,
    /// As Ctrl-C.
    Interrupt,
    /// End, with this exit code.
    End(u8),
}

/// Starts the thread that takes signals. One that ends the program gives the last call before the loop hears of it.
pub fn watch(last_call: LastCall) -> io::Result<Receiver<Signal>> {
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGQUIT, SIGINT, SIGTSTP, SIGCONT, SIGWINCH])?;
    let (sender, receiver) = unbounded();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for number in signals.forever() {
            let signal = match number {
                SIGWINCH => Signal::Resized,
                SIGTSTP => Signal::Suspend,
                SIGCONT => Signal::Continued,
                SIGINT => Signal::Interrupt,
                _ => {
                    let code = 128u8.saturating_add(number as u8);
                    last_call.give(code);
                    Signal::End(code)
                }
            };
            // The loop may be gone already; then the last call is all that is left to do.
            let _ = sender.send(signal);
        }
    })?;
    Ok(receiver)
}

/// Stops this process and those of its job, such as the other end of a pipe, until the shell continues them.
///
/// Without a shell that controls jobs (the program of an `ssh -t` or of a tmux window) nobody could continue them:
/// then it says so instead.
pub fn stop() -> Result<(), String> {
    let group = rustix::process::getpgrp();
    if rustix::process::getsid(None) == Ok(group) {
        return Err("There is no shell to go back to.".to_owned());
    }
    rustix::process::kill_process_group(group, rustix::process::Signal::STOP)
        .map_err(|e| format!("Cannot suspend: {e}."))
}
