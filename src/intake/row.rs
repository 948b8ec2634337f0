//! One record becomes a checked row: its IDs, its two sides, and what there is to say about them (R1, R3 to R5, R27, R29).

use std::borrow::Cow;
use std::io;

use memchr::memchr;

use super::batch::{Batch, Cells, Record};
use super::cell::{self, Read};
use super::checker::{Checker, Step};
use super::country::country;
use super::{CheckedRow, Side, Sink};
use crate::model::fields::{Entity, FieldId, Kind};
use crate::model::finding::{Code, Finding, Severity};
use crate::model::record::{MAX_RECORD, ValuesRef, push_entry};

mod phone;
#[cfg(test)]
mod tests;

/// The most characters of an ID (R1).
const LONGEST_ID: usize = 255;

/// What a stored record has besides its ID and its values, in bytes, at most.
const RECORD_OVERHEAD: usize = 64;

/// Checks records one after the other and uses its memory again.
pub(super) struct RowReader<'c> {
    checker: &'c Checker,
    /// The file's encoding, for messages.
    encoding: &'static str,
    row: u32,
    line: u32,
    contact: Draft,
    account: Draft,
    findings: Vec<Finding>,
}

/// One side of the row in the making.
#[derive(Debug, Default)]
struct Draft {
    id: String,
    values: Vec<u8>,
    /// Whether all cells could be read.
    witness: bool,
    /// Whether a cell says something that needs an ID (R4).
    has_data: bool,
}

impl Draft {
    fn clear(&mut self) {
        self.id.clear();
        self.values.clear();
        self.witness = true;
        self.has_data = false;
    }

    fn side(&self) -> Side<'_> {
        Side { id: &self.id, values: ValuesRef(&self.values), witness: self.witness }
    }
}

/// A cell as text.
enum Cell<'a> {
    Empty,
    /// It has a finding already.
    Unreadable,
    Text(Cow<'a, str>),
}

/// What the cells say about a key, from good to bad; of several parts the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum KeyState {
    Good,
    Missing,
    /// It has a finding already.
    Damaged,
}

impl<'c> RowReader<'c> {
    pub(super) fn new(checker: &'c Checker, encoding: &'static str) -> RowReader<'c> {
        RowReader {
            checker,
            encoding,
            row: 0,
            line: 0,
            contact: Draft::default(),
            account: Draft::default(),
            findings: Vec::new(),
        }
    }

    /// Checks a record; its findings go to the sink, then the row. Gives how bad the worst finding is, if there is any.
    pub(super) fn read(&mut self, record: Record<'_>, sink: &mut impl Sink) -> io::Result<Option<Severity>> {
        (self.row, self.line) = (record.row, record.lines[0]);
        self.contact.clear();
        self.account.clear();
        let keys = match record.cells {
            Ok(cells) => self.split(cells, record.sound),
            Err(code) => {
                self.find(None, None, code, "", "1 MiB".to_owned());
                [KeyState::Missing; 2]
            }
        };
        let worst = self.findings.iter().map(|finding| finding.severity).max();
        let rejected = worst == Some(Severity::Error);
        for finding in self.findings.drain(..) {
            sink.finding(finding)?;
        }
        let [contact, account] = keys;
        let contact = (contact == KeyState::Good).then(|| self.contact.side());
        let account = (account == KeyState::Good).then(|| self.account.side());
        let blank = !rejected && contact.is_none() && account.is_none();
        sink.row(CheckedRow { row: self.row, line: self.line, blank, rejected, contact, account })?;
        Ok(worst)
    }

    /// Checks the cells of a record, if there are as many as columns.
    fn split(&mut self, cells: Cells<'_>, sound: bool) -> [KeyState; 2] {
        let columns = self.checker.columns;
        let empty = |cell: &[u8]| cell.trim_ascii().is_empty();
        let code = match cells.len() {
            n if n == columns => None,
            _ if cells.iter().all(empty) => return [KeyState::Missing; 2],
            n if n < columns => Some(Code::RowTooShort),
            _ if cells.iter().skip(columns).all(empty) => None,
            _ => Some(Code::RowTooLong),
        };
        if let Some(code) = code {
            let plural = if cells.len() == 1 { "" } else { "s" };
            self.find(None, None, code, "", format!("{} cell{plural}, the header has {columns}", cells.len()));
            return [KeyState::Missing; 2];
        }
        if !sound || memchr(0, cells.bytes()).is_some() {
            self.report_unreadable(cells);
        }
        self.cells(cells)
    }

    /// A finding for each cell that is no text in the file's encoding, and for each that is used and has a NUL byte.
    fn report_unreadable(&mut self, cells: Cells<'_>) {
        for (column, cell) in cells.iter().enumerate() {
            let field = self.checker.field_of(column);
            let (code, detail) = match str::from_utf8(cell) {
                Err(_) => (Code::Undecodable, self.encoding.to_owned()),
                Ok(text) if text.contains('\0') && field.is_some() => (Code::NulByte, String::new()),
                Ok(_) => continue,
            };
            self.find(Some(column), field, code, &String::from_utf8_lossy(cell), detail);
        }
    }

    /// Checks cells that are as many as columns.
    fn cells(&mut self, cells: Cells<'_>) -> [KeyState; 2] {
        let checker = self.checker;
        let contact_key = self.key(cells, Entity::Contact);
        let account_key = self.key(cells, Entity::Organization);
        let (contact_fields, other_fields) = checker.steps.split_at(checker.before_membership);
        for step in contact_fields {
            self.field(step, cells);
        }
        match account_key {
            KeyState::Good => {
                push_entry(&mut self.contact.values, FieldId::ACCOUNT_ID, self.account.id.as_bytes());
            }
            KeyState::Damaged => self.contact.witness = false,
            KeyState::Missing => {}
        }
        for step in other_fields {
            self.field(step, cells);
        }
        self.finish_side(Entity::Contact, contact_key, Code::ContactIdMissing);
        self.finish_side(Entity::Organization, account_key, Code::AccountIdMissing);
        [contact_key, account_key]
    }

    /// Builds the ID of a side from its columns (R1, R27).
    fn key(&mut self, cells: Cells<'_>, entity: Entity) -> KeyState {
        let Some(key) = self.checker.key(entity) else { return KeyState::Missing };
        let field = Some(entity.key());
        let mut id = std::mem::take(&mut self.draft(entity).id);
        let mut state = KeyState::Good;
        for (place, column) in key.columns.iter().enumerate() {
            let part = match text_of(cells, *column) {
                Cell::Text(part) => part,
                Cell::Empty => {
                    state = state.max(KeyState::Missing);
                    continue;
                }
                Cell::Unreadable => {
                    state = KeyState::Damaged;
                    continue;
                }
            };
            if let Err((code, detail)) = cell::id(&part) {
                self.find(Some(*column), field, code, &part, detail);
                state = KeyState::Damaged;
            } else if key.columns.len() > 1 && part.contains(&key.separator) {
                self.find(Some(*column), field, Code::KeySeparator, &part, String::new());
                state = KeyState::Damaged;
            }
            id.push_str(if place > 0 { &key.separator } else { "" });
            id.push_str(&part);
        }
        if state == KeyState::Good && cell::too_long(&id, LONGEST_ID).is_some() {
            let length = id.chars().count().to_string();
            self.find(key.columns.first().copied(), field, Code::IdTooLong, &id, length);
            state = KeyState::Damaged;
        }
        self.draft(entity).id = id;
        state
    }

    /// Reads the cell of a field into its side.
    fn field(&mut self, step: &Step, cells: Cells<'_>) {
        let text = match text_of(cells, step.column) {
            Cell::Text(text) => text,
            Cell::Empty => return self.extension_alone(step, cells),
            Cell::Unreadable => {
                let draft = self.draft(step.entity);
                draft.witness = false;
                draft.has_data |= step.makes_record;
                return;
            }
        };
        self.draft(step.entity).has_data |= step.makes_record;
        match step.kind {
            Kind::Phone => return self.phone(step, &text, cells),
            Kind::Extension(_) => {
                let detail = "the file has no column for the phone".to_owned();
                return self.find_in(step, Code::ExtensionConflict, &text, detail);
            }
            Kind::PhoneCountry(_) if country(&text).is_none() => {
                self.find_in(step, Code::CountryUnknown, &text, String::new());
            }
            Kind::Country if self.checker.reading.region_from_country && country(&text).is_none() => {
                self.find_in(step, Code::CountryUnknown, &text, String::new());
            }
            _ => {}
        }
        let typed = text.clone();
        let Read { value, finding } = cell::read(step.kind, step.limit, text);
        if let Some((code, detail)) = finding {
            self.find_in(step, code, &typed, detail);
        }
        let draft = self.draft(step.entity);
        match value {
            Some(value) => push_entry(&mut draft.values, step.field, value.as_bytes()),
            None => draft.witness = false,
        }
    }

    /// Judges a side when all its cells were read.
    fn finish_side(&mut self, entity: Entity, key: KeyState, missing: Code) {
        let draft = self.draft(entity);
        let size = draft.id.len() + draft.values.len() + RECORD_OVERHEAD;
        if key == KeyState::Missing && draft.has_data {
            let column = self.checker.key(entity).and_then(|key| key.columns.first().copied());
            self.find(column, Some(entity.key()), missing, "", String::new());
        } else if size > MAX_RECORD {
            draft.witness = false;
            self.find(None, None, Code::RecordTooLarge, "", format!("{size} bytes, {MAX_RECORD} are stored"));
        }
    }

    fn draft(&mut self, entity: Entity) -> &mut Draft {
        match entity {
            Entity::Contact => &mut self.contact,
            Entity::Organization => &mut self.account,
        }
    }

    fn find_in(&mut self, step: &Step, code: Code, value: &str, detail: String) {
        self.find(Some(step.column), Some(step.field), code, value, detail);
    }

    /// Notes a finding; `column` counts from 0.
    fn find(&mut self, column: Option<usize>, field: Option<FieldId>, code: Code, value: &str, detail: String) {
        let finding = self.finding(column, field, code, value, detail);
        self.findings.push(finding);
    }

    fn finding(
        &self,
        column: Option<usize>,
        field: Option<FieldId>,
        code: Code,
        value: &str,
        detail: String,
    ) -> Finding {
        Finding {
            row: Some(self.row),
            line: self.line,
            column: column.map(|column| column as u32 + 1),
            field,
            code,
            severity: code.severity(),
            value: value.to_owned(),
            detail,
        }
    }
}

/// A cell in normal form.
fn text_of(cells: Cells<'_>, column: usize) -> Cell<'_> {
    let bytes = cells.get(column);
    if bytes.is_empty() {
        return Cell::Empty;
    }
    match str::from_utf8(bytes) {
        Ok(text) if memchr(0, bytes).is_none() => match cell::bare(text) {
            text if text.is_empty() => Cell::Empty,
            text => Cell::Text(text),
        },
        _ => Cell::Unreadable,
    }
}

impl Checker {
    /// Checks one record again, after a person corrected a cell, as a check of the whole file would: the findings go
    /// to the sink, then the row. `row` counts from 0, `line` from 1.
    pub fn check_record(
        &self,
        row: u32,
        line: u32,
        cells: &[impl AsRef<[u8]>],
        sink: &mut impl Sink,
    ) -> io::Result<()> {
        let mut batch = Batch::default();
        batch.clear(row);
        let mut ends = Vec::with_capacity(cells.len());
        for cell in cells.iter().map(AsRef::as_ref) {
            batch.room(cell.len())[..cell.len()].copy_from_slice(cell);
            batch.wrote(cell.len());
            ends.push(ends.last().copied().unwrap_or(0) + cell.len());
        }
        batch.close([line, line], &ends);
        let mut reader = RowReader::new(self, "text");
        batch.last().map_or(Ok(()), |record| reader.read(record, sink).map(drop))
    }
}
