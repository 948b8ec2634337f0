//! The folded text of every page of the base, kept between searches and refolded where the base changed.
//!
//! What is searched is a snapshot that never changes, so a search and a refresh can run at the same time on two threads:
//! the search sees the base as it was, whole, and during the first load that part of it which is loaded.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::Date;
use rayon::prelude::*;

use super::page::{Folding, PageText, Table};
use super::query::Query;
use super::scan::{Cancelled, Found, Narrowing, scan};
use super::text::{Names, folded};
use super::{Hit, Hits};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// How many pages are read before they are folded, on all cores.
const BATCH: usize = 1024;

/// The local day of each commit.
pub(super) type Days = HashMap<u64, Date>;

/// A page of a table as the index reads it.
pub trait SourcePage: Send + Sync {
    /// Why a record cannot be read.
    type Error: Send;
    /// The lowest ID that the page may hold: its key in the table.
    fn key(&self) -> &[u8];
    /// The number of the commit that wrote it.
    fn stamp(&self) -> u64;
    /// Calls back with every record and its ID, in order.
    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), Self::Error>;
}

/// What the index is made from: the base, at one commit.
pub trait Source: Sync {
    /// A page.
    type Page: SourcePage<Error = Self::Error>;
    /// Why a page cannot be read.
    type Error: Send;
    /// The number of the commit at which the base stands.
    fn commit(&self) -> u64;
    /// The local day of each commit.
    fn days(&self) -> Result<HashMap<u64, Date>, Self::Error>;
    /// Every page of a table in the order of the keys.
    fn pages(&self, entity: Entity) -> Box<dyn Iterator<Item = Result<Self::Page, Self::Error>> + Send + '_>;
}

/// How a refresh ended or how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Contacts that can be searched.
    pub contacts: usize,
    /// Organizations that can be searched.
    pub organizations: usize,
    /// Pages that had to be folded; the others were as before.
    pub folded: usize,
    /// Whether that is all of the base.
    pub complete: bool,
}

/// The text of a base, ready to be searched. Shared by reference between the thread that refreshes it and those that search.
#[derive(Debug, Default)]
pub struct Index {
    current: RwLock<Snapshot>,
}

#[derive(Debug, Clone, Default)]
struct Snapshot {
    contacts: Arc<Table>,
    organizations: Arc<Table>,
    days: Arc<Days>,
    /// The commit whose base it is; `None` while it is not whole.
    commit: Option<u64>,
}

impl Index {
    /// An index of nothing; [`Index::refresh`] loads it.
    pub fn new() -> Index {
        Index::default()
    }

    /// The commit that the searches see; `None` while the first load is under way.
    pub fn commit(&self) -> Option<u64> {
        self.snapshot().commit
    }

    /// Brings the index to the base's commit. Pages that are as they were are not folded again. `progress` is called
    /// after every batch of a first load, which is searchable so far, and at the end.
    ///
    /// `Ok(None)` if cancelled; the index is then as before, or partly loaded.
    ///
    /// # Errors
    /// When a page of the base cannot be read; the index is then as before, or partly loaded.
    pub fn refresh<S: Source>(
        &self,
        source: &S,
        cancelled: Cancelled<'_>,
        mut progress: impl FnMut(Progress),
    ) -> Result<Option<Progress>, S::Error> {
        let before = self.snapshot();
        let commit = source.commit();
        if before.commit == Some(commit) {
            return Ok(Some(before.progress(0)));
        }
        let mut next = Snapshot { commit: None, days: Arc::new(source.days()?), ..before.clone() };

        let reuse = |page: &SharedPage| Some(page.clone());
        let loader = Loader { source, entity: Entity::Organization, before: &before.organizations, cancelled };
        let Some((pages, folded)) = loader.load(&reuse, &|_| None, |_| {})? else { return Ok(None) };
        next.organizations = Arc::new(Table::new(pages));

        let renamed = renamed(&before.organizations, &next.organizations);
        let reuse = |page: &SharedPage| {
            let outdated = !renamed.is_empty() && page.has_member_of(|id| renamed.contains(id));
            (!outdated).then(|| page.clone())
        };
        let organizations = next.organizations.clone();
        let names: HashMap<&str, &[u8]> = organizations.entries().map(|entry| (entry.id, entry.name)).collect();
        let loader = Loader { source, entity: Entity::Contact, before: &before.contacts, cancelled };
        let loaded = loader.load(&reuse, &|id| names.get(id).copied(), |pages| {
            if before.commit.is_none() {
                next.contacts = Arc::new(Table::new(pages.to_vec()));
                self.set(next.clone());
                progress(next.progress(folded));
            }
        })?;
        let Some((pages, contacts_folded)) = loaded else { return Ok(None) };
        next.contacts = Arc::new(Table::new(pages));
        next.commit = Some(commit);
        let end = next.progress(folded + contacts_folded);
        self.set(next);
        progress(end);
        Ok(Some(end))
    }

    /// How many bytes of memory the texts take.
    pub fn bytes(&self) -> usize {
        let snapshot = self.snapshot();
        [&snapshot.contacts, &snapshot.organizations].iter().flat_map(|t| &t.pages).map(|page| page.bytes()).sum()
    }

    /// The hits of a query, best first: by tier, then name, then ID.
    ///
    /// `limit` is the greatest number of hits to return; the count is of all. `narrowing` is kept by the caller from one
    /// keystroke to the next; a new one is always right. `None` if cancelled.
    pub fn search(
        &self,
        query: &Query,
        entity: Entity,
        limit: usize,
        cancelled: Cancelled<'_>,
        narrowing: &mut Narrowing,
    ) -> Option<Hits> {
        let snapshot = self.snapshot();
        let table = match entity {
            Entity::Contact => &snapshot.contacts,
            Entity::Organization => &snapshot.organizations,
        };
        let Found { total, best, typo } = scan(table, &query.on(entity), &snapshot.days, limit, cancelled, narrowing)?;
        let hits = best.into_iter().map(|hit| Hit { id: hit.id.to_owned(), tier: hit.tier, typo }).collect();
        Some(Hits { total, of: table.records, hits, complete: snapshot.commit.is_some() })
    }

    fn snapshot(&self) -> Snapshot {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, snapshot: Snapshot) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }
}

impl Snapshot {
    fn progress(&self, folded: usize) -> Progress {
        Progress {
            contacts: self.contacts.records,
            organizations: self.organizations.records,
            folded,
            complete: self.commit.is_some(),
        }
    }
}

type SharedPage = Arc<PageText>;

/// Loads one table.
struct Loader<'a, S: Source> {
    source: &'a S,
    entity: Entity,
    before: &'a Table,
    cancelled: Cancelled<'a>,
}

impl<S: Source> Loader<'_, S> {
    /// The pages of the table and how many had to be folded; `None` if cancelled. `reuse` says whether a page that the
    /// base still has as it was can stay; `after_batch` is called with all pages so far.
    fn load(
        &self,
        reuse: &(dyn Fn(&SharedPage) -> Option<SharedPage> + Sync),
        names: &Names<'_>,
        mut after_batch: impl FnMut(&[SharedPage]),
    ) -> Result<Option<(Vec<SharedPage>, usize)>, S::Error> {
        let mut source = self.source.pages(self.entity);
        let mut pages = Vec::new();
        let mut folded = 0;
        let mut batch = read_batch(&mut source)?;
        while !batch.is_empty() {
            if (self.cancelled)() {
                return Ok(None);
            }
            // The next batch is read while this one is folded.
            let fold =
                || batch.par_iter().map(|page| self.page_text(page, reuse, names)).collect::<Result<Vec<_>, _>>();
            let (texts, next) = rayon::join(fold, || read_batch(&mut source));
            let texts = texts?;
            folded += texts.iter().filter(|(_, fresh)| *fresh).count();
            pages.extend(texts.into_iter().map(|(page, _)| page));
            batch = next?;
            if !batch.is_empty() {
                after_batch(&pages);
            }
        }
        Ok(Some((pages, folded)))
    }

    /// The text of a page, and whether it had to be folded.
    fn page_text(
        &self,
        page: &S::Page,
        reuse: &(dyn Fn(&SharedPage) -> Option<SharedPage> + Sync),
        names: &Names<'_>,
    ) -> Result<(SharedPage, bool), S::Error> {
        let kept = self.before.page(page.key()).filter(|kept| kept.stamp == page.stamp()).and_then(reuse);
        if let Some(kept) = kept {
            return Ok((kept, false));
        }
        let mut text = Folding::default();
        page.records(&mut |id, record| text.push(self.entity, id, record, names))?;
        Ok((Arc::new(text.finish(page.key(), page.stamp())), true))
    }
}

fn read_batch<P, E>(source: &mut (dyn Iterator<Item = Result<P, E>> + Send)) -> Result<Vec<P>, E> {
    source.take(BATCH).collect()
}

/// The folded Account IDs of organizations that came, went, or changed their name.
fn renamed(before: &Table, after: &Table) -> HashSet<Vec<u8>> {
    let [gone, come] = [(before, after), (after, before)].map(|(table, other)| -> HashSet<(&str, &[u8])> {
        let changed = table.pages.iter().filter(|page| !other.page(&page.key).is_some_and(|p| Arc::ptr_eq(p, page)));
        changed.flat_map(|page| page.entries()).map(|entry| (entry.id, entry.name)).collect()
    });
    gone.symmetric_difference(&come).map(|(id, _)| folded(id)).collect()
}
