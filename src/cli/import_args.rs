//! The options of `check` and `import`: how the file is read, how its rows meet the base, which reports are written.

use std::path::PathBuf;

use clap::Args;
use encoding_rs::Encoding;

use super::values::{self, KeySeparator, Separator};
use crate::model::settings::{Blank, Country, HandEdits, Merging, Only, Reading};
use crate::reconcile::decision::Rule;

const RESOLVE_HELP: &str = "\
Decide conflicts (repeatable; the first that settles one wins)

[account:|contact:][blank:|cosmetic:|content:]POLICY, with POLICY one of first, last, most-rows, most-complete, base, \
suggested, remembered, hold. What stays undecided is held.";

/// The file of `check` and `import`, and how to take it.
#[derive(Debug, Args)]
pub struct ImportFile {
    /// The CSV file; - reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How its columns and cells are read.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// How its rows meet the base.
    #[command(flatten)]
    pub merging: MergingOptions,
    /// What is written beside the base.
    #[command(flatten)]
    pub reports: ReportOptions,
}

/// How a file is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading the file")]
pub struct ReadingOptions {
    /// Country of phone numbers that have no country code
    #[arg(long, value_name = "COUNTRY", default_value = "US", value_parser = values::country)]
    pub region: Country,
    /// Use the row's own country before --region
    #[arg(long)]
    pub region_from_country: bool,
    /// Encoding of the file, such as utf-8 or windows-1250 [default: detected]
    #[arg(long, value_name = "NAME", value_parser = values::encoding)]
    pub encoding: Option<&'static Encoding>,
    /// Separator of the cells: comma, semicolon, tab, or one character [default: detected]
    #[arg(long, value_name = "SEPARATOR", value_parser = values::separator)]
    pub separator: Option<Separator>,
    /// Read a column as a field; `muster fields` lists them (repeatable)
    ///
    /// 'Mobile=contact.cell_phone' maps a column. 'Country+Customer No=contact.id' composes a key of several columns.
    /// 'Segment=contact.custom.Segment' makes a custom field, 'Segment=' leaves a column out, '#3' names the third column.
    #[arg(long, value_name = "HEADER=FIELD")]
    pub map: Vec<String>,
    /// What joins the parts of a composed key
    #[arg(long, value_name = "TEXT", default_value = "-", value_parser = values::key_separator)]
    pub key_separator: KeySeparator,
    /// Keep columns that fit no field as custom fields
    #[arg(long)]
    pub keep_unmapped: bool,
    /// Leave the account columns out: contacts only
    #[arg(long)]
    pub no_accounts: bool,
    /// Reject rows with an invalid phone instead of keeping the phone as text
    #[arg(long)]
    pub strict_phones: bool,
    /// Number of threads that check [default: one per core]
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub threads: Option<usize>,
}

impl ReadingOptions {
    /// The part that decides how a cell becomes a value.
    pub fn settings(&self) -> Reading {
        Reading {
            region: self.region,
            region_from_country: self.region_from_country,
            strict_phones: self.strict_phones,
        }
    }
}

/// How rows meet the base.
#[derive(Debug, Args)]
#[command(next_help_heading = "Meeting the base")]
pub struct MergingOptions {
    /// Only new records, or only those that are in the base; other rows are rejected
    #[arg(long, value_name = "create|update", value_parser = values::only)]
    pub only: Option<Only>,
    /// Whether an empty cell keeps the stored value or clears it
    #[arg(long, value_name = "keep|clear", default_value = "keep", value_parser = values::blank)]
    pub blank: Blank,
    /// Whether values that a person set are kept or overwritten by the file's
    #[arg(long, value_name = "keep|overwrite", default_value = "keep", value_parser = values::hand_edits)]
    pub hand_edits: HandEdits,
    /// Let an invalid phone replace a stored valid one
    #[arg(long)]
    pub replace_valid_phones: bool,
    /// Take rows whose Contact ID is stored for what looks like another person
    #[arg(long)]
    pub accept_different_person: bool,
    /// Decide conflicts (repeatable; the first that settles one wins)
    #[arg(long, value_name = "POLICY", long_help = RESOLVE_HELP)]
    pub resolve: Vec<Rule>,
}

impl MergingOptions {
    /// The settings of reconcile.
    pub fn settings(&self) -> Merging {
        Merging {
            blank: self.blank,
            hand_edits: self.hand_edits,
            only: self.only,
            replace_valid_phones: self.replace_valid_phones,
            accept_different_person: self.accept_different_person,
        }
    }
}

/// The files that a check or an import writes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub struct ReportOptions {
    /// Where rejected and held rows go [default of import: NAME.rejects.csv beside the file]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Write every created and updated record, old and new values, as CSV
    #[arg(long, value_name = "FILE")]
    pub changes: Option<PathBuf>,
    /// Write every error and warning as CSV
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
}
