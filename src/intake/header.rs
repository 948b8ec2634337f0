//! A header line becomes a mapping: what a person says first, then what was remembered, then what headers mean (R21).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::mapping::{Mapping, RememberedMapping, Target, fingerprint};
use super::question::{MapError, Question};
use super::source::Source;
use crate::model::fields::{Catalog, FIELDS, header_key};
use sketch::Sketch;

mod ask;
mod sketch;
#[cfg(test)]
mod tests;

/// What a person says about the columns of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MapOptions {
    /// `Header=field`, `Header=` to leave out, `Header+Header=contact.id` to compose; `#3` is the third column.
    pub maps: Vec<String>,
    /// What stands between the parts of a composed key; `-` if nothing is said.
    pub key_separator: Option<String>,
    /// Columns that fit nothing become custom fields.
    pub keep_unmapped: bool,
    /// All account columns are left out.
    pub no_accounts: bool,
}

/// What the columns of a file mean, as far as that is settled.
#[derive(Debug, Clone)]
pub struct MapOutcome {
    /// The mapping. A column with an open question is left out in it.
    pub mapping: Mapping,
    /// The custom fields of the base and those that the mapping adds.
    pub catalog: Catalog,
    /// What must be asked before the file can be read.
    pub questions: Vec<Question>,
    /// The columns (from 0) that are left out.
    pub unmapped: Vec<usize>,
    /// Whether the mapping is that of an earlier import with the same header line.
    pub remembered: bool,
    /// Whose wording the headers are, if they are Genesys'.
    pub dialect: Option<Dialect>,
}

/// A header dialect of Genesys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `Contact Id`, `Contact First Name`.
    Older,
    /// `External ID`, `First Name`.
    Current,
}

/// Maps the columns of a file to the fields of the base's catalog. `remembered` are the mappings of earlier imports,
/// the latest last.
///
/// # Errors
/// When an option cannot be obeyed.
pub fn map(
    source: &Source,
    options: &MapOptions,
    catalog: &Catalog,
    remembered: &[RememberedMapping],
) -> Result<MapOutcome, MapError> {
    map_header(source.header(), options, catalog, remembered)
}

pub(super) fn map_header(
    header: &[String],
    options: &MapOptions,
    catalog: &Catalog,
    remembered: &[RememberedMapping],
) -> Result<MapOutcome, MapError> {
    let mut sketch = Sketch::new(header, catalog.clone(), options)?;
    sketch.obey(&options.maps)?;
    let print = fingerprint(header);
    let last_time = remembered.iter().rev().find(|r| r.fingerprint == print);
    match last_time {
        Some(last_time) => sketch.recall(&last_time.mapping),
        None => {
            sketch.claim_exact()?;
            sketch.claim_aliases();
        }
    }
    if options.keep_unmapped {
        sketch.keep_unmapped()?;
    }
    sketch.settle();
    if last_time.is_none() {
        sketch.ask_changed_keys(remembered);
    }
    sketch.ask_missing_keys(remembered);
    let Sketch { mapping, catalog, questions, .. } = sketch;
    let unmapped = (0..header.len()).filter(|c| mapping.columns[*c].target == Target::LeftOut).collect();
    Ok(MapOutcome { mapping, catalog, questions, unmapped, remembered: last_time.is_some(), dialect: dialect(header) })
}

/// The dialect of most of the headers; `None` if none is Genesys' own.
fn dialect(header: &[String]) -> Option<Dialect> {
    let keys: BTreeSet<String> = header.iter().map(|name| header_key(name)).collect();
    let older = FIELDS.iter().filter(|f| keys.contains(&header_key(f.header))).count();
    let current = FIELDS.iter().filter(|f| keys.contains(&header_key(f.header_current))).count();
    match (older, current) {
        (0, 0) => None,
        _ if older < current => Some(Dialect::Current),
        _ => Some(Dialect::Older),
    }
}
