//! The order of hits: tier, then folded name, then ID; and the best of many without keeping all.

use std::cmp::Ordering;

use super::Tier;

/// A hit that may be among the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate<'a> {
    pub tier: Tier,
    /// The folded name.
    pub name: &'a [u8],
    pub id: &'a str,
}

impl Ord for Candidate<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.tier.cmp(&other.tier).then_with(|| self.name.cmp(other.name)).then_with(|| self.id.cmp(other.id))
    }
}

impl PartialOrd for Candidate<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Keeps the best `limit` of the candidates that it is offered.
#[derive(Debug)]
pub(super) struct Best<'a> {
    limit: usize,
    kept: Vec<Candidate<'a>>,
    /// Once `limit` are kept: what is not better than this one cannot be among the best.
    bar: Option<Candidate<'a>>,
}

impl<'a> Best<'a> {
    pub fn new(limit: usize) -> Best<'a> {
        Best { limit, kept: Vec::new(), bar: None }
    }

    /// Down to which tier a record with that name and ID may be among the best; `None` if with no tier.
    pub fn worst_tier(&self, name: &[u8], id: &str) -> Option<Tier> {
        let Some(bar) = self.bar else { return Some(Tier::Anywhere) };
        if (name, id) < (bar.name, bar.id) { Some(bar.tier) } else { bar.tier.better() }
    }

    pub fn offer(&mut self, candidate: Candidate<'a>) {
        if self.limit == 0 || self.bar.is_some_and(|bar| candidate >= bar) {
            return;
        }
        self.kept.push(candidate);
        if self.kept.len() >= self.limit.saturating_mul(2) {
            self.prune();
        }
    }

    /// Drops all but the best; at most every `limit` offers, so that an offer costs constant time.
    fn prune(&mut self) {
        if self.kept.len() > self.limit {
            let (_, bar, _) = self.kept.select_nth_unstable(self.limit - 1);
            self.bar = Some(*bar);
            self.kept.truncate(self.limit);
        }
    }

    /// The best of both.
    pub fn merge(mut self, other: Best<'a>) -> Best<'a> {
        other.kept.into_iter().for_each(|candidate| self.offer(candidate));
        self
    }

    /// The best, in order.
    pub fn into_sorted(mut self) -> Vec<Candidate<'a>> {
        self.kept.sort_unstable();
        self.kept.truncate(self.limit);
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_are_the_first_of_all_in_order(names in prop::collection::vec("[a-c]{0,2}", 0..60), limit in 0usize..20, cut in 0usize..60) {
            let ids: Vec<String> = (0..names.len()).map(|n| format!("{n:03}")).collect();
            let tiers = [Tier::Exact, Tier::Prefix, Tier::Word, Tier::Anywhere];
            let all: Vec<Candidate<'_>> = (names.iter().zip(&ids).enumerate())
                .map(|(n, (name, id))| Candidate { tier: tiers[n * 7 % 4], name: name.as_bytes(), id })
                .collect();
            let (a, b) = all.split_at(cut.min(all.len()));
            let [a, b] = [a, b].map(|part| {
                let mut best = Best::new(limit);
                part.iter().for_each(|c| best.offer(*c));
                best
            });
            let mut sorted = all.clone();
            sorted.sort();
            sorted.truncate(limit);
            prop_assert_eq!(a.merge(b).into_sorted(), sorted);
        }
    }
}
