//! Work that runs beside the loop: what is asked, what is answered.

pub mod conflict;
pub mod import;

use std::time::Duration;

use crate::model::fields::Entity;
use conflict::{ConflictJob, ConflictReport};
use import::{ImportJob, ImportReport};

/// Jobs of one slot replace each other: the newest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Opening the base.
    Base,
    /// The list of Browse.
    Search,
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
}

impl Slot {
    /// Whether a person would miss the work: then quitting asks first, and Ctrl-C cancels it.
    pub fn is_work(self) -> bool {
        self == Slot::Import
    }

    /// What the job is called in a message.
    pub fn title(self) -> &'static str {
        match self {
            Slot::Base => "Opening the base",
            Slot::Search => "Searching",
            Slot::Import => "The import",
            Slot::Files => "Listing files",
            Slot::Rows => "Loading rows",
            Slot::Conflict => "Loading the conflict",
            Slot::Lines => "Reading the lines",
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
    /// A step of an import.
    Import(ImportJob),
    /// Something about the conflicts of the checked file.
    Conflict(ConflictJob),
}

impl Job {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            Job::Open => Slot::Base,
            Job::Search(_) => Slot::Search,
            Job::Import(job) => job.slot(),
            Job::Conflict(job) => job.slot(),
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
            _ => self.slot().title(),
        }
    }
}

/// What to look for, and which part of the hits to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What was typed; empty finds everything.
    pub query: String,
    /// Contacts or organizations.
    pub entity: Entity,
    /// The number of the first hit to bring, from 0.
    pub first: usize,
    /// How many to bring at most.
    pub count: usize,
}

/// What a job found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The base is open.
    Opened(Counts),
    /// Hits of a search.
    Found(Found),
    /// An answer of the import.
    Import(ImportReport),
    /// An answer about conflicts.
    Conflict(ConflictReport),
}

/// How many records the base holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Contacts.
    pub contacts: u64,
    /// Organizations.
    pub organizations: u64,
}

/// Part of the hits of a search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The number of the first of `hits` among all hits, from 0.
    pub first: usize,
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// How many hits there are.
    pub total: usize,
    /// How long the search took.
    pub took: Duration,
}

/// One record in the list of Browse.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hit {
    /// The Contact ID or Account ID.
    pub id: String,
    /// The name of the person or organization.
    pub name: String,
    /// The organization of a contact; the industry of an organization.
    pub organization: String,
    /// The first phone.
    pub phone: String,
    /// The first e-mail; the website of an organization.
    pub email: String,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What it is doing: `Checking`.
    pub doing: String,
    /// Rows done.
    pub rows: u64,
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
