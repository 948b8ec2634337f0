//! The folded text of some neighbouring records, and of all records of one kind.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::guide::Guide;
use super::text::{NameOf, Tag, Tags, push_head, push_rest};
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// The bits of a [`Place`] that say which record of its block it is.
const BITS: u32 = 7;

/// The greatest number of records in a block.
pub(super) const MOST: usize = 1 << BITS;

/// Where a record is: block of the table, record of the block. In the order of the IDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(u32);

impl Place {
    /// The record `at` of a block. There are 2³² places: enough for a base that fits into memory.
    pub fn new(block: usize, at: usize) -> Place {
        Place((block as u32) << BITS | at as u32)
    }

    pub fn block(self) -> usize {
        (self.0 >> BITS) as usize
    }

    pub fn at(self) -> usize {
        self.0 as usize % MOST
    }
}

/// The folded texts of neighbouring records: the heads of all of them, then the rests.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The lowest ID that it may hold; the next block's is the first beyond it.
    pub low: Box<str>,
    text: Box<[u8]>,
    /// For each record, where its head and where its rest ends in `text`.
    ends: Box<[[u32; 2]]>,
    tags: Box<[Tags]>,
    /// For each record, the commits that created and last changed it; one for all if they are the same.
    commits: Box<[[u32; 2]]>,
    ids: Ids,
}

/// How the IDs are spelled that the text has in folded form.
#[derive(Debug, Default)]
enum Ids {
    /// As they are there.
    #[default]
    Folded,
    /// In upper case.
    Upper,
    /// As here; the second part says where each ends.
    Spelled(Box<str>, Box<[u32]>),
}

/// One record of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// IDs, organization and name.
    pub head: &'a [u8],
    /// All other parts.
    pub rest: &'a [u8],
    pub block: &'a Block,
    pub at: usize,
}

impl<'a> Entry<'a> {
    /// The ID as the base spells it.
    pub fn id(&self) -> Cow<'a, str> {
        let folded = || String::from_utf8_lossy(self.folded_id());
        match &self.block.ids {
            Ids::Folded => folded(),
            Ids::Upper => Cow::Owned(folded().to_ascii_uppercase()),
            Ids::Spelled(ids, ends) => {
                let start = self.at.checked_sub(1).map_or(0, |before| ends[before]);
                Cow::Borrowed(&ids[start as usize..ends[self.at] as usize])
            }
        }
    }

    fn folded_id(&self) -> &'a [u8] {
        super::text::until_tag(&self.head[1..])
    }

    /// The folded name: the last part of the head.
    pub fn name(&self) -> &'a [u8] {
        let start = memchr::memrchr(Tag::Name as u8, self.head).map_or(self.head.len(), |tag| tag + 1);
        &self.head[start..]
    }

    /// The folded name of a contact's organization.
    pub fn organization(&self) -> Option<&'a [u8]> {
        let tag = memchr::memchr(Tag::Organization as u8, self.head)?;
        Some(super::text::until_tag(&self.head[tag + 1..]))
    }

    /// The tags of its parts.
    pub fn tags(&self) -> Tags {
        self.block.tags[self.at]
    }

    /// The commit that created it.
    pub fn created(&self) -> u64 {
        u64::from(self.commits()[0])
    }

    /// The commit that last changed it.
    pub fn changed(&self) -> u64 {
        u64::from(self.commits()[1])
    }

    fn commits(&self) -> [u32; 2] {
        match &*self.block.commits {
            [all] => *all,
            each => each[self.at],
        }
    }
}

impl Block {
    /// The block of one record with that text.
    #[cfg(test)]
    pub fn of_texts(id: &str, head: &[u8], rest: &[u8]) -> Block {
        let end = |text: &[u8]| text.len() as u32;
        Block {
            low: id.into(),
            text: [head, rest].concat().into(),
            ends: [[end(head), end(head) + end(rest)]].into(),
            tags: [Tags::ALL].into(),
            commits: [[1, 1]].into(),
            ids: Ids::Spelled(id.into(), [id.len() as u32].into()),
        }
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let ids = if let Ids::Spelled(ids, ends) = &self.ids { ids.len() + size_of_val(&**ends) } else { 0 };
        let arrays = size_of_val(&*self.ends) + size_of_val(&*self.tags) + size_of_val(&*self.commits);
        size_of::<Block>() + self.low.len() + self.text.len() + arrays + ids
    }

    /// The record at that place.
    pub fn entry(&self, at: usize) -> Entry<'_> {
        let [head_end, rest_end] = self.ends[at];
        let [head, rest] = match at.checked_sub(1) {
            Some(before) => self.ends[before],
            None => [0, self.heads_end() as u32],
        };
        let text = |from: u32, to: u32| &self.text[from as usize..to as usize];
        Entry { head: text(head, head_end), rest: text(rest, rest_end), block: self, at }
    }

    /// Every record.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).map(|at| self.entry(at))
    }

    /// The heads of all records, one after the other, or their rests.
    pub fn texts(&self, part: Part) -> &[u8] {
        let (heads, rests) = self.text.split_at(self.heads_end());
        if part == Part::Head { heads } else { rests }
    }

    /// Where that part of the first `count` records ends in [`Block::texts`].
    pub fn end(&self, part: Part, count: usize) -> usize {
        match (count.checked_sub(1).map(|last| self.ends[last][part as usize] as usize), part) {
            (None, _) => 0,
            (Some(end), Part::Head) => end,
            (Some(end), Part::Rest) => end - self.heads_end(),
        }
    }

    fn heads_end(&self) -> usize {
        self.ends.last().map_or(0, |[head, _]| *head as usize)
    }
}

/// A part of a record's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// IDs, organization and name.
    Head,
    /// All others.
    Rest,
}

/// A block while its records are folded. Used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Folding {
    heads: Vec<u8>,
    rests: Vec<u8>,
    ends: Vec<[u32; 2]>,
    tags: Vec<Tags>,
    commits: Vec<[u32; 2]>,
    ids: String,
    id_ends: Vec<u32>,
}

impl Folding {
    /// How many records it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends a record. Records come in the order of their IDs.
    pub fn push(&mut self, entity: Entity, id: &str, record: &RecordRef<'_>, names: &NameOf<'_>) {
        let head_tags = push_head(&mut self.heads, entity, id, record, names);
        let rest_tags = push_rest(&mut self.rests, entity, record);
        self.tags.push(head_tags.or(rest_tags));
        self.ends.push([self.heads.len(), self.rests.len()].map(|end| narrow(end as u64)));
        self.commits.push([record.created, record.changed].map(narrow));
        self.ids.push_str(id);
        self.id_ends.push(narrow(self.ids.len() as u64));
    }

    /// The block of the records pushed since the last one, which begins at the ID `low`.
    pub fn finish(&mut self, low: &str) -> Block {
        let heads_end = narrow(self.heads.len() as u64);
        self.heads.append(&mut self.rests);
        self.ends.iter_mut().for_each(|[_, rest]| *rest += heads_end);
        let same = self.commits.windows(2).all(|pair| pair[0] == pair[1]);
        self.commits.truncate(if same { 1 } else { self.commits.len() });
        let mut block = Block {
            low: low.into(),
            text: self.heads.as_slice().into(),
            ends: self.ends.as_slice().into(),
            tags: self.tags.as_slice().into(),
            commits: self.commits.as_slice().into(),
            ids: Ids::Folded,
        };
        block.ids = self.ids(&block);
        self.heads.clear();
        self.ends.clear();
        self.tags.clear();
        self.commits.clear();
        self.ids.clear();
        self.id_ends.clear();
        block
    }

    fn ids(&self, block: &Block) -> Ids {
        let mut rest = self.ids.as_bytes();
        let (mut folded, mut upper) = (true, true);
        for entry in block.entries() {
            let id = entry.folded_id();
            let spelled = &rest[..rest.len().min(id.len())];
            rest = &rest[spelled.len()..];
            folded &= spelled == id;
            upper &= spelled.iter().zip(id).all(|(a, b)| *a == b.to_ascii_uppercase()) && spelled.len() == id.len();
        }
        match rest.is_empty() {
            true if folded => Ids::Folded,
            true if upper => Ids::Upper,
            _ => Ids::Spelled(self.ids.as_str().into(), self.id_ends.as_slice().into()),
        }
    }
}

/// Sizes of a block and numbers of commits stay far below four billion; a greater one counts as the greatest.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The texts of all records of one kind. Never changes; a newer one shares the blocks that are as they were.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// In the order of the IDs.
    pub blocks: Vec<Arc<Block>>,
    /// How many records come before each block, and at the end how many there are.
    before: Vec<u32>,
    /// What makes searches faster, once it is worked out.
    pub guide: OnceLock<Guide>,
}

impl Table {
    pub fn new(blocks: Vec<Arc<Block>>) -> Table {
        let mut before = Vec::with_capacity(blocks.len() + 1);
        let mut records = 0;
        before.push(0);
        for block in &blocks {
            records += narrow(block.len() as u64);
            before.push(records);
        }
        Table { blocks, before, guide: OnceLock::new() }
    }

    /// How many records there are.
    pub fn records(&self) -> usize {
        self.before.last().map_or(0, |records| *records as usize)
    }

    /// The record at a place.
    pub fn entry(&self, place: Place) -> Entry<'_> {
        self.blocks[place.block()].entry(place.at())
    }

    /// Every place, in the order of the IDs.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let of_block = |(n, block): (usize, &Arc<Block>)| (0..block.len()).map(move |at| Place::new(n, at));
        self.blocks.iter().enumerate().flat_map(of_block)
    }

    /// The place of a record by its number in the order of the IDs, from 0; `None` if there is none of that number.
    pub fn nth(&self, number: usize) -> Option<Place> {
        let block = self.before.partition_point(|before| *before as usize <= number).checked_sub(1)?;
        let at = number - self.before[block] as usize;
        self.blocks.get(block).filter(|block| at < block.len()).map(|_| Place::new(block, at))
    }

    /// The number of the block that may hold an ID.
    pub fn block_of(&self, id: &str) -> Option<usize> {
        self.blocks.partition_point(|block| *block.low <= *id).checked_sub(1)
    }

    /// How many records come before that place.
    pub fn number(&self, place: Place) -> usize {
        self.before[place.block()] as usize + place.at()
    }

    /// Where the record of an ID is.
    pub fn place(&self, id: &str) -> Option<Place> {
        let number = self.block_of(id)?;
        let block = &self.blocks[number];
        let (mut low, mut high) = (0, block.len());
        while low < high {
            let middle = (low + high) / 2;
            match (*block.entry(middle).id()).cmp(id) {
                Ordering::Equal => return Some(Place::new(number, middle)),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The record of an ID.
    pub fn find(&self, id: &str) -> Option<Entry<'_>> {
        self.place(id).map(|place| self.entry(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Record;
    use rstest::rstest;

    fn block(ids: &[&str]) -> Block {
        let mut folding = Folding::default();
        let bytes = Record::default().encode();
        ids.iter().for_each(|id| folding.push(Entity::Contact, id, &RecordRef::decode(&bytes).unwrap(), &|_| None));
        folding.finish(ids[0])
    }

    #[rstest]
    #[case(&["1", "2"])]
    #[case(&["A-1", "Z"])]
    #[case(&["a", "A"])]
    #[case(&["0035gAB", "İd", "ß"])]
    #[case(&["a", "ab", "Ab"])]
    #[case(&["É", "E"])]
    fn ids_keep_their_spelling(#[case] ids: &[&str]) {
        let block = block(ids);
        assert_eq!(block.entries().map(|entry| entry.id().into_owned()).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn records_have_places_in_the_order_of_their_ids() {
        let table = Table::new([["A", "B"], ["C", "D"]].map(|ids| Arc::new(block(&ids))).into());
        let places: Vec<Place> = table.places().collect();
        assert!(places.is_sorted());
        assert_eq!((0..5).filter_map(|n| table.nth(n)).collect::<Vec<_>>(), places);
        assert!(places.iter().enumerate().all(|(n, place)| table.number(*place) == n));
        assert_eq!(table.find("C").unwrap().id(), "C");
        assert!(table.find("CC").is_none() && table.find("").is_none());
    }
}
