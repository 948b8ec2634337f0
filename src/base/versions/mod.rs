//! All-or-nothing commits and whole readers on a store that has neither.
//!
//! Every page is kept under its key **and the number of the commit that wrote it**. A commit writes its pages beside the
//! older ones, so nothing has to be copied for going back, and a reader keeps to the newest version that is not above
//! the commit it reads. The steps of a commit, each durable before the next:
//!
//! 1. the state says which commit is pending
//! 2. the pages of the commit
//! 3. **the commit point:** the state says that the commit is the newest, and that older versions may be left over
//! 4. older versions go, as soon as no reader needs them; the state says that none are left
//!
//! Opening a store whose state has a pending commit removes its versions; opening one with left-over versions removes
//! those. Both may be interrupted and done again.
//!
//! A page larger than [`PIECE`] lies in several entries, because the store does not bear large ones. An empty value says
//! that the page was removed. The key of an entry is
//! `page key, each 00 as 00 FF · 00 00 · commit (8, big-endian) · piece (2, big-endian)`, so versions of a page lie side by side.

mod entry;
mod read;
pub mod rescue;
mod sweep;
mod write;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use read::Reader;
use sweep::{Doomed, Sweep};
use write::Pending;

use crate::base::engine::{Engine, Snapshot, Table, Writer};
use crate::base::error::BaseError;

/// The largest value given to a store.
pub const PIECE: usize = 16 << 10;

/// An entry of a store.
pub type Entry<B> = Result<(B, B), BaseError>;

/// A plain ordered store: no transactions, no snapshots.
pub trait Store: Send + Sync + 'static {
    /// Stored bytes.
    type Bytes: AsRef<[u8]> + Send;

    /// Writes an entry.
    fn insert(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BaseError>;

    /// Removes an entry if it exists.
    fn remove(&self, table: Table, key: &[u8]) -> Result<(), BaseError>;

    /// The entries from `from` upwards.
    fn up(&self, table: Table, from: &[u8]) -> Box<dyn Iterator<Item = Entry<Self::Bytes>> + Send>;

    /// The entries below `below`, downwards.
    fn down(&self, table: Table, below: &[u8]) -> Box<dyn Iterator<Item = Entry<Self::Bytes>> + Send>;

    /// The state last written; empty if there is none.
    fn state(&self) -> Result<Vec<u8>, BaseError>;

    /// Writes the state, whole or not at all.
    fn set_state(&self, state: &[u8]) -> Result<(), BaseError>;

    /// When it returns, all that was written before survives a power cut.
    fn flush(&self) -> Result<(), BaseError>;

    /// See [`Engine::check_space`].
    fn check_space(&self, bytes: u64) -> Result<(), BaseError>;
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    commit: u64,
    head: Vec<u8>,
    pending: Option<u64>,
    left_over: bool,
}

/// The engine made of a [`Store`].
pub struct Versions<S: Store> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    store: S,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    state: State,
    /// How many snapshots read each commit.
    readers: BTreeMap<u64, usize>,
    /// Pages of which a commit has made older versions superfluous, oldest commit first.
    superseded: VecDeque<(u64, Written)>,
    /// Set when a commit point may or may not have been reached: only a new start can tell.
    uncertain: bool,
}

type Written = Vec<(Table, Vec<u8>)>;

impl<S: Store> Shared<S> {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_state(&self, state: &State) -> Result<(), BaseError> {
        let bytes = postcard::to_stdvec(state).map_err(|e| BaseError::Engine(e.to_string()))?;
        self.store.set_state(&bytes)
    }
}

impl<S: Store> Versions<S> {
    /// Opens a store and finishes or takes back what a crash has left.
    pub fn open(store: S) -> Result<Versions<S>, BaseError> {
        let bytes = store.state()?;
        let state = match bytes.as_slice() {
            [] => State::default(),
            bytes => postcard::from_bytes(bytes).map_err(|_| BaseError::damaged("its state cannot be read"))?,
        };
        let shared = Arc::new(Shared { store, inner: Mutex::new(Inner { state, ..Inner::default() }) });
        let engine = Versions { shared };
        let state = engine.shared.inner().state.clone();
        if state.pending.is_some() || state.left_over {
            engine.recover(Sweep::All)?;
        }
        Ok(engine)
    }
}

impl<S: Store> Engine for Versions<S> {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        let mut inner = self.shared.inner();
        let (commit, head) = (inner.state.commit, inner.state.head.clone());
        *inner.readers.entry(commit).or_default() += 1;
        Arc::new(Reader { shared: self.shared.clone(), commit, head })
    }

    fn begin(&self, expected: u64, next: u64) -> Result<Box<dyn Writer + '_>, BaseError> {
        if self.shared.inner().state.pending.is_some() {
            self.recover(Sweep::Pending)?;
        }
        let state = {
            let inner = self.shared.inner();
            if inner.uncertain {
                return Err(BaseError::Uncertain("the commit before it could not be finished".to_owned()));
            }
            if inner.state.commit != expected {
                return Err(BaseError::Moved { expected, head: inner.state.commit });
            }
            State { pending: Some(next), ..inner.state.clone() }
        };
        self.shared.inner().state.pending = Some(next);
        self.shared.set_state(&state)?;
        self.shared.store.flush()?;
        Ok(Box::new(Pending::new(self, next)))
    }

    fn tidy(&self) -> Result<(), BaseError> {
        loop {
            let mut inner = self.shared.inner();
            let oldest = inner.readers.keys().next().copied().unwrap_or(u64::MAX);
            if inner.superseded.front().is_none_or(|(commit, _)| *commit > oldest) {
                break;
            }
            let Some((commit, written)) = inner.superseded.pop_front() else { break };
            drop(inner);
            let mut doomed = Doomed::default();
            for (table, low) in written {
                self.find_older(table, &low, commit, &mut doomed)?;
            }
            self.remove(&doomed)?;
        }
        let mut inner = self.shared.inner();
        if inner.superseded.is_empty() && inner.state.left_over {
            inner.state.left_over = false;
            self.shared.set_state(&inner.state)?;
        }
        Ok(())
    }

    fn check_space(&self, bytes: u64) -> Result<(), BaseError> {
        self.shared.store.check_space(bytes)
    }
}
