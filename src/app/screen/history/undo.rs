//! Taking an act back (R26): first what that would do and what blocks it, then the question, then the job.

use super::{Step, copy};
use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::job::history::{ActView, HistoryJob, UndoView};
use crate::app::job::{Job, Slot};
use crate::app::message::Size;
use crate::app::overlay::{Confirm, Notice, Overlay, Question};
use crate::app::state::State;
use crate::base::Counts;
use crate::flow::history::State as Standing;
use crate::model::text::{counted, grouped};

/// How many blockers are in view: all but tab bar, three lines about the undo, heads, rule, two lines about the selected
/// one, rule and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(10).max(1)
}

/// Finds out what taking an act back would do.
pub fn ask(state: &mut State, act: &ActView) -> Vec<Effect> {
    if state.running.iter().any(|(slot, _)| *slot == Slot::Undo) {
        state.notice = Some("An undo is at work; a moment".to_owned());
        return vec![];
    }
    match act.state {
        Standing::UndoneBy(by) => {
            state.notice = Some(format!("{} was undone by {by}; to have it back, undo {by}", act.name));
            vec![]
        }
        Standing::TooOld => {
            state.notice = Some(format!("{} is too old: what it changed is not kept any more", act.name));
            vec![]
        }
        Standing::Stands => vec![state.start(Job::History(HistoryJob::PlanUndo(act.number)))],
    }
}

/// Takes in what an undo would do: without blockers it is asked, with blockers they are shown.
pub fn told(state: &mut State, undo: UndoView) {
    state.ended(Slot::Undo);
    let blocked = undo.blocked > 0;
    if blocked {
        state.history.step = Step::Blockers;
        state.history.blocker = Cursor::default();
    } else if undo.is_empty() {
        let text = format!("{} left nothing that could be taken back.", undo.name);
        state.overlays.push(Overlay::Notice(Notice::new("Nothing to undo", &text)));
    }
    let ask = !blocked && !undo.is_empty();
    state.history.undo = Some(undo);
    if ask {
        confirm(state);
    }
}

fn confirm(state: &mut State) {
    let Some(undo) = &state.history.undo else { return };
    let mut text = counts_text(undo).join("\n");
    if undo.blocked > 0 {
        text.push_str(&format!("\n{} values stay as they are.", grouped(undo.blocked)));
    }
    text.push_str("\nThe undo is in the history and can itself be undone.");
    let title = format!("Undo {}?", undo.name);
    state.overlays.push(Overlay::Confirm(Confirm::new(Question::UndoAct, &title, &text)));
}

/// What an undo would change: a line for contacts, and one for organizations.
pub fn counts_text(undo: &UndoView) -> [String; 2] {
    [("Contacts", undo.contacts), ("Organizations", undo.organizations)].map(|(label, counts)| {
        let Counts { created, updated, deleted } = counts;
        let what = counted(&[(deleted, "removed"), (updated, "restored"), (created, "brought back")]);
        format!("{label}: {}.", if what.is_empty() { "none" } else { &what })
    })
}

/// The person said yes.
pub fn confirmed(state: &mut State) -> Vec<Effect> {
    let Some(undo) = state.history.undo.clone() else { return vec![] };
    vec![state.start(Job::History(HistoryJob::Undo(Box::new(undo))))]
}

/// Does an action on the blockers.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(undo) = &state.history.undo else { return vec![] };
    let total = undo.blockers.len();
    if state.history.blocker.step(action, total, rows(state.size)) {
        return vec![];
    }
    match action {
        Action::UndoRest if undo.is_empty() => {
            state.notice = Some("Nothing is left to undo: everything is blocked".to_owned());
        }
        Action::UndoRest => confirm(state),
        Action::Copy => {
            if let Some(blocker) = undo.blockers.get(state.history.blocker.selected).cloned() {
                return copy(state, &blocker);
            }
        }
        Action::Back => state.history.step = if state.history.records.is_some() { Step::Records } else { Step::Acts },
        _ => {}
    }
    vec![]
}

/// An act was taken back. The base has changed, so everything is loaded again.
pub fn done(state: &mut State, undo: &UndoView, by: u64) -> Vec<Effect> {
    state.ended(Slot::Undo);
    let mut text = counts_text(undo).join("\n");
    if undo.blocked > 0 {
        text.push_str(&format!("\n{} values were left as they are.", grouped(undo.blocked)));
    }
    text.push_str(&format!("\nTo have it back, undo {by}."));
    let title = format!("{} is undone", undo.name);
    state.overlays.push(Overlay::Notice(Notice::new(&title, &text)));
    let history = &mut state.history;
    (history.step, history.cursor, history.records, history.undo) = (Step::Acts, Cursor::default(), None, None);
    history.acts = None;
    vec![state.start(Job::History(HistoryJob::List))]
}
