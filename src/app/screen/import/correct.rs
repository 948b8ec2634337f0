//! A bad cell is corrected where it is listed: its text is typed anew, checked while it is typed, and the row is counted
//! as if the file had it.

use super::{review, said};
use crate::app::effect::Effect;
use crate::app::field::TextField;
use crate::app::job::Job;
use crate::app::job::import::{FileView, ImportJob};
use crate::app::overlay::{Item, Overlay, Pick, Prompt, Question};
use crate::app::state::State;
use crate::flow::correct::{Verdict, judge};
use crate::intake::Target;
use crate::model::finding::Finding;
use crate::model::text::personal;
use crate::reconcile::correction::Correction;
use crate::reconcile::timeline::Said;

/// A row of which a cell is being corrected.
#[derive(Debug)]
pub struct Editing {
    /// The data row, from 0.
    row: u32,
    /// What was corrected in it so far.
    correction: Correction,
}

/// Asks for the row of the selected line, to correct a cell of it.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let pane = state.import.rows.as_ref();
    let Some(listed) = pane.and_then(|pane| pane.row(pane.cursor.selected)) else { return vec![] };
    match listed.row {
        Some(row) => {
            let job = ImportJob::Original { row, column: listed.column };
            // The row may be far down in a large file.
            state.notice = Some("Reading the row".to_owned());
            vec![state.start(Job::Import(job))]
        }
        None => {
            state.notice = Some("Cells are corrected in the lists of rows and findings".to_owned());
            vec![]
        }
    }
}

/// Takes the row in as it stands in the file; `column` counts from 1, `None`: a person chooses.
pub fn take(state: &mut State, row: u32, column: Option<u32>, original: Option<Correction>) {
    let Some(file) = &state.import.file else { return };
    state.notice = None;
    let Some(original) = original.filter(|original| original.cells.len() >= file.columns.len()) else {
        state.notice = Some("This row has no cells to correct: correct it in the rejects file".to_owned());
        return;
    };
    let before = state.import.timeline.decisions().corrections.get(&row);
    let before = before.filter(|before| before.cells == original.cells).cloned();
    state.import.editing = Some(Editing { row, correction: before.unwrap_or(original) });
    match column {
        Some(column) => prompt(state, column.saturating_sub(1)),
        None => choose(state),
    }
}

/// The columns (from 0) that feed something.
fn columns(file: &FileView) -> impl Iterator<Item = u32> {
    let feeds = |target: Target| matches!(target, Target::Field(_) | Target::Key(_));
    (0u32..).zip(&file.mapping.columns).filter(move |(_, column)| feeds(column.target)).map(|(at, _)| at)
}

/// Asks which cell of the row.
fn choose(state: &mut State) {
    let (Some(file), Some(editing)) = (&state.import.file, &state.import.editing) else { return };
    let cells = editing.correction.corrected();
    let item = |column: u32| Item {
        label: header(file, column).to_owned(),
        about: cells.get(column as usize).map(|cell| personal(&String::from_utf8_lossy(cell))).unwrap_or_default(),
    };
    let items = columns(file).map(item).collect();
    let title = format!("Line {}: which cell?", editing.correction.line);
    state.overlays.push(Overlay::Pick(Pick::new(Question::Cell, &title, items)));
}

/// A cell was chosen.
pub fn chosen(state: &mut State, item: usize) -> Vec<Effect> {
    let column = state.import.file.as_ref().and_then(|file| columns(file).nth(item));
    column.iter().for_each(|column| prompt(state, *column));
    vec![]
}

fn header(file: &FileView, column: u32) -> &str {
    file.columns.get(column as usize).map(|column| column.header.as_str()).unwrap_or_default()
}

/// Asks for the text of a cell.
fn prompt(state: &mut State, column: u32) {
    let (Some(file), Some(editing)) = (&state.import.file, &state.import.editing) else { return };
    let cell = |cells: &[&[u8]]| cells.get(column as usize).map(|cell| String::from_utf8_lossy(cell).into_owned());
    let original: Vec<&[u8]> = editing.correction.cells.iter().map(Vec::as_slice).collect();
    let (Some(old), Some(now)) = (cell(&original), cell(&editing.correction.corrected())) else { return };
    if now.chars().count() > TextField::LIMIT {
        state.notice = Some("This cell is too long to correct here: correct it in the rejects file".to_owned());
        return;
    }
    let title = format!("Line {}, {}", editing.correction.line, header(file, column));
    let hint = if old.is_empty() {
        "The cell is empty in the file".to_owned()
    } else {
        format!("In the file: {}", personal(&old))
    };
    let mut prompt = Prompt::new(Question::Correct(column), &title, &hint);
    prompt.field = TextField::new(&now);
    state.overlays.push(Overlay::Prompt(prompt));
    typing(state);
}

/// Says what is wrong with the text as it is now.
pub fn typing(state: &mut State) {
    let Some(Overlay::Prompt(prompt)) = state.overlays.last() else { return };
    let Question::Correct(column) = prompt.question else { return };
    let wrong = state.import.judged(column, prompt.field.text()).and_then(|(_, verdict)| {
        let worst = verdict.here.first()?;
        Some(state.import.said_of(worst))
    });
    if let Some(Overlay::Prompt(prompt)) = state.overlays.last_mut() {
        prompt.wrong = wrong;
    }
}

impl super::Import {
    /// The row with another text in a column (from 0), and what there is to say about it.
    fn judged(&self, column: u32, text: &str) -> Option<(Correction, Verdict)> {
        let (file, editing) = (self.file.as_ref()?, self.editing.as_ref()?);
        let mut correction = editing.correction.clone();
        if correction.cells.get(column as usize)?.as_slice() == text.as_bytes() {
            correction.texts.remove(&column);
        } else {
            correction.texts.insert(column, text.to_owned());
        }
        let verdict = judge(&file.mapping, &file.catalog, &file.settings.reading, &correction, column);
        Some((correction, verdict))
    }

    fn said_of(&self, finding: &Finding) -> String {
        let catalog = self.file.as_ref().map(|file| &file.catalog);
        let label = finding.field.and_then(|field| Some(catalog?.full_label(field))).unwrap_or_default();
        finding.message(&label)
    }
}

/// A text was typed.
///
/// # Errors
/// What is wrong with it.
pub fn typed(state: &mut State, column: u32, text: &str) -> Result<Vec<Effect>, String> {
    let Some((correction, verdict)) = state.import.judged(column, text) else { return Ok(vec![]) };
    if let Some(error) = verdict.here.first().filter(|_| !verdict.is_good()) {
        return Err(state.import.said_of(error));
    }
    let Some(editing) = state.import.editing.take() else { return Ok(vec![]) };
    if correction == editing.correction {
        state.notice = Some("The cell stays as it is".to_owned());
        return Ok(vec![]);
    }
    let line = correction.line;
    let left = verdict.elsewhere.first().or(verdict.here.first()).map(|finding| state.import.said_of(finding));
    let correction = (!correction.texts.is_empty()).then_some(correction);
    let mut effects = said::say(state, vec![Said::Correction(editing.row, correction)]);
    effects.extend(review::count_again(state));
    state.notice = Some(match left {
        Some(left) => format!("Line {line} is corrected; still: {left}"),
        None => format!("Line {line} is corrected; u takes it back"),
    });
    Ok(effects)
}
