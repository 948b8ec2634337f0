//! How well records match a query: as it is typed, or with one typo forgiven.

use std::ops::Range;

use memchr::memmem::Finder;

use super::Tier;
use super::block::{Block, Entry};
use super::index::Days;
use super::query::{Fact, Query};
use super::reach::{Bits, Depth, Reach, bits, containing, ones};
use super::typo::Slip;
use super::word::Word;

/// Up to this many records are looked at one by one; more are cheaper together with all of their block.
const FEW: u32 = 8;

/// Judges records by a query.
pub(super) struct Judge<'q> {
    query: &'q Query,
    days: &'q Days,
    /// The words of the query by number, the longest first: those that fewest records have.
    longest_first: Vec<usize>,
    /// With one typo forgiven: each word as one that may be mistyped, if it may; and what a hit contains, at least one of.
    slips: Option<(Vec<Option<Slip>>, Vec<Finder<'static>>)>,
}

impl<'q> Judge<'q> {
    /// Judges by the query as it is typed. The query is one for the table's kind of record.
    pub fn typed(query: &'q Query, days: &'q Days) -> Judge<'q> {
        let mut longest_first: Vec<usize> = (0..query.words.len()).collect();
        longest_first.sort_by_key(|word| std::cmp::Reverse(query.words[*word].text().len()));
        Judge { query, days, longest_first, slips: None }
    }

    /// Forgives one typo in one of the words; `None` if they have none to forgive.
    pub fn forgiving(query: &'q Query, days: &'q Days) -> Option<Judge<'q>> {
        let slips: Vec<Option<Slip>> = query.words.iter().map(Slip::of).collect();
        let needles: Vec<Finder<'static>> =
            slips.iter().flatten().flat_map(Slip::needles).map(|needle| Finder::new(needle).into_owned()).collect();
        (!needles.is_empty()).then(|| Judge { slips: Some((slips, needles)), ..Judge::typed(query, days) })
    }

    /// The query.
    pub fn query(&self) -> &'q Query {
        self.query
    }

    /// Whether it forgives a typo.
    pub fn forgives(&self) -> bool {
        self.slips.is_some()
    }

    /// How well one record matches; `None` if it does not.
    pub fn tier(&self, entry: &Entry<'_>, depth: Depth) -> Option<Tier> {
        self.reach(entry.block, &(entry.at..entry.at + 1), depth).tier(entry.at)
    }

    /// How well neighbouring records of a block match.
    pub fn reach(&self, block: &Block, range: &Range<usize>, depth: Depth) -> Reach {
        match &self.slips {
            Some((slips, needles)) => {
                let in_part = |part| needles.iter().fold(0, |found, n| found | containing(block, part, range, n));
                let candidates = depth.parts().iter().fold(0, |found, part| found | in_part(*part));
                let forgiven = ones(candidates).filter(|at| self.is_one_slip_away(slips, &block.entry(*at)));
                let mut reach = Reach::default();
                forgiven.for_each(|at| reach.add(Tier::Anywhere, 1 << at));
                reach
            }
            None => self.reach_as_typed(block, range, depth),
        }
    }

    fn reach_as_typed(&self, block: &Block, range: &Range<usize>, depth: Depth) -> Reach {
        let query = self.query;
        let all = Reach::all(bits(range));
        // Without a word, records match but nothing says how well.
        let mut reach = all;
        if query.words.is_empty() {
            reach = Reach::default();
            reach.add(Tier::Anywhere, all.any());
        }
        // How well the words outside the run of digits that may be one phone match.
        let mut others = all;
        for number in &self.longest_first {
            let found = reach_among(&query.words[*number], reach.any(), block, range, depth);
            reach = reach.and(found);
            if reach.any() == 0 {
                return reach;
            }
            if !query.number.as_ref().is_some_and(|(_, covered)| covered.contains(number)) {
                others = others.and(found);
            }
        }
        if let Some((number, _)) = query.number.as_ref().filter(|_| depth == Depth::Tiers) {
            let as_number = reach_among(number, reach.any(), block, range, depth).and(others);
            reach = reach.or(as_number.only(reach.any()));
        }
        reach.only(self.rest_holds(block, reach.any(), range))
    }

    /// Those of these records for which everything but the words holds.
    fn rest_holds(&self, block: &Block, candidates: Bits, range: &Range<usize>) -> Bits {
        let mut left = candidates;
        for condition in &self.query.conditions {
            let holds = |at: &usize| self.is_fact(&condition.fact, &block.entry(*at)) == condition.holds;
            left = ones(left).filter(holds).fold(0, |bits, at| bits | 1 << at);
        }
        for word in &self.query.without {
            left &= !reach_among(word, left, block, range, Depth::Matches).any();
        }
        left
    }

    fn is_fact(&self, fact: &Fact, entry: &Entry<'_>) -> bool {
        match fact {
            Fact::Has(tags) => entry.tags().meet(*tags),
            Fact::Commit(commit) => entry.created() == *commit || entry.changed() == *commit,
            Fact::Changed(range) => self.days.get(&entry.changed()).is_some_and(|day| range.contains(day)),
        }
    }

    fn is_one_slip_away(&self, slips: &[Option<Slip>], entry: &Entry<'_>) -> bool {
        let range = entry.at..entry.at + 1;
        let misses = |word: &Word| word.reach(entry.block, &range, Depth::Matches).any() == 0;
        let mut missed = self.query.words.iter().zip(slips).filter(|(word, _)| misses(word));
        let Some((_, Some(slip))) = missed.next() else { return false };
        missed.next().is_none() && slip.matches(entry) && self.rest_holds(entry.block, 1 << entry.at, &range) != 0
    }
}

/// How well a word matches some records of a range, as far as these go.
fn reach_among(word: &Word, candidates: Bits, block: &Block, range: &Range<usize>, depth: Depth) -> Reach {
    if candidates.count_ones() > FEW || candidates == bits(range) {
        return word.reach(block, range, depth);
    }
    ones(candidates).fold(Reach::default(), |reach, at| reach.or(word.reach(block, &(at..at + 1), depth)))
}
