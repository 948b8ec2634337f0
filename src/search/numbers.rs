//! The valid phones of neighbouring records, as numbers, so that digits are looked for in all of a block at once.
//!
//! A phone is its international digits from the left, four bits each, and ones after the last of them. In 64 bits there is
//! room for the fifteen digits of E.164; the few national plans that have longer numbers get 128.

use super::Tier;
use super::digits;
use super::grams::{Blocks, Grams, Pieces};
use super::reach::{Bits, Depth};

/// The bits of a digit.
const DIGIT: usize = 4;

/// The most digits of a phone that is a number here, and of one that is a short number; one more place always has ones.
const MOST: usize = 31;
const MOST_SHORT: usize = 15;

/// How many phones are looked at in one go.
const AT_ONCE: usize = 8;

/// How many digits of a phone may come before the core of a notation that begins it: a country code, and one digit that could
/// have been a prefix.
const BEFORE: usize = 4;

/// A phone as a number; `None` if it has too many digits, or anything else.
pub(super) fn packed(digits: &[u8]) -> Option<u128> {
    let fits = digits.len() <= MOST && digits.iter().all(u8::is_ascii_digit);
    let with = |number: u128, (at, digit): (usize, &u8)| number ^ u128::from(0xf ^ (digit & 0xf)) << shift(at);
    fits.then(|| digits.iter().enumerate().fold(u128::MAX, with))
}

/// The digits of a number.
pub(super) fn unpacked(number: u128) -> impl Iterator<Item = u8> {
    let digit = move |at| (number >> shift(at) & 0xf) as u8;
    (0..MOST).map(digit).take_while(|digit| *digit < 10).map(|digit| b'0' + digit)
}

/// How far to the left the digit at a place is.
fn shift(at: usize) -> usize {
    DIGIT * (MOST - at)
}

/// The valid phones of the records of a block.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// The left halves of numbers whose right halves are ones.
    pub short: Box<[u64]>,
    /// For each record, where its phones end in `short`; nothing if none has any.
    pub ends: Box<[u16]>,
    /// All others, with the number of the record.
    pub long: Box<[(u16, u128)]>,
}

impl Numbers {
    /// Those of each record. A record has no more than one for each of the fields that are phones.
    pub fn of<'n>(records: impl Iterator<Item = &'n [u128]>) -> Numbers {
        let (mut short, mut ends, mut long) = (Vec::new(), Vec::new(), Vec::new());
        for (at, numbers) in records.enumerate() {
            for number in numbers {
                match shortened(*number) {
                    Some(number) => short.push(number),
                    None => long.push((at as u16, *number)),
                }
            }
            ends.push(short.len() as u16);
        }
        if short.is_empty() {
            ends.clear();
        }
        Numbers { short: short.into(), ends: ends.into(), long: long.into() }
    }

    /// The phones of a record.
    pub fn get(&self, at: usize) -> impl Iterator<Item = u128> {
        let end = |count: usize| count.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or_default();
        let short = &self.short[usize::from(end(at))..usize::from(end(at + 1))];
        let long = self.long.iter().filter(move |(other, _)| usize::from(*other) == at);
        short.iter().map(|number| widened(*number)).chain(long.map(|(_, number)| *number))
    }

    /// The phones of all records.
    pub fn all(&self) -> impl Iterator<Item = u128> {
        self.short.iter().map(|number| widened(*number)).chain(self.long.iter().map(|(_, number)| *number))
    }

    /// How many bytes of memory they take.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.short) + size_of_val(&*self.ends) + size_of_val(&*self.long)
    }

    /// Shows which of these records have a phone with the digits that are sought, and how well it matches; one record may come
    /// more than once.
    pub fn each(&self, sought: &Sought, among: Bits, depth: Depth, found: &mut dyn FnMut(usize, Tier)) {
        let (mut left, mut at) = (among, 0);
        let mut take = |at: usize, number, places| {
            if left & 1 << at != 0
                && let Some(tier) = sought.tier(number, places, depth)
            {
                found(at, tier);
                let is_enough = depth == Depth::Matches || tier == Tier::Exact;
                left &= !(Bits::from(is_enough) << at);
            }
        };
        for (chunk, numbers) in self.short.chunks(AT_ONCE).enumerate() {
            let places = sought.places(numbers);
            for (n, (number, places)) in numbers.iter().zip(places).enumerate().filter(|(_, (_, places))| *places != 0)
            {
                at += self.ends[at..].iter().take_while(|end| usize::from(**end) <= chunk * AT_ONCE + n).count();
                take(at, widened(*number), places);
            }
        }
        self.long.iter().for_each(|(at, number)| take(usize::from(*at), *number, ANY_PLACE));
    }
}

fn widened(number: u64) -> u128 {
    u128::from(number) << u64::BITS | u128::from(u64::MAX)
}

fn shortened(number: u128) -> Option<u64> {
    let short = (number >> u64::BITS) as u64;
    (widened(short) == number && short & 0xf == 0xf).then_some(short)
}

/// One bit for each digit of a short number, and those of the first ones.
const ANY_PLACE: u64 = u64::MAX / 0xf;
const FIRST_PLACES: u64 = ANY_PLACE << (DIGIT * (MOST_SHORT - BEFORE));

/// Digits that are looked for in phones.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    /// All of them.
    all: Start,
    /// What every phone contains that has them in any notation ([`digits::core`]): each digit sixteen times.
    core: Box<[u64]>,
    /// The pieces of the core.
    pieces: Pieces,
    /// Those with which a phone begins in one of its notations; `None` if too little is known of one.
    first: Option<Vec<Pieces>>,
    /// What follows each prefix of a notation, if they begin with the prefix, or are a part of it.
    after: [(&'static [u8], Option<Start>); 6],
}

impl Sought {
    /// These digits; `None` for more than a phone has.
    pub fn new(digits: &[u8]) -> Option<Sought> {
        let core = digits::core(digits).iter().map(|digit| u64::from(digit & 0xf) * ANY_PLACE).collect();
        let prefixes: [&'static [u8]; 6] = [b"", b"00", b"0", b"8", b"06", b"1"];
        let after = prefixes.map(|prefix| {
            let rest = digits.strip_prefix(prefix).or_else(|| prefix.starts_with(digits).then_some(b""));
            (prefix, rest)
        });
        let rests = after.iter().filter_map(|(_, rest)| *rest);
        let first = rests.map(Pieces::number_first).collect();
        let after = after.map(|(prefix, rest)| (prefix, rest.and_then(Start::new)));
        Some(Sought { all: Start::new(digits)?, core, pieces: Pieces::in_number(digits::core(digits)), first, after })
    }

    /// The pieces of what every phone has that has them in any notation.
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// The blocks in which a phone may begin with them in one of its notations.
    pub fn first_in(&self, grams: &Grams) -> Blocks {
        let some = |first: &Vec<Pieces>| first.iter().fold(0, |blocks, pieces| blocks | grams.having(pieces));
        self.first.as_ref().map_or(Blocks::MAX, some)
    }

    /// Whether the core is all of them.
    fn is_core(&self) -> bool {
        self.core.len() == self.all.len
    }

    /// Where in some short numbers the core begins, as bits of the digits.
    fn places(&self, some: &[u64]) -> [u64; AT_ONCE] {
        if self.core.len() > MOST_SHORT {
            return [0; AT_ONCE];
        }
        let mut numbers = [u64::MAX; AT_ONCE];
        numbers[..some.len()].copy_from_slice(some);
        // What is shifted in from the right comes after ones, which are no digit.
        let mut differs = [0; AT_ONCE];
        for (at, digit) in self.core.iter().enumerate() {
            differs.iter_mut().zip(numbers).for_each(|(differs, number)| *differs |= (number << (DIGIT * at)) ^ digit);
        }
        differs.map(|bits| {
            let pairs = bits | bits >> 2;
            !(pairs | pairs >> 1) & ANY_PLACE
        })
    }

    /// How well a number matches that has the core at one of these places.
    fn tier(&self, number: u128, places: u64, depth: Depth) -> Option<Tier> {
        let anywhere = || (self.is_core() && places != ANY_PLACE || self.all.is_in(number)).then_some(Tier::Anywhere);
        let begins = || if places & FIRST_PLACES == 0 { None } else { self.beginning(number) };
        if depth == Depth::Matches { anywhere().or_else(begins) } else { begins().or_else(anywhere) }
    }

    /// How well a number matches that begins with them in one of its notations.
    fn beginning(&self, number: u128) -> Option<Tier> {
        let mut first = [0; 3];
        first.iter_mut().zip(unpacked(number)).for_each(|(byte, digit)| *byte = digit);
        let code = &first[..digits::national_start(&first)];
        let national = !(!number << (DIGIT * code.len()));
        let trunk = digits::trunk_prefix(code);
        let begun = |(prefix, start): &(&[u8], Option<Start>)| {
            let start = start.as_ref()?;
            let abroad = (prefix.is_empty() || *prefix == b"00").then(|| start.tier(number)).flatten();
            let inland = (prefix.is_empty() || *prefix == trunk).then(|| start.tier(national)).flatten();
            abroad.into_iter().chain(inland).min()
        };
        self.after.iter().filter_map(begun).min()
    }
}

/// Digits with which a number may begin.
#[derive(Debug, Clone, Copy)]
struct Start {
    digits: u128,
    len: usize,
}

impl Start {
    fn new(digits: &[u8]) -> Option<Start> {
        Some(Start { digits: packed(digits)?, len: digits.len() })
    }

    fn begins(self, number: u128) -> bool {
        // The place after the last digit is there.
        (number ^ self.digits) >> shift(self.len) >> DIGIT == 0
    }

    fn is_in(self, number: u128) -> bool {
        (0..MOST).take_while(|at| number >> shift(*at) & 0xf != 0xf).any(|at| self.begins(number << (DIGIT * at)))
    }

    /// As the whole number, from the first digit to the last, or as a part of it.
    fn tier(self, number: u128) -> Option<Tier> {
        if self.len > 0 && number == self.digits {
            Some(Tier::Exact)
        } else {
            self.begins(number).then_some(Tier::Word)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::FIELDS;
    use proptest::prelude::*;
    use rstest::rstest;

    /// How well `query` matches the valid number with these digits, worked out with texts.
    fn slowly(query: &str, number: &str) -> Option<Tier> {
        let code = digits::national_start(number.as_bytes());
        let trunk = str::from_utf8(digits::trunk_prefix(number[..code].as_bytes())).unwrap();
        let national = &number[code..];
        let forms = [number.to_owned(), national.to_owned(), format!("00{number}"), format!("{trunk}{national}")];
        if forms.iter().any(|form| form == query) {
            Some(Tier::Exact)
        } else if forms.iter().any(|form| form.starts_with(query)) {
            Some(Tier::Word)
        } else {
            number.contains(query).then_some(Tier::Anywhere)
        }
    }

    fn numbers(records: &[Vec<String>]) -> Numbers {
        let packed: Vec<Vec<u128>> =
            records.iter().map(|phones| phones.iter().filter_map(|phone| packed(phone.as_bytes())).collect()).collect();
        Numbers::of(packed.iter().map(Vec::as_slice))
    }

    fn found(numbers: &Numbers, query: &str, among: Bits, depth: Depth) -> Vec<Option<Tier>> {
        let mut tiers = vec![None; 16];
        if let Some(sought) = Sought::new(query.as_bytes()) {
            numbers.each(&sought, among, depth, &mut |at, tier| {
                tiers[at] = tiers[at].into_iter().chain([tier]).min();
            });
        }
        tiers
    }

    proptest! {
        #[test]
        fn digits_are_found_as_in_texts(
            records in prop::collection::vec(prop::collection::vec("(1|36|375|4930|7|00)?[013]{3,16}", 0..4), 1..16),
            query in "(00|0|06|8|1)?(1|36|375|4930|7)?[013]{0,17}", among in any::<u16>(),
        ) {
            prop_assume!(!query.is_empty());
            let numbers = numbers(&records);
            let among = Bits::from(among);
            let expected = |at: usize| records.get(at).filter(|_| among & 1 << at != 0);
            let expected = (0..16).map(|at| expected(at).and_then(|phones| phones.iter().filter_map(|p| slowly(&query, p)).min()));
            let expected: Vec<Option<Tier>> = expected.collect();
            prop_assert_eq!(&found(&numbers, &query, among, Depth::Tiers), &expected);
            let matches: Vec<bool> = found(&numbers, &query, among, Depth::Matches).iter().map(Option::is_some).collect();
            prop_assert_eq!(matches, expected.iter().map(Option::is_some).collect::<Vec<_>>());
        }

        #[test]
        fn a_number_has_the_digits_of_its_phone(records in prop::collection::vec(prop::collection::vec("[0-9]{1,31}", 0..4), 0..9)) {
            let numbers = numbers(&records);
            let text = |number| String::from_utf8(unpacked(number).collect()).unwrap();
            for (at, phones) in records.iter().enumerate() {
                let mut read: Vec<String> = numbers.get(at).map(text).collect();
                let mut phones = phones.clone();
                read.sort();
                phones.sort();
                prop_assert_eq!(read, phones);
            }
            prop_assert_eq!(numbers.all().count(), records.iter().flatten().count());
        }
    }

    #[rstest]
    #[case("4930901820", true)]
    #[case("030901820", true)]
    #[case("004930901820", true)]
    #[case("30901820", true)]
    #[case("03090182", false)]
    #[case("90182", false)]
    fn whole_numbers(#[case] query: &str, #[case] whole: bool) {
        let numbers = numbers(&[vec!["4930901820".to_owned()]]);
        assert_eq!(found(&numbers, query, 1, Depth::Tiers)[0] == Some(Tier::Exact), whole);
    }

    #[test]
    fn other_texts_are_no_numbers() {
        assert!(packed(b"+4930").is_none() && packed(&[b'1'; 32]).is_none() && Sought::new(&[b'1'; 32]).is_none());
    }

    #[test]
    fn the_phones_of_a_block_can_be_counted() {
        assert!(128 * FIELDS.len() < usize::from(u16::MAX));
    }
}
