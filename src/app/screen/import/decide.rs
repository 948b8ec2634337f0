//! What a person says to a conflict: a variant, the base, field by field, a typed value, hold back. Each decision can
//! be undone and redone.

use std::collections::BTreeMap;

use super::conflicts::{Conflicts, Focus, load};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::job::conflict::{ConflictView, Settled};
use crate::app::overlay::{Overlay, Prompt, Question};
use crate::app::state::State;
use crate::intake::typed;
use crate::model::fields::{Entity, FieldId};
use crate::model::finding::Finding;
use crate::reconcile::conflict::Fingerprint;
use crate::reconcile::decision::{Choice, Pick};

/// One decision: about which conflict, what was said before, what is said now.
#[derive(Debug, Clone)]
pub struct Change {
    number: usize,
    key: (Entity, String),
    before: Option<(Fingerprint, Choice)>,
    after: Option<(Fingerprint, Choice)>,
}

/// Does a deciding action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if matches!(action, Action::Undo | Action::Redo) {
        return undo(state, action == Action::Undo);
    }
    let conflicts = &mut state.import.conflicts;
    let Some(view) = conflicts.view() else { return vec![] };
    let by_field = conflicts.picks.is_some();
    match action {
        Action::TakeVariant if by_field => {
            let Some(pick) = pick_here(conflicts) else { return vec![] };
            pick_field(state, pick)
        }
        Action::KeepBase | Action::TakeVariant if view.base.is_none() && (action == Action::KeepBase) => {
            state.notice = Some(format!("The base has no {} {}", view.entity.noun(), view.id));
            vec![]
        }
        Action::KeepBase if by_field => pick_field(state, Pick::Base),
        Action::KeepBase => decide(state, Choice::Base),
        Action::TakeVariant if conflicts.on_base() => decide(state, Choice::Base),
        Action::TakeVariant => match view.window.get(conflicts.column - view.first) {
            Some(variant) => {
                let choice = Choice::Variant(variant.fingerprint);
                decide(state, choice)
            }
            None => vec![],
        },
        Action::HoldBack => decide(state, Choice::Hold),
        Action::TakeSuggestion => suggestion(state),
        Action::PickFields => {
            conflicts.picks = if by_field { None } else { Some(BTreeMap::new()) };
            conflicts.focus = if by_field { Focus::List } else { Focus::Fields };
            conflicts.field = 0;
            vec![]
        }
        Action::TypeValue => {
            ask_value(state);
            vec![]
        }
        _ => vec![],
    }
}

/// The suggestion; where there is none, what was decided for the same variants in an earlier import.
fn suggestion(state: &mut State) -> Vec<Effect> {
    let Some(view) = state.import.conflicts.view() else { return vec![] };
    let earlier = view.remembered.as_ref().map(|(_, choice)| choice);
    match view.suggestion.as_ref().or(earlier).cloned() {
        Some(choice) => decide(state, choice),
        None => {
            state.notice = Some("There is no suggestion: only a person can tell".to_owned());
            vec![]
        }
    }
}

fn pick_here(conflicts: &Conflicts) -> Option<Pick> {
    let view = conflicts.view()?;
    if conflicts.on_base() {
        return Some(Pick::Base);
    }
    let variant = view.window.get(conflicts.column.checked_sub(view.first)?)?;
    Some(Pick::Variant(variant.fingerprint))
}

/// Picks for the selected field; the last open field makes the decision.
fn pick_field(state: &mut State, pick: Pick) -> Vec<Effect> {
    let conflicts = &mut state.import.conflicts;
    let Some(view) = conflicts.view() else { return vec![] };
    let (fields, selected) = conflicts.fields(view);
    let Some(field) = fields.get(selected).filter(|field| field.class.is_some()).map(|field| field.field) else {
        state.notice = Some("The variants agree on this field".to_owned());
        return vec![];
    };
    let differing: Vec<FieldId> = view.fields.iter().filter(|f| f.class.is_some()).map(|f| f.field).collect();
    let picks = conflicts.picks.get_or_insert_default();
    picks.insert(field, pick);
    let next = differing.iter().position(|field| !picks.contains_key(field));
    match next {
        None => {
            let picks = conflicts.picks.take().unwrap_or_default();
            decide(state, Choice::Fields(picks))
        }
        Some(next) => {
            let left = differing.len() - picks.len();
            let next = differing[next];
            conflicts.field = fields_place(conflicts, next);
            conflicts.focus = Focus::Fields;
            state.notice = Some(format!("Picked; {left} more to pick"));
            vec![]
        }
    }
}

fn fields_place(conflicts: &Conflicts, wanted: FieldId) -> usize {
    let fields = conflicts.view().map(|view| conflicts.fields(view).0).unwrap_or_default();
    fields.iter().position(|field| field.field == wanted).unwrap_or(0)
}

/// Asks for a value of the selected field.
fn ask_value(state: &mut State) {
    let Some((field, value)) = super::conflicts::value_here(&state.import.conflicts) else { return };
    if field.class.is_none() {
        state.notice = Some("The variants agree on this field".to_owned());
        return;
    }
    let mut prompt = Prompt::new(Question::Value(field.field), &field.label, "Checked as a cell of the file would be");
    prompt.field = crate::app::field::TextField::new(&value);
    state.overlays.push(Overlay::Prompt(prompt));
}

/// A value was typed: it is read as the import reads a cell.
///
/// # Errors
/// What is wrong with it.
pub fn value_typed(state: &mut State, field: FieldId, text: &str) -> Result<Vec<Effect>, String> {
    let Some(view) = state.import.conflicts.view() else { return Ok(vec![]) };
    let Some(file) = &state.import.file else { return Ok(vec![]) };
    let label = file.catalog.full_label(field);
    let said = |finding: &Finding| format!("{}: {}", finding.message(&label), finding.code.hint());
    let read = typed(view.entity, field, text, &file.catalog, &file.settings.reading).map_err(|error| said(&error))?;
    if read.payload.is_empty() && field.required() {
        return Err(format!("{label} must have a value"));
    }
    let warning = read.warning.as_ref().map(said);
    let effects = pick_field(state, Pick::Typed(read.payload));
    if warning.is_some() {
        state.notice = warning;
    }
    Ok(effects)
}

/// Decides the selected conflict and goes to the next open one.
fn decide(state: &mut State, choice: Choice) -> Vec<Effect> {
    let Some(view) = state.import.conflicts.view() else { return vec![] };
    let (number, entity, id, fingerprint) = (view.number, view.entity, view.id.clone(), view.fingerprint);
    let said = format!("{id}: {}", choice_text(&choice, view));
    settle(state, vec![Settled { number, entity, id, fingerprint, choice }]);
    let conflicts = &mut state.import.conflicts;
    match conflicts.next_open(false) {
        Some(next) => {
            state.notice = Some(said);
            conflicts.select(next, state.size);
        }
        None => {
            state.notice = Some(format!("{said}. All are decided: i imports, Esc goes back to the numbers"));
            conflicts.picks = None;
            conflicts.focus = Focus::List;
        }
    }
    load(state)
}

/// Makes decisions that are undone together.
pub(super) fn settle(state: &mut State, settled: Vec<Settled>) {
    let conflicts = &mut state.import.conflicts;
    let change = |settled: Settled| {
        let key = (settled.entity, settled.id);
        let after = Some((settled.fingerprint, settled.choice));
        Change { number: settled.number, before: conflicts.decisions.choices.get(&key).cloned(), key, after }
    };
    let changes: Vec<Change> = settled.into_iter().map(change).collect();
    for change in &changes {
        apply(conflicts, change, false);
    }
    conflicts.history[0].push(changes);
    conflicts.history[1].clear();
    state.import.stale = true;
}

fn apply(conflicts: &mut Conflicts, change: &Change, back: bool) {
    let said = if back { &change.before } else { &change.after };
    match said {
        Some(said) => conflicts.decisions.choices.insert(change.key.clone(), said.clone()),
        None => conflicts.decisions.choices.remove(&change.key),
    };
    if let Some(standing) = conflicts.standing.get_mut(change.number) {
        standing.decided = said.is_some();
    }
    conflicts.marked.remove(&change.number);
}

fn undo(state: &mut State, back: bool) -> Vec<Effect> {
    let conflicts = &mut state.import.conflicts;
    let [undo, redo] = &mut conflicts.history;
    let Some(changes) = (if back { undo.pop() } else { redo.pop() }) else {
        state.notice = Some(if back { "Nothing to undo" } else { "Nothing to redo" }.to_owned());
        return vec![];
    };
    for change in &changes {
        apply(conflicts, change, back);
    }
    let count = changes.len();
    let first = changes.first().map(|change| change.number);
    let said = changes.first().map(|change| change.key.1.clone()).unwrap_or_default();
    conflicts.history[usize::from(back)].push(changes);
    state.import.stale = true;
    let what = if back { "Undone" } else { "Redone" };
    state.notice = Some(match count {
        1 => format!("{what}: {said}"),
        _ => format!("{what}: {count} decisions"),
    });
    if let Some(number) = first {
        state.import.conflicts.select(number, state.size);
    }
    load(state)
}

/// A choice in a few words.
pub fn choice_text(choice: &Choice, view: &ConflictView) -> String {
    let variant = |wanted: &Fingerprint| view.window.iter().position(|v| v.fingerprint == *wanted);
    match choice {
        Choice::Variant(wanted) => match variant(wanted) {
            Some(place) => format!("variant {}", view.first + place + 1),
            None => "a variant".to_owned(),
        },
        Choice::Fields(_) if view.suggestion.as_ref() == Some(choice) => "as suggested".to_owned(),
        Choice::Fields(picks) if picks.values().any(|pick| matches!(pick, Pick::Typed(_))) => "typed".to_owned(),
        Choice::Fields(_) => "per field".to_owned(),
        Choice::Base => "as in the base".to_owned(),
        Choice::Hold => "held back".to_owned(),
    }
}
