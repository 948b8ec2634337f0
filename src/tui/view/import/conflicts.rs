//! Rows that disagree: the list at the left, the fields of the selected conflict at the right, the value that the
//! person is on below. In a narrow window the list is one line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::{file_name, line, rule, saved};
use crate::app::job::conflict::{ConflictView, FieldView, VariantView};
use crate::app::screen::import::Import;
use crate::app::screen::import::conflicts::{Conflicts, Focus, has_list, rows, value_here};
use crate::app::screen::import::decide::choice_text;
use crate::app::state::State;
use crate::model::fields::{Entity, FieldId};
use crate::model::record::Value;
use crate::model::text::{grouped, wrapped};
use crate::reconcile::decision::{Choice, Pick};
use crate::tui::theme::Theme;
use crate::tui::widget::matrix::{Matrix, Row};
use crate::tui::widget::text::{cut_inside, put, put_all, put_right};

/// Draws the step.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let conflicts = &state.import.conflicts;
    title(state, theme, buffer, line(area, 0));
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(4), ..area };
    let right = if has_list(state.size) {
        let width = (area.width * 2 / 5).clamp(33, 44);
        list(conflicts, state, theme, buffer, Rect { width, ..below });
        for row in 0..below.height {
            put(buffer, Rect { x: width, width: 1, ..line(below, row) }, theme.bar_vertical(), theme.border, theme);
        }
        Rect { x: width + 2, width: below.width.saturating_sub(width + 2), ..below }
    } else {
        below
    };
    match conflicts.view() {
        Some(view) => details(&state.import, view, has_list(state.size), theme, buffer, right),
        None => drop(put(buffer, line(right, 1), "Loading...", theme.dim, theme)),
    }
    rule(buffer, line(area, area.height.saturating_sub(3)), theme);
    let text = value_line(conflicts, theme);
    let width = usize::from(area.width.saturating_sub(2));
    for (row, text) in (area.height.saturating_sub(2)..area.height).zip(wrapped(&text, width)) {
        let place = line(area, row);
        put(buffer, Rect { x: 1, width: place.width.saturating_sub(1), ..place }, &text, Style::default(), theme);
    }
}

fn title(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let conflicts = &state.import.conflicts;
    let total = conflicts.standing.len() as u64;
    let (saved, style) = saved(state, theme);
    let count = format!("{} of {} decided{saved} ", grouped(conflicts.decided() as u64), grouped(total));
    put_right(buffer, area, &count, style, theme);
    let room = area.width.saturating_sub(count.len() as u16 + 1);
    let marked = match conflicts.marked.len() {
        0 => String::new(),
        marked => format!("  {} marked", grouped(marked as u64)),
    };
    let kind = match conflicts.standing.get(conflicts.cursor.selected).map(|standing| standing.entity) {
        Some(Entity::Contact) => "  contact conflict",
        _ => "  account conflict",
    };
    let plain = Style::default();
    let pieces = [(" ", plain), (file_name(state), theme.title), (kind, plain), (marked.as_str(), theme.warning)];
    put_all(buffer, Rect { width: room, ..area }, pieces, theme);
}

/// The widths of the columns before and behind the name.
const MARKS: u16 = 3;
const ROWS: u16 = 6;
const CLASS: u16 = 9;
/// The columns that a name has at least beside a long ID.
const NAME: u16 = 5;

fn list(conflicts: &Conflicts, state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let names = area.width.saturating_sub(MARKS + ROWS + CLASS);
    let part = |place: Rect, x: u16, width: u16| Rect { x: place.x + x, width, ..place }.intersection(area);
    let head = line(area, 0);
    put(buffer, part(head, MARKS, names), "CONFLICT", theme.title, theme);
    put_right(buffer, part(head, MARKS + names, ROWS - 1), "ROWS", theme.title, theme);
    put(buffer, part(head, MARKS + names + ROWS, CLASS), "CLASS", theme.title, theme);
    let window = conflicts.cursor.window(conflicts.standing.len(), rows(state.size));
    for (row, number) in (1..).zip(window) {
        let place = line(area, row);
        let selected = number == conflicts.cursor.selected;
        let standing = &conflicts.standing[number];
        let mark = match (standing.decided, conflicts.marked.contains(&number)) {
            (true, _) => "x",
            (false, true) => "*",
            (false, false) => " ",
        };
        let pointer = if selected { ">" } else { " " };
        put_all(buffer, part(place, 0, 2), [(mark, theme.good), (pointer, theme.title)], theme);
        match conflicts.name(number) {
            Some(name) => {
                // The ID comes first, but what can be seen of a name helps too.
                let room = if name.name.is_empty() { names } else { names - NAME - 1 };
                let fits = name.id.width() + name.name.width() < usize::from(names);
                let id = if fits { name.id.as_str().into() } else { cut_inside(&name.id, usize::from(room), theme) };
                let text = format!("{id} {}", theme.personal(&name.name));
                put(buffer, part(place, MARKS, names), &text, Style::default(), theme);
                // As many digits as there is room for.
                let count = match name.rows as u64 {
                    rows @ ..10_000 => grouped(rows),
                    rows => format!("{}k", rows / 1000),
                };
                put_right(buffer, part(place, MARKS + names, ROWS - 1), &count, Style::default(), theme);
            }
            None => drop(put(buffer, part(place, MARKS, names), "...", theme.dim, theme)),
        }
        put(buffer, part(place, MARKS + names + ROWS, CLASS), standing.class.word(), Style::default(), theme);
        if selected && conflicts.focus == Focus::List {
            buffer.set_style(part(place, 0, area.width - 1), theme.selected);
        }
    }
}

/// The heading, the matrix, and what muster says about it.
fn details(import: &Import, view: &ConflictView, with_list: bool, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let conflicts = &import.conflicts;
    heading(import, view, with_list, theme, buffer, line(area, 0));
    let (fields, selected) = conflicts.fields(view);
    let notes = notes(conflicts, view, theme);
    let room = area.height.saturating_sub(2);
    let facts = facts(view).into_iter().take(usize::from(room.saturating_sub(1)).min(2));
    let mut matrix: Vec<Row> = facts.collect();
    let shown = usize::from(room).saturating_sub(matrix.len());
    // As many notes as leave room for every field, but one at least where there is any room.
    let spare = shown.saturating_sub(fields.len()).max(usize::from(shown > 2)).min(notes.len());
    let shown = shown.saturating_sub(spare).max(1);
    let top = (selected + 1).saturating_sub(shown);
    let choice = import.choice();
    let first_field = matrix.len();
    matrix.extend(fields.iter().skip(top).take(shown).map(|field| field_row(conflicts, view, field, choice)));
    let heads = heads(view, choice, has_typed(conflicts, choice));
    let behind = view.variants - view.first - view.window.len();
    let count = matrix.len() as u16;
    let on_base = conflicts.on_base();
    Matrix {
        heads: &heads,
        rows: &matrix,
        selected: if on_base { view.window.len() } else { conflicts.column - view.first },
        row: Some(first_field + selected - top),
        pinned: heads.len() - view.window.len(),
        beyond: (view.first, behind),
        theme,
    }
    .render(Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, buffer);
    for (row, note) in (count + 2..).zip(notes.iter().take(spare)) {
        put(buffer, line(area, row), note, theme.dim, theme);
    }
}

/// Which conflict it is and how it stands. The name comes last: where there is a list, it is there too, as the class is.
/// Without a list this line stands for it.
fn heading(import: &Import, view: &ConflictView, with_list: bool, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let conflicts = &import.conflicts;
    let differing = view.fields.iter().filter(|field| field.class.is_some()).count();
    let fields = if differing == 1 { "1 field".to_owned() } else { format!("{differing} fields") };
    let about = match (import.choice(), &conflicts.picks) {
        (_, Some(picks)) => (format!("  per field: {} of {differing} picked", picks.len()), theme.warning),
        (Some(choice), None) => (format!("  decided: {}", choice_text(choice, view)), theme.good),
        (None, None) => {
            let rows = grouped(view.rows as u64);
            (format!("  {rows} rows disagree on {fields}"), Style::default())
        }
    };
    let name = conflicts.name(view.number).map(|name| name.name.as_str()).unwrap_or_default();
    let class = if with_list { String::new() } else { format!("  {}", view.class.word()) };
    let name = format!("{class}  {}", theme.personal(name));
    let id = if with_list {
        view.id.clone()
    } else {
        let mark = if conflicts.standing.get(view.number).is_some_and(|s| s.decided) { "x" } else { " " };
        format!("{mark}{}/{} {}", view.number + 1, conflicts.standing.len(), view.id)
    };
    let room = area.width.saturating_sub(about.0.len() as u16).max(area.width / 3);
    let taken = put(buffer, Rect { width: room, ..area }, &id, theme.title, theme);
    let rest = Rect { x: area.x + taken, width: area.width - taken, ..area };
    put_all(buffer, rest, [(about.0.as_str(), about.1), (name.as_str(), theme.dim)], theme);
}

/// The heading of each variant, of the base, and of typed values.
fn heads(view: &ConflictView, choice: Option<&Choice>, typed: bool) -> Vec<String> {
    let taken = |is: bool| if is { " taken" } else { "" };
    let variant = |(place, variant): (usize, &VariantView)| {
        let is = choice == Some(&Choice::Variant(variant.fingerprint));
        format!("{}{}", view.first + place + 1, taken(is))
    };
    let mut heads: Vec<String> = view.window.iter().enumerate().map(variant).collect();
    if view.base.is_some() {
        heads.push(format!("in base{}", taken(choice == Some(&Choice::Base))));
    }
    if typed {
        heads.push("typed".to_owned());
    }
    heads
}

/// The rows and the lines behind each variant.
fn facts(view: &ConflictView) -> [Row; 2] {
    let rows = |v: &VariantView| {
        let rejected = if v.only_rejected { " rejected" } else { "" };
        Some(format!("{}{rejected}", grouped(v.rows as u64)))
    };
    let lines = |v: &VariantView| {
        let lines: Vec<String> = v.lines.iter().map(ToString::to_string).collect();
        let more = if v.rows > v.lines.len() { ",..." } else { "" };
        Some(format!("{}{more}", lines.join(",")))
    };
    let mut all: Vec<Option<String>> = view.window.iter().map(rows).collect();
    all.extend(view.base.map(|import| Some(format!("import {import}"))));
    let row = |label: &str, cells| Row { label: label.to_owned(), cells, ..Row::default() };
    [row("rows", all), row("lines", view.window.iter().map(lines).collect())]
}

fn picks(conflicts: &Conflicts, choice: Option<&Choice>, field: FieldId) -> Option<Pick> {
    match (&conflicts.picks, choice) {
        (Some(picks), _) => picks.get(&field).cloned(),
        (None, Some(Choice::Fields(picks))) => picks.get(&field).cloned(),
        _ => None,
    }
}

fn has_typed(conflicts: &Conflicts, choice: Option<&Choice>) -> bool {
    let typed = |picks: &std::collections::BTreeMap<FieldId, Pick>| picks.values().any(|p| matches!(p, Pick::Typed(_)));
    match (&conflicts.picks, choice) {
        (Some(picks), _) | (None, Some(Choice::Fields(picks))) => typed(picks),
        _ => false,
    }
}

fn field_row(conflicts: &Conflicts, view: &ConflictView, field: &FieldView, choice: Option<&Choice>) -> Row {
    let text = |value: &Option<Value>| Some(value.as_ref().map(Value::text).unwrap_or_default());
    let mut cells: Vec<Option<String>> = field.values.iter().map(text).collect();
    if view.base.is_some() {
        cells.push(text(&field.base));
    }
    let typed = cells.len();
    let pick = picks(conflicts, choice, field.field);
    let picked = match &pick {
        Some(Pick::Variant(wanted)) => view.window.iter().position(|v| v.fingerprint == *wanted),
        Some(Pick::Base) => view.base.map(|_| view.window.len()),
        Some(Pick::Typed(payload)) => {
            cells.push(Some(Value::decode(field.field, payload).map(|v| v.text()).unwrap_or_default()));
            Some(typed)
        }
        None => None,
    };
    Row { label: field.label.clone(), compared: true, differs: field.class.is_some(), cells, picked }
}

/// What muster has to say: the suggestion, an earlier decision, fields that are not shown.
fn notes(conflicts: &Conflicts, view: &ConflictView, theme: &Theme) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some((import, choice)) = &view.remembered {
        notes.push(format!("in import {import}: {}", choice_text(choice, view)));
    }
    if let Some(Choice::Fields(picks)) = &view.suggestion {
        let value = |(field, pick): (&FieldId, &Pick)| {
            let shown = view.fields.iter().find(|f| f.field == *field)?;
            let value = match pick {
                Pick::Variant(wanted) => {
                    shown.values.get(view.window.iter().position(|v| v.fingerprint == *wanted)?)?.as_ref()
                }
                _ => shown.base.as_ref(),
            };
            let value = value.map(Value::text).unwrap_or_default();
            Some(format!("{} {}", shown.label, theme.personal(&value)))
        };
        let values: Vec<String> = picks.iter().filter_map(value).collect();
        notes.push(format!("d takes {}", values.join(", ")));
    }
    let equal = view.fields.iter().filter(|field| field.class.is_none()).count();
    if equal > 0 {
        let what = if conflicts.equal { "shown, = hides them" } else { "hidden, = shows them" };
        let fields = if equal == 1 { "1 equal field".to_owned() } else { format!("{equal} equal fields") };
        notes.push(format!("{fields} {what}"));
    }
    notes
}

/// The value that the person is on, in full.
fn value_line(conflicts: &Conflicts, theme: &Theme) -> String {
    let (Some((field, value)), Some(view)) = (value_here(conflicts), conflicts.view()) else { return String::new() };
    let whose = match conflicts.on_base() {
        true => "in the base".to_owned(),
        false => format!("variant {} of {}", conflicts.column + 1, view.variants),
    };
    let value = if value.is_empty() { "(empty)".into() } else { theme.personal(&value) };
    let stored = match conflicts.on_base() {
        true => field.base.as_ref(),
        false => field.values.get(conflicts.column - view.first).and_then(Option::as_ref),
    };
    let remark = stored.filter(|_| !theme.mask).map(remark).unwrap_or_default();
    format!("{}, {whose}: {value}{remark}", field.label)
}

/// What else there is to say of a phone: how it was typed, and why it will not sync.
fn remark(value: &Value) -> String {
    match value {
        Value::Phone(phone) => match &phone.number {
            Ok(_) if phone.typed == phone.shown() => String::new(),
            Ok(_) => format!("  (in the file: {})", phone.typed),
            Err(problem) => format!("  (will not sync: {})", problem.reason()),
        },
        Value::Text(_) => String::new(),
    }
}
