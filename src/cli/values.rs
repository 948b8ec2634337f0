//! The values of options: from the words of a person to what the layers below take, with errors that say what is right.

use encoding_rs::Encoding;

use crate::intake;
use crate::model::settings::{Blank, Country, HandEdits, Only};

/// The character between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separator(pub u8);

/// What joins the parts of a composed key (R27).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySeparator(pub String);

/// `US`, `hun`, `United Kingdom` (R17). A country that does not exist would leave every number without a plan.
pub fn country(text: &str) -> Result<Country, String> {
    intake::country(text).ok_or_else(|| "write a country: its code, such as US or HUN, or its English name".into())
}

/// Any label of the WHATWG encoding standard (R20).
pub fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes()).ok_or_else(|| {
        "no such encoding; common ones are utf-8, windows-1252, windows-1250, iso-8859-2, utf-16le".into()
    })
}

/// A name or one ASCII character that cannot be part of a quoted cell's syntax.
pub fn separator(text: &str) -> Result<Separator, String> {
    match (text, text.as_bytes()) {
        ("comma", _) => Ok(Separator(b',')),
        ("semicolon", _) => Ok(Separator(b';')),
        ("tab" | "\\t", _) => Ok(Separator(b'\t')),
        (_, &[byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(Separator(byte)),
        _ => Err("write comma, semicolon, tab, or one character".into()),
    }
}

/// Any text that is not empty.
pub fn key_separator(text: &str) -> Result<KeySeparator, String> {
    match text {
        "" => Err("an empty separator would make different keys equal".into()),
        _ => Ok(KeySeparator(text.to_owned())),
    }
}

/// `create` or `update`.
pub fn only(text: &str) -> Result<Only, String> {
    word(text, [("create", Only::Create), ("update", Only::Update)])
}

/// `keep` or `clear`.
pub fn blank(text: &str) -> Result<Blank, String> {
    word(text, [("keep", Blank::Keep), ("clear", Blank::Clear)])
}

/// `keep` or `overwrite`.
pub fn hand_edits(text: &str) -> Result<HandEdits, String> {
    word(text, [("keep", HandEdits::Keep), ("overwrite", HandEdits::Overwrite)])
}

fn word<T: Copy>(text: &str, [a, b]: [(&str, T); 2]) -> Result<T, String> {
    [a, b]
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, value)| *value)
        .ok_or_else(|| format!("write {} or {}", a.0, b.0))
}

/// 1 to 1,024.
pub fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err("write a number from 1 to 1024".into()),
    }
}

/// A person's name: something to read, on one line.
pub fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    match name.is_empty() || name.chars().count() > 100 || name.chars().any(crate::model::text::is_foreign_control) {
        true => Err("write a name of 1 to 100 characters".into()),
        false => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("comma", Some(b','))]
    #[case(";", Some(b';'))]
    #[case("tab", Some(b'\t'))]
    #[case("|", Some(b'|'))]
    #[case("\"", None)]
    #[case("", None)]
    #[case("ü", None)]
    fn separators(#[case] text: &str, #[case] byte: Option<u8>) {
        assert_eq!(separator(text).ok().map(|s| s.0), byte);
    }

    #[rstest]
    #[case("hu", Some("HU"))]
    #[case("UK", Some("GB"))]
    #[case("Hungary", Some("HU"))]
    #[case("XX", None)]
    fn r17_a_region_is_a_country_that_exists(#[case] text: &str, #[case] code: Option<&str>) {
        assert_eq!(country(text).ok().as_ref().map(Country::code), code);
    }
}
