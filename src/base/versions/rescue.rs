//! What can be read of a damaged store, entry by entry, without trusting what it says of itself.

use super::entry::Place;
use super::{State, Store};
use crate::base::engine::Table;
use crate::base::error::BaseError;

/// The newest commit of a store and the bytes it was finished with, if the store still knows.
pub fn head<S: Store>(store: &S) -> Option<(u64, Vec<u8>)> {
    let state: State = postcard::from_bytes(&store.state().ok()?).ok()?;
    Some((state.commit, state.head))
}

/// Takes pages with their keys.
pub type See<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> Result<(), BaseError>;

/// Shows of each page of a table the newest version not above the commit `limit`. Where reading breaks off, it goes on from
/// the other end. What cannot be read is told to `lost`.
///
/// # Errors
/// Only those of `see`.
pub fn each_page<S: Store>(
    store: &S,
    table: Table,
    limit: u64,
    see: See<'_>,
    lost: &mut dyn FnMut(String),
) -> Result<(), BaseError> {
    let mut group = Group { limit, entries: Vec::new() };
    let mut last = Vec::new();
    let mut broken = false;
    for entry in store.up(table, &[]) {
        let Ok((key, value)) = entry else {
            lost(format!("{}: what follows '{}' cannot be read", table.name(), last.escape_ascii()));
            broken = true;
            break;
        };
        last.clear();
        last.extend_from_slice(key.as_ref());
        group.add(table, key.as_ref(), value.as_ref(), see, lost)?;
    }
    group.settle(table, see, lost)?;
    if broken {
        // No key begins with this byte: IDs are UTF-8, numbers are small.
        for entry in store.down(table, &[0xff; 8]).map_while(Result::ok) {
            if entry.0.as_ref() <= last.as_slice() {
                break;
            }
            group.add(table, entry.0.as_ref(), entry.1.as_ref(), see, lost)?;
        }
        group.settle(table, see, lost)?;
    }
    Ok(())
}

/// The entries of one page, which lie side by side.
struct Group {
    limit: u64,
    entries: Vec<(Place, Vec<u8>)>,
}

impl Group {
    fn add(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
        see: See<'_>,
        lost: &mut dyn FnMut(String),
    ) -> Result<(), BaseError> {
        let Ok(place) = Place::of(table, key) else {
            lost(format!("{}: an entry has no key", table.name()));
            return Ok(());
        };
        if self.entries.first().is_some_and(|(first, _)| first.low != place.low) {
            self.settle(table, see, lost)?;
        }
        self.entries.push((place, value.to_vec()));
        Ok(())
    }

    /// Shows the page, unless it was removed.
    fn settle(&mut self, table: Table, see: See<'_>, lost: &mut dyn FnMut(String)) -> Result<(), BaseError> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.retain(|(place, _)| place.commit <= self.limit);
        let Some(newest) = entries.iter().map(|(place, _)| place.commit).max() else { return Ok(()) };
        entries.retain(|(place, _)| place.commit == newest);
        entries.sort_by_key(|(place, _)| place.piece);
        let low = entries[0].0.low.clone();
        if entries.iter().enumerate().any(|(n, (place, _))| n != usize::from(place.piece)) {
            lost(format!("{} from '{}': a part is missing", table.name(), low.escape_ascii()));
            return Ok(());
        }
        let page: Vec<u8> = entries.into_iter().flat_map(|(_, piece)| piece).collect();
        if page.is_empty() { Ok(()) } else { see(&low, &page) }
    }
}
