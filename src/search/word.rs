//! One word or phrase of a query, and where and how well it matches the text of a record.

use std::ops::Range;

use memchr::memmem::Finder;
use uuid::Uuid;

use super::Tier;
use super::block::{Block, Part, Rows};
use super::digits::{self, Beginning};
use super::grams::{Grams, Pieces};
use super::reach::{Bits, Depth, Reach, occurrences, ones, runs};
use super::shared::Shared;
use super::text::{Tag, Tags, folded, is_tag};

/// A word or phrase to look for, in all parts or in those of a filter.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its folded text.
    text: Finder<'static>,
    pieces: Pieces,
    /// Its digits, if it may be (part of) a phone.
    digits: Option<Digits>,
    /// The parts in which it counts.
    pub within: Tags,
    /// The internal ID that it spells out in full (R2).
    pub internal: Option<Uuid>,
    /// The ID of the record that has this internal ID.
    named: Option<String>,
}

impl PartialEq for Word {
    fn eq(&self, other: &Word) -> bool {
        self.text() == other.text() && self.within == other.within
    }
}

impl Eq for Word {}

impl Word {
    /// The word of a typed text; `None` if nothing is left of it after folding.
    pub fn new(typed: &str, within: Tags) -> Option<Word> {
        let mut text = folded(typed);
        text.truncate(text.trim_ascii_end().len());
        if text.is_empty() {
            return None;
        }
        let looks_in_phones = within.has(Tag::Phone as u8) || within.has(Tag::BadPhone as u8);
        let digits = digits::of_phone_text(&text).filter(|_| looks_in_phones);
        let internal = Uuid::try_parse(typed.trim()).ok().filter(|_| within.has(Tag::Id as u8));
        Some(Word {
            digits: digits.map(|digits| Digits::new(&digits)),
            pieces: Pieces::of(&text),
            text: Finder::new(&text).into_owned(),
            within,
            internal,
            named: None,
        })
    }

    /// Says which record has the internal ID that it spells out.
    pub fn name(&mut self, id: String) {
        self.named = Some(id);
    }

    /// Whether it spells out the internal ID of a record.
    pub fn is_named(&self) -> bool {
        self.named.is_some()
    }

    /// Its folded text.
    pub fn text(&self) -> &[u8] {
        self.text.needle()
    }

    /// Its digits, if it may be (part of) a phone.
    pub fn digits(&self) -> Option<&[u8]> {
        self.digits.as_ref().map(Digits::all)
    }

    /// Whether every text that this word matches is matched by `earlier` too.
    pub fn narrows(&self, earlier: &Word) -> bool {
        let text = memchr::memmem::find(self.text(), earlier.text()).is_some();
        let digits = match (self.digits(), earlier.digits()) {
            (None, None) => true,
            (Some(now), Some(before)) => now.starts_with(before) && self.text().starts_with(earlier.text()),
            _ => false,
        };
        text && digits && self.within == earlier.within && self.named.is_none()
    }

    /// How well it matches these records of a block.
    pub fn reach(&self, block: &Block, among: Bits, depth: Depth, shared: Shared<'_>) -> Reach {
        let mut reach = Reach::default();
        if let Some(id) = &self.named {
            ones(among).filter(|at| block.id(*at) == id.as_str()).for_each(|at| reach.add(Tier::Exact, 1 << at));
        }
        // The cheapest first: where a record is known to match as well as it can, its text need not be looked at.
        shared.reach(block, among, depth, &mut reach);
        if !self.may_be_in(block) {
            return reach;
        }
        self.reach_heads(block, among & !reach.at(depth.enough(Tier::Exact)), depth, &mut reach);
        if depth != Depth::Heads {
            self.reach_rests(block, among, depth, &mut reach);
        }
        reach
    }

    /// Whether the text of a block may have it in any form.
    fn may_be_in(&self, block: &Block) -> bool {
        let digits = self.digits.as_ref().map(|digits| &digits.pieces);
        let may_have = |grams: &Grams| [&self.pieces].into_iter().chain(digits).any(|pieces| grams.may_have(pieces));
        block.grams.get().is_none_or(may_have)
    }

    fn reach_heads(&self, block: &Block, wanted: Bits, depth: Depth, reach: &mut Reach) {
        if self.within.meet(block.tags_of(Part::Head)) {
            let mut add = |at: usize, tier| reach.add(tier, 1 << at);
            runs(wanted).for_each(|run| self.each(block.rows(Part::Head), &run, depth, Part::Head, &mut add));
        }
    }

    fn reach_rests(&self, block: &Block, among: Bits, depth: Depth, reach: &mut Reach) {
        if !self.within.meet(block.tags_of(Part::Rest)) {
            return;
        }
        let rows = block.rows(Part::Rest);
        // Only a phone can be more than the beginning of a word.
        let best = if self.digits.is_some() { Tier::Exact } else { Tier::Word };
        let wanted = among & !reach.at(depth.enough(best));
        let mut add = |at: usize, tier| reach.add(tier, 1 << at);
        match &self.digits {
            Some(digits) => {
                runs(wanted)
                    .for_each(|run| self.each_with_digits(digits, Scope { rows, range: &run, depth }, &mut add));
            }
            None => runs(wanted).for_each(|run| self.each(rows, &run, depth, Part::Rest, &mut add)),
        }
    }

    /// Shows which of some neighbouring texts it matches as it is typed, and how well; one text may come more than once.
    pub fn each(
        &self,
        rows: Rows<'_>,
        range: &Range<usize>,
        depth: Depth,
        part: Part,
        found: &mut dyn FnMut(usize, Tier),
    ) {
        each(&self.text, self.within, rows, range, depth, part, found);
    }

    /// Shows which rests it matches as it is typed, by its digits in any phone, and by a phone in another notation.
    fn each_with_digits(&self, digits: &Digits, rests: Scope<'_>, found: &mut dyn FnMut(usize, Tier)) {
        let Scope { rows, range, depth } = rests;
        let as_typed = digits.all() == self.text();
        if !as_typed {
            self.each(rows, range, depth, Part::Rest, found);
        }
        if digits.core_len() < 2 {
            // A single digit is in nearly every phone, and more than once; its other notations begin phones.
            let within = if as_typed { self.within } else { self.phones() };
            each(&digits.text, within, rows, range, depth, Part::Rest, found);
            if depth == Depth::Tiers || digits.core_len() < digits.all().len() {
                self.each_beginning(digits, rests, found);
            }
            return;
        }
        occurrences(rows, range, &digits.core, |text, place, at| {
            let within = if as_typed { self.within } else { self.phones() };
            let typed = digits.typed_around(text, place);
            let mut tier = typed.and_then(|start| tier_at(text, start, digits.all().len(), within, Part::Rest));
            if (tier.is_none() || depth == Depth::Tiers)
                && let Some(number) = phone_before(text, place).filter(|_| self.within.has(Tag::Phone as u8))
            {
                tier = tier.into_iter().chain(notation_tier(digits.all(), number)).min();
            }
            tier.is_some_and(|tier| {
                found(at, tier);
                depth == Depth::Matches || tier == Tier::Exact
            })
        });
    }

    /// Shows which rests have a phone that begins so in one of its notations.
    fn each_beginning(&self, digits: &Digits, rests: Scope<'_>, found: &mut dyn FnMut(usize, Tier)) {
        if !self.within.has(Tag::Phone as u8) {
            return;
        }
        occurrences(rests.rows, rests.range, &Finder::new(&[Tag::Phone as u8]), |text, tag, at| {
            notation_tier(digits.all(), &text[tag + 1..]).is_some_and(|tier| {
                found(at, tier);
                rests.depth == Depth::Matches || tier == Tier::Exact
            })
        });
    }

    /// The phones among the parts in which it counts.
    fn phones(&self) -> Tags {
        self.within.both(Tags::of(&[Tag::Phone, Tag::BadPhone]))
    }
}

/// The digits of a word that may be (part of) a phone.
#[derive(Debug, Clone)]
struct Digits {
    text: Finder<'static>,
    /// What every phone contains that has them in any notation: see [`digits::core`].
    core: Finder<'static>,
    /// The pieces of that.
    pieces: Pieces,
}

impl Digits {
    fn new(text: &[u8]) -> Digits {
        let core = digits::core(text);
        Digits { text: Finder::new(text).into_owned(), core: Finder::new(core).into_owned(), pieces: Pieces::of(core) }
    }

    fn all(&self) -> &[u8] {
        self.text.needle()
    }

    fn core_len(&self) -> usize {
        self.core.needle().len()
    }

    /// Where all of them begin if their core is at that place.
    fn typed_around(&self, text: &[u8], core: usize) -> Option<usize> {
        let start = core.checked_sub(self.all().len() - self.core_len())?;
        text[start..].starts_with(self.all()).then_some(start)
    }
}

/// Texts that are looked through, and what is to be found out.
#[derive(Clone, Copy)]
struct Scope<'a> {
    rows: Rows<'a>,
    range: &'a Range<usize>,
    depth: Depth,
}

/// How many digits of a number may come before the core of a notation that begins it: a country code, and one digit that could
/// have been a prefix.
const BEFORE: usize = 4;

/// The digits from the beginning of the valid phone that a place near its beginning lies in.
fn phone_before(text: &[u8], place: usize) -> Option<&[u8]> {
    let near = &text[place.saturating_sub(BEFORE + 1)..place];
    let back = near.iter().rev().position(|byte| !byte.is_ascii_digit())?;
    let tag = place - back - 1;
    (text[tag] == Tag::Phone as u8).then(|| &text[tag + 1..])
}

/// See [`Word::each`]; of a needle, in parts with these tags.
fn each(
    needle: &Finder<'_>,
    within: Tags,
    rows: Rows<'_>,
    range: &Range<usize>,
    depth: Depth,
    part: Part,
    found: &mut dyn FnMut(usize, Tier),
) {
    let best_to_come = if part == Part::Head { Tier::Prefix } else { Tier::Word };
    occurrences(rows, range, needle, |text, place, at| {
        let Some(tier) = tier_at(text, place, needle.needle().len(), within, part) else { return false };
        found(at, tier);
        depth == Depth::Matches || tier <= best_to_come
    });
}

/// How well a query matches the valid number that a text begins with, in a notation that is not the international one, or as a
/// whole.
fn notation_tier(query: &[u8], text: &[u8]) -> Option<Tier> {
    match digits::beginning(query, text)? {
        Beginning::Whole => Some(Tier::Exact),
        Beginning::Part => Some(Tier::Word),
    }
}

/// The tier of an occurrence of `len` bytes in records' texts; `None` outside the parts that count.
fn tier_at(text: &[u8], at: usize, len: usize, within: Tags, part: Part) -> Option<Tier> {
    let begins_word = begins_word(text, at);
    if within == Tags::ALL && !begins_word {
        return Some(Tier::Anywhere);
    }
    if within == Tags::ALL && part == Part::Rest {
        return Some(Tier::Word);
    }
    // A text begins with a tag and needles have none, so there is one before every occurrence.
    let tag_at = tag_before(text, at).unwrap_or(0);
    let tag = text[tag_at];
    let begins_part = tag_at + 1 == at;
    let is_whole = begins_part && text.get(at + len).is_none_or(|b| is_tag(*b));
    let tier = match tag {
        _ if !begins_word => Tier::Anywhere,
        t if is_whole && (t == Tag::Id as u8 || t == Tag::Membership as u8) => Tier::Exact,
        t if t == Tag::Name as u8 => Tier::Prefix,
        t if begins_part && t == Tag::Organization as u8 => Tier::Prefix,
        _ => Tier::Word,
    };
    within.has(tag).then_some(tier)
}

/// Where the tag of the part is that a place lies in.
pub(super) fn tag_before(text: &[u8], at: usize) -> Option<usize> {
    text[..at].iter().rposition(|b| is_tag(*b))
}

/// Whether a word begins at that place of a record's text: after a tag, white space or ASCII punctuation.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| text[before].is_ascii() && !text[before].is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::block::Ids;
    use super::super::dictionary::Dictionary;
    use super::*;
    use rstest::rstest;

    const HEAD: &[u8] = b"\x01c-1001\x02a-10\x03office mart\x04kathryn smith-jones";
    const REST: &[u8] = b"\x054930901820 x12\x06317 555 317555\x07ks@mart.example";

    /// The block of one record with that text.
    fn block() -> Block {
        Block {
            text: [HEAD, REST].concat().into(),
            ends: [HEAD.len() as u32, (HEAD.len() + REST.len()) as u32].into(),
            tags: [Tags::ALL].into(),
            text_tags: [Tags::ALL; 2],
            commits: [[1, 1]].into(),
            ids: Ids::Upper,
            ..Block::default()
        }
    }

    fn reach(word: &Word, depth: Depth) -> Reach {
        let dictionary = Dictionary::default();
        let shared = Shared { dictionary: &dictionary, word, verdicts: None };
        word.reach(&block(), 1, depth, shared)
    }

    fn tier(word: &Word) -> Option<Tier> {
        let reach = |depth| reach(word, depth);
        assert_eq!(reach(Depth::Matches).any(), reach(Depth::Tiers).any());
        let by_head = reach(Depth::Heads).at(Tier::Prefix);
        assert!(by_head == reach(Depth::Tiers).at(Tier::Prefix) || word.digits().is_some());
        reach(Depth::Tiers).tier(0)
    }

    #[rstest]
    #[case("SMITH", Some(Tier::Prefix))]
    #[case("jones", Some(Tier::Prefix))]
    #[case("Kathryn Smith", Some(Tier::Prefix))]
    #[case("office", Some(Tier::Prefix))]
    #[case("mart", Some(Tier::Word))]
    #[case("thryn", Some(Tier::Anywhere))]
    #[case("c-1001", Some(Tier::Exact))]
    #[case("C-100", Some(Tier::Word))]
    #[case("a-10", Some(Tier::Exact))]
    #[case("030901", Some(Tier::Word))]
    #[case("4930901", Some(Tier::Word))]
    #[case("+49-30901", Some(Tier::Word))]
    #[case("30901", Some(Tier::Word))]
    #[case("0901", Some(Tier::Anywhere))]
    #[case("(030) 901-820", Some(Tier::Exact))]
    #[case("004930901820", Some(Tier::Exact))]
    #[case("317555", Some(Tier::Word))]
    #[case("317-5", Some(Tier::Word))]
    #[case("x12", Some(Tier::Word))]
    #[case("zzz", None)]
    #[case("0309012", None)]
    fn words_have_tiers(#[case] typed: &str, #[case] expected: Option<Tier>) {
        let word = Word::new(typed, Tags::ALL).unwrap();
        assert_eq!(tier(&word), expected);
    }

    #[rstest]
    #[case("mart", &[Tag::Email], Some(Tier::Word))]
    #[case("smith", &[Tag::Organization], None)]
    #[case("4930901", &[Tag::Id], None)]
    #[case("317555", &[Tag::Phone], None)]
    fn filters_look_in_their_parts(#[case] typed: &str, #[case] within: &[Tag], #[case] expected: Option<Tier>) {
        let word = Word::new(typed, Tags::of(within)).unwrap();
        assert_eq!(tier(&word), expected);
    }

    #[test]
    fn r02_an_internal_id_in_full_is_exact() {
        let id = Uuid::from_u128(7);
        let mut word = Word::new(&id.to_string().to_uppercase(), Tags::ALL).unwrap();
        assert_eq!((word.internal, tier(&word)), (Some(id), None));
        let named = |word: &Word| reach(word, Depth::Tiers).tier(0);
        word.name("c-1001".to_owned());
        assert_eq!(named(&word), None, "another record, but for case");
        word.name("C-1001".to_owned());
        assert_eq!(named(&word), Some(Tier::Exact));
    }

    #[rstest]
    #[case("smith", "smi", true)]
    #[case("smith", "mit", true)]
    #[case("smi", "smith", false)]
    #[case("0309", "030", true)]
    #[case("1030", "030", false)]
    #[case("(0", "(", false)]
    fn a_longer_word_narrows(#[case] now: &str, #[case] before: &str, #[case] narrows: bool) {
        let word = |typed| Word::new(typed, Tags::ALL).unwrap();
        assert_eq!(word(now).narrows(&word(before)), narrows);
    }
}
