//! One search: from the cheapest way that settles the answer to the whole scan.

use std::sync::Arc;

use super::block::{Place, Table};
use super::first::{First, first, frequent};
use super::guide::Guide;
use super::index::Snapshot;
use super::judge::{Ahead, Judge, Weighed};
use super::matches::Matches;
use super::query::Query;
use super::ranking::ranked;
use super::reach::Depth;
use super::scan::{Best, Cancelled, Found, Scanned};
use super::{Hit, Hits, Sort, Tier};
use crate::model::fields::Entity;

/// A window of the hits that ends within this many is found without putting all of them in order.
const TOP: usize = 1000;

/// If a shorter query has at most this part of all records as hits, single records are not worth a try.
const FEW: usize = 32;

/// Which hits are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Contacts or organizations.
    pub entity: Entity,
    /// In which order.
    pub sort: Sort,
    /// The number of the first one, from 0.
    pub first: usize,
    /// How many at most.
    pub count: usize,
    /// Rather those around the record of this ID, if it is a hit.
    pub around: Option<String>,
}

impl Wanted {
    /// The best ones.
    pub fn best(entity: Entity, count: usize) -> Wanted {
        Wanted { entity, sort: Sort::Best, first: 0, count, around: None }
    }
}

/// What earlier searches found, in which later ones are looked for. Kept by the caller between keystrokes.
#[derive(Debug, Default)]
pub struct Narrowing {
    /// The complete hits of a query.
    earlier: Option<Earlier>,
    /// How the words of the last query match what records share; known before its hits are complete.
    known: Option<Known>,
    /// All hits of a query in order, once somebody paged far.
    ranking: Option<Ranking>,
}

#[derive(Debug)]
struct Earlier {
    query: Query,
    table: Arc<Table>,
    matches: Matches,
}

#[derive(Debug)]
struct Known {
    table: Arc<Table>,
    words: Vec<Weighed>,
}

#[derive(Debug)]
struct Ranking {
    query: Query,
    sort: Sort,
    table: Arc<Table>,
    typo: bool,
    places: Vec<Place>,
}

/// A search under way.
pub(super) struct Answer<'s> {
    snapshot: &'s Snapshot,
    table: &'s Arc<Table>,
    query: Query,
    wanted: Wanted,
    cancelled: Cancelled<'s>,
}

impl<'s> Answer<'s> {
    /// A search of that part of the snapshot in which the wanted hits are.
    pub fn new(snapshot: &'s Snapshot, query: &Query, wanted: Wanted, cancelled: Cancelled<'s>) -> Answer<'s> {
        let table = snapshot.table(wanted.entity);
        Answer { snapshot, table, query: query.on(wanted.entity), wanted, cancelled }
    }

    /// See [`super::Index::search`].
    pub fn find(&self, narrowing: &mut Narrowing, first_page: &mut dyn FnMut(Vec<Hit>)) -> Option<Hits> {
        if self.query.is_empty() {
            return Some(self.everything());
        }
        if let Some(ranking) = narrowing.ranking.take_if(|ranking| self.is_of(ranking)) {
            let hits = self.hits(&self.judge(ranking.typo)?, self.window(&ranking.places), ranking.places.len());
            narrowing.ranking = Some(ranking);
            return Some(hits);
        }
        narrowing.ranking = None;
        let mut judge = self.judge(false)?;
        let found = self.as_typed(&mut judge, narrowing, first_page)?;
        if found.matches.len() > 0 {
            return self.finish(&judge, found, narrowing);
        }
        let nothing = self.hits(&judge, (0, &[]), 0);
        self.keep(found.matches, narrowing);
        let Some(mut judge) = self.judge(true) else { return Some(nothing) };
        first_page(Vec::new());
        judge.prepare(self.table, &[], Ahead::All, self.cancelled)?;
        let found = self.all().scan(&judge, self.best(), self.cancelled)?;
        if found.matches.len() == 0 { Some(nothing) } else { self.finish(&judge, found, narrowing) }
    }

    /// Judges records by the query, as it is typed or with a typo forgiven if that can be.
    fn judge(&self, typo: bool) -> Option<Judge<'_>> {
        let (query, days, dictionary) = (&self.query, &*self.snapshot.days, &*self.table.dictionary);
        if typo { Judge::forgiving(query, days, dictionary) } else { Some(Judge::typed(query, days, dictionary)) }
    }

    /// The whole table.
    fn all(&self) -> Scanned<'_> {
        Scanned { table: self.table, among: None }
    }

    /// Which hits a scan is to keep: the best, or none if the window lies further down.
    fn best(&self) -> Best {
        let end = self.wanted.first.saturating_add(self.wanted.count);
        let needs_all = end > TOP || self.wanted.around.is_some();
        Best { sort: self.wanted.sort, limit: if needs_all { 0 } else { end } }
    }

    /// The hits of the query as it is typed.
    fn as_typed(
        &self,
        judge: &mut Judge<'_>,
        Narrowing { earlier, known, .. }: &mut Narrowing,
        show: &mut dyn FnMut(Vec<Hit>),
    ) -> Option<Found> {
        let earlier = earlier.as_ref().filter(|earlier| Arc::ptr_eq(&earlier.table, self.table));
        let earlier = earlier.filter(|earlier| self.query.narrows(&earlier.query));
        let among = earlier.map(|earlier| &earlier.matches);
        let scanned = Scanned { among, ..self.all() };
        let best = self.best();
        let guide = self.table.guide.get().filter(|_| best.limit > 0);
        let many = among.is_none_or(|all| all.len() > self.table.records() / FEW);
        let page = guide.filter(|_| many).and_then(|guide| frequent(self.table, guide, judge, best, self.cancelled));
        let mut show = |page: &[Place], judge: &Judge<'_>| show(self.shown(judge, self.window(page).1));
        if let Some(page) = &page {
            show(page, judge);
        }
        if let Some(earlier) = earlier {
            judge.know(&earlier.query.words);
        }
        // Kept even if this search is cancelled: somebody who types fast needs it for the next letter.
        let mut prepare = |judge: &mut Judge<'_>, ahead| {
            let same_table = known.as_ref().filter(|known| Arc::ptr_eq(&known.table, self.table));
            let earlier: &[Weighed] = same_table.map_or(&[], |known| &known.words);
            judge.prepare(self.table, earlier, ahead, self.cancelled)?;
            *known = Some(Known { table: self.table.clone(), words: judge.weighed() });
            Some(())
        };
        let all = if many { Ahead::All } else { Ahead::Few };
        let by_name = guide.filter(|_| best.sort != Sort::Organization);
        let page = match (page, by_name) {
            (Some(page), _) => page,
            (None, Some(guide)) => {
                // Of several words, each looks only at what the others have left.
                let page = if many && self.query.words.len() > 1 { Ahead::Page } else { all };
                prepare(judge, page)?;
                match first(scanned, guide, judge, best, self.cancelled)? {
                    First::Page(page) => {
                        show(&page, judge);
                        page
                    }
                    First::Found(found) => return Some(found),
                }
            }
            (None, None) => {
                prepare(judge, all)?;
                return scanned.scan(judge, best, self.cancelled);
            }
        };
        prepare(judge, all)?;
        Some(Found { best: page, ..scanned.scan(judge, Best { limit: 0, ..best }, self.cancelled)? })
    }

    /// The answer for these hits, which are kept for later.
    fn finish(&self, judge: &Judge<'_>, found: Found, narrowing: &mut Narrowing) -> Option<Hits> {
        let total = found.matches.len();
        let sort = self.wanted.sort;
        let hits = if self.best().limit > 0 {
            self.hits(judge, self.window(&found.best), total)
        } else {
            let order = self.guide().order(self.table, sort);
            let places = ranked(self.table, order, judge, sort, &found.matches, self.cancelled)?;
            let hits = self.hits(judge, self.window(&places), total);
            let (query, table, typo) = (self.query.clone(), self.table.clone(), judge.forgives());
            narrowing.ranking = Some(Ranking { query, sort, table, typo, places });
            hits
        };
        if !judge.forgives() {
            self.keep(found.matches, narrowing);
        }
        Some(hits)
    }

    fn keep(&self, matches: Matches, narrowing: &mut Narrowing) {
        let (query, table) = (self.query.clone(), self.table.clone());
        narrowing.earlier = Some(Earlier { query, table, matches });
    }

    /// All records: in the order of their IDs, or as they are to be sorted.
    fn everything(&self) -> Hits {
        let judge = Judge::typed(&self.query, &self.snapshot.days, &self.table.dictionary);
        let (sort, total) = (self.wanted.sort, self.table.records());
        // What is still being loaded would have to be sorted again and again.
        if sort != Sort::Best && self.snapshot.is_complete() {
            return self.hits(&judge, self.window(self.guide().order(self.table, sort)), total);
        }
        let first = self.first(self.wanted.around.as_ref().and_then(|id| self.table.number(id)));
        let last = first.saturating_add(self.wanted.count);
        let places: Vec<Place> = (first..last).map_while(|number| self.table.nth(number)).collect();
        self.hits(&judge, (first, &places), total)
    }

    fn guide(&self) -> &Guide {
        self.table.guide.get_or_init(|| Guide::of(self.table))
    }

    fn is_of(&self, ranking: &mut Ranking) -> bool {
        Arc::ptr_eq(&ranking.table, self.table) && ranking.query == self.query && ranking.sort == self.wanted.sort
    }

    /// The number of the first wanted hit, given that of the one to be in the middle.
    fn first(&self, middle: Option<usize>) -> usize {
        middle.map_or(self.wanted.first, |middle| middle.saturating_sub(self.wanted.count / 2))
    }

    /// The wanted part of hits that are in order, with the number of its first one.
    fn window<'p>(&self, places: &'p [Place]) -> Window<'p> {
        let place = self.wanted.around.as_ref().and_then(|id| self.table.place(id));
        let middle = place.and_then(|place| places.iter().position(|other| *other == place));
        let start = self.first(middle).min(places.len());
        let end = start.saturating_add(self.wanted.count).min(places.len());
        (start, &places[start..end])
    }

    fn shown(&self, judge: &Judge<'_>, window: &[Place]) -> Vec<Hit> {
        let hit = |place: &Place| {
            let entry = self.table.entry(*place);
            let tier = judge.tier(&entry, Depth::TIERS).unwrap_or(Tier::Anywhere);
            Hit { id: entry.id().into_owned(), tier, typo: judge.forgives() }
        };
        window.iter().map(hit).collect()
    }

    fn hits(&self, judge: &Judge<'_>, (first, window): Window<'_>, total: usize) -> Hits {
        let complete = self.snapshot.is_complete();
        Hits { total, of: self.table.records(), first, hits: self.shown(judge, window), complete }
    }
}

/// Hits in order, after the number of the first one.
type Window<'p> = (usize, &'p [Place]);
