//! One search over the whole base, for a door that asks once: the app keeps its index between keystrokes instead.

use super::FlowError;
use super::gauge::Gauge;
use super::show::organization_name;
use crate::base::Base;
use crate::model::fields::Entity;
use crate::model::record::Record;
use crate::search::{Index, Narrowing, Query};

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
pub fn search(base: &Base, query: &Query, entity: Entity, limit: usize, gauge: &Gauge) -> Result<Found, FlowError> {
    let cancelled = || gauge.cancelled();
    let view = base.view();
    let head = view.head();
    let index = Index::new();
    let load = |progress: crate::search::Progress| {
        let loaded = progress.contacts + progress.organizations;
        gauge.set(loaded as u64, head.contacts + head.organizations);
    };
    index.refresh(&view, &cancelled, load)?.ok_or(FlowError::Cancelled)?;
    let mut narrowing = Narrowing::default();
    let hits = index.search(query, entity, limit, &cancelled, &mut narrowing).ok_or(FlowError::Cancelled)?;
    let mut found = Found { total: hits.total, hits: Vec::with_capacity(hits.hits.len()) };
    for hit in hits.hits {
        let Some(record) = view.get(entity, &hit.id)? else { continue };
        let organization_name = match entity {
            Entity::Contact => organization_name(base, &record)?,
            Entity::Organization => None,
        };
        found.hits.push(FoundRecord { id: hit.id, record, organization_name, typo: hit.typo });
    }
    Ok(found)
}
