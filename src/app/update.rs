//! How a message changes the state: the keys that mean the same everywhere; the rest goes to overlays and screens.

use super::action::Action;
use super::effect::Effect;
use super::job::{Ended, Report, Slot};
use super::key::Key;
use super::keymap::{self, Meaning};
use super::message::{Message, Size};
use super::overlay::{self, Confirm, Help, Notice, Overlay, Palette, Question};
use super::screen::{self, Screen};
use super::state::State;

/// Takes a message in; gives what is to be done outside the state.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(state, key),
        Message::Text(text) => type_text(state, &text),
        Message::Resized(size) => resize(state, size),
        Message::Progress(slot, progress) => {
            if let Some((_, shown)) = state.running.iter_mut().find(|(running, _)| *running == slot) {
                *shown = progress;
            }
            vec![]
        }
        Message::Report(report) => take_report(state, report),
        Message::Ended(slot, ended) => end_job(state, slot, ended),
        Message::Failed(what) => {
            state.overlays.push(Overlay::Notice(Notice::error("That did not work", &what)));
            vec![]
        }
    }
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    state.notice = None;
    match keymap::meaning(state.contexts(), key) {
        Some(Meaning::Text(c)) => type_text(state, c.encode_utf8(&mut [0; 4])),
        Some(Meaning::Action(action)) => act(state, action, key),
        None => vec![],
    }
}

/// Text goes to the field that has the focus; without one, to the search of the screen, if it has any.
fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    match state.overlays.last_mut() {
        Some(top) => {
            top.type_text(text);
            vec![]
        }
        None => screen::type_text(state, text),
    }
}

/// Does an action. `key` is the key that asked for it: one action may have several that differ, such as the digits.
pub fn act(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    match action {
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        Action::Cancel => cancel(state),
        _ if !state.overlays.is_empty() => overlay::act(state, action, key),
        Action::Help => open(state, |state| Overlay::Help(Help::new(state.screen_contexts()))),
        Action::Palette => open(state, |state| Overlay::Palette(Palette::new(state.screen_contexts()))),
        Action::Quit => quit(state),
        Action::GoBrowse => {
            state.screen = Screen::Browse;
            vec![]
        }
        _ => screen::act(state, action, key),
    }
}

fn open(state: &mut State, overlay: impl Fn(&State) -> Overlay) -> Vec<Effect> {
    let overlay = overlay(state);
    state.overlays.push(overlay);
    vec![]
}

/// Back to the start screen; there, out. Asks if that would end work.
fn quit(state: &mut State) -> Vec<Effect> {
    if state.screen != Screen::Browse {
        state.screen = Screen::Browse;
        return vec![];
    }
    match state.work() {
        Some(slot) => ask_to_quit(state, &format!("{} is not finished and will be cancelled.", slot.title())),
        None => vec![Effect::Quit],
    }
}

/// Ctrl-C: cancels what runs; if nothing does, asks whether to quit; once more, quits.
fn cancel(state: &mut State) -> Vec<Effect> {
    let asked = matches!(state.overlays.last(), Some(Overlay::Confirm(c)) if c.question == Question::Quit);
    if asked {
        return vec![Effect::Quit];
    }
    if let Some(slot) = state.work() {
        state.notice = Some(format!("{}: asked to stop", slot.title()));
        return vec![Effect::Cancel(slot)];
    }
    ask_to_quit(state, "Nothing is running.")
}

fn ask_to_quit(state: &mut State, why: &str) -> Vec<Effect> {
    open(state, |_| Overlay::Confirm(Confirm::new(Question::Quit, "Quit muster?", why)))
}

fn resize(state: &mut State, size: Size) -> Vec<Effect> {
    state.size = size;
    screen::resize(state);
    vec![]
}

fn take_report(state: &mut State, report: Report) -> Vec<Effect> {
    match report {
        Report::Opened(counts) => {
            state.counts = Some(counts);
            let job = state.browse.search_job();
            vec![state.start(job)]
        }
        Report::Found(found) => {
            state.browse.take(found, state.size);
            vec![]
        }
    }
}

fn end_job(state: &mut State, slot: Slot, ended: Ended) -> Vec<Effect> {
    state.ended(slot);
    match ended {
        Ended::Done => {}
        Ended::Cancelled => state.notice = Some(format!("{}: cancelled", slot.title())),
        Ended::Failed(what) => {
            state.overlays.push(Overlay::Notice(Notice::error(&format!("{} failed", slot.title()), &what)));
        }
    }
    vec![]
}
