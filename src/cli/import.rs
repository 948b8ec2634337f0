//! `muster check` and `muster import`: the same steps, and at the end the base is written or it is not.

use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::args::Common;
use super::exit::{Exit, Failure};
use super::import_args::{ImportFile, ReportOptions};
use super::open::{base_to_read, base_to_write, stamp};
use super::output::Output;
use super::progress::Progress;
use super::stop::Stop;
use crate::base::Base;
use crate::flow::import::{Checked, Opened, Request, Watch, commit, imported_before, open};
use crate::flow::{FlowError, reports};
use crate::home::paths::Paths;
use crate::home::private;
use crate::intake::{MapOptions, SourceOptions};
use crate::reconcile::decision::Decisions;
use crate::reconcile::plan::Plan;
use crate::report::import::ImportReport;
use crate::report::rejects::names;
use crate::spill::SpillRoom;

/// Says what an import would do.
pub fn check(options: &ImportFile, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_to_read(common)?;
    let done = plan_file(&base, options, common, output)?;
    done.write_reports(&base, &options.reports)?;
    if let Some(path) = &options.reports.rejects {
        done.write_rejects(path, private::create(path)?)?;
    }
    done.report(output, None, &[])?;
    if !output.json {
        output.print("Dry run: nothing was written.\n")?;
    }
    Ok(done.exit())
}

/// Imports a file: what is decided is written, what is held or rejected goes to the rejects file.
pub fn import(options: &ImportFile, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_to_write(common)?;
    let done = plan_file(&base, options, common, output)?;
    // Old values are in the base only until the commit.
    done.write_reports(&base, &options.reports)?;
    let number = done.commit(&base, common, output)?;
    let rejects = if done.exit() == Exit::Partly { done.rejects(options)? } else { None };
    done.report(
        output,
        Some(number),
        &rejects.iter().map(|p| format!("rejects: {}", p.display())).collect::<Vec<_>>(),
    )?;
    if !output.json {
        let what = if done.plan.is_empty() { "Nothing to change; noted" } else { "Committed" };
        output.print(&format!("{what} as import {number} in {:.1} s.\n", done.started.elapsed().as_secs_f64()))?;
        if let Some(path) = rejects {
            let path = path.display().to_string();
            output.print(&format!("Rows that were not imported: {}\n", output.safe(&path)))?;
        }
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
    let stop = Stop::on_signals()?;
    let opened = open(base, request(options, common)?)?;
    if !opened.mapped.questions.is_empty() {
        return Err(FlowError::Questions(opened.mapped.questions).into());
    }
    let total = opened.source.bytes();
    let checked = watched(&stop, output, Some(total), |watch| opened.check(watch))?;
    let decisions = Decisions::default();
    let plan = watched(&stop, output, None, |watch| checked.plan(base, &opened, &decisions, watch))?;
    let plan = Arc::new(plan);
    let notes = imported_before(base, &checked.summary.sha256)?.into_iter().collect();
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
    })
}

/// Does work on a thread of its own while this one draws the progress and passes a signal on.
fn watched<T: Send>(
    stop: &Stop,
    output: &mut Output<'_>,
    total: Option<u64>,
    work: impl FnOnce(&Watch) -> Result<T, FlowError> + Send,
) -> Result<T, Failure> {
    let watch = Watch::default();
    let mut progress = Progress::new(output.watched);
    let result = std::thread::scope(|scope| {
        let job = scope.spawn(|| work(&watch));
        while !job.is_finished() {
            if stop.wanted() {
                watch.cancel.store(true, Ordering::Relaxed);
            }
            let rows = u64::from(watch.intake.rows.load(Ordering::Relaxed)).max(watch.planned.load(Ordering::Relaxed));
            let rows = rows.max(watch.committed.load(Ordering::Relaxed));
            progress.update(output.messages(), rows, watch.intake.bytes.load(Ordering::Relaxed), total);
            std::thread::park_timeout(Duration::from_millis(if rows == 0 { 2 } else { 20 }));
        }
        // A panic of the job goes on here.
        job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    progress.clear(output.messages());
    match stop.exit() {
        Some(exit) if result.is_err() => Err(Failure::new(exit, FlowError::Cancelled)),
        _ => Ok(result?),
    }
}

impl Planned {
    fn exit(&self) -> Exit {
        let rows = &self.plan.counts.rows;
        if rows.held + rows.rejected > 0 { Exit::Partly } else { Exit::Done }
    }

    fn commit(&self, base: &Base, common: &Common, output: &mut Output<'_>) -> Result<u64, Failure> {
        let stamp = stamp(common);
        let done = watched(&self.stop, output, None, |watch| {
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
            false => output.print(&report.text(output.ascii)?)?,
        }
        Ok(())
    }

    fn write_reports(&self, base: &Base, reports: &ReportOptions) -> Result<(), Failure> {
        if let Some(path) = &reports.findings {
            reports::write_findings(BufWriter::new(private::create(path)?), &self.checked, &self.plan)?;
        }
        if let Some(path) = &reports.changes {
            reports::write_changes(BufWriter::new(private::create(path)?), base, &self.checked, &self.plan)?;
        }
        Ok(())
    }

    /// Writes the rejects file where it was asked for, else beside the file under a name that is free.
    fn rejects(&self, options: &ImportFile) -> Result<Option<PathBuf>, Failure> {
        let (path, file) = match &options.reports.rejects {
            Some(path) => (path.clone(), private::create(path)?),
            None if options.file == Path::new("-") => return Ok(None),
            None => private::create_first(names(&options.file))?,
        };
        self.write_rejects(&path, file)?;
        Ok(Some(path))
    }

    fn write_rejects(&self, path: &Path, file: std::fs::File) -> Result<(), Failure> {
        reports::write_rejects(BufWriter::new(file), &self.opened, &self.checked, &self.plan).map_err(|error| {
            Failure::new(
                Exit::Unusable,
                color_eyre::eyre::Report::new(error).wrap_err(format!("cannot write {}", path.display())),
            )
        })?;
        Ok(())
    }
}
