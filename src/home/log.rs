//! The log: what the program did and what went wrong, in a file of the state folder. Never on the terminal, and never
//! with a value from a record.

use std::fs;
use std::io;
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;

use super::private;

/// Beyond this size the log becomes `muster.log.old`, whose predecessor goes.
const MAX: u64 = 2 << 20;

/// Starts logging to a file. What was logged is on its way to the disk when the guard is dropped.
pub fn start(path: &Path) -> io::Result<WorkerGuard> {
    if fs::metadata(path).is_ok_and(|found| found.len() > MAX) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let (writer, guard) = tracing_appender::non_blocking(private::append(path)?);
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_target(false).finish();
    tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
    Ok(guard)
}
