//! Keeping a base sound: reading all of it, copying it while it is, taking a copy back, rewriting it.

use std::path::Path;
use std::time::Duration;

use super::FlowError;
use super::gauge::Gauge;
use crate::base::{Base, Proof, Report};
use crate::home::access::Target;

/// What to tell the person whose base was of an older schema when it was opened; `None` if it was not.
pub fn renewed(base: &Base) -> Option<String> {
    let old = base.old_files()?.display();
    Some(format!(
        "The base was made by an older muster and has been brought to this one. Its old files are kept in {old}"
    ))
}

/// Reads every page and checks what must hold.
///
/// # Errors
/// Cancelled, or reading itself fails; damage is in the report.
pub fn verify(base: &Base, gauge: &Gauge) -> Result<Report, FlowError> {
    Ok(base.verify(&mut |done, total| gauge.set(done, total), &gauge.cancel)?)
}

/// Copies the newest commit to a new folder, and says what was read there.
///
/// # Errors
/// The folder is not empty or cannot be written, the base is damaged, or it was cancelled: then nothing is left of the copy.
pub fn backup(base: &Base, to: &Target, gauge: &Gauge) -> Result<Proof, FlowError> {
    Ok(base.backup(&to.path, &mut |done, total| gauge.set(done, total), &gauge.cancel)?)
}

/// Makes the base in `to` from a backup; see [`Base::restore`].
///
/// # Errors
/// Those of [`Base::restore`]: then what was in `to` is as before.
pub fn restore(from: &Path, to: &Path, overwrite: bool, wait: Duration, gauge: &Gauge) -> Result<Proof, FlowError> {
    Ok(Base::restore(from, to, overwrite, wait, &mut |done, total| gauge.set(done, total), &gauge.cancel)?)
}

/// Rewrites the base into fresh files; see [`Base::compact`]. Gives it back, and what was found before and after.
///
/// # Errors
/// Those of [`Base::compact`]: then the base is as it was.
pub fn compact(base: Base, gauge: &Gauge) -> Result<(Base, [Proof; 2]), FlowError> {
    Ok(base.compact(&mut |done, total| gauge.set(done, total), &gauge.cancel)?)
}
