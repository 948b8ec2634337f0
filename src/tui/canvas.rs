//! Where the views draw: ratatui's cells, without a terminal behind them. What reaches the terminal is up to
//! [`super::paint`].

use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use crate::app::message::Size;

/// Cells of a fixed size, so that drawing never asks a terminal for it.
pub struct Canvas {
    terminal: Terminal<Nowhere>,
    area: Rect,
}

impl Canvas {
    /// A canvas for a window of a size.
    pub fn new(size: Size) -> Canvas {
        let area = Rect::new(0, 0, size.width, size.height);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let Ok(terminal) = Terminal::with_options(Nowhere { area, cursor: None }, options);
        Canvas { terminal, area }
    }

    /// All of it.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// Draws a frame; gives its cells and where the cursor shall be, if it shall be seen.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> (Buffer, Option<Position>) {
        let Ok(frame) = self.terminal.draw(view);
        let cells = frame.buffer.clone();
        (cells, self.terminal.backend().cursor)
    }
}

/// A backend that keeps only the cursor: the cells stay with [`Terminal`].
struct Nowhere {
    area: Rect,
    cursor: Option<Position>,
}

impl Backend for Nowhere {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, _: I) -> Result<(), Infallible> {
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<ratatui::layout::Size, Infallible> {
        Ok(self.area.as_size())
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.area.as_size(), pixels: ratatui::layout::Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
