//! Which file: a path with completion, above the files that fit it.

use std::path::PathBuf;

use crate::app::action::Action;
use crate::app::cursor::Cursor;
use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::Job;
use crate::app::job::import::{FileEntry, Files, ImportJob};
use crate::app::message::Size;
use crate::app::screen::Screen;
use crate::app::state::State;

/// The state of the step.
#[derive(Debug, Default)]
pub struct Choose {
    /// What was typed.
    pub path: TextField,
    /// The files that fit it.
    pub files: Option<Files>,
    /// The selected file, if one is.
    pub cursor: Option<Cursor>,
    /// What to do when the files that fit the path are known.
    pub awaits: Option<Awaited>,
    /// A file that waits for the answer to a question.
    pub wanted: Option<PathBuf>,
}

/// A key that cannot be answered before the files are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// Complete the path.
    Completion,
    /// Go to the folder above.
    FolderAbove,
}

/// How many files are in view: all but tab bar, two lines of question, field, blank line and hint bar.
pub fn rows(size: Size) -> usize {
    usize::from(size.height).saturating_sub(6)
}

impl Choose {
    /// The files in the list.
    pub fn entries(&self) -> &[FileEntry] {
        self.files.as_ref().map_or(&[], |files| &files.entries)
    }

    /// Keeps the selection in view.
    pub fn resize(&mut self, size: Size) {
        let total = self.entries().len();
        self.cursor.iter_mut().for_each(|cursor| cursor.reveal(total, rows(size)));
    }

    fn set(&mut self, path: &str) {
        self.path = TextField::new(path);
        self.cursor = None;
        self.awaits = None;
    }
}

/// Takes files in, if they are for what is typed now.
pub fn take(state: &mut State, files: Files) -> Vec<Effect> {
    let choose = &mut state.import.choose;
    if files.typed != choose.path.text() {
        return vec![];
    }
    // What was selected in another list is not what stands there now.
    if choose.files.as_ref().is_some_and(|before| before.typed != files.typed) {
        choose.cursor = None;
    }
    choose.files = Some(files);
    choose.resize(state.size);
    match choose.awaits.take() {
        Some(Awaited::Completion) => complete(state),
        Some(Awaited::FolderAbove) => go_up(state),
        None => vec![],
    }
}

/// Lists the files for what is typed.
pub fn list(state: &mut State) -> Vec<Effect> {
    let typed = state.import.choose.path.text().to_owned();
    vec![state.start(Job::Import(ImportJob::Files(typed)))]
}

/// Does an action.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let choose = &mut state.import.choose;
    let before = choose.path.text().to_owned();
    if choose.path.edit(action) {
        choose.cursor = None;
        return if choose.path.text() == before { vec![] } else { list(state) };
    }
    let total = choose.entries().len();
    match (action, choose.cursor) {
        (Action::TextListUp, Some(Cursor { selected: 0, .. })) => choose.cursor = None,
        (Action::TextListDown | Action::TextPageDown, None) if total > 0 => choose.cursor = Some(Cursor::default()),
        (Action::CompletePath, _) => return complete(state),
        (Action::ChooseFile, _) => return accept(state),
        (Action::FolderAbove, _) => return go_up(state),
        (Action::Back, _) if !before.is_empty() => {
            choose.set("");
            return list(state);
        }
        (Action::Back, _) => state.screen = Screen::Browse,
        _ => {
            if let Some(cursor) = &mut choose.cursor {
                cursor.step(action, total, rows(state.size));
            }
        }
    }
    vec![]
}

/// Tab: the selected entry, else as far as all entries go together.
fn complete(state: &mut State) -> Vec<Effect> {
    let choose = &mut state.import.choose;
    let selected = choose.cursor.and_then(|cursor| choose.entries().get(cursor.selected));
    let completion = match (selected, &choose.files) {
        (Some(entry), _) => entry.path.clone(),
        (None, Some(files)) if files.typed == choose.path.text() => files.completion.clone(),
        _ => {
            choose.awaits = Some(Awaited::Completion);
            return vec![];
        }
    };
    choose.set(&completion);
    list(state)
}

/// Enter: goes into a folder, opens a file.
fn accept(state: &mut State) -> Vec<Effect> {
    let choose = &mut state.import.choose;
    let selected = choose.cursor.and_then(|cursor| choose.entries().get(cursor.selected));
    let path = selected.map_or_else(|| choose.path.text().trim().to_owned(), |entry| entry.path.clone());
    if path.is_empty() {
        state.notice = Some("Type a path, or choose a file with Down and Enter".to_owned());
        return vec![];
    }
    let folder = format!("{path}/");
    if path.ends_with('/') || choose.entries().iter().any(|entry| entry.path == folder) {
        choose.set(if path.ends_with('/') { &path } else { &folder });
        return list(state);
    }
    super::open_file(state, PathBuf::from(path))
}

/// Shift-Tab: the folder above the one that is listed.
fn go_up(state: &mut State) -> Vec<Effect> {
    let choose = &mut state.import.choose;
    let Some(files) = choose.files.as_ref().filter(|files| files.typed == choose.path.text()) else {
        choose.awaits = Some(Awaited::FolderAbove);
        return vec![];
    };
    let Some(above) = files.above.clone() else { return vec![] };
    choose.set(&above);
    list(state)
}

/// Text for the path.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    state.import.choose.path.insert(text);
    state.import.choose.cursor = None;
    state.import.choose.awaits = None;
    list(state)
}
