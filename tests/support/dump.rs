//! A picture of cells that shows text and style: the text, then a grid with a letter for each style, then what the
//! letters mean. A snapshot of text alone would not see that a selection has lost its mark.
#![allow(dead_code, reason = "each test file uses what it needs")]

use muster::app::message::{Message, Size};
use muster::app::state::State;
use muster::app::update::update;
use muster::tui::theme::Theme;
use muster::tui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// The window in which most people work.
pub const USUAL: (u16, u16) = (80, 24);

/// The windows of which pictures are taken, by their names.
pub const SIZES: [(&str, (u16, u16)); 3] = [("usual", USUAL), ("wide", (120, 40)), ("narrow", (60, 15))];

/// The picture of a state in its window.
pub fn picture(state: &State, theme: &Theme) -> String {
    let mut terminal = Terminal::new(TestBackend::new(state.size.width, state.size.height)).unwrap();
    terminal.draw(|frame| view::draw(state, theme, frame)).unwrap();
    dump(terminal.backend().buffer())
}

/// The pictures of a state in windows of these sizes; afterwards it has the usual one.
pub fn pictures<'n>(state: &mut State, sizes: &[(&'n str, (u16, u16))]) -> Vec<(&'n str, String)> {
    let mut resized = |(width, height)| {
        update(state, Message::Resized(Size { width, height }));
        picture(state, &Theme::new(true, false))
    };
    let taken = sizes.iter().map(|(name, size)| (*name, resized(*size))).collect();
    resized(USUAL);
    taken
}

/// The picture of a buffer. Blank ends of lines, and lines of plain style, are left out.
pub fn dump(buffer: &Buffer) -> String {
    let mut legend: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut styles = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let cells = || (buffer.area.left()..buffer.area.right()).map(|x| &buffer[(x, y)]);
        // A wide character takes the cell behind it too.
        let mut covered = 0;
        let line: String = cells()
            .map(Cell::symbol)
            .filter(|symbol| {
                let hidden = covered > 0;
                covered = if hidden { covered - 1 } else { symbol.width().saturating_sub(1) };
                !hidden
            })
            .collect();
        text.push_str(&format!("{}\n", line.trim_end()));
        let letters: String = cells().map(|cell| letter(cell, &mut legend)).collect();
        let letters = letters.trim_end_matches('.');
        if !letters.is_empty() {
            styles.push_str(&format!("{y:>3} {letters}\n"));
        }
    }
    for (number, style) in legend.iter().enumerate() {
        styles.push_str(&format!("{} = {style}\n", char::from(b'a' + number as u8)));
    }
    format!("{text}--- styles\n{styles}")
}

fn letter(cell: &Cell, legend: &mut Vec<String>) -> char {
    if cell.fg == Color::Reset && cell.bg == Color::Reset && cell.modifier == Modifier::empty() {
        return '.';
    }
    let style = format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier);
    let number = legend.iter().position(|known| *known == style).unwrap_or_else(|| {
        legend.push(style);
        legend.len() - 1
    });
    char::from(b'a' + number as u8)
}
