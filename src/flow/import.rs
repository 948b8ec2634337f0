//! A file is opened, checked, planned, decided, committed: the steps between which a person can look and turn back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::FlowError;
use super::correct::{CorrectedCell, corrected_cells};
use crate::base::{Base, Commit, Done, Entry, Kind, Who, stay_key};
use crate::home::access::Access;
use crate::home::clock;
use crate::intake::{
    self, Checker, Detected, MapOptions, MapOutcome, Mapping, Progress, RememberedMapping, Source, SourceOptions,
    Summary, Target, fingerprint,
};
use crate::model::fields::{Catalog, Entity, FieldId, Kind as FieldKind};
use crate::model::settings::{Merging, Reading};
use crate::reconcile::PlanInput;
use crate::reconcile::correction::{Correction, corrected};
use crate::reconcile::decision::{Choice, Consent, Decisions, Policy, Rule};
use crate::reconcile::plan::{Counts, Decided, Plan, plan};
use crate::reconcile::rows::{RowSink, Rows};
use crate::report::import::{FileFacts, MappedColumn};
use crate::spill::SpillRoom;

/// What a person asks for before the file is opened.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file; `-` for standard input.
    pub path: PathBuf,
    /// Encoding and separator, if they are not to be detected.
    pub source: SourceOptions,
    /// How headers become fields.
    pub map: MapOptions,
    /// How cells become values.
    pub reading: Reading,
    /// How rows meet the base.
    pub merging: Merging,
    /// Policies for conflicts, in order (R8).
    pub rules: Vec<Rule>,
    /// How many threads check rows.
    pub threads: usize,
    /// Where spill files go.
    pub room: SpillRoom,
    /// Which files may be named.
    pub access: Access,
}

/// How far a check is, for a progress bar; another thread may read it.
#[derive(Debug, Default)]
pub struct Watch {
    /// Rows and bytes read.
    pub intake: Progress,
    /// IDs planned.
    pub planned: AtomicU64,
    /// Records committed.
    pub committed: AtomicU64,
    /// Set to stop.
    pub cancel: AtomicBool,
}

/// An open file with a mapping, before its rows are read.
#[derive(Debug)]
pub struct Opened {
    /// The file.
    pub source: Source,
    /// What its columns mean, and the questions about it.
    pub mapped: MapOutcome,
    /// What was asked for.
    pub request: Request,
}

/// Opens a file and maps its columns, with what the base remembers of files like it (R20, R21, R27).
///
/// # Errors
/// The file cannot be read as text, an option fits no column, or the base cannot be read.
pub fn open(base: &Base, request: Request) -> Result<Opened, FlowError> {
    let source = match request.path == Path::new("-") {
        true => intake::open(&request.path, &request.source)?,
        false => intake::open_with(&request.path, &request.source, |path| request.access.open(path))?,
    };
    let mapped = intake::map(&source, &request.map, &base.catalog(), &remembered_mappings(base)?)?;
    Ok(Opened { source, mapped, request })
}

impl Opened {
    /// Maps the columns anew after `request.map` was changed.
    ///
    /// # Errors
    /// As [`open`].
    pub fn map_again(&mut self, base: &Base) -> Result<(), FlowError> {
        let remembered = remembered_mappings(base)?;
        self.mapped = intake::map(&self.source, &self.request.map, &base.catalog(), &remembered)?;
        Ok(())
    }

    /// Checks every row.
    ///
    /// # Errors
    /// The file cannot be read to its end, the spill folder is full, or the check was cancelled.
    pub fn check(&self, watch: &Watch) -> Result<Checked, FlowError> {
        let mapping = self.mapped.mapping.clone();
        let checker = Checker::new(&mapping, &self.mapped.catalog, &self.request.reading);
        let sinks = (0..self.request.threads.max(1)).map(|_| RowSink::new(&self.request.room)).collect();
        let (summary, sinks) = intake::check(&self.source, &checker, sinks, &watch.intake, &watch.cancel)?;
        Ok(Checked {
            columns: columns(&mapping),
            rows: Rows::join(sinks),
            summary,
            catalog: self.mapped.catalog.clone(),
            originals: Mutex::default(),
        })
    }

    /// What is known of the file.
    pub fn facts(&self, checked: &Checked) -> FileFacts {
        FileFacts {
            name: file_name(self.source.name()),
            bytes: checked.summary.bytes,
            sha256: checked.summary.sha256.clone(),
            encoding: self.source.encoding().to_owned(),
            separator: char::from(self.source.separator()),
        }
    }

    /// The columns that feed a field, in the order of the file.
    pub fn mapped_columns(&self) -> Vec<MappedColumn> {
        let mapping = &self.mapped.mapping;
        let mut columns = Vec::new();
        for (at, column) in mapping.columns.iter().enumerate() {
            let keys = [Entity::Contact, Entity::Organization].map(|e| (e.key(), mapping.key(e)));
            let keyed =
                keys.iter().filter(|(_, key)| key.is_some_and(|key| key.columns.contains(&at))).map(|(f, _)| *f);
            let own = match column.target {
                Target::Field(field) => Some(field),
                _ => None,
            };
            for field in keyed.chain(own) {
                let field = self.mapped.catalog.name(field);
                columns.push(MappedColumn { column: at as u32 + 1, header: column.header.clone(), field });
            }
        }
        columns
    }

    /// Headers of the columns that feed nothing.
    pub fn unmapped(&self) -> Vec<String> {
        let columns = self.mapped.mapping.columns.iter();
        columns.filter(|c| c.target == Target::LeftOut).map(|c| c.header.clone()).collect()
    }
}

/// The name of a file without its folders.
fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name();
    name.map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The fields for which the file has a column, extensions of phones among them, with its number from 1.
fn columns(mapping: &Mapping) -> BTreeMap<FieldId, u32> {
    let number = |field: FieldId| mapping.column_of(field).map_or(0, |at| at as u32 + 1);
    let contact_key = mapping.contact_key.as_ref().map(|_| FieldId::CONTACT_ID);
    let extensions = mapping.columns.iter().filter_map(|column| match column.target {
        Target::Field(field) if matches!(field.kind(), FieldKind::Extension(_)) => Some(field),
        _ => None,
    });
    mapping.fields().into_iter().chain(contact_key).chain(extensions).map(|field| (field, number(field))).collect()
}

const MAPPING: &str = "mapping/";

/// The mappings of earlier imports, the latest last.
fn remembered_mappings(base: &Base) -> Result<Vec<RememberedMapping>, FlowError> {
    let mut kept: Vec<(u64, RememberedMapping)> = Vec::new();
    for (_, bytes) in base.recall_prefix(MAPPING)? {
        // What another version wrote may not be readable; then the file is mapped as if it were new.
        kept.extend(serde_json::from_slice::<(u64, RememberedMapping)>(&bytes).ok());
    }
    kept.sort_by_key(|(import, _)| *import);
    Ok(kept.into_iter().map(|(_, mapping)| mapping).collect())
}

/// The settings of the last import of a file with this header line (R21).
///
/// # Errors
/// The base cannot be read.
pub fn remembered_settings(base: &Base, source: &Source) -> Result<Option<(Reading, Merging)>, FlowError> {
    let header = fingerprint(source.header());
    let last = remembered_mappings(base)?.into_iter().rev().find(|kept| kept.fingerprint == header);
    Ok(last.map(|kept| (kept.reading, kept.merging)))
}

/// The checked rows of a file; plans are made of them, as often as decisions change.
#[derive(Debug)]
pub struct Checked {
    /// The rows.
    pub rows: Rows,
    /// What was seen of the file.
    pub summary: Summary,
    /// Names of custom fields, those of this import included.
    pub catalog: Catalog,
    columns: BTreeMap<FieldId, u32>,
    /// Rows that were read again to correct a cell, as they stand in the file.
    pub(super) originals: Mutex<BTreeMap<u32, Correction>>,
}

impl Checked {
    /// Makes the plan; nothing is written. Of the rows only those that a person corrected are checked again.
    ///
    /// # Errors
    /// The base, the file or the spill folder fails, or it was cancelled.
    pub fn plan(&self, base: &Base, opened: &Opened, decisions: &Decisions, watch: &Watch) -> Result<Plan, FlowError> {
        let input = PlanInput {
            base,
            merging: &opened.request.merging,
            columns: &self.columns,
            catalog: &self.catalog,
            decisions,
            rules: &opened.request.rules,
            room: &opened.request.room,
            cancel: &watch.cancel,
            progress: &watch.planned,
        };
        let corrections = self.holding(opened, &decisions.corrections)?;
        if corrections.is_empty() {
            return Ok(plan(&self.rows, input)?);
        }
        let checker = Checker::new(&opened.mapped.mapping, &self.catalog, &opened.request.reading);
        let rows = corrected(&self.rows, &checker, &corrections, input.room)?;
        Ok(plan(&rows, input)?)
    }
}

/// What the history keeps of an import (R25), as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportDetails {
    /// The file.
    pub file: FileFacts,
    /// How cells were read.
    pub reading: Reading,
    /// How rows met the base.
    pub merging: Merging,
    /// The policies.
    pub rules: Vec<String>,
    /// Conflicts and doubts as (ID, what decided it: a policy, `person`, or the consent), without personal data.
    pub decisions: Vec<(String, String)>,
    /// Cells that a person corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<CorrectedCell>,
    /// All numbers.
    pub counts: Counts,
    /// The digest of the plan.
    pub digest: String,
}

/// Who commits, and when.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The person.
    pub who: Who,
    /// Unix time in milliseconds, UTC.
    pub when: i64,
}

/// Writes a plan to the base, all or nothing (R24). A plan without changes leaves a line in the history only (R16).
///
/// # Errors
/// [`BaseError::Moved`](crate::base::BaseError::Moved) when the base changed since the plan was made: make it again, and
/// show it again if its digest differs. Any other error leaves the base as it was.
pub fn commit(
    base: &Base,
    opened: &Opened,
    checked: &Checked,
    plan: &Arc<Plan>,
    stamp: Stamp,
    watch: &Watch,
) -> Result<Done, FlowError> {
    let details = ImportDetails {
        file: opened.facts(checked),
        reading: opened.request.reading.clone(),
        merging: opened.request.merging.clone(),
        rules: opened.request.rules.iter().map(Rule::to_string).collect(),
        decisions: decided(plan),
        corrections: corrected_cells(plan, &opened.mapped.mapping),
        counts: plan.counts,
        digest: plan.digest.clone(),
    };
    let number = plan.head + 1;
    let commit = Commit {
        kind: Kind::Import,
        when: stamp.when,
        who: stamp.who,
        details: serde_json::to_string(&details)?,
        changes: Box::new(Arc::clone(plan)),
        catalog: checked.catalog.clone(),
        remember: remember(base, opened, plan, number)?,
        by_hand: false,
    };
    let mut progress = |done: u64, _| watch.committed.store(done, Ordering::Relaxed);
    Ok(base.commit(plan.head, &commit, &mut progress, &watch.cancel)?)
}

fn decided(plan: &Plan) -> Vec<(String, String)> {
    let word = |rule: Option<Rule>| rule.map_or_else(|| "person".to_owned(), |rule| rule.to_string());
    let name = |entity: Entity, id: &str| format!("{}:{id}", entity.prefix());
    let conflicts = plan.conflicts.iter().filter_map(|c| Some((name(c.entity, &c.id), word(c.decided.as_ref()?.rule))));
    let doubts = plan.doubts.given.iter();
    conflicts.chain(doubts.map(|(_, about, said)| (name(about.entity, &about.id), said.word().to_owned()))).collect()
}

/// A key of the base's memory and what is kept under it.
type Remembered = (String, Option<Vec<u8>>);

/// What the base learns: the mapping with its settings (R21), the choices that were made anew (R8), and which deleted
/// records stay deleted (R28).
fn remember(base: &Base, opened: &Opened, plan: &Plan, number: u64) -> Result<Vec<Remembered>, FlowError> {
    let header = fingerprint(opened.source.header());
    let kept = RememberedMapping {
        fingerprint: header.clone(),
        mapping: opened.mapped.mapping.clone(),
        reading: opened.request.reading.clone(),
        merging: opened.request.merging.clone(),
    };
    let mut entries = Vec::new();
    let known = remembered_mappings(base)?;
    if known.last() != Some(&kept) {
        entries.push((format!("{MAPPING}{header}"), Some(serde_json::to_vec(&(number, kept))?)));
    }
    let stay = plan.doubts.given.iter().filter(|(.., said)| *said == Consent::StayDeleted);
    entries.extend(stay.map(|(_, about, _)| (stay_key(about.entity, &about.id), Some(Vec::new()))));
    for summary in &plan.conflicts {
        let Some(Decided { rule, choice }) = &summary.decided else { continue };
        let again = rule.is_some_and(|rule| rule.policy == Policy::Remembered);
        if !again && *choice != Choice::Hold {
            let bytes = postcard::to_stdvec(&(number, choice)).map_err(std::io::Error::other)?;
            entries.push((plan.conflict(summary)?.memory_key(), Some(bytes)));
        }
    }
    Ok(entries)
}

/// R16: what the history says of a file with the same content: which import brought it last, if one of them changed
/// anything, and whether that still holds.
///
/// # Errors
/// The history cannot be read.
pub fn imported_before(base: &Base, sha256: &str) -> Result<Option<String>, FlowError> {
    let history = base.history()?;
    let is_same = |entry: &&Entry| {
        entry.kind == Kind::Import
            && serde_json::from_str::<ImportDetails>(&entry.details).is_ok_and(|d| d.file.sha256 == sha256)
    };
    let changes =
        |entry: &&&Entry| entry.done.contacts != Default::default() || entry.done.organizations != Default::default();
    let same: Vec<&Entry> = history.iter().filter(is_same).collect();
    let Some(import) = same.iter().find(changes).or(same.first()) else { return Ok(None) };
    let undo = history.iter().find(|entry| Some(entry.number()) == import.undone_by);
    let when = undo.and_then(|undo| Timestamp::from_millisecond(undo.when).ok()).map(clock::local);
    let undone = when.map_or_else(String::new, |when| format!(", undone on {when}"));
    Ok(Some(format!("same file as import {}{undone}", import.number())))
}

/// R20: that the encoding of a file is a guess, and what it makes of three cells; `None` if nothing was guessed.
pub fn guessed_encoding(source: &Source) -> Option<String> {
    let Detected::Guess { resembles } = source.detected() else { return None };
    // What stands between plain quotes is masked where personal data is.
    let cells: Vec<String> = source.samples().iter().map(|cell| format!("'{}'", cell.replace('\'', "’"))).collect();
    let read = if cells.is_empty() { String::new() } else { format!(", which reads {}", cells.join(", ")) };
    let other = resembles.map_or_else(String::new, |other| format!("; its letters look like {other}"));
    let name = source.encoding();
    Some(format!("the encoding is a guess: {name}{read}{other}. If that is wrong, name it with --encoding"))
}
