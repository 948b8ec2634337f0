//! The details of the selected record: in two columns for a glance, in one to read.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::app::screen::browse::card::{Card, Line, Remark};
use crate::app::screen::browse::split::Split;
use crate::app::screen::browse::{Browse, Focus};
use crate::app::state::State;
use crate::model::fields::{Kind, by_name};
use crate::model::text::shown;
use crate::search::marks_in;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{put, put_marked, put_right};

/// Draws the details, if there are any.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let browse = &state.browse;
    let Some(card) = browse.card() else { return };
    let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let split = Split::of(state.size, browse.focus);
    let draw = Drawing { browse, theme };
    if split.reads(browse.focus) {
        draw.reading(&card, buffer, area);
    } else {
        draw.glance(&card, split.list_has_email(state.size), buffer, area);
    }
}

/// The columns that a value has at least.
const LEAST: u16 = 6;
/// Where remarks begin, counted from their values.
const REMARKS: u16 = 20;

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
        put(buffer, row(area, 0), &self.theme.personal(&card.heading), self.theme.title, self.theme);
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
    fn glance(&self, card: &Card, without_email: bool, buffer: &mut Buffer, area: Rect) {
        let rows = usize::from(area.height).saturating_sub(2);
        let left = Rect { width: area.width * 4 / 7, ..area };
        let right = Rect { x: left.right() + 1, width: area.width - left.width - 1, ..area };
        put(buffer, row(left, 0), &self.theme.personal(&card.heading), self.theme.title, self.theme);
        let [reached, facts] = card.glance.each_ref();
        let left_out = by_name("contact.work_email").map(|field| field.id).filter(|_| without_email);
        let reached = reached.iter().filter(|line| line.field.is_none() || line.field != left_out).take(rows);
        let facts = facts.iter().take(rows + 1);
        self.column(reached, buffer, Rect { y: left.y + 1, ..left });
        self.column(facts, buffer, right);
        let changed = format!("{} {}", card.changed.label, card.changed.value);
        put(buffer, row(area, rows + 1), &changed, self.theme.dim, self.theme);
        let rule = Rect { y: area.bottom(), height: 1, ..area };
        put_right(buffer, rule, " Tab shows all ", self.theme.dim, self.theme);
    }

    fn column<'l>(&self, lines: impl Iterator<Item = &'l Line> + Clone, buffer: &mut Buffer, area: Rect) {
        let labels = label_width(lines.clone());
        for (number, line) in lines.enumerate() {
            self.line(line, labels, buffer, row(area, number));
        }
    }

    /// Label, value with its matches marked, remark.
    fn line(&self, line: &Line, labels: u16, buffer: &mut Buffer, area: Rect) {
        let theme = self.theme;
        put(buffer, Rect { width: labels.min(area.width), ..area }, &line.label, theme.dim, theme);
        let value =
            Rect { x: area.x + labels + 2, width: area.width.saturating_sub(labels + 2), ..area }.intersection(area);
        let (remark, style) = match &line.remark {
            Remark::None => ("".into(), Style::default()),
            Remark::Good(text) => (text.as_str().into(), theme.good),
            Remark::Bad(text) => (text.as_str().into(), theme.warning),
            // It may tell what a file had.
            Remark::Note(text) => (theme.personal(text), theme.dim),
        };
        // `will not sync: too short`: where that is too long beside the value, the reason alone says it.
        let with_value = |remark: &str| remark.width() + 2 + line.value.width() <= usize::from(value.width);
        let remark: Cow<'_, str> = match remark.split_once(": ") {
            Some((_, reason)) if !with_value(&remark) => reason.to_owned().into(),
            _ => remark,
        };
        // A value that is cut can be read in full a key later; its remark is what a person must not miss.
        let room = value.width.saturating_sub(remark.width() as u16 + 2 * u16::from(!remark.is_empty()));
        let room = room.max(LEAST.min(value.width));
        let query = self.browse.found.as_ref().map(|found| &found.query).filter(|query| !query.is_empty());
        let marks = match (line.field, query) {
            (Some(field), Some(query)) => marks_in(self.browse.entity, field, &line.value, query),
            _ => Vec::new(),
        };
        let place = Rect { width: room, ..value };
        let is_id = line.field.is_none_or(|field| field.kind() == Kind::Id);
        let taken = match theme.mask && is_id {
            true => put(buffer, place, &theme.id(&line.value), Style::default(), theme),
            false => put_marked(buffer, place, &line.value, &marks, theme),
        };
        if !remark.is_empty() {
            // Below each other, as long as the values are no longer than most phones.
            let at = (taken + 2).max(REMARKS.min(value.width.saturating_sub(remark.width() as u16)));
            put(
                buffer,
                Rect { x: value.x + at, width: value.width.saturating_sub(at), ..value },
                &remark,
                style,
                theme,
            );
        }
    }
}

fn label_width<'a>(lines: impl Iterator<Item = &'a Line>) -> u16 {
    lines.map(|line| shown(&line.label, false).width() as u16).max().unwrap_or(0).min(24)
}
