//! The details of the selected record: in two columns for a glance, in one to read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::app::screen::browse::card::{Card, Line, Remark};
use crate::app::screen::browse::split::{Pane, Split};
use crate::app::screen::browse::{Browse, Focus};
use crate::app::state::State;
use crate::model::text::shown;
use crate::search::marks_in;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{put, put_marked, put_right};

/// Draws the details, if there are any.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let browse = &state.browse;
    let Some(card) = browse.card() else { return };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let beside = matches!(Split::of(state.size, browse.focus).pane, Pane::Beside(_));
    let draw = Drawing { browse, theme };
    if beside || browse.focus == Focus::Detail {
        draw.reading(&card, buffer, area)
    } else {
        draw.glance(&card, buffer, area)
    }
}

struct Drawing<'a> {
    browse: &'a Browse,
    theme: &'a Theme,
}

fn row(area: Rect, number: usize) -> Rect {
    Rect { y: area.y.saturating_add(number as u16), height: 1, ..area }.intersection(area)
}

impl Drawing<'_> {
    /// The heading, then every line, as far as there is room; the selected one is in view.
    fn reading(&self, card: &Card, buffer: &mut Buffer, area: Rect) {
        let focused = self.browse.focus == Focus::Detail;
        put(buffer, row(area, 0), &card.heading, self.theme.title, self.theme);
        let lines: Vec<&Line> = card.lines().collect();
        let rows = usize::from(area.height).saturating_sub(1);
        let window = self.browse.detail.window(lines.len(), rows);
        let hidden = lines.len() - window.len();
        let labels = label_width(lines.iter().copied());
        for (place, number) in window.enumerate() {
            let place = row(area, place + 1);
            let selected = focused && number == self.browse.detail.selected;
            put(buffer, place, self.theme.pointer(selected), self.theme.title, self.theme);
            self.line(
                lines[number],
                labels,
                buffer,
                Rect { x: place.x + 2, width: place.width.saturating_sub(2), ..place },
            );
            if selected {
                buffer.set_style(place, self.theme.selected);
            }
        }
        if hidden > 0 {
            put_right(
                buffer,
                row(area, 0),
                &format!("line {} of {}", self.browse.detail.selected + 1, lines.len()),
                self.theme.dim,
                self.theme,
            );
        }
    }

    /// Two columns: what reaches the person on the left, what the record is on the right, the last change below.
    fn glance(&self, card: &Card, buffer: &mut Buffer, area: Rect) {
        let rows = usize::from(area.height).saturating_sub(2);
        let left = Rect { width: area.width * 11 / 20, ..area };
        let right = Rect { x: left.right() + 1, width: area.width - left.width - 1, ..area };
        put(buffer, row(left, 0), &card.heading, self.theme.title, self.theme);
        let (first, rest) = card.values.split_at(card.values.len().min(rows));
        let facts: Vec<&Line> = std::iter::once(&card.id).chain(&card.place).chain(rest).take(rows + 1).collect();
        let labels = label_width(first.iter());
        for (number, line) in first.iter().enumerate() {
            self.line(line, labels, buffer, row(left, number + 1));
        }
        let labels = label_width(facts.iter().copied());
        for (number, line) in facts.iter().enumerate() {
            self.line(line, labels, buffer, row(right, number));
        }
        let hidden = (1 + card.place.len() + rest.len()).saturating_sub(facts.len());
        let more = if hidden > 0 { format!("{hidden} more: Tab") } else { String::new() };
        let last = row(area, rows + 1);
        put_right(buffer, last, &more, self.theme.dim, self.theme);
        let width = last.width.saturating_sub(more.len() as u16 + 2);
        let changed = format!("{} by {}", card.changed.label, card.changed.value);
        put(buffer, Rect { width, ..last }, &changed, self.theme.dim, self.theme);
    }

    /// Label, value with its matches marked, remark.
    fn line(&self, line: &Line, labels: u16, buffer: &mut Buffer, area: Rect) {
        let theme = self.theme;
        put(buffer, Rect { width: labels.min(area.width), ..area }, &line.label, theme.dim, theme);
        let value =
            Rect { x: area.x + labels + 2, width: area.width.saturating_sub(labels + 2), ..area }.intersection(area);
        let (remark, style) = match &line.remark {
            Remark::None => ("", Style::default()),
            Remark::Good(text) => (*text, theme.good),
            Remark::Bad(text) => (text.as_str(), theme.warning),
            Remark::Note(text) => (text.as_str(), theme.dim),
        };
        // The remark gets its room first: a value that is cut is there to be opened, a remark is not.
        let room = value.width.saturating_sub(remark.width() as u16 + 2 * u16::from(!remark.is_empty()));
        let query = self.browse.found.as_ref().map(|found| &found.query).filter(|query| !query.is_empty());
        let marks = match (line.field, query) {
            (Some(field), Some(query)) => marks_in(self.browse.entity, field, &line.value, query),
            _ => Vec::new(),
        };
        let taken = put_marked(buffer, Rect { width: room, ..value }, &line.value, &marks, theme);
        if !remark.is_empty() {
            let at = taken + 2;
            put(buffer, Rect { x: value.x + at, width: value.width.saturating_sub(at), ..value }, remark, style, theme);
        }
    }
}

fn label_width<'a>(lines: impl Iterator<Item = &'a Line>) -> u16 {
    lines.map(|line| shown(&line.label, false).width() as u16).max().unwrap_or(0).min(24)
}
