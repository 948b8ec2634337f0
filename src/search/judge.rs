//! How well records match a query: as it is typed, or with one typo forgiven.

use std::sync::Arc;

use super::Tier;
use super::block::{Block, Entry, Part, Table};
use super::dictionary::Dictionary;
use super::index::Days;
use super::query::{Fact, Query};
use super::reach::{Bits, Depth, Reach, ones, runs};
use super::scan::Cancelled;
use super::shared::{Looked, Shared, Verdicts};
use super::sieve::{Sieves, Which};
use super::text::{Tag, Tags};
use super::typo::Slip;
use super::word::{May, Word};

/// The parts that a dictionary may have.
const SHARED: Tags = Tags::of(&[Tag::Membership, Tag::Organization, Tag::City, Tag::Other]);

/// Judges records by a query.
pub(super) struct Judge<'q> {
    query: &'q Query,
    days: &'q Days,
    dictionary: &'q Dictionary,
    /// The words of the query by number, the longest first: those that fewest records have.
    longest_first: Vec<usize>,
    /// With one typo forgiven: each word as one that may be mistyped, if it may.
    slips: Option<Vec<Option<Slip>>>,
    /// The words that every candidate is known to match.
    known: Vec<usize>,
    /// How the words, the exclusions and the slips match what records share, once that is worked out.
    verdicts: Option<[Vec<Arc<Verdicts>>; 3]>,
    /// Which blocks need to be looked at, once that is worked out.
    sieves: Option<Sieves>,
    nothing: Verdicts,
}

/// A word, and how it matches what records share.
pub(super) type Weighed = (Word, Arc<Verdicts>);

/// How many records are about to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// Few: those that a shorter query has found.
    Few,
    /// As many as it takes until a page of hits is found.
    Page,
    /// All.
    All,
}

/// Which of the three kinds of words.
const WORDS: usize = 0;
const WITHOUT: usize = 1;
const SLIPS: usize = 2;
/// In place of slips, which are looked for in any text: the words that may be one phone.
const NUMBER: usize = 2;

impl<'q> Judge<'q> {
    /// Judges by the query as it is typed. The query is one for the table's kind of record.
    pub fn typed(query: &'q Query, days: &'q Days, dictionary: &'q Dictionary) -> Judge<'q> {
        let mut longest_first: Vec<usize> = (0..query.words.len()).collect();
        longest_first.sort_by_key(|word| std::cmp::Reverse(query.words[*word].text().len()));
        Judge {
            query,
            days,
            dictionary,
            longest_first,
            slips: None,
            known: Vec::new(),
            verdicts: None,
            sieves: None,
            nothing: Verdicts::default(),
        }
    }

    /// Forgives one typo in one of the words; `None` if they have none to forgive.
    pub fn forgiving(query: &'q Query, days: &'q Days, dictionary: &'q Dictionary) -> Option<Judge<'q>> {
        let slips: Vec<Option<Slip>> = query.words.iter().map(Slip::of).collect();
        let any = slips.iter().any(Option::is_some);
        any.then(|| Judge { slips: Some(slips), ..Judge::typed(query, days, dictionary) })
    }

    /// Only records are judged from now on that match these words, which it need not find out again.
    pub fn know(&mut self, words: &[Word]) {
        let is_known = |number: &usize| words.contains(&self.query.words[*number]);
        self.known = (0..self.query.words.len()).filter(is_known).collect();
    }

    /// Works out how the words match what records share, and in which blocks they may be, as far as that is worth it for the records
    /// `ahead`. What is known of the words of an earlier query, with the same dictionary, need not be found out again. `None` if
    /// cancelled.
    pub fn prepare(
        &mut self,
        table: &Table,
        earlier: &[Weighed],
        ahead: Ahead,
        cancelled: Cancelled<'_>,
    ) -> Option<()> {
        let is_open =
            |all: &[Vec<_>; 3]| all.iter().flatten().any(|verdicts: &Arc<Verdicts>| verdicts.without_accounts);
        if self.verdicts.as_ref().is_some_and(|all| ahead != Ahead::All || !is_open(all)) {
            return Some(());
        }
        let own = self.weighed();
        let of = |looked: &dyn Looked, within: Tags, wider: Option<&Verdicts>| match within.meet(SHARED) {
            true => Arc::new(Verdicts::of(self.dictionary, looked, wider, ahead, cancelled)),
            false => Arc::default(),
        };
        let of_word = |word: &Word| {
            let same = own.iter().chain(earlier).find(|(known, _)| known == word);
            let wider = || earlier.iter().find(|(known, _)| word.narrows(known)).map(|(_, verdicts)| &**verdicts);
            same.map_or_else(|| of(word, word.within, wider()), |(_, verdicts)| verdicts.clone())
        };
        let of_slip = |slip: &Option<Slip>| slip.as_ref().map_or_else(Arc::default, |s| of(s, s.within, None));
        let slips = self.slips.iter().flatten().map(of_slip).collect();
        let words: Vec<_> = self.query.words.iter().map(of_word).collect();
        let without: Vec<_> = self.query.without.iter().map(of_word).collect();
        if cancelled() {
            return None;
        }
        // With a slip, a word is in blocks that do not have it.
        let typed = self.slips.is_none();
        self.sieves = typed.then(|| Sieves::new(table, self.query, [&words, &without])).flatten();
        self.verdicts = Some([words, without, slips]);
        Some(())
    }

    /// What [`Judge::prepare`] has found out about the words.
    pub fn weighed(&self) -> Vec<Weighed> {
        let verdicts = self.verdicts.iter().flat_map(|[words, ..]| words);
        let weighed = self.query.words.iter().cloned().zip(verdicts.cloned());
        weighed.filter(|(_, verdicts)| !verdicts.without_accounts).collect()
    }

    /// The query.
    pub fn query(&self) -> &'q Query {
        self.query
    }

    /// Whether it forgives a typo.
    pub fn forgives(&self) -> bool {
        self.slips.is_some()
    }

    /// Whether the block of that number may have such hits.
    pub fn may_have(&self, hits: Which, block: usize) -> bool {
        self.sieves.as_ref().is_none_or(|sieves| sieves.of(hits).has(block))
    }

    /// Whether records may be no hits although they have all words.
    pub fn leaves_out(&self) -> bool {
        !self.query.without.is_empty() || !self.query.conditions.is_empty()
    }

    /// How well one record matches; `None` if it does not.
    pub fn tier(&self, entry: &Entry<'_>, depth: Depth) -> Option<Tier> {
        self.reach((entry.block, None), 1 << entry.at, depth).tier(entry.at)
    }

    /// How well these records of a block match; with its number in the table, what is known of it need not be looked for.
    pub fn reach(&self, block: (&Block, Option<usize>), candidates: Bits, depth: Depth) -> Reach {
        match &self.slips {
            Some(slips) => self.reach_forgiving(slips, block.0, candidates),
            None => self.reach_as_typed(block, candidates, depth),
        }
    }

    fn reach_as_typed(&self, (block, at): (&Block, Option<usize>), candidates: Bits, depth: Depth) -> Reach {
        let query = self.query;
        let may = |kind: usize, word: usize, depth: Depth| self.may(at, (kind, word), depth);
        let all = Reach::all(candidates);
        // Without a word, records match but nothing says how well.
        let mut reach = if query.words.is_empty() { Reach::anywhere(candidates) } else { all };
        // Where some words are the beginning of a phone together, it is enough that they are somewhere.
        let number = query.number.as_ref().filter(|_| depth.best < Tier::Anywhere && depth != Depth::HEADS);
        let as_number = number.map_or_else(Reach::default, |(number, _)| {
            let depth = Depth { worst: Tier::Word, best: depth.best };
            number.reach(block, (candidates, may(NUMBER, 0, depth)), depth, self.unshared(number))
        });
        let of_words = if number.is_some() { Depth { worst: Tier::Anywhere, ..depth } } else { depth };
        let alive = |reach: Reach| reach.at(depth.worst) | reach.any() & as_number.at(Tier::Word);
        // How well the other words match.
        let mut others = all;
        let is_open = |number: &&usize| depth.best < Tier::Anywhere || !self.known.contains(number);
        for at in self.longest_first.iter().filter(is_open) {
            let shared = self.shared(WORDS, *at, &query.words);
            let found = query.words[*at].reach(block, (alive(reach), may(WORDS, *at, of_words)), of_words, shared);
            reach = reach.and(found);
            if alive(reach) == 0 {
                return Reach::default();
            }
            if !number.is_some_and(|(_, covered)| covered.contains(at)) {
                others = others.and(found);
            }
        }
        reach = reach.or(as_number.and(others).only(reach.any()));
        let left = self.rest_holds((block, at), reach.at(depth.worst));
        // Where tiers are not told apart, what some words tell of them means nothing.
        if depth.best == Tier::Anywhere { Reach::anywhere(left) } else { reach.only(left) }
    }

    /// Records of which all words but one match, and that one with one slip.
    fn reach_forgiving(&self, slips: &[Option<Slip>], block: &Block, candidates: Bits) -> Reach {
        let mut forgiven = 0;
        for (missed, slip) in slips.iter().enumerate() {
            let Some(slip) = slip else { continue };
            let matching = |left: Bits, number: usize| {
                let shared = self.shared(WORDS, number, &self.query.words);
                let word = &self.query.words[number];
                if left == 0 { 0 } else { word.reach(block, (left, May::BE_ANYWHERE), Depth::MATCHES, shared).any() }
            };
            let others = self.longest_first.iter().copied().filter(|number| *number != missed);
            let left = self.slipped(missed, slip, block, others.fold(candidates, matching));
            forgiven |= left & !matching(left, missed);
        }
        Reach::anywhere(self.rest_holds((block, None), forgiven))
    }

    /// The records that have a word one slip away.
    fn slipped(&self, number: usize, slip: &Slip, block: &Block, among: Bits) -> Bits {
        let mut reach = Reach::default();
        for part in [Part::Head, Part::Rest] {
            let mut add = |at: usize| reach.add(Tier::Anywhere, 1 << at);
            runs(among).for_each(|run| slip.each(block.rows(part), &run, &mut add));
        }
        let verdicts = self.verdicts.as_ref().map(|all| &*all[SLIPS][number]);
        let shared = Shared { dictionary: self.dictionary, word: slip, verdicts };
        shared.reach_accounts(block, among, Depth::MATCHES, &mut reach);
        shared.reach_columns(block, among, Depth::MATCHES, &mut reach);
        reach.any()
    }

    /// Those of these records for which everything but the words holds.
    fn rest_holds(&self, (block, number): (&Block, Option<usize>), candidates: Bits) -> Bits {
        let mut left = candidates;
        for condition in &self.query.conditions {
            let entry = |at| Entry { block, at, dictionary: self.dictionary };
            let holds = |at: &usize| self.is_fact(&condition.fact, &entry(*at)) == condition.holds;
            left = ones(left).filter(holds).fold(0, |bits, at| bits | 1 << at);
        }
        for (at, word) in self.query.without.iter().enumerate() {
            let shared = self.shared(WITHOUT, at, &self.query.without);
            let among = (left, self.may(number, (WITHOUT, at), Depth::MATCHES));
            left &= !word.reach(block, among, Depth::MATCHES, shared).any();
        }
        left
    }

    /// Where in a block a word may be; nothing is known of a block without a number.
    fn may(&self, block: Option<usize>, word: (usize, usize), depth: Depth) -> May {
        let sieves = self.sieves.as_ref().zip(block);
        sieves.map_or(May::BE_ANYWHERE, |(sieves, block)| sieves.may(word, block, depth))
    }

    fn is_fact(&self, fact: &Fact, entry: &Entry<'_>) -> bool {
        match fact {
            Fact::Has(tags) => entry.tags().meet(*tags),
            Fact::Commit(commit) => entry.created() == *commit || entry.changed() == *commit,
            Fact::Changed(range) => self.days.get(&entry.changed()).is_some_and(|day| range.contains(day)),
        }
    }

    /// How a word is looked for in what records share.
    fn shared<'s>(&'s self, kind: usize, number: usize, words: &'s [Word]) -> Shared<'s> {
        let word = &words[number];
        let verdicts = self.verdicts.as_ref().map(|all| &*all[kind][number]);
        if word.within.meet(SHARED) {
            Shared { dictionary: self.dictionary, word, verdicts }
        } else {
            self.unshared(word)
        }
    }

    /// For a word that cannot be in what records share.
    fn unshared<'s>(&'s self, word: &'s Word) -> Shared<'s> {
        Shared { dictionary: self.dictionary, word, verdicts: Some(&self.nothing) }
    }
}
