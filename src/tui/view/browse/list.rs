//! The list, or why there is nothing in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::indexing;
use crate::app::job::Slot;
use crate::app::screen::browse::Focus;
use crate::app::screen::browse::split::{Pane, Split};
use crate::app::state::State;
use crate::model::fields::Entity;
use crate::model::text::wrapped;
use crate::report::brief::{Cell, cells, headings};
use crate::search::marks_in;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, Table};
use crate::tui::widget::text::put;

/// Least width and share of each column; where they do not fit, the last ones are left out.
const WIDTHS: [(u16, u16); 7] = [(18, 2), (14, 2), (19, 0), (22, 3), (14, 0), (18, 1), (16, 1)];

/// How many of them there are above the glance.
const ABOVE_GLANCE: usize = 4;

/// Draws the list, its headings on the first line.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    match &state.browse.found {
        Some(found) if found.total > 0 => table(state, theme, buffer, area),
        _ => {
            let width = usize::from(area.width).saturating_sub(4);
            let lines = nothing(state);
            for (line, y) in lines.iter().flat_map(|text| wrapped(text, width)).zip(area.y + 1..area.bottom()) {
                let place = Rect { x: area.x + 2, y, width: area.width - 2, height: 1 };
                put(buffer, place, &line, theme.dim, theme);
            }
        }
    }
}

fn table(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let browse = &state.browse;
    let rows = usize::from(area.height).saturating_sub(1);
    // What is said above the list takes rows from it; the selection stays in view all the same.
    let mut cursor = browse.cursor;
    cursor.reveal(browse.total(), rows);
    let window = cursor.window(browse.total(), rows);
    let selected = cursor.selected.checked_sub(window.start);
    let entity = browse.entity;
    let records: Vec<Option<[Cell; 7]>> = window
        .map(|number| {
            let hit = browse.hit(number)?;
            Some(cells(entity, &hit.id, hit.record.values.view(), hit.organization.as_deref()))
        })
        .collect();
    let query = browse.found.as_ref().map(|found| &found.query).filter(|query| !query.is_empty());
    let marks = |row: usize, column: usize| match (&records[row], query) {
        (Some(cells), Some(query)) => marks_in(entity, cells[column].field, &cells[column].text, query),
        _ => Vec::new(),
    };
    let titles = headings(entity);
    // What the glance below shows leaves its room to names and addresses.
    let below = matches!(Split::of(state.size, browse.focus).pane, Pane::Below(_));
    let wanted = if below { ABOVE_GLANCE } else { WIDTHS.len() };
    let least = |n: usize| if n < wanted { WIDTHS[n].0 } else { area.width };
    let column = |n: usize| Column::new(titles[n], least(n), WIDTHS[n].1);
    let columns = std::array::from_fn(|n| if titles[n] == "ID" { column(n).id() } else { column(n) });
    let rows = records.iter().map(|cells| Some(cells.as_ref()?.each_ref().map(|cell| cell.text.as_str()))).collect();
    Table { columns: &columns, rows, selected, marks: &marks, theme }.render(area, buffer);
}

/// Why there is nothing in the list, and what to do now.
fn nothing(state: &State) -> Vec<String> {
    let browse = &state.browse;
    let opening = state.running.iter().find(|(slot, _)| *slot == Slot::Base).map(|(_, progress)| &progress.doing);
    if state.counts.is_none() {
        return match opening {
            Some(doing) => vec![format!("{doing}...")],
            None => vec!["The base is not open.".to_owned(), "Press r to try again, q to quit.".to_owned()],
        };
    }
    if browse.found.as_ref().is_none_or(|found| found.counting) {
        return vec!["Searching...".to_owned()];
    }
    let (noun, other) = match browse.entity {
        Entity::Contact => ("contact", "organizations"),
        Entity::Organization => ("organization", "contacts"),
    };
    let typed = browse.search.text().trim();
    if typed.is_empty() && browse.inside.is_some() {
        return vec!["This organization has no members.".to_owned(), "Esc goes back.".to_owned()];
    }
    if typed.is_empty() {
        return vec![
            format!("No {noun}s yet."),
            "Press 2 to import a file, or leave with q and run: muster FILE".to_owned(),
            format!("c makes {} {noun} by hand.", if browse.entity == Entity::Contact { "a" } else { "an" }),
        ];
    }
    if let Some(part) = indexing(state) {
        return vec![format!("Nothing yet: {part} % of the base is indexed, the search goes on by itself.")];
    }
    let whose =
        browse.inside.as_ref().map_or_else(|| format!("No {noun}"), |inside| format!("No member of {}", inside.name));
    let matches = if typed.split_whitespace().nth(1).is_some() { "matches all of" } else { "matches" };
    let back = if browse.focus == Focus::Search {
        "Esc clears the search; fewer words or letters find more."
    } else {
        "Esc clears the search, / goes on typing."
    };
    let elsewhere = match (&browse.inside, browse.focus) {
        (Some(_), _) => "Esc twice goes back to all contacts.".to_owned(),
        (None, Focus::Search) => format!("Enter, then o looks among {other}."),
        (None, _) => format!("o looks among {other}."),
    };
    vec![format!("{whose} {matches}: {typed}"), back.to_owned(), elsewhere]
}
