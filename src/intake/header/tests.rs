use super::*;
use crate::intake::{Answer, Key, QuestionKind};
use crate::model::fields::{Entity, FieldId, by_name};
use crate::model::settings::{Merging, Reading};
use proptest::prelude::*;
use rstest::rstest;

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn options(maps: &[&str]) -> MapOptions {
    MapOptions { maps: header(maps), ..MapOptions::default() }
}

fn mapped(names: &[&str], options: &MapOptions) -> MapOutcome {
    map_header(&header(names), options, &Catalog::default(), &[]).unwrap()
}

/// What each column feeds, by name; a key in brackets.
fn targets(outcome: &MapOutcome) -> Vec<String> {
    let name = |target: Target| match target {
        Target::Field(field) => outcome.catalog.name(field),
        Target::Key(field) => format!("[{}]", outcome.catalog.name(field)),
        Target::LeftOut => "-".to_owned(),
        Target::Own => "own".to_owned(),
    };
    outcome.mapping.columns.iter().map(|column| name(column.target)).collect()
}

fn remembered(outcome: &MapOutcome) -> RememberedMapping {
    let names: Vec<&str> = outcome.mapping.columns.iter().map(|c| c.header.as_str()).collect();
    RememberedMapping {
        fingerprint: fingerprint(&names),
        mapping: outcome.mapping.clone(),
        reading: Reading::default(),
        merging: Merging::default(),
    }
}

#[rstest]
#[case(&["Contact Id", "Contact First Name", "Account Id"], Some(Dialect::Older))]
#[case(&["External ID", "First Name", "External Organization External ID"], Some(Dialect::Current))]
#[case(&["CONTACT_ID", "firstname", "Company ID"], Some(Dialect::Older))]
#[case(&["Record ID", "Given Name", "Company ID"], None)]
fn r21_both_dialects_and_aliases_are_understood(#[case] names: &[&str], #[case] dialect: Option<Dialect>) {
    let outcome = mapped(names, &MapOptions::default());
    assert_eq!(targets(&outcome), ["[contact.id]", "contact.first_name", "[account.id]"]);
    assert_eq!((outcome.questions, outcome.dialect), (vec![], dialect));
}

#[test]
fn r21_what_fits_nothing_is_listed_and_left_out() {
    let outcome = mapped(&["Contact Id", "Lead Source", "", "muster code"], &MapOptions::default());
    assert_eq!(targets(&outcome), ["[contact.id]", "-", "-", "own"]);
    assert_eq!((outcome.unmapped, outcome.questions), (vec![1, 2], vec![]));
}

#[test]
fn r21_or_kept_as_custom_fields() {
    let keep = MapOptions { keep_unmapped: true, ..MapOptions::default() };
    let outcome = mapped(&["Contact Id", "Lead Source", "", "Account Custom"], &keep);
    assert_eq!(targets(&outcome), ["[contact.id]", "contact.custom.Lead Source", "-", "contact.custom.Account Custom"]);
    let outcome = mapped(&["Account Id", "Account Name", "Segment"], &keep);
    assert_eq!(targets(&outcome)[2], "account.custom.Segment");
    assert_eq!(outcome.catalog.customs().count(), 1);
    let twice = mapped(&["Contact Id", "Segment", "Segment"], &keep);
    assert!(matches!(&twice.questions[0].kind, QuestionKind::Field { columns, .. } if *columns == [1, 2]));
}

#[test]
fn r21_the_headers_of_an_export_with_custom_fields_are_understood() {
    let outcome = mapped(&["Contact Id", "contact.custom.Lead Source", "account.custom.Tier"], &options(&[]));
    assert_eq!(targets(&outcome)[1..], ["contact.custom.Lead Source", "account.custom.Tier"]);
}

#[test]
fn r21_an_alias_means_what_no_exact_header_means() {
    let header = ["Contact Id", "Contact Cell Phone", "Phone", "Account Phone", "Account Id"];
    let outcome = mapped(&header, &options(&[]));
    assert_eq!(
        targets(&outcome),
        ["[contact.id]", "contact.cell_phone", "contact.work_phone", "account.phone", "[account.id]"]
    );
    assert_eq!(outcome.questions, []);
}

#[test]
fn r21_two_columns_for_a_field_are_asked_about_even_if_one_fits_exactly() {
    let header = ["Contact Id", "Mobile", "Contact Cell Phone"];
    let outcome = mapped(&header, &options(&[]));
    assert!(matches!(&outcome.questions[0].kind, QuestionKind::Field { columns, .. } if *columns == [1, 2]));
    let said = mapped(&header, &options(&["Contact Cell Phone=contact.cell_phone"]));
    assert_eq!((targets(&said)[1].as_str(), said.questions), ("-", Vec::new()));
}

#[test]
fn r21_without_account_columns_an_alias_means_the_contact() {
    let outcome = mapped(&["Contact Id", "First Name", "Last Name", "Phone", "Street"], &options(&[]));
    assert_eq!(targets(&outcome)[3..], ["contact.work_phone", "contact.address1"]);
    assert_eq!(outcome.questions, []);
}

#[test]
fn r21_without_contact_columns_a_header_means_the_organization() {
    let outcome = mapped(&["Account Id", "Company", "Phone", "City", "Country"], &options(&[]));
    assert_eq!(targets(&outcome), ["[account.id]", "account.name", "account.phone", "account.city", "account.country"]);
    assert_eq!(outcome.questions, []);
}

#[test]
fn r21_a_header_that_fits_two_fields_is_asked_about() {
    let names = ["Contact Id", "First Name", "Company", "Account Id", "Phone"];
    let outcome = mapped(&names, &options(&[]));
    assert_eq!(outcome.questions.len(), 1);
    let question = &outcome.questions[0];
    assert_eq!(question.kind, QuestionKind::Header { column: 4 });
    let answers: Vec<String> = question.answers.iter().map(Answer::options).collect();
    assert_eq!(answers, ["--map 'Phone=contact.work_phone'", "--map 'Phone=account.phone'", "--map 'Phone='"]);
    for (answer, expected) in question.answers.iter().zip(["contact.work_phone", "account.phone", "-"]) {
        let mut options = options(&[]);
        answer.apply(&mut options);
        let answered = mapped(&names, &options);
        assert_eq!((targets(&answered)[4].as_str(), answered.questions), (expected, vec![]));
    }
    let without_company = mapped(&names, &options(&["Company=", "Account Id="]));
    assert_eq!((targets(&without_company)[4].as_str(), without_company.questions), ("contact.work_phone", vec![]));
    let without_accounts = mapped(&names, &MapOptions { no_accounts: true, ..MapOptions::default() });
    assert_eq!(targets(&without_accounts), ["[contact.id]", "contact.first_name", "-", "-", "contact.work_phone"]);
    assert_eq!(without_accounts.questions, []);
}

#[rstest]
#[case(&["Contact Id", "External ID", "First Name"])]
#[case(&["Contact Id", "Contact Id", "First Name"])]
#[case(&["Contact Id", "Surname", "Family Name"])]
fn r21_a_field_that_gets_two_columns_is_asked_about(#[case] names: &[&str]) {
    let outcome = mapped(names, &options(&[]));
    let [question] = &outcome.questions[..] else { panic!("{:?}", outcome.questions) };
    assert!(matches!(&question.kind, QuestionKind::Field { columns, .. } if columns.len() == 2));
    for answer in &question.answers {
        let mut options = options(&[]);
        answer.apply(&mut options);
        assert_eq!(mapped(names, &options).questions, [], "{}", answer.options());
    }
}

#[test]
fn r21_what_a_person_says_goes_first() {
    let outcome = mapped(&["Key", "Contact Id", "City", "Town"], &options(&["Key=contact.id", "Town=contact.city"]));
    assert_eq!(targets(&outcome), ["[contact.id]", "-", "-", "contact.city"]);
    assert_eq!(outcome.questions, []);
    let both =
        map_header(&header(&["a", "b"]), &options(&["a=contact.city", "b=contact.city"]), &Catalog::default(), &[]);
    assert_eq!(both.unwrap_err(), MapError::FieldTwice("contact.city".into()));
}

#[test]
fn r27_a_key_is_composed_of_columns_that_keep_their_meaning() {
    let mut options = options(&["Country+Customer No=contact.id"]);
    options.key_separator = Some("/".into());
    let outcome = mapped(&["Customer No", "Country", "Last Name"], &options);
    assert_eq!(targets(&outcome), ["[contact.id]", "contact.country", "contact.last_name"]);
    assert_eq!(outcome.mapping.contact_key, Some(Key { columns: vec![1, 0], separator: "/".into() }));
    assert_eq!(outcome.mapping.key_headers(Entity::Contact), ["Country", "Customer No"]);
    options.key_separator = Some(String::new());
    assert_eq!(map_header(&header(&["a"]), &options, &Catalog::default(), &[]).unwrap_err(), MapError::KeySeparator);
}

#[test]
fn r04_account_columns_without_an_account_id_are_asked_about_once() {
    let names = ["Contact Id", "First Name", "Company", "Industry"];
    let outcome = mapped(&names, &options(&[]));
    let [question] = &outcome.questions[..] else { panic!("{:?}", outcome.questions) };
    assert_eq!(question.kind, QuestionKind::KeyMissing { entity: Entity::Organization });
    let answers: Vec<(String, bool)> = question.answers.iter().map(|a| (a.options(), a.suggested)).collect();
    assert_eq!(answers, [("--no-accounts".to_owned(), true), ("--map 'Company=account.id'".to_owned(), false)]);

    let composed = mapped(&names, &options(&["Company=account.id"]));
    assert_eq!(targets(&composed)[2], "account.name", "the name stays the name");
    assert_eq!(composed.mapping.account_key.as_ref().map(|k| k.columns.clone()), Some(vec![2]));
    assert!(composed.mapping.fields().contains(&FieldId::ACCOUNT_ID));
    assert_eq!(composed.questions, []);
}

#[test]
fn r04_a_country_alone_needs_no_id() {
    assert_eq!(mapped(&["Contact Id", "Last Name", "Company Country"], &options(&[])).questions, []);
}

#[test]
fn r04_contact_columns_without_a_contact_id_are_asked_about() {
    let outcome = mapped(&["Account Id", "Account Name", "First Name", "Client"], &options(&[]));
    let [question] = &outcome.questions[..] else { panic!("{:?}", outcome.questions) };
    assert_eq!(question.kind, QuestionKind::KeyMissing { entity: Entity::Contact });
    let answers: Vec<String> = question.answers.iter().map(Answer::options).collect();
    assert_eq!(answers, ["--map 'First Name='", "--map 'Client=contact.id'"]);
}

#[test]
fn a_file_that_means_nothing_is_asked_about() {
    for names in [&["Kathryn", "Smith"][..], &["Country"], &[""]] {
        let outcome = mapped(names, &options(&[]));
        assert_eq!(outcome.questions[0].kind, QuestionKind::NothingKnown, "{names:?}");
    }
}

#[test]
fn r21_a_mapping_is_remembered_by_its_header_line() {
    let first =
        mapped(&["Key", "Phone", "Company", "Tier"], &options(&["Key=contact.id", "Phone=contact.home_phone", "#3="]));
    let again = header(&["KEY", "phone", "Company", "Tier", "muster line", "muster raw"]);
    let outcome = map_header(&again, &options(&[]), &first.catalog, &[remembered(&first)]).unwrap();
    assert_eq!(targets(&outcome), ["[contact.id]", "contact.home_phone", "-", "-", "own", "own"]);
    assert!(outcome.remembered && outcome.questions.is_empty());
    let corrected =
        map_header(&again, &options(&["Company=contact.home_phone"]), &first.catalog, &[remembered(&first)]);
    assert_eq!(targets(&corrected.unwrap())[1..3], ["-", "contact.home_phone"]);
}

#[test]
fn r27_a_composed_key_is_remembered() {
    let first = mapped(&["muster line", "Nr", "Country"], &options(&["Country+Nr=contact.id"]));
    let outcome =
        map_header(&header(&["Nr", "Country"]), &options(&[]), &first.catalog, &[remembered(&first)]).unwrap();
    assert_eq!(outcome.mapping.contact_key, Some(Key { columns: vec![1, 0], separator: "-".into() }));
    let without = map_header(&header(&["Nr", "Country"]), &options(&["Nr="]), &first.catalog, &[remembered(&first)]);
    assert_eq!(without.unwrap().mapping.contact_key, None);
}

#[test]
fn r27_other_key_columns_than_last_time_are_asked_about() {
    let first = mapped(&["Nr", "Country", "First Name", "Last Name"], &options(&["Country+Nr=contact.id"]));
    let memory = [remembered(&first)];
    let names = header(&["Nr", "Country", "First Name", "Last Name", "Contact Id"]);
    let outcome = map_header(&names, &options(&[]), &first.catalog, &memory).unwrap();
    let [question] = &outcome.questions[..] else { panic!("{:?}", outcome.questions) };
    assert_eq!(question.kind, QuestionKind::KeyChanged { entity: Entity::Contact });
    let answers: Vec<String> = question.answers.iter().map(Answer::options).collect();
    assert_eq!(answers, ["--map 'Country+Nr=contact.id'", "--map 'Contact Id=contact.id'"]);
    for answer in &question.answers {
        let mut options = options(&[]);
        answer.apply(&mut options);
        assert_eq!(map_header(&names, &options, &first.catalog, &memory).unwrap().questions, []);
    }
    let other = header(&["Contact Id", "Contact Title", "Contact City", "Contact State", "Contact Country"]);
    assert_eq!(map_header(&other, &options(&[]), &first.catalog, &memory).unwrap().questions, []);
}

#[test]
fn r27_what_made_the_id_last_time_is_offered_where_nothing_in_the_file_does() {
    let first = mapped(&["Nr", "Country", "First Name", "Last Name"], &options(&["Country+Nr=contact.id"]));
    let names = header(&["Nr", "Country", "First Name", "Last Name", "City"]);
    let outcome = map_header(&names, &options(&[]), &first.catalog, &[remembered(&first)]).unwrap();
    let [question] = &outcome.questions[..] else { panic!("{:?}", outcome.questions) };
    assert_eq!(question.kind, QuestionKind::KeyMissing { entity: Entity::Contact });
    let answers: Vec<String> = question.answers.iter().map(Answer::options).collect();
    assert_eq!(answers, ["--map 'Nr=contact.id'", "--map 'Country+Nr=contact.id'"]);
}

#[test]
fn r11_the_fields_of_a_mapping_are_those_that_the_file_brings() {
    let outcome =
        mapped(&["Contact Id", "Contact Work Phone", "Contact Work Phone Extension", "Account Id"], &options(&[]));
    let phone = by_name("contact.work_phone").unwrap().id;
    assert_eq!(outcome.mapping.fields().into_iter().collect::<Vec<_>>(), [phone, FieldId::ACCOUNT_ID]);
    assert_eq!(outcome.mapping.column_of(phone), Some(1));
}

#[test]
fn a_mapping_survives_storage() {
    let outcome = mapped(&["Contact Id", "City", "x"], &options(&[]));
    let memory = remembered(&outcome);
    let stored = postcard::to_stdvec(&memory).unwrap();
    assert_eq!(postcard::from_bytes::<RememberedMapping>(&stored).unwrap(), memory);
}

/// Headers that the table knows, with some that it does not.
fn any_header() -> impl Strategy<Value = String> {
    let known =
        FIELDS.iter().flat_map(|f| [f.header, f.header_current, f.name].into_iter().chain(f.aliases.iter().copied()));
    let unknown = ["", "#2", "Segment", "segment", "a+b", "x=y", "muster line", "contact.custom.Segment", "'=1"];
    prop::sample::select(known.chain(unknown).map(str::to_owned).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn r21_answering_one_question_after_the_other_leads_to_a_mapping(
        names in prop::collection::vec(any_header(), 1..12),
        choices in prop::collection::vec(any::<prop::sample::Index>(), 40),
        keep_unmapped: bool,
    ) {
        let mut options = MapOptions { keep_unmapped, ..MapOptions::default() };
        for choice in choices {
            let outcome = map_header(&names, &options, &Catalog::default(), &[]).unwrap();
            let Some(question) = outcome.questions.first() else { return Ok(()) };
            if question.answers.is_empty() {
                // Nothing in the header can be a key.
                prop_assert!(outcome.mapping.contact_key.is_none());
                return Ok(());
            }
            choice.get(&question.answers).apply(&mut options);
        }
        prop_assert!(false, "still asked: {options:?}");
    }
}
