//! The folded text of the base, kept between searches and folded again where the base has changed.
//!
//! What is searched is a snapshot that never changes, so a search and a refresh can run at the same time on two threads:
//! the search sees the base as it was, whole, and during the first load that part of it which is loaded.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::answer::{Answer, Narrowing, Wanted};
use super::block::Table;
use super::guide::Guide;
use super::kept::{self, Kept};
use super::load::Loader;
use super::names::Names;
use super::query::Query;
use super::scan::Cancelled;
use super::text::NameOf;
use super::{Hit, Hits, Sort};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// What is loaded becomes searchable at most this often, while the first load is under way.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// If commits have changed more than one of this many records, everything is loaded anew.
const MOST_CHANGED: usize = 8;

/// The file is written again when more than one of this many records were folded since.
const KEEP_FROM: usize = 16;

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
    /// What tells that commit of this base from every other commit of any base; `None` if there is no such commit.
    fn stamp(&self, commit: u64) -> Result<Option<String>, Self::Error>;
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
    /// How many records were folded since the file was written; all of them if there is none.
    unkept: usize,
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

    /// Brings the index to the base's commit. Only what changed is folded again, since the last time, or since the file `kept`
    /// was written by [`Index::keep`]. `progress` is called now and then during a
    /// first load, which is searchable so far, and at the end.
    ///
    /// `Ok(None)` if cancelled; the index is then as before, or partly loaded.
    ///
    /// # Errors
    /// When a page of the base cannot be read; the index is then as before, or partly loaded.
    pub fn refresh<S: Source>(
        &self,
        source: &S,
        kept: Option<&Path>,
        cancelled: Cancelled<'_>,
        mut progress: impl FnMut(Progress),
    ) -> Result<Option<Progress>, S::Error> {
        let mut before = self.snapshot();
        let commit = source.commit();
        if before.commit == Some(commit) {
            return Ok(Some(before.progress(0)));
        }
        if before.commit.is_none()
            && let Some(file) = kept
        {
            before = recalled(source, file, cancelled)?.unwrap_or(before);
        }
        let most = (before.contacts.records() + before.organizations.records()) / MOST_CHANGED;
        let changed = match before.commit {
            Some(since) if since < commit => source.changed(since, most)?,
            _ => None,
        };
        let loaded = match changed {
            _ if before.commit == Some(commit) => Some((before, 0)),
            Some(changed) => load_changed(source, &before, changed, cancelled)?,
            None => self.load_all(source, cancelled, &mut progress)?,
        };
        let Some((next, folded)) = loaded else { return Ok(None) };
        let unkept = next.unkept.saturating_add(folded);
        let next = Snapshot { commit: Some(commit), days: Arc::new(source.days()?), unkept, ..next };
        let end = next.progress(folded);
        self.set(next);
        progress(end);
        Ok(Some(end))
    }

    /// Loads everything; a first load is searchable while it goes on.
    fn load_all<S: Source>(
        &self,
        source: &S,
        cancelled: Cancelled<'_>,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Option<(Snapshot, usize)>, S::Error> {
        let loader = Loader { source, entity: Entity::Organization, cancelled };
        let Some(organizations) = loader.all(Names::default(), |_, _| {})? else { return Ok(None) };
        let days = Arc::new(source.days()?);
        let names = Names::of(&organizations);
        let mut next = Snapshot { organizations: Arc::new(organizations), days, ..Snapshot::default() };
        let is_first = self.commit().is_none();
        let loader = Loader { source, entity: Entity::Contact, cancelled };
        let mut shown = Instant::now();
        let contacts = loader.all(names, |segments, coding| {
            if is_first && shown.elapsed() >= SHOW_EVERY {
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
            table.guide.get_or_init(|| Guide::of(table)).order(table, Sort::Name);
        }
    }

    /// Writes what is searched to a file, unless the file that is there has nearly all of it. `create` makes a new file, for its
    /// owner only. Tells whether it was written; not if there is nothing yet, or if cancelled.
    ///
    /// # Errors
    /// The file cannot be written; the one before it is as it was, and nothing is left of the new one.
    pub fn keep<S: Source>(
        &self,
        source: &S,
        file: &Path,
        create: impl Fn(&Path) -> io::Result<File>,
        cancelled: Cancelled<'_>,
    ) -> io::Result<bool> {
        let snapshot = self.snapshot();
        let records = snapshot.contacts.records() + snapshot.organizations.records();
        let Some(commit) = snapshot.commit.filter(|_| snapshot.unkept > records / KEEP_FROM) else { return Ok(false) };
        let Ok(Some(stamp)) = source.stamp(commit) else { return Ok(false) };
        let Snapshot { organizations, contacts, unkept, .. } = snapshot;
        let ordered = contacts.guide.get().is_some();
        let kept = Kept { stamp, commit, organizations, contacts };
        let written = kept.write(file, create, cancelled)?;
        if written && ordered {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            current.unkept = current.unkept.saturating_sub(unkept);
        }
        Ok(written)
    }

    /// Removes a file that [`Index::keep`] wrote, and what is left of one that was being written.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn remove_kept(file: &Path) -> io::Result<()> {
        kept::remove_all(file)
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

/// What a file has of the base, if it is of this base at this commit or an earlier one.
fn recalled<S: Source>(source: &S, file: &Path, cancelled: Cancelled<'_>) -> Result<Option<Snapshot>, S::Error> {
    let newest = source.commit();
    let is_known = |commit: u64, stamp: &str| {
        commit <= newest && source.stamp(commit).is_ok_and(|known| known.as_deref() == Some(stamp))
    };
    let Some(Kept { commit, organizations, contacts, .. }) = Kept::read(file, is_known, cancelled) else {
        return Ok(None);
    };
    // Once what makes searches fast is worked out, that is kept too.
    let unkept = if contacts.guide.get().is_some() { 0 } else { usize::MAX };
    let days = Arc::new(source.days()?);
    Ok(Some(Snapshot { contacts, organizations, days, commit: Some(commit), unkept }))
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
