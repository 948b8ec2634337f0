//! A question with yes and no. Enter alone never does what the question names: the focus begins on no.

use super::Question;
use crate::app::action::Action;
use crate::model::text::wrapped;

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
}

impl Confirm {
    /// A question with the focus on no.
    pub fn new(question: Question, title: &str, text: &str) -> Confirm {
        Confirm { question, title: title.to_owned(), text: text.to_owned(), yes: false }
    }

    /// The text in lines of at most `width` columns.
    pub fn lines(&self, width: usize) -> Vec<String> {
        wrapped(&self.text, width)
    }

    /// Does an action; gives the answer when there is one.
    pub fn act(&mut self, action: Action) -> Option<bool> {
        match action {
            Action::Yes => Some(true),
            Action::Accept => Some(self.yes),
            Action::OtherAnswer => {
                self.yes = !self.yes;
                None
            }
            _ => None,
        }
    }
}
