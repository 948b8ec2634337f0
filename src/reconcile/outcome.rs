//! Which candidates are accepted, and the one outcome of each row (R5, R12, R30).
//!
//! An organization comes to be if one of its data rows is accepted; a reference, and a contact that becomes a member,
//! need the organization. So rejecting one may reject others: it is repeated until nothing changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::board::{Board, NONE, RowState, Want};
use super::rows::Rows;

/// What becomes of a row; it speaks of the row's contact (R12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every mapped cell is empty.
    Blank,
    /// The row cannot be imported.
    Rejected,
    /// The row waits for a decision.
    Held,
    /// The row brings an organization and no contact.
    OrganizationOnly,
    /// Another row speaks for the same contact.
    Repeated,
    /// The contact is created.
    Created,
    /// A value of the contact, or its organization, changes.
    Updated,
    /// The base already says what the row says.
    Unchanged,
}

impl Outcome {
    /// Its word for people.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Blank => "blank",
            Outcome::Rejected => "rejected",
            Outcome::Held => "held",
            Outcome::OrganizationOnly => "organization only",
            Outcome::Repeated => "repeated",
            Outcome::Created => "created",
            Outcome::Updated => "updated",
            Outcome::Unchanged => "unchanged",
        }
    }
}

/// How many rows have each outcome. The sum is the number of data rows of the file, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowCounts {
    /// Data rows of the file.
    pub total: u64,
    /// See [`Outcome::Created`].
    pub created: u64,
    /// See [`Outcome::Updated`].
    pub updated: u64,
    /// See [`Outcome::Unchanged`].
    pub unchanged: u64,
    /// See [`Outcome::Repeated`].
    pub repeated: u64,
    /// See [`Outcome::OrganizationOnly`].
    pub organization_only: u64,
    /// See [`Outcome::Held`].
    pub held: u64,
    /// See [`Outcome::Rejected`].
    pub rejected: u64,
    /// See [`Outcome::Blank`].
    pub blank: u64,
}

impl RowCounts {
    /// The counts of these outcomes.
    pub fn of(outcomes: &[Outcome]) -> RowCounts {
        let mut counts = RowCounts { total: outcomes.len() as u64, ..RowCounts::default() };
        for outcome in outcomes {
            *match outcome {
                Outcome::Blank => &mut counts.blank,
                Outcome::Rejected => &mut counts.rejected,
                Outcome::Held => &mut counts.held,
                Outcome::OrganizationOnly => &mut counts.organization_only,
                Outcome::Repeated => &mut counts.repeated,
                Outcome::Created => &mut counts.created,
                Outcome::Updated => &mut counts.updated,
                Outcome::Unchanged => &mut counts.unchanged,
            } += 1;
        }
        counts
    }
}

/// Settles which organizations are written. Rejects what needs an organization that will not exist, and tells which
/// rows it rejected, with the place of the missing organization.
pub(super) fn settle(board: &mut Board, rows: &Rows) -> (Vec<bool>, BTreeMap<u32, u32>) {
    let mut unknown = BTreeMap::new();
    loop {
        let written = written(board, rows);
        let exists = |place: u32| {
            let mark = board.organizations[place as usize];
            mark.in_base || (mark.want == Want::Create && written[place as usize])
        };
        let lost: Vec<(u32, RowState, u32)> = (0..rows.len() as u32)
            .filter(|row| board.row(*row) == RowState::Good)
            .filter_map(|row| missing_organization(board, rows, row, &exists).map(|(state, place)| (row, state, place)))
            .collect();
        let done = lost.is_empty();
        for (row, state, place) in lost {
            board.set(row, state);
            unknown.insert(row, place);
        }
        let dropped = drop_contacts_without_rows(board);
        if done && !dropped {
            return (written, unknown);
        }
    }
}

fn written(board: &Board, rows: &Rows) -> Vec<bool> {
    let mut written = vec![false; board.organizations.len()];
    for (row, flags) in rows.flags.iter().enumerate() {
        let place = board.organization_of[row];
        if flags.account_data && place != NONE && board.rows[row] == RowState::Good {
            written[place as usize] = true;
        }
    }
    written
}

/// The organization that a good row, or its contact, needs and that will not exist, with what becomes of the row.
fn missing_organization(
    board: &Board,
    rows: &Rows,
    row: u32,
    exists: &impl Fn(u32) -> bool,
) -> Option<(RowState, u32)> {
    let own = board.organization_of[row as usize];
    if own != NONE && !rows.flags[row as usize].account_data && !exists(own) {
        return Some((RowState::Rejected, own));
    }
    let contact = board.contact_of[row as usize];
    let needs = if contact == NONE { NONE } else { board.contacts[contact as usize].needs };
    (needs != NONE && !exists(needs)).then_some((RowState::Dropped, needs))
}

/// A contact is written only if a row of it is good.
fn drop_contacts_without_rows(board: &mut Board) -> bool {
    let mut good = vec![false; board.contacts.len()];
    for (row, contact) in board.contact_of.iter().enumerate() {
        if *contact != NONE && board.rows[row] == RowState::Good {
            good[*contact as usize] = true;
        }
    }
    let mut dropped = false;
    for (mark, good) in board.contacts.iter_mut().zip(good) {
        if mark.want.writes() && !good {
            mark.want = Want::Rejected;
            dropped = true;
        }
    }
    dropped
}

/// The outcome of each row of a settled board.
pub(super) fn outcomes(board: &Board, rows: &Rows) -> Vec<Outcome> {
    let carriers = carriers(board);
    let outcome = |row: usize| match board.rows[row] {
        RowState::Blank => Outcome::Blank,
        RowState::Rejected | RowState::Dropped => Outcome::Rejected,
        RowState::Held => Outcome::Held,
        RowState::Good => match board.contact_of[row] {
            NONE if rows.flags[row].account => Outcome::OrganizationOnly,
            NONE => Outcome::Blank,
            contact if carriers[contact as usize] as usize != row => Outcome::Repeated,
            contact => match board.contacts[contact as usize].want {
                Want::Create => Outcome::Created,
                Want::Update => Outcome::Updated,
                Want::Keep => Outcome::Unchanged,
                Want::Held => Outcome::Held,
                Want::Rejected | Want::Nothing => Outcome::Rejected,
            },
        },
    };
    (0..rows.len()).map(outcome).collect()
}

/// The row that speaks for each contact: the chosen one, or its first good row if that was rejected since.
fn carriers(board: &Board) -> Vec<u32> {
    let mut carriers: Vec<u32> = board
        .contacts
        .iter()
        .map(|mark| if board.row(mark.carrier) == RowState::Good { mark.carrier } else { NONE })
        .collect();
    for (row, contact) in board.contact_of.iter().enumerate() {
        if *contact != NONE && carriers[*contact as usize] == NONE && board.rows[row] == RowState::Good {
            carriers[*contact as usize] = row as u32;
        }
    }
    carriers
}
