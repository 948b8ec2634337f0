//! Which records of a table match: a bit for each.

use super::block::{BLOCKS, Place, Table};
use super::reach::{Bits, ones};

/// A set of records.
#[derive(Debug, Clone, Default)]
pub(super) struct Matches {
    /// By the number of the block.
    blocks: Vec<Bits>,
    count: usize,
}

impl Matches {
    /// A set of no record of a table.
    pub fn none(table: &Table) -> Matches {
        Matches { blocks: vec![0; table.segments.len() * BLOCKS], count: 0 }
    }

    /// Adds records of a block that has none in the set.
    pub fn add(&mut self, block: usize, bits: Bits) {
        self.blocks[block] = bits;
        self.count += bits.count_ones() as usize;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Those of a block.
    pub fn of(&self, block: usize) -> Bits {
        self.blocks[block]
    }

    /// The blocks that have some.
    pub fn blocks(&self) -> impl Iterator<Item = usize> {
        (0..self.blocks.len()).filter(|block| self.blocks[*block] != 0)
    }

    /// Whether a record is in the set.
    pub fn has(&self, place: Place) -> bool {
        self.of(place.block()) & 1 << place.at() != 0
    }

    /// All of them.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.blocks().flat_map(|block| ones(self.of(block)).map(move |at| Place::in_block(block, at)))
    }
}
