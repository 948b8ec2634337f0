//! A line of text being typed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::app::field::TextField;
use crate::model::text::shown;
use crate::tui::theme::Theme;

/// Draws the part of a field around its cursor; gives the place for the terminal's cursor.
pub fn put_field(buffer: &mut Buffer, area: Rect, field: &TextField, theme: &Theme) -> Position {
    let at = field.text().char_indices().nth(field.cursor()).map_or(field.text().len(), |(byte, _)| byte);
    let (before, after) = field.text().split_at(at);
    let (before, after) = (shown(before, theme.ascii), shown(after, theme.ascii));
    // One column stays free for the cursor.
    let room = usize::from(area.width.saturating_sub(1));
    let mut start = before.len();
    let mut used = 0;
    for (byte, piece) in before.grapheme_indices(true).rev() {
        if used + piece.width() > room {
            break;
        }
        used += piece.width();
        start = byte;
    }
    let line = format!("{}{after}", &before[start..]);
    buffer.set_stringn(area.x, area.y, line, usize::from(area.width), ratatui::style::Style::default());
    Position { x: area.x + used as u16, y: area.y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Action;

    fn line(field: &TextField) -> (String, u16) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        let area = buffer.area;
        let cursor = put_field(&mut buffer, area, field, &Theme::new(true, false));
        (buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect(), cursor.x)
    }

    #[test]
    fn the_part_around_the_cursor_is_in_view() {
        let mut field = TextField::new("office mart");
        assert_eq!(line(&field), ("ce mart ".to_owned(), 7));
        field.edit(Action::TextStart);
        assert_eq!(line(&field), ("office m".to_owned(), 0));
        assert_eq!(line(&TextField::new("a\u{202e}b")), ("a\u{fffd}b     ".to_owned(), 3));
    }
}
