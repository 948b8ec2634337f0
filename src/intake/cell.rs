//! One cell becomes a value, or a finding says why not (R1, R29).

use std::borrow::Cow;

use crate::model::fields::Kind;
use crate::model::finding::Code;
use crate::model::formula::unguard;
use crate::model::text::{is_foreign_control, normal};

/// What became of a cell that is not empty. Phones and parts of phones are read where the whole row is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read<'a> {
    /// The value; `None` if the cell cannot be read.
    pub(super) value: Option<Cow<'a, str>>,
    /// What there is to say: a code and its detail.
    pub(super) finding: Option<(Code, String)>,
}

/// A cell in normal form, without the guard that muster's own files put before formulas.
pub(super) fn bare(cell: &str) -> Cow<'_, str> {
    match normal(cell) {
        Cow::Borrowed(text) => Cow::Borrowed(unguard(text)),
        Cow::Owned(text) => match unguard(&text) {
            same if same.len() == text.len() => Cow::Owned(text),
            shorter => Cow::Owned(shorter.to_owned()),
        },
    }
}

/// Reads the text of a cell (from [`bare`]) as a field of that kind. `limit` counts characters.
pub(super) fn read(kind: Kind, limit: usize, text: Cow<'_, str>) -> Read<'_> {
    if let Some(finding) = too_long(&text, limit) {
        return Read { value: None, finding: Some(finding) };
    }
    let wrong = |ok: bool, code: Code| (!ok).then(|| (code, String::new()));
    let (value, finding) = match kind {
        Kind::Email => (None, wrong(is_email(&text), Code::EmailMalformed)),
        Kind::Url => (None, wrong(is_url(&text), Code::UrlMalformed)),
        Kind::XName => (None, wrong(is_x_name(&text), Code::XNameMalformed)),
        Kind::Integer => match integer(&text) {
            Some(number) => (Some(number), None),
            None => return Read { value: None, finding: Some((Code::NumberUnreadable, String::new())) },
        },
        Kind::YesNo | Kind::PhoneSms(_) => match yes_no(&text) {
            Some(yes) => (Some(yes.to_string()), None),
            None => return Read { value: None, finding: Some((Code::YesNoUnreadable, String::new())) },
        },
        Kind::List => (list(&text), None),
        Kind::Id | Kind::Text | Kind::Phone | Kind::Extension(_) | Kind::PhoneCountry(_) | Kind::Country => {
            (None, None)
        }
    };
    let value = value.map_or(text, Cow::Owned);
    let finding = finding.or_else(|| wrong(!has_controls(&value), Code::ControlCharacters));
    Read { value: Some(value), finding }
}

/// Checks the text of an ID or of a part of one (R1): not damaged, no control characters. Its length is another matter.
pub(super) fn id(text: &str) -> Result<(), (Code, String)> {
    let damaged = |detail: &str| Err((Code::IdDamaged, detail.to_owned()));
    if text.chars().any(is_foreign_control) {
        return damaged("it contains a control or format character");
    }
    if is_scientific(text) {
        return damaged("a spreadsheet has rounded the number");
    }
    if is_spreadsheet_error(text) {
        return damaged("it is an error of a spreadsheet");
    }
    if ["null", "(null)", "\\n", "nan"].iter().any(|nothing| text.eq_ignore_ascii_case(nothing)) {
        return damaged("a program wrote it for an empty cell");
    }
    Ok(())
}

/// The finding for a text of more than `limit` characters.
pub(super) fn too_long(text: &str, limit: usize) -> Option<(Code, String)> {
    // A text has at most as many characters as bytes.
    if text.len() <= limit {
        return None;
    }
    let length = text.chars().count();
    (length > limit).then(|| (Code::TextTooLong, format!("{length} characters, {limit} are")))
}

/// `4.47912E+11`: one digit, digits behind a point or comma, an exponent with its sign.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let Some((first, rest)) = mantissa.split_at_checked(1) else { return false };
    let rest = rest.strip_prefix(['.', ',']).unwrap_or(rest);
    let power = exponent.strip_prefix('+').unwrap_or_default();
    digits(first) && digits(rest) && power.len() >= 2 && digits(power) && (rest.is_empty() || mantissa.len() > 2)
}

/// `#N/A`, `#REF!`, `#NAME?`, `#DIV/0!` and their like.
fn is_spreadsheet_error(text: &str) -> bool {
    const ERRORS: [&str; 9] = ["#N/A", "#NV", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#ERROR!"];
    text.starts_with('#') && ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error))
}

/// Whether there is a character that a terminal must not see, other than line ends, tabs and the joiners that some
/// scripts are written with.
fn has_controls(text: &str) -> bool {
    let bad = |c: char| is_foreign_control(c) && !matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}');
    if text.is_ascii() { text.bytes().any(|b| bad(char::from(b))) } else { text.chars().any(bad) }
}

/// One local part, one `@`, a domain of at least two labels.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_char = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        _ => "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && c.is_alphanumeric()),
    };
    !local.is_empty()
        && local.len() <= 64
        && local.chars().all(local_char)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && is_host(domain)
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| top.chars().count() >= 2 && !top.bytes().all(|b| b.is_ascii_digit()))
}

/// Labels of letters, digits and inner hyphens, joined by dots.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c == '_' || c.is_alphanumeric())
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// `http` or `https`, a host, and no white space.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    };
    let is_ip6 = host.starts_with('[') && host.ends_with(']');
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && (is_ip6 || is_host(host))
        && !text.chars().any(char::is_whitespace)
}

/// Genesys' pattern `^@?[A-Za-z0-9_]+$`.
fn is_x_name(text: &str) -> bool {
    let name = text.strip_prefix('@').unwrap_or(text);
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A whole number as plain digits, from the notations that can mean nothing else: `1200`, `1,200`, `1 200`, `1'200`,
/// `1.200.000`, each also with zeros as its fraction. `1.200` could be a fraction, so it is none of them.
fn integer(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let whole = match digits.rsplit_once(['.', ',']) {
        Some((whole, zeros)) if is_zeros(zeros) && (zeros.len() < 3 || whole.len() > 3 && is_digits(whole)) => whole,
        _ => digits,
    };
    let plain = if is_digits(whole) { whole.to_owned() } else { ungrouped(whole)? };
    let plain = plain.trim_start_matches('0');
    match plain.len() {
        0 => Some("0".to_owned()),
        1..=18 => Some(format!("{sign}{plain}")),
        _ => None,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'0')
}

/// The digits of a number in groups of three with the same separator throughout; a single point separates nothing.
fn ungrouped(text: &str) -> Option<String> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, ',' | '.' | ' ' | '\'' | '’' | '\u{a0}' | '\u{202f}' | '_') {
        return None;
    }
    let groups: Vec<&str> = text.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let grouped =
        (1..=3).contains(&first.len()) && is_digits(first) && rest.iter().all(|g| g.len() == 3 && is_digits(g));
    (grouped && (separator != '.' || rest.len() > 1)).then(|| groups.concat())
}

/// A yes or a no as people and programs write it.
fn yes_no(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["yes", "true", "1", "y"]) {
        Some(true)
    } else if is(["no", "false", "0", "n"]) {
        Some(false)
    } else {
        None
    }
}

/// A list with `;` and nothing else between its items; `None` if it is written so already.
fn list(text: &str) -> Option<String> {
    if !text.contains([';', '|']) {
        return None;
    }
    let items: Vec<&str> = text.split([';', '|']).map(str::trim).filter(|item| !item.is_empty()).collect();
    Some(items.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn code(kind: Kind, text: &str) -> Option<Code> {
        read(kind, 1000, bare(text)).finding.map(|(code, _)| code)
    }

    fn value(kind: Kind, text: &str) -> Option<String> {
        read(kind, 1000, bare(text)).value.map(Cow::into_owned)
    }

    #[rstest]
    #[case("C-1001", true)]
    #[case("1E5", true)]
    #[case("12E+34", true)]
    #[case("E+11", true)]
    #[case("Null Pointer Ltd", true)]
    #[case("#17", true)]
    #[case("Ä 1", true)]
    #[case("1.2E+11", false)]
    #[case("4,47912e+11", false)]
    #[case("1E+11", false)]
    #[case("#N/A", false)]
    #[case("#ref!", false)]
    #[case("NULL", false)]
    #[case("null", false)]
    #[case("\\N", false)]
    #[case("a\tb", false)]
    #[case("a\u{200b}b", false)]
    #[case("a\u{202e}b", false)]
    fn r01_damaged_ids(#[case] text: &str, #[case] good: bool) {
        assert_eq!(id(text).is_ok(), good);
    }

    #[rstest]
    #[case("ksmith@officemart.example", true)]
    #[case("o'brien+list@sub.office-mart.example", true)]
    #[case("jürgen@müller.example", true)]
    #[case("ksmith", false)]
    #[case("a@b", false)]
    #[case("a b@c.example", false)]
    #[case("a@b.example; c@d.example", false)]
    #[case("a..b@c.example", false)]
    #[case(".a@c.example", false)]
    #[case("a@-c.example", false)]
    #[case("a@c..example", false)]
    #[case("a@b@c.example", false)]
    #[case("a@c.1", false)]
    #[case("@c.example", false)]
    fn r29_emails(#[case] text: &str, #[case] good: bool) {
        assert_eq!(code(Kind::Email, text), (!good).then_some(Code::EmailMalformed));
        assert_eq!(value(Kind::Email, text).as_deref(), Some(text), "the text is kept");
    }

    #[rstest]
    #[case("https://officemart.example", true)]
    #[case("HTTP://user@officemart.example:8080/a?b#c", true)]
    #[case("http://[::1]/", true)]
    #[case("http://localhost/crm?id=1", true)]
    #[case("officemart.example", false)]
    #[case("ftp://officemart.example", false)]
    #[case("https://", false)]
    #[case("https://office mart.example", false)]
    fn r29_urls(#[case] text: &str, #[case] good: bool) {
        assert_eq!(code(Kind::Url, text), (!good).then_some(Code::UrlMalformed));
        assert_eq!(value(Kind::Url, text).as_deref(), Some(text));
    }

    #[rstest]
    #[case("@office_mart", true)]
    #[case("office1", true)]
    #[case("office mart", false)]
    #[case("@", false)]
    #[case("https://x.com/office", false)]
    fn r29_x_names(#[case] text: &str, #[case] good: bool) {
        assert_eq!(code(Kind::XName, text), (!good).then_some(Code::XNameMalformed));
    }

    #[rstest]
    #[case("1200", Some("1200"))]
    #[case("007", Some("7"))]
    #[case("0", Some("0"))]
    #[case("-5", Some("-5"))]
    #[case("1,200", Some("1200"))]
    #[case("1 200 000", Some("1200000"))]
    #[case("1'200", Some("1200"))]
    #[case("1.200.000", Some("1200000"))]
    #[case("1,200,000.00", Some("1200000"))]
    #[case("1.200.000,00", Some("1200000"))]
    #[case("1200.0", Some("1200"))]
    #[case("12000.000", Some("12000"))]
    #[case("1.200", None)]
    #[case("1.000", None)]
    #[case("1,20", None)]
    #[case("12,34,567", None)]
    #[case("1.5", None)]
    #[case("$1200", None)]
    #[case("about 50", None)]
    #[case("1.2E+11", None)]
    #[case("-", None)]
    #[case("1234567890123456789", None)]
    fn r29_whole_numbers(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(value(Kind::Integer, text).as_deref(), expected);
        assert_eq!(code(Kind::Integer, text), expected.is_none().then_some(Code::NumberUnreadable));
    }

    #[rstest]
    #[case("Yes", Some("true"))]
    #[case("0", Some("false"))]
    #[case("FALSE", Some("false"))]
    #[case("maybe", None)]
    fn r29_yes_and_no(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(value(Kind::YesNo, text).as_deref(), expected);
    }

    #[rstest]
    #[case("retail", "retail")]
    #[case("a; b|c ;;d", "a;b;c;d")]
    #[case(";", "")]
    fn r21_lists(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(value(Kind::List, text).as_deref(), Some(expected));
    }

    #[test]
    fn r29_a_text_over_its_limit_is_an_error_and_never_cut() {
        assert_eq!(read(Kind::Text, 3, "äöü".into()).finding, None);
        let long = read(Kind::Text, 3, "abcd".into());
        assert_eq!(long, Read { value: None, finding: Some((Code::TextTooLong, "4 characters, 3 are".into())) });
    }

    #[test]
    fn control_characters_are_kept_and_pointed_out() {
        assert_eq!(code(Kind::Text, "a\x1b[31m"), Some(Code::ControlCharacters));
        assert_eq!(value(Kind::Text, "a\x1b[31m").as_deref(), Some("a\x1b[31m"));
        assert_eq!(code(Kind::Text, "line\r\nline"), None);
    }

    #[test]
    fn a_guard_against_formulas_is_taken_off() {
        assert_eq!(bare(" '=1+1 "), "=1+1");
        assert_eq!(bare("'Ju\u{308}rgen"), "'Jürgen");
        assert_eq!(bare("'-Ju\u{308}rgen"), "-Jürgen");
    }
}
