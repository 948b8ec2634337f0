//! The screens: state and update of each. What is common to them is handed on here.

pub mod browse;

use super::action::Action;
use super::effect::Effect;
use super::key::Key;
use super::state::State;

/// Which screen is shown. Each keeps its own state in [`State`], so that going back finds it as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Contacts and organizations.
    Browse,
}

/// Does an action on the screen that is shown.
pub fn act(state: &mut State, action: Action, _key: Key) -> Vec<Effect> {
    match state.screen {
        Screen::Browse => browse::act(state, action),
    }
}

/// Text for the screen that is shown: for its field, or for its search.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    match state.screen {
        Screen::Browse => browse::type_text(state, text),
    }
}

/// The window has another size: selections stay in view.
pub fn resize(state: &mut State) {
    state.browse.resize(state.size);
}
