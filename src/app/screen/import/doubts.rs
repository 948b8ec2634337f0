//! What needs a person's consent though no rows disagree: hand edits against the file (R14), another person under a stored
//! Contact ID (R15), records deleted by hand (R28). Each has two answers, and one that holds if nobody says anything.

use std::collections::BTreeSet;

use super::{Step, review, said};
use crate::app::action::{Action, Context};
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::job::doubt::{DoubtField, DoubtJob, DoubtReport, DoubtView};
use crate::app::job::{Job, Slot};
use crate::app::message::Size;
use crate::app::overlay::{Item, Notice, Overlay, Pick, Question};
use crate::app::state::State;
use crate::model::text::{grouped, personal, told};
use crate::reconcile::conflict::Fingerprint;
use crate::reconcile::decision::{Consent, Decisions, Subject};
use crate::reconcile::doubt::DoubtKind;
use crate::reconcile::timeline::Said;

/// The doubts of one kind.
#[derive(Debug)]
pub struct DoubtsPane {
    /// The kind.
    pub kind: DoubtKind,
    /// How many there are.
    pub total: usize,
    /// Those that are loaded, from a number on.
    pub found: (usize, Vec<DoubtView>),
    /// The selected one.
    pub cursor: Cursor,
    /// Marked ones.
    pub marked: BTreeSet<usize>,
    /// Answers given while the doubts were still loading: they are taken when these are there.
    ahead: Vec<Consent>,
}

/// The state of the step.
#[derive(Debug, Default)]
pub struct Doubts {
    /// What is shown.
    pub pane: Option<DoubtsPane>,
}

/// How many are loaded at once, and how many answers wait at most for those that are loading.
const LOADED: usize = 120;
const AHEAD: usize = 8;

/// How many lines the details of the selected one have.
pub fn detail_rows(size: Size) -> usize {
    (usize::from(size.height) / 3).clamp(4, 30)
}

/// How many are in view: all but tab bar, title, heads, a rule, the details, hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(5 + detail_rows(size)).max(1)
}

impl DoubtsPane {
    /// A doubt by its number; `None` while it is not loaded.
    pub fn view(&self, number: usize) -> Option<&DoubtView> {
        self.found.1.get(number.checked_sub(self.found.0)?)
    }

    /// The selected doubt.
    pub fn selected(&self) -> Option<&DoubtView> {
        self.view(self.cursor.selected)
    }

    /// The contexts of its kind.
    pub fn contexts(&self) -> &'static [Context] {
        match self.kind {
            DoubtKind::HandEdit => &[Context::HandEdits, Context::List, Context::Everywhere],
            DoubtKind::DifferentPerson => &[Context::Persons, Context::List, Context::Everywhere],
            DoubtKind::DeletedByHand => &[Context::Deleted, Context::List, Context::Everywhere],
        }
    }

    /// The hints of its kind.
    pub fn hints(&self) -> &'static [Action] {
        use Action::*;
        match self.kind {
            DoubtKind::HandEdit => &[TakeFile, KeepHand, Mark, ApplyPolicy, Undo, Open, Back, Help],
            DoubtKind::DifferentPerson => &[SamePerson, OtherPerson, Mark, ApplyPolicy, Undo, Open, Back, Help],
            DoubtKind::DeletedByHand => &[CreateAgain, StayDeleted, Mark, ApplyPolicy, Undo, Open, Back, Help],
        }
    }

    fn load(&self) -> Job {
        let first = self.cursor.selected.saturating_sub(LOADED / 2);
        Job::Doubt(DoubtJob::Load { kind: self.kind, first, count: LOADED })
    }

    fn lacks_rows(&self, size: Size) -> bool {
        let window = self.cursor.window(self.total, rows(size));
        !window.is_empty() && (self.view(window.start).is_none() || self.view(window.end - 1).is_none())
    }
}

impl Doubts {
    /// Keeps the selection in view.
    pub fn resize(&mut self, size: Size) {
        self.pane.iter_mut().for_each(|pane| pane.cursor.reveal(pane.total, rows(size)));
    }
}

/// What a person said to a doubt; `None` if nothing.
pub fn consent_to(decisions: &Decisions, view: &DoubtView) -> Option<Consent> {
    decisions.consent(&view.subject, view.fingerprint)
}

/// The doubts of a kind in words.
pub fn kind_words(kind: DoubtKind) -> &'static str {
    match kind {
        DoubtKind::DifferentPerson => "different persons",
        DoubtKind::DeletedByHand => "deleted by hand",
        DoubtKind::HandEdit => "hand edits",
    }
}

/// A consent in words: what happens by it.
pub fn consent_words(consent: Consent) -> &'static str {
    match consent {
        Consent::SamePerson => "the same person: import",
        Consent::OtherPerson => "another person: hold back",
        Consent::CreateAgain => "create again",
        Consent::StayDeleted => "stay deleted",
        Consent::TakeFile => "take the file's value",
        Consent::KeepHand => "keep what was set by hand",
    }
}

/// Opens the doubts of a kind.
pub fn enter(state: &mut State, kind: DoubtKind) -> Vec<Effect> {
    // The numbers of the doubts are those of the plan, which is being made again.
    if counting(state) {
        state.notice = Some("Still counting; a moment".to_owned());
        return vec![];
    }
    let counted = state.import.review.iter().flat_map(|review| &review.doubts).find(|(of, ..)| *of == kind);
    let total = counted.map_or(0, |(_, count, _)| usize::try_from(*count).unwrap_or(usize::MAX));
    if total == 0 {
        state.notice = Some(format!("There are no {}", kind_words(kind)));
        return vec![];
    }
    let pane = DoubtsPane {
        kind,
        total,
        found: Default::default(),
        cursor: Cursor::default(),
        marked: BTreeSet::new(),
        ahead: Vec::new(),
    };
    let job = pane.load();
    state.import.doubts.pane = Some(pane);
    state.import.step = Step::Doubts;
    vec![state.start(job)]
}

/// Takes an answer in.
pub fn take(state: &mut State, report: DoubtReport) -> Vec<Effect> {
    match report {
        DoubtReport::Found(kind, first, views) => {
            if let Some(pane) = state.import.doubts.pane.as_mut().filter(|pane| pane.kind == kind) {
                pane.found = (first, views);
                let ahead = std::mem::take(&mut pane.ahead);
                return ahead.into_iter().flat_map(|consent| answer(state, consent)).collect();
            }
        }
        DoubtReport::Settled(consent, settled) => {
            state.ended(Slot::Import);
            let count = settled.len() as u64;
            let effects = give(state, settled, consent);
            state.import.doubts.pane.iter_mut().for_each(|pane| pane.marked.clear());
            let what = consent_words(consent);
            state.notice = Some(format!("{} answered: {what}; u takes it back", grouped(count)));
            return effects;
        }
    }
    vec![]
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let size = state.size;
    let Some(pane) = &mut state.import.doubts.pane else { return vec![] };
    if pane.cursor.step(action, pane.total, rows(size)) {
        return load(state);
    }
    let answers = pane.kind.answers();
    match action {
        Action::TakeFile | Action::SamePerson | Action::CreateAgain => answer(state, answers[0]),
        Action::KeepHand | Action::OtherPerson | Action::StayDeleted => answer(state, answers[1]),
        Action::ApplyPolicy => ask_many(state),
        Action::Mark => {
            let number = pane.cursor.selected;
            if !pane.marked.remove(&number) {
                pane.marked.insert(number);
            }
            next(state)
        }
        Action::Open => open(state),
        Action::Copy => {
            let Some(view) = pane.selected() else { return vec![] };
            let text = lines(view).join("\n");
            state.overlays.push(Overlay::Notice(Notice::new("Sent to the terminal's clipboard", &text)));
            vec![Effect::Copy(told(&text).into_owned())]
        }
        Action::Undo | Action::Redo => said::turn(state, action == Action::Undo),
        Action::Back => back(state),
        _ => vec![],
    }
}

fn load(state: &mut State) -> Vec<Effect> {
    let Some(pane) = state.import.doubts.pane.as_ref().filter(|pane| pane.lacks_rows(state.size)) else {
        return vec![];
    };
    let job = pane.load();
    vec![state.start(job)]
}

/// Goes one row down.
fn next(state: &mut State) -> Vec<Effect> {
    let size = state.size;
    if let Some(pane) = &mut state.import.doubts.pane {
        pane.cursor.step(Action::Down, pane.total, rows(size));
    }
    load(state)
}

/// Answers the selected doubt and goes to the next.
fn answer(state: &mut State, consent: Consent) -> Vec<Effect> {
    let Some(pane) = &mut state.import.doubts.pane else { return vec![] };
    let Some(view) = pane.selected() else {
        if pane.ahead.len() < AHEAD {
            pane.ahead.push(consent);
        }
        return vec![];
    };
    let (subject, fingerprint) = (view.subject.clone(), view.fingerprint);
    state.notice = Some(format!("{}: {}", subject.id, consent_words(consent)));
    let mut effects = give(state, vec![(subject, fingerprint)], consent);
    effects.extend(next(state));
    effects
}

/// Gives a consent, as one step to be undone.
fn give(state: &mut State, settled: Vec<(Subject, Fingerprint)>, consent: Consent) -> Vec<Effect> {
    let consents = settled.into_iter().map(|(subject, about)| Said::Consent(subject, Some((about, consent))));
    let step = consents.collect();
    said::say(state, step)
}

/// The ways to answer many at once: the marked ones if there are any, and all.
fn ways(pane: &DoubtsPane) -> Vec<(Consent, Option<Vec<usize>>)> {
    let marked = (!pane.marked.is_empty()).then(|| pane.marked.iter().copied().collect::<Vec<_>>());
    let among = marked.into_iter().map(Some).chain([None]);
    among.flat_map(|numbers| pane.kind.answers().map(|consent| (consent, numbers.clone()))).collect()
}

fn ask_many(state: &mut State) -> Vec<Effect> {
    let Some(pane) = &state.import.doubts.pane else { return vec![] };
    let item = |(consent, numbers): (Consent, Option<Vec<usize>>)| {
        let (which, count) = match &numbers {
            Some(numbers) => ("marked", numbers.len()),
            None => ("all", pane.total),
        };
        Item {
            label: format!("{which}: {}", consent_words(consent)),
            about: format!("answers {} of {}", grouped(count as u64), grouped(pane.total as u64)),
        }
    };
    let items = ways(pane).into_iter().map(item).collect();
    state.overlays.push(Overlay::Pick(Pick::new(Question::Consent, "Answer many at once", items)));
    vec![]
}

/// A way to answer many was chosen.
pub fn chosen(state: &mut State, item: usize) -> Vec<Effect> {
    let Some(pane) = &state.import.doubts.pane else { return vec![] };
    let Some((consent, numbers)) = ways(pane).into_iter().nth(item) else { return vec![] };
    let job = DoubtJob::Settle(pane.kind, consent, numbers);
    vec![state.start(Job::Doubt(job))]
}

/// Shows the selected doubt whole.
fn open(state: &mut State) -> Vec<Effect> {
    let Some(view) = state.import.doubts.pane.as_ref().and_then(DoubtsPane::selected) else { return vec![] };
    let title = format!("{} {}", view.subject.id, personal(&view.stored_name));
    let notice = Notice::new(title.trim(), &lines(view).join("\n"));
    state.overlays.push(Overlay::Notice(notice));
    vec![]
}

/// A doubt in lines: each field with what the base holds and what the file says.
fn lines(view: &DoubtView) -> Vec<String> {
    let text = |value: &Option<String>| value.as_ref().map_or_else(|| "(empty)".to_owned(), |value| personal(value));
    let line = |field: &DoubtField| {
        let last = field.last.as_ref().map(|last| format!("last from a file {}; ", personal(last))).unwrap_or_default();
        match field.differs {
            true => {
                format!("{}: {last}in the base {}; in the file {}", field.label, text(&field.stored), text(&field.file))
            }
            false => format!("{}: {}", field.label, text(&field.stored)),
        }
    };
    let rows = if view.rows > 1 { format!(" and {} more", grouped(u64::from(view.rows) - 1)) } else { String::new() };
    [format!("Line {}{rows} of the file", view.row.1)].into_iter().chain(view.fields.iter().map(line)).collect()
}

/// Esc: to the review, which counts again if something was answered.
fn back(state: &mut State) -> Vec<Effect> {
    state.import.step = Step::Review;
    if state.import.stale && !counting(state) { review::count_again(state) } else { vec![] }
}

/// Whether the plan is being made again.
fn counting(state: &State) -> bool {
    state.running.iter().any(|(slot, _)| *slot == Slot::Import)
}
