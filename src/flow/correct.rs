//! A bad cell is corrected: the text that a person types is checked as the file's would be, and the row is planned as if
//! the file had it. The file itself is never touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::FlowError;
use super::import::{Checked, Opened};
use crate::intake::{CheckedRow, Checker, Mapping, Sink, raw_records};
use crate::model::fields::Catalog;
use crate::model::finding::{Finding, Severity};
use crate::model::settings::Reading;
use crate::reconcile::correction::Correction;
use crate::reconcile::plan::Plan;

/// What there is to say about a text that was typed for a cell, worst first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// About the cell. With an error among it the text cannot be kept.
    pub here: Vec<Finding>,
    /// About other cells of the row.
    pub elsewhere: Vec<Finding>,
}

impl Verdict {
    /// Whether the text can be kept.
    pub fn is_good(&self) -> bool {
        self.here.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// Checks a corrected row with the checks of the import; `column` counts from 0.
pub fn judge(mapping: &Mapping, catalog: &Catalog, reading: &Reading, correction: &Correction, column: u32) -> Verdict {
    let mut said = Said::default();
    // The sink keeps the findings in memory and never fails.
    let _ =
        Checker::new(mapping, catalog, reading).check_record(0, correction.line, &correction.corrected(), &mut said);
    said.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let (here, elsewhere) =
        said.findings.into_iter().partition(|finding| finding.column.is_none_or(|found| found == column + 1));
    Verdict { here, elsewhere }
}

/// Keeps findings.
#[derive(Debug, Default)]
struct Said {
    findings: Vec<Finding>,
}

impl Sink for Said {
    fn row(&mut self, _: CheckedRow<'_>) -> std::io::Result<()> {
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> std::io::Result<()> {
        self.findings.push(finding);
        Ok(())
    }
}

impl Checked {
    /// A row as it stands in the file, with nothing corrected yet; `None` if it has no cells. What was read once is not
    /// read again.
    ///
    /// # Errors
    /// The file is not as it was when it was checked.
    pub fn original(&self, opened: &Opened, row: u32) -> Result<Option<Correction>, FlowError> {
        Ok(self.originals(opened, &BTreeSet::from([row]))?.remove(&row))
    }

    fn originals(&self, opened: &Opened, wanted: &BTreeSet<u32>) -> Result<BTreeMap<u32, Correction>, FlowError> {
        let mut known = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<u32> = wanted.iter().copied().filter(|row| !known.contains_key(row)).collect();
        for record in raw_records(&opened.source, missing) {
            let record = record?;
            let original = Correction { line: record.lines[0], cells: record.cells, texts: BTreeMap::new() };
            known.insert(record.row, original);
        }
        let found = wanted.iter().filter_map(|row| Some((*row, known.get(row)?.clone())));
        Ok(found.filter(|(_, original)| !original.cells.is_empty()).collect())
    }

    /// The corrections that hold: those of rows that still say what they said when a person corrected them.
    pub(super) fn holding(
        &self,
        opened: &Opened,
        corrections: &BTreeMap<u32, Correction>,
    ) -> Result<BTreeMap<u32, Correction>, FlowError> {
        let originals = self.originals(opened, &corrections.keys().copied().collect())?;
        let holds = |(row, correction): &(&u32, &Correction)| {
            originals.get(row).is_some_and(|original| original.cells == correction.cells)
        };
        Ok(corrections.iter().filter(holds).map(|(row, correction)| (*row, correction.clone())).collect())
    }
}

/// A cell that a person corrected, for the history (R25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedCell {
    /// The data row, from 0.
    pub row: u32,
    /// The physical line where it begins.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// Its header.
    pub header: String,
    /// The Contact ID of the corrected row; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// What stands in the file; bytes that are no text come out as U+FFFD.
    pub old: String,
    /// What the person typed.
    pub new: String,
}

/// The corrected cells of a plan, in the order of the file.
pub fn corrected_cells(plan: &Plan, mapping: &Mapping) -> Vec<CorrectedCell> {
    let rows = plan.corrections().iter();
    let cells = rows.flat_map(|(row, corrected)| {
        let Correction { line, cells, texts } = &corrected.correction;
        let contact = &corrected.contact;
        texts.iter().map(move |(column, new)| (*row, *line, contact, *column, cells.get(*column as usize), new))
    });
    cells
        .map(|(row, line, contact, column, old, new)| CorrectedCell {
            row,
            line,
            contact: contact.clone(),
            column: column + 1,
            header: mapping.columns.get(column as usize).map(|column| column.header.clone()).unwrap_or_default(),
            old: old.map(|old| String::from_utf8_lossy(old).into_owned()).unwrap_or_default(),
            new: new.clone(),
        })
        .collect()
}
