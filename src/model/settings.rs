//! What a person chooses for an import. Everything here that changes a result is part of the plan's digest (R10).

use serde::{Deserialize, Serialize};

use super::finding::Severity;

/// A country by its ISO 3166 code of two upper-case letters, such as `US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The United States: the default region, as in Genesys (R17).
    pub const US: Country = Country(*b"US");

    /// The country of a two-letter code in any case; `None` for anything else. Whether such a country exists is not checked.
    pub fn new(code: &str) -> Option<Country> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Country(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl TryFrom<String> for Country {
    type Error = String;
    fn try_from(code: String) -> Result<Country, String> {
        Country::new(&code).ok_or_else(|| format!("'{code}' is not a two-letter country code"))
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.code().to_owned()
    }
}

/// What an empty cell means in a column that the file has (R11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blank {
    /// The stored value stays.
    #[default]
    Keep,
    /// The stored value is erased.
    Clear,
}

impl Blank {
    /// Its word in options and reports.
    pub fn word(self) -> &'static str {
        match self {
            Blank::Keep => "keep",
            Blank::Clear => "clear",
        }
    }
}

/// What happens to values that a person set, when a file brings another one (R14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandEdits {
    /// The person's value stays.
    #[default]
    Keep,
    /// The file's value is taken.
    Overwrite,
}

impl HandEdits {
    /// Its word in options and reports.
    pub fn word(self) -> &'static str {
        match self {
            HandEdits::Keep => "keep",
            HandEdits::Overwrite => "overwrite",
        }
    }
}

/// Restricts an import to new or to stored records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// Rows whose record is stored are rejected.
    Create,
    /// Rows whose record is new are rejected.
    Update,
}

impl Only {
    /// Its word in options and reports.
    pub fn word(self) -> &'static str {
        match self {
            Only::Create => "create",
            Only::Update => "update",
        }
    }
}

/// How a cell becomes a value: what intake needs to check a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The region of numbers without a country code (R17).
    pub region: Country,
    /// Whether the row's own country goes before `region` (R17).
    pub region_from_country: bool,
    /// Whether a phone that is not valid rejects its row (R18).
    pub strict_phones: bool,
}

impl Default for Reading {
    fn default() -> Reading {
        Reading { region: Country::US, region_from_country: false, strict_phones: false }
    }
}

impl Reading {
    /// How bad an invalid phone is.
    pub fn phone_severity(&self) -> Severity {
        if self.strict_phones { Severity::Error } else { Severity::Warning }
    }
}

/// How rows meet the base: what reconcile needs besides the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Merging {
    /// What an empty cell means.
    pub blank: Blank,
    /// What happens to values set by hand.
    pub hand_edits: HandEdits,
    /// Only new, or only stored records.
    pub only: Option<Only>,
    /// Whether an invalid phone may replace a stored valid one (R18).
    pub replace_valid_phones: bool,
    /// Whether a Contact ID may go to what looks like another person (R15).
    pub accept_different_person: bool,
}
