//! The store on disk: sled. Nothing else in the program names it.
//!
//! What sled must not be trusted with is kept from it: batches (several of them came back out of step after a kill),
//! large values (they go to files that are not synced, see [`super::versions::PIECE`]), its own idea of durability (it does
//! not call fsync), its panics on damaged files (it is opened in a thread of its own).

use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::Bound;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::OPENING;
use super::engine::Table;
use super::error::BaseError;
use super::lock;
use super::versions::{Entry, Store};

/// sled takes several times as much while it writes; more makes nothing faster.
const CACHE: u64 = 24 << 20;

/// A node of sled's tree that is larger than a quarter of this goes to a file in `blobs/`. A store keeps the size it was made with. A leaf has up to 17 entries of at most
/// a piece and a key, an index up to 257 keys; the longest key, of a member, has two IDs of 255 characters of four bytes.
const SEGMENT: usize = 4 << 20;

/// What must stay free on the disk so that a commit which does not fit can still be taken back.
pub const RESERVE: u64 = 48 << 20;

/// How many entries are written between two looks at the free space and two hand-overs to the system.
const LOOK_EVERY: u32 = 1024;

/// Entries in sled, one tree to each table.
pub struct SledStore {
    db: sled::Db,
    trees: Vec<sled::Tree>,
    file: File,
    dir: PathBuf,
    writes: AtomicU32,
    /// What the present commit was said to need; see [`Store::check_space`].
    needed: AtomicU64,
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
        Ok(SledStore {
            db,
            trees,
            file,
            dir: dir.to_owned(),
            writes: AtomicU32::new(0),
            needed: AtomicU64::new(RESERVE),
        })
    }

    /// Waits until nobody has the store in `dir` open any more.
    pub fn wait_until_closed(dir: &Path, wait: Duration) -> Result<(), BaseError> {
        lock::wait_until_free(&dir.join("db"), wait)
    }

    fn tree(&self, table: Table) -> &sled::Tree {
        &self.trees[table as usize]
    }

    fn failed(&self, error: sled::Error) -> BaseError {
        match failed(&self.dir, error) {
            BaseError::DiskFull { free, .. } => {
                BaseError::DiskFull { needed: self.needed.load(Ordering::Relaxed), free }
            }
            error => error,
        }
    }

    /// Fails if a commit that is stopped now might not find the space to be taken back.
    fn check_reserve(&self) -> Result<(), BaseError> {
        let (free, needed) = (free(&self.dir), self.needed.load(Ordering::Relaxed));
        if free < RESERVE { Err(BaseError::DiskFull { needed, free }) } else { Ok(()) }
    }

    /// Fails if the file that is open is not the one that the next start would open.
    fn check_place(&self) -> Result<(), BaseError> {
        let path = self.dir.join("db");
        let (found, own) = (fs::metadata(&path), self.file.metadata());
        match (found, own) {
            (Ok(found), Ok(own)) if (found.dev(), found.ino()) == (own.dev(), own.ino()) => Ok(()),
            _ => Err(BaseError::Gone { path: self.dir.clone() }),
        }
    }
}

/// Opens sled in a thread of its own, because a damaged file can make it panic.
fn open_guarded(dir: &Path) -> Result<sled::Db, sled::Error> {
    let segment = segment_of(dir).unwrap_or(SEGMENT);
    let config = sled::Config::new().path(dir).cache_capacity(CACHE).segment_size(segment).flush_every_ms(None);
    let opened = std::thread::Builder::new().name(OPENING.to_owned()).spawn(move || config.open())?.join();
    opened.unwrap_or_else(|_| Err(sled::Error::ReportableBug("the storage engine gave up".to_owned())))
}

/// The segment size of an existing store: `segment_size: N` in its settings, which are lines of text and a checksum.
fn segment_of(dir: &Path) -> Option<usize> {
    let settings = fs::read(dir.join("conf")).ok()?;
    let lines = String::from_utf8_lossy(&settings).into_owned();
    lines.lines().find_map(|line| line.strip_prefix("segment_size: "))?.trim().parse().ok()
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
        sled::Error::Io(e) if matches!(e.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            BaseError::DiskFull { needed: RESERVE, free: free(dir) }
        }
        sled::Error::Io(e) => BaseError::io("read or write", dir, e),
        sled::Error::Corruption { .. } => {
            BaseError::damaged(format!("what {} holds is not what was written", dir.join("db").display()))
        }
        sled::Error::Unsupported(what) => BaseError::OtherStore { path: dir.to_owned(), what },
        sled::Error::ReportableBug(what) => BaseError::damaged(format!("{} cannot be read ({what})", dir.display())),
        other => BaseError::Engine(other.to_string()),
    }
}

/// Fails if less than that many bytes are free on the disk of `dir`.
pub fn check_free(dir: &Path, needed: u64) -> Result<(), BaseError> {
    let free = free(dir);
    if free < needed { Err(BaseError::DiskFull { needed, free }) } else { Ok(()) }
}

/// Bytes that this user may still write on the disk of `dir`.
fn free(dir: &Path) -> u64 {
    rustix::fs::statvfs(dir).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// sled keeps every node that was read until its shard of the cache has been accessed so many times, whatever the limit: a walk
/// through a large table would hold 16,384 nodes, over a gigabyte. There are so many shards, and neighbouring leaves are in
/// different ones; a leaf has about so many entries.
const ACCESSES: usize = 64;
const SHARDS: usize = 256;
const LEAF: usize = 16;

/// After so many leaves a walk makes sled let go of them.
const HELD: usize = 2 * SHARDS;

/// A walk through the entries of a tree that keeps only a few of its nodes in memory.
struct Walk {
    entries: sled::Iter,
    tree: sled::Tree,
    passed: usize,
    /// Keys of the leaves that were passed since sled last let go of some.
    leaves: Vec<sled::IVec>,
}

impl Walk {
    fn new(tree: &sled::Tree, range: Range) -> Walk {
        Walk { entries: tree.range(range), tree: tree.clone(), passed: 0, leaves: Vec::new() }
    }

    /// Looks the last leaves up so often that every shard sees what it holds too much.
    fn let_go(&mut self) -> sled::Result<()> {
        for key in self.leaves.drain(..).skip(HELD - SHARDS) {
            for _ in 0..ACCESSES {
                self.tree.contains_key(&key)?;
            }
        }
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = sled::Result<(sled::IVec, sled::IVec)>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entries.next()?;
        self.passed += 1;
        if let Ok((key, _)) = &entry
            && self.passed.is_multiple_of(LEAF)
        {
            self.leaves.push(key.clone());
            if self.leaves.len() == HELD
                && let Err(error) = self.let_go()
            {
                return Some(Err(error));
            }
        }
        Some(entry)
    }
}

impl Store for SledStore {
    type Bytes = sled::IVec;

    fn insert(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BaseError> {
        if self.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.check_reserve()?;
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
        Box::new(Walk::new(self.tree(table), range).map(move |entry| entry.map_err(|e| failed(&dir, e))))
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
        self.file.sync_all().map_err(|e| BaseError::io("write", &self.dir.join("db"), e))?;
        self.check_place()
    }

    /// The space that the file already has is reused, so only growth beyond it counts.
    fn check_space(&self, bytes: u64) -> Result<(), BaseError> {
        let own = self.file.metadata().map_or(0, |m| m.blocks() * 512);
        let needed = bytes.saturating_sub(own / 2) + RESERVE;
        self.needed.store(needed, Ordering::Relaxed);
        check_free(&self.dir, needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_opens_with_the_segments_it_was_made_with() {
        let dir = tempfile::tempdir().unwrap();
        let other = sled::Config::new().path(dir.path()).segment_size(SEGMENT / 4).open().unwrap();
        other.insert("state", "kept").unwrap();
        drop(other);
        let store = SledStore::open(dir.path(), Duration::from_secs(5)).unwrap();
        assert_eq!(store.state().unwrap(), b"kept");
    }
}
