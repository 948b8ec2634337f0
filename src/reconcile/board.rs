//! What is known of each row, organization and contact while a plan is made: dense arrays, a few bytes a row.

use super::rows::Rows;
use crate::model::fields::Entity;

/// No organization, no contact.
pub(super) const NONE: u32 = u32::MAX;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowState {
    /// Every mapped cell is empty.
    Blank,
    /// It cannot be imported: because of what it says, or because of its organization.
    Rejected,
    /// It cannot be imported because its contact cannot be written. It is rejected like the others; but what it says of
    /// the contact could be taken if another row were, so it is no witness less there.
    Dropped,
    /// It waits for a decision.
    Held,
    /// Nothing speaks against it.
    Good,
}

/// What the plan wants to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Rows only refer to it (R5).
    Nothing,
    /// It waits for a decision.
    Held,
    /// None of its rows can be imported.
    Rejected,
    Create,
    Update,
    Keep,
}

impl RowState {
    /// Whether the row is not imported, whoever decides what.
    pub fn is_out(self) -> bool {
        matches!(self, RowState::Rejected | RowState::Dropped)
    }

    /// How a row stands that a record of that kind rejects.
    pub fn out_by(entity: Entity) -> RowState {
        if entity == Entity::Contact { RowState::Dropped } else { RowState::Rejected }
    }
}

impl Want {
    pub fn writes(self) -> bool {
        matches!(self, Want::Create | Want::Update | Want::Keep)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct OrganizationMark {
    pub want: Want,
    pub in_base: bool,
    pub manual: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ContactMark {
    pub want: Want,
    /// The row that speaks for the contact; its other good rows are repeated.
    pub carrier: u32,
    /// Whether it belongs to an organization afterwards.
    pub member: bool,
    /// The organization of the file that must come to be, or the contact cannot be written; else [`NONE`].
    pub needs: u32,
}

#[derive(Debug)]
pub(super) struct Board {
    pub rows: Vec<RowState>,
    /// The organization that the row names, by its place among the Account IDs of the file.
    pub organization_of: Vec<u32>,
    /// The contact that the row names, by its place among the Contact IDs of the file.
    pub contact_of: Vec<u32>,
    pub organizations: Vec<OrganizationMark>,
    pub contacts: Vec<ContactMark>,
}

impl Board {
    pub fn new(rows: &Rows) -> Board {
        let state = |flags: &super::rows::RowFlags| match (flags.rejected, flags.blank) {
            (true, _) => RowState::Rejected,
            (false, true) => RowState::Blank,
            (false, false) => RowState::Good,
        };
        Board {
            rows: rows.flags.iter().map(state).collect(),
            organization_of: vec![NONE; rows.len()],
            contact_of: vec![NONE; rows.len()],
            organizations: Vec::new(),
            contacts: Vec::new(),
        }
    }

    pub fn row(&self, row: u32) -> RowState {
        self.rows[row as usize]
    }

    pub fn set(&mut self, row: u32, state: RowState) {
        self.rows[row as usize] = state;
    }
}
