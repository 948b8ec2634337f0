//! A record in one line: what lists show of it.

use crate::model::fields::{Entity, FieldId, by_name};
use crate::model::record::{Value, ValuesRef};

/// A cell of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The field that it comes from, so that a match in it can be found.
    pub field: FieldId,
    /// What it says; may be empty. Foreign text.
    pub text: String,
}

/// The headings of [`cells`].
pub fn headings(entity: Entity) -> [&'static str; 7] {
    match entity {
        Entity::Contact => ["NAME", "ORGANIZATION", "PHONE", "E-MAIL", "ID", "TITLE", "CITY"],
        Entity::Organization => ["NAME", "INDUSTRY", "PHONE", "WEBSITE", "ID", "TYPE", "CITY"],
    }
}

/// The fields of each column in the order of preference: the first that has a value is shown.
const CONTACT: [&[&str]; 5] = [
    &["contact.work_phone", "contact.cell_phone", "contact.home_phone", "contact.other_phone"],
    &["contact.work_email", "contact.personal_email", "contact.other_email"],
    &["contact.id"],
    &["contact.title"],
    &["contact.city"],
];
const ORGANIZATION: [&[&str]; 5] = [
    &["account.phone", "account.fax"],
    &["account.website"],
    &["account.id"],
    &["account.company_type"],
    &["account.city"],
];

/// A record as the cells under [`headings`]. `organization` is the name of a contact's organization.
pub fn cells(entity: Entity, id: &str, values: ValuesRef<'_>, organization: Option<&str>) -> [Cell; 7] {
    let (second, columns) = match entity {
        Entity::Contact => {
            (Cell { field: named("account.name"), text: organization.unwrap_or_default().to_owned() }, CONTACT)
        }
        Entity::Organization => (first(&["account.industry"], values), ORGANIZATION),
    };
    let name_field = if entity == Entity::Contact { "contact.first_name" } else { "account.name" };
    let name = Cell { field: named(name_field), text: name(entity, values) };
    let [phone, email, _, about, city] = columns.map(|fields| first(fields, values));
    [name, second, phone, email, Cell { field: entity.key(), text: id.to_owned() }, about, city]
}

/// The name of a person or an organization.
pub fn name(entity: Entity, values: ValuesRef<'_>) -> String {
    let fields: &[&str] = match entity {
        Entity::Contact => &["contact.first_name", "contact.middle_name", "contact.last_name"],
        Entity::Organization => &["account.name"],
    };
    let parts: Vec<&str> = fields.iter().filter_map(|field| values.text(named(field))).collect();
    parts.join(" ")
}

/// A value for people to read: a valid phone in groups.
pub fn readable(value: &Value) -> String {
    match value {
        Value::Phone(phone) => phone.readable(),
        Value::Text(text) => text.clone(),
    }
}

fn first(fields: &[&str], values: ValuesRef<'_>) -> Cell {
    let filled = fields.iter().map(|field| named(field)).find_map(|field| Some((field, values.value(field)?)));
    match filled {
        Some((field, value)) => Cell { field, text: readable(&value) },
        None => Cell { field: named(fields[0]), text: String::new() },
    }
}

/// The field of a name of the table; a wrong name, which a test would see, is the key of contacts.
fn named(name: &str) -> FieldId {
    by_name(name).map_or(FieldId::CONTACT_ID, |field| field.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::phone::Phone;
    use crate::model::record::Values;
    use crate::model::settings::Country;

    fn text(name: &str, text: &str) -> (FieldId, Value) {
        (named(name), Value::Text(text.into()))
    }

    #[test]
    fn every_field_named_here_is_in_the_table() {
        for name in CONTACT.iter().chain(&ORGANIZATION).copied().flatten() {
            assert!(by_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_first_phone_and_e_mail_that_are_there_are_shown() {
        let phone = Value::Phone(Phone::parse("(317) 555-0101", Some("12"), Country::new("US")));
        let values: Values = [
            text("contact.first_name", "Kathryn"),
            text("contact.last_name", "Smith"),
            (named("contact.cell_phone"), phone),
            text("contact.personal_email", "k@smith.example"),
        ]
        .into_iter()
        .collect();
        let cells = cells(Entity::Contact, "C-1", values.view(), Some("Office Mart"));
        let texts = cells.each_ref().map(|cell| cell.text.as_str());
        assert_eq!(texts, ["Kathryn Smith", "Office Mart", "+1 317-555-0101 x12", "k@smith.example", "C-1", "", ""]);
        assert_eq!(cells[2].field, named("contact.cell_phone"));
    }
}
