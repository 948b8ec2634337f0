//! THE loop: wait for input, job or signal; take everything that is there; update; do the effects; draw once if
//! something changed. It has no frame rate: when nothing happens, nothing runs and nothing is sent.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvError, select};

use super::decode::Input;
use super::frames::Frames;
use super::input::Reader;
use super::last_call::{HUNG_UP, LastCall};
use super::signal::{self, Signal};
use super::terminal::{self, Screen};
use super::theme::Theme;
use super::worker::{self, Envelope, Work, Workers};
use super::{Error, view};
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::keymap::Keymap;
use crate::app::message::Message;
use crate::app::screen::import;
use crate::app::state::State;
use crate::app::update::update;

/// How long the jobs may take to stop when the person quits, and when a signal ends the program.
const STOP_CALMLY: Duration = Duration::from_secs(5);
const STOP_NOW: Duration = Duration::from_millis(400);

/// Runs the app; gives the exit code.
pub fn run(theme: Theme, keymap: Keymap, work: Arc<dyn Work>, file: Option<PathBuf>) -> Result<u8, Error> {
    let terminal = terminal::input().ok_or(Error::NoTerminal)?;
    let last_call = LastCall::new(Arc::clone(&work));
    worker::let_searches_give_way();
    let (workers, reports) = Workers::new(work);
    let signals = signal::watch(last_call.clone())?;
    let screen = Screen::enter()?;
    let reader = Reader::start(terminal, last_call.clone())?;
    let sources = Sources { inputs: reader.inputs.clone(), reports, signals };
    let (mut state, mut effects) = State::new(terminal::size());
    state.keymap = keymap;
    effects.extend(file.map(|path| import::open_file(&mut state, path)).unwrap_or_default());
    let (frames, unanswered) = (Frames::from_env(), None);
    let (asleep, dirty, end) = (false, true, None);
    let mut app = App { state, theme, workers, screen, reader, frames, unanswered, asleep, dirty, end };
    app.draw()?;
    app.perform(effects);
    let code = app.cycle(&sources);
    app.workers.stop(if code == 0 { STOP_CALMLY } else { STOP_NOW });
    last_call.flush();
    // What is typed from here on is for the shell.
    app.reader.pause();
    Ok(code)
}

/// Where events come from.
struct Sources {
    inputs: Receiver<(Instant, Input)>,
    reports: Receiver<Envelope>,
    signals: Receiver<Signal>,
}

/// An event of one of the sources.
enum Event {
    Input(Result<(Instant, Input), RecvError>),
    Report(Envelope),
    Signal(Signal),
}

impl Sources {
    /// Waits for an event.
    fn wait(&self) -> Event {
        loop {
            select! {
                recv(self.inputs) -> input => return Event::Input(input),
                // Without the thread of the signals nothing could end us in good order any more.
                recv(self.signals) -> signal => return Event::Signal(signal.unwrap_or(Signal::End(HUNG_UP))),
                // Never closed: the workers hold a sender.
                recv(self.reports) -> report => if let Ok(report) = report { return Event::Report(report) },
            }
        }
    }

    /// An event that is there already: signals before keys before jobs.
    fn waiting(&self) -> Option<Event> {
        let signal = || self.signals.try_recv().ok().map(Event::Signal);
        let input = || self.inputs.try_recv().ok().map(|input| Event::Input(Ok(input)));
        let report = || self.reports.try_recv().ok().map(Event::Report);
        signal().or_else(input).or_else(report)
    }
}

/// The state and everything that its effects act on.
struct App {
    state: State,
    theme: Theme,
    workers: Workers,
    screen: Screen,
    reader: Reader,
    frames: Frames,
    /// When the oldest key was read that no frame has answered yet.
    unanswered: Option<Instant>,
    /// Suspended: the terminal is the shell's.
    asleep: bool,
    /// Something changed since the last frame.
    dirty: bool,
    /// The exit code, once the end is decided.
    end: Option<u8>,
}

impl App {
    /// Goes round until the end is decided; gives the exit code.
    fn cycle(&mut self, sources: &Sources) -> u8 {
        loop {
            let mut event = Some(sources.wait());
            while let Some(happened) = event {
                self.take(happened);
                event = if self.end.is_none() { sources.waiting() } else { None };
            }
            if let Some(code) = self.end {
                return code;
            }
            if let Err(error) = self.draw() {
                // A terminal that takes no output is gone, whoever notices first.
                tracing::warn!(%error, "cannot draw");
                return HUNG_UP;
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        if !self.dirty || self.asleep {
            return Ok(());
        }
        self.dirty = false;
        let bytes = self.screen.draw(|frame| view::draw(&self.state, &self.theme, frame))?;
        self.frames.drawn(self.unanswered.take(), bytes);
        Ok(())
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Input(Ok((read, input))) => {
                self.unanswered.get_or_insert(read);
                self.update(match input {
                    Input::Key(key) => Message::Key(key),
                    Input::Text(text) => Message::Text(text),
                });
            }
            Event::Input(Err(RecvError)) => self.end = Some(HUNG_UP),
            Event::Report(envelope) => {
                if let Some(message) = self.workers.accept(envelope) {
                    self.update(message);
                }
            }
            Event::Signal(Signal::Interrupt) => self.update(Message::Key(Key::ctrl('c'))),
            Event::Signal(Signal::Suspend) => self.suspend(),
            Event::Signal(Signal::Continued) => self.wake(),
            Event::Signal(Signal::Resized) => self.resize(),
            Event::Signal(Signal::End(code)) => self.end = Some(code),
        }
    }

    fn update(&mut self, message: Message) {
        let effects = update(&mut self.state, message);
        self.dirty = true;
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let done = match effect {
                Effect::Start(job) => self.workers.start(job).map_err(|e| format!("No thread for the job: {e}.")),
                Effect::Cancel(slot) => {
                    self.workers.cancel(slot);
                    Ok(())
                }
                Effect::Keep { file, begins, entries } => {
                    self.workers.keep(&file, begins, entries);
                    Ok(())
                }
                Effect::Copy(text) => self.screen.copy(&text).map_err(|e| format!("Cannot copy: {e}.")),
                Effect::Redraw => {
                    self.screen.repaint();
                    Ok(())
                }
                Effect::Suspend => {
                    self.suspend();
                    Ok(())
                }
                Effect::Quit => {
                    self.end = Some(0);
                    Ok(())
                }
            };
            if let Err(what) = done {
                self.update(Message::Failed(what));
            }
        }
    }

    /// Gives the terminal back and stops. Nothing is drawn until the shell has let us go on: that comes as a signal,
    /// perhaps a moment after this function went on.
    fn suspend(&mut self) {
        self.reader.pause();
        terminal::leave();
        self.asleep = true;
        if let Err(why) = signal::stop() {
            self.wake();
            self.state.notice = Some(why);
        }
    }

    /// Takes the terminal again; the shell may have changed its modes and its size.
    fn wake(&mut self) {
        self.asleep = false;
        match self.screen.resume() {
            Ok(()) => self.resize(),
            Err(_) => self.end = Some(HUNG_UP),
        }
        self.reader.resume();
    }

    fn resize(&mut self) {
        self.screen.repaint();
        self.update(Message::Resized(terminal::size()));
    }
}
