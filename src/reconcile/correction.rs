//! Cells that a person corrected: the file stays as it is, its rows are checked again as if it had said so.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::rows::{RowSink, Rows};
use crate::intake::{CheckedRow, Checker, Sink};
use crate::model::fields::{Entity, FieldId};
use crate::model::finding::Finding;
use crate::model::record::{Values, same};
use crate::spill::SpillRoom;

/// What a person corrected in one data row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The physical line where the row begins, from 1.
    pub line: u32,
    /// The row as it stands in the file, cell by cell in UTF-8. In a file that says something else the correction does
    /// not hold.
    pub cells: Vec<Vec<u8>>,
    /// The new texts, by column from 0.
    pub texts: BTreeMap<u32, String>,
}

impl Correction {
    /// The row as it is to be read. `wanted` says of which columns (from 0) the new texts count.
    fn cells(&self, wanted: impl Fn(usize) -> bool) -> Vec<&[u8]> {
        let cell = |(column, cell)| {
            let new = u32::try_from(column).ok().filter(|_| wanted(column)).and_then(|column| self.texts.get(&column));
            new.map_or::<&[u8], _>(cell, |text| text.as_bytes())
        };
        self.cells.iter().map(Vec::as_slice).enumerate().map(cell).collect()
    }

    /// The row as it is to be read.
    pub fn corrected(&self) -> Vec<&[u8]> {
        self.cells(|_| true)
    }
}

/// A correction that holds, and what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The correction.
    pub correction: Correction,
    /// The Contact ID of the row as it is now; empty if it has none.
    pub contact: String,
    /// Per entity, the fields that now say something else, each with the payload that the file has; empty: none.
    typed: BTreeMap<Entity, BTreeMap<FieldId, Vec<u8>>>,
}

impl Corrected {
    /// The fields of an entity that a person typed in this row, with what the file brought instead (R14).
    pub(super) fn typed(&self, entity: Entity) -> impl Iterator<Item = (FieldId, &[u8])> {
        self.typed.get(&entity).into_iter().flatten().map(|(field, was)| (*field, was.as_slice()))
    }

    /// Whether a person typed the field of an entity in this row.
    pub(super) fn types(&self, entity: Entity, field: FieldId) -> bool {
        self.typed.get(&entity).is_some_and(|typed| typed.contains_key(&field))
    }
}

/// The rows of a file with corrected ones in the place of their former selves. Only the corrected rows are checked.
///
/// # Errors
/// They cannot be spilled.
pub fn corrected(
    rows: &Rows,
    checker: &Checker,
    corrections: &BTreeMap<u32, Correction>,
    room: &SpillRoom,
) -> io::Result<Rows> {
    let mut sink = RowSink::of_corrections(room);
    let mut all = BTreeMap::new();
    for (row, correction) in corrections {
        checker.check_record(*row, correction.line, &correction.corrected(), &mut sink)?;
        let typed = [Entity::Contact, Entity::Organization].map(|entity| (entity, typed(checker, correction, entity)));
        let contact = side(checker, &correction.corrected(), Entity::Contact).id;
        all.insert(*row, Corrected { correction: correction.clone(), contact, typed: typed.into() });
    }
    Ok(rows.with(sink, all))
}

/// What the corrections changed in the values of an entity. A corrected ID moves the row to another record, but what the
/// row says of that record comes from the file.
fn typed(checker: &Checker, correction: &Correction, entity: Entity) -> BTreeMap<FieldId, Vec<u8>> {
    let now = side(checker, &correction.corrected(), entity).values;
    let was = side(checker, &correction.cells(|column| checker.makes_key(entity, column)), entity).values;
    let brought = |field: FieldId| was.view().get(field);
    let differs = |(field, payload): &(FieldId, &[u8])| brought(*field).is_none_or(|was| !same(*field, was, payload));
    let changed = now.view().iter().filter(differs);
    changed.map(|(field, _)| (field, brought(field).unwrap_or_default().to_vec())).collect()
}

/// What a row says of one record; nothing if it names none.
fn side(checker: &Checker, cells: &[&[u8]], entity: Entity) -> Side {
    let mut side = Side { entity, id: String::new(), values: Values::new() };
    // The sink keeps the values in memory and never fails.
    let _ = checker.check_record(0, 0, cells, &mut side);
    side
}

/// Keeps the ID and the values of one entity.
struct Side {
    entity: Entity,
    id: String,
    values: Values,
}

impl Sink for Side {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        let side = if self.entity == Entity::Contact { row.contact } else { row.account };
        if let Some(side) = side {
            (self.id, self.values) = (side.id.to_owned(), side.values.to_owned());
        }
        Ok(())
    }

    fn finding(&mut self, _: Finding) -> io::Result<()> {
        Ok(())
    }
}
