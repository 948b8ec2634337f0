//! The progress line: rows, bytes, rate and time left on a terminal, rewritten in place at most five times a second.

use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(200);

/// A line on standard error that counts.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    drawn: Option<Instant>,
    watched: bool,
}

impl Progress {
    /// Starts the clock. Nothing is drawn unless somebody watches, which is when standard error is a terminal.
    pub fn new(watched: bool) -> Progress {
        Progress { started: Instant::now(), drawn: None, watched }
    }

    /// Draws the counts of a file that is read. `total` is its size if known.
    pub fn update(&mut self, err: &mut dyn Write, rows: u64, bytes: u64, total: Option<u64>) {
        self.draw(err, |elapsed| line(rows, bytes, total, elapsed));
    }

    /// Draws a count of records; `total` is 0 while it is not known.
    pub fn count(&mut self, err: &mut dyn Write, done: u64, total: u64) {
        self.draw(err, |_| count_line(done, total));
    }

    /// Draws a line, unless one was drawn less than a fifth of a second ago.
    fn draw(&mut self, err: &mut dyn Write, line: impl FnOnce(Duration) -> String) {
        if !self.watched || self.drawn.is_some_and(|at| at.elapsed() < INTERVAL) {
            return;
        }
        self.drawn = Some(Instant::now());
        let text = line(self.started.elapsed());
        let _ = write!(err, "\r\x1b[K{text}").and_then(|()| err.flush());
    }

    /// Removes the line, so that the next message starts on a clean one.
    pub fn clear(&mut self, err: &mut dyn Write) {
        if self.drawn.take().is_some() {
            let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
        }
    }
}

/// `412,000 rows  41 %  143 of 348 MB  98,000 rows/s  0:06 left`, always within 80 columns.
fn line(rows: u64, bytes: u64, total: Option<u64>, elapsed: Duration) -> String {
    let mut text = format!("{} rows", grouped(rows));
    let done = total.filter(|total| *total > 0).map(|total| (bytes.min(total), total));
    let _ = match done {
        Some((bytes, total)) => write!(text, "  {} %  {} of {} MB", bytes * 100 / total, mega(bytes), mega(total)),
        None => write!(text, "  {} MB", mega(bytes)),
    };
    let seconds = elapsed.as_secs_f64();
    if seconds >= 1.0 {
        let _ = write!(text, "  {} rows/s", grouped((rows as f64 / seconds) as u64));
    }
    if let Some((bytes, total)) = done.filter(|(bytes, _)| seconds >= 2.0 && *bytes > 0) {
        let left = (seconds * (total - bytes) as f64 / bytes as f64).ceil() as u64;
        let _ = write!(text, "  {}:{:02} left", left / 60, left % 60);
    }
    text
}

/// `412,000 of 1,000,000 records  41 %`
fn count_line(done: u64, total: u64) -> String {
    match total {
        0 => format!("{} records", grouped(done)),
        _ => format!("{} of {} records  {} %", grouped(done.min(total)), grouped(total), done.min(total) * 100 / total),
    }
}

fn mega(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}

/// `48211` as `48,211`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_rows_share_rate_and_time_left() {
        let text = line(412_000, 143_000_000, Some(348_000_000), Duration::from_secs(4));
        assert_eq!(text, "412,000 rows  41 %  143 of 348 MB  103,000 rows/s  0:06 left");
        assert_eq!(line(7, 1000, None, Duration::ZERO), "7 rows  1 MB");
        assert_eq!(line(0, 0, Some(0), Duration::from_secs(3)), "0 rows  0 MB  0 rows/s");
        assert!(line(u64::MAX / 1000, u64::MAX / 200, Some(u64::MAX / 100), Duration::from_secs(9)).len() < 140);
    }

    #[test]
    fn records_are_counted() {
        assert_eq!(count_line(412_000, 1_000_000), "412,000 of 1,000,000 records  41 %");
        assert_eq!(count_line(7, 0), "7 records");
    }

    #[test]
    fn nothing_is_drawn_unwatched_and_little_when_watched() {
        let (mut unwatched, mut watched) = (Vec::new(), Vec::new());
        let mut silent = Progress::new(false);
        let mut drawn = Progress::new(true);
        for rows in 0..1000 {
            silent.update(&mut unwatched, rows, rows, None);
            drawn.update(&mut watched, rows, rows, None);
        }
        silent.clear(&mut unwatched);
        drawn.clear(&mut watched);
        assert!(unwatched.is_empty());
        assert!(watched.len() < 200, "{} bytes", watched.len());
    }
}
