//! The draft of the import: everything that is said goes there at once, and the next start goes on from it.

use std::path::Path;

use super::{Import, Step, columns, conflicts};
use crate::app::effect::Effect;
use crate::app::job::Job;
use crate::app::job::draft::{DraftJob, DraftReport};
use crate::app::job::import::{Ask, Settings};
use crate::app::overlay::{Confirm, Item, Notice, Overlay, Pick, Question};
use crate::app::screen::Screen;
use crate::app::state::State;
use crate::flow::draft::Offer;
use crate::home::draft::{self, Entry, Taken};
use crate::model::text::grouped;

/// How it stands with the draft of the import.
#[derive(Debug, Default)]
pub struct Draft {
    /// Whether there is one: it begins with the first thing that a person says or asks for.
    pub begun: bool,
    /// Whether all of it is on the disk.
    pub saved: Saved,
    /// The step that it was told last.
    at: draft::Step,
    /// The step to go on to, as long as the way there is not done.
    going_on: Option<draft::Step>,
    /// The drafts that can be gone on with, while one is chosen.
    offers: Vec<Offer>,
}

/// Whether a draft is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Saved {
    /// Written, and on its way to the disk: it survives the end of the program, but not that of the machine.
    #[default]
    Written,
    /// On the disk.
    Saved,
    /// The disk refused it.
    Failed,
}

/// Keeps an entry; the first one begins the draft.
pub fn keep(state: &mut State, entry: Entry) -> Vec<Effect> {
    let import = &mut state.import;
    let Some(ask) = &import.ask else { return vec![] };
    let begins = !std::mem::replace(&mut import.draft.begun, true);
    if let Entry::At(at) = entry {
        import.draft.at = at;
    }
    let is_taken = matches!(entry, Entry::Taken(_));
    let first = (begins && !is_taken).then(|| Entry::Taken(taken(ask)));
    let entries = first.into_iter().chain([entry]).collect();
    // One that failed is tried again with the next entry, and says so when it has caught up.
    if import.draft.saved == Saved::Saved {
        import.draft.saved = Saved::Written;
    }
    let kept = Effect::Keep { file: ask.path.clone(), begins, entries };
    vec![kept, state.start(Job::Draft(DraftJob::Sync))]
}

/// Tells the draft how the file is taken from now on.
pub fn keep_taken(state: &mut State, ask: &Ask) -> Vec<Effect> {
    keep(state, Entry::Taken(taken(ask)))
}

/// Tells the draft where the person is, if that has changed.
pub fn follow(state: &mut State) -> Vec<Effect> {
    let at = match state.import.step {
        Step::Choose | Step::Result => return vec![],
        Step::Columns => draft::Step::Columns,
        Step::Check | Step::Review | Step::Rows | Step::Doubts | Step::Commit => draft::Step::Review,
        Step::Conflicts => draft::Step::Conflicts,
    };
    let draft = &state.import.draft;
    // On the way to where the person was, the draft still says where that is.
    let is_new = draft.begun && draft.going_on.is_none() && draft.at != at;
    if is_new { keep(state, Entry::At(at)) } else { vec![] }
}

fn taken(ask: &Ask) -> Taken {
    let settings = ask.settings.clone().map(|settings| (settings.reading, settings.merging));
    Taken { source: ask.source.clone(), map: ask.map.clone(), settings }
}

/// The draft could not be saved: said once, and seen in the head of the step until it is.
pub fn failed(state: &mut State, why: &str) {
    if std::mem::replace(&mut state.import.draft.saved, Saved::Failed) != Saved::Failed {
        let text = format!("{why}\nYou can go on; what you say is kept as soon as the disk takes it.");
        state.overlays.push(Overlay::Notice(Notice::error("The draft of this import is not saved", &text)));
    }
}

/// How many decisions and corrections would be lost if the program ended now.
pub fn unsaved(import: &Import) -> usize {
    let decisions = import.timeline.decisions();
    let said = decisions.choices.len() + decisions.consents.len() + decisions.corrections.len();
    if import.draft.saved == Saved::Failed { said } else { 0 }
}

/// What is lost with decisions that could not be saved.
pub fn loss(unsaved: usize) -> String {
    let what = if unsaved == 1 { "1 decision".to_owned() } else { format!("{unsaved} decisions") };
    format!("{what} about the file of the import could not be saved and would be lost.")
}

/// Says that the import is kept, if there is one that is left.
pub fn leave(state: &mut State) {
    let import = &state.import;
    let done = matches!(import.step, Step::Result | Step::Check | Step::Commit);
    if import.draft.begun && !done && import.draft.saved != Saved::Failed {
        let name = import.file.as_ref().map_or("The import", |file| file.name.as_str());
        state.notice = Some(format!("{name} is kept as a draft"));
    }
}

/// Lists the drafts.
pub fn list(state: &mut State, asked: bool) -> Vec<Effect> {
    vec![state.start(Job::Draft(DraftJob::List { asked }))]
}

/// Takes an answer in.
pub fn take(state: &mut State, report: DraftReport) -> Vec<Effect> {
    match report {
        DraftReport::Saved => state.import.draft.saved = Saved::Saved,
        DraftReport::ThrownAway => state.notice = Some("The draft is thrown away".to_owned()),
        DraftReport::GoneOn(draft) => return go_on(state, *draft),
        DraftReport::Offers(offers, asked) => {
            if asked && offers.is_empty() {
                let text = match state.import.draft.begun {
                    true => "There is no other unfinished import; 2 goes on with the present one",
                    false => "There is no unfinished import",
                };
                state.notice = Some(text.to_owned());
            }
            let busy = !asked && (!state.overlays.is_empty() || state.import.ask.is_some());
            if !busy && !offers.is_empty() {
                offer(state, offers);
            }
        }
    }
    vec![]
}

/// Offers drafts to go on with.
pub fn offer(state: &mut State, offers: Vec<Offer>) {
    state.import.draft.offers = offers;
    match state.import.draft.offers.as_slice() {
        [_] => offer_one(state, 0),
        offers => {
            let item = |offer: &Offer| Item { label: name(&offer.file), about: about(offer) };
            let items = offers.iter().map(item).collect();
            let mut pick = Pick::new(Question::Drafts, "Imports that are not finished", items);
            pick.text = "Esc leaves them for later.".to_owned();
            state.overlays.push(Overlay::Pick(pick));
        }
    }
}

/// What can be done with a draft.
const GO_ON: &str = "Go on exactly there";
const LATER: &str = "Leave it for later";
const THROW_AWAY: &str = "Throw it away";

fn choices(offer: &Offer) -> Vec<&'static str> {
    let go_on = offer.obstacle.is_none().then_some(GO_ON);
    go_on.into_iter().chain([LATER, THROW_AWAY]).collect()
}

fn offer_one(state: &mut State, number: usize) {
    let Some(offer) = state.import.draft.offers.get(number) else { return };
    let items = choices(offer).into_iter().map(|label| Item { label: label.to_owned(), about: String::new() });
    let mut pick = Pick::new(Question::Draft(number), "An import is not finished", items.collect());
    pick.text = format!("{}: {}.", name(&offer.file), about(offer));
    if let Some(obstacle) = &offer.obstacle {
        pick.text.push_str(&format!("\nIt cannot go on: {obstacle}."));
    }
    state.overlays.push(Overlay::Pick(pick));
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

/// What a draft holds, and when it was left.
fn about(offer: &Offer) -> String {
    let mut parts = Vec::new();
    match (offer.decided, offer.conflicts) {
        (0, 0) => {}
        (decided, 0) => parts.push(format!("{} decided", grouped(decided as u64))),
        (decided, all) => parts.push(format!("{} of {} decided", grouped(decided as u64), grouped(all as u64))),
    }
    match offer.corrected {
        0 => {}
        1 => parts.push("1 row corrected".to_owned()),
        rows => parts.push(format!("{} rows corrected", grouped(rows as u64))),
    }
    if !offer.left.is_empty() {
        parts.push(format!("left {}", offer.left));
    }
    parts.join(", ")
}

/// One of several drafts was chosen.
pub fn chosen(state: &mut State, item: usize) -> Vec<Effect> {
    offer_one(state, item);
    vec![]
}

/// What to do with a draft was chosen.
pub fn answered(state: &mut State, number: usize, item: usize) -> Vec<Effect> {
    let Some(offer) = state.import.draft.offers.get(number).cloned() else { return vec![] };
    match choices(&offer).get(item).copied() {
        Some(GO_ON) => return vec![state.start(Job::Draft(DraftJob::GoOn(offer.path)))],
        Some(THROW_AWAY) => {
            let mut lost = about(&offer);
            lost.push_str(".\nThat is lost; the file and the base stay as they are.");
            let confirm = Confirm::new(Question::ThrowAway(number), "Throw the draft away?", &lost);
            state.overlays.push(Overlay::Confirm(confirm));
        }
        _ => {}
    }
    vec![]
}

/// A draft shall be thrown away.
pub fn throw_away(state: &mut State, number: usize) -> Vec<Effect> {
    let Some(path) = state.import.draft.offers.get(number).map(|offer| offer.path.clone()) else { return vec![] };
    vec![state.start(Job::Draft(DraftJob::ThrowAway(path)))]
}

/// Goes on where the draft was left: opens the file, checks it again, and goes to the step.
fn go_on(state: &mut State, left: draft::Draft) -> Vec<Effect> {
    let Taken { source, map, settings } = left.taken;
    let settings = settings.map(|(reading, merging)| Settings { reading, merging });
    let ask = Ask { path: left.file, source, map, settings };
    let choose = std::mem::take(&mut state.import.choose);
    let draft = Draft { begun: true, saved: Saved::Saved, at: left.at, going_on: Some(left.at), ..Draft::default() };
    state.screen = Screen::Import;
    state.import = Import { choose, step: Step::Columns, timeline: left.timeline, draft, ..Import::default() };
    super::open(state, ask)
}

/// The file is open: goes on to the check, if that is where the person was.
pub fn opened(state: &mut State) -> Vec<Effect> {
    match state.import.draft.going_on {
        Some(at) if at > draft::Step::Columns && !state.import.has_questions() => columns::check(state),
        Some(_) => {
            state.import.draft.going_on = None;
            state.notice = Some("Back where you were".to_owned());
            vec![]
        }
        None => vec![],
    }
}

/// The file is checked: goes on to the conflicts, if that is where the person was, and says what has changed.
pub fn checked(state: &mut State) -> Vec<Effect> {
    let Some(at) = state.import.draft.going_on.take() else { return vec![] };
    let since = state.import.review.as_ref().and_then(|review| review.since.clone());
    let effects = match at {
        draft::Step::Conflicts if state.import.conflicts.open() > 0 => conflicts::enter(state),
        _ => vec![],
    };
    state.notice = Some(since.unwrap_or_else(|| "Back where you were".to_owned()));
    effects
}

/// The way to where the person was could not be gone.
pub fn stopped(import: &mut Import) {
    import.draft.going_on = None;
}
