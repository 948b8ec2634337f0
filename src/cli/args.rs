//! Every command and option, as `cli.md` lists them, with the texts of `--help`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgGroup, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::import_args::ImportFile;
use super::values;
use crate::home::access::Access;
use crate::report::export::{Dialect, Phones, Wording};

const USAGE: &str = "muster [OPTIONS] [FILE]\n       muster [OPTIONS] <COMMAND>";

const AFTER_HELP: &str = "\
A file that is named like a command needs its folder: muster ./check

Exit codes:
  0    done, nothing held or rejected
  1    done, with rows held or rejected; or: not found, undo blocked, damage found
  2    wrong usage, or a question that an option must answer
  3    the file or the base cannot be read or written
  4    the base is in use
  129, 130, 143    ended by a hang-up, Ctrl-C or a termination signal";

/// Import contact CSV exports with every conflict decided by you, and find any contact while you type.
///
/// Without a command the app starts: on the contacts, or on the import of FILE.
#[derive(Debug, Parser)]
#[command(name = "muster", version, override_usage = USAGE, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Arguments {
    /// Open the app on the import of this CSV file
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
    /// The command; without one the app starts.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Which of the two doors the arguments open.
#[derive(Debug)]
pub enum Door {
    /// The app, on the import of a file if one is named.
    App(Option<PathBuf>),
    /// A command without a screen.
    Command(Command),
}

impl Arguments {
    /// Reads the arguments. The error is clap's: usage errors, `--help` and `--version`, each with its text and exit code.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<(Door, Common), clap::Error> {
        let words: Vec<OsString> = words.into_iter().collect();
        let color = match words.iter().any(|word| word == "--no-color") {
            true => clap::ColorChoice::Never,
            false => clap::ColorChoice::Auto,
        };
        let mut grammar = Arguments::command().color(color);
        let matches = grammar.try_get_matches_from_mut(words)?;
        let arguments = <Arguments as clap::FromArgMatches>::from_arg_matches(&matches)?;
        let refuse = |text: String| Err(Arguments::command().color(color).error(ErrorKind::ArgumentConflict, text));
        match (arguments.command, arguments.file) {
            (Some(_), Some(file)) => refuse(format!("a file ({}) before a command: put it behind", file.display())),
            (None, _) if arguments.common.json => refuse("--json needs a command, such as: muster check FILE".into()),
            (Some(command), None) => Ok((Door::Command(command), arguments.common)),
            (None, file) => Ok((Door::App(file), arguments.common)),
        }
    }
}

/// What all commands share.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// The folder of the base [default: $MUSTER_BASE, else the muster folder in your data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub base: Option<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// No colours; the same as a NO_COLOR variable
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Print ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Show names, phones and other values masked: for a screen that others see
    #[arg(long, global = true, conflicts_with = "json")]
    pub mask: bool,
    /// Your name for the history, on an account that several people use
    #[arg(long = "as", global = true, value_name = "NAME", value_parser = values::name)]
    pub as_name: Option<String>,
    /// Open only files below DIR, and list no others: for a locked-down account
    #[arg(long, global = true, value_name = "DIR", requires = "outbox", help_heading = "Locked-down account")]
    pub inbox: Option<PathBuf>,
    /// Write only files below DIR: rejects, reports, exports, backups
    #[arg(long, global = true, value_name = "DIR", requires = "inbox", help_heading = "Locked-down account")]
    pub outbox: Option<PathBuf>,
    /// Wait this long for a base that another process uses [default: not at all]
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    pub wait: u32,
    /// Which files may be named; found out by [`super::access`] before anything is opened.
    #[arg(skip)]
    pub access: Access,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what an import of FILE would do; nothing is written
    Check(ImportFile),
    /// Check FILE, decide conflicts by policy, and write what is decided
    ///
    /// All of it is written or none. Rows in conflicts that no policy decides are held: they go to the rejects file, which
    /// can be corrected and imported as it is.
    Import(ImportFile),
    /// Find contacts, best match first
    Search(SearchOptions),
    /// Show one contact, organization or import
    Show {
        /// What to show.
        #[command(subcommand)]
        what: Show,
    },
    /// Write the whole base as one CSV file that `muster import` takes back unchanged
    Export(ExportOptions),
    /// List the imports, edits and undos, newest first
    History {
        /// Show at most this many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Take back import N
    ///
    /// Values that were changed since import N are blockers: they are listed, and nothing happens, unless --keep-blocked leaves
    /// them as they are and undoes the rest. An undo is in the history and can itself be undone.
    Undo(UndoOptions),
    /// Hand an organization that was made by hand over to imports
    Adopt {
        /// What to hand over.
        #[command(subcommand)]
        what: Adopt,
    },
    /// Forget a person: take a contact out of the base and its history
    ///
    /// What it would do is said first. The base is rewritten into fresh files and all of it is read again. Only a salted hash of
    /// the Contact ID stays: rows that would bring the contact back are held (forgotten) until `muster allow`.
    Forget {
        /// What to forget.
        #[command(subcommand)]
        what: Forget,
    },
    /// Let imports bring a forgotten contact again
    Allow {
        /// What to allow.
        #[command(subcommand)]
        what: Allow,
    },
    /// Print an empty CSV file with the right headers
    Template(TemplateOptions),
    /// List every field: its headers, other headers it is known by, kind and limit
    Fields,
    /// Read the whole base and check checksums, order, references and counts
    Verify,
    /// Copy the base, consistent, while others work
    Backup {
        /// A new folder for the copy; it opens as a base: muster --base DIR
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Make the base from a backup, which stays as it is
    Restore(RestoreOptions),
    /// Rewrite the base into fresh files, when it has grown
    ///
    /// The old files go when the new ones were read and hold the same. Needs room for both.
    Compact,
    /// Print what a support call asks for: versions, terminal, locale, health of the base
    Doctor,
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page: muster man | man -l -
    Man,
}

/// What `search` looks for.
#[derive(Debug, Args)]
pub struct SearchOptions {
    /// Words in any order: names, e-mails, IDs, digits of a phone
    #[arg(value_name = "QUERY", required = true)]
    pub query: Vec<String>,
    /// Find organizations instead of contacts
    #[arg(long)]
    pub organizations: bool,
    /// Show at most this many
    #[arg(long, value_name = "N", default_value_t = 50, conflicts_with = "to")]
    pub limit: usize,
    /// Write all hits as CSV to this file, best first, as `muster export` would write them
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// What `show` shows.
#[derive(Debug, Subcommand)]
pub enum Show {
    /// A contact with its organization and where it came from
    Contact(RecordId),
    /// An organization with its members
    Organization(RecordId),
    /// An import: file, settings, counts, decisions
    Import {
        /// Its number in `muster history`
        #[arg(value_name = "N")]
        number: u64,
    },
}

/// What `adopt` hands over.
#[derive(Debug, Subcommand)]
pub enum Adopt {
    /// An organization made by hand
    Organization {
        /// Its Account ID
        #[arg(value_name = "ID")]
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What `forget` forgets.
#[derive(Debug, Subcommand)]
pub enum Forget {
    /// A contact
    #[command(group = ArgGroup::new("mode").args(["dry_run", "yes"]))]
    Contact {
        /// Its Contact ID
        #[arg(value_name = "ID")]
        id: String,
        /// Only say what would be forgotten
        #[arg(long)]
        dry_run: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What `allow` allows.
#[derive(Debug, Subcommand)]
pub enum Allow {
    /// A contact
    Contact {
        /// Its Contact ID
        #[arg(value_name = "ID")]
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// The ID of a record.
#[derive(Debug, Args)]
pub struct RecordId {
    /// The ID that the files use (Contact ID, Account ID)
    #[arg(value_name = "ID")]
    pub id: String,
    /// ID is the internal ID of the base
    #[arg(long)]
    pub internal: bool,
}

/// Where and how `export` writes.
#[derive(Debug, Args)]
pub struct ExportOptions {
    /// The file to write; - is standard output
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Write what can be read of a damaged base, and say what cannot
    #[arg(long)]
    pub salvage: bool,
    /// Wording of the headers
    #[arg(long, value_enum, default_value_t = DialectName::Older)]
    pub dialect: DialectName,
    /// Write valid phones as E.164, or every phone as it was typed
    #[arg(long, value_enum, default_value_t = PhonesAs::E164)]
    pub phones: PhonesAs,
}

/// What `restore` takes, and whether it may replace what is there.
#[derive(Debug, Args)]
pub struct RestoreOptions {
    /// The folder that `muster backup` has made
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Replace the base that is there
    #[arg(long)]
    pub overwrite: bool,
}

/// The headers of `template`.
#[derive(Debug, Args)]
pub struct TemplateOptions {
    /// Wording of the headers
    #[arg(long, value_enum, default_value_t = DialectName::Older)]
    pub dialect: DialectName,
}

/// The two wordings of Genesys headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DialectName {
    /// Contact Id, Contact First Name, Account Id
    Older,
    /// External ID, First Name, External Organization External ID
    Current,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Dialect {
        match name {
            DialectName::Older => Dialect::Older,
            DialectName::Current => Dialect::Current,
        }
    }
}

/// How phones are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PhonesAs {
    /// +13175550101 x12; invalid ones as typed
    E164,
    /// As typed
    Typed,
}

impl ExportOptions {
    /// The wording that the options choose.
    pub fn wording(&self) -> Wording {
        let phones = match self.phones {
            PhonesAs::E164 => Phones::E164,
            PhonesAs::Typed => Phones::Typed,
        };
        Wording { dialect: self.dialect.into(), phones }
    }
}

/// What `undo` takes back.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("mode").args(["dry_run", "yes"]))]
pub struct UndoOptions {
    /// The number of the import in `muster history`
    #[arg(value_name = "N")]
    pub number: u64,
    /// Only say what would change and what blocks it
    #[arg(long)]
    pub dry_run: bool,
    /// Leave blocked values as they are and undo the rest
    #[arg(long)]
    pub keep_blocked: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::settings::{Blank, Only};

    fn read(words: &[&str]) -> Result<(Door, Common), clap::Error> {
        Arguments::read(["muster"].iter().chain(words).map(OsString::from))
    }

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_file_opens_the_app_and_a_command_word_is_a_command() {
        assert!(matches!(read(&[]), Ok((Door::App(None), _))));
        assert!(matches!(read(&["a.csv"]), Ok((Door::App(Some(file)), _)) if file.as_os_str() == "a.csv"));
        assert!(matches!(read(&["./doctor"]), Ok((Door::App(Some(_)), _))));
        assert!(matches!(read(&["--", "doctor"]), Ok((Door::App(Some(_)), _))));
        assert!(matches!(read(&["doctor"]), Ok((Door::Command(Command::Doctor), _))));
    }

    #[test]
    fn common_options_stand_before_or_behind_the_command() {
        for words in [["--json", "--base", "/b", "doctor"], ["doctor", "--base", "/b", "--json"]] {
            let (_, common) = read(&words).unwrap();
            assert!(common.json && common.base.is_some());
        }
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error() {
        for words in [
            &["a.csv", "check", "b.csv"][..],
            &["--json"],
            &["check"],
            &["check", "a.csv", "--region", "Neverland"],
            &["check", "a.csv", "--blank", "erase"],
            &["check", "a.csv", "--resolve", "best"],
            &["undo", "three"],
            &["undo", "3", "--dry-run", "--yes"],
        ] {
            assert_eq!(read(words).map(|_| ()).map_err(|e| e.exit_code()), Err(2), "{words:?}");
        }
    }

    #[test]
    fn options_become_settings() {
        let words = [
            "check",
            "a.csv",
            "--region",
            "hu",
            "--blank",
            "clear",
            "--only",
            "update",
            "--resolve",
            "contact:blank:base",
        ];
        let Ok((Door::Command(Command::Check(options)), _)) = read(&words) else { panic!("no check") };
        assert_eq!(options.reading.settings().region.code(), "HU");
        assert_eq!(options.merging.settings().blank, Blank::Clear);
        assert_eq!(options.merging.settings().only, Some(Only::Update));
        assert_eq!(options.merging.resolve.len(), 1);
    }
}
