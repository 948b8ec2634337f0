//! One search over the whole base, for a door that asks once: the app keeps its index between keystrokes instead.

use std::io::{BufWriter, Write};
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

/// Searches; gives at most `limit` hits and the number of all.
///
/// # Errors
/// The base cannot be read, or it was cancelled.
pub fn search(base: &Base, query: Query, entity: Entity, limit: usize, gauge: &Gauge) -> Result<Found, FlowError> {
    let cancelled = || gauge.cancelled();
    let view = base.view();
    let hits = hits(&view, query, Wanted::best(entity, limit), gauge)?;
    let mut found = Found { total: hits.total, hits: Vec::with_capacity(hits.hits.len()) };
    for hit in hits.hits {
        if cancelled() {
            return Err(FlowError::Cancelled);
        }
        let Some(record) = view.get(entity, &hit.id)? else { continue };
        let organization_name = match entity {
            Entity::Contact => organization_name(base, &record)?,
            Entity::Organization => None,
        };
        found.hits.push(FoundRecord { id: hit.id, record, organization_name, typo: hit.typo });
    }
    Ok(found)
}

/// Writes all hits as CSV to a file, in their order: whole, or the file is as it was. Only its owner can read it.
///
/// # Errors
/// As [`search`], and if the file cannot be written.
pub fn export_hits(
    base: &Base,
    query: Query,
    entity: Entity,
    to: &Target,
    gauge: &Gauge,
) -> Result<Exported, FlowError> {
    let view = base.view();
    let hits = hits(&view, query, Wanted::best(entity, usize::MAX), gauge)?;
    gauge.set(0, hits.total as u64);
    let ids = hits.hits.into_iter().map(|hit| hit.id).collect();
    let written = private::replace(&to.path, |out| write_records(&view, entity, ids, out, gauge));
    written.map_err(|error: FlowError| error.doing(format!("cannot write {}", to.shown.display())))
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

/// Loads the whole base and searches once.
fn hits(view: &View, mut query: Query, wanted: Wanted, gauge: &Gauge) -> Result<Hits, FlowError> {
    let cancelled = || gauge.cancelled();
    let head = view.head();
    let load = |progress: crate::search::Progress| {
        let loaded = progress.contacts + progress.organizations;
        gauge.set(loaded as u64, head.contacts + head.organizations);
    };
    let index = Index::new();
    index.refresh(view, &cancelled, load)?.ok_or(FlowError::Cancelled)?;
    query.identify(wanted.entity, |internal| view.by_internal(internal))?;
    let mut narrowing = Narrowing::default();
    let hits = index.search(&query, wanted, &cancelled, &mut narrowing, &mut |_| {});
    hits.ok_or(FlowError::Cancelled)
}
