//! A phone as typed, with its E.164 form and extension when it is a valid number, or the reason why not (R17 to R19).
//!
//! A cell is read in three steps:
//!
//! 1. `cell`: its bare text, and whether that can be one number at all: letters, several numbers, spreadsheet damage
//! 2. `oracle`: what Google's numbering plans say of it; the only file that names the phone library
//! 3. `kept`: whether every digit of the cell is in the result, because a wrong digit calls a stranger

mod cell;
mod kept;
mod oracle;

use serde::{Deserialize, Serialize};

use super::finding::Code;
use super::record::{push_bytes, read_bytes};
use super::settings::Country;

/// A phone cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Phone {
    /// The cell as it was typed, without outer space.
    pub typed: String,
    /// `+` and digits if the number is valid, else why it is not.
    pub number: Result<String, PhoneProblem>,
    /// The extension, digits as text; from the cell or from the extension column.
    pub extension: Option<String>,
}

/// Why a phone is not a valid number (R18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhoneProblem {
    /// Too few digits.
    TooShort,
    /// Too many digits.
    TooLong,
    /// A country code that does not exist.
    CountryCode,
    /// Digits and letters mixed.
    Letters,
    /// No number at all.
    Text,
    /// Several numbers.
    Several,
    /// Rounded by a spreadsheet, such as `4.47912E+11`.
    Damaged,
    /// Right length, but no such number.
    Invalid,
    /// No country code, and the country is not known.
    RegionUnknown,
}

impl PhoneProblem {
    const ALL: [PhoneProblem; 9] = {
        use PhoneProblem::*;
        [TooShort, TooLong, CountryCode, Letters, Text, Several, Damaged, Invalid, RegionUnknown]
    };

    /// The finding that reports it.
    pub fn code(self) -> Code {
        match self {
            PhoneProblem::TooShort => Code::PhoneTooShort,
            PhoneProblem::TooLong => Code::PhoneTooLong,
            PhoneProblem::CountryCode => Code::PhoneCountryCode,
            PhoneProblem::Letters => Code::PhoneLetters,
            PhoneProblem::Text => Code::PhoneText,
            PhoneProblem::Several => Code::PhoneSeveral,
            PhoneProblem::Damaged => Code::PhoneDamaged,
            PhoneProblem::Invalid => Code::PhoneInvalid,
            PhoneProblem::RegionUnknown => Code::PhoneRegionUnknown,
        }
    }

    /// The reason in a few words, for screens: "will not sync: too short".
    pub fn reason(self) -> &'static str {
        match self {
            PhoneProblem::TooShort => "too short",
            PhoneProblem::TooLong => "too long",
            PhoneProblem::CountryCode => "no such country code",
            PhoneProblem::Letters => "letters",
            PhoneProblem::Text => "text",
            PhoneProblem::Several => "several numbers",
            PhoneProblem::Damaged => "spreadsheet damage",
            PhoneProblem::Invalid => "no such number",
            PhoneProblem::RegionUnknown => "region unknown",
        }
    }
}

impl Phone {
    /// Reads a phone cell and the cell of its extension column (R17 to R19).
    ///
    /// `region` is the country whose rules read a number without a country code; without one such a number is
    /// [`PhoneProblem::RegionUnknown`]. The extension is the one in the phone cell, else that of the column if it
    /// can be read (see [`Phone::read_extension`]).
    pub fn parse(cell: &str, extension: Option<&str>, region: Option<Country>) -> Phone {
        let typed = cell.trim();
        let column = || extension.and_then(Phone::read_extension).map(str::to_owned);
        let (number, extension) = match number(&cell::bare(typed), region) {
            Ok(found) => (Ok(found.e164), found.extension.or_else(column)),
            Err(problem) => (Err(problem), column()),
        };
        Phone { typed: typed.to_owned(), number, extension }
    }

    /// The digits of an extension cell such as `012`, `x012` or `Ext. 012`; `None` if it is anything else.
    pub fn read_extension(cell: &str) -> Option<&str> {
        cell::extension(cell)
    }

    /// E.164 and extension of a valid number as muster exports it (`+13175550101 x12`), else the typed text.
    pub fn shown(&self) -> String {
        match (&self.number, &self.extension) {
            (Ok(e164), Some(extension)) => format!("{e164} x{extension}"),
            (Ok(e164), None) => e164.clone(),
            (Err(_), _) => self.typed.clone(),
        }
    }

    /// The E.164 form of a valid number.
    pub fn e164(&self) -> Option<&str> {
        self.number.as_deref().ok()
    }

    /// The payload: `0 · E.164 · extension · typed` or `1 + problem · extension · typed`; the first two (a valid
    /// number's) or the last two parts carry their length, so that [`Phone::key`] is a slice of it.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.typed.len() + 24);
        let extension = self.extension.as_deref().unwrap_or("").as_bytes();
        match &self.number {
            Ok(e164) => {
                out.push(0);
                push_bytes(&mut out, e164.as_bytes());
            }
            Err(problem) => {
                let place = PhoneProblem::ALL.iter().position(|p| p == problem).unwrap_or(0);
                out.push(1 + place as u8);
            }
        }
        push_bytes(&mut out, extension);
        out.extend_from_slice(self.typed.as_bytes());
        out
    }

    /// The phone of a payload; `None` if the bytes are not one.
    pub fn decode(payload: &[u8]) -> Option<Phone> {
        let (tag, mut rest) = payload.split_first()?;
        let number = match tag {
            0 => Ok(String::from_utf8(read_bytes(&mut rest)?.to_vec()).ok()?),
            n => Err(*PhoneProblem::ALL.get(usize::from(n - 1))?),
        };
        let extension = String::from_utf8(read_bytes(&mut rest)?.to_vec()).ok()?;
        let typed = String::from_utf8(rest.to_vec()).ok()?;
        Some(Phone { typed, number, extension: (!extension.is_empty()).then_some(extension) })
    }

    /// The part of a payload by which phones are compared (R6): E.164 and extension of a valid number, else extension and text.
    pub fn key(payload: &[u8]) -> &[u8] {
        let key = |payload: &[u8]| {
            let (tag, mut rest) = payload.split_first()?;
            if *tag != 0 {
                return Some(1..payload.len());
            }
            read_bytes(&mut rest)?;
            read_bytes(&mut rest)?;
            Some(0..payload.len() - rest.len())
        };
        key(payload).map_or(payload, |range| &payload[range])
    }

    /// E.164 form and extension of a valid number's payload, without a copy; the extension may be empty.
    pub fn valid_parts(payload: &[u8]) -> Option<(&[u8], &[u8])> {
        let mut rest = payload.strip_prefix(&[0])?;
        Some((read_bytes(&mut rest)?, read_bytes(&mut rest)?))
    }

    /// Whether a payload is a valid number's.
    pub fn is_valid(payload: &[u8]) -> bool {
        payload.first() == Some(&0)
    }
}

/// The number in a bare text: as it stands, else with a leading `00` as `+` (R19).
fn number(text: &str, region: Option<Country>) -> Result<oracle::Number, PhoneProblem> {
    let shape = cell::Shape::of(text)?;
    let found = oracle::read(text, region).or_else(|problem| match cell::after_double_zero(text) {
        Some(rest) => oracle::read(&format!("+{rest}"), region),
        None => Err(problem),
    })?;
    // The only letters that passed announce an extension. If none was found they would be lost, or read as digits.
    if shape == cell::Shape::Labelled && found.extension.is_none() { Err(PhoneProblem::Letters) } else { Ok(found) }
}

#[cfg(test)]
mod tests;
