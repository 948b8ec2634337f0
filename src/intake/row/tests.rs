use super::*;
use crate::intake::{MapOptions, map_header};
use crate::model::fields::{Catalog, by_name};
use crate::model::record::Values;
use crate::model::settings::Reading;
use rstest::rstest;

/// What comes out of a check, kept.
#[derive(Debug, Default, PartialEq)]
struct Kept {
    blank: bool,
    rejected: bool,
    contact: Option<KeptSide>,
    account: Option<KeptSide>,
    findings: Vec<Finding>,
}

#[derive(Debug, PartialEq)]
struct KeptSide {
    id: String,
    values: Values,
    witness: bool,
}

impl KeptSide {
    fn text(&self, field: &str) -> Option<String> {
        self.values.view().value(by_name(field).unwrap().id).map(|value| value.text())
    }
}

impl Sink for Kept {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        let keep =
            |side: Side<'_>| KeptSide { id: side.id.to_owned(), values: side.values.to_owned(), witness: side.witness };
        (self.blank, self.rejected) = (row.blank, row.rejected);
        (self.contact, self.account) = (row.contact.map(keep), row.account.map(keep));
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.findings.push(finding);
        Ok(())
    }
}

impl Kept {
    fn codes(&self) -> Vec<Code> {
        self.findings.iter().map(|finding| finding.code).collect()
    }
}

fn check_with(options: &MapOptions, reading: &Reading, header: &str, row: &str) -> Kept {
    let header: Vec<String> = header.split(',').map(str::to_owned).collect();
    let outcome = map_header(&header, options, &Catalog::default(), &[]).unwrap();
    let checker = Checker::new(&outcome.mapping, &outcome.catalog, reading);
    let cells: Vec<&str> = row.split(',').collect();
    let mut kept = Kept::default();
    checker.check_record(4, 7, &cells, &mut kept).unwrap();
    assert!(kept.findings.iter().all(|f| (f.row, f.line) == (Some(4), 7)));
    kept
}

fn check(header: &str, row: &str) -> Kept {
    check_with(&MapOptions::default(), &Reading::default(), header, row)
}

#[test]
fn r03_a_row_with_both_makes_the_contact_a_member() {
    let row = check("Contact Id,Contact Last Name,Account Id,Account Name", "C-1,Smith,A-1,Office Mart");
    let (contact, account) = (row.contact.as_ref().unwrap(), row.account.as_ref().unwrap());
    assert_eq!((contact.id.as_str(), account.id.as_str()), ("C-1", "A-1"));
    assert_eq!(contact.values.view().text(FieldId::ACCOUNT_ID), Some("A-1"));
    assert_eq!(contact.text("contact.last_name").as_deref(), Some("Smith"));
    assert_eq!(account.text("account.name").as_deref(), Some("Office Mart"));
    assert!(!row.rejected && row.findings.is_empty());
}

#[test]
fn r05_an_account_id_alone_is_a_reference() {
    let row = check("Contact Id,Account Id,Account Name", "C-1,A-1,  ");
    assert!(row.account.as_ref().unwrap().values.view().is_empty());
}

#[test]
fn values_are_in_the_order_of_their_fields_whatever_that_of_the_columns() {
    let options = MapOptions { keep_unmapped: true, ..MapOptions::default() };
    let header = "Segment,Account Name,Contact City,Account Id,Contact First Name,Contact Id";
    let row = check_with(&options, &Reading::default(), header, "vip,Office Mart,Lyon,A-1,Ann,C-1");
    let fields: Vec<u16> = row.contact.as_ref().unwrap().values.view().iter().map(|(field, _)| field.0).collect();
    assert_eq!(fields, [2, 27, 34, FieldId::CUSTOM]);
}

#[rstest]
#[case("C-1", "C-1")]
#[case("  C-1 ", "C-1")]
#[case("'=17", "=17")]
#[case("Ju\u{308}", "Jü")]
#[case("c-1", "c-1")]
fn r01_ids_are_trimmed_and_composed(#[case] cell: &str, #[case] id: &str) {
    assert_eq!(check("Contact Id", cell).contact.unwrap().id, id);
}

#[rstest]
#[case("1.2E+11".to_owned(), Code::IdDamaged)]
#[case("a\u{7}b".to_owned(), Code::IdDamaged)]
#[case("ä".repeat(256), Code::IdTooLong)]
fn r01_an_id_that_is_none_rejects_the_row(#[case] id: String, #[case] code: Code) {
    let row = check("Contact Id,Account Id,Account Name", &format!("{id},A-1,Office Mart"));
    assert!(row.rejected && row.contact.is_none());
    assert!(row.account.as_ref().unwrap().witness, "the organization could be read");
    assert_eq!(row.findings[0].code, code);
    let row = check("Contact Id,Account Id,Account Name", &format!("C-1,{id},Office Mart"));
    assert!(row.rejected && row.account.is_none());
    assert!(!row.contact.as_ref().unwrap().witness, "the membership could not be read");
    assert_eq!(row.codes(), [code]);
}

#[test]
fn r01_an_id_of_255_characters_is_good() {
    assert!(!check("Contact Id", &"ä".repeat(255)).rejected);
}

#[rstest]
#[case("Contact Last Name", "Smith")]
#[case("Contact Work Phone", "+1 317 555 0101")]
#[case("Contact Work Phone Extension", "12")]
#[case("Contact Work Phone,Contact Work Phone Extension", ",12")]
fn r04_contact_data_without_an_id_is_an_error(#[case] header: &str, #[case] cell: &str) {
    let row = check(&format!("Contact Id,{header}"), &format!(",{cell}"));
    assert!(row.rejected && !row.blank);
    assert!(row.codes().contains(&Code::ContactIdMissing));
    assert_eq!(row.findings.iter().find(|f| f.code == Code::ContactIdMissing).unwrap().column, Some(1));
}

#[test]
fn r04_account_data_without_an_id_is_an_error() {
    let row = check("Contact Id,Account Id,Account Name", "C-1,,Office Mart");
    assert_eq!((row.rejected, row.codes()), (true, vec![Code::AccountIdMissing]));
}

#[rstest]
#[case("Contact Country", "US")]
#[case("Contact Salutation", "Ms")]
#[case("Contact Survey Opt Out", "no")]
#[case("Account Country", "US")]
fn r04_country_salutation_and_survey_alone_make_nothing(#[case] header: &str, #[case] cell: &str) {
    let row = check(&format!("Contact Id,Account Id,{header}"), &format!(",,{cell}"));
    assert_eq!(row, Kept { blank: true, ..Kept::default() });
}

#[rstest]
#[case(" ,,", true)]
#[case(",", true)]
#[case(",,,", true)]
#[case(",,left out", true)]
#[case("C-1,,", false)]
fn r12_blank_rows(#[case] cells: &str, #[case] blank: bool) {
    let row = check("Contact Id,Contact City,Lead Source", cells);
    assert_eq!((row.blank, row.rejected), (blank, false));
}

#[rstest]
#[case("C-1", Some(Code::RowTooShort))]
#[case("C-1,Lyon,x", Some(Code::RowTooLong))]
#[case("C-1,Lyon,, ", None)]
fn r22_rows_must_have_as_many_cells_as_the_header(#[case] cells: &str, #[case] code: Option<Code>) {
    let row = check("Contact Id,Contact City", cells);
    assert_eq!(row.codes(), code.into_iter().collect::<Vec<_>>());
    assert_eq!((row.rejected, row.contact.is_some()), (code.is_some(), code.is_none()));
}

#[test]
fn r27_a_composed_id() {
    let options = MapOptions { maps: vec!["Country+No=contact.id".into()], ..MapOptions::default() };
    let check = |row: &str| check_with(&options, &Reading::default(), "No,Country,Last Name", row);
    let row = check(" 17 ,HU,Nagy");
    let contact = row.contact.as_ref().unwrap();
    assert_eq!(contact.id, "HU-17");
    assert_eq!(contact.text("contact.country").as_deref(), Some("HU"));
    assert_eq!(check(",HU,Nagy").codes(), [Code::ContactIdMissing]);
    assert_eq!(check(",HU,").codes(), [], "a part alone is no contact data");
    let row = check("1-7,HU,Nagy");
    assert_eq!((row.codes(), row.contact.is_none()), (vec![Code::KeySeparator], true));
    assert_eq!(row.findings[0].column, Some(1));
}

#[test]
fn r29_a_malformed_cell_is_kept_and_warned_about() {
    let row = check("Contact Id,Contact Work Email", "C-1,ksmith");
    assert!(!row.rejected);
    assert_eq!(row.contact.as_ref().unwrap().text("contact.work_email").as_deref(), Some("ksmith"));
    let finding = &row.findings[0];
    assert_eq!((finding.code, finding.column, finding.value.as_str()), (Code::EmailMalformed, Some(2), "ksmith"));
}

#[test]
fn r29_a_cell_that_cannot_be_read_rejects_the_row_and_bears_no_witness() {
    let header = "Contact Id,Contact Survey Opt Out,Account Id,Account Employees,Contact City";
    let row = check(header, "C-1,perhaps,A-1,many,Lyon");
    assert_eq!((row.rejected, row.codes()), (true, vec![Code::YesNoUnreadable, Code::NumberUnreadable]));
    let (contact, account) = (row.contact.as_ref().unwrap(), row.account.as_ref().unwrap());
    assert!(!contact.witness && !account.witness);
    assert_eq!(contact.text("contact.city").as_deref(), Some("Lyon"));
    let row = check("Contact Id,Account Id,Account City", &format!("C-1,A-1,{}", "x".repeat(101)));
    assert_eq!(
        (row.codes(), row.contact.as_ref().unwrap().witness, row.account.as_ref().unwrap().witness),
        (vec![Code::TextTooLong], true, false)
    );
}

#[test]
fn r17_the_region_comes_from_the_setting_or_the_country() {
    let header = "Contact Id,Contact Work Phone,Contact Country,Account Id,Account Phone,Account Country";
    let e164 = |reading: &Reading, row: &str| {
        let row = check_with(&MapOptions::default(), reading, header, row);
        let of = |side: &Option<KeptSide>, field| side.as_ref().and_then(|s| s.text(field));
        (of(&row.contact, "contact.work_phone"), of(&row.account, "account.phone"), row.codes())
    };
    let text = |text: &str| Some(text.to_owned());
    let (us, own) = (Reading::default(), Reading { region_from_country: true, ..Reading::default() });
    let row = "C-1,030 2093 0,Germany,A-1,06 1 268 4444,HUN";
    assert_eq!(e164(&own, row), (text("+493020930"), text("+3612684444"), vec![]));
    assert_eq!(e164(&us, row).2.len(), 2, "as US numbers they are none");
    let row = "C-1,(317) 555-0101,,A-1,(317) 555-0101,Germoney";
    assert_eq!(e164(&us, row), (text("+13175550101"), text("+13175550101"), vec![]));
    let unknown = vec![Code::PhoneRegionUnknown, Code::CountryUnknown];
    assert_eq!(e164(&own, row), (text("+13175550101"), text("(317) 555-0101"), unknown));
}

#[test]
fn r17_the_country_column_of_a_phone_goes_first() {
    let header = "Contact Id,Contact Work Phone,Contact Work Phone Country Code,Contact Country";
    let own = Reading { region_from_country: true, ..Reading::default() };
    let row = check_with(&MapOptions::default(), &own, header, "C-1,06 1 268 4444,HU,Germany");
    let contact = row.contact.as_ref().unwrap();
    assert_eq!(contact.text("contact.work_phone").as_deref(), Some("+3612684444"));
    assert_eq!(contact.text("contact.work_phone_country").as_deref(), Some("HU"));
    let row = check(header, "C-1,06 1 268 4444,Hungaria,Hungary");
    assert_eq!(row.codes(), [Code::PhoneRegionUnknown, Code::CountryUnknown]);
}

#[rstest]
#[case("(317) 555-0101,12", "+13175550101 x12", None)]
#[case("(317) 555-0101 x12,12", "+13175550101 x12", None)]
#[case("(317) 555-0101 x13,12", "+13175550101 x13", Some("the phone itself says 13"))]
#[case("(317) 555-0101,front desk", "+13175550101", Some("it is not an extension"))]
#[case(",12", "", Some("the phone is empty"))]
fn r17_an_extension_belongs_to_its_phone(#[case] cells: &str, #[case] shown: &str, #[case] detail: Option<&str>) {
    let row = check("Contact Id,Contact Work Phone,Contact Work Phone Extension", &format!("C-1,{cells}"));
    assert_eq!(row.contact.as_ref().unwrap().text("contact.work_phone").unwrap_or_default(), shown);
    let details: Vec<(Code, &str)> = row.findings.iter().map(|f| (f.code, f.detail.as_str())).collect();
    assert_eq!(details, detail.map(|d| (Code::ExtensionConflict, d)).into_iter().collect::<Vec<_>>());
    assert!(!row.rejected);
}

#[test]
fn an_extension_without_a_column_for_its_phone_is_pointed_out() {
    assert_eq!(check("Contact Id,Contact Work Phone Extension", "C-1,12").codes(), [Code::ExtensionConflict]);
}

#[test]
fn r18_an_invalid_phone_is_kept_as_text() {
    let row = check("Contact Id,Contact Work Phone", "C-1,4.47912E+11");
    let phone = row.contact.as_ref().unwrap().text("contact.work_phone");
    assert_eq!((phone.as_deref(), row.rejected), (Some("4.47912E+11"), false));
    assert_eq!(row.findings[0].code, Code::PhoneDamaged);
    let strict = Reading { strict_phones: true, ..Reading::default() };
    let row = check_with(&MapOptions::default(), &strict, "Contact Id,Contact Work Phone", "C-1,317");
    assert_eq!(
        (row.rejected, row.findings[0].severity, row.contact.as_ref().unwrap().witness),
        (true, Severity::Error, true)
    );
}

#[test]
fn a_nul_byte_rejects_its_row() {
    let row = check("Contact Id,Contact City,Account Id", "C-1,Ly\0on,A-1");
    assert_eq!((row.rejected, row.codes()), (true, vec![Code::NulByte]));
    assert_eq!((row.contact.as_ref().unwrap().witness, row.account.as_ref().unwrap().witness), (false, true));
}

#[test]
fn a_record_larger_than_the_base_stores_is_rejected() {
    let options = MapOptions { keep_unmapped: true, ..MapOptions::default() };
    let row = format!("C-1,{}", "x".repeat(MAX_RECORD));
    let row = check_with(&options, &Reading::default(), "Contact Id,Notes", &row);
    assert_eq!((row.rejected, row.codes()), (true, vec![Code::RecordTooLarge]));
}

#[test]
fn every_finding_has_its_message() {
    let header = "Contact Id,Account Id,Account Employees,Contact City";
    let row = check(header, &format!("1E+11,A-1,many,{}", "x".repeat(101)));
    let messages: Vec<String> = row.findings.iter().map(|f| f.message("the cell")).collect();
    assert_eq!(
        messages,
        [
            "the cell '1E+11' is not an ID: a spreadsheet has rounded the number",
            "the cell has 101 characters, 100 are allowed",
            "the cell 'many' is not a whole number",
        ]
    );
    assert_eq!(check(header, "x").findings[0].message(""), "the row has 1 cell, the header has 4");
}
