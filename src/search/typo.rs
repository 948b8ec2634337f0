//! One typo forgiven: a letter too many, missing, wrong, or swapped with its neighbour.

use memchr::memmem::Finder;

use super::block::Entry;
use super::text::{Tags, parts};
use super::word::{Word, begins_word};

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
    within: Tags,
    /// A text with a token one slip away contains at least one of them.
    needles: [Finder<'static>; 3],
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
        let needles = [&letters[..middle], &letters[middle..], &swapped]
            .map(|part| Finder::new(&part.iter().collect::<String>()).into_owned());
        Some(Slip { word: text.to_owned(), within: word.within, needles })
    }

    /// What a record's text must contain, at least one of them, to match.
    pub fn needles(&self) -> Vec<&[u8]> {
        self.needles.iter().map(Finder::needle).collect()
    }

    /// Whether a word in a record's text is one slip away.
    pub fn matches(&self, entry: &Entry<'_>) -> bool {
        self.is_in(entry.head) || self.is_in(entry.rest)
    }

    fn is_in(&self, text: &[u8]) -> bool {
        parts(text).filter(|(tag, _)| self.within.has(*tag)).any(|(_, part)| {
            let Ok(part) = std::str::from_utf8(part) else { return false };
            let starts = (0..part.len()).filter(|at| part.is_char_boundary(*at) && begins_word(part.as_bytes(), *at));
            starts.into_iter().any(|at| one_slip(&self.word, &part[at..]))
        })
    }
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
        assert_eq!(slip.is_in(text), matches);
        let needed = slip.needles().iter().any(|n| memchr::memmem::find(text, n).is_some());
        assert!(needed || !matches, "a match contains a needle");
    }

    #[rstest]
    #[case("abc")]
    #[case("c1001")]
    #[case("office mart")]
    fn short_words_phrases_and_ids_are_not_forgiven(#[case] typed: &str) {
        assert!(Slip::of(&Word::new(typed, Tags::ALL).unwrap()).is_none());
    }
}
