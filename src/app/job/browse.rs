//! What Browse asks and is answered. Of the list never more than a window crosses to the app.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::flow::history::Act;
use crate::flow::show::Step;
use crate::home::clock;
use crate::model::fields::{Catalog, Entity};
use crate::model::record::Record;
use crate::model::settings::Reading;
use crate::search::{Query, Sort};

/// What to look for, and which part of the hits to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What was typed; empty finds everything.
    pub query: String,
    /// Contacts or organizations.
    pub entity: Entity,
    /// Only members of the organization with this Account ID.
    pub member_of: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// The number of the first hit to bring, from 0.
    pub first: usize,
    /// How many to bring at most.
    pub count: usize,
    /// Rather those around the record of this ID, if it is a hit.
    pub around: Option<String>,
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
    /// What was searched for; empty for everything.
    pub query: Arc<Query>,
    /// The order of the hits.
    pub sort: Sort,
    /// The number of the first of `hits` among all hits, from 0.
    pub first: usize,
    /// The hits, in order.
    pub hits: Vec<Hit>,
    /// How many hits there are, as far as they are counted.
    pub total: usize,
    /// Whether they are still being counted; then the same hits come once more, with their number.
    pub counting: bool,
    /// Whether they match only because one typo was forgiven.
    pub typo: bool,
    /// Whether only a part of the base could be searched, because it is still being indexed.
    pub partial: bool,
    /// How long the search took.
    pub took: Duration,
}

/// One record of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hit {
    /// The Contact ID or Account ID.
    pub id: String,
    /// The record itself, so that its details show without another job.
    pub record: Record,
    /// The name of a contact's organization.
    pub organization: Option<String>,
}

/// What is known of the base beside its records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The custom fields.
    pub catalog: Arc<Catalog>,
    /// How what a person types is read: of which country phones are.
    pub reading: Reading,
    /// What made each commit, by its number.
    pub acts: BTreeMap<u64, ActName>,
}

/// What made a commit, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActName {
    /// `import 7`.
    pub name: String,
    /// The name of its file; empty if it had none.
    pub file: String,
    /// Who did it: `ops (Kathryn)`.
    pub who: String,
    /// When, in local time: `2026-11-22 10:14`.
    pub when: String,
}

impl ActName {
    /// The words for an act.
    pub fn of(act: &Act) -> ActName {
        ActName {
            name: act.name(),
            file: act.file().unwrap_or_default().to_owned(),
            who: act.who(),
            when: clock::local(act.at()),
        }
    }
}

impl Known {
    /// How a record was last changed: `2026-11-22 10:14 by import 7, office-mart.csv line 2`. What differs between neighbours comes
    /// last, as a slow line is sent only that.
    pub fn last_change(&self, record: &Record) -> String {
        let (when, act) = self.act(record.changed, record.line);
        format!("{when} by {act}").trim_start().to_owned()
    }

    /// What a commit did to a record: `2026-11-22 10:14 import 7, office-mart.csv line 2: Title`.
    pub fn step(&self, step: &Step) -> String {
        let (when, act) = self.act(step.commit, step.line);
        format!("{when} {act}: {}", step.what).trim_start().to_owned()
    }

    /// When a commit was, empty if that is not known; the commit, and the line of its file, in words.
    fn act(&self, commit: u64, line: u32) -> (&str, String) {
        let Some(ActName { name, file, who, when }) = self.acts.get(&commit) else {
            return ("", format!("commit {commit}"));
        };
        let act = match (file.as_str(), line) {
            ("", _) => format!("{name}, {who}"),
            (file, 0) => format!("{name}, {file}"),
            (file, line) => format!("{name}, {file} line {line}"),
        };
        (when, act)
    }
}
