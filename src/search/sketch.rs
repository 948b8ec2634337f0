//! What can occur in a table at all, in a few kilobytes: with which bytes words begin, and how long the whole IDs and
//! phones are. A search that knows that no better hit can exist need not look for one.

use std::sync::Arc;

use rayon::prelude::*;

use super::Tier;
use super::block::{Block, Entry, Part};
use super::digits;
use super::query::Query;
use super::text::{Tag, is_tag, parts, until_tag};
use super::word::{Word, begins_word};

/// The number of bytes at the beginning of a word that are told apart.
const BYTES: usize = 3;

/// The beginnings of words, of one to three bytes each.
#[derive(Debug, Clone, PartialEq)]
struct Beginnings(Vec<u64>);

impl Beginnings {
    /// A set of 2¹⁹ bits: the beginnings of words of names and numbers are some thousands.
    fn new() -> Beginnings {
        Beginnings(vec![0; 1 << 13])
    }

    /// Where the bit of a beginning is; others may have the same.
    fn bit(beginning: &[u8]) -> (usize, u64) {
        let number = beginning.iter().fold(beginning.len() as u64, |all, byte| all << 8 | u64::from(*byte));
        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 45;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// Adds the beginnings of a word; what follows the word does no harm.
    fn add(&mut self, word: &[u8]) {
        for len in 1..=word.len().min(BYTES) {
            let (at, bit) = Self::bit(&word[..len]);
            self.0[at] |= bit;
        }
    }

    /// Whether a word that begins so may be there.
    fn may_begin(&self, text: &[u8]) -> bool {
        let (at, bit) = Self::bit(&text[..text.len().min(BYTES)]);
        self.0[at] & bit != 0
    }
}

/// The number of lengths that are told apart.
const LENGTHS: usize = 64;

/// What can occur.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sketch {
    /// Words of names, and beginnings of organizations' names.
    prefixes: Beginnings,
    /// All words.
    words: Beginnings,
    /// Lengths of IDs and Account IDs in bytes, as bits: those of digits alone, and others.
    ids: [u64; 2],
    /// Lengths of valid phones in digits, with or without their country codes, as bits.
    phones: u64,
}

impl Sketch {
    /// The sketch of some blocks.
    pub fn of(blocks: &[Arc<Block>]) -> Sketch {
        let of_blocks = |mut sketch: Sketch, block: &Arc<Block>| {
            sketch.add(block);
            sketch
        };
        blocks.par_iter().with_min_len(1024).fold(Sketch::new, of_blocks).reduce(Sketch::new, Sketch::or)
    }

    fn new() -> Sketch {
        Sketch { prefixes: Beginnings::new(), words: Beginnings::new(), ids: [0; 2], phones: 0 }
    }

    /// The sketch with some more blocks.
    pub fn with(&self, blocks: &[Arc<Block>]) -> Sketch {
        self.clone().or(Sketch::of(blocks))
    }

    fn or(mut self, other: Sketch) -> Sketch {
        for (words, others) in [(&mut self.prefixes, &other.prefixes), (&mut self.words, &other.words)] {
            words.0.iter_mut().zip(&others.0).for_each(|(bits, other)| *bits |= other);
        }
        self.ids.iter_mut().zip(other.ids).for_each(|(bits, other)| *bits |= other);
        self.phones |= other.phones;
        self
    }

    fn add(&mut self, block: &Block) {
        for part in [Part::Head, Part::Rest] {
            each_word(block.texts(part), |word| self.words.add(word));
        }
        block.entries().for_each(|entry| self.add_entry(&entry));
    }

    fn add_entry(&mut self, entry: &Entry<'_>) {
        for (tag, part) in parts(entry.head) {
            if tag == Tag::Name as u8 {
                each_word(part, |word| self.prefixes.add(word));
            } else if tag == Tag::Organization as u8 {
                self.prefixes.add(part);
            } else {
                self.ids[usize::from(is_digits(part))] |= length_bit(part.len());
            }
        }
        for at in memchr::memchr_iter(Tag::Phone as u8, entry.rest) {
            let number = until_tag(&entry.rest[at + 1..]).split(|byte| *byte == b' ').next().unwrap_or_default();
            let national = &number[digits::national_start(number)..];
            self.phones |= length_bit(number.len()) | length_bit(national.len());
            self.add_notations(number, national);
        }
    }

    /// How a number begins within its country, with the trunk prefixes of all countries, and from abroad after `00`.
    fn add_notations(&mut self, number: &[u8], national: &[u8]) {
        self.words.add(national);
        for (prefix, rest) in [("0", national), ("8", national), ("06", national), ("1", national), ("00", number)] {
            let mut begins = [0; BYTES];
            let digits = prefix.bytes().chain(rest.iter().copied());
            begins.iter_mut().zip(digits).for_each(|(byte, digit)| *byte = digit);
            self.words.add(&begins);
        }
    }

    /// The best tier that a record may have: no record has a better one.
    pub fn best_tier(&self, query: &Query) -> Tier {
        let Some(best) = self.best_of_all(query.words.iter()) else { return Tier::Anywhere };
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
        let is_id = (word.within.has(Tag::Id as u8) || word.within.has(Tag::Membership as u8))
            && self.ids[usize::from(is_digits(text))] & length_bit(text.len()) != 0;
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
        (0..=2).any(|prefix| digits.len() > prefix && self.phones & length_bit(digits.len() - prefix) != 0)
    }
}

/// Shows every word of a text, with what follows it.
fn each_word(text: &[u8], mut found: impl FnMut(&[u8])) {
    for at in 0..text.len() {
        if begins_word(text, at) && !is_tag(text[at]) {
            found(&text[at..]);
        }
    }
}

fn is_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn length_bit(len: usize) -> u64 {
    1 << len.min(LENGTHS - 1)
}
