//! Where a match lies in an original text: byte ranges to highlight, found under folding.

use std::ops::Range;

use super::digits;
use super::query::Query;
use super::text::{Tag, Tags, folded, tag_of};
use super::word::Word;
use crate::model::fields::{Entity, FieldId};

/// The parts of a text that a query's words match, in order and without overlap; filters are left out.
pub fn marks(text: &str, query: &Query) -> Vec<Range<usize>> {
    mark(text, query, |within| within == Tags::ALL)
}

/// [`marks`] in the value of a field, where filters for that field count too.
pub fn marks_in(entity: Entity, field: FieldId, text: &str, query: &Query) -> Vec<Range<usize>> {
    let Some(tag) = tag_of(entity, field) else { return Vec::new() };
    let phone = tag == Tag::Phone;
    let query = query.on(entity);
    mark(text, &query, |within| within.has(tag as u8) || (phone && within.has(Tag::BadPhone as u8)))
}

fn mark(text: &str, query: &Query, counts: impl Fn(Tags) -> bool) -> Vec<Range<usize>> {
    let traced = Traced::of(text);
    // A single letter is in nearly every word: marking it all over says nothing.
    let words = query.words.iter().filter(|word| counts(word.within) && word.text().len() > 1);
    let number = query.number.iter().map(|(word, _)| word);
    let mut ranges = Vec::new();
    for word in words.chain(number) {
        ranges.extend(traced.occurrences(word));
    }
    merged(ranges)
}

/// A folded text that knows where each of its bytes comes from.
struct Traced<'a> {
    original: &'a str,
    folded: Vec<u8>,
    /// For each byte of `folded`, where the character that it comes from begins in `original`.
    origins: Vec<usize>,
}

impl<'a> Traced<'a> {
    fn of(original: &'a str) -> Traced<'a> {
        let mut traced = Traced { original, folded: Vec::with_capacity(original.len()), origins: Vec::new() };
        let mut buffer = [0; 4];
        for (at, c) in original.char_indices() {
            if c.is_whitespace() || c.is_control() {
                if traced.folded.last() != Some(&b' ') {
                    traced.folded.push(b' ');
                }
            } else {
                traced.folded.extend(folded(c.encode_utf8(&mut buffer)));
            }
            traced.origins.resize(traced.folded.len(), at);
        }
        traced
    }

    fn occurrences(&self, word: &Word) -> Vec<Range<usize>> {
        let plain = memchr::memmem::find_iter(&self.folded, word.text());
        let mut found: Vec<Range<usize>> = plain.map(|at| self.original_range(at..at + word.text().len())).collect();
        if let Some(digits) = word.digits() {
            found.extend(self.digits(digits));
        }
        found
    }

    /// Digits of a phone, with punctuation between them or without, in every notation of the number.
    fn digits(&self, query: &[u8]) -> Option<Range<usize>> {
        let without_extension = self.folded.split(|b| *b == b'x').next()?;
        let digits = digits::of_phone_text(without_extension)?;
        let places: Vec<usize> = (0..without_extension.len()).filter(|at| self.folded[*at].is_ascii_digit()).collect();
        let anywhere = || memchr::memmem::find(&digits, query).map(|at| at..at + query.len());
        let leading = || {
            let (prefix, at) = digits::leading(query, &digits).filter(|_| self.folded.first() == Some(&b'+'))?;
            Some(at..at + query.len() - prefix)
        };
        let found = leading().or_else(anywhere).filter(|found| !found.is_empty())?;
        Some(self.original_range(places[found.start]..places[found.end - 1] + 1))
    }

    /// Whole characters, with the combining marks after them.
    fn original_range(&self, folded: Range<usize>) -> Range<usize> {
        let last = self.origins[folded.end - 1];
        let end = self.origins[folded.end..].iter().find(|origin| **origin != last);
        self.origins[folded.start]..end.copied().unwrap_or(self.original.len())
    }
}

/// Ranges in order; those that touch or overlap become one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

    fn marked(text: &str, typed: &str) -> String {
        let mut out = String::new();
        let mut from = 0;
        for range in marks(text, &Query::parse(typed, TODAY).unwrap()) {
            out += &format!("{}[{}]", &text[from..range.start], &text[range.clone()]);
            from = range.end;
        }
        out + &text[from..]
    }

    #[rstest]
    #[case("Jürgen Groß", "jurg gross", "[Jürg]en [Groß]")]
    #[case("Ju\u{308}rgen", "ju", "[Ju\u{308}]rgen")]
    #[case("Straße", "stras", "[Straß]e")]
    #[case("Office  Mart", "\"office mart\"", "[Office  Mart]")]
    #[case("ＯＦＦＩＣＥ", "off", "[ＯＦＦ]ＩＣＥ")]
    #[case("Anna Hannah", "ann", "[Ann]a H[ann]ah")]
    #[case("Smith", "smi ith", "[Smith]")]
    #[case("+49 30 901820", "030901", "+49 [30 901]820")]
    #[case("+4930901820 x12", "030 901", "+49[30901]820 x12")]
    #[case("+1 317-555-0101", "(317) 555", "+1 [317-555]-0101")]
    #[case("317 555 01", "5550", "317 [555 0]1")]
    #[case("Kathryn", "-kat org:kat", "Kathryn")]
    #[case("東京商会", "京商", "東[京商]会")]
    fn matches_are_marked_in_the_original(#[case] text: &str, #[case] typed: &str, #[case] expected: &str) {
        assert_eq!(marked(text, typed), expected);
    }

    #[test]
    fn filters_are_marked_in_their_field() {
        let query = Query::parse("city:ber", TODAY).unwrap();
        assert_eq!(marks_in(Entity::Contact, FieldId(27), "Berlin", &query), vec![Range { start: 0, end: 3 }]);
        assert_eq!(marks_in(Entity::Contact, FieldId(4), "Berger", &query), Vec::<Range<usize>>::new());
    }

    proptest! {
        #[test]
        fn marks_are_whole_characters_in_order(text in "[aßü\u{308}\u{fb01}Ａ東 \n1+-]{0,12}", typed in "[asufi東1 ]{1,4}") {
            let mut from = 0;
            for range in marks(&text, &Query::parse(&typed, TODAY).unwrap()) {
                prop_assert!(range.start >= from && range.start < range.end, "in order and not empty");
                prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
                from = range.end;
            }
        }
    }
}
