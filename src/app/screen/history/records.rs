//! The records of one act, old → new. Only those around the selection are here, however many the act changed.

use super::{Step, copy, undo};
use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::job::Job;
use crate::app::job::history::{ActView, HistoryJob, RecordRow, RecordsFound, RecordsWanted};
use crate::app::message::Size;
use crate::app::overlay::{Item, Overlay, Pick, Question};
use crate::app::state::State;
use crate::base::{Counts, Verb};
use crate::flow::history::State as Standing;
use crate::flow::records::Part;
use crate::model::fields::Entity;
use crate::model::text::grouped;

/// The state of the list.
#[derive(Debug)]
pub struct RecordsPane {
    /// The act.
    pub act: ActView,
    /// Which of its records are listed.
    pub part: Part,
    /// The records that are loaded; `None` until the first ones are.
    pub found: Option<RecordsFound>,
    /// The selected record.
    pub cursor: Cursor,
}

/// How many records are loaded at once.
const LOADED: usize = 120;

/// How many records are in view: all but tab bar, title, heads, rule, two lines about the selected one, rule and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(8).max(1)
}

impl RecordsPane {
    /// How many records there are.
    pub fn total(&self) -> usize {
        self.found.as_ref().map_or(0, |found| found.total)
    }

    /// A record by its number; `None` while it is not loaded.
    pub fn row(&self, number: usize) -> Option<&RecordRow> {
        let found = self.found.as_ref()?;
        found.rows.get(number.checked_sub(found.first)?)
    }

    /// Keeps the selection in view.
    pub fn resize(&mut self, size: Size) {
        self.cursor.reveal(self.total(), rows(size));
    }

    fn wanted(&self) -> RecordsWanted {
        let first = self.cursor.selected.saturating_sub(LOADED / 2);
        RecordsWanted { number: self.act.number, part: self.part, first, count: LOADED }
    }

    fn lacks_rows(&self, size: Size) -> bool {
        let window = self.cursor.window(self.total(), rows(size));
        !window.is_empty() && (self.row(window.start).is_none() || self.row(window.end - 1).is_none())
    }
}

/// The parts of an act that have records, with how many; of those changed since nobody knows before looking.
pub fn parts(act: &ActView) -> Vec<(Part, Option<u64>)> {
    let entities = [(Entity::Contact, act.contacts), (Entity::Organization, act.organizations)];
    let of = |(entity, counts): (Entity, Counts)| {
        let Counts { created, updated, deleted } = counts;
        Verb::ALL.into_iter().zip([created, updated, deleted]).map(move |(verb, n)| (Part::Of(entity, verb), Some(n)))
    };
    let some: Vec<_> = entities.into_iter().flat_map(of).filter(|(_, count)| *count != Some(0)).collect();
    let all = some.iter().filter_map(|(_, count)| *count).sum();
    [(Part::Everything, Some(all))].into_iter().chain(some).chain([(Part::ChangedSince, None)]).collect()
}

/// A part in words.
pub fn part_words(part: Part) -> String {
    match part {
        Part::Everything => "all records".to_owned(),
        Part::Of(entity, verb) => format!("{}s {}", entity.noun(), verb.word()),
        Part::ChangedSince => "changed again since".to_owned(),
    }
}

/// Opens the records of an act.
pub fn enter(state: &mut State, act: &ActView) -> Vec<Effect> {
    if act.state == Standing::TooOld {
        state.notice = Some(format!("What {} changed is not kept any more", act.name));
        return vec![];
    }
    if [act.contacts, act.organizations] == [Counts::default(); 2] {
        state.notice = Some(format!("{} changed no record", act.name));
        return vec![];
    }
    open(state, act.clone(), Part::Everything)
}

fn open(state: &mut State, act: ActView, part: Part) -> Vec<Effect> {
    let pane = RecordsPane { act, part, found: None, cursor: Cursor::default() };
    let wanted = pane.wanted();
    state.history.records = Some(pane);
    state.history.step = Step::Records;
    vec![state.start(Job::History(HistoryJob::Records(wanted)))]
}

/// Takes records in.
pub fn take(state: &mut State, found: RecordsFound) {
    let pane = state.history.records.as_mut();
    if let Some(pane) = pane.filter(|pane| (pane.act.number, pane.part) == (found.number, found.part)) {
        pane.found = Some(found);
        pane.resize(state.size);
    }
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(pane) = &mut state.history.records else { return vec![] };
    if pane.cursor.step(action, pane.total(), rows(state.size)) {
        if !pane.lacks_rows(state.size) {
            return vec![];
        }
        let wanted = pane.wanted();
        return vec![state.start(Job::History(HistoryJob::Records(wanted)))];
    }
    let act = pane.act.clone();
    let selected = pane.row(pane.cursor.selected).cloned();
    match (action, selected) {
        (Action::Open, Some(row)) => {
            let RecordRow { entity, id, .. } = row;
            vec![state.start(Job::History(HistoryJob::Story { number: act.number, entity, id }))]
        }
        (Action::Copy, Some(row)) => copy(state, &row.cells),
        (Action::FilterRecords, _) => ask_part(state, &act),
        (Action::UndoAct, _) => undo::ask(state, &act),
        (Action::Back, _) => {
            (state.history.step, state.history.records) = (Step::Acts, None);
            vec![]
        }
        _ => vec![],
    }
}

fn ask_part(state: &mut State, act: &ActView) -> Vec<Effect> {
    let item = |(part, count): (Part, Option<u64>)| Item {
        label: part_words(part),
        about: count.map(grouped).unwrap_or_default(),
    };
    let items = parts(act).into_iter().map(item).collect();
    state.overlays.push(Overlay::Pick(Pick::new(Question::Part, &format!("Which records of {}?", act.name), items)));
    vec![]
}

/// A part was chosen.
pub fn part_chosen(state: &mut State, item: usize) -> Vec<Effect> {
    let Some(act) = state.history.records.as_ref().map(|pane| pane.act.clone()) else { return vec![] };
    match parts(&act).get(item).copied() {
        Some((part, _)) => open(state, act, part),
        None => vec![],
    }
}
