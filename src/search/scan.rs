//! The scan: every block, every head, or every record that an earlier search has found.

use rayon::prelude::*;

use super::block::{Block, Place, Table};
use super::judge::Judge;
use super::rank::{self, Candidate, Key};
use super::reach::{Bits, Depth, Reach, ones};
use super::{Sort, Tier};

/// How many blocks, or how many places, are scanned between two looks at the cancel flag.
const BLOCKS_AT_ONCE: usize = 256;
const PLACES_AT_ONCE: usize = 4096;

/// Tells a search to stop; asked often, from several threads.
pub type Cancelled<'a> = &'a (dyn Fn() -> bool + Sync);

/// Which hits a scan keeps apart from all others.
#[derive(Clone, Copy)]
pub(super) struct Best {
    /// In which order they are the best.
    pub sort: Sort,
    /// How many of them, at most.
    pub limit: usize,
}

/// What a scan found: where all hits are, in the order of the IDs, and where the best of them are, best first.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub places: Vec<Place>,
    pub best: Vec<Place>,
}

/// Scans a whole table. `None` if cancelled.
pub(super) fn scan(table: &Table, judge: &Judge<'_>, best: Best, cancelled: Cancelled<'_>) -> Option<Found> {
    let depth = best.depth();
    let chunks = table.blocks.par_chunks(BLOCKS_AT_ONCE).enumerate().map(|(chunk, blocks)| {
        let mut hits = Hits::new(best);
        for (block, number) in blocks.iter().zip(chunk * BLOCKS_AT_ONCE..).take_while(|_| !cancelled()) {
            hits.take(block, number, judge.reach(block, &(0..block.len()), depth));
        }
        hits
    });
    join(chunks, best, cancelled)
}

/// Looks through some places of a table, in the order of the IDs. `None` if cancelled.
pub(super) fn scan_places(
    table: &Table,
    places: &[Place],
    judge: &Judge<'_>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<Found> {
    let depth = best.depth();
    let chunks = places.par_chunks(PLACES_AT_ONCE).map(|places| {
        let mut hits = Hits::new(best);
        for place in places.iter().take_while(|_| !cancelled()) {
            let block = &table.blocks[place.block()];
            hits.take(block, place.block(), judge.reach(block, &(place.at()..place.at() + 1), depth));
        }
        hits
    });
    join(chunks, best, cancelled)
}

/// The hits whose tier the heads alone can tell, [`Tier::Prefix`] and better: the best of them. For a query that no phone can
/// match as a whole. `None` if cancelled.
pub(super) fn scan_heads(
    table: &Table,
    judge: &Judge<'_>,
    limit: usize,
    cancelled: Cancelled<'_>,
) -> Option<Vec<Place>> {
    let best = Best { sort: Sort::Best, limit };
    let chunks = table.blocks.par_chunks(BLOCKS_AT_ONCE).enumerate().map(|(chunk, blocks)| {
        let mut hits = Hits::new(best);
        for (block, number) in blocks.iter().zip(chunk * BLOCKS_AT_ONCE..).take_while(|_| !cancelled()) {
            let reach = judge.reach(block, &(0..block.len()), Depth::Heads);
            hits.take(block, number, reach.only(reach.at(Tier::Prefix)));
        }
        hits
    });
    join(chunks, best, cancelled).map(|found| found.best)
}

impl Best {
    /// What has to be known of a record.
    fn depth(self) -> Depth {
        if self.limit > 0 && self.sort == Sort::Best { Depth::Tiers } else { Depth::Matches }
    }
}

/// Hits of a part of the table.
struct Hits<'t> {
    sort: Sort,
    places: Vec<Place>,
    best: rank::Best<'t>,
}

impl<'t> Hits<'t> {
    fn new(best: Best) -> Hits<'t> {
        Hits { sort: best.sort, places: Vec::new(), best: rank::Best::new(best.limit) }
    }

    fn take(&mut self, block: &'t Block, number: usize, reach: Reach) {
        self.places.extend(ones(reach.any()).map(|at| Place::new(number, at)));
        // In another order than the best first all tiers are one.
        let tiers = if self.sort == Sort::Best { &Tier::ALL[..] } else { &[Tier::Anywhere] };
        let mut rest = reach.any();
        for tier in tiers.iter().copied() {
            let bits = reach.at(tier) & rest;
            rest &= !bits;
            if self.best.takes(tier) {
                self.offer(block, number, tier, bits);
            }
        }
    }

    fn offer(&mut self, block: &'t Block, number: usize, tier: Tier, bits: Bits) {
        for at in ones(bits) {
            let key = Key::of(self.sort, &block.entry(at), Place::new(number, at));
            self.best.offer(Candidate { tier, key });
        }
    }
}

/// Puts the parts together in their order; `None` if cancelled, as then they are not whole.
fn join<'t>(
    parts: impl IndexedParallelIterator<Item = Hits<'t>>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<Found> {
    let parts: Vec<Hits<'t>> = parts.collect();
    if cancelled() {
        return None;
    }
    let mut places = Vec::with_capacity(parts.iter().map(|part| part.places.len()).sum());
    let mut all = rank::Best::new(best.limit);
    for part in parts {
        places.extend(part.places);
        all = all.merge(part.best);
    }
    Some(Found { places, best: all.into_sorted().iter().map(|candidate| candidate.key.place).collect() })
}
