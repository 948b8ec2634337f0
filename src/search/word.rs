//! One word or phrase of a query, and where and how well it matches the text of a record.

use memchr::memmem::Finder;

use uuid::Uuid;

use super::Tier;
use super::block::Entry;
use super::digits;
use super::text::{Tag, Tags, folded, is_tag, phones};

/// A word or phrase to look for, in all parts or in those of a filter.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its folded text.
    text: Finder<'static>,
    /// Its digits, if it may be (part of) a phone.
    digits: Option<Finder<'static>>,
    /// The parts in which it counts.
    pub within: Tags,
    /// The internal ID that it spells out in full (R2).
    pub internal: Option<Uuid>,
    /// The ID of the record that has this internal ID, with its folded form.
    named: Option<(String, Vec<u8>)>,
}

impl PartialEq for Word {
    fn eq(&self, other: &Word) -> bool {
        self.text() == other.text() && self.within == other.within
    }
}

impl Eq for Word {}

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
        let internal = Uuid::try_parse(typed.trim()).ok().filter(|_| within.has(Tag::Id as u8));
        Some(Word {
            digits: digits.map(|d| Finder::new(&d).into_owned()),
            text: Finder::new(&text).into_owned(),
            within,
            internal,
            named: None,
        })
    }

    /// Says which record has the internal ID that it spells out.
    pub fn name(&mut self, id: String) {
        self.named = Some((id.clone(), folded(&id)));
    }

    /// Whether it spells out the internal ID of a record.
    pub fn is_named(&self) -> bool {
        self.named.is_some()
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
        text && digits && self.within == earlier.within && self.named.is_none()
    }

    /// What a record's text must contain, at least one of them, to match; `None` if a record may match without any.
    pub fn needles(&self) -> Option<Vec<&[u8]>> {
        if let Some((_, folded)) = &self.named {
            return Some(vec![folded, self.text()]);
        }
        let Some(digits) = self.digits() else { return Some(vec![self.text()]) };
        let core = digits::core(digits);
        let punctuated = digits.len() < self.text().len();
        (!core.is_empty()).then(|| if punctuated { vec![core, self.text()] } else { vec![core] })
    }

    /// Whether every text that contains it matches.
    pub fn is_plain(&self) -> bool {
        self.within == Tags::ALL && self.digits.is_none() && self.named.is_none()
    }

    /// Whether it matches a record.
    pub fn matches(&self, entry: &Entry<'_>) -> bool {
        self.tier(entry, None).is_some()
    }

    /// How well it matches a record; `None` if it does not. Tiers worse than `apart` need not be told apart: any of them
    /// may be returned for any other; `None` if no two tiers need be.
    pub fn tier(&self, entry: &Entry<'_>, apart: Option<Tier>) -> Option<Tier> {
        let is_named = self.named.as_ref().is_some_and(|(id, _)| entry.id() == id.as_str());
        if is_named || (apart.is_some() && self.is_id(entry.head)) {
            return Some(Tier::Exact);
        }
        let plain = self.plain_tier(entry, apart);
        match self.digits() {
            None => plain,
            Some(_) if plain.is_some() && apart.is_none() => plain,
            // A phone can only be more than that by being the whole number.
            Some(digits) if digits.len() < digits::SHORTEST && is_settled(plain, Tier::Word, apart) => plain,
            Some(_) => best(plain, self.phone_tier(entry.rest)),
        }
    }

    /// Whether it is the whole ID of the record or of its organization: the parts that come first.
    fn is_id(&self, head: &[u8]) -> bool {
        let is_whole =
            |rest: &[u8]| rest.starts_with(self.text()) && rest.get(self.text().len()).is_none_or(|b| is_tag(*b));
        let membership = || memchr::memchr(Tag::Membership as u8, head);
        (self.within.has(Tag::Id as u8) && is_whole(&head[1..]))
            || (self.within.has(Tag::Membership as u8) && membership().is_some_and(|at| is_whole(&head[at + 1..])))
    }

    /// Occurrences of the folded text; an ID in full is not told from the beginning of one.
    fn plain_tier(&self, entry: &Entry<'_>, apart: Option<Tier>) -> Option<Tier> {
        let mut found = None;
        for (text, best_to_come) in [(entry.head, Tier::Prefix), (entry.rest, Tier::Word)] {
            if is_settled(found, best_to_come, apart) {
                break;
            }
            for at in self.text.find_iter(text) {
                found = best(found, tier_at(text, at, self.within));
                if is_settled(found, best_to_come, apart) {
                    return found;
                }
            }
        }
        found
    }

    /// Occurrences of the digits in phones, in every notation of a number.
    fn phone_tier(&self, rest: &[u8]) -> Option<Tier> {
        let finder = self.digits.as_ref()?;
        let of_phone = |(tag, part): (u8, &[u8])| match tag {
            _ if !self.within.has(tag) => None,
            t if t == Tag::Phone as u8 => number_tier(finder, part),
            _ => finder.find_iter(part).map(|at| if begins_word(part, at) { Tier::Word } else { Tier::Anywhere }).min(),
        };
        phones(rest).filter_map(of_phone).min()
    }
}

/// The tier of digits in a valid phone.
fn number_tier(query: &Finder<'_>, part: &[u8]) -> Option<Tier> {
    let (found, query) = (query.find(part), query.needle());
    if found.is_none() && !matches!(query[0], b'0' | b'8') {
        return None;
    }
    let number = part.split(|b| *b == b' ').next().unwrap_or(part);
    if digits::is_whole(query, number) {
        return Some(Tier::Exact);
    }
    let begins = found == Some(0)
        || number[digits::national_start(number)..].starts_with(query)
        || digits::leading(query, number).is_some();
    if begins { Some(Tier::Word) } else { found.map(|_| Tier::Anywhere) }
}

/// Whether a tier is found, and a better one either cannot come or need not be told apart.
fn is_settled(found: Option<Tier>, best_to_come: Tier, apart: Option<Tier>) -> bool {
    found.is_some_and(|tier| tier <= best_to_come || apart < Some(best_to_come))
}

/// The better of two tiers.
fn best(a: Option<Tier>, b: Option<Tier>) -> Option<Tier> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        _ => a.or(b),
    }
}

/// The tier of an occurrence in a record's text; `None` outside the parts that count.
fn tier_at(text: &[u8], at: usize, within: Tags) -> Option<Tier> {
    let begins_word = begins_word(text, at);
    if within == Tags::ALL && !begins_word {
        return Some(Tier::Anywhere);
    }
    // A text begins with a tag and needles have none, so there is one before every occurrence.
    let tag_at = text[..at].iter().rposition(|b| is_tag(*b)).unwrap_or(0);
    let tag = text[tag_at];
    let tier = match tag {
        _ if !begins_word => Tier::Anywhere,
        t if t == Tag::Name as u8 => Tier::Prefix,
        t if t == Tag::Organization as u8 && tag_at + 1 == at => Tier::Prefix,
        _ => Tier::Word,
    };
    within.has(tag).then_some(tier)
}

/// Whether a word begins at that place of a record's text: after a tag, white space or ASCII punctuation.
pub(super) fn begins_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| text[before].is_ascii() && !text[before].is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::block::Block;
    use super::*;
    use rstest::rstest;

    const HEAD: &[u8] = b"\x01c-1001\x02a-10\x03office mart\x04kathryn smith-jones";
    const REST: &[u8] = b"\x054930901820 x12\x06317 555 317555\x07ks@mart.example";

    fn tier(word: &Word, apart: Option<Tier>) -> Option<Tier> {
        word.tier(&Block::of_texts("C-1001", HEAD, REST).entry(0), apart)
    }

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
    #[case("317555", Some(Tier::Word))]
    #[case("317-5", Some(Tier::Word))]
    #[case("x12", Some(Tier::Word))]
    #[case("zzz", None)]
    #[case("0309012", None)]
    fn words_have_tiers(#[case] typed: &str, #[case] expected: Option<Tier>) {
        let word = Word::new(typed, Tags::ALL).unwrap();
        assert_eq!(tier(&word, Some(Tier::Anywhere)), expected);
        assert_eq!(tier(&word, None).is_some(), expected.is_some());
        for apart in [Tier::Exact, Tier::Prefix, Tier::Word] {
            let found = tier(&word, Some(apart));
            assert!(found == expected || found.min(expected) > Some(apart), "{apart:?}: {found:?}");
        }
    }

    #[rstest]
    #[case("mart", &[Tag::Email], Some(Tier::Word))]
    #[case("smith", &[Tag::Organization], None)]
    #[case("4930901", &[Tag::Id], None)]
    #[case("317555", &[Tag::Phone], None)]
    fn filters_look_in_their_parts(#[case] typed: &str, #[case] within: &[Tag], #[case] expected: Option<Tier>) {
        let word = Word::new(typed, Tags::of(within)).unwrap();
        assert_eq!(tier(&word, Some(Tier::Anywhere)), expected);
    }

    #[test]
    fn r02_an_internal_id_in_full_is_exact() {
        let id = Uuid::from_u128(7);
        let mut word = Word::new(&id.to_string().to_uppercase(), Tags::ALL).unwrap();
        assert_eq!((word.internal, tier(&word, None)), (Some(id), None));
        word.name("c-1001".to_owned());
        assert_eq!(tier(&word, None), None, "another record, but for case");
        word.name("C-1001".to_owned());
        assert_eq!(tier(&word, None), Some(Tier::Exact));
        assert!(word.needles().unwrap().iter().any(|needle| memchr::memmem::find(HEAD, needle).is_some()));
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
