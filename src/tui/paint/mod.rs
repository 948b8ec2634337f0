//! A frame as few bytes: what differs from the screen that the terminal shows, in the shortest sequences that every
//! terminal knows. On a slow line a byte is time.
//!
//! - here: the screen as the terminal shows it, and the way from there to the next one
//! - `row`: one row of it
//! - `pen`: the style that the terminal writes in
//! - `route`: the way from one place to another
//! - `scroll`: rows that only moved are moved by the terminal

mod pen;
mod route;
mod row;
mod scroll;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

use pen::Pen;
use row::Row;
use scroll::Shift;

/// What the terminal shows, as far as we sent it.
pub struct Painter {
    shown: Buffer,
    sent: Sent,
    /// Where the visible cursor is; `None` while it is hidden.
    cursor: Option<Position>,
}

/// Bytes for the terminal, and what it does with the next ones.
#[derive(Clone, Default)]
struct Sent {
    bytes: Vec<u8>,
    pen: Pen,
    /// Where the next character goes; `None` if terminals differ about it.
    at: Option<Position>,
}

impl Sent {
    /// Goes to a place. `row` is what the terminal shows in the row of that place.
    fn go(&mut self, to: Position, row: &[Cell]) {
        if self.at != Some(to) {
            let way = route::shortest(self.at, to, row, self.pen);
            self.bytes.extend(way.as_bytes());
            self.at = Some(to);
        }
    }

    fn style(&mut self, pen: Pen) {
        self.pen.change(pen, &mut self.bytes);
    }
}

impl Painter {
    /// A screen of an area that was just cleared, with the cursor hidden.
    pub fn new(area: Rect) -> Painter {
        Painter { shown: Buffer::empty(area), sent: Sent::default(), cursor: None }
    }

    /// The bytes that make the screen show these cells and the cursor; none if it does already.
    pub fn paint(&mut self, wanted: Buffer, cursor: Option<Position>) -> Vec<u8> {
        let next = normal(wanted);
        if let Some(shift) = scroll::find(&self.shown, &next) {
            self.scroll(shift);
        }
        for y in next.area.top()..next.area.bottom() {
            self.row(&next, y);
        }
        self.place(cursor);
        std::mem::take(&mut self.sent.bytes)
    }

    fn row(&mut self, next: &Buffer, y: u16) {
        let (shown, wanted) = (cells_of(&self.shown, y), cells_of(next, y));
        if shown != wanted {
            let row = Row { y, shown: shown.to_vec(), wanted };
            row.paint(&mut self.sent);
            let start = self.shown.index_of(self.shown.area.x, y);
            self.shown.content[start..][..wanted.len()].clone_from_slice(wanted);
        }
    }

    fn place(&mut self, cursor: Option<Position>) {
        match cursor {
            Some(place) => {
                self.sent.go(place, cells_of(&self.shown, place.y));
                if self.cursor.is_none() {
                    self.sent.bytes.extend(b"\x1b[?25h");
                }
            }
            None if self.cursor.is_some() => self.sent.bytes.extend(b"\x1b[?25l"),
            None => {}
        }
        self.cursor = cursor;
    }

    fn scroll(&mut self, shift: Shift) {
        self.sent.style(Pen::default());
        self.sent.bytes.extend(shift.sequence().as_bytes());
        self.sent.at = None;
        shift.apply(&mut self.shown);
    }
}

fn cells_of(buffer: &Buffer, y: u16) -> &[Cell] {
    let start = buffer.index_of(buffer.area.x, y);
    &buffer.content[start..][..usize::from(buffer.area.width)]
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

    /// The same from the cells that were wanted.
    fn wanted(buffer: &Buffer) -> Vec<(String, Color, Modifier)> {
        normal(buffer.clone()).content.iter().map(|c| (c.symbol().to_owned(), c.fg, c.modifier)).collect()
    }

    /// Without what nobody sees: the style of a plain blank, and of a wide character's second half.
    fn visible(cells: Vec<(String, Color, Modifier)>) -> Vec<(String, Color, Modifier)> {
        let shows = Modifier::REVERSED | Modifier::UNDERLINED;
        let plain = |(text, fg, modifier): (String, Color, Modifier)| match text.as_str() {
            "" => (text, Color::Reset, Modifier::empty()),
            " " if !modifier.intersects(shows) => (text, Color::Reset, Modifier::empty()),
            _ => (text, fg, modifier),
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
                    prop_assert_eq!(visible(shown(&parser)), visible(wanted(&buffer)));
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
        assert_eq!(painter.paint(line("Kathrin"), None), b"n \x1b[K", "what stands there is the shortest way");
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
