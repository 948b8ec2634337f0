//! Reading one commit: of each page the newest version that is not above it.

use std::sync::Arc;

use super::entry::{Place, entry_key};
use super::{Entry, Shared, Store};
use crate::base::engine::{KeyedPage, Pages, Snapshot, Table};
use crate::base::error::BaseError;

/// One commit to read.
pub(super) struct Reader<S: Store> {
    pub shared: Arc<Shared<S>>,
    pub commit: u64,
    pub head: Vec<u8>,
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
                let page = pieces.iter().rev().flat_map(AsRef::as_ref).copied();
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
