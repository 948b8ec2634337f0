//! Hits for the list of Browse.

use crate::app::job::{Found, Hit, Search};
use crate::base::Base;
use crate::model::fields::{Entity, FieldId, by_name};
use crate::model::record::{Record, ValuesRef};
use crate::model::text::fold;
use crate::tui::worker::Desk;

use super::said;

/// Records in the order of their IDs; with a query, those that have each of its words in a value.
pub fn find(base: &Base, search: &Search, desk: &Desk) -> Result<Found, String> {
    let words: Vec<String> = search.query.split_whitespace().map(fold).collect();
    let mut found = Found { first: search.first, ..Found::default() };
    for item in base.scan(search.entity, "") {
        let (id, record) = item.map_err(|e| said(&e))?;
        if desk.cancelled() {
            break;
        }
        let hit = hit(base, search.entity, id, &record)?;
        let text = fold(&[&hit.id, &hit.name, &hit.organization, &hit.phone, &hit.email].map(String::as_str).join(" "));
        if words.iter().all(|word| text.contains(word.as_str())) {
            if found.total >= search.first && found.hits.len() < search.count {
                found.hits.push(hit);
            }
            found.total += 1;
        }
    }
    Ok(found)
}

fn hit(base: &Base, entity: Entity, id: String, record: &Record) -> Result<Hit, String> {
    let values = record.values.view();
    let first =
        |names: &[&str]| names.iter().map(|name| text(values, name)).find(|t| !t.is_empty()).unwrap_or_default();
    Ok(match entity {
        Entity::Contact => {
            let name = [first(&["contact.first_name"]), first(&["contact.last_name"])].join(" ");
            let organization = match values.text(FieldId::ACCOUNT_ID) {
                Some(account) => {
                    let stored = base.get(Entity::Organization, account).map_err(|e| said(&e))?;
                    stored.map_or_else(|| account.to_owned(), |o| text(o.values.view(), "account.name"))
                }
                None => String::new(),
            };
            let phones = ["contact.work_phone", "contact.cell_phone", "contact.home_phone", "contact.other_phone"];
            let mails = ["contact.work_email", "contact.personal_email", "contact.other_email"];
            Hit { id, name: name.trim().to_owned(), organization, phone: first(&phones), email: first(&mails) }
        }
        Entity::Organization => Hit {
            id,
            name: first(&["account.name"]),
            organization: first(&["account.industry"]),
            phone: first(&["account.phone"]),
            email: first(&["account.website"]),
        },
    })
}

/// The text of a field by its name.
fn text(values: ValuesRef<'_>, name: &str) -> String {
    by_name(name).and_then(|f| values.value(f.id)).map(|value| value.text()).unwrap_or_default()
}
