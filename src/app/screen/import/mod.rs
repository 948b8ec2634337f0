//! The import of a file, step by step. The state of each step stays when another is shown.
//!
//! | file | step |
//! | --- | --- |
//! | [`choose`] | which file |
//! | [`columns`] | which column is which field; [`compose`]: IDs of several columns; [`settings`] |
//! | [`review`] | what would happen, in numbers |
//! | [`rows`] | the list behind a number |
//! | [`conflicts`], [`decide`], [`policy`] | rows that disagree, and what a person says to them |
//! | [`doubts`] | hand edits, different persons, deleted records: what needs consent |
//! | [`correct`] | a bad cell is typed anew |
//! | [`said`], [`draft`] | whatever a person says can be taken back, and is kept |

pub mod choose;
pub mod columns;
pub mod compose;
pub mod conflicts;
pub mod correct;
pub mod decide;
pub mod doubts;
pub mod draft;
pub mod policy;
pub mod review;
pub mod rows;
pub mod said;
pub mod settings;

use std::path::PathBuf;

use crate::app::action::{Action, Context};
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::job::conflict::ConflictReport;
use crate::app::job::import::{Ask, Committed, FileView, ImportJob, ImportReport, Review};
use crate::app::job::{Ended, Job, Slot};
use crate::app::key::Key;
use crate::app::overlay::{Confirm, Notice, Overlay, Question};
use crate::app::screen::Screen;
use crate::app::state::State;
use crate::reconcile::decision::Choice;
use crate::reconcile::timeline::Timeline;
use choose::Choose;
use conflicts::Conflicts;
use correct::Editing;
use doubts::{Doubts, DoubtsPane};
use draft::Draft;
use rows::RowsPane;

/// A step of the import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// Which file.
    #[default]
    Choose,
    /// Which column is which field.
    Columns,
    /// While the file is checked.
    Check,
    /// What would happen.
    Review,
    /// The list behind a number.
    Rows,
    /// Rows that disagree.
    Conflicts,
    /// What needs consent.
    Doubts,
    /// While the plan is written.
    Commit,
    /// What was done.
    Result,
}

/// The state of the import.
#[derive(Debug, Default)]
pub struct Import {
    /// The step that is shown.
    pub step: Step,
    /// Which file.
    pub choose: Choose,
    /// The file and how it shall be taken; `None` until one is chosen.
    pub ask: Option<Ask>,
    /// What is known of the file; `None` until it is open.
    pub file: Option<FileView>,
    /// The selected column.
    pub column: Cursor,
    /// Columns marked as parts of an ID, in their order.
    pub parts: Vec<usize>,
    /// What was asked for before, for undo and redo.
    pub edits: [Vec<Ask>; 2],
    /// What would happen; `None` until the file is checked.
    pub review: Option<Review>,
    /// The selected number.
    pub number: Cursor,
    /// Whether decisions were made since the numbers were counted.
    pub stale: bool,
    /// Whether to ask for the commit when the numbers are there.
    pub wants_commit: bool,
    /// The list behind a number.
    pub rows: Option<RowsPane>,
    /// Rows that disagree.
    pub conflicts: Conflicts,
    /// What a person said about the rows.
    pub timeline: Timeline,
    /// How it stands with keeping that.
    pub draft: Draft,
    /// The row of which a cell is being corrected.
    pub editing: Option<Editing>,
    /// What needs consent.
    pub doubts: Doubts,
    /// What was done.
    pub done: Option<Committed>,
    /// Whether that came while another screen was shown, so that nobody has seen it yet.
    pub unseen: bool,
}

impl Import {
    /// The contexts of the step.
    pub fn contexts(&self) -> &'static [Context] {
        match self.step {
            Step::Choose => &[Context::Choose, Context::Text, Context::Everywhere],
            Step::Columns => &[Context::Columns, Context::List, Context::Everywhere],
            Step::Check | Step::Commit => &[Context::Check, Context::Everywhere],
            Step::Review => &[Context::Review, Context::List, Context::Everywhere],
            Step::Rows => &[Context::Findings, Context::List, Context::Everywhere],
            Step::Conflicts => &[Context::Conflicts, Context::List, Context::Everywhere],
            Step::Doubts => self.doubts.pane.as_ref().map_or(&[Context::Everywhere], DoubtsPane::contexts),
            Step::Result => &[Context::Result, Context::Everywhere],
        }
    }

    /// The hints of the step.
    pub fn hints(&self) -> &'static [Action] {
        use Action::*;
        match self.step {
            Step::Choose => &[ChooseFile, CompletePath, FolderAbove, TextListDown, Back, Help],
            Step::Columns if self.has_questions() => &[AnswerQuestion, MapColumn, ImportSettings, Back, Help],
            Step::Columns if self.parts.len() > 1 => &[ComposeId, Mark, MapColumn, Back, Help],
            Step::Columns => &[StartCheck, MapColumn, ImportSettings, Undo, Back, Help],
            Step::Check | Step::Commit => &[Cancel, GoBrowse],
            Step::Review if self.conflicts.open() > 0 => &[ReviewConflicts, Open, Commit, BackToColumns, Help],
            Step::Review if !self.conflicts.standing.is_empty() => {
                &[Commit, Open, ReviewConflicts, BackToColumns, Help]
            }
            Step::Review => &[Commit, Open, BackToColumns, Help],
            Step::Rows => &[CorrectCell, Open, Copy, Undo, Back, Help],
            Step::Conflicts if self.conflicts.picks.is_some() => {
                &[TakeVariant, KeepBase, TypeValue, VariantRight, Back, Help]
            }
            Step::Conflicts => &[
                TakeVariant,
                KeepBase,
                PickFields,
                TypeValue,
                HoldBack,
                TakeSuggestion,
                ApplyPolicy,
                Undo,
                ShowLines,
                VariantRight,
                Back,
                Help,
            ],
            Step::Doubts => self.doubts.pane.as_ref().map_or(&[], DoubtsPane::hints),
            Step::Result => &[CloseResult, GoImport, GoBrowse, Quit],
        }
    }

    /// Whether an action that is worth a hint would do something now.
    pub fn possible(&self, action: Action) -> bool {
        let view = self.conflicts.view();
        match (self.step, action) {
            (Step::Columns, Action::Undo) => !self.edits[0].is_empty(),
            (_, Action::Undo) => self.timeline.can_undo(),
            (Step::Conflicts, Action::KeepBase) => view.is_some_and(|view| view.base.is_some()),
            (Step::Conflicts, Action::TakeSuggestion) => {
                view.is_some_and(|view| view.suggestion.is_some() || view.remembered.is_some())
            }
            (Step::Rows, Action::CorrectCell) => {
                self.rows.as_ref().and_then(|pane| pane.row(pane.cursor.selected)).is_some_and(|row| row.row.is_some())
            }
            _ => true,
        }
    }

    /// Whether the file raises questions.
    pub fn has_questions(&self) -> bool {
        self.file.as_ref().is_some_and(|file| !file.questions.is_empty())
    }

    /// What a person decided about the selected conflict.
    pub fn choice(&self) -> Option<&Choice> {
        let view = self.conflicts.view()?;
        let (about, choice) = self.timeline.decisions().choices.get(&(view.entity, view.id.clone()))?;
        (*about == view.fingerprint).then_some(choice)
    }
}

/// Goes to the import, where it stands.
pub fn enter(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Import;
    let unseen = std::mem::take(&mut state.import.unseen);
    if state.import.step == Step::Result && !unseen {
        state.import = Import::default();
    }
    if state.import.step == Step::Choose { choose::list(state) } else { vec![] }
}

/// Opens a file; asks first if what was said about another one could not be saved. The present file is opened again as
/// it was taken, with everything that was said.
pub fn open_file(state: &mut State, path: PathBuf) -> Vec<Effect> {
    state.screen = Screen::Import;
    let same = state.import.ask.as_ref().is_some_and(|ask| ask.path == path);
    let unsaved = draft::unsaved(&state.import);
    if unsaved > 0 && !same {
        state.import.choose.wanted = Some(path);
        let text = draft::loss(unsaved);
        state.overlays.push(Overlay::Confirm(Confirm::new(Question::OtherFile, "Open another file?", &text)));
        return vec![];
    }
    let Import { choose, ask, edits, timeline, draft, .. } = std::mem::take(&mut state.import);
    state.import = Import { choose, step: Step::Columns, ..Import::default() };
    match ask.filter(|_| same) {
        Some(ask) => {
            state.import = Import { edits, timeline, draft, ..std::mem::take(&mut state.import) };
            open(state, ask)
        }
        None => open(state, Ask { path, ..Ask::default() }),
    }
}

/// Opens the file again, taken otherwise.
pub fn open(state: &mut State, ask: Ask) -> Vec<Effect> {
    state.import.ask = Some(ask.clone());
    vec![state.start(Job::Import(ImportJob::Open(ask)))]
}

/// Does an action.
pub fn act(state: &mut State, action: Action, key: Key) -> Vec<Effect> {
    match action {
        Action::BackToColumns if !matches!(state.import.step, Step::Check | Step::Commit) => {
            state.import.step = Step::Columns;
            return vec![];
        }
        Action::Commit => return review::ask_commit(state),
        Action::ReviewConflicts => return conflicts::enter(state),
        Action::Undo | Action::Redo if state.import.step != Step::Columns => {
            return said::turn(state, action == Action::Undo);
        }
        _ => {}
    }
    match state.import.step {
        Step::Choose => choose::act(state, action),
        Step::Columns => columns::act(state, action),
        Step::Check | Step::Commit if matches!(action, Action::Back | Action::BackToColumns) => ask_cancel(state),
        Step::Check | Step::Commit => vec![],
        Step::Review => review::act(state, action),
        Step::Rows => rows::act(state, action),
        Step::Conflicts => conflicts::act(state, action, key),
        Step::Doubts => doubts::act(state, action),
        Step::Result if matches!(action, Action::Back | Action::CloseResult) => {
            state.screen = Screen::Browse;
            vec![]
        }
        Step::Result => vec![],
    }
}

fn ask_cancel(state: &mut State) -> Vec<Effect> {
    let (title, text) = match state.import.step {
        Step::Commit => ("Stop the import?", "What is written so far is taken back; the base stays as it was."),
        _ => ("Stop the check?", "Nothing was written. The mapping stays; the check begins anew next time."),
    };
    state.overlays.push(Overlay::Confirm(Confirm::new(Question::StopImport, title, text)));
    vec![]
}

/// What a person said yes to.
pub fn confirmed(state: &mut State, question: Question) -> Vec<Effect> {
    match question {
        Question::StopImport if state.work().is_some() => vec![Effect::Cancel(Slot::Import)],
        Question::OtherFile => {
            state.import.draft = Draft::default();
            (state.import.conflicts, state.import.doubts) = Default::default();
            let wanted = state.import.choose.wanted.take();
            wanted.map(|path| open_file(state, path)).unwrap_or_default()
        }
        Question::ThrowAway(number) => draft::throw_away(state, number),
        Question::Commit => {
            state.import.step = Step::Commit;
            let decisions = state.import.timeline.decisions().clone();
            vec![state.start(Job::Import(ImportJob::Commit(decisions)))]
        }
        _ => vec![],
    }
}

/// Takes an answer in.
pub fn take(state: &mut State, report: ImportReport) -> Vec<Effect> {
    // The answer is the last thing that its job says; a key that comes before the job's end must not wait for it.
    if matches!(report, ImportReport::Opened(_) | ImportReport::Planned(_) | ImportReport::Committed(_)) {
        state.ended(Slot::Import);
    }
    match report {
        ImportReport::Files(files) => return choose::take(state, files),
        ImportReport::Opened(file) => return columns::take(state, *file),
        ImportReport::Planned(review) => return review::take(state, *review),
        ImportReport::Original(row, column, original) => correct::take(state, row, column, original),
        ImportReport::Rows(found) => rows::take(state, found),
        ImportReport::Lines(title, lines) => {
            let text = if lines.is_empty() { "The file has no such line.".to_owned() } else { lines.join("\n") };
            state.overlays.push(Overlay::Notice(Notice::new(&title, &text)));
        }
        ImportReport::Committed(done) => {
            state.overlays.retain(|o| !matches!(o, Overlay::Confirm(c) if c.question == Question::StopImport));
            (state.import.conflicts, state.import.doubts) = Default::default();
            (state.import.timeline, state.import.draft) = (Timeline::default(), Draft::default());
            state.import.step = Step::Result;
            state.import.done = Some(*done);
            state.import.unseen = state.screen != Screen::Import;
            if state.import.unseen {
                state.notice = Some("The import is done; 2 shows its result".to_owned());
            }
        }
    }
    vec![]
}

/// Takes an answer about conflicts in.
pub fn take_conflict(state: &mut State, report: ConflictReport) -> Vec<Effect> {
    match report {
        ConflictReport::Names(first, names) => state.import.conflicts.names = (first, names),
        ConflictReport::View(view) => {
            state.import.conflicts.keep(*view);
            return conflicts::replay(state);
        }
        ConflictReport::Offers(offers) => {
            state.ended(Slot::Import);
            policy::offered(state, offers);
        }
        ConflictReport::Settled(rule, settled) => {
            state.ended(Slot::Import);
            return policy::settled(state, rule, settled);
        }
    }
    vec![]
}

/// A job of the import is over: a step that waited for what did not come goes back.
pub fn ended(state: &mut State, slot: Slot, ended: &Ended) {
    if slot != Slot::Import {
        return;
    }
    state.overlays.retain(|o| !matches!(o, Overlay::Confirm(c) if c.question == Question::StopImport));
    if *ended == Ended::Done {
        return;
    }
    let import = &mut state.import;
    import.wants_commit = false;
    draft::stopped(import);
    match import.step {
        Step::Check => import.step = Step::Columns,
        Step::Commit => import.step = Step::Review,
        Step::Columns => match &import.file {
            Some(file) => import.ask = Some(file.ask.clone()),
            None => import.step = Step::Choose,
        },
        _ => {}
    }
}

/// Keeps selections in view.
pub fn resize(state: &mut State) {
    let size = state.size;
    let import = &mut state.import;
    import.choose.resize(size);
    import.column.reveal(import.file.as_ref().map_or(0, |f| f.columns.len()), columns::rows(size));
    let lines = review::lines(import, size).len();
    import.number.reveal(lines, review::rows(size));
    import.rows.iter_mut().for_each(|pane| pane.resize(size));
    import.conflicts.resize(size);
    import.doubts.resize(size);
}
