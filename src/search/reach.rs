//! Which records of a block match, and how well: all of a block at once, as bits.

use std::ops::Range;

use memchr::memmem::Finder;

use super::Tier;
use super::block::Rows;

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

/// What is to be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Which records match; their tiers are not told apart.
    Matches,
    /// Which records reach [`Tier::Prefix`] by their heads.
    Heads,
    /// The tier of each record.
    Tiers,
}

impl Depth {
    /// The tier with which a record need not be looked at any more, given the best one that can still come.
    pub fn enough(self, best: Tier) -> Tier {
        if self == Depth::Matches { Tier::Anywhere } else { best }
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

/// Shows where a needle occurs in some neighbouring texts: the text, the place in it, and in which of them that is.
/// What `found` answers says whether the other occurrences in that one are to be left out.
///
/// A needle has no tag and every text begins with one, so that no occurrence lies across two of them.
pub(super) fn occurrences(
    rows: Rows<'_>,
    range: &Range<usize>,
    needle: &Finder<'_>,
    mut found: impl FnMut(&[u8], usize, usize) -> bool,
) {
    let text = &rows.text[..rows.end(range.end)];
    let (mut from, mut at) = (rows.end(range.start), range.start);
    while let Some(offset) = needle.find(&text[from..]) {
        let place = from + offset;
        // Where hits are rare, the text that has one is far from the one before.
        if rows.ends.get(at + FAR).is_some_and(|end| *end as usize <= place) {
            at += rows.ends[at..range.end].partition_point(|end| *end as usize <= place);
        }
        while rows.ends[at] as usize <= place {
            at += 1;
        }
        from = if found(text, place, at) { rows.ends[at] as usize } else { place + 1 };
    }
}

/// As many texts are passed over one by one.
const FAR: usize = 16;
