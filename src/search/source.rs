//! The base as what the index is made from.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::index::{Source, SourcePage};
use crate::base::{BaseError, RecordPage, View};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

impl SourcePage for RecordPage {
    type Error = BaseError;

    fn key(&self) -> &[u8] {
        &self.key
    }

    fn stamp(&self) -> u64 {
        self.commit()
    }

    fn records(&self, found: &mut dyn FnMut(&str, &RecordRef<'_>)) -> Result<(), BaseError> {
        self.records().try_for_each(|record| record.map(|(id, record)| found(id, &record)))
    }
}

impl Source for View {
    type Page = RecordPage;
    type Error = BaseError;

    fn commit(&self) -> u64 {
        self.head().commit
    }

    fn days(&self) -> Result<HashMap<u64, Date>, BaseError> {
        let zone = TimeZone::system();
        let day = |when| Timestamp::from_millisecond(when).map(|time| time.to_zoned(zone.clone()).date());
        let entries = self.history()?;
        Ok(entries.iter().filter_map(|entry| Some((entry.number(), day(entry.when).ok()?))).collect())
    }

    fn pages(&self, entity: Entity) -> Box<dyn Iterator<Item = Result<RecordPage, BaseError>> + Send + '_> {
        Box::new(View::pages(self, entity, ""))
    }
}
