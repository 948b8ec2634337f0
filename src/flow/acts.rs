//! What made each commit, in the words that stand beside a record: "import 7, office-mart.csv line 2, 2026-11-22 10:14".

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::base::{BaseError, Entry, Kind, View};
use crate::home::clock;
use crate::model::record::Record;
use crate::report::json::ImportRef;

/// Every commit of the history by its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acts(BTreeMap<u64, Act>);

/// A commit, to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What kind of act it was.
    pub kind: Kind,
    /// Who did it.
    pub user: String,
    /// The name of the file of an import.
    pub file: String,
    /// When.
    pub at: Timestamp,
}

/// The part of [`super::import::ImportDetails`] that names the file.
#[derive(Deserialize)]
struct Details {
    file: File,
}

#[derive(Deserialize)]
struct File {
    name: String,
}

impl Acts {
    /// Reads the history of a base.
    pub fn read(view: &View) -> Result<Acts, BaseError> {
        Ok(Acts(view.history()?.iter().map(|entry| (entry.number(), act(entry))).collect()))
    }

    /// A commit; `None` if the history has none of that number.
    pub fn get(&self, commit: u64) -> Option<&Act> {
        self.0.get(&commit)
    }

    /// The import that last changed a record; `None` if something else did.
    pub fn import_of(&self, record: &Record) -> Option<ImportRef<'_>> {
        let act = self.get(record.changed).filter(|act| act.kind == Kind::Import)?;
        Some(ImportRef { number: record.changed, file: &act.file, at: act.at })
    }

    /// How a record was last changed: `import 7, office-mart.csv line 2, 2026-11-22 10:14` (local time).
    pub fn last_change(&self, record: &Record) -> String {
        let number = record.changed;
        let Some(act) = self.get(number) else { return format!("commit {number}") };
        let what = match act.kind {
            Kind::Import if record.line > 0 => format!("import {number}, {} line {}", act.file, record.line),
            Kind::Import => format!("import {number}, {}", act.file),
            Kind::Undo { of } => format!("{} who undid {of}", act.user),
            Kind::Edit | Kind::Delete | Kind::Adopt => format!("{} by hand", act.user),
        };
        format!("{what}, {}", clock::local(act.at))
    }
}

fn act(entry: &Entry) -> Act {
    let details = serde_json::from_str::<Details>(&entry.details);
    Act {
        kind: entry.kind,
        user: entry.who.as_name.clone().unwrap_or_else(|| entry.who.user.clone()),
        file: details.map(|details| details.file.name).unwrap_or_default(),
        at: Timestamp::from_millisecond(entry.when).unwrap_or_default(),
    }
}
