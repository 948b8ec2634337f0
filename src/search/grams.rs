//! Which short pieces of text a block has at all, in two kilobytes: most blocks need not be looked at for a word that few
//! records have.

use super::block::{Block, Part};
use super::text::parts;

/// The bits of a set. The first ones are each for one piece alone: a byte of ASCII, or a pair of the most frequent ones. All other
/// pieces share the rest; a full block has a few thousand of them.
const BITS: usize = 1 << 14;
const BYTES: usize = 128;
const PAIRED: usize = 32;
const ALONE: usize = BYTES + PAIRED * PAIRED;

/// The numbers that hold them.
const SIZE: usize = BITS / u64::BITS as usize;

/// The pieces of a block. May seem to have some that it does not have.
#[derive(Debug)]
pub(super) struct Grams(Box<[u64]>);

impl Grams {
    /// The pieces of all texts of a block.
    pub fn of(block: &Block) -> Grams {
        let mut set = vec![0_u64; SIZE];
        for part in [Part::Head, Part::Rest] {
            for (_, text) in parts(block.rows(part).whole()) {
                each(text, |bit| set[bit as usize >> 6] |= 1 << (bit & 63));
            }
        }
        Grams(set.into())
    }

    /// Whether a text of the block may contain what these are the pieces of.
    pub fn may_have(&self, pieces: &Pieces) -> bool {
        pieces.0.iter().all(|bit| self.0[*bit as usize >> 6] & 1 << (bit & 63) != 0)
    }

    /// The set as bits, ...
    pub fn bits(&self) -> &[u64] {
        &self.0
    }

    /// ... and the other way round; `None` if it cannot be one.
    pub fn from_bits(bits: Box<[u64]>) -> Option<Grams> {
        (bits.len() == SIZE).then_some(Grams(bits))
    }

    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}

/// The pieces of what is looked for.
#[derive(Debug, Clone)]
pub(super) struct Pieces(Box<[u32]>);

impl Pieces {
    /// Those of a text; none of one that is too short.
    pub fn of(text: &[u8]) -> Pieces {
        let mut bits = Vec::new();
        each(text, |bit| bits.push(bit));
        Pieces(bits.into())
    }
}

/// Shows the bit of every piece of a text: of one, two and three bytes, and of five where these end with digits, as every block
/// has any three of them. A piece depends on nothing around it, so that a text has all pieces of what it contains.
fn each(text: &[u8], mut found: impl FnMut(u32)) {
    for end in 1..=text.len() {
        // Pieces go back from their ends, so that every letter that is typed brings one.
        let piece = |len: usize| Some(&text[end.checked_sub(len)?..end]);
        let has_digit = |piece: &[u8]| piece.iter().any(u8::is_ascii_digit);
        piece(1).filter(|one| one[0].is_ascii()).map(bit).into_iter().for_each(&mut found);
        piece(2).filter(|two| !has_digit(two)).map(bit).into_iter().for_each(&mut found);
        let three = piece(3);
        let piece = if three.is_some_and(has_digit) { piece(5) } else { three };
        piece.map(bit).into_iter().for_each(&mut found);
    }
}

fn bit(piece: &[u8]) -> u32 {
    let alone = match piece {
        [byte] => Some(usize::from(*byte)),
        [a, b] => paired(*a).zip(paired(*b)).map(|(a, b)| BYTES + PAIRED * a + b),
        _ => None,
    };
    let shared = || {
        let number = piece.iter().fold(piece.len() as u64, |all, byte| all << 8 | u64::from(*byte));
        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> u32::BITS;
        ALONE + (hash as usize * (BITS - ALONE) >> u32::BITS)
    };
    alone.unwrap_or_else(shared) as u32
}

/// The number of a byte of which pairs have bits of their own.
fn paired(byte: u8) -> Option<usize> {
    match byte {
        b'a'..=b'z' => Some(usize::from(byte - b'a')),
        _ => b" .-@'_".iter().position(|other| *other == byte).map(|at| 26 + at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_has_the_pieces_of_all_that_it_contains(text in "[ab1-3é -]{0,30}", start in 0usize..30, len in 0usize..12) {
            let text = text.as_bytes();
            let start = start.min(text.len());
            let inside = &text[start..(start + len).min(text.len())];
            let all: Vec<u32> = Pieces::of(text).0.into();
            prop_assert!(Pieces::of(inside).0.iter().all(|bit| all.contains(bit)));
        }
    }
}
