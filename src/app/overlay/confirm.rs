//! A question with yes and no. Enter alone never does what the question names: the focus begins on no.

use super::Question;
use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::message::Size;
use crate::model::text::{told, wrapped};

/// The state of a question.
#[derive(Debug)]
pub struct Confirm {
    /// What is asked for.
    pub question: Question,
    /// The question in a few words.
    pub title: String,
    /// What hangs on it, with the numbers.
    pub text: String,
    /// Whether the focus is on yes.
    pub yes: bool,
    /// The first line of the text in view.
    pub top: usize,
}

impl Confirm {
    /// A question with the focus on no.
    pub fn new(question: Question, title: &str, text: &str) -> Confirm {
        Confirm { question, title: title.to_owned(), text: text.to_owned(), yes: false, top: 0 }
    }

    /// The text in lines of at most `width` columns.
    pub fn lines(&self, width: usize) -> Vec<String> {
        wrapped(&told(&self.text), width)
    }

    /// How many lines of the text are in view in a frame: all but borders, the answers, and a blank line around both.
    pub fn rows(frame: Size) -> usize {
        usize::from(frame.height).saturating_sub(5)
    }

    /// Does an action, which may scroll the text; gives the answer when there is one.
    pub fn act(&mut self, action: Action, frame: Size) -> Option<bool> {
        match action {
            Action::Yes => Some(true),
            Action::Accept => Some(self.yes),
            Action::OtherAnswer => {
                self.yes = !self.yes;
                None
            }
            _ => {
                let lines = self.lines(usize::from(frame.width).saturating_sub(4)).len();
                let last = lines.saturating_sub(Confirm::rows(frame));
                let mut cursor = Cursor { selected: self.top, top: self.top };
                if cursor.step(action, last + 1, 1) {
                    self.top = cursor.selected;
                }
                None
            }
        }
    }
}
