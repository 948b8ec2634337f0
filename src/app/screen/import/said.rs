//! What a person says about the rows of the file: decisions, consents, corrections. All of it goes one way: into the
//! timeline, where it can be taken back, into the draft, where it survives, and into what is shown until it is counted.

use std::collections::BTreeSet;

use super::conflicts::load;
use super::{Step, draft, review};
use crate::app::effect::Effect;
use crate::app::state::State;
use crate::home::draft::Entry;
use crate::model::text::grouped;
use crate::reconcile::decision::Subject;
use crate::reconcile::timeline::Said;

/// Says things that are taken back together.
pub fn say(state: &mut State, step: Vec<Said>) -> Vec<Effect> {
    state.import.timeline.say(step.clone());
    show(state, &step);
    draft::keep(state, Entry::Said(step))
}

/// Takes the last step back, or brings the last one back that was taken back.
pub fn turn(state: &mut State, back: bool) -> Vec<Effect> {
    let timeline = &mut state.import.timeline;
    let (step, entry) = if back { (timeline.undo(), Entry::Undone) } else { (timeline.redo(), Entry::Redone) };
    let Some(step) = step else {
        state.notice = Some(if back { "Nothing to undo" } else { "Nothing to redo" }.to_owned());
        return vec![];
    };
    show(state, &step);
    let mut effects = draft::keep(state, entry);
    let what = if back { "Undone" } else { "Redone" };
    state.notice = Some(format!("{what}: {}", named(&step)));
    let corrects = step.iter().any(|said| matches!(said, Said::Correction(..)));
    if state.import.step == Step::Conflicts {
        let conflicts = &mut state.import.conflicts;
        let about: BTreeSet<usize> = step.iter().filter_map(|said| conflicts.number_of(said)).collect();
        // Where the person is, if that is one of them; else the first one.
        if let Some(first) = about.first().filter(|_| !about.contains(&conflicts.cursor.selected)) {
            conflicts.select(*first, state.size);
        }
        effects.extend(load(state));
    }
    // Decisions are counted when the person is done with them; what a correction changes must be seen at once.
    if corrects || !matches!(state.import.step, Step::Conflicts | Step::Doubts) {
        effects.extend(review::count_again(state));
    }
    effects
}

/// What a step is about, in a few words.
fn named(step: &[Said]) -> String {
    match step {
        [Said::Choice(_, id, _) | Said::Consent(Subject { id, .. }, _)] => id.clone(),
        [Said::Correction(_, Some(correction))] => format!("line {} corrected", correction.line),
        [Said::Correction(_, None)] => "the row is as in the file".to_owned(),
        step => format!("{} decisions", grouped(step.len() as u64)),
    }
}

/// Shows what was said where it can be seen before it is counted.
fn show(state: &mut State, step: &[Said]) {
    let conflicts = &mut state.import.conflicts;
    for said in step {
        let Said::Choice(.., choice) = said else { continue };
        if let Some(number) = conflicts.number_of(said) {
            conflicts.standing[number].decided = choice.is_some();
            conflicts.marked.remove(&number);
        }
    }
    state.import.stale = true;
}
