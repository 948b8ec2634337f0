//! What the jobs of the app really do: the flows, on the base and on the file of the import.
//!
//! | file | what it does |
//! | --- | --- |
//! | here | opens the base, and hands each job to its place |
//! | `browse` | hits for the list of contacts and organizations |
//! | `files` | the files to choose from |
//! | `import` | open, check, plan, commit: the steps of an import |
//! | `rows` | the lists behind the numbers of the review, a window at a time |
//! | `conflict` | conflicts: names, whole ones, policies, raw lines |

mod browse;
mod conflict;
mod files;
mod import;
mod rows;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::worker::{Desk, Work};
use crate::app::job::import::{ImportJob, ImportReport};
use crate::app::job::{Counts, Job, Report};
use crate::base::Base;
use crate::flow::FlowError;
use crate::home::paths::Paths;
use import::Session;

/// Where the base is, and who works on it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The folder of the base, if it is not the usual one.
    pub base: Option<PathBuf>,
    /// What `--as` said.
    pub as_name: Option<String>,
    /// How long to wait for a base that another process uses.
    pub wait: Duration,
}

/// The work on a real base. It is opened by the first job, so that the first frame does not wait for it.
pub struct Flows {
    place: Place,
    base: Mutex<Option<Arc<Base>>>,
    session: Mutex<Session>,
}

impl Flows {
    /// The work on the base at a place.
    pub fn new(place: Place) -> Flows {
        Flows { place, base: Mutex::new(None), session: Mutex::default() }
    }

    /// The base; opened if it is not yet.
    fn base(&self) -> Result<Arc<Base>, String> {
        let mut slot = locked(&self.base);
        if let Some(base) = &*slot {
            return Ok(Arc::clone(base));
        }
        let paths = self.paths()?;
        paths.make_base().map_err(|e| said(&e))?;
        let base = Arc::new(Base::open(&paths.base, self.place.wait).map_err(|e| said(&e))?);
        *slot = Some(Arc::clone(&base));
        Ok(base)
    }

    fn paths(&self) -> Result<Paths, String> {
        Paths::find(self.place.base.as_deref()).map_err(|e| said(&e))
    }

    fn import(&self, job: ImportJob, desk: &Desk) -> Result<(), String> {
        let report = match job {
            ImportJob::Files(typed) => ImportReport::Files(files::list(&typed, &self.paths()?)),
            ImportJob::Open(ask) => self.open_file(ask)?,
            ImportJob::Check(decisions) => self.check(&decisions, desk)?,
            ImportJob::Plan(decisions) => self.plan(&decisions, desk)?,
            ImportJob::Commit(decisions) => {
                let report = self.commit(&decisions, desk)?;
                desk.report(Report::Opened(self.counts()?));
                report
            }
            ImportJob::Rows(wanted) => match self.rows(wanted, desk)? {
                Some(found) => ImportReport::Rows(found),
                None => return Ok(()),
            },
            ImportJob::Line(row) => self.line(row)?,
        };
        desk.report(Report::Import(report));
        Ok(())
    }

    fn counts(&self) -> Result<Counts, String> {
        let head = self.base()?.head();
        Ok(Counts { contacts: head.contacts, organizations: head.organizations })
    }
}

impl Work for Flows {
    fn run(&self, job: Job, desk: &Desk) -> Result<(), String> {
        match job {
            Job::Open => desk.report(Report::Opened(self.counts()?)),
            Job::Search(search) => {
                let base = self.base()?;
                desk.report(Report::Found(browse::find(&base, &search, desk)?));
            }
            Job::Import(job) => self.import(job, desk)?,
            Job::Conflict(job) => desk.report(self.conflict(job, desk)?),
        }
        Ok(())
    }

    /// A commit is durable when it returns, so there is nothing left to bring to the disk.
    fn flush(&self) {}
}

/// A lock whose holder panicked still guards whole data: every value behind it is replaced in one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error with all its causes, for the screen.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(&format!(": {more}"));
        }
        source = cause.source();
    }
    text
}

/// An error of a flow: what happened, and what to do now.
fn flow_said(error: &FlowError) -> String {
    match error {
        FlowError::Intake(intake) => format!("{}\n{}", said(error), intake.hint()),
        _ => said(error),
    }
}
