//! Split records on their way from the reader to the workers: many in one run of bytes, without a `String` per cell.

use crate::model::finding::Code;

/// A batch that has reached one of these is passed on.
const FULL_BYTES: usize = 512 * 1024;
const FULL_RECORDS: usize = 1024;
const FULL_CELLS: usize = 64 * 1024;

/// Records of a file, in order. Its memory is used again for the next batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The number of the first record among the data rows, from 0.
    pub(super) first_row: u32,
    /// The unquoted cells of all records, one behind the other; only the first `filled` bytes count.
    bytes: Vec<u8>,
    filled: usize,
    /// Where each cell ends in `bytes`.
    ends: Vec<usize>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    lines: [u32; 2],
    first_byte: usize,
    first_cell: usize,
    broken: Option<Code>,
    sound: bool,
}

/// One record of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// Its number among the data rows of the file, from 0.
    pub(super) row: u32,
    /// Its first and its last physical line, from 1.
    pub(super) lines: [u32; 2],
    /// Its cells, or why it has none.
    pub(super) cells: Result<Cells<'a>, Code>,
    /// Whether every cell is UTF-8.
    pub(super) sound: bool,
}

/// The cells of a record, as bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    bytes: &'a [u8],
    /// Ends, counted from `first_byte` on.
    ends: &'a [usize],
    first_byte: usize,
}

impl<'a> Cells<'a> {
    /// How many there are.
    pub(super) fn len(self) -> usize {
        self.ends.len()
    }

    /// The cell in that column, from 0; empty beyond the last one.
    pub(super) fn get(self, column: usize) -> &'a [u8] {
        let start = column.checked_sub(1).map_or(self.first_byte, |before| self.end(before));
        self.bytes.get(start - self.first_byte..self.end(column) - self.first_byte).unwrap_or_default()
    }

    fn end(self, column: usize) -> usize {
        self.ends.get(column).copied().unwrap_or(self.first_byte + self.bytes.len())
    }

    /// Every cell in order.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map(move |column| self.get(column))
    }

    /// All cells as one run of bytes.
    pub(super) fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

impl Batch {
    /// Forgets the records; the next ones begin at `first_row`.
    pub(super) fn clear(&mut self, first_row: u32) {
        self.first_row = first_row;
        self.filled = 0;
        self.ends.clear();
        self.entries.clear();
    }

    /// How many records it has.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it is time to pass it on.
    pub(super) fn is_full(&self) -> bool {
        self.filled >= FULL_BYTES || self.entries.len() >= FULL_RECORDS || self.ends.len() >= FULL_CELLS
    }

    /// The records in order.
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.entries.len()).map(|place| self.record(place))
    }

    /// The records with a cell that is not UTF-8.
    pub(super) fn unsound(&self) -> impl Iterator<Item = Record<'_>> {
        self.records().filter(|record| !record.sound)
    }

    /// The last record; `None` if there is none.
    pub(super) fn last(&self) -> Option<Record<'_>> {
        self.entries.len().checked_sub(1).map(|place| self.record(place))
    }

    fn record(&self, place: usize) -> Record<'_> {
        let entry = &self.entries[place];
        let next = self.entries.get(place + 1);
        let bytes = &self.bytes[entry.first_byte..next.map_or(self.filled, |e| e.first_byte)];
        let ends = &self.ends[entry.first_cell..next.map_or(self.ends.len(), |e| e.first_cell)];
        let cells = Cells { bytes, ends, first_byte: entry.first_byte };
        Record {
            row: self.first_row + place as u32,
            lines: entry.lines,
            cells: entry.broken.map_or(Ok(cells), Err),
            sound: entry.sound,
        }
    }

    /// Room for the bytes of a cell that come out of `input` bytes. What is written is kept by [`Batch::wrote`].
    pub(super) fn room(&mut self, input: usize) -> &mut [u8] {
        let needed = self.filled + input;
        if self.bytes.len() < needed {
            self.bytes.resize(needed.max(self.bytes.len() * 2), 0);
        }
        &mut self.bytes[self.filled..]
    }

    /// Keeps so many bytes of what was written into [`Batch::room`].
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.filled += bytes;
    }

    /// Takes back the last bytes kept by [`Batch::wrote`].
    pub(super) fn unwrite(&mut self, bytes: usize) {
        self.filled -= bytes;
    }

    /// Ends the record that was written. `ends` are counted from its own first byte.
    pub(super) fn close(&mut self, lines: [u32; 2], ends: &[usize]) {
        let (first_byte, first_cell) = (self.unclosed(), self.ends.len());
        self.ends.extend(ends.iter().map(|end| first_byte + end));
        let cells = Cells { bytes: &self.bytes[first_byte..self.filled], ends: &self.ends[first_cell..], first_byte };
        // Cell by cell, because two halves of a character at the edge of two cells are no character.
        let sound = cells.bytes().is_ascii() || cells.iter().all(|cell| str::from_utf8(cell).is_ok());
        self.entries.push(Entry { lines, first_byte, first_cell, broken: None, sound });
    }

    /// Throws away what was written since the last record and puts a record without cells in its place.
    pub(super) fn close_broken(&mut self, line: u32, code: Code) {
        self.reopen();
        self.entries.push(Entry {
            lines: [line, line],
            first_byte: self.filled,
            first_cell: self.ends.len(),
            broken: Some(code),
            sound: true,
        });
    }

    /// Throws away what was written since the last record.
    pub(super) fn reopen(&mut self) {
        self.filled = self.unclosed();
    }

    /// Where the bytes of the record begin that is being written.
    fn unclosed(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }
}
