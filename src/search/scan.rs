//! The scan: every block, or those with records that an earlier search has found.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::block::{Place, Table};
use super::judge::Judge;
use super::matches::Matches;
use super::rank::{self, Candidate, Key};
use super::reach::{Bits, Depth, Reach, bits, ones};
use super::sieve::Which;
use super::{Sort, Tier};

/// How many blocks are judged by one thread between two looks at the cancel flag.
const AT_ONCE: usize = 32;

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

/// What a scan found: all hits, and where the best of them are, best first.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub matches: Matches,
    pub best: Vec<Place>,
}

/// What is scanned: a table, or only some of its records.
#[derive(Clone, Copy)]
pub(super) struct Scanned<'t> {
    pub table: &'t Table,
    pub among: Option<&'t Matches>,
}

impl<'t> Scanned<'t> {
    /// Scans everything. `None` if cancelled.
    pub fn scan(self, judge: &Judge<'_>, best: Best, cancelled: Cancelled<'_>) -> Option<Found> {
        let may_match = |block: &usize| self.candidates(*block) != 0 && judge.may_have(Which::Any, *block);
        let blocks: Vec<usize> = self.table.blocks().filter(may_match).collect();
        let mut matches = Matches::none(self.table);
        let mut kept = rank::Best::new(best.limit);
        let wanted = (best.sort, best.depth(), Tier::Exact..=Tier::Anywhere);
        self.judge(&blocks, judge, wanted, (&mut matches, &mut kept), cancelled)?;
        let best = kept.into_sorted().iter().map(|candidate| candidate.key.place).collect();
        Some(Found { matches, best })
    }

    /// The records of a block that are scanned.
    pub fn candidates(self, block: usize) -> Bits {
        self.among.map_or(Bits::MAX, |among| among.of(block))
    }

    /// Judges some blocks: adds the hits to `matches`, and the best of those with some tiers to `kept`.
    /// `None` if cancelled.
    pub fn judge(
        self,
        blocks: &[usize],
        judge: &Judge<'_>,
        (sort, depth, tiers): (Sort, Depth, RangeInclusive<Tier>),
        (matches, kept): (&mut Matches, &mut rank::Best<'t>),
        cancelled: Cancelled<'_>,
    ) -> Option<()> {
        let none = || Hits { sort, tiers: tiers.clone(), matches: Vec::new(), best: kept.more() };
        let with = |mut hits: Hits<'t>, blocks: &[usize]| {
            for number in blocks.iter().filter(|_| !cancelled()) {
                let block = self.table.block(*number);
                let candidates = bits(&(0..block.len())) & self.candidates(*number);
                let reach = judge.reach((block, Some(*number)), candidates, depth);
                hits.take(self.table, *number, reach, depth);
            }
            hits
        };
        let parts: Vec<Hits<'t>> = blocks.par_chunks(AT_ONCE).fold(none, with).collect();
        if cancelled() {
            return None;
        }
        for part in parts {
            part.matches.iter().for_each(|(block, bits)| matches.add(*block, *bits));
            *kept = std::mem::replace(kept, rank::Best::new(0)).merge(part.best);
        }
        Some(())
    }
}

impl Best {
    /// What has to be known of a record.
    pub fn depth(self) -> Depth {
        if self.limit > 0 && self.sort == Sort::Best { Depth::TIERS } else { Depth::MATCHES }
    }
}

/// Hits of some blocks.
struct Hits<'t> {
    sort: Sort,
    /// Hits with other tiers are not kept.
    tiers: RangeInclusive<Tier>,
    matches: Vec<(usize, Bits)>,
    best: rank::Best<'t>,
}

impl<'t> Hits<'t> {
    fn take(&mut self, table: &'t Table, block: usize, reach: Reach, depth: Depth) {
        let hits = reach.at(depth.worst);
        if hits == 0 {
            return;
        }
        self.matches.push((block, hits));
        // In another order than the best first all tiers are one.
        let tiers = if self.sort == Sort::Best { &Tier::ALL[..] } else { &[Tier::Anywhere] };
        let mut rest = hits;
        for tier in tiers.iter().copied() {
            let bits = reach.at(tier) & rest;
            rest &= !bits;
            if self.tiers.contains(&tier) && self.best.takes(tier) {
                self.offer(table, block, tier, bits);
            }
        }
    }

    fn offer(&mut self, table: &'t Table, block: usize, tier: Tier, bits: Bits) {
        for at in ones(bits) {
            let place = Place::in_block(block, at);
            let key = Key::of(self.sort, &table.entry(place), place);
            // The records of a block are in the order of their names.
            if !self.best.offer(Candidate { tier, key }) && self.sort != Sort::Organization {
                break;
            }
        }
    }
}
