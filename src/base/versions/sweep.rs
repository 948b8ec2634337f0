//! Removing versions of pages: those of a pending commit, and those that a newer one has made superfluous.

use super::entry::{Place, entry_key};
use super::{Store, Versions};
use crate::base::engine::Table;
use crate::base::error::BaseError;

/// What recovery removes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sweep {
    /// The versions of the pending commit, and those that a newer one has made superfluous: at the start, without readers.
    All,
    /// The versions of the pending commit alone.
    Pending,
}

/// Entries to be removed.
#[derive(Default)]
pub(super) struct Doomed {
    versions: Vec<(Table, Vec<u8>)>,
    /// Those that say that a page was removed. Were one to go before the older versions, these would come back.
    markers: Vec<(Table, Vec<u8>)>,
}

impl<S: Store> Versions<S> {
    /// Does what a crash, or a commit that could not be taken back, has left to do.
    pub(super) fn recover(&self, sweep: Sweep) -> Result<(), BaseError> {
        let mut state = self.shared.inner().state.clone();
        let mut doomed = Doomed::default();
        for table in Table::ALL {
            match sweep {
                Sweep::All => self.find_all(table, state.commit, &mut doomed)?,
                Sweep::Pending => self.find_pending(table, state.commit, &mut doomed)?,
            }
        }
        self.remove(&doomed)?;
        state.pending = None;
        state.left_over &= sweep == Sweep::Pending;
        self.shared.set_state(&state)?;
        self.shared.store.flush()?;
        self.shared.inner().state = state;
        Ok(())
    }

    fn find_pending(&self, table: Table, commit: u64, doomed: &mut Doomed) -> Result<(), BaseError> {
        for entry in self.shared.store.up(table, &[]) {
            let (key, _) = entry?;
            if Place::of(table, key.as_ref())?.commit > commit {
                doomed.versions.push((table, key.as_ref().to_vec()));
            }
        }
        Ok(())
    }

    /// Finds all but the newest version of each page that is not above `commit`; of a removed page, that too.
    fn find_all(&self, table: Table, commit: u64, doomed: &mut Doomed) -> Result<(), BaseError> {
        let mut versions: Vec<(Vec<u8>, Place, bool)> = Vec::new();
        let mut settle = |versions: &mut Vec<(Vec<u8>, Place, bool)>| {
            let newest = versions.iter().map(|(_, place, _)| place.commit).filter(|c| *c <= commit).max();
            for (key, place, marker) in versions.drain(..) {
                match (Some(place.commit) == newest, marker) {
                    (false, _) => doomed.versions.push((table, key)),
                    (true, true) => doomed.markers.push((table, key)),
                    (true, false) => {}
                }
            }
        };
        for entry in self.shared.store.up(table, &[]) {
            let (key, value) = entry?;
            let place = Place::of(table, key.as_ref())?;
            if versions.first().is_some_and(|(_, first, _)| first.low != place.low) {
                settle(&mut versions);
            }
            versions.push((key.as_ref().to_vec(), place, value.as_ref().is_empty()));
        }
        settle(&mut versions);
        Ok(())
    }

    /// Finds the versions of a page that its version of `commit` has made superfluous.
    pub(super) fn find_older(
        &self,
        table: Table,
        low: &[u8],
        commit: u64,
        doomed: &mut Doomed,
    ) -> Result<(), BaseError> {
        for entry in self.shared.store.up(table, &entry_key(low, 0, 0)) {
            let (key, value) = entry?;
            let place = Place::of(table, key.as_ref())?;
            if place.low != low || place.commit > commit {
                break;
            }
            if place.commit < commit {
                doomed.versions.push((table, key.as_ref().to_vec()));
            } else if value.as_ref().is_empty() {
                doomed.markers.push((table, key.as_ref().to_vec()));
            }
        }
        Ok(())
    }

    /// Finds the entries that a commit has written of a page.
    pub(super) fn find_version(
        &self,
        table: Table,
        low: &[u8],
        commit: u64,
        doomed: &mut Doomed,
    ) -> Result<(), BaseError> {
        for entry in self.shared.store.up(table, &entry_key(low, commit, 0)) {
            let (key, _) = entry?;
            let place = Place::of(table, key.as_ref())?;
            if place.low != low || place.commit != commit {
                break;
            }
            doomed.versions.push((table, key.as_ref().to_vec()));
        }
        Ok(())
    }

    /// Removes versions, durably, and only then the markers that hide them.
    pub(super) fn remove(&self, doomed: &Doomed) -> Result<(), BaseError> {
        let store = &self.shared.store;
        for part in [&doomed.versions, &doomed.markers] {
            part.iter().try_for_each(|(table, key)| store.remove(*table, key))?;
            if !part.is_empty() {
                store.flush()?;
            }
        }
        Ok(())
    }
}
