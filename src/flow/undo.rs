//! A commit is taken back (R26): what that would do is worked out first, then it is done or left.

use std::collections::HashMap;

use serde_json::json;

use super::FlowError;
use super::edit::until_settled;
use super::gauge::Gauge;
use super::history;
use super::import::Stamp;
use crate::base::{Base, Blocker, Commit, Counts, Done, Kind, UndoPlan, Why};

/// Works out what taking a commit back would do, and what blocks it.
///
/// # Errors
/// [`FlowError::Blocked`] if it was undone already; there is no such commit, or it is too old; cancelled.
pub fn plan(base: &Base, number: u64, gauge: &Gauge) -> Result<UndoPlan, FlowError> {
    let entry = base.entry(number)?;
    if entry.is_forgetting() {
        let text = format!("{number} forgot a contact: nothing is left that could be brought back");
        return Err(FlowError::Blocked(text));
    }
    if let Some(by) = entry.undone_by {
        let text = format!("{number} was already undone by {by}; to have it back: muster undo {by}");
        return Err(FlowError::Blocked(text));
    }
    Ok(base.plan_undo(number, &gauge.cancel)?)
}

/// Whether a plan changes nothing.
pub fn is_empty(plan: &UndoPlan) -> bool {
    [plan.contacts, plan.organizations].iter().all(|counts| *counts == Counts::default())
}

/// The blockers that a plan lists, each with why it blocks, in words.
///
/// # Errors
/// The history cannot be read.
pub fn reasons(base: &Base, plan: &UndoPlan) -> Result<Vec<(Blocker, String)>, FlowError> {
    let mut names: HashMap<u64, String> = HashMap::new();
    let mut told = Vec::with_capacity(plan.blockers.len());
    for blocker in &plan.blockers {
        let reason = match &blocker.why {
            Why::ChangedBy(commit) => {
                if !names.contains_key(commit) {
                    names.insert(*commit, history::act(base, *commit)?.name());
                }
                format!("changed since by {}", names[commit])
            }
            Why::HasMember(contact) => format!("contact '{contact}' belongs to it"),
            Why::OrganizationGone(account) => format!("its organization '{account}' is gone"),
        };
        told.push((blocker.clone(), reason));
    }
    Ok(told)
}

/// Takes a commit back, as far as the plan can.
///
/// # Errors
/// As for every commit; the base is then as it was.
pub fn commit(base: &Base, number: u64, plan: UndoPlan, stamp: Stamp, gauge: &Gauge) -> Result<Done, FlowError> {
    let by_hand = redoes_by_hand(base, number)?;
    let commit = Commit {
        kind: Kind::Undo { of: number },
        when: stamp.when,
        who: stamp.who,
        details: json!({ "blocked": plan.blocked }).to_string(),
        changes: Box::new(plan.changes),
        catalog: base.catalog(),
        remember: Vec::new(),
        by_hand,
    };
    let mut progress = |done, total| gauge.set(done, total);
    Ok(base.commit(plan.head, &commit, &mut progress, &gauge.cancel)?)
}

/// Whether taking that commit back does again what a person did by hand: a record deleted so stays away from imports as
/// it did the first time (R28).
fn redoes_by_hand(base: &Base, number: u64) -> Result<bool, FlowError> {
    match base.entry(number)?.kind {
        Kind::Undo { of } => Ok(base.entry(of)?.by_hand),
        _ => Ok(false),
    }
}

/// What became of taking back an act of a person.
pub enum TakenBack {
    /// It is taken back.
    Done(Done),
    /// It stands whole, because of the plan's blockers.
    Blocked(UndoPlan),
}

/// Takes an act of a person back whole, or leaves it whole.
///
/// # Errors
/// As for [`plan`] and [`commit`].
pub fn take_back(base: &Base, number: u64, stamp: &Stamp, gauge: &Gauge) -> Result<TakenBack, FlowError> {
    until_settled(|| {
        let plan = plan(base, number, gauge)?;
        if plan.blocked > 0 {
            return Ok(TakenBack::Blocked(plan));
        }
        Ok(TakenBack::Done(commit(base, number, plan, stamp.clone(), gauge)?))
    })
}
