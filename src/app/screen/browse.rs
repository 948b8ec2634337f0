//! Browse: the list of contacts or organizations, narrowed while the person types, and the details of the selected one.
//!
//! [`card`]: the details, line by line · [`around`]: what is asked about the selected record · [`split`]: how list and
//! details share the window · [`form`]: a record is made or changed · [`hand`]: what else a person does to one ·
//! [`to_file`]: all hits go to a file · `hints`: which keys are worth naming

pub mod around;
pub mod card;
pub mod form;
pub mod hand;
mod hints;
pub mod split;
pub mod to_file;

use crate::app::action::{Action, Context};
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::{Found, Hit, Job, Known, Search};
use crate::app::message::Size;
use crate::app::overlay::{Notice, Overlay};
use crate::app::state::State;
use crate::model::fields::{Entity, FieldId};
use crate::model::text::personal;
use crate::search::Sort;
use around::Around;
use card::Card;
use form::Form;
use hand::Hand;
use split::Split;

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list: letters are commands.
    #[default]
    List,
    /// The search field: letters are text.
    Search,
    /// The details of the selected record.
    Detail,
}

/// The state of Browse.
#[derive(Debug)]
pub struct Browse {
    /// Contacts or organizations.
    pub entity: Entity,
    /// The organization whose members are listed; `None` for all records.
    pub inside: Option<Inside>,
    /// What is searched for.
    pub search: TextField,
    /// In which order the hits are listed.
    pub sort: Sort,
    /// What is wrong with it, and what to type instead.
    pub mistake: Option<String>,
    /// What has the focus.
    pub focus: Focus,
    /// The hits that are loaded; `None` until the first search has answered.
    pub found: Option<Found>,
    /// The selected hit.
    pub cursor: Cursor,
    /// The selected line of its details.
    pub detail: Cursor,
    /// What stands beside the records.
    pub known: Known,
    /// The form, while it is open in place of list and details.
    pub form: Option<Form>,
    /// What was done by hand in this session.
    pub hand: Hand,
    /// The file that hits were saved as last.
    pub saved_as: Option<String>,
    /// What stands around the selected record.
    around: Around,
}

/// The members of an organization are listed.
#[derive(Debug)]
pub struct Inside {
    /// Its Account ID.
    pub account: String,
    /// Its name.
    pub name: String,
    /// What was listed before.
    before: (Entity, TextField, Cursor),
}

impl Default for Browse {
    fn default() -> Browse {
        let (inside, search, sort, mistake, focus, found) = Default::default();
        let (cursor, detail, known, form, hand, saved_as, around) = Default::default();
        let entity = Entity::Contact;
        Browse {
            entity,
            inside,
            search,
            sort,
            mistake,
            focus,
            found,
            cursor,
            detail,
            known,
            form,
            hand,
            saved_as,
            around,
        }
    }
}

/// How many hits are loaded at once, at least: some pages, so that paging rarely waits, and loading never does.
const LOADED: usize = 120;

impl Browse {
    /// How many rows of the list are in view.
    pub fn list_rows(&self, size: Size) -> usize {
        Split::of(size, self.focus).list
    }

    /// How many hits there are.
    pub fn total(&self) -> usize {
        self.found.as_ref().map_or(0, |f| f.total)
    }

    /// A hit by its number; `None` while it is not loaded.
    pub fn hit(&self, number: usize) -> Option<&Hit> {
        let found = self.found.as_ref()?;
        found.hits.get(number.checked_sub(found.first)?)
    }

    /// The selected hit; `None` while it is not loaded, or if there is none.
    pub fn selected(&self) -> Option<&Hit> {
        self.hit(self.cursor.selected)
    }

    /// The details of the selected hit.
    pub fn card(&self) -> Option<Card> {
        let hit = self.selected()?;
        let members = organization_of(self.entity, hit).and_then(|account| self.around.members(account));
        let steps = self.around.steps(self.entity, &hit.id).unwrap_or_default();
        Some(Card::new(self.entity, hit, &self.known, members).with_steps(steps, &self.known))
    }

    /// The contexts of what has the focus.
    pub fn contexts(&self) -> &'static [Context] {
        if self.form.is_some() {
            return &[Context::Form, Context::Text, Context::Everywhere];
        }
        match self.focus {
            Focus::List => &[Context::Browse, Context::List, Context::Everywhere],
            Focus::Search => &[Context::Search, Context::Text, Context::Everywhere],
            Focus::Detail => &[Context::Detail, Context::List, Context::Everywhere],
        }
    }

    /// The search for everything that the list holds.
    pub fn search_of_all(&self) -> Search {
        Search {
            query: self.search.text().to_owned(),
            entity: self.entity,
            member_of: self.inside.as_ref().map(|inside| inside.account.clone()),
            sort: self.sort,
            first: 0,
            count: usize::MAX,
            around: None,
        }
    }

    /// The job that loads the hits around the selection.
    pub fn search_job(&self, size: Size) -> Job {
        let count = LOADED.max(self.list_rows(size) * 3);
        let first = self.cursor.selected.saturating_sub(count / 2);
        Job::Search(Search { first, count, ..self.search_of_all() })
    }

    /// The job that loads the hits around the selected record, wherever it is in them by now.
    fn search_around_job(&self, size: Size) -> Job {
        match (self.search_job(size), self.selected()) {
            (Job::Search(search), Some(hit)) => Job::Search(Search { around: Some(hit.id.clone()), ..search }),
            (job, _) => job,
        }
    }

    /// Takes hits in. The selection stays on its record if what is searched for is as before.
    pub fn take(&mut self, found: Found, size: Size) {
        let before = self.found.as_ref().filter(|before| before.query == found.query).and(self.selected());
        let again = before.and_then(|hit| found.hits.iter().position(|h| h.id == hit.id));
        if let Some(place) = again {
            self.cursor.selected = found.first + place;
        }
        self.cursor.reveal(found.total, self.list_rows(size));
        self.mistake = None;
        self.found = Some(found);
    }

    /// Keeps the selections in view.
    pub fn resize(&mut self, size: Size) {
        let lines = self.card().map_or(0, |card| card.lines().count());
        let split = Split::of(size, self.focus);
        self.cursor.reveal(self.total(), split.list);
        self.detail.reveal(lines, split.detail_rows());
        self.form.iter_mut().for_each(|form| form.reveal(size));
    }

    /// Whether rows that are in view, or half a page away, exist but are not loaded.
    fn lacks_rows(&self, size: Size) -> bool {
        let rows = self.list_rows(size);
        let window = self.cursor.window(self.total(), rows);
        let near = window.start.saturating_sub(rows / 2)..(window.end + rows / 2).min(self.total());
        !near.is_empty() && (self.hit(near.start).is_none() || self.hit(near.end - 1).is_none())
    }
}

/// The Account ID of a contact's organization, or of the organization itself.
fn organization_of(entity: Entity, hit: &Hit) -> Option<&str> {
    match entity {
        Entity::Contact => hit.record.values.view().text(FieldId::ACCOUNT_ID),
        Entity::Organization => Some(&hit.id),
    }
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if state.browse.form.is_some() {
        return form::act(state, action);
    }
    match action {
        Action::ShowOrganization => return around::organization(state),
        Action::Create => return form::create(state),
        Action::EditRecord => return form::edit(state),
        Action::DeleteRecord | Action::HandOver | Action::Undo | Action::Redo => return hand::act(state, action),
        Action::SaveHits => return to_file::ask(state),
        _ => {}
    }
    let mut effects = match state.browse.focus {
        Focus::Detail => act_in_detail(state, action),
        Focus::List | Focus::Search => act_in_list(state, action),
    };
    effects.extend(around::ask(state));
    effects
}

fn act_in_detail(state: &mut State, action: Action) -> Vec<Effect> {
    let size = state.size;
    let browse = &mut state.browse;
    let lines = browse.card().map_or(0, |card| card.lines().count());
    if browse.detail.step(action, lines, Split::of(size, Focus::Detail).detail_rows()) {
        return vec![];
    }
    match action {
        Action::Back | Action::PreviousPane => focus(state, Focus::List),
        Action::Search | Action::NextPane => focus(state, Focus::Search),
        Action::Members => return enter(state),
        Action::Copy => {
            let line = browse.card().and_then(|card| card.lines().nth(browse.detail.selected).map(|l| l.value.clone()));
            return line.map_or_else(Vec::new, |value| copy(state, value));
        }
        _ => {}
    }
    vec![]
}

fn act_in_list(state: &mut State, action: Action) -> Vec<Effect> {
    let size = state.size;
    let browse = &mut state.browse;
    let before = browse.search.text().to_owned();
    if browse.focus == Focus::Search && browse.search.edit(action) {
        return if browse.search.text() == before { vec![] } else { search_anew(state) };
    }
    if browse.cursor.step(action, browse.total(), browse.list_rows(size)) {
        browse.detail = Cursor::default();
        return if browse.lacks_rows(size) { load(state) } else { vec![] };
    }
    match action {
        Action::Search => focus(state, Focus::Search),
        Action::SearchDone => focus(state, Focus::List),
        Action::SearchClear if before.is_empty() => focus(state, Focus::List),
        Action::SearchClear => return clear_search(state),
        Action::Open if browse.entity == Entity::Organization => return enter(state),
        Action::Open => focus(state, Focus::Detail),
        Action::NextPane => focus(state, Focus::Detail),
        Action::PreviousPane if browse.focus == Focus::List => focus(state, Focus::Search),
        Action::PreviousPane => focus(state, Focus::Detail),
        Action::Members => return enter(state),
        Action::SwitchEntity => return switch(state),
        Action::SortHits => return sort(state),
        Action::Back if !before.is_empty() => return clear_search(state),
        Action::Back => return leave(state),
        Action::Reload => return vec![state.start(Job::Open)],
        Action::Copy => {
            let id = browse.selected().map(|hit| hit.id.clone());
            return id.map_or_else(Vec::new, |id| copy(state, id));
        }
        _ => {}
    }
    vec![]
}

/// Moves the focus; the details get it only if there are any.
fn focus(state: &mut State, to: Focus) {
    if to == Focus::Detail && state.browse.selected().is_none() {
        return;
    }
    state.browse.focus = to;
    state.browse.resize(state.size);
}

/// Text for the search field; elsewhere it begins a search.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    if state.browse.form.is_some() {
        return form::type_text(state, text);
    }
    focus(state, Focus::Search);
    state.browse.search.insert(text);
    search_anew(state)
}

fn clear_search(state: &mut State) -> Vec<Effect> {
    state.browse.search.clear();
    search_anew(state)
}

fn search_anew(state: &mut State) -> Vec<Effect> {
    state.browse.cursor = Cursor::default();
    state.browse.detail = Cursor::default();
    load(state)
}

/// Loads hits; until the base is open there is nothing to load from, and opening it searches by itself.
fn load(state: &mut State) -> Vec<Effect> {
    if state.counts.is_none() {
        return vec![];
    }
    let job = state.browse.search_job(state.size);
    vec![state.start(job)]
}

/// Lists the record of an ID.
fn show(state: &mut State, entity: Entity, id: &str) -> Vec<Effect> {
    let browse = &mut state.browse;
    browse.entity = entity;
    browse.inside = None;
    browse.found = None;
    browse.search = TextField::new(&format!("id:\"{id}\""));
    focus(state, Focus::List);
    search_anew(state)
}

/// Loads the hits anew, around the selected record.
fn load_around(state: &mut State) -> Vec<Effect> {
    if state.counts.is_none() {
        return vec![];
    }
    let job = state.browse.search_around_job(state.size);
    vec![state.start(job)]
}

/// The next order; the selection stays on its record.
fn sort(state: &mut State) -> Vec<Effect> {
    let browse = &mut state.browse;
    browse.sort = match (browse.sort, browse.entity) {
        (Sort::Best, _) => Sort::Name,
        (Sort::Name, Entity::Contact) => Sort::Organization,
        (Sort::Name, Entity::Organization) | (Sort::Organization, _) => Sort::Best,
    };
    load_around(state)
}

/// Contacts instead of organizations, or the other way round.
fn switch(state: &mut State) -> Vec<Effect> {
    let browse = &mut state.browse;
    browse.entity = match browse.entity {
        Entity::Contact => Entity::Organization,
        Entity::Organization => Entity::Contact,
    };
    browse.inside = None;
    browse.found = None;
    if browse.entity == Entity::Organization && browse.sort == Sort::Organization {
        browse.sort = Sort::Name;
    }
    search_anew(state)
}

/// Lists the members of the selected organization, or of the selected contact's.
fn enter(state: &mut State) -> Vec<Effect> {
    let browse = &mut state.browse;
    let Some(hit) = browse.selected() else { return vec![] };
    let Some(account) = organization_of(browse.entity, hit).map(str::to_owned) else {
        state.notice = Some("This contact belongs to no organization.".to_owned());
        return vec![];
    };
    if browse.inside.is_some() {
        return vec![];
    }
    let name = match browse.entity {
        Entity::Contact => hit.organization.clone().unwrap_or_else(|| account.clone()),
        Entity::Organization => crate::report::brief::name(Entity::Organization, hit.record.values.view()),
    };
    let before = (browse.entity, std::mem::take(&mut browse.search), browse.cursor);
    browse.inside = Some(Inside { account, name, before });
    browse.entity = Entity::Contact;
    browse.found = None;
    focus(state, Focus::List);
    search_anew(state)
}

/// Back from the members to what was listed before.
fn leave(state: &mut State) -> Vec<Effect> {
    let Some(inside) = state.browse.inside.take() else { return vec![] };
    (state.browse.entity, state.browse.search, state.browse.cursor) = inside.before;
    state.browse.found = None;
    load(state)
}

/// The base is open, or has changed: everything that was known of it is asked for again.
pub fn opened(state: &mut State) -> Vec<Effect> {
    state.browse.around = Around::default();
    let mut effects = load_around(state);
    effects.push(state.start(Job::Index));
    effects
}

/// More of the base can be searched than when the hits were found.
pub fn indexed(state: &mut State) -> Vec<Effect> {
    let in_base = state.browse.search.text().trim().is_empty() && state.browse.sort == Sort::Best;
    if in_base { vec![] } else { load_around(state) }
}

/// Takes hits in.
pub fn take(state: &mut State, found: Found) -> Vec<Effect> {
    state.browse.take(found, state.size);
    if state.browse.focus == Focus::Detail && state.browse.selected().is_none() {
        focus(state, Focus::List);
    }
    around::ask(state)
}

fn copy(state: &mut State, text: String) -> Vec<Effect> {
    state.overlays.push(Overlay::Notice(Notice::new("Sent to the terminal's clipboard", &personal(&text))));
    vec![Effect::Copy(text)]
}
