//! A file becomes checked rows.
//!
//! Intake knows the file, the mapping and the reading settings, but not the base: what a row *would do* is
//! `reconcile`'s question. Rows leave it through a [`Sink`], in no particular order.
//!
//! [`open`] a file, [`map`] its columns, answer the [`Question`]s, make a [`Checker`], then [`check()`]:
//!
//! - `source`, `detect`: what a file is and how it is written; `stream`: its bytes as UTF-8, hashed
//! - `records`, `batch`: text to records, many at a time; `raw`: the same for the rejects file
//! - `header`, `mapping`, `question`: what the columns mean, and what must be asked
//! - `checker`, `row`, `cell`, `country`: a record becomes a checked row and findings
//! - `check`: all of it over a whole file, in parallel; `typed`: the same for what a person types

mod batch;
mod cell;
mod check;
mod checker;
mod country;
mod detect;
mod error;
mod header;
mod mapping;
mod question;
mod raw;
mod records;
mod row;
mod source;
mod stream;
mod typed;

pub use check::{Progress, Summary, check};
pub use checker::Checker;
pub use country::country;
pub use detect::Detected;
pub use error::IntakeError;
#[cfg(test)]
use header::map_header;
pub use header::{Dialect, MapOptions, MapOutcome, map};
pub use mapping::{Column, Key, Mapping, RememberedMapping, Target, fingerprint};
pub use question::{Answer, MapError, Question, QuestionKind};
pub use raw::{RawRecord, raw_records};
pub use records::LONGEST_RECORD;
pub use source::{MOST_COLUMNS, Source, SourceOptions, open, open_with};
pub use typed::{Typed, TypedRow, typed, typed_id, typed_row};

use crate::model::finding::Finding;
use crate::model::record::ValuesRef;

/// One data row after its cells were checked.
#[derive(Debug, Clone, Copy)]
pub struct CheckedRow<'a> {
    /// Its number among the data rows of the file, from 0.
    pub row: u32,
    /// The physical line where it begins, from 1.
    pub line: u32,
    /// Whether every mapped cell is empty (R12), or those that are not make no record, such as a country alone (R4).
    pub blank: bool,
    /// Whether a finding with severity error was made: the row cannot be imported.
    pub rejected: bool,
    /// The contact that the row names; `None` without a usable Contact ID. Its values hold the membership as `account.id`.
    pub contact: Option<Side<'a>>,
    /// The organization that the row names; `None` without a usable Account ID. No values: a reference (R5).
    pub account: Option<Side<'a>>,
}

/// What a row says of one record.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The key in normal form (R1).
    pub id: &'a str,
    /// The cells that are not empty.
    pub values: ValuesRef<'a>,
    /// Whether all of these cells could be read, so that the row bears witness (R6) even if it is rejected.
    pub witness: bool,
}

/// Where checked rows go. Each worker of a check has a sink of its own.
pub trait Sink: Send {
    /// Takes a row. Every data row of the file comes exactly once, to one of the sinks.
    fn row(&mut self, row: CheckedRow<'_>) -> std::io::Result<()>;
    /// Takes a finding; those of a row come before the row.
    fn finding(&mut self, finding: Finding) -> std::io::Result<()>;
}
