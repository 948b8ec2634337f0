//! Rows that only moved up or down, as a list does that scrolls by a row: the terminal can move them.

use ratatui::buffer::{Buffer, Cell};

/// Rows that move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// The first row of those that take part.
    pub top: u16,
    /// The row behind the last one.
    pub bottom: u16,
    /// How many rows they go up; negative: down. As many rows at the other end become blank.
    pub by: i32,
}

/// A frame that costs less than this is sent as it is.
const WORTH: i32 = 200;
/// What it costs to go to a row and to change the style there, in cells.
const PLACE: i32 = 12;
/// What the sequences of a shift cost, in cells.
const COST: i32 = 40;

impl Shift {
    /// What tells the terminal to move the rows. It leaves the cursor nobody knows where.
    pub fn sequence(self) -> String {
        let Shift { top, bottom, by } = self;
        let first = top + 1;
        let rows = match by {
            1 => format!("\x1b[{bottom}H\n"),
            -1 => format!("\x1b[{first}H\x1bM"),
            up if up > 0 => format!("\x1b[{first}H\x1b[{up}M"),
            down => format!("\x1b[{first}H\x1b[{}L", -down),
        };
        format!("\x1b[{first};{bottom}r{rows}\x1b[r")
    }

    /// Does to the cells what the terminal does.
    pub fn apply(self, cells: &mut Buffer) {
        let old = cells.clone();
        for y in self.top..self.bottom {
            let from = i32::from(y) + self.by;
            let inside = (i32::from(self.top)..i32::from(self.bottom)).contains(&from);
            for x in cells.area.left()..cells.area.right() {
                cells[(x, y)] = if inside { old[(x, from as u16)].clone() } else { Cell::default() };
            }
        }
    }
}

/// The shift that leaves the fewest cells to write; `None` if none is worth it.
pub fn find(shown: &Buffer, wanted: &Buffer) -> Option<Shift> {
    let height = i32::from(wanted.area.height);
    let stay: Vec<i32> = (0..height).map(|y| cost(row(shown, y), row(wanted, y))).collect();
    if stay.iter().sum::<i32>() < WORTH {
        return None;
    }
    let empty = vec![Cell::default(); wanted.area.width.into()];
    let blank: Vec<i32> = (0..height).map(|y| cost(&empty, row(wanted, y))).collect();
    let shifts = (1..height / 2).flat_map(|by| [by, -by]);
    let best = shifts.filter_map(|by| best_of(by, shown, wanted, &stay, &blank)).max_by_key(|(saved, _)| *saved)?;
    (best.0 > COST).then_some(best.1)
}

/// The block of rows that saves most when it moves by a number of rows, and how many cells it saves.
fn best_of(by: i32, shown: &Buffer, wanted: &Buffer, stay: &[i32], blank: &[i32]) -> Option<(i32, Shift)> {
    let height = stay.len() as i32;
    let count = by.abs();
    // Rows that come from inside the screen.
    let (first, last) = if by > 0 { (0, height - by) } else { (-by, height) };
    let saved = |y: i32| stay[y as usize] - cost(row(shown, y + by), row(wanted, y));
    let lost = |from: i32| (from..from + count).map(|y| blank[y as usize] - stay[y as usize]).sum::<i32>();
    let mut best: Option<(i32, Shift)> = None;
    // The rows at the other end of the block become blank: those behind it, or those before it.
    let before = |start: i32| if by > 0 { 0 } else { -lost(start - count) };
    let (mut start, mut sum) = (first, before(first));
    for y in first..last {
        if sum <= before(y) {
            (start, sum) = (y, before(y));
        }
        sum += saved(y);
        let (top, bottom) = if by > 0 { (start, y + 1 + count) } else { (start - count, y + 1) };
        let total = if by > 0 { sum - lost(y + 1) } else { sum };
        if best.is_none_or(|(most, _)| total > most) {
            best = Some((total, Shift { top: top as u16, bottom: bottom as u16, by }));
        }
    }
    best
}

fn row(cells: &Buffer, y: i32) -> &[Cell] {
    let width = usize::from(cells.area.width);
    &cells.content[y as usize * width..][..width]
}

/// What it costs, in cells, to write a row over another one.
fn cost(shown: &[Cell], wanted: &[Cell]) -> i32 {
    let differing = shown.iter().zip(wanted).filter(|(a, b)| a != b).count() as i32;
    if differing > 0 { differing + PLACE } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn screen(lines: &[String]) -> Buffer {
        let mut cells = Buffer::empty(Rect::new(0, 0, 120, lines.len() as u16));
        for (y, line) in (0..).zip(lines) {
            cells.set_stringn(0, y, line, 120, Style::default());
        }
        cells
    }

    #[test]
    fn what_stands_above_a_list_stays_when_it_scrolls_up() {
        let long = |letter: char| letter.to_string().repeat(100);
        let list: Vec<String> = ["Li".to_owned()].into_iter().chain(('a'..='h').map(long)).collect();
        let with = |rows: &[String]| screen(&[&["/ search".to_owned(), "NAME".to_owned()], rows].concat());
        let shift = find(&with(&list[1..]), &with(&list[..8])).unwrap();
        assert_eq!(shift, Shift { top: 2, bottom: 10, by: -1 });
        let shift = find(&with(&list[..8]), &with(&list[1..])).unwrap();
        assert_eq!(shift, Shift { top: 2, bottom: 10, by: 1 });
    }
}
