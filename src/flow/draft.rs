//! Imports that are not finished: which there are, how one goes on, and what of it still holds.

use std::fs;
use std::path::{Path, PathBuf};

use super::FlowError;
use super::import::ImportDetails;
use crate::base::{Base, Kind};
use crate::home::clock;
use crate::home::draft::{self, Checked, Draft, DraftError, DraftFile, Found};
use crate::reconcile::decision::Decisions;
use crate::reconcile::plan::{Decided, Plan};

/// A draft, to go on with or to throw away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// The file of the draft.
    pub path: PathBuf,
    /// The file of the import; that of the draft if it cannot be read.
    pub file: PathBuf,
    /// When it was left, in local time.
    pub left: String,
    /// Decisions and consents.
    pub decided: usize,
    /// The conflicts that the file had; 0 if it was not checked.
    pub conflicts: usize,
    /// Corrected rows.
    pub corrected: usize,
    /// Why it cannot be gone on with.
    pub obstacle: Option<String>,
}

impl Offer {
    fn of(found: &Found) -> Offer {
        let Draft { file, timeline, checked, .. } = &found.draft;
        let decisions = timeline.decisions();
        let there = fs::metadata(file).is_ok_and(|data| data.is_file());
        Offer {
            path: found.path.clone(),
            file: file.clone(),
            left: clock::local(found.changed),
            decided: decisions.choices.len() + decisions.consents.len(),
            conflicts: checked.as_ref().map_or(0, |checked| checked.conflicts),
            corrected: decisions.corrections.len(),
            obstacle: (!there).then(|| format!("{} is not there any more", file.display())),
        }
    }

    fn unreadable(error: &DraftError) -> Offer {
        let path = match error {
            DraftError::File { path, .. } | DraftError::Version { path, .. } => path,
            DraftError::Damaged(path) | DraftError::Name(path) => path,
        };
        Offer { path: path.clone(), file: path.clone(), obstacle: Some(error.to_string()), ..Offer::default() }
    }
}

/// The drafts for a base, the newest first. One whose import was committed, just before the program ended, is removed.
///
/// # Errors
/// The history cannot be read.
pub fn offers(base: &Base, base_folder: &Path, folder: &Path) -> Result<Vec<Offer>, FlowError> {
    let mut offers = Vec::new();
    for found in draft::list(folder) {
        match found {
            Ok(found) if found.draft.base != base_folder => {}
            Ok(found) if is_done(base, &found.draft)? => remove(&found.path)?,
            Ok(found) => offers.push(Offer::of(&found)),
            Err(error) => offers.push(Offer::unreadable(&error)),
        }
    }
    Ok(offers)
}

/// Whether the commit that had begun is in the history.
fn is_done(base: &Base, draft: &Draft) -> Result<bool, FlowError> {
    let Some(digest) = &draft.committing else { return Ok(false) };
    let since = draft.checked.as_ref().map_or(0, |checked| checked.head);
    let history = base.history()?;
    let later = history.iter().filter(|entry| entry.kind == Kind::Import && entry.number() > since);
    let mut digests = later.filter_map(|entry| serde_json::from_str::<ImportDetails>(&entry.details).ok());
    Ok(digests.any(|details| details.digest == *digest))
}

/// Opens a draft to go on with it.
///
/// # Errors
/// It cannot be read or written any more.
pub fn go_on(path: &Path) -> Result<(Draft, DraftFile), FlowError> {
    let found = draft::read(path)?;
    let file = DraftFile::go_on(&found)?;
    Ok((found.draft, file))
}

/// Throws a draft away; one that is not there is no error.
///
/// # Errors
/// The file cannot be removed.
pub fn remove(path: &Path) -> Result<(), FlowError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(FlowError::File { what: path.display().to_string(), source })
        }
        _ => Ok(()),
    }
}

/// What was said and holds no more, because the file or the base says something else: decisions, corrected rows.
pub fn unfit(plan: &Plan, decisions: &Decisions) -> [usize; 3] {
    let by_person = |decided: &Decided| decided.rule.is_none();
    let holding = plan.conflicts.iter().filter(|conflict| conflict.decided.as_ref().is_some_and(by_person)).count();
    [
        decisions.choices.len() - holding,
        decisions.consents.len() - plan.doubts.given.len(),
        decisions.corrections.len() - plan.corrections().len(),
    ]
}

/// What has changed since the draft was left, and what of it holds; `None` if nothing has.
pub fn since(before: &Checked, now: &Checked, plan: &Plan, decisions: &Decisions) -> Option<String> {
    let what = match (before.sha256 != now.sha256, before.head != now.head) {
        (false, false) => return None,
        (true, false) => "The file has changed",
        (false, true) => "The base has changed",
        (true, true) => "The file and the base have changed",
    };
    let lost: usize = unfit(plan, decisions).iter().sum();
    let all = decisions.choices.len() + decisions.consents.len() + decisions.corrections.len();
    Some(match (all, lost) {
        (0, _) => what.to_owned(),
        (_, 0) => format!("{what}; what you decided holds"),
        (_, 1) => format!("{what}; 1 of {all} decisions no longer fits"),
        _ => format!("{what}; {lost} of {all} decisions no longer fit"),
    })
}
