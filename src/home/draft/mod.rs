//! Drafts: imports that are not finished. One append-only file each, so that what a person said survives whatever happens
//! to the program, the line or the machine. They hold personal data: 0600 in a folder of 0700.
//!
//! - here: what a draft is, and how its entries make it
//! - [`file`](mod@file): the file: a line for each entry, with a checksum; a torn end is left out
//!
//! A draft belongs to a file (its path) and a base. Only the process that has opened the base works on its drafts: the
//! lock of the base is their lock too.

pub mod file;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use file::{DraftError, DraftFile, Found, Saver, list, read};

use crate::intake::{MapOptions, SourceOptions};
use crate::model::settings::{Merging, Reading};
use crate::reconcile::timeline::{Said, Timeline};

/// One thing that a draft keeps; each is a line of its file. New kinds go to the end and need no new version; an older
/// muster stops reading before a kind that it does not know, and says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// From now on the file is taken so.
    Taken(Taken),
    /// A plan was made.
    Checked(Checked),
    /// Things were said that are taken back together.
    Said(Vec<Said>),
    /// The last step was taken back.
    Undone,
    /// The step that was taken back last was brought back.
    Redone,
    /// The person went on to a step, or back.
    At(Step),
    /// The commit of the plan with this digest began. If the base has it, the draft is done.
    Committing(String),
}

/// How a file is taken: see [`crate::flow::import::Request`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Taken {
    /// Encoding and separator, if a person chose them.
    pub source: SourceOptions,
    /// What the person says about columns.
    pub map: MapOptions,
    /// The settings; `None`: those that the base remembers, else the defaults.
    pub settings: Option<(Reading, Merging)>,
}

/// What a plan was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checked {
    /// SHA-256 of the file in lower-case hexadecimal.
    pub sha256: String,
    /// The last commit of the base.
    pub head: u64,
    /// How many conflicts there were.
    pub conflicts: usize,
}

/// Where the person is in an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Columns and settings.
    #[default]
    Columns,
    /// The numbers, or a list behind one of them.
    Review,
    /// The conflicts.
    Conflicts,
}

/// An unfinished import, as its entries make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The file of the import; absolute.
    pub file: PathBuf,
    /// The folder of the base; absolute.
    pub base: PathBuf,
    /// How the file is taken.
    pub taken: Taken,
    /// The last plan; `None` if there was none yet.
    pub checked: Option<Checked>,
    /// Everything that was said.
    pub timeline: Timeline,
    /// Where the person was.
    pub at: Step,
    /// The digest of the plan whose commit began.
    pub committing: Option<String>,
}

impl Draft {
    /// A draft without entries.
    pub fn new(base: &Path, file: &Path) -> Draft {
        Draft { base: base.to_owned(), file: file.to_owned(), ..Draft::default() }
    }

    /// Goes on by an entry.
    pub fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Taken(taken) => self.taken = taken,
            Entry::Checked(checked) => self.checked = Some(checked),
            Entry::Said(step) => self.timeline.say(step),
            Entry::Undone => drop(self.timeline.undo()),
            Entry::Redone => drop(self.timeline.redo()),
            Entry::At(step) => self.at = step,
            Entry::Committing(digest) => self.committing = Some(digest),
        }
    }
}
