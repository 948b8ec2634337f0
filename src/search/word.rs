//! One word or phrase of a query, and where and how well it matches the text of a record.

use std::ops::Range;

use memchr::memmem::Finder;
use uuid::Uuid;

use super::Tier;
use super::block::{Block, Part, Rows};
use super::digits;
use super::grams::{Blocks, Grams, Pieces};
use super::needle::{each, each_in_phones};
use super::numbers::Sought;
use super::reach::{Bits, Depth, Reach, ones, runs};
use super::shared::Shared;
use super::text::{Tag, Tags, folded};

/// A word or phrase to look for, in all parts or in those of a filter.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its folded text.
    text: Needle,
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
            digits: digits.map(|digits| Digits { text: Needle::new(&digits), sought: Sought::new(&digits) }),
            text: Needle::new(&text),
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
        self.text.bytes()
    }

    /// Its digits, if it may be (part of) a phone.
    pub fn digits(&self) -> Option<&[u8]> {
        self.digits.as_ref().map(|digits| digits.text.bytes())
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

    /// How well it matches these records of a block, which has it only where it `may` be.
    pub fn reach(&self, block: &Block, (among, may): (Bits, May), depth: Depth, shared: Shared<'_>) -> Reach {
        let mut reach = Reach::default();
        if let Some(id) = &self.named {
            ones(among).filter(|at| block.id(*at) == id.as_str()).for_each(|at| reach.add(Tier::Exact, 1 << at));
        }
        // The cheapest first: where a record is known to match as well as it can, its text need not be looked at.
        let left = |reach: Reach, best| among & !reach.at(depth.enough(best));
        if shared.knows_accounts() {
            shared.reach_accounts(block, among, depth, &mut reach);
        }
        if depth != Depth::HEADS {
            shared.reach_columns(block, among, depth, &mut reach);
        }
        if may.be_in_numbers && depth != Depth::HEADS {
            self.reach_numbers(block, left(reach, Tier::Exact), depth, &mut reach);
        }
        if may.be_in_text {
            self.reach_heads(block, left(reach, Tier::Exact), depth, &mut reach);
        }
        if may.be_in_text && depth != Depth::HEADS {
            self.reach_rests(block, left(reach, Tier::Word), depth, &mut reach);
        }
        if !shared.knows_accounts() {
            shared.reach_accounts(block, left(reach, Tier::Exact), depth, &mut reach);
        }
        reach
    }

    /// Where in the blocks of a segment it may be.
    pub fn sifted(&self, grams: &Grams) -> Sifted {
        let sought = self.digits.as_ref().and_then(|digits| digits.sought.as_ref());
        let digits = self.bare_digits();
        Sifted {
            text: grams.having(&self.text.pieces) | digits.map_or(0, |digits| grams.having(&digits.pieces)),
            text_first: grams.having(&self.text.first) | digits.map_or(0, |digits| grams.having(&digits.first)),
            numbers: sought.map_or(0, |sought| grams.having(sought.pieces())),
            numbers_first: sought.map_or(0, |sought| sought.first_in(grams)),
            named: if self.named.is_some() { Blocks::MAX } else { 0 },
        }
    }

    fn reach_heads(&self, block: &Block, wanted: Bits, depth: Depth, reach: &mut Reach) {
        if self.within.meet(block.tags_of(Part::Head)) {
            let mut add = |at: usize, tier| reach.add(tier, 1 << at);
            runs(wanted).for_each(|run| self.each(block.rows(Part::Head), &run, depth, Part::Head, &mut add));
        }
    }

    /// How well the phones of a block match in any notation.
    fn reach_numbers(&self, block: &Block, wanted: Bits, depth: Depth, reach: &mut Reach) {
        let digits = self.digits.as_ref().filter(|_| self.within.has(Tag::Phone as u8));
        if let Some(sought) = digits.and_then(|digits| digits.sought.as_ref()) {
            block.numbers.each(sought, wanted, depth, &mut |at, tier| reach.add(tier, 1 << at));
        }
    }

    fn reach_rests(&self, block: &Block, wanted: Bits, depth: Depth, reach: &mut Reach) {
        if !self.within.meet(block.tags_of(Part::Rest)) {
            return;
        }
        let rows = block.rows(Part::Rest);
        let mut add = |at: usize, tier| reach.add(tier, 1 << at);
        for run in runs(wanted) {
            self.each(rows, &run, depth, Part::Rest, &mut add);
            // What is typed with punctuation is found in the texts of phones without it too.
            if let Some(digits) = self.bare_digits() {
                each_in_phones(&digits.finder, self.within, rows, &run, depth, &mut add);
            }
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
        each(&self.text.finder, self.within, rows, range, depth, part, found);
    }

    /// Its digits, if it has more than these.
    fn bare_digits(&self) -> Option<&Needle> {
        self.digits.as_ref().map(|digits| &digits.text).filter(|digits| digits.bytes() != self.text())
    }
}

/// Where in a block a word may be, beside what records share.
#[derive(Debug, Clone, Copy)]
pub(super) struct May {
    pub be_in_text: bool,
    pub be_in_numbers: bool,
}

impl May {
    /// Of a block of which nothing is known.
    pub const BE_ANYWHERE: May = May { be_in_text: true, be_in_numbers: true };
}

/// The blocks of a segment that may have a word in their texts, in their phones, in either of them at the beginning of a word or a
/// phone, or as the ID of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sifted {
    pub text: Blocks,
    pub text_first: Blocks,
    pub numbers: Blocks,
    pub numbers_first: Blocks,
    pub named: Blocks,
}

/// A text that is looked for.
#[derive(Debug, Clone)]
struct Needle {
    finder: Finder<'static>,
    /// The pieces of every text that has it, ...
    pieces: Pieces,
    /// ... and of every one of which a word begins with it.
    first: Pieces,
}

impl Needle {
    fn new(text: &[u8]) -> Needle {
        let (pieces, first) = (Pieces::of(text), Pieces::beginning(text));
        Needle { finder: Finder::new(text).into_owned(), pieces, first }
    }

    fn bytes(&self) -> &[u8] {
        self.finder.needle()
    }
}

/// The digits of a word that may be (part of) a phone.
#[derive(Debug, Clone)]
struct Digits {
    text: Needle,
    /// `None` for more than a phone has.
    sought: Option<Sought>,
}

#[cfg(test)]
mod tests {
    use super::super::block::Ids;
    use super::super::dictionary::Dictionary;
    use super::super::numbers::{Numbers, packed};
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
            numbers: Numbers::of([packed(b"4930901820").as_slice()].into_iter()),
            ..Block::default()
        }
    }

    fn reach(word: &Word, depth: Depth) -> Reach {
        let dictionary = Dictionary::default();
        let shared = Shared { dictionary: &dictionary, word, verdicts: None };
        word.reach(&block(), (1, May::BE_ANYWHERE), depth, shared)
    }

    fn tier(word: &Word) -> Option<Tier> {
        let reach = |depth| reach(word, depth);
        assert_eq!(reach(Depth::MATCHES).any(), reach(Depth::TIERS).any());
        let by_head = reach(Depth::HEADS).at(Tier::Prefix);
        assert!(by_head == reach(Depth::TIERS).at(Tier::Prefix) || word.digits().is_some());
        for best in Tier::ALL {
            let depth = Depth { best, worst: Tier::Word.max(best) };
            let told = Tier::ALL.into_iter().filter(|tier| (depth.best..=depth.worst).contains(tier));
            told.for_each(|tier| assert_eq!(reach(depth).at(tier), reach(Depth::TIERS).at(tier), "{depth:?}"));
        }
        reach(Depth::TIERS).tier(0)
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
        let named = |word: &Word| reach(word, Depth::TIERS).tier(0);
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
