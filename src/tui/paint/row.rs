//! One row from what it shows to what it shall show.

use ratatui::buffer::Cell;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use super::pen::Pen;
use super::{Sent, is_blank};

/// From this many blanks on, erasing them is shorter than writing them and going on behind.
const ERASED: usize = 11;

/// A row of the screen.
#[derive(Clone)]
pub struct Row<'a> {
    /// Which one.
    pub y: u16,
    /// What the terminal shows.
    pub shown: Vec<Cell>,
    /// What it shall show; not the same.
    pub wanted: &'a [Cell],
}

impl Row<'_> {
    /// Adds the shorter of two ways: cell by cell, or the row erased from the first cell that differs.
    pub fn paint(self, sent: &mut Sent) {
        let first = self.wanted.iter().zip(&self.shown).position(|(wanted, shown)| wanted != shown).unwrap_or(0);
        let before = sent.bytes.len();
        let way = |mut row: Self, erase: bool| {
            let mut sent = Sent { bytes: Vec::new(), ..sent.clone() };
            if erase {
                row.erase(first, row.wanted.len() - first, &mut sent);
            }
            row.cells(&mut sent);
            sent
        };
        let ways = [way(self.clone(), false), way(self, true)];
        let [patched, erased] = ways;
        let shorter = if erased.bytes.len() < patched.bytes.len() { erased } else { patched };
        sent.bytes.truncate(before);
        sent.bytes.extend(&shorter.bytes);
        (sent.pen, sent.at) = (shorter.pen, shorter.at);
    }

    /// Every cell that differs.
    fn cells(&mut self, sent: &mut Sent) {
        let mut x = 0;
        while x < self.wanted.len() {
            if self.wanted[x] == self.shown[x] {
                x += 1;
                continue;
            }
            let blanks = self.wanted[x..].iter().take_while(|cell| is_blank(cell)).count();
            if x + blanks == self.wanted.len() || blanks >= ERASED {
                self.erase(x, blanks, sent);
                x += blanks;
            } else {
                self.write(x, sent);
                x += self.wanted[x].symbol().width().max(1);
            }
        }
    }

    /// Erases cells from a place on; the terminal stays there.
    fn erase(&mut self, x: usize, count: usize, sent: &mut Sent) {
        sent.go(self.place(x), &self.shown);
        sent.style(Pen::default());
        let to_the_end = x + count == self.wanted.len();
        let sequence = if to_the_end { "\x1b[K".to_owned() } else { format!("\x1b[{count}X") };
        sent.bytes.extend(sequence.as_bytes());
        self.shown[x..x + count].iter_mut().for_each(Cell::reset);
    }

    fn write(&mut self, x: usize, sent: &mut Sent) {
        let cell = &self.wanted[x];
        sent.go(self.place(x), &self.shown);
        // A blank looks the same in bold.
        if !(is_blank(cell) && sent.pen.leaves_blanks()) {
            sent.style(Pen::of(cell));
        }
        let symbol = cell.symbol();
        sent.bytes.extend(symbol.as_bytes());
        let behind = x + symbol.width();
        // At the end of a row terminals differ, and about the width of what consists of several characters.
        let sure = behind < self.wanted.len() && symbol.chars().nth(1).is_none();
        sent.at = sure.then(|| self.place(behind));
        // The way to the next cell may write what is shown again, so it must know what is.
        self.shown[x] = cell.clone();
    }

    fn place(&self, x: usize) -> Position {
        Position { x: x as u16, y: self.y }
    }
}
