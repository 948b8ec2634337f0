//! What is worked out of a table once so that searches need not look at all of it: the order of the names, and what can
//! occur at all.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Sort;
use super::block::{Block, Place, Table};
use super::rank::{Chunk, Key};
use super::sketch::Sketch;

/// A table's orders and its sketch.
#[derive(Debug)]
pub(super) struct Guide {
    by_name: Vec<Place>,
    /// Worked out when somebody asks for it.
    by_organization: OnceLock<Vec<Place>>,
    /// What can occur.
    pub sketch: Sketch,
}

impl Guide {
    /// The guide of a table.
    pub fn of(table: &Table) -> Guide {
        let by_name = sorted(table, table.places().collect(), Sort::Name);
        Guide { by_name, by_organization: OnceLock::new(), sketch: Sketch::of(&table.blocks) }
    }

    /// The guide of a table that has most blocks of an earlier one, whose guide is there; else [`Guide::of`].
    pub fn after(earlier: &Table, table: &Table) -> Guide {
        let Some(guide) = earlier.guide.get() else { return Guide::of(table) };
        let (moved, fresh) = moves(earlier, table);
        let fresh_blocks: Vec<Arc<Block>> = fresh.iter().map(|block| table.blocks[*block].clone()).collect();
        let fresh: Vec<Place> =
            fresh.iter().flat_map(|n| (0..table.blocks[*n].len()).map(|at| Place::new(*n, at))).collect();
        if fresh.len() > table.records() / 8 {
            return Guide::of(table);
        }
        let weave = |order: &[Place], sort| weave(table, order, &moved, sorted(table, fresh.clone(), sort), sort);
        let by_organization = OnceLock::new();
        if let Some(order) = guide.by_organization.get() {
            by_organization.get_or_init(|| weave(order, Sort::Organization));
        }
        // What went may still be in the sketch: it only says what can occur.
        let sketch = guide.sketch.with(&fresh_blocks);
        Guide { by_name: weave(&guide.by_name, Sort::Name), by_organization, sketch }
    }

    /// Every place of the table, in the order that decides between hits of the same tier.
    pub fn order(&self, table: &Table, sort: Sort) -> &[Place] {
        match sort {
            Sort::Best | Sort::Name => &self.by_name,
            Sort::Organization => {
                self.by_organization.get_or_init(|| sorted(table, self.by_name.clone(), Sort::Organization))
            }
        }
    }
}

fn key(table: &Table, sort: Sort, place: Place) -> Key<'_> {
    Key::of(sort, &table.entry(place), place)
}

/// Sorts by the first chunks of the keys, which lie side by side; where these are equal, by the second ones, and so on.
fn sorted(table: &Table, places: Vec<Place>, sort: Sort) -> Vec<Place> {
    let first = |place: Place| (key(table, sort, place).chunk(0), place);
    let mut sorted: Vec<Chunked> = places.into_par_iter().map(first).collect();
    sorted.par_sort_unstable();
    let next = &|place: Place, number: usize| key(table, sort, place).chunk(number);
    sorted.par_chunk_by_mut(|a, b| a.0 == b.0).for_each(|equal| sort_by_chunk(equal, 1, next));
    sorted.into_iter().map(|(_, place)| place).collect()
}

type Chunked = (Chunk, Place);

/// Sorts places whose keys are equal before that chunk.
fn sort_by_chunk(equal: &mut [Chunked], number: usize, chunk: &impl Fn(Place, usize) -> Chunk) {
    // Those that have nothing more are in the order of their places already.
    if equal.len() == 1 || equal[0].0.is_last() {
        return;
    }
    equal.iter_mut().for_each(|(present, place)| *present = chunk(*place, number));
    equal.sort_unstable();
    equal.chunk_by_mut(|a, b| a.0 == b.0).for_each(|equal| sort_by_chunk(equal, number + 1, chunk));
}

/// For each block of `before`, where it is in `after`; and the blocks of `after` that are not in `before`. Those that both
/// have are in the same order.
fn moves(before: &Table, after: &Table) -> (Vec<Option<u32>>, Vec<usize>) {
    let mut fresh = Vec::new();
    let mut moved = vec![None; before.blocks.len()];
    let mut old = before.blocks.iter().enumerate().peekable();
    for (new, block) in after.blocks.iter().enumerate() {
        while old.next_if(|(_, earlier)| earlier.low < block.low).is_some() {}
        match old.next_if(|(_, earlier)| Arc::ptr_eq(earlier, block)) {
            Some((n, _)) => moved[n] = Some(new as u32),
            None => fresh.push(new),
        }
    }
    (moved, fresh)
}

/// Puts sorted places into an order from which the blocks that are gone are left out.
fn weave(table: &Table, order: &[Place], moved: &[Option<u32>], fresh: Vec<Place>, sort: Sort) -> Vec<Place> {
    let stays = |place: &Place| Some(Place::new(moved[place.block()]? as usize, place.at()));
    let kept: Vec<Place> = order.iter().filter_map(stays).collect();
    let mut woven = Vec::with_capacity(kept.len() + fresh.len());
    let mut done = 0;
    for place in fresh {
        let before = key(table, sort, place);
        let end = done + kept[done..].partition_point(|other| key(table, sort, *other) < before);
        woven.extend_from_slice(&kept[done..end]);
        woven.push(place);
        done = end;
    }
    woven.extend_from_slice(&kept[done..]);
    woven
}
