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

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::engine::{Engine, KeyedPage, Pages, Snapshot, Table, Writer};
use super::error::BaseError;

/// The largest value given to a store.
pub const PIECE: usize = 6 << 10;

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

/// What recovery removes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sweep {
    /// The versions of the pending commit, and those that a newer one has made superfluous: at the start, without readers.
    All,
    /// The versions of the pending commit alone.
    Pending,
}

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

    fn recover(&self, sweep: Sweep) -> Result<(), BaseError> {
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
    fn find_older(&self, table: Table, low: &[u8], commit: u64, doomed: &mut Doomed) -> Result<(), BaseError> {
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

    /// Removes versions, durably, and only then the markers that hide them.
    fn remove(&self, doomed: &Doomed) -> Result<(), BaseError> {
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

/// Entries to be removed.
#[derive(Default)]
struct Doomed {
    versions: Vec<(Table, Vec<u8>)>,
    /// Those that say that a page was removed. Were one to go before the older versions, these would come back.
    markers: Vec<(Table, Vec<u8>)>,
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
                return Err(BaseError::Engine("the last commit may or may not be stored".to_owned()));
            }
            if inner.state.commit != expected {
                return Err(BaseError::Moved { expected, head: inner.state.commit });
            }
            State { pending: Some(next), ..inner.state.clone() }
        };
        self.shared.inner().state.pending = Some(next);
        self.shared.set_state(&state)?;
        self.shared.store.flush()?;
        Ok(Box::new(Pending { engine: self, commit: next, written: Mutex::default() }))
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

/// A commit on its way.
struct Pending<'a, S: Store> {
    engine: &'a Versions<S>,
    commit: u64,
    written: Mutex<Written>,
}

impl<S: Store> Writer for Pending<'_, S> {
    fn put(&self, table: Table, key: &[u8], page: Option<&[u8]>) -> Result<(), BaseError> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).push((table, key.to_vec()));
        let store = &self.engine.shared.store;
        let page = page.unwrap_or_default();
        store.insert(table, &entry_key(key, self.commit, 0), &page[..page.len().min(PIECE)])?;
        for (n, piece) in page.chunks(PIECE).enumerate().skip(1) {
            let n = u16::try_from(n).map_err(|_| BaseError::Invalid("a page of over 400 MB".to_owned()))?;
            store.insert(table, &entry_key(key, self.commit, n), piece)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, head: &[u8]) -> Result<(), BaseError> {
        let shared = &self.engine.shared;
        shared.store.flush()?;
        let state = State { commit: self.commit, head: head.to_vec(), pending: None, left_over: true };
        let done = shared.set_state(&state).and_then(|()| shared.store.flush());
        let mut inner = shared.inner();
        match done {
            Ok(()) => {
                let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
                inner.superseded.push_back((self.commit, written));
                inner.state = state;
                Ok(())
            }
            Err(error) => {
                inner.uncertain = true;
                Err(error)
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
            let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
            for (table, low) in written {
                for entry in shared.store.up(table, &entry_key(&low, self.commit, 0)) {
                    let (key, _) = entry?;
                    let place = Place::of(table, key.as_ref())?;
                    if place.low != low || place.commit != self.commit {
                        break;
                    }
                    shared.store.remove(table, key.as_ref())?;
                }
            }
            shared.store.flush()?;
            shared.set_state(&state)
        };
        match take_back() {
            Ok(()) => shared.inner().state = state,
            Err(error) => tracing::error!(%error, "a commit could not be taken back; the next start does it"),
        }
    }
}

/// One commit to read.
struct Reader<S: Store> {
    shared: Arc<Shared<S>>,
    commit: u64,
    head: Vec<u8>,
}

impl<S: Store> Drop for Reader<S> {
    fn drop(&mut self) {
        let mut inner = self.shared.inner();
        if let Some(count) = inner.readers.get_mut(&self.commit) {
            *count -= 1;
            if *count == 0 {
                inner.readers.remove(&self.commit);
            }
        }
    }
}

impl<S: Store> Snapshot for Reader<S> {
    fn head(&self) -> &[u8] {
        &self.head
    }

    fn pages(self: Arc<Self>, table: Table, from: &[u8]) -> Pages {
        let first = match self.floor(table, from) {
            Ok(first) => first,
            Err(error) => return Box::new(std::iter::once(Err(error))),
        };
        let after = match &first {
            Some((low, _)) => entry_key(low, u64::MAX, u16::MAX),
            None => Vec::new(),
        };
        let mut upwards: Option<Upwards<S>> = None;
        let others = std::iter::from_fn(move || {
            upwards.get_or_insert_with(|| Upwards::new(self.clone(), table, &after)).next().transpose()
        });
        Box::new(first.into_iter().map(Ok).chain(others))
    }
}

impl<S: Store> Reader<S> {
    /// The page with the greatest key not above `key`.
    fn floor(&self, table: Table, key: &[u8]) -> Result<Option<KeyedPage>, BaseError> {
        let mut pieces: Vec<S::Bytes> = Vec::new();
        let mut removed: Option<Vec<u8>> = None;
        for entry in self.shared.store.down(table, &entry_key(key, u64::MAX, u16::MAX)) {
            let (key, value) = entry?;
            let place = Place::of(table, key.as_ref())?;
            if place.commit > self.commit || removed.as_ref() == Some(&place.low) {
                continue;
            }
            if value.as_ref().is_empty() {
                removed = Some(place.low);
                continue;
            }
            pieces.push(value);
            if place.piece == 0 {
                let page = pieces.iter().rev().flat_map(|piece| piece.as_ref()).copied();
                let page = if pieces.len() == 1 { pieces[0].as_ref().to_vec() } else { page.collect() };
                return Ok(Some((place.low, page)));
            }
        }
        Ok(None)
    }
}

/// Reads pages upwards.
struct Upwards<S: Store> {
    reader: Arc<Reader<S>>,
    table: Table,
    entries: Box<dyn Iterator<Item = Entry<S::Bytes>> + Send>,
    /// The first entry of the next page, already taken.
    ahead: Option<(Place, S::Bytes)>,
}

impl<S: Store> Upwards<S> {
    fn new(reader: Arc<Reader<S>>, table: Table, from: &[u8]) -> Upwards<S> {
        let entries = reader.shared.store.up(table, from);
        Upwards { reader, table, entries, ahead: None }
    }

    fn next(&mut self) -> Result<Option<KeyedPage>, BaseError> {
        loop {
            let Some((first, value)) = self.take()? else { return Ok(None) };
            let low = first.low.clone();
            let mut page = Vec::new();
            self.add(&first, value, &mut page);
            while let Some((place, value)) = self.take()? {
                if place.low != low {
                    self.ahead = Some((place, value));
                    break;
                }
                self.add(&place, value, &mut page);
            }
            if !page.is_empty() {
                return Ok(Some((low, page)));
            }
        }
    }

    fn add(&self, place: &Place, value: S::Bytes, page: &mut Vec<u8>) {
        if place.commit <= self.reader.commit {
            if place.piece == 0 {
                page.clear();
            }
            page.extend_from_slice(value.as_ref());
        }
    }

    fn take(&mut self) -> Result<Option<(Place, S::Bytes)>, BaseError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let (key, value) = entry?;
        Ok(Some((Place::of(self.table, key.as_ref())?, value)))
    }
}

/// What the key of an entry says.
struct Place {
    low: Vec<u8>,
    commit: u64,
    piece: u16,
}

impl Place {
    fn of(table: Table, key: &[u8]) -> Result<Place, BaseError> {
        let damaged = || BaseError::damaged(format!("table {} has a key that is none", table.name()));
        let (rest, piece) = key.split_last_chunk::<2>().ok_or_else(damaged)?;
        let (rest, commit) = rest.split_last_chunk::<8>().ok_or_else(damaged)?;
        let escaped = rest.strip_suffix(&[0, 0]).ok_or_else(damaged)?;
        let mut low = Vec::with_capacity(escaped.len());
        for (n, part) in escaped.split(|b| *b == 0).enumerate() {
            if n > 0 {
                low.push(0);
            }
            low.extend_from_slice(if n > 0 { part.strip_prefix(&[0xff]).ok_or_else(damaged)? } else { part });
        }
        Ok(Place { low, commit: u64::from_be_bytes(*commit), piece: u16::from_be_bytes(*piece) })
    }
}

fn entry_key(low: &[u8], commit: u64, piece: u16) -> Vec<u8> {
    let mut key = Vec::with_capacity(low.len() + 16);
    for (n, part) in low.split(|b| *b == 0).enumerate() {
        if n > 0 {
            key.extend_from_slice(&[0, 0xff]);
        }
        key.extend_from_slice(part);
    }
    key.extend_from_slice(&[0, 0]);
    key.extend_from_slice(&commit.to_be_bytes());
    key.extend_from_slice(&piece.to_be_bytes());
    key
}
