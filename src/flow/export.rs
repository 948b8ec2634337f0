//! The base as one CSV file that an import takes back unchanged. It is of one commit, however long it takes.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::FlowError;
use super::gauge::Gauge;
use crate::base::{Base, BaseError, Lookup, Roster, View};
use crate::home::private;
use crate::model::fields::Entity;
use crate::model::record::Record;
use crate::report::export::{self, Exported, Source, Wording};

/// Writes the base to a stream.
///
/// # Errors
/// The base cannot be read, the stream cannot be written, or it was cancelled.
pub fn export(base: &Base, out: impl Write, wording: Wording, gauge: &Gauge) -> Result<Exported, FlowError> {
    let view = base.view();
    let head = view.head();
    gauge.set(0, head.contacts + head.organizations);
    let mut organizations = Lookup::new(&view, Entity::Organization);
    let mut roster = Roster::new(&view);
    let source = Source {
        contacts: records(&view, Entity::Contact, gauge),
        organization: |id: &str| Ok(organizations.get(id)?),
        lone: records(&view, Entity::Organization, gauge).filter_map(|organization| lone(&mut roster, organization)),
    };
    export::export(out, view.catalog(), wording, source)
}

/// Writes the base to a file: whole, or the file is as it was. Only its owner can read it.
///
/// # Errors
/// As [`export()`].
pub fn export_to(base: &Base, path: &Path, wording: Wording, gauge: &Gauge) -> Result<Exported, FlowError> {
    let written = private::replace(path, |out| export(base, out, wording, gauge));
    written.map_err(|error| error.doing(format!("cannot write {}", path.display())))
}

type Stored = Result<(String, Record), FlowError>;

fn records<'a>(view: &View, entity: Entity, gauge: &'a Gauge) -> impl Iterator<Item = Stored> + use<'a> {
    view.scan(entity, "").map(|record: Result<_, BaseError>| {
        if gauge.cancelled() {
            return Err(FlowError::Cancelled);
        }
        gauge.done.fetch_add(1, Ordering::Relaxed);
        Ok(record?)
    })
}

/// The organization if it has no members: the others stand beside their contacts.
fn lone(roster: &mut Roster, organization: Stored) -> Option<Stored> {
    match organization {
        Ok((id, record)) => match roster.has_members(&id) {
            Ok(any) => (!any).then_some(Ok((id, record))),
            Err(error) => Some(Err(error.into())),
        },
        Err(error) => Some(Err(error)),
    }
}
