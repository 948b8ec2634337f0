//! Browse: the list of contacts or organizations, narrowed while the person types.

use crate::app::action::{Action, Context};
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::{Found, Hit, Job, Search};
use crate::app::message::Size;
use crate::app::overlay::{Notice, Overlay};
use crate::app::state::State;
use crate::model::fields::Entity;

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list: letters are commands.
    #[default]
    List,
    /// The search field: letters are text.
    Search,
}

/// The state of Browse.
#[derive(Debug)]
pub struct Browse {
    /// Contacts or organizations.
    pub entity: Entity,
    /// What is searched for.
    pub search: TextField,
    /// What has the focus.
    pub focus: Focus,
    /// The hits that are loaded; `None` until the first search has answered.
    pub found: Option<Found>,
    /// The selected hit.
    pub cursor: Cursor,
}

impl Default for Browse {
    fn default() -> Browse {
        let (search, focus, found, cursor) = Default::default();
        Browse { entity: Entity::Contact, search, focus, found, cursor }
    }
}

/// How many hits are loaded at once: several pages, so that paging rarely waits.
const LOADED: usize = 400;

impl Browse {
    /// How many rows of the list are in view: all but tab bar, search line, column heads, rule and hint bar.
    pub fn list_rows(size: Size) -> usize {
        usize::from(size.height).saturating_sub(5)
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

    /// The contexts of what has the focus.
    pub fn contexts(&self) -> &'static [Context] {
        match self.focus {
            Focus::List => &[Context::Browse, Context::List, Context::Everywhere],
            Focus::Search => &[Context::Search, Context::Text, Context::Everywhere],
        }
    }

    /// The hints of what has the focus.
    pub fn hints(&self) -> &'static [Action] {
        match self.focus {
            Focus::List => {
                &[Action::Search, Action::SwitchEntity, Action::GoImport, Action::Help, Action::Palette, Action::Quit]
            }
            Focus::Search => &[Action::SearchDone, Action::SearchClear, Action::TextDeleteToStart, Action::Help],
        }
    }

    /// The job that loads the hits around the selection.
    pub fn search_job(&self) -> Job {
        let first = self.cursor.selected.saturating_sub(LOADED / 2);
        Job::Search(Search { query: self.search.text().to_owned(), entity: self.entity, first, count: LOADED })
    }

    /// Takes hits in.
    pub fn take(&mut self, found: Found, size: Size) {
        self.cursor.reveal(found.total, Self::list_rows(size));
        self.found = Some(found);
    }

    /// Keeps the selection in view.
    pub fn resize(&mut self, size: Size) {
        self.cursor.reveal(self.total(), Self::list_rows(size));
    }

    /// Whether a row in view exists but is not loaded.
    fn lacks_rows(&self, size: Size) -> bool {
        let window = self.cursor.window(self.total(), Self::list_rows(size));
        !window.is_empty() && (self.hit(window.start).is_none() || self.hit(window.end - 1).is_none())
    }
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let browse = &mut state.browse;
    let before = browse.search.text().to_owned();
    if browse.focus == Focus::Search && browse.search.edit(action) {
        return if browse.search.text() == before { vec![] } else { search_anew(state) };
    }
    if browse.cursor.step(action, browse.total(), Browse::list_rows(state.size)) {
        return if browse.lacks_rows(state.size) { load(state) } else { vec![] };
    }
    match action {
        Action::Search => browse.focus = Focus::Search,
        Action::SearchDone | Action::PreviousPane => browse.focus = Focus::List,
        Action::SearchClear if before.is_empty() => browse.focus = Focus::List,
        Action::SearchClear => {
            browse.search.clear();
            return search_anew(state);
        }
        Action::NextPane => browse.focus = Focus::Search,
        Action::SwitchEntity => {
            browse.entity = match browse.entity {
                Entity::Contact => Entity::Organization,
                Entity::Organization => Entity::Contact,
            };
            browse.found = None;
            return search_anew(state);
        }
        Action::Back if !before.is_empty() => {
            browse.search.clear();
            return search_anew(state);
        }
        Action::Copy => return copy(state),
        _ => {}
    }
    vec![]
}

/// Text for the search field; in the list it begins a search.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    state.browse.focus = Focus::Search;
    state.browse.search.insert(text);
    search_anew(state)
}

fn search_anew(state: &mut State) -> Vec<Effect> {
    state.browse.cursor = Cursor::default();
    load(state)
}

/// Loads hits; until the base is open there is nothing to load from, and opening it searches by itself.
fn load(state: &mut State) -> Vec<Effect> {
    if state.counts.is_none() {
        return vec![];
    }
    let job = state.browse.search_job();
    vec![state.start(job)]
}

fn copy(state: &mut State) -> Vec<Effect> {
    let Some(hit) = state.browse.hit(state.browse.cursor.selected) else { return vec![] };
    let text = [&hit.name, &hit.organization, &hit.phone, &hit.email].map(String::as_str).join("\t");
    state.overlays.push(Overlay::Notice(Notice::new("Sent to the terminal's clipboard", &text)));
    vec![Effect::Copy(text)]
}
