//! What was folded, kept in a file beside the base, so that the next start need not fold it again.
//!
//! The file is a list of frames, each with its length and its checksum: a header, then for organizations and for contacts what
//! their records share, what can occur, and every segment. It says of which commit it is; a base that has gone on since then folds
//! only what has changed. It is a copy: one that is missing, damaged, or of another base is passed over, and whoever forgets
//! a person removes it.

mod bytes;
mod segment;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::block::{Segment, Table};
use super::dictionary::Dictionary;
use super::guide::Guide;
use super::scan::Cancelled;
use super::sketch::Sketch;
pub(super) use bytes::{In, Out};

/// With what the file begins. The number changes with its form, and with what a text is folded to.
const MAGIC: &[u8] = b"muster text 3\n";

/// How many segments are read, and decoded, at a time.
const AT_ONCE: usize = 16;

/// The tables of one commit.
pub(super) struct Kept {
    /// What tells this commit of this base from all others: see [`super::Source::stamp`].
    pub stamp: String,
    pub commit: u64,
    pub organizations: Arc<Table>,
    pub contacts: Arc<Table>,
}

impl Kept {
    /// Writes the file, if it is not cancelled; a reader finds the one before it or this one, whole. `create` makes a new file.
    pub fn write(
        &self,
        path: &Path,
        create: impl Fn(&Path) -> io::Result<File>,
        cancelled: Cancelled<'_>,
    ) -> io::Result<bool> {
        let new = unfinished(path);
        remove(&new)?;
        let mut file = BufWriter::with_capacity(1 << 20, create(&new)?);
        let written = self.frames(&mut file, cancelled).and_then(|done| file.flush().map(|()| done));
        if !matches!(written, Ok(true)) {
            remove(&new)?;
            return written;
        }
        fs::rename(&new, path)?;
        Ok(true)
    }

    fn frames(&self, file: &mut impl Write, cancelled: Cancelled<'_>) -> io::Result<bool> {
        file.write_all(MAGIC)?;
        let tables = [&self.organizations, &self.contacts];
        let mut header = Out::default();
        header.bytes(self.stamp.as_bytes());
        header.number(self.commit);
        tables.iter().for_each(|table| header.number(table.segments.len() as u64));
        write_frame(file, &header.0)?;
        for table in tables {
            let mut shared = Out::default();
            table.dictionary.write(&mut shared);
            write_frame(file, &shared.0)?;
            let mut sketch = Out::default();
            table.guide.get().into_iter().for_each(|guide| guide.sketch.write(&mut sketch));
            write_frame(file, &sketch.0)?;
            for segments in table.segments.chunks(AT_ONCE) {
                if cancelled() {
                    return Ok(false);
                }
                let frames: Vec<Out> = segments.par_iter().map(|segment| written(segment)).collect();
                frames.iter().try_for_each(|frame| write_frame(file, &frame.0))?;
            }
        }
        Ok(true)
    }

    /// Reads the file; `None` if there is none, if it is not whole, if `is_known` does not know its commit and stamp, or if
    /// cancelled.
    pub fn read(path: &Path, is_known: impl Fn(u64, &str) -> bool, cancelled: Cancelled<'_>) -> Option<Kept> {
        let mut file = BufReader::with_capacity(1 << 20, File::open(path).ok()?);
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic).ok().filter(|()| magic == MAGIC)?;
        let header = read_frame(&mut file)?;
        let mut header = In(&header);
        let stamp = std::str::from_utf8(header.bytes()?).ok()?.to_owned();
        let commit = header.number()?;
        if !is_known(commit, &stamp) {
            return None;
        }
        let [organizations, contacts] = [header.number()?, header.number()?];
        let organizations = Arc::new(read_table(&mut file, organizations, cancelled)?);
        let contacts = Arc::new(read_table(&mut file, contacts, cancelled)?);
        Some(Kept { stamp, commit, organizations, contacts })
    }
}

fn written(segment: &Segment) -> Out {
    let mut out = Out::default();
    segment::write(segment, &mut out);
    out
}

fn read_table(file: &mut impl Read, segments: u64, cancelled: Cancelled<'_>) -> Option<Table> {
    let dictionary = Dictionary::read(&mut In(&read_frame(file)?))?;
    let sketch = read_frame(file)?;
    let mut table = Vec::new();
    let mut left = usize::try_from(segments).ok()?;
    while left > 0 {
        if cancelled() {
            return None;
        }
        let frames = (0..left.min(AT_ONCE)).map(|_| read_frame_unchecked(file)).collect::<Option<Vec<_>>>()?;
        left -= frames.len();
        let decoded = frames.into_par_iter().map(|frame| {
            let frame = checked(frame)?;
            segment::read(&mut In(&frame), &dictionary).map(Arc::new)
        });
        table.extend(decoded.collect::<Option<Vec<_>>>()?);
    }
    let table = Table::new(table, Arc::new(dictionary));
    if !sketch.is_empty() {
        let guide = Guide::with_sketch(&table, Sketch::read(&mut In(&sketch))?);
        table.guide.get_or_init(|| guide);
    }
    Some(table)
}

fn write_frame(file: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    file.write_all(&(bytes.len() as u64).to_le_bytes())?;
    file.write_all(&crc32fast::hash(bytes).to_le_bytes())?;
    file.write_all(bytes)
}

/// A frame with the checksum that it should have.
type Unchecked = (u32, Vec<u8>);

fn read_frame_unchecked(file: &mut impl Read) -> Option<Unchecked> {
    let (mut len, mut checksum) = ([0; 8], [0; 4]);
    file.read_exact(&mut len).ok()?;
    file.read_exact(&mut checksum).ok()?;
    // A length that is not true ends with the file, not with the memory.
    let len = u64::from_le_bytes(len);
    let mut bytes = Vec::new();
    let read = file.take(len).read_to_end(&mut bytes).ok()?;
    (read as u64 == len).then_some((u32::from_le_bytes(checksum), bytes))
}

fn checked((checksum, bytes): Unchecked) -> Option<Vec<u8>> {
    (crc32fast::hash(&bytes) == checksum).then_some(bytes)
}

fn read_frame(file: &mut impl Read) -> Option<Vec<u8>> {
    checked(read_frame_unchecked(file)?)
}

/// The file while it is being written.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// Removes the file, and what a crash has left of a new one.
pub(super) fn remove_all(path: &Path) -> io::Result<()> {
    remove(path)?;
    remove(&unfinished(path))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
