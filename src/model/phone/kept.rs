//! The guard of R19: a digit of a cell is never dropped, added or guessed.

/// Trunk prefixes that begin otherwise than with `0`, by country code, with Brazil's collect calls. The table is not the
/// library's, so that it can prove the library wrong.
const OTHER_TRUNKS: [(&str, &str); 7] =
    [("1", "1"), ("7", "8"), ("55", "90"), ("370", "8"), ("375", "8"), ("692", "1"), ("993", "8")];

/// A trunk prefix with the carrier codes that some countries dial after it, such as Korea's `0` and `8550`.
const LONGEST_TRUNK: usize = 5;

/// The longest area code that a whole region shares: San Marino's `0549`.
const LONGEST_SHARED_AREA: usize = 4;

/// Whether a number (country code and national number) is what the typed digits say.
///
/// It is if the typed digits end in the national number, and what precedes it is a dial-out prefix, the country code
/// or a trunk prefix. Two exceptions follow Google, because such numbers are written so:
///
/// - Argentina: `011 15-2345-6789` is the mobile `+54 9 11 2345 6789`: 15 after the area code becomes 9 before it
/// - a region with one area code, which local numbers leave out (`365-1234` in the Bahamas): Google adds it, and
///   every typed digit is still there
pub(super) fn digits_kept(typed: &str, country: &str, national: &str) -> bool {
    let (before, area) = without_common_tail(typed, national);
    area.len() <= LONGEST_SHARED_AREA && may_precede(before, country)
        || country == "54" && is_argentine_mobile(typed, national)
}

/// What remains of two texts of digits without the end that both have.
fn without_common_tail<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let common = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    (&a[..a.len() - common], &b[..b.len() - common])
}

/// Whether digits before a national number are a trunk prefix, or a dial-out prefix, the country code and a trunk prefix.
fn may_precede(digits: &str, country: &str) -> bool {
    let is_trunk = |digits: &str| {
        let starts_with_other = || OTHER_TRUNKS.iter().any(|(c, trunk)| *c == country && digits.starts_with(trunk));
        digits.is_empty() || digits.len() <= LONGEST_TRUNK && (digits.starts_with('0') || starts_with_other())
    };
    is_trunk(digits) || digits.match_indices(country).any(|(at, _)| is_trunk(&digits[at + country.len()..]))
}

/// Whether `national` is `9`, area code and subscriber number of a cell that says area code, `15`, subscriber number.
fn is_argentine_mobile(typed: &str, national: &str) -> bool {
    let Some(number) = national.strip_prefix('9') else { return false };
    (2..=4).filter_map(|area| number.split_at_checked(area)).any(|(area, subscriber)| {
        let before =
            typed.strip_suffix(subscriber).and_then(|t| t.strip_suffix("15")).and_then(|t| t.strip_suffix(area));
        before.is_some_and(|before| may_precede(before, "54"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("3175550101", "1", "3175550101", true)]
    #[case("13175550101", "1", "3175550101", true)]
    #[case("4402079460000", "44", "2079460000", true)]
    #[case("011442079460000", "44", "2079460000", true)]
    #[case("81044207946000", "44", "207946000", true)]
    #[case("0111523456789", "54", "91123456789", true)]
    #[case("3651234", "1", "2423651234", true)]
    #[case("378886377", "378", "0549886377", true)]
    // What another library does: a digit lost at the start, inside, or at the end; a digit guessed.
    #[case("4915128388515", "49", "5128388515", false)]
    #[case("15128388515", "49", "5128388515", false)]
    #[case("4915128388515", "49", "1512388515", false)]
    #[case("4915128388515", "49", "1512838851", false)]
    #[case("4915128388515", "49", "151283885150", false)]
    #[case("0111523456789", "54", "91123456780", false)]
    fn r19_guard(#[case] typed: &str, #[case] country: &str, #[case] national: &str, #[case] kept: bool) {
        assert_eq!(digits_kept(typed, country, national), kept);
    }
}
