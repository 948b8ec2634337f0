//! The whole base as one CSV: a row for each contact with the columns of its organization, then a row for each
//! organization without members. An import takes it back unchanged.

use std::io::{self, Write};

use super::csv_out::CsvOut;
use crate::model::columns;
use crate::model::fields::{Catalog, Entity, FIELDS, Field, FieldId, Kind};
use crate::model::phone::Phone;
use crate::model::record::{Record, Value, ValuesRef};

/// The two wordings of Genesys headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// `Contact Id`, `Account Name`: what muster writes unless told otherwise.
    #[default]
    Older,
    /// `External ID`, `External Organization Name`.
    Current,
}

impl Dialect {
    /// The header of a field.
    pub fn header(self, field: &Field) -> &'static str {
        match self {
            Dialect::Older => field.header,
            Dialect::Current => field.header_current,
        }
    }
}

/// How phones are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phones {
    /// Valid ones as E.164 with ` x` and the extension, others as typed.
    #[default]
    E164,
    /// As typed.
    Typed,
}

/// How an export is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wording {
    /// Of the headers.
    pub dialect: Dialect,
    /// Of the phones.
    pub phones: Phones,
}

/// How many rows an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Rows of contacts.
    pub contacts: u64,
    /// Rows of organizations without a contact.
    pub lone_organizations: u64,
}

/// What an export writes. The items are what reading the base gives: an ID with its record, or an error.
pub struct Source<C, F, O> {
    /// Every contact.
    pub contacts: C,
    /// The organization of an Account ID; asked once for neighbours that share it.
    pub organization: F,
    /// Every organization without members.
    pub lone: O,
}

/// Writes the base. `E` is the error of reading the base; it takes in those of writing.
pub fn export<E: From<io::Error>>(
    out: impl Write,
    catalog: &Catalog,
    wording: Wording,
    mut source: Source<
        impl Iterator<Item = Result<(String, Record), E>>,
        impl FnMut(&str) -> Result<Option<Record>, E>,
        impl Iterator<Item = Result<(String, Record), E>>,
    >,
) -> Result<Exported, E> {
    let mut sheet = Sheet::begin(CsvOut::new(out), catalog, wording)?;
    let mut counts = Exported::default();
    let mut near: Option<(String, Option<Record>)> = None;
    for contact in source.contacts {
        let (id, record) = contact?;
        let account = record.values.view().text(FieldId::ACCOUNT_ID);
        if let Some(account) = account.filter(|account| near.as_ref().is_none_or(|(known, _)| known != account)) {
            near = Some((account.to_owned(), (source.organization)(account)?));
        }
        let organization = account.and(near.as_ref()).map(|(id, record)| (id.as_str(), record.as_ref()));
        sheet.row(Some((&id, &record)), organization)?;
        counts.contacts += 1;
    }
    for organization in source.lone {
        let (id, record) = organization?;
        sheet.row(None, Some((&id, Some(&record))))?;
        counts.lone_organizations += 1;
    }
    sheet.out.finish()?;
    Ok(counts)
}

/// The headers of a file that a person fills in: every built-in field.
pub fn template_headers(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(move |field| dialect.header(field))
}

struct Sheet<W: Write> {
    out: CsvOut<W>,
    columns: Vec<(FieldId, Entity)>,
    phones: Phones,
}

impl<W: Write> Sheet<W> {
    /// Writes the header line: built-in fields, custom fields, the origin (R13).
    fn begin(mut out: CsvOut<W>, catalog: &Catalog, wording: Wording) -> io::Result<Sheet<W>> {
        let customs: Vec<(FieldId, Entity)> = catalog.customs().map(|(id, entity, _)| (id, entity)).collect();
        template_headers(wording.dialect).try_for_each(|header| out.cell(header))?;
        customs.iter().try_for_each(|(id, _)| out.cell(&catalog.name(*id)))?;
        out.cell(columns::ORIGIN)?;
        out.end()?;
        let columns = FIELDS.iter().map(|field| (field.id, field.entity)).chain(customs).collect();
        Ok(Sheet { out, columns, phones: wording.phones })
    }

    /// Writes a contact with its organization, or either alone. An organization without a record is a bare reference.
    fn row(
        &mut self,
        contact: Option<(&str, &Record)>,
        organization: Option<(&str, Option<&Record>)>,
    ) -> io::Result<()> {
        for (field, entity) in &self.columns {
            let (id, record) = match entity {
                Entity::Contact => contact.map_or(("", None), |(id, record)| (id, Some(record))),
                Entity::Organization => organization.unwrap_or(("", None)),
            };
            if *field == entity.key() {
                self.out.cell(id)?;
            } else {
                let text = record.map(|record| cell(record.values.view(), *field, self.phones));
                self.out.cell(&text.unwrap_or_default())?;
            }
        }
        let manual = organization.and_then(|(_, record)| record).is_some_and(|record| record.manual);
        self.out.cell(if manual { columns::MANUAL } else { "" })?;
        self.out.end()
    }
}

/// The text of a cell. An extension stands in its own column where the phone's cell does not say it.
fn cell(values: ValuesRef<'_>, field: FieldId, phones: Phones) -> String {
    let as_e164 = |phone: &Phone| phones == Phones::E164 && phone.e164().is_some();
    match (field.kind(), values.value(field)) {
        (Kind::Phone, Some(Value::Phone(phone))) if !as_e164(&phone) => phone.typed,
        (Kind::Extension(of), None) => match values.value(of) {
            Some(Value::Phone(phone)) if !as_e164(&phone) => phone.extension.unwrap_or_default(),
            _ => String::new(),
        },
        (_, value) => value.map(|value| value.text()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::phone::PhoneProblem;
    use std::collections::{BTreeMap, HashMap};
    use uuid::Uuid;

    fn record(manual: bool, values: &[(&str, Value)]) -> Record {
        let values = values.iter().map(|(name, value)| (by_name(name).unwrap().id, value.clone())).collect();
        Record { internal: Uuid::nil(), created: 1, changed: 1, line: 2, manual, values, by_hand: BTreeMap::new() }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn phone(typed: &str, number: Result<&str, PhoneProblem>, extension: Option<&str>) -> Value {
        let number = number.map(str::to_owned);
        Value::Phone(Phone { typed: typed.into(), number, extension: extension.map(str::to_owned) })
    }

    fn exported(wording: Wording) -> (Exported, Vec<HashMap<String, String>>) {
        let kathryn = record(
            false,
            &[
                ("contact.first_name", text("Kathryn")),
                ("contact.title", text("=Buyer")),
                ("contact.work_phone", phone("(317) 555-0101", Ok("+13175550101"), Some("12"))),
                ("contact.cell_phone", phone("317", Err(PhoneProblem::TooShort), Some("7"))),
                ("account.id", text("A-1")),
            ],
        );
        let josh = record(false, &[("contact.first_name", text("Josh"))]);
        let mart = record(true, &[("account.name", text("Office Mart")), ("account.tags", text("a;b"))]);
        let mut bytes = Vec::new();
        let mut catalog = Catalog::default();
        catalog.add(Entity::Contact, "Segment").unwrap();
        let source = Source {
            contacts: [("C-1".to_owned(), kathryn), ("C-2".to_owned(), josh)].into_iter().map(Ok::<_, io::Error>),
            organization: |id: &str| Ok((id == "A-1").then(|| mart.clone())),
            lone: [("A-2".to_owned(), mart.clone())].into_iter().map(Ok),
        };
        let counts = export(&mut bytes, &catalog, wording, source).unwrap();
        let rows = csv::Reader::from_reader(bytes.as_slice()).deserialize().map(Result::unwrap).collect();
        (counts, rows)
    }

    #[test]
    fn contacts_carry_their_organization_and_lone_organizations_stand_alone() {
        let (counts, rows) = exported(Wording::default());
        assert_eq!(counts, Exported { contacts: 2, lone_organizations: 1 });
        let [kathryn, josh, lone] = rows.as_slice() else { panic!("{} rows", rows.len()) };
        assert_eq!([&kathryn["Contact Id"], &kathryn["Account Id"]], ["C-1", "A-1"]);
        assert_eq!([&kathryn["Account Name"], &kathryn["Account Tags"]], ["Office Mart", "a;b"]);
        assert_eq!(kathryn["Contact Title"], "'=Buyer");
        assert_eq!([&josh["Contact Id"], &josh["Account Id"], &josh["Account Name"]], ["C-2", "", ""]);
        assert_eq!([&lone["Contact Id"], &lone["Account Id"], &lone["Contact First Name"]], ["", "A-2", ""]);
        assert_eq!(kathryn["contact.custom.Segment"], "");
    }

    #[test]
    fn r13_the_origin_is_part_of_the_export() {
        let (_, rows) = exported(Wording::default());
        assert_eq!(rows.iter().map(|row| row["muster origin"].as_str()).collect::<Vec<_>>(), ["manual", "", "manual"]);
    }

    #[test]
    fn r17_phones_are_e164_or_as_typed_and_no_extension_is_lost() {
        let cells = |wording| {
            let row = exported(wording).1.swap_remove(0);
            ["Contact Work Phone", "Contact Work Phone Extension", "Contact Cell Phone", "Contact Cell Phone Extension"]
                .map(|header| row[header].clone())
        };
        assert_eq!(cells(Wording::default()), ["+13175550101 x12", "", "317", "7"]);
        let typed = Wording { phones: Phones::Typed, ..Wording::default() };
        assert_eq!(cells(typed), ["(317) 555-0101", "12", "317", "7"]);
    }

    #[test]
    fn r21_the_current_dialect_has_its_own_headers() {
        let current = Wording { dialect: Dialect::Current, ..Wording::default() };
        assert_eq!(exported(current).1[0]["External Organization Name"], "Office Mart");
    }
}
