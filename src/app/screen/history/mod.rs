//! The history: every import, edit and undo, what each did, and taking one back.
//!
//! | file | what it is about |
//! | --- | --- |
//! | here | the list of acts |
//! | [`records`] | the records of one act, old → new |
//! | [`undo`] | taking an act back, and what blocks that |

pub mod records;
pub mod undo;

use crate::app::action::{Action, Context};
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::Job;
use crate::app::job::history::{ActView, HistoryJob, HistoryReport, UndoView};
use crate::app::message::Size;
use crate::app::overlay::{Notice, Overlay, Prompt, Question};
use crate::app::screen::Screen;
use crate::app::state::State;
use crate::flow::rejects::Rejects;
use crate::model::text::{counted, grouped, personal};
use records::RecordsPane;

/// What the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// The acts.
    #[default]
    Acts,
    /// The records of one act.
    Records,
    /// What keeps an act from being taken back.
    Blockers,
}

/// The state of the history.
#[derive(Debug, Default)]
pub struct History {
    /// What is shown.
    pub step: Step,
    /// Every act, the newest first; `None` until they are loaded.
    pub acts: Option<Vec<ActView>>,
    /// The selected act.
    pub cursor: Cursor,
    /// The records of the act that was opened.
    pub records: Option<RecordsPane>,
    /// What taking an act back would do, as long as that is looked at.
    pub undo: Option<UndoView>,
    /// The selected blocker.
    pub blocker: Cursor,
}

/// How many acts are in view: all but tab bar, heads, rule, three lines about the selected act, rule and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(8).max(1)
}

impl History {
    /// The contexts of what is shown.
    pub fn contexts(&self) -> &'static [Context] {
        match self.step {
            Step::Acts => &[Context::History, Context::List, Context::Everywhere],
            Step::Records => &[Context::Records, Context::List, Context::Everywhere],
            Step::Blockers => &[Context::Blockers, Context::List, Context::Everywhere],
        }
    }

    /// The hints of what is shown.
    pub fn hints(&self) -> &'static [Action] {
        use Action::*;
        match self.step {
            Step::Acts if self.total() == 0 => &[GoImport, GoBrowse, Help, Palette, Quit],
            Step::Acts if self.selected().is_some_and(|act| act.rejects == Rejects::Kept) => {
                &[Open, UndoAct, SaveRejects, GoBrowse, Help, Palette]
            }
            Step::Acts => &[Open, UndoAct, GoBrowse, Help, Palette, Quit],
            Step::Records => &[Open, FilterRecords, UndoAct, Copy, Back, Help],
            Step::Blockers => &[UndoRest, Copy, Back, Help],
        }
    }

    /// How many acts there are.
    pub fn total(&self) -> usize {
        self.acts.as_ref().map_or(0, Vec::len)
    }

    /// The selected act.
    pub fn selected(&self) -> Option<&ActView> {
        self.acts.as_ref()?.get(self.cursor.selected)
    }

    /// The act of a number.
    pub fn act(&self, number: u64) -> Option<&ActView> {
        self.acts.as_ref()?.iter().find(|act| act.number == number)
    }

    /// Keeps the selections in view.
    pub fn resize(&mut self, size: Size) {
        self.cursor.reveal(self.total(), rows(size));
        self.records.iter_mut().for_each(|pane| pane.resize(size));
        let blockers = self.undo.as_ref().map_or(0, |undo| undo.blockers.len());
        self.blocker.reveal(blockers, undo::rows(size));
    }
}

/// Goes to the history, where it stands.
pub fn enter(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::History;
    if state.history.acts.is_some() { vec![] } else { load(state) }
}

/// Loads the acts; until the base is open there are none.
fn load(state: &mut State) -> Vec<Effect> {
    if state.counts.is_none() {
        return vec![];
    }
    vec![state.start(Job::History(HistoryJob::List))]
}

/// The base is open, or has changed: what was loaded may not hold any more.
pub fn opened(state: &mut State) -> Vec<Effect> {
    let shown = state.screen == Screen::History;
    if shown || state.history.acts.is_some() { load(state) } else { vec![] }
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match state.history.step {
        Step::Acts => act_on_acts(state, action),
        Step::Records => records::act(state, action),
        Step::Blockers => undo::act(state, action),
    }
}

fn act_on_acts(state: &mut State, action: Action) -> Vec<Effect> {
    let history = &mut state.history;
    if history.cursor.step(action, history.total(), rows(state.size)) {
        return vec![];
    }
    let Some(act) = history.selected().cloned() else {
        return if action == Action::Back { back(state) } else { vec![] };
    };
    match action {
        Action::Open => records::enter(state, &act),
        Action::UndoAct => undo::ask(state, &act),
        Action::SaveRejects => ask_where(state, &act),
        Action::Copy => copy(state, &[act.name, act.about, act.who, act.when]),
        Action::Back => back(state),
        _ => vec![],
    }
}

fn back(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Browse;
    vec![]
}

/// Asks where the rejects of an act shall go.
fn ask_where(state: &mut State, act: &ActView) -> Vec<Effect> {
    match act.rejects {
        Rejects::None => state.notice = Some(format!("{} left no row out", act.name)),
        Rejects::Gone => {
            let rows = grouped(act.left_out.iter().sum());
            let text = format!(
                "{rows} rows were left out, but they are not kept any more.\nImport the file again: the rows that are \
                 still wrong go to a new rejects file, the others are unchanged."
            );
            state.overlays.push(Overlay::Notice(Notice::new("No rejects to save", &text)));
        }
        Rejects::Kept => {
            let [held, rejected] = act.left_out;
            let rows = counted(&[(held, "held"), (rejected, "rejected")]);
            let hint = format!("Rows: {rows}; a file that exists stays");
            let title = format!("Save the rejects of {} as", act.name);
            let mut prompt = Prompt::new(Question::SaveRejects(act.number), &title, &hint);
            prompt.field = TextField::new(&act.save_as);
            state.overlays.push(Overlay::Prompt(prompt));
        }
    }
    vec![]
}

/// A name for the rejects file was typed.
///
/// # Errors
/// There is none.
pub fn name_typed(state: &mut State, number: u64, path: &str) -> Result<Vec<Effect>, String> {
    if path.trim().is_empty() {
        return Err("Type the name of a new file".to_owned());
    }
    Ok(vec![state.start(Job::History(HistoryJob::SaveRejects(number, path.trim().to_owned())))])
}

/// Sends text to the clipboard, and shows it.
fn copy(state: &mut State, parts: &[String]) -> Vec<Effect> {
    let filled: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let text = filled.join("\t");
    state.overlays.push(Overlay::Notice(Notice::new("Sent to the terminal's clipboard", &personal(&text))));
    vec![Effect::Copy(text)]
}

/// Takes an answer in.
pub fn take(state: &mut State, report: HistoryReport) -> Vec<Effect> {
    match report {
        HistoryReport::Acts(acts) => {
            let selected = state.history.selected().map(|act| act.number);
            let place = selected.and_then(|number| acts.iter().position(|act| act.number == number));
            state.history.acts = Some(acts);
            state.history.cursor.selected = place.unwrap_or(0);
            state.history.resize(state.size);
        }
        HistoryReport::Records(found) => records::take(state, found),
        HistoryReport::Story(title, lines) => {
            state.overlays.push(Overlay::Notice(Notice::new(&title, &lines.join("\n"))));
        }
        HistoryReport::Undo(told) => undo::told(state, *told),
        HistoryReport::Undone(told, by) => return undo::done(state, &told, by),
        HistoryReport::Saved(path) => state.notice = Some(format!("Saved: {path}")),
    }
    vec![]
}
