//! What stands around the selected record and is asked for when it is shown, or soon may be: how many members its organization has, and
//! which commits have changed it.

use std::collections::HashMap;

use super::split::{Pane, Split};
use super::{Focus, organization_of, show};
use crate::app::effect::Effect;
use crate::app::job::{Job, Slot};
use crate::app::state::State;
use crate::flow::show::Step;
use crate::model::fields::Entity;

/// What is known so far. It is forgotten when the base changes.
#[derive(Debug, Default)]
pub struct Around {
    /// How many members organizations have, by Account ID.
    members: HashMap<String, u64>,
    /// Whose members are being counted.
    counting: Vec<String>,
    /// The commits that have changed a record, and which record.
    steps: Option<(Entity, String, Vec<Step>)>,
}

impl Around {
    /// How many members an organization has; `None` while that is not known.
    pub fn members(&self, account: &str) -> Option<u64> {
        self.members.get(account).copied()
    }

    /// The commits that have changed a record, the newest first; `None` while they are not known.
    pub fn steps(&self, entity: Entity, id: &str) -> Option<&[Step]> {
        let (of, whose, steps) = self.steps.as_ref()?;
        (*of == entity && whose == id).then_some(steps)
    }
}

/// Asks for what the details show and is neither known nor under way.
pub fn ask(state: &mut State) -> Vec<Effect> {
    count_members(state).into_iter().chain(ask_steps(state)).collect()
}

/// Lists the organization of the selected contact.
pub fn organization(state: &mut State) -> Vec<Effect> {
    let browse = &state.browse;
    let contact = browse.selected().filter(|_| browse.entity == Entity::Contact);
    match contact.and_then(|hit| organization_of(browse.entity, hit)).map(str::to_owned) {
        Some(account) => show(state, Entity::Organization, &account),
        None => {
            state.notice = Some("No contact is selected that belongs to an organization".to_owned());
            vec![]
        }
    }
}

/// Counts the members of the organizations in view before they are selected, and of some more: so a selection that moves
/// brings its whole record in one frame.
fn count_members(state: &mut State) -> Option<Effect> {
    let browse = &state.browse;
    if Split::of(state.size, browse.focus).pane == Pane::Hidden {
        return None;
    }
    let rows = browse.list_rows(state.size);
    let view = browse.cursor.window(browse.total(), rows);
    let around = &browse.around;
    let account = |number: usize| browse.hit(number).and_then(|hit| organization_of(browse.entity, hit));
    let known = |account: &str| around.members.contains_key(account);
    let asked = |account: &str| known(account) || around.counting.iter().any(|counted| counted == account);
    let selected = browse.cursor.selected;
    let near = |more: usize| view.start.saturating_sub(more)..view.end + more;
    if [selected].into_iter().chain(near(rows / 2)).filter_map(account).all(asked) {
        return None;
    }
    let mut wanted: Vec<String> = Vec::new();
    for account in [selected].into_iter().chain(near(rows)).filter_map(account).filter(|account| !known(account)) {
        if !wanted.iter().any(|other| other == account) {
            wanted.push(account.to_owned());
        }
    }
    state.browse.around.counting.clone_from(&wanted);
    Some(state.start(Job::CountMembers(wanted)))
}

/// Only the details that a person reads tell how the record became what it is.
fn ask_steps(state: &mut State) -> Option<Effect> {
    let browse = &state.browse;
    let hit = browse.selected().filter(|_| browse.focus == Focus::Detail)?;
    let under_way = state.running.iter().any(|(slot, _)| *slot == Slot::Steps);
    if under_way || browse.around.steps(browse.entity, &hit.id).is_some() {
        return None;
    }
    let job = Job::Steps(browse.entity, hit.id.clone());
    Some(state.start(job))
}

/// Takes in how many members organizations have.
pub fn take_members(state: &mut State, members: Vec<(String, u64)>) {
    state.browse.around.members.extend(members);
}

/// Takes in which commits have changed a record.
pub fn take_steps(state: &mut State, entity: Entity, id: String, steps: Vec<Step>) -> Vec<Effect> {
    state.ended(Slot::Steps);
    state.browse.around.steps = Some((entity, id, steps));
    state.browse.resize(state.size);
    // Meanwhile another record may be shown.
    ask(state)
}
