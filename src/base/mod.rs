//! The stored truth: contacts, organizations, who belongs where, and what each commit has changed.
//!
//! From the outside in:
//!
//! - [`Base`]: open, read, commit; this file
//! - [`view`]: reading, one commit whole · [`history`]: entries and deltas · `trace`: one record through all commits · [`undo`]: what taking a commit back means
//! - [`change`]: what a commit is made of · `commit`: how it is written, with `ahead` to read it and `behind` to write it, `note` and `aside` for what follows from it
//! - [`Lookup`]: reading in no order · [`Roster`]: who has members
//! - [`verify`](mod@verify): every page and every reference checked · [`backup`]: copies, and the way back · `salvage`: what a damaged base still says · [`forget`]: a contact goes without a trace
//! - `table`: records over pages · `page`: a packed page · `key`: keys of the tables · [`delta`]: one changed record
//! - `engine`: what a storage engine must do; `memory` is one, `versions` makes one of any plain store, `sled` is the store
//! - `sidecar`, [`lock`], [`error`]: what guards an open base · `replace`: another store in its place · `migrate`: from an older schema
//!
//! Readers never wait for a commit and never see half of one: a [`View`] stays at its commit. One writer at a time.

mod ahead;
mod aside;
pub mod backup;
mod behind;
pub mod change;
mod commit;
pub mod delta;
mod engine;
pub mod error;
pub mod forget;
pub mod history;
mod key;
pub mod lock;
mod lookup;
mod memory;
mod migrate;
mod note;
pub mod page;
mod replace;
mod salvage;
mod sidecar;
mod sled;
mod table;
mod trace;
pub mod undo;
pub mod verify;
mod versions;
pub mod view;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use uuid::Uuid;

pub use aside::stay_key;
pub use backup::Proof;
pub use change::{Change, ChangeList, ChangeSource, Commit, Counts, Done, Kind, Put, Who};
pub use delta::{Delta, FieldChange, Slot, Verb, What};
pub use error::BaseError;
pub use forget::{Erasure, Forgotten, Look, Traces};
pub use history::Entry;
pub use lock::Holder;
pub use lookup::{Lookup, Roster};
pub use salvage::Salvaged;
pub use undo::{Blocker, Later, UndoPlan, Why};
pub use verify::Report;
pub use view::{Cursor, Head, PackedPage, RecordPage, Tombstone, View};

use self::sled::{RESERVE, SledStore, check_free};
use crate::model::fields::{Catalog, Entity};
use crate::model::record::Record;
use crate::spill::SpillRoom;
use commit::Watch;
use engine::Engine;
use lock::Lock;
use versions::Versions;

/// The folder of the store within the folder of a base.
const STORE: &str = "store";

/// The name of the thread that opens a store. A panic in it is an answer: the file is damaged.
pub const OPENING: &str = "open-base";

/// How long the store may take to let go of its files after it was dropped.
const SETTLE: Duration = Duration::from_secs(2);

/// What one sorter of a commit holds in memory; there are three.
const SORTER_MEMORY: usize = 8 << 20;

/// A base. Clones are the same base; all may be used from any thread.
#[derive(Clone)]
pub struct Base(Arc<Inner>);

struct Inner {
    /// Before the engine, because it reads from it.
    view: RwLock<View>,
    engine: Box<dyn Engine>,
    writing: Mutex<()>,
    room: SpillRoom,
    /// None in memory.
    home: Option<Home>,
}

/// Where a base is.
#[derive(Clone)]
struct Home {
    dir: PathBuf,
    lock: Lock,
    /// See [`Base::old_files`].
    old_files: Option<PathBuf>,
}

impl Drop for Inner {
    /// Removes what readers of older commits still needed when the last commit was made.
    fn drop(&mut self) {
        if let Err(error) = self.engine.tidy() {
            tracing::warn!(%error, "not tidied up; the next start does it");
        }
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").field("home", &self.folder()).field("head", &self.head()).finish()
    }
}

impl Base {
    /// Whether there is a base in a folder, sound or not. Looking changes nothing.
    pub fn exists(dir: &Path) -> bool {
        dir.join(STORE).exists() || dir.join(sidecar::FILE).exists() || replace::is_aside(dir)
    }

    /// Opens the base in a folder, or makes one. What a crash has left half done is taken back or finished.
    ///
    /// # Errors
    /// [`BaseError::InUse`] if another process has it and does not let go for `wait`; [`BaseError::Damaged`],
    /// [`BaseError::NewerSchema`], [`BaseError::DiskFull`], [`BaseError::Io`].
    pub fn open(dir: &Path, wait: Duration) -> Result<Base, BaseError> {
        make_folder(dir)?;
        Base::locked(dir, Lock::take(dir, wait)?)
    }

    /// Opens the base in a folder that this process has locked.
    fn locked(dir: &Path, lock: Lock) -> Result<Base, BaseError> {
        Base::migrated_by(dir, lock, migrate::STEPS)
    }

    fn migrated_by(dir: &Path, lock: Lock, steps: &[migrate::Step]) -> Result<Base, BaseError> {
        refuse_links(dir)?;
        replace::settle(dir)?;
        let store = dir.join(STORE);
        let known = sidecar::read(dir)?.map(|known| known.commit);
        if known.is_some_and(|commit| commit > 0) && !store.join("db").exists() {
            return Err(BaseError::damaged(format!("{} is missing", store.join("db").display())));
        }
        make_folder(&store)?;
        let mut engine = Versions::open(SledStore::open(&store, SETTLE)?)?;
        let mut old_files = None;
        if let Some(older) = migrate::older(&engine)? {
            old_files = Some(migrate::migrate(dir, engine, older, steps)?);
            engine = Versions::open(SledStore::open(&store, SETTLE)?)?;
        }
        let home = Home { dir: dir.to_owned(), lock, old_files };
        let base = Base::over(Box::new(engine), dir.to_owned(), Some(home))?;
        let head = base.head();
        match known {
            Some(commit) if commit > head.commit => Err(BaseError::damaged(format!(
                "it held commit {commit}, but only {} of them can be read from {}",
                head.commit,
                store.display()
            ))),
            Some(commit) if commit == head.commit => Ok(base),
            _ => {
                if let Err(error) = sidecar::write(dir, head) {
                    tracing::warn!(%error, "the next start tries again");
                }
                Ok(base)
            }
        }
    }

    /// An empty base in memory. It is gone with its last clone.
    pub fn in_memory() -> Base {
        let engine = Box::new(memory::Memory::default());
        // Nothing is read from an empty engine that could fail.
        Base::over(engine, std::env::temp_dir(), None).unwrap_or_else(|error| unreachable!("{error}"))
    }

    fn over(engine: Box<dyn Engine>, room: PathBuf, home: Option<Home>) -> Result<Base, BaseError> {
        let view = RwLock::new(View::newest(engine.as_ref())?);
        let room = SpillRoom { memory: SORTER_MEMORY, ..SpillRoom::new(&room) };
        Ok(Base(Arc::new(Inner { view, engine, writing: Mutex::default(), room, home })))
    }

    /// The newest commit, to be read as it is for as long as the view lives.
    pub fn view(&self) -> View {
        self.0.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the base is at. From memory.
    pub fn head(&self) -> Head {
        self.view().head()
    }

    /// The custom fields. From memory.
    pub fn catalog(&self) -> Catalog {
        Catalog::clone(self.view().catalog())
    }

    /// See [`View::get`].
    pub fn get(&self, entity: Entity, id: &str) -> Result<Option<Record>, BaseError> {
        self.view().get(entity, id)
    }

    /// See [`View::by_internal`].
    pub fn by_internal(&self, internal: Uuid) -> Result<Option<(Entity, String)>, BaseError> {
        self.view().by_internal(internal)
    }

    /// See [`View::members`].
    pub fn members(&self, account: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, BaseError> {
        self.view().members(account, after, limit)
    }

    /// See [`View::member_count`].
    pub fn member_count(&self, account: &str) -> Result<u64, BaseError> {
        self.view().member_count(account)
    }

    /// See [`View::cursor`].
    pub fn cursor(&self, entity: Entity) -> Cursor {
        self.view().cursor(entity)
    }

    /// See [`View::scan`].
    pub fn scan(
        &self,
        entity: Entity,
        from: &str,
    ) -> impl Iterator<Item = Result<(String, Record), BaseError>> + Send + use<> {
        self.view().scan(entity, from)
    }

    /// See [`View::pages`].
    pub fn pages(
        &self,
        entity: Entity,
        from: &str,
    ) -> impl Iterator<Item = Result<RecordPage, BaseError>> + Send + use<> {
        self.view().pages(entity, from)
    }

    /// See [`View::near`].
    pub fn near(&self, entity: Entity, id: &str) -> Result<Vec<String>, BaseError> {
        self.view().near(entity, id)
    }

    /// See [`View::tombstone`].
    pub fn tombstone(&self, entity: Entity, id: &str) -> Result<Option<Tombstone>, BaseError> {
        self.view().tombstone(entity, id)
    }

    /// See [`View::recall`].
    pub fn recall(&self, key: &str) -> Result<Option<Vec<u8>>, BaseError> {
        self.view().recall(key)
    }

    /// See [`View::recall_prefix`].
    pub fn recall_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, BaseError> {
        self.view().recall_prefix(prefix)
    }

    /// See [`View::history`].
    pub fn history(&self) -> Result<Vec<Entry>, BaseError> {
        self.view().history()
    }

    /// See [`View::entry`].
    pub fn entry(&self, number: u64) -> Result<Entry, BaseError> {
        self.view().entry(number)
    }

    /// See [`View::deltas`].
    pub fn deltas(
        &self,
        number: u64,
    ) -> Result<impl Iterator<Item = Result<Delta, BaseError>> + Send + use<>, BaseError> {
        self.view().deltas(number)
    }

    /// The folder of the base, for what is kept beside it; `None` for a base in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.0.home.as_ref().map(|home| home.dir.as_path())
    }

    /// Whether so many bytes can be written beside the base without taking what a commit may need.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.folder().is_some_and(|folder| check_free(folder, bytes.saturating_add(RESERVE)).is_ok())
    }

    /// Where the files of an older schema are kept, if opening has brought the base from it to the present one.
    pub fn old_files(&self) -> Option<&Path> {
        self.0.home.as_ref()?.old_files.as_deref()
    }

    /// See [`undo::plan`].
    pub fn plan_undo(&self, number: u64, cancel: &AtomicBool) -> Result<UndoPlan, BaseError> {
        undo::plan(&self.view(), &self.0.room, number, cancel)
    }

    /// See [`verify::verify`].
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64), cancel: &AtomicBool) -> Result<Report, BaseError> {
        verify::verify(&self.view(), &self.0.room, progress, cancel)
    }

    /// Writes a copy of the newest commit that opens as a base, while others read and even while a commit is pending, and
    /// reads it back. `progress` is told how many records of how many are read.
    ///
    /// # Errors
    /// `to` exists and is not an empty folder, or cannot be written; the base is damaged; [`BaseError::Cancelled`]. Then
    /// nothing is left of the copy.
    pub fn backup(
        &self,
        to: &Path,
        progress: &mut dyn FnMut(u64, u64),
        cancel: &AtomicBool,
    ) -> Result<Proof, BaseError> {
        backup::backup(&self.view(), to, progress, cancel)
    }

    /// Rewrites the base into fresh files, which hold what it holds and nothing else. The old ones go when the new ones were
    /// read and have the same counts and digest. Gives the base, open as before, and what was found before and after.
    /// `self` must be the only clone, and no [`View`] of it may live.
    ///
    /// # Errors
    /// [`BaseError::InUse`] if somebody still reads; the base is damaged; [`BaseError::Cancelled`], [`BaseError::DiskFull`].
    /// Then it is as it was.
    pub fn compact(
        self,
        progress: &mut dyn FnMut(u64, u64),
        cancel: &AtomicBool,
    ) -> Result<(Base, [Proof; 2]), BaseError> {
        backup::compact(self, progress, cancel)
    }

    /// Makes the base in the folder `to` from the backup in the folder `from`, which is only read, and checks all of it
    /// before it takes the place of what was there.
    ///
    /// # Errors
    /// [`BaseError::Exists`] if there is a base and it is not to be overwritten; `from` is no base, or damaged;
    /// [`BaseError::InUse`], [`BaseError::Cancelled`]. Then `to` is as it was.
    pub fn restore(
        from: &Path,
        to: &Path,
        overwrite: bool,
        wait: Duration,
        progress: &mut dyn FnMut(u64, u64),
        cancel: &AtomicBool,
    ) -> Result<Proof, BaseError> {
        backup::restore(from, to, overwrite, wait, progress, cancel)
    }

    /// Reads what can be read of the base in a folder, however damaged, without changing it.
    ///
    /// # Errors
    /// Nothing at all can be read; [`BaseError::InUse`], [`BaseError::Cancelled`], [`BaseError::DiskFull`].
    pub fn salvage(dir: &Path, wait: Duration, cancel: &AtomicBool) -> Result<Salvaged, BaseError> {
        salvage::salvage(dir, wait, cancel)
    }

    /// Changes the base: all of it or, after any error or crash, nothing (R24). `progress` is told how many changes of how
    /// many are done; `cancel` is obeyed until the commit point.
    ///
    /// # Errors
    /// [`BaseError::Moved`] if the base is not at commit `expected` any more; [`BaseError::Cancelled`],
    /// [`BaseError::DiskFull`]; [`BaseError::Invalid`] if the changes are out of order, too large, or would leave a
    /// contact in an organization that does not exist.
    pub fn commit(
        &self,
        expected: u64,
        commit: &Commit,
        progress: &mut dyn FnMut(u64, u64),
        cancel: &AtomicBool,
    ) -> Result<Done, BaseError> {
        let room = &self.0.room;
        self.advance(expected, &mut |engine, view| {
            commit::write(engine, room, view, commit, Watch { progress: &mut *progress, cancel })
        })
    }

    /// Lets `write` make a commit upon the newest one, and shows it to everybody.
    fn advance(
        &self,
        expected: u64,
        write: &mut dyn FnMut(&dyn Engine, &View) -> Result<Done, BaseError>,
    ) -> Result<Done, BaseError> {
        let _one_at_a_time = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let (engine, view) = (self.0.engine.as_ref(), self.view());
        let head = view.head().commit;
        if head != expected {
            return Err(BaseError::Moved { expected, head });
        }
        let done = write(engine, &view)?;
        drop(view);
        let newest = View::newest(engine)?;
        let head = newest.head();
        *self.0.view.write().unwrap_or_else(PoisonError::into_inner) = newest;
        // The commit is durable. What may still fail is made good at the next start.
        let swept = match &self.0.home {
            Some(home) => sidecar::write(&home.dir, head).and_then(|()| engine.tidy()),
            None => engine.tidy(),
        };
        if let Err(error) = swept {
            tracing::warn!(%error, commit = head.commit, "committed, but not tidied up");
        }
        Ok(done)
    }
}

/// Makes a folder and those above it, for this user alone, durably.
fn make_folder(dir: &Path) -> Result<(), BaseError> {
    if dir.is_dir() {
        return Ok(());
    }
    let make = || {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        dir.ancestors().take(3).filter(|dir| dir.is_dir()).try_for_each(|dir| File::open(dir)?.sync_all())
    };
    make().map_err(|e| BaseError::io("make the folder", dir, e))
}

/// Fails if a link stands where a file of the base should be: what is written there would be somewhere else.
fn refuse_links(dir: &Path) -> Result<(), BaseError> {
    for folder in [dir.to_owned(), dir.join(STORE)] {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, "a symbolic link; remove it");
                return Err(BaseError::io("use", &entry.path(), source));
            }
        }
    }
    Ok(())
}

/// Whether a folder has nothing in it, or does not exist.
fn is_vacant(dir: &Path) -> bool {
    match fs::read_dir(dir) {
        Ok(mut files) => files.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}
