//! What the plan would write: one candidate per record, on a tape in the order of the IDs.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::conflict::Fingerprint;
use super::merge::{Effects, Merged};
use crate::model::fields::{Entity, FieldId};
use crate::model::record::{RecordRef, ValuesRef, push_bytes};
use crate::spill::{SpillRoom, Tape, TapeWriter};

/// The part of a candidate that is read without its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The place of the record's mark on the board.
    pub place: u32,
    /// The line that brings it.
    pub line: u32,
    /// Whether the record is new.
    pub new: bool,
    /// Whether a value changes; else only what is remembered of hand edits does.
    pub changed: bool,
    pub effects: Effects,
    /// Hash of the ID, the old and the new values (R10).
    pub hash: [u8; 16],
    pub by_hand: BTreeMap<FieldId, Vec<u8>>,
    /// Whether the organization was made by a person (R13); set for new ones only, from an exported file.
    pub manual: bool,
}

/// Writes candidates.
#[derive(Debug)]
pub(super) struct Candidates {
    tape: TapeWriter,
    buffer: Vec<u8>,
}

impl Candidates {
    pub fn new(room: &SpillRoom) -> io::Result<Candidates> {
        Ok(Candidates { tape: TapeWriter::new(&room.dir)?, buffer: Vec::new() })
    }

    pub fn push(
        &mut self,
        entity: Entity,
        id: &str,
        [place, line]: [u32; 2],
        base: Option<&RecordRef<'_>>,
        merged: Merged,
    ) -> io::Result<()> {
        let head = Head {
            place,
            line,
            new: base.is_none(),
            changed: merged.changed,
            effects: merged.effects,
            hash: hash(entity, id, base, &merged),
            by_hand: merged.by_hand,
            manual: merged.manual,
        };
        self.buffer.clear();
        self.buffer = postcard::to_extend(&head, std::mem::take(&mut self.buffer)).map_err(io::Error::other)?;
        self.buffer.extend_from_slice(merged.values.as_bytes());
        self.tape.push(id.as_bytes(), &self.buffer)?;
        Ok(())
    }

    pub fn finish(self) -> io::Result<Tape> {
        self.tape.finish()
    }
}

/// Reads the head of a tape entry and the values behind it.
pub(super) fn read(payload: &[u8]) -> io::Result<(Head, ValuesRef<'_>)> {
    let (head, values) = postcard::take_from_bytes(payload).map_err(io::Error::other)?;
    Ok((head, ValuesRef(values)))
}

fn hash(entity: Entity, id: &str, base: Option<&RecordRef<'_>>, merged: &Merged) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(merged.values.as_bytes().len() + 64);
    bytes.push(u8::from(entity == Entity::Contact));
    push_bytes(&mut bytes, id.as_bytes());
    if let Some(base) = base {
        bytes.push(1);
        push_bytes(&mut bytes, base.values.0);
        for (field, payload) in &base.by_hand {
            bytes.extend_from_slice(&field.0.to_be_bytes());
            push_bytes(&mut bytes, payload);
        }
    }
    bytes.push(u8::from(merged.manual));
    push_bytes(&mut bytes, merged.values.as_bytes());
    for (field, payload) in &merged.by_hand {
        bytes.extend_from_slice(&field.0.to_be_bytes());
        push_bytes(&mut bytes, payload);
    }
    Fingerprint::of_bytes(&bytes).0
}
