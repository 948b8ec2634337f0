//! How well a word matches what records share: the texts of the dictionary, by code.

use std::ops::Range;

use rayon::prelude::*;

use super::Tier;
use super::block::{Block, Part, Rows};
use super::dictionary::{Dictionary, Texts};
use super::grams::{Blocks, Code, Grams};
use super::judge::Ahead;
use super::reach::{Bits, Depth, Reach, ones};
use super::scan::Cancelled;
use super::typo::Slip;
use super::word::Word;

/// How many texts of a dictionary are judged at once.
const AT_ONCE: usize = 8192;

/// Of texts that may match, one in so many lie so close together that it is quicker to look at all.
const CLOSE: usize = 16;

/// So many organizations are judged in no time.
const FEW_ACCOUNTS: usize = if cfg!(test) { 0 } else { 1 << 15 };

/// So many organizations, here and there, tell how many of all match.
const SAMPLES: usize = if cfg!(test) { 1 } else { 32 };
const SAMPLE: usize = 128;

/// Where one in so many matches, a page of hits is found sooner than all organizations are judged.
const FREQUENT: usize = 32;

/// Of so many codes at most it is worth to know in which blocks they are.
const FEW_CODES: usize = 64;

/// Something that is looked for in texts.
pub(super) trait Looked: Sync {
    /// Shows which of some neighbouring texts it is in, and how well it matches; one text may come more than once.
    fn look(&self, rows: Rows<'_>, range: &Range<usize>, part: Part, found: &mut dyn FnMut(usize, Tier));
}

impl Looked for Word {
    fn look(&self, rows: Rows<'_>, range: &Range<usize>, part: Part, found: &mut dyn FnMut(usize, Tier)) {
        self.each(rows, range, Depth::TIERS, part, found);
    }
}

impl Looked for Slip {
    fn look(&self, rows: Rows<'_>, range: &Range<usize>, _part: Part, found: &mut dyn FnMut(usize, Tier)) {
        self.each(rows, range, &mut |at| found(at, Tier::Anywhere));
    }
}

/// By code, the number of the tier, or [`NONE`]; nothing if no text matches.
type ByCode = Box<[u8]>;
const NONE: u8 = Tier::ALL.len() as u8;

/// How well a word matches all texts of a dictionary.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    accounts: ByCode,
    /// Whether nothing is known of the accounts.
    pub without_accounts: bool,
    columns: Vec<ByCode>,
    /// The codes of the texts that match, and of those with a better tier than the last one.
    pub matching: Codes,
    pub better: Codes,
}

/// Some codes.
#[derive(Debug, Default)]
pub(super) struct Codes {
    some: Vec<Code>,
    /// Whether they are more than are worth to be told one by one.
    are_many: bool,
}

impl Codes {
    fn push(&mut self, code: Code) {
        self.are_many |= self.some.len() == FEW_CODES;
        if !self.are_many {
            self.some.push(code);
        }
    }

    /// The blocks of which a record may have one of them.
    pub fn in_blocks(&self, grams: &Grams) -> Blocks {
        if self.are_many { Blocks::MAX } else { grams.coded(&self.some) }
    }
}

impl Verdicts {
    /// Judges a whole dictionary, or of it what matched something that is in every text that can match now. The many
    /// organizations are left out where it is quicker to look at those of the records that are `ahead`. If cancelled, nothing
    /// matches.
    pub fn of(
        dictionary: &Dictionary,
        looked: &dyn Looked,
        wider: Option<&Verdicts>,
        ahead: Ahead,
        cancelled: Cancelled<'_>,
    ) -> Verdicts {
        let columns = dictionary.columns.iter().enumerate();
        let columns = columns.map(|(n, texts)| (texts.rows(), Part::Rest, wider.map(|wider| wider.column(n))));
        let accounts = dictionary.accounts.rows();
        let wider = wider.filter(|wider| !wider.without_accounts).map(|wider| &*wider.accounts);
        let to_judge = wider.map_or(accounts.ends.len(), |wider| wider.iter().filter(|tier| **tier != NONE).count());
        let without_accounts = to_judge > FEW_ACCOUNTS
            && match ahead {
                Ahead::Few => true,
                Ahead::Page => is_frequent(looked, accounts),
                Ahead::All => false,
            };
        let accounts = (accounts, Part::Head, if without_accounts { Some([].as_slice()) } else { wider });
        let all: Vec<(Rows<'_>, Part, Option<&[u8]>)> = [accounts].into_iter().chain(columns).collect();
        // All of them as one row of chunks, so that all cores have work from the beginning to the end.
        let mut chunks = Vec::new();
        for (rows, part, wider) in &all {
            let count = rows.ends.len();
            let ranges = (0..count).step_by(AT_ONCE).map(|start| start..(start + AT_ONCE).min(count));
            chunks.extend(ranges.map(|range| (*rows, *part, range, *wider)));
        }
        let judged: Vec<Vec<u8>> = chunks
            .par_iter()
            .map(|(rows, part, range, wider)| match cancelled() {
                true => Vec::new(),
                false => tiers(looked, *rows, range, *part, *wider),
            })
            .collect();
        let mut judged = judged.into_iter();
        let mut by_code = all.iter().map(|(rows, ..)| {
            let count = rows.ends.len();
            joined(count, judged.by_ref().take(count.div_ceil(AT_ONCE)))
        });
        let (accounts, columns) = (by_code.next().unwrap_or_default(), by_code.collect());
        let mut verdicts = Verdicts { accounts, columns, without_accounts, ..Verdicts::default() };
        verdicts.note_codes();
        verdicts
    }

    fn note_codes(&mut self) {
        let (matching, better) = (&mut self.matching, &mut self.better);
        [matching.are_many, better.are_many] = [self.without_accounts; 2];
        let mut note = |code: Code, tier: u8| {
            if tier != NONE {
                matching.push(code);
            }
            if tier < Tier::Anywhere as u8 {
                better.push(code);
            }
            !better.are_many
        };
        let mut of = |by_code: &[u8], named: &dyn Fn(usize) -> Code| {
            by_code.iter().enumerate().all(|(code, tier)| *tier == NONE || note(named(code), *tier))
        };
        of(&self.accounts, &|code| Code::account(code as u32));
        for (column, by_code) in self.columns.iter().enumerate() {
            of(by_code, &|code| Code::value(column, code as u16));
        }
    }

    fn column(&self, number: usize) -> &[u8] {
        self.columns.get(number).map_or(&[], |by_code| by_code)
    }
}

/// Whether so many texts match that it is seen in some of them.
fn is_frequent(looked: &dyn Looked, rows: Rows<'_>) -> bool {
    let count = rows.ends.len();
    let starts = (0..SAMPLES).map(|number| count / SAMPLES * number);
    let judged = starts.map(|start| tiers(looked, rows, &(start..(start + SAMPLE).min(count)), Part::Head, None));
    judged.flatten().filter(|tier| *tier != NONE).count() > SAMPLES * SAMPLE.min(count) / FREQUENT
}

/// For each of some texts the number of its tier, or [`NONE`]; nothing if none matches.
fn tiers(looked: &dyn Looked, rows: Rows<'_>, range: &Range<usize>, part: Part, wider: Option<&[u8]>) -> Vec<u8> {
    let mut tiers = Vec::new();
    let mut look = |run: Range<usize>| {
        looked.look(rows, &run, part, &mut |at, tier| {
            tiers.resize(range.len(), NONE);
            let best: &mut u8 = &mut tiers[at - range.start];
            *best = (*best).min(tier as u8);
        });
    };
    match wider {
        None => look(range.clone()),
        Some([]) => {}
        Some(by_code) => {
            let mut start = range.start;
            let by_code = &by_code[1..][range.clone()];
            if by_code.iter().filter(|tier| **tier != NONE).count() > by_code.len() / CLOSE {
                look(range.clone());
                return tiers;
            }
            for run in by_code.chunk_by(|a, b| (*a == NONE) == (*b == NONE)) {
                if run[0] != NONE {
                    look(start..start + run.len());
                }
                start += run.len();
            }
        }
    }
    tiers
}

/// The tiers of all texts by code, from those of chunks.
fn joined(count: usize, chunks: impl Iterator<Item = Vec<u8>>) -> ByCode {
    let mut by_code = Vec::new();
    for (number, tiers) in chunks.enumerate().filter(|(_, tiers)| !tiers.is_empty()) {
        by_code.resize(count + 1, NONE);
        by_code[1 + number * AT_ONCE..][..tiers.len()].copy_from_slice(&tiers);
    }
    by_code.into()
}

/// A word, and how it is found out how well it matches what a record shares.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub dictionary: &'a Dictionary,
    pub word: &'a dyn Looked,
    /// Without them the texts themselves are looked at, which is quicker for few records.
    pub verdicts: Option<&'a Verdicts>,
}

impl Shared<'_> {
    /// Whether it is known which organizations match, so that they need not be looked at.
    pub fn knows_accounts(self) -> bool {
        self.verdicts.is_some_and(|verdicts| !verdicts.without_accounts)
    }

    /// Notes how well these records of a block match by their organizations, ...
    pub fn reach_accounts(self, block: &Block, among: Bits, depth: Depth, reach: &mut Reach) {
        if block.accounts.is_empty() {
            return;
        }
        match self.verdicts {
            Some(verdicts) if !verdicts.without_accounts => {
                by_verdict(&verdicts.accounts, &block.accounts, among, depth, reach);
            }
            _ => self.by_text(&self.dictionary.accounts, &block.accounts, (among, Part::Head), reach),
        }
    }

    /// ... and by all else that they share.
    pub fn reach_columns(self, block: &Block, among: Bits, depth: Depth, reach: &mut Reach) {
        for (column, codes) in block.coded() {
            // A value of a column is at best the beginning of a word.
            let wanted = among & !reach.at(depth.enough(Tier::Word));
            match self.verdicts {
                Some(verdicts) => by_verdict(verdicts.column(column), codes, wanted, depth, reach),
                None => self.by_text(&self.dictionary.columns[column], codes, (wanted, Part::Rest), reach),
            }
        }
    }

    fn by_text<C: Copy + Into<u32>>(self, texts: &Texts, codes: &[C], (among, part): (Bits, Part), reach: &mut Reach) {
        let rows = texts.rows();
        let text_of = |at: usize| (codes[at].into() as usize).checked_sub(1);
        // Texts lie far from each other. Where all of them are asked for before one is looked at, they come together.
        let first_of = |at: usize| text_of(at).map_or(0, |text| rows.text[rows.end(text)]);
        std::hint::black_box(ones(among).fold(0, |all, at| all ^ first_of(at)));
        for at in ones(among) {
            let Some(text) = text_of(at) else { continue };
            self.word.look(texts.rows(), &(text..text + 1), part, &mut |_, tier| reach.add(tier, 1 << at));
        }
    }
}

/// From so many records on, all of a block are looked at in a row, which costs less than to pick them.
const MANY: u32 = 24;

fn by_verdict<C: Copy + Into<u32>>(tiers: &[u8], codes: &[C], among: Bits, depth: Depth, reach: &mut Reach) {
    if tiers.is_empty() {
        return;
    }
    let tier_of = |code: C| tiers[code.into() as usize];
    if among.count_ones() < MANY {
        for at in ones(among) {
            Tier::ALL.get(usize::from(tier_of(codes[at]))).into_iter().for_each(|tier| reach.add(*tier, 1 << at));
        }
        return;
    }
    for (number, codes) in codes.chunks(u64::BITS as usize).enumerate() {
        let mut found = [NONE; u64::BITS as usize];
        found.iter_mut().zip(codes).for_each(|(found, code)| *found = tier_of(*code));
        let those = |bits: u64| Bits::from(bits) << (number as u32 * u64::BITS) & among;
        let hits = those(packed(&found, |tiers| !(tiers >> 2)));
        reach.add(Tier::Anywhere, hits);
        if hits == 0 || depth.best == Tier::Anywhere {
            continue;
        }
        reach.add(Tier::Word, those(packed(&found, |tiers| !(tiers >> 2 | tiers >> 1 & tiers))));
        if depth.best == Tier::Word {
            continue;
        }
        reach.add(Tier::Prefix, those(packed(&found, |tiers| !(tiers >> 2 | tiers >> 1))));
        reach.add(Tier::Exact, those(packed(&found, |tiers| !(tiers >> 2 | tiers >> 1 | tiers))));
    }
}

/// One bit for each of some tiers: the lowest one of what `of` makes of its number, eight of them side by side.
fn packed(tiers: &[u8; u64::BITS as usize], of: impl Fn(u64) -> u64) -> u64 {
    let (eights, _) = tiers.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        let lowest = of(u64::from_le_bytes(*eight)) & 0x0101_0101_0101_0101;
        // Moves the eight bits together into the highest byte.
        bits << 8 | lowest.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}
const _: () =
    assert!(Tier::Exact as u8 == 0 && Tier::Word as u8 == 2 && NONE == 4, "the tiers are told apart by their bits");
