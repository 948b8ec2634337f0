//! Which short pieces of text the blocks of a segment have, in two kilobytes for each: most blocks need not be looked at for a word
//! that few records have.
//!
//! For each piece there is a row of bits, one for each block, so that a segment is asked about all of its blocks at once.

use super::block::{BLOCKS, Block, Part};
use super::digits;
use super::needle::begins_word;
use super::numbers;
use super::text::parts;

/// Blocks of a segment, as bits.
pub(super) type Blocks = u64;
const _: () = assert!(BLOCKS <= Blocks::BITS as usize);

/// The number of rows. The first ones are each for one piece alone: a byte of ASCII, or a pair of the most frequent ones. All
/// other pieces share the rest; a full block has some thousands of them.
const ROWS: usize = if cfg!(test) { 1 << 11 } else { 1 << 14 };
const BYTES: usize = 128;
const PAIRED: usize = 32;
const ALONE: usize = BYTES + PAIRED * PAIRED;

/// What stands for the place before a word, and for that before the digits of a number. Digits with which a word or a number begins
/// are in two rows, as they are few, and few other pieces of what begins so are there to tell.
const BEGINNING: u8 = 0;
const NUMBER: u8 = 1;
const DIGITS_FIRST: [u8; 2] = [BEGINNING, 2];
const NUMBER_FIRST: [u8; 2] = [3, 4];

/// How many digits of a number are a piece, and how many with which it begins.
const DIGITS: usize = 5;
const FIRST: [usize; 2] = [3, 4];

/// The pieces of some blocks. May seem to have some that it does not have.
#[derive(Debug)]
pub(super) struct Grams {
    rows: Box<[u32]>,
    /// How many numbers a row is.
    width: usize,
}

impl Grams {
    /// The pieces of the blocks of a segment.
    pub fn of(blocks: &[Block]) -> Grams {
        let width = width(blocks.len());
        let mut rows = vec![0; ROWS * width];
        for (at, block) in blocks.iter().enumerate() {
            let (column, bit) = (at / u32::BITS as usize, 1 << (at % u32::BITS as usize));
            each_of(block, |row| rows[row as usize * width + column] |= bit);
        }
        Grams { rows: rows.into(), width }
    }

    /// The blocks that may have all of these.
    pub fn having(&self, pieces: &Pieces) -> Blocks {
        pieces.0.iter().fold(Blocks::MAX, |blocks, row| blocks & self.row(*row))
    }

    /// The blocks of which a record may have one of these codes.
    pub fn coded(&self, codes: &[Code]) -> Blocks {
        codes.iter().fold(0, |blocks, code| blocks | self.row(code.row()))
    }

    fn row(&self, row: u32) -> Blocks {
        let row = &self.rows[row as usize * self.width..][..self.width];
        row.iter().rev().fold(0, |blocks, bits| blocks << u32::BITS | Blocks::from(*bits))
    }

    /// The rows as numbers, ...
    pub fn numbers(&self) -> &[u32] {
        &self.rows
    }

    /// ... and the other way round, for so many blocks; `None` if that cannot be.
    pub fn from_numbers(rows: Box<[u32]>, blocks: usize) -> Option<Grams> {
        let width = width(blocks);
        (rows.len() == ROWS * width).then_some(Grams { rows, width })
    }

    /// How many bytes of memory they take.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.rows)
    }
}

fn width(blocks: usize) -> usize {
    blocks.div_ceil(u32::BITS as usize).max(1)
}

/// Shows the row of every piece of a block.
fn each_of(block: &Block, mut found: impl FnMut(u32)) {
    for part in [Part::Head, Part::Rest] {
        for (_, text) in parts(block.rows(part).whole()) {
            each(text, &mut found);
            let words = (0..text.len()).filter(|at| begins_word(text, *at));
            words.for_each(|at| each_first(&text[at..], &mut found));
        }
    }
    for number in block.numbers.all() {
        let digits: Vec<u8> = numbers::unpacked(number).collect();
        each_in_number(&digits, &mut found);
        for digits in [&*digits, &digits[digits::national_start(&digits)..]] {
            each_number_first(digits, &mut found);
        }
    }
    let accounts = block.accounts.iter().filter(|code| **code > 0);
    accounts.for_each(|code| found(Code::account(*code).row()));
    for (column, codes) in block.coded() {
        codes.iter().filter(|code| **code > 0).for_each(|code| found(Code::value(column, *code).row()));
    }
}

/// A code that records have in place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(u64);

impl Code {
    /// That of an organization.
    pub fn account(code: u32) -> Code {
        Code(1 << 63 | u64::from(code))
    }

    /// That of a value in a column.
    pub fn value(column: usize, code: u16) -> Code {
        Code(1 << 62 | (column as u64) << 16 | u64::from(code))
    }

    fn row(self) -> u32 {
        shared(self.0)
    }
}

/// The pieces of what is looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Pieces(Vec<u32>);

impl Pieces {
    /// Those of a text that may be anywhere in another one.
    pub fn of(text: &[u8]) -> Pieces {
        let mut pieces = Pieces::default();
        each(text, |row| pieces.0.push(row));
        // Where a pair is, its bytes are.
        pieces.0.retain(|row| text.len() == 1 || *row >= BYTES as u32);
        pieces
    }

    /// Those of a text with which a word begins.
    pub fn beginning(text: &[u8]) -> Pieces {
        let mut pieces = Pieces::of(text);
        each_first(text, |row| pieces.0.push(row));
        pieces
    }

    /// Those of digits that may be anywhere in a number.
    pub fn in_number(digits: &[u8]) -> Pieces {
        let mut pieces = Pieces::default();
        each_in_number(digits, |row| pieces.0.push(row));
        pieces
    }

    /// Those of digits with which a number begins, in its country or from abroad.
    pub fn number_first(digits: &[u8]) -> Pieces {
        let mut pieces = Pieces::in_number(digits);
        each_number_first(digits, |row| pieces.0.push(row));
        pieces
    }
}

/// Shows the row of every piece of a text: of one, two and three bytes, and of five where these end with digits, as every block
/// has any three of them. A piece depends on nothing around it, so that a text has all pieces of what it contains.
fn each(text: &[u8], mut found: impl FnMut(u32)) {
    for end in 1..=text.len() {
        // Pieces go back from their ends, so that every letter that is typed brings one.
        let piece = |len: usize| Some(&text[end.checked_sub(len)?..end]);
        let has_digit = |piece: &[u8]| piece.iter().any(u8::is_ascii_digit);
        piece(1).filter(|one| one[0].is_ascii()).map(row).into_iter().for_each(&mut found);
        piece(2).filter(|two| !has_digit(two)).map(row).into_iter().for_each(&mut found);
        let three = piece(3);
        let piece = if three.is_some_and(has_digit) { piece(5) } else { three };
        piece.map(row).into_iter().for_each(&mut found);
    }
}

/// Shows the row of every piece with which a text begins: of one, two and three bytes, and of four where these have digits; but not
/// of two with digits, as every block has any of them.
fn each_first(text: &[u8], mut found: impl FnMut(u32)) {
    for len in 1..=text.len().min(4) {
        let has_digits = text[..len.min(3)].iter().any(u8::is_ascii_digit);
        let marks = match (len, has_digits) {
            (1 | 3, _) | (2, false) => &[BEGINNING],
            (4, true) => &DIGITS_FIRST[..],
            _ => &[],
        };
        for mark in marks {
            let mut piece = [*mark; 5];
            piece[1..=len].copy_from_slice(&text[..len]);
            found(row(&piece[..=len]));
        }
    }
}

/// Shows the row of every piece of a number.
fn each_in_number(digits: &[u8], mut found: impl FnMut(u32)) {
    for digits in digits.windows(DIGITS) {
        found(row(&[&[NUMBER], digits].concat()));
    }
}

/// Shows the rows of the pieces with which a number begins.
fn each_number_first(digits: &[u8], mut found: impl FnMut(u32)) {
    for first in FIRST.iter().filter_map(|len| digits.get(..*len)) {
        NUMBER_FIRST.iter().for_each(|begin| found(row(&[&[*begin], first].concat())));
    }
}

fn row(piece: &[u8]) -> u32 {
    let alone = match piece {
        [byte] => Some(usize::from(*byte)),
        [a, b] => paired(*a).zip(paired(*b)).map(|(a, b)| BYTES + PAIRED * a + b),
        _ => None,
    };
    let number = || piece.iter().fold(piece.len() as u64, |all, byte| all << 8 | u64::from(*byte));
    alone.map_or_else(|| shared(number()), |row| row as u32)
}

/// The row of a piece that has none alone.
fn shared(number: u64) -> u32 {
    let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> u32::BITS;
    (ALONE + ((hash as usize * (ROWS - ALONE)) >> u32::BITS)) as u32
}

/// The number of a byte of which pairs have rows of their own.
fn paired(byte: u8) -> Option<usize> {
    match byte {
        b'a'..=b'z' => Some(usize::from(byte - b'a')),
        _ => b"\0 .-@'".iter().position(|other| *other == byte).map(|at| 26 + at),
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
            let mut all = Vec::new();
            each(text, |row| all.push(row));
            prop_assert!(Pieces::of(inside).0.iter().all(|row| all.contains(row)));
        }

        #[test]
        fn a_text_has_the_pieces_of_all_with_which_it_begins(text in "[ab1-3é -]{0,30}", len in 0usize..12) {
            let text = text.as_bytes();
            let mut all = Vec::new();
            each(text, |row| all.push(row));
            each_first(text, |row| all.push(row));
            prop_assert!(Pieces::beginning(&text[..len.min(text.len())]).0.iter().all(|row| all.contains(row)));
        }
    }
}
