//! How far a job is: a bar, time left, rows and rate.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text::put_all;
use crate::app::job::Progress;
use crate::model::text::grouped;
use crate::tui::theme::Theme;

/// Draws a line such as `Checking ████░░░░  45 %  0:06 left  450,000 rows  90,000/s`; a narrow one loses its end.
pub fn put_progress(buffer: &mut Buffer, area: Rect, progress: &Progress, theme: &Theme) {
    let plain = Style::default();
    let mut pieces = vec![(format!("{} ", progress.doing), theme.title)];
    if let Some(done) = progress.fraction() {
        let width = usize::from(area.width / 4).clamp(8, 30);
        let full = (done * width as f64) as usize;
        let [filled, open] = theme.bar();
        pieces.push((filled.repeat(full), theme.good));
        pieces.push((open.repeat(width - full), theme.dim));
        pieces.push((format!(" {:>3} %", (done * 100.0) as u64), plain));
    }
    if let Some(left) = progress.left() {
        pieces.push((format!("  {} left", clock(left)), plain));
    }
    if progress.rows > 0 {
        pieces.push((format!("  {} rows  {}/s", grouped(progress.rows), grouped(progress.rate())), plain));
    }
    put_all(buffer, area, pieces.iter().map(|(text, style)| (text.as_str(), *style)), theme);
}

/// Minutes and seconds, rounded up, with hours if there are any.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 61, 3723].map(|s| clock(Duration::from_secs(s))), ["0:00", "1:01", "1:02:03"]);
    }
}
