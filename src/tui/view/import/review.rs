//! What would happen, in numbers; and what was done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{file_name, line, rule};
use crate::app::screen::import::draft::Saved;
use crate::app::screen::import::review::{Line, lines, rows};
use crate::app::state::State;
use crate::model::finding::Severity;
use crate::model::text::{grouped, plural, wrapped};
use crate::tui::theme::Theme;
use crate::tui::widget::text::{put, put_all, put_right};

/// The width of a number.
const NUMBER: u16 = 12;

/// Draws the numbers.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let import = &state.import;
    let what = match (import.stale, import.draft.saved) {
        (_, Saved::Failed) => ("the draft is NOT SAVED", theme.error),
        (true, _) => ("counting again", theme.dim),
        (false, _) => ("nothing is written yet", theme.dim),
    };
    let head = [(" ", Style::default()), (file_name(state), theme.title), ("  ", theme.dim), what];
    put_all(buffer, line(area, 0), head, theme);
    let lines = lines(import, state.size);
    let window = import.number.window(lines.len(), rows(state.size));
    for (row, number) in window.clone().enumerate() {
        let place = line(area, 1 + row as u16);
        let selected = number == import.number.selected;
        draw_line(&lines[number], selected, theme, buffer, place);
    }
    let end = line(area, area.height.saturating_sub(1));
    rule(buffer, end, theme);
    let below = lines.len() - window.end;
    if below > 0 {
        let place = Rect { width: end.width.saturating_sub(1), ..end };
        put_right(buffer, place, &format!(" {below} more below "), theme.dim, theme);
    }
}

fn draw_line(shown: &Line, selected: bool, theme: &Theme, buffer: &mut Buffer, place: Rect) {
    let from = |x: u16| Rect { x: place.x + x, width: place.width.saturating_sub(x), ..place };
    match shown {
        Line::Heading(text) => drop(put(buffer, from(2), text, theme.title, theme)),
        Line::Text(text) => drop(put(buffer, from(2), text, theme.dim, theme)),
        Line::Number { label, count, severity, word, .. } => {
            put(buffer, place, theme.pointer(selected), theme.title, theme);
            put_right(
                buffer,
                Rect { x: place.x + 2, width: NUMBER, ..place },
                &grouped(*count),
                Style::default(),
                theme,
            );
            let style = match severity {
                Some(Severity::Error) => theme.error,
                Some(_) => theme.warning,
                None => Style::default(),
            };
            let taken = put(buffer, from(NUMBER + 4), label, style, theme);
            put(buffer, from(NUMBER + 4 + taken.max(22) + 2), word, theme.dim, theme);
            if selected {
                buffer.set_style(place, theme.selected);
            }
        }
    }
}

/// Draws what was done.
pub fn draw_result(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(done) = &state.import.done else { return };
    let what = if done.empty { "Nothing to change; noted as" } else { "Done:" };
    let title = format!(" {what} import {} of {}", done.number, file_name(state));
    put(buffer, line(area, 0), &title, theme.good, theme);
    let (text, style) = match &done.rejects {
        None => ("Every row was imported.".to_owned(), theme.good),
        Some(Ok(path)) => (
            format!("The rows that were not imported are in {path}: correct them and import that file."),
            theme.warning,
        ),
        Some(Err(why)) => (format!("The rejects file could not be written: {why}"), theme.error),
    };
    let text = wrapped(&text, usize::from(area.width.saturating_sub(2)));
    for (row, text) in (1..).zip(&text) {
        let place = line(area, row);
        put(buffer, Rect { x: place.x + 1, width: place.width.saturating_sub(1), ..place }, text, style, theme);
    }
    let (rows, contacts) = (&done.counts.rows, &done.counts.contacts);
    let organizations = &done.counts.organizations;
    let numbers = [
        ("contact", "created", contacts.created),
        ("contact", "updated", contacts.updated),
        ("organization", "created", organizations.created),
        ("organization", "updated", organizations.updated),
        ("row", "held", rows.held),
        ("row", "rejected", rows.rejected),
        ("row", "in all", rows.total),
    ];
    let below = text.len() as u16 + 2;
    for (row, (noun, what, count)) in (below..).zip(numbers.into_iter().filter(|(_, _, count)| *count > 0)) {
        let label = format!("{} {what}", plural(count, noun));
        let place = line(area, row);
        put_right(buffer, Rect { x: place.x + 2, width: NUMBER, ..place }, &grouped(count), Style::default(), theme);
        let x = NUMBER + 4;
        put(buffer, Rect { x: place.x + x, width: place.width - x, ..place }, &label, Style::default(), theme);
    }
}
