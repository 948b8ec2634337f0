//! The work behind Browse: hits for the list, and the index that they are found in.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::{locked, said};
use crate::app::job::{ActName, Found, Hit, Known, Progress, Report, Search};
use crate::base::{Base, BaseError, View};
use crate::flow::history;
use crate::home::clock;
use crate::model::fields::{Entity, FieldId, by_name};
use crate::search::{Index, Narrowing, Query};
use crate::tui::worker::Desk;

/// Says how many members an organization has.
pub fn count_members(base: &Base, account: String) -> Result<Report, String> {
    let members = base.member_count(&account).map_err(|e| said(&e))?;
    Ok(Report::Members(account, members))
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
    ids: Vec<String>,
    total: usize,
    typo: bool,
    partial: bool,
}

impl Browsing {
    /// Brings the index to the base's commit, saying how far that is; first says what stands beside the records.
    pub fn refresh(&self, base: &Base, desk: &Desk) -> Result<(), String> {
        let view = base.view();
        let acts = history::list(base).map_err(|e| said(&e))?;
        let acts = acts.iter().map(|act| (act.entry.number(), ActName::of(act))).collect();
        desk.report(Report::Known(Known { catalog: Arc::clone(view.catalog()), acts }));
        let (since, cancel) = (Instant::now(), desk.cancel_flag());
        let progress = |done: crate::search::Progress| {
            desk.progress(Progress { doing: "Indexing".into(), rows: done.contacts as u64, ..Progress::default() });
        };
        let done = self.index.refresh(&view, &|| cancel.load(Ordering::Relaxed), progress).map_err(|e| said(&e))?;
        if let Some(done) = done {
            tracing::info!(contacts = done.contacts, pages = done.folded, took = ?since.elapsed(), "indexed");
        }
        Ok(())
    }

    /// Finds a window of hits.
    pub fn search(&self, base: &Base, search: &Search, desk: &Desk) -> Result<(), String> {
        let since = Instant::now();
        let query = match Query::parse(&search.query, clock::today()) {
            Ok(query) => query,
            Err(mistake) => {
                desk.report(Report::Mistake(mistake.to_string()));
                return Ok(());
            }
        };
        let view = base.view();
        let window = match (&search.member_of, query.is_empty()) {
            (None, true) => self.everything(&view, search, desk).map_err(|e| said(&e))?,
            (None, false) => self.matching(&query, search, desk),
            (Some(account), _) => self.members(&view, account, &query, search, desk).map_err(|e| said(&e))?,
        };
        let Some(Window { ids, total, typo, partial }) = window else { return Ok(()) };
        let Some(hits) = load(&view, search.entity, ids, desk).map_err(|e| said(&e))? else { return Ok(()) };
        let took = since.elapsed();
        tracing::debug!(total, shown = hits.len(), ?took, "searched");
        desk.report(Report::Found(Found {
            query: Arc::new(query),
            first: search.first,
            hits,
            total,
            typo,
            partial,
            took,
        }));
        Ok(())
    }

    /// Records in the order of their IDs, straight from the base; the index, once it is whole, only knows where.
    fn everything(&self, view: &View, search: &Search, desk: &Desk) -> Result<Option<Window>, BaseError> {
        let head = view.head();
        let total = if search.entity == Entity::Contact { head.contacts } else { head.organizations } as usize;
        let indexed = self.index.commit() == Some(head.commit);
        let from = if indexed { self.index.nth(search.entity, search.first) } else { None };
        let mut skip = if from.is_some() { 0 } else { search.first };
        let mut ids = Vec::with_capacity(search.count);
        for page in view.pages(search.entity, from.as_deref().unwrap_or_default()) {
            let page = page?;
            if desk.cancelled() {
                return Ok(None);
            }
            if skip >= page.len() {
                skip -= page.len();
                continue;
            }
            for record in page.records() {
                let (id, _) = record?;
                if from.as_deref().is_some_and(|from| id < from) {
                    continue;
                }
                if skip > 0 {
                    skip -= 1;
                } else if ids.len() < search.count {
                    ids.push(id.to_owned());
                }
            }
            if ids.len() >= search.count {
                break;
            }
        }
        Ok(Some(Window { ids, total, typo: false, partial: false }))
    }

    /// Records that match, best first; `None` if a newer search has come.
    fn matching(&self, query: &Query, search: &Search, desk: &Desk) -> Option<Window> {
        let cancel = desk.cancel_flag();
        // Two searches at a time are rare, and the one without the other's narrowing is as right.
        let mut narrowing = std::mem::take(&mut *locked(&self.narrowing));
        let limit = search.first.saturating_add(search.count);
        let found =
            self.index.search(query, search.entity, limit, &|| cancel.load(Ordering::Relaxed), &mut narrowing)?;
        *locked(&self.narrowing) = narrowing;
        let typo = found.hits.first().is_some_and(|hit| hit.typo);
        let ids = found.hits.into_iter().skip(search.first).map(|hit| hit.id).collect();
        Some(Window { ids, total: found.total, typo, partial: !found.complete })
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
        let found = self.index.search(&query, Entity::Organization, count, &cancelled, &mut Narrowing::default());
        found.map_or_else(Vec::new, |found| found.hits.into_iter().map(|hit| hit.id).collect())
    }

    /// Members of an organization: all in the order of their IDs, or those that match, best first.
    fn members(
        &self,
        view: &View,
        account: &str,
        query: &Query,
        search: &Search,
        desk: &Desk,
    ) -> Result<Option<Window>, BaseError> {
        let ids = self.members_of(view, account)?;
        let (ids, typo, partial) = if query.is_empty() {
            (ids, false, false)
        } else {
            // The filter finds parts of Account IDs and names too; the base knows who really belongs.
            let within = format!("org:\"{account}\" {}", search.query);
            let narrowed = Query::parse(&within, clock::today()).ok().filter(|_| !account.contains('"'));
            let all = Search { first: 0, count: usize::MAX, ..search.clone() };
            let Some(window) = self.matching(narrowed.as_ref().unwrap_or(query), &all, desk) else { return Ok(None) };
            let belongs = |id: &String| ids.binary_search(id).is_ok();
            (Arc::new(window.ids.into_iter().filter(belongs).collect()), window.typo, window.partial)
        };
        let shown = ids.iter().skip(search.first).take(search.count).cloned().collect();
        Ok(Some(Window { ids: shown, total: ids.len(), typo, partial }))
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

/// The records of these IDs with the names of their organizations; `None` if a newer search has come. An ID that the
/// base does not have is one that a commit removed since it was indexed: it is left out, the next search knows.
fn load(view: &View, entity: Entity, ids: Vec<String>, desk: &Desk) -> Result<Option<Vec<Hit>>, BaseError> {
    let name = by_name("account.name").map(|field| field.id);
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    let mut hits = Vec::with_capacity(ids.len());
    for id in ids {
        if desk.cancelled() {
            return Ok(None);
        }
        let Some(record) = view.get(entity, &id)? else { continue };
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
        hits.push(Hit { id, record, organization });
    }
    Ok(Some(hits))
}
