//! Texts that many records share, kept once: cities, titles, organizations. A record has their numbers instead, its *codes*.
//!
//! Codes are given out while everything is loaded, and stay as they are until everything is loaded again: what is folded after a
//! commit has all of its text. So a code and a text are two ways to say the same, and no record depends on which it has.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;

use super::block::Rows;
use super::kept::{In, Out};
use super::names::Names;
use super::text::{Tag, push_part};
use crate::model::fields::{FIELDS, FieldId};

/// Texts by number, from 1 on; 0 is none. Each is a row of tagged parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    /// Appends what `push` writes; its number. Together they stay under 4 GiB, or it is `None`.
    pub fn push(&mut self, push: impl FnOnce(&mut Vec<u8>)) -> Option<u32> {
        let start = self.text.len();
        push(&mut self.text);
        match u32::try_from(self.text.len()) {
            Ok(end) => self.ends.push(end),
            Err(_) => {
                self.text.truncate(start);
                return None;
            }
        }
        u32::try_from(self.ends.len()).ok()
    }

    /// The text of a code; empty for 0.
    pub fn get(&self, code: u32) -> &[u8] {
        (code as usize).checked_sub(1).map_or(&[], |at| self.rows().get(at))
    }

    /// All of them; the code of one is its place plus one.
    pub fn rows(&self) -> Rows<'_> {
        Rows { text: &self.text, ends: &self.ends, start: 0 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    fn write(&self, out: &mut Out) {
        out.bytes(&self.text);
        out.u32s(self.ends.iter().copied());
    }

    /// `None` if it is not what could have been written.
    fn read(input: &mut In<'_>) -> Option<Texts> {
        let (text, ends) = (input.bytes()?.to_vec(), input.u32s()?.into_vec());
        let is_sound = ends.is_sorted() && ends.last().map_or(0, |end| *end as usize) == text.len();
        is_sound.then_some(Texts { text, ends })
    }

    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}

/// The texts of all codes.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    /// Account ID and name of organizations.
    pub accounts: Arc<Texts>,
    /// Values, by column: each column has the values of a field.
    pub columns: Vec<Texts>,
}

impl Dictionary {
    /// Writes all texts.
    pub fn write(&self, out: &mut Out) {
        self.accounts.write(out);
        out.number(self.columns.len() as u64);
        self.columns.iter().for_each(|texts| texts.write(out));
    }

    /// Reads all texts; `None` if they are not what could have been written.
    pub fn read(input: &mut In<'_>) -> Option<Dictionary> {
        let accounts = Arc::new(Texts::read(input)?);
        let count = usize::try_from(input.number()?).ok().filter(|count| *count <= COLUMNS)?;
        let columns = (0..count).map(|_| Texts::read(input)).collect::<Option<_>>()?;
        Some(Dictionary { accounts, columns })
    }

    pub fn bytes(&self) -> usize {
        self.accounts.bytes() + self.columns.iter().map(Texts::bytes).sum::<usize>()
    }
}

/// Columns beyond this one have no codes: a base may have thousands of custom fields.
const COLUMNS: usize = 256;

/// Longer values are hardly shared.
const LONGEST: usize = 80;

/// The values of a field that are new to a thread go on getting codes if they are at most this many, and one in so many of all:
/// beyond, they are hardly shared.
const NEW: usize = 1 << 14;
const ONE_IN: usize = 4;

/// Gives out codes to several threads.
pub(super) struct Coding {
    names: Names,
    columns: [Mutex<Column>; COLUMNS],
}

#[derive(Default)]
struct Column {
    codes: HashMap<Box<[u8]>, u16>,
    texts: Texts,
}

impl Coding {
    /// Codes for contacts whose organizations are these, or for organizations.
    pub fn new(names: Names) -> Coding {
        Coding { names, columns: std::array::from_fn(|_| Mutex::default()) }
    }

    /// The texts of the codes that are given out so far.
    pub fn dictionary(&self) -> Dictionary {
        let mut columns: Vec<Texts> = self.columns.iter().map(|column| locked(column).texts.clone()).collect();
        let used = columns.iter().rposition(|texts| !texts.rows().ends.is_empty()).map_or(0, |last| last + 1);
        columns.truncate(used);
        columns.iter_mut().for_each(|texts| {
            texts.text.shrink_to_fit();
            texts.ends.shrink_to_fit();
        });
        Dictionary { accounts: self.names.accounts(), columns }
    }

    /// The column of a field.
    fn column_of(field: FieldId) -> Option<usize> {
        let number = usize::from(field.0);
        let custom = usize::from(FieldId::CUSTOM);
        let column = if number < custom { number } else { number - custom + FIELDS.len() };
        (column < COLUMNS).then_some(column)
    }
}

fn locked(column: &Mutex<Column>) -> MutexGuard<'_, Column> {
    column.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread's way to the codes: it keeps those that it has seen.
pub(super) struct Coder<'c> {
    coding: &'c Coding,
    known: Vec<Known>,
}

#[derive(Default)]
struct Known {
    codes: HashMap<Box<[u8]>, u16>,
    asked: usize,
    /// The values of the field are hardly ever the same, so that none is looked up any more.
    differ: bool,
}

impl<'c> Coder<'c> {
    pub fn new(coding: &'c Coding) -> Coder<'c> {
        Coder { coding, known: (0..COLUMNS).map(|_| Known::default()).collect() }
    }

    /// The code of the organization with that Account ID; 0 if there is none.
    pub fn account(&self, id: &str) -> u32 {
        self.coding.names.find(id).unwrap_or_default()
    }

    /// The column and the code of a value; `None` if it is to be a text of its record.
    pub fn value(&mut self, field: FieldId, tag: Tag, payload: &[u8]) -> Option<(u16, u16)> {
        let column = Coding::column_of(field).filter(|_| payload.len() <= LONGEST)?;
        let known = &mut self.known[column];
        if known.differ {
            return None;
        }
        known.asked += 1;
        if let Some(code) = known.codes.get(payload) {
            return (*code > 0).then_some((column as u16, *code));
        }
        if known.codes.len() > (NEW + known.asked / ONE_IN).min(usize::from(u16::MAX)) {
            known.differ = known.asked < 2 * known.codes.len();
            return None;
        }
        let code = locked(&self.coding.columns[column]).code(tag, payload);
        known.codes.insert(payload.into(), code);
        (code > 0).then_some((column as u16, code))
    }
}

impl Column {
    /// The code of a value; 0 once there are no more codes.
    fn code(&mut self, tag: Tag, payload: &[u8]) -> u16 {
        if let Some(code) = self.codes.get(payload) {
            return *code;
        }
        if self.codes.len() >= usize::from(u16::MAX) {
            return 0;
        }
        let code = self.texts.push(|out| {
            push_part(out, tag, payload);
        });
        let code = code.and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
        self.codes.insert(payload.into(), code);
        code
    }
}
