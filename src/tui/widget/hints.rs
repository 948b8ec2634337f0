//! The keys worth knowing here, as many as fit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::text::put_all;
use crate::app::action::Action;
use crate::app::state::State;
use crate::tui::theme::Theme;

/// Draws key and name of each action that a key leads to where the focus is, until one does not fit. The way to all the
/// other keys is the last to go.
pub fn put_hints(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let key = |action: Action| state.keymap.key_for(state.contexts(), action);
    let hint = |action: Action| Some((action, key(action)?.to_string(), action.entry().hint));
    let hints: Vec<(Action, String, &str)> = state.hints().into_iter().filter_map(hint).collect();
    // A blank before the key, one between key and name, one behind.
    let width = |(_, key, name): &(Action, String, &str)| key.width() + name.width() + 3;
    let mut help = hints.iter().find(|(action, ..)| *action == Action::Help).map_or(0, width);
    let (mut rest, mut full) = (usize::from(area.width), false);
    let mut pieces = Vec::new();
    for hint in &hints {
        let is_help = hint.0 == Action::Help;
        help = if is_help { 0 } else { help };
        full |= width(hint) + help > rest;
        if is_help && width(hint) <= rest || !full {
            rest -= width(hint);
            pieces.push((&hint.1, &hint.2));
        }
    }
    let plain = Style::default();
    let texts = pieces
        .iter()
        .flat_map(|(key, hint)| [(" ", plain), (key.as_str(), theme.key), (" ", plain), (**hint, plain), (" ", plain)]);
    put_all(buffer, area, texts, theme);
}
