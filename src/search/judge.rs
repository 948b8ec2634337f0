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
use super::sieve::Sieves;
use super::text::{Tag, Tags};
use super::typo::Slip;
use super::word::Word;

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

/// Whether a query looks only among few records, those that a shorter one has found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrow(pub bool);

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

    /// Works out how the words match what records share, and in which blocks they may be: worth it before many records are judged.
    /// What is known of the words of an earlier query, with the same dictionary, need not be found out again. For a first page it is
    /// left open how a single letter of a `narrow` query, or a digit of any, matches the many organizations: that takes longer than
    /// to look at those of the few records before the page is full.
    pub fn prepare(&mut self, table: &Table, earlier: &[Weighed], page: Option<Narrow>, cancelled: Cancelled<'_>) {
        let is_open =
            |all: &[Vec<_>; 3]| all.iter().flatten().any(|verdicts: &Arc<Verdicts>| verdicts.without_accounts);
        if self.verdicts.as_ref().is_some_and(|all| page.is_some() || !is_open(all)) {
            return;
        }
        let own = self.weighed();
        let of = |looked: &dyn Looked, within: Tags, wider: Option<&Verdicts>, open: bool| match within.meet(SHARED) {
            true => Arc::new(Verdicts::of(self.dictionary, looked, wider, (open, cancelled))),
            false => Arc::default(),
        };
        let several = self.query.words.len() > 1;
        let may_be_open = |word: &Word| match (page, word.text()) {
            (Some(_), [byte]) if byte.is_ascii_digit() => several,
            (Some(Narrow(true)), [byte]) => several && byte.is_ascii_alphabetic(),
            _ => false,
        };
        let of_word = |word: &Word, may_be_open: bool| {
            let same = own.iter().chain(earlier).find(|(known, _)| known == word);
            let wider = || earlier.iter().find(|(known, _)| word.narrows(known)).map(|(_, verdicts)| &**verdicts);
            same.map_or_else(|| of(word, word.within, wider(), may_be_open), |(_, verdicts)| verdicts.clone())
        };
        let of_slip = |slip: &Option<Slip>| slip.as_ref().map_or_else(Arc::default, |s| of(s, s.within, None, false));
        let slips = self.slips.iter().flatten().map(of_slip).collect();
        let words: Vec<_> = self.query.words.iter().map(|word| of_word(word, may_be_open(word))).collect();
        let without: Vec<_> = self.query.without.iter().map(|word| of_word(word, false)).collect();
        // With a slip, a word is in blocks that do not have it.
        let typed = self.slips.is_none();
        self.sieves = typed.then(|| Sieves::of(table, self.query, [&words, &without])).flatten();
        self.verdicts = Some([words, without, slips]);
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

    /// Whether the block of that number may have hits, ...
    pub fn may_match(&self, block: usize) -> bool {
        self.sieves.as_ref().is_none_or(|sieves| sieves.any.has(block))
    }

    /// ... or such that are better than [`Tier::Anywhere`].
    pub fn may_be_better(&self, block: usize) -> bool {
        self.sieves.as_ref().is_none_or(|sieves| sieves.better.has(block))
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
        let in_text = |kind: usize, number: usize| self.may_be_in_text(at, kind, number);
        let all = Reach::all(candidates);
        // Without a word, records match but nothing says how well.
        let mut reach = if query.words.is_empty() { Reach::anywhere(candidates) } else { all };
        // How well the words outside the run of digits that may be one phone match.
        let mut others = all;
        let is_open = |number: &&usize| depth != Depth::Matches || !self.known.contains(number);
        for number in self.longest_first.iter().filter(is_open) {
            let shared = self.shared(WORDS, *number, &query.words);
            let among = (reach.any(), in_text(WORDS, *number));
            let found = query.words[*number].reach(block, among, depth, shared);
            reach = reach.and(found);
            if reach.any() == 0 {
                return reach;
            }
            if !query.number.as_ref().is_some_and(|(_, covered)| covered.contains(number)) {
                others = others.and(found);
            }
        }
        if let Some((number, _)) = query.number.as_ref().filter(|_| depth == Depth::Tiers) {
            let among = (reach.any(), in_text(NUMBER, 0));
            let as_number = number.reach(block, among, depth, self.unshared(number)).and(others);
            reach = reach.or(as_number.only(reach.any()));
        }
        let left = self.rest_holds((block, at), reach.any());
        // Where tiers are not told apart, what some words tell of them means nothing.
        if depth == Depth::Matches { Reach::anywhere(left) } else { reach.only(left) }
    }

    /// Records of which all words but one match, and that one with one slip.
    fn reach_forgiving(&self, slips: &[Option<Slip>], block: &Block, candidates: Bits) -> Reach {
        let mut forgiven = 0;
        for (missed, slip) in slips.iter().enumerate() {
            let Some(slip) = slip else { continue };
            let matching = |left: Bits, number: usize| {
                let shared = self.shared(WORDS, number, &self.query.words);
                let word = &self.query.words[number];
                if left == 0 { 0 } else { word.reach(block, (left, true), Depth::Matches, shared).any() }
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
        shared.reach(block, among, Depth::Matches, &mut reach);
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
            let among = (left, self.may_be_in_text(number, WITHOUT, at));
            left &= !word.reach(block, among, Depth::Matches, shared).any();
        }
        left
    }

    /// Whether the text of a block may have a word.
    fn may_be_in_text(&self, block: Option<usize>, kind: usize, word: usize) -> bool {
        let sieves = self.sieves.as_ref().zip(block);
        sieves.is_none_or(|(sieves, block)| sieves.texts[kind][word].has(block))
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
