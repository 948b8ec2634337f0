//! An organization that a person made is handed over to imports (R13): from then on files may change it and add members.

use std::sync::atomic::AtomicBool;

use super::FlowError;
use super::edit::{by_hand, until_settled};
use super::import::Stamp;
use super::show::{self, Name};
use crate::base::{Base, Change, ChangeList, Done, Kind, Put};
use crate::model::fields::Entity;

/// Hands an organization over; `None` if files may change it already. Values that a person set stay protected (R14).
///
/// # Errors
/// [`FlowError::NotFound`], or the base cannot be read or written.
pub fn adopt(base: &Base, id: &str, stamp: &Stamp, cancel: &AtomicBool) -> Result<Option<Done>, FlowError> {
    until_settled(|| {
        let head = base.head().commit;
        let found = show::show(base, Entity::Organization, Name::External(id), 0)?;
        if !found.record.manual {
            return Ok(None);
        }
        let put = Put { manual: false, ..Put::from(found.record) };
        let mut changes = ChangeList::default();
        changes.push(Entity::Organization, Change { id: found.id.clone(), line: 0, put: Some(put) });
        let commit = by_hand(base, Kind::Adopt, (Entity::Organization, &found.id), changes, stamp);
        Ok(Some(base.commit(head, &commit, &mut |_, _| {}, cancel)?))
    })
}
