//! Another store in the place of a base's store: all of it or, after a crash at any moment, nothing.
//!
//! The new store is made, and proven, in the folder [`FRESH`] of the base, with a sidecar of its own. Then, each step on the
//! disk before the next: the present store becomes [`OLD`], the new one takes its place, its sidecar too, `OLD` and
//! `FRESH` go. Every start looks at what is there and goes back or on: without a store, `OLD` is the store; with both,
//! the new one is in place. The lock of the base is held all the while.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::BaseError;
use super::{STORE, sidecar};

/// The folder, within that of a base, in which a new base is made.
const FRESH: &str = "fresh";

/// The store that was replaced, until it is removed.
const OLD: &str = "old";

/// Where the new base is made. Nothing is there yet.
pub(super) fn fresh(dir: &Path) -> Result<PathBuf, BaseError> {
    settle(dir)?;
    Ok(dir.join(FRESH))
}

/// Whether a crash has left the store of a base under its other name.
pub(super) fn is_aside(dir: &Path) -> bool {
    dir.join(OLD).exists()
}

/// Puts the store of the base in [`fresh`], which must be closed, in the place of the present one, if there is one.
pub(super) fn put_in_place(dir: &Path) -> Result<(), BaseError> {
    let [store, old, fresh] = [STORE, OLD, FRESH].map(|name| dir.join(name));
    let swap = || {
        for file in fs::read_dir(fresh.join(STORE))? {
            File::open(file?.path())?.sync_all()?;
        }
        sync(&fresh.join(STORE))?;
        // Without a present store, an empty one stands for it: it is what tells a half swap from half a copy.
        match store.exists() {
            true => fs::rename(&store, &old)?,
            false => fs::create_dir(&old)?,
        }
        sync(dir)?;
        fs::rename(fresh.join(STORE), &store)?;
        sync(dir)
    };
    swap().map_err(|e| BaseError::io("replace", &store, e))?;
    settle(dir)
}

/// Finishes or takes back what a crash has left of a swap, and removes half a copy.
pub(super) fn settle(dir: &Path) -> Result<(), BaseError> {
    let [store, old, fresh] = [STORE, OLD, FRESH].map(|name| dir.join(name));
    let swap = || {
        if old.exists() {
            if store.exists() {
                unless_missing(fs::rename(fresh.join(sidecar::FILE), dir.join(sidecar::FILE)))?;
            } else {
                fs::rename(&old, &store)?;
            }
            sync(dir)?;
        }
        unless_missing(fs::remove_dir_all(&fresh))?;
        unless_missing(fs::remove_dir_all(&old))
    };
    swap().map_err(|e| BaseError::io("tidy up", dir, e))
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
