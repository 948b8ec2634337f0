//! Search over the whole base for a door that asks once, and what is kept of it for the next start. The app keeps its index
//! between keystrokes instead.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::FlowError;
use super::gauge::Gauge;
use super::reports::ReportFile;
use super::show::organization_name;
use crate::base::{Base, Lookup, View};
use crate::home::access::{Access, Target};
use crate::home::private;
use crate::model::fields::Entity;
use crate::model::record::Record;
use crate::report::export::{self, Exported, Source, Wording};
use crate::search::{Hits, Index, Narrowing, Query, Wanted};

/// What a search found.
#[derive(Debug)]
pub struct Found {
    /// How many records match.
    pub total: usize,
    /// The best of them, best first.
    pub hits: Vec<FoundRecord>,
}

/// A record that matches.
#[derive(Debug)]
pub struct FoundRecord {
    /// Its Contact ID or Account ID.
    pub id: String,
    /// The record.
    pub record: Record,
    /// The name of a contact's organization.
    pub organization_name: Option<String>,
    /// Whether it matches only because one typo was forgiven.
    pub typo: bool,
}

/// The base, ready to be searched.
pub struct Searcher<'b> {
    base: &'b Base,
    view: View,
    index: Index,
}

impl<'b> Searcher<'b> {
    /// Loads the text of the whole base.
    ///
    /// # Errors
    /// The base cannot be read, or it was cancelled.
    pub fn load(base: &'b Base, gauge: &Gauge) -> Result<Searcher<'b>, FlowError> {
        let (view, index) = (base.view(), Index::new());
        let head = view.head();
        let load = |progress: crate::search::Progress| {
            let loaded = progress.contacts + progress.organizations;
            gauge.set(loaded as u64, head.contacts + head.organizations);
        };
        let done = index.refresh(&view, kept_file(base).as_deref(), &|| gauge.cancelled(), load)?;
        done.ok_or(FlowError::Cancelled)?;
        Ok(Searcher { base, view, index })
    }

    /// Searches; gives at most `limit` hits and the number of all.
    ///
    /// # Errors
    /// The base cannot be read, or it was cancelled.
    pub fn search(&self, query: Query, entity: Entity, limit: usize, gauge: &Gauge) -> Result<Found, FlowError> {
        let hits = self.hits(query, Wanted::best(entity, limit), gauge)?;
        let mut found = Found { total: hits.total, hits: Vec::with_capacity(hits.hits.len()) };
        for hit in hits.hits {
            if gauge.cancelled() {
                return Err(FlowError::Cancelled);
            }
            let Some(record) = self.view.get(entity, &hit.id)? else { continue };
            let organization_name = match entity {
                Entity::Contact => organization_name(self.base, &record)?,
                Entity::Organization => None,
            };
            found.hits.push(FoundRecord { id: hit.id, record, organization_name, typo: hit.typo });
        }
        Ok(found)
    }

    /// Writes all hits as CSV to a file, in their order: whole, or the file is as it was. Only its owner can read it.
    ///
    /// # Errors
    /// As [`Searcher::search`], and if the file cannot be written.
    pub fn export(&self, query: Query, entity: Entity, to: &Target, gauge: &Gauge) -> Result<Exported, FlowError> {
        let hits = self.hits(query, Wanted::best(entity, usize::MAX), gauge)?;
        gauge.set(0, hits.total as u64);
        let ids = hits.hits.into_iter().map(|hit| hit.id).collect();
        let written = private::replace(&to.path, |out| write_records(&self.view, entity, ids, out, gauge));
        written.map_err(|error: FlowError| error.doing(format!("cannot write {}", to.shown.display())))
    }

    /// Keeps the text for the next start: see [`keep`].
    pub fn keep(&self, cancelled: &(dyn Fn() -> bool + Sync)) {
        keep(&self.index, self.base, &self.view, cancelled);
    }

    fn hits(&self, mut query: Query, wanted: Wanted, gauge: &Gauge) -> Result<Hits, FlowError> {
        query.identify(wanted.entity, |internal| self.view.by_internal(internal))?;
        let cancelled = || gauge.cancelled();
        let hits = self.index.search(&query, wanted, &cancelled, &mut Narrowing::default(), &mut |_| {});
        hits.ok_or(FlowError::Cancelled)
    }
}

/// The name of the file beside a base in which its folded text is kept. It is a copy, personal as the base is.
const KEPT: &str = "search.text";

/// Where the folded text of a base is kept; `None` for one in memory.
pub fn kept_file(base: &Base) -> Option<PathBuf> {
    base.folder().map(|folder| folder.join(KEPT))
}

/// Removes the text that is kept, and what is left of one that was being written.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove_kept(base: &Base) -> io::Result<()> {
    kept_file(base).map_or(Ok(()), |file| Index::remove_kept(&file))
}

/// Keeps the text of an index for the next start, if much of it is new. That it cannot be kept is no failure of the search:
/// the next start folds the records again.
pub fn keep(index: &Index, base: &Base, view: &View, cancelled: &(dyn Fn() -> bool + Sync)) {
    let Some(file) = kept_file(base).filter(|_| base.has_room(index.bytes() as u64)) else { return };
    match index.keep(view, &file, private::create, cancelled) {
        Ok(true) => tracing::info!(file = %file.display(), "text kept"),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "the text is not kept; the next start folds it again"),
    }
}

/// Writes the records of these IDs as CSV to a new file, in that order; tells where it is and how many they are.
///
/// # Errors
/// The base cannot be read; there is a file of that name, which is somebody's work and stays, or it cannot be written: then
/// nothing is left of it; it was cancelled.
pub fn save_records(
    view: &View,
    entity: Entity,
    ids: Vec<String>,
    (access, path): (&Access, &Path),
    gauge: &Gauge,
) -> Result<(PathBuf, u64), FlowError> {
    gauge.set(0, ids.len() as u64);
    let cannot = |error: FlowError| error.doing(format!("cannot write {}", path.display()));
    let report = ReportFile::create(access, path).map_err(|error| cannot(error.into()))?;
    let mut out = BufWriter::with_capacity(1 << 16, &report.file);
    let written = write_records(view, entity, ids, &mut out, gauge)
        .and_then(|done| Ok(out.flush().and_then(|()| report.file.sync_all()).map(|()| done)?));
    match written {
        Ok(done) => Ok((report.shown().to_owned(), done.contacts + done.lone_organizations)),
        Err(error) => {
            report.remove();
            Err(cannot(error))
        }
    }
}

/// Writes the records of these IDs, in that order.
fn write_records(
    view: &View,
    entity: Entity,
    ids: Vec<String>,
    out: impl Write,
    gauge: &Gauge,
) -> Result<Exported, FlowError> {
    let (contacts, organizations) = if entity == Entity::Contact { (ids, vec![]) } else { (vec![], ids) };
    let mut beside = Lookup::new(view, Entity::Organization);
    let source = Source {
        contacts: records(view, Entity::Contact, contacts, gauge),
        organization: |id: &str| Ok(beside.get(id)?),
        lone: records(view, Entity::Organization, organizations, gauge),
    };
    export::export(out, view.catalog(), Wording::default(), source)
}

/// The records of these IDs, in that order; one that the base does not have any more is left out.
fn records<'a>(
    view: &View,
    entity: Entity,
    ids: Vec<String>,
    gauge: &'a Gauge,
) -> impl Iterator<Item = Result<(String, Record), FlowError>> + use<'a> {
    let mut lookup = Lookup::new(view, entity);
    ids.into_iter().filter_map(move |id| {
        if gauge.cancelled() {
            return Some(Err(FlowError::Cancelled));
        }
        gauge.done.fetch_add(1, Ordering::Relaxed);
        let record = lookup.get(&id).transpose()?;
        Some(record.map(|record| (id, record)).map_err(FlowError::from))
    })
}
