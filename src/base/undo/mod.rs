//! Taking a commit back (R26): each value that it wrote becomes what it was, if it is still what the commit wrote.
//!
//! What a record was right after commit N is worked out backwards: from what it is now, through the deltas of all later
//! commits. Where that differs from what it is now, somebody has changed it since, and it blocks. So a later import
//! that was itself undone does not block.

mod later;
mod since;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::change::{Change, ChangeSource, Counts, Put};
use crate::base::delta::{Delta, What};
use crate::base::engine::Table;
use crate::base::error::BaseError;
use crate::base::history::DeltaReader;
use crate::base::key;
use crate::base::view::{Cursor, View, each_member};
pub use later::Later;
use since::{Since, State};

use crate::model::fields::{Entity, FieldId};
use crate::spill::{Merge, Sorter, SpillRoom};

/// How many blockers a plan lists.
pub const LISTED: usize = 1000;

/// Something that the undo of a commit leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// Whose record it is.
    pub entity: Entity,
    /// Its ID.
    pub id: String,
    /// The field; `None` if it is the record as such.
    pub field: Option<FieldId>,
    /// Why.
    pub why: Why,
}

/// Why a value cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A later commit has changed it; [`super::Base::entry`] tells whether that was an import or a person.
    ChangedBy(u64),
    /// This contact has joined the organization since, or stays in it.
    HasMember(String),
    /// The organization that the contact would go back to is gone.
    OrganizationGone(String),
}

/// What taking a commit back would do.
pub struct UndoPlan {
    /// The commit of the base that the plan was made on; it is what [`super::Base::commit`] expects.
    pub head: u64,
    /// What can be taken back. With blockers, it is the rest (`--keep-blocked`).
    pub changes: UndoChanges,
    /// What stays, at most [`LISTED`] of them.
    pub blockers: Vec<Blocker>,
    /// How many blockers there are.
    pub blocked: u64,
    /// How many contacts would change.
    pub contacts: Counts,
    /// How many organizations would change.
    pub organizations: Counts,
    /// How many contacts that the commit had changed were forgotten since, so that nothing is known of them.
    pub forgotten: u64,
}

/// Works out what taking back a commit would do. Reads the commit's delta and all later ones.
///
/// # Errors
/// [`BaseError::NoSuchCommit`], [`BaseError::TooOld`], [`BaseError::Cancelled`].
pub fn plan(view: &View, room: &SpillRoom, number: u64, cancel: &AtomicBool) -> Result<UndoPlan, BaseError> {
    let changes = UndoChanges { view: view.clone(), number, homeless: BTreeSet::new(), inhabited: BTreeMap::new() };
    let mut plan = UndoPlan {
        head: view.head().commit,
        changes,
        blockers: Vec::new(),
        blocked: 0,
        contacts: Counts::default(),
        organizations: Counts::default(),
        forgotten: 0,
    };
    let mut moves = Moves { left: Sorter::new(room), restored: Sorter::new(room), key: Vec::new() };
    let known = plan.count(Entity::Contact, cancel, &mut |step| moves.note(step))?;
    let Counts { created, updated, deleted } = view.entry(number)?.done.contacts;
    plan.forgotten = (created + updated + deleted).saturating_sub(known);
    plan.changes.homeless = plan.changes.find_homeless(moves.restored.finish().merge()?)?;
    plan.changes.inhabited = plan.changes.find_inhabited(moves.left.finish().merge()?)?;
    if !plan.changes.homeless.is_empty() {
        (plan.contacts, plan.blocked) = (Counts::default(), 0);
        plan.blockers.clear();
        plan.count(Entity::Contact, cancel, &mut |_| Ok(()))?;
    }
    plan.count(Entity::Organization, cancel, &mut |_| Ok(()))?;
    Ok(plan)
}

impl UndoPlan {
    /// Counts what would change in an entity; gives the number of deltas.
    fn count(
        &mut self,
        entity: Entity,
        cancel: &AtomicBool,
        see: &mut dyn FnMut(&Step) -> Result<(), BaseError>,
    ) -> Result<u64, BaseError> {
        let mut deltas = 0;
        let mut steps = self.changes.steps(entity)?;
        while let Some(step) = steps.next()? {
            deltas += 1;
            if cancel.load(Ordering::Relaxed) {
                return Err(BaseError::Cancelled);
            }
            see(&step)?;
            let counts = match entity {
                Entity::Contact => &mut self.contacts,
                Entity::Organization => &mut self.organizations,
            };
            match (&step.put, step.exists) {
                (Some(None), _) => counts.deleted += 1,
                (Some(Some(_)), true) => counts.updated += 1,
                (Some(Some(_)), false) => counts.created += 1,
                (None, _) => {}
            }
            self.blocked += step.blockers.len() as u64;
            let room = LISTED.saturating_sub(self.blockers.len());
            self.blockers.extend(step.blockers.into_iter().take(room).map(|(field, why)| Blocker {
                entity,
                id: step.id.clone(),
                field,
                why,
            }));
        }
        Ok(deltas)
    }
}

/// Memberships that the undo ends and restores, by organization.
struct Moves {
    left: Sorter,
    restored: Sorter,
    key: Vec<u8>,
}

impl Moves {
    fn note(&mut self, step: &Step) -> Result<(), BaseError> {
        let Some(put) = &step.put else { return Ok(()) };
        let after = put.as_ref().and_then(|put| put.values.view().text(FieldId::ACCOUNT_ID)).unwrap_or_default();
        if after == step.account {
            return Ok(());
        }
        for (account, sorter) in [(step.account.as_str(), &mut self.left), (after, &mut self.restored)] {
            if !account.is_empty() {
                key::member_key(&mut self.key, account, &step.id);
                sorter.push(&self.key, &[])?;
            }
        }
        Ok(())
    }
}

/// The changes that take a commit back. They are worked out anew each time they are read.
pub struct UndoChanges {
    view: View,
    number: u64,
    /// Contacts whose former organization is gone.
    homeless: BTreeSet<String>,
    /// Organizations that have members whom the undo leaves there, with one of them.
    inhabited: BTreeMap<String, String>,
}

impl ChangeSource for UndoChanges {
    fn changes(&self, entity: Entity) -> io::Result<Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>> {
        let mut steps = self.steps(entity).map_err(io::Error::other)?;
        Ok(Box::new(std::iter::from_fn(move || {
            loop {
                match steps.next() {
                    Ok(Some(Step { id, put: Some(put), .. })) => return Some(Ok(Change { id, line: 0, put })),
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(error) => return Some(Err(io::Error::other(error))),
                }
            }
        })))
    }

    /// As many as the commit had; blocked ones are among them.
    fn count(&self, entity: Entity) -> u64 {
        let Ok(entry) = self.view.entry(self.number) else { return 0 };
        let counts = match entity {
            Entity::Contact => entry.done.contacts,
            Entity::Organization => entry.done.organizations,
        };
        counts.created + counts.updated + counts.deleted
    }
}

impl UndoChanges {
    fn steps(&self, entity: Entity) -> Result<Steps<'_>, BaseError> {
        let newest = self.view.head().commit;
        let later = (self.number + 1..=newest).rev();
        let later =
            later.map(|n| Ok(LaterDeltas { number: n, reader: self.view.delta_reader(n, entity)?, ahead: None }));
        Ok(Steps {
            undo: self,
            entity,
            own: self.view.delta_reader(self.number, entity)?,
            later: later.collect::<Result<_, BaseError>>()?,
            stored: self.view.cursor(entity),
        })
    }

    /// Contacts that would go back to an organization which neither exists nor comes back.
    fn find_homeless(&self, mut restored: Merge) -> Result<BTreeSet<String>, BaseError> {
        let mut homeless = BTreeSet::new();
        let mut stored = self.view.cursor(Entity::Organization);
        let mut own = self.view.delta_reader(self.number, Entity::Organization)?;
        let mut delta = own.next()?;
        while let Some((key, _)) = restored.next()? {
            let Some((account, contact)) = key::split_member_key(key) else { continue };
            while delta.as_ref().is_some_and(|delta| delta.id.as_str() < account) {
                delta = own.next()?;
            }
            let comes_back = delta.as_ref().is_some_and(|d| d.id == account && matches!(d.what, What::Deleted { .. }));
            if !comes_back && stored.get(account)?.is_none() {
                homeless.insert(contact.to_owned());
            }
        }
        Ok(homeless)
    }

    /// Organizations that the commit created and that keep a member.
    fn find_inhabited(&self, mut left: Merge) -> Result<BTreeMap<String, String>, BaseError> {
        let mut inhabited = BTreeMap::new();
        let mut members = self.view.walker(Table::Members);
        let mut own = self.view.delta_reader(self.number, Entity::Organization)?;
        let mut leaving = next_member(&mut left)?;
        while let Some(delta) = own.next()? {
            if delta.what != What::Created {
                continue;
            }
            let mut stays = None;
            each_member(&mut members, &delta.id, "", &mut |contact| {
                let place = (delta.id.as_str(), contact);
                let is_before = |(account, id): &(String, String)| (account.as_str(), id.as_str()) < place;
                while leaving.as_ref().is_some_and(is_before) {
                    leaving = next_member(&mut left)?;
                }
                let leaves = leaving.as_ref().is_some_and(|(account, id)| (account.as_str(), id.as_str()) == place);
                if !leaves || self.homeless.contains(contact) {
                    stays = Some(contact.to_owned());
                }
                Ok(stays.is_none())
            })?;
            if let Some(contact) = stays {
                inhabited.insert(delta.id, contact);
            }
        }
        Ok(inhabited)
    }
}

fn next_member(merge: &mut Merge) -> Result<Option<(String, String)>, BaseError> {
    let next = merge.next()?;
    Ok(next.and_then(|(key, _)| key::split_member_key(key)).map(|(a, c)| (a.to_owned(), c.to_owned())))
}

/// What the undo does with one record.
struct Step {
    id: String,
    /// Whether the record exists now.
    exists: bool,
    /// The organization to which it belongs now; empty if to none.
    account: String,
    /// What it becomes: nothing changes, it goes, or it is put.
    put: Option<Option<Put>>,
    blockers: Vec<(Option<FieldId>, Why)>,
}

/// The steps of an undo in the order of the IDs.
struct Steps<'a> {
    undo: &'a UndoChanges,
    entity: Entity,
    own: DeltaReader,
    /// The later commits, newest first.
    later: Vec<LaterDeltas>,
    stored: Cursor,
}

struct LaterDeltas {
    number: u64,
    reader: DeltaReader,
    ahead: Option<Delta>,
}

impl LaterDeltas {
    /// What this commit changed in a record; IDs are asked for in ascending order.
    fn of(&mut self, id: &str) -> Result<Option<Delta>, BaseError> {
        loop {
            match &self.ahead {
                Some(delta) if delta.id.as_str() > id => return Ok(None),
                Some(delta) if delta.id == id => return Ok(self.ahead.take()),
                _ => self.ahead = self.reader.next()?,
            }
            if self.ahead.is_none() {
                return Ok(None);
            }
        }
    }
}

impl Steps<'_> {
    fn next(&mut self) -> Result<Option<Step>, BaseError> {
        let Some(delta) = self.own.next()? else { return Ok(None) };
        let now = self.stored.get(&delta.id)?;
        let account = now.as_ref().and_then(|now| now.values.text(FieldId::ACCOUNT_ID)).unwrap_or_default().to_owned();
        let mut step = Step { id: delta.id, exists: now.is_some(), account, put: None, blockers: Vec::new() };
        let homeless = self.entity == Entity::Contact && self.undo.homeless.contains(&step.id);
        // Nearly always nobody has touched the record since.
        if let Some(record) = now.as_ref().filter(|record| record.changed == self.undo.number && !homeless) {
            step.put = Some(since::untouched(record, delta.what));
        } else {
            let now = now.map(|record| State::of(&record));
            let mut since = Since::new(now.clone());
            for later in &mut self.later {
                if let Some(delta) = later.of(&step.id)? {
                    since.take_back(later.number, delta.what);
                }
            }
            (step.put, step.blockers) = since.undo(delta.what, now, homeless);
        }
        if let (Some(None), Entity::Organization, Some(contact)) =
            (&step.put, self.entity, self.undo.inhabited.get(&step.id))
        {
            step.put = None;
            step.blockers.push((None, Why::HasMember(contact.clone())));
        }
        Ok(Some(step))
    }
}
