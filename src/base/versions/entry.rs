//! The keys of entries: page key, commit, piece. Their order is that of the page keys, then of the commits.

use crate::base::engine::Table;
use crate::base::error::BaseError;

/// What the key of an entry says.
pub struct Place {
    /// The key of the page.
    pub low: Vec<u8>,
    /// The commit that wrote this version of it.
    pub commit: u64,
    /// Which piece of the version it is.
    pub piece: u16,
}

impl Place {
    /// Reads a key; an error if it is none.
    pub fn of(table: Table, key: &[u8]) -> Result<Place, BaseError> {
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

/// The key of a piece of a version of a page.
pub fn entry_key(low: &[u8], commit: u64, piece: u16) -> Vec<u8> {
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
