//! Why a file cannot be read as contacts: what happened, where, and what to do now.

use std::io;

/// Why a file, or a pass over it, failed as a whole. Whatever concerns one row is a finding instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The file is missing, or may not be opened.
    #[error("cannot open {name}: {source}")]
    Open {
        /// The file as it was named.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// The path is a folder.
    #[error("{name} is a folder, not a file")]
    Folder {
        /// The file as it was named.
        name: String,
    },
    /// The path is a pipe, a socket or a device.
    #[error("{name} is not a regular file")]
    NotAFile {
        /// The file as it was named.
        name: String,
    },
    /// There is no line with text in the file.
    #[error("{name} is empty: it has no header line")]
    Empty {
        /// The file as it was named.
        name: String,
    },
    /// The content is no text.
    #[error("{name} is not a CSV file: it looks like {looks_like}")]
    Binary {
        /// The file as it was named.
        name: String,
        /// What it seems to be, with its article.
        looks_like: &'static str,
    },
    /// UTF-16 or UTF-32 that cannot be told for sure without a byte order mark.
    #[error("{name} has no byte order mark, but looks like {label} text")]
    WideText {
        /// The file as it was named.
        name: String,
        /// The WHATWG label to choose, or `UTF-32`.
        label: &'static str,
    },
    /// The encoding that was asked for does not exist.
    #[error("there is no encoding '{label}'")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// The separator that was asked for cannot separate cells.
    #[error("{separator:?} cannot be a separator")]
    Separator {
        /// What was asked for.
        separator: char,
    },
    /// The header line cannot be split into columns.
    #[error(
        "the header of {name} (line {line}) cannot be read: a quote in it is not closed, or it is longer than 1 MiB"
    )]
    Header {
        /// The file as it was named.
        name: String,
        /// The physical line, from 1.
        line: u32,
    },
    /// More columns than any spreadsheet has.
    #[error("the header of {name} has {columns} columns, {most} are allowed")]
    TooManyColumns {
        /// The file as it was named.
        name: String,
        /// How many there are.
        columns: usize,
        /// How many may be there.
        most: usize,
    },
    /// More rows than a row number can count.
    #[error("{name} has more than 4,294,967,295 rows")]
    TooManyRows {
        /// The file as it was named.
        name: String,
    },
    /// R20: over 1 % of the rows have bytes that are not text in the file's encoding.
    #[error("{bad} of the first {rows} rows of {name} are not {encoding} text, first in line {first_line}")]
    Undecodable {
        /// The file as it was named.
        name: String,
        /// The encoding that was tried.
        encoding: &'static str,
        /// Rows with such bytes.
        bad: u32,
        /// Rows read.
        rows: u32,
        /// The physical line of the first such row.
        first_line: u32,
    },
    /// The file was written to while it was read, or since it was opened.
    #[error("{name} changed while it was read")]
    Changed {
        /// The file as it was named.
        name: String,
    },
    /// Reading failed in the middle.
    #[error("cannot read {name} at byte {offset}: {source}")]
    Read {
        /// The file as it was named.
        name: String,
        /// Where.
        offset: u64,
        /// What the system says.
        source: io::Error,
    },
    /// Standard input could not be kept in a temporary file.
    #[error("cannot keep standard input in a temporary file: {source}")]
    Spool {
        /// What the system says.
        source: io::Error,
    },
    /// The receiver of checked rows failed.
    #[error("cannot keep the checked rows: {source}")]
    Sink {
        /// What the system says.
        source: io::Error,
    },
    /// A person cancelled the check.
    #[error("the check was cancelled")]
    Cancelled,
}

impl IntakeError {
    /// What the person can do now; empty if there is nothing to do.
    pub fn hint(&self) -> &'static str {
        match self {
            IntakeError::Open { .. } => "check the path, and that you may read the file",
            IntakeError::Folder { .. } => "name a file in it",
            IntakeError::NotAFile { .. } => "read a pipe through standard input: muster import -",
            IntakeError::Empty { .. } => "check the export; `muster template` writes a file with the right header",
            IntakeError::Binary { .. } => "open it in the program that made it and save it as CSV (UTF-8)",
            IntakeError::WideText { label: "UTF-32", .. } => "save it as CSV (UTF-8)",
            IntakeError::WideText { .. } => {
                "name the encoding (--encoding UTF-16LE or UTF-16BE), or save it as CSV (UTF-8)"
            }
            IntakeError::UnknownEncoding { .. } => {
                "give a WHATWG label, such as utf-8, windows-1252, windows-1250, utf-16le"
            }
            IntakeError::Separator { .. } => {
                "use a comma, a semicolon, a tab or another ASCII sign that is not a quote"
            }
            IntakeError::Header { .. } => {
                "correct the header line, and check that the separator is right (--separator)"
            }
            IntakeError::TooManyColumns { .. } => "check that the separator is right (--separator), or remove columns",
            IntakeError::TooManyRows { .. } => "split the file",
            IntakeError::Undecodable { .. } => {
                "name the encoding, such as --encoding windows-1252 or windows-1250, or save the file as UTF-8"
            }
            IntakeError::Changed { .. } => "wait until the export is finished, then start again",
            IntakeError::Read { .. } => "check the disk or the network drive, then start again",
            IntakeError::Spool { .. } | IntakeError::Sink { .. } => {
                "free some space in the temporary folder (TMPDIR), then start again"
            }
            IntakeError::Cancelled => "",
        }
    }

    /// Whether it is a question that an option answers (exit code 2), not a failure to read (exit code 3).
    pub fn is_question(&self) -> bool {
        use IntakeError::*;
        matches!(self, UnknownEncoding { .. } | Separator { .. } | WideText { .. } | Undecodable { .. })
    }
}
