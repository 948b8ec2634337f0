//! An organization that a person made is handed over to imports (R13): from then on files may change it and add members.

use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::FlowError;
use super::import::Stamp;
use super::show::{self, Name};
use crate::base::{Base, Change, ChangeList, Commit, Done, Kind, Put};
use crate::model::fields::Entity;

/// Hands an organization over; `None` if files may change it already.
///
/// # Errors
/// [`FlowError::NotFound`], or the base cannot be read or written.
pub fn adopt(base: &Base, id: &str, stamp: Stamp) -> Result<Option<Done>, FlowError> {
    let head = base.head().commit;
    let found = show::show(base, Entity::Organization, Name::External(id), 0)?;
    if !found.record.manual {
        return Ok(None);
    }
    let details = json!({ "record": Entity::Organization.noun(), "id": found.id }).to_string();
    let put = Put { manual: false, ..Put::from(found.record) };
    let mut changes = ChangeList::default();
    changes.push(Entity::Organization, Change { id: found.id, line: 0, put: Some(put) });
    let commit = Commit {
        kind: Kind::Adopt,
        when: stamp.when,
        who: stamp.who,
        details,
        changes: Box::new(changes),
        catalog: base.catalog(),
        remember: Vec::new(),
        by_hand: true,
    };
    Ok(Some(base.commit(head, &commit, &mut |_, _| {}, &AtomicBool::new(false))?))
}
