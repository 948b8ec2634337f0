//! The codes of organizations by Account ID: every contact that is loaded asks for one.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::block::Table;
use super::dictionary::Texts;
use super::text::Tag;

/// A hash table of numbers, so that a look-up in a large one costs two reads of memory.
#[derive(Default)]
pub(super) struct Names {
    hashes: RandomState,
    /// For each slot a code; 0 if it is empty. An entry that finds its slot taken has the next one.
    slots: Vec<u32>,
    /// By code, the Account ID as it is spelled.
    ids: Texts,
    /// By code, the tagged parts that a member has in its text: Account ID and name.
    accounts: Arc<Texts>,
}

impl Names {
    /// The names of a table of organizations.
    pub fn of(organizations: &Table) -> Names {
        let slots = vec![0; (organizations.records() * 2).next_power_of_two()];
        let (mut ids, mut accounts) = (Texts::default(), Texts::default());
        let mut names =
            Names { hashes: RandomState::default(), slots, ids: Texts::default(), accounts: Arc::default() };
        for entry in organizations.entries() {
            let id = entry.id();
            let pushed = accounts.push(|out| {
                out.push(Tag::Membership as u8);
                out.extend_from_slice(entry.folded_id());
                out.push(Tag::Organization as u8);
                out.extend_from_slice(entry.name());
            });
            let slot = names.slots_of(&id).find(|slot| names.slots[*slot] == 0);
            if let (Some(slot), Some(code)) = (slot, pushed.and(ids.push(|out| out.extend_from_slice(id.as_bytes())))) {
                names.slots[slot] = code;
            }
        }
        names.ids = ids;
        names.accounts = Arc::new(accounts);
        names
    }

    /// By code, the Account ID and the name of each organization.
    pub fn accounts(&self) -> Arc<Texts> {
        Arc::clone(&self.accounts)
    }

    /// The code of the organization with that Account ID.
    pub fn find(&self, id: &str) -> Option<u32> {
        let codes = self.slots_of(id).map(|slot| self.slots[slot]).take_while(|code| *code > 0);
        codes.into_iter().find(|code| self.ids.get(*code) == id.as_bytes())
    }

    /// The slots in which an ID may be, one after the other.
    fn slots_of(&self, id: &str) -> impl Iterator<Item = usize> + use<> {
        let (first, slots) = (self.hashes.hash_one(id) as usize, self.slots.len());
        (0..slots).map(move |step| first.wrapping_add(step) & (slots - 1))
    }
}
