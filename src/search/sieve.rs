//! Which blocks may have what is looked for at all, before any of them is looked at: what the grams of the segments let pass.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::Tier;
use super::block::{BLOCKS, Table};
use super::grams::{Blocks, Grams};
use super::query::Query;
use super::reach::Depth;
use super::shared::Verdicts;
use super::word::{May, Sifted, Word};

/// Some blocks of a table, by segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed(Vec<Blocks>);

impl Passed {
    /// Whether the block of that number is among them.
    pub fn has(&self, block: usize) -> bool {
        has(self.0[block / BLOCKS], block)
    }

    /// Those that are among these and among others, ...
    fn and(mut self, other: &Passed) -> Passed {
        self.0.iter_mut().zip(&other.0).for_each(|(blocks, others)| *blocks &= others);
        self
    }

    /// ... or among either of them.
    fn or(mut self, other: &Passed) -> Passed {
        self.0.iter_mut().zip(&other.0).for_each(|(blocks, others)| *blocks |= others);
        self
    }
}

/// Whether the block of that number in the table is among these of its segment.
fn has(blocks: Blocks, block: usize) -> bool {
    blocks >> (block % BLOCKS) & 1 != 0
}

/// Which hits are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Any,
    /// Those that are better than [`super::Tier::Anywhere`].
    Better,
    /// Those that are better by a phone that some words are together.
    Number,
}

/// The blocks in which a query may have hits.
#[derive(Debug)]
pub(super) struct Sieves {
    any: Passed,
    better: Passed,
    number: Passed,
    /// For each word, for each exclusion, and for the words that may be one phone, where in the blocks they may be, by segment.
    within: [Vec<Vec<Sifted>>; 3],
}

impl Sieves {
    /// The blocks that may have such hits.
    pub fn of(&self, hits: Which) -> &Passed {
        match hits {
            Which::Any => &self.any,
            Which::Better => &self.better,
            Which::Number => &self.number,
        }
    }

    /// The sieves of a query, given how its words and exclusions match what records share; `None` if nothing is known of the blocks.
    pub fn new(table: &Table, query: &Query, [words, without]: [&[Arc<Verdicts>]; 2]) -> Option<Sieves> {
        let grams: Vec<&Grams> = table.segments.iter().map(|segment| segment.grams.get()).collect::<Option<_>>()?;
        let words: Vec<Sieve> = query.words.iter().zip(words).map(|(w, v)| Sieve::of(&grams, w, v)).collect();
        let every = Passed(vec![Blocks::MAX; grams.len()]);
        let all = |of: fn(&Sieve) -> &Passed, without: &Range<usize>| {
            let others = words.iter().enumerate().filter(|(number, _)| !without.contains(number));
            others.fold(every.clone(), |passed, (_, sieve)| passed.and(of(sieve)))
        };
        let number = query.number.as_ref().map(|(word, of)| (Sieve::of(&grams, word, &Verdicts::default()), of));
        let as_number = number.as_ref().map(|(sieve, of)| all(|sieve| &sieve.begins, of).and(&sieve.begins));
        let as_number = as_number.unwrap_or_else(|| Passed(vec![0; grams.len()]));
        let better = all(|sieve| &sieve.begins, &(0..0)).or(&as_number);
        let any = all(|sieve| &sieve.any, &(0..0));
        let excluded =
            query.without.iter().zip(without).map(|(word, verdicts)| Sieve::of(&grams, word, verdicts).within);
        let within = [
            words.into_iter().map(|sieve| sieve.within).collect(),
            excluded.collect(),
            number.into_iter().map(|(sieve, _)| sieve.within).collect(),
        ];
        Some(Sieves { any, better, number: as_number, within })
    }

    /// Where in a block a word may be, as far as that is asked for.
    pub fn may(&self, (kind, word): (usize, usize), block: usize, depth: Depth) -> May {
        let sifted = &self.within[kind][word][block / BLOCKS];
        let begins = depth.worst <= Tier::Word;
        let (text, numbers) =
            if begins { (sifted.text_first, sifted.numbers_first) } else { (sifted.text, sifted.numbers) };
        May { be_in_text: has(text, block), be_in_numbers: has(numbers, block) }
    }
}

/// The blocks in which a word may be.
struct Sieve {
    within: Vec<Sifted>,
    /// Those that may have it in any form.
    any: Passed,
    /// Those that may have it so that a word or a phone begins with it.
    begins: Passed,
}

impl Sieve {
    /// The sieve of a word, given how it matches what records share.
    fn of(grams: &[&Grams], word: &Word, verdicts: &Verdicts) -> Sieve {
        let of_segment = |grams: &&Grams| {
            let sifted = word.sifted(grams);
            let any = sifted.text | sifted.numbers | sifted.named | verdicts.matching.in_blocks(grams);
            let begins = sifted.text_first | sifted.numbers_first | sifted.named | verdicts.better.in_blocks(grams);
            (sifted, (any, begins))
        };
        let (within, (any, begins)) = grams.par_iter().with_min_len(64).map(of_segment).unzip();
        Sieve { within, any: Passed(any), begins: Passed(begins) }
    }
}
