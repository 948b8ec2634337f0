//! What the history asks and is answered. Of an act's records never more than a window crosses to the app.

use super::Slot;
use crate::base::Counts;
use crate::flow::history::State;
use crate::flow::records::Part;
use crate::flow::rejects::Rejects;
use crate::model::fields::Entity;

/// Something about the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryJob {
    /// List every act; answered by [`HistoryReport::Acts`].
    List,
    /// Load records of an act; answered by [`HistoryReport::Records`].
    Records(RecordsWanted),
    /// Tell all about one record of an act; answered by [`HistoryReport::Story`].
    Story {
        /// The number of the act.
        number: u64,
        /// Whose ID it is.
        entity: Entity,
        /// The Contact ID or Account ID.
        id: String,
    },
    /// Work out what taking an act back would do; answered by [`HistoryReport::Undo`].
    PlanUndo(u64),
    /// Take an act back; answered by [`HistoryReport::Undone`], or by [`HistoryReport::Undo`] if that would not do any more what
    /// was told.
    Undo(Box<UndoView>),
    /// Save the rejects of an act as a new file, named like a path that a person types; answered by [`HistoryReport::Saved`].
    SaveRejects(u64, String),
}

impl HistoryJob {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            HistoryJob::List => Slot::Acts,
            HistoryJob::Records(_) => Slot::Records,
            HistoryJob::Story { .. } => Slot::Story,
            HistoryJob::PlanUndo(_) | HistoryJob::Undo(_) => Slot::Undo,
            HistoryJob::SaveRejects(..) => Slot::Save,
        }
    }
}

/// Answers about the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryReport {
    /// Every act, the newest first.
    Acts(Vec<ActView>),
    /// Part of the records of an act.
    Records(RecordsFound),
    /// All about one record: a title, and lines.
    Story(String, Vec<String>),
    /// What taking an act back would do.
    Undo(Box<UndoView>),
    /// An act was taken back, by the act of that number.
    Undone(Box<UndoView>, u64),
    /// The rejects were saved as this file.
    Saved(String),
}

/// An act, for its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActView {
    /// Its number.
    pub number: u64,
    /// Its name in a sentence: `import 7`.
    pub name: String,
    /// What it was: `import`, `undo of 3`.
    pub kind: String,
    /// Its file, or the ID of the record that a person changed; may be empty. Foreign text.
    pub about: String,
    /// When it was, here.
    pub when: String,
    /// Who did it. Foreign text.
    pub who: String,
    /// How many contacts it changed.
    pub contacts: Counts,
    /// How many organizations it changed.
    pub organizations: Counts,
    /// How many rows of its file it held and rejected.
    pub left_out: [u64; 2],
    /// What there is of these rows.
    pub rejects: Rejects,
    /// A name for their file that is free; empty if they are not kept.
    pub save_as: String,
    /// Whether it can be taken back.
    pub state: State,
}

/// Which records of an act are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordsWanted {
    /// The number of the act.
    pub number: u64,
    /// Which of its records.
    pub part: Part,
    /// The first one, from 0.
    pub first: usize,
    /// How many at most.
    pub count: usize,
}

/// Part of the records of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsFound {
    /// The number of the act.
    pub number: u64,
    /// Which of its records.
    pub part: Part,
    /// The number of the first of `rows`, from 0.
    pub first: usize,
    /// The records.
    pub rows: Vec<RecordRow>,
    /// How many there are.
    pub total: usize,
}

/// A record of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Whose ID it is.
    pub entity: Entity,
    /// The Contact ID or Account ID.
    pub id: String,
    /// The cells: ID, name, what happened, line. Foreign text.
    pub cells: [String; 4],
    /// What happened, field by field.
    pub changes: Vec<String>,
}

/// What taking an act back would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoView {
    /// The number of the act.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// How many contacts would change.
    pub contacts: Counts,
    /// How many organizations would change.
    pub organizations: Counts,
    /// How many values block.
    pub blocked: u64,
    /// The first of them: record, ID, field, why. Foreign text.
    pub blockers: Vec<[String; 4]>,
}

impl UndoView {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        [self.contacts, self.organizations] == [Counts::default(); 2]
    }
}
