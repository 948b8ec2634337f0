//! The first page of hits, without a look at every record.
//!
//! A page is settled when as many hits are known as it has rows, and no better ones can exist. Which tiers can exist is in
//! the sketch; hits of one tier come in the order of the names, so a walk in that order may stop when it has enough of the
//! best. If these are too rare for a walk, the heads are scanned: they tell the two best tiers. What neither settles needs
//! the whole scan, which is quick where hits are rare.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::block::{Place, Table};
use super::guide::Guide;
use super::judge::Judge;
use super::reach::Depth;
use super::scan::{Best, Cancelled, scan_heads};
use super::{Sort, Tier};

/// How many records are judged between two looks at what is found.
const STEP: usize = 1024;

/// A walk goes on after this many records only if it finds enough by the end of its patience.
const TRIAL: usize = 4096;

/// A walk looks at one of this many records before the whole scan is quicker.
const PATIENCE: usize = 32;

/// The best hits, best first, as many as wanted; `None` if they are not settled cheaply, or if cancelled.
pub(super) fn first_page(
    table: &Table,
    guide: &Guide,
    judge: &Judge<'_>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<Vec<Place>> {
    let Best { sort, limit } = best;
    if judge.forgives() {
        return None;
    }
    let mut walk = Walk { table, order: guide.order(table, sort), judge, sort, done: 0, hits: Vec::new() };
    if sort != Sort::Best {
        return walk.until(Tier::Exact..=Tier::Anywhere, limit, cancelled);
    }
    let tier = guide.sketch.best_tier(judge.query());
    if let Some(page) = walk.until(Tier::Exact..=tier, limit, cancelled) {
        return Some(page);
    }
    if tier > Tier::Prefix || guide.sketch.may_match_phone(judge.query()) {
        return None;
    }
    let mut page = scan_heads(table, judge, limit, cancelled)?;
    if page.len() < limit {
        page.extend(walk.until(Tier::Word..=Tier::Word, limit - page.len(), cancelled)?);
    }
    Some(page)
}

/// A walk through the records in the order that decides between hits of the same tier.
struct Walk<'t> {
    table: &'t Table,
    order: &'t [Place],
    judge: &'t Judge<'t>,
    sort: Sort,
    done: usize,
    /// What is found so far.
    hits: Vec<(Tier, Place)>,
}

impl Walk<'_> {
    /// Walks until as many hits of these tiers are found as wanted.
    fn until(&mut self, tiers: RangeInclusive<Tier>, wanted: usize, cancelled: Cancelled<'_>) -> Option<Vec<Place>> {
        let patience = (self.order.len() / PATIENCE).max(TRIAL);
        loop {
            let found = self.hits.iter().filter(|(tier, _)| tiers.contains(tier));
            let count = found.clone().count();
            if count >= wanted {
                return Some(found.take(wanted).map(|(_, place)| *place).collect());
            }
            let hopeless = self.done >= TRIAL && count * patience / self.done < wanted;
            if hopeless || self.done >= patience || self.done == self.order.len() || cancelled() {
                return None;
            }
            self.step(*tiers.end());
        }
    }

    fn step(&mut self, worst: Tier) {
        let end = (self.done + STEP).min(self.order.len());
        let any_will_do = self.sort != Sort::Best || worst == Tier::Anywhere;
        let depth = if any_will_do { Depth::Matches } else { Depth::Tiers };
        let judged = |place: &Place| Some((self.judge.tier(&self.table.entry(*place), depth)?, *place));
        let found: Vec<(Tier, Place)> =
            self.order[self.done..end].par_iter().with_min_len(STEP / 4).filter_map(judged).collect();
        self.hits.extend(found);
        self.done = end;
    }
}
