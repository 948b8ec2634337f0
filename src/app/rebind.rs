//! The keys that a person sets in `config.toml`: taken only if every action can still be reached.

use super::action::{ACTIONS, Action, Context, Entry};
use super::key::{Code, Key};
use super::keymap::Keymap;
use crate::home::config::{Binding, Mistake, Placed, meant};

/// The keymap with a person's keys in place of those of the table.
pub fn keymap(bindings: &[Binding]) -> Result<Keymap, Mistake> {
    let mut keymap = Keymap::default();
    let mut changed = Vec::new();
    for binding in bindings {
        let entry = entry(&binding.action)?;
        let keys = binding.keys.iter().map(|key| allowed(entry, key)).collect::<Result<Vec<_>, _>>()?;
        if !keys.iter().copied().any(is_everywhere) {
            let what = format!("'{}' needs a key that every terminal has: none with Alt, no function key", entry.id);
            return Err(Mistake { what, span: binding.action.span.clone() });
        }
        keymap.set(entry.action, keys);
        changed.push((entry, binding));
    }
    for (entry, binding) in changed {
        for (key, placed) in keymap.keys(entry.action).iter().zip(&binding.keys) {
            if let Some(other) = taken(&keymap, entry, *key) {
                let what = format!("{key} already means '{}' ({}); give that another key too", other.id, other.title);
                return Err(Mistake { what, span: placed.span.clone() });
            }
        }
    }
    Ok(keymap)
}

fn entry(action: &Placed) -> Result<&'static Entry, Mistake> {
    let fail = |what: String| Mistake { what, span: action.span.clone() };
    let known = ACTIONS.iter().find(|entry| entry.id == action.text);
    let entry = known.ok_or_else(|| {
        let meant = meant(&action.text, ACTIONS.iter().map(|entry| entry.id));
        fail(format!("there is no action '{}'{meant}", action.text))
    })?;
    if entry.action == Action::VariantJump {
        return Err(fail(format!("'{}' has the digits, which are the numbers of the variants", entry.id)));
    }
    Ok(entry)
}

/// The key if the action may have it.
fn allowed(entry: &Entry, placed: &Placed) -> Result<Key, Mistake> {
    let fail = |what: String| Mistake { what, span: placed.span.clone() };
    let key: Key = placed.text.parse().map_err(fail)?;
    if let Some(why) = refused(key) {
        return Err(fail(format!("{key} cannot be used: {why}")));
    }
    if key.typed().is_some() && entry.contexts.iter().all(|context| types(*context)) {
        return Err(fail(format!("{key} cannot be used: where '{}' applies it is typed as text", entry.id)));
    }
    Ok(key)
}

/// Why a key is never bound; `None` if it may be.
pub(super) fn refused(key: Key) -> Option<&'static str> {
    let Code::Char(c) = key.code else { return None };
    match c {
        'h' if key.ctrl => Some("terminals send it for Backspace"),
        'i' if key.ctrl => Some("terminals send it for Tab"),
        'j' | 'm' if key.ctrl => Some("terminals send it for Enter"),
        '[' if key.ctrl => Some("terminals send it for Esc"),
        's' | 'q' if key.ctrl => Some("terminals stop and start their output with it"),
        'a' if key.ctrl => Some("screen, and often tmux, keep it for themselves"),
        '[' | 'O' | '~' | 'A'..='F' => Some("on a slow line a part of an arrow key looks like it"),
        _ => None,
    }
}

/// Whether every terminal has the key.
pub(super) fn is_everywhere(key: Key) -> bool {
    !key.alt && !matches!(key.code, Code::F(_))
}

/// Another action that the key leads to, or would hide, somewhere the action applies.
fn taken(keymap: &Keymap, entry: &Entry, key: Key) -> Option<&'static Entry> {
    let elsewhere = |other: &&Entry| other.action != entry.action && keymap.keys(other.action).contains(&key);
    let beside = |other: &&Entry| other.contexts.iter().any(|b| entry.contexts.iter().any(|a| meet(*a, *b, key)));
    // The table itself hides some keys on purpose: Esc clears a search before it goes back.
    let usual = |other: &&Entry| entry.keys.contains(&key) && other.keys.contains(&key);
    ACTIONS.iter().find(|other| elsewhere(other) && beside(other) && !usual(other))
}

/// Whether a key can mean something in both contexts at the same time.
fn meet(a: Context, b: Context, key: Key) -> bool {
    let under = |below: Context, other: Context| match below {
        Context::Everywhere => key.typed().is_none() || !types(other),
        Context::List => !types(other) && other != Context::Confirm,
        Context::Text => types(other) || other == Context::Overlay,
        _ => false,
    };
    a == b || under(a, b) || under(b, a)
}

/// Whether printable keys are text there.
fn types(context: Context) -> bool {
    matches!(context, Context::Text | Context::Search | Context::Choose)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::Meaning;
    use rstest::rstest;

    fn binding(action: &str, keys: &[&str]) -> Binding {
        let placed = |text: &str| Placed { text: text.to_owned(), span: 0..0 };
        Binding { action: placed(action), keys: keys.iter().map(|key| placed(key)).collect() }
    }

    #[test]
    fn a_key_that_was_set_replaces_those_of_the_table() {
        let keymap = keymap(&[binding("search", &["z", "Ctrl-F"]), binding("down", &["Ctrl-N", "Down"])]).unwrap();
        let list = [Context::Browse, Context::List, Context::Everywhere];
        assert_eq!(keymap.meaning(&list, Key::char('z')), Some(Meaning::Action(Action::Search)));
        assert_eq!(keymap.meaning(&list, Key::char('/')), None);
        assert_eq!(keymap.meaning(&list, Key::ctrl('n')), Some(Meaning::Action(Action::Down)));
        assert_eq!(keymap.key_for(&list, Action::Search), Some(Key::char('z')));
    }

    #[test]
    fn two_actions_may_change_their_keys() {
        assert!(keymap(&[binding("search", &["q"]), binding("quit", &["Q"])]).is_ok());
    }

    #[rstest]
    #[case("serach", &["s"], "there is no action 'serach'; did you mean 'search'?")]
    #[case("search", &["Ctrl-S"], "Ctrl-S cannot be used: terminals stop and start their output with it")]
    #[case("search", &["ctrl-h"], "Ctrl-H cannot be used: terminals send it for Backspace")]
    #[case("search", &["D"], "D cannot be used: on a slow line a part of an arrow key looks like it")]
    #[case("search", &["F3"], "'search' needs a key that every terminal has: none with Alt, no function key")]
    #[case("search", &[], "'search' needs a key that every terminal has: none with Alt, no function key")]
    #[case("search", &["Entr"], "there is no key 'Entr'; did you mean 'Enter'?")]
    #[case("search", &["q"], "q already means 'quit' (Quit); give that another key too")]
    #[case("search", &["j"], "j already means 'down' (Down); give that another key too")]
    #[case("quit", &["m"], "m already means 'members' (Members of the organization); give that another key too")]
    #[case("text-end", &["x"], "x cannot be used: where 'text-end' applies it is typed as text")]
    #[case("text-end", &["Ctrl-C"], "Ctrl-C already means 'cancel' (Cancel); give that another key too")]
    #[case("variant-jump", &["x"], "'variant-jump' has the digits, which are the numbers of the variants")]
    fn what_cannot_be_done_is_said(#[case] action: &str, #[case] keys: &[&str], #[case] said: &str) {
        assert_eq!(keymap(&[binding(action, keys)]).unwrap_err().what, said);
    }

    #[test]
    fn the_table_keeps_the_same_rules() {
        for entry in ACTIONS {
            for key in entry.keys {
                assert_eq!(*key, key.normal(), "{} is not in normal form", entry.id);
                assert_eq!(refused(*key), None, "{} is bound to {key}", entry.id);
                assert_eq!(key.to_string().parse(), Ok(*key));
            }
            assert!(entry.keys.iter().copied().any(is_everywhere), "{} needs a key that every terminal has", entry.id);
        }
    }
}
