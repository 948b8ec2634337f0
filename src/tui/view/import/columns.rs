//! Which column is which field, with sample values.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::{file_name, line, rule, size};
use crate::app::job::import::{ColumnView, FileView};
use crate::app::screen::import::columns::rows;
use crate::app::screen::import::settings;
use crate::app::state::State;
use crate::model::text::grouped;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, NO_MARKS, Table};
use crate::tui::widget::text::put;

const COLUMNS: [Column; 3] =
    [Column::new("COLUMN", 12, 2).plain(), Column::new("FIELD", 12, 2).plain(), Column::new("SAMPLES", 10, 3)];

/// Draws the step.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(file) = &state.import.file else {
        put(buffer, line(area, 0), &format!(" Opening {}...", file_name(state)), theme.dim, theme);
        return;
    };
    let about =
        format!(" {}  {}  {}, {}  {}", file.name, size(file.bytes), file.encoding, file.separator, file.wording);
    put(buffer, line(area, 0), &about, theme.title, theme);
    put(buffer, line(area, 1), &format!(" Settings: {}", settings::summary(file)), Style::default(), theme);
    open_points(file, theme, buffer, line(area, 2));
    let count = rows(state.size);
    let cursor = state.import.column;
    let window = cursor.window(file.columns.len(), count);
    let cells: Vec<[String; 3]> = window.clone().map(|at| cells(&file.columns[at], part(state, at))).collect();
    let table = Table {
        columns: &COLUMNS,
        rows: cells.iter().map(|cells| Some(cells.each_ref().map(String::as_str))).collect(),
        selected: cursor.selected.checked_sub(window.start),
        marks: NO_MARKS,
        theme,
    };
    let list = Rect { y: area.y + 3, height: count as u16 + 1, ..area }.intersection(area);
    table.render(list, buffer);
    rule(buffer, line(area, area.height.saturating_sub(3)), theme);
    if let Some(column) = file.columns.get(cursor.selected) {
        let number = format!(" Column {} of {}: {}", cursor.selected + 1, file.columns.len(), column.header);
        put(buffer, line(area, area.height.saturating_sub(2)), &number, Style::default(), theme);
        let samples = match column.samples.as_slice() {
            [] => " Every cell looked at is empty".to_owned(),
            samples => format!(" {}", theme.personal(&samples.join(" | "))),
        };
        put(buffer, line(area, area.height.saturating_sub(1)), &samples, theme.dim, theme);
    }
}

/// What is not settled, the worst first: questions, a guessed encoding, columns left out.
fn open_points(file: &FileView, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let left_out = file.columns.iter().filter(|column| column.field.is_empty());
    let left_out: Vec<&str> = left_out.map(|column| column.header.as_str()).collect();
    if let Some(question) = file.questions.first() {
        // The message may be longer than the line; `a` shows it whole.
        let many = match file.questions.len() {
            1 => String::new(),
            count => format!("1 of {count}: "),
        };
        put(buffer, area, &format!(" ? {many}{}", question.message), theme.warning, theme);
    } else if !file.samples.is_empty() {
        let text = format!(" Is this right? {}  (s: another encoding)", theme.personal(&file.samples.join(" | ")));
        put(buffer, area, &text, theme.warning, theme);
    } else if !left_out.is_empty() {
        let count = grouped(left_out.len() as u64);
        put(buffer, area, &format!(" Left out ({count}): {}", left_out.join(", ")), theme.dim, theme);
    }
}

/// Which part of an ID a column is marked as, from 1.
fn part(state: &State, column: usize) -> Option<usize> {
    state.import.parts.iter().position(|part| *part == column).map(|place| place + 1)
}

/// A column that is marked says so before its header, one that a person changed behind its field.
fn cells(column: &ColumnView, part: Option<usize>) -> [String; 3] {
    let field = match (column.asked, column.field.as_str()) {
        (true, _) => "? asked".to_owned(),
        (false, "") => "- left out".to_owned(),
        (false, field) => field.to_owned(),
    };
    let header = part.map_or_else(|| column.header.clone(), |part| format!("[{part}] {}", column.header));
    let field = if column.changed { format!("{field}  * changed") } else { field };
    [header, field, column.samples.join(" | ")]
}
