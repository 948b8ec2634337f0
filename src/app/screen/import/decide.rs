//! What a person says to a conflict: a variant, the base, field by field, a typed value, hold back. Each decision can
//! be undone and redone.

use std::collections::BTreeMap;

use super::conflicts::{Conflicts, Focus, load};
use super::said;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::job::conflict::{ConflictView, Settled};
use crate::app::overlay::{Overlay, Prompt, Question};
use crate::app::state::State;
use crate::intake::typed;
use crate::model::fields::FieldId;
use crate::model::finding::Finding;
use crate::reconcile::conflict::Fingerprint;
use crate::reconcile::decision::{Choice, Pick};
use crate::reconcile::timeline::Said;

/// Does a deciding action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
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
    let mut effects = settle(state, vec![Settled { number, entity, id, fingerprint, choice }]);
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
    effects.extend(load(state));
    effects
}

/// Makes decisions that are undone together.
pub(super) fn settle(state: &mut State, settled: Vec<Settled>) -> Vec<Effect> {
    let said = |s: Settled| Said::Choice(s.entity, s.id, Some((s.fingerprint, s.choice)));
    said::say(state, settled.into_iter().map(said).collect())
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
