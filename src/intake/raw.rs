//! The rows of a file as they stand in it: for the rejects file (R23) and for looking at the lines behind a conflict.

use super::batch::Batch;
use super::error::IntakeError;
use super::records::Records;
use super::source::Source;
use super::stream::Stream;

/// A row as it stands in the file, decoded but not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Its number among the data rows, from 0.
    pub row: u32,
    /// Its first and its last physical line, from 1.
    pub lines: [u32; 2],
    /// Its cells in UTF-8, as many as it has; empty if it could not be split. Bytes that are no text stand as 0xFF.
    pub cells: Vec<Vec<u8>>,
    /// Its text without the line end: up to 256 KiB, and then how much is left out.
    pub text: String,
}

/// Reads the file again and gives out the wanted rows, whose numbers must come in ascending order.
///
/// # Errors
/// As an item: the file cannot be read, or is not as it was when it was opened.
pub fn raw_records<'s, W>(
    source: &'s Source,
    wanted: W,
) -> impl Iterator<Item = Result<RawRecord, IntakeError>> + use<'s, W>
where
    W: IntoIterator<Item = u32>,
{
    let mut records = Records::new(Stream::new(source), source.format).keeping_raw();
    let mut batch = Batch::default();
    // The header is read before row 0.
    let mut next_row = None;
    wanted.into_iter().map_while(move |row| {
        loop {
            batch.clear(next_row.unwrap_or(0));
            match records.next(&mut batch) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
            let is_wanted = next_row == Some(row);
            next_row = Some(next_row.map_or(0, |read| read + 1));
            if is_wanted {
                return raw_record(&batch, &records).map(Ok);
            }
        }
    })
}

fn raw_record(batch: &Batch, records: &Records<Stream<'_>>) -> Option<RawRecord> {
    let record = batch.last()?;
    let raw = records.raw()?;
    let mut text = String::from_utf8_lossy(&raw.kept).into_owned();
    if raw.more > 0 {
        text.push_str(&format!(" … ({} more bytes left out)", raw.more));
    }
    let cells = record.cells.map(|cells| cells.iter().map(<[u8]>::to_vec).collect()).unwrap_or_default();
    Some(RawRecord { row: record.row, lines: record.lines, cells, text })
}
