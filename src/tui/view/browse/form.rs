//! The form of a record: label, what is typed, what is said about it; below, a sentence about the field in focus.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::app::job::Slot;
use crate::app::screen::browse::card::Remark;
use crate::app::screen::browse::form::fields::FormField;
use crate::app::screen::browse::form::{Form, Row};
use crate::app::state::State;
use crate::model::fields::Kind as FieldKind;
use crate::model::text::{shown, wrapped};
use crate::tui::theme::Theme;
use crate::tui::widget::field::put_field;
use crate::tui::widget::text::{put, put_all, put_right};

/// Draws the form between tab bar and hint bar.
pub fn draw(state: &State, form: &Form, theme: &Theme, frame: &mut Frame, area: Rect) {
    let line = |y: u16| Rect { y, height: 1, ..area };
    let buffer = frame.buffer_mut();
    heading(state, form, theme, buffer, line(area.y));
    let rows = form.rows();
    let window = form.cursor.window(rows.len(), Form::height(state.size));
    let drawing = Drawing { form, theme, label: label_width(form, area.width) };
    let mut cursor = None;
    for (row, y) in rows[window.clone()].iter().zip(area.y + 1..) {
        cursor = drawing.row(*row, buffer, line(y)).or(cursor);
    }
    let below = area.bottom() - 4;
    super::rule(buffer, line(below), theme);
    let hidden = rows.len() - window.end;
    if hidden > 0 {
        put_right(
            buffer,
            Rect { width: area.width - 1, ..line(below) },
            &format!(" {hidden} more below "),
            theme.dim,
            theme,
        );
    }
    let waits = state.running.iter().find(|(slot, _)| *slot == Slot::Edit).map(|(_, progress)| &progress.doing);
    let about = waits.map_or_else(|| form.about(), |doing| format!("{doing}..."));
    let about = theme.message(&about);
    for (text, y) in wrapped(&about, usize::from(area.width - 2)).iter().zip([below + 1, below + 2]) {
        put(buffer, Rect { x: area.x + 1, width: area.width - 2, ..line(y) }, text, Style::default(), theme);
    }
    super::rule(buffer, line(below + 3), theme);
    if let Some(cursor) = cursor.filter(|_| state.overlays.is_empty()) {
        frame.set_cursor_position(cursor);
    }
}

/// What the form is about, and how much was changed.
fn heading(state: &State, form: &Form, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let changes = match form.checked.changes.len() {
        _ if form.is_new() => String::new(),
        0 => "no changes".to_owned(),
        1 => "1 change *".to_owned(),
        changes => format!("{changes} changes *"),
    };
    let area = Rect { x: area.x + 1, width: area.width - 2, ..area };
    let right = changes.width() as u16;
    put_right(buffer, area, &changes, theme.dim, theme);
    let title = Rect { width: area.width.saturating_sub(right + 1), ..area };
    let inside = state.browse.inside.as_ref().filter(|_| form.is_new());
    let inside = inside.map(|inside| format!("  in {}", inside.name)).unwrap_or_default();
    let gap = if form.name.is_empty() { "" } else { "  " };
    let (what, name, inside) = (form.title(), theme.personal(&form.name), theme.personal(&inside));
    let pieces = [(&*what, theme.title), (gap, theme.title), (&*name, theme.title), (&*inside, theme.dim)];
    put_all(buffer, title, pieces, theme);
}

fn label_width(form: &Form, width: u16) -> u16 {
    let widest = form.fields.iter().map(|field| shown(&field.label, false).width() as u16).max().unwrap_or(0);
    widest.min(width / 4)
}

/// The columns that a value has at least.
const LEAST: u16 = 12;

struct Drawing<'a> {
    form: &'a Form,
    theme: &'a Theme,
    label: u16,
}

/// The room of the pointer and of the mark of a change.
const MARGIN: u16 = 4;

impl Drawing<'_> {
    /// Draws a row; gives the place of the cursor if it has the focus and takes text.
    fn row(&self, row: Row, buffer: &mut Buffer, area: Rect) -> Option<Position> {
        let theme = self.theme;
        let inner = |x: u16| Rect { x: area.x + x, width: area.width.saturating_sub(x), ..area };
        match row {
            Row::Heading(group) => {
                put(buffer, inner(1), group.heading(self.form.entity), theme.title, theme);
                None
            }
            Row::Field(number) => self.field(number, buffer, area),
            Row::Offer(number) => {
                let selected = self.form.offer == Some(number);
                let (id, name) = &self.form.offers.found[number];
                let place = inner(MARGIN + self.label + 1);
                let pieces = [
                    (theme.pointer(selected), theme.title),
                    (&theme.personal(name), Style::default()),
                    ("  ", theme.dim),
                    (&theme.id(id), theme.dim),
                ];
                put_all(buffer, place, pieces, theme);
                if selected {
                    buffer.set_style(place, theme.selected);
                }
                None
            }
            Row::Save => {
                let focused = self.form.focused().is_none();
                let text = if self.form.is_new() { "[ Create ]" } else { "[ Save ]" };
                put(buffer, inner(1), theme.pointer(focused), theme.title, theme);
                let style = if focused { theme.selected } else { theme.key };
                put(buffer, inner(MARGIN), text, style, theme);
                None
            }
        }
    }

    fn field(&self, number: usize, buffer: &mut Buffer, area: Rect) -> Option<Position> {
        let theme = self.theme;
        let field: &FormField = &self.form.fields[number];
        let focused = number == self.form.at;
        let inner = |x: u16, width: u16| Rect { x: area.x + x, width: width.min(area.width.saturating_sub(x)), ..area };
        put(buffer, inner(1, 2), theme.pointer(focused), theme.title, theme);
        put(buffer, inner(3, 1), if field.touched() { "*" } else { " " }, theme.key, theme);
        put(buffer, inner(MARGIN, self.label), &field.label, if focused { theme.title } else { theme.dim }, theme);
        let start = MARGIN + self.label + 2;
        let (said, style) = self.said(field);
        let room = area.width.saturating_sub(start + 1);
        // What is said is what a person must not miss; what is typed scrolls.
        let value = room - (said.width() as u16 + 2).min(room.saturating_sub(LEAST)) * u16::from(!said.is_empty());
        let place = inner(start, value);
        let end = self.input(field, focused, buffer, place);
        put(buffer, inner(start + value + 1, room - value), &said, style, theme);
        end
    }

    /// The text of a field: with the cursor in view where it has the focus, else its beginning.
    fn input(&self, field: &FormField, focused: bool, buffer: &mut Buffer, area: Rect) -> Option<Position> {
        let theme = self.theme;
        if focused {
            buffer.set_style(area, theme.input);
            return Some(put_field(buffer, area, &field.input, theme));
        }
        let text = field.input.text();
        let text = if field.id.kind() == FieldKind::Id { theme.id(text) } else { theme.personal(text) };
        put(buffer, area, &text, Style::default(), theme);
        None
    }

    fn said(&self, field: &FormField) -> (String, Style) {
        let (remark, error) = self.form.beside(field);
        match remark {
            Remark::None => (String::new(), Style::default()),
            Remark::Good(text) => (self.theme.personal(&text).into_owned(), self.theme.good),
            Remark::Bad(text) if error => (format!("! {text}"), self.theme.error),
            Remark::Bad(text) => (text, self.theme.warning),
            Remark::Note(text) => (self.theme.personal(&text).into_owned(), self.theme.dim),
        }
    }
}
