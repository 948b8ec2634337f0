//! The palette: what can be done here, found by typing.

use crate::app::action::{ACTIONS, Action, Context, Entry};
use crate::app::cursor::Cursor;
use crate::app::field::TextField;
use crate::app::keymap::{self, Keymap};
use crate::app::message::Size;
use crate::model::text::fold;

/// The state of the palette.
#[derive(Debug)]
pub struct Palette {
    /// What is searched for.
    pub filter: TextField,
    /// The entry that is selected.
    pub cursor: Cursor,
    here: &'static [Context],
}

impl Palette {
    /// The palette of a screen with these contexts.
    pub fn new(here: &'static [Context]) -> Palette {
        Palette { filter: TextField::default(), cursor: Cursor::default(), here }
    }

    /// The actions that apply here and match; those whose title begins with the search come first, moving about last.
    pub fn entries(&self, keymap: &Keymap) -> Vec<&'static Entry> {
        let search = self.filter.text();
        let fits = |e: &&Entry| keymap::applies(self.here, e.action) && super::help::matches(keymap, e, search);
        let mut entries: Vec<_> = ACTIONS.iter().filter(fits).collect();
        let start = fold(search);
        entries.sort_by_key(|e| (!fold(e.title).starts_with(&start), e.contexts == [Context::List]));
        entries
    }

    /// The key of an action on the screen below.
    pub fn key(&self, keymap: &Keymap, entry: &Entry) -> String {
        keymap.key_for(self.here, entry.action).map(|k| k.to_string()).unwrap_or_default()
    }

    /// The selected action.
    pub fn selected(&self, keymap: &Keymap) -> Option<Action> {
        self.entries(keymap).get(self.cursor.selected).map(|e| e.action)
    }

    /// How many entries are in view in a frame: all but borders and search field.
    pub fn rows(frame: Size) -> usize {
        usize::from(frame.height).saturating_sub(3)
    }

    /// Text for the search.
    pub fn type_text(&mut self, text: &str) {
        self.filter.insert(text);
        self.cursor = Cursor::default();
    }

    /// Does an action.
    pub fn act(&mut self, action: Action, keymap: &Keymap, frame: Size) {
        if self.filter.edit(action) {
            self.cursor = Cursor::default();
        } else {
            self.cursor.step(action, self.entries(keymap).len(), Palette::rows(frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_in_the_palette_where_it_applies() {
        for entry in ACTIONS {
            for context in entry.contexts {
                let here: &'static [Context] = std::slice::from_ref(context);
                assert!(
                    Palette::new(here).entries(&Keymap::default()).iter().any(|e| e.id == entry.id),
                    "{} in {context:?}",
                    entry.id
                );
            }
        }
    }

    #[test]
    fn a_title_that_begins_with_the_search_comes_first() {
        let mut palette = Palette::new(&[Context::Browse, Context::List, Context::Everywhere]);
        palette.type_text("q");
        assert_eq!(palette.selected(&Keymap::default()), Some(Action::Quit));
    }
}
