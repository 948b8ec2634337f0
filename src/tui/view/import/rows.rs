//! The list behind a number.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::{file_name, line, rule};
use crate::app::job::import::{List, ListRow};
use crate::app::screen::import::rows::{RowsPane, rows};
use crate::app::state::State;
use crate::model::text::{grouped, wrapped};
use crate::reconcile::outcome::Outcome;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, NO_MARKS, Table};
use crate::tui::widget::text::{put, put_all};

const FINDINGS: [Column; 4] = [
    Column::new("LINE", 7, 0).plain(),
    Column::new("COLUMN", 14, 0).plain(),
    Column::new("VALUE", 12, 1),
    Column::new("REASON", 16, 4).message(),
];
const CREATED: [Column; 4] = [
    Column::new("LINE", 7, 0).plain(),
    Column::new("ID", 9, 1).id(),
    Column::new("NAME", 14, 2),
    Column::new("VALUES", 16, 4),
];
const CHANGED: [Column; 4] = [
    Column::new("LINE", 7, 0).plain(),
    Column::new("ID", 9, 1).id(),
    Column::new("NAME", 14, 2),
    Column::new("CHANGES", 16, 4),
];
const CORRECTIONS: [Column; 4] = [
    Column::new("LINE", 7, 0).plain(),
    Column::new("COLUMN", 14, 1).plain(),
    Column::new("IN THE FILE", 12, 2),
    Column::new("CORRECTED", 12, 2),
];
/// The cells of a row as it stands in the file: the others are empty.
const RAW: [Column; 4] = [
    Column::new("LINE", 7, 0).plain(),
    Column::new("AS IN THE FILE", 20, 1),
    Column::new("", 0, 0),
    Column::new("", 0, 0),
];

const ALL: [Column; 4] = [
    Column::new("LINE", 7, 0).plain(),
    Column::new("OUTCOME", 17, 0).plain(),
    Column::new("AS IN THE FILE", 20, 1),
    Column::new("", 0, 0),
];
const IDLE: [Column; 4] =
    [Column::new("ACCOUNT ID", 12, 1).id(), Column::new("NAME", 20, 3), Column::new("", 0, 0), Column::new("", 0, 0)];

fn columns(list: List) -> &'static [Column; 4] {
    match list {
        List::Findings(..) | List::Outcome(Outcome::Rejected | Outcome::Held) => &FINDINGS,
        List::Outcome(_) => &RAW,
        List::Corrections => &CORRECTIONS,
        List::All => &ALL,
        List::Idle(_) => &IDLE,
        List::Created(_) => &CREATED,
        List::Updated(_) | List::Moved | List::Renamed | List::Erased => &CHANGED,
    }
}

/// Draws the list.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(pane) = &state.import.rows else { return };
    let total = pane.found.as_ref().map_or("...".to_owned(), |found| grouped(found.total as u64));
    let place = if pane.total() > 0 {
        format!("  {} of {total}", grouped(pane.cursor.selected as u64 + 1))
    } else {
        format!("  {total}")
    };
    let head = [
        (" ", Style::default()),
        (file_name(state), Style::default()),
        ("  ", Style::default()),
        (pane.title.as_str(), theme.title),
        (place.as_str(), theme.dim),
    ];
    put_all(buffer, line(area, 0), head, theme);
    list(pane, state, theme, buffer, area);
    rule(buffer, line(area, area.height.saturating_sub(3)), theme);
    let about = pane.row(pane.cursor.selected).map(|row| about(row, theme)).unwrap_or_default();
    let width = usize::from(area.width.saturating_sub(2));
    for (row, text) in (area.height.saturating_sub(2)..area.height).zip(wrapped(&about, width)) {
        let place = line(area, row);
        put(buffer, Rect { x: 1, width: place.width.saturating_sub(1), ..place }, &text, Style::default(), theme);
    }
}

fn list(pane: &RowsPane, state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let count = rows(state.size);
    let window = pane.cursor.window(pane.total(), count);
    if pane.found.is_none() || window.is_empty() {
        let text =
            if pane.found.is_none() { "Loading..." } else { "Nothing here any more. Esc goes back to the numbers." };
        let place = line(area, 2);
        put(buffer, Rect { x: 2, width: place.width.saturating_sub(2), ..place }, text, theme.dim, theme);
        return;
    }
    let table = Table {
        columns: columns(pane.list),
        rows: window.clone().map(|n| pane.row(n).map(|row| row.cells.each_ref().map(String::as_str))).collect(),
        selected: pane.cursor.selected.checked_sub(window.start),
        marks: NO_MARKS,
        theme,
    };
    table.render(Rect { y: area.y + 1, height: count as u16 + 1, ..area }.intersection(area), buffer);
}

/// What there is to say of the selected row.
fn about(row: &ListRow, theme: &Theme) -> String {
    match row.about.as_slice() {
        [] => theme.personal(&row.cells[1]).into_owned(),
        about => theme.message(&about.join("; ")).into_owned(),
    }
}
