//! A copy of one commit that opens as a base. It is the way back from damage, because sled has no repair tool.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::engine::{Engine, Table};
use super::error::BaseError;
use super::sled::SledStore;
use super::versions::Versions;
use super::view::View;
use super::{STORE, is_vacant, make_folder, sidecar};

/// See [`super::Base::backup`]. The copy is made beside its place and moved there when it is whole, because half a copy
/// would open as an empty base.
pub(super) fn backup(view: &View, to: &Path, cancel: &AtomicBool) -> Result<(), BaseError> {
    if !is_vacant(to) {
        let source = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the folder is not empty; name a new one");
        return Err(BaseError::io("back up to", to, source));
    }
    let to = &std::path::absolute(to).map_err(|e| BaseError::io("back up to", to, e))?;
    let above = to.parent().unwrap_or(Path::new("/"));
    make_folder(above)?;
    let half = tempfile::Builder::new()
        .prefix(".muster-backup-")
        .tempdir_in(above)
        .map_err(|e| BaseError::io("back up to", above, e))?;
    copy(view, half.path(), cancel)?;
    let moved = fs::rename(half.path(), to).and_then(|()| File::open(above)?.sync_all());
    moved.map_err(|e| BaseError::io("back up to", to, e))?;
    let _gone = half.keep();
    Ok(())
}

fn copy(view: &View, dir: &Path, cancel: &AtomicBool) -> Result<(), BaseError> {
    let store = dir.join(STORE);
    make_folder(&store)?;
    let engine = Versions::open(SledStore::open(&store, Duration::ZERO)?)?;
    let head = view.head();
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
