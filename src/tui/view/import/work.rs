//! While the file is checked, or the plan is written.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{file_name, line, size};
use crate::app::job::Slot;
use crate::app::screen::import::Step;
use crate::app::state::State;
use crate::model::text::{grouped, wrapped};
use crate::tui::theme::Theme;
use crate::tui::widget::progress::put_progress;
use crate::tui::widget::text::{put, put_all};

/// Draws the step.
pub fn draw(state: &State, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let (title, about) = match state.import.step {
        Step::Commit => ("Importing", "All of it is written, or none: it can be stopped at any time."),
        _ => ("Checking", "Nothing is written. Esc asks whether to stop, Ctrl-C stops at once."),
    };
    put(buffer, line(area, 0), &format!(" {title} {}", file_name(state)), theme.title, theme);
    let Some((_, progress)) = state.running.iter().find(|(slot, _)| *slot == Slot::Import) else { return };
    let inside = |row| Rect { x: 1, width: area.width.saturating_sub(2), ..line(area, row) };
    put_progress(buffer, inside(2), progress, theme);
    if state.import.step == Step::Check && progress.total_bytes > 0 {
        let bytes = format!("{} of {}", size(progress.bytes), size(progress.total_bytes));
        let good = progress.rows.saturating_sub(progress.rejected + progress.warned);
        let number = |count: u64| format!("{:>11} ", grouped(count));
        let plain = Style::default();
        put(buffer, inside(3), &format!("{} rows, {bytes}", grouped(progress.rows)), plain, theme);
        put_all(buffer, inside(5), [(number(good).as_str(), theme.good), ("good so far", plain)], theme);
        put_all(
            buffer,
            inside(6),
            [(number(progress.warned).as_str(), theme.warning), ("with a warning", plain)],
            theme,
        );
        put_all(buffer, inside(7), [(number(progress.rejected).as_str(), theme.error), ("rejected", plain)], theme);
    }
    for (row, text) in wrapped(about, usize::from(inside(9).width)).iter().enumerate() {
        put(buffer, inside(9 + row as u16), text, theme.dim, theme);
    }
}
