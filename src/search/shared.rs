//! How well a word matches what records share: the texts of the dictionary, by code.

use std::ops::Range;

use rayon::prelude::*;

use super::Tier;
use super::block::{Block, Part, Rows};
use super::dictionary::{Dictionary, Texts};
use super::grams::{Blocks, Code, Grams};
use super::reach::{Bits, Depth, Reach, ones};
use super::scan::Cancelled;
use super::typo::Slip;
use super::word::Word;

/// How many texts of a dictionary are judged at once.
const AT_ONCE: usize = 8192;

/// Of so many codes at most it is worth to know in which blocks they are.
const FEW_CODES: usize = 64;

/// Something that is looked for in texts.
pub(super) trait Looked: Sync {
    /// Shows which of some neighbouring texts it is in, and how well it matches; one text may come more than once.
    fn look(&self, rows: Rows<'_>, range: &Range<usize>, part: Part, found: &mut dyn FnMut(usize, Tier));
}

impl Looked for Word {
    fn look(&self, rows: Rows<'_>, range: &Range<usize>, part: Part, found: &mut dyn FnMut(usize, Tier)) {
        self.each(rows, range, Depth::Tiers, part, found);
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
    /// Judges a whole dictionary, or of it what matched something that is in every text that can match now. If cancelled,
    /// nothing matches.
    pub fn of(
        dictionary: &Dictionary,
        looked: &dyn Looked,
        wider: Option<&Verdicts>,
        (without_accounts, cancelled): (bool, Cancelled<'_>),
    ) -> Verdicts {
        let columns = dictionary.columns.iter().enumerate();
        let columns = columns.map(|(n, texts)| (texts.rows(), Part::Rest, wider.map(|wider| wider.column(n))));
        let accounts = (dictionary.accounts.rows(), Part::Head, wider.map(|wider| &*wider.accounts));
        let accounts = if without_accounts { (accounts.0, Part::Head, Some([].as_slice())) } else { accounts };
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
            for run in by_code[1..][range.clone()].chunk_by(|a, b| (*a == NONE) == (*b == NONE)) {
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
    /// Notes how well these records of a block match by what they share.
    pub fn reach(self, block: &Block, among: Bits, depth: Depth, reach: &mut Reach) {
        if !block.accounts.is_empty() {
            match self.verdicts {
                Some(verdicts) if !verdicts.without_accounts => {
                    by_verdict(&verdicts.accounts, &block.accounts, among, reach);
                }
                _ => self.by_text(&self.dictionary.accounts, &block.accounts, (among, Part::Head), reach),
            }
        }
        if depth == Depth::Heads {
            return;
        }
        for (column, codes) in block.coded() {
            // A value of a column is at best the beginning of a word.
            let wanted = among & !reach.at(depth.enough(Tier::Word));
            match self.verdicts {
                Some(verdicts) => by_verdict(verdicts.column(column), codes, wanted, reach),
                None => self.by_text(&self.dictionary.columns[column], codes, (wanted, Part::Rest), reach),
            }
        }
    }

    fn by_text<C: Copy + Into<u32>>(self, texts: &Texts, codes: &[C], (among, part): (Bits, Part), reach: &mut Reach) {
        for at in ones(among) {
            let code: u32 = codes[at].into();
            let Some(text) = (code as usize).checked_sub(1) else { continue };
            self.word.look(texts.rows(), &(text..text + 1), part, &mut |_, tier| reach.add(tier, 1 << at));
        }
    }
}

/// From so many records on, all of a block are looked at in a row, which costs less than to pick them.
const MANY: u32 = 24;

fn by_verdict<C: Copy + Into<u32>>(tiers: &[u8], codes: &[C], among: Bits, reach: &mut Reach) {
    if tiers.is_empty() {
        return;
    }
    let tier_of = |code: C| usize::from(tiers[code.into() as usize]);
    if among.count_ones() < MANY {
        for at in ones(among) {
            Tier::ALL.get(tier_of(codes[at])).into_iter().for_each(|tier| reach.add(*tier, 1 << at));
        }
        return;
    }
    for (number, codes) in codes.chunks(u64::BITS as usize).enumerate() {
        let is_hit = |code: C| u64::from(tier_of(code) != usize::from(NONE));
        let hits = codes.iter().enumerate().fold(0, |bits, (at, code)| bits | is_hit(*code) << at);
        if hits == 0 {
            continue;
        }
        let mut found = [0_u64; NONE as usize + 1];
        codes.iter().enumerate().for_each(|(at, code)| found[tier_of(*code)] |= 1 << at);
        for tier in Tier::ALL {
            let bits = Bits::from(found[tier as usize]) << (number as u32 * u64::BITS);
            reach.add(tier, bits & among);
        }
    }
}
