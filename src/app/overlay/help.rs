//! Help: every key, from the action table; typing searches it.

use crate::app::action::{ACTIONS, Action, Context, Entry};
use crate::app::cursor::Cursor;
use crate::app::field::TextField;
use crate::app::keymap::Keymap;
use crate::app::message::Size;
use crate::model::text::fold;

/// The selection begins on the first action, below its heading.
const START: Cursor = Cursor { selected: 1, top: 0 };

/// The state of the help.
#[derive(Debug)]
pub struct Help {
    /// What is searched for.
    pub filter: TextField,
    /// The line that is selected.
    pub cursor: Cursor,
    here: &'static [Context],
}

/// A line of the help.
#[derive(Debug, Clone, Copy)]
pub enum HelpLine {
    /// The heading of a context; whether it is where the person is.
    Heading(Context, bool),
    /// An action.
    Entry(&'static Entry),
}

impl Help {
    /// The help as seen from a screen with these contexts.
    pub fn new(here: &'static [Context]) -> Help {
        Help { filter: TextField::default(), cursor: START, here }
    }

    /// The lines that match the search: what applies here first, then everything else.
    pub fn lines(&self, keymap: &Keymap) -> Vec<HelpLine> {
        let mut lines = Vec::new();
        let elsewhere = Context::ALL.iter().filter(|c| !self.here.contains(c));
        for context in self.here.iter().chain(elsewhere) {
            let entries =
                ACTIONS.iter().filter(|e| e.contexts.contains(context) && matches(keymap, e, self.filter.text()));
            let mut entries = entries.map(HelpLine::Entry).peekable();
            if entries.peek().is_some() {
                lines.push(HelpLine::Heading(*context, self.here.contains(context)));
                lines.extend(entries);
            }
        }
        lines
    }

    /// How many lines are in view in a frame: all but borders, search field and the sentence of the selected line.
    pub fn rows(frame: Size) -> usize {
        usize::from(frame.height).saturating_sub(4)
    }

    /// Text for the search.
    pub fn type_text(&mut self, text: &str) {
        self.filter.insert(text);
        self.cursor = START;
    }

    /// Does an action.
    pub fn act(&mut self, action: Action, keymap: &Keymap, frame: Size) {
        if self.filter.edit(action) {
            self.cursor = START;
        } else {
            self.cursor.step(action, self.lines(keymap).len(), Help::rows(frame));
        }
    }
}

/// Whether every word of the search is in the action's title, name, help or keys.
pub(super) fn matches(keymap: &Keymap, entry: &Entry, search: &str) -> bool {
    let keys: Vec<String> = keymap.keys(entry.action).iter().map(ToString::to_string).collect();
    let text = fold(&[entry.title, entry.id, entry.help, &keys.join(" ")].join(" "));
    search.split_whitespace().all(|word| text.contains(&fold(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_in_the_help() {
        let lines = Help::new(&[Context::Browse, Context::List, Context::Everywhere]).lines(&Keymap::default());
        for entry in ACTIONS {
            assert!(
                lines.iter().any(|l| matches!(l, HelpLine::Entry(e) if e.id == entry.id)),
                "{} is missing",
                entry.id
            );
        }
        assert!(matches!(lines[0], HelpLine::Heading(Context::Browse, true)));
    }

    #[test]
    fn the_search_finds_by_key_and_by_word() {
        let mut help = Help::new(&[Context::Browse]);
        help.type_text("ctrl-z");
        assert!(
            help.lines(&Keymap::default())
                .iter()
                .any(|l| matches!(l, HelpLine::Entry(e) if e.action == Action::Suspend))
        );
        help.type_text(" nothing like it");
        assert!(help.lines(&Keymap::default()).is_empty());
    }
}
