//! Foreign text, made safe and cut to a width.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
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
    if words.is_empty() {
        return;
    }
    let cells = drawn(buffer, area);
    let text: Vec<String> = cells.iter().map(|x| fold(buffer[(*x, area.y)].symbol())).collect();
    for start in 0..cells.len() {
        let inside = start > 0 && text[start - 1].chars().any(char::is_alphanumeric);
        let length = words.iter().filter(|_| !inside).filter_map(|word| matched(&text[start..], word)).max();
        for x in &cells[start..start + length.unwrap_or(0)] {
            buffer[(*x, area.y)].set_style(theme.matched);
        }
    }
}

/// The columns of a line that show a character: behind a wide one is a cell that shows nothing.
fn drawn(buffer: &Buffer, area: Rect) -> Vec<u16> {
    let area = area.intersection(buffer.area);
    let mut columns = Vec::new();
    let mut x = area.left();
    while x < area.right() {
        columns.push(x);
        x += buffer[(x, area.y)].symbol().width().max(1) as u16;
    }
    columns
}

/// How many of the characters make up the word, if they begin with it.
fn matched(text: &[String], word: &str) -> Option<usize> {
    let mut rest = word;
    for (count, character) in text.iter().enumerate() {
        if rest.is_empty() {
            return Some(count);
        }
        rest = rest.strip_prefix(character.as_str())?;
    }
    rest.is_empty().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Modifier;
    use rstest::rstest;

    #[rstest]
    #[case("Office Mart", 11, "Office Mart")]
    #[case("Office Mart", 7, "Office…")]
    #[case("山田太郎", 5, "山田…")]
    #[case("山田太郎", 4, "山…")]
    #[case("a\u{1b}[31m\n", 20, "a\u{fffd}[31m⏎")]
    #[case("abc", 0, "")]
    fn text_is_safe_and_fits(#[case] text: &str, #[case] width: usize, #[case] line: &str) {
        assert_eq!(cut(text, width, &Theme::new(true, false)), line);
    }

    #[rstest]
    #[case("Kathryn Smith", "smi KATH", "KathSmi")]
    #[case("Zoë Söhne", "so zoe", "ZoëSö")]
    #[case("山田 太郎", "山田", "山田")]
    #[case("blacksmith", "smith", "")]
    #[case("blacksmith", "", "")]
    fn matches_are_marked_where_words_begin(#[case] text: &str, #[case] search: &str, #[case] marked: &str) {
        let theme = Theme::new(false, false);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        let area = buffer.area;
        put(&mut buffer, area, text, Style::default(), &theme);
        mark_matches(&mut buffer, area, search, &theme);
        let cells = drawn(&buffer, area).into_iter().map(|x| &buffer[(x, 0)]);
        let underlined: String =
            cells.filter(|cell| cell.modifier.contains(Modifier::UNDERLINED)).map(|cell| cell.symbol()).collect();
        assert_eq!(underlined, marked);
    }
}
