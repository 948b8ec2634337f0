//! Everything the checker can say about a row or a cell: a stable code, how bad it is, a message and a hint.

use serde::{Deserialize, Serialize};

use super::fields::FieldId;

/// How bad a finding is. The order is from mild to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row can be imported.
    Warning,
    /// The row waits for a decision of a person.
    Held,
    /// The row cannot be imported.
    Error,
}

impl Severity {
    /// Its word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Held => "held",
            Severity::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $severity:ident $message:literal $hint:literal;)+) => {
        /// What a finding says. Codes are stable: scripts and remembered filters rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// Its stable name in JSON, rejects files and documents.
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => $code,)+ }
            }

            /// How bad it is, unless a setting makes it worse (`--strict-phones`).
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }

            fn template(self) -> &'static str {
                match self { $(Code::$name => $message,)+ }
            }

            /// What the person can do now.
            pub fn hint(self) -> &'static str {
                match self { $(Code::$name => $hint,)+ }
            }
        }
    };
}

codes! {
    /// R22: fewer cells than the header has.
    RowTooShort "row-too-short" Error "the row has {detail}" "a cell may contain an unquoted line break; put the cell in quotes";
    /// R22: more cells than the header has, and the surplus is not empty.
    RowTooLong "row-too-long" Error "the row has {detail}" "a cell may contain an unquoted separator; put the cell in quotes";
    /// R22: a quote opened in this record is not closed.
    QuoteUnclosed "quote-unclosed" Error "a quote that opens in this line is not closed" "close the quote, or double it if it belongs to the text";
    /// R22: one record without a line end for longer than a record may be.
    RecordTooLong "record-too-long" Error "the line is longer than {detail}" "look at the file: a line break is missing, or a cell holds a whole document";
    /// R20: bytes that are not text in the file's encoding.
    Undecodable "undecodable" Error "{field} has bytes that are not {detail}" "save the file as UTF-8, or name its encoding";
    /// A NUL byte in a cell.
    NulByte "nul-byte" Error "{field} contains a NUL byte" "remove the NUL byte; the export may be damaged";
    /// R4: contact data without a Contact ID.
    ContactIdMissing "contact-id-missing" Error "the row has contact data but no Contact ID" "fill in the Contact ID; muster never guesses which contact is meant";
    /// R4: account data without an Account ID.
    AccountIdMissing "account-id-missing" Error "the row has account data but no Account ID" "fill in the Account ID, or leave the account columns out (--no-accounts)";
    /// R1: an ID that a spreadsheet or a database has damaged, or with control characters.
    IdDamaged "id-damaged" Error "{field} '{value}' is not an ID: {detail}" "export again with the ID column as text";
    /// R1: an ID of more than 255 characters.
    IdTooLong "id-too-long" Error "{field} has {detail} characters, 255 are allowed" "shorten the ID in the source system";
    /// R27: a part of a composed key contains the separator.
    KeySeparator "key-separator" Error "a part of the composed {field} contains the separator: '{value}'" "choose another separator (--key-separator)";
    /// R29: longer than Genesys accepts.
    TextTooLong "text-too-long" Error "{field} has {detail} allowed" "shorten the text; muster never cuts it";
    /// R29: not a whole number.
    NumberUnreadable "number-unreadable" Error "{field} '{value}' is not a whole number" "write digits only, such as 1200";
    /// R29: neither yes nor no.
    YesNoUnreadable "yes-no-unreadable" Error "{field} '{value}' is neither yes nor no" "write yes or no (true, false, 1, 0, y, n are understood too)";
    /// The values of one record are larger than the base stores.
    RecordTooLarge "record-too-large" Error "the record has {detail}" "leave out custom columns, or shorten the longest texts";
    /// R4: the record that would result lacks a required field.
    RequiredMissing "required-missing" Error "{field} is missing and the base has none either" "fill in the cell";
    /// R5: a reference to an organization that neither the base nor an accepted row has.
    OrganizationUnknown "organization-unknown" Error "organization '{value}' is neither in the base nor in an accepted row of this file" "add the account's name to the row, or import the organization first";
    /// R13: the row would change an organization made by hand, or add a member to it.
    ManualOrganization "manual-organization" Error "organization '{value}' was made by hand; no file may change it or add members" "hand it over to imports: muster adopt organization '{value}'";
    /// `--only update` and the row would create.
    WouldCreate "would-create" Error "{field} '{value}' is not in the base and only updates are wanted" "run without --only update";
    /// `--only create` and the row would update.
    WouldUpdate "would-update" Error "{field} '{value}' is in the base and only new records are wanted" "run without --only create";
    /// R6: rows of one Account ID disagree.
    AccountConflict "account-conflict" Held "rows of account '{value}' disagree on {detail}" "decide which is right: open the file in muster, or --resolve";
    /// R9: rows of one Contact ID disagree.
    ContactConflict "contact-conflict" Held "rows of contact '{value}' disagree on {detail}" "decide which is right: open the file in muster, or --resolve";
    /// R30: the contact waits because another of its rows is held.
    ContactHeld "contact-held" Held "another row of contact '{value}' is held" "decide the conflict of that row; this row follows";
    /// R30: the row waits because its organization is undecided.
    OrganizationHeld "organization-held" Held "organization '{value}' is undecided" "decide the conflict of the organization; this row follows";
    /// R15: the Contact ID is stored for somebody else, it seems.
    DifferentPerson "different-person" Held "contact '{value}' in the base has no name, e-mail or phone in common: {detail}" "check that the ID was not given to another person; then accept it (--accept-different-person)";
    /// R28: deleted by hand; a file does not bring it back by itself.
    DeletedByHand "deleted-by-hand" Held "'{value}' was deleted by hand" "decide in muster: create again, or stay deleted";
    /// R28: somebody forgot the contact; only a hash of its ID is known.
    Forgotten "forgotten" Held "contact '{value}' was forgotten and is not stored again" "leave the person out of the export; or, with the person's consent: muster allow contact ID";
    /// R1: equals a stored ID but for case or leading zeros.
    IdNear "id-near" Warning "{field} '{value}' is new, but '{detail}' is stored" "check for lost leading zeros or changed case";
    /// R17: a country that is not known; its phones have no region.
    CountryUnknown "country-unknown" Warning "{field} '{value}' is not a country muster knows" "write the ISO code (US, HUN) or the English name";
    /// R18: no country code and no region to read the number by.
    PhoneRegionUnknown "phone-region-unknown" Warning "{field} '{value}' has no country code and its country is unknown" "write the number with + and the country code";
    /// R18: too few digits.
    PhoneTooShort "phone-too-short" Warning "{field} '{value}' is too short" "correct the number; it is stored as text and will not sync calls or SMS";
    /// R18: too many digits.
    PhoneTooLong "phone-too-long" Warning "{field} '{value}' is too long" "correct the number; it is stored as text and will not sync calls or SMS";
    /// R18: the country code does not exist.
    PhoneCountryCode "phone-country-code" Warning "{field} '{value}' has a country code that does not exist" "correct the number; it is stored as text and will not sync calls or SMS";
    /// R18: right length, but no such number in its country.
    PhoneInvalid "phone-invalid" Warning "{field} '{value}' is not a valid number{detail}" "check the number and the region; it is stored as text and will not sync calls or SMS";
    /// R18: digits and letters mixed.
    PhoneLetters "phone-letters" Warning "{field} '{value}' contains letters" "write digits; muster does not turn letters into digits";
    /// R18: no number at all.
    PhoneText "phone-text" Warning "{field} '{value}' is text, not a number" "correct the cell; it is stored as text and will not sync calls or SMS";
    /// R18: several numbers in one cell.
    PhoneSeveral "phone-several" Warning "{field} '{value}' holds several numbers" "put each number in a column of its own";
    /// R18: a spreadsheet has replaced the number by a rounded one.
    PhoneDamaged "phone-damaged" Warning "{field} '{value}' was damaged by a spreadsheet; digits are lost" "export again with the column as text";
    /// R18: an invalid phone does not replace the stored valid one.
    PhoneKept "phone-kept" Warning "{field} '{value}' is not valid; the stored {detail} is kept" "correct the number, or --replace-valid-phones";
    /// An extension column without a phone, or against the extension in the phone cell.
    ExtensionConflict "phone-extension" Warning "{field} '{value}' does not fit the phone: {detail}" "keep the extension in one place";
    /// R29: not an e-mail address.
    EmailMalformed "email-malformed" Warning "{field} '{value}' is not an e-mail address; Genesys will refuse it" "correct the address";
    /// R29: not a web address.
    UrlMalformed "url-malformed" Warning "{field} '{value}' is not a web address; Genesys will refuse it" "start it with https://";
    /// R29: not an X name.
    XNameMalformed "x-name-malformed" Warning "{field} '{value}' is not an X name; Genesys will refuse it" "use letters, digits and _ only";
    /// A cell with control or format characters; they are kept and shown as marks.
    ControlCharacters "control-characters" Warning "{field} contains control characters" "remove them in the source system";
    /// R14: a value set by hand is kept against the file's.
    HandEditKept "hand-edit-kept" Warning "{field} was changed by hand to '{detail}'; the file's '{value}' is not taken" "accept the file's value in muster, or --hand-edits overwrite";
    /// R27: nearly all contacts would be new in a base that is not empty.
    AllNew "all-new" Warning "{detail} contacts would be created and hardly any updated: is this the right ID column?" "compare the Contact IDs of the file with those of the base";
}

/// One thing that the checker has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The number of the data row, from 0; `None` for the file as a whole.
    pub row: Option<u32>,
    /// The physical line in the file where the row begins, from 1; 0 for the file as a whole.
    pub line: u32,
    /// The column, from 1.
    pub column: Option<u32>,
    /// The field that the column feeds.
    pub field: Option<FieldId>,
    /// What is the matter.
    pub code: Code,
    /// How bad it is here.
    pub severity: Severity,
    /// The cell or the ID as it was read; personal data: never logged.
    pub value: String,
    /// What the message needs besides field and value.
    pub detail: String,
}

impl Finding {
    /// The message for a person; `label` is the field's name on screens (empty if there is none).
    /// Values are cut to 80 characters and are **not** made safe for a terminal: see [`super::text::shown`].
    pub fn message(&self, label: &str) -> String {
        self.fill(self.code.template(), label)
    }

    /// The message for a place where field and value are in sight: `is not valid; the stored +13175550100 is kept`.
    pub fn reason(&self) -> String {
        self.fill(self.without_subject(), "")
    }

    /// The same, as short as it can be: `is not an e-mail address`.
    pub fn verdict(&self) -> String {
        let template = self.without_subject();
        self.fill(template.split(';').next().unwrap_or(template), "")
    }

    /// The template without what it is about.
    fn without_subject(&self) -> &'static str {
        let mut template = self.code.template();
        for subject in ["{field} ", "rows of account ", "rows of contact ", "organization ", "contact ", "'{value}' "] {
            template = template.strip_prefix(subject).unwrap_or(template);
        }
        template
    }

    fn fill(&self, template: &str, label: &str) -> String {
        let short = |text: &str| match text.char_indices().nth(80) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        };
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, after) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            match slot {
                "field" => out.push_str(label),
                "value" => out.push_str(&short(&self.value)),
                _ => out.push_str(&short(&self.detail)),
            }
            rest = after;
        }
        out + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_and_distinct() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", code.name());
            assert!(!code.hint().is_empty());
        }
    }

    #[test]
    fn a_reason_does_not_repeat_what_it_is_about() {
        let finding = |code: Code| Finding {
            row: Some(0),
            line: 2,
            column: Some(1),
            field: None,
            code,
            severity: Severity::Warning,
            value: "317 55".into(),
            detail: "+13175550100".into(),
        };
        assert_eq!(finding(Code::PhoneTooShort).reason(), "is too short");
        assert_eq!(finding(Code::PhoneKept).reason(), "is not valid; the stored +13175550100 is kept");
        assert_eq!(finding(Code::PhoneKept).verdict(), "is not valid");
        assert_eq!(finding(Code::AccountConflict).reason(), "disagree on +13175550100");
        assert_eq!(finding(Code::RowTooShort).reason(), "the row has +13175550100");
    }

    #[test]
    fn a_value_with_braces_is_no_template() {
        let finding = Finding {
            row: Some(0),
            line: 2,
            column: Some(1),
            field: None,
            code: Code::IdNear,
            severity: Severity::Warning,
            value: "{detail}".into(),
            detail: "x".into(),
        };
        assert_eq!(finding.message("Contact ID"), "Contact ID '{detail}' is new, but 'x' is stored");
    }
}
