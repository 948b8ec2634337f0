//! The way of the cursor from one place to another, in as few bytes as possible.

use ratatui::buffer::Cell;
use ratatui::layout::Position;

use super::is_blank;
use super::pen::Pen;

/// Up to so many cells are written once more rather than passed over.
const REWRITTEN: u16 = 8;

/// The shortest way to a place from where the cursor is, if that is known. `row` is what the terminal shows in the row of
/// the place, `pen` what it writes with: writing a cell once more may be shorter than passing over it.
pub fn shortest(at: Option<Position>, to: Position, row: &[Cell], pen: Pen) -> String {
    let absolute = match to {
        Position { x: 0, y } => format!("\x1b[{}H", y + 1),
        Position { x, y } => format!("\x1b[{};{}H", y + 1, x + 1),
    };
    let relative = at.into_iter().flat_map(|at| {
        let down = vertical(at.y, to.y);
        let from_start = format!("\r{down}{}", horizontal(0, to.x, row, pen));
        [down + &horizontal(at.x, to.x, row, pen), from_start]
    });
    relative.chain([absolute]).min_by_key(String::len).unwrap_or_default()
}

/// Down or up. In raw mode a line feed only goes down.
fn vertical(from: u16, to: u16) -> String {
    match i32::from(to) - i32::from(from) {
        0 => String::new(),
        down @ 1..4 => "\n".repeat(down as usize),
        down if down > 0 => step(down, 'B'),
        up => step(-up, 'A'),
    }
}

fn horizontal(from: u16, to: u16, row: &[Cell], pen: Pen) -> String {
    match i32::from(to) - i32::from(from) {
        0 => String::new(),
        left @ -4..0 => "\x08".repeat(-left as usize),
        left if left < 0 => step(-left, 'D'),
        right => {
            let right = step(right, 'C');
            along(from, to, row, pen).filter(|again| again.len() < right.len()).unwrap_or(right)
        }
    }
}

/// Onward by writing once more what stands there, if it has the style of the pen.
fn along(from: u16, to: u16, row: &[Cell], pen: Pen) -> Option<String> {
    let cells = row.get(from.into()..to.into()).filter(|cells| cells.len() <= REWRITTEN.into())?;
    let same = |cell: &Cell| Pen::of(cell) == pen || (is_blank(cell) && pen.leaves_blanks());
    let plain = |cell: &Cell| same(cell) && cell.symbol().len() == 1;
    cells.iter().all(plain).then(|| cells.iter().map(Cell::symbol).collect())
}

fn step(count: i32, way: char) -> String {
    if count == 1 { format!("\x1b[{way}") } else { format!("\x1b[{count}{way}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(None, (0, 3), "\x1b[4H")]
    #[case(None, (4, 3), "\x1b[4;5H")]
    #[case(Some((9, 2)), (9, 3), "\n")]
    #[case(Some((9, 2)), (0, 3), "\r\n")]
    #[case(Some((9, 2)), (2, 3), "\r\nab")]
    #[case(Some((9, 2)), (7, 3), "\n\x08\x08")]
    #[case(Some((0, 3)), (9, 3), "\x1b[9C")]
    #[case(Some((60, 3)), (9, 3), "\x1b[51D")]
    #[case(Some((200, 3)), (9, 3), "\r\x1b[9C")]
    #[case(Some((9, 9)), (9, 3), "\x1b[6A")]
    fn the_way_is_short(#[case] at: Option<(u16, u16)>, #[case] to: (u16, u16), #[case] way: &str) {
        let row: Vec<Cell> = "abcdefghijkl".chars().map(Cell::from).collect();
        assert_eq!(shortest(at.map(Position::from), to.into(), &row, Pen::default()), way);
    }
}
