//! Google's numbering plans (R19). The only file that names the phone library.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL as PLANS, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};

use super::PhoneProblem;
use super::kept::digits_kept;
use crate::model::settings::Country;

/// A valid number.
pub(super) struct Number {
    /// `+` and digits.
    pub(super) e164: String,
    /// The digits of an extension in the same text.
    pub(super) extension: Option<String>,
}

/// Reads a bare text without letters other than an extension's, by the rules of `region` if it has no country code.
pub(super) fn read(text: &str, region: Option<Country>) -> Result<Number, PhoneProblem> {
    let region = region
        .and_then(|country| Region::from_code(country.code()).ok())
        .filter(|region| PLANS.get_country_code_for_region(*region).is_some());
    let number = PLANS.parse(text, region).map_err(|error| match error {
        ParseError::InvalidCountryCode if region.is_none() && !text.contains(['+', '\u{ff0b}']) => {
            PhoneProblem::RegionUnknown
        }
        error => unreadable(&error, text),
    })?;
    if !number.is_valid() {
        return Err(why_invalid(&number));
    }
    let extension = number.extension.as_deref().map(digits);
    let typed = digits(text);
    let typed = typed.strip_suffix(extension.as_deref().unwrap_or("")).unwrap_or("");
    let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
    let country = number.country_code.to_string();
    let national = e164.get(1 + country.len()..).unwrap_or("");
    if !digits_kept(typed, &country, national) {
        return Err(PhoneProblem::Invalid);
    }
    Ok(Number { e164, extension })
}

/// An E.164 number as its country writes it for foreigners: `+1 317-555-0101`; as it is if it cannot be read.
pub(super) fn readable(e164: &str) -> String {
    let number = PLANS.parse(e164, None).ok();
    number.map_or_else(|| e164.to_owned(), |n| n.format_as(PhoneNumberFormat::International).into_owned())
}

/// The digits of a text, those of other scripts as ASCII.
fn digits(text: &str) -> String {
    if text.is_ascii() {
        text.chars().filter(char::is_ascii_digit).collect()
    } else {
        PLANS.normalize_digits_only(text)
    }
}

fn unreadable(error: &ParseError, text: &str) -> PhoneProblem {
    match error {
        ParseError::InvalidCountryCode => PhoneProblem::CountryCode,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneProblem::TooShort,
        ParseError::TooLongNsn => PhoneProblem::TooLong,
        ParseError::NotANumber(_) => match digits(text).len() {
            ..5 => PhoneProblem::TooShort,
            5..=17 => PhoneProblem::Invalid,
            _ => PhoneProblem::TooLong,
        },
    }
}

fn why_invalid(number: &PhoneNumber) -> PhoneProblem {
    match number.is_possible_with_reason() {
        Err(ValidationError::TooShort) | Ok(NumberLengthType::IsPossibleLocalOnly) => PhoneProblem::TooShort,
        Err(ValidationError::TooLong) => PhoneProblem::TooLong,
        Err(ValidationError::InvalidCountryCode) => PhoneProblem::CountryCode,
        Err(ValidationError::InvalidLength) | Ok(NumberLengthType::IsPossible) => PhoneProblem::Invalid,
    }
}
