//! The digits of phones: which notations of a number a query may be typed in.
//!
//! A valid number is kept as its international digits (`4930901820`). A query's digits find it when they lie anywhere
//! in these, or when they begin its national notation (`030901820`) or its dialled one (`004930901820`).

/// Characters that people put between the digits of a phone.
const PUNCTUATION: &[u8] = b" +()-./";

/// The digits of a text that holds nothing but digits and phone punctuation; `None` for other text or without a digit.
pub(super) fn of_phone_text(text: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().all(|b| b.is_ascii_digit() || PUNCTUATION.contains(b)) {
        return None;
    }
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// How many of a number's international digits are its country code (ITU-T E.164: the codes are free of prefixes).
fn country_code_len(international: &[u8]) -> usize {
    match international {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// What is dialled before a national number inside the country: mostly `0`.
pub(super) fn trunk_prefix(country_code: &[u8]) -> &'static [u8] {
    match country_code {
        b"7" | b"375" | b"993" => b"8",
        b"36" => b"06",
        b"1" => b"1",
        _ => b"0",
    }
}

/// How many leading digits of `query` are a dial-out (`00`) or trunk prefix of this number, when the rest goes on with the
/// number itself; the second value is where in the international digits that rest begins.
pub(super) fn leading(query: &[u8], international: &[u8]) -> Option<(usize, usize)> {
    let (code, national) = international.split_at(national_start(international));
    [(b"00".as_slice(), international, 0), (trunk_prefix(code), national, code.len())].into_iter().find_map(
        |(prefix, rest, at)| {
            let common = query.len().min(prefix.len());
            let begins = query[..common] == prefix[..common] && rest.starts_with(&query[common..]);
            begins.then_some((common, at))
        },
    )
}

/// Where in the international digits the national number begins.
pub(super) fn national_start(international: &[u8]) -> usize {
    let code = international.iter().take(country_code_len(international));
    code.take_while(|byte| byte.is_ascii_digit()).count()
}

/// What every number that `query` finds contains, whatever the notation: the query without a prefix that it may begin with.
pub(super) fn core(query: &[u8]) -> &[u8] {
    match query {
        [b'0', b'0' | b'6', rest @ ..] | [b'0' | b'8', rest @ ..] => rest,
        _ => query,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("030901", "4930901820", Some((1, 2)))]
    #[case("00493", "4930901820", Some((2, 0)))]
    #[case("061234", "3612345678", Some((2, 2)))]
    #[case("8495", "74951234567", Some((1, 1)))]
    #[case("0495", "74951234567", None)]
    #[case("0207946", "442079460000", Some((1, 2)))]
    #[case("0", "35312345", Some((1, 0)))]
    #[case("030902", "4930901820", None)]
    fn national_and_dialled_notations(
        #[case] query: &str,
        #[case] number: &str,
        #[case] expected: Option<(usize, usize)>,
    ) {
        assert_eq!(leading(query.as_bytes(), number.as_bytes()), expected);
        if let Some((_, at)) = expected {
            let core = core(query.as_bytes());
            assert!(memchr::memmem::find(&number.as_bytes()[at..], core).is_some(), "the core is in the number");
        }
    }

    #[test]
    fn phone_text_is_digits_and_punctuation() {
        assert_eq!(of_phone_text(b"+49 (0)30/90-18.20"), Some(b"49030901820".to_vec()));
        assert_eq!(of_phone_text(b"c-1001"), None);
        assert_eq!(of_phone_text(b"+-"), None);
    }
}
