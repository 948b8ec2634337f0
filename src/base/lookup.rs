//! Reading in no order: pages once unpacked are kept for the next that asks, up to a bound.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::error::BaseError;
use super::page::Page;
use super::table::{Walker, damaged};
use super::view::{View, each_member, table};
use crate::model::fields::Entity;
use crate::model::record::Record;

/// Bytes of unpacked pages that are kept.
const KEPT: usize = 96 << 20;

/// Reads records in any order of their IDs.
pub struct Lookup {
    walker: Walker,
    entity: Entity,
    /// By its lowest key, a page and the lowest key of the next one.
    pages: BTreeMap<Vec<u8>, (Page, Option<Vec<u8>>)>,
    bytes: usize,
}

impl Lookup {
    /// A reader that has read nothing yet.
    pub fn new(view: &View, entity: Entity) -> Lookup {
        Lookup { walker: view.walker(table(entity)), entity, pages: BTreeMap::new(), bytes: 0 }
    }

    /// The record of an ID.
    ///
    /// # Errors
    /// The base cannot be read, or is damaged there.
    pub fn get(&mut self, id: &str) -> Result<Option<Record>, BaseError> {
        let key = id.as_bytes();
        if self.kept(key).is_none() {
            self.walker.seek(key)?;
            let next = self.walker.next_low()?;
            let (low, page) = self.walker.present();
            if self.bytes > KEPT {
                self.pages.clear();
                self.bytes = 0;
            }
            self.bytes += page.size();
            self.pages.insert(low.to_vec(), (page.clone(), next));
        }
        let Some(bytes) = self.kept(key).and_then(|page| page.get(key)) else { return Ok(None) };
        let damaged = || damaged(table(self.entity), key, "the record cannot be read");
        Record::decode(bytes).map(Some).ok_or_else(damaged)
    }

    /// The kept page that holds a key if any does.
    fn kept(&self, key: &[u8]) -> Option<&Page> {
        let below = (Bound::Unbounded, Bound::Included(key));
        let (_, (page, next)) = self.pages.range::<[u8], _>(below).next_back()?;
        next.as_ref().is_none_or(|next| key < next.as_slice()).then_some(page)
    }
}

/// Tells which organizations have members, asked in ascending order of their Account IDs.
pub struct Roster(Walker);

impl Roster {
    /// A reader that has read nothing yet.
    pub fn new(view: &View) -> Roster {
        Roster(view.walker(super::engine::Table::Members))
    }

    /// Whether an organization has a member.
    ///
    /// # Errors
    /// The base cannot be read, or is damaged there.
    pub fn has_members(&mut self, account: &str) -> Result<bool, BaseError> {
        let mut any = false;
        each_member(&mut self.0, account, "", &mut |_| {
            any = true;
            Ok(false)
        })?;
        Ok(any)
    }
}
