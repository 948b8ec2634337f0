//! Foreign text, made safe and cut to a width.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::model::text::{fold, shown};
use crate::tui::theme::Theme;

/// Draws a text on the first line of an area and gives the columns that it took. What has no room is cut, with a mark.
pub fn put(buffer: &mut Buffer, area: Rect, text: &str, style: Style, theme: &Theme) -> u16 {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return 0;
    }
    let line = cut(text, usize::from(area.width), theme);
    let (end, _) = buffer.set_stringn(area.x, area.y, &line, usize::from(area.width), style);
    end - area.x
}

/// Draws a text at the right end of the first line of an area.
pub fn put_right(buffer: &mut Buffer, area: Rect, text: &str, style: Style, theme: &Theme) {
    let width = (shown(text, theme.ascii).width() as u16).min(area.width);
    put(buffer, Rect { x: area.right() - width, width, ..area }, text, style, theme);
}

/// Draws pieces of text one after another; what has no room is cut.
pub fn put_all<'a>(buffer: &mut Buffer, area: Rect, pieces: impl IntoIterator<Item = (&'a str, Style)>, theme: &Theme) {
    let mut rest = area;
    for (piece, style) in pieces {
        let taken = put(buffer, rest, piece, style, theme);
        rest = Rect { x: rest.x + taken, width: rest.width - taken, ..rest };
    }
}

/// The text made safe, and no wider than `width` columns.
pub fn cut<'a>(text: &'a str, width: usize, theme: &Theme) -> Cow<'a, str> {
    let text = shown(text, theme.ascii);
    if text.width() <= width {
        return text;
    }
    let mut line = String::new();
    let mut used = 0;
    for piece in text.graphemes(true) {
        if used + piece.width() >= width {
            break;
        }
        used += piece.width();
        line.push_str(piece);
    }
    if width > 0 {
        line.push_str(theme.cut());
    }
    Cow::Owned(line)
}

/// Marks where the words of a search begin a word of the text that is drawn in an area of one line.
pub fn mark_matches(buffer: &mut Buffer, area: Rect, search: &str, theme: &Theme) {
    let words: Vec<String> = search.split_whitespace().map(fold).collect();
    let area = area.intersection(buffer.area);
    let columns: Vec<String> = (area.left()..area.right()).map(|x| fold(buffer[(x, area.y)].symbol())).collect();
    for start in 0..columns.len() {
        let inside = start > 0 && columns[start - 1].chars().any(char::is_alphanumeric);
        let found = words.iter().filter(|_| !inside).filter_map(|word| matched(&columns[start..], word)).max();
        for offset in 0..found.unwrap_or(0) {
            let x = area.x + (start + offset) as u16;
            buffer[Position { x, y: area.y }].set_style(theme.matched);
        }
    }
}

/// How many columns the word takes if the columns begin with it.
fn matched(columns: &[String], word: &str) -> Option<usize> {
    let mut rest = word;
    for (count, column) in columns.iter().enumerate() {
        if rest.is_empty() {
            return (count > 0).then_some(count);
        }
        rest = rest.strip_prefix(column.as_str())?;
    }
    (rest.is_empty() && !columns.is_empty()).then_some(columns.len())
}
