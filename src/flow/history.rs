//! The history as people read it (R25): what each commit was, which file it took, whether it still stands.

use jiff::Timestamp;

use super::FlowError;
use super::import::ImportDetails;
use crate::base::{Base, Entry, Kind};
use crate::home::who::Who;

/// One commit of the history.
#[derive(Debug, Clone)]
pub struct Act {
    /// What the base knows of it.
    pub entry: Entry,
    /// What an import kept of itself; `None` for other acts, and where another version wrote it.
    pub import: Option<ImportDetails>,
}

/// Whether a commit can be taken back (R26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It stands.
    Stands,
    /// It was undone by that commit.
    UndoneBy(u64),
    /// What it changed is not kept any more.
    TooOld,
}

/// Every act, the newest first.
///
/// # Errors
/// The history cannot be read.
pub fn list(base: &Base) -> Result<Vec<Act>, FlowError> {
    Ok(base.history()?.into_iter().map(Act::new).collect())
}

/// The act of a number.
///
/// # Errors
/// [`BaseError::NoSuchCommit`](crate::base::BaseError::NoSuchCommit), or the history cannot be read.
pub fn act(base: &Base, number: u64) -> Result<Act, FlowError> {
    Ok(Act::new(base.entry(number)?))
}

impl Act {
    fn new(entry: Entry) -> Act {
        let import = (entry.kind == Kind::Import).then(|| serde_json::from_str(&entry.details).ok()).flatten();
        Act { entry, import }
    }

    /// What kind of act it was: `import`, `undo of 3`.
    pub fn kind(&self) -> String {
        match self.entry.kind {
            Kind::Undo { of } => format!("undo of {of}"),
            kind => word(kind).to_owned(),
        }
    }

    /// Its name in a sentence: `import 7`, `undo 8 of 7`.
    pub fn name(&self) -> String {
        let number = self.entry.number();
        match self.entry.kind {
            Kind::Undo { of } => format!("undo {number} of {of}"),
            kind => format!("{} {number}", word(kind)),
        }
    }

    /// When it was.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.entry.when).unwrap_or_default()
    }

    /// Who did it: `ops (Kathryn) from 192.0.2.7`.
    pub fn who(&self) -> String {
        let who = self.entry.who.clone();
        Who { user: who.user, ssh: who.ssh_client, name: who.as_name }.to_string()
    }

    /// The name of its file.
    pub fn file(&self) -> Option<&str> {
        self.import.as_ref().map(|import| import.file.name.as_str())
    }

    /// What it was about, for a list: the name of its file, or the ID of the record that a person changed.
    pub fn about(&self) -> String {
        let details: Option<serde_json::Value> = serde_json::from_str(&self.entry.details).ok();
        let id = || Some(details?.get("id")?.as_str()?.to_owned());
        self.file().map(str::to_owned).or_else(id).unwrap_or_default()
    }

    /// Whether it can be taken back.
    pub fn state(&self) -> State {
        match (self.entry.undone_by, self.entry.too_old) {
            (Some(by), _) => State::UndoneBy(by),
            (None, true) => State::TooOld,
            (None, false) => State::Stands,
        }
    }
}

/// The word for a kind of act.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Import => "import",
        Kind::Undo { .. } => "undo",
        Kind::Edit => "edit",
        Kind::Delete => "deletion",
        Kind::Adopt => "handover",
    }
}
