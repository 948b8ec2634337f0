//! The visible part of a list. The widget never sees the rest, so a frame costs the same for ten rows and ten million.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text::{cut_inside, put, put_marked};
use crate::tui::theme::Theme;

/// A column: its heading, its least width, and its share of the room that is left.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The heading.
    pub title: &'static str,
    /// The least width in columns of the screen; where the columns do not fit, the last ones are left out.
    pub least: u16,
    /// Its share of the room that is left; 0 for a fixed width.
    pub share: u16,
    holds: Holds,
}

/// What the cells of a column hold: it decides how they are drawn under `--mask`.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Personal,
    Plain,
    Id,
    Message,
}

impl Column {
    /// A column of personal data, until it is said to be another: so a new one is masked where that is asked for.
    pub const fn new(title: &'static str, least: u16, share: u16) -> Column {
        Column { title, least, share, holds: Holds::Personal }
    }

    /// Its cells are of muster, not of a person.
    pub const fn plain(self) -> Column {
        Column { holds: Holds::Plain, ..self }
    }

    /// Its cells are IDs, see [`Theme::id`].
    pub const fn id(self) -> Column {
        Column { holds: Holds::Id, ..self }
    }

    /// Its cells are sentences that may quote a value, see [`Theme::message`].
    pub const fn message(self) -> Column {
        Column { holds: Holds::Message, ..self }
    }
}

/// The visible part of a list.
pub struct Table<'a, const N: usize> {
    /// The columns.
    pub columns: &'a [Column; N],
    /// The rows in view; `None` for one that is not loaded yet.
    pub rows: Vec<Option<[&'a str; N]>>,
    /// Which of `rows` is selected.
    pub selected: Option<usize>,
    /// Which bytes of the cell of that row and column are marked.
    pub marks: &'a dyn Fn(usize, usize) -> Vec<Range<usize>>,
    /// Colours and marks.
    pub theme: &'a Theme,
}

/// Marks for a list that is not searched.
pub const NO_MARKS: &dyn Fn(usize, usize) -> Vec<Range<usize>> = &|_, _| Vec::new();

/// Columns between two columns.
const GAP: u16 = 1;
/// The room of the pointer.
const POINTER: u16 = 2;

impl<const N: usize> Table<'_, N> {
    /// The columns that fit into a width: their place from the left and their width.
    fn layout(&self, width: u16) -> Vec<(u16, u16)> {
        let mut fit = 0;
        let mut used = POINTER;
        while fit < N && (fit == 0 || used + self.columns[fit].least <= width) {
            used += self.columns[fit].least + GAP;
            fit += 1;
        }
        let spare = (width + GAP).saturating_sub(used);
        let shares: u16 = self.columns[..fit].iter().map(|c| c.share).sum();
        let mut x = POINTER;
        let mut places = Vec::with_capacity(fit);
        for column in &self.columns[..fit] {
            let extra = (u32::from(spare) * u32::from(column.share)).checked_div(u32::from(shares)).unwrap_or(0) as u16;
            let wide = (column.least + extra).min(width.saturating_sub(x));
            places.push((x, wide));
            x += wide + GAP;
        }
        places
    }
}

impl<const N: usize> Widget for Table<'_, N> {
    /// The headings on the first line, the rows below.
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let places = self.layout(area.width);
        let cell = |x: u16, width: u16, y: u16| Rect { x: area.x + x, y, width, height: 1 };
        for (column, (x, width)) in self.columns.iter().zip(&places) {
            put(buffer, cell(*x, *width, area.y), column.title, self.theme.title, self.theme);
        }
        for (number, (row, y)) in self.rows.iter().zip(area.y + 1..area.bottom()).enumerate() {
            let selected = self.selected == Some(number);
            put(buffer, cell(0, POINTER, y), self.theme.pointer(selected), Style::default(), self.theme);
            let Some(cells) = row else {
                put(buffer, cell(POINTER, 3, y), "...", self.theme.dim, self.theme);
                continue;
            };
            let mut first = 0;
            for (column, (text, (x, width))) in cells.iter().zip(&places).enumerate() {
                let place = cell(*x, *width, y);
                let style = Style::default();
                let marks = (self.marks)(number, column);
                let taken = match self.columns[column].holds {
                    Holds::Plain if self.theme.mask => put(buffer, place, text, style, self.theme),
                    Holds::Id if self.theme.mask => put(buffer, place, &self.theme.id(text), style, self.theme),
                    Holds::Id if marks.is_empty() => {
                        put(buffer, place, &cut_inside(text, usize::from(*width), self.theme), style, self.theme)
                    }
                    Holds::Message => put(buffer, place, &self.theme.message(text), style, self.theme),
                    _ => put_marked(buffer, place, text, &marks, self.theme),
                };
                if column == 0 {
                    first = taken;
                }
            }
            if selected {
                // What the first cell says stands for the row: all that is reversed is sent twice for each move.
                buffer.set_style(cell(0, POINTER + first, y), self.theme.selected);
            }
        }
    }
}
