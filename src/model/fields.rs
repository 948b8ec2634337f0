//! THE table of fields. Intake, checks, screens, search and export all read this one table; its rows are in `table`.
//!
//! Limits are those of the Genesys Cloud API objects ExternalContact, ExternalOrganization, ContactAddress and
//! PhoneNumber. A field's place in [`FIELDS`] is its number in the base, so new fields are added at the end only.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

mod table;

pub use table::FIELDS;

/// Whose field it is. In column names an organization is called an *account*, as in Genesys' files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entity {
    /// An external contact, keyed by Contact ID.
    Contact,
    /// An external organization, keyed by Account ID.
    Organization,
}

impl Entity {
    /// The prefix of the entity's field names: `contact` or `account`.
    pub fn prefix(self) -> &'static str {
        match self {
            Entity::Contact => "contact",
            Entity::Organization => "account",
        }
    }

    /// The word for a person: `contact` or `organization`.
    pub fn noun(self) -> &'static str {
        match self {
            Entity::Contact => "contact",
            Entity::Organization => "organization",
        }
    }

    /// The field that holds the entity's key.
    pub fn key(self) -> FieldId {
        match self {
            Entity::Contact => FieldId::CONTACT_ID,
            Entity::Organization => FieldId::ACCOUNT_ID,
        }
    }
}

/// What a cell of a field may hold, and how it is checked (R17 to R19, R29).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The key of the record (R1).
    Id,
    /// Any text.
    Text,
    /// A phone number; its `_extension`, `_country` and `_sms` columns belong to it.
    Phone,
    /// The extension of the phone field named; it becomes part of that phone.
    Extension(FieldId),
    /// The country whose rules read the phone field named.
    PhoneCountry(FieldId),
    /// Whether the phone field named takes SMS: a yes/no.
    PhoneSms(FieldId),
    /// An e-mail address.
    Email,
    /// A web address with `http` or `https`.
    Url,
    /// An X (Twitter) screen name.
    XName,
    /// A whole number, stored as plain digits.
    Integer,
    /// A yes/no, stored as `true` or `false`.
    YesNo,
    /// A list, split by `;` or `|`, stored with `;` between the items; equal as a set.
    List,
    /// A country: ISO-2, ISO-3 or English name. The text stays as typed.
    Country,
}

/// The number of a field: its place in [`FIELDS`], or [`FieldId::CUSTOM`] plus its place in the base's list of custom fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldId(pub u16);

impl FieldId {
    /// The key of a contact.
    pub const CONTACT_ID: FieldId = FieldId(0);
    /// A contact's first name.
    pub const FIRST_NAME: FieldId = FieldId(2);
    /// A contact's last name.
    pub const LAST_NAME: FieldId = FieldId(4);
    /// The name of an organization.
    pub const ACCOUNT_NAME: FieldId = FieldId(35);
    /// The key of an organization. Among the values of a contact it is the membership (R9).
    pub const ACCOUNT_ID: FieldId = FieldId(34);
    /// The first number of a custom field.
    pub const CUSTOM: u16 = 1000;
    /// Whether an organization was made by a person (R13): only in files that muster exported. It never is among the
    /// values of a stored record, where it is [`super::record::Record::manual`].
    pub const ORIGIN: FieldId = FieldId(999);

    /// The row of the table, or `None` for a custom field.
    pub fn field(self) -> Option<&'static Field> {
        FIELDS.get(usize::from(self.0))
    }

    /// How its cells are checked; custom fields hold text.
    pub fn kind(self) -> Kind {
        self.field().map_or(Kind::Text, |f| f.kind)
    }

    /// Whether the field must have a value in every stored record (R4).
    pub fn required(self) -> bool {
        self.field().is_some_and(|f| f.required)
    }
}

/// One field of a contact or an organization.
#[derive(Debug)]
pub struct Field {
    /// Its number.
    pub id: FieldId,
    /// Its name in `--map`, JSON and reports: `contact.work_phone`.
    pub name: &'static str,
    /// Whose it is.
    pub entity: Entity,
    /// How its cells are checked.
    pub kind: Kind,
    /// The greatest number of characters (Unicode scalar values) that Genesys accepts.
    pub limit: usize,
    /// Whether a record without it cannot be stored (R4).
    pub required: bool,
    /// Its name on screens.
    pub label: &'static str,
    /// Its header in the older Genesys dialect, which muster writes.
    pub header: &'static str,
    /// Its header in the current Genesys dialect.
    pub header_current: &'static str,
    /// Headers that Salesforce, HubSpot, Dynamics and others write for it.
    pub aliases: &'static [&'static str],
}

/// The built-in field of that name, such as `contact.work_phone`.
pub fn by_name(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|f| f.name == name)
}

/// The fields besides the key that every stored record of that entity has (R4).
pub fn required_fields(entity: Entity) -> impl Iterator<Item = FieldId> {
    let required = FIELDS.iter().filter(move |f| f.entity == entity && f.required && f.id != entity.key());
    required.map(|f| f.id)
}

/// A header reduced to what is compared (R21): lower-case letters and digits only.
pub fn header_key(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The fields that a header can mean, by how surely it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderMeaning {
    /// Fields whose name or Genesys header (either dialect) it is.
    pub exact: Vec<FieldId>,
    /// Fields for which a CRM writes it.
    pub alias: Vec<FieldId>,
}

impl HeaderMeaning {
    /// Whether the table knows the header at all.
    pub fn is_known(&self) -> bool {
        !self.exact.is_empty() || !self.alias.is_empty()
    }
}

/// What a header of a file can mean (R21). Empty lists: nothing that the table knows.
pub fn meaning(header: &str) -> HeaderMeaning {
    static INDEX: LazyLock<HashMap<String, HeaderMeaning>> = LazyLock::new(|| {
        let mut index: HashMap<String, HeaderMeaning> = HashMap::new();
        for f in &FIELDS {
            for exact in [f.name, f.header, f.header_current] {
                let list = &mut index.entry(header_key(exact)).or_default().exact;
                if !list.contains(&f.id) {
                    list.push(f.id);
                }
            }
        }
        for f in &FIELDS {
            for alias in f.aliases {
                let entry = index.entry(header_key(alias)).or_default();
                if !entry.exact.contains(&f.id) && !entry.alias.contains(&f.id) {
                    entry.alias.push(f.id);
                }
            }
        }
        index
    });
    INDEX.get(&header_key(header)).cloned().unwrap_or_default()
}

/// The custom fields of a base, in the order in which they came. The place in the list is the field's number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    custom: Vec<(Entity, String)>,
}

impl Catalog {
    /// The custom field of that entity and name, added at the end if it is new.
    ///
    /// `None` when the base already has 60,000 custom fields.
    pub fn add(&mut self, entity: Entity, name: &str) -> Option<FieldId> {
        let at = match self.custom.iter().position(|(e, n)| *e == entity && n == name) {
            Some(at) => at,
            None if self.custom.len() >= 60_000 => return None,
            None => {
                self.custom.push((entity, name.to_owned()));
                self.custom.len() - 1
            }
        };
        u16::try_from(at).ok().map(|at| FieldId(FieldId::CUSTOM + at))
    }

    /// Whose field it is and, for a custom field, the name that a person gave it.
    pub fn custom(&self, id: FieldId) -> Option<(Entity, &str)> {
        let at = usize::from(id.0.checked_sub(FieldId::CUSTOM)?);
        self.custom.get(at).map(|(entity, name)| (*entity, name.as_str()))
    }

    /// Every custom field with its number.
    pub fn customs(&self) -> impl Iterator<Item = (FieldId, Entity, &str)> {
        (FieldId::CUSTOM..).zip(&self.custom).map(|(n, (entity, name))| (FieldId(n), *entity, name.as_str()))
    }

    /// The field's name in `--map`, JSON and reports: `contact.city`, `account.custom.Segment`.
    pub fn name(&self, id: FieldId) -> String {
        match (id.field(), self.custom(id)) {
            _ if id == FieldId::ORIGIN => "account.origin".to_owned(),
            (Some(f), _) => f.name.to_owned(),
            (None, Some((entity, name))) => format!("{}.custom.{name}", entity.prefix()),
            (None, None) => format!("field {}", id.0),
        }
    }

    /// The field's name on screens.
    pub fn label(&self, id: FieldId) -> String {
        match (id.field(), self.custom(id)) {
            _ if id == FieldId::ORIGIN => "Origin".to_owned(),
            (Some(f), _) => f.label.to_owned(),
            (None, Some((_, name))) => name.to_owned(),
            (None, None) => format!("field {}", id.0),
        }
    }

    /// The field's name in messages, where "Phone" alone would not say whose: "Account phone", "Work phone".
    pub fn full_label(&self, id: FieldId) -> String {
        let label = self.label(id);
        if self.entity(id) != Some(Entity::Organization) || label.starts_with("Account") {
            return label;
        }
        // "X name" and "SMS" keep their capitals.
        let keeps = label.chars().nth(1).is_none_or(|c| !c.is_lowercase());
        let mut chars = label.chars();
        match chars.next() {
            Some(first) if !keeps => format!("Account {}{}", first.to_lowercase(), chars.as_str()),
            _ => format!("Account {label}"),
        }
    }

    /// Whose field it is.
    pub fn entity(&self, id: FieldId) -> Option<Entity> {
        if id == FieldId::ORIGIN {
            return Some(Entity::Organization);
        }
        id.field().map(|f| f.entity).or_else(|| self.custom(id).map(|(entity, _)| entity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places_and_names_carry_their_entity() {
        for (place, f) in FIELDS.iter().enumerate() {
            assert_eq!(usize::from(f.id.0), place, "{}", f.name);
            assert!(f.name.starts_with(f.entity.prefix()), "{}", f.name);
        }
        assert_eq!(by_name("account.id").map(|f| f.id), Some(FieldId::ACCOUNT_ID));
    }

    #[test]
    fn r21_headers_match_in_both_dialects_without_case_and_spacing() {
        for f in &FIELDS {
            for header in [f.header.to_uppercase(), f.header_current.replace(' ', "_"), f.name.to_owned()] {
                assert!(meaning(&header).exact.contains(&f.id), "{header}");
            }
        }
        assert_eq!(meaning("Mobile").alias, [by_name("contact.cell_phone").unwrap().id]);
        assert!(meaning("Lead Source").exact.is_empty() && meaning("Lead Source").alias.is_empty());
    }

    #[test]
    fn r21_a_header_of_a_dialect_means_one_field() {
        for f in &FIELDS {
            assert_eq!(meaning(f.header).exact.len(), 1, "{}", f.header);
            assert_eq!(meaning(f.header_current).exact.len(), 1, "{}", f.header_current);
        }
    }

    #[test]
    fn a_full_label_says_whose_field_it_is() {
        let full = |name: &str| Catalog::default().full_label(by_name(name).unwrap().id);
        let names = ["account.phone", "account.name", "account.twitter", "contact.work_phone"];
        assert_eq!(names.map(full), ["Account phone", "Account name", "Account X name", "Work phone"]);
    }

    #[test]
    fn custom_fields_keep_their_numbers() {
        let mut catalog = Catalog::default();
        let a = catalog.add(Entity::Contact, "Lead Source").unwrap();
        let b = catalog.add(Entity::Organization, "Lead Source").unwrap();
        assert_ne!(a, b);
        assert_eq!(catalog.add(Entity::Contact, "Lead Source"), Some(a));
        assert_eq!(catalog.name(b), "account.custom.Lead Source");
    }
}
