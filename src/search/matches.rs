//! Which records of a table match: a bit for each.

use super::block::{BLOCKS, Table};
use super::reach::Bits;

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
}
