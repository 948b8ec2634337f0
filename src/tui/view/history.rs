//! The history: the acts, the records of one, what blocks an undo.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use crate::app::job::history::ActView;
use crate::app::screen::history::records::{self, RecordsPane, part_words};
use crate::app::screen::history::{History, Step, rows, undo};
use crate::app::state::State;
use crate::base::Counts;
use crate::flow::history::State as Standing;
use crate::flow::records::Part;
use crate::flow::rejects::Rejects;
use crate::model::text::{counted, grouped, wrapped};
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, NO_MARKS, Table};
use crate::tui::widget::text::{put, put_all};

/// Where there is no room, the last ones are left out.
const ACTS: [Column; 7] = [
    Column::new("#", 4, 0).plain(),
    Column::new("WHEN", 16, 0).plain(),
    Column::new("WHAT", 18, 4).plain(),
    Column::new("STATE", 11, 0).plain(),
    Column::new("CONTACTS", 9, 1).plain(),
    Column::new("WHO", 8, 2).plain(),
    Column::new("ORGANIZATIONS", 13, 0).plain(),
];

const RECORDS: [Column; 4] = [
    Column::new("ID", 8, 1).id(),
    Column::new("NAME", 10, 2),
    Column::new("WHAT", 16, 6),
    Column::new("LINE", 6, 0).plain(),
];

const BLOCKERS: [Column; 4] = [
    Column::new("RECORD", 12, 0).plain(),
    Column::new("ID", 8, 1).id(),
    Column::new("FIELD", 10, 2).plain(),
    Column::new("WHY IT STAYS", 16, 5).message(),
];

/// Draws the history between tab bar and hint bar.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let (history, area) = (&state.history, Rect { height: area.height - 1, ..area });
    rule(buffer, Rect { y: area.bottom(), height: 1, ..area }, theme);
    match (history.step, &history.records) {
        (Step::Records, Some(pane)) => records(pane, state, theme, buffer, area),
        (Step::Blockers, _) => blockers(history, state, theme, buffer, area),
        _ => acts(history, state, theme, buffer, area),
    }
}

fn line(area: Rect, row: u16) -> Rect {
    Rect { y: area.y.saturating_add(row), height: 1, ..area }.intersection(area)
}

fn rule(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    put(buffer, area, &theme.rule().repeat(usize::from(area.width)), theme.border, theme);
}

/// Lines at the bottom of an area, under a rule.
fn below(buffer: &mut Buffer, area: Rect, count: u16, lines: &[String], theme: &Theme) {
    let top = area.height.saturating_sub(count);
    rule(buffer, line(area, top.saturating_sub(1)), theme);
    for (row, text) in (top..area.height).zip(lines) {
        let place = line(area, row);
        put(buffer, Rect { x: 1, width: place.width.saturating_sub(1), ..place }, text, Style::default(), theme);
    }
}

fn acts(history: &History, state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(acts) = history.acts.as_ref().filter(|acts| !acts.is_empty()) else {
        let lines = match (&history.acts, state.counts) {
            (Some(_), _) => ["Nothing was imported or changed yet.", "Press 2 to import a file."],
            (None, None) => ["The base is not open.", "Press 1, then r to try again."],
            (None, Some(_)) => ["Loading...", ""],
        };
        for (row, text) in (1..).zip(lines) {
            let place = line(area, row);
            put(buffer, Rect { x: 2, width: place.width.saturating_sub(2), ..place }, text, theme.dim, theme);
        }
        return;
    };
    let count = rows(state.size);
    let window = history.cursor.window(acts.len(), count);
    let cells: Vec<[String; 7]> = acts[window.clone()].iter().map(act_cells).collect();
    let table = Table {
        columns: &ACTS,
        rows: cells.iter().map(|cells| Some(cells.each_ref().map(String::as_str))).collect(),
        selected: history.cursor.selected.checked_sub(window.start),
        marks: NO_MARKS,
        theme,
    };
    table.render(Rect { height: count as u16 + 1, ..area }.intersection(area), buffer);
    let about = history.selected().map(|act| about_act(history, act)).unwrap_or_default();
    below(buffer, area, 3, &about, theme);
}

fn act_cells(act: &ActView) -> [String; 7] {
    [
        act.number.to_string(),
        act.when.clone(),
        format!("{} {}", act.kind, act.about),
        match act.state {
            Standing::Stands => "undoable".to_owned(),
            Standing::UndoneBy(by) => format!("undone by {by}"),
            Standing::TooOld => "too old".to_owned(),
        },
        counts_text(act.contacts),
        act.who.clone(),
        counts_text(act.organizations),
    ]
}

/// `+6 ~2 -1`: created, updated, deleted; what is zero is left out.
fn counts_text(counts: Counts) -> String {
    let signs = [('+', counts.created), ('~', counts.updated), ('-', counts.deleted)];
    let parts: Vec<String> =
        signs.iter().filter(|(_, n)| *n > 0).map(|(sign, n)| format!("{sign}{}", grouped(*n))).collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(" ") }
}

/// What there is to say of the selected act, in three lines.
fn about_act(history: &History, act: &ActView) -> Vec<String> {
    let about = if act.about.is_empty() { String::new() } else { format!("  {}", act.about) };
    let counts = |label: &str, counts: Counts| {
        let Counts { created, updated, deleted } = counts;
        let words = counted(&[(created, "created"), (updated, "updated"), (deleted, "deleted")]);
        if words.is_empty() { format!("{label}: none") } else { format!("{label}: {words}") }
    };
    let [held, rejected] = act.left_out;
    let left_out = format!("Rows left out: {}", counted(&[(held, "held"), (rejected, "rejected")]));
    let state = match act.state {
        Standing::Stands => "u undoes it".to_owned(),
        Standing::UndoneBy(by) => {
            let when = history.act(by).map(|undo| format!(", {}", undo.when)).unwrap_or_default();
            format!("Undone by {by}{when}")
        }
        Standing::TooOld => "Too old to undo: what it changed is not kept any more".to_owned(),
    };
    let rejects = match act.rejects {
        Rejects::None => state,
        Rejects::Kept => format!("{state}. {left_out}; w saves them again"),
        Rejects::Gone => format!("{state}. {left_out}; not kept any more"),
    };
    vec![
        format!("{}{about}  by {}, {}", act.name, act.who, act.when),
        format!("{}. {}", counts("Contacts", act.contacts), counts("Organizations", act.organizations)),
        rejects,
    ]
}

fn records(pane: &RecordsPane, state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let total = pane.found.as_ref().map_or_else(|| "...".to_owned(), |found| grouped(found.total as u64));
    let place = match pane.total() {
        0 => format!("  {total}"),
        _ => format!("  {} of {total}", grouped(pane.cursor.selected as u64 + 1)),
    };
    let (plain, part) = (Style::default(), format!("  {}", part_words(pane.part)));
    let head = [
        (" ", plain),
        (pane.act.name.as_str(), theme.title),
        ("  ", plain),
        (pane.act.about.as_str(), plain),
        (part.as_str(), theme.title),
        (place.as_str(), theme.dim),
    ];
    put_all(buffer, line(area, 0), head, theme);
    let count = records::rows(state.size);
    let window = pane.cursor.window(pane.total(), count);
    if window.is_empty() {
        let text = match (&pane.found, pane.part) {
            (None, _) => "Loading...",
            (Some(_), Part::ChangedSince) => "Nothing has changed these records since. f lists others, Esc goes back.",
            (Some(_), _) => "No records. f lists others, Esc goes back.",
        };
        let place = line(area, 2);
        put(buffer, Rect { x: 2, width: place.width.saturating_sub(2), ..place }, text, theme.dim, theme);
    } else {
        let table = Table {
            columns: &RECORDS,
            rows: window.clone().map(|n| pane.row(n).map(|row| row.cells.each_ref().map(String::as_str))).collect(),
            selected: pane.cursor.selected.checked_sub(window.start),
            marks: NO_MARKS,
            theme,
        };
        table.render(Rect { y: area.y + 1, height: count as u16 + 1, ..area }.intersection(area), buffer);
    }
    let about = pane.row(pane.cursor.selected).map(|row| row.changes.join("; ")).unwrap_or_default();
    let about = theme.personal(&about);
    below(buffer, area, 2, &wrapped(&about, usize::from(area.width.saturating_sub(2))), theme);
}

fn blockers(history: &History, state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(told) = &history.undo else { return };
    let shown = told.blockers.len() as u64;
    let first = if shown < told.blocked { format!(", the first {} here", grouped(shown)) } else { String::new() };
    let title = format!(" {} is not undone: {} values block{first}", told.name, grouped(told.blocked));
    put(buffer, line(area, 0), &title, theme.warning, theme);
    let rest = match told.is_empty() {
        true => ["Nothing else is left to undo.".to_owned(), String::new()],
        false => {
            let [contacts, organizations] = undo::counts_text(told);
            [format!("r undoes the rest. {contacts}"), format!("{:18} {organizations}", "")]
        }
    };
    for (row, text) in (1..).zip(&rest) {
        let place = line(area, row);
        put(buffer, Rect { x: 1, width: place.width.saturating_sub(1), ..place }, text, Style::default(), theme);
    }
    let count = undo::rows(state.size);
    let window = history.blocker.window(told.blockers.len(), count);
    let table = Table {
        columns: &BLOCKERS,
        rows: told.blockers[window.clone()].iter().map(|row| Some(row.each_ref().map(String::as_str))).collect(),
        selected: history.blocker.selected.checked_sub(window.start),
        marks: NO_MARKS,
        theme,
    };
    table.render(Rect { y: area.y + 3, height: count as u16 + 1, ..area }.intersection(area), buffer);
    let selected = told.blockers.get(history.blocker.selected);
    let about = selected.map(|[record, id, field, why]| {
        let field = if field.is_empty() { String::new() } else { format!(", {field}") };
        format!("{record} {id}{field}: {why}")
    });
    let width = usize::from(area.width.saturating_sub(2));
    below(buffer, area, 2, &wrapped(&theme.message(&about.unwrap_or_default()), width), theme);
}
