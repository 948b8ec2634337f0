//! Which records of a block match, and how well: all of a block at once, as bits.

use std::ops::Range;

use super::Tier;

/// Records of a block, as bits.
pub(super) type Bits = u128;

/// The bits of some neighbouring records.
pub(super) fn bits(range: &Range<usize>) -> Bits {
    let below = |end: usize| (1 as Bits).checked_shl(end as u32).map_or(Bits::MAX, |bit| bit - 1);
    below(range.end) & !below(range.start)
}

/// The records of these bits, in order.
pub(super) fn ones(mut bits: Bits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = bits.trailing_zeros() as usize;
        bits &= bits.checked_sub(1)?;
        Some(at)
    })
}

/// The records of these bits as runs of neighbours, in order.
pub(super) fn runs(mut bits: Bits) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let start = bits.trailing_zeros();
        let len = bits.checked_shr(start)?.trailing_ones();
        let run = start as usize..(start + len) as usize;
        bits &= !self::bits(&run);
        Some(run)
    })
}

/// What is to be found out: which records reach the tier `worst`, and their tiers as far as these are not better than `best`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Depth {
    pub best: Tier,
    pub worst: Tier,
}

impl Depth {
    /// Which records match; their tiers are not told apart.
    pub const MATCHES: Depth = Depth { best: Tier::Anywhere, worst: Tier::Anywhere };
    /// Which records reach [`Tier::Prefix`], and the tier of these, but for phones: the heads tell it.
    pub const HEADS: Depth = Depth { best: Tier::Exact, worst: Tier::Prefix };
    /// The tier of each record.
    pub const TIERS: Depth = Depth { best: Tier::Exact, worst: Tier::Anywhere };

    /// The tier with which a record need not be looked at any more, given the best one that can still come.
    pub fn enough(self, best: Tier) -> Tier {
        best.max(self.best)
    }
}

/// For each tier, the records of a block that have it or a better one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reach([Bits; Tier::ALL.len()]);

impl Reach {
    /// All of these records, with the best tier.
    pub fn all(bits: Bits) -> Reach {
        Reach([bits; Tier::ALL.len()])
    }

    /// All of these records, with the worst tier.
    pub fn anywhere(bits: Bits) -> Reach {
        let mut reach = Reach::default();
        reach.add(Tier::Anywhere, bits);
        reach
    }

    /// Notes that these records have that tier, or a better one.
    pub fn add(&mut self, tier: Tier, bits: Bits) {
        self.0[tier as usize..].iter_mut().for_each(|reached| *reached |= bits);
    }

    /// The records of that tier and of better ones.
    pub fn at(self, tier: Tier) -> Bits {
        self.0[tier as usize]
    }

    /// All records that match.
    pub fn any(self) -> Bits {
        self.at(Tier::Anywhere)
    }

    /// The tier of a record; `None` if it does not match.
    pub fn tier(self, at: usize) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| self.at(*tier) & 1 << at != 0)
    }

    /// The worse tier of both, for each record.
    pub fn and(self, other: Reach) -> Reach {
        Reach(std::array::from_fn(|tier| self.0[tier] & other.0[tier]))
    }

    /// The better tier of both, for each record.
    pub fn or(self, other: Reach) -> Reach {
        Reach(std::array::from_fn(|tier| self.0[tier] | other.0[tier]))
    }

    /// Only these records.
    pub fn only(self, bits: Bits) -> Reach {
        self.and(Reach::all(bits))
    }
}
