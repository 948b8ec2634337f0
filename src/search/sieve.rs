//! Which blocks may have what is looked for at all, before any of them is looked at: what the grams of the segments let pass.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::block::{BLOCKS, Segment, Table};
use super::grams::Blocks;
use super::query::Query;
use super::shared::Verdicts;
use super::word::Word;

/// Some blocks of a table, by segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed(Vec<Blocks>);

impl Passed {
    /// Whether the block of that number is among them.
    pub fn has(&self, block: usize) -> bool {
        self.0[block / BLOCKS] >> (block % BLOCKS) & 1 != 0
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

/// The blocks in which a query may have hits.
#[derive(Debug)]
pub(super) struct Sieves {
    /// Those in which all words may be.
    pub any: Passed,
    /// Those in which they may be so that a hit is better than [`super::Tier::Anywhere`].
    pub better: Passed,
    /// For each word, for each exclusion, and for the words that may be one phone, the blocks in whose text they may be.
    pub texts: [Vec<Passed>; 3],
}

impl Sieves {
    /// The sieves of a query, given how its words and exclusions match what records share; `None` if nothing is known of the blocks.
    pub fn of(table: &Table, query: &Query, [words, without]: [&[Arc<Verdicts>]; 2]) -> Option<Sieves> {
        table.segments.iter().all(|segment| segment.grams.get().is_some()).then_some(())?;
        let words: Vec<Sieve> = query.words.iter().zip(words).map(|(w, v)| Sieve::of(table, w, v)).collect();
        let every = Passed(vec![Blocks::MAX; table.segments.len()]);
        let all = |of: fn(&Sieve) -> &Passed, without: &Range<usize>| {
            let others = words.iter().enumerate().filter(|(number, _)| !without.contains(number));
            others.fold(every.clone(), |passed, (_, sieve)| passed.and(of(sieve)))
        };
        let number = query.number.as_ref().map(|(word, of)| (Sieve::of(table, word, &Verdicts::default()), of));
        let mut better = all(|sieve| &sieve.begins, &(0..0));
        if let Some((sieve, of)) = &number {
            better = better.or(&all(|sieve| &sieve.begins, of).and(&sieve.begins));
        }
        let any = all(|sieve| &sieve.any, &(0..0));
        let excluded = query.without.iter().zip(without).map(|(word, verdicts)| Sieve::of(table, word, verdicts).text);
        let texts = [
            words.into_iter().map(|sieve| sieve.text).collect(),
            excluded.collect(),
            number.into_iter().map(|(sieve, _)| sieve.text).collect(),
        ];
        Some(Sieves { any, better, texts })
    }
}

/// The blocks in which a word may be.
struct Sieve {
    /// Those whose text may have it.
    text: Passed,
    /// Those that may have it in any form.
    any: Passed,
    /// Those that may have it so that a word or a phone begins with it.
    begins: Passed,
}

impl Sieve {
    /// The sieve of a word, given how it matches what records share.
    fn of(table: &Table, word: &Word, verdicts: &Verdicts) -> Sieve {
        let of_segment = |segment: &Arc<Segment>| {
            // Without grams nothing is known.
            segment.grams.get().map_or([Blocks::MAX; 3], |grams| {
                let [text, any, begins] = word.sifted(grams);
                [text, any | verdicts.matching.in_blocks(grams), begins | verdicts.better.in_blocks(grams)]
            })
        };
        let passed: Vec<[Blocks; 3]> = table.segments.par_iter().with_min_len(64).map(of_segment).collect();
        let [text, any, begins] = std::array::from_fn(|of| Passed(passed.iter().map(|blocks| blocks[of]).collect()));
        Sieve { text, any, begins }
    }
}
