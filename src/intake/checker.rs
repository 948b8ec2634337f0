//! A mapping and the reading settings, made ready for checking a million rows.

use super::mapping::{Key, Mapping, Target};
use crate::model::fields::{Catalog, Entity, FieldId, Kind};
use crate::model::settings::Reading;

/// How the rows of a file are checked.
#[derive(Debug, Clone)]
pub struct Checker {
    pub(super) reading: Reading,
    /// How many cells a row must have.
    pub(super) columns: usize,
    /// The field that each column feeds.
    fields: Vec<Option<FieldId>>,
    pub(super) contact_key: Option<Key>,
    pub(super) account_key: Option<Key>,
    /// The columns of fields, in ascending order of their fields, so that values come out in the flat form's order.
    pub(super) steps: Vec<Step>,
    /// How many steps, from the first, come before the membership.
    pub(super) before_membership: usize,
    /// The country columns, whose country may be the region of the side's phones (R17).
    pub(super) contact_country: Option<usize>,
    pub(super) account_country: Option<usize>,
}

/// One column that feeds a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) column: usize,
    pub(super) field: FieldId,
    pub(super) entity: Entity,
    pub(super) kind: Kind,
    /// In characters.
    pub(super) limit: usize,
    /// Whether a value makes its record exist: country, salutation, survey opt-out and their like do not (R4).
    pub(super) makes_record: bool,
    /// For a phone: its extension column.
    pub(super) extension: Option<usize>,
    /// For a phone: its country column.
    pub(super) phone_country: Option<usize>,
}

impl Checker {
    /// For files with that mapping. Columns of custom fields that the catalog does not have are left out.
    pub fn new(mapping: &Mapping, catalog: &Catalog, reading: &Reading) -> Checker {
        let column_of_kind = |kind: Kind| {
            mapping.columns.iter().position(|c| matches!(c.target, Target::Field(field) if field.kind() == kind))
        };
        let step = |(column, target): (usize, Target)| {
            let Target::Field(field) = target else { return None };
            let kind = field.kind();
            let (extension, phone_country) = match kind {
                Kind::Phone => (column_of_kind(Kind::Extension(field)), column_of_kind(Kind::PhoneCountry(field))),
                // It is read with its phone, unless there is none.
                Kind::Extension(phone) if mapping.column_of(phone).is_some() => return None,
                _ => (None, None),
            };
            let limit = field.field().map_or(usize::MAX, |f| f.limit);
            let entity = catalog.entity(field)?;
            Some(Step {
                column,
                field,
                entity,
                kind,
                limit,
                makes_record: makes_record(field),
                extension,
                phone_country,
            })
        };
        let mut steps: Vec<Step> = mapping.columns.iter().map(|c| c.target).enumerate().filter_map(step).collect();
        let fields = mapping.columns.iter().map(|column| match column.target {
            Target::Field(field) | Target::Key(field) => Some(field),
            Target::LeftOut | Target::Own => None,
        });
        steps.sort_by_key(|step| step.field);
        let country = |name| crate::model::fields::by_name(name).and_then(|f| mapping.column_of(f.id));
        Checker {
            reading: reading.clone(),
            columns: mapping.columns.len(),
            fields: fields.collect(),
            contact_key: mapping.contact_key.clone(),
            account_key: mapping.account_key.clone(),
            before_membership: steps.partition_point(|step| step.field < FieldId::ACCOUNT_ID),
            steps,
            contact_country: country("contact.country"),
            account_country: country("account.country"),
        }
    }

    /// The key of an entity.
    pub(super) fn key(&self, entity: Entity) -> Option<&Key> {
        match entity {
            Entity::Contact => self.contact_key.as_ref(),
            Entity::Organization => self.account_key.as_ref(),
        }
    }

    /// Whether a column (from 0) makes the key of an entity, alone or with others.
    pub fn makes_key(&self, entity: Entity, column: usize) -> bool {
        self.key(entity).is_some_and(|key| key.columns.contains(&column))
    }

    /// The field that a column (from 0) feeds; for part of a key the key.
    pub(super) fn field_of(&self, column: usize) -> Option<FieldId> {
        self.fields.get(column).copied().flatten()
    }

    /// The column of an entity's country.
    pub(super) fn country(&self, entity: Entity) -> Option<usize> {
        match entity {
            Entity::Contact => self.contact_country,
            Entity::Organization => self.account_country,
        }
    }
}

/// Whether a value of the field is contact or account data that needs an ID (R4).
pub(super) fn makes_record(field: FieldId) -> bool {
    let bare = ["contact.salutation", "contact.country", "contact.survey_opt_out", "account.country"];
    let accessory = matches!(field.kind(), Kind::PhoneCountry(_) | Kind::PhoneSms(_));
    !accessory && field.field().is_none_or(|f| !bare.contains(&f.name))
}
