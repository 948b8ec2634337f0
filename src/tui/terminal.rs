//! Puts the terminal into our modes and back.
//!
//! The modes are undone in reverse on every way out: drop, panic, suspend, signal. Any of these may come from any
//! thread and more than once, so [`leave`] is a free function that acts only if the modes are on. Frames and
//! sequences are written straight to the file descriptor: a thread that hangs in a write holds no lock.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ratatui::Frame;
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::canvas::Canvas;
use super::paint::Painter;
use crate::app::message::Size;

/// Alternate screen, cleared; bracketed paste on; cursor hidden.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?2004h\x1b[?25l";
/// An unfinished frame ended, then the reverse of [`ENTER`], with margins and attributes reset.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[r\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1049l";
/// Whatever was there before: attributes, margins and the cursor as after [`ENTER`].
const CLEAR: &[u8] = b"\x1b[0m\x1b[r\x1b[?25l\x1b[2J";
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

/// The terminal in our modes, until it is dropped.
pub struct Screen {
    canvas: Canvas,
    painter: Painter,
    /// The screen must be cleared before the next frame.
    unclean: bool,
}

impl Screen {
    /// Turns our modes on. From now on a panic of this thread turns them off before it is reported.
    pub fn enter() -> io::Result<Screen> {
        wrap_panic_hook();
        let canvas = Canvas::new(size());
        let screen = Screen { painter: Painter::new(canvas.area()), canvas, unclean: false };
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

    /// The next frame clears the screen and paints everything, in the present size. Asks the terminal nothing.
    pub fn repaint(&mut self) {
        self.canvas = Canvas::new(size());
        self.painter = Painter::new(self.canvas.area());
        self.unclean = true;
    }

    /// Draws a frame and sends what differs from the last one, in one write, as one synchronized update. A frame that
    /// looks like the last one sends nothing. Gives the number of bytes that were sent.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<usize> {
        let (cells, cursor) = self.canvas.draw(view);
        let changes = self.painter.paint(cells, cursor);
        let clear = if std::mem::take(&mut self.unclean) { CLEAR } else { b"" };
        if clear.is_empty() && changes.is_empty() {
            return Ok(0);
        }
        let frame = [BEGIN_FRAME, clear, &changes, END_FRAME].concat();
        write_all(&frame)?;
        Ok(frame.len())
    }

    /// Sends text to the clipboard of the person's terminal, between frames.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        write_all(format!("\x1b]52;c;{}\x07", base64(text.as_bytes())).as_bytes())
    }
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
