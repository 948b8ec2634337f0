//! The screens: state and update of each. What is common to them is handed on here.

pub mod browse;
pub mod history;
pub mod import;

use super::action::Action;
use super::effect::Effect;
use super::key::Key;
use super::state::State;

/// Which screen is shown. Each keeps its own state in [`State`], so that going back finds it as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Contacts and organizations.
    Browse,
    /// The import of a file.
    Import,
    /// What was done.
    History,
}

/// Does an action on the screen that is shown.
pub fn act(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    match state.screen {
        Screen::Browse => browse::act(state, action),
        Screen::Import => import::act(state, action, key),
        Screen::History => history::act(state, action),
    }
}

/// Text for the screen that is shown: for its field, or for its search.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    match state.screen {
        Screen::Browse => browse::type_text(state, text),
        Screen::Import if state.import.step == import::Step::Choose => import::choose::type_text(state, text),
        Screen::Import | Screen::History => vec![],
    }
}

/// The window has another size: selections stay in view.
pub fn resize(state: &mut State) {
    state.browse.resize(state.size);
    import::resize(state);
    state.history.resize(state.size);
}
