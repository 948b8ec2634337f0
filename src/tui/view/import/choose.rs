//! Which file: a path, and the files that fit it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::line;
use crate::app::job::Counts;
use crate::app::screen::import::choose::rows;
use crate::app::state::State;
use crate::tui::theme::Theme;
use crate::tui::widget::field::put_field;
use crate::tui::widget::text::{cut_inside, put, put_right};

/// The greatest width of the list: a date must not stand too far from its file.
const WIDEST: u16 = 110;
/// The columns that a path has at least beside what is said about it.
const SHORTEST: usize = 30;

/// Draws the step.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    let choose = &state.import.choose;
    let buffer = frame.buffer_mut();
    let question = match state.counts {
        Some(counts) if counts == Counts::default() => " No contacts yet. Import which CSV file?",
        _ => " Import which CSV file?",
    };
    put(buffer, line(area, 0), question, theme.title, theme);
    put(buffer, line(area, 1), " >", theme.key, theme);
    let field = line(area, 1);
    let cursor = put_field(buffer, Rect { x: 3, width: field.width.saturating_sub(4), ..field }, &choose.path, theme);
    if let Some(files) = choose.files.as_ref().filter(|files| !files.remark.is_empty()) {
        put(buffer, Rect { x: 3, ..line(area, 2) }, &files.remark, theme.warning, theme);
    }
    let total = choose.entries().len();
    let window = choose.cursor.unwrap_or_default().window(total, rows(state.size));
    for (row, number) in window.enumerate() {
        let place = line(area, 3 + row as u16);
        let place = Rect { width: place.width.min(WIDEST), ..place };
        let entry = &choose.entries()[number];
        let selected = choose.cursor.is_some_and(|cursor| cursor.selected == number);
        put(buffer, place, theme.pointer(selected), theme.title, theme);
        let both = Rect { x: place.x + 2, width: place.width.saturating_sub(3), ..place };
        // The name at the end of a long path, and what is said about the file, are worth more than the folders between.
        let room = usize::from(both.width).saturating_sub(entry.about.width() + 2).max(SHORTEST);
        let taken = put(buffer, both, &cut_inside(&entry.path, room, theme), Style::default(), theme);
        let rest = Rect { x: both.x + taken, width: both.width - taken, ..both };
        if rest.width > 4 {
            put_right(buffer, Rect { x: rest.x + 2, width: rest.width - 2, ..rest }, &entry.about, theme.dim, theme);
        }
        if selected {
            buffer.set_style(place, theme.selected);
        }
    }
    if total == 0 {
        let text = match &choose.files {
            None => "Looking...",
            Some(_) if choose.path.text().is_empty() => "No CSV files in this folder. Type a path; Tab completes it.",
            Some(_) => "No CSV file or folder begins so. Enter opens what is typed.",
        };
        let place = line(area, 3);
        put(buffer, Rect { x: 2, width: place.width.saturating_sub(2), ..place }, text, theme.dim, theme);
    }
    if state.overlays.is_empty() {
        frame.set_cursor_position(cursor);
    }
}
