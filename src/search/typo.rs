//! One typo forgiven: a letter too many, missing, wrong, or swapped with its neighbour.

use std::ops::Range;

use memchr::memmem::Finder;

use super::block::Rows;
use super::needle::{begins_word, occurrences, tag_before};
use super::text::{Tags, is_tag, until_tag};
use super::word::Word;

/// Words shorter than this are not forgiven: too much would match.
const SHORTEST: usize = 4;

/// Whether one slip turns `word` into `other` or into a beginning of it. Equal beginnings need none, so they do not count.
pub(super) fn one_slip(word: &str, other: &str) -> bool {
    let same = word.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let same = (0..=same).rev().find(|at| word.is_char_boundary(*at) && other.is_char_boundary(*at)).unwrap_or(0);
    let (word, other) = (&word[same..], &other[same..]);
    let Some(typed) = word.chars().next() else { return false };
    let word_rest = &word[typed.len_utf8()..];
    // A letter too many.
    if other.starts_with(word_rest) {
        return true;
    }
    let Some(meant) = other.chars().next() else { return false };
    let other_rest = &other[meant.len_utf8()..];
    // A letter missing, a wrong letter, or two letters swapped.
    other_rest.starts_with(word)
        || other_rest.starts_with(word_rest)
        || (word_rest.starts_with(meant)
            && other_rest.starts_with(typed)
            && other_rest[typed.len_utf8()..].starts_with(&word_rest[meant.len_utf8()..]))
}

/// A word that may be mistyped.
#[derive(Debug, Clone)]
pub(super) struct Slip {
    word: String,
    /// The parts in which it counts.
    pub within: Tags,
    /// How many letters the first half has.
    middle: usize,
    /// What a token one slip away contains, at least one of them: the first half or the word with a swap across the middle, where
    /// it begins; the second half after as many letters as the first half has, one more or one less.
    begins: [Finder<'static>; 2],
    goes_on: Finder<'static>,
}

impl Slip {
    /// The word as one to forgive; `None` for short words, phrases, and words with digits, where a slip means another thing.
    pub fn of(word: &Word) -> Option<Slip> {
        let text = std::str::from_utf8(word.text()).ok()?;
        let letters: Vec<char> = text.chars().collect();
        if letters.len() < SHORTEST || !letters.iter().all(|c| c.is_alphabetic()) {
            return None;
        }
        // A slip in one half leaves the other half whole; a swap across the middle leaves neither.
        let middle = letters.len() / 2;
        let mut swapped = letters.clone();
        swapped.swap(middle - 1, middle);
        let finder = |part: &[char]| Finder::new(&part.iter().collect::<String>()).into_owned();
        let begins = [finder(&letters[..middle]), finder(&swapped)];
        Some(Slip { word: text.to_owned(), within: word.within, middle, begins, goes_on: finder(&letters[middle..]) })
    }

    /// Shows which of some neighbouring texts have a word one slip away; one text may come more than once.
    pub fn each(&self, rows: Rows<'_>, range: &Range<usize>, found: &mut dyn FnMut(usize)) {
        for needle in &self.begins {
            occurrences(rows, range, needle, |text, place, at| {
                let is_there = self.is_at(text, place);
                is_there.then(|| found(at));
                is_there
            });
        }
        occurrences(rows, range, &self.goes_on, |text, place, at| {
            let is_there = (self.middle - 1..=self.middle + 1)
                .any(|letters| before(text, place, letters).is_some_and(|start| self.is_at(text, start)));
            is_there.then(|| found(at));
            is_there
        });
    }

    /// Whether a word that begins there is one slip away.
    fn is_at(&self, text: &[u8], start: usize) -> bool {
        begins_word(text, start)
            && (self.within == Tags::ALL || tag_before(text, start).is_some_and(|tag| self.within.has(text[tag])))
            && std::str::from_utf8(until_tag(&text[start..])).is_ok_and(|rest| one_slip(&self.word, rest))
    }
}

/// The place so many letters before another one in the same part.
fn before(text: &[u8], place: usize, letters: usize) -> Option<usize> {
    let mut at = place;
    for _ in 0..letters {
        at = text[..at].iter().rposition(|byte| (*byte as i8) >= -0x40)?;
        if is_tag(text[at]) {
            return None;
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("smiht", "smith", true)]
    #[case("smiht", "smithers", true)]
    #[case("smth", "smith", true)]
    #[case("smiith", "smith", true)]
    #[case("smyth", "smith", true)]
    #[case("xmith", "smith", true)]
    #[case("smithx", "smith", true)]
    #[case("smithxx", "smith", false)]
    #[case("mtihs", "smith", false)]
    #[case("smith", "smith", false)]
    #[case("иавнов", "иванов", true)]
    #[case("иваноф", "иванов", true)]
    #[case("иваyоф", "иванов", false)]
    fn one_slip_is_forgiven(#[case] word: &str, #[case] other: &str, #[case] forgiven: bool) {
        assert_eq!(one_slip(word, other), forgiven);
    }

    #[rstest]
    #[case("smiht", b"\x01c-1\x04kathryn smith", true)]
    #[case("kathrnsmith", b"\x01c-1\x04kathryn smith", false)]
    #[case("ivnaov", b"\x01c-1\x04anna ivanova", true)]
    fn a_text_matches_by_one_of_its_words(#[case] word: &str, #[case] text: &[u8], #[case] matches: bool) {
        let slip = Slip::of(&Word::new(word, Tags::ALL).unwrap()).unwrap();
        let mut found = Vec::new();
        slip.each(Rows { text, ends: &[text.len() as u32], start: 0 }, &(0..1), &mut |at| found.push(at));
        assert_eq!(found.contains(&0), matches);
    }

    #[rstest]
    #[case("abc")]
    #[case("c1001")]
    #[case("office mart")]
    fn short_words_phrases_and_ids_are_not_forgiven(#[case] typed: &str) {
        assert!(Slip::of(&Word::new(typed, Tags::ALL).unwrap()).is_none());
    }
}
