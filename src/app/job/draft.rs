//! What is asked and answered about drafts: the imports that are not finished.

use std::path::PathBuf;

use super::Slot;
use crate::flow::draft::Offer;
use crate::home::draft::Draft;

/// Something about drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftJob {
    /// List the drafts for the base; answered by [`DraftReport::Offers`].
    List {
        /// Whether a person asked, who then wants to hear that there are none.
        asked: bool,
    },
    /// Open a draft to go on with it; answered by [`DraftReport::GoneOn`].
    GoOn(PathBuf),
    /// Throw a draft away; answered by [`DraftReport::ThrownAway`].
    ThrowAway(PathBuf),
    /// Bring what was kept to the disk; answered by [`DraftReport::Saved`].
    Sync,
}

impl DraftJob {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        match self {
            DraftJob::Sync => Slot::Saving,
            _ => Slot::Draft,
        }
    }
}

/// Answers about drafts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftReport {
    /// The drafts for the base, the newest first, and whether a person asked.
    Offers(Vec<Offer>, bool),
    /// The draft, as it was left.
    GoneOn(Box<Draft>),
    /// It is gone.
    ThrownAway,
    /// Everything that was kept is on the disk.
    Saved,
}
