//! The list behind a number: only the rows around the selection are here.

use super::Step;
use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::job::Job;
use crate::app::job::import::{ImportJob, List, ListRow, RowsFound, RowsWanted};
use crate::app::message::Size;
use crate::app::overlay::{Notice, Overlay};
use crate::app::state::State;
use crate::model::text::personal;

/// The state of the list.
#[derive(Debug)]
pub struct RowsPane {
    /// Which list.
    pub list: List,
    /// What it is called.
    pub title: String,
    /// The rows that are loaded; `None` until the first ones are.
    pub found: Option<RowsFound>,
    /// The selected row.
    pub cursor: Cursor,
}

/// How many rows are loaded at once.
const LOADED: usize = 200;

/// How many rows are in view: all but tab bar, title, heads, two lines about the selected row, rule and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(7).max(1)
}

impl RowsPane {
    /// How many rows there are.
    pub fn total(&self) -> usize {
        self.found.as_ref().map_or(0, |found| found.total)
    }

    /// A row by its number; `None` while it is not loaded.
    pub fn row(&self, number: usize) -> Option<&ListRow> {
        let found = self.found.as_ref()?;
        found.rows.get(number.checked_sub(found.first)?)
    }

    /// Keeps the selection in view.
    pub fn resize(&mut self, size: Size) {
        self.cursor.reveal(self.total(), rows(size));
    }

    fn wanted(&self) -> RowsWanted {
        RowsWanted { list: self.list, first: self.cursor.selected.saturating_sub(LOADED / 2), count: LOADED }
    }

    fn lacks_rows(&self, size: Size) -> bool {
        let window = self.cursor.window(self.total(), rows(size));
        !window.is_empty() && (self.row(window.start).is_none() || self.row(window.end - 1).is_none())
    }
}

/// Opens a list.
pub fn enter(state: &mut State, list: List, title: &str) -> Vec<Effect> {
    let pane = RowsPane { list, title: title.to_owned(), found: None, cursor: Cursor::default() };
    state.import.rows = Some(pane);
    state.import.step = Step::Rows;
    load(state)
}

/// Loads the rows around the selection.
pub fn load(state: &mut State) -> Vec<Effect> {
    let wanted = state.import.rows.as_ref().map(RowsPane::wanted);
    wanted.into_iter().map(|wanted| state.start(Job::Import(ImportJob::Rows(wanted)))).collect()
}

/// Takes rows in.
pub fn take(state: &mut State, found: RowsFound) {
    if let Some(pane) = state.import.rows.as_mut().filter(|pane| pane.list == found.list) {
        pane.found = Some(found);
        pane.resize(state.size);
    }
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(pane) = &mut state.import.rows else { return vec![] };
    if pane.cursor.step(action, pane.total(), rows(state.size)) {
        return if pane.lacks_rows(state.size) { load(state) } else { vec![] };
    }
    let selected = pane.row(pane.cursor.selected).cloned();
    match (action, selected) {
        (Action::Open, Some(row)) => return open(state, &row),
        (Action::CorrectCell, Some(_)) => return super::correct::ask(state),
        (Action::Copy, Some(row)) => {
            let cells: Vec<String> = row.cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            let text = cells.join("\t");
            state.overlays.push(Overlay::Notice(Notice::new("Sent to the terminal's clipboard", &personal(&text))));
            return vec![Effect::Copy(text)];
        }
        (Action::Back, _) => state.import.step = Step::Review,
        _ => {}
    }
    vec![]
}

/// Enter: the row as it stands in the file, or everything that happens to the record.
fn open(state: &mut State, row: &ListRow) -> Vec<Effect> {
    match row.row {
        Some(number) => vec![state.start(Job::Import(ImportJob::Line(number)))],
        None => {
            // Of an organization of which nothing is written there is no line.
            let (id, name) = match row.cells[2].as_str() {
                "" => (&row.cells[0], &row.cells[1]),
                _ => (&row.cells[1], &row.cells[2]),
            };
            let title = format!("{id} {}", personal(name));
            state.overlays.push(Overlay::Notice(Notice::new(&title, &row.about.join("\n"))));
            vec![]
        }
    }
}
