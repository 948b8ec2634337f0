//! The folded names of organizations by Account ID: every contact that is loaded asks for one.

use std::hash::{BuildHasher, RandomState};

use super::block::Table;
use crate::model::record::{push_bytes, read_bytes};

/// A hash table whose entries lie one after the other, so that a look-up in a large one costs two reads of memory.
pub(super) struct Names {
    hashes: RandomState,
    /// For each slot where its entry begins, plus one; 0 if it is empty. An entry that finds its slot taken has the next one.
    slots: Vec<u32>,
    /// ID and name, each with its length before it.
    entries: Vec<u8>,
}

impl Names {
    /// The names of a table of organizations, of less than 4 GiB in all.
    pub fn of(organizations: &Table) -> Names {
        let slots = vec![0; (organizations.records() * 2).next_power_of_two()];
        let mut names = Names { hashes: RandomState::new(), slots, entries: Vec::new() };
        for entry in organizations.blocks.iter().flat_map(|block| block.entries()) {
            let id = entry.id();
            let slot = names.slots_of(&id).find(|slot| names.slots[*slot] == 0);
            if let (Some(slot), Ok(start)) = (slot, u32::try_from(names.entries.len())) {
                names.slots[slot] = start + 1;
                push_bytes(&mut names.entries, id.as_bytes());
                push_bytes(&mut names.entries, entry.name());
            }
        }
        names
    }

    /// The folded name of the organization with that Account ID.
    pub fn find(&self, id: &str) -> Option<&[u8]> {
        for slot in self.slots_of(id) {
            let mut entry = self.entries.get(self.slots[slot].checked_sub(1)? as usize..)?;
            if read_bytes(&mut entry)? == id.as_bytes() {
                return read_bytes(&mut entry);
            }
        }
        None
    }

    /// The slots in which an ID may be, one after the other.
    fn slots_of(&self, id: &str) -> impl Iterator<Item = usize> + use<> {
        let (first, mask) = (self.hashes.hash_one(id) as usize, self.slots.len() - 1);
        (0..=mask).map(move |step| first.wrapping_add(step) & mask)
    }
}
