//! Variants side by side: a column for each, a row for each field. Where values differ, the differing part is
//! underlined and the row has a `!=`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::text::{put, put_all, put_right};
use crate::model::text::shown;
use crate::tui::theme::Theme;

/// A row of the matrix.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The field, or what the row says of the variants.
    pub label: String,
    /// Whether the values are compared: a fact about the variants, such as the lines behind them, is not.
    pub compared: bool,
    /// Whether the variants differ, even if those at hand do not.
    pub differs: bool,
    /// A cell for each column; `None` where the column has no such thing.
    pub cells: Vec<Option<String>>,
    /// The column whose value is picked.
    pub picked: Option<usize>,
}

/// Variants side by side.
#[derive(Debug)]
pub struct Matrix<'a> {
    /// The heading of each column.
    pub heads: &'a [String],
    /// The rows.
    pub rows: &'a [Row],
    /// The column that the person is on.
    pub selected: usize,
    /// The row that the person is on.
    pub row: Option<usize>,
    /// How many columns at the end stay in view, whatever is selected.
    pub pinned: usize,
    /// How many columns there are before and behind those at hand, the pinned ones not counted.
    pub beyond: (usize, usize),
    /// Colours and marks.
    pub theme: &'a Theme,
}

/// The least width of a column, and the gap to the next.
const LEAST: u16 = 10;
const GAP: u16 = 1;
/// The `!=` between label and values.
const MARK: u16 = 3;
/// How much of an equal beginning stays at least before the differing part of a value that is too long.
const LEAD: usize = 2;

/// The columns in view.
struct InView {
    columns: Vec<usize>,
    width: u16,
    /// How many are out of view on each side.
    hidden: (usize, usize),
}

impl Matrix<'_> {
    /// How wide the labels are, with a column for the pointer.
    fn label_width(&self, width: u16) -> u16 {
        let longest = self.rows.iter().map(|r| r.label.width()).max().unwrap_or(0) as u16;
        (longest + 1).clamp(5, (width / 3).max(5)) + 1
    }

    /// The columns in view, such that the selected one and, as far as there is room, the pinned ones are among them.
    fn in_view(&self, room: u16) -> InView {
        let count = self.heads.len();
        let fit = usize::from(((room + GAP) / (LEAST + GAP)).max(1)).min(count.max(1));
        let pinned = self.pinned.min(fit - 1).min(count);
        let moving = count - self.pinned.min(count);
        let shown = (fit - pinned).min(moving);
        let first = (self.selected.min(moving.saturating_sub(1)) + 1).saturating_sub(shown).min(moving - shown);
        let mut columns: Vec<usize> = (first..first + shown).chain(count - pinned..count).collect();
        if self.selected < count && !columns.contains(&self.selected) {
            columns.pop();
            columns.push(self.selected);
        }
        let width = ((room + GAP) / columns.len().max(1) as u16).saturating_sub(GAP);
        let hidden = (self.beyond.0 + first, self.beyond.1 + moving - first - shown);
        InView { columns, width, hidden }
    }

    fn heading(&self, column: usize, place: Rect, buffer: &mut Buffer) {
        let selected = column == self.selected;
        let head = format!("{}{}", if selected { ">" } else { " " }, self.heads[column]);
        put(buffer, place, &head, if selected { self.theme.selected } else { self.theme.title }, self.theme);
    }

    fn cell(&self, row: &Row, column: usize, common: Option<(usize, usize)>, place: Rect, buffer: &mut Buffer) {
        let mut area = place;
        if row.picked == Some(column) {
            let taken = put(buffer, area, "*", self.theme.good, self.theme);
            area = Rect { x: area.x + taken, width: area.width - taken, ..area };
        }
        match (row.cells.get(column).and_then(Option::as_deref), common) {
            (None, _) => drop(put(buffer, area, "-", self.theme.dim, self.theme)),
            (Some(""), _) => drop(put(buffer, area, "(empty)", self.theme.dim, self.theme)),
            (Some(value), Some(_)) if self.theme.mask => {
                put(buffer, area, &self.theme.personal(value), self.theme.differs, self.theme);
            }
            (Some(value), Some(ends)) => put_differing(buffer, area, value, ends, self.theme),
            (Some(value), None) if row.compared => {
                put(buffer, area, &self.theme.personal(value), Style::default(), self.theme);
            }
            (Some(value), None) => drop(put(buffer, area, value, Style::default(), self.theme)),
        }
    }
}

impl Widget for Matrix<'_> {
    /// The headings on the first line, before them how many columns are out of view on each side; the rows below.
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let theme = self.theme;
        let labels = self.label_width(area.width).min(area.width);
        let left = (labels + MARK).min(area.width);
        let view = self.in_view(area.width.saturating_sub(left));
        let place = |number: usize, y: u16| {
            let x = area.x + left + number as u16 * (view.width + GAP);
            Rect { x, y, width: view.width, height: 1 }.intersection(area)
        };
        let line = |y: u16, x: u16, width: u16| Rect { x: area.x + x, y, width, height: 1 }.intersection(area);
        if view.hidden.0 > 0 {
            put(buffer, line(area.y, 0, left), &format!("<{}", view.hidden.0), theme.dim, theme);
        }
        if view.hidden.1 > 0 {
            put_right(buffer, line(area.y, 0, left), &format!("{}> ", view.hidden.1), theme.dim, theme);
        }
        for (number, column) in view.columns.iter().enumerate() {
            self.heading(*column, place(number, area.y), buffer);
        }
        for (number, (row, y)) in self.rows.iter().zip(area.y + 1..area.bottom()).enumerate() {
            let here = self.row == Some(number);
            put(buffer, line(y, 0, 1), if here { ">" } else { " " }, theme.title, theme);
            put(
                buffer,
                line(y, 1, labels.saturating_sub(1)),
                &row.label,
                if here { theme.title } else { Style::default() },
                theme,
            );
            let values: Vec<&str> = row.cells.iter().flatten().map(String::as_str).collect();
            let common = if row.compared { common_ends(&values) } else { None };
            if common.is_some() || row.differs {
                put(buffer, line(y, labels, MARK), "!=", theme.differs, theme);
            }
            for (number, column) in view.columns.iter().enumerate() {
                let place = place(number, y);
                self.cell(row, *column, common, place, buffer);
                if here && *column == self.selected {
                    buffer.set_style(place, theme.selected);
                }
            }
        }
    }
}

/// How many characters (graphemes) all values have in common at the beginning and at the end; `None` if they are equal.
fn common_ends(values: &[&str]) -> Option<(usize, usize)> {
    let (first, others) = values.split_first()?;
    if others.iter().all(|value| value == first) {
        return None;
    }
    let first: Vec<&str> = first.graphemes(true).collect();
    let mut start = first.len();
    let mut end = first.len();
    for other in others {
        let other: Vec<&str> = other.graphemes(true).collect();
        let equal = first.iter().zip(&other).take_while(|(a, b)| a == b).count();
        start = start.min(equal);
        let equal = first[start..].iter().rev().zip(other[start.min(other.len())..].iter().rev());
        end = end.min(equal.take_while(|(a, b)| a == b).count());
    }
    Some((start, end.min(first.len() - start)))
}

/// How many graphemes of an equal beginning go so that the differing part (from `start` to `end`) is in view: as few as
/// must. What follows that part is in view where there is room. `widths` of all graphemes, `room` and `cut` in columns.
fn skipped(widths: &[usize], start: usize, end: usize, room: usize, cut: usize) -> usize {
    let width = |from: usize, to: usize| widths[from..to].iter().sum::<usize>();
    let before = |skip: usize| if skip > 0 { cut } else { 0 };
    let most = start.saturating_sub(LEAD);
    let whole = (0..=most).find(|skip| before(*skip) + width(*skip, widths.len()) <= room);
    whole.or_else(|| (0..=most).find(|skip| before(*skip) + width(*skip, end) + cut <= room)).unwrap_or(most)
}

/// Draws a value with its differing part marked. If it is too long, as much of its equal beginning goes as must.
fn put_differing(buffer: &mut Buffer, area: Rect, value: &str, (start, end): (usize, usize), theme: &Theme) {
    let all: Vec<&str> = value.graphemes(true).collect();
    let start = start.min(all.len());
    let end = all.len() - end.min(all.len() - start);
    let widths: Vec<usize> = all.iter().map(|grapheme| shown(grapheme, theme.ascii).width()).collect();
    let skipped = skipped(&widths, start, end, usize::from(area.width), theme.cut().width());
    let [lead, middle, tail] = [&all[skipped..start], &all[start..end], &all[end..]].map(<[&str]>::concat);
    let cut = if skipped > 0 { theme.cut() } else { "" };
    let plain = Style::default();
    let pieces = [(cut, theme.dim), (lead.as_str(), plain), (middle.as_str(), theme.differs), (tail.as_str(), plain)];
    put_all(buffer, area, pieces, theme);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(&["Office Mart", "Office Max"], Some((9, 0)))]
    #[case(&["+13175550100", "+13175550199"], Some((10, 0)))]
    #[case(&["a b", "a c b"], Some((2, 1)))]
    #[case(&["", "Retail"], Some((0, 0)))]
    #[case(&["aa", "aaa"], Some((2, 0)))]
    #[case(&["same", "same"], None)]
    #[case(&[], None)]
    fn the_common_ends_are_left_unmarked(#[case] values: &[&str], #[case] ends: Option<(usize, usize)>) {
        assert_eq!(common_ends(values), ends);
    }

    #[rstest]
    #[case("Falcon Farms 16 Inc.", (20, 20), 13, "arms 16 Inc.")]
    #[case("Falcon Farms 16 Inc. (new)", (20, 26), 13, "6 Inc. (new)")]
    #[case("Falcon Farms 16 Inc.", (20, 20), 20, "Falcon Farms 16 Inc.")]
    #[case("Nimbus Textiles", (0, 15), 10, "Nimbus Textiles")]
    #[case("+13175550199 x12", (10, 12), 8, "550199 x12")]
    #[case("+13175550199 x12", (2, 12), 8, "+13175550199 x12")]
    fn as_little_as_must_goes_before_what_differs(
        #[case] value: &str,
        #[case] (start, end): (usize, usize),
        #[case] room: usize,
        #[case] rest: &str,
    ) {
        let widths = vec![1; value.len()];
        assert_eq!(&value[skipped(&widths, start, end, room, 1)..], rest);
    }

    proptest! {
        #[test]
        fn common_ends_never_overlap(values in prop::collection::vec("[ab]{0,6}", 2..5)) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            if let Some((start, end)) = common_ends(&values) {
                for value in &values {
                    prop_assert!(start + end <= value.len());
                    prop_assert_eq!(&value[..start], &values[0][..start]);
                    prop_assert_eq!(&value[value.len() - end..], &values[0][values[0].len() - end..]);
                }
            }
        }
    }
}
