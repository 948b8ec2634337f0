//! Browse: the search line, the list, the details.
//!
//! - here: what is where, the search line, and what is said under it
//! - `list`: the list, or why there is nothing in it
//! - `detail`: the details of the selected record
//! - `form`: the form in which a record is made or changed

mod detail;
mod form;
mod list;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::app::job::Slot;
use crate::app::screen::browse::Focus;
use crate::app::screen::browse::split::{Pane, Split};
use crate::app::state::State;
use crate::model::fields::Entity;
use crate::model::text::{grouped, wrapped};
use crate::search::Sort;
use crate::tui::theme::Theme;
use crate::tui::widget::field::put_field;
use crate::tui::widget::text::{put, put_right};

/// Draws Browse between tab bar and hint bar.
pub fn draw(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    if let Some(form) = &state.browse.form {
        return form::draw(state, form, theme, frame, area);
    }
    let split = Split::of(state.size, state.browse.focus);
    let below = |rows: usize| area.height - 1 - rows as u16;
    let whole = Rect { height: below(0), ..area };
    rule(frame.buffer_mut(), Rect { y: area.bottom() - 1, ..area }, theme);
    match split.pane {
        Pane::Hidden => listing(state, theme, frame, whole),
        Pane::Whole(_) => detail::draw(state, theme, frame.buffer_mut(), whole),
        Pane::Below(rows) => {
            let list = Rect { height: below(rows + 1), ..area };
            listing(state, theme, frame, list);
            rule(frame.buffer_mut(), Rect { y: list.bottom(), ..area }, theme);
            let pane = Rect { y: list.bottom() + 1, height: rows as u16, ..area };
            detail::draw(state, theme, frame.buffer_mut(), pane);
        }
        Pane::Beside(columns) => {
            let list = Rect { width: area.width - columns as u16, ..whole };
            listing(state, theme, frame, list);
            let pane = Rect { x: list.right(), width: columns as u16, ..whole };
            let buffer = frame.buffer_mut();
            for y in pane.top()..pane.bottom() {
                put(buffer, Rect { y, width: 1, height: 1, ..pane }, theme.bar_vertical(), theme.border, theme);
            }
            detail::draw(state, theme, buffer, Rect { x: pane.x + 1, width: pane.width - 1, ..pane });
        }
    }
}

fn rule(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let line = theme.rule().repeat(usize::from(area.width));
    put(buffer, Rect { height: 1, ..area }, &line, theme.border, theme);
}

/// The search line, what is said under it, and the list.
fn listing(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    search_line(state, theme, frame, Rect { height: 1, ..area });
    let mut rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if let Some((remark, style)) = remark(state, theme) {
        for line in wrapped(&remark, usize::from(area.width).saturating_sub(4)).iter().take(3) {
            put(
                frame.buffer_mut(),
                Rect { x: area.x + 3, width: area.width - 3, height: 1, ..rest },
                line,
                style,
                theme,
            );
            rest = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
        }
    }
    list::draw(state, theme, frame.buffer_mut(), rest);
}

fn search_line(state: &State, theme: &Theme, frame: &mut Frame, area: Rect) {
    let browse = &state.browse;
    let room = area.width / 2;
    let timed = Some(summary(state, theme, true)).filter(|text| text.width() <= usize::from(room));
    let summary = timed.unwrap_or_else(|| summary(state, theme, false));
    let width = (summary.width() as u16).min(room);
    let buffer = frame.buffer_mut();
    put_right(buffer, Rect { x: area.right() - width, width, ..area }, &summary, theme.dim, theme);
    put(buffer, Rect { x: area.x + 1, width: 2, ..area }, "/", theme.key, theme);
    let field = Rect { x: area.x + 3, width: area.width - width - 4, ..area };
    let cursor = put_field(buffer, field, &browse.search, theme);
    if browse.focus == Focus::Search {
        if state.overlays.is_empty() {
            frame.set_cursor_position(cursor);
        }
    } else if browse.search.text().is_empty() {
        put(buffer, field, "press / and type: name, phone, e-mail, ID", theme.dim, theme);
    }
}

/// How many hits of how many records, and how long that took if there is room for it; while the base is being indexed, how
/// far that is.
fn summary(state: &State, theme: &Theme, timed: bool) -> String {
    let browse = &state.browse;
    let Some(found) = &browse.found else { return String::new() };
    let counts = state.counts.unwrap_or_default();
    let more = if found.counting { "+" } else { "" };
    let total = format!("{}{more}", grouped(found.total as u64));
    let order = match found.sort {
        Sort::Best => "",
        Sort::Name => "  by name",
        Sort::Organization => "  by organization",
    };
    let time = found.took.as_millis();
    let hits = match (&browse.inside, browse.entity) {
        (Some(inside), _) => format!("Members of {}: {total}", theme.personal(&inside.name)),
        (None, Entity::Contact) => format!("Contacts: {total} of {}", grouped(counts.contacts)),
        (None, Entity::Organization) => format!("Organizations: {total} of {}", grouped(counts.organizations)),
    };
    match indexing(state).filter(|_| found.partial) {
        Some(part) => format!("{hits}{order}  indexing {part} % "),
        None if timed => format!("{hits}{order}  {time} ms "),
        None => format!("{hits}{order} "),
    }
}

/// How much of the base is indexed, in percent; `None` if nothing is being indexed.
fn indexing(state: &State) -> Option<u64> {
    let (_, progress) = state.running.iter().find(|(slot, _)| *slot == Slot::Index)?;
    let all = state.counts?.contacts.max(1);
    Some((progress.rows * 100 / all).min(99))
}

/// What there is to say about the search: a mistake, or that the hits are not quite what was typed.
fn remark(state: &State, theme: &Theme) -> Option<(String, Style)> {
    if let Some(mistake) = &state.browse.mistake {
        return Some((mistake.clone(), theme.warning));
    }
    let typo = state.browse.found.as_ref().is_some_and(|found| found.typo);
    typo.then(|| ("Nothing matches as typed; these match with one letter changed.".to_owned(), theme.warning))
}
