//! Puts the terminal into our modes and back.
//!
//! The modes are undone in reverse on every way out: drop, panic, suspend, signal. Any of these may come from any
//! thread and more than once, so [`leave`] is a free function that acts only if the modes are on. Frames and
//! sequences are written straight to the file descriptor: a thread that hangs in a write holds no lock.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::panic;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use crate::app::message::Size;

/// Alternate screen, cleared; bracketed paste on; cursor hidden.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?2004h\x1b[?25l";
/// An unfinished frame ended, then the reverse of [`ENTER`], with attributes reset.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1049l";
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Whether our modes are on.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Turns our modes on.
fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    write_all(ENTER)
}

/// Turns our modes off if they are on. Errors are not reported: the terminal may be gone, and there is nowhere to say so.
pub fn leave() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        // Raw mode first: it never blocks, while writing to a stopped terminal may.
        let _ = disable_raw_mode();
        let _ = write_all(LEAVE);
    }
}

fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Where input comes from: standard input if it is a terminal, else the terminal that controls the process, so that
/// the app works at the end of a pipe. `None` if there is none, or if standard output is no terminal.
pub fn input() -> Option<OwnedFd> {
    let stdin = rustix::stdio::stdin();
    if !rustix::termios::isatty(rustix::stdio::stdout()) {
        return None;
    }
    if rustix::termios::isatty(stdin) {
        return stdin.try_clone_to_owned().ok();
    }
    File::open("/dev/tty").ok().map(OwnedFd::from)
}

/// The size of the window; 80x24 if the terminal does not know, as on a serial line.
pub fn size() -> Size {
    match rustix::termios::tcgetwinsize(rustix::stdio::stdout().as_fd()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size { width: size.ws_col, height: size.ws_row },
        _ => Size { width: 80, height: 24 },
    }
}

/// A frame's bytes, gathered so that one write sends them.
#[derive(Clone, Default)]
struct Output(Rc<RefCell<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: [`Screen::draw`] sends whole frames.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal in our modes, until it is dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    output: Output,
}

impl Screen {
    /// Turns our modes on. From now on a panic of this thread turns them off before it is reported.
    pub fn enter() -> io::Result<Screen> {
        wrap_panic_hook();
        let output = Output::default();
        let screen = Screen { terminal: terminal(&output, size())?, output };
        // Once the guard exists, so that a failure half way is undone too.
        enter()?;
        Ok(screen)
    }

    /// Turns the modes on again after a stop, whoever changed them; a [`Screen::repaint`] must follow.
    pub fn resume(&mut self) -> io::Result<()> {
        // Raw mode is set only if crossterm believes that it is off.
        disable_raw_mode()?;
        enter()
    }

    /// Clears the screen; the next frame paints everything, in the present size. Asks the terminal nothing.
    pub fn repaint(&mut self) -> io::Result<()> {
        self.terminal = terminal(&self.output, size())?;
        self.output.write_all(b"\x1b[0m\x1b[2J")
    }

    /// Draws a frame and sends what differs from the last one, in one write, as one synchronized update.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        let clears = std::mem::take(&mut *self.output.0.borrow_mut());
        self.output.write_all(BEGIN_FRAME)?;
        self.output.write_all(&clears)?;
        self.terminal.draw(view)?;
        self.output.write_all(END_FRAME)?;
        write_all(&std::mem::take(&mut *self.output.0.borrow_mut()))
    }

    /// Sends text to the clipboard of the person's terminal, between frames.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        write_all(format!("\x1b]52;c;{}\x07", base64(text.as_bytes())).as_bytes())
    }
}

/// A terminal of a fixed size, so that drawing never asks for the size: crossterm would start `tput` for it.
fn terminal(output: &Output, size: Size) -> io::Result<Terminal<CrosstermBackend<Output>>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, size.width, size.height));
    Terminal::with_options(CrosstermBackend::new(output.clone()), TerminalOptions { viewport })
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Makes panics restore the terminal first and report second, whatever reports them.
///
/// Only a panic of the loop's thread is the end of the app. A panic of another thread is a job that failed: its worker
/// catches it and says so on the screen, and nothing must be printed over it.
fn wrap_panic_hook() {
    let report = panic::take_hook();
    let the_loop = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != the_loop && ENTERED.load(Ordering::SeqCst) {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a job panicked");
        } else {
            leave();
            report(info);
        }
    }));
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let encoded = ["", "f", "fo", "foo", "foobar"].map(|t| base64(t.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"]);
    }
}
