//! A line of text being typed.

use tui_input::{Input, InputRequest};

use super::action::Action;

/// A line of text with a cursor. It never holds more than [`TextField::LIMIT`] characters, nor a line end.
#[derive(Debug, Clone, Default)]
pub struct TextField {
    input: Input,
}

impl TextField {
    /// The greatest number of characters; more are not taken.
    pub const LIMIT: usize = 1000;

    /// A field with a text, the cursor at its end.
    pub fn new(text: &str) -> TextField {
        let mut field = TextField::default();
        field.insert(text);
        field
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// How many characters (Unicode scalar values) are before the cursor.
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// Puts text in at the cursor. Line ends and tabs become spaces, other control characters are left out.
    pub fn insert(&mut self, text: &str) {
        let room = Self::LIMIT.saturating_sub(self.text().chars().count());
        // Terminals send the line ends of what is pasted as they send Enter: as CR.
        let text = text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n");
        let line = text.chars().filter_map(|c| match c {
            '\n' | '\r' | '\t' => Some(' '),
            _ => (!c.is_control()).then_some(c),
        });
        let line: String = line.take(room).collect();
        let at = self.text().char_indices().nth(self.cursor()).map_or(self.text().len(), |(byte, _)| byte);
        let cursor = self.cursor() + line.chars().count();
        let (before, after) = self.text().split_at(at);
        self.input = Input::new(format!("{before}{line}{after}")).with_cursor(cursor);
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.input.reset();
    }

    /// Does an editing action; says whether it was one.
    pub fn edit(&mut self, action: Action) -> bool {
        let request = match action {
            Action::TextLeft => InputRequest::GoToPrevChar,
            Action::TextRight => InputRequest::GoToNextChar,
            Action::TextStart => InputRequest::GoToStart,
            Action::TextEnd => InputRequest::GoToEnd,
            Action::TextDeleteBack => InputRequest::DeletePrevChar,
            Action::TextDelete => InputRequest::DeleteNextChar,
            Action::TextDeleteWord => InputRequest::DeletePrevWord,
            Action::TextDeleteToStart => InputRequest::DeleteFromStart,
            Action::TextDeleteToEnd => InputRequest::DeleteTillEnd,
            _ => return false,
        };
        self.input.handle(request);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_text_becomes_one_line_at_the_cursor() {
        let mut field = TextField::new("ad");
        field.edit(Action::TextLeft);
        field.insert("b\r\nc\re\x1b\r\n");
        assert_eq!((field.text(), field.cursor()), ("ab c ed", 6));
    }

    #[test]
    fn text_beyond_the_limit_is_not_taken() {
        let mut field = TextField::new(&"x".repeat(2 * TextField::LIMIT));
        field.insert("y");
        assert_eq!(field.text().len(), TextField::LIMIT);
    }

    #[test]
    fn editing_actions_edit_and_others_do_not() {
        let mut field = TextField::new("office mart");
        assert!(field.edit(Action::TextDeleteWord));
        assert_eq!(field.text(), "office ");
        assert!(!field.edit(Action::Quit));
        field.clear();
        assert_eq!((field.text(), field.cursor()), ("", 0));
    }
}
