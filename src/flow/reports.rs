//! The files that a check or an import writes beside the base: rejects, findings, changes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::FlowError;
use super::import::{Checked, Opened};
use crate::base::Base;
use crate::home::access::{Access, Target};
use crate::home::private;
use crate::intake::raw_records;
use crate::model::fields::Entity;
use crate::model::finding::Finding;
use crate::model::record::Record;
use crate::reconcile::outcome::Outcome;
use crate::reconcile::plan::{Plan, Written};
use crate::report::changes::{Change, ChangesFile};
use crate::report::csv_out::Form;
use crate::report::findings::FindingsFile;
use crate::report::rejects::{Original, Reject, RejectsFile, names};

/// A report that is being written.
#[derive(Debug)]
pub struct ReportFile {
    /// The open file.
    pub file: File,
    target: Target,
}

impl ReportFile {
    /// Makes a report; one that exists is somebody's work and stays.
    ///
    /// # Errors
    /// There is a file of that name, or it may not be made there.
    pub fn create(access: &Access, path: &Path) -> io::Result<ReportFile> {
        let target = access.target(path)?;
        let there = "there is a file of that name, and it stays; choose another name";
        let file = private::create(&target.path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => io::Error::new(error.kind(), there),
            _ => error,
        })?;
        Ok(ReportFile { file, target })
    }

    /// Makes the rejects file of a file: beside it, or in the outbox, under the first name that is free.
    ///
    /// # Errors
    /// It may not be made there.
    pub fn create_rejects(access: &Access, file: &Path) -> io::Result<ReportFile> {
        for path in names(&access.beside(file)) {
            match ReportFile::create(access, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "every name for the file is taken"))
    }

    /// Its path, for a person.
    pub fn shown(&self) -> &Path {
        &self.target.shown
    }

    /// Removes it: half of a report would be taken for a whole.
    pub fn remove(&self) {
        // If it stays, it misleads but loses nothing, and the person is told of the failure anyway.
        let _ = std::fs::remove_file(&self.target.path);
    }
}

/// Writes every rejected and held row as it stands in the file, with its findings (R23). Tells how many there are.
///
/// # Errors
/// The file is not as it was when it was checked, or `out` cannot be written.
pub fn write_rejects(out: impl Write, opened: &Opened, checked: &Checked, plan: &Plan) -> Result<u64, FlowError> {
    let source = &opened.source;
    let wanted = (0u32..).zip(&plan.outcomes).filter(|(_, o)| matches!(o, Outcome::Rejected | Outcome::Held));
    let wanted: Vec<u32> = wanted.map(|(row, _)| row).collect();
    let headers: Vec<&str> = source.header().iter().map(String::as_str).collect();
    let form = Form { separator: source.separator(), mark: source.encoding() != "UTF-8" || source.has_mark() };
    let mut file = RejectsFile::begin(out, form, &checked.catalog, &headers)?;
    let mut findings = ByRow { findings: plan.findings()?.peekable() };
    let mut written = 0;
    for record in raw_records(source, wanted) {
        let record = record?;
        // A row that is left out in spite of a correction keeps it: the file is made to be corrected and imported.
        let corrected = plan.corrections().get(&record.row).map(|row| row.correction.corrected());
        let cells = corrected.unwrap_or_else(|| record.cells.iter().map(Vec::as_slice).collect());
        let cells: Vec<_> = cells.into_iter().map(String::from_utf8_lossy).collect();
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        let whole = cells.len() >= headers.len() && cells[headers.len()..].iter().all(|cell| cell.is_empty());
        let original = if whole { Original::Cells(&cells) } else { Original::Raw(&record.text) };
        let findings = findings.of(record.row)?;
        file.write(&Reject { lines: (record.lines[0], record.lines[1]), original, findings: &findings })?;
        written += 1;
    }
    file.finish()?;
    Ok(written)
}

/// Findings of one row after the other; rows come in ascending order.
struct ByRow<I: Iterator<Item = io::Result<Finding>>> {
    findings: std::iter::Peekable<I>,
}

impl<I: Iterator<Item = io::Result<Finding>>> ByRow<I> {
    fn of(&mut self, row: u32) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        while let Some(finding) = self.findings.next_if(|next| next.as_ref().map_or(true, |f| f.row <= Some(row))) {
            let finding = finding?;
            if finding.row == Some(row) {
                found.push(finding);
            }
        }
        Ok(found)
    }
}

/// Writes every finding, in the order of the file.
///
/// # Errors
/// A spill file cannot be read, or `out` cannot be written.
pub fn write_findings(out: impl Write, checked: &Checked, plan: &Plan) -> Result<(), FlowError> {
    let mut file = FindingsFile::begin(out, &checked.catalog)?;
    for finding in plan.findings()? {
        file.write(&finding?)?;
    }
    Ok(file.finish()?)
}

/// Writes every record that the plan creates or updates, old → new. The base must not have changed since the plan was made.
///
/// # Errors
/// The base or a spill file cannot be read, or `out` cannot be written.
pub fn write_changes(out: impl Write, base: &Base, checked: &Checked, plan: &Plan) -> Result<(), FlowError> {
    let mut file = ChangesFile::begin(out, &checked.catalog)?;
    for entity in [Entity::Organization, Entity::Contact] {
        for change in plan.writes(entity) {
            let Written { new, change, .. } = change?;
            let Some(put) = change.put else { continue };
            let old: Option<Record> = if new { None } else { base.get(entity, &change.id)? };
            let old = old.as_ref().map(|record| record.values.view());
            file.write(&Change { entity, id: &change.id, line: change.line, old, new: put.values.view() })?;
        }
    }
    Ok(file.finish()?)
}
