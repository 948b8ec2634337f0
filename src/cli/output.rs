//! What a command says: results on standard output, everything else on standard error.
//!
//! Text from files and from the system is foreign: it goes through [`Output::safe`] before it is printed.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use super::args::Common;
use super::exit::Failure;
use crate::model::text::{is_foreign_control, shown};
use crate::report::text::Look;

/// The two streams and how to write on them.
pub struct Output<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    /// Whether the result is one JSON object.
    pub json: bool,
    /// Whether only ASCII may be printed, and whether personal data is masked.
    pub look: Look,
    /// Whether messages on standard error have colours.
    pub color: bool,
    /// Whether standard error is a terminal, so that progress is worth drawing.
    pub watched: bool,
}

impl<'a> Output<'a> {
    /// For the streams of this process. Colours only on a terminal that wants them (`NO_COLOR`, `TERM=dumb`).
    pub fn new(common: &Common, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Output<'a> {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let watched = io::stderr().is_terminal();
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let color = watched && !dumb && !common.no_color && !set("NO_COLOR");
        let look = Look { ascii: common.ascii, mask: common.mask };
        Output { out, err, json: common.json, look, color, watched }
    }

    /// Foreign text made safe for a terminal.
    pub fn safe<'t>(&self, text: &'t str) -> Cow<'t, str> {
        shown(text, self.look.ascii)
    }

    /// Prints a result. A reader that went away is no error: what the command did stands, and so does its exit code.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        unless_broken(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()))
    }

    /// Prints the JSON object that is the whole result.
    pub fn print_json(&mut self, object: &Value) -> io::Result<()> {
        self.print(&format!("{}\n", escaped(&format!("{object:#}"))))
    }

    /// Standard output itself, for results too long to hold in memory.
    pub fn stream(&mut self) -> &mut dyn Write {
        self.out
    }

    /// Standard error itself, for the progress line.
    pub fn messages(&mut self) -> &mut dyn Write {
        self.err
    }

    /// Says something beside the result. Nobody can be told when that fails.
    pub fn note(&mut self, text: &str) {
        let safe = shown(text, self.look.ascii).into_owned();
        let _ = writeln!(self.err, "{safe}");
    }

    /// Asks for something; the answer is typed behind it.
    pub fn prompt(&mut self, text: &str) {
        let safe = shown(text, self.look.ascii).into_owned();
        let _ = write!(self.err, "{safe}").and_then(|()| self.err.flush());
    }

    /// Says why a command failed, with every cause.
    pub fn failure(&mut self, failure: &Failure) {
        let (on, off) = if self.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let mut said = failure.report.to_string();
        let _ = writeln!(self.err, "{on}error:{off} {}", self.safe_lines(&said));
        // An error that names its cause in its own words is not followed by the same words.
        for cause in failure.report.chain().skip(1).map(ToString::to_string) {
            if !said.contains(&cause) {
                let _ = writeln!(self.err, "  because {}", self.safe_lines(&cause));
            }
            said = cause;
        }
    }

    /// Our own messages may have several lines; each is made safe by itself.
    fn safe_lines(&self, text: &str) -> String {
        text.lines().map(|line| shown(line, self.look.ascii)).collect::<Vec<_>>().join("\n  ")
    }
}

/// JSON in which no character can act on a terminal: within its strings, they are written as escapes.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_foreign_control(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

fn unless_broken(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let mut err = Vec::new();
        assert!(Output::new(&Common::default(), &mut Gone, &mut err).print_json(&json!({})).is_ok());
    }

    #[test]
    fn json_has_no_character_that_acts_and_says_the_same() {
        let object = json!({ "a": "x\u{9b}31m\u{202e}\u{7f}\u{e0001}\n\u{1b}" });
        let text = escaped(&format!("{object:#}"));
        assert!(!text.chars().any(|c| c != '\n' && is_foreign_control(c)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), object);
    }

    #[test]
    fn foreign_text_in_messages_is_made_safe() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = Output::new(&Common::default(), &mut out, &mut err);
        output.failure(&Failure::usage("no file \x1b[2J\nlook again"));
        output.note("a\x07b");
        assert_eq!(String::from_utf8_lossy(&err), "error: no file \u{fffd}[2J\n  look again\na\u{fffd}b\n");
        assert!(out.is_empty());
    }
}
