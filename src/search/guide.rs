//! What is worked out of a table once so that searches need not look at all of it: the order of the names, and what can
//! occur at all.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Sort;
use super::block::{Place, Table, organization_in};
use super::grams::Grams;
use super::rank::{Chunk, Key};
use super::sketch::Sketch;

/// A table's orders and its sketch.
#[derive(Debug)]
pub(super) struct Guide {
    /// The first record of every block, in the order of the names: what comes before the first of a block is in the blocks
    /// before it.
    pub blocks: Vec<Place>,
    by_name: OnceLock<Vec<Place>>,
    /// Worked out when somebody asks for it.
    by_organization: OnceLock<Vec<Place>>,
    /// What can occur.
    pub sketch: Sketch,
}

impl Guide {
    /// The guide of a table.
    pub fn of(table: &Table) -> Guide {
        Guide::with_sketch(table, Sketch::of(table))
    }

    /// The guide of a table whose sketch is known.
    pub fn with_sketch(table: &Table, sketch: Sketch) -> Guide {
        // A segment that was there before has them already.
        table.segments.par_iter().for_each(|segment| {
            segment.grams.get_or_init(|| Grams::of(&segment.blocks));
        });
        let mut blocks: Vec<Place> = table.blocks().map(|block| Place::in_block(block, 0)).collect();
        blocks.sort_by(|a, b| key(table, Sort::Name, *a).cmp(&key(table, Sort::Name, *b)));
        Guide { blocks, by_name: OnceLock::new(), by_organization: OnceLock::new(), sketch }
    }

    /// The guide of a table that has most segments of an earlier one, whose guide is there; else [`Guide::of`].
    pub fn after(earlier: &Table, table: &Table) -> Guide {
        let Some(guide) = earlier.guide.get() else { return Guide::of(table) };
        let (moved, fresh) = moves(earlier, table);
        // What went may still be in the sketch: it only says what can occur.
        let next = Guide::with_sketch(table, guide.sketch.with(table, &fresh));
        let count: usize = fresh.iter().map(|segment| table.segments[*segment].by_id.len()).sum();
        if count > table.records() / 8 {
            return next;
        }
        let places = fresh.iter().flat_map(|n| (0..table.segments[*n].by_id.len()).map(|at| Place::new(*n, at)));
        let fresh: Vec<Place> = places.collect();
        for (sort, from, to) in [
            (Sort::Name, &guide.by_name, &next.by_name),
            (Sort::Organization, &guide.by_organization, &next.by_organization),
        ] {
            if let Some(order) = from.get() {
                to.get_or_init(|| weave(table, order, &moved, sorted(table, fresh.clone(), sort), sort));
            }
        }
        next
    }

    /// Every place of the table, in the order that decides between hits of the same tier; worked out now if it is not there.
    pub fn order(&self, table: &Table, sort: Sort) -> &[Place] {
        match sort {
            Sort::Best | Sort::Name => self.by_name.get_or_init(|| sorted(table, table.places().collect(), sort)),
            Sort::Organization => {
                self.by_organization.get_or_init(|| by_organization(table, self.order(table, Sort::Name)))
            }
        }
    }

    /// [`Guide::order`], if it is there.
    pub fn ready(&self, sort: Sort) -> Option<&[Place]> {
        let order = if sort == Sort::Organization { &self.by_organization } else { &self.by_name };
        order.get().map(Vec::as_slice)
    }
}

/// What decides where a record stands among others.
pub(super) fn key(table: &Table, sort: Sort, place: Place) -> Key<'_> {
    Key::of(sort, &table.entry(place), place)
}

/// Every place in the order of the organizations' names, given the order of the records' own names: these are counted for each
/// organization, as there are far fewer of them.
fn by_organization(table: &Table, by_name: &[Place]) -> Vec<Place> {
    let accounts = &table.dictionary.accounts;
    let in_texts = by_name.par_iter().map(|place| table.entry(*place)).filter(|entry| entry.account() == 0);
    let in_texts = in_texts.filter_map(|entry| entry.organization()).filter(|name| !name.is_empty());
    let name_of = |code: u32| organization_in(accounts.get(code)).filter(|name| !name.is_empty());
    let mut names: Vec<&[u8]> = in_texts.collect();
    names.extend((1..=accounts.len()).filter_map(|code| name_of(code as u32)));
    names.par_sort_unstable();
    names.dedup();
    // Those without one come last.
    let rank = |name: Option<&[u8]>| name.and_then(|name| names.binary_search(&name).ok()).unwrap_or(names.len());
    let ranks: Vec<usize> = (0..=accounts.len()).into_par_iter().map(|code| rank(name_of(code as u32))).collect();
    let rank_of = |place: &Place| {
        let entry = table.entry(*place);
        match entry.account() {
            0 => rank(entry.organization()),
            code => ranks[code as usize],
        }
    };
    let by_place: Vec<u32> = by_name.par_iter().map(|place| rank_of(place) as u32).collect();
    let mut next = vec![0; names.len() + 2];
    by_place.iter().for_each(|rank| next[*rank as usize + 1] += 1);
    (1..next.len()).for_each(|rank| next[rank] += next[rank - 1]);
    let mut order = by_name.to_vec();
    for (place, rank) in by_name.iter().zip(by_place) {
        let at: &mut usize = &mut next[rank as usize];
        order[*at] = *place;
        *at += 1;
    }
    order
}

/// Sorts by the first chunks of the keys, which lie side by side; where these are equal, by the second ones, and so on.
fn sorted(table: &Table, places: Vec<Place>, sort: Sort) -> Vec<Place> {
    let chunk = &|place: Place, number: usize| key(table, sort, place).chunk(number);
    let mut sorted: Vec<Chunked> = places.into_par_iter().map(|place| (chunk(place, 0), place)).collect();
    sorted.par_sort_unstable();
    sorted.par_chunk_by_mut(|a, b| a.0 == b.0).for_each(|equal| sort_by_chunk(equal, 1, chunk));
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

/// For each segment of `before`, where it is in `after`; and the segments of `after` that are not in `before`.
fn moves(before: &Table, after: &Table) -> (Vec<Option<u32>>, Vec<usize>) {
    let old: HashMap<_, usize> = before.segments.iter().enumerate().map(|(n, s)| (Arc::as_ptr(s), n)).collect();
    let mut fresh = Vec::new();
    let mut moved = vec![None; before.segments.len()];
    for (new, segment) in after.segments.iter().enumerate() {
        match old.get(&Arc::as_ptr(segment)) {
            Some(n) => moved[*n] = Some(new as u32),
            None => fresh.push(new),
        }
    }
    (moved, fresh)
}

/// Puts sorted places into an order from which the segments that are gone are left out.
fn weave(table: &Table, order: &[Place], moved: &[Option<u32>], fresh: Vec<Place>, sort: Sort) -> Vec<Place> {
    let stays = |place: &Place| Some(place.moved_to(moved[place.segment()]? as usize));
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
