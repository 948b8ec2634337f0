//! `config.toml`: how the app looks and which keys it takes, the settings that a new import begins with, and the folders
//! that an account is locked down to.
//!
//! Every line may be missing, and so may the file. It is taken whole or not at all: a mistake anywhere says its line and
//! column and what was probably meant. Of all this the commands obey the two folders alone ([`confinement`]), so that a script's
//! result follows from its command line.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::intake::country;
use crate::model::settings::{Blank, Country};

/// What a person sets; `None` and empty: as if the line were missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `theme`: colours or none, whatever the environment says.
    pub theme: Option<ThemeName>,
    /// `ascii`: only ASCII, or UTF-8, whatever the locale says.
    pub ascii: Option<bool>,
    /// `region`: the region of phones without a country code (R17).
    pub region: Option<Country>,
    /// `blank`: what an empty cell means (R11).
    pub blank: Option<Blank>,
    /// `inbox` and `outbox`: the only folders in which files are read and made; see [`crate::home::access`].
    pub confined: Option<[PathBuf; 2]>,
    /// `[keys]`: keys by the name of their action, as written.
    pub keys: Vec<Binding>,
}

/// The word behind `theme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThemeName {
    /// The 16 colours of the terminal.
    Colour,
    /// Bold, underlined and reversed only.
    Mono,
}

impl ThemeName {
    /// Its word in the file.
    pub fn word(self) -> &'static str {
        match self {
            ThemeName::Colour => "colour",
            ThemeName::Mono => "mono",
        }
    }
}

/// A line of `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The name of the action.
    pub action: Placed,
    /// Its keys.
    pub keys: Vec<Placed>,
}

/// A word and the bytes of the file that it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The word.
    pub text: String,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// What is wrong in the file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, and what to write instead.
    pub what: String,
    /// The bytes of the file.
    pub span: Range<usize>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there but cannot be read.
    #[error("cannot read {path}: check its owner, or move it away")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It says something that cannot be done.
    #[error("{path}, line {line}, column {column}: {what}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong, and what to write instead.
        what: String,
    },
}

/// The file as it was read, so that whoever knows more of its words can say where one is wrong.
#[derive(Debug, Clone, Default)]
pub struct ConfigFile {
    path: PathBuf,
    text: String,
    /// What it says.
    pub config: Config,
}

impl ConfigFile {
    /// Reads the file; one that is missing says nothing.
    pub fn load(path: &Path) -> Result<ConfigFile, ConfigError> {
        let mut file = ConfigFile::read(path)?;
        file.config = parse(&file.text).map_err(|mistake| file.wrong(mistake))?;
        Ok(file)
    }

    fn read(path: &Path) -> Result<ConfigFile, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        Ok(ConfigFile { path: path.to_owned(), text, config: Config::default() })
    }

    /// The error for a mistake in this file.
    pub fn wrong(&self, mistake: Mistake) -> ConfigError {
        let before = self.text.get(..mistake.span.start).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        ConfigError::Wrong {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: mistake.what,
        }
    }
}

/// The inbox and the outbox that the file locks the account down to, whatever else it says.
///
/// # Errors
/// The file cannot be read, or not be understood so far that this is certain: then nothing may be opened.
pub fn confinement(path: &Path) -> Result<Option<[PathBuf; 2]>, ConfigError> {
    let file = ConfigFile::read(path)?;
    let confined = table(&file.text).and_then(|table| confined(&table));
    confined.map_err(|mistake| file.wrong(mistake))
}

/// The name that was probably meant, as `; did you mean 'region'?`; empty if none is near.
pub fn meant<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> String {
    let typed = typed.to_lowercase();
    let near = names.map(|name| (strsim::damerau_levenshtein(&typed, &name.to_lowercase()), name));
    let nearest = near.min().filter(|(changes, name)| *changes <= name.len() / 3 + 1);
    nearest.map(|(_, name)| format!("; did you mean '{name}'?")).unwrap_or_default()
}

type Value<'a> = Spanned<DeValue<'a>>;

const THEMES: [(&str, Option<ThemeName>); 3] =
    [("auto", None), ("colour", Some(ThemeName::Colour)), ("mono", Some(ThemeName::Mono))];
const NAMES: [&str; 7] = ["theme", "ascii", "region", "blank", "inbox", "outbox", "keys"];

fn table(text: &str) -> Result<DeTable<'_>, Mistake> {
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        Mistake { what: error.message().to_owned(), span }
    })?;
    Ok(table.into_inner())
}

fn parse(text: &str) -> Result<Config, Mistake> {
    let table = table(text)?;
    let mut config = Config { confined: confined(&table)?, ..Config::default() };
    for (name, value) in &table {
        match name.get_ref().as_ref() {
            "inbox" | "outbox" => {}
            "theme" => config.theme = word(value, &THEMES)?,
            "ascii" => config.ascii = Some(flag(value)?),
            "region" => config.region = Some(region(value)?),
            "blank" => config.blank = Some(word(value, &[("keep", Blank::Keep), ("clear", Blank::Clear)])?),
            "keys" => config.keys = bindings(value)?,
            unknown => {
                let what = format!("there is no setting '{unknown}'{}", meant(unknown, NAMES.into_iter()));
                return Err(Mistake { what, span: name.span() });
            }
        }
    }
    Ok(config)
}

fn mistake<T>(value: &Value<'_>, what: String) -> Result<T, Mistake> {
    Err(Mistake { what, span: value.span() })
}

/// One of some words.
fn word<T: Copy>(value: &Value<'_>, words: &[(&str, T)]) -> Result<T, Mistake> {
    let names: Vec<String> = words.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let DeValue::String(text) = value.get_ref() else {
        return mistake(value, format!("this must be one of {}", names.join(", ")));
    };
    match words.iter().find(|(name, _)| name == text) {
        Some((_, meaning)) => Ok(*meaning),
        None => {
            let meant = meant(text, words.iter().map(|(name, _)| *name));
            mistake(value, format!("'{text}' is none of {}{meant}", names.join(", ")))
        }
    }
}

/// The inbox and the outbox: both or none.
fn confined(table: &DeTable<'_>) -> Result<Option<[PathBuf; 2]>, Mistake> {
    match (table.get("inbox"), table.get("outbox")) {
        (None, None) => Ok(None),
        (Some(inbox), Some(outbox)) => Ok(Some([folder(inbox)?, folder(outbox)?])),
        (Some(value), None) => mistake(value, "an inbox needs an outbox too".to_owned()),
        (None, Some(value)) => mistake(value, "an outbox needs an inbox too".to_owned()),
    }
}

fn folder(value: &Value<'_>) -> Result<PathBuf, Mistake> {
    match value.get_ref() {
        DeValue::String(path) if Path::new(path.as_ref()).is_absolute() => Ok(PathBuf::from(path.as_ref())),
        _ => mistake(value, "this must be the whole path of a folder, such as \"/srv/muster/inbox\"".to_owned()),
    }
}

fn flag(value: &Value<'_>) -> Result<bool, Mistake> {
    match value.get_ref() {
        DeValue::Boolean(on) => Ok(*on),
        _ => mistake(value, "this must be true or false".to_owned()),
    }
}

fn region(value: &Value<'_>) -> Result<Country, Mistake> {
    let country = if let DeValue::String(text) = value.get_ref() { country(text) } else { None };
    match country {
        Some(country) => Ok(country),
        None => mistake(
            value,
            "this must be a country: its code, such as \"US\" or \"HUN\", or its English name".to_owned(),
        ),
    }
}

fn bindings(value: &Value<'_>) -> Result<Vec<Binding>, Mistake> {
    let DeValue::Table(table) = value.get_ref() else {
        return mistake(value, "keys are set under a line [keys]".to_owned());
    };
    let binding = |(action, value): (&Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
        let action = Placed { text: action.get_ref().to_string(), span: action.span() };
        let keys = match value.get_ref() {
            DeValue::Array(keys) => keys.iter().map(key).collect::<Result<_, _>>()?,
            _ => vec![key(value)?],
        };
        Ok(Binding { action, keys })
    };
    table.iter().map(binding).collect()
}

fn key(value: &Value<'_>) -> Result<Placed, Mistake> {
    match value.get_ref() {
        DeValue::String(text) => Ok(Placed { text: text.to_string(), span: value.span() }),
        _ => mistake(value, "a key is a text, such as \"x\" or \"Ctrl-R\"; several stand in [ ]".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_partial_file_sets_what_it_says() {
        let config = parse("region = \"gb\"\n[keys]\nsearch = [\"/\", \"s\"]\nquit = \"Q\"\n").unwrap();
        assert_eq!(config.region, Country::new("GB"));
        assert_eq!((config.theme, config.ascii, config.blank), (None, None, None));
        let keys: Vec<_> = config.keys.iter().map(|b| (b.action.text.as_str(), b.keys.len())).collect();
        assert_eq!(keys, [("quit", 1), ("search", 2)]);
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[rstest]
    #[case("ascii = true\nregoin = \"US\"\n", "line 2, column 1: there is no setting 'regoin'; did you mean 'region'?")]
    #[case("colours = 1", "line 1, column 1: there is no setting 'colours'")]
    #[case(
        "theme = \"momo\"",
        "line 1, column 9: 'momo' is none of \"auto\", \"colour\", \"mono\"; did you mean 'mono'?"
    )]
    #[case("theme = 1", "line 1, column 9: this must be one of \"auto\", \"colour\", \"mono\"")]
    #[case("ascii = \"yes\"", "line 1, column 9: this must be true or false")]
    #[case(
        "region = \"XX\"",
        "line 1, column 10: this must be a country: its code, such as \"US\" or \"HUN\", or its English name"
    )]
    #[case("keys = 1", "line 1, column 8: keys are set under a line [keys]")]
    #[case("[keys]\nquit = 1", "line 2, column 8: a key is a text, such as \"x\" or \"Ctrl-R\"; several stand in [ ]")]
    #[case("inbox = \"/in\"", "line 1, column 9: an inbox needs an outbox too")]
    #[case(
        "outbox = \"out\"\ninbox = \"/in\"",
        "line 1, column 10: this must be the whole path of a folder, such as \"/srv/muster/inbox\""
    )]
    #[case("# Müller\nblank = \"clear", "line 2, column 15: invalid basic string, expected `\"`")]
    #[case("blank = \"keep\"\nblank = \"clear\"", "line 2, column 1: duplicate key")]
    fn a_mistake_says_where_and_what_was_meant(#[case] text: &str, #[case] said: &str) {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("config.toml");
        fs::write(&path, text).unwrap();
        let error = ConfigFile::load(&path).unwrap_err().to_string();
        assert_eq!(error.strip_prefix(&format!("{}, ", path.display())), Some(said));
    }

    #[test]
    fn the_folders_of_an_account_hold_whatever_else_is_wrong_and_nothing_is_open_where_they_are_uncertain() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("config.toml");
        let says = |text: &str| {
            fs::write(&path, text).unwrap();
            confinement(&path).map_err(|error| error.to_string())
        };
        let folders = Some(["/in", "/out"].map(PathBuf::from));
        assert_eq!(says("theme = \"momo\"\ninbox = \"/in\"\noutbox = \"/out\"\n"), Ok(folders));
        assert_eq!(says("theme = \"momo\"\n"), Ok(None));
        for uncertain in ["inbox = \"/in\"", "inbox = 1\noutbox = 2", "inbox = \"/in\noutbox = \"/out\"", "[[["] {
            assert!(says(uncertain).is_err(), "{uncertain}");
        }
    }

    #[test]
    fn no_file_says_nothing_and_one_that_cannot_be_read_is_an_error() {
        let room = tempfile::tempdir().unwrap();
        assert_eq!(ConfigFile::load(&room.path().join("config.toml")).unwrap().config, Config::default());
        assert!(matches!(ConfigFile::load(room.path()), Err(ConfigError::Unreadable { .. })));
    }
}
