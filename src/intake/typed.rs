//! Values that a person types, checked as the cells of a file would be.

use std::io;

use super::mapping::{Column, Key, Mapping, Target};
use super::{CheckedRow, Checker, Sink};
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::finding::{Finding, Severity};
use crate::model::record::Values;
use crate::model::settings::Reading;

/// A value that can be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Its payload; empty if the text is.
    pub payload: Vec<u8>,
    /// What there is to say about it, such as a phone that will not sync.
    pub warning: Option<Finding>,
}

/// Reads a text as the cell of a field of that entity (R1, R17, R29). The Account ID of a contact is its membership.
///
/// # Errors
/// What is wrong with it.
pub fn typed(
    entity: Entity,
    field: FieldId,
    text: &str,
    catalog: &Catalog,
    reading: &Reading,
) -> Result<Typed, Box<Finding>> {
    let mut row = typed_row(entity, &[(field, text)], catalog, reading);
    let error = row.findings.iter().position(|f| f.severity == Severity::Error);
    match error.map(|place| row.findings.swap_remove(place)) {
        Some(error) => Err(Box::new(error)),
        None => {
            let payload = row.values.view().get(field).unwrap_or_default().to_vec();
            Ok(Typed { payload, warning: row.findings.pop() })
        }
    }
}

/// What became of the cells that a person typed for one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedRow {
    /// The values of the cells that could be read.
    pub values: Values,
    /// What there is to say about the cells.
    pub findings: Vec<Finding>,
}

/// Reads texts as the cells of one row, so that a phone is read with the country that stands beside it (R17). Each field
/// comes once, the key of the entity not at all: see [`typed_id`].
pub fn typed_row(entity: Entity, cells: &[(FieldId, &str)], catalog: &Catalog, reading: &Reading) -> TypedRow {
    let mut kept = Kept { entity, id: String::new(), row: TypedRow::default() };
    let fields = cells.iter().map(|(field, _)| *field);
    // Any ID will do: without one the row would be no record.
    let texts: Vec<&str> = std::iter::once("1").chain(cells.iter().map(|(_, text)| *text)).collect();
    let checker = Checker::new(&mapping(entity, fields), catalog, reading);
    // The sink keeps everything in memory and never fails.
    let _ = checker.check_record(0, 0, &texts, &mut kept);
    kept.row
}

/// Reads a text as the key of that entity (R1); empty if the text is.
///
/// # Errors
/// What is wrong with it.
pub fn typed_id(entity: Entity, text: &str) -> Result<String, Box<Finding>> {
    let mut kept = Kept { entity, id: String::new(), row: TypedRow::default() };
    let checker = Checker::new(&mapping(entity, []), &Catalog::default(), &Reading::default());
    let _ = checker.check_record(0, 0, &[text], &mut kept);
    kept.row.findings.pop().map_or(Ok(kept.id), |finding| Err(Box::new(finding)))
}

/// A file whose first column is the ID, and the others these fields.
fn mapping(entity: Entity, fields: impl IntoIterator<Item = FieldId>) -> Mapping {
    let key = |column| Some(Key { columns: vec![column], separator: "-".to_owned() });
    let target = |field| match field {
        FieldId::ACCOUNT_ID => Target::Key(field),
        field => Target::Field(field),
    };
    let targets = std::iter::once(Target::Key(entity.key())).chain(fields.into_iter().map(target));
    let columns: Vec<Column> = targets.map(|target| Column { header: String::new(), target }).collect();
    let account = columns.iter().position(|column| column.target == Target::Key(FieldId::ACCOUNT_ID));
    Mapping {
        contact_key: if entity == Entity::Contact { key(0) } else { None },
        account_key: account.and_then(key),
        columns,
    }
}

/// Keeps one side of one row.
struct Kept {
    entity: Entity,
    id: String,
    row: TypedRow,
}

impl Sink for Kept {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        let side = if self.entity == Entity::Contact { row.contact } else { row.account };
        if let Some(side) = side {
            self.id = side.id.to_owned();
            self.row.values = side.values.to_owned();
        }
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.row.findings.push(finding);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::finding::Code;
    use crate::model::record::Value;
    use rstest::rstest;

    fn read(name: &str, entity: Entity, text: &str) -> Result<(String, Option<Code>), Code> {
        let field = by_name(name).unwrap().id;
        let typed = typed(entity, field, text, &Catalog::default(), &Reading::default()).map_err(|f| f.code)?;
        let value = Value::decode(field, &typed.payload).map(|value| value.text()).unwrap_or_default();
        Ok((value, typed.warning.map(|finding| finding.code)))
    }

    #[rstest]
    #[case("account.name", Entity::Organization, "  Office Mart ", "Office Mart", None)]
    #[case("account.phone", Entity::Organization, "(317) 555-0101", "+13175550101", None)]
    #[case("contact.work_phone", Entity::Contact, "317", "317", Some(Code::PhoneTooShort))]
    #[case("contact.work_email", Entity::Contact, "nobody", "nobody", Some(Code::EmailMalformed))]
    #[case("account.employees", Entity::Organization, "1,200", "1200", None)]
    #[case("account.id", Entity::Contact, "A-7", "A-7", None)]
    #[case("contact.title", Entity::Contact, "", "", None)]
    fn r08_a_typed_value_is_read_as_a_cell(
        #[case] name: &str,
        #[case] entity: Entity,
        #[case] text: &str,
        #[case] value: &str,
        #[case] warning: Option<Code>,
    ) {
        assert_eq!(read(name, entity, text), Ok((value.to_owned(), warning)));
    }

    #[test]
    fn r08_a_typed_value_that_a_cell_may_not_have_is_refused() {
        let long = "x".repeat(5000);
        assert_eq!(read("account.name", Entity::Organization, &long), Err(Code::TextTooLong));
        assert_eq!(read("account.employees", Entity::Organization, "about 20"), Err(Code::NumberUnreadable));
        assert_eq!(read("account.id", Entity::Contact, "1.2E+11"), Err(Code::IdDamaged));
    }

    #[test]
    fn r17_a_phone_is_read_with_the_country_typed_beside_it() {
        let [phone, country] = ["contact.work_phone", "contact.work_phone_country"].map(|n| by_name(n).unwrap().id);
        let read = |country_text| {
            let cells = [(country, country_text), (phone, "020 7946 0204")];
            typed_row(Entity::Contact, &cells, &Catalog::default(), &Reading::default())
        };
        assert_eq!(read("GB").values.view().value(phone).unwrap().text(), "+442079460204");
        assert_eq!(
            read("").findings.iter().map(|f| (f.field, f.code)).collect::<Vec<_>>(),
            [(Some(phone), Code::PhoneTooLong)]
        );
    }

    #[test]
    fn r01_a_typed_id_is_read_as_a_cell() {
        assert_eq!(typed_id(Entity::Contact, " C-1 ").as_deref(), Ok("C-1"));
        assert_eq!(typed_id(Entity::Organization, "").as_deref(), Ok(""));
        assert_eq!(typed_id(Entity::Organization, "#N/A").unwrap_err().code, Code::IdDamaged);
        assert_eq!(typed_id(Entity::Contact, &"x".repeat(256)).unwrap_err().code, Code::IdTooLong);
    }
}
