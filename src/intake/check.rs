//! A pass over a whole file: one thread splits, workers check, each worker has its own sink.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Sink;
use super::batch::Batch;
use super::checker::Checker;
use super::error::IntakeError;
use super::records::Records;
use super::row::RowReader;
use super::source::Source;
use super::stream::Stream;
use crate::model::finding::Severity;

#[cfg(test)]
mod tests;

/// How far a check is; read by whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Data rows that were checked.
    pub rows: AtomicU32,
    /// Those of them that cannot be imported.
    pub rejected: AtomicU32,
    /// Those of the others that have a warning.
    pub warned: AtomicU32,
    /// Bytes of the file that were read, of [`Source::bytes`].
    pub bytes: AtomicU64,
}

/// What a check saw of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Data rows.
    pub rows: u32,
    /// Physical lines.
    pub lines: u32,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of all bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// Checks every row of a file with as many workers as there are sinks, and gives the sinks back.
///
/// # Panics
/// Without a sink, since nobody would get the rows.
///
/// # Errors
/// When the file cannot be read to its end as it was when it was opened, when over 1 % of its rows are not in its
/// encoding (R20), when a sink fails, or with [`IntakeError::Cancelled`] soon after `cancel` was set.
pub fn check<S: Sink>(
    source: &Source,
    checker: &Checker,
    sinks: Vec<S>,
    progress: &Progress,
    cancel: &AtomicBool,
) -> Result<(Summary, Vec<S>), IntakeError> {
    assert!(!sinks.is_empty(), "a check needs a sink");
    let failed = AtomicBool::new(false);
    // Two batches per worker keep everybody busy; used ones come back, so memory does not grow with the file.
    let (full, work) = bounded::<Batch>(2 * sinks.len());
    let (used, free) = bounded::<Batch>(4 * sinks.len() + 2);
    thread::scope(|scope| {
        let workers: Vec<_> = sinks
            .into_iter()
            .map(|sink| {
                let (work, used) = (work.clone(), used.clone());
                let failed = &failed;
                scope.spawn(move || {
                    let checked = check_batches(source, checker, &work, &used, sink, progress);
                    failed.fetch_or(checked.is_err(), Ordering::Relaxed);
                    checked
                })
            })
            .collect();
        drop((work, used));
        let read = read_batches(source, full, &free, progress, [cancel, &failed]);
        let mut sinks = Vec::with_capacity(workers.len());
        for worker in workers {
            // A panic in a worker goes on in the thread that asked for the check.
            sinks.push(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok((read?, sinks))
    })
}

/// Splits the file and hands the batches out, until its end or until one of the flags is set.
fn read_batches(
    source: &Source,
    full: Sender<Batch>,
    free: &Receiver<Batch>,
    progress: &Progress,
    stop: [&AtomicBool; 2],
) -> Result<Summary, IntakeError> {
    let mut records = Records::new(Stream::hashing(source, &progress.bytes), source.format);
    let mut decoding = Decoding::default();
    let mut rows = 0u32;
    records.next(&mut Batch::default())?; // the header
    let mut more = true;
    while more {
        if stop.iter().any(|flag| flag.load(Ordering::Relaxed)) {
            return Err(IntakeError::Cancelled);
        }
        let mut batch = free.try_recv().unwrap_or_default();
        batch.clear(rows);
        while more && !batch.is_full() {
            more = records.next(&mut batch)?;
        }
        rows = u32::try_from(batch.len())
            .ok()
            .and_then(|read| rows.checked_add(read))
            .ok_or_else(|| IntakeError::TooManyRows { name: source.name().to_owned() })?;
        decoding.count(&batch);
        decoding.judge(source, rows, more.then(|| records.input().offset()))?;
        if full.send(batch).is_err() {
            return Err(IntakeError::Cancelled); // every worker has failed; they say why
        }
    }
    let lines = records.lines();
    let stream = records.into_input();
    Ok(Summary { rows, lines, bytes: stream.offset(), sha256: stream.sha256() })
}

/// Counts the rows that are not in the file's encoding (R20). It works in the order of the file, so the verdict does not
/// depend on the number of workers.
#[derive(Default)]
struct Decoding {
    bad: u32,
    first_line: u32,
}

impl Decoding {
    fn count(&mut self, batch: &Batch) {
        for record in batch.unsound() {
            self.bad += 1;
            self.first_line = if self.bad == 1 { record.lines[0] } else { self.first_line };
        }
    }

    /// Fails when over 1 % of the rows are bad. A single bad row is no matter of the encoding, however small the file.
    /// Before the end (`offset` says how far it is) it takes twice as many as 1 % of the rows there will be, if they
    /// go on as they began.
    fn judge(&self, source: &Source, rows: u32, offset: Option<u64>) -> Result<(), IntakeError> {
        let expected = match offset {
            None => u64::from(rows),
            Some(offset) => (u128::from(rows) * 2 * u128::from(source.bytes()) / u128::from(offset.max(1))) as u64,
        };
        if self.bad < 2 || u64::from(self.bad) * 100 <= expected {
            return Ok(());
        }
        Err(IntakeError::Undecodable {
            name: source.name().to_owned(),
            encoding: source.encoding(),
            bad: self.bad,
            rows,
            first_line: self.first_line,
        })
    }
}

/// Checks batches until there are none left.
fn check_batches<S: Sink>(
    source: &Source,
    checker: &Checker,
    work: &Receiver<Batch>,
    used: &Sender<Batch>,
    mut sink: S,
    progress: &Progress,
) -> Result<S, IntakeError> {
    let mut reader = RowReader::new(checker, source.encoding());
    for batch in work {
        let (mut rejected, mut warned) = (0, 0);
        for record in batch.records() {
            match reader.read(record, &mut sink).map_err(|source| IntakeError::Sink { source })? {
                Some(Severity::Error) => rejected += 1,
                Some(_) => warned += 1,
                None => {}
            }
        }
        progress.rejected.fetch_add(rejected, Ordering::Relaxed);
        progress.warned.fetch_add(warned, Ordering::Relaxed);
        progress.rows.fetch_add(batch.len() as u32, Ordering::Relaxed);
        // No room or nobody there any more: then the memory is simply freed.
        let _ = used.try_send(batch);
    }
    Ok(sink)
}
