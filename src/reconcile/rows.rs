//! The checked rows of a file, sorted by Contact ID and by Account ID in bounded memory.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use super::correction::Corrected;
use crate::intake::{CheckedRow, Side, Sink};
use crate::model::fields::Entity;
use crate::model::finding::Finding;
use crate::model::record::{Values, ValuesRef, push_varint, read_varint};
use crate::spill::{Merge, Sorted, Sorter, SpillRoom};

/// What a row is, before it meets the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowFlags {
    /// Every mapped cell is empty.
    pub blank: bool,
    /// The row cannot be imported.
    pub rejected: bool,
    /// The row names a contact.
    pub contact: bool,
    /// The row names an organization.
    pub account: bool,
    /// The row names an organization and brings account data, so it is no mere reference (R5).
    pub account_data: bool,
}

/// Collects the rows of one worker of a check.
#[derive(Debug)]
pub struct RowSink {
    contacts: Sorter,
    accounts: Sorter,
    findings: Sorter,
    marks: Vec<(u32, u32, RowFlags)>,
    /// Whether the rows stand in the place of those that the file has.
    corrected: bool,
    key: Vec<u8>,
    payload: Vec<u8>,
}

impl RowSink {
    /// An empty sink that spills into `room`.
    pub fn new(room: &SpillRoom) -> RowSink {
        let small = SpillRoom { memory: room.memory / 2, ..room.clone() };
        RowSink {
            contacts: Sorter::new(room),
            accounts: Sorter::new(&small),
            findings: Sorter::new(&small),
            marks: Vec::new(),
            corrected: false,
            key: Vec::new(),
            payload: Vec::new(),
        }
    }

    /// An empty sink for rows that a person corrected.
    pub(super) fn of_corrections(room: &SpillRoom) -> RowSink {
        RowSink { corrected: true, ..RowSink::new(room) }
    }

    fn push_side(&mut self, row: &CheckedRow<'_>, side: Side<'_>, contact: bool) -> io::Result<()> {
        self.key.clear();
        // IDs have no control characters (R1), so a NUL ends them without changing their order.
        self.key.extend_from_slice(side.id.as_bytes());
        self.key.push(0);
        self.key.extend_from_slice(&row.row.to_be_bytes());
        self.payload.clear();
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        self.payload.push(flag(row.rejected, REJECTED) | flag(self.corrected, CORRECTED));
        push_varint(&mut self.payload, u64::from(row.line));
        self.payload.extend_from_slice(side.values.0);
        if contact { &mut self.contacts } else { &mut self.accounts }.push(&self.key, &self.payload)
    }
}

impl Sink for RowSink {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        if let Some(side) = row.contact.filter(|side| side.witness) {
            self.push_side(&row, side, true)?;
        }
        if let Some(side) = row.account.filter(|side| side.witness) {
            self.push_side(&row, side, false)?;
        }
        let flags = RowFlags {
            blank: row.blank,
            rejected: row.rejected,
            contact: row.contact.is_some(),
            account: row.account.is_some(),
            account_data: row.account.is_some_and(|side| !side.values.is_empty()),
        };
        self.marks.push((row.row, row.line, flags));
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        let stage = if self.corrected { Stage::Later } else { Stage::File };
        push_finding(&mut self.findings, &finding, stage)
    }
}

/// What the first byte of a row's payload says.
const REJECTED: u8 = 1;
const CORRECTED: u8 = 2;

/// When a finding was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// When the file was checked. Of a row that was corrected since it does not hold.
    File,
    /// After that.
    Later,
}

/// Adds a finding. The key is all there is, so that findings come out by row, column and code whatever the threads did:
/// `row + 1, 0 for the file (u64 BE) · column (u32 BE) · code · 0 · the finding`. The payload is empty for [`Stage::File`].
pub(super) fn push_finding(findings: &mut Sorter, finding: &Finding, stage: Stage) -> io::Result<()> {
    let mut key = Vec::with_capacity(96);
    key.extend_from_slice(&finding.row.map_or(0, |row| u64::from(row) + 1).to_be_bytes());
    key.extend_from_slice(&finding.column.unwrap_or(0).to_be_bytes());
    key.extend_from_slice(finding.code.name().as_bytes());
    key.push(0);
    let key = postcard::to_extend(finding, key).map_err(io::Error::other)?;
    findings.push(&key, if stage == Stage::File { &[] } else { &[1] })
}

/// Findings in the order of the file, without those that a correction has settled. Reads them one by one, however many
/// there are.
pub(super) fn findings(
    sorted: &Sorted,
    corrected: Arc<BTreeMap<u32, Corrected>>,
) -> io::Result<impl Iterator<Item = io::Result<Finding>> + use<>> {
    let mut merge = sorted.merge()?;
    let settled = move |finding: &Finding, stage: Stage| {
        stage == Stage::File && finding.row.is_some_and(|row| corrected.contains_key(&row))
    };
    Ok(std::iter::from_fn(move || {
        loop {
            let (finding, stage) = match merge.next() {
                Ok(Some((key, []))) => (read_finding(key), Stage::File),
                Ok(Some((key, _))) => (read_finding(key), Stage::Later),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            if !finding.as_ref().is_ok_and(|finding| settled(finding, stage)) {
                return Some(finding);
            }
        }
    }))
}

fn read_finding(key: &[u8]) -> io::Result<Finding> {
    let after_code = key.iter().skip(12).position(|b| *b == 0).map_or(key.len(), |at| 12 + at + 1);
    postcard::from_bytes(&key[after_code..]).map_err(io::Error::other)
}

/// All checked rows of a file.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    contacts: Sorted,
    accounts: Sorted,
    pub(super) findings: Sorted,
    /// The rows that a person corrected: what the sorted rows say of them without the mark does not hold.
    pub(super) corrected: Arc<BTreeMap<u32, Corrected>>,
    /// The first physical line of each data row.
    pub lines: Vec<u32>,
    /// What each data row is.
    pub flags: Vec<RowFlags>,
}

impl Rows {
    /// The rows of all workers.
    pub fn join(sinks: Vec<RowSink>) -> Rows {
        let count = sinks.iter().map(|sink| sink.marks.len()).sum();
        let mut rows = Rows { lines: vec![0; count], flags: vec![RowFlags::default(); count], ..Rows::default() };
        let (mut contacts, mut accounts, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        for sink in sinks {
            for (row, line, flags) in sink.marks {
                let row = row as usize;
                rows.lines[row] = line;
                rows.flags[row] = flags;
            }
            contacts.push(sink.contacts.finish());
            accounts.push(sink.accounts.finish());
            findings.push(sink.findings.finish());
        }
        rows.contacts = Sorted::join(contacts);
        rows.accounts = Sorted::join(accounts);
        rows.findings = Sorted::join(findings);
        rows
    }

    /// These rows with those of a sink in the place of their former selves.
    pub(super) fn with(&self, sink: RowSink, corrected: BTreeMap<u32, Corrected>) -> Rows {
        let mut rows = self.clone();
        for (row, _, flags) in sink.marks {
            rows.flags[row as usize] = flags;
        }
        rows.contacts = Sorted::join([rows.contacts, sink.contacts.finish()]);
        rows.accounts = Sorted::join([rows.accounts, sink.accounts.finish()]);
        rows.findings = Sorted::join([rows.findings, sink.findings.finish()]);
        rows.corrected = Arc::new(corrected);
        rows
    }

    /// Every Account ID of the file once, in ascending order.
    ///
    /// # Errors
    /// A spill file cannot be read.
    pub fn account_ids(&self) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
        let mut merge = self.accounts.merge()?;
        let corrected = Arc::clone(&self.corrected);
        let mut last: Option<String> = None;
        let mut next = move || {
            while let Some(entry) = read(&mut merge)? {
                if entry.holds(&corrected) && last.as_deref() != Some(entry.id) {
                    last = Some(entry.id.to_owned());
                    return Ok(last.clone());
                }
            }
            Ok(None)
        };
        Ok(std::iter::from_fn(move || next().transpose()))
    }

    /// How many data rows the file has.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether the file has no data row.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// A row of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GroupRow {
    pub row: u32,
    pub line: u32,
    pub rejected: bool,
    /// Whether it is known to be rejected in the end, though not by the rows and records looked at so far.
    pub lost: bool,
}

/// Rows of one ID that have the same bytes.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    pub values: Values,
    /// In ascending order.
    pub rows: Vec<GroupRow>,
}

/// All rows of one ID, by their distinct bytes: a million equal rows cost eight bytes each.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub id: String,
    pub spellings: Vec<Spelling>,
    index: HashMap<Vec<u8>, usize>,
}

/// From here on, spellings are found by hash instead of by looking at each.
const INDEXED: usize = 8;

impl Group {
    fn reset(&mut self, id: &str) {
        self.id.clear();
        self.id.push_str(id);
        self.spellings.clear();
        self.index.clear();
    }

    fn add(&mut self, row: GroupRow, values: &[u8]) {
        match self.find(values) {
            Some(at) => self.spellings[at].rows.push(row),
            None => {
                let at = self.spellings.len();
                self.spellings.push(Spelling { values: ValuesRef(values).to_owned(), rows: vec![row] });
                if at == INDEXED {
                    let all = self.spellings.iter().enumerate();
                    self.index.extend(all.map(|(at, s)| (s.values.as_bytes().to_vec(), at)));
                } else if at > INDEXED {
                    self.index.insert(values.to_vec(), at);
                }
            }
        }
    }

    fn find(&self, values: &[u8]) -> Option<usize> {
        if self.spellings.len() <= INDEXED {
            self.spellings.iter().position(|s| s.values.as_bytes() == values)
        } else {
            self.index.get(values).copied()
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = GroupRow> + '_ {
        self.spellings.iter().flat_map(|s| s.rows.iter().copied())
    }
}

/// Reads sorted rows ID by ID.
#[derive(Debug)]
pub(super) struct Groups {
    merge: Merge,
    corrected: Arc<BTreeMap<u32, Corrected>>,
    ahead: Option<(String, GroupRow, Vec<u8>)>,
    group: Group,
}

impl Groups {
    /// The rows that name a record of that kind.
    pub fn new(rows: &Rows, entity: Entity) -> io::Result<Groups> {
        let sorted = if entity == Entity::Contact { &rows.contacts } else { &rows.accounts };
        let corrected = Arc::clone(&rows.corrected);
        let mut groups = Groups { merge: sorted.merge()?, corrected, ahead: None, group: Group::default() };
        while let Some(entry) = read(&mut groups.merge)? {
            if entry.holds(&groups.corrected) {
                groups.ahead = Some(entry.to_owned());
                break;
            }
        }
        Ok(groups)
    }

    /// The rows of the next ID, valid until the next call.
    pub fn next(&mut self) -> io::Result<Option<&mut Group>> {
        let Some((id, row, values)) = self.ahead.take() else { return Ok(None) };
        self.group.reset(&id);
        self.group.add(row, &values);
        while let Some(entry) = read(&mut self.merge)? {
            if !entry.holds(&self.corrected) {
                continue;
            }
            if entry.id != self.group.id {
                self.ahead = Some(entry.to_owned());
                break;
            }
            self.group.add(entry.row, entry.values);
        }
        Ok(Some(&mut self.group))
    }
}

/// A row among those sorted by ID.
struct Entry<'a> {
    id: &'a str,
    row: GroupRow,
    /// Whether it stands in the place of what the file says.
    corrected: bool,
    values: &'a [u8],
}

impl Entry<'_> {
    /// Whether it still holds, after these rows were corrected.
    fn holds(&self, corrected: &BTreeMap<u32, Corrected>) -> bool {
        self.corrected || !corrected.contains_key(&self.row.row)
    }

    fn to_owned(&self) -> (String, GroupRow, Vec<u8>) {
        (self.id.to_owned(), self.row, self.values.to_vec())
    }
}

fn read(merge: &mut Merge) -> io::Result<Option<Entry<'_>>> {
    let Some((key, payload)) = merge.next()? else { return Ok(None) };
    let parsed = || {
        let (id, row) = key.split_last_chunk::<4>()?;
        let id = std::str::from_utf8(id.strip_suffix(&[0])?).ok()?;
        let (flags, mut values) = payload.split_first()?;
        let line = u32::try_from(read_varint(&mut values)?).ok()?;
        let row = GroupRow { row: u32::from_be_bytes(*row), line, rejected: flags & REJECTED != 0, lost: false };
        Some(Entry { id, row, corrected: flags & CORRECTED != 0, values })
    };
    parsed().map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a spill file of this run is damaged"))
}
