//! The rejects of committed imports (R23), kept in the folder of the base, so that the history can save them again when
//! the file beside the export is lost, or never was.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::FlowError;
use super::history::Act;
use super::import::{Checked, Opened};
use super::reports::ReportFile;
use super::reports::write_rejects;
use crate::base::Base;
use crate::home::access::Access;
use crate::home::private;
use crate::reconcile::plan::Plan;

/// The rejects of this many imports are kept, as many as those that can be undone (R26), ...
const KEPT_FILES: usize = 100;

/// ... unless they take more than this many bytes: then the oldest go first. A file that alone is larger is not kept.
const KEPT_BYTES: u64 = 256 << 20;

/// What there is of the rejects of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejects {
    /// It left no row out, or took no file.
    None,
    /// They can be saved again.
    Kept,
    /// It left rows out, but which ones is not kept.
    Gone,
}

/// Keeps the rejects of an import that was committed as `number`. `written` is the rejects file, if it was written already.
///
/// # Errors
/// They cannot be read or written. The import is committed all the same.
pub fn keep(
    base: &Base,
    number: u64,
    (opened, checked, plan): (&Opened, &Checked, &Plan),
    written: Option<&Path>,
) -> Result<(), FlowError> {
    let left_out = plan.counts.rows.held + plan.counts.rows.rejected;
    let Some(folder) = base.folder().map(folder).filter(|_| left_out > 0) else { return Ok(()) };
    private::folder(&folder)?;
    let path = folder.join(name(number, &plan.digest));
    private::replace(&path, |out: &mut dyn Write| match written {
        Some(written) => Ok::<u64, FlowError>(io::copy(&mut fs::File::open(written)?, out)?),
        None => write_rejects(out, opened, checked, plan),
    })?;
    Ok(tidy(&folder)?)
}

/// What there is of the rejects of an act.
pub fn kept(base: &Base, act: &Act) -> Rejects {
    let rows = act.import.as_ref().map(|import| import.counts.rows);
    match rows {
        Some(rows) if rows.held + rows.rejected > 0 => match place(base, act).is_some_and(|path| path.is_file()) {
            true => Rejects::Kept,
            false => Rejects::Gone,
        },
        _ => Rejects::None,
    }
}

/// Saves the kept rejects of an act as a new file.
///
/// # Errors
/// They are not kept; `to` exists, which is somebody's work and stays, or cannot be written: then nothing is left of it.
pub fn save(base: &Base, act: &Act, access: &Access, to: &Path) -> Result<PathBuf, FlowError> {
    let gone = || FlowError::Blocked(format!("the rejects of {} are not kept any more", act.name()));
    let mut kept = place(base, act).and_then(|path| fs::File::open(path).ok()).ok_or_else(gone)?;
    let cannot = |error: io::Error| FlowError::from(error).doing(format!("cannot write {}", to.display()));
    let mut report = ReportFile::create(access, to).map_err(cannot)?;
    let copied = io::copy(&mut kept, &mut report.file).and_then(|_| report.file.sync_all());
    match copied {
        Ok(()) => Ok(report.shown().to_owned()),
        Err(error) => {
            report.remove();
            Err(cannot(error))
        }
    }
}

/// Where a base has them.
pub(super) fn folder(base: &Path) -> PathBuf {
    base.join("rejects")
}

fn place(base: &Base, act: &Act) -> Option<PathBuf> {
    let digest = &act.import.as_ref()?.digest;
    Some(folder(base.folder()?).join(name(act.entry.number(), digest)))
}

/// Number first, so that names sort by age; the digest, so that a base put in the place of another never gets its rejects.
fn name(number: u64, digest: &str) -> String {
    format!("{number:08}-{}.csv", digest.get(..16).unwrap_or(digest))
}

/// Removes what is more than is kept, the oldest first.
fn tidy(folder: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.file_name(), entry.metadata()?.len(), entry.path()));
    }
    files.sort();
    let mut bytes = 0;
    for (newer, (_, size, path)) in files.iter().rev().enumerate() {
        bytes += size;
        if newer >= KEPT_FILES || bytes > KEPT_BYTES {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_rejects_are_kept() {
        let room = tempfile::tempdir().unwrap();
        for number in 1..=KEPT_FILES as u64 + 2 {
            fs::write(room.path().join(name(number, "0123456789abcdef0123")), "x").unwrap();
        }
        tidy(room.path()).unwrap();
        let left = fs::read_dir(room.path()).unwrap().count();
        assert_eq!(left, KEPT_FILES);
        assert!(!room.path().join("00000002-0123456789abcdef.csv").exists());
        assert!(room.path().join("00000003-0123456789abcdef.csv").exists());
    }
}
