//! Foreign text, made safe and cut to a width.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::model::text::shown;
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

/// The text made safe, and no wider than `width` columns; its beginning and its end stay, of which IDs differ in the end
/// more often.
pub fn cut_inside<'a>(text: &'a str, width: usize, theme: &Theme) -> Cow<'a, str> {
    let text = shown(text, theme.ascii);
    if text.width() <= width {
        return text;
    }
    let head = cut(&text, width.div_ceil(3), theme).into_owned();
    let rest = width.saturating_sub(head.width());
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 0;
    for piece in text.graphemes(true).rev() {
        used += piece.width();
        if used > rest {
            break;
        }
        tail.push(piece);
    }
    Cow::Owned(head + &tail.into_iter().rev().collect::<String>())
}

/// Draws a text of a record with parts of it, byte ranges in order, marked; gives the columns that it took. Masked text has
/// no marks: they would tell what is in it.
pub fn put_marked(buffer: &mut Buffer, area: Rect, text: &str, marks: &[Range<usize>], theme: &Theme) -> u16 {
    if theme.mask {
        return put(buffer, area, &theme.personal(text), Style::default(), theme);
    }
    let taken = put(buffer, area, text, Style::default(), theme);
    // Where the cut sign is, nothing is marked.
    let end = if shown(text, theme.ascii).width() > usize::from(area.width) { taken.saturating_sub(1) } else { taken };
    let column = |byte: usize| text.get(..byte).map_or(0, |before| shown(before, theme.ascii).width() as u16);
    for mark in marks {
        let (from, to) = (column(mark.start).min(end), column(mark.end).min(end));
        let place = Rect { x: area.x + from, width: to - from, height: 1, ..area };
        buffer.set_style(place.intersection(buffer.area), theme.matched);
    }
    taken
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
    #[case("A-0000008", 9, "A-0000008")]
    #[case("003FFF0378D99AF9013", 10, "003…AF9013")]
    #[case("003FFF0378D99AF9013", 1, "…")]
    #[case("山田太郎商事", 7, "山…商事")]
    fn an_id_that_is_too_long_keeps_both_ends(#[case] text: &str, #[case] width: usize, #[case] line: &str) {
        assert_eq!(cut_inside(text, width, &Theme::new(true, false)), line);
    }

    #[rstest]
    #[case("Kathryn Smith", 20, "Smi")]
    #[case("漢字 and Smith", 20, "Smi")]
    #[case("a\u{1b}b Smith", 20, "Smi")]
    #[case("Kathryn Smith", 10, "S")]
    #[case("Kathryn Smith", 4, "")]
    fn the_marked_part_is_marked_whatever_stands_before_it(
        #[case] text: &str,
        #[case] width: u16,
        #[case] marked: &str,
    ) {
        let theme = Theme::new(false, false);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        let at = text.find("Smi").unwrap();
        put_marked(&mut buffer, Rect::new(0, 0, width, 1), text, std::slice::from_ref(&(at..at + 3)), &theme);
        let cells = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
        assert_eq!(cells.map(ratatui::buffer::Cell::symbol).collect::<String>(), marked);
    }
}
