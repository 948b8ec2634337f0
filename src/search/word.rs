//! One word or phrase of a query, and where and how well it matches the text of a record.

use std::ops::Range;

use memchr::memmem::Finder;
use uuid::Uuid;

use super::Tier;
use super::block::{Block, Part, Rows};
use super::digits;
use super::reach::{Depth, Reach, occurrences};
use super::shared::Shared;
use super::text::{Tag, Tags, folded, is_tag};

/// A word or phrase to look for, in all parts or in those of a filter.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its folded text.
    text: Finder<'static>,
    /// Its digits, if it may be (part of) a phone.
    digits: Option<Finder<'static>>,
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
            digits: digits.map(|d| Finder::new(&d).into_owned()),
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
        self.digits.as_ref().map(Finder::needle)
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

    /// How well it matches neighbouring records of a block.
    pub fn reach(&self, block: &Block, range: &Range<usize>, depth: Depth, shared: Shared<'_>) -> Reach {
        let mut reach = Reach::default();
        let mut add = |at: usize, tier| reach.add(tier, 1 << at);
        self.each(block.rows(Part::Head), range, depth, Part::Head, &mut add);
        if depth != Depth::Heads {
            match self.digits() {
                Some(digits) => {
                    let rests = Scope { rows: block.rows(Part::Rest), range, depth };
                    self.each_with_digits(digits, rests, &mut add);
                }
                None => self.each(block.rows(Part::Rest), range, depth, Part::Rest, &mut add),
            }
        }
        if let Some(id) = &self.named {
            range.clone().filter(|at| block.id(*at) == id.as_str()).for_each(|at| add(at, Tier::Exact));
        }
        shared.reach(block, range, depth, &mut reach);
        reach
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
    fn each_with_digits(&self, digits: &[u8], rests: Scope<'_>, found: &mut dyn FnMut(usize, Tier)) {
        let Scope { rows, range, depth } = rests;
        let phones = self.within.both(Tags::of(&[Tag::Phone, Tag::BadPhone]));
        let core = digits::core(digits);
        let as_typed = digits == self.text();
        // What is found as it is typed has its notation looked at in passing.
        if as_typed && core.len() == digits.len() && digits.len() > 1 && depth == Depth::Tiers {
            return self.each_notation(&self.text, true, digits, rests, found);
        }
        self.each(rows, range, depth, Part::Rest, found);
        if !as_typed {
            each(&Finder::new(digits), phones, rows, range, depth, Part::Rest, found);
        }
        // Every number that matches contains the core; if that is all of the digits, what matches is found already.
        if !phones.has(Tag::Phone as u8) || (core.len() == digits.len() && depth == Depth::Matches) {
            return;
        }
        // A single digit is in nearly every phone, and more than once.
        let needle = if core.len() < 2 { &[Tag::Phone as u8] } else { core };
        self.each_notation(&Finder::new(needle), false, digits, rests, found);
    }

    /// Shows which rests have a phone around the needle whose notation matches; with `typed`, also what matches there as typed.
    fn each_notation(
        &self,
        needle: &Finder<'_>,
        typed: bool,
        digits: &[u8],
        rests: Scope<'_>,
        found: &mut dyn FnMut(usize, Tier),
    ) {
        let in_phones = self.within.has(Tag::Phone as u8);
        occurrences(rests.rows, rests.range, needle, |text, place, at| {
            let mut best = None;
            if typed {
                best = tier_at(text, place, digits.len(), self.within, Part::Rest);
            }
            if in_phones && let Some(number) = number_around(text, place) {
                best = best.into_iter().chain(notation_tier(digits, number)).min();
            }
            best.is_some_and(|tier| {
                found(at, tier);
                rests.depth == Depth::Matches || tier == Tier::Exact
            })
        });
    }
}

/// Texts that are looked through, and what is to be found out.
#[derive(Clone, Copy)]
struct Scope<'a> {
    rows: Rows<'a>,
    range: &'a Range<usize>,
    depth: Depth,
}

/// The digits of the valid phone that a place lies in, or whose tag is there.
fn number_around(text: &[u8], place: usize) -> Option<&[u8]> {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let tag = if is_tag(text[place]) { place } else { text[..place].iter().rposition(|byte| !is_digit(byte))? };
    let number = &text[tag + 1..];
    let end = number.iter().position(|byte| !is_digit(byte)).unwrap_or(number.len());
    (text[tag] == Tag::Phone as u8).then_some(&number[..end])
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

/// How well a query matches a valid number in a notation that is not the international one, or as a whole.
fn notation_tier(query: &[u8], number: &[u8]) -> Option<Tier> {
    if digits::is_whole(query, number) {
        return Some(Tier::Exact);
    }
    let begins =
        number[digits::national_start(number)..].starts_with(query) || digits::leading(query, number).is_some();
    begins.then_some(Tier::Word)
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
            commits: [[1, 1]].into(),
            ids: Ids::Upper,
            ..Block::default()
        }
    }

    fn reach(word: &Word, depth: Depth) -> Reach {
        let dictionary = Dictionary::default();
        let shared = Shared { dictionary: &dictionary, word, verdicts: None };
        word.reach(&block(), &(0..1), depth, shared)
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
