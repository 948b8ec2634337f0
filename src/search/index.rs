//! The folded text of the base, kept between searches and folded again where the base has changed.
//!
//! What is searched is a snapshot that never changes, so a search and a refresh can run at the same time on two threads:
//! the search sees the base as it was, whole, and during the first load that part of it which is loaded.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::answer::{Answer, Narrowing, Wanted};
use super::block::Table;
use super::guide::Guide;
use super::load::Loader;
use super::names::Names;
use super::query::Query;
use super::scan::Cancelled;
use super::text::NameOf;
use super::{Hit, Hits};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// What is loaded becomes searchable at most this often, while the first load is under way.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// If commits have changed more than one of this many records, everything is loaded anew.
const MOST_CHANGED: usize = 8;

/// The local day of each commit.
pub(super) type Days = HashMap<u64, Date>;

/// A page of a table as the index reads it.
pub trait SourcePage: Send + Sync {
    /// Why a record cannot be read.
    type Error: Send;
    /// The lowest ID that the page may hold; empty for the first.
    fn low(&self) -> &str;
    /// Calls back with every record and its ID, in order.
    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), Self::Error>;
}

/// The IDs that some commits have touched.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Of contacts.
    pub contacts: BTreeSet<String>,
    /// Of organizations.
    pub organizations: BTreeSet<String>,
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
    /// The pages of a table in the order of the IDs, from the page that may hold the ID `from`.
    fn pages(
        &self,
        entity: Entity,
        from: &str,
    ) -> Box<dyn Iterator<Item = Result<Self::Page, Self::Error>> + Send + '_>;
    /// What the commits after that one have touched; `None` if that is not known, or more than `most` records.
    fn changed(&self, since: u64, most: usize) -> Result<Option<Changed>, Self::Error>;
    /// The Contact IDs of an organization's members.
    fn members(&self, account: &str) -> Result<Vec<String>, Self::Error>;
}

/// How a refresh ended or how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Contacts that can be searched.
    pub contacts: usize,
    /// Organizations that can be searched.
    pub organizations: usize,
    /// Records that had to be folded; the others were as before.
    pub folded: usize,
    /// Whether that is all of the base.
    pub complete: bool,
}

/// The text of a base, ready to be searched. Shared by reference between the thread that refreshes it and those that search.
#[derive(Debug, Default)]
pub struct Index {
    current: RwLock<Snapshot>,
}

/// The base at one commit, or the part of it that is loaded.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    contacts: Arc<Table>,
    organizations: Arc<Table>,
    pub days: Arc<Days>,
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

    /// Brings the index to the base's commit. Only what changed is folded again. `progress` is called now and then during a
    /// first load, which is searchable so far, and at the end.
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
        let most = (before.contacts.records() + before.organizations.records()) / MOST_CHANGED;
        let changed = match before.commit {
            Some(since) if since < commit => source.changed(since, most)?,
            _ => None,
        };
        let loaded = match changed {
            Some(changed) => load_changed(source, &before, changed, cancelled)?,
            None => self.load_all(source, &before, cancelled, &mut progress)?,
        };
        let Some((next, folded)) = loaded else { return Ok(None) };
        let next = Snapshot { commit: Some(commit), days: Arc::new(source.days()?), ..next };
        let end = next.progress(folded);
        self.set(next);
        progress(end);
        Ok(Some(end))
    }

    /// Loads everything; a first load is searchable while it goes on.
    fn load_all<S: Source>(
        &self,
        source: &S,
        before: &Snapshot,
        cancelled: Cancelled<'_>,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Option<(Snapshot, usize)>, S::Error> {
        let loader = Loader { source, entity: Entity::Organization, cancelled };
        let Some(organizations) = loader.all(Names::default(), |_, _| {})? else { return Ok(None) };
        let days = Arc::new(source.days()?);
        let names = Names::of(&organizations);
        let mut next =
            Snapshot { contacts: Arc::default(), organizations: Arc::new(organizations), days, commit: None };
        let loader = Loader { source, entity: Entity::Contact, cancelled };
        let mut shown = Instant::now();
        let contacts = loader.all(names, |segments, coding| {
            if before.commit.is_none() && shown.elapsed() >= SHOW_EVERY {
                next.contacts = Arc::new(Table::new(segments.to_vec(), Arc::new(coding.dictionary())));
                self.set(next.clone());
                progress(next.progress(0));
                shown = Instant::now();
            }
        })?;
        let Some(contacts) = contacts else { return Ok(None) };
        next.contacts = Arc::new(contacts);
        let folded = next.contacts.records() + next.organizations.records();
        Ok(Some((next, folded)))
    }

    /// Works out what makes searches fast and sorting possible, if it is not there yet. What is searched stays the same.
    pub fn order(&self) {
        let snapshot = self.snapshot();
        for table in [&snapshot.contacts, &snapshot.organizations] {
            table.guide.get_or_init(|| Guide::of(table));
        }
    }

    /// How many bytes of memory the texts take.
    pub fn bytes(&self) -> usize {
        let snapshot = self.snapshot();
        snapshot.contacts.bytes() + snapshot.organizations.bytes()
    }

    /// The hits of a query, best first: by tier, then name, then ID; or as they are to be sorted.
    ///
    /// `first_page` is called at most once, before the whole answer is there, with hits that are those of the answer.
    /// `narrowing` is kept by the caller from one keystroke to the next; a new one is always right. `None` if cancelled.
    pub fn search(
        &self,
        query: &Query,
        wanted: Wanted,
        cancelled: Cancelled<'_>,
        narrowing: &mut Narrowing,
        first_page: &mut dyn FnMut(Vec<Hit>),
    ) -> Option<Hits> {
        let snapshot = self.snapshot();
        Answer::new(&snapshot, query, wanted, cancelled).find(narrowing, first_page)
    }

    fn snapshot(&self) -> Snapshot {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, snapshot: Snapshot) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }
}

impl Snapshot {
    pub fn table(&self, entity: Entity) -> &Arc<Table> {
        match entity {
            Entity::Contact => &self.contacts,
            Entity::Organization => &self.organizations,
        }
    }

    /// Whether it is the whole base.
    pub fn is_complete(&self) -> bool {
        self.commit.is_some()
    }

    fn progress(&self, folded: usize) -> Progress {
        Progress {
            contacts: self.contacts.records(),
            organizations: self.organizations.records(),
            folded,
            complete: self.is_complete(),
        }
    }
}

/// Loads what commits have touched, with the members of organizations that came, went, or changed their name.
fn load_changed<S: Source>(
    source: &S,
    before: &Snapshot,
    mut changed: Changed,
    cancelled: Cancelled<'_>,
) -> Result<Option<(Snapshot, usize)>, S::Error> {
    let loader = Loader { source, entity: Entity::Organization, cancelled };
    let Some(organizations) = loader.changed(&before.organizations, &changed.organizations, &|_| None)? else {
        return Ok(None);
    };
    for id in &changed.organizations {
        let name = |table: &Table| table.find(id).map(|entry| entry.name().to_vec());
        if name(&before.organizations) != name(&organizations) {
            changed.contacts.extend(source.members(id)?);
        }
    }
    let names: &NameOf<'_> = &|id| organizations.find(id).map(|entry| entry.name());
    let loader = Loader { source, entity: Entity::Contact, cancelled };
    let Some(contacts) = loader.changed(&before.contacts, &changed.contacts, names)? else { return Ok(None) };
    let folded = changed.contacts.len() + changed.organizations.len();
    let next = Snapshot { contacts: Arc::new(contacts), organizations: Arc::new(organizations), ..before.clone() };
    Ok(Some((next, folded)))
}
