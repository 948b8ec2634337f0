//! What a person does to the selected record besides typing: delete it, hand it over to imports, take back the last act.

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::job::edit::{EditJob, EditReport};
use crate::app::job::{Job, Slot};
use crate::app::overlay::{Confirm, Notice, Overlay, Question};
use crate::app::screen::browse::form;
use crate::app::screen::import::Step;
use crate::app::state::State;
use crate::flow::delete::Deletion;
use crate::model::fields::Entity;
use crate::model::text::{grouped, personal};
use crate::report::brief;

/// An act of this session that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The commit that did it.
    pub number: u64,
    /// What it was: `Kathryn Smith: saved`.
    pub what: String,
}

/// The acts of this session.
#[derive(Debug, Default)]
pub struct Hand {
    /// What can be undone, and what can be redone, the last one last. Redoing is undoing the undo.
    acts: [Vec<Act>; 2],
    /// What is asked about: a deletion, ...
    deletion: Option<Deletion>,
    /// ... or an organization, by its Account ID, that would be handed over.
    hand_over: Option<String>,
}

impl Hand {
    /// Whether an act of this session can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.acts[0].is_empty()
    }
}

/// Does an action on the selected record.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if state.running.iter().any(|(slot, _)| *slot == Slot::Edit) {
        return vec![];
    }
    let browse = &state.browse;
    let entity = browse.entity;
    match action {
        Action::Undo | Action::Redo => take_back(state, action == Action::Undo),
        Action::DeleteRecord => match browse.selected().map(|hit| hit.id.clone()) {
            Some(id) => vec![start(state, EditJob::AskDelete(entity, id))],
            None => vec![],
        },
        Action::HandOver => ask_hand_over(state),
        _ => vec![],
    }
}

/// Starts a job; one that writes waits while an import is being written, and says so.
pub fn start(state: &mut State, job: EditJob) -> Effect {
    let waits = state.import.step == Step::Commit && state.running.iter().any(|(slot, _)| *slot == Slot::Import);
    let writes = !matches!(job, EditJob::Review(_) | EditJob::AskDelete(..) | EditJob::Offer(_));
    let effect = state.start(Job::Edit(job));
    if waits
        && writes
        && let Some((_, progress)) = state.running.iter_mut().find(|(slot, _)| *slot == Slot::Edit)
    {
        progress.doing = "Waits until the import is written".to_owned();
    }
    effect
}

/// Something was done: it is said, and can be taken back.
pub fn done(state: &mut State, act: Act) {
    state.notice = Some(format!("{}. u takes it back", act.what));
    let [undo, redo] = &mut state.browse.hand.acts;
    undo.push(act);
    redo.clear();
}

/// Takes an answer in.
pub fn take(state: &mut State, report: EditReport) -> Vec<Effect> {
    if !matches!(report, EditReport::Offers(_)) {
        state.ended(Slot::Edit);
    }
    match report {
        EditReport::Offers(offers) => form::take_offers(state, offers),
        EditReport::Reviewed(review) => form::save::reviewed(state, *review),
        EditReport::Saved(saved) => return form::save::saved(state, *saved),
        EditReport::Asked(deletion, again) => ask_delete(state, deletion, again),
        EditReport::Deleted(number) => {
            let what = state.browse.hand.deletion.take().map(|deletion| deletion.name).unwrap_or_default();
            done(state, Act { number, what: format!("{}: deleted", personal(&what)) });
        }
        EditReport::HandedOver(None) => state.notice = Some("Imports may change it already".to_owned()),
        EditReport::HandedOver(Some(number)) => {
            done(state, Act { number, what: "Handed over: imports may change it now".to_owned() });
        }
        EditReport::TakenBack(number, result) => taken_back(state, number, result),
    }
    vec![]
}

fn ask_delete(state: &mut State, deletion: Deletion, again: bool) {
    let Deletion { entity, id, name, members, members_total, .. } = &deletion;
    let mut lines = Vec::new();
    if again {
        lines.push("The base has changed since you were asked; nothing was deleted yet.".to_owned());
    }
    lines.push(format!("{} ({id})", personal(name)));
    if *members_total > 0 {
        let more = members_total.saturating_sub(members.len() as u64);
        let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
        let who = if *members_total == 1 {
            "1 contact belongs"
        } else {
            &format!("{} contacts belong", grouped(*members_total))
        };
        lines.push(format!(
            "\n{who} to it: {}{more}. They stay, without an organization.",
            personal(&members.join(", "))
        ));
    }
    lines.push("\nImports will hold rows with this ID until you decide about them.".to_owned());
    let title = format!("Delete this {}?", entity.noun());
    state.overlays.push(Overlay::Confirm(Confirm::new(Question::Delete, &title, &lines.join("\n"))));
    state.browse.hand.deletion = Some(deletion);
}

fn ask_hand_over(state: &mut State) -> Vec<Effect> {
    let browse = &state.browse;
    let Some(hit) = browse.selected().filter(|hit| hit.record.manual && browse.entity == Entity::Organization) else {
        state.notice = Some("Only organizations that were made by hand can be handed over".to_owned());
        return vec![];
    };
    let name = personal(&brief::name(Entity::Organization, hit.record.values.view()));
    let id = hit.id.clone();
    let text = format!(
        "Files may then change {name} ({id}) and add members. Values that you typed stay until you accept a file's."
    );
    state.browse.hand.hand_over = Some(id);
    state.overlays.push(Overlay::Confirm(Confirm::new(Question::HandOver, "Hand over to imports?", &text)));
    vec![]
}

/// What a person said yes to.
pub fn confirmed(state: &mut State, question: Question) -> Vec<Effect> {
    let job = match question {
        Question::Delete => state.browse.hand.deletion.clone().map(EditJob::Delete),
        Question::HandOver => state.browse.hand.hand_over.take().map(EditJob::HandOver),
        _ => None,
    };
    job.map(|job| start(state, job)).into_iter().collect()
}

fn take_back(state: &mut State, undo: bool) -> Vec<Effect> {
    let Some(act) = state.browse.hand.acts[usize::from(!undo)].last() else {
        let what = if undo { "undo" } else { "redo" };
        state.notice = Some(format!("Nothing to {what} in this session; imports are undone in History"));
        return vec![];
    };
    let job = EditJob::TakeBack(act.number);
    vec![start(state, job)]
}

/// An act was taken back; so can be what took it back.
fn taken_back(state: &mut State, number: u64, result: Result<u64, String>) {
    let by = match result {
        Ok(by) => by,
        Err(why) => {
            state.overlays.push(Overlay::Notice(Notice::error("It cannot be taken back", &why)));
            return;
        }
    };
    let acts = &mut state.browse.hand.acts;
    let Some(side) = acts.iter().position(|side| side.last().is_some_and(|act| act.number == number)) else { return };
    if let Some(act) = acts[side].pop() {
        let word = if side == 0 { "Undone" } else { "Done again" };
        state.notice = Some(format!("{word}: {}", act.what));
        acts[1 - side].push(Act { number: by, ..act });
    }
}
