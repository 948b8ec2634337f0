//! Notes from the thread that writes the records to the one that writes what stands beside them: IDs, members, deltas.

use uuid::Uuid;

use super::key;
use crate::model::fields::Entity;
use crate::model::record::{push_bytes, read_bytes};

/// What happened to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Created,
    /// It came back and has its internal ID again.
    Revived,
    /// It was changed.
    Updated,
    /// It is gone.
    Deleted,
}

const EVENTS: [Event; 4] = [Event::Created, Event::Revived, Event::Updated, Event::Deleted];

/// What one changed record means for the other tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note<'a> {
    /// Whose ID it is.
    pub entity: Entity,
    /// The ID.
    pub id: &'a str,
    /// What happened.
    pub event: Event,
    /// The internal ID.
    pub internal: Uuid,
    /// The organization that the contact left; empty if none.
    pub left: &'a str,
    /// The organization that the contact joined; empty if none.
    pub joined: &'a str,
    /// The stored form of the delta.
    pub delta: &'a [u8],
}

impl<'a> Note<'a> {
    /// Appends the note to a batch.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(key::entity_byte(self.entity));
        out.push(self.event as u8);
        out.extend_from_slice(self.internal.as_bytes());
        for part in [self.id.as_bytes(), self.left.as_bytes(), self.joined.as_bytes(), self.delta] {
            push_bytes(out, part);
        }
    }

    /// Takes the next note off a batch; `None` at its end.
    pub fn decode(batch: &mut &'a [u8]) -> Option<Note<'a>> {
        let ([entity, event], rest) = batch.split_first_chunk::<2>()?;
        let (internal, rest) = rest.split_first_chunk::<16>()?;
        *batch = rest;
        let mut text = || std::str::from_utf8(read_bytes(batch)?).ok();
        let (id, left, joined) = (text()?, text()?, text()?);
        Some(Note {
            entity: key::entity_of(*entity)?,
            id,
            event: *EVENTS.get(usize::from(*event))?,
            internal: Uuid::from_bytes(*internal),
            left,
            joined,
            delta: read_bytes(batch)?,
        })
    }
}
