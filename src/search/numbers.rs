//! The valid phones of neighbouring records, as numbers, so that digits are looked for in all of a block at once.
//!
//! A phone is its international digits from the left, four bits each, and ones after the last of them. In 64 bits there is
//! room for the fifteen digits of E.164; the few national plans that have longer numbers get 128.

use super::Tier;
use super::digits;
use super::grams::{Blocks, Grams, Pieces};
use super::reach::{Bits, Depth, ones};

/// The bits of a digit.
const DIGIT: usize = 4;

/// The most digits of a phone that is a number here, and of one that is a short number; one more place always has ones.
const MOST: usize = 31;
const MOST_SHORT: usize = 15;

/// How many phones are looked at in one go.
const AT_ONCE: usize = 8;

/// With more digits than that, a phone is more than what is dialled before it.
const MOST_DIALED: usize = 5;

/// Where at most one record in so many is looked at, each is looked at alone.
const FEW: usize = 4;

/// How many digits of a phone may come before the core of a notation that begins it: a country code, and two digits that could
/// have been a prefix (`06` begins national numbers of Gabon too).
const BEFORE: usize = 5;

/// A phone as a number; `None` if it has too many digits, or anything else.
pub(super) fn packed(digits: &[u8]) -> Option<u128> {
    let fits = digits.len() <= MOST && digits.iter().all(u8::is_ascii_digit);
    let with = |number: u128, (at, digit): (usize, &u8)| number ^ u128::from(0xf ^ (digit & 0xf)) << shift(at);
    fits.then(|| digits.iter().enumerate().fold(u128::MAX, with))
}

/// The digits of a number.
pub(super) fn unpacked(number: u128) -> impl Iterator<Item = u8> {
    (0..MOST).map(move |at| digit(number, at)).take_while(|digit| *digit < 10).map(|digit| b'0' + digit)
}

/// The digit at a place; ten or more after the last one.
fn digit(number: u128, at: usize) -> u8 {
    (number >> shift(at) & 0xf) as u8
}

/// The digits among which the country code is.
fn first_digits(number: u128) -> [u8; 3] {
    std::array::from_fn(|at| b'0' | digit(number, at))
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
        let short = &self.short[self.end(at)..self.end(at + 1)];
        let long = self.long.iter().filter(move |(other, _)| usize::from(*other) == at);
        short.iter().map(|number| widened(*number)).chain(long.map(|(_, number)| *number))
    }

    /// Where the short phones of the first `count` records end.
    fn end(&self, count: usize) -> usize {
        count.checked_sub(1).and_then(|last| self.ends.get(last)).map_or(0, |end| usize::from(*end))
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
        let mut left = among;
        let mut take = |at: usize, number, places: [u64; 2]| {
            if left & 1 << at != 0
                && let Some(tier) = sought.tier(number, places, depth)
            {
                found(at, tier);
                let is_enough = tier <= depth.best;
                left &= !(Bits::from(is_enough) << at);
            }
        };
        let mut look = |from: usize, to: usize, mut at: usize| {
            for start in (from..to).step_by(AT_ONCE) {
                let numbers = &self.short[start..(start + AT_ONCE).min(to)];
                let core = sought.core.places(numbers);
                let all = sought.prefixed.as_ref().map_or(core, |all| all.places(numbers));
                for (n, number) in numbers.iter().enumerate().filter(|(n, _)| core[*n] != 0) {
                    at += self.ends[at..].iter().take_while(|end| usize::from(**end) <= start + n).count();
                    take(at, widened(*number), [core[n], all[n]]);
                }
            }
        };
        if among.count_ones() as usize > self.ends.len() / FEW {
            look(0, self.short.len(), 0);
        } else if !self.ends.is_empty() {
            ones(among).for_each(|at| look(self.end(at), self.end(at + 1), at));
        }
        self.long.iter().for_each(|(at, number)| take(usize::from(*at), *number, [ANY_PLACE; 2]));
    }
}

fn widened(number: u64) -> u128 {
    u128::from(number) << u64::BITS | u128::from(u64::MAX)
}

fn shortened(number: u128) -> Option<u64> {
    let short = (number >> u64::BITS) as u64;
    (widened(short) == number && short & 0xf == 0xf).then_some(short)
}

/// One bit for each digit of a short number, those of the first ones, and that of one digit.
const ANY_PLACE: u64 = u64::MAX / 0xf;
const FIRST_PLACES: u64 = ANY_PLACE << (DIGIT * (MOST_SHORT - BEFORE));
fn place(at: usize) -> u64 {
    1 << (DIGIT * (MOST_SHORT - at))
}

/// Digits that are looked for in phones.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    /// All of them.
    all: Start,
    /// What every phone contains that has them in any notation ([`digits::core`]).
    core: Pattern,
    /// All of them, if that is more.
    prefixed: Option<Pattern>,
    /// Whether they begin what is dialled abroad for any number, so that every phone begins with them.
    dials_out: bool,
    /// The pieces of the core.
    pieces: Pieces,
    /// For each of its notations those with which a phone begins.
    first: Vec<Pieces>,
    /// What follows each prefix of a notation, if they begin with the prefix, or are a part of it.
    after: [(&'static [u8], Option<Start>); 6],
}

impl Sought {
    /// These digits; `None` for more than a phone has.
    pub fn new(digits: &[u8]) -> Option<Sought> {
        let core = digits::core(digits);
        let prefixes: [&'static [u8]; 6] = [b"", b"00", b"0", b"8", b"06", b"1"];
        let after = prefixes.map(|prefix| {
            let rest = digits.strip_prefix(prefix).or_else(|| prefix.starts_with(digits).then_some(b""));
            (prefix, rest)
        });
        let rests = after.iter().filter_map(|(_, rest)| *rest);
        let first = rests.map(Pieces::number_first).collect();
        let after = after.map(|(prefix, rest)| (prefix, rest.and_then(Start::new)));
        Some(Sought {
            all: Start::new(digits)?,
            core: Pattern::new(core),
            prefixed: (core != digits).then(|| Pattern::new(digits)),
            dials_out: b"00".starts_with(digits),
            pieces: Pieces::in_number(core),
            first,
            after,
        })
    }

    /// The pieces of what every phone has that has them in any notation.
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// The blocks in which a phone may begin with them in one of its notations.
    pub fn first_in(&self, grams: &Grams) -> Blocks {
        self.first.iter().fold(0, |blocks, pieces| blocks | grams.having(pieces))
    }

    /// How well a number matches that may have the core at some places, and all digits at some.
    fn tier(&self, number: u128, [core, all]: [u64; 2], depth: Depth) -> Option<Tier> {
        if self.dials_out && digit(number, MOST_DIALED) < 10 {
            return Some(Tier::Word);
        }
        let anywhere = || (all != 0 && (all != ANY_PLACE || self.all.is_in(number))).then_some(Tier::Anywhere);
        // With nothing before the core, it begins the number, or what follows its country code.
        let national = || place(digits::national_start(&first_digits(number)));
        let first = if self.prefixed.is_none() { place(0) | national() } else { FIRST_PLACES };
        let begins = || if core & first == 0 { None } else { self.beginning(number) };
        if depth.best == Tier::Anywhere {
            anywhere().or_else(begins)
        } else if depth.worst == Tier::Anywhere {
            begins().or_else(anywhere)
        } else {
            begins()
        }
    }

    /// How well a number matches that begins with them in one of its notations.
    fn beginning(&self, number: u128) -> Option<Tier> {
        let first = first_digits(number);
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

/// Digits that are looked for anywhere in short numbers: each of them sixteen times.
#[derive(Debug, Clone)]
struct Pattern(Box<[u64]>);

impl Pattern {
    fn new(digits: &[u8]) -> Pattern {
        Pattern(digits.iter().map(|digit| u64::from(digit & 0xf) * ANY_PLACE).collect())
    }

    /// Where in some short numbers they begin, as bits of the digits.
    fn places(&self, some: &[u64]) -> [u64; AT_ONCE] {
        if self.0.len() > MOST_SHORT {
            return [0; AT_ONCE];
        }
        let mut numbers = [u64::MAX; AT_ONCE];
        numbers[..some.len()].copy_from_slice(some);
        // What is shifted in from the right comes after ones, which are no digit.
        let mut differs = [0; AT_ONCE];
        for (at, digit) in self.0.iter().enumerate() {
            for n in 0..AT_ONCE {
                differs[n] |= (numbers[n] << (DIGIT * at)) ^ digit;
            }
        }
        for bits in &mut differs {
            let pairs = *bits | *bits >> 2;
            *bits = !(pairs | pairs >> 1) & ANY_PLACE;
        }
        differs
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
        let trunk = str::from_utf8(digits::trunk_prefix(&number.as_bytes()[..code])).unwrap();
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
        // A phone has digits after its country code, which are at most three.
        #[test]
        fn digits_are_found_as_in_texts(
            records in prop::collection::vec(prop::collection::vec("(1|36|375|4930|7|00)?[013]{4,16}", 0..4), 1..16),
            query in "(00|0|06|8|1)?(1|36|375|4930|7)?[013]{0,17}", among in any::<u16>(),
        ) {
            prop_assume!(!query.is_empty());
            let numbers = numbers(&records);
            let among = Bits::from(among);
            let expected = |at: usize| records.get(at).filter(|_| among & 1 << at != 0);
            let expected = (0..16).map(|at| expected(at).and_then(|phones| phones.iter().filter_map(|p| slowly(&query, p)).min()));
            let expected: Vec<Option<Tier>> = expected.collect();
            prop_assert_eq!(&found(&numbers, &query, among, Depth::TIERS), &expected);
            let matches: Vec<bool> = found(&numbers, &query, among, Depth::MATCHES).iter().map(Option::is_some).collect();
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

    /// A national number that begins with what could be a prefix of two digits, after a country code of three.
    #[test]
    fn what_looks_like_a_prefix_may_begin_a_national_number() {
        let numbers = numbers(&[vec!["24106123456".to_owned()]]);
        let tier = |query| found(&numbers, query, 1, Depth::TIERS)[0];
        assert_eq!(
            [tier("06123456"), tier("0612"), tier("006123")],
            [Some(Tier::Exact), Some(Tier::Word), Some(Tier::Word)]
        );
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
        assert_eq!(found(&numbers, query, 1, Depth::TIERS)[0] == Some(Tier::Exact), whole);
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
