//! Keeping a base sound: reading all of it, and copying it while it is.

use std::path::Path;

use super::FlowError;
use super::gauge::Gauge;
use crate::base::{Base, Head, Report};

/// Reads every page and checks what must hold.
///
/// # Errors
/// Cancelled, or reading itself fails; damage is in the report.
pub fn verify(base: &Base, gauge: &Gauge) -> Result<Report, FlowError> {
    Ok(base.verify(&mut |done, total| gauge.set(done, total), &gauge.cancel)?)
}

/// Copies the newest commit to a new folder, and says what is in the copy.
///
/// # Errors
/// The folder is not empty or cannot be written, or it was cancelled: then nothing is left of the copy.
pub fn backup(base: &Base, to: &Path, gauge: &Gauge) -> Result<Head, FlowError> {
    let view = base.view();
    base.backup(to, &gauge.cancel)?;
    Ok(view.head())
}
