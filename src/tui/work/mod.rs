//! What the jobs of the app really do: the flows, on the base and on the file of the import.
//!
//! | file | what it does |
//! | --- | --- |
//! | here | opens the base, and hands each job to its place |
//! | `browse` | hits for the list of contacts and organizations, and the index that they are found in |
//! | `edit` | a person makes, changes or deletes a record, or takes that back |
//! | `files` | the files to choose from |
//! | `import` | open, check, plan, commit: the steps of an import |
//! | `rows` | the lists behind the numbers of the review, a window at a time |
//! | `conflict` | conflicts: names, whole ones, policies, raw lines |
//! | `draft` | what a person said is kept, and gone on with |
//! | `doubt` | what needs a person's consent |
//! | `history` | acts, their records, undo, rejects saved again |

mod browse;
mod conflict;
mod doubt;
mod draft;
mod edit;
mod files;
mod history;
mod import;
mod rows;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::worker::{Desk, Work};
use crate::app::job::import::{ImportJob, ImportReport, Settings};
use crate::app::job::{Counts, Job, Progress, Report};
use crate::base::{Base, BaseError};
use crate::flow::FlowError;
use crate::flow::gauge::Gauge;
use crate::flow::upkeep::renewed;
use crate::home::access::Access;
use crate::home::draft::Entry;
use crate::home::paths::Paths;
use browse::Browsing;
use draft::Keeper;
use history::ChangedSince;
use import::Session;

/// Where the base is, and who works on it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The base, and where its imports leave traces.
    pub paths: Paths,
    /// What `--as` said.
    pub as_name: Option<String>,
    /// How long to wait for a base that another process uses.
    pub wait: Duration,
    /// The settings of an import whose header line is new.
    pub settings: Settings,
    /// Which files may be named.
    pub access: Access,
}

/// How long to wait between two tries to open a base in use.
const TRY: Duration = Duration::from_millis(250);

/// The work on a real base. It is opened by the first job, so that the first frame does not wait for it.
pub struct Flows {
    place: Place,
    base: Mutex<Option<Arc<Base>>>,
    session: Mutex<Session>,
    keeper: Mutex<Keeper>,
    browsing: Browsing,
    changed_since: Mutex<Option<ChangedSince>>,
}

impl Flows {
    /// The work on the base at a place.
    pub fn new(place: Place) -> Flows {
        let (base, session, keeper, browsing, changed_since) = Default::default();
        Flows { place, base, session, keeper, browsing, changed_since }
    }

    /// The base; opened if it is not yet.
    fn base(&self) -> Result<Arc<Base>, String> {
        self.open(&|_| true)
    }

    /// Opens the base, if it is not open yet. One that another process uses is tried again for the time that a person
    /// allowed, as long as `wait` says so, which is told why.
    fn open(&self, wait: &dyn Fn(&BaseError) -> bool) -> Result<Arc<Base>, String> {
        let paths = &self.place.paths;
        let since = Instant::now();
        loop {
            let mut slot = locked(&self.base);
            if let Some(base) = &*slot {
                return Ok(Arc::clone(base));
            }
            paths.make_base().map_err(|e| said(&e))?;
            match Base::open(&paths.base, Duration::ZERO) {
                Ok(base) => return Ok(Arc::clone(slot.insert(Arc::new(base)))),
                Err(error @ BaseError::InUse { .. }) if since.elapsed() < self.place.wait && wait(&error) => {}
                Err(error) => return Err(said(&error)),
            }
            // The others shall not wait for the lock too.
            drop(slot);
            thread::sleep(TRY);
        }
    }

    /// Opens the base, and says for what it waits.
    fn open_and_count(&self, desk: &Desk) -> Result<Report, String> {
        let wait = |error: &BaseError| {
            let doing = format!("Waiting up to {} seconds: {error}", self.place.wait.as_secs());
            desk.progress(Progress { doing, ..Progress::default() });
            !desk.cancelled()
        };
        if let Some(text) = renewed(&*self.open(&wait)?) {
            desk.report(Report::Told(text));
        }
        self.counts().map(Report::Opened)
    }

    fn import(&self, job: ImportJob, desk: &Desk) -> Result<(), String> {
        let report = match job {
            ImportJob::Files(typed) => {
                let mut files = files::list(&typed, &self.place.paths, &self.place.access);
                if typed.is_empty() {
                    self.put_unfinished(&mut files);
                }
                ImportReport::Files(files)
            }
            ImportJob::Original { row, column } => self.original(row, column)?,
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
            Job::Open => desk.report(self.open_and_count(desk)?),
            Job::Search(search) => self.browsing.search(&*self.base()?, &search, desk)?,
            Job::Index => self.browsing.refresh(&*self.base()?, self.place.settings.reading.clone(), desk)?,
            Job::Steps(entity, id) => desk.report(browse::steps(&*self.base()?, entity, id)?),
            Job::SaveHits(search, path) => {
                desk.report(self.browsing.save(&*self.base()?, &search, (&self.place.access, &path), desk)?);
            }
            Job::CountMembers(accounts) => browse::count_members(&*self.base()?, accounts, desk)?,
            Job::Import(job) => self.import(job, desk)?,
            Job::Conflict(job) => desk.report(self.conflict(job, desk)?),
            Job::Edit(job) => self.edit(job, desk)?,
            Job::Draft(job) => desk.report(self.draft(job)?),
            Job::Doubt(job) => desk.report(self.doubt(job, desk)?),
            Job::History(job) => self.history(job, desk)?,
        }
        Ok(())
    }

    fn keep(&self, file: &Path, begins: bool, entries: Vec<Entry>) {
        self.keep_entries(file, begins, entries);
    }

    /// A commit is durable when it returns; what is left is the draft.
    fn flush(&self) {
        if self.sync().is_err() {
            tracing::warn!("cannot bring the draft to the disk");
        }
    }
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

/// Does a flow on a thread of its own, while this one says how far it is and passes a cancel on.
fn gauged<T: Send>(
    desk: &Desk,
    doing: &str,
    work: impl FnOnce(&Gauge) -> Result<T, FlowError> + Send,
) -> Result<T, FlowError> {
    let gauge = Gauge::default();
    let began = Instant::now();
    thread::scope(|scope| {
        let job = scope.spawn(|| work(&gauge));
        while !job.is_finished() {
            if desk.cancelled() {
                gauge.cancel.store(true, Ordering::Relaxed);
            }
            let (rows, total) = gauge.get();
            let doing = doing.to_owned();
            desk.progress(Progress {
                doing,
                rows,
                bytes: rows,
                total_bytes: total,
                elapsed: began.elapsed(),
                ..Progress::default()
            });
            thread::park_timeout(Duration::from_millis(20));
        }
        // A panic of the flow goes on here, and becomes an error on the screen.
        job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
