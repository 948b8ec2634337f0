//! The scan: every block is searched for what a hit must contain, and what contains it is judged.

use std::sync::Arc;

use memchr::memmem::Finder;
use rayon::prelude::*;

use super::block::{Block, Part, Place, Table};
use super::judge::Judge;
use super::rank::{self, Candidate, Key};
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
    let needles = judge.needles();
    let trusted = judge.trusts_needles();
    let chunks = table.blocks.par_chunks(BLOCKS_AT_ONCE).enumerate().map(|(chunk, blocks)| {
        let mut hits = Hits::new(judge, best, trusted);
        for (block, number) in blocks.iter().zip(chunk * BLOCKS_AT_ONCE..).take_while(|_| !cancelled()) {
            let found = needles.as_deref().map_or_else(|| all(block), |needles| candidates(block, needles));
            ones(found).for_each(|at| hits.judge(block, Place::new(number, at)));
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
    let chunks = places.par_chunks(PLACES_AT_ONCE).map(|places| {
        let mut hits = Hits::new(judge, best, false);
        if !cancelled() {
            places.iter().for_each(|place| hits.judge(&table.blocks[place.block()], *place));
        }
        hits
    });
    join(chunks, best, cancelled)
}

/// The hits whose tier the heads alone can tell, [`Tier::Prefix`] and better: how many there are, and the best of them.
/// For a query that no phone can match as a whole. `None` if cancelled.
pub(super) fn scan_heads(
    table: &Table,
    judge: &Judge<'_>,
    needle: &[u8],
    limit: usize,
    cancelled: Cancelled<'_>,
) -> Option<Vec<Place>> {
    let needle = Finder::new(needle);
    let chunks = table.blocks.par_chunks(BLOCKS_AT_ONCE).enumerate().map(|(chunk, blocks)| {
        let mut best = rank::Best::new(limit);
        for (block, number) in blocks.iter().zip(chunk * BLOCKS_AT_ONCE..).take_while(|_| !cancelled()) {
            for at in ones(containing(block, Part::Head, &needle)) {
                let entry = block.entry(at);
                if let Some(tier) = judge.tier(&entry, Some(Tier::Prefix)).filter(|tier| *tier <= Tier::Prefix) {
                    best.offer(Candidate { tier, key: Key::of(Sort::Best, &entry, Place::new(number, at)) });
                }
            }
        }
        best
    });
    let best = chunks.reduce(|| rank::Best::new(limit), rank::Best::merge);
    (!cancelled()).then(|| best.into_sorted().iter().map(|candidate| candidate.key.place).collect())
}

/// Hits of a part of the table.
struct Hits<'t, 'j> {
    judge: &'j Judge<'j>,
    sort: Sort,
    /// Whether all that is shown to it are hits, which need a judge for their order only.
    trusted: bool,
    places: Vec<Place>,
    best: rank::Best<'t>,
}

impl<'t, 'j> Hits<'t, 'j> {
    fn new(judge: &'j Judge<'j>, best: Best, trusted: bool) -> Hits<'t, 'j> {
        Hits { judge, sort: best.sort, trusted, places: Vec::new(), best: rank::Best::new(best.limit) }
    }

    fn judge(&mut self, block: &'t Block, place: Place) {
        if self.best.takes_none() {
            if self.trusted || self.judge.tier(&block.entry(place.at()), None).is_some() {
                self.places.push(place);
            }
            return;
        }
        let entry = block.entry(place.at());
        let key = Key::of(self.sort, &entry, place);
        let worst = self.best.worst_tier(&key).filter(|_| self.sort == Sort::Best);
        if let Some(tier) = self.judge.tier(&entry, worst) {
            self.places.push(place);
            self.best.offer(Candidate { tier: if self.sort == Sort::Best { tier } else { Tier::Anywhere }, key });
        }
    }
}

/// Puts the parts together in their order; `None` if cancelled, as then they are not whole.
fn join<'t, 'j>(
    parts: impl IndexedParallelIterator<Item = Hits<'t, 'j>>,
    best: Best,
    cancelled: Cancelled<'_>,
) -> Option<Found> {
    let parts: Vec<Hits<'t, 'j>> = parts.collect();
    if cancelled() {
        return None;
    }
    let mut places = Vec::with_capacity(parts.iter().map(|part| part.places.len()).sum());
    let mut best = rank::Best::new(best.limit);
    for part in parts {
        places.extend(part.places);
        best = best.merge(part.best);
    }
    Some(Found { places, best: best.into_sorted().iter().map(|candidate| candidate.key.place).collect() })
}

/// Records of a block, as bits.
type Bits = u128;

fn all(block: &Arc<Block>) -> Bits {
    (0..block.len()).fold(0, |bits, at| bits | 1 << at)
}

fn ones(mut bits: Bits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(at)
    })
}

/// The records of a block that contain one of the needles.
fn candidates(block: &Block, needles: &[Finder<'_>]) -> Bits {
    let in_part = |part| needles.iter().fold(0, |bits, needle| bits | containing(block, part, needle));
    in_part(Part::Head) | in_part(Part::Rest)
}

/// A needle has no tag and every text begins with one, so that no occurrence lies across two records.
fn containing(block: &Block, part: Part, needle: &Finder<'_>) -> Bits {
    let text = block.texts(part);
    let (mut bits, mut from, mut at) = (0, 0, 0);
    while let Some(offset) = needle.find(&text[from..]) {
        while block.end(part, at) <= from + offset {
            at += 1;
        }
        bits |= 1 << at;
        from = block.end(part, at);
        at += 1;
    }
    bits
}
