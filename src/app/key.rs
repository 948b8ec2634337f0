//! A key as a person presses it, whatever bytes the terminal sent for it.

use std::fmt;

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

/// The name of the key in hints and help: `Ctrl-D`, `PgUp`, `g`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        let name = match self.code {
            Code::Char(' ') => "Space",
            Code::Char(c) if self.ctrl => return write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => return write!(f, "{c}"),
            Code::F(n) => return write!(f, "F{n}"),
            Code::Enter => "Enter",
            Code::Esc => "Esc",
            Code::Tab => "Tab",
            Code::BackTab => "Shift-Tab",
            Code::Backspace => "Backspace",
            Code::Delete => "Del",
            Code::Insert => "Ins",
            Code::Up => "Up",
            Code::Down => "Down",
            Code::Left => "Left",
            Code::Right => "Right",
            Code::Home => "Home",
            Code::End => "End",
            Code::PageUp => "PgUp",
            Code::PageDown => "PgDn",
        };
        f.write_str(name)
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
}
