//! Colours and marks for this terminal.
//!
//! Only the 16 ANSI colours, never a background: the terminal's own stays. What matters is never said by colour alone:
//! the selection is reversed and has a pointer, a difference is underlined and has a `!=`.

use std::borrow::Cow;

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use super::Options;
use crate::home::config::ThemeName;
use crate::model::text::{masked, masked_message, told};

/// The styles and marks of the screens.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Only ASCII may be drawn.
    pub ascii: bool,
    /// Personal data is drawn masked (`--mask`).
    pub mask: bool,
    /// Headings and the active tab.
    pub title: Style,
    /// What is of less weight.
    pub dim: Style,
    /// The selected row or column.
    pub selected: Style,
    /// A key in hints and help.
    pub key: Style,
    /// An error.
    pub error: Style,
    /// A warning.
    pub warning: Style,
    /// Something that is as it should be.
    pub good: Style,
    /// The part of a text that matches a search.
    pub matched: Style,
    /// The part of a value that differs.
    pub differs: Style,
    /// A field that takes what is typed.
    pub input: Style,
    /// Frames and rules.
    pub border: Style,
}

/// No colours at all: crossterm loses reverse on coloured cells under `NO_COLOR`.
const MONO: Theme = Theme {
    ascii: false,
    mask: false,
    title: Style::new().add_modifier(Modifier::BOLD),
    dim: Style::new(),
    selected: Style::new().add_modifier(Modifier::REVERSED),
    key: Style::new().add_modifier(Modifier::BOLD),
    error: Style::new().add_modifier(Modifier::BOLD),
    warning: Style::new().add_modifier(Modifier::BOLD),
    good: Style::new(),
    matched: Style::new().add_modifier(Modifier::UNDERLINED),
    differs: Style::new().add_modifier(Modifier::UNDERLINED).add_modifier(Modifier::BOLD),
    input: Style::new().add_modifier(Modifier::UNDERLINED),
    border: Style::new(),
};

const COLOUR: Theme = Theme {
    dim: Style::new().add_modifier(Modifier::DIM),
    key: Style::new().fg(Color::Cyan),
    error: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
    warning: Style::new().fg(Color::Yellow),
    good: Style::new().fg(Color::Green),
    differs: Style::new().fg(Color::Yellow).add_modifier(Modifier::UNDERLINED).add_modifier(Modifier::BOLD),
    border: Style::new().add_modifier(Modifier::DIM),
    ..MONO
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Theme {
    /// The theme that is asked for: by options, else by `config.toml`, else by the environment.
    pub fn detect(options: &Options, env: impl Fn(&str) -> Option<String>) -> Theme {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let utf8 = ["utf-8", "utf8"].iter().any(|name| locale.to_ascii_lowercase().contains(name));
        let environment = if set("NO_COLOR").is_some() || term == "dumb" { ThemeName::Mono } else { ThemeName::Colour };
        let mono = options.no_color || options.theme.unwrap_or(environment) == ThemeName::Mono;
        let ascii = options.config_ascii.unwrap_or(!utf8 || term == "linux" || term == "dumb");
        Theme { mask: options.mask, ..Theme::new(!mono, options.ascii || ascii) }
    }

    /// A theme with or without colours, in ASCII or not.
    pub fn new(colour: bool, ascii: bool) -> Theme {
        Theme { ascii, ..if colour { COLOUR } else { MONO } }
    }

    /// What is drawn of a text that may be personal data.
    pub fn personal<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.mask { Cow::Owned(masked(text, self.ascii)) } else { Cow::Borrowed(text) }
    }

    /// What is drawn of an ID: people need it to speak of a record, so it stays, unless it is somebody's address.
    pub fn id<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if text.contains('@') { self.personal(text) } else { Cow::Borrowed(text) }
    }

    /// What is drawn of a message, in which values are between single quotes or said to be personal.
    pub fn message<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.mask { Cow::Owned(masked_message(text, self.ascii)) } else { told(text) }
    }

    /// The pieces of a frame.
    pub fn frame(&self) -> border::Set<'static> {
        if self.ascii { ASCII_BORDER } else { border::PLAIN }
    }

    /// A piece of a horizontal rule.
    pub fn rule(&self) -> &'static str {
        if self.ascii { "-" } else { "─" }
    }

    /// A piece of a vertical rule.
    pub fn bar_vertical(&self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// The mark of text that is cut off.
    pub fn cut(&self) -> &'static str {
        if self.ascii { "~" } else { "…" }
    }

    /// The done and the open part of a progress bar.
    pub fn bar(&self) -> [&'static str; 2] {
        if self.ascii { ["#", "."] } else { ["█", "░"] }
    }

    /// The mark of what is selected, and the room for it.
    pub fn pointer(&self, selected: bool) -> &'static str {
        if selected { "> " } else { "  " }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[("LANG", "en_US.UTF-8"), ("TERM", "xterm-256color")], true, false)]
    #[case(&[("LANG", "en_US.UTF-8"), ("TERM", "xterm"), ("NO_COLOR", "1")], false, false)]
    #[case(&[("LANG", "en_US.UTF-8"), ("TERM", "xterm"), ("NO_COLOR", "")], true, false)]
    #[case(&[("LANG", "en_US.UTF-8"), ("TERM", "linux")], true, true)]
    #[case(&[("LANG", "en_US.UTF-8"), ("TERM", "dumb")], false, true)]
    #[case(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")], true, true)]
    #[case(&[], true, true)]
    fn the_environment_chooses(#[case] env: &[(&str, &str)], #[case] colour: bool, #[case] ascii: bool) {
        let get = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let theme = Theme::detect(&Options::default(), get);
        assert_eq!((theme.error.fg.is_some(), theme.ascii), (colour, ascii));
    }

    #[test]
    fn an_option_goes_before_the_config_and_the_config_before_the_environment() {
        let chosen = |options: Options, env: &[(&str, &str)]| {
            let get = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            let theme = Theme::detect(&options, get);
            (theme.error.fg.is_some(), theme.ascii)
        };
        let config = |theme, config_ascii| Options { theme: Some(theme), config_ascii, ..Options::default() };
        let bare = [("LANG", "C"), ("NO_COLOR", "1")];
        assert_eq!(chosen(config(ThemeName::Colour, Some(false)), &bare), (true, false));
        assert_eq!(chosen(config(ThemeName::Mono, None), &[("LANG", "C.UTF-8")]), (false, false));
        let options = Options { no_color: true, ascii: true, ..config(ThemeName::Colour, Some(false)) };
        assert_eq!(chosen(options, &bare), (false, true));
    }

    #[test]
    fn the_mono_theme_has_no_colour() {
        let Theme { title, dim, selected, key, error, warning, good, matched, differs, border, .. } =
            Theme::new(false, true);
        for style in [title, dim, selected, key, error, warning, good, matched, differs, border] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(selected.add_modifier.contains(Modifier::REVERSED) && !differs.add_modifier.is_empty());
    }
}
