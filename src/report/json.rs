//! A record as JSON: every field under its field name, phones with all that is known of them.

use serde_json::{Map, Value as Json, json};

use crate::model::fields::{Catalog, Entity, FIELDS, FieldId, Kind};
use crate::model::phone::Phone;
use crate::model::record::{Record, Value};

/// What a record alone does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The name of a contact's organization.
    pub organization_name: Option<&'a str>,
    /// The commit that last changed the record.
    pub change: Option<ChangeRef<'a>>,
}

/// A commit, to be named.
#[derive(Debug, Clone, Copy)]
pub struct ChangeRef<'a> {
    /// Its number.
    pub number: u64,
    /// What it was, in words: `import 7`, `undo 8 of 7`.
    pub words: &'a str,
    /// The name of its file, if it was an import.
    pub file: Option<&'a str>,
    /// When it was.
    pub at: jiff::Timestamp,
    /// The same as people here read it.
    pub local: &'a str,
}

/// The record under its key. Fields without a value are `null`, so that scripts find every name.
pub fn record(entity: Entity, id: &str, record: &Record, catalog: &Catalog, around: Around<'_>) -> Json {
    let mut object = Map::new();
    object.insert("id".into(), id.into());
    object.insert("internal".into(), record.internal.to_string().into());
    let values = record.values.view();
    if entity == Entity::Contact {
        let organization = values.text(FieldId::ACCOUNT_ID);
        let named = organization.map(|id| json!({ "id": id, "name": around.organization_name }));
        object.insert("organization".into(), named.into());
    }
    for field in fields_of(entity, catalog) {
        let value =
            if field == entity.key() { id.into() } else { values.value(field).map(|v| plain(field, &v)).into() };
        object.insert(catalog.name(field), value);
    }
    object.insert("provenance".into(), provenance(record, catalog, around.change));
    Json::Object(object)
}

/// The fields of an entity in the order of the table, then its custom fields. Extensions are part of their phones.
pub fn fields_of(entity: Entity, catalog: &Catalog) -> impl Iterator<Item = FieldId> {
    let known = FIELDS.iter().filter(move |f| f.entity == entity && !matches!(f.kind, Kind::Extension(_)));
    let custom = catalog.customs().filter(move |(_, whose, _)| *whose == entity);
    known.map(|field| field.id).chain(custom.map(|(id, _, _)| id))
}

/// A value: lists as arrays, yes/no and whole numbers as such, phones as objects, anything else as text.
pub fn plain(field: FieldId, value: &Value) -> Json {
    match (value, field.kind()) {
        (Value::Phone(of), _) => phone(of),
        (Value::Text(text), Kind::List) => text.split(';').map(str::trim).filter(|item| !item.is_empty()).collect(),
        (Value::Text(text), Kind::YesNo | Kind::PhoneSms(_)) if matches!(text.as_str(), "true" | "false") => {
            (text == "true").into()
        }
        (Value::Text(text), Kind::Integer) => text.parse::<i64>().map_or_else(|_| text.as_str().into(), Json::from),
        (Value::Text(text), _) => text.as_str().into(),
    }
}

fn phone(phone: &Phone) -> Json {
    json!({
        "typed": phone.typed,
        "e164": phone.e164(),
        "extension": phone.extension,
        "syncs": phone.e164().is_some(),
        "reason": phone.number.as_ref().err().map(|problem| problem.reason()),
    })
}

fn provenance(record: &Record, catalog: &Catalog, change: Option<ChangeRef<'_>>) -> Json {
    let by_hand: Vec<String> = record.by_hand.keys().map(|field| catalog.name(*field)).collect();
    let import = change.and_then(|change| {
        change.file.map(|file| json!({ "number": change.number, "file": file, "at": change.at.to_string() }))
    });
    json!({
        "created_by_commit": record.created,
        "changed_by_commit": record.changed,
        "changed_at": change.map(|change| change.at.to_string()),
        "import": import,
        "line": (record.line > 0).then_some(record.line),
        "manual": record.manual,
        "set_by_hand": by_hand,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fields::by_name;
    use crate::model::phone::PhoneProblem;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn stored(values: &[(&str, Value)]) -> Record {
        let values = values.iter().map(|(name, value)| (by_name(name).unwrap().id, value.clone())).collect();
        let by_hand = BTreeMap::from([(FieldId(4), Vec::new())]);
        Record { internal: Uuid::from_u128(7), created: 1, changed: 3, line: 2, manual: false, values, by_hand }
    }

    #[test]
    fn a_contact_has_every_field_its_phones_and_where_it_came_from() {
        let number = Err(PhoneProblem::TooShort);
        let contact = stored(&[
            ("contact.work_phone", Value::Phone(Phone { typed: "317".into(), number, extension: None })),
            ("contact.survey_opt_out", Value::Text("true".into())),
            ("account.id", Value::Text("A-1".into())),
        ]);
        let (words, file, local) = ("import 7", Some("office-mart.csv"), "1970-01-01 01:00");
        let change = ChangeRef { number: 7, words, file, at: jiff::Timestamp::UNIX_EPOCH, local };
        let around = Around { organization_name: Some("Office Mart"), change: Some(change) };
        let json = record(Entity::Contact, "C-1", &contact, &Catalog::default(), around);
        assert_eq!(json["contact.id"], "C-1");
        assert_eq!(json["contact.first_name"], Json::Null);
        assert_eq!(json["contact.survey_opt_out"], true);
        assert_eq!(json["organization"], json!({ "id": "A-1", "name": "Office Mart" }));
        assert_eq!(
            json["contact.work_phone"],
            json!({ "typed": "317", "e164": null, "extension": null, "syncs": false, "reason": "too short" })
        );
        assert_eq!(json["provenance"]["import"]["at"], "1970-01-01T00:00:00Z");
        assert_eq!(json["provenance"]["set_by_hand"], json!(["contact.last_name"]));
        assert!(json.get("account.name").is_none());
    }

    #[test]
    fn an_organization_has_lists_and_numbers() {
        let account = stored(&[
            ("account.tags", Value::Text("a;b".into())),
            ("account.employees", Value::Text("1200".into())),
            ("account.revenue", Value::Text("99999999999999999999".into())),
        ]);
        let json = record(Entity::Organization, "A-1", &account, &Catalog::default(), Around::default());
        assert_eq!(json["account.tags"], json!(["a", "b"]));
        assert_eq!(json["account.employees"], 1200);
        assert_eq!(json["account.revenue"], "99999999999999999999");
        assert!(json.get("organization").is_none());
    }
}
