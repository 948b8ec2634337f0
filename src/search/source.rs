//! The base as what the index is made from.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::index::{Changed, Source, SourcePage};
use crate::base::{BaseError, Entry, PackedPage, View};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

impl SourcePage for PackedPage {
    type Error = BaseError;

    fn low(&self) -> &str {
        self.low()
    }

    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), BaseError> {
        let page = self.unpack()?;
        page.records().try_for_each(|record| record.map(|(id, record)| found(id, &record)))
    }
}

impl Source for View {
    type Page = PackedPage;
    type Error = BaseError;

    fn commit(&self) -> u64 {
        self.head().commit
    }

    fn stamp(&self, commit: u64) -> Result<Option<String>, BaseError> {
        let entries = self.history()?;
        Ok(entries.iter().find(|entry| entry.number() == commit).and_then(Entry::digest))
    }

    fn days(&self) -> Result<HashMap<u64, Date>, BaseError> {
        let zone = TimeZone::system();
        let day = |when| Timestamp::from_millisecond(when).map(|time| time.to_zoned(zone.clone()).date());
        let entries = self.history()?;
        Ok(entries.iter().filter_map(|entry| Some((entry.number(), day(entry.when).ok()?))).collect())
    }

    fn pages(&self, entity: Entity, from: &str) -> Box<dyn Iterator<Item = Result<PackedPage, BaseError>> + Send + '_> {
        Box::new(self.packed_pages(entity, from))
    }

    fn changed(&self, since: u64, most: usize) -> Result<Option<Changed>, BaseError> {
        let Some(touched) = self.touched(since, most)? else { return Ok(None) };
        let mut changed = Changed::default();
        for (entity, id) in touched {
            match entity {
                Entity::Contact => changed.contacts.insert(id),
                Entity::Organization => changed.organizations.insert(id),
            };
        }
        Ok(Some(changed))
    }

    fn members(&self, account: &str) -> Result<Vec<String>, BaseError> {
        View::members(self, account, None, usize::MAX)
    }
}
