//! The folded text of some neighbouring records, and of all records of one kind.
//!
//! A *segment* has the records of a range of IDs, in the order of their names; its *blocks* are what is judged at once. So the
//! first hits by name are at the beginning of every segment, and a commit touches few segments.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::dictionary::Dictionary;
use super::grams::Grams;
use super::guide::Guide;
use super::numbers::Numbers;
use super::text::{Tag, Tags, until_tag};

/// The greatest number of records in a block. Tests have small ones, so that a few records are many blocks.
pub(super) const MOST: usize = if cfg!(test) { 4 } else { 128 };

/// How many records a segment has when everything is loaded; changes may make it twice as many.
pub(super) const SEGMENT: usize = if cfg!(test) { 8 } else { 4096 };

/// The greatest number of records in a segment, and of its blocks.
pub(super) const SLOTS: usize = 2 * SEGMENT;
pub(super) const BLOCKS: usize = SLOTS / MOST;

/// Where a record is: segment of the table, record of the segment. Those of equal names are in the order of the IDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(u32);

impl Place {
    /// The record `at` of a segment. There are 2³² places: enough for a base that fits into memory.
    pub fn new(segment: usize, at: usize) -> Place {
        Place((segment * SLOTS + at) as u32)
    }

    /// The record `at` of a block.
    pub fn in_block(block: usize, at: usize) -> Place {
        Place((block * MOST + at) as u32)
    }

    pub fn segment(self) -> usize {
        self.0 as usize / SLOTS
    }

    /// The same record once its segment has that number.
    pub fn moved_to(self, segment: usize) -> Place {
        Place::new(segment, self.0 as usize % SLOTS)
    }

    /// The number of its block: every segment has numbers for as many as it may have.
    pub fn block(self) -> usize {
        self.0 as usize / MOST
    }

    /// Which record of its block it is.
    pub fn at(self) -> usize {
        self.0 as usize % MOST
    }

    /// Its number among all places, of which there are more than records.
    pub fn slot(self) -> usize {
        self.0 as usize
    }
}

/// Texts one after the other: of neighbouring records, or of a dictionary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub text: &'a [u8],
    /// Where each ends in `text`.
    pub ends: &'a [u32],
    /// Where the first one begins.
    pub start: usize,
}

impl<'a> Rows<'a> {
    /// Where the first `count` texts end.
    pub fn end(self, count: usize) -> usize {
        count.checked_sub(1).map_or(self.start, |last| self.ends[last] as usize)
    }

    /// All of them.
    pub fn whole(self) -> &'a [u8] {
        &self.text[self.start..self.end(self.ends.len())]
    }

    pub fn get(self, at: usize) -> &'a [u8] {
        &self.text[self.end(at)..self.end(at + 1)]
    }
}

/// The folded texts of neighbouring records: the heads of all of them, then the rests.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub text: Box<[u8]>,
    /// For each record, where its head ends in `text`; then for each, where its rest ends.
    pub ends: Box<[u32]>,
    pub tags: Box<[Tags]>,
    /// The tags that are in the text of the heads, and in that of the rests; what has a code is in neither.
    pub text_tags: [Tags; 2],
    /// For each record, the commits that created and last changed it; one for all if they are the same.
    pub commits: Box<[[u32; 2]]>,
    pub ids: Ids,
    /// For each record, the code of its organization; nothing if none has one.
    pub accounts: Box<[u32]>,
    /// The columns in which a record has a code, ...
    pub columns: Box<[u16]>,
    /// ... and for each of them the codes of all records.
    pub codes: Box<[u16]>,
    /// The valid phones of all records.
    pub numbers: Numbers,
}

/// How the IDs are spelled that the text has in folded form.
#[derive(Debug, Default)]
pub(super) enum Ids {
    /// As they are there.
    #[default]
    Folded,
    /// In upper case.
    Upper,
    /// As here; the second part says where each ends.
    Spelled(Box<str>, Box<[u32]>),
}

/// A part of a record's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// IDs, organization and name.
    Head,
    /// All others, but for what are codes and numbers.
    Rest,
}

impl Block {
    /// How many records it has.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let ids = if let Ids::Spelled(ids, ends) = &self.ids { ids.len() + size_of_val(&**ends) } else { 0 };
        let codes = size_of_val(&*self.accounts) + size_of_val(&*self.columns) + size_of_val(&*self.codes);
        let arrays = size_of_val(&*self.ends) + size_of_val(&*self.tags) + size_of_val(&*self.commits);
        size_of::<Block>() + self.text.len() + arrays + codes + self.numbers.bytes() + ids
    }

    /// The heads of all records, or their rests.
    pub fn rows(&self, part: Part) -> Rows<'_> {
        let (heads, rests) = self.ends.split_at(self.len());
        match part {
            Part::Head => Rows { text: &self.text, ends: heads, start: 0 },
            Part::Rest => Rows { text: &self.text, ends: rests, start: heads.last().map_or(0, |end| *end as usize) },
        }
    }

    /// The tags that a part of the text has.
    pub fn tags_of(&self, part: Part) -> Tags {
        self.text_tags[part as usize]
    }

    /// The codes of each column.
    pub fn coded(&self) -> impl Iterator<Item = (usize, &[u16])> {
        self.columns.iter().map(|column| usize::from(*column)).zip(self.codes.chunks(self.len().max(1)))
    }

    /// The ID of a record as the base spells it.
    pub fn id(&self, at: usize) -> Cow<'_, str> {
        let folded = || String::from_utf8_lossy(self.folded_id(at));
        match &self.ids {
            Ids::Folded => folded(),
            Ids::Upper => Cow::Owned(folded().to_ascii_uppercase()),
            Ids::Spelled(ids, ends) => {
                let start = at.checked_sub(1).map_or(0, |before| ends[before]);
                Cow::Borrowed(&ids[start as usize..ends[at] as usize])
            }
        }
    }

    /// The ID of a record as the text has it.
    pub fn folded_id(&self, at: usize) -> &[u8] {
        until_tag(&self.rows(Part::Head).get(at)[1..])
    }

    /// The folded name of a record: the last part of its head.
    pub fn name(&self, at: usize) -> &[u8] {
        let head = self.rows(Part::Head).get(at);
        let start = memchr::memrchr(Tag::Name as u8, head).map_or(head.len(), |tag| tag + 1);
        &head[start..]
    }

    pub fn commits(&self, at: usize) -> [u32; 2] {
        match &*self.commits {
            [all] => *all,
            each => each[at],
        }
    }
}

/// One record of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub block: &'a Block,
    pub at: usize,
    pub dictionary: &'a Dictionary,
}

impl<'a> Entry<'a> {
    /// The ID as the base spells it.
    pub fn id(&self) -> Cow<'a, str> {
        self.block.id(self.at)
    }

    /// The ID as the text has it.
    pub fn folded_id(&self) -> &'a [u8] {
        self.block.folded_id(self.at)
    }

    /// The folded name.
    pub fn name(&self) -> &'a [u8] {
        self.block.name(self.at)
    }

    /// IDs, organization and name, or all other parts, as far as they have no codes.
    pub fn text(&self, part: Part) -> &'a [u8] {
        self.block.rows(part).get(self.at)
    }

    /// The code of a contact's organization, or 0.
    pub fn account(&self) -> u32 {
        self.block.accounts.get(self.at).copied().unwrap_or_default()
    }

    /// The folded name of a contact's organization.
    pub fn organization(&self) -> Option<&'a [u8]> {
        match self.account() {
            0 => organization_in(self.text(Part::Head)),
            code => organization_in(self.dictionary.accounts.get(code)),
        }
    }

    /// The tags of its parts.
    pub fn tags(&self) -> Tags {
        self.block.tags[self.at]
    }

    /// The commit that created it.
    pub fn created(&self) -> u64 {
        u64::from(self.block.commits(self.at)[0])
    }

    /// The commit that last changed it.
    pub fn changed(&self) -> u64 {
        u64::from(self.block.commits(self.at)[1])
    }
}

/// The name of the organization in a head, or in what the members of one share.
pub(super) fn organization_in(text: &[u8]) -> Option<&[u8]> {
    let tag = memchr::memchr(Tag::Organization as u8, text)?;
    Some(until_tag(&text[tag + 1..]))
}

/// The records of a range of IDs.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// The lowest ID that it may hold; the next segment's is the first beyond it.
    pub low: Box<str>,
    /// In the order of the names, all of them full but the last.
    pub blocks: Box<[Block]>,
    /// The numbers of its records in the order of their IDs.
    pub by_id: Box<[u16]>,
    /// What its blocks have, once that is worked out.
    pub grams: OnceLock<Grams>,
}

impl Segment {
    /// The record of a number.
    pub fn entry<'a>(&'a self, at: usize, dictionary: &'a Dictionary) -> Entry<'a> {
        Entry { block: &self.blocks[at / MOST], at: at % MOST, dictionary }
    }

    /// Its records in the order of their IDs.
    pub fn entries<'a>(&'a self, dictionary: &'a Dictionary) -> impl Iterator<Item = Entry<'a>> + 'a {
        self.by_id.iter().map(move |at| self.entry(usize::from(*at), dictionary))
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(Block::bytes).sum();
        let grams = self.grams.get().map_or(0, Grams::bytes);
        size_of::<Segment>() + self.low.len() + blocks + size_of_val(&*self.by_id) + grams
    }

    /// Where an ID is in the order of the IDs, or where it would be.
    fn search(&self, id: &str) -> Result<usize, usize> {
        self.by_id.binary_search_by(|at| {
            let at = usize::from(*at);
            let other = self.blocks[at / MOST].id(at % MOST);
            if *other == *id { Ordering::Equal } else { (*other).cmp(id) }
        })
    }
}

/// The texts of all records of one kind. Never changes; a newer one shares the segments that are as they were.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// In the order of the IDs.
    pub segments: Vec<Arc<Segment>>,
    pub dictionary: Arc<Dictionary>,
    /// How many records come before each segment, and at the end how many there are.
    before: Vec<u32>,
    /// What makes searches faster, once it is worked out.
    pub guide: OnceLock<Guide>,
}

impl Table {
    pub fn new(segments: Vec<Arc<Segment>>, dictionary: Arc<Dictionary>) -> Table {
        let mut before = Vec::with_capacity(segments.len() + 1);
        let mut records = 0;
        before.push(0);
        for segment in &segments {
            records += segment.by_id.len() as u32;
            before.push(records);
        }
        Table { segments, dictionary, before, guide: OnceLock::new() }
    }

    /// How many records there are.
    pub fn records(&self) -> usize {
        self.before.last().map_or(0, |records| *records as usize)
    }

    /// How many bytes of memory it takes, without its guide.
    pub fn bytes(&self) -> usize {
        self.dictionary.bytes() + self.segments.iter().map(|segment| segment.bytes()).sum::<usize>()
    }

    /// The block of that number.
    pub fn block(&self, number: usize) -> &Block {
        &self.segments[number / BLOCKS].blocks[number % BLOCKS]
    }

    /// The record at a place.
    pub fn entry(&self, place: Place) -> Entry<'_> {
        Entry { block: self.block(place.block()), at: place.at(), dictionary: &self.dictionary }
    }

    /// The numbers of all blocks.
    pub fn blocks(&self) -> impl Iterator<Item = usize> {
        let of_segment = |(n, segment): (usize, &Arc<Segment>)| n * BLOCKS..n * BLOCKS + segment.blocks.len();
        self.segments.iter().enumerate().flat_map(of_segment)
    }

    /// Every place.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let of_segment =
            |(n, segment): (usize, &Arc<Segment>)| (0..segment.by_id.len()).map(move |at| Place::new(n, at));
        self.segments.iter().enumerate().flat_map(of_segment)
    }

    /// Every record, in the order of the IDs.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.segments.iter().flat_map(|segment| segment.entries(&self.dictionary))
    }

    /// The place of a record by its number in the order of the IDs, from 0; `None` if there is none of that number.
    pub fn nth(&self, number: usize) -> Option<Place> {
        let segment = self.before.partition_point(|before| *before as usize <= number).checked_sub(1)?;
        let at = self.segments.get(segment)?.by_id.get(number - self.before[segment] as usize)?;
        Some(Place::new(segment, usize::from(*at)))
    }

    /// The number of the segment that may hold an ID.
    pub fn segment_of(&self, id: &str) -> Option<usize> {
        self.segments.partition_point(|segment| *segment.low <= *id).checked_sub(1)
    }

    /// Where the record of an ID is.
    pub fn place(&self, id: &str) -> Option<Place> {
        let number = self.segment_of(id)?;
        let segment = &self.segments[number];
        let at = segment.search(id).ok()?;
        Some(Place::new(number, usize::from(segment.by_id[at])))
    }

    /// The number in the order of the IDs of the record of an ID.
    pub fn number(&self, id: &str) -> Option<usize> {
        let number = self.segment_of(id)?;
        Some(self.before[number] as usize + self.segments[number].search(id).ok()?)
    }

    /// The record of an ID.
    pub fn find(&self, id: &str) -> Option<Entry<'_>> {
        self.place(id).map(|place| self.entry(place))
    }
}
