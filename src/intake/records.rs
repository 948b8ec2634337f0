//! Text to records, with physical line numbers, and on again behind a quote that is never closed (R22).
//!
//! `csv-core` splits; it is fed one physical line at a time. A record that has not ended at the end of a line is within
//! quotes, and there only, so the number of lines, the limit and the place to resume are all known at line ends.

use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use memchr::memchr;

use super::batch::Batch;
use super::error::IntakeError;
use super::stream::Input;
use crate::model::finding::Code;

#[cfg(test)]
mod tests;

/// The longest record in bytes: 1 MiB (R22).
pub const LONGEST_RECORD: usize = 1 << 20;

/// How much of a record's text is kept for the rejects file: even with every quote doubled it fits into a record.
const LONGEST_RAW: usize = LONGEST_RECORD / 4;

/// How the records of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    /// Between cells.
    pub(super) separator: u8,
    /// The last byte of a line: LF, or CR in old Macintosh files.
    pub(super) terminator: u8,
    /// Whether the first line is `sep=X` and no record.
    pub(super) skip_first_line: bool,
}

/// The records of a text, the header being the first.
pub(super) struct Records<I> {
    input: I,
    input_ended: bool,
    /// Text that was read but not yet used up; it begins at byte `base` of the whole text.
    window: Vec<u8>,
    base: u64,
    /// The next record, or the empty lines before it, begins here in `window`, ...
    at: usize,
    /// ... which is in this physical line, from 1.
    line: u32,
    terminator: u8,
    skip_first_line: bool,
    csv: Reader,
    /// Ends of the cells of the present record, counted from its first byte; the first `cells` of them count.
    ends: Vec<usize>,
    cells: usize,
    /// The last scan that found its record open found it open at every line end up to this byte of the whole text.
    /// A later scan that is open before it is in the same state, so it goes on from here. That keeps the time for a file
    /// full of unclosed quotes linear.
    open_until: u64,
    raw: Option<Raw>,
}

/// The text of a record without its line end.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// At most the first 256 KiB.
    pub(super) kept: Vec<u8>,
    /// How many bytes more it had.
    pub(super) more: usize,
}

/// Where a physical line ends, counted from the start of the record.
enum LineEnd {
    /// Behind its terminator.
    At(usize),
    /// Where the text ends, without a terminator.
    Text(usize),
    /// Farther than [`LONGEST_RECORD`].
    TooFar,
}

/// What became of a record.
enum Scan {
    /// It has so many bytes and lines.
    Whole(usize, u32),
    /// It does not end where it should.
    Open(Code),
}

impl<I: Input> Records<I> {
    /// The records of `input`.
    pub(super) fn new(input: I, format: Format) -> Records<I> {
        let Format { separator, terminator, skip_first_line } = format;
        Records {
            input,
            input_ended: false,
            window: Vec::new(),
            base: 0,
            at: 0,
            line: 1,
            terminator,
            skip_first_line,
            csv: ReaderBuilder::new().delimiter(separator).terminator(Terminator::Any(terminator)).build(),
            ends: vec![0; 64],
            cells: 0,
            open_until: 0,
            raw: None,
        }
    }

    /// The same, keeping the text of each record.
    pub(super) fn keeping_raw(mut self) -> Records<I> {
        self.raw = Some(Raw::default());
        self
    }

    /// The text of the last record, if it is kept.
    pub(super) fn raw(&self) -> Option<&Raw> {
        self.raw.as_ref()
    }

    /// How many physical lines came before the place of reading.
    pub(super) fn lines(&self) -> u32 {
        self.line - 1
    }

    /// Where the text comes from.
    pub(super) fn input(&self) -> &I {
        &self.input
    }

    /// See [`Records::input`].
    pub(super) fn into_input(self) -> I {
        self.input
    }

    /// Appends the next record to the batch; `false` at the end of the text.
    pub(super) fn next(&mut self, batch: &mut Batch) -> Result<bool, IntakeError> {
        if std::mem::take(&mut self.skip_first_line) {
            self.drop_line()?;
        }
        if !self.skip_empty_lines()? {
            return Ok(false);
        }
        match self.scan(batch)? {
            Scan::Whole(len, lines) => {
                self.strip_cr(len, batch);
                batch.close([self.line, self.line.saturating_add(lines - 1)], &self.ends[..self.cells]);
                self.forget_raw();
                self.keep_raw(len);
                self.advance(len, lines);
            }
            Scan::Open(code) => {
                batch.close_broken(self.line, code);
                self.csv.reset();
                self.drop_line()?;
            }
        }
        Ok(true)
    }

    /// Goes past physically empty lines, which are no records; `false` at the end of the text.
    fn skip_empty_lines(&mut self) -> Result<bool, IntakeError> {
        loop {
            while self.window.len() - self.at < 2 && self.refill()? {}
            let len = match &self.window[self.at..] {
                [] => return Ok(false),
                [first, ..] if *first == self.terminator => 1,
                [b'\r', second, ..] if *second == self.terminator => 2,
                [b'\r'] => 1,
                _ => return Ok(true),
            };
            self.advance(len, 1);
        }
    }

    /// Feeds physical lines to the splitter until the record ends.
    fn scan(&mut self, batch: &mut Batch) -> Result<Scan, IntakeError> {
        self.cells = 0;
        let (mut len, mut lines, mut leapt) = (0, 0, false);
        loop {
            let (end, last) = match self.line_end(len)? {
                LineEnd::At(end) => (end, false),
                LineEnd::Text(end) => (end, true),
                LineEnd::TooFar if len == 0 => return Ok(Scan::Open(Code::RecordTooLong)),
                LineEnd::TooFar => return Ok(self.open(len)),
            };
            // The end of the text ends a record as a line end does: not within quotes.
            let ended = self.feed(len..end, batch) || last && self.feed_terminator(batch);
            (len, lines) = (end, lines + 1);
            if ended && leapt {
                // It ends after all: now its cells are wanted, from its start.
                self.open_until = 0;
                self.csv.reset();
                batch.reopen();
                (len, lines, leapt, self.cells) = (0, 0, false, 0);
            } else if ended {
                return Ok(Scan::Whole(len, lines));
            } else if last {
                return Ok(self.open(len));
            } else if let Some(leap) =
                self.open_until.checked_sub(self.base + (self.at + len) as u64).filter(|n| *n > 0)
            {
                // The leap stays within the window, which a former scan has filled up to there.
                len += leap as usize;
                leapt = true;
            }
        }
    }

    /// The record is open at the line end `len` bytes behind its start.
    fn open(&mut self, len: usize) -> Scan {
        self.open_until = self.base + (self.at + len) as u64;
        Scan::Open(Code::QuoteUnclosed)
    }

    /// The end of the line that begins `from` bytes behind the start of the record.
    fn line_end(&mut self, from: usize) -> Result<LineEnd, IntakeError> {
        let mut seen = from;
        loop {
            let text = &self.window[self.at..];
            let until = text.len().min(LONGEST_RECORD);
            if let Some(place) = memchr(self.terminator, text.get(seen..until).unwrap_or_default()) {
                return Ok(LineEnd::At(seen + place + 1));
            }
            if text.len() > LONGEST_RECORD {
                return Ok(LineEnd::TooFar);
            }
            seen = until;
            if !self.refill()? {
                return Ok(LineEnd::Text(self.window.len() - self.at));
            }
        }
    }

    /// Splits bytes of the window, counted from the start of the record; whether the record ended.
    fn feed(&mut self, bytes: Range<usize>, batch: &mut Batch) -> bool {
        let mut input = &self.window[self.at + bytes.start..self.at + bytes.end];
        while !input.is_empty() {
            let room = batch.room(input.len() + 1);
            let (result, read, wrote, cells) = self.csv.read_record(input, room, &mut self.ends[self.cells..]);
            batch.wrote(wrote);
            self.cells += cells;
            input = &input[read..];
            match result {
                ReadRecordResult::Record => return true,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::End => {}
            }
        }
        false
    }

    /// Splits a line end that the text does not have.
    fn feed_terminator(&mut self, batch: &mut Batch) -> bool {
        if self.cells == self.ends.len() {
            self.ends.push(0);
        }
        let ends = &mut self.ends[self.cells..];
        let (result, _, wrote, cells) = self.csv.read_record(&[self.terminator], batch.room(1), ends);
        batch.wrote(wrote);
        self.cells += cells;
        matches!(result, ReadRecordResult::Record)
    }

    /// Takes the CR of a CRLF off the last cell of the record of `len` bytes.
    fn strip_cr(&mut self, len: usize, batch: &mut Batch) {
        let text = &self.window[self.at..self.at + len];
        let line = text.strip_suffix(&[self.terminator]).unwrap_or(text);
        if line.ends_with(b"\r")
            && let Some(end) = self.ends[..self.cells].last_mut()
        {
            *end -= 1;
            batch.unwrite(1);
        }
    }

    /// Goes past the present physical line, however long it is.
    fn drop_line(&mut self) -> Result<(), IntakeError> {
        self.forget_raw();
        loop {
            let rest = &self.window[self.at..];
            let end = memchr(self.terminator, rest).map(|place| place + 1);
            let len = end.unwrap_or(rest.len());
            self.keep_raw(len);
            self.advance(len, 0);
            if end.is_some() || !self.refill()? {
                self.advance(0, 1);
                return Ok(());
            }
        }
    }

    fn advance(&mut self, bytes: usize, lines: u32) {
        self.at += bytes;
        self.line = self.line.saturating_add(lines);
    }

    /// Reads more text behind the window, whose used-up part goes; `false` at the end of the text.
    fn refill(&mut self) -> Result<bool, IntakeError> {
        if self.input_ended {
            return Ok(false);
        }
        self.window.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        let before = self.window.len();
        self.input.more(&mut self.window)?;
        self.input_ended = self.window.len() == before;
        Ok(!self.input_ended)
    }

    fn forget_raw(&mut self) {
        if let Some(raw) = &mut self.raw {
            raw.kept.clear();
            raw.more = 0;
        }
    }

    /// Keeps the next `len` bytes as text of the last record.
    fn keep_raw(&mut self, len: usize) {
        let Some(raw) = &mut self.raw else { return };
        let text = &self.window[self.at..self.at + len];
        let text = text.strip_suffix(&[self.terminator]).unwrap_or(text);
        let text = if self.terminator == b'\n' { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
        let kept = text.len().min(LONGEST_RAW - raw.kept.len());
        raw.kept.extend_from_slice(&text[..kept]);
        raw.more += text.len() - kept;
    }
}
