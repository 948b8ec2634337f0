//! The draft of the import: written while the loop waits, brought to the disk beside it.
//!
//! What `Flows::keep` has taken is in the file before the next frame shows it, so that the end of the program, however
//! it comes, loses nothing that was seen. [`Flows::sync`] makes it survive the end of the machine.

use std::path::{Path, PathBuf};

use super::{Flows, files, flow_said, locked, said};
use crate::app::job::Report;
use crate::app::job::draft::{DraftJob, DraftReport};
use crate::app::job::import::{FileEntry, Files};
use crate::flow::draft as flow;
use crate::home::draft::{Checked, DraftError, DraftFile, Entry};

/// The draft that is being written.
#[derive(Debug, Default)]
pub struct Keeper {
    /// The file of the import, as the app names it.
    of: PathBuf,
    /// The draft; `None` if there is none, or none could be begun yet.
    file: Option<DraftFile>,
    /// What is not written yet: the disk has refused it.
    waiting: Vec<Entry>,
    /// What the last plan was made of when the draft was left; `None` for a draft of this run.
    pub(super) left: Option<Checked>,
}

impl Flows {
    /// Writes entries to the draft of a file. What cannot be written waits for the next time; [`Flows::sync`] says why.
    pub(super) fn keep_entries(&self, file: &Path, begins: bool, entries: Vec<Entry>) {
        let mut keeper = locked(&self.keeper);
        if begins || keeper.of != file {
            *keeper = Keeper { of: file.to_owned(), ..Keeper::default() };
        }
        keeper.waiting.extend(entries);
        if let Err(error) = self.write(&mut keeper) {
            tracing::warn!("cannot write the draft: {}", kind(&error));
        }
    }

    /// Writes what waits.
    fn write(&self, keeper: &mut Keeper) -> Result<(), DraftError> {
        if keeper.waiting.is_empty() {
            return Ok(());
        }
        let file = match &mut keeper.file {
            Some(file) => file,
            none => {
                let paths = &self.place.paths;
                none.insert(DraftFile::begin(&paths.drafts(), &paths.base, &self.absolute(&keeper.of))?)
            }
        };
        file.add(&keeper.waiting)?;
        keeper.waiting.clear();
        Ok(())
    }

    /// Keeps an entry that a job adds, if there is a draft.
    pub(super) fn note(&self, entry: Entry) {
        let mut keeper = locked(&self.keeper);
        if keeper.file.is_some() {
            keeper.waiting.push(entry);
            // Said when the app brings the draft to the disk the next time.
            let _ = self.write(&mut keeper);
        }
    }

    /// Brings what was kept to the disk.
    pub(super) fn sync(&self) -> Result<(), String> {
        let saver = {
            let mut keeper = locked(&self.keeper);
            self.write(&mut keeper).map_err(|e| said(&e))?;
            keeper.file.as_ref().map(DraftFile::saver)
        };
        // Without the lock: what is kept meanwhile does not wait for the disk.
        saver.map_or(Ok(()), |saver| saver.save()).map_err(|e| said(&e))
    }

    /// The import is committed: its draft is done.
    pub(super) fn finish_draft(&self) {
        let keeper = std::mem::take(&mut *locked(&self.keeper));
        let removed = keeper.file.map_or(Ok(()), |file| flow::remove(file.path()));
        if removed.is_err() {
            // The next start finds the import in the history, and tries again.
            tracing::warn!("cannot remove the draft of a finished import");
        }
    }

    pub(super) fn draft(&self, job: DraftJob) -> Result<Report, String> {
        Ok(Report::Draft(match job {
            DraftJob::Sync => self.sync().map(|()| DraftReport::Saved)?,
            DraftJob::List { asked } => {
                // The draft that is being written is no offer: it is the import that is open.
                let present = locked(&self.keeper).file.as_ref().map(|file| file.path().to_owned());
                let offers = self.offers()?.into_iter().filter(|offer| Some(&offer.path) != present.as_ref());
                DraftReport::Offers(offers.collect(), asked)
            }
            DraftJob::ThrowAway(path) => {
                flow::remove(&path).map(|()| DraftReport::ThrownAway).map_err(|e| flow_said(&e))?
            }
            DraftJob::GoOn(path) => {
                let (draft, file) = flow::go_on(&path).map_err(|e| flow_said(&e))?;
                let (of, left) = (draft.file.clone(), draft.checked.clone());
                *locked(&self.keeper) = Keeper { of, file: Some(file), waiting: Vec::new(), left };
                DraftReport::GoneOn(Box::new(draft))
            }
        }))
    }

    /// Lets go of the draft of another file: what is said from now on is about this one.
    pub(super) fn turn_to(&self, file: &Path) {
        let mut keeper = locked(&self.keeper);
        if keeper.of != file {
            *keeper = Keeper::default();
        }
    }

    /// Puts the files of unfinished imports before the others. The list of files is there before the base is, and
    /// without it.
    pub(super) fn put_unfinished(&self, files: &mut Files) {
        let is_open = locked(&self.base).is_some();
        let Some(offers) = is_open.then(|| self.offers().ok()).flatten() else { return };
        let entry = |offer: flow::Offer| {
            let path = offer.file.to_str()?.to_owned();
            offer.obstacle.is_none().then(|| FileEntry { path, about: format!("not finished, left {}", offer.left) })
        };
        let unfinished: Vec<FileEntry> = offers.into_iter().filter_map(entry).collect();
        files.entries.retain(|entry| unfinished.iter().all(|begun| begun.path != entry.path));
        files.entries.splice(..0, unfinished);
    }

    /// The drafts for this base.
    pub(super) fn offers(&self) -> Result<Vec<flow::Offer>, String> {
        let paths = &self.place.paths;
        flow::offers(&*self.base()?, &paths.base, &paths.drafts()).map_err(|e| flow_said(&e))
    }

    /// The drafts of a file.
    pub(super) fn offers_of(&self, file: &Path) -> Result<Vec<flow::Offer>, String> {
        let file = self.absolute(file);
        Ok(self.offers()?.into_iter().filter(|offer| offer.file == file).collect())
    }

    /// The file that a person means, wherever muster is started the next time.
    pub(super) fn absolute(&self, file: &Path) -> PathBuf {
        let access = &self.place.access;
        access.absolute(&file.to_str().map_or_else(|| file.to_owned(), |file| files::expanded(file, access)))
    }
}

/// Why, without a path in it: names of files may be personal.
fn kind(error: &DraftError) -> String {
    match error {
        DraftError::File { source, .. } => source.to_string(),
        _ => "its name is not UTF-8".to_owned(),
    }
}
