//! Rows that disagree: the list of conflicts and the fields of the selected one. Decisions are made in [`super::decide`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Step, decide, policy, review};
use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::job::conflict::{ConflictJob, ConflictName, ConflictView, FieldView, Offer};
use crate::app::job::import::Standing;
use crate::app::job::{Job, Slot};
use crate::app::key::{Code, Key};
use crate::app::message::Size;
use crate::app::overlay::{Notice, Overlay};
use crate::app::state::State;
use crate::model::fields::{Entity, FieldId};
use crate::model::record::Value;
use crate::model::text::personal;
use crate::reconcile::decision::Pick;
use crate::reconcile::timeline::Said;

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list: Up and Down move through conflicts.
    #[default]
    List,
    /// The matrix: Up and Down move through fields.
    Fields,
}

/// The state of the step.
#[derive(Debug, Default)]
pub struct Conflicts {
    /// Every conflict of the plan.
    pub standing: Vec<Standing>,
    /// The names that are loaded: the first conflict's number, and from there on.
    pub names: (usize, Vec<ConflictName>),
    /// The selected conflict.
    pub cursor: Cursor,
    /// Marked conflicts.
    pub marked: BTreeSet<usize>,
    /// What has the focus.
    pub focus: Focus,
    /// The column that the person is on: a variant, or behind the last one what the base holds.
    pub column: usize,
    /// The selected field.
    pub field: usize,
    /// Whether fields are shown in which the variants agree.
    pub equal: bool,
    /// Picks field by field, while a decision is made that way.
    pub picks: Option<BTreeMap<FieldId, Pick>>,
    /// What policies would settle, while one is chosen.
    pub offers: Vec<Offer>,
    /// Keys pressed while the conflict was still loading: they are done when it is there.
    pub(super) ahead: Vec<(Action, Key)>,
    views: Vec<ConflictView>,
}

/// How many conflicts are kept whole, and how many names are loaded at once.
const KEPT: usize = 64;
/// How many keys wait at most for a conflict that is loading.
const AHEAD: usize = 8;
const NAMED: usize = 120;
/// From this width on the list stands beside the fields; below, it is one line.
const WITH_LIST: u16 = 70;

/// How many conflicts of the list are in view.
pub fn rows(size: Size) -> usize {
    if size.width < WITH_LIST { 1 } else { usize::from(size.height).saturating_sub(7).max(1) }
}

/// Whether the list stands beside the fields.
pub fn has_list(size: Size) -> bool {
    size.width >= WITH_LIST
}

impl Conflicts {
    /// How many are decided.
    pub fn decided(&self) -> usize {
        self.standing.iter().filter(|standing| standing.decided).count()
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.standing.len() - self.decided()
    }

    /// The selected conflict, if it is loaded with the variant that the person is on.
    pub fn view(&self) -> Option<&ConflictView> {
        let near = |view: &&ConflictView| {
            let end = view.first + view.window.len();
            view.number == self.cursor.selected
                && ((view.first..end).contains(&self.column) || (self.column >= view.variants && view.first == 0))
        };
        self.views.iter().find(near)
    }

    /// The name of a conflict, if it is loaded.
    pub fn name(&self, number: usize) -> Option<&ConflictName> {
        self.names.1.get(number.checked_sub(self.names.0)?)
    }

    /// The number of the conflict that something was said about.
    pub(super) fn number_of(&self, said: &Said) -> Option<usize> {
        let Said::Choice(entity, id, _) = said else { return None };
        // As in the plan: organizations first, then by ID.
        let order = |entity: Entity| usize::from(entity == Entity::Contact);
        let wanted = (order(*entity), id.as_str());
        self.standing.binary_search_by(|s| (order(s.entity), s.id.as_str()).cmp(&wanted)).ok()
    }

    /// The fields in view, and the selected one among them.
    pub fn fields<'a>(&self, view: &'a ConflictView) -> (Vec<&'a FieldView>, usize) {
        let fields: Vec<&FieldView> = view.fields.iter().filter(|f| self.equal || f.class.is_some()).collect();
        let selected = self.field.min(fields.len().saturating_sub(1));
        (fields, selected)
    }

    /// Whether the person is on what the base holds.
    pub fn on_base(&self) -> bool {
        self.view().is_some_and(|view| self.column >= view.variants)
    }

    /// Keeps a loaded conflict for coming back to it.
    pub(super) fn keep(&mut self, view: ConflictView) {
        self.views.retain(|known| (known.number, known.first) != (view.number, view.first));
        self.views.insert(0, view);
        self.views.truncate(KEPT);
    }

    /// Takes over how it stands after a plan was made. If the conflicts are others, what is known of them is forgotten,
    /// and the person stays on the same one.
    pub(super) fn stands(&mut self, standing: &[Standing]) {
        let same = |(a, b): (&Standing, &Standing)| (a.entity, &a.id) == (b.entity, &b.id);
        let is_same = self.standing.len() == standing.len() && self.standing.iter().zip(standing).all(same);
        let here = self.standing.get(self.cursor.selected).cloned();
        if !is_same {
            self.forget_plan();
        }
        self.standing = standing.to_vec();
        if !is_same {
            let here = here.and_then(|here| self.number_of(&Said::Choice(here.entity, here.id, None)));
            self.cursor.selected = here.unwrap_or(0);
        }
    }

    /// Forgets what belongs to a plan that does not hold any more.
    pub(super) fn forget_plan(&mut self) {
        *self = Conflicts { equal: self.equal, ..Conflicts::default() };
    }

    /// The next open conflict from here, round the end of the list; `None` if all are decided.
    pub(super) fn next_open(&self, back: bool) -> Option<usize> {
        let (count, here) = (self.standing.len(), self.cursor.selected);
        let steps = 1..=count;
        let place = |step: usize| if back { (here + count - step % count) % count } else { (here + step) % count };
        steps.map(place).find(|number| !self.standing[*number].decided)
    }

    /// Selects a conflict; the focus begins on its first variant and field.
    pub(super) fn select(&mut self, number: usize, size: Size) {
        if number != self.cursor.selected {
            (self.column, self.field, self.picks) = (0, 0, None);
            self.focus = Focus::List;
        }
        self.cursor.selected = number;
        self.cursor.reveal(self.standing.len(), rows(size));
    }

    /// Keeps the selection in view.
    pub fn resize(&mut self, size: Size) {
        self.cursor.reveal(self.standing.len(), rows(size));
    }
}

/// Opens the conflicts, on the first open one.
pub fn enter(state: &mut State) -> Vec<Effect> {
    let conflicts = &mut state.import.conflicts;
    if conflicts.standing.is_empty() {
        state.notice = Some("No rows disagree".to_owned());
        return vec![];
    }
    let selected = conflicts.cursor.selected.min(conflicts.standing.len() - 1);
    let here_open = !conflicts.standing[selected].decided;
    let target = if here_open { selected } else { conflicts.next_open(false).unwrap_or(selected) };
    conflicts.select(target, state.size);
    state.import.step = Step::Conflicts;
    load(state)
}

/// Loads what is in view and not here yet.
pub(super) fn load(state: &mut State) -> Vec<Effect> {
    let conflicts = &state.import.conflicts;
    let mut jobs = Vec::new();
    let window = conflicts.cursor.window(conflicts.standing.len(), rows(state.size));
    let lacks = |number: usize| conflicts.name(number).is_none();
    if !window.is_empty() && (lacks(window.start) || lacks(window.end - 1)) {
        jobs.push(ConflictJob::Names { first: window.start.saturating_sub(NAMED / 3), count: NAMED });
    }
    if conflicts.view().is_none() && !conflicts.standing.is_empty() {
        let known = conflicts.views.iter().find(|view| view.number == conflicts.cursor.selected);
        let beyond = known.is_some_and(|view| conflicts.column >= view.variants);
        let first = if beyond { 0 } else { conflicts.column.saturating_sub(8) };
        jobs.push(ConflictJob::Load { number: conflicts.cursor.selected, first });
    }
    jobs.into_iter().map(|job| state.start(Job::Conflict(job))).collect()
}

/// Whether an action needs to know the selected conflict.
fn needs_view(action: Action) -> bool {
    use Action::*;
    matches!(
        action,
        TakeVariant | KeepBase | HoldBack | TakeSuggestion | PickFields | TypeValue | VariantRight | VariantJump
    )
}

/// Does what was pressed while the conflict was loading, as far as it is there now.
pub(super) fn replay(state: &mut State) -> Vec<Effect> {
    if state.import.step != Step::Conflicts || !state.overlays.is_empty() {
        state.import.conflicts.ahead.clear();
    }
    let ahead = std::mem::take(&mut state.import.conflicts.ahead);
    ahead.into_iter().flat_map(|(action, key)| act(state, action, key)).collect()
}

/// Does an action.
pub fn act(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    let size = state.size;
    let conflicts = &mut state.import.conflicts;
    let loading = conflicts.view().is_none();
    if loading && needs_view(action) {
        if conflicts.ahead.len() < AHEAD {
            conflicts.ahead.push((action, key));
        }
        return vec![];
    }
    // Another key after those means that the person has seen that they wait.
    conflicts.ahead.clear();
    let mut cursor = conflicts.cursor;
    if conflicts.focus == Focus::Fields && moves(conflicts, action) {
        return vec![];
    }
    if conflicts.focus == Focus::List && cursor.step(action, conflicts.standing.len(), rows(size)) {
        conflicts.select(cursor.selected, size);
        return load(state);
    }
    match action {
        Action::VariantLeft | Action::VariantRight | Action::VariantJump => return go_to_column(state, action, key),
        Action::NextOpen | Action::PreviousOpen => match conflicts.next_open(action == Action::PreviousOpen) {
            Some(number) => conflicts.select(number, size),
            None => state.notice = Some("All conflicts are decided".to_owned()),
        },
        Action::NextPane | Action::PreviousPane => {
            conflicts.focus = if conflicts.focus == Focus::List { Focus::Fields } else { Focus::List };
        }
        Action::ShowEqual => conflicts.equal = !conflicts.equal,
        Action::ShowLines => return show_lines(state),
        Action::Mark => {
            let number = conflicts.cursor.selected;
            if !conflicts.marked.remove(&number) {
                conflicts.marked.insert(number);
            }
            let next = (number + 1).min(conflicts.standing.len().saturating_sub(1));
            conflicts.select(next, size);
        }
        Action::Copy => return copy(state),
        Action::ApplyPolicy => return policy::ask(state),
        Action::Back => return back(state),
        _ => return decide::act(state, action),
    }
    load(state)
}

/// Moves through the fields; says whether it was a move.
fn moves(conflicts: &mut Conflicts, action: Action) -> bool {
    let Some(view) = conflicts.view() else { return false };
    let (fields, selected) = conflicts.fields(view);
    let mut cursor = Cursor { selected, top: 0 };
    let moved = cursor.step(action, fields.len(), fields.len());
    if moved {
        conflicts.field = cursor.selected;
    }
    moved
}

fn go_to_column(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    let conflicts = &mut state.import.conflicts;
    let Some(view) = conflicts.view() else { return vec![] };
    let last = if view.base.is_some() { view.variants } else { view.variants.saturating_sub(1) };
    let digit = match key.code {
        Code::Char(c) => c.to_digit(10).and_then(|digit| usize::try_from(digit).ok()),
        _ => None,
    };
    conflicts.column = match action {
        Action::VariantLeft => conflicts.column.saturating_sub(1),
        Action::VariantRight => (conflicts.column + 1).min(last),
        _ => match digit.and_then(|digit| digit.checked_sub(1)) {
            Some(column) if column < view.variants => column,
            _ => {
                state.notice = Some(format!("There are {} variants", view.variants));
                return vec![];
            }
        },
    };
    load(state)
}

fn show_lines(state: &mut State) -> Vec<Effect> {
    let conflicts = &state.import.conflicts;
    if conflicts.on_base() {
        state.notice = Some("No lines of the file are behind what the base holds".to_owned());
        return vec![];
    }
    let job = ConflictJob::Lines { number: conflicts.cursor.selected, variant: conflicts.column };
    vec![state.start(Job::Conflict(job))]
}

/// The value under the cursor, with its field.
pub fn value_here(conflicts: &Conflicts) -> Option<(&FieldView, String)> {
    let view = conflicts.view()?;
    let (fields, selected) = conflicts.fields(view);
    let field = fields.get(selected).copied()?;
    let value = match conflicts.on_base() {
        true => field.base.as_ref(),
        false => field.values.get(conflicts.column.checked_sub(view.first)?)?.as_ref(),
    };
    Some((field, value.map(Value::text).unwrap_or_default()))
}

fn copy(state: &mut State) -> Vec<Effect> {
    let Some((_, text)) = value_here(&state.import.conflicts) else { return vec![] };
    state.overlays.push(Overlay::Notice(Notice::new("Sent to the terminal's clipboard", &personal(&text))));
    vec![Effect::Copy(text)]
}

/// Esc: out of the picks, out of the fields, to the review, which counts again if something was decided.
fn back(state: &mut State) -> Vec<Effect> {
    let conflicts = &mut state.import.conflicts;
    if conflicts.picks.take().is_some() || conflicts.focus == Focus::Fields {
        conflicts.focus = Focus::List;
        return vec![];
    }
    state.import.step = Step::Review;
    let counting = state.running.iter().any(|(slot, _)| *slot == Slot::Import);
    if state.import.stale && !counting { review::count_again(state) } else { vec![] }
}
