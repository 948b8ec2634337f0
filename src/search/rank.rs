//! The order of hits, and the best of many without keeping all.

use super::block::{Entry, Place};
use super::{Sort, Tier};

/// A hit that may be among the best; the order is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate<'a> {
    pub tier: Tier,
    pub key: Key<'a>,
}

/// What decides between hits of the same tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    /// When sorted by organization: whether there is none, and its folded name.
    organization: (bool, &'a [u8]),
    /// The folded name.
    name: &'a [u8],
    /// For equal names in the order of the IDs.
    pub place: Place,
}

impl<'a> Key<'a> {
    /// The key of a record.
    pub fn of(sort: Sort, entry: &Entry<'a>, place: Place) -> Key<'a> {
        let organization = match sort {
            Sort::Organization => {
                entry.organization().filter(|name| !name.is_empty()).map_or((true, [].as_slice()), |name| (false, name))
            }
            Sort::Best | Sort::Name => (false, [].as_slice()),
        };
        Key { organization, name: entry.name(), place }
    }

    /// Eight bytes of the key, as a number: keys are in the order of their chunks, number 0 first, and then in that of their
    /// places.
    pub fn chunk(&self, number: usize) -> Chunk {
        // No folded text has these bytes: one is above all texts, the other ends a text before any longer one.
        let (without, organization) = self.organization;
        let (before, between): (&[u8], &[u8]) = if without { (&[0xff], &[]) } else { (&[], &[1]) };
        let parts = [before, organization, between, self.name];
        let mut skip = number * CHUNK;
        let mut chunk = [0; CHUNK];
        let mut len = 0;
        for part in parts {
            let skipped = skip.min(part.len());
            let part = &part[skipped..];
            skip -= skipped;
            let taken = part.len().min(CHUNK - len);
            chunk[len..len + taken].copy_from_slice(&part[..taken]);
            len += taken;
        }
        Chunk(u64::from_be_bytes(chunk))
    }
}

/// The length of a [`Chunk`] in bytes.
const CHUNK: usize = size_of::<u64>();

/// A part of a [`Key`], filled up with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Chunk(u64);

impl Chunk {
    /// Whether nothing of the key comes after it.
    pub fn is_last(self) -> bool {
        self.0 & 0xff == 0
    }
}

/// Keeps the best `limit` of the candidates that it is offered.
#[derive(Debug, Clone)]
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

    /// Whether a candidate of that tier may be among the best.
    pub fn takes(&self, tier: Tier) -> bool {
        self.limit > 0 && self.bar.is_none_or(|bar| tier <= bar.tier)
    }

    /// Nothing yet, for more of the candidates of which `self` has the best ones: what cannot be among them is not kept.
    pub fn more(&self) -> Best<'a> {
        Best { limit: self.limit, kept: Vec::new(), bar: self.bar }
    }

    /// Takes a candidate in; `false` if it cannot be among the best, and so nothing after it can.
    pub fn offer(&mut self, candidate: Candidate<'a>) -> bool {
        if self.limit == 0 || self.bar.is_some_and(|bar| candidate >= bar) {
            return false;
        }
        self.kept.push(candidate);
        if self.kept.len() >= self.limit.saturating_mul(2) {
            self.prune();
        }
        true
    }

    /// Drops all but the best; at most every `limit` offers, so that an offer costs constant time.
    fn prune(&mut self) {
        if self.limit > 0 && self.kept.len() >= self.limit {
            let (_, bar, _) = self.kept.select_nth_unstable(self.limit - 1);
            self.bar = Some(*bar);
            self.kept.truncate(self.limit);
        }
    }

    /// Whether as many are kept as wanted, and the best of them satisfy `all`.
    pub fn settled(&mut self, all: impl FnMut(&Candidate<'a>) -> bool) -> bool {
        self.prune();
        self.kept.len() == self.limit && self.kept.iter().all(all)
    }

    /// The best of both.
    pub fn merge(mut self, other: Best<'a>) -> Best<'a> {
        other.kept.into_iter().for_each(|candidate| _ = self.offer(candidate));
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

    fn key(organization: Option<&'static str>, name: &'static str, place: usize) -> Key<'static> {
        let organization = organization.map_or((true, "".as_bytes()), |name| (false, name.as_bytes()));
        Key { organization, name: name.as_bytes(), place: Place::new(0, place) }
    }

    proptest! {
        #[test]
        fn keys_are_in_the_order_of_their_chunks(texts in prop::collection::vec(("[ab]{0,40}", prop::option::of("[ab]{14,18}")), 2)) {
            let [a, b] = [0, 1].map(|n: usize| {
                let (name, organization) = texts[n].clone();
                key(organization.map(|o| &*o.leak()), name.leak(), 0)
            });
            let chunks = |key: Key<'_>| (0..12).map(|n| key.chunk(n)).collect::<Vec<_>>();
            prop_assert_eq!(a.cmp(&b), chunks(a).cmp(&chunks(b)));
            let last = (0..12).find(|n| a.chunk(*n).is_last()).unwrap();
            prop_assert!((last + 1..12).all(|n| a.chunk(n) == Chunk(0)), "nothing comes after the last");
        }

        #[test]
        fn the_best_are_the_first_of_all_in_order(names in prop::collection::vec("[a-c]{0,2}", 0..60), limit in 0usize..20, cut in 0usize..60) {
            let tiers = [Tier::Exact, Tier::Prefix, Tier::Word, Tier::Anywhere];
            let all: Vec<Candidate<'_>> = (names.into_iter().enumerate())
                .map(|(n, name)| Candidate { tier: tiers[n * 7 % 4], key: key(None, name.leak(), n) })
                .collect();
            let (a, b) = all.split_at(cut.min(all.len()));
            let [a, b] = [a, b].map(|part| {
                let mut best = Best::new(limit);
                part.iter().for_each(|c| _ = best.offer(*c));
                best
            });
            let mut sorted = all.clone();
            sorted.sort();
            sorted.truncate(limit);
            prop_assert_eq!(a.merge(b).into_sorted(), sorted);
        }
    }
}
