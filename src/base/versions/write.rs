//! Writing a commit beside the older ones.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry::entry_key;
use super::sweep::Doomed;
use super::{PIECE, State, Store, Versions, Written};
use crate::base::engine::{Table, Writer};
use crate::base::error::BaseError;

/// How many entries of a table are written together: enough that most leaves get all their keys before the first value.
const GROUP: usize = 256;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A commit on its way. Dropped before it is finished, it is taken back.
pub(super) struct Pending<'a, S: Store> {
    engine: &'a Versions<S>,
    commit: u64,
    written: Mutex<Written>,
    groups: [Mutex<Group>; Table::ALL.len()],
}

/// Entries of one table that wait to be written together, in the order in which they came.
type Group = Vec<(Vec<u8>, Vec<u8>)>;

impl<'a, S: Store> Pending<'a, S> {
    /// The writer of a commit that the state names as pending.
    pub(super) fn new(engine: &'a Versions<S>, commit: u64) -> Pending<'a, S> {
        Pending { engine, commit, written: Mutex::default(), groups: Default::default() }
    }

    /// Writes the keys first, then the values. A tree of pages in a log, as sled is, writes a leaf whole each time it
    /// splits and after every few entries; while the keys come, there is next to nothing in it.
    fn write(&self, table: Table, group: &mut Group) -> Result<(), BaseError> {
        let store = &self.engine.shared.store;
        group.iter().try_for_each(|(key, _)| store.insert(table, key, &[]))?;
        let valued = group.iter().filter(|(_, value)| !value.is_empty());
        valued.into_iter().try_for_each(|(key, value)| store.insert(table, key, value))?;
        group.clear();
        Ok(())
    }
}

impl<S: Store> Writer for Pending<'_, S> {
    fn put(&self, table: Table, key: &[u8], page: Option<&[u8]>) -> Result<(), BaseError> {
        locked(&self.written).push((table, key.to_vec()));
        let mut group = locked(&self.groups[table as usize]);
        let page = page.unwrap_or_default();
        group.push((entry_key(key, self.commit, 0), page[..page.len().min(PIECE)].to_vec()));
        for (n, piece) in page.chunks(PIECE).enumerate().skip(1) {
            let n = u16::try_from(n).map_err(|_| BaseError::Invalid("a page of over 1 GB".to_owned()))?;
            group.push((entry_key(key, self.commit, n), piece.to_vec()));
        }
        if group.len() < GROUP { Ok(()) } else { self.write(table, &mut group) }
    }

    fn finish(self: Box<Self>, head: &[u8]) -> Result<(), BaseError> {
        for (table, group) in Table::ALL.into_iter().zip(&self.groups) {
            self.write(table, &mut locked(group))?;
        }
        let shared = &self.engine.shared;
        shared.store.flush()?;
        let state = State { commit: self.commit, head: head.to_vec(), pending: None, left_over: true };
        let done = shared.set_state(&state).and_then(|()| shared.store.flush());
        let mut inner = shared.inner();
        match done {
            Ok(()) => {
                let written = std::mem::take(&mut *locked(&self.written));
                inner.superseded.push_back((self.commit, written));
                inner.state = state;
                Ok(())
            }
            Err(error) => {
                inner.uncertain = true;
                Err(BaseError::Uncertain(error.to_string()))
            }
        }
    }
}

/// Takes back what was written, unless the commit was finished. If that fails too, the state still names the pending
/// commit, and the next writer or the next start takes it back.
impl<S: Store> Drop for Pending<'_, S> {
    fn drop(&mut self) {
        let shared = &self.engine.shared;
        let state = {
            let inner = shared.inner();
            if inner.uncertain || inner.state.pending != Some(self.commit) {
                return;
            }
            State { pending: None, ..inner.state.clone() }
        };
        let take_back = || {
            let written = std::mem::take(&mut *locked(&self.written));
            let mut doomed = Doomed::default();
            for (table, low) in written {
                self.engine.find_version(table, &low, self.commit, &mut doomed)?;
            }
            self.engine.remove(&doomed)?;
            shared.set_state(&state)
        };
        match take_back() {
            Ok(()) => shared.inner().state = state,
            Err(error) => tracing::error!(%error, "a commit could not be taken back; the next start does it"),
        }
    }
}
