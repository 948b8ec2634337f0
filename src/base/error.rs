//! What can go wrong with a base, in words that say what to do now.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::lock::Holder;

/// Why the base could not be opened, read or written. But for [`BaseError::Uncertain`], it still holds what it held before.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// Another process has the base open.
    #[error("the base {} is in use{}; close it there, or wait with --wait SECONDS", .path.display(), by(.holder))]
    InUse {
        /// The folder of the base.
        path: PathBuf,
        /// Who has it, as far as the system tells.
        holder: Option<Holder>,
    },
    /// There is a base where another one should be restored.
    #[error("there is a base in {}; --overwrite replaces it, another folder or `muster backup` keeps it", .path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// What is stored is not what was written.
    #[error("the base is damaged: {what}; restore a backup (muster verify lists the damage)")]
    Damaged {
        /// Where and how.
        what: String,
    },
    /// The files of the base are not where they were when it was opened.
    #[error("the base in {} was moved or removed while muster had it open; nothing was changed, start muster again", .path.display())]
    Gone {
        /// Where its files were.
        path: PathBuf,
    },
    /// The settings of the store are not those of this program.
    #[error("the base {} was made by another version of muster's store ({what}); use that muster to export it, and this one to import the file", .path.display())]
    OtherStore {
        /// The folder of the store.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// A newer muster has written this base.
    #[error("the base has schema {found}, this muster knows up to {known}; use a newer muster")]
    NewerSchema {
        /// The schema of the base.
        found: u32,
        /// The newest schema that this program reads.
        known: u32,
    },
    /// Too little space for a commit.
    #[error("the disk is full: {} MB free, at least {} MB needed; nothing was changed, free some space and try again", free >> 20, (needed >> 20) + 1)]
    DiskFull {
        /// Bytes that should be free.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The folder of the base cannot be written.
    #[error("cannot write in {folder}, which is needed even to look into the base; check its owner, or look into a copy: muster restore --from {folder} --base NEW", folder = .0.display())]
    NoWrite(PathBuf),
    /// The operating system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// The storage engine gave up. The next start reads the base as of its last commit.
    #[error("the storage of the base gave up: {0}; start muster again, the last commit is safe")]
    Engine(String),
    /// The very last step of a commit failed: the disk has it or not, which only the next start can tell.
    #[error("it is not certain whether this is stored ({0}); start muster again, its history says")]
    Uncertain(String),
    /// The base has changed since the commit was planned (R24).
    #[error("the base is at commit {head}, not {expected} any more; plan again")]
    Moved {
        /// The commit on which the plan was made.
        expected: u64,
        /// The newest commit.
        head: u64,
    },
    /// The person cancelled before the commit point.
    #[error("cancelled; the base is as before")]
    Cancelled,
    /// The changes would break what must hold in every base. A mistake of the program that made them.
    #[error("the change cannot be stored: {0}; nothing was changed")]
    Invalid(String),
    /// There is no commit of that number.
    #[error("there is no import {0}; muster history lists them")]
    NoSuchCommit(u64),
    /// What the commit changed is not kept any more (R26).
    #[error("import {0} is too old to be undone or shown in detail; what it changed is not kept any more")]
    TooOld(u64),
}

impl BaseError {
    /// Stored bytes that are not what was written.
    pub(super) fn damaged(what: impl Into<String>) -> BaseError {
        BaseError::Damaged { what: what.into() }
    }

    /// An input or output error on a path; a full disk gets its own answer.
    pub(super) fn io(doing: &str, path: &Path, source: io::Error) -> BaseError {
        BaseError::Io { what: format!("cannot {doing} {}", path.display()), source }
    }
}

/// Changes and spill files may fail to be read; what the base itself has wrapped comes out again.
impl From<io::Error> for BaseError {
    fn from(error: io::Error) -> BaseError {
        let wrap = |source| BaseError::Io { what: "cannot read the changes or a spill file".to_owned(), source };
        error.downcast::<BaseError>().unwrap_or_else(wrap)
    }
}

fn by(holder: &Option<Holder>) -> impl fmt::Display {
    holder.as_ref().map_or_else(|| " by another process".to_owned(), |h| format!(" by {h}"))
}
