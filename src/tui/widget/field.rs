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
