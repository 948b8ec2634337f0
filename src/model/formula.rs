//! Cells that a spreadsheet would run as a formula: guarded when muster writes a file, unguarded when it reads one.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, tab or CR gets a `'` in front, by which spreadsheets know text. Numbers
//! stay as they are, so that E.164 phones are not damaged. `unguard(guard(text)) == text` holds for every text.

use std::borrow::Cow;

/// The text as it goes into a file.
pub fn guard(text: &str) -> Cow<'_, str> {
    if is_guardable(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that a cell of a file means: one guard is removed, if that is what the leading `'` is.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_guardable(text) => text,
        _ => cell,
    }
}

/// Whether a text needs the guard: it is a formula, or a formula behind `'` that would otherwise lose one of them.
fn is_guardable(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    bare.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(bare)
}

/// `+13175550101`, `+13175550101 x12`, `-5`, `-1,234.50`: a sign and digits, with single `.` or `,` between digits, or
/// an E.164 number with the extension that muster writes behind it.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let Some(unsigned) = text.strip_prefix(['+', '-']) else { return false };
    match unsigned.split_once(" x") {
        Some((number, extension)) => text.starts_with('+') && digits(number) && digits(extension),
        None => unsigned.split(['.', ',']).all(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("=1+1", "'=1+1")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("-2+3", "'-2+3")]
    #[case("+1 317 555 0101", "'+1 317 555 0101")]
    #[case("+1 x=2", "'+1 x=2")]
    #[case("\t=1", "'\t=1")]
    #[case("'=1", "''=1")]
    #[case("+13175550101", "+13175550101")]
    #[case("+13175550101 x12", "+13175550101 x12")]
    #[case("-1,234.50", "-1,234.50")]
    #[case("'t Hooft", "'t Hooft")]
    #[case("'+13175550101", "'+13175550101")]
    #[case("-", "'-")]
    #[case("", "")]
    fn formulas_are_guarded_and_numbers_are_not(#[case] text: &str, #[case] cell: &str) {
        assert_eq!(guard(text), cell);
        assert_eq!(unguard(cell), text);
    }

    proptest! {
        #[test]
        fn what_is_guarded_comes_back(text in "['=+@x0-9 \\t-]{0,8}|.{0,12}") {
            let cell = guard(&text);
            prop_assert_eq!(unguard(&cell), text.as_str());
        }

        #[test]
        fn no_guarded_cell_is_a_formula(text in "['=+@x0-9 \\t-]{0,8}|.{0,12}") {
            let cell = guard(&text);
            prop_assert!(!cell.starts_with(['=', '@', '\t', '\r']));
            prop_assert!(!cell.starts_with(['+', '-']) || is_number(&cell));
        }
    }
}
