//! The steps of an import. What they make stays here; the app gets plain data.

use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::{Flows, files, flow_said, locked, said};
use crate::app::job::Progress;
use crate::app::job::import::{Ask, ColumnView, Committed, FileView, ImportReport, Review, Settings, Standing};
use crate::base::{BaseError, ChangeSource, Who};
use crate::flow::import::{self, Checked, Opened, Request, Stamp, Watch, imported_before, remembered_settings};
use crate::flow::reports::{self, ReportFile};
use crate::flow::{FlowError, draft, rejects};
use crate::home::draft::{Checked as Made, Entry};
use crate::home::recent::Recent;
use crate::home::{clock, who};
use crate::intake::{Detected, Dialect, QuestionKind, Target, raw_records};
use crate::model::fields::Entity;
use crate::model::text::personal;
use crate::reconcile::decision::Decisions;
use crate::reconcile::doubt::DoubtKind;
use crate::reconcile::plan::Plan;
use crate::spill::SpillRoom;
use crate::tui::worker::Desk;

/// The file of the import as far as it has come.
#[derive(Debug, Default)]
pub struct Session {
    opened: Option<Arc<Opened>>,
    checked: Option<Arc<Checked>>,
    plan: Option<Arc<Plan>>,
}

/// A file with its plan.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The file and its mapping.
    pub opened: Arc<Opened>,
    /// Its rows.
    pub checked: Arc<Checked>,
    /// What it would do.
    pub plan: Arc<Plan>,
}

const NOTHING_OPEN: &str = "No file is open: press 2 and choose one.";
const NOTHING_CHECKED: &str = "The file is not checked: go back to its columns and check it.";

impl Flows {
    pub(super) fn open_file(&self, ask: Ask) -> Result<ImportReport, String> {
        let base = self.base()?;
        let path = files::expanded(ask.path.to_str().unwrap_or_default(), &self.place.access);
        let path = if ask.path.to_str().is_some() { path } else { ask.path.clone() };
        let settings = ask.settings.clone().unwrap_or_else(|| self.place.settings.clone());
        let request = Request {
            path: path.clone(),
            source: ask.source.clone(),
            map: ask.map.clone(),
            reading: settings.reading,
            merging: settings.merging,
            rules: Vec::new(),
            threads: thread::available_parallelism().map_or(1, usize::from),
            room: SpillRoom::new(&self.place.paths.spill().map_err(|e| said(&e))?),
            access: self.place.access.clone(),
        };
        let mut opened = import::open(&base, request).map_err(|e| flow_said(&e))?;
        if ask.settings.is_none()
            && let Some((reading, merging)) = remembered_settings(&base, &opened.source).map_err(|e| flow_said(&e))?
        {
            (opened.request.reading, opened.request.merging) = (reading, merging);
        }
        self.remember_file(&path);
        self.turn_to(&ask.path);
        let mut view = view(ask, &opened);
        view.drafts = self.offers_of(&path)?;
        *locked(&self.session) = Session { opened: Some(Arc::new(opened)), ..Session::default() };
        Ok(ImportReport::Opened(Box::new(view)))
    }

    /// The list of recent files is a convenience: that it cannot be written stops nothing.
    fn remember_file(&self, path: &Path) {
        let paths = &self.place.paths;
        let mut recent = Recent::load(&paths.recent());
        recent.add(&self.absolute(path));
        let saved = paths.make_state().is_ok() && recent.save(&paths.recent()).is_ok();
        if !saved {
            tracing::info!("cannot keep the list of recent files");
        }
    }

    pub(super) fn check(&self, decisions: &Decisions, desk: &Desk) -> Result<ImportReport, String> {
        let opened = locked(&self.session).opened.clone().ok_or(NOTHING_OPEN)?;
        let total = opened.source.bytes();
        let checked = watched(desk, "Checking", total, |watch| opened.check(watch))?;
        locked(&self.session).checked = Some(Arc::new(checked));
        self.plan(decisions, desk)
    }

    pub(super) fn plan(&self, decisions: &Decisions, desk: &Desk) -> Result<ImportReport, String> {
        let base = self.base()?;
        let (opened, checked) = {
            let session = locked(&self.session);
            (session.opened.clone().ok_or(NOTHING_OPEN)?, session.checked.clone().ok_or(NOTHING_CHECKED)?)
        };
        let plan = watched(desk, "Comparing", 0, |watch| checked.plan(&base, &opened, decisions, watch))?;
        let plan = Arc::new(plan);
        locked(&self.session).plan = Some(Arc::clone(&plan));
        let mut review = review(&opened, &plan);
        let made_of = Made { sha256: checked.summary.sha256.clone(), head: plan.head, conflicts: plan.conflicts.len() };
        if let Some(left) = &locked(&self.keeper).left {
            review.since = draft::since(left, &made_of, &plan, decisions);
        }
        self.note(Entry::Checked(made_of));
        review.notes.extend(imported_before(&base, &checked.summary.sha256).map_err(|e| flow_said(&e))?);
        Ok(ImportReport::Planned(Box::new(review)))
    }

    /// Writes the plan. If the base has changed since it was made, it is made again; if it then says something else, it
    /// is shown again instead (R24).
    pub(super) fn commit(&self, decisions: &Decisions, desk: &Desk) -> Result<ImportReport, String> {
        let base = self.base()?;
        let mut planned = self.planned()?;
        let done = loop {
            let Planned { opened, checked, plan } = &planned;
            let total = [Entity::Contact, Entity::Organization].map(|e| plan.count(e)).iter().sum();
            let stamp = self.stamp();
            self.note(Entry::Committing(plan.digest.clone()));
            let done = watched(desk, "Importing", total, |watch| {
                match import::commit(&base, opened, checked, plan, stamp, watch) {
                    Err(FlowError::Base(BaseError::Moved { .. })) => Ok(None),
                    done => done.map(Some),
                }
            })?;
            if let Some(done) = done {
                break done;
            }
            let mut report = self.plan(decisions, desk)?;
            let digest = planned.plan.digest.clone();
            planned = self.planned()?;
            if planned.plan.digest != digest {
                if let ImportReport::Planned(review) = &mut report {
                    review.notes.insert(0, "the base has changed meanwhile: look at the numbers again".to_owned());
                }
                return Ok(report);
            }
        };
        let counts = planned.plan.counts;
        let left = counts.rows.held + counts.rows.rejected > 0;
        let written = left.then(|| write_rejects(&planned));
        let Planned { opened, checked, plan } = &planned;
        let path = written.as_ref().and_then(|written| written.as_ref().ok());
        let kept = rejects::keep(&base, done.number, (opened, checked, plan), path.map(PathBuf::as_path));
        if let Err(error) = &kept {
            tracing::warn!(%error, number = done.number, "the history cannot save the rejects of this import again");
        }
        let way_out = if kept.is_ok() { KEPT } else { GONE };
        let rejects = written.map(|written| match written {
            Ok(path) => Ok(path.display().to_string()),
            Err(why) => Err(format!("{why}\n{way_out}")),
        });
        self.finish_draft();
        *locked(&self.session) = Session::default();
        let empty = planned.plan.is_empty();
        Ok(ImportReport::Committed(Box::new(Committed { number: done.number, counts, empty, rejects })))
    }

    pub(super) fn planned(&self) -> Result<Planned, String> {
        let session = locked(&self.session);
        let opened = session.opened.clone().ok_or(NOTHING_OPEN)?;
        match (session.checked.clone(), session.plan.clone()) {
            (Some(checked), Some(plan)) => Ok(Planned { opened, checked, plan }),
            _ => Err(NOTHING_CHECKED.to_owned()),
        }
    }

    /// Reads a row again as it stands in the file, to correct a cell.
    pub(super) fn original(&self, row: u32, column: Option<u32>) -> Result<ImportReport, String> {
        let Planned { opened, checked, .. } = self.planned()?;
        let original = checked.original(&opened, row).map_err(|e| flow_said(&e))?;
        Ok(ImportReport::Original(row, column, original))
    }

    /// Reads a row again as it stands in the file.
    pub(super) fn line(&self, row: u32) -> Result<ImportReport, String> {
        let opened = self.planned()?.opened;
        lines(&opened, "As it stands in the file", vec![row])
    }

    pub(super) fn stamp(&self) -> Stamp {
        let who = who::Who::now(self.place.as_name.as_deref());
        let who = Who { user: who.user, ssh_client: who.ssh, as_name: who.name };
        Stamp { who, when: clock::now().as_millisecond() }
    }
}

/// Rows as they stand in the file, under a title. Row numbers must ascend.
pub(super) fn lines(opened: &Opened, title: &str, rows: Vec<u32>) -> Result<ImportReport, String> {
    let mut lines = Vec::with_capacity(rows.len());
    for record in raw_records(&opened.source, rows) {
        let record = record.map_err(|e| format!("{}\n{}", said(&e), e.hint()))?;
        lines.push(format!("line {}: {}", record.lines[0], personal(&record.text.replace('\n', "⏎"))));
    }
    Ok(ImportReport::Lines(title.to_owned(), lines))
}

/// What to do when the rejects file could not be written.
const KEPT: &str = "The history keeps these rows: 3, then w saves them where there is room.";
const GONE: &str =
    "Import the file again: the rows that are still wrong go to a new rejects file, the others are unchanged.";

fn write_rejects(planned: &Planned) -> Result<PathBuf, String> {
    let Planned { opened, checked, plan } = planned;
    let file = &opened.request.path;
    let made = ReportFile::create_rejects(&opened.request.access, file)
        .map_err(|error| format!("beside {}: {}", file.display(), said(&error)))?;
    let written = reports::write_rejects(BufWriter::new(&made.file), opened, checked, plan);
    written.map(|_| made.shown().to_owned()).map_err(|error| {
        made.remove();
        flow_said(&error)
    })
}

/// Does a flow on a thread of its own, while this one says how far it is and passes a cancel on.
fn watched<T: Send>(
    desk: &Desk,
    doing: &str,
    total: u64,
    work: impl FnOnce(&Watch) -> Result<T, FlowError> + Send,
) -> Result<T, String> {
    let watch = Watch::default();
    let began = Instant::now();
    let result = thread::scope(|scope| {
        let job = scope.spawn(|| work(&watch));
        while !job.is_finished() {
            if desk.cancelled() {
                watch.cancel.store(true, Ordering::Relaxed);
            }
            let [planned, committed] = [&watch.planned, &watch.committed].map(|n| n.load(Ordering::Relaxed));
            let checked = [&watch.intake.rows, &watch.intake.rejected, &watch.intake.warned];
            let [read, rejected, warned] = checked.map(|n| u64::from(n.load(Ordering::Relaxed)));
            desk.progress(Progress {
                doing: doing.to_owned(),
                rows: read.max(planned).max(committed),
                rejected,
                warned,
                bytes: watch.intake.bytes.load(Ordering::Relaxed).max(committed),
                total_bytes: total,
                elapsed: began.elapsed(),
            });
            thread::park_timeout(Duration::from_millis(20));
        }
        // A panic of the flow goes on here, and becomes an error on the screen.
        job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    result.map_err(|error| flow_said(&error))
}

fn view(mut ask: Ask, opened: &Opened) -> FileView {
    let (source, mapped) = (&opened.source, &opened.mapped);
    let settings = Settings { reading: opened.request.reading.clone(), merging: opened.request.merging.clone() };
    ask.settings = Some(settings.clone());
    let fed = opened.mapped_columns();
    let asked: Vec<usize> = mapped.questions.iter().flat_map(|q| asked_columns(&q.kind)).collect();
    let columns = mapped.mapping.columns.iter().enumerate().map(|(at, column)| {
        let number = at as u32 + 1;
        let fields = fed.iter().filter(|f| f.column == number).map(|f| f.field.as_str());
        let fields: Vec<&str> = fields.collect();
        ColumnView {
            header: column.header.clone(),
            samples: source.column_samples(at).into_iter().map(str::to_owned).collect(),
            field: if column.target == Target::Own { "(muster's own)".to_owned() } else { fields.join(", ") },
            asked: asked.contains(&at),
            changed: ask.map.maps.iter().any(|map| says_of(map, number)),
        }
    });
    FileView {
        name: Path::new(source.name())
            .file_name()
            .map_or_else(|| source.name().to_owned(), |name| name.to_string_lossy().into_owned()),
        bytes: source.bytes(),
        encoding: encoding(opened),
        samples: source.samples().to_vec(),
        separator: separator(source.separator()),
        wording: match (mapped.remembered, mapped.dialect) {
            (true, _) => "mapping of the last import with these headers".to_owned(),
            (_, Some(Dialect::Older)) => "Genesys headers, older wording".to_owned(),
            (_, Some(Dialect::Current)) => "Genesys headers, current wording".to_owned(),
            _ => "headers of another program".to_owned(),
        },
        columns: columns.collect(),
        questions: mapped.questions.clone(),
        catalog: mapped.catalog.clone(),
        settings,
        mapping: mapped.mapping.clone(),
        drafts: Vec::new(),
        ask,
    }
}

/// Whether an option such as `#3=contact.city` or `#1+#3=contact.id` is about a column, from 1.
fn says_of(map: &str, column: u32) -> bool {
    let columns = map.rsplit_once('=').map_or("", |(columns, _)| columns);
    columns.split('+').any(|part| part.strip_prefix('#') == Some(column.to_string().as_str()))
}

fn asked_columns(kind: &QuestionKind) -> Vec<usize> {
    match kind {
        QuestionKind::Header { column } => vec![*column],
        QuestionKind::Field { columns, .. } => columns.clone(),
        _ => Vec::new(),
    }
}

fn encoding(opened: &Opened) -> String {
    let name = opened.source.encoding();
    match opened.source.detected() {
        Detected::Bom => format!("{name} (says its byte order mark)"),
        Detected::Chosen => format!("{name} (chosen)"),
        Detected::Utf8 => name.to_owned(),
        Detected::Guess { resembles: None } => format!("{name} (a guess)"),
        Detected::Guess { resembles: Some(other) } => format!("{name} (a guess; or is it {other}?)"),
    }
}

fn separator(byte: u8) -> String {
    match byte {
        b',' => "comma".to_owned(),
        b';' => "semicolon".to_owned(),
        b'\t' => "tab".to_owned(),
        other => format!("'{}'", char::from(other)),
    }
}

fn review(opened: &Opened, plan: &Plan) -> Review {
    let mut findings: Vec<_> = plan.finding_counts.iter().map(|((s, code), n)| (*s, *code, *n)).collect();
    findings.sort_by_key(|(severity, _, count)| std::cmp::Reverse((*severity, *count)));
    let standing = plan.conflicts.iter().map(|c| Standing {
        entity: c.entity,
        id: c.id.clone(),
        class: c.class,
        decided: c.decided.is_some(),
    });
    let doubts = &plan.doubts;
    Review {
        counts: plan.counts,
        findings,
        notes: Vec::new(),
        since: None,
        corrected: plan.corrections().values().map(|row| row.correction.texts.len() as u64).sum(),
        unmapped: opened.unmapped(),
        conflicts: standing.collect(),
        doubts: DoubtKind::ALL.map(|kind| (kind, doubts.count(kind) as u64, doubts.answered(kind) as u64)).to_vec(),
        empty: plan.is_empty(),
    }
}
