//! Key to action by context, and back.

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

/// What a key means; `contexts` come from the focus, the nearest first. A key bound in a nearer context hides the same
/// key of a farther one; in a text field a printable key is always text.
pub fn meaning(contexts: &[Context], key: Key) -> Option<Meaning> {
    let key = key.normal();
    if contexts.contains(&Context::Text)
        && let Some(c) = key.typed()
    {
        return Some(Meaning::Text(c));
    }
    contexts.iter().find_map(|context| bound(*context, key)).map(Meaning::Action)
}

fn bound(context: Context, key: Key) -> Option<Action> {
    ACTIONS.iter().find(|e| e.contexts.contains(&context) && e.keys.contains(&key)).map(|e| e.action)
}

/// The first key that really leads to the action in these contexts; `None` where it does not apply or all its keys are hidden.
pub fn key_for(contexts: &[Context], action: Action) -> Option<Key> {
    let leads = |key: &&Key| meaning(contexts, **key) == Some(Meaning::Action(action));
    action.entry().keys.iter().find(leads).copied()
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
    fn keys_that_terminals_mangle_are_never_bound() {
        for entry in ACTIONS {
            for key in entry.keys {
                assert_eq!(*key, key.normal(), "{} is not in normal form", entry.id);
                let mangled = match key.code {
                    Code::Char(c) if key.ctrl => "hijm[sqa".contains(c),
                    Code::Char(c) => "[O~ABCDEF".contains(c),
                    _ => false,
                };
                assert!(!mangled, "{} is bound to {key}", entry.id);
            }
            let sure = |key: &Key| !key.alt && !matches!(key.code, Code::F(_));
            assert!(entry.keys.iter().any(sure), "{} needs a key that every terminal has", entry.id);
        }
    }

    #[test]
    fn printable_keys_are_text_in_a_text_field() {
        let search = [Context::Search, Context::Text, Context::Everywhere];
        for c in "q?:1/ jG".chars() {
            assert_eq!(meaning(&search, Key::char(c)), Some(Meaning::Text(c)));
        }
        assert_eq!(meaning(&search, Key::ctrl('c')), Some(Meaning::Action(Action::Cancel)));
        assert_eq!(meaning(&search, Key::plain(Code::Esc)), Some(Meaning::Action(Action::SearchClear)));
        assert_eq!(meaning(&search, Key { alt: true, ..Key::char('q') }), None);
    }

    #[test]
    fn hints_show_only_keys_that_work_here() {
        let list = [Context::Browse, Context::List, Context::Everywhere];
        let search = [Context::Search, Context::Text, Context::Everywhere];
        assert_eq!(key_for(&list, Action::Help), Some(Key::char('?')));
        assert_eq!(key_for(&search, Action::Help), Some(Key::plain(Code::F(1))));
        assert_eq!(key_for(&search, Action::Quit), None);
        assert_eq!(key_for(&search, Action::Back), None, "Esc clears the search first");
    }
}
