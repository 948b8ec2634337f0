//! A value that a person types, checked as a cell of the file would be.

use std::io;

use super::mapping::{Column, Key, Mapping, Target};
use super::{CheckedRow, Checker, Sink};
use crate::model::fields::{Catalog, Entity, FieldId};
use crate::model::finding::{Finding, Severity};
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
    let mut kept = Kept { entity, field, payload: Vec::new(), findings: Vec::new() };
    let checker = Checker::new(&mapping(entity, field), catalog, reading);
    // The sink keeps everything in memory and never fails.
    let _ = checker.check_record(0, 0, &["1", text], &mut kept);
    let errors = kept.findings.iter().position(|f| f.severity == Severity::Error);
    match errors.map(|place| kept.findings.swap_remove(place)) {
        Some(error) => Err(Box::new(error)),
        None => Ok(Typed { payload: kept.payload, warning: kept.findings.pop() }),
    }
}

/// A file with two columns: an ID, and the field.
fn mapping(entity: Entity, field: FieldId) -> Mapping {
    let key = |column| Some(Key { columns: vec![column], separator: "-".to_owned() });
    let column = |target| Column { header: String::new(), target };
    let is_key = field == FieldId::ACCOUNT_ID;
    let target = if is_key { Target::Key(field) } else { Target::Field(field) };
    Mapping {
        columns: vec![column(Target::Key(entity.key())), column(target)],
        contact_key: if entity == Entity::Contact { key(0) } else { None },
        account_key: match entity {
            Entity::Organization => key(0),
            Entity::Contact if is_key => key(1),
            Entity::Contact => None,
        },
    }
}

/// Keeps the value of one field.
struct Kept {
    entity: Entity,
    field: FieldId,
    payload: Vec<u8>,
    findings: Vec<Finding>,
}

impl Sink for Kept {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        let side = if self.entity == Entity::Contact { row.contact } else { row.account };
        if let Some(payload) = side.and_then(|side| side.values.get(self.field)) {
            self.payload = payload.to_vec();
        }
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.findings.push(finding);
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
}
