//! Entries `(key, payload)` in the order in which they came.
//!
//! A tape is a row of blocks: `raw length (u32 LE) · packed length (u32 LE) · lz4`. A block holds whole entries
//! `key length (LEB128) · payload length (LEB128) · key · payload`, about 64 KiB of them, or a single larger one.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::model::record::{push_varint, read_varint};

const BLOCK: usize = 64 << 10;
const HEADER: u64 = 8;

/// Where an entry stands on a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    block: u64,
    offset: u32,
}

/// Writes a tape to a nameless file.
#[derive(Debug)]
pub struct TapeWriter {
    file: Arc<File>,
    start: u64,
    end: u64,
    block: Vec<u8>,
    packed: Vec<u8>,
    entries: u64,
}

impl TapeWriter {
    /// An empty tape in a nameless file in `dir`.
    pub fn new(dir: &Path) -> io::Result<TapeWriter> {
        Ok(TapeWriter::append(Arc::new(tempfile::tempfile_in(dir)?), 0))
    }

    /// An empty tape behind what `file` already holds.
    pub(super) fn append(file: Arc<File>, start: u64) -> TapeWriter {
        TapeWriter { file, start, end: start, block: Vec::new(), packed: Vec::new(), entries: 0 }
    }

    /// Appends an entry and tells where it stands.
    pub fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<Place> {
        let place = Place { block: self.end, offset: self.block.len() as u32 };
        push_entry(&mut self.block, key, payload);
        self.entries += 1;
        if self.block.len() >= BLOCK {
            self.write_block()?;
        }
        Ok(place)
    }

    /// The finished tape.
    pub fn finish(mut self) -> io::Result<Tape> {
        self.write_block()?;
        Ok(Tape { file: self.file, start: self.start, end: self.end, entries: self.entries })
    }

    fn write_block(&mut self) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let raw = u32::try_from(self.block.len()).map_err(|_| io::Error::other("an entry of over 4 GiB"))?;
        let header = HEADER as usize;
        self.packed.resize(header + lz4_flex::block::get_maximum_output_size(self.block.len()), 0);
        let packed =
            lz4_flex::block::compress_into(&self.block, &mut self.packed[header..]).map_err(io::Error::other)?;
        self.packed[..4].copy_from_slice(&raw.to_le_bytes());
        self.packed[4..header].copy_from_slice(&(packed as u32).to_le_bytes());
        self.file.write_all_at(&self.packed[..header + packed], self.end)?;
        self.end += HEADER + packed as u64;
        self.block.clear();
        Ok(())
    }
}

/// Appends the form that an entry has within a block.
pub(super) fn push_entry(block: &mut Vec<u8>, key: &[u8], payload: &[u8]) {
    push_varint(block, key.len() as u64);
    push_varint(block, payload.len() as u64);
    block.extend_from_slice(key);
    block.extend_from_slice(payload);
}

/// The entry at the front of `rest`, which is moved behind it.
pub(super) fn take_entry<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let key_len = usize::try_from(read_varint(rest)?).ok()?;
    let payload_len = usize::try_from(read_varint(rest)?).ok()?;
    let (key, after) = rest.split_at_checked(key_len)?;
    let (payload, after) = after.split_at_checked(payload_len)?;
    *rest = after;
    Some((key, payload))
}

/// A finished tape: read it as often as you like, by several readers at once.
#[derive(Debug, Clone)]
pub struct Tape {
    file: Arc<File>,
    start: u64,
    end: u64,
    entries: u64,
}

impl Tape {
    /// How many entries it has.
    pub fn len(&self) -> u64 {
        self.entries
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Bytes that it takes in its file.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// A reader at its first entry.
    pub fn reader(&self) -> TapeReader {
        TapeReader { tape: self.clone(), next: self.start, block: Vec::new(), packed: Vec::new(), at: 0 }
    }

    /// The entry at a place that [`TapeWriter::push`] told.
    pub fn read_at(&self, place: Place) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let mut reader = self.reader();
        reader.next = place.block;
        reader.load()?;
        reader.at = place.offset as usize;
        let (key, payload) = reader.next()?.ok_or_else(damaged)?;
        Ok((key.to_vec(), payload.to_vec()))
    }
}

fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a spill file of this run is damaged; is the disk failing? Run the import again",
    )
}

/// Reads a tape from its first entry to its last.
#[derive(Debug)]
pub struct TapeReader {
    tape: Tape,
    next: u64,
    block: Vec<u8>,
    packed: Vec<u8>,
    at: usize,
}

impl TapeReader {
    /// The next entry, valid until the next call.
    #[expect(clippy::should_implement_trait, reason = "the entry is lent, which Iterator cannot say")]
    pub fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if self.at >= self.block.len() && !self.load()? {
            return Ok(None);
        }
        let mut rest = &self.block[self.at..];
        let (key, payload) = take_entry(&mut rest).ok_or_else(damaged)?;
        self.at = self.block.len() - rest.len();
        Ok(Some((key, payload)))
    }

    fn load(&mut self) -> io::Result<bool> {
        if self.next >= self.tape.end {
            return Ok(false);
        }
        let mut header = [0; HEADER as usize];
        self.tape.file.read_exact_at(&mut header, self.next)?;
        let [a, b, c, d, e, f, g, h] = header;
        let raw = u32::from_le_bytes([a, b, c, d]) as usize;
        let packed = u32::from_le_bytes([e, f, g, h]) as usize;
        self.packed.resize(packed, 0);
        self.tape.file.read_exact_at(&mut self.packed, self.next + HEADER)?;
        self.block.resize(raw, 0);
        let len = lz4_flex::block::decompress_into(&self.packed, &mut self.block).map_err(|_| damaged())?;
        self.block.truncate(len);
        self.next += HEADER + packed as u64;
        self.at = 0;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order_and_by_place() {
        let dir = tempfile::tempdir().unwrap();
        let mut tape = TapeWriter::new(dir.path()).unwrap();
        let entries: Vec<(Vec<u8>, Vec<u8>)> =
            (0..5000u32).map(|n| (n.to_be_bytes().to_vec(), vec![n as u8; n as usize % 200])).collect();
        let places: Vec<Place> = entries.iter().map(|(k, p)| tape.push(k, p).unwrap()).collect();
        let tape = tape.finish().unwrap();
        let mut reader = tape.reader();
        for entry in &entries {
            let (k, p) = reader.next().unwrap().unwrap();
            assert_eq!((k.to_vec(), p.to_vec()), *entry);
        }
        assert!(reader.next().unwrap().is_none());
        for n in [0, 1, 2500, 4999] {
            assert_eq!(tape.read_at(places[n]).unwrap(), entries[n]);
        }
    }

    #[test]
    fn the_file_has_no_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut tape = TapeWriter::new(dir.path()).unwrap();
        tape.push(b"k", &[1; 100_000]).unwrap();
        let tape = tape.finish().unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(tape.reader().next().unwrap().unwrap().1.len(), 100_000);
    }
}
