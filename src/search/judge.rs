//! How well a record matches a query: as it is typed, or with one typo forgiven.

use memchr::memmem::Finder;

use super::Tier;
use super::block::Entry;
use super::index::Days;
use super::query::{Fact, Query};
use super::typo::Slip;
use super::word::Word;

/// Judges records by a query.
pub(super) struct Judge<'q> {
    query: &'q Query,
    days: &'q Days,
    /// With one typo forgiven: each word as one that may be mistyped, if it may.
    slips: Option<Vec<Option<Slip>>>,
}

impl<'q> Judge<'q> {
    /// Judges by the query as it is typed. The query is one for the table's kind of record.
    pub fn typed(query: &'q Query, days: &'q Days) -> Judge<'q> {
        Judge { query, days, slips: None }
    }

    /// Forgives one typo in one of the words; `None` if they have none to forgive.
    pub fn forgiving(query: &'q Query, days: &'q Days) -> Option<Judge<'q>> {
        let slips: Vec<Option<Slip>> = query.words.iter().map(Slip::of).collect();
        slips.iter().any(Option::is_some).then_some(Judge { query, days, slips: Some(slips) })
    }

    /// The query.
    pub fn query(&self) -> &'q Query {
        self.query
    }

    /// Whether it forgives a typo.
    pub fn forgives(&self) -> bool {
        self.slips.is_some()
    }

    /// What every hit contains, at least one of them; `None` if nothing is known.
    pub fn needles(&self) -> Option<Vec<Finder<'_>>> {
        let needles = match &self.slips {
            Some(slips) => slips.iter().flatten().flat_map(Slip::needles).collect(),
            None => {
                // Those of the longest word.
                let of_words = self.query.words.iter().filter_map(Word::needles);
                of_words.max_by_key(|needles| needles.iter().map(|n| n.len()).min())?
            }
        };
        Some(needles.into_iter().map(Finder::new).collect())
    }

    /// Whether every record with a needle is a hit, so that none needs to be judged to be counted.
    pub fn trusts_needles(&self) -> bool {
        let query = self.query;
        let one = matches!(query.words.as_slice(), [word] if word.is_plain());
        one && self.slips.is_none() && query.without.is_empty() && query.conditions.is_empty()
    }

    /// How well a record matches; `None` if it does not. For `apart` see [`Word::tier`].
    pub fn tier(&self, entry: &Entry<'_>, apart: Option<Tier>) -> Option<Tier> {
        match &self.slips {
            Some(slips) => self.is_one_slip_away(slips, entry).then_some(Tier::Anywhere),
            None => self.typed_tier(entry, apart),
        }
    }

    fn typed_tier(&self, entry: &Entry<'_>, apart: Option<Tier>) -> Option<Tier> {
        let query = self.query;
        let mut worst = Tier::Exact;
        // The worst tier of the words outside the run of digits that may be one phone.
        let mut worst_of_others = Tier::Exact;
        for (at, word) in query.words.iter().enumerate() {
            let tier = word.tier(entry, apart)?;
            worst = worst.max(tier);
            if !query.number.as_ref().is_some_and(|(_, covered)| covered.contains(&at)) {
                worst_of_others = worst_of_others.max(tier);
            }
        }
        if !self.rest_holds(entry) {
            return None;
        }
        let as_number = query.number.as_ref().and_then(|(number, _)| number.tier(entry, apart));
        Some(match as_number {
            Some(tier) => worst.min(tier.max(worst_of_others)),
            None if query.words.is_empty() => Tier::Anywhere,
            None => worst,
        })
    }

    fn is_one_slip_away(&self, slips: &[Option<Slip>], entry: &Entry<'_>) -> bool {
        let mut missed = self.query.words.iter().zip(slips).filter(|(word, _)| !word.matches(entry));
        let Some((_, Some(slip))) = missed.next() else { return false };
        missed.next().is_none() && slip.matches(entry) && self.rest_holds(entry)
    }

    /// Whether everything but the words holds for a record.
    fn rest_holds(&self, entry: &Entry<'_>) -> bool {
        let query = self.query;
        query.conditions.iter().all(|condition| self.is_fact(&condition.fact, entry) == condition.holds)
            && query.without.iter().all(|word| !word.matches(entry))
    }

    fn is_fact(&self, fact: &Fact, entry: &Entry<'_>) -> bool {
        match fact {
            Fact::Has(tags) => entry.tags().meet(*tags),
            Fact::Commit(commit) => entry.created() == *commit || entry.changed() == *commit,
            Fact::Changed(range) => self.days.get(&entry.changed()).is_some_and(|day| range.contains(day)),
        }
    }
}
