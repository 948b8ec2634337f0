//! A frame as few bytes: what differs from the screen that the terminal shows, in the shortest sequences that every
//! terminal knows. On a slow line a byte is time.
//!
//! - here: the screen as the terminal shows it, and the way from there to the next one
//! - `pen`: the style that the terminal writes in
//! - `scroll`: rows that only moved are moved by the terminal

mod pen;
mod scroll;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

use pen::Pen;
use scroll::Shift;

/// What the terminal shows, as far as we sent it.
pub struct Painter {
    shown: Buffer,
    pen: Pen,
    /// Where the next character goes; `None` if terminals differ about it.
    at: Option<Position>,
    /// Where the visible cursor is; `None` while it is hidden.
    cursor: Option<Position>,
    out: Vec<u8>,
}

/// From this many blanks on, erasing them is shorter than writing them and going on behind.
const ERASED: u16 = 11;

impl Painter {
    /// A screen of an area that was just cleared, with the cursor hidden.
    pub fn new(area: Rect) -> Painter {
        Painter { shown: Buffer::empty(area), pen: Pen::default(), at: None, cursor: None, out: Vec::new() }
    }

    /// The bytes that make the screen show these cells and the cursor; empty if it does already.
    pub fn paint(&mut self, wanted: Buffer, cursor: Option<Position>) -> Vec<u8> {
        let next = normal(wanted);
        if let Some(shift) = scroll::find(&self.shown, &next) {
            self.scroll(shift);
        }
        for y in next.area.top()..next.area.bottom() {
            self.row(&next, y);
        }
        self.shown = next;
        self.place(cursor);
        std::mem::take(&mut self.out)
    }

    fn place(&mut self, cursor: Option<Position>) {
        match cursor {
            Some(place) => {
                self.move_to(place);
                if self.cursor.is_none() {
                    self.out.extend(b"\x1b[?25h");
                }
            }
            None if self.cursor.is_some() => self.out.extend(b"\x1b[?25l"),
            None => {}
        }
        self.cursor = cursor;
    }

    fn scroll(&mut self, shift: Shift) {
        self.style(Pen::default());
        let Shift { top, bottom, by } = shift;
        let (count, what) = if by > 0 { (by, 'M') } else { (-by, 'L') };
        let rows = format!("\x1b[{};{}r\x1b[{}H\x1b[{count}{what}\x1b[r", top + 1, bottom, top + 1);
        self.out.extend(rows.as_bytes());
        self.at = None;
        shift.apply(&mut self.shown);
    }

    /// Brings a row to what it shall show.
    fn row(&mut self, next: &Buffer, y: u16) {
        let area = next.area;
        let mut x = area.left();
        while x < area.right() {
            let cell = &next[(x, y)];
            if *cell == self.shown[(x, y)] {
                x += 1;
                continue;
            }
            let blanks = (x..area.right()).take_while(|x| is_blank(&next[(*x, y)])).count() as u16;
            if x + blanks == area.right() || blanks >= ERASED {
                self.erase(Position { x, y }, blanks);
                x += blanks;
                continue;
            }
            self.write(cell, Position { x, y });
            x += cell.symbol().width().max(1) as u16;
        }
    }

    /// Erases cells from a place on; the terminal stays there.
    fn erase(&mut self, place: Position, count: u16) {
        self.move_to(place);
        self.style(Pen::default());
        let to_the_end = place.x + count == self.shown.area.right();
        let sequence = if to_the_end { "\x1b[K".to_owned() } else { format!("\x1b[{count}X") };
        self.out.extend(sequence.as_bytes());
        for x in place.x..place.x + count {
            self.shown[(x, place.y)].reset();
        }
    }

    fn write(&mut self, cell: &Cell, place: Position) {
        self.move_to(place);
        // A blank looks the same in bold.
        if !(is_blank(cell) && self.pen.leaves_blanks()) {
            self.style(Pen::of(cell));
        }
        let symbol = cell.symbol();
        self.out.extend(symbol.as_bytes());
        let x = place.x + symbol.width() as u16;
        // At the end of a row terminals differ, and about the width of what consists of several characters.
        let sure = x < self.shown.area.right() && symbol.chars().nth(1).is_none();
        self.at = sure.then_some(Position { x, ..place });
        // Moving may write what is shown again, so it must know what is.
        self.shown[place] = cell.clone();
    }

    fn style(&mut self, pen: Pen) {
        self.pen.change(pen, &mut self.out);
    }

    /// Goes to a place the shortest way.
    fn move_to(&mut self, to: Position) {
        if self.at == Some(to) {
            return;
        }
        let absolute = match to {
            Position { x: 0, y } => format!("\x1b[{}H", y + 1),
            Position { x, y } => format!("\x1b[{};{}H", y + 1, x + 1),
        };
        let relative = self.at.into_iter().flat_map(|at| [self.along(at, to), from_start(at, to), across(at, to)]);
        let shortest = relative.flatten().chain([absolute]).min_by_key(String::len);
        self.out.extend(shortest.unwrap_or_default().as_bytes());
        self.at = Some(to);
    }

    /// Onward in the row by writing once more what stands there, if it has the style of the pen.
    fn along(&self, at: Position, to: Position) -> Option<String> {
        let near = at.y == to.y && at.x < to.x && to.x - at.x <= 8;
        let cells = || (at.x..to.x).map(|x| &self.shown[(x, at.y)]);
        let same = |cell: &Cell| Pen::of(cell) == self.pen || (is_blank(cell) && self.pen.leaves_blanks());
        let plain = |cell: &Cell| same(cell) && cell.symbol().len() == 1;
        (near && cells().all(plain)).then(|| cells().map(Cell::symbol).collect())
    }
}

/// By the start of the row.
fn from_start(at: Position, to: Position) -> Option<String> {
    across(Position { x: 0, ..at }, to).map(|way| format!("\r{way}"))
}

/// Down or up, then right or left. In raw mode a line feed only goes down.
fn across(at: Position, to: Position) -> Option<String> {
    let vertical = match i32::from(to.y) - i32::from(at.y) {
        0 => String::new(),
        down @ 1..4 => "\n".repeat(down as usize),
        down if down > 0 => format!("\x1b[{down}B"),
        up => step(-up, 'A'),
    };
    let horizontal = match i32::from(to.x) - i32::from(at.x) {
        0 => String::new(),
        left @ -4..0 => "\x08".repeat(-left as usize),
        right if right > 0 => step(right, 'C'),
        left => step(-left, 'D'),
    };
    Some(vertical + &horizontal)
}

fn step(count: i32, way: char) -> String {
    if count == 1 { format!("\x1b[{way}") } else { format!("\x1b[{count}{way}") }
}

/// A blank without anything to see.
fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Pen::of(cell) == Pen::default()
}

/// The cells with one form for what looks the same: a cell behind a wide character is empty and has its style, and a
/// blank has no more style than shows.
fn normal(mut cells: Buffer) -> Buffer {
    for y in cells.area.top()..cells.area.bottom() {
        let mut covered: Option<(usize, Pen)> = None;
        for x in cells.area.left()..cells.area.right() {
            let cell = &mut cells[(x, y)];
            match covered {
                Some((left, pen)) if left > 0 => {
                    cell.set_symbol("");
                    (cell.fg, cell.bg, cell.modifier) = (pen.fg, pen.bg, pen.modifier);
                    covered = Some((left - 1, pen));
                    continue;
                }
                _ => covered = Some((cell.symbol().width().saturating_sub(1), Pen::of(cell))),
            }
            if cell.symbol() == " " && Pen::of(cell).leaves_blanks() {
                cell.reset();
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::style::{Color, Modifier, Style};

    const WIDTH: u16 = 24;
    const HEIGHT: u16 = 8;

    fn buffer(lines: &[(String, Style)]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
        for (y, (text, style)) in (0..HEIGHT).zip(lines) {
            buffer.set_stringn(0, y, text, WIDTH.into(), *style);
        }
        buffer
    }

    fn terminal() -> vt100::Parser {
        let cells = |count| std::num::NonZeroU16::new(count).unwrap();
        vt100::Parser::new(cells(HEIGHT), cells(WIDTH), 0)
    }

    /// What a terminal shows, cell by cell, in the words of ratatui.
    fn shown(parser: &vt100::Parser) -> Vec<(String, Color, Modifier)> {
        let cell = |(y, x)| {
            let cell = parser.screen().cell(y, x).unwrap();
            let fg = match cell.fgcolor() {
                vt100::Color::Idx(3) => Color::Yellow,
                vt100::Color::Idx(6) => Color::Cyan,
                _ => Color::Reset,
            };
            let on = |set: bool, modifier| if set { modifier } else { Modifier::empty() };
            let modifier = on(cell.bold(), Modifier::BOLD)
                | on(cell.dim(), Modifier::DIM)
                | on(cell.underline(), Modifier::UNDERLINED)
                | on(cell.inverse(), Modifier::REVERSED);
            let text = if cell.has_contents() || cell.is_wide_continuation() { cell.contents() } else { " " };
            (text.to_owned(), fg, modifier)
        };
        (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x))).map(cell).collect()
    }

    /// The same from the cells that were wanted. What covers a wide character's second half has no style in vt100.
    fn wanted(buffer: &Buffer) -> Vec<(String, Color, Modifier)> {
        normal(buffer.clone()).content.iter().map(|c| (c.symbol().to_owned(), c.fg, c.modifier)).collect()
    }

    fn without_covered(cells: Vec<(String, Color, Modifier)>) -> Vec<(String, Color, Modifier)> {
        let plain = |(text, fg, modifier): (String, Color, Modifier)| match text.is_empty() {
            true => (text, Color::Reset, Modifier::empty()),
            false => (text, fg, modifier),
        };
        cells.into_iter().map(plain).collect()
    }

    fn style() -> impl Strategy<Value = Style> {
        let plain = Style::default();
        prop::sample::select(vec![
            plain,
            plain,
            plain.add_modifier(Modifier::REVERSED),
            plain.add_modifier(Modifier::DIM),
            plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            plain.fg(Color::Yellow).add_modifier(Modifier::UNDERLINED),
        ])
    }

    fn screen() -> impl Strategy<Value = Vec<(String, Style)>> {
        let text = prop_oneof!["[ab ]{0,24}", "[a漢 é]{0,24}", "a {3,18}b", "x{24}", "word word {1,14}word"];
        prop::collection::vec((text, style()), HEIGHT as usize)
    }

    proptest! {
        #[test]
        fn the_terminal_shows_what_was_painted(
            screens in prop::collection::vec((screen(), prop::option::of((0..WIDTH, 0..HEIGHT))), 1..6),
            moved in -3i32..4,
        ) {
            let mut parser = terminal();
            let mut painter = Painter::new(Rect::new(0, 0, WIDTH, HEIGHT));
            for (mut lines, cursor) in screens {
                for _ in 0..2 {
                    let buffer = buffer(&lines);
                    let cursor = cursor.map(Position::from);
                    parser.process(&painter.paint(buffer.clone(), cursor));
                    prop_assert_eq!(without_covered(shown(&parser)), without_covered(wanted(&buffer)));
                    if let Some(Position { x, y }) = cursor {
                        prop_assert_eq!(parser.screen().cursor_position(), (y, x));
                    }
                    prop_assert!(painter.paint(buffer.clone(), cursor).is_empty(), "nothing changed, nothing is sent");
                    lines.rotate_left(moved.rem_euclid(HEIGHT.into()) as usize);
                }
            }
        }
    }

    #[test]
    fn one_changed_letter_is_a_few_bytes() {
        let line = |text: &str| buffer(&[(text.to_owned(), Style::default())]);
        let mut painter = Painter::new(Rect::new(0, 0, WIDTH, HEIGHT));
        painter.paint(line("Kathryn Smith"), None);
        assert_eq!(painter.paint(line("Kathrin Smith"), None), b"\x1b[8Di");
        assert_eq!(painter.paint(line("Kathrin"), None), b"n\x1b[K", "what stands there is the shortest way");
    }

    #[test]
    fn a_list_that_moved_is_moved_by_the_terminal() {
        let lines = |from: usize| -> Vec<_> {
            (from..from + 8).map(|n| (format!("record number {n:>8}"), Style::default())).collect()
        };
        let mut painter = Painter::new(Rect::new(0, 0, WIDTH, HEIGHT));
        painter.paint(buffer(&lines(10)), None);
        let bytes = painter.paint(buffer(&lines(11)), None);
        assert!(bytes.len() < 50, "{}", String::from_utf8_lossy(&bytes).escape_debug());
    }
}
