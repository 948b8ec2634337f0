//! Cells that a person corrected: the file stays as it is, its rows are checked again as if it had said so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a person corrected in one data row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The physical line where the row begins, from 1.
    pub line: u32,
    /// The row as it stands in the file, cell by cell. In a file that says something else the correction does not hold.
    pub cells: Vec<Vec<u8>>,
    /// The new texts, by column from 0.
    pub texts: BTreeMap<u32, String>,
}
