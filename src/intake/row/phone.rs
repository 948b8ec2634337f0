//! Phones of a row: each with its extension column and the region that reads it (R17, R18).

use super::{Cell, RowReader, text_of};
use crate::intake::batch::Cells;
use crate::intake::cell;
use crate::intake::checker::Step;
use crate::intake::country::country;
use crate::model::finding::{Code, Finding};
use crate::model::phone::Phone;
use crate::model::record::push_entry;
use crate::model::settings::Country;

impl RowReader<'_> {
    /// Reads a phone with its extension and its region (R17, R18).
    pub(super) fn phone(&mut self, step: &Step, text: &str, cells: Cells<'_>) {
        if let Some((code, detail)) = cell::too_long(text, step.limit) {
            self.find_in(step, code, text, detail);
            self.draft(step.entity).witness = false;
            return;
        }
        let region = self.region(step, cells);
        let extension = step.extension.map_or(Cell::Empty, |column| text_of(cells, column));
        let phone = match &extension {
            Cell::Text(typed) => {
                let phone = Phone::parse(text, Some(typed), region);
                self.compare_extensions(step, typed, &phone);
                phone
            }
            Cell::Empty => Phone::parse(text, None, region),
            Cell::Unreadable => {
                self.draft(step.entity).witness = false;
                Phone::parse(text, None, region)
            }
        };
        if let Err(problem) = &phone.number {
            let read_in = region.filter(|_| !text.contains('+')).map(|r| format!(" in {}", r.code()));
            let severity = self.checker.reading.phone_severity();
            let finding =
                self.finding(Some(step.column), Some(step.field), problem.code(), text, read_in.unwrap_or_default());
            self.findings.push(Finding { severity, ..finding });
        }
        push_entry(&mut self.draft(step.entity).values, step.field, &phone.encode());
    }

    /// Says so when the extension column and the phone that was read with it do not agree.
    fn compare_extensions(&mut self, step: &Step, typed: &str, phone: &Phone) {
        let detail = match (Phone::read_extension(typed), &phone.extension) {
            (None, _) => "it is not an extension".to_owned(),
            (Some(column), Some(other)) if column != other => format!("the phone itself says {other}"),
            _ => return,
        };
        let field = step.extension.and_then(|column| self.checker.field_of(column));
        self.find(step.extension, field, Code::ExtensionConflict, typed, detail);
    }

    /// The country whose rules read a phone: its own column's, else (if wanted) its side's, else the import's (R17).
    /// A country that is not known gives no region, never the next best one.
    fn region(&self, step: &Step, cells: Cells<'_>) -> Option<Country> {
        let reading = &self.checker.reading;
        let side = self.checker.country(step.entity).filter(|_| reading.region_from_country);
        for column in [step.phone_country, side].into_iter().flatten() {
            match text_of(cells, column) {
                Cell::Text(text) => return country(&text),
                Cell::Unreadable => return None,
                Cell::Empty => {}
            }
        }
        Some(reading.region)
    }

    /// An extension whose phone cell is empty has nothing to belong to.
    pub(super) fn extension_alone(&mut self, step: &Step, cells: Cells<'_>) {
        let Some(column) = step.extension else { return };
        if let Cell::Text(text) = text_of(cells, column) {
            self.draft(step.entity).has_data = true;
            let detail = "the phone is empty".to_owned();
            self.find(Some(column), self.checker.field_of(column), Code::ExtensionConflict, &text, detail);
        }
    }
}
