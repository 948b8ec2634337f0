//! What is shown: the whole state of the app as plain data.

use super::action::{Action, Context};
use super::effect::Effect;
use super::job::{Counts, Job, Progress, Slot};
use super::keymap::Keymap;
use super::message::Size;
use super::overlay::Overlay;
use super::screen::Screen;
use super::screen::browse::Browse;
use super::screen::history::History;
use super::screen::import::Import;

/// The smallest window in which the screens can be used.
pub const SMALLEST: Size = Size { width: 40, height: 10 };

/// The whole state.
#[derive(Debug)]
pub struct State {
    /// The size of the window.
    pub size: Size,
    /// Which key does what.
    pub keymap: Keymap,
    /// The screen that is shown.
    pub screen: Screen,
    /// The state of Browse.
    pub browse: Browse,
    /// The state of the import.
    pub import: Import,
    /// The state of the history.
    pub history: History,
    /// What lies above the screen; the last one gets the keys.
    pub overlays: Vec<Overlay>,
    /// What the base holds; `None` until it is open.
    pub counts: Option<Counts>,
    /// The jobs that run, and how far they are.
    pub running: Vec<(Slot, Progress)>,
    /// One line that stays until the next key.
    pub notice: Option<String>,
}

impl State {
    /// The state at the start, and what to do first. The first frame needs none of it.
    pub fn new(size: Size) -> (State, Vec<Effect>) {
        let mut state = State {
            size,
            keymap: Keymap::default(),
            screen: Screen::Browse,
            browse: Browse::default(),
            import: Import::default(),
            history: History::default(),
            overlays: Vec::new(),
            counts: None,
            running: Vec::new(),
            notice: None,
        };
        let open = state.start(Job::Open);
        (state, vec![open])
    }

    /// Where the focus is: the contexts of [`super::keymap`], the nearest first.
    pub fn contexts(&self) -> &'static [Context] {
        match self.overlays.last() {
            Some(overlay) => overlay.contexts(),
            None => self.screen_contexts(),
        }
    }

    /// The contexts of the screen, whatever lies above it.
    pub fn screen_contexts(&self) -> &'static [Context] {
        match self.screen {
            Screen::Browse => self.browse.contexts(),
            Screen::Import => self.import.contexts(),
            Screen::History => self.history.contexts(),
        }
    }

    /// What is worth a hint where the focus is, the most useful first; only what would do something now.
    pub fn hints(&self) -> Vec<Action> {
        let hints = match (self.overlays.last(), self.screen) {
            (Some(overlay), _) => return overlay.hints().to_vec(),
            (None, Screen::Browse) if self.counts.is_none() => {
                &[Action::Reload, Action::Help, Action::Palette, Action::Quit]
            }
            (None, Screen::Browse) => self.browse.hints(),
            (None, Screen::Import) => self.import.hints(),
            (None, Screen::History) => self.history.hints(),
        };
        let possible = |action: &Action| match self.screen {
            Screen::Browse => self.browse.possible(*action),
            Screen::Import => self.import.possible(*action),
            Screen::History => true,
        };
        hints.iter().copied().filter(possible).collect()
    }

    /// Whether the window is too small for the screens.
    pub fn too_small(&self) -> bool {
        self.size.width < SMALLEST.width || self.size.height < SMALLEST.height
    }

    /// Notes that a job runs, and gives the effect that starts it.
    pub fn start(&mut self, job: Job) -> Effect {
        self.ended(job.slot());
        self.running.push((job.slot(), Progress { doing: job.doing().to_owned(), ..Progress::default() }));
        Effect::Start(job)
    }

    /// Notes that the job of a slot is over.
    pub fn ended(&mut self, slot: Slot) {
        self.running.retain(|(running, _)| *running != slot);
    }

    /// The slot of a running job that a person would miss; of several the one that began last.
    pub fn work(&self) -> Option<Slot> {
        self.running.iter().rev().map(|(slot, _)| *slot).find(|slot| slot.is_work())
    }
}
