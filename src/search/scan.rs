//! The search itself: every page is scanned for what a hit must contain, and what contains it is judged.

use std::sync::Arc;

use memchr::memmem::Finder;
use rayon::prelude::*;

use super::Tier;
use super::index::Days;
use super::page::{Entry, PageText, Table};
use super::query::{Fact, Query};
use super::rank::{Best, Candidate};
use super::text::is_tag;
use super::typo::Slip;
use super::word::Word;

/// How many pages are scanned between two looks at the cancel flag.
const PAGES_AT_ONCE: usize = 1024;

/// Complete hits are kept for a longer query only if they are at most this part of all records.
const NARROW_BELOW: usize = 4;

/// Tells a search to stop; asked often, from several threads.
pub type Cancelled<'a> = &'a (dyn Fn() -> bool + Sync);

/// Where a record is: page of the table, place in the page.
pub(super) type Place = (u32, u32);

/// The complete hits of an earlier query, in which a longer one is looked for. Kept by the caller between keystrokes.
#[derive(Debug, Default)]
pub struct Narrowing(Option<Earlier>);

#[derive(Debug)]
struct Earlier {
    query: Query,
    table: Arc<Table>,
    places: Vec<Place>,
}

/// What a scan found.
pub(super) struct Found<'t> {
    pub total: usize,
    pub best: Vec<Candidate<'t>>,
    /// Whether the hits are those of a query with one typo forgiven.
    pub typo: bool,
}

/// Scans a table. `query` is one for the table's kind of record; `None` if cancelled.
pub(super) fn scan<'t>(
    table: &'t Arc<Table>,
    query: &Query,
    days: &Days,
    limit: usize,
    cancelled: Cancelled<'_>,
    narrowing: &mut Narrowing,
) -> Option<Found<'t>> {
    let judge = |entry: &Entry<'_>, apart| tier(query, days, entry, apart);
    let earlier = narrowing.0.as_ref().filter(|e| Arc::ptr_eq(&e.table, table) && query.narrows(&e.query));
    let part = match earlier {
        Some(earlier) => judge_places(table, &earlier.places, &judge, limit, cancelled)?,
        None => scan_pages(table, needles(query), &judge, limit, cancelled)?,
    };
    let total = part.places.len();
    if total == 0
        && let Some(found) = forgive(table, query, days, limit, cancelled)?
    {
        *narrowing = Narrowing(Some(Earlier { query: query.clone(), table: table.clone(), places: Vec::new() }));
        return Some(found);
    }
    if total <= table.records / NARROW_BELOW {
        *narrowing = Narrowing(Some(Earlier { query: query.clone(), table: table.clone(), places: part.places }));
    }
    Some(Found { total, best: part.best.into_sorted(), typo: false })
}

/// Scans with one typo forgiven in one of the words; `Some(None)` if that finds nothing either.
fn forgive<'t>(
    table: &'t Table,
    query: &Query,
    days: &Days,
    limit: usize,
    cancelled: Cancelled<'_>,
) -> Option<Option<Found<'t>>> {
    let slips: Vec<Option<Slip>> = query.words.iter().map(Slip::of).collect();
    let needles: Vec<Finder<'_>> = slips.iter().flatten().flat_map(Slip::needles).map(Finder::new).collect();
    if needles.is_empty() {
        return Some(None);
    }
    let judge = |entry: &Entry<'_>, _| {
        let mut missed = query.words.iter().zip(&slips).filter(|(word, _)| !word.matches(entry));
        let slip = missed.next()?.1.as_ref()?;
        let forgiven = missed.next().is_none() && slip.matches(entry.text) && rest_holds(query, days, entry);
        forgiven.then_some(Tier::Anywhere)
    };
    let part = scan_pages(table, Some(needles), &judge, limit, cancelled)?;
    let total = part.places.len();
    Some((total > 0).then(|| Found { total, best: part.best.into_sorted(), typo: true }))
}

/// How well a record matches a query; `None` if it does not. For `apart` see [`Word::tier`].
pub(super) fn tier(query: &Query, days: &Days, entry: &Entry<'_>, apart: Option<Tier>) -> Option<Tier> {
    let mut worst = Tier::Exact;
    // The worst tier of the words outside the run of digits that may be one phone.
    let mut worst_of_others = Tier::Exact;
    for (at, word) in query.words.iter().enumerate() {
        let tier = word.tier(entry, apart)?;
        worst = worst.max(tier);
        if !query.number.as_ref().is_some_and(|(_, covered)| covered.contains(&at)) {
            worst_of_others = worst_of_others.max(tier);
        }
    }
    if !rest_holds(query, days, entry) {
        return None;
    }
    let as_number = query.number.as_ref().and_then(|(number, _)| number.tier(entry, apart));
    Some(match as_number {
        Some(tier) => worst.min(tier.max(worst_of_others)),
        None if query.words.is_empty() => Tier::Anywhere,
        None => worst,
    })
}

/// Whether everything but the words holds for a record.
fn rest_holds(query: &Query, days: &Days, entry: &Entry<'_>) -> bool {
    query.conditions.iter().all(|condition| is_fact(&condition.fact, days, entry) == condition.holds)
        && query.without.iter().all(|word| !word.matches(entry))
}

fn is_fact(fact: &Fact, days: &Days, entry: &Entry<'_>) -> bool {
    match fact {
        Fact::Has(tags) => entry.text.iter().any(|byte| is_tag(*byte) && tags.has(*byte)),
        Fact::Commit(commit) => entry.created == *commit || entry.changed == *commit,
        Fact::Changed(range) => days.get(&entry.changed).is_some_and(|day| range.contains(day)),
    }
}

/// What every hit contains, at least one of them: those of the longest word; `None` if nothing is known.
fn needles(query: &Query) -> Option<Vec<Finder<'_>>> {
    let of_words = query.words.iter().filter_map(Word::needles);
    let longest = of_words.max_by_key(|needles| needles.iter().map(|n| n.len()).min())?;
    Some(longest.into_iter().map(Finder::new).collect())
}

/// How well a record matches, if tiers down to the given one are to be told apart.
trait Judge: Fn(&Entry<'_>, Option<Tier>) -> Option<Tier> + Sync {}

impl<F: Fn(&Entry<'_>, Option<Tier>) -> Option<Tier> + Sync> Judge for F {}

/// Hits of a part of the table.
struct Part<'t> {
    places: Vec<Place>,
    best: Best<'t>,
}

impl<'t> Part<'t> {
    fn new(limit: usize) -> Part<'t> {
        Part { places: Vec::new(), best: Best::new(limit) }
    }

    fn judge(&mut self, page: &'t PageText, place: Place, judge: &impl Judge) {
        let entry = page.entry(place.1 as usize);
        let worst = self.best.worst_tier(entry.name, entry.id);
        if let Some(tier) = judge(&entry, worst) {
            self.places.push(place);
            if Some(tier) <= worst {
                self.best.offer(Candidate { tier, name: entry.name, id: entry.id });
            }
        }
    }
}

fn scan_pages<'t>(
    table: &'t Table,
    needles: Option<Vec<Finder<'_>>>,
    judge: &impl Judge,
    limit: usize,
    cancelled: Cancelled<'_>,
) -> Option<Part<'t>> {
    let chunks = table.pages.par_chunks(PAGES_AT_ONCE).enumerate().map(|(chunk, pages)| {
        let mut part = Part::new(limit);
        for (page, number) in pages.iter().zip(chunk * PAGES_AT_ONCE..).take_while(|_| !cancelled()) {
            candidates(page, needles.as_deref(), |at| part.judge(page, (number as u32, at as u32), judge));
        }
        part
    });
    join(chunks, limit, cancelled)
}

fn judge_places<'t>(
    table: &'t Table,
    places: &[Place],
    judge: &impl Judge,
    limit: usize,
    cancelled: Cancelled<'_>,
) -> Option<Part<'t>> {
    let chunks = places.par_chunks(PAGES_AT_ONCE * 4).map(|places| {
        let mut part = Part::new(limit);
        for place in places.iter().take_while(|_| !cancelled()) {
            part.judge(&table.pages[place.0 as usize], *place, judge);
        }
        part
    });
    join(chunks, limit, cancelled)
}

/// Puts the parts together in their order; `None` if cancelled, as then they are not whole.
fn join<'t>(
    parts: impl IndexedParallelIterator<Item = Part<'t>>,
    limit: usize,
    cancelled: Cancelled<'_>,
) -> Option<Part<'t>> {
    let parts: Vec<Part<'t>> = parts.collect();
    if cancelled() {
        return None;
    }
    let mut all = Part::new(limit);
    all.places.reserve(parts.iter().map(|part| part.places.len()).sum());
    for part in parts {
        all.places.extend(part.places);
        all.best = all.best.merge(part.best);
    }
    Some(all)
}

/// Calls back with the place of every record of a page that contains one of the needles, in order.
fn candidates(page: &PageText, needles: Option<&[Finder<'_>]>, mut found: impl FnMut(usize)) {
    match needles {
        None => (0..page.len()).for_each(found),
        Some([needle]) => containing(page, needle, found),
        Some(needles) => {
            let mut contains = vec![false; page.len()];
            needles.iter().for_each(|needle| containing(page, needle, |at| contains[at] = true));
            contains.iter().enumerate().filter(|(_, contains)| **contains).for_each(|(at, _)| found(at));
        }
    }
}

/// A needle has no tag and every record's text begins with one, so that no occurrence lies across two records.
fn containing(page: &PageText, needle: &Finder<'_>, mut found: impl FnMut(usize)) {
    let (mut from, mut at) = (0, 0);
    while let Some(offset) = needle.find(&page.text[from..]) {
        while page.facts[at].end as usize <= from + offset {
            at += 1;
        }
        found(at);
        from = page.facts[at].end as usize;
        at += 1;
    }
}
