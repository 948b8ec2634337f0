//! Many decisions at once: policies for the open conflicts, or for the marked ones, with how many each settles.

use super::decide::settle;
use crate::app::effect::Effect;
use crate::app::job::Job;
use crate::app::job::conflict::{ConflictJob, Offer, Settled};
use crate::app::overlay::{Item, Overlay, Pick, Question};
use crate::app::state::State;
use crate::model::text::grouped;
use crate::reconcile::decision::{Policy, Rule};

/// The conflicts that a policy is for: the marked ones that are open; without marks, all open ones.
fn among(state: &State) -> Vec<usize> {
    let conflicts = &state.import.conflicts;
    let open = conflicts.standing.iter().enumerate().filter(|(_, standing)| !standing.decided);
    let is_marked = |number: &usize| conflicts.marked.is_empty() || conflicts.marked.contains(number);
    open.map(|(number, _)| number).filter(is_marked).collect()
}

/// Finds out what policies would settle.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let among = among(state);
    if among.is_empty() {
        let marked = !state.import.conflicts.marked.is_empty();
        let what = if marked { "The marked conflicts are decided" } else { "All conflicts are decided" };
        state.notice = Some(what.to_owned());
        return vec![];
    }
    vec![state.start(Job::Conflict(ConflictJob::Offer(among)))]
}

/// What a policy takes, in so few words that its line tells it in a narrow window too.
fn meaning(policy: Policy) -> &'static str {
    match policy {
        Policy::First => "first row's variant",
        Policy::Last => "last row's variant",
        Policy::MostRows => "variant with most rows",
        Policy::MostComplete => "most filled variant",
        Policy::Base => "what the base holds",
        Policy::Suggested => "the suggestion",
        Policy::Remembered => "as in an earlier import",
        Policy::Hold => "hold back",
    }
}

/// Shows the policies that settle something.
pub fn offered(state: &mut State, mut offers: Vec<Offer>) {
    // Who marks some means all of them.
    if !state.import.conflicts.marked.is_empty() {
        offers.sort_by_key(|offer| offer.rule.class.is_some());
    }
    let item = |offer: &Offer| {
        let class = offer.rule.class.map_or("all", |class| class.word());
        Item {
            label: format!("{class}: {}", meaning(offer.rule.policy)),
            about: format!("settles {} of {}", grouped(offer.settles as u64), grouped(offer.of as u64)),
        }
    };
    let items = offers.iter().map(item).collect();
    let marked = state.import.conflicts.marked.len();
    let title = if marked > 0 { format!("Decide the {marked} marked") } else { "Decide all open".to_owned() };
    state.import.conflicts.offers = offers;
    state.overlays.push(Overlay::Pick(Pick::new(Question::Policy, &title, items)));
}

/// A policy was chosen.
pub fn chosen(state: &mut State, item: usize) -> Vec<Effect> {
    let Some(offer) = state.import.conflicts.offers.get(item).copied() else { return vec![] };
    let wanted = offer.rule.class;
    let standing = &state.import.conflicts.standing;
    let numbers: Vec<usize> =
        among(state).into_iter().filter(|n| wanted.is_none_or(|class| standing[*n].class == class)).collect();
    vec![state.start(Job::Conflict(ConflictJob::Settle(offer.rule, numbers)))]
}

/// Decides what a policy chose, as one step.
pub fn settled(state: &mut State, rule: Rule, settled: Vec<Settled>) -> Vec<Effect> {
    let count = settled.len();
    if count == 0 {
        return vec![];
    }
    let mut effects = settle(state, settled);
    let conflicts = &mut state.import.conflicts;
    conflicts.marked.clear();
    let here_decided = conflicts.standing.get(conflicts.cursor.selected).is_some_and(|standing| standing.decided);
    if let Some(next) = conflicts.next_open(false).filter(|_| here_decided) {
        conflicts.select(next, state.size);
    }
    let open = conflicts.open();
    let rest =
        if open == 0 { "all are decided, i imports".to_owned() } else { format!("{} open", grouped(open as u64)) };
    state.notice =
        Some(format!("{} decided: {}; {rest}; u takes it back", grouped(count as u64), meaning(rule.policy)));
    effects.extend(super::conflicts::load(state));
    effects
}
