//! The text of a phone cell: what surrounds a number, and what cannot be one number whatever the country.

use std::borrow::Cow;

use super::PhoneProblem;
use crate::model::text::cosmetic;

/// Words that announce an extension, in the form of [`cosmetic`]: those that Google's library knows.
const EXTENSION_WORDS: [&str; 9] = ["x", "ext", "extn", "extension", "extensión", "xtn", "int", "anexo", "доб"];

/// A text with fewer digits is no phone number of its own beside another one.
const SHORTEST_NUMBER: usize = 6;

const PHONE_CONTEXT: &str = ";phone-context=";

/// A cell without outer space, a leading `'` (a spreadsheet's mark for text) and `tel:` (R19), and with the global
/// prefix of `tel:555-0101;phone-context=+1-317` in its place.
pub(super) fn bare(cell: &str) -> Cow<'_, str> {
    let text = cell.trim();
    let text = text.strip_prefix('\'').unwrap_or(text).trim_start();
    let text = match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text[4..].trim_start(),
        _ => text,
    };
    match text.split_once(PHONE_CONTEXT) {
        None => Cow::Borrowed(text),
        Some((number, context)) if context.starts_with('+') => Cow::Owned(format!("{context}{number}")),
        // A context that is a domain says who may dial the number, not where it is.
        Some((number, _)) => Cow::Borrowed(number),
    }
}

/// What follows a leading `00`, for reading it as `+`.
pub(super) fn after_double_zero(text: &str) -> Option<&str> {
    let mut digits = text.char_indices().filter(|(_, c)| c.is_numeric() || is_plus(*c));
    let (first, second) = (digits.next()?, digits.next()?);
    let is_zero = |c| matches!(c, '0' | '\u{ff10}');
    (is_zero(first.1) && is_zero(second.1)).then(|| &text[second.0 + second.1.len_utf8()..])
}

/// The digits of an extension cell, with or without a word that announces it.
pub(super) fn extension(cell: &str) -> Option<&str> {
    let text = cell.trim().trim_start_matches('\'');
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (label, digits) = text.split_at(start);
    let word = cosmetic(label);
    let known = word.is_empty() && label.chars().all(|c| matches!(c, '#' | ' ')) || is_extension_word(&word);
    (known && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// The shape of a text that may be one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits and punctuation only.
    Plain,
    /// Also a word that announces an extension.
    Labelled,
}

impl Shape {
    /// The shape of a bare text, or why it cannot be one number.
    pub(super) fn of(text: &str) -> Result<Shape, PhoneProblem> {
        // Nearly every cell is of this kind, so it is told first and fast.
        let common = |b: u8| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'(' | b')');
        if text.strip_prefix('+').unwrap_or(text).bytes().all(common) && text.len() >= 2 {
            return if text.bytes().any(|b| b.is_ascii_digit()) { Ok(Shape::Plain) } else { Err(PhoneProblem::Text) };
        }
        if !text.contains(char::is_numeric) {
            return Err(PhoneProblem::Text);
        }
        if is_damaged(text) {
            return Err(PhoneProblem::Damaged);
        }
        if numbers_in(text) > 1 || slash_joins_numbers(text) {
            return Err(PhoneProblem::Several);
        }
        let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        match (words.next(), words.next()) {
            (None, _) => Ok(Shape::Plain),
            (Some(word), None) if announces_extension(text, word) => Ok(Shape::Labelled),
            _ => Err(PhoneProblem::Letters),
        }
    }
}

/// Whether the only word of a text stands between digits and is one that announces an extension.
fn announces_extension(text: &str, word: &str) -> bool {
    let (before, after) = text.split_once(word).unwrap_or_default();
    digits_in(before) > 0 && digits_in(after) > 0 && is_extension_word(&cosmetic(word))
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '\u{ff0b}')
}

fn is_extension_word(word: &str) -> bool {
    EXTENSION_WORDS.contains(&word)
}

fn digits_in(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

/// Whether a spreadsheet has made a number of the text: `4.47912E+11`, `4,47912e11`, `447912345678.0`.
fn is_damaged(text: &str) -> bool {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let decimal = |part: &str| match part.split_once(['.', ',']) {
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => all_digits(part),
    };
    let text = text.trim_start_matches(['+', '-']);
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        return decimal(mantissa) && all_digits(exponent.trim_start_matches(['+', '-']));
    }
    text.split_once('.').is_some_and(|(whole, fraction)| {
        whole.len() > SHORTEST_NUMBER
            && all_digits(whole)
            && !fraction.is_empty()
            && fraction.bytes().all(|b| b == b'0')
    })
}

/// How many numbers stand beside each other, separated by a word, a plus, or punctuation that no number has inside.
/// What follows a word for extensions does not count.
fn numbers_in(text: &str) -> usize {
    let (mut numbers, mut digits) = (0, 0);
    let mut close = |digits: &mut usize| numbers += usize::from(std::mem::take(digits) >= SHORTEST_NUMBER);
    let mut word = None;
    let mut in_extension = false;
    for (at, c) in text.char_indices() {
        if c.is_alphabetic() {
            word.get_or_insert(at);
            continue;
        }
        if let Some(start) = word.take() {
            close(&mut digits);
            in_extension = is_extension_word(&cosmetic(&text[start..at]));
        }
        if is_plus(c) || matches!(c, ';' | ',' | '|' | '&' | '\\' | '\n' | '\r') {
            close(&mut digits);
            in_extension = false;
        }
        digits += usize::from(c.is_numeric() && !in_extension);
    }
    close(&mut digits);
    numbers
}

/// Whether a `/` stands between numbers. Inside a number it follows the area code (`030/123456`, `+49 33203/123456`), so
/// what precedes it is short; `089 1234567/8` is two lines, and the last digit no part of the first.
fn slash_joins_numbers(text: &str) -> bool {
    let Some((before, after)) = text.split_once(['/', '\u{ff0f}']) else { return false };
    let abroad = before.contains(is_plus) || after_double_zero(before).is_some();
    let complete = digits_in(before) >= if abroad { 10 } else { 7 };
    let tail = digits_in(after);
    complete && (tail >= SHORTEST_NUMBER || (1..=2).contains(&tail))
}
