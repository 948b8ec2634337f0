//! A list to choose from, found by typing.

use super::Question;
use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::field::TextField;
use crate::app::message::Size;
use crate::model::text::{fold, told, wrapped};

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// What it is. May hold foreign text.
    pub label: String,
    /// What else there is to say.
    pub about: String,
}

/// The state of a list to choose from.
#[derive(Debug)]
pub struct Pick {
    /// What is asked for.
    pub question: Question,
    /// The question in a few words.
    pub title: String,
    /// What there is to know before choosing; often empty.
    pub text: String,
    /// Everything that can be chosen.
    pub items: Vec<Item>,
    /// What is searched for.
    pub filter: TextField,
    /// The selected one of those that match.
    pub cursor: Cursor,
}

impl Pick {
    /// A list with nothing searched for.
    pub fn new(question: Question, title: &str, items: Vec<Item>) -> Pick {
        let text = String::new();
        Pick { question, title: title.to_owned(), text, items, filter: TextField::default(), cursor: Cursor::default() }
    }

    /// The numbers of the items that have every word of the search.
    pub fn matching(&self) -> Vec<usize> {
        let words: Vec<String> = self.filter.text().split_whitespace().map(fold).collect();
        let fits = |item: &Item| {
            let text = fold(&format!("{} {}", item.label, item.about));
            words.iter().all(|word| text.contains(word.as_str()))
        };
        (0..self.items.len()).filter(|number| fits(&self.items[*number])).collect()
    }

    /// The number of the selected item.
    pub fn selected(&self) -> Option<usize> {
        self.matching().get(self.cursor.selected).copied()
    }

    /// The text in lines, for a frame of a width.
    pub fn lines(&self, width: u16) -> Vec<String> {
        wrapped(&told(&self.text), usize::from(width.saturating_sub(4)))
    }

    /// How many items are in view in a frame: all but borders, text and search field.
    pub fn rows(&self, frame: Size) -> usize {
        usize::from(frame.height).saturating_sub(3 + self.lines(frame.width).len())
    }

    /// Text for the search.
    pub fn type_text(&mut self, text: &str) {
        self.filter.insert(text);
        self.cursor = Cursor::default();
    }

    /// Does an action.
    pub fn act(&mut self, action: Action, frame: Size) {
        if self.filter.edit(action) {
            self.cursor = Cursor::default();
        } else {
            self.cursor.step(action, self.matching().len(), self.rows(frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_order() {
        let item = |label: &str| Item { label: label.to_owned(), about: "contact".to_owned() };
        let mut pick = Pick::new(Question::Setting, "", ["Work phone", "Cell phone", "City"].map(item).to_vec());
        pick.type_text("phone ce");
        assert_eq!(pick.matching(), [1]);
        assert_eq!(pick.selected(), Some(1));
        pick.type_text("x");
        assert_eq!(pick.selected(), None);
    }
}
