//! A key as a person presses it, whatever bytes the terminal sent for it.

use std::fmt;
use std::str::FromStr;

use crate::home::config::meant;

/// Which key, without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A key that types a character.
    Char(char),
    /// Enter, of the main block or the keypad.
    Enter,
    /// Escape alone.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace, whether the terminal sends `^?` or `^H`.
    Backspace,
    /// Delete forward.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// A key with its modifiers, in normal form: see [`Key::normal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift, where Shift does not already show in `code`.
    pub shift: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Key {
        Key { code, ctrl: false, alt: false, shift: false }
    }

    /// The key that types a character.
    pub const fn char(c: char) -> Key {
        Key::plain(Code::Char(c))
    }

    /// Ctrl with a letter.
    pub const fn ctrl(c: char) -> Key {
        Key { code: Code::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// One form for what a person sees as one key: a character says by itself whether Shift was held, Ctrl knows no
    /// upper case, and Shift-Tab is a key of its own.
    pub fn normal(self) -> Key {
        match self.code {
            Code::Char(c) if self.ctrl => Key { code: Code::Char(c.to_ascii_lowercase()), shift: false, ..self },
            Code::Char(c) if self.shift && c.is_ascii_lowercase() => {
                Key { code: Code::Char(c.to_ascii_uppercase()), shift: false, ..self }
            }
            Code::Tab if self.shift => Key { code: Code::BackTab, shift: false, ..self },
            Code::Char(_) | Code::BackTab => Key { shift: false, ..self },
            _ => self,
        }
    }

    /// The character that the key types in a text field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// Keys that type nothing, with their names.
const NAMED: [(&str, Code); 16] = [
    ("Space", Code::Char(' ')),
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Shift-Tab", Code::BackTab),
    ("Tab", Code::Tab),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("Ins", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
];

/// The name of the key in hints and help: `Ctrl-D`, `PgUp`, `g`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match (self.code, NAMED.iter().find(|(_, code)| *code == self.code)) {
            (_, Some((name, _))) => f.write_str(name),
            (Code::Char(c), None) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            (Code::Char(c), None) => write!(f, "{c}"),
            (Code::F(n), None) => write!(f, "F{n}"),
            // Every other key has a name.
            (_, None) => Ok(()),
        }
    }
}

/// A key from its name, in any case; the error says what is wrong with it.
impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Key, String> {
        let held = |rest: &str, name: &str| {
            let is =
                rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) && rest.len() > name.len();
            is.then(|| rest[name.len()..].to_owned())
        };
        let mut key = Key::plain(Code::Esc);
        let mut rest = text.to_owned();
        if let Some(after) = held(&rest, "Ctrl-") {
            (key.ctrl, rest) = (true, after);
        }
        if let Some(after) = held(&rest, "Alt-") {
            (key.alt, rest) = (true, after);
        }
        let mut chars = rest.chars();
        let function = rest.strip_prefix(['F', 'f']).and_then(|number| number.parse().ok());
        key.code = match (chars.next(), chars.next(), NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(&rest))) {
            (_, _, Some((_, code))) => *code,
            (Some(c), None, None) if !c.is_control() => Code::Char(c),
            _ => match function {
                Some(number @ 1..=12) => Code::F(number),
                _ => {
                    return Err(format!(
                        "there is no key '{text}'{}",
                        meant(&rest, NAMED.iter().map(|(name, _)| *name))
                    ));
                }
            },
        };
        Ok(key.normal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_is_said_once() {
        let shifted = |code| Key { shift: true, ..Key::plain(code) }.normal();
        assert_eq!(shifted(Code::Char('g')), Key::char('G'));
        assert_eq!(shifted(Code::Char('G')), Key::char('G'));
        assert_eq!(shifted(Code::Char('?')), Key::char('?'));
        assert_eq!(shifted(Code::Tab), Key::plain(Code::BackTab));
        assert_eq!(Key { shift: true, ..Key::ctrl('R') }.normal(), Key::ctrl('r'));
    }

    #[test]
    fn names_are_those_on_the_keyboard() {
        let names = [Key::ctrl('d'), Key::plain(Code::PageUp), Key::char(' '), Key::char('G')].map(|k| k.to_string());
        assert_eq!(names, ["Ctrl-D", "PgUp", "Space", "G"]);
    }

    #[test]
    fn a_key_is_read_from_its_name() {
        let read = |text: &str| text.parse::<Key>();
        assert_eq!(read("ctrl-d"), Ok(Key::ctrl('d')));
        assert_eq!(read("PGUP"), Ok(Key::plain(Code::PageUp)));
        assert_eq!((read("g"), read("G"), read("-")), (Ok(Key::char('g')), Ok(Key::char('G')), Ok(Key::char('-'))));
        assert_eq!(read("Alt-x"), Ok(Key { alt: true, ..Key::char('x') }));
        assert_eq!(read("F5"), Ok(Key::plain(Code::F(5))));
        for wrong in ["", "xx", "Ctrl-", "F13", "Hyper-x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
