//! Rows that are rejected only after a conflict in which they are witnesses has been decided.
//!
//! A policy never takes a variant that only rejected rows back (R6). But organizations are decided before contacts, and a
//! row may be rejected because of its contact, or because an organization does not come to be after all. Then the plan
//! is made again by somebody who knows. What is known only grows, so this ends; nearly always at once.

use std::collections::BTreeSet;
use std::io;

use super::board::{Board, RowState};
use super::conflict::Conflict;
use super::rows::Rows;
use crate::model::fields::Entity;
use crate::spill::Tape;

/// The rows, by number.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Rejected for what they say.
    rejected: BTreeSet<u32>,
    /// Rejected because of their contact, which another of its rows might save.
    dropped: BTreeSet<u32>,
}

impl Lost {
    /// Whether a policy may not take what this row says of its contact or organization.
    pub fn contains(&self, row: u32, entity: Entity) -> bool {
        self.rejected.contains(&row) || entity == Entity::Organization && self.dropped.contains(&row)
    }

    /// Learns from a settled board whether somebody who knew would have seen another conflict; then the plan must be made
    /// again.
    pub fn learn(&mut self, board: &Board, rows: &Rows, conflicts: &Tape) -> io::Result<bool> {
        let late: Vec<u32> = (0..rows.len() as u32)
            .filter(|row| board.row(*row).is_out() && !rows.flags[*row as usize].rejected)
            .collect();
        if late.is_empty() || !misjudged(board, conflicts)? {
            return Ok(false);
        }
        for row in late {
            let known = if board.row(row) == RowState::Dropped { &mut self.dropped } else { &mut self.rejected };
            known.insert(row);
        }
        Ok(true)
    }
}

/// Whether some conflict has a variant that a policy could take, though all its rows are rejected.
fn misjudged(board: &Board, conflicts: &Tape) -> io::Result<bool> {
    let mut tape = conflicts.reader();
    while let Some((_, bytes)) = tape.next()? {
        let conflict: Conflict = postcard::from_bytes(bytes).map_err(io::Error::other)?;
        let is_out = |row: u32| match conflict.entity {
            Entity::Organization => board.row(row).is_out(),
            Entity::Contact => board.row(row) == RowState::Rejected,
        };
        if conflict.eligible().any(|variant| variant.rows.iter().all(|(row, _)| is_out(*row))) {
            return Ok(true);
        }
    }
    Ok(false)
}
