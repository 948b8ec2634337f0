//! One word or phrase of a query, and where and how well it matches the text of a record.

use memchr::memmem::Finder;

use super::Tier;
use super::digits;
use super::text::{Tag, Tags, folded, is_tag, parts};

/// A word or phrase to look for, in all parts or in those of a filter.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its folded text.
    text: Finder<'static>,
    /// Its digits, if it may be (part of) a phone.
    digits: Option<Finder<'static>>,
    /// The parts in which it counts.
    pub within: Tags,
    /// The internal ID that it spells out in full.
    internal: Option<[u8; 16]>,
}

impl PartialEq for Word {
    fn eq(&self, other: &Word) -> bool {
        self.text() == other.text() && self.within == other.within
    }
}

impl Word {
    /// The word of a typed text; `None` if nothing is left of it after folding.
    pub fn new(typed: &str, within: Tags) -> Option<Word> {
        let mut text = folded(typed);
        text.truncate(text.trim_ascii_end().len());
        if text.is_empty() {
            return None;
        }
        let looks_in_phones = within.has(Tag::Phone as u8) || within.has(Tag::BadPhone as u8);
        let digits = digits::of_phone_text(&text).filter(|_| looks_in_phones);
        let internal = uuid::Uuid::try_parse(typed.trim()).ok().filter(|_| within.has(Tag::Id as u8));
        Some(Word {
            digits: digits.map(|d| Finder::new(&d).into_owned()),
            text: Finder::new(&text).into_owned(),
            within,
            internal: internal.map(uuid::Uuid::into_bytes),
        })
    }

    /// Its folded text.
    pub fn text(&self) -> &[u8] {
        self.text.needle()
    }

    /// Its digits, if it may be (part of) a phone.
    pub fn digits(&self) -> Option<&[u8]> {
        self.digits.as_ref().map(Finder::needle)
    }

    /// Whether every text that this word matches is matched by `earlier` too.
    pub fn narrows(&self, earlier: &Word) -> bool {
        let text = memchr::memmem::find(self.text(), earlier.text()).is_some();
        let digits = match (self.digits(), earlier.digits()) {
            (None, None) => true,
            (Some(now), Some(before)) => now.starts_with(before) && self.text().starts_with(earlier.text()),
            _ => false,
        };
        text && digits && self.within == earlier.within && self.internal.is_none()
    }

    /// What a record's text must contain, at least one of them, to match; `None` if a record may match without any.
    pub fn needles(&self) -> Option<Vec<&[u8]>> {
        let Some(digits) = self.digits() else { return self.internal.is_none().then(|| vec![self.text()]) };
        let core = digits::core(digits);
        let usable = !core.is_empty() && self.internal.is_none();
        let punctuated = digits.len() < self.text().len();
        usable.then(|| if punctuated { vec![core, self.text()] } else { vec![core] })
    }

    /// How well it matches a record's text; `None` if it does not.
    pub fn tier(&self, text: &[u8], internal: &[u8; 16]) -> Option<Tier> {
        if self.internal.as_ref() == Some(internal) {
            return Some(Tier::Exact);
        }
        let plain = self.plain_tier(text);
        if plain == Some(Tier::Exact) || self.digits.is_none() {
            return plain;
        }
        best(plain, self.phone_tier(text))
    }

    /// Occurrences of the folded text.
    fn plain_tier(&self, text: &[u8]) -> Option<Tier> {
        let mut found = None;
        for at in self.text.find_iter(text) {
            let Some(tier) = tier_at(text, at, self.text().len(), self.within) else { continue };
            found = best(found, Some(tier));
            // Only an ID or a phone is exact, so a prefix is not yet the end of the search.
            if tier == Tier::Exact {
                break;
            }
        }
        found
    }

    /// Occurrences of the digits in phones, in every notation of a number. Not for a word without digits.
    fn phone_tier(&self, text: &[u8]) -> Option<Tier> {
        let finder = self.digits.as_ref()?;
        let query = finder.needle();
        let mut found = None;
        for (tag, part) in parts(text).filter(|(tag, _)| self.within.has(*tag)) {
            let tier = if tag == Tag::Phone as u8 {
                let number = part.split(|b| *b == b' ').next().unwrap_or(part);
                if digits::is_whole(query, number) {
                    Some(Tier::Exact)
                } else if number.starts_with(query)
                    || number[digits::national_start(number)..].starts_with(query)
                    || digits::leading(query, number).is_some()
                {
                    Some(Tier::Word)
                } else {
                    finder.find(number).map(|_| Tier::Anywhere)
                }
            } else if tag == Tag::BadPhone as u8 {
                finder.find(part).map(|at| bad_phone_tier(part, at, query.len()))
            } else {
                None
            };
            found = best(found, tier);
        }
        found
    }
}

/// The better of two tiers.
fn best(a: Option<Tier>, b: Option<Tier>) -> Option<Tier> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => a.or(b),
    }
}

fn bad_phone_tier(part: &[u8], at: usize, len: usize) -> Tier {
    let begins = at == 0 || part[at - 1] == b' ';
    match (begins, at + len == part.len()) {
        (true, true) => Tier::Exact,
        (true, false) => Tier::Word,
        _ => Tier::Anywhere,
    }
}

/// The tier of an occurrence in a record's text; `None` outside the parts that count.
fn tier_at(text: &[u8], at: usize, len: usize, within: Tags) -> Option<Tier> {
    let begins_word = begins_word(text, at);
    if within == Tags::ALL && !begins_word {
        return Some(Tier::Anywhere);
    }
    // A text begins with a tag and needles have none, so there is one before every occurrence.
    let tag_at = text[..at].iter().rposition(|b| is_tag(*b)).unwrap_or(0);
    let tag = text[tag_at];
    if !within.has(tag) {
        return None;
    }
    let whole_part = tag_at + 1 == at && text.get(at + len).is_none_or(|b| is_tag(*b));
    Some(match tag {
        _ if !begins_word => Tier::Anywhere,
        t if whole_part && (t == Tag::Id as u8 || t == Tag::Membership as u8) => Tier::Exact,
        t if t == Tag::Name as u8 => Tier::Prefix,
        t if t == Tag::Organization as u8 && tag_at + 1 == at => Tier::Prefix,
        _ => Tier::Word,
    })
}

/// Whether a word begins at that place of a record's text: after a tag, white space or ASCII punctuation.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| text[before].is_ascii() && !text[before].is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TEXT: &[u8] =
        b"\x01kathryn smith-jones\x02office mart\x03c-1001\x04a-10\x054930901820 x12\x06317 555 317555\x07ks@mart.example";

    #[rstest]
    #[case("SMITH", Some(Tier::Prefix))]
    #[case("jones", Some(Tier::Prefix))]
    #[case("Kathryn Smith", Some(Tier::Prefix))]
    #[case("office", Some(Tier::Prefix))]
    #[case("mart", Some(Tier::Word))]
    #[case("thryn", Some(Tier::Anywhere))]
    #[case("c-1001", Some(Tier::Exact))]
    #[case("C-100", Some(Tier::Word))]
    #[case("a-10", Some(Tier::Exact))]
    #[case("030901", Some(Tier::Word))]
    #[case("4930901", Some(Tier::Word))]
    #[case("+49-30901", Some(Tier::Word))]
    #[case("30901", Some(Tier::Word))]
    #[case("0901", Some(Tier::Anywhere))]
    #[case("(030) 901-820", Some(Tier::Exact))]
    #[case("004930901820", Some(Tier::Exact))]
    #[case("317555", Some(Tier::Exact))]
    #[case("317-5", Some(Tier::Word))]
    #[case("x12", Some(Tier::Word))]
    #[case("zzz", None)]
    #[case("0309012", None)]
    fn words_have_tiers(#[case] typed: &str, #[case] tier: Option<Tier>) {
        assert_eq!(Word::new(typed, Tags::ALL).unwrap().tier(TEXT, &[1; 16]), tier);
    }

    #[rstest]
    #[case("mart", &[Tag::Email], Some(Tier::Word))]
    #[case("smith", &[Tag::Organization], None)]
    #[case("4930901", &[Tag::Id], None)]
    #[case("317555", &[Tag::Phone], None)]
    fn filters_look_in_their_parts(#[case] typed: &str, #[case] within: &[Tag], #[case] tier: Option<Tier>) {
        assert_eq!(Word::new(typed, Tags::of(within)).unwrap().tier(TEXT, &[1; 16]), tier);
    }

    #[test]
    fn r02_an_internal_id_in_full_is_exact() {
        let id = uuid::Uuid::from_u128(7);
        let word = Word::new(&id.to_string().to_uppercase(), Tags::ALL).unwrap();
        assert_eq!(word.tier(TEXT, id.as_bytes()), Some(Tier::Exact));
        assert_eq!(word.tier(TEXT, &[9; 16]), None);
    }

    #[rstest]
    #[case("smith", "smi", true)]
    #[case("smith", "mit", true)]
    #[case("smi", "smith", false)]
    #[case("0309", "030", true)]
    #[case("1030", "030", false)]
    #[case("(0", "(", false)]
    fn a_longer_word_narrows(#[case] now: &str, #[case] before: &str, #[case] narrows: bool) {
        let word = |typed| Word::new(typed, Tags::ALL).unwrap();
        assert_eq!(word(now).narrows(&word(before)), narrows);
    }
}
