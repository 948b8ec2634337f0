//! All hits of a query in their order, for a list that is paged to its end.

use rayon::prelude::*;

use super::block::{MOST, Place, Table};
use super::judge::Judge;
use super::reach::Depth;
use super::scan::Cancelled;
use super::{Sort, Tier};

/// What a record has that is no hit, in place of the number of its tier.
const NONE: u8 = Tier::ALL.len() as u8;

/// How many hits are judged between two looks at the cancel flag.
const AT_ONCE: usize = 4096;

/// Puts hits, given in the order of their IDs, into the order of their tiers and within a tier into that of `order`, which has
/// every place of the table. `None` if cancelled.
pub(super) fn ranked(
    table: &Table,
    order: &[Place],
    judge: &Judge<'_>,
    sort: Sort,
    hits: &[Place],
    cancelled: Cancelled<'_>,
) -> Option<Vec<Place>> {
    let tier = |place: &Place| match sort {
        Sort::Best => judge.tier(&table.entry(*place), Depth::Tiers).unwrap_or(Tier::Anywhere),
        Sort::Name | Sort::Organization => Tier::Anywhere,
    };
    let chunks = hits.par_chunks(AT_ONCE).take_any_while(|_| !cancelled());
    let judged: Vec<Vec<(Place, Tier)>> =
        chunks.map(|places| places.iter().map(|place| (*place, tier(place))).collect()).collect();
    let mut tiers = vec![NONE; table.blocks.len() * MOST];
    for (place, tier) in judged.into_iter().flatten() {
        tiers[slot(place)] = tier as u8;
    }
    let mut ranked: [Vec<Place>; Tier::ALL.len()] = Default::default();
    for place in order {
        if let Some(hits) = ranked.get_mut(usize::from(tiers[slot(*place)])) {
            hits.push(*place);
        }
    }
    (!cancelled()).then(|| ranked.concat())
}

fn slot(place: Place) -> usize {
    place.block() * MOST + place.at()
}
