//! Copies of a base: a backup, the way back from one, and the base itself in fresh files.
//!
//! sled has no repair tool, so copies are the way back from damage. None is trusted before it was read back from its files.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::engine::{Engine, Table};
use super::error::BaseError;
use super::lock::Lock;
use super::sled::{SledStore, check_free};
use super::versions::Versions;
use super::view::{Head, View};
use super::{Base, SETTLE, STORE, is_vacant, make_folder, replace, sidecar};

/// What a base was found to hold when all of it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its newest commit and its counts.
    pub head: Head,
    /// See [`super::Report::digest`].
    pub digest: String,
    /// Bytes that its files take on the disk.
    pub bytes: u64,
}

/// How the name of a backup begins until it is whole.
const HALF: &str = ".muster-backup-";

/// Tells how many records of how many are read.
type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// See [`Base::backup`]. The copy is made beside its place and moved there when it is proven, because half a copy
/// would open as an empty base.
pub(super) fn backup(view: &View, to: &Path, progress: Progress<'_>, cancel: &AtomicBool) -> Result<Proof, BaseError> {
    if !is_vacant(to) {
        let source = io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty; name a new one");
        return Err(BaseError::io("back up to", to, source));
    }
    let to = &std::path::absolute(to).map_err(|e| BaseError::io("back up to", to, e))?;
    let above = to.parent().unwrap_or(Path::new("/"));
    make_folder(above)?;
    remove_halves(above)?;
    let half =
        tempfile::Builder::new().prefix(HALF).tempdir_in(above).map_err(|e| BaseError::io("back up to", above, e))?;
    copy(view, half.path(), cancel)?;
    let proof = prove(&Base::open(half.path(), SETTLE)?, half.path(), progress, cancel)?;
    let moved = fs::rename(half.path(), to).and_then(|()| File::open(above)?.sync_all());
    moved.map_err(|e| BaseError::io("back up to", to, e))?;
    let _gone = half.keep();
    Ok(proof)
}

/// Removes copies that nobody makes any more: their process was killed.
fn remove_halves(above: &Path) -> Result<(), BaseError> {
    let remove = || {
        for file in fs::read_dir(above)?.flatten() {
            // Others may write in this folder: a link would lead the lock elsewhere.
            let own = file.file_type()?.is_dir();
            let left_over = own && file.file_name().to_string_lossy().starts_with(HALF);
            if left_over && Lock::take(&file.path(), Duration::ZERO).is_ok() {
                fs::remove_dir_all(file.path())?;
            }
        }
        Ok(())
    };
    remove().map_err(|e| BaseError::io("tidy up", above, e))
}

/// See [`Base::compact`].
pub(super) fn compact(
    base: Base,
    progress: Progress<'_>,
    cancel: &AtomicBool,
) -> Result<(Base, [Proof; 2]), BaseError> {
    let (Some(super::Home { dir, lock, .. }), 1) = (base.0.home.clone(), Arc::strong_count(&base.0)) else {
        return Err(BaseError::Invalid("a base in memory, or one that others use, is not rewritten".to_owned()));
    };
    let before = prove(&base, &dir, progress, cancel)?;
    let fresh = replace::fresh(&dir)?;
    let written = copy(&base.view(), &fresh, cancel)
        .and_then(|()| prove(&Base::open(&fresh, SETTLE)?, &fresh, progress, cancel))
        .and_then(|after| match (after.head, &after.digest) == (before.head, &before.digest) {
            true => Ok(after),
            false => Err(BaseError::damaged("a copy of the base is not what the base holds")),
        });
    drop(base);
    let after = written.and_then(|after| {
        SledStore::wait_until_closed(&dir.join(STORE), SETTLE)?;
        replace::put_in_place(&dir).map(|()| after)
    });
    // After a failure it tidies up, and the base is as it was.
    let base = Base::locked(&dir, lock)?;
    Ok((base, [before, after?]))
}

/// See [`Base::restore`].
pub(super) fn restore(
    from: &Path,
    to: &Path,
    overwrite: bool,
    wait: Duration,
    progress: Progress<'_>,
    cancel: &AtomicBool,
) -> Result<Proof, BaseError> {
    if !Base::exists(from) {
        let source = io::Error::new(io::ErrorKind::NotFound, "there is no base in this folder");
        return Err(BaseError::io("restore from", from, source));
    }
    make_folder(to)?;
    let lock = Lock::take(to, wait)?;
    let fresh = replace::fresh(to)?;
    if Base::exists(to) && !overwrite {
        return Err(BaseError::Exists { path: to.to_owned() });
    }
    // The medium of a backup may be read-only; but where it can be locked, nobody writes in it meanwhile.
    let _nobody_writes = match Lock::take(from, wait) {
        Err(error @ BaseError::InUse { .. }) => return Err(error),
        lock => lock.ok(),
    };
    let copied = copy_files(from, &fresh)
        .and_then(|()| prove(&Base::open(&fresh, SETTLE)?, &fresh, progress, cancel))
        .and_then(|proof| replace::put_in_place(to).map(|()| proof));
    match copied {
        Ok(proof) => Base::locked(to, lock).map(|_| proof),
        Err(error) => {
            replace::settle(to)?;
            Err(error)
        }
    }
}

/// Reads all of a base. Damage is an error here.
pub(super) fn prove(base: &Base, dir: &Path, progress: Progress<'_>, cancel: &AtomicBool) -> Result<Proof, BaseError> {
    let report = base.verify(progress, cancel)?;
    match report.damaged.first() {
        None => Ok(Proof { head: base.head(), digest: report.digest(), bytes: disk_used(&dir.join(STORE)) }),
        Some(damage) => Err(BaseError::damaged(format!("{} '{}': {}", damage.table, damage.key, damage.what))),
    }
}

/// Writes what a view shows as a base of its own.
fn copy(view: &View, dir: &Path, cancel: &AtomicBool) -> Result<(), BaseError> {
    let store = dir.join(STORE);
    make_folder(&store)?;
    let _mine = Lock::take(dir, Duration::ZERO)?;
    let engine = Versions::open(SledStore::open(&store, SETTLE)?)?;
    let head = view.head();
    engine.check_space(size(view)?)?;
    if head.commit > 0 {
        let writer = engine.begin(0, head.commit)?;
        for table in Table::ALL {
            for page in view.snapshot.clone().pages(table, &[]) {
                if cancel.load(Ordering::Relaxed) {
                    return Err(BaseError::Cancelled);
                }
                let (key, page) = page?;
                writer.put(table, &key, Some(&page))?;
            }
        }
        writer.finish(view.snapshot.head())?;
        engine.tidy()?;
    }
    drop(engine);
    sidecar::write(dir, head)
}

/// Bytes of all pages.
fn size(view: &View) -> Result<u64, BaseError> {
    let pages = Table::ALL.into_iter().flat_map(|table| view.snapshot.clone().pages(table, &[]));
    pages.map(|page| Ok(page?.1.len() as u64)).sum()
}

/// Copies the files of a base, which nobody has open, as they are.
pub(super) fn copy_files(from: &Path, to: &Path) -> Result<(), BaseError> {
    make_folder(&to.join(STORE))?;
    check_free(to, disk_used(&from.join(STORE)))?;
    let each = || {
        for file in fs::read_dir(from.join(STORE))? {
            let file = file?;
            if file.metadata()?.is_file() {
                copy_file(&file.path(), &to.join(STORE).join(file.file_name()))?;
            }
        }
        match copy_file(&from.join(sidecar::FILE), &to.join(sidecar::FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    };
    each().map_err(|e| BaseError::io("restore from", from, e))
}

/// Copies a file. The copy is for this user alone, whoever may read the original.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut original = File::open(from)?;
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut original, &mut copy).map(drop)
}

/// The bytes that all files in a folder and those below it take on the disk.
pub fn disk_used(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    sizes.map(|(path, found)| if found.is_dir() { disk_used(&path) } else { found.blocks() * 512 }).sum()
}
