//! The folded text of one page of the base, and of all pages of a table.

use std::ops::Range;
use std::sync::Arc;

use super::text::{Names, Tag, parts, push_record};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// The folded texts of a page's records, one after the other.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PageText {
    /// The key of the page in the base.
    pub key: Box<[u8]>,
    /// The commit that wrote the page.
    pub stamp: u64,
    pub text: Box<[u8]>,
    ids: Box<str>,
    pub facts: Box<[Facts]>,
}

/// What is known of a record beside its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    /// Where its text and its ID end in those of the page.
    pub end: u32,
    id_end: u32,
    /// Where its name is in the text of the page.
    name: Range<u32>,
    internal: [u8; 16],
    created: u32,
    changed: u32,
}

/// One record of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub text: &'a [u8],
    pub id: &'a str,
    /// The folded name.
    pub name: &'a [u8],
    /// Where it ends in the text.
    pub name_end: usize,
    pub internal: &'a [u8; 16],
    pub created: u64,
    pub changed: u64,
}

/// A page's text while its records are folded.
#[derive(Debug, Default)]
pub(super) struct Folding {
    text: Vec<u8>,
    ids: String,
    facts: Vec<Facts>,
}

impl Folding {
    /// Appends a record. Records come in the order of the page.
    pub fn push(&mut self, entity: Entity, id: &str, record: &RecordRef<'_>, names: &Names<'_>) {
        let name = push_record(&mut self.text, entity, id, record, names);
        self.ids.push_str(id);
        self.facts.push(Facts {
            end: narrow(self.text.len() as u64),
            id_end: narrow(self.ids.len() as u64),
            name: narrow(name.start as u64)..narrow(name.end as u64),
            internal: *record.internal.as_bytes(),
            created: narrow(record.created),
            changed: narrow(record.changed),
        });
    }

    /// The text of the page with that key, written by that commit.
    pub fn finish(self, key: &[u8], stamp: u64) -> PageText {
        PageText { key: key.into(), stamp, text: self.text.into(), ids: self.ids.into(), facts: self.facts.into() }
    }
}

impl PageText {
    /// How many records it has.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        size_of::<PageText>() + self.key.len() + self.text.len() + self.ids.len() + size_of_val(&*self.facts)
    }

    /// The record at that place.
    pub fn entry(&self, at: usize) -> Entry<'_> {
        let facts = &self.facts[at];
        let (start, id_start) = match at.checked_sub(1).map(|before| &self.facts[before]) {
            Some(before) => (before.end as usize, before.id_end as usize),
            None => (0, 0),
        };
        Entry {
            text: &self.text[start..facts.end as usize],
            id: &self.ids[id_start..facts.id_end as usize],
            name: &self.text[facts.name.start as usize..facts.name.end as usize],
            name_end: facts.name.end as usize - start,
            internal: &facts.internal,
            created: u64::from(facts.created),
            changed: u64::from(facts.changed),
        }
    }

    /// Every record.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).map(|at| self.entry(at))
    }

    /// Whether a contact of the page is a member of an organization whose folded Account ID is in question.
    pub fn has_member_of(&self, organization: impl Fn(&[u8]) -> bool) -> bool {
        parts(&self.text).any(|(tag, id)| tag == Tag::Membership as u8 && organization(id))
    }
}

/// Sizes of a page and numbers of commits stay far below four billion; a greater one counts as the greatest.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The texts of all pages of a table, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub pages: Vec<Arc<PageText>>,
    /// How many records the pages have.
    pub records: usize,
}

impl Table {
    pub fn new(pages: Vec<Arc<PageText>>) -> Table {
        Table { records: pages.iter().map(|page| page.len()).sum(), pages }
    }

    /// The page with that key.
    pub fn page(&self, key: &[u8]) -> Option<&Arc<PageText>> {
        self.pages.binary_search_by(|page| (*page.key).cmp(key)).ok().map(|at| &self.pages[at])
    }

    /// Every record.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.pages.iter().flat_map(|page| page.entries())
    }
}
