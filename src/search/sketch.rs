//! What can occur in a table at all, in a few megabytes: with which bytes words begin, and how long the whole IDs and
//! phones are and begin. A search that knows that no better hit can exist need not look for one.

use rayon::prelude::*;

use super::Tier;
use super::block::{Part, Rows, Segment, Table};
use super::digits;
use super::kept::{In, Out};
use super::needle::begins_word;
use super::numbers;
use super::query::Query;
use super::text::{Tag, parts};
use super::word::Word;

/// Of how many bytes the beginnings of words are that are told apart, ascending.
const LENGTHS: [usize; 6] = [1, 2, 3, 4, 5, 6];

/// A set of beginnings of words, which may seem to have some that it does not have.
#[derive(Debug, Clone, PartialEq)]
struct Beginnings(Vec<u64>);

/// The bits of a set, as a power of two: at most some hundred thousand beginnings come together in a large base.
const BITS: u32 = if cfg!(test) { 19 } else { 23 };

impl Beginnings {
    fn new() -> Beginnings {
        Beginnings(vec![0; 1 << (BITS - 6)])
    }

    /// Where the bit of a beginning is; others may have the same.
    fn bit(beginning: &[u8], mark: usize) -> (usize, u64) {
        let number = beginning.iter().fold(mark as u64, |all, byte| all << 8 | u64::from(*byte));
        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS);
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    fn insert(&mut self, beginning: &[u8], mark: usize) {
        let (at, bit) = Self::bit(beginning, mark);
        self.0[at] |= bit;
    }

    fn has(&self, beginning: &[u8], mark: usize) -> bool {
        let (at, bit) = Self::bit(beginning, mark);
        self.0[at] & bit != 0
    }

    /// Adds the beginnings of a word; what follows the word does no harm.
    fn add(&mut self, word: &[u8]) {
        LENGTHS.iter().filter(|len| **len <= word.len()).for_each(|len| self.insert(&word[..*len], *len));
    }

    /// Whether a word that begins so may be there.
    fn may_begin(&self, text: &[u8]) -> bool {
        LENGTHS.iter().rev().find(|len| **len <= text.len()).is_none_or(|len| self.has(&text[..*len], *len))
    }

    /// Adds a text as a whole: its length and how it begins.
    fn add_whole(&mut self, text: &[u8]) {
        self.insert(&text[..text.len().min(WHOLE)], WHOLE + text.len());
    }

    /// Whether such a text may be there.
    fn may_be_whole(&self, text: &[u8]) -> bool {
        self.has(&text[..text.len().min(WHOLE)], WHOLE + text.len())
    }
}

/// How many bytes are told apart of a text that counts as a whole.
const WHOLE: usize = 6;

/// What can occur.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sketch {
    /// Words of names, and beginnings of organizations' names.
    prefixes: Beginnings,
    /// All words.
    words: Beginnings,
    /// IDs and Account IDs, and valid phones with or without their country codes, as wholes.
    ids: Beginnings,
    phones: Beginnings,
}

impl Sketch {
    /// Writes it.
    pub fn write(&self, out: &mut Out) {
        [&self.prefixes, &self.words, &self.ids, &self.phones].into_iter().for_each(|set| out.u64s(&set.0));
    }

    /// Reads it; `None` if it is not what could have been written.
    pub fn read(input: &mut In<'_>) -> Option<Sketch> {
        let mut set = || Some(Beginnings(input.u64s()?.into_vec())).filter(|set| set.0.len() == 1 << (BITS - 6));
        Some(Sketch { prefixes: set()?, words: set()?, ids: set()?, phones: set()? })
    }

    /// The sketch of a table.
    pub fn of(table: &Table) -> Sketch {
        let segments: Vec<usize> = (0..table.segments.len()).collect();
        let mut sketch = Sketch::of_segments(table, &segments);
        let dictionary = &table.dictionary;
        for texts in [&*dictionary.accounts].into_iter().chain(&dictionary.columns) {
            sketch.add_rows(texts.rows());
        }
        sketch
    }

    fn of_segments(table: &Table, segments: &[usize]) -> Sketch {
        let with = |mut sketch: Sketch, number: &usize| {
            sketch.add(&table.segments[*number]);
            sketch
        };
        segments.par_iter().with_min_len(64).fold(Sketch::new, with).reduce(Sketch::new, Sketch::or)
    }

    fn new() -> Sketch {
        let [prefixes, words, ids, phones] = std::array::from_fn(|_| Beginnings::new());
        Sketch { prefixes, words, ids, phones }
    }

    /// The sketch with some more segments, of another table.
    pub fn with(&self, table: &Table, segments: &[usize]) -> Sketch {
        self.clone().or(Sketch::of_segments(table, segments))
    }

    fn or(mut self, other: Sketch) -> Sketch {
        for (bits, others) in [
            (&mut self.prefixes, &other.prefixes),
            (&mut self.words, &other.words),
            (&mut self.ids, &other.ids),
            (&mut self.phones, &other.phones),
        ] {
            bits.0.iter_mut().zip(&others.0).for_each(|(bits, other)| *bits |= other);
        }
        self
    }

    fn add(&mut self, segment: &Segment) {
        for block in &segment.blocks {
            for part in [Part::Head, Part::Rest] {
                self.add_rows(block.rows(part));
            }
            block.numbers.all().for_each(|number| self.add_phone(number));
        }
    }

    fn add_rows(&mut self, rows: Rows<'_>) {
        for (tag, part) in parts(rows.whole()) {
            each_word(part, |word| self.words.add(word));
            if tag == Tag::Name as u8 {
                each_word(part, |word| self.prefixes.add(word));
            } else if tag == Tag::Organization as u8 {
                self.prefixes.add(part);
            } else if tag == Tag::Id as u8 || tag == Tag::Membership as u8 {
                self.ids.add_whole(part);
            }
        }
    }

    fn add_phone(&mut self, number: u128) {
        let number: Vec<u8> = numbers::unpacked(number).collect();
        let (number, national) = (&*number, &number[digits::national_start(&number)..]);
        self.phones.add_whole(number);
        self.phones.add_whole(national);
        self.add_notations(number, national);
    }

    /// How a number begins within its country, with the trunk prefixes of all countries, and from abroad after `00`.
    fn add_notations(&mut self, number: &[u8], national: &[u8]) {
        self.words.add(number);
        self.words.add(national);
        for (prefix, rest) in [("0", national), ("8", national), ("06", national), ("1", national), ("00", number)] {
            let mut begins = [0; LENGTHS[LENGTHS.len() - 1]];
            let digits = prefix.bytes().chain(rest.iter().copied());
            begins.iter_mut().zip(digits).for_each(|(byte, digit)| *byte = digit);
            self.words.add(&begins);
        }
    }

    /// The best tier that a record may have by each of the words, ...
    pub fn best_tier_by_words(&self, query: &Query) -> Tier {
        self.best_of_all(query.words.iter()).unwrap_or(Tier::Anywhere)
    }

    /// ... and the best one that it may have at all: no record has a better one.
    pub fn best_tier(&self, query: &Query) -> Tier {
        let best = self.best_tier_by_words(query);
        let Some((number, covered)) = &query.number else { return best };
        let others = query.words.iter().enumerate().filter(|(at, _)| !covered.contains(at)).map(|(_, word)| word);
        best.min(self.best_of_all(others.chain([number])).unwrap_or(best))
    }

    /// The best tier that a record may have by all of these words.
    fn best_of_all<'w>(&self, words: impl Iterator<Item = &'w Word>) -> Option<Tier> {
        words.map(|word| self.best_tier_of(word)).max()
    }

    fn best_tier_of(&self, word: &Word) -> Tier {
        let text = word.text();
        let is_id =
            (word.within.has(Tag::Id as u8) || word.within.has(Tag::Membership as u8)) && self.ids.may_be_whole(text);
        let in_names = word.within.has(Tag::Name as u8) || word.within.has(Tag::Organization as u8);
        if word.is_named() || is_id || self.may_be_phone(word) {
            Tier::Exact
        } else if in_names && self.prefixes.may_begin(text) {
            Tier::Prefix
        } else if self.words.may_begin(text) || word.digits().is_some_and(|digits| self.words.may_begin(digits)) {
            Tier::Word
        } else {
            Tier::Anywhere
        }
    }

    /// Whether a record may match because one of its phones is what the query says, from the first digit to the last.
    pub fn may_match_phone(&self, query: &Query) -> bool {
        let number = query.number.iter().map(|(word, _)| word);
        query.words.iter().chain(number).any(|word| self.may_be_phone(word))
    }

    fn may_be_phone(&self, word: &Word) -> bool {
        let Some(digits) = word.digits().filter(|_| word.within.has(Tag::Phone as u8)) else { return false };
        // With a dial-out or trunk prefix before it, of at most two digits, or without.
        (0..=2).any(|prefix| digits.get(prefix..).is_some_and(|number| self.phones.may_be_whole(number)))
    }
}

/// Shows every word of a part, with what follows it.
fn each_word(part: &[u8], mut found: impl FnMut(&[u8])) {
    for at in (0..part.len()).filter(|at| begins_word(part, *at)) {
        found(&part[at..]);
    }
}
