//! A message or an error that stays until the person has read it.

use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::message::Size;
use crate::model::text::{told, wrapped};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Good to know.
    Message,
    /// Something did not work.
    Error,
}

/// The state of a message.
#[derive(Debug)]
pub struct Notice {
    /// How bad it is.
    pub kind: Kind,
    /// The message in a few words.
    pub title: String,
    /// What happened, where, what to do. May hold foreign text.
    pub text: String,
    /// The first line in view.
    pub top: usize,
}

impl Notice {
    /// A message.
    pub fn new(title: &str, text: &str) -> Notice {
        Notice { kind: Kind::Message, title: title.to_owned(), text: text.to_owned(), top: 0 }
    }

    /// An error.
    pub fn error(title: &str, text: &str) -> Notice {
        Notice { kind: Kind::Error, ..Notice::new(title, text) }
    }

    /// How many columns its text has in a window.
    pub fn width(size: Size) -> usize {
        usize::from(size.width.saturating_sub(6)).min(72)
    }

    /// The text in lines of at most `width` columns.
    pub fn lines(&self, width: usize) -> Vec<String> {
        wrapped(&told(&self.text), width)
    }

    /// Scrolls; `frame` has borders and a margin of one column on each side.
    pub fn act(&mut self, action: Action, frame: Size) {
        let rows = usize::from(frame.height).saturating_sub(2);
        let last = self.lines(usize::from(frame.width).saturating_sub(4)).len().saturating_sub(rows);
        let mut cursor = Cursor { selected: self.top, top: self.top };
        if cursor.step(action, last + 1, 1) {
            self.top = cursor.selected;
        }
    }
}
