//! A page: a sorted, compressed, checksummed pack of records.
//!
//! `format (1) · packing (1) · commit (8) · entries (4) · raw length (4) · CRC-32 (4) · body`, numbers little-endian. The
//! checksum covers all the rest. The body, packed or not, is a row of entries
//! `key length (LEB128) · key · payload length (LEB128) · payload`, keys ascending.

use std::borrow::Cow;

use super::error::BaseError;
use crate::model::record::{push_bytes, read_bytes};

/// Raw bytes of a full page, about 64 contacts. More packs better; less makes a small change and a single get cheaper.
pub const FULL: usize = 24 << 10;

const FORMAT: u8 = 1;
const HEADER: usize = 22;
const CHECKSUM: std::ops::Range<usize> = 18..22;
const PLAIN: u8 = 0;
const LZ4: u8 = 1;

/// lz4 makes at most this many bytes of one. A header that promises more is damaged, and gets no memory.
const LZ4_MOST: usize = 255;

/// An unpacked page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The commit that wrote it.
    pub commit: u64,
    /// How many entries it has.
    pub entries: u32,
    body: Vec<u8>,
}

impl Page {
    /// Checks and unpacks a stored page, in the memory of the page that `self` was.
    ///
    /// # Errors
    /// What is wrong with the bytes, in a few words.
    pub fn unpack(&mut self, stored: &[u8]) -> Result<(), &'static str> {
        let (header, packed) = stored.split_first_chunk::<HEADER>().ok_or("the page is cut off")?;
        if header[0] != FORMAT {
            return Err("the page has an unknown format");
        }
        if header[CHECKSUM] != checksum(header, packed).to_le_bytes() {
            return Err("the checksum does not fit");
        }
        self.commit = u64::from_le_bytes(field(header, 2));
        self.entries = u32::from_le_bytes(field(header, 10));
        let raw = u32::from_le_bytes(field(header, 14)) as usize;
        self.body.clear();
        match header[1] {
            PLAIN => self.body.extend_from_slice(packed),
            LZ4 if raw / LZ4_MOST > packed.len() => return Err("its length does not fit"),
            LZ4 => {
                self.body.resize(raw, 0);
                let len =
                    lz4_flex::block::decompress_into(packed, &mut self.body).map_err(|_| "it cannot be unpacked")?;
                self.body.truncate(len);
            }
            _ => return Err("the page has an unknown packing"),
        }
        if self.body.len() == raw { Ok(()) } else { Err("its length does not fit") }
    }

    /// The entries as (key, payload).
    pub fn iter(&self) -> Entries<'_> {
        Entries(&self.body)
    }

    /// The entries from the byte `at` of the body, which an earlier [`Entries::rest`] gave.
    pub fn from(&self, at: usize) -> Entries<'_> {
        Entries(self.body.get(at..).unwrap_or_default())
    }

    /// The raw size in bytes.
    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// The payload of a key.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.iter().take_while(|(k, _)| *k <= key).find(|(k, _)| *k == key).map(|(_, payload)| payload)
    }
}

/// The entries of a page.
#[derive(Debug, Clone)]
pub struct Entries<'a>(&'a [u8]);

impl Entries<'_> {
    /// Bytes that are not read yet.
    pub fn rest(&self) -> usize {
        self.0.len()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut rest = self.0;
        let key = read_bytes(&mut rest)?;
        let payload = read_bytes(&mut rest)?;
        self.0 = rest;
        Some((key, payload))
    }
}

fn field<const N: usize>(header: &[u8; HEADER], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&header[at..at + N]);
    out
}

fn checksum(header: &[u8; HEADER], packed: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&header[..CHECKSUM.start]);
    crc.update(packed);
    crc.finalize()
}

/// Packs entries that come in ascending order into pages.
#[derive(Debug, Default)]
pub struct Packer {
    commit: u64,
    /// The lowest key that the page now being filled may hold.
    low: Vec<u8>,
    /// Whether a page of the row was handed over already.
    continued: bool,
    body: Vec<u8>,
    starts: Vec<usize>,
}

impl Packer {
    /// A packer whose pages carry this commit number.
    pub fn new(commit: u64) -> Packer {
        Packer { commit, ..Packer::default() }
    }

    /// Begins a row of pages, the first of which has the key `low`.
    pub fn begin(&mut self, low: &[u8]) {
        set(&mut self.low, low);
        self.continued = false;
        self.body.clear();
        self.starts.clear();
    }

    /// Takes an entry, and hands over a page when enough of them are together.
    pub fn push(
        &mut self,
        key: &[u8],
        payload: &[u8],
        out: &mut impl FnMut(&[u8], Option<Raw<'_>>) -> Result<(), BaseError>,
    ) -> Result<(), BaseError> {
        if self.continued && self.starts.is_empty() {
            set(&mut self.low, key);
        }
        self.starts.push(self.body.len());
        push_bytes(&mut self.body, key);
        push_bytes(&mut self.body, payload);
        while self.body.len() > 2 * FULL && self.starts.len() > 1 {
            self.hand_over(FULL, out)?;
        }
        Ok(())
    }

    /// Hands over the rest, in two halves if it is well over a page. Without a single entry in the row, the page `low` is
    /// removed, unless it is the first of its table.
    pub fn finish(
        &mut self,
        out: &mut impl FnMut(&[u8], Option<Raw<'_>>) -> Result<(), BaseError>,
    ) -> Result<(), BaseError> {
        if self.starts.is_empty() && !self.low.is_empty() && !self.continued {
            return out(&self.low, None);
        }
        while self.body.len() > FULL + FULL / 2 && self.starts.len() > 1 {
            self.hand_over(FULL.min(self.body.len() / 2), out)?;
        }
        if self.starts.is_empty() && self.continued { Ok(()) } else { self.hand_over(usize::MAX, out) }
    }

    /// Hands over entries of about `size` bytes from the front, at least one; keeps the others.
    fn hand_over(
        &mut self,
        size: usize,
        out: &mut impl FnMut(&[u8], Option<Raw<'_>>) -> Result<(), BaseError>,
    ) -> Result<(), BaseError> {
        let count = self.starts.partition_point(|start| *start < size).max(1).min(self.starts.len());
        let end = self.starts.get(count).copied().unwrap_or(self.body.len());
        out(
            &self.low,
            Some(Raw { commit: self.commit, entries: count as u32, body: Cow::Borrowed(&self.body[..end]) }),
        )?;
        self.body.drain(..end);
        self.starts.drain(..count);
        self.starts.iter_mut().for_each(|start| *start -= end);
        self.continued = true;
        if let Some(key) = read_bytes(&mut self.body.as_slice()) {
            set(&mut self.low, key);
        }
        Ok(())
    }
}

fn set(to: &mut Vec<u8>, from: &[u8]) {
    to.clear();
    to.extend_from_slice(from);
}

/// A page that is complete, but not packed yet.
#[derive(Debug, Clone)]
pub struct Raw<'a> {
    commit: u64,
    entries: u32,
    body: Cow<'a, [u8]>,
}

impl Raw<'_> {
    /// The page as another thread can take it.
    pub fn into_owned(self) -> Raw<'static> {
        Raw { commit: self.commit, entries: self.entries, body: Cow::Owned(self.body.into_owned()) }
    }

    /// The page as it is stored.
    pub fn pack(&self) -> Result<Vec<u8>, BaseError> {
        let body = self.body.as_ref();
        let raw = u32::try_from(body.len()).map_err(|_| BaseError::Invalid("a record of over 4 GiB".to_owned()))?;
        let mut out = vec![0; HEADER + lz4_flex::block::get_maximum_output_size(body.len())];
        let packed = lz4_flex::block::compress_into(body, &mut out[HEADER..]).ok().filter(|len| *len < body.len());
        let len = packed.unwrap_or_else(|| {
            out[HEADER..HEADER + body.len()].copy_from_slice(body);
            body.len()
        });
        out.truncate(HEADER + len);
        out[0] = FORMAT;
        out[1] = if packed.is_some() { LZ4 } else { PLAIN };
        out[2..10].copy_from_slice(&self.commit.to_le_bytes());
        out[10..14].copy_from_slice(&self.entries.to_le_bytes());
        out[14..18].copy_from_slice(&raw.to_le_bytes());
        if let Some((header, packed)) = out.split_first_chunk_mut::<HEADER>() {
            let sum = checksum(header, packed);
            header[CHECKSUM].copy_from_slice(&sum.to_le_bytes());
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn pages(low: &[u8], entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let mut out = Vec::new();
        let mut take = |key: &[u8], page: Option<Raw<'_>>| {
            out.push((key.to_vec(), page.map(|page| page.pack().unwrap())));
            Ok(())
        };
        let mut packer = Packer::new(7);
        packer.begin(low);
        for (key, payload) in entries {
            packer.push(key, payload, &mut take).unwrap();
        }
        packer.finish(&mut take).unwrap();
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_packed_is_unpacked_in_order(entries in proptest::collection::btree_map(
            proptest::collection::vec(any::<u8>(), 1..30), 0usize..900, 1..200), large in 0usize..5) {
            // Some entries are larger than a page.
            let size = |n: usize, len: usize| if n % 7 < large { len * 90 } else { len };
            let entries: BTreeMap<Vec<u8>, Vec<u8>> =
                entries.into_iter().enumerate().map(|(n, (key, len))| (key, vec![n as u8; size(n, len)])).collect();
            let mut read = BTreeMap::new();
            let pages = pages(b"", &entries);
            for (n, (low, stored)) in pages.iter().enumerate() {
                let mut page = Page::default();
                page.unpack(stored.as_ref().unwrap()).unwrap();
                prop_assert!(page.size() <= 2 * FULL + 90 * 900);
                prop_assert!(n == 0 || *low > pages[n - 1].0, "a page replaces another");
                prop_assert_eq!((page.commit, page.entries as usize), (7, page.iter().count()));
                let next = pages.get(n + 1).map(|(low, _)| low.as_slice());
                for (key, payload) in page.iter() {
                    prop_assert!(key >= low.as_slice() && next.is_none_or(|next| key < next));
                    read.insert(key.to_vec(), payload.to_vec());
                }
            }
            prop_assert_eq!(read, entries);
        }

        #[test]
        fn a_changed_byte_is_found(at in 0usize..400, bit in 0u8..8) {
            let entries = (0..40u8).map(|n| (vec![n], vec![n; 9])).collect();
            let mut stored = pages(b"", &entries).remove(0).1.unwrap();
            let at = at % stored.len();
            stored[at] ^= 1 << bit;
            prop_assert!(Page::default().unpack(&stored).is_err());
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let _ = Page::default().unpack(&bytes);
        }
    }

    #[test]
    fn a_length_that_cannot_be_gets_no_memory() {
        let mut stored = pages(b"", &BTreeMap::from([(vec![1], vec![7; 900])])).remove(0).1.unwrap();
        assert_eq!(stored[1], LZ4);
        stored[14..18].copy_from_slice(&u32::MAX.to_le_bytes());
        let (header, packed) = stored.split_first_chunk::<HEADER>().unwrap();
        let sum = checksum(header, packed).to_le_bytes();
        stored[CHECKSUM].copy_from_slice(&sum);
        let mut page = Page::default();
        assert!(page.unpack(&stored).is_err());
        assert!(page.body.capacity() < 1 << 20);
    }

    #[test]
    fn a_row_without_entries_removes_its_page_but_never_the_first() {
        assert_eq!(pages(b"k", &BTreeMap::new()), [(b"k".to_vec(), None)]);
        assert!(pages(b"", &BTreeMap::new())[0].1.is_some());
    }
}
