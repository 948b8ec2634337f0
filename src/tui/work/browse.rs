//! The work behind Browse: hits for the list or for a file, and the index that they are found in.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::{files, flow_said, gauged, locked, said};
use crate::app::job::{ActName, Found, Hit, Known, Progress, Report, Search};
use crate::base::{Base, BaseError, View};
use crate::flow::search::{keep, kept_file, save_records};
use crate::flow::{history, show};
use crate::home::access::Access;
use crate::home::clock;
use crate::model::fields::{Entity, FieldId, by_name};
use crate::model::settings::Reading;
use crate::search::{Index, Narrowing, Query, Sort, Wanted};
use crate::tui::worker::Desk;

/// Says how many members organizations have: of the first one at once, then of the others together.
pub fn count_members(base: &Base, accounts: Vec<String>, desk: &Desk) -> Result<(), String> {
    let mut counted = Vec::new();
    for (number, account) in accounts.into_iter().enumerate() {
        if desk.cancelled() {
            return Ok(());
        }
        let members = base.member_count(&account).map_err(|e| said(&e))?;
        counted.push((account, members));
        if number == 0 {
            desk.report(Report::Members(std::mem::take(&mut counted)));
        }
    }
    desk.report(Report::Members(counted));
    Ok(())
}

/// How many changes of a record its details tell.
const STEPS: usize = 50;

/// Says which commits have changed a record.
pub fn steps(base: &Base, entity: Entity, id: String) -> Result<Report, String> {
    let steps = show::steps(base, entity, &id, STEPS).map_err(|e| said(&e))?;
    Ok(Report::Steps(entity, id, steps))
}

/// What is kept between two searches.
#[derive(Default)]
pub struct Browsing {
    index: Index,
    narrowing: Mutex<Narrowing>,
    members: Mutex<Option<Members>>,
}

/// The Contact IDs of an organization's members, as of a commit.
#[derive(Clone)]
struct Members {
    commit: u64,
    account: String,
    ids: Arc<Vec<String>>,
}

/// Which records are in a window of the hits.
struct Window {
    first: usize,
    ids: Vec<String>,
    total: usize,
    typo: bool,
    partial: bool,
}

/// A search under way: what is asked, and where the answer goes.
struct Asked<'a> {
    view: &'a View,
    search: &'a Search,
    query: Query,
    since: Instant,
    desk: &'a Desk,
}

impl Browsing {
    /// Brings the index to the base's commit, saying how far that is; first says what stands beside the records.
    /// `reading` is how a person's typing is read.
    pub fn refresh(&self, base: &Base, reading: Reading, desk: &Desk) -> Result<(), String> {
        let view = base.view();
        let acts = history::list(base).map_err(|e| said(&e))?;
        let acts = acts.iter().map(|act| (act.entry.number(), ActName::of(act))).collect();
        desk.report(Report::Known(Known { catalog: Arc::clone(view.catalog()), reading, acts }));
        let (since, cancel) = (Instant::now(), desk.cancel_flag());
        let cancelled = || cancel.load(Ordering::Relaxed);
        let progress = |done: crate::search::Progress| {
            desk.progress(Progress { doing: "Indexing".into(), rows: done.contacts as u64, ..Progress::default() });
        };
        let done = self.index.refresh(&view, kept_file(base).as_deref(), &cancelled, progress).map_err(|e| said(&e))?;
        if let Some(done) = done {
            tracing::info!(contacts = done.contacts, blocks = done.folded, took = ?since.elapsed(), "indexed");
            self.index.order();
            tracing::info!(took = ?since.elapsed(), "ordered");
            keep(&self.index, base, &view, &cancelled);
        }
        Ok(())
    }

    /// Finds a window of hits: the first page as soon as it is settled, then the count of all.
    pub fn search(&self, base: &Base, search: &Search, desk: &Desk) -> Result<(), String> {
        let since = Instant::now();
        let mut query = match Query::parse(&search.query, clock::today()) {
            Ok(query) => query,
            Err(mistake) => {
                desk.report(Report::Mistake(mistake.to_string()));
                return Ok(());
            }
        };
        let view = base.view();
        query.identify(search.entity, |internal| view.by_internal(internal)).map_err(|e| said(&e))?;
        let asked = Asked { view: &view, search, query, since, desk };
        self.answer(&asked).map_err(|e| said(&e))
    }

    /// Answers, unless a newer search has come.
    fn answer(&self, asked: &Asked<'_>) -> Result<(), BaseError> {
        let (view, search) = (asked.view, asked.search);
        let mut first: Option<Result<Vec<Hit>, BaseError>> = None;
        let mut first_page = |ids: Vec<String>| {
            if let Some(hits) = load(view, search.entity, &ids, asked.desk).transpose() {
                if let Ok(hits) = &hits {
                    let total = search.first + hits.len();
                    asked.report(
                        hits.clone(),
                        Window { first: search.first, ids, total, typo: false, partial: false },
                        true,
                    );
                }
                first = Some(hits);
            }
        };
        let Some(window) = self.window(asked, &mut first_page)? else { return Ok(()) };
        let hits = match first {
            Some(hits) if !window.typo => Some(hits?),
            _ => load(view, search.entity, &window.ids, asked.desk)?,
        };
        if let Some(hits) = hits {
            asked.report(hits, window, false);
        }
        Ok(())
    }

    /// Which records are in the wanted window of the hits; `None` if a newer search has come.
    fn window(&self, asked: &Asked<'_>, first_page: &mut dyn FnMut(Vec<String>)) -> Result<Option<Window>, BaseError> {
        let Asked { view, search, query, desk, .. } = asked;
        Ok(match &search.member_of {
            Some(account) => self.members(asked, account)?,
            None if query.is_empty() && !self.has_in_order(view, search.sort) => unordered(asked)?,
            None => self.matching(query, search, desk, first_page),
        })
    }

    /// Writes all hits to a new file, in their order.
    pub fn save(
        &self,
        base: &Base,
        search: &Search,
        (access, path): (&Access, &str),
        desk: &Desk,
    ) -> Result<Report, String> {
        let view = base.view();
        let mut query = Query::parse(&search.query, clock::today()).map_err(|mistake| mistake.to_string())?;
        query.identify(search.entity, |internal| view.by_internal(internal)).map_err(|e| said(&e))?;
        let asked = Asked { view: &view, search, query, since: Instant::now(), desk };
        let window = self.window(&asked, &mut |_| {}).map_err(|e| said(&e))?;
        let Some(window) = window else { return Err("cancelled".to_owned()) };
        if window.partial {
            return Err(
                "The base is still being read for the search, so these may not be all. Save again in a moment."
                    .to_owned(),
            );
        }
        let to = (access, &*files::expanded(path, access));
        let saved = gauged(desk, "Saving the file", |gauge| save_records(&view, search.entity, window.ids, to, gauge));
        let (path, records) = saved.map_err(|error| flow_said(&error))?;
        Ok(Report::HitsSaved(path.display().to_string(), records))
    }

    /// Whether the index has all records in that order: if it is one that only the index has, as of an older commit will do.
    fn has_in_order(&self, view: &View, sort: Sort) -> bool {
        let commit = self.index.commit();
        if sort == Sort::Best { commit == Some(view.head().commit) } else { commit.is_some() }
    }

    /// The Account IDs of the organizations that a search for a text finds, the best first; none for a text that is no
    /// search.
    pub fn organizations(&self, text: &str, count: usize, desk: &Desk) -> Vec<String> {
        let Ok(query) = Query::parse(text, clock::today()) else { return Vec::new() };
        if query.is_empty() {
            return Vec::new();
        }
        let cancel = desk.cancel_flag();
        let cancelled = || cancel.load(Ordering::Relaxed);
        let wanted = Wanted { entity: Entity::Organization, sort: Sort::Best, first: 0, count, around: None };
        let found = self.index.search(&query, wanted, &cancelled, &mut Narrowing::default(), &mut |_| {});
        found.map_or_else(Vec::new, |found| found.hits.into_iter().map(|hit| hit.id).collect())
    }

    /// Records that match, in order; `None` if a newer search has come.
    fn matching(
        &self,
        query: &Query,
        search: &Search,
        desk: &Desk,
        first_page: &mut dyn FnMut(Vec<String>),
    ) -> Option<Window> {
        let cancel = desk.cancel_flag();
        let cancelled = || cancel.load(Ordering::Relaxed);
        // Two searches at a time are rare, and the one without the other's narrowing is as right.
        let mut narrowing = std::mem::take(&mut *locked(&self.narrowing));
        let Search { entity, sort, first, count, ref around, .. } = *search;
        let wanted = Wanted { entity, sort, first, count, around: around.clone() };
        let ids = |hits: Vec<crate::search::Hit>| hits.into_iter().map(|hit| hit.id).collect();
        let mut first_page = |hits: Vec<crate::search::Hit>| first_page(ids(hits));
        let found = self.index.search(query, wanted, &cancelled, &mut narrowing, &mut first_page);
        *locked(&self.narrowing) = narrowing;
        let found = found?;
        let typo = found.hits.first().is_some_and(|hit| hit.typo);
        Some(Window { first: found.first, total: found.total, typo, partial: !found.complete, ids: ids(found.hits) })
    }

    /// Members of an organization: all in the order of their IDs, or those that match, in the order of the search.
    fn members(&self, asked: &Asked<'_>, account: &str) -> Result<Option<Window>, BaseError> {
        let search = asked.search;
        let ids = self.members_of(asked.view, account)?;
        let (ids, typo, partial) = if asked.query.is_empty() {
            (ids, false, false)
        } else {
            // The filter finds parts of Account IDs and names too; the base knows who really belongs.
            let within = format!("org:\"{account}\" {}", search.query);
            let narrowed = Query::parse(&within, clock::today()).ok().filter(|_| !account.contains('"'));
            let all = Search { first: 0, count: usize::MAX, around: None, ..search.clone() };
            let query = narrowed.as_ref().unwrap_or(&asked.query);
            let Some(window) = self.matching(query, &all, asked.desk, &mut |_| {}) else { return Ok(None) };
            let belongs = |id: &String| ids.binary_search(id).is_ok();
            (Arc::new(window.ids.into_iter().filter(belongs).collect()), window.typo, window.partial)
        };
        let middle = search.around.as_ref().and_then(|id| ids.iter().position(|other| other == id));
        let first = middle.map_or(search.first, |middle| middle.saturating_sub(search.count / 2));
        let shown = ids.iter().skip(first).take(search.count).cloned().collect();
        Ok(Some(Window { first, ids: shown, total: ids.len(), typo, partial }))
    }

    fn members_of(&self, view: &View, account: &str) -> Result<Arc<Vec<String>>, BaseError> {
        let commit = view.head().commit;
        let kept = locked(&self.members).clone();
        if let Some(kept) = kept.filter(|kept| kept.commit == commit && kept.account == account) {
            return Ok(kept.ids);
        }
        let ids = Arc::new(view.members(account, None, usize::MAX)?);
        *locked(&self.members) = Some(Members { commit, account: account.to_owned(), ids: Arc::clone(&ids) });
        Ok(ids)
    }
}

impl Asked<'_> {
    fn report(&self, hits: Vec<Hit>, window: Window, counting: bool) {
        let took = self.since.elapsed();
        tracing::debug!(total = window.total, shown = hits.len(), counting, ?took, "searched");
        let Window { first, total, typo, partial, .. } = window;
        let (query, sort) = (Arc::new(self.query.clone()), self.search.sort);
        self.desk.report(Report::Found(Found { query, sort, first, hits, total, counting, typo, partial, took }));
    }
}

/// Records in the order of their IDs, straight from the base, which needs no index.
fn unordered(asked: &Asked<'_>) -> Result<Option<Window>, BaseError> {
    let (view, search) = (asked.view, asked.search);
    let head = view.head();
    let total = if search.entity == Entity::Contact { head.contacts } else { head.organizations } as usize;
    let mut skip = search.first;
    let mut ids = Vec::with_capacity(search.count.min(total));
    for page in view.pages(search.entity, "") {
        let page = page?;
        if asked.desk.cancelled() {
            return Ok(None);
        }
        if skip >= page.len() {
            skip -= page.len();
            continue;
        }
        for record in page.records().skip(std::mem::take(&mut skip)).take(search.count - ids.len()) {
            ids.push(record?.0.to_owned());
        }
        if ids.len() >= search.count {
            break;
        }
    }
    Ok(Some(Window { first: search.first, ids, total, typo: false, partial: false }))
}

/// The records of these IDs with the names of their organizations; `None` if a newer search has come. An ID that the
/// base does not have is one that a commit removed since it was indexed: it is left out, the next search knows.
fn load(view: &View, entity: Entity, ids: &[String], desk: &Desk) -> Result<Option<Vec<Hit>>, BaseError> {
    let name = by_name("account.name").map(|field| field.id);
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    let mut hits = Vec::with_capacity(ids.len());
    for id in ids {
        if desk.cancelled() {
            return Ok(None);
        }
        let Some(record) = view.get(entity, id)? else { continue };
        let account = record.values.view().text(FieldId::ACCOUNT_ID).filter(|_| entity == Entity::Contact);
        let organization = match account {
            None => None,
            Some(account) if names.contains_key(account) => names[account].clone(),
            Some(account) => {
                let stored = view.get(Entity::Organization, account)?;
                let named = stored.and_then(|o| o.values.view().text(name?).map(str::to_owned));
                names.insert(account.to_owned(), named.clone());
                named
            }
        };
        hits.push(Hit { id: id.clone(), record, organization });
    }
    Ok(Some(hits))
}
