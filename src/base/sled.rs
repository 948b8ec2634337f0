//! The store on disk: sled. Nothing else in the program names it.
//!
//! What sled must not be trusted with is kept from it: batches (several of them came back out of step after a kill),
//! large values (they go to files that are not synced, see [`super::versions::PIECE`]), its own idea of durability (it does
//! not call fsync), its panics on damaged files (it is opened in a thread of its own).

use std::fs::{self, File};
use std::ops::Bound;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::OPENING;
use super::engine::Table;
use super::error::BaseError;
use super::lock;
use super::versions::{Entry, Store};

/// sled takes several times as much while it writes; more makes nothing faster.
const CACHE: u64 = 24 << 20;

/// A node of sled's tree that is larger than a quarter of this goes to a file in `blobs/`. A leaf has up to 17 entries of at most
/// a piece and a key, an index up to 257 keys; the longest key, of a member, has two IDs of 255 characters of four bytes.
const SEGMENT: usize = 4 << 20;

/// What must stay free on the disk so that a commit which does not fit can still be taken back.
const RESERVE: u64 = 48 << 20;

/// How many entries are written between two looks at the free space and two hand-overs to the system.
const LOOK_EVERY: u32 = 1024;

/// Entries in sled, one tree to each table.
pub struct SledStore {
    db: sled::Db,
    trees: Vec<sled::Tree>,
    file: File,
    dir: PathBuf,
    writes: AtomicU32,
}

impl SledStore {
    /// Opens the store in `dir`, or makes it. If another process has it, tries again until `wait` is over.
    pub fn open(dir: &Path, wait: Duration) -> Result<SledStore, BaseError> {
        remove_half_snapshots(dir)?;
        let start = Instant::now();
        // sled lets go of its lock a moment after it was dropped.
        let wait = wait.max(Duration::from_millis(300));
        let db = loop {
            match open_guarded(dir) {
                Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                    if start.elapsed() >= wait {
                        return Err(BaseError::InUse { path: dir.to_owned(), holder: lock::holder(&dir.join("db")) });
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                opened => break opened.map_err(|error| failed(dir, error))?,
            }
        };
        let trees = Table::ALL.map(|table| db.open_tree(table.name())).into_iter().collect::<Result<_, _>>();
        let trees = trees.map_err(|error| failed(dir, error))?;
        let file = File::open(dir.join("db")).map_err(|e| BaseError::io("open", &dir.join("db"), e))?;
        for name in ["db", "conf"] {
            let _ = fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600));
        }
        Ok(SledStore { db, trees, file, dir: dir.to_owned(), writes: AtomicU32::new(0) })
    }

    /// Waits until nobody has the store in `dir` open any more.
    pub fn wait_until_closed(dir: &Path, wait: Duration) -> Result<(), BaseError> {
        lock::wait_until_free(&dir.join("db"), wait)
    }

    fn tree(&self, table: Table) -> &sled::Tree {
        &self.trees[table as usize]
    }

    fn failed(&self, error: sled::Error) -> BaseError {
        failed(&self.dir, error)
    }
}

/// Opens sled in a thread of its own, because a damaged file can make it panic.
fn open_guarded(dir: &Path) -> Result<sled::Db, sled::Error> {
    let config = sled::Config::new().path(dir).cache_capacity(CACHE).segment_size(SEGMENT).flush_every_ms(None);
    let opened = std::thread::Builder::new().name(OPENING.to_owned()).spawn(move || config.open())?.join();
    opened.unwrap_or_else(|_| Err(sled::Error::ReportableBug("the storage engine gave up".to_owned())))
}

/// A snapshot that sled had not finished blocks its next start.
fn remove_half_snapshots(dir: &Path) -> Result<(), BaseError> {
    let Ok(files) = fs::read_dir(dir) else { return Ok(()) };
    for file in files.flatten() {
        let name = file.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(file.path()).map_err(|e| BaseError::io("remove", &file.path(), e))?;
        }
    }
    Ok(())
}

fn failed(dir: &Path, error: sled::Error) -> BaseError {
    match error {
        sled::Error::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => {
            BaseError::DiskFull { needed: RESERVE, free: free(dir) }
        }
        sled::Error::Io(e) => BaseError::io("read or write", dir, e),
        sled::Error::Corruption { .. } => BaseError::damaged(error.to_string()),
        sled::Error::ReportableBug(what) => BaseError::damaged(format!("{} cannot be read ({what})", dir.display())),
        other => BaseError::Engine(other.to_string()),
    }
}

/// Bytes that this user may still write on the disk of `dir`.
fn free(dir: &Path) -> u64 {
    rustix::fs::statvfs(dir).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

impl Store for SledStore {
    type Bytes = sled::IVec;

    fn insert(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BaseError> {
        if self.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.check_space(0)?;
            // Otherwise what waits to be written piles up in memory when the disk is slow.
            self.db.flush().map_err(|e| self.failed(e))?;
        }
        self.tree(table).insert(key, value).map_err(|e| self.failed(e))?;
        Ok(())
    }

    fn remove(&self, table: Table, key: &[u8]) -> Result<(), BaseError> {
        self.tree(table).remove(key).map_err(|e| self.failed(e))?;
        Ok(())
    }

    fn up(&self, table: Table, from: &[u8]) -> Box<dyn Iterator<Item = Entry<sled::IVec>> + Send> {
        let range: Range = (Bound::Included(from.to_vec()), Bound::Unbounded);
        let dir = self.dir.clone();
        Box::new(self.tree(table).range(range).map(move |entry| entry.map_err(|e| failed(&dir, e))))
    }

    fn down(&self, table: Table, below: &[u8]) -> Box<dyn Iterator<Item = Entry<sled::IVec>> + Send> {
        let range: Range = (Bound::Unbounded, Bound::Excluded(below.to_vec()));
        let dir = self.dir.clone();
        Box::new(self.tree(table).range(range).rev().map(move |entry| entry.map_err(|e| failed(&dir, e))))
    }

    fn state(&self) -> Result<Vec<u8>, BaseError> {
        let state = self.db.get("state").map_err(|e| self.failed(e))?;
        Ok(state.map(|bytes| bytes.to_vec()).unwrap_or_default())
    }

    fn set_state(&self, state: &[u8]) -> Result<(), BaseError> {
        self.db.insert("state", state).map_err(|e| self.failed(e))?;
        Ok(())
    }

    fn flush(&self) -> Result<(), BaseError> {
        self.db.flush().map_err(|e| self.failed(e))?;
        self.file.sync_all().map_err(|e| BaseError::io("write", &self.dir.join("db"), e))
    }

    /// The space that the file already has is reused, so only growth beyond it counts.
    fn check_space(&self, bytes: u64) -> Result<(), BaseError> {
        let (free, own) = (free(&self.dir), self.file.metadata().map_or(0, |m| m.blocks() * 512));
        let needed = bytes.saturating_sub(own / 2) + RESERVE;
        if free < needed { Err(BaseError::DiskFull { needed, free }) } else { Ok(()) }
    }
}
