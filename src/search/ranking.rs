//! All hits of a query in their order, for a list that is paged to its end.

use rayon::prelude::*;

use super::block::{BLOCKS, MOST, Place, Table};
use super::judge::Judge;
use super::matches::Matches;
use super::reach::{Depth, ones};
use super::scan::Cancelled;
use super::{Sort, Tier};

/// What a record has that is no hit, in place of the number of its tier.
const NONE: u8 = Tier::ALL.len() as u8;

/// How many blocks are judged between two looks at the cancel flag.
const AT_ONCE: usize = 64;

/// Puts hits into the order of their tiers and within a tier into that of `order`, which has every place of the table. `None` if
/// cancelled.
pub(super) fn ranked(
    table: &Table,
    order: &[Place],
    judge: &Judge<'_>,
    sort: Sort,
    hits: &Matches,
    cancelled: Cancelled<'_>,
) -> Option<Vec<Place>> {
    let mut tiers = vec![NONE; table.segments.len() * BLOCKS * MOST];
    tiers.par_chunks_mut(MOST).with_min_len(AT_ONCE).enumerate().filter(|(n, _)| hits.of(*n) != 0).for_each(
        |(number, tiers)| {
            if sort != Sort::Best {
                ones(hits.of(number)).for_each(|at| tiers[at] = Tier::Anywhere as u8);
            } else if !cancelled() {
                let block = table.block(number);
                let reach = judge.reach((block, Some(number)), hits.of(number), Depth::TIERS);
                ones(hits.of(number)).for_each(|at| tiers[at] = reach.tier(at).unwrap_or(Tier::Anywhere) as u8);
            }
        },
    );
    let mut ranked: [Vec<Place>; Tier::ALL.len()] = Default::default();
    for place in order {
        if let Some(hits) = ranked.get_mut(usize::from(tiers[place.slot()])) {
            hits.push(*place);
        }
    }
    (!cancelled()).then(|| ranked.concat())
}
