//! Text from files: its normal form, its folded forms for comparing, and its safe form for a screen.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The form in which a cell is stored and compared (R6): outer white space removed, Unicode NFC, line ends as LF.
///
/// Borrows when the text already has that form, which nearly every cell does.
pub fn normal(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.is_ascii() {
        return if trimmed.as_bytes().contains(&b'\r') {
            Cow::Owned(line_ends(trimmed))
        } else {
            Cow::Borrowed(trimmed)
        };
    }
    let composed: Cow<str> = match is_nfc_quick(trimmed.chars()) {
        unicode_normalization::IsNormalized::Yes => Cow::Borrowed(trimmed),
        _ => Cow::Owned(trimmed.nfc().collect()),
    };
    if composed.contains('\r') { Cow::Owned(line_ends(&composed)) } else { composed }
}

fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The form in which two texts are *cosmetically* equal (R7): NFKC, case folded, without spaces and punctuation.
pub fn cosmetic(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).flat_map(case_fold).filter(|c| c.is_alphanumeric()).collect()
}

/// The form in which text is searched and names are compared (R15): NFKD without marks, lower case, `ß` as `ss`,
/// and the few letters that have no decomposition but one plain Latin spelling.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .flat_map(plain_letter)
        .collect()
}

/// What case folding makes of a lower-case letter of NFKC: `ß` is `ss`, and a sigma is one at the end of a word too.
fn case_fold(c: char) -> impl Iterator<Item = char> {
    let (a, b) = match c {
        'ß' => ('s', Some('s')),
        'ς' => ('σ', None),
        _ => (c, None),
    };
    std::iter::once(a).chain(b)
}

fn plain_letter(c: char) -> impl Iterator<Item = char> {
    let (a, b) = match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'þ' => ('t', Some('h')),
        'ı' => ('i', None),
        'ς' => ('σ', None),
        _ => (c, None),
    };
    std::iter::once(a).chain(b)
}

/// Whether a character must never reach a terminal as it is, nor be part of an ID (R1): control and format
/// characters, bidi overrides, separators of lines and paragraphs, private use and unassigned tag characters.
pub fn is_foreign_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{8e2}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Foreign text made safe to show on one line of a terminal.
///
/// A line end becomes `⏎`, a tab `⇥`, any other control or format character `�`; with `ascii` all three are `?`.
/// More than four combining marks in a row are cut, so that a flood of marks cannot paint over other lines.
pub fn shown(text: &str, ascii: bool) -> Cow<'_, str> {
    let plain = |c: char| !is_foreign_control(c) && (!ascii || c.is_ascii());
    if text.chars().all(|c| plain(c) && c < '\u{300}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        if unicode_normalization::char::is_combining_mark(c) {
            marks += 1;
            if marks > 4 {
                continue;
            }
        } else {
            marks = 0;
        }
        out.push(match c {
            _ if plain(c) => c,
            _ if ascii => '?',
            '\n' => '⏎',
            '\t' => '⇥',
            _ => '\u{fffd}',
        });
    }
    Cow::Owned(out)
}

/// The text with its shape and without what it says (`--mask`): of each word the first letter, of each number nothing;
/// spaces and signs stay, and each letter or digit takes one column. The same text always looks the same.
pub fn masked(text: &str, ascii: bool) -> String {
    let dot = if ascii { '*' } else { '•' };
    let mut inside = false;
    let mut mask = |c: char| {
        let first = !std::mem::replace(&mut inside, c.is_alphanumeric()) && c.is_alphabetic();
        if first || !c.is_alphanumeric() { c } else { dot }
    };
    text.chars().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).map(&mut mask).collect()
}

/// Where personal data begins and ends in a message; see [`personal`].
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';

/// A value as part of a message, so that whoever shows the message can mask it: [`masked_message`], or [`told`].
pub fn personal(value: &str) -> String {
    format!("{BEGIN}{}{END}", value.replace([BEGIN, END], "\u{fffd}"))
}

/// A line of a record, such as `Title: Buyer`, with its value as [`personal`].
pub fn personal_line(line: &str) -> String {
    match line.split_once(": ") {
        Some((label, value)) => format!("{label}: {}", personal(value)),
        None => line.to_owned(),
    }
}

/// A message as it is.
pub fn told(message: &str) -> Cow<'_, str> {
    if message.contains(BEGIN) { Cow::Owned(message.replace([BEGIN, END], "")) } else { Cow::Borrowed(message) }
}

/// A message of which only the values are hidden: those that are [`personal`], and what stands in single quotes.
pub fn masked_message(message: &str, ascii: bool) -> String {
    let mut parts = message.split(BEGIN);
    let mut out = masked_quotes(parts.next().unwrap_or_default(), ascii);
    for part in parts {
        let (value, rest) = part.split_once(END).unwrap_or((part, ""));
        out.push_str(&masked(value, ascii));
        out.push_str(&masked_quotes(rest, ascii));
    }
    out
}

/// Hides what stands in single quotes, where messages put values. An apostrophe within a word is none; where it is not certain
/// which quotes belong together, all between the first and the last is hidden.
fn masked_quotes(text: &str, ascii: bool) -> String {
    let in_word = |at: usize| {
        let beside = [text[..at].chars().next_back(), text[at + 1..].chars().next()];
        beside.iter().all(|c| c.is_some_and(char::is_alphanumeric))
    };
    let quotes: Vec<usize> = text.match_indices('\'').map(|(at, _)| at).filter(|at| !in_word(*at)).collect();
    let hidden: Vec<(usize, usize)> = match quotes.as_slice() {
        [] => return text.to_owned(),
        pairs if pairs.len() % 2 == 0 => pairs.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
        [first, ..] => vec![(*first, text.len())],
    };
    let (mut out, mut done) = (String::new(), 0);
    for (from, to) in hidden {
        out.push_str(&text[done..=from]);
        out.push_str(&masked(&text[from + 1..to], ascii));
        done = to;
    }
    out + &text[done..]
}

/// Foreign text made safe, in lines of at most `width` columns, broken between words where that is possible. Line ends
/// stay line ends.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    text.lines().flat_map(|line| wrapped_line(&shown(line, false), width.max(1))).collect()
}

fn wrapped_line(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let long = word.trim_end().width() > width;
        let parts: Vec<&str> = if long { word.graphemes(true).collect() } else { vec![word] };
        for part in parts {
            if used > 0 && used + part.trim_end().width() > width {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(part);
            }
            used += part.width();
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// A number with commas between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `7 created, 2 updated`: numbers with what they count; what is 0 is left out.
pub fn counted(counts: &[(u64, &str)]) -> String {
    let some = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", grouped(*count)));
    some.collect::<Vec<_>>().join(", ")
}

/// The noun for that many: `row`, `rows`.
pub fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn numbers_say_what_they_count_and_nothing_is_not_said() {
        assert_eq!(counted(&[(1200, "created"), (0, "updated"), (1, "deleted")]), "1,200 created, 1 deleted");
        assert_eq!(
            (counted(&[(0, "created")]), plural(1, "row"), plural(0, "row")),
            (String::new(), "row".into(), "rows".into())
        );
    }

    #[rstest]
    #[case("  Office Mart ", "Office Mart")]
    #[case("Ju\u{308}rgen", "Jürgen")]
    #[case("a\r\nb\rc", "a\nb\nc")]
    #[case("\u{a0}x\u{a0}", "x")]
    fn r06_normal_form_trims_composes_and_uses_lf(#[case] typed: &str, #[case] expected: &str) {
        assert_eq!(normal(typed), expected);
    }

    #[rstest]
    #[case("Office Mart, Inc.", "OFFICE-MART INC", true)]
    #[case("Straße", "STRASSE", true)]
    #[case("Ｏｆｆｉｃｅ", "office", true)]
    #[case("Σίσυφος", "ΣΊΣΥΦΟΣ", true)]
    #[case("Müller", "Muller", false)]
    fn r07_cosmetic_equality(#[case] a: &str, #[case] b: &str, #[case] equal: bool) {
        assert_eq!(cosmetic(a) == cosmetic(b), equal);
    }

    #[rstest]
    #[case("Jürgen", "jurgen")]
    #[case("Straße", "strasse")]
    #[case("ŁÓDŹ", "lodz")]
    fn folding_ignores_case_and_marks(#[case] text: &str, #[case] folded: &str) {
        assert_eq!(fold(text), folded);
    }

    #[test]
    fn wrapped_lines_fit_and_keep_every_word() {
        assert_eq!(wrapped("the base is in use\n\nclose it", 8), ["the base", "is in", "use", "", "close it"]);
        assert_eq!(wrapped("contacts.csv", 5), ["conta", "cts.c", "sv"]);
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
    }

    #[rstest]
    #[case("Kathryn Smith", "K•••••• S••••")]
    #[case("+1 (317) 555-0101 x12", "+• (•••) •••-•••• x••")]
    #[case("zoe@officemart.example", "z••@o•••••••••.e••••••")]
    #[case("Zoe\u{308} 山田", "Z•• 山•")]
    #[case("4 Main St.", "• M••• S•.")]
    #[case("", "")]
    fn masked_text_keeps_its_shape(#[case] text: &str, #[case] shape: &str) {
        assert_eq!(masked(text, false), shape);
        assert_eq!(masked(text, true), shape.replace('•', "*"));
    }

    #[test]
    fn in_messages_only_values_are_masked() {
        let message = |text: &str| masked_message(text, false);
        assert_eq!(message("Work phone '317' is too short"), "Work phone '•••' is too short");
        assert_eq!(message("kept 'Ann' against 'Bea'"), "kept 'A••' against 'B••'");
        // A value with an apostrophe, one with a quote at the end of a word, a message that was cut.
        assert_eq!(message("Last name 'O'Brien' is too long"), "Last name 'O'B••••' is too long");
        assert_eq!(message("Name 'Chris' Shop' is too long"), "Name 'C••••' S•••' i• t•• l•••");
        assert_eq!(message("kept 'Ann' against 'Bea"), "kept 'A••' a•••••• 'B••");
        let named = format!("{}: saved", personal("Ann\u{3} Lee"));
        assert_eq!(message(&named), "A••\u{fffd} L••: saved");
        assert_eq!(told(&named), "Ann\u{fffd} Lee: saved");
        assert_eq!(message(&personal_line("Title: Buyer: old")), "Title: B••••: o••");
    }

    #[test]
    fn escape_sequences_and_bidi_overrides_become_marks() {
        assert_eq!(shown("a\x1b[31mb\u{202e}c\td\n", false), "a\u{fffd}[31mb\u{fffd}c⇥d⏎");
        assert_eq!(shown("ü\x07", true), "??");
        assert_eq!(shown(&format!("a{}", "\u{301}".repeat(50)), false).chars().count(), 5);
    }
}
