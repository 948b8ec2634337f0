//! The keys worth knowing here, as many as fit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::text::put_all;
use crate::app::action::Action;
use crate::app::state::State;
use crate::tui::theme::Theme;

/// Draws key and name of each action that a key leads to where the focus is, until one does not fit.
pub fn put_hints(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let key = |action: Action| state.keymap.key_for(state.contexts(), action);
    let keys = state.hints().into_iter().filter_map(|action| Some((key(action)?.to_string(), action.entry().hint)));
    let mut rest = usize::from(area.width);
    let mut pieces = Vec::new();
    for (key, hint) in keys {
        // A blank before the key, one between key and name, one behind.
        let width = key.width() + hint.width() + 3;
        if width > rest {
            break;
        }
        rest -= width;
        pieces.push((key, hint));
    }
    let plain = Style::default();
    let texts = pieces
        .iter()
        .flat_map(|(key, hint)| [(" ", plain), (key.as_str(), theme.key), (" ", plain), (*hint, plain), (" ", plain)]);
    put_all(buffer, area, texts, theme);
}
