//! `muster check` and `muster import`: the same steps, and at the end the base is written or it is not.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use color_eyre::eyre::Report;

use super::args::Common;
use super::exit::{Exit, Failure};
use super::import_args::{ImportFile, ReportOptions};
use super::open::{base_or_empty, base_or_new, stamp};
use super::output::Output;
use super::progress::Progress;
use super::stop::Stop;
use super::work::watched;
use crate::base::Base;
use crate::flow::FlowError;
use crate::flow::import::{Checked, Opened, Request, Watch, commit, guessed_encoding, imported_before, open};
use crate::flow::rejects;
use crate::flow::reports::{self, ReportFile};
use crate::home::paths::Paths;
use crate::intake::{MapOptions, SourceOptions};
use crate::reconcile::decision::Decisions;
use crate::reconcile::plan::Plan;
use crate::report::import::ImportReport;
use crate::spill::SpillRoom;

/// Says what an import would do.
pub fn check(options: &ImportFile, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_or_empty(common)?;
    let done = plan_file(&base, options, common, output)?;
    done.write_reports(&base, &options.reports)?;
    if let Some(path) = &options.reports.rejects {
        done.write_rejects(&done.create(path)?)?;
    }
    done.report(output, None, &[])?;
    if !output.json {
        output.print("Dry run: nothing was written.\n")?;
    }
    Ok(done.exit())
}

/// Imports a file: what is decided is written, what is held or rejected goes to the rejects file.
pub fn import(options: &ImportFile, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_or_new(common)?;
    let done = plan_file(&base, options, common, output)?;
    // Before the commit: old values are in the base only until then, and a disk that cannot take the reports or the
    // rejects must not leave an import whose other rows are nowhere.
    done.write_reports(&base, &options.reports)?;
    let rejects = if done.exit() == Exit::Partly { done.rejects(options)? } else { None };
    let committed = done.commit(&base, common, output);
    if let (Err(_), Some(rejects)) = (&committed, &rejects) {
        // Nothing was imported, so these are not the rows that are left.
        rejects.remove();
    }
    let number = committed?;
    let rejects = rejects.map(|rejects| rejects.shown().to_owned());
    let kept = rejects::keep(&base, number, (&done.opened, &done.checked, &done.plan), rejects.as_deref());
    if let Err(error) = kept {
        tracing::warn!(%error, number, "the history cannot save the rejects of this import again");
    }
    let notes: Vec<String> = rejects.iter().map(|path| format!("rejects: {}", path.display())).collect();
    done.report(output, Some(number), &notes)?;
    if !output.json {
        let text = done.last_words(number, rejects.as_deref());
        let safe: String = text.iter().map(|line| format!("{}\n", output.safe(line))).collect();
        output.print(&safe)?;
    }
    Ok(done.exit())
}

/// A file with its plan.
struct Planned {
    opened: Opened,
    checked: Checked,
    plan: Arc<Plan>,
    notes: Vec<String>,
    stop: Stop,
    started: Instant,
}

fn plan_file(base: &Base, options: &ImportFile, common: &Common, output: &mut Output<'_>) -> Result<Planned, Failure> {
    let started = Instant::now();
    let opened = open(base, request(options, common)?)?;
    // Only now: while standard input is awaited, a signal ends the process as it ends any other.
    let stop = Stop::on_signals()?;
    if !opened.mapped.questions.is_empty() {
        return Err(FlowError::Questions(opened.mapped.questions).into());
    }
    let total = opened.source.bytes();
    let checked = step(&stop, output, Some(total), |watch| opened.check(watch))?;
    let decisions = Decisions::default();
    let plan = step(&stop, output, None, |watch| checked.plan(base, &opened, &decisions, watch))?;
    let plan = Arc::new(plan);
    let empty = (plan.counts.rows.total == 0).then(|| "the file has a header but no rows".to_owned());
    let before = imported_before(base, &checked.summary.sha256)?;
    let notes = [guessed_encoding(&opened.source), before, empty].into_iter().flatten().collect();
    Ok(Planned { opened, checked, plan, notes, stop, started })
}

fn request(options: &ImportFile, common: &Common) -> Result<Request, Failure> {
    let reading = &options.reading;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Request {
        path: options.file.clone(),
        source: SourceOptions {
            encoding: reading.encoding.map(|encoding| encoding.name().to_owned()),
            separator: reading.separator.map(|separator| separator.0),
        },
        map: MapOptions {
            maps: reading.map.clone(),
            key_separator: Some(reading.key_separator.0.clone()),
            keep_unmapped: reading.keep_unmapped,
            no_accounts: reading.no_accounts,
        },
        reading: reading.settings(),
        merging: options.merging.settings(),
        rules: options.merging.resolve.clone(),
        threads: reading.threads.unwrap_or(cores),
        room: SpillRoom::new(&Paths::find(common.base.as_deref())?.spill()?),
        access: common.access.clone(),
    })
}

/// Does a step of an import; the line on the terminal counts what it counts.
fn step<T: Send>(
    stop: &Stop,
    output: &mut Output<'_>,
    total: Option<u64>,
    work: impl FnOnce(&Watch) -> Result<T, FlowError> + Send,
) -> Result<T, Failure> {
    let watch = Watch::default();
    let draw = |progress: &mut Progress, err: &mut dyn Write| {
        let counts = [&watch.planned, &watch.committed].map(|count| count.load(Ordering::Relaxed));
        let rows = u64::from(watch.intake.rows.load(Ordering::Relaxed)).max(counts[0]).max(counts[1]);
        progress.update(err, rows, watch.intake.bytes.load(Ordering::Relaxed), total);
    };
    watched(stop, output, &watch.cancel, draw, || work(&watch))
}

impl Planned {
    fn exit(&self) -> Exit {
        let rows = &self.plan.counts.rows;
        if rows.held + rows.rejected > 0 { Exit::Partly } else { Exit::Done }
    }

    fn last_words(&self, number: u64, rejects: Option<&Path>) -> Vec<String> {
        let what = if self.plan.is_empty() { "Nothing to change; noted" } else { "Committed" };
        let mut lines = vec![format!("{what} as import {number} in {:.1} s.", self.started.elapsed().as_secs_f64())];
        if let Some(path) = rejects {
            lines.push(format!("Rows that were not imported: {}", path.display()));
        } else if self.exit() == Exit::Partly {
            lines
                .push("Rows that were not imported are nowhere but in the file: --rejects FILE writes them".to_owned());
        }
        lines
    }

    fn commit(&self, base: &Base, common: &Common, output: &mut Output<'_>) -> Result<u64, Failure> {
        let stamp = stamp(common);
        let done = step(&self.stop, output, None, |watch| {
            commit(base, &self.opened, &self.checked, &self.plan, stamp, watch)
        })?;
        Ok(done.number)
    }

    fn report(&self, output: &mut Output<'_>, import: Option<u64>, notes: &[String]) -> Result<(), Failure> {
        let notes = [&self.notes[..], notes].concat();
        let facts = self.opened.facts(&self.checked);
        let (mapping, unmapped) = (self.opened.mapped_columns(), self.opened.unmapped());
        let report = ImportReport {
            file: &facts,
            mapping: &mapping,
            unmapped: &unmapped,
            plan: &self.plan,
            catalog: &self.checked.catalog,
            notes: &notes,
            import,
            seconds: self.started.elapsed().as_secs_f64(),
        };
        match output.json {
            true => output.print_json(&report.json()?)?,
            false => output.print(&report.text(output.look)?)?,
        }
        Ok(())
    }

    fn write_reports(&self, base: &Base, reports: &ReportOptions) -> Result<(), Failure> {
        if let Some(path) = &reports.findings {
            let made = self.create(path)?;
            let written = reports::write_findings(BufWriter::new(&made.file), &self.checked, &self.plan);
            written.map_err(|error| unwritten(&made, error))?;
        }
        if let Some(path) = &reports.changes {
            let made = self.create(path)?;
            let written = reports::write_changes(BufWriter::new(&made.file), base, &self.checked, &self.plan);
            written.map_err(|error| unwritten(&made, error))?;
        }
        Ok(())
    }

    /// Writes the rejects file where it was asked for, else beside the file under a name that is free.
    fn rejects(&self, options: &ImportFile) -> Result<Option<ReportFile>, Failure> {
        let access = &self.opened.request.access;
        let made = match &options.reports.rejects {
            Some(path) => self.create(path)?,
            None if options.file == Path::new("-") => return Ok(None),
            None => ReportFile::create_rejects(access, &options.file).map_err(|error| {
                let text = "cannot write the rejects beside the file: choose another place with --rejects FILE";
                Failure::new(Exit::Unusable, Report::new(error).wrap_err(text))
            })?,
        };
        self.write_rejects(&made)?;
        Ok(Some(made))
    }

    fn write_rejects(&self, made: &ReportFile) -> Result<(), Failure> {
        let written = reports::write_rejects(BufWriter::new(&made.file), &self.opened, &self.checked, &self.plan);
        written.map(drop).map_err(|error| unwritten(made, error))
    }

    /// Makes a report file.
    fn create(&self, path: &Path) -> Result<ReportFile, Failure> {
        ReportFile::create(&self.opened.request.access, path).map_err(|error| {
            let text = match error.kind() {
                std::io::ErrorKind::AlreadyExists => format!("{} exists: choose another name", path.display()),
                _ => format!("cannot make {}: check the folder, or choose another name", path.display()),
            };
            Failure::new(Exit::Unusable, Report::new(error).wrap_err(text))
        })
    }
}

/// A report that could not be completed is removed.
fn unwritten(made: &ReportFile, error: FlowError) -> Failure {
    made.remove();
    error.doing(format!("cannot write {}; nothing was imported", made.shown().display())).into()
}
