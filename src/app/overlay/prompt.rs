//! A question that wants a line of text.

use super::Question;
use crate::app::field::TextField;
use crate::model::text::wrapped;

/// The state of a prompt.
#[derive(Debug)]
pub struct Prompt {
    /// What is asked for.
    pub question: Question,
    /// The question in a few words.
    pub title: String,
    /// What to type.
    pub hint: String,
    /// What was typed.
    pub field: TextField,
    /// What is wrong with what was accepted last.
    pub wrong: Option<String>,
}

impl Prompt {
    /// An empty prompt.
    pub fn new(question: Question, title: &str, hint: &str) -> Prompt {
        Prompt { question, title: title.to_owned(), hint: hint.to_owned(), field: TextField::default(), wrong: None }
    }

    /// The hint, and what is wrong, in lines of so many columns.
    pub fn lines(&self, width: usize) -> [Vec<String>; 2] {
        [wrapped(&self.hint, width), self.wrong.as_ref().map_or_else(Vec::new, |wrong| wrapped(wrong, width))]
    }
}
