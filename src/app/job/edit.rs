//! What a person does to single records: asked, shown, done, taken back.

use super::Slot;
use crate::flow::delete::Deletion;
use crate::flow::edit::{Draft, Review, Saved};
use crate::model::fields::Entity;

/// An act of a person on a record, or a step towards it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditJob {
    /// Find organizations whose Account ID begins with that text, or that a search for it finds; answered by
    /// [`EditReport::Offers`].
    Offer(String),
    /// Ask the base what would become of a draft; answered by [`EditReport::Reviewed`].
    Review(Box<Draft>),
    /// Save a draft; answered by [`EditReport::Saved`].
    Save(Box<Draft>),
    /// Say what a deletion would do; answered by [`EditReport::Asked`].
    AskDelete(Entity, String),
    /// Delete; answered by [`EditReport::Deleted`], or asked about anew if the base has changed.
    Delete(Deletion),
    /// Hand the organization of that Account ID over to imports (R13); answered by [`EditReport::HandedOver`].
    HandOver(String),
    /// Take the act of that commit back; answered by [`EditReport::TakenBack`].
    TakeBack(u64),
}

impl EditJob {
    /// The slot in which it runs.
    pub fn slot(&self) -> Slot {
        if matches!(self, EditJob::Offer(_)) { Slot::Offers } else { Slot::Edit }
    }
}

/// An answer about an act on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditReport {
    /// Organizations for a text.
    Offers(Offers),
    /// What would become of the draft.
    Reviewed(Box<Review>),
    /// What became of it.
    Saved(Box<Saved>),
    /// What a deletion would do. The flag says that the base has changed since the person was asked.
    Asked(Deletion, bool),
    /// The record is deleted, by that commit.
    Deleted(u64),
    /// The organization is handed over by that commit; `None` if it was already.
    HandedOver(Option<u64>),
    /// The act of the first number was taken back: by that commit, or why it was not.
    TakenBack(u64, Result<u64, String>),
}

/// Organizations that a person may mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// What was typed.
    pub text: String,
    /// The name of the organization with exactly that Account ID; `None` if there is none.
    pub exact: Option<String>,
    /// Account ID and name of a few.
    pub found: Vec<(String, String)>,
}
