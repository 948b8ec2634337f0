//! Numbers that look random and depend on nothing but the seed (SplitMix64).

/// A sequence of numbers.
pub struct Random(u64);

impl Random {
    /// The sequence of a seed, a purpose and a number: another one for each.
    pub fn new(seed: u64, purpose: u64, number: u64) -> Random {
        Random(scramble(scramble(seed ^ purpose << 48) ^ number))
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        // The high half of the product is uniform enough for names and streets.
        ((u128::from(scramble(self.0)) * u128::from(limit)) >> 64) as u64
    }

    /// Whether an event of that probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        (self.below(1 << 32) as f64) < probability * (1_u64 << 32) as f64
    }

    /// One of several.
    pub fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// A bijection of 64-bit numbers: different numbers stay different.
pub fn scramble(number: u64) -> u64 {
    let z = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
