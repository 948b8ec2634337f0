//! One search over the whole base, for a door that asks once: the app keeps its index between keystrokes instead.

use std::sync::atomic::Ordering;

use super::FlowError;
use super::gauge::Gauge;
use super::show::organization_name;
use crate::base::{Base, View};
use crate::home::access::Target;
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
    write_records(&view, entity, ids, to, gauge)
}

/// Writes the records of these IDs as [`export_hits`] does.
///
/// # Errors
/// The base cannot be read, the file cannot be written, or it was cancelled.
pub fn write_records(
    view: &View,
    entity: Entity,
    ids: Vec<String>,
    to: &Target,
    gauge: &Gauge,
) -> Result<Exported, FlowError> {
    let record = |id: String| {
        if gauge.cancelled() {
            return Some(Err(FlowError::Cancelled));
        }
        gauge.done.fetch_add(1, Ordering::Relaxed);
        let record = view.get(entity, &id).transpose()?;
        Some(record.map(|record| (id, record)).map_err(FlowError::from))
    };
    let (contacts, organizations) = if entity == Entity::Contact { (ids, vec![]) } else { (vec![], ids) };
    let written = private::replace(&to.path, |out| {
        let source = Source {
            contacts: contacts.into_iter().filter_map(record),
            organization: |id: &str| Ok(view.get(Entity::Organization, id)?),
            lone: organizations.into_iter().filter_map(record),
        };
        export::export(out, view.catalog(), Wording::default(), source)
    });
    written.map_err(|error: FlowError| error.doing(format!("cannot write {}", to.shown.display())))
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
