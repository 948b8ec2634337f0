//! Bytes of the terminal become keys and pasted text.
//!
//! Why not crossterm's reader: on a slow line a sequence may come in pieces, and crossterm then reports a lone Esc and
//! letters; it does not say what came in one read, which is all that tells a paste from typing where the terminal has no
//! bracketed paste; and it spins on a dead terminal. This decoder holds back what is incomplete, however the bytes are
//! cut, until more comes or the reader says that nothing came in time.

use std::time::Duration;

use crate::app::key::{Code, Key};

/// What the person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(Key),
    /// Text that was pasted, or came so fast that nobody typed it.
    Text(String),
}

/// How long a lone ESC waits to become part of a sequence.
pub const ESC_WAIT: Duration = Duration::from_millis(100);
/// How long a sequence that has begun waits for its rest.
const REST_WAIT: Duration = Duration::from_millis(500);
/// How long a bracketed paste may pause.
const PASTE_WAIT: Duration = Duration::from_secs(2);
/// A paste is cut here: every field is shorter.
const PASTE_LIMIT: usize = 64 * 1024;

const PASTE_END: &[u8] = b"\x1b[201~";
const ESC: u8 = 0x1b;

/// The state between two reads.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Bytes that are not decoded yet.
    pending: Vec<u8>,
    /// The text of a bracketed paste that has begun.
    paste: Option<Vec<u8>>,
    /// Whether the last thing was an Esc that had waited in vain, so that the rest of its sequence may still come.
    late_esc: bool,
}

/// What the beginning of some bytes is.
enum Step {
    /// A key of so many bytes.
    Key(usize, Key),
    /// So many bytes that mean nothing to us.
    Skip(usize),
    /// The beginning of a bracketed paste, of so many bytes.
    Paste(usize),
    /// Too little to tell.
    Wait,
}

impl Decoder {
    /// Takes the bytes of one read; gives what is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        if self.late_esc && bytes.len() > 1 && matches!(bytes[0], b'[' | b'O') {
            self.pending.push(ESC);
        }
        self.late_esc = false;
        self.pending.extend_from_slice(bytes);
        let mut inputs = Vec::new();
        let mut keys = Vec::new();
        loop {
            if let Some(text) = self.take_paste() {
                inputs.append(&mut typed(&mut keys));
                inputs.push(Input::Text(text));
            }
            if self.paste.is_some() || self.pending.is_empty() {
                break;
            }
            match step(&self.pending) {
                Step::Key(used, key) => {
                    keys.push(key.normal());
                    self.pending.drain(..used);
                }
                Step::Skip(used) => drop(self.pending.drain(..used)),
                Step::Paste(used) => {
                    self.pending.drain(..used);
                    self.paste = Some(Vec::new());
                }
                Step::Wait => break,
            }
        }
        inputs.append(&mut typed(&mut keys));
        inputs
    }

    /// How long the reader may wait for more before it calls [`Decoder::expire`]; `None` if nothing is held back.
    pub fn patience(&self) -> Option<Duration> {
        match (&self.paste, self.pending.as_slice()) {
            (Some(_), _) => Some(PASTE_WAIT),
            (None, []) => None,
            (None, [ESC]) => Some(ESC_WAIT),
            (None, _) => Some(REST_WAIT),
        }
    }

    /// Nothing came in time: a lone ESC is the key Esc, an unfinished paste is over, a torso is dropped.
    pub fn expire(&mut self) -> Vec<Input> {
        let pending = std::mem::take(&mut self.pending);
        if let Some(mut paste) = self.paste.take() {
            paste.extend_from_slice(&pending);
            return vec![Input::Text(String::from_utf8_lossy(&paste).into_owned())];
        }
        self.late_esc = pending == [ESC];
        if self.late_esc { vec![Input::Key(Key::plain(Code::Esc))] } else { vec![] }
    }

    /// Moves pending bytes into the paste that has begun; gives its text when its end is there.
    fn take_paste(&mut self) -> Option<String> {
        let paste = self.paste.as_mut()?;
        let end = self.pending.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        // Without the end, keep back what may be the beginning of it.
        let taken = end.unwrap_or_else(|| {
            let torso = (1..PASTE_END.len()).rev().find(|n| self.pending.ends_with(&PASTE_END[..*n]));
            self.pending.len() - torso.unwrap_or(0)
        });
        let room = PASTE_LIMIT.saturating_sub(paste.len());
        paste.extend(self.pending.drain(..taken).take(room));
        end?;
        self.pending.drain(..PASTE_END.len());
        self.paste.take().map(|text| String::from_utf8_lossy(&text).into_owned())
    }
}

/// The keys of one read. Several printable ones are text, and so are Enter and Tab among them: a line that was pasted
/// without brackets must not run commands. One key held down is not a paste.
fn typed(keys: &mut Vec<Key>) -> Vec<Input> {
    let printable: Vec<char> = keys.iter().filter_map(|k| k.typed()).collect();
    let held_down = printable.iter().all(|c| "jk".contains(*c) && *c == printable[0]);
    if printable.len() < 2 || held_down {
        return keys.drain(..).map(Input::Key).collect();
    }
    let mut inputs: Vec<Input> = Vec::new();
    for key in keys.drain(..) {
        let text = match key {
            Key { code: Code::Enter, .. } => Some('\n'),
            Key { code: Code::Tab, .. } => Some('\t'),
            _ => key.typed(),
        };
        match (text, inputs.last_mut()) {
            (Some(c), Some(Input::Text(run))) => run.push(c),
            (Some(c), _) => inputs.push(Input::Text(c.to_string())),
            (None, _) => inputs.push(Input::Key(key)),
        }
    }
    inputs
}

/// What `bytes`, which are not empty, begin with.
fn step(bytes: &[u8]) -> Step {
    match bytes {
        [ESC] => Step::Wait,
        [ESC, b'[', rest @ ..] => csi(rest),
        [ESC, b'O', rest @ ..] => ss3(rest),
        // Shift-Tab of the Linux console.
        [ESC, b'\t', ..] => Step::Key(2, Key::plain(Code::BackTab)),
        [ESC, ESC, ..] => Step::Key(1, Key::plain(Code::Esc)),
        [ESC, rest @ ..] => match plain(rest) {
            Step::Key(used, key) => Step::Key(used + 1, Key { alt: true, ..key }),
            Step::Skip(used) => Step::Skip(used + 1),
            other => other,
        },
        _ => plain(bytes),
    }
}

/// A control character, or a character of UTF-8.
fn plain(bytes: &[u8]) -> Step {
    let byte = bytes[0];
    let key = match byte {
        b'\r' | b'\n' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        0x7f | 0x08 => Key::plain(Code::Backspace),
        0 => Key::ctrl(' '),
        0x01..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        0x1c..=0x1f => Key::ctrl(char::from(byte + 0x40)),
        0x20..=0x7e => Key::char(char::from(byte)),
        _ => return utf8(bytes),
    };
    Step::Key(1, key)
}

fn utf8(bytes: &[u8]) -> Step {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Skip(1),
    };
    let there = &bytes[..length.min(bytes.len())];
    match std::str::from_utf8(there) {
        Ok(text) => text.chars().next().map_or(Step::Skip(1), |c| Step::Key(length, Key::char(c))),
        Err(error) if error.error_len().is_none() => Step::Wait,
        Err(_) => Step::Skip(1),
    }
}

/// The rest of a sequence that began with `ESC O`.
fn ss3(rest: &[u8]) -> Step {
    let Some(last) = rest.iter().position(|b| !b.is_ascii_digit()) else { return Step::Wait };
    let used = last + 3;
    let code = match rest[last] {
        b'M' => Code::Enter,
        b'I' => Code::Tab,
        f @ b'P'..=b'S' => Code::F(f - b'P' + 1),
        letter => match cursor_key(letter) {
            Some(code) => code,
            None => return Step::Skip(used),
        },
    };
    Step::Key(used, modified(Key::plain(code), rest.first().filter(|b| b.is_ascii_digit()).map_or(1, |b| b - b'0')))
}

/// The rest of a sequence that began with `ESC [`.
fn csi(rest: &[u8]) -> Step {
    // The function keys of the Linux console: `ESC [ [ A`.
    if rest.first() == Some(&b'[') {
        return match rest.get(1) {
            None => Step::Wait,
            Some(f @ b'A'..=b'E') => Step::Key(4, Key::plain(Code::F(f - b'A' + 1))),
            Some(_) => Step::Skip(4),
        };
    }
    let Some(last) = rest.iter().position(|b| !(0x20..=0x3f).contains(b)) else { return Step::Wait };
    let used = last + 3;
    let final_byte = rest[last];
    if !(0x40..=0x7e).contains(&final_byte) {
        // Cut off by something else, which stays.
        return Step::Skip(last + 2);
    }
    let mut numbers = rest[..last].split(|b| *b == b';').map(|n| std::str::from_utf8(n).ok()?.parse::<u8>().ok());
    let first = numbers.next().flatten();
    let modifiers = numbers.next().flatten().unwrap_or(1);
    let code = match (final_byte, first) {
        (b'~', Some(200)) => return Step::Paste(used),
        (b'~', Some(1 | 7)) => Code::Home,
        (b'~', Some(2)) => Code::Insert,
        (b'~', Some(3)) => Code::Delete,
        (b'~', Some(4 | 8)) => Code::End,
        (b'~', Some(5)) => Code::PageUp,
        (b'~', Some(6)) => Code::PageDown,
        (b'~', Some(f @ 11..=15)) => Code::F(f - 10),
        (b'~', Some(f @ 17..=21)) => Code::F(f - 11),
        (b'~', Some(f @ 23..=24)) => Code::F(f - 12),
        (b'Z', _) => Code::BackTab,
        (f @ b'P'..=b'S', _) => Code::F(f - b'P' + 1),
        (letter, _) => match cursor_key(letter) {
            Some(code) => code,
            None => return Step::Skip(used),
        },
    };
    Step::Key(used, modified(Key::plain(code), modifiers))
}

fn cursor_key(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        _ => return None,
    })
}

/// The modifiers of xterm: one more than the sum of Shift 1, Alt 2, Ctrl 4.
fn modified(key: Key, modifiers: u8) -> Key {
    let held = modifiers.saturating_sub(1);
    Key { shift: held & 1 != 0, alt: held & 2 != 0, ctrl: held & 4 != 0, ..key }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn all(bytes: &[u8]) -> Vec<Input> {
        let mut decoder = Decoder::default();
        let mut inputs = decoder.feed(bytes);
        if decoder.patience().is_some() {
            inputs.append(&mut decoder.expire());
        }
        inputs
    }

    #[rstest]
    #[case(b"\x1b[A", "Up")]
    #[case(b"\x1bOB", "Down")]
    #[case(b"\x1b[1;5C", "Ctrl-Right")]
    #[case(b"\x1bO2D", "Shift-Left")]
    #[case(b"\x1b[5~", "PgUp")]
    #[case(b"\x1b[4~", "End")]
    #[case(b"\x1b\t", "Shift-Tab")]
    #[case(b"\x1b[Z", "Shift-Tab")]
    #[case(b"\x1b[[A", "F1")]
    #[case(b"\x1bOP", "F1")]
    #[case(b"\x1b[24~", "F12")]
    #[case(b"\x1b", "Esc")]
    #[case(b"\x1bx", "Alt-x")]
    #[case(b"\x7f", "Backspace")]
    #[case(b"\x08", "Backspace")]
    #[case(b"\r", "Enter")]
    #[case(b"\x03", "Ctrl-C")]
    #[case(b"\x1a", "Ctrl-Z")]
    #[case("ü".as_bytes(), "ü")]
    #[case(b"?", "?")]
    fn keys_of_common_terminals(#[case] bytes: &[u8], #[case] name: &str) {
        let names: Vec<String> =
            all(bytes).iter().map(|i| if let Input::Key(k) = i { k.to_string() } else { format!("{i:?}") }).collect();
        assert_eq!(names, [name]);
    }

    #[rstest]
    #[case(b"smith\r", "smith\n")]
    #[case(b"dd", "dd")]
    #[case(b"\x1b[200~one\rtwo\x1b[A\x1b[201~", "one\rtwo\x1b[A")]
    #[case("Zoë".as_bytes(), "Zoë")]
    fn pasted_text_is_never_a_command(#[case] bytes: &[u8], #[case] text: &str) {
        assert_eq!(all(bytes), [Input::Text(text.to_owned())]);
    }

    #[test]
    fn a_key_held_down_on_a_slow_line_is_not_a_paste() {
        assert_eq!(all(b"jjj"), vec![Input::Key(Key::char('j')); 3]);
    }

    #[test]
    fn the_late_rest_of_an_arrow_is_an_arrow_and_no_letters() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b"), []);
        assert_eq!(decoder.patience(), Some(ESC_WAIT));
        assert_eq!(decoder.expire(), [Input::Key(Key::plain(Code::Esc))]);
        assert_eq!(decoder.feed(b"[A"), [Input::Key(Key::plain(Code::Up))]);
        assert_eq!(decoder.feed(b"x"), [Input::Key(Key::char('x'))]);
    }

    #[test]
    fn a_paste_without_an_end_does_not_hold_the_keyboard() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(b"\x1b[200~abc"), []);
        assert_eq!(decoder.expire(), [Input::Text("abc".to_owned())]);
        assert_eq!(decoder.feed(b"j"), [Input::Key(Key::char('j'))]);
    }

    proptest! {
        #[test]
        fn however_a_sequence_is_cut_it_means_the_same(cut in 0usize..40) {
            let bytes = b"\x1b[A\x1b[1;5C\x1bOB\x1b[200~x\xc3\xbcy\x1b[201~\x1b[5~\x1b\t\xc3\xbc";
            let cut = cut.min(bytes.len());
            let mut decoder = Decoder::default();
            let mut inputs = decoder.feed(&bytes[..cut]);
            inputs.append(&mut decoder.feed(&bytes[cut..]));
            prop_assert_eq!(inputs, all(bytes));
        }

        #[test]
        fn any_bytes_are_survived_and_used_up(reads: Vec<Vec<u8>>) {
            let mut decoder = Decoder::default();
            for read in reads {
                decoder.feed(&read);
            }
            decoder.expire();
            prop_assert_eq!(decoder.patience(), None);
        }
    }
}
