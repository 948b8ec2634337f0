//! What needs a person's consent: the list, and the selected one with both sides, or with its three values.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::{file_name, line, rule};
use crate::app::job::doubt::{DoubtField, DoubtView};
use crate::app::screen::import::doubts::{DoubtsPane, consent_to, consent_words, detail_rows, kind_words, rows};
use crate::app::state::State;
use crate::model::text::grouped;
use crate::reconcile::decision::{Consent, Decisions};
use crate::reconcile::doubt::DoubtKind;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, NO_MARKS, Table};
use crate::tui::widget::text::{put, put_all, put_right};

const HAND_EDITS: [Column; 5] = [
    Column::new("TAKES", 7, 0).plain(),
    Column::new("RECORD", 14, 3),
    Column::new("FIELD", 10, 1).plain(),
    Column::new("BY HAND", 10, 3),
    Column::new("THIS FILE", 10, 3),
];
const PERSONS: [Column; 5] = [
    Column::new("ANSWER", 9, 0).plain(),
    Column::new("CONTACT ID", 10, 1).id(),
    Column::new("IN THE BASE", 14, 3),
    Column::new("IN THE FILE", 14, 3),
    Column::new("LINE", 6, 0).plain(),
];
const DELETED: [Column; 5] = [
    Column::new("ANSWER", 9, 0).plain(),
    Column::new("ID", 10, 1).id(),
    Column::new("IN THE FILE", 14, 3),
    Column::new("RECORD", 12, 0).plain(),
    Column::new("LINE", 6, 0).plain(),
];

/// Draws the step.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(pane) = &state.import.doubts.pane else { return };
    let decisions = &state.import.timeline.decisions();
    let (plain, kind) = (Style::default(), format!("  {}", kind_words(pane.kind)));
    let place = format!("  {} of {}", grouped(pane.cursor.selected as u64 + 1), grouped(pane.total as u64));
    let head = [(" ", plain), (file_name(state), plain), (kind.as_str(), theme.title), (place.as_str(), theme.dim)];
    put_all(buffer, line(area, 0), head, theme);
    if !pane.marked.is_empty() {
        put_right(buffer, line(area, 0), &format!("{} marked ", pane.marked.len()), theme.warning, theme);
    }
    list(pane, decisions, state, theme, buffer, area);
    let details = detail_rows(state.size) as u16;
    let top = area.height.saturating_sub(details);
    rule(buffer, line(area, top.saturating_sub(1)), theme);
    let inside = Rect { x: 1, y: area.y + top, width: area.width.saturating_sub(2), height: details };
    match pane.selected() {
        Some(view) if pane.kind == DoubtKind::HandEdit => three_values(view, decisions, theme, buffer, inside),
        Some(view) => side_by_side(pane.kind, view, decisions, theme, buffer, inside),
        None => drop(put(buffer, line(inside, 0), "Loading...", theme.dim, theme)),
    }
}

fn list(pane: &DoubtsPane, decisions: &Decisions, state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let count = rows(state.size);
    let window = pane.cursor.window(pane.total, count);
    let cells: Vec<Option<[String; 5]>> =
        window.clone().map(|number| Some(cells(pane, number, pane.view(number)?, decisions))).collect();
    let table = Table {
        columns: match pane.kind {
            DoubtKind::HandEdit => &HAND_EDITS,
            DoubtKind::DifferentPerson => &PERSONS,
            DoubtKind::DeletedByHand => &DELETED,
        },
        rows: cells.iter().map(|cells| Some(cells.as_ref()?.each_ref().map(String::as_str))).collect(),
        selected: pane.cursor.selected.checked_sub(window.start),
        marks: NO_MARKS,
        theme,
    };
    table.render(Rect { y: area.y + 1, height: count as u16 + 1, ..area }.intersection(area), buffer);
}

fn cells(pane: &DoubtsPane, number: usize, view: &DoubtView, decisions: &Decisions) -> [String; 5] {
    let answered = consent_to(decisions, view);
    let mark = match (pane.marked.contains(&number), answered) {
        (true, _) => "*",
        (false, Some(_)) => "x",
        (false, None) => " ",
    };
    let word = match answered.or(view.usual) {
        None => "held",
        Some(Consent::SamePerson) => "same",
        Some(Consent::OtherPerson) => "other",
        Some(Consent::CreateAgain) => "create",
        Some(Consent::StayDeleted) => "deleted",
        Some(Consent::TakeFile) => "file",
        Some(Consent::KeepHand) => "hand",
    };
    let (answer, id, at) = (format!("{mark} {word}"), view.subject.id.clone(), view.row.1.to_string());
    match (pane.kind, view.fields.first()) {
        (DoubtKind::HandEdit, Some(field)) => {
            let record = format!("{id} {}", view.stored_name);
            [answer, record, field.label.clone(), value(&field.stored), value(&field.file)]
        }
        (DoubtKind::DeletedByHand, _) => {
            [answer, id, view.file_name.clone(), view.subject.entity.noun().to_owned(), at]
        }
        _ => [answer, id, view.stored_name.clone(), view.file_name.clone(), at],
    }
}

fn value(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "(empty)".to_owned())
}

/// What happens, and whether that was said.
fn verdict(view: &DoubtView, decisions: &Decisions) -> String {
    match (consent_to(decisions, view), view.usual) {
        (Some(consent), _) => format!("you say: {}", consent_words(consent)),
        (None, Some(usual)) => format!("unless you say otherwise: {}", consent_words(usual)),
        (None, None) => "waits for you; until then its rows are held".to_owned(),
    }
}

fn heading(view: &DoubtView, what: &str, decisions: &Decisions, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let pieces = [(what.to_owned(), theme.title), (format!("  {}", verdict(view, decisions)), Style::default())];
    put_all(buffer, line(area, 0), pieces.iter().map(|(text, style)| (text.as_str(), *style)), theme);
}

/// A hand edit: what a file brought last, what the person set, what this file says; the one that stays has a pointer.
fn three_values(view: &DoubtView, decisions: &Decisions, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let Some(field) = view.fields.first() else { return };
    let what = format!("{} {}, {}", theme.id(&view.subject.id), theme.personal(&view.stored_name), field.label);
    heading(view, &what, decisions, theme, buffer, area);
    let takes = consent_to(decisions, view).or(view.usual) == Some(Consent::TakeFile);
    let at = format!("This file, line {}", view.row.1);
    let three = [
        ("Last from a file", &field.last, false),
        ("Set by hand", &field.stored, !takes),
        (at.as_str(), &field.file, takes),
    ];
    for (row, (label, text, stays)) in (1..).zip(three) {
        let place = line(area, row);
        let part = |x: u16, width: u16| Rect { x: place.x + x, width, ..place }.intersection(area);
        put(buffer, place, theme.pointer(stays), theme.good, theme);
        put(buffer, part(2, 20), label, theme.dim, theme);
        let style = if stays { theme.title } else { Style::default() };
        put(buffer, part(24, area.width.saturating_sub(24)), &theme.personal(&value(text)), style, theme);
    }
}

/// What the base holds and what the file says, field by field, as many as there is room for.
fn side_by_side(
    kind: DoubtKind,
    view: &DoubtView,
    decisions: &Decisions,
    theme: &Theme,
    buffer: &mut Buffer,
    area: Rect,
) {
    let what = format!("{}, line {}", theme.id(&view.subject.id), view.row.1);
    heading(view, &what, decisions, theme, buffer, area);
    let labels = (area.width / 4).clamp(10, 20);
    let half = area.width.saturating_sub(labels) / 2;
    let columns = |place: Rect| {
        let part = |x: u16, width: u16| Rect { x: place.x + x, width: width.saturating_sub(1), ..place };
        [part(0, labels), part(labels, half), part(labels + half, area.width.saturating_sub(labels + half))]
    };
    let [_, left, right] = columns(line(area, 1));
    let base = if kind == DoubtKind::DeletedByHand { "DELETED BY HAND" } else { "IN THE BASE" };
    put(buffer, left, base, theme.title, theme);
    put(buffer, right, "IN THE FILE", theme.title, theme);
    let room = usize::from(area.height.saturating_sub(2));
    let hidden = view.fields.len().saturating_sub(room);
    let shown = if hidden > 0 { room.saturating_sub(1) } else { room };
    for (row, field) in (2..).zip(view.fields.iter().take(shown)) {
        let [label, left, right] = columns(line(area, row));
        put(buffer, label, &field.label, theme.dim, theme);
        let DoubtField { stored, file, .. } = field;
        if kind != DoubtKind::DeletedByHand {
            put(buffer, left, &theme.personal(&value(stored)), Style::default(), theme);
        }
        put(buffer, right, &theme.personal(&value(file)), Style::default(), theme);
    }
    if hidden > 0 {
        let more = format!("{} more fields: Enter shows them", view.fields.len() - shown);
        put(buffer, line(area, area.height.saturating_sub(1)), &more, theme.dim, theme);
    }
}
