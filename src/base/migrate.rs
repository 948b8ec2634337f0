//! A base of an older schema becomes one of the present schema when it is opened.
//!
//! Each schema has a [`Step`] to the next. The base is written anew through the steps that it lacks, in a folder beside, and
//! proven there. Before the new files take the place of the old ones, as [`replace`] does it, a copy of these goes to the folder
//! `schema-N` of the base: an older muster opens it, and so does `muster restore`. A crash at any moment leaves the old base or
//! the new one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::backup::{copy_files, prove};
use super::engine::{Engine, Table};
use super::error::BaseError;
use super::lock::Lock;
use super::page::{Packer, Page, Raw};
use super::sled::SledStore;
use super::table::damaged;
use super::versions::Versions;
use super::view::{Head, SCHEMA, schema_of};
use super::{Base, SETTLE, STORE, make_folder, replace, sidecar};

/// What makes of a base one of the next schema. `None`: it cannot be read.
pub(super) struct Step {
    /// Of the bytes of the head, which begin with the schema.
    pub head: fn(&[u8]) -> Option<Vec<u8>>,
    /// Of an entry's payload, by its table and key.
    pub entry: Rewrite,
}

/// The new payload of an entry: its table, its key, its old payload.
type Rewrite = fn(Table, &[u8], &[u8]) -> Option<Vec<u8>>;

/// The last one leads to [`SCHEMA`]; who raises that adds one, and a fixture in `tests/fixtures`. There was one schema so far.
pub(super) const STEPS: &[Step] = &[];

/// The schema of a store, if it is older than the present one.
pub(super) fn older(engine: &dyn Engine) -> Result<Option<u32>, BaseError> {
    match engine.snapshot().head() {
        [] => Ok(None),
        head => Ok(Some(schema_of(head)?).filter(|found| *found < SCHEMA)),
    }
}

/// Brings a base, which this process has locked and opened, from an older schema to the present one; gives the folder of its
/// old files.
///
/// # Errors
/// There is no way from that schema; the disk is full; the base is damaged. Then it is as it was.
pub(super) fn migrate(
    dir: &Path,
    engine: Versions<SledStore>,
    from: u32,
    steps: &[Step],
) -> Result<PathBuf, BaseError> {
    let lacking = usize::try_from(SCHEMA - from).ok().and_then(|lacking| steps.len().checked_sub(lacking));
    let Some(first) = lacking else {
        let what = format!("schema {from}, which is too old for this one");
        return Err(BaseError::OtherStore { path: dir.join(STORE), what });
    };
    let fresh = replace::fresh(dir)?;
    let written = rewrite(&engine, &fresh, &steps[first..])
        .and_then(|()| prove(&Base::open(&fresh, SETTLE)?, &fresh, &mut |_, _| {}, &AtomicBool::new(false)));
    drop(engine);
    SledStore::wait_until_closed(&dir.join(STORE), SETTLE)?;
    let kept = written.and_then(|proof| keep(dir, from, proof.head.commit));
    match kept {
        Ok(kept) => replace::put_in_place(dir).map(|()| kept),
        Err(error) => replace::settle(dir).and(Err(error)),
    }
}

/// Writes what a store holds, through steps, as a base of the present schema. Pages keep their keys: what ends an old page
/// ends a new one.
pub(super) fn rewrite(engine: &dyn Engine, to: &Path, steps: &[Step]) -> Result<(), BaseError> {
    let snapshot = engine.snapshot();
    let head = steps.iter().try_fold(snapshot.head().to_vec(), |head, step| (step.head)(&head));
    let head = head.ok_or_else(|| BaseError::damaged("its head cannot be read"))?;
    let new = Head::read(&head)?;
    make_folder(&to.join(STORE))?;
    let _mine = Lock::take(to, Duration::ZERO)?;
    let store = Versions::open(SledStore::open(&to.join(STORE), SETTLE)?)?;
    let writer = store.begin(0, new.commit)?;
    let mut page = Page::default();
    for table in Table::ALL {
        for stored in snapshot.clone().pages(table, &[]) {
            let (low, stored) = stored?;
            page.unpack(&stored).map_err(|why| damaged(table, &low, why))?;
            let mut put = |low: &[u8], raw: Option<Raw<'_>>| match raw {
                Some(raw) => writer.put(table, low, Some(&raw.pack()?)),
                None => Ok(()),
            };
            let mut packer = Packer::new(new.commit);
            packer.begin(&low);
            for (key, payload) in page.iter() {
                let payload =
                    steps.iter().try_fold(payload.to_vec(), |payload, step| (step.entry)(table, key, &payload));
                let payload = payload.ok_or_else(|| damaged(table, key, "it cannot be read"))?;
                packer.push(key, &payload, &mut put)?;
            }
            packer.finish(&mut put)?;
        }
    }
    writer.finish(&head)?;
    store.tidy()?;
    drop(store);
    sidecar::write(to, new)
}

/// Copies the files of a base of an older schema, which are closed, to a folder of their own. A whole copy of the same commit,
/// which a crash has left, does as well; any other stays.
fn keep(dir: &Path, schema: u32, commit: u64) -> Result<PathBuf, BaseError> {
    let half = dir.join(format!("schema-{schema}.half"));
    let mut kept = dir.join(format!("schema-{schema}"));
    for n in 2.. {
        if !kept.exists() {
            break;
        }
        if sidecar::read(&kept)?.is_some_and(|known| known.commit == commit) {
            return Ok(kept);
        }
        kept = dir.join(format!("schema-{schema}-{n}"));
    }
    let failed = |error| BaseError::io("keep the old files in", &kept, error);
    if half.exists() {
        fs::remove_dir_all(&half).map_err(failed)?;
    }
    copy_files(dir, &half)?;
    let sync = |folder: &Path| fs::read_dir(folder)?.try_for_each(|file| File::open(file?.path())?.sync_all());
    let durable = sync(&half.join(STORE)).and_then(|()| sync(&half)).and_then(|()| File::open(&half)?.sync_all());
    let moved = durable.and_then(|()| fs::rename(&half, &kept)).and_then(|()| File::open(dir)?.sync_all());
    moved.map_err(failed)?;
    Ok(kept)
}
