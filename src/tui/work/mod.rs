//! What the jobs of the app really do: the flows, on the base.
//!
//! | file | what it does |
//! | --- | --- |
//! | here | opens the base, and hands each job to its place |
//! | `browse` | hits for the list of contacts and organizations, and the index that they are found in |

mod browse;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::worker::{Desk, Work};
use crate::app::job::{Counts, Job, Report};
use crate::base::Base;
use crate::home::paths::Paths;
use browse::Browsing;

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
    browsing: Browsing,
}

impl Flows {
    /// The work on the base at a place.
    pub fn new(place: Place) -> Flows {
        Flows { place, base: Mutex::new(None), browsing: Browsing::default() }
    }

    /// The base; opened if it is not yet.
    fn base(&self, desk: &Desk) -> Result<Arc<Base>, String> {
        let mut slot = locked(&self.base);
        if let Some(base) = &*slot {
            return Ok(Arc::clone(base));
        }
        let paths = self.paths()?;
        paths.make_base().map_err(|e| said(&e))?;
        let base = Arc::new(browse::open(&paths.base, self.place.wait, desk)?);
        *slot = Some(Arc::clone(&base));
        Ok(base)
    }

    fn paths(&self) -> Result<Paths, String> {
        Paths::find(self.place.base.as_deref()).map_err(|e| said(&e))
    }

    fn counts(&self, desk: &Desk) -> Result<Counts, String> {
        let head = self.base(desk)?.head();
        Ok(Counts { contacts: head.contacts, organizations: head.organizations })
    }
}

impl Work for Flows {
    fn run(&self, job: Job, desk: &Desk) -> Result<(), String> {
        match job {
            Job::Open => desk.report(Report::Opened(self.counts(desk)?)),
            Job::Search(search) => self.browsing.search(&*self.base(desk)?, &search, desk)?,
            Job::Index => self.browsing.refresh(&*self.base(desk)?, desk)?,
            Job::CountMembers(account) => browse::count_members(&*self.base(desk)?, account, desk)?,
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
