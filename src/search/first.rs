//! The first page of hits, without a look at every record.
//!
//! A page is settled when as many hits are known as it has rows, and no better ones can exist. Which tiers can exist is in
//! the sketch; hits of one tier come in the order of the names. So the first records by name are looked at one by one, then the
//! blocks in the order of their first names, until there are enough hits of the best tier. If these are so rare that the end
//! comes first, the heads are scanned before all the rest: they tell the two best tiers.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::block::{Place, Table};
use super::guide::{Guide, key};
use super::judge::Judge;
use super::matches::Matches;
use super::rank::{self, Candidate};
use super::reach::Depth;
use super::scan::{Best, Cancelled, Found, Scanned};
use super::{Sort, Tier};

/// How many records are judged between two looks at what is found.
const STEP: usize = if cfg!(test) { 4 } else { 1024 };

/// A walk goes on after this many records only if it finds enough by the end of its patience.
const TRIAL: usize = 4 * STEP;

/// A walk in another order than that of the names looks at one of this many records before the whole scan is quicker.
const PATIENCE: usize = 32;

/// How many blocks are judged first, and at most, between two looks at what is found.
const BLOCKS: usize = if cfg!(test) { 1 } else { 256 };
const MOST_BLOCKS: usize = 8 * BLOCKS;

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
    let worst = match best.sort {
        Sort::Best => guide.sketch.best_tier(judge.query()),
        Sort::Name | Sort::Organization => Tier::Anywhere,
    };
    let depth = if worst == Tier::Anywhere { Depth::Matches } else { Depth::Tiers };
    let patience = if best.sort == Sort::Organization { (order.len() / PATIENCE).max(TRIAL) } else { TRIAL };
    let judged = |place: &Place| judge.tier(&table.entry(*place), depth).filter(|tier| *tier <= worst).map(|_| *place);
    let mut hits: Vec<Place> = Vec::new();
    let mut done = 0;
    while done < patience.min(order.len()) && !cancelled() {
        let end = (done + STEP).min(order.len());
        // The first ones are judged before another thread would have begun.
        if done == 0 {
            hits.extend(order[..end].iter().filter_map(judged));
        } else {
            let found: Vec<Place> = order[done..end].par_iter().with_min_len(STEP / 4).filter_map(judged).collect();
            hits.extend(found);
        }
        done = end;
        if hits.len() >= best.limit {
            hits.truncate(best.limit);
            return Some(hits);
        }
        // What is rare at the beginning is so to the end.
        if hits.len() * patience < best.limit * done && done >= STEP {
            return None;
        }
    }
    None
}

/// The best hits by a look at as few blocks as will do. `None` if cancelled.
pub(super) fn first(
    scanned: Scanned<'_>,
    guide: &Guide,
    judge: &Judge<'_>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<First> {
    let order: Vec<usize> = guide.blocks.iter().map(|place| place.block()).collect();
    let mut walk = Walk { scanned, guide, judge, best, order, kept: rank::Best::new(best.limit), cancelled };
    let tier = if best.sort == Sort::Best { guide.sketch.best_tier(judge.query()) } else { Tier::Anywhere };
    if tier == Tier::Anywhere {
        return walk.until(Tier::Exact..=tier, Depth::Matches);
    }
    // Of a phone the heads tell nothing.
    let by_heads = tier <= Tier::Prefix && !guide.sketch.may_match_phone(judge.query());
    let heads = by_heads.then_some((Tier::Exact..=Tier::Prefix, Depth::Heads));
    let better = if by_heads { Tier::Word..=Tier::Word } else { Tier::Exact..=Tier::Word };
    for (tiers, depth) in heads.into_iter().chain([(better, Depth::Tiers)]) {
        match walk.until(tiers, depth)? {
            First::Found(found) if found.best.len() < best.limit => {}
            First::Found(found) => return Some(First::Page(found.best)),
            page => return Some(page),
        }
    }
    walk.until(Tier::Anywhere..=Tier::Anywhere, Depth::Tiers)
}

/// A walk through the blocks in the order of their first names.
struct Walk<'t> {
    scanned: Scanned<'t>,
    guide: &'t Guide,
    judge: &'t Judge<'t>,
    best: Best,
    order: Vec<usize>,
    kept: rank::Best<'t>,
    cancelled: Cancelled<'t>,
}

impl<'t> Walk<'t> {
    /// Walks until enough hits are known to be the best, so that no hit that is not seen can be before them: hits with these tiers;
    /// all better ones are kept already.
    fn until(&mut self, tiers: RangeInclusive<Tier>, depth: Depth) -> Option<First> {
        let table = self.scanned.table;
        let (best, worst) = (*tiers.start(), *tiers.end());
        let may_have = |block: &usize| match worst {
            Tier::Anywhere => self.judge.may_match(*block),
            _ => self.judge.may_be_better(*block),
        };
        let mut matches = Matches::none(table);
        let (mut done, mut step) = (0, BLOCKS);
        while done < self.order.len() {
            let end = (done + step).min(self.order.len());
            let candidates = |block: &usize| self.scanned.candidates(*block) != 0 && may_have(block);
            let blocks: Vec<usize> = self.order[done..end].iter().copied().filter(candidates).collect();
            let kept = (&mut matches, &mut self.kept);
            self.scanned.judge(&blocks, self.judge, (self.best.sort, depth, tiers.clone()), kept, self.cancelled)?;
            let next = self.guide.blocks.get(end).map(|place| key(table, Sort::Name, *place));
            let is_before = |hit: &Candidate<'_>| next.is_none_or(|next| hit.key < next);
            let is_settled = |hit: &Candidate<'_>| hit.tier < best || is_before(hit);
            if end < self.order.len() && self.kept.settled(is_settled) {
                return Some(First::Page(self.page()));
            }
            done = end;
            step = (2 * step).min(MOST_BLOCKS);
        }
        Some(First::Found(Found { matches, best: self.page() }))
    }

    fn page(&self) -> Vec<Place> {
        self.kept.clone().into_sorted().iter().map(|candidate| candidate.key.place).collect()
    }
}
