//! What can occur in a table at all, in a few kilobytes: with which two bytes words begin, and how long the whole IDs and
//! phones are. A search that knows that no better hit can exist need not look for one.

use std::sync::Arc;

use rayon::prelude::*;

use super::Tier;
use super::block::{Block, Entry, Part};
use super::digits;
use super::query::Query;
use super::text::{Tag, is_tag, parts, until_tag};
use super::word::{Word, begins_word};

/// A set of pairs of bytes.
#[derive(Debug, Clone, PartialEq)]
struct Pairs(Vec<u64>);

impl Pairs {
    fn new() -> Pairs {
        Pairs(vec![0; 1 << 10])
    }

    fn add(&mut self, first: u8, second: u8) {
        self.0[usize::from(first) << 2 | usize::from(second) >> 6] |= 1 << (second & 63);
    }

    /// Whether a word with these bytes at its beginning may be there.
    fn may_begin(&self, text: &[u8]) -> bool {
        match *text {
            [] => true,
            [first] => self.0[usize::from(first) << 2..][..4].iter().any(|bits| *bits != 0),
            [first, second, ..] => self.0[usize::from(first) << 2 | usize::from(second) >> 6] & 1 << (second & 63) != 0,
        }
    }
}

/// The number of lengths that are told apart.
const LENGTHS: usize = 64;

/// What can occur.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sketch {
    /// Words of names, and beginnings of organizations' names.
    prefixes: Pairs,
    /// All words.
    words: Pairs,
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
        Sketch { prefixes: Pairs::new(), words: Pairs::new(), ids: [0; 2], phones: 0 }
    }

    /// The sketch with some more blocks.
    pub fn with(&self, blocks: &[Arc<Block>]) -> Sketch {
        self.clone().or(Sketch::of(blocks))
    }

    fn or(mut self, other: Sketch) -> Sketch {
        for (pairs, others) in [(&mut self.prefixes, &other.prefixes), (&mut self.words, &other.words)] {
            pairs.0.iter_mut().zip(&others.0).for_each(|(bits, other)| *bits |= other);
        }
        self.ids.iter_mut().zip(other.ids).for_each(|(bits, other)| *bits |= other);
        self.phones |= other.phones;
        self
    }

    fn add(&mut self, block: &Block) {
        for part in [Part::Head, Part::Rest] {
            each_word(block.texts(part), |first, second| self.words.add(first, second));
        }
        block.entries().for_each(|entry| self.add_entry(&entry));
    }

    fn add_entry(&mut self, entry: &Entry<'_>) {
        for (tag, part) in parts(entry.head) {
            if tag == Tag::Name as u8 {
                each_word(part, |first, second| self.prefixes.add(first, second));
                // The first word has nothing before it here.
                self.add_prefix(part);
            } else if tag == Tag::Organization as u8 {
                self.add_prefix(part);
            } else {
                self.ids[usize::from(is_digits(part))] |= length_bit(part.len());
            }
        }
        for at in memchr::memchr_iter(Tag::Phone as u8, entry.rest) {
            let number = until_tag(&entry.rest[at + 1..]).split(|byte| *byte == b' ').next().unwrap_or_default();
            let national = &number[digits::national_start(number)..];
            self.phones |= length_bit(number.len()) | length_bit(national.len());
            self.add_notations(national);
        }
    }

    /// How a number begins within its country, and from abroad where `00` is dialled before it.
    fn add_notations(&mut self, national: &[u8]) {
        let [first, second, ..] = *national else { return };
        self.words.add(first, second);
        [(b'0', first), (b'8', first), (b'0', b'6'), (b'0', b'0')].iter().for_each(|(a, b)| self.words.add(*a, *b));
    }

    fn add_prefix(&mut self, part: &[u8]) {
        if let [first, rest @ ..] = part {
            self.prefixes.add(*first, rest.first().copied().unwrap_or_default());
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

/// The beginnings of all words of a text, two bytes each.
fn each_word(text: &[u8], mut found: impl FnMut(u8, u8)) {
    for pair in text.windows(3) {
        if begins_word(pair, 1) && !is_tag(pair[1]) {
            found(pair[1], pair[2]);
        }
    }
    // A word of one byte at the very end.
    if let [.., before, last] = text
        && begins_word(&[*before], 1)
        && !is_tag(*last)
    {
        found(*last, 0);
    }
}

fn is_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn length_bit(len: usize) -> u64 {
    1 << len.min(LENGTHS - 1)
}
