//! The first page of hits, without a look at every record.
//!
//! A page is settled when as many hits are known as it has rows, and no better ones can exist. Which tiers can exist is in
//! the sketch; hits of one tier come in the order of the names. So the first records by name are looked at one by one, then the
//! blocks in the order of their first names, until there are enough hits of the best tier. If the end comes first, this goes on
//! with the next tiers; for each it is looked only at blocks that may have them.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::block::{Place, Table};
use super::guide::{Guide, key};
use super::judge::Judge;
use super::matches::Matches;
use super::rank;
use super::reach::Depth;
use super::scan::{Best, Cancelled, Found, Scanned};
use super::sieve::Which;
use super::{Sort, Tier};

/// How many records are judged between two looks at what is found.
const STEP: usize = if cfg!(test) { 4 } else { 1024 };

/// A walk goes on after this many records only if it finds enough by the end of its patience.
const TRIAL: usize = 4 * STEP;

/// A walk in the order of the organizations looks at one of this many records before the whole scan is quicker.
const PATIENCE: usize = 32;

/// How many blocks are judged at least between two looks at what is found.
const BLOCKS: usize = if cfg!(test) { 1 } else { 256 };

/// A settled page, or everything, if that had to be looked at.
pub(super) enum First {
    Page(Vec<Place>),
    Found(Found),
}

/// The first page by a look at single records, which needs no preparation: if hits are frequent.
pub(super) fn frequent(
    table: &Table,
    guide: &Guide,
    judge: &Judge<'_>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<Vec<Place>> {
    let order = guide.ready(best.sort)?;
    let worst = best_tier(guide, judge, best.sort);
    let depth = depth_of(guide, judge, worst);
    let patience = if best.sort == Sort::Organization { (order.len() / PATIENCE).max(TRIAL) } else { TRIAL };
    let judged = |place: &Place| judge.tier(&table.entry(*place), depth).filter(|tier| *tier <= worst).map(|_| *place);
    let mut hits: Vec<Place> = Vec::new();
    let mut done = 0;
    while done < patience.min(order.len()) && !cancelled() {
        let end = (done + STEP).min(order.len());
        let found: Vec<Place> = order[done..end].par_iter().with_min_len(STEP / 4).filter_map(judged).collect();
        hits.extend(found);
        done = end;
        if hits.len() >= best.limit {
            hits.truncate(best.limit);
            return Some(hits);
        }
        // What is rare at the beginning is so to the end.
        if hits.len() * patience < best.limit * done {
            return None;
        }
    }
    None
}

/// The best tier that hits may have; in another order than the best first, all are one.
fn best_tier(guide: &Guide, judge: &Judge<'_>, sort: Sort) -> Tier {
    if sort == Sort::Best { guide.sketch.best_tier(judge.query()) } else { Tier::Anywhere }
}

/// What has to be found out of records to find those with that tier, which is the best one that they may have.
fn depth_of(guide: &Guide, judge: &Judge<'_>, tier: Tier) -> Depth {
    if tier <= Tier::Prefix && !guide.sketch.may_match_phone(judge.query()) {
        return Depth::HEADS;
    }
    Depth { best: tier, worst: Tier::Word.max(tier) }
}

/// The best hits by a look at as few blocks as will do. `None` if cancelled.
pub(super) fn first(
    scanned: Scanned<'_>,
    guide: &Guide,
    judge: &Judge<'_>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<First> {
    let tier = best_tier(guide, judge, best.sort);
    let mut walk = Walk { scanned, guide, judge, best, kept: rank::Best::new(best.limit), cancelled };
    let everything = |depth| Wanted { blocks: Which::Any, tiers: Tier::Exact..=Tier::Anywhere, best: tier, depth };
    if tier == Tier::Anywhere {
        return walk.until(&everything(Depth::MATCHES));
    }
    // What is left out may be all that a few words have found, which is known only at the end.
    if scanned.among.is_some() && judge.leaves_out() {
        return walk.until(&everything(Depth::TIERS));
    }
    let depth = depth_of(guide, judge, tier);
    let all = Wanted { blocks: Which::Better, tiers: Tier::Exact..=Tier::Word, best: tier, depth };
    let by_words = guide.sketch.best_tier_by_words(judge.query());
    let mut walks = Vec::new();
    if depth == Depth::HEADS {
        let deeper = Depth { best: Tier::Prefix, worst: Tier::Word };
        walks.push(Wanted { tiers: Tier::Exact..=Tier::Prefix, ..all.clone() });
        walks.push(Wanted { tiers: Tier::Word..=Tier::Word, best: Tier::Word, depth: deeper, ..all });
    } else if tier == Tier::Exact && by_words > Tier::Exact {
        // Only words that are one phone together can be exact, and few records have that.
        walks.push(Wanted { blocks: Which::Number, tiers: Tier::Exact..=Tier::Exact, ..all.clone() });
        walks.push(Wanted { tiers: Tier::Prefix..=Tier::Word, best: by_words.min(Tier::Word), ..all });
    } else {
        walks.push(all);
    }
    for wanted in walks {
        match walk.until(&wanted)? {
            First::Found(found) if found.best.len() < best.limit => {}
            First::Found(found) => return Some(First::Page(found.best)),
            page => return Some(page),
        }
    }
    let depth = Depth { best: Tier::Word, worst: Tier::Anywhere };
    walk.until(&Wanted { blocks: Which::Any, tiers: Tier::Anywhere..=Tier::Anywhere, best: Tier::Anywhere, depth })
}

/// What a walk looks for.
#[derive(Clone)]
struct Wanted {
    /// Only in these blocks.
    blocks: Which,
    /// Hits with these tiers; all with better ones are kept already.
    tiers: RangeInclusive<Tier>,
    /// The best of these tiers that a hit may have.
    best: Tier,
    depth: Depth,
}

/// A walk through the blocks in the order of their first names.
struct Walk<'t> {
    scanned: Scanned<'t>,
    guide: &'t Guide,
    judge: &'t Judge<'t>,
    best: Best,
    kept: rank::Best<'t>,
    cancelled: Cancelled<'t>,
}

impl Walk<'_> {
    /// Walks until enough hits are known to be the best, so that no hit that is not seen can be before them. `None` if cancelled.
    fn until(&mut self, wanted: &Wanted) -> Option<First> {
        let table = self.scanned.table;
        let may_have = |first: &&Place| {
            self.scanned.candidates(first.block()) != 0 && self.judge.may_have(wanted.blocks, first.block())
        };
        let blocks: Vec<Place> = self.guide.blocks.iter().filter(may_have).copied().collect();
        let mut matches = Matches::none(table);
        let (mut done, mut step) = (0, BLOCKS);
        while done < blocks.len() {
            let end = (done + step).min(blocks.len());
            let some: Vec<usize> = blocks[done..end].iter().map(|first| first.block()).collect();
            let what = (self.best.sort, wanted.depth, wanted.tiers.clone());
            self.scanned.judge(&some, self.judge, what, (&mut matches, &mut self.kept), self.cancelled)?;
            if let Some(next) = blocks.get(end).map(|place| key(table, Sort::Name, *place))
                && self
                    .kept
                    .settled(|hit| hit.tier < *wanted.tiers.start() || hit.tier <= wanted.best && hit.key < next)
            {
                return Some(First::Page(self.page()));
            }
            // The first block of every segment comes before the second ones: before that, nothing more is settled.
            step = if done == 0 { table.segments.len() } else { end / 8 }.max(BLOCKS);
            done = end;
        }
        Some(First::Found(Found { matches, best: self.page() }))
    }

    fn page(&self) -> Vec<Place> {
        self.kept.clone().into_sorted().iter().map(|candidate| candidate.key.place).collect()
    }
}
