//! Which column is which field: shown with sample values, changed by choosing.

use super::doubts::Doubts;
use super::{Step, compose, draft, open, settings};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::job::Job;
use crate::app::job::import::{Ask, FileView, ImportJob};
use crate::app::message::Size;
use crate::app::overlay::{Item, Overlay, Pick, Question};
use crate::app::state::State;
use crate::home::draft as kept;
use crate::model::fields::{Catalog, Entity, FIELDS};

/// How many columns are in view: all but tab bar, three lines about the file, heads, two lines about the selected column,
/// rule and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(9).max(1)
}

/// Takes an open file in; offers its drafts, if there are any.
pub fn take(state: &mut State, mut file: FileView) -> Vec<Effect> {
    let drafts = std::mem::take(&mut file.drafts);
    state.import.ask = Some(file.ask.clone());
    let columns = file.columns.len();
    state.import.column.reveal(columns, rows(state.size));
    state.import.file = Some(file);
    if state.import.step == Step::Choose {
        state.import.step = Step::Columns;
    }
    state.import.parts.retain(|part| *part < columns);
    settings::refresh(state);
    if !state.import.draft.begun && !drafts.is_empty() && state.overlays.is_empty() {
        draft::offer(state, drafts);
    }
    draft::opened(state)
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let import = &mut state.import;
    let Some(file) = &import.file else {
        if action == Action::Back {
            import.step = Step::Choose;
            return super::choose::list(state);
        }
        return vec![];
    };
    if import.column.step(action, file.columns.len(), rows(state.size)) {
        return vec![];
    }
    match action {
        Action::MapColumn => choose_field(state),
        Action::AnswerQuestion => ask_question(state),
        Action::Mark => return compose::mark(state),
        Action::ComposeId => return compose::ask(state),
        Action::ImportSettings => settings::ask(state),
        Action::StartCheck if import.has_questions() => ask_question(state),
        Action::StartCheck => return check(state),
        Action::Undo | Action::Redo => return undo(state, action == Action::Undo),
        Action::Back => {
            import.step = Step::Choose;
            return super::choose::list(state);
        }
        _ => {}
    }
    vec![]
}

/// Checks the file with the columns and settings as they are.
pub(super) fn check(state: &mut State) -> Vec<Effect> {
    if state.work().is_some() {
        state.notice = Some("The file is being opened; a moment".to_owned());
        return vec![];
    }
    state.import.step = Step::Check;
    state.import.review = None;
    state.import.conflicts.forget_plan();
    state.import.doubts = Doubts::default();
    // What is checked is worth keeping: with the check the draft begins.
    let mut effects = match state.import.draft.begun {
        true => vec![],
        false => draft::keep(state, kept::Entry::At(kept::Step::Review)),
    };
    let decisions = state.import.timeline.decisions().clone();
    effects.push(state.start(Job::Import(ImportJob::Check(decisions))));
    effects
}

/// Opens the file again with something changed; the former wish can be brought back.
pub fn change(state: &mut State, change: impl FnOnce(&mut Ask)) -> Vec<Effect> {
    let Some(before) = state.import.ask.clone() else { return vec![] };
    let mut ask = before.clone();
    change(&mut ask);
    if ask == before {
        return vec![];
    }
    state.import.edits[0].push(before);
    state.import.edits[1].clear();
    taken_otherwise(state, ask)
}

/// Opens the file again, taken otherwise, and keeps how.
fn taken_otherwise(state: &mut State, ask: Ask) -> Vec<Effect> {
    let mut effects = draft::keep_taken(state, &ask);
    effects.extend(open(state, ask));
    effects
}

fn undo(state: &mut State, back: bool) -> Vec<Effect> {
    let [undo, redo] = &mut state.import.edits;
    let (from, to) = if back { (undo, redo) } else { (redo, undo) };
    let (Some(ask), Some(now)) = (from.pop(), state.import.ask.clone()) else {
        state.notice = Some(if back { "Nothing to undo" } else { "Nothing to redo" }.to_owned());
        return vec![];
    };
    to.push(now);
    taken_otherwise(state, ask)
}

/// The fields that a column may fill: name in options, label, whose it is.
fn fields(catalog: &Catalog) -> Vec<(String, Item)> {
    let known = FIELDS.iter().map(|f| (f.id, f.entity));
    let custom = catalog.customs().map(|(id, entity, _)| (id, entity));
    let item = |(id, entity): (_, Entity)| {
        let name = catalog.name(id);
        let about = format!("{}  {name}", entity.noun());
        (name, Item { label: catalog.full_label(id), about })
    };
    known.chain(custom).map(item).collect()
}

/// Lets the person choose the field of the selected column.
fn choose_field(state: &mut State) {
    let Some(file) = &state.import.file else { return };
    let at = state.import.column.selected;
    let Some(column) = file.columns.get(at) else { return };
    let item = |label: &str, about: String| Item { label: label.to_owned(), about };
    let mut items = vec![
        item("(leave the column out)", String::new()),
        item("(a custom field of the contact)", format!("contact.custom.{}", column.header)),
        item("(a custom field of the organization)", format!("account.custom.{}", column.header)),
    ];
    items.extend(fields(&file.catalog).into_iter().map(|(_, item)| item));
    let title = format!("Column {}: {}", at + 1, column.header);
    state.overlays.push(Overlay::Pick(Pick::new(Question::Field(at), &title, items)));
}

/// The field of a column was chosen.
pub fn field_chosen(state: &mut State, at: usize, item: usize) -> Vec<Effect> {
    let Some(file) = &state.import.file else { return vec![] };
    let header = file.columns.get(at).map(|column| column.header.clone()).unwrap_or_default();
    let name = match item {
        0 => String::new(),
        1 => format!("contact.custom.{header}"),
        2 => format!("account.custom.{header}"),
        _ => fields(&file.catalog).into_iter().nth(item - 3).map(|(name, _)| name).unwrap_or_default(),
    };
    change(state, |ask| {
        let column = format!("#{}=", at + 1);
        let same_field = format!("={name}");
        // What was said before about this column or this field does not hold any more.
        ask.map.maps.retain(|map| !map.starts_with(&column) && (name.is_empty() || !map.ends_with(&same_field)));
        ask.map.maps.push(format!("{column}{name}"));
    })
}

/// Asks the first open question.
fn ask_question(state: &mut State) {
    let Some(question) = state.import.file.as_ref().and_then(|file| file.questions.first()) else {
        state.notice = Some("There are no open questions".to_owned());
        return;
    };
    let item = |answer: &crate::intake::Answer| Item {
        label: answer.label.clone(),
        about: if answer.suggested { "suggested".to_owned() } else { String::new() },
    };
    let items = question.answers.iter().map(item).collect();
    let mut pick = Pick::new(Question::Answer, "What is meant?", items);
    pick.text.clone_from(&question.message);
    state.overlays.push(Overlay::Pick(pick));
}

/// The first open question was answered.
pub fn answered(state: &mut State, item: usize) -> Vec<Effect> {
    let question = state.import.file.as_ref().and_then(|file| file.questions.first());
    let Some(answer) = question.and_then(|question| question.answers.get(item)).cloned() else { return vec![] };
    change(state, |ask| answer.apply(&mut ask.map))
}
