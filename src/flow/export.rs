//! The base as one CSV file that an import takes back unchanged. It is of one commit, however long it takes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::FlowError;
use super::gauge::Gauge;
use crate::base::{Base, BaseError, Lookup, Roster, View};
use crate::home::access::Target;
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
pub fn export_to(base: &Base, to: &Target, wording: Wording, gauge: &Gauge) -> Result<Exported, FlowError> {
    let written = private::replace(&to.path, |out| export(base, out, wording, gauge));
    written.map_err(|error| error.doing(format!("cannot write {}", to.shown.display())))
}

/// Writes what can be read of a damaged base to a file, as [`export_to`] does; gives the counts and what was lost.
///
/// # Errors
/// Nothing can be read, the file cannot be written, or it was cancelled.
pub fn salvage_to(
    dir: &Path,
    wait: Duration,
    to: &Target,
    wording: Wording,
    gauge: &Gauge,
) -> Result<Rescue, FlowError> {
    let salvaged = Base::salvage(dir, wait, &gauge.cancel)?;
    // Those that stand beside a contact.
    let written = RefCell::new(BTreeSet::new());
    let source = Source {
        contacts: salvaged.contacts()?.map(|contact| Ok::<_, FlowError>(contact?)),
        organization: |id: &str| {
            written.borrow_mut().insert(id.to_owned());
            Ok(salvaged.organizations.get(id).cloned())
        },
        lone: salvaged
            .organizations
            .iter()
            .filter(|(id, _)| !written.borrow().contains(*id))
            .map(|(id, record)| Ok((id.clone(), record.clone()))),
    };
    let exported = private::replace(&to.path, |out| export::export(out, &salvaged.catalog, wording, source))
        .map_err(|error: FlowError| error.doing(format!("cannot write {}", to.shown.display())))?;
    let organizations = salvaged.organizations.len() as u64;
    Ok(Rescue { contacts: exported.contacts, organizations, expected: salvaged.expected, lost: salvaged.lost })
}

/// What came of saving a damaged base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// Contacts written.
    pub contacts: u64,
    /// Organizations written.
    pub organizations: u64,
    /// Contacts and organizations that the base should hold, if that is known.
    pub expected: Option<(u64, u64)>,
    /// What could not be read, in words.
    pub lost: Vec<String>,
}

impl Rescue {
    /// Whether all was read.
    pub fn is_whole(&self) -> bool {
        let all = (self.contacts, self.organizations);
        self.lost.is_empty() && self.expected.is_none_or(|expected| expected == all)
    }
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
