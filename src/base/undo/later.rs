//! What became of the records of a commit: how they were right after it, and what later commits did to them.

use std::sync::atomic::{AtomicBool, Ordering};

use super::since::{Since, State};
use crate::base::change::Put;
use crate::base::delta::{Delta, Verb};
use crate::base::engine::Table;
use crate::base::error::BaseError;
use crate::base::view::View;
use crate::model::fields::Entity;

/// A record right after a commit, and what happened to it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The record right after the commit; `None` if there was none.
    pub then: Option<Put>,
    /// The later commits that changed it, the newest first.
    pub since: Vec<(u64, Delta)>,
}

impl View {
    /// What became of a record after a commit. Cheap for a record that nobody has touched since; else a look into each
    /// later commit.
    ///
    /// # Errors
    /// [`BaseError::TooOld`] if what the commit changed is not kept any more.
    pub fn later(&self, number: u64, entity: Entity, id: &str) -> Result<Later, BaseError> {
        // Says whether the deltas are there.
        self.delta_reader(number, entity)?;
        let now = self.get(entity, id)?;
        if let Some(record) = now.as_ref().filter(|record| record.changed <= number) {
            return Ok(Later { then: Some(Put::from(record.clone())), since: Vec::new() });
        }
        let mut taken_back = Since::new(now.map(State::from));
        let mut walker = self.walker(Table::Deltas);
        let mut since = Vec::new();
        for commit in (number + 1..=self.head().commit).rev() {
            if let Some(delta) = View::delta_of(&mut walker, commit, entity, id)? {
                taken_back.take_back(commit, delta.what.clone());
                since.push((commit, delta));
            }
        }
        Ok(Later { then: taken_back.then(), since })
    }

    /// The IDs of the records that a commit changed and a later one changed again, in ascending order.
    ///
    /// # Errors
    /// As [`View::later`]; [`BaseError::Cancelled`].
    pub fn touched_again(&self, number: u64, entity: Entity, cancel: &AtomicBool) -> Result<Vec<String>, BaseError> {
        let mut reader = self.delta_reader(number, entity)?;
        let mut stored = self.cursor(entity);
        let mut ids = Vec::new();
        while let Some((id, verb)) = reader.next_verb()? {
            if cancel.load(Ordering::Relaxed) {
                return Err(BaseError::Cancelled);
            }
            let changed = stored.get(id)?.map(|record| record.changed);
            if changed.map_or(verb != Verb::Deleted, |changed| changed > number) {
                ids.push(id.to_owned());
            }
        }
        Ok(ids)
    }
}
