//! Work that runs beside the loop: what is asked, what is answered.

pub mod browse;
pub mod conflict;
pub mod doubt;
pub mod draft;
pub mod edit;
pub mod history;
pub mod import;

use std::time::Duration;

use crate::flow::show::Step;
use crate::model::fields::Entity;
pub use browse::{ActName, Counts, Found, Hit, Known, Search};
use conflict::{ConflictJob, ConflictReport};
use doubt::{DoubtJob, DoubtReport};
use draft::{DraftJob, DraftReport};
use edit::{EditJob, EditReport};
use history::{HistoryJob, HistoryReport};
use import::{ImportJob, ImportReport};

/// Jobs of one slot replace each other: the newest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Opening the base.
    Base,
    /// The list of Browse.
    Search,
    /// The text that is searched.
    Index,
    /// The members of an organization.
    Members,
    /// Reading, checking or committing a file, and deciding many conflicts at once.
    Import,
    /// The files to choose from.
    Files,
    /// The visible part of a list of the import.
    Rows,
    /// One conflict, whole.
    Conflict,
    /// The raw lines behind something.
    Lines,
    /// An act of a person on a record.
    Edit,
    /// Organizations for what is typed in a form.
    Offers,
    /// How a record became what it is.
    Steps,
    /// Looking for drafts and opening one.
    Draft,
    /// Bringing the draft to the disk.
    Saving,
    /// The acts of the history.
    Acts,
    /// The visible part of the records of an act.
    Records,
    /// One record of an act, whole.
    Story,
    /// Taking an act back, and finding out what that would do.
    Undo,
    /// Saving hits, or the rejects of an act, as a file.
    Save,
}

impl Slot {
    /// Whether a person would miss the work: then quitting asks first, and Ctrl-C cancels it.
    pub fn is_work(self) -> bool {
        matches!(self, Slot::Import | Slot::Edit | Slot::Undo | Slot::Save)
    }

    /// What the job is called in a message.
    pub fn title(self) -> &'static str {
        match self {
            Slot::Base => "Opening the base",
            Slot::Search => "Searching",
            Slot::Index => "Indexing",
            Slot::Members => "Counting members",
            Slot::Import => "The import",
            Slot::Files => "Listing files",
            Slot::Rows => "Loading rows",
            Slot::Conflict => "Loading the conflict",
            Slot::Lines => "Reading the lines",
            Slot::Edit => "Saving",
            Slot::Offers => "Looking for organizations",
            Slot::Steps => "Reading the history",
            Slot::Draft => "Opening the draft",
            Slot::Saving => "Saving the draft",
            Slot::Acts => "Reading the history",
            Slot::Records => "Loading records",
            Slot::Story => "Reading the record",
            Slot::Undo => "The undo",
            Slot::Save => "Saving the file",
        }
    }
}

/// Work for a thread of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Open the base and count what it holds; answered by [`Report::Opened`].
    Open,
    /// Find records; answered by [`Report::Found`].
    Search(Search),
    /// Bring what is searched, and what is known of the base beside its records, to the newest commit; answered by
    /// [`Report::Known`], then by progress in contacts.
    Index,
    /// Count the members of the organizations with these Account IDs; answered by [`Report::Members`], first for the first
    /// of them.
    CountMembers(Vec<String>),
    /// Say which commits have changed the record of that ID; answered by [`Report::Steps`].
    Steps(Entity, String),
    /// Write all hits of a search to a new file of that name, in their order; answered by [`Report::HitsSaved`].
    SaveHits(Search, String),
    /// A step of an import.
    Import(ImportJob),
    /// Something about the conflicts of the checked file.
    Conflict(ConflictJob),
    /// An act of a person on a record.
    Edit(EditJob),
    /// Something about drafts.
    Draft(DraftJob),
    /// Something about what needs a person's consent.
    Doubt(DoubtJob),
    /// Something about the history.
    History(HistoryJob),
}

impl Job {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            Job::Open => Slot::Base,
            Job::Search(_) => Slot::Search,
            Job::Index => Slot::Index,
            Job::CountMembers(_) => Slot::Members,
            Job::Steps(..) => Slot::Steps,
            Job::SaveHits(..) => Slot::Save,
            Job::Import(job) => job.slot(),
            Job::Conflict(job) => job.slot(),
            Job::Edit(job) => job.slot(),
            Job::Draft(job) => job.slot(),
            Job::Doubt(job) => job.slot(),
            Job::History(job) => job.slot(),
        }
    }

    /// What it does, for a person who waits.
    pub fn doing(&self) -> &'static str {
        match self {
            Job::Import(ImportJob::Open(_)) => "Opening the file",
            Job::Import(ImportJob::Check(_)) => "Checking",
            Job::Import(ImportJob::Plan(_)) => "Comparing",
            Job::Import(ImportJob::Commit(_)) => "Importing",
            Job::Conflict(_) => "Trying policies",
            Job::Edit(EditJob::Review(_) | EditJob::AskDelete(..)) => "Asking the base",
            Job::Doubt(_) => "Answering",
            Job::History(HistoryJob::PlanUndo(_)) => "Looking what can be undone",
            Job::History(HistoryJob::Undo(_)) => "Undoing",
            _ => self.slot().title(),
        }
    }
}

/// What a job found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The base is open, or has changed.
    Opened(Counts),
    /// Something that a person should know.
    Told(String),
    /// Hits of a search.
    Found(Found),
    /// Nothing can be searched for what was typed: why, and what to type instead.
    Mistake(String),
    /// What stands beside records.
    Known(Known),
    /// How many members the organizations with these Account IDs have.
    Members(Vec<(String, u64)>),
    /// Which commits have changed the record of that ID, the newest first.
    Steps(Entity, String, Vec<Step>),
    /// Hits are in the file of that path, and how many.
    HitsSaved(String, u64),
    /// An answer of the import.
    Import(ImportReport),
    /// An answer about conflicts.
    Conflict(ConflictReport),
    /// An answer about an act on a record.
    Edit(EditReport),
    /// An answer about drafts.
    Draft(DraftReport),
    /// An answer about what needs consent.
    Doubt(DoubtReport),
    /// An answer about the history.
    History(HistoryReport),
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What it is doing: `Checking`.
    pub doing: String,
    /// Rows done.
    pub rows: u64,
    /// Those of them that cannot be imported, as far as that shows in the row alone.
    pub rejected: u64,
    /// Those of the others that have a warning.
    pub warned: u64,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes to do; 0 if unknown.
    pub total_bytes: u64,
    /// Time since it began.
    pub elapsed: Duration,
}

impl Progress {
    /// The part that is done, from 0 to 1; `None` if the whole is unknown.
    pub fn fraction(&self) -> Option<f64> {
        (self.total_bytes > 0).then(|| (self.bytes as f64 / self.total_bytes as f64).min(1.0))
    }

    /// Rows a second.
    pub fn rate(&self) -> u64 {
        (self.rows as f64 / self.elapsed.as_secs_f64().max(0.001)) as u64
    }

    /// The time that the rest needs at the present rate; `None` as long as there is nothing to judge by.
    pub fn left(&self) -> Option<Duration> {
        let done = self.fraction().filter(|f| *f > 0.0)?;
        Some(self.elapsed.mul_f64((1.0 - done) / done))
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It did what was asked.
    Done,
    /// It stopped because it was asked to.
    Cancelled,
    /// It could not: what went wrong, where, what to do.
    Failed(String),
}
