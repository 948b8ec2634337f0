//! What is asked and answered about doubts: what needs a person's consent though no rows disagree. Only a window crosses.

use super::Slot;
use crate::reconcile::conflict::Fingerprint;
use crate::reconcile::decision::{Consent, Subject};
use crate::reconcile::doubt::DoubtKind;

/// Something about the doubts of the plan; those of a kind are numbered from 0 in the plan's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoubtJob {
    /// Load doubts; answered by [`DoubtReport::Found`].
    Load {
        /// The kind.
        kind: DoubtKind,
        /// The first one.
        first: usize,
        /// How many at most.
        count: usize,
    },
    /// Give the same consent to these, or, without numbers, to all of the kind; answered by [`DoubtReport::Settled`].
    Settle(DoubtKind, Consent, Option<Vec<usize>>),
}

impl DoubtJob {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            DoubtJob::Load { .. } => Slot::Rows,
            DoubtJob::Settle(..) => Slot::Import,
        }
    }
}

/// Answers about doubts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoubtReport {
    /// Doubts of a kind, from a number on.
    Found(DoubtKind, usize, Vec<DoubtView>),
    /// What a consent is given to.
    Settled(Consent, Vec<(Subject, Fingerprint)>),
}

/// A doubt, for its screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubtView {
    /// What it is about.
    pub subject: Subject,
    /// What a consent is given to.
    pub fingerprint: Fingerprint,
    /// What happens if nobody says anything; `None`: the rows wait.
    pub usual: Option<Consent>,
    /// The name that the base holds; empty if the record was deleted. Foreign text.
    pub stored_name: String,
    /// The name that the file says; empty if it says none. Foreign text.
    pub file_name: String,
    /// The number of the row that brings it, from 0, and its line.
    pub row: (u32, u32),
    /// How many rows do.
    pub rows: u32,
    /// The fields: of a hand edit the one that it is about, else all, those that differ first.
    pub fields: Vec<DoubtField>,
}

/// A field of a doubt. Values are foreign text; `None` is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubtField {
    /// Its name.
    pub label: String,
    /// For a hand edit, what a file brought last.
    pub last: Option<String>,
    /// What the base holds.
    pub stored: Option<String>,
    /// What the file says.
    pub file: Option<String>,
    /// Whether the last two differ.
    pub differs: bool,
}
