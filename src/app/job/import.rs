//! The steps of an import: what is asked, what is answered. Of rows never more than a window crosses to the app.

use std::path::PathBuf;

use super::Slot;
use crate::flow::draft::Offer;
use crate::intake::{MapOptions, Mapping, Question, SourceOptions};
use crate::model::fields::{Catalog, Entity};
use crate::model::finding::{Code, Severity};
use crate::model::settings::{Merging, Reading};
use crate::reconcile::conflict::Class;
use crate::reconcile::correction::Correction;
use crate::reconcile::decision::Decisions;
use crate::reconcile::doubt::DoubtKind;
use crate::reconcile::outcome::Outcome;
use crate::reconcile::plan::{Counts, Idle};

/// A step of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportJob {
    /// List the files that fit what was typed; answered by [`ImportReport::Files`].
    Files(String),
    /// Open a file and map its columns; answered by [`ImportReport::Opened`].
    Open(Ask),
    /// Check every row and make the plan; answered by [`ImportReport::Planned`].
    Check(Decisions),
    /// Make the plan again; answered by [`ImportReport::Planned`].
    Plan(Decisions),
    /// Commit the plan; answered by [`ImportReport::Committed`], or by [`ImportReport::Planned`] if the base has changed.
    Commit(Decisions),
    /// Load rows of a list; answered by [`ImportReport::Rows`].
    Rows(RowsWanted),
    /// Read a row as it stands in the file; answered by [`ImportReport::Lines`].
    Line(u32),
    /// Read a row as it stands in the file, to correct a cell; answered by [`ImportReport::Original`].
    Original {
        /// The data row, from 0.
        row: u32,
        /// The column of the cell, from 1; `None`: a person chooses.
        column: Option<u32>,
    },
}

impl ImportJob {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            ImportJob::Files(_) => Slot::Files,
            ImportJob::Rows(_) => Slot::Rows,
            ImportJob::Line(_) | ImportJob::Original { .. } => Slot::Lines,
            _ => Slot::Import,
        }
    }
}

/// What a step of an import found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportReport {
    /// Files to choose from.
    Files(Files),
    /// The file is open.
    Opened(Box<FileView>),
    /// What the import would do.
    Planned(Box<Review>),
    /// It is done.
    Committed(Box<Committed>),
    /// Part of a list.
    Rows(RowsFound),
    /// Lines of the file as they stand there, with a title.
    Lines(String, Vec<String>),
    /// A row and the column that was named with it, and its cells if it has any, with nothing corrected yet.
    Original(u32, Option<u32>, Option<Correction>),
}

/// A file and how to take it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// The file.
    pub path: PathBuf,
    /// Encoding and separator, if a person chose them.
    pub source: SourceOptions,
    /// What a person says about columns.
    pub map: MapOptions,
    /// The settings; `None`: those of the last import with this header line, else the defaults.
    pub settings: Option<Settings>,
}

/// How cells are read and rows meet the base.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// How cells become values.
    pub reading: Reading,
    /// How rows meet the base.
    pub merging: Merging,
}

/// Files to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files {
    /// For which text they were listed.
    pub typed: String,
    /// Recent files, then the CSV files of the folder, newest first, then the folders.
    pub entries: Vec<FileEntry>,
    /// The folder above, as it would be typed; `None` above the root.
    pub above: Option<String>,
    /// What else there is to say: that the folder cannot be read, or that not all of it is listed. Often empty.
    pub remark: String,
    /// The longest text that all entries of the folder begin with: what Tab completes to.
    pub completion: String,
}

/// A file or folder to choose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileEntry {
    /// Its path, as it would be typed; a folder ends with a slash.
    pub path: String,
    /// Size and date, or what else there is to say.
    pub about: String,
}

/// What is known of an open file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileView {
    /// The file as it was named, and how it is taken.
    pub ask: Ask,
    /// Its name without folders.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The encoding, and how it was found.
    pub encoding: String,
    /// Cells of a guessed encoding, as they come out.
    pub samples: Vec<String>,
    /// What stands between two cells, in words.
    pub separator: String,
    /// Whose wording the headers are, or that the mapping is remembered.
    pub wording: String,
    /// The columns.
    pub columns: Vec<ColumnView>,
    /// What must be answered before the check.
    pub questions: Vec<Question>,
    /// Names of custom fields, those that the mapping adds included.
    pub catalog: Catalog,
    /// The settings in force.
    pub settings: Settings,
    /// What the columns mean.
    pub mapping: Mapping,
    /// Drafts of imports of the same file, the newest first.
    pub drafts: Vec<Offer>,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnView {
    /// Its header.
    pub header: String,
    /// Up to three values.
    pub samples: Vec<String>,
    /// The label of the field that it feeds; empty if it is left out.
    pub field: String,
    /// Whether a question about it is open.
    pub asked: bool,
    /// Whether a person said what it is.
    pub changed: bool,
}

/// What the import would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// All numbers.
    pub counts: Counts,
    /// How many findings there are of each severity and code, the worst first.
    pub findings: Vec<(Severity, Code, u64)>,
    /// What is said about the file as a whole.
    pub notes: Vec<String>,
    /// What has changed since the draft was left, and what of it holds.
    pub since: Option<String>,
    /// Cells that a person corrected.
    pub corrected: u64,
    /// Headers of the columns that are left out.
    pub unmapped: Vec<String>,
    /// Every conflict in the order of the plan.
    pub conflicts: Vec<Standing>,
    /// How much needs consent, by kind, and how much of that a person has answered.
    pub doubts: Vec<(DoubtKind, u64, u64)>,
    /// Whether committing would change nothing.
    pub empty: bool,
}

/// How it stands with one conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Account or contact conflict.
    pub entity: Entity,
    /// The Account ID or Contact ID.
    pub id: String,
    /// Its class.
    pub class: Class,
    /// Whether it is decided.
    pub decided: bool,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// The number of the import in the history.
    pub number: u64,
    /// All numbers.
    pub counts: Counts,
    /// Whether nothing had to be changed.
    pub empty: bool,
    /// Where the rows are that were not imported, or why they could not be written.
    pub rejects: Option<Result<String, String>>,
}

/// A list behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Every row.
    All,
    /// Rows with this outcome.
    Outcome(Outcome),
    /// Organizations of which nothing is written.
    Idle(Idle),
    /// New records.
    Created(Entity),
    /// Records of which a value changes.
    Updated(Entity),
    /// Contacts that move to another organization.
    Moved,
    /// Organizations whose name changes.
    Renamed,
    /// Records of which a value is erased.
    Erased,
    /// Findings of one severity and code.
    Findings(Severity, Code),
    /// Cells that a person corrected.
    Corrections,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsWanted {
    /// The list.
    pub list: List,
    /// The first row, from 0.
    pub first: usize,
    /// How many at most.
    pub count: usize,
}

/// Part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsFound {
    /// The list.
    pub list: List,
    /// The number of the first of `rows`, from 0.
    pub first: usize,
    /// The rows.
    pub rows: Vec<ListRow>,
    /// How many there are.
    pub total: usize,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListRow {
    /// The number of the data row, from 0; `None` if the list is not of rows.
    pub row: Option<u32>,
    /// The column (from 1) that it is about, if it is about one.
    pub column: Option<u32>,
    /// The cells, as many as the list has columns.
    pub cells: [String; 4],
    /// More about it: hints, every change.
    pub about: Vec<String>,
}
