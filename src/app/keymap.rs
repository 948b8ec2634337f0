//! Key to action by context, and back. What a person may change is in [`super::rebind`].

use super::action::{ACTIONS, Action, Context};
use super::key::Key;

/// What a key means where the focus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A character for the text field that has the focus.
    Text(char),
    /// An action.
    Action(Action),
}

/// The keys of every action: those of the table, or those that a person set instead.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// In the order of [`ACTIONS`].
    keys: Vec<Vec<Key>>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        Keymap { keys: ACTIONS.iter().map(|entry| entry.keys.to_vec()).collect() }
    }
}

impl Keymap {
    /// The keys of an action, the one to show first.
    pub fn keys(&self, action: Action) -> &[Key] {
        &self.keys[action as usize]
    }

    /// Gives an action other keys.
    pub(super) fn set(&mut self, action: Action, keys: Vec<Key>) {
        self.keys[action as usize] = keys;
    }

    /// What a key means; `contexts` come from the focus, the nearest first. A key bound in a nearer context hides the same
    /// key of a farther one; in a text field a printable key is always text.
    pub fn meaning(&self, contexts: &[Context], key: Key) -> Option<Meaning> {
        let key = key.normal();
        if contexts.contains(&Context::Text)
            && let Some(c) = key.typed()
        {
            return Some(Meaning::Text(c));
        }
        contexts.iter().find_map(|context| self.bound(*context, key)).map(Meaning::Action)
    }

    fn bound(&self, context: Context, key: Key) -> Option<Action> {
        let here = ACTIONS.iter().filter(|entry| entry.contexts.contains(&context));
        here.map(|entry| entry.action).find(|action| self.keys(*action).contains(&key))
    }

    /// The first key that really leads to the action in these contexts; `None` where it does not apply or all its keys
    /// are hidden.
    pub fn key_for(&self, contexts: &[Context], action: Action) -> Option<Key> {
        let leads = |key: &&Key| self.meaning(contexts, **key) == Some(Meaning::Action(action));
        self.keys(action).iter().find(leads).copied()
    }
}

/// Whether the action applies in these contexts, by key or by palette.
pub fn applies(contexts: &[Context], action: Action) -> bool {
    action.entry().contexts.iter().any(|c| contexts.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::Code;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for context in Context::ALL {
            let here = || ACTIONS.iter().filter(|e| e.contexts.contains(&context));
            for entry in here() {
                for key in entry.keys {
                    let claims: Vec<_> = here().filter(|e| e.keys.contains(key)).map(|e| e.id).collect();
                    assert_eq!(claims.len(), 1, "{key} in {context:?}: {claims:?}");
                }
            }
        }
    }

    #[test]
    fn printable_keys_are_text_in_a_text_field() {
        let search = [Context::Search, Context::Text, Context::Everywhere];
        for c in "q?:1/ jG".chars() {
            assert_eq!(Keymap::default().meaning(&search, Key::char(c)), Some(Meaning::Text(c)));
        }
        assert_eq!(Keymap::default().meaning(&search, Key::ctrl('c')), Some(Meaning::Action(Action::Cancel)));
        assert_eq!(
            Keymap::default().meaning(&search, Key::plain(Code::Esc)),
            Some(Meaning::Action(Action::SearchClear))
        );
        assert_eq!(Keymap::default().meaning(&search, Key { alt: true, ..Key::char('q') }), None);
    }

    #[test]
    fn hints_show_only_keys_that_work_here() {
        let list = [Context::Browse, Context::List, Context::Everywhere];
        let search = [Context::Search, Context::Text, Context::Everywhere];
        assert_eq!(Keymap::default().key_for(&list, Action::Help), Some(Key::char('?')));
        assert_eq!(Keymap::default().key_for(&search, Action::Help), Some(Key::plain(Code::F(1))));
        assert_eq!(Keymap::default().key_for(&search, Action::Quit), None);
        assert_eq!(Keymap::default().key_for(&search, Action::Back), None, "Esc clears the search first");
    }
}
