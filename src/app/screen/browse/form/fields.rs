//! The fields of a form: those of the table in groups, then the custom ones.

use crate::app::field::TextField;
use crate::flow::edit::editable;
use crate::model::fields::{Catalog, Entity, Field, FieldId, Kind};
use crate::model::record::{Record, Value};
use crate::report::json::fields_of;

/// Fields that stand together, under a heading. The order is that of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who it is.
    Name,
    /// Phones.
    Phones,
    /// E-mail addresses.
    Emails,
    /// The postal address.
    Address,
    /// Everything else in the table.
    More,
    /// By which country's rules phones are read, and whether they take SMS.
    PhoneDetails,
    /// Fields that imports have added.
    Custom,
}

impl Group {
    /// The group of a field.
    pub fn of(field: FieldId) -> Group {
        let Some(Field { kind, name, .. }) = field.field() else { return Group::Custom };
        let part = name.split_once('.').map_or(*name, |(_, part)| part);
        match (kind, part) {
            (Kind::Phone, _) => Group::Phones,
            (Kind::Email, _) => Group::Emails,
            (Kind::PhoneCountry(_) | Kind::PhoneSms(_) | Kind::Extension(_), _) => Group::PhoneDetails,
            (Kind::Country, _) | (_, "address1" | "address2" | "city" | "state" | "postal_code") => Group::Address,
            (Kind::Id, _) => Group::Name,
            (_, "salutation" | "first_name" | "middle_name" | "last_name" | "title" | "name") => Group::Name,
            _ => Group::More,
        }
    }

    /// The heading of the group.
    pub fn heading(self, entity: Entity) -> &'static str {
        match (self, entity) {
            (Group::Name, Entity::Contact) => "Person",
            (Group::Name, Entity::Organization) => "Organization",
            (Group::Phones, _) => "Phones",
            (Group::Emails, _) => "E-mail",
            (Group::Address, _) => "Address",
            (Group::More, _) => "More",
            (Group::PhoneDetails, _) => "Phone details",
            (Group::Custom, _) => "Custom fields",
        }
    }
}

/// A field of a form.
#[derive(Debug)]
pub struct FormField {
    /// Which field.
    pub id: FieldId,
    /// Its name.
    pub label: String,
    /// What is typed.
    pub input: TextField,
    /// The text with which it began.
    pub before: String,
    /// What the base did not like about it when it was to be saved.
    pub refused: Option<String>,
    /// The value that came into the base while the person was typing another one.
    pub meanwhile: Option<String>,
    /// Whether its value has line ends or is too long for a line of text, so that it can only be seen here.
    pub locked: bool,
}

impl FormField {
    fn new(id: FieldId, record: Option<&Record>, catalog: &Catalog) -> FormField {
        let mut field = FormField {
            id,
            label: catalog.label(id),
            input: TextField::default(),
            before: String::new(),
            refused: None,
            meanwhile: None,
            locked: false,
        };
        field.begin(record.and_then(|record| record.values.view().value(id)).as_ref());
        field
    }

    /// Begins anew with a value.
    pub fn begin(&mut self, value: Option<&Value>) {
        let text = value.map(|value| editable(self.id, value)).unwrap_or_default();
        self.input = TextField::new(&text);
        self.locked = self.input.text() != text;
        self.before = self.input.text().to_owned();
    }

    /// There is no value to begin with any more: what the field says is typed. What can only be seen here is gone.
    pub fn begin_anew(&mut self) {
        if self.locked {
            self.begin(None);
        }
        self.before.clear();
    }

    /// Whether another text was typed than the one with which it began.
    pub fn touched(&self) -> bool {
        self.input.text() != self.before
    }
}

/// The fields of a record's form; that of a new record begins with its key.
pub fn fields(entity: Entity, record: Option<&Record>, catalog: &Catalog) -> Vec<FormField> {
    let membership = (entity == Entity::Contact).then_some(FieldId::ACCOUNT_ID);
    let all = fields_of(entity, catalog).filter(|field| *field != entity.key() || record.is_none());
    let mut all: Vec<FieldId> = all.chain(membership).collect();
    all.sort_by_key(|field| Group::of(*field));
    all.into_iter().map(|field| FormField::new(field, record, catalog)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::{FIELDS, by_name};

    #[test]
    fn every_field_of_the_table_is_in_the_form_of_its_entity_once() {
        for entity in [Entity::Contact, Entity::Organization] {
            let form = fields(entity, None, &Catalog::default());
            for field in FIELDS.iter().filter(|f| f.entity == entity && !matches!(f.kind, Kind::Extension(_))) {
                assert_eq!(form.iter().filter(|f| f.id == field.id).count(), 1, "{}", field.name);
            }
            assert!(form.is_sorted_by_key(|field| Group::of(field.id)));
            assert_eq!(form[0].id, entity.key());
        }
    }

    #[test]
    fn a_value_that_is_no_line_of_text_is_only_shown() {
        let title = by_name("contact.title").unwrap().id;
        let mut field = FormField::new(title, None, &Catalog::default());
        for (text, locked) in
            [("Head of\nPurchasing".to_owned(), true), ("x".repeat(2000), true), ("CEO".to_owned(), false)]
        {
            field.begin(Some(&Value::Text(text)));
            assert_eq!((field.locked, field.touched()), (locked, false));
        }
    }
}
