//! Browse: the search line, the list, a rule.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::job::Hit;
use crate::app::screen::browse::{Browse, Focus};
use crate::app::state::State;
use crate::model::fields::Entity;
use crate::model::text::grouped;
use crate::tui::theme::Theme;
use crate::tui::widget::field::put_field;
use crate::tui::widget::table::{Column, Table};
use crate::tui::widget::text::{put, put_right};

const fn column(title: &'static str, least: u16, share: u16) -> Column {
    Column { title, least, share }
}

const CONTACTS: [Column; 4] =
    [column("NAME", 16, 2), column("ORGANIZATION", 14, 2), column("PHONE", 16, 0), column("E-MAIL", 14, 3)];
const ORGANIZATIONS: [Column; 4] =
    [column("NAME", 16, 3), column("INDUSTRY", 14, 2), column("PHONE", 16, 0), column("WEBSITE", 14, 3)];

/// Draws Browse between tab bar and hint bar.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    let line = |y: u16| Rect { y, height: 1, ..area };
    search_line(state, theme, frame, line(area.y));
    let rows = Browse::list_rows(state.size);
    let list = Rect { y: area.y + 1, height: rows as u16 + 1, ..area };
    match &state.browse.found {
        Some(found) if found.total > 0 => frame.render_widget(table(&state.browse, rows, theme), list),
        _ => drop(put(
            frame.buffer_mut(),
            Rect { x: 2, width: area.width - 2, ..line(area.y + 2) },
            nothing(state),
            theme.dim,
            theme,
        )),
    }
    let rule = theme.rule().repeat(usize::from(area.width));
    put(frame.buffer_mut(), line(area.bottom() - 1), &rule, theme.border, theme);
}

fn search_line(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    let browse = &state.browse;
    let summary = browse.found.as_ref().map(|found| summary(state, found.total)).unwrap_or_default();
    let width = (summary.len() as u16).min(area.width / 2);
    let buffer = frame.buffer_mut();
    put_right(buffer, Rect { x: area.right() - width, width, ..area }, &summary, theme.dim, theme);
    put(buffer, Rect { x: 1, width: 2, ..area }, "/", theme.key, theme);
    let field = Rect { x: 3, width: area.width - width - 4, ..area };
    let cursor = put_field(buffer, field, &browse.search, theme);
    if browse.focus == Focus::Search && state.overlays.is_empty() {
        frame.set_cursor_position(cursor);
    }
}

/// How many hits of how many records, and how long that took.
fn summary(state: &State, total: usize) -> String {
    let counts = state.counts.unwrap_or_default();
    let (name, of) = match state.browse.entity {
        Entity::Contact => ("Contacts", counts.contacts),
        Entity::Organization => ("Organizations", counts.organizations),
    };
    let millis = state.browse.found.as_ref().map_or(0, |f| f.took.as_millis());
    format!("{name}: {} of {}  {millis} ms ", grouped(total as u64), grouped(of))
}

fn table<'a>(browse: &'a Browse, rows: usize, theme: &'a Theme) -> Table<'a, 4> {
    let window = browse.cursor.window(browse.total(), rows);
    let selected = browse.cursor.selected.checked_sub(window.start);
    let columns = if browse.entity == Entity::Contact { &CONTACTS } else { &ORGANIZATIONS };
    let cells = |hit: &'a Hit| [&hit.name, &hit.organization, &hit.phone, &hit.email].map(String::as_str);
    let rows = window.map(|number| browse.hit(number).map(cells)).collect();
    Table { columns, rows, selected, search: browse.search.text(), theme }
}

/// Why there is nothing in the list.
fn nothing(state: &State) -> &'static str {
    match (state.counts, &state.browse.found, state.browse.entity) {
        (None, ..) => "Opening the base...",
        (Some(_), None, _) => "Searching...",
        (Some(_), Some(_), _) if !state.browse.search.text().is_empty() => "Nothing matches. Esc clears the search.",
        (Some(_), Some(_), Entity::Contact) => "No contacts yet. Press 2 to import a file.",
        (Some(_), Some(_), Entity::Organization) => "No organizations yet. Press 2 to import a file.",
    }
}
