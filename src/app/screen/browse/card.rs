//! The details of one record, line by line.

use crate::app::job::{Hit, Known};
use crate::flow::show::Step;
use crate::model::fields::{Entity, FieldId, Kind, by_name};
use crate::model::record::Value;
use crate::model::text::grouped;
use crate::report::brief;
use crate::report::json::fields_of;

/// A line of the details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The field, so that a match in its value can be marked; `None` for what is no field.
    pub field: Option<FieldId>,
    /// What it is.
    pub label: String,
    /// What it says. Foreign text.
    pub value: String,
    /// What there is to know of the value.
    pub remark: Remark,
}

/// What there is to know of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Nothing.
    None,
    /// It is as it should be.
    Good(String),
    /// It will not work: why.
    Bad(String),
    /// Something else.
    Note(String),
}

/// The details of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Name, and title or industry.
    pub heading: String,
    /// Its ID.
    pub id: Line,
    /// The organization of a contact, and how many members it has.
    pub place: Vec<Line>,
    /// What is filled: phones and e-mails first, the names that are in the heading last.
    pub values: Vec<Line>,
    /// Other IDs, and whether it was made by hand.
    pub keys: Vec<Line>,
    /// How it was last changed.
    pub changed: Line,
    /// What to see at a glance, left and right. Every record of a kind has the same lines, filled or not, so that the eye
    /// finds a value where it was, and a line that is slow has only the values to send.
    pub glance: [Vec<Line>; 2],
    /// How it became what it is, the newest change first; empty while that is not known.
    pub steps: Vec<Line>,
}

/// The fields on the left of the glance, the most wanted first.
const CONTACT: [&str; 6] = [
    "contact.work_phone",
    "contact.cell_phone",
    "contact.work_email",
    "contact.home_phone",
    "contact.other_phone",
    "contact.personal_email",
];
const ORGANIZATION: [&str; 6] =
    ["account.phone", "account.website", "account.city", "account.country", "account.fax", "account.employees"];

impl Card {
    /// The details of a hit. `members` is how many members its organization has, or it itself; `None` while that is not known.
    pub fn new(entity: Entity, hit: &Hit, known: &Known, members: Option<u64>) -> Card {
        let values = hit.record.values.view();
        let about = if entity == Entity::Contact { "contact.title" } else { "account.industry" };
        let about = by_name(about).and_then(|field| values.text(field.id));
        let name = brief::name(entity, values);
        let fields = fields_of(entity, &known.catalog).filter(|field| *field != entity.key());
        let mut lines: Vec<Line> = fields.filter_map(|field| value_line(hit, known, field)).collect();
        lines.sort_by_key(|line| line.field.map(reach));
        let place = place(entity, hit, members);
        let keys = keys(entity, hit, known);
        let id = plain(Some(entity.key()), &known.catalog.label(entity.key()), &hit.id);
        let glance = [reached(entity, &lines, known), facts(entity, &id, &place, hit.record.manual)];
        Card {
            heading: about.map_or_else(|| name.clone(), |about| format!("{name}, {about}")),
            id,
            place,
            values: lines,
            keys,
            glance,
            changed: plain(None, "Last changed", &known.last_change(&hit.record)),
            steps: Vec::new(),
        }
    }

    /// All lines, in the order in which they are read when there is room for all.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        std::iter::once(&self.id)
            .chain(&self.place)
            .chain(&self.values)
            .chain(&self.keys)
            .chain([&self.changed])
            .chain(&self.steps)
    }

    /// With the commits that have changed the record.
    pub fn with_steps(mut self, steps: &[Step], known: &Known) -> Card {
        let line = |step: &Step| plain(None, "History", &known.step(step));
        self.steps = steps.iter().map(line).collect();
        self
    }
}

/// The lines on the left of the glance, with the labels that they have where room is scarce: `Work` for the work phone,
/// `E-mail` for the work e-mail.
fn reached(entity: Entity, values: &[Line], known: &Known) -> Vec<Line> {
    let names = if entity == Entity::Contact { CONTACT } else { ORGANIZATION };
    let line = |field: FieldId| {
        let label = known.catalog.label(field);
        let short = match label.strip_suffix(" phone").or_else(|| label.strip_suffix(" e-mail")) {
            Some("Work") if label.ends_with("e-mail") => "E-mail",
            Some(kind) => kind,
            None => &label,
        };
        let filled = values.iter().find(|line| line.field == Some(field)).cloned();
        Line { label: short.to_owned(), ..filled.unwrap_or_else(|| plain(Some(field), "", "")) }
    };
    names.iter().filter_map(|name| by_name(name)).map(|field| line(field.id)).collect()
}

/// The lines on the right of the glance.
fn facts(entity: Entity, id: &Line, place: &[Line], manual: bool) -> Vec<Line> {
    let labels: &[&str] = if entity == Entity::Contact { &["Organization", "Members"] } else { &["Members"] };
    let known = |label: &&str| place.iter().find(|line| line.label == *label).cloned();
    let place = labels.iter().map(|label| known(label).unwrap_or_else(|| plain(None, label, "")));
    // R13: what a person must know before wondering why an import leaves it alone.
    let imports = plain(None, "Imports", if manual { "closed: made by hand" } else { "may change it" });
    let imports = (entity == Entity::Organization).then_some(imports);
    [id.clone()].into_iter().chain(place).chain(imports).collect()
}

/// Phones first, then e-mails, and last what the heading says already.
fn reach(field: FieldId) -> u8 {
    let in_heading = ["contact.first_name", "contact.middle_name", "contact.last_name", "contact.title"];
    let in_heading = in_heading.iter().chain(&["account.name", "account.industry"]);
    match field.kind() {
        Kind::Phone => 0,
        Kind::Email => 1,
        _ if in_heading.copied().any(|name| by_name(name).is_some_and(|known| known.id == field)) => 3,
        _ => 2,
    }
}

fn plain(field: Option<FieldId>, label: &str, value: &str) -> Line {
    Line { field, label: label.to_owned(), value: value.to_owned(), remark: Remark::None }
}

fn value_line(hit: &Hit, known: &Known, field: FieldId) -> Option<Line> {
    let value = hit.record.values.view().value(field)?;
    let by_hand = hit.record.by_hand.contains_key(&field);
    let remark = match &value {
        Value::Phone(phone) => match &phone.number {
            Ok(_) => Remark::Good(if by_hand { "syncs, by hand" } else { "syncs" }.to_owned()),
            Err(problem) => Remark::Bad(format!("will not sync: {}", problem.reason())),
        },
        Value::Text(_) if by_hand => Remark::Note("by hand".to_owned()),
        Value::Text(_) => Remark::None,
    };
    Some(Line { remark, ..plain(Some(field), &known.catalog.label(field), &brief::readable(&value)) })
}

fn place(entity: Entity, hit: &Hit, members: Option<u64>) -> Vec<Line> {
    let members = plain(None, "Members", &members.map(grouped).unwrap_or_default());
    match (entity, membership(hit)) {
        (Entity::Organization, _) => vec![members],
        (Entity::Contact, None) => vec![],
        (Entity::Contact, Some(account)) => {
            let name = hit.organization.as_deref().unwrap_or(account);
            vec![plain(by_name("account.name").map(|field| field.id), "Organization", name), members]
        }
    }
}

fn keys(entity: Entity, hit: &Hit, known: &Known) -> Vec<Line> {
    let account = membership(hit).filter(|_| entity == Entity::Contact);
    let label = known.catalog.label(FieldId::ACCOUNT_ID);
    let account = account.map(|account| plain(Some(FieldId::ACCOUNT_ID), &label, account));
    let internal = plain(None, "Internal ID", &hit.record.internal.to_string());
    let origin = hit.record.manual.then(|| plain(None, "Origin", "made by hand"));
    account.into_iter().chain([internal]).chain(origin).collect()
}

/// The Account ID of a contact's organization.
fn membership(hit: &Hit) -> Option<&str> {
    hit.record.values.view().text(FieldId::ACCOUNT_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::phone::Phone;
    use crate::model::record::Record;
    use crate::model::settings::Country;

    fn hit(values: &[(&str, Value)]) -> Hit {
        let values = values.iter().map(|(name, value)| (by_name(name).unwrap().id, value.clone())).collect();
        Hit {
            id: "C-1".into(),
            record: Record { values, ..Record::default() },
            organization: Some("Office Mart".into()),
        }
    }

    fn phone(typed: &str) -> Value {
        Value::Phone(Phone::parse(typed, None, Some(Country::US)))
    }

    #[test]
    fn r18_a_phone_says_whether_it_syncs() {
        let hit = hit(&[
            ("contact.first_name", Value::Text("Kathryn".into())),
            ("contact.title", Value::Text("Buyer".into())),
            ("contact.work_phone", phone("(317) 555-0101")),
            ("contact.cell_phone", phone("317 55")),
            ("account.id", Value::Text("A-1".into())),
        ]);
        let card = Card::new(Entity::Contact, &hit, &Known::default(), Some(3));
        assert_eq!(card.heading, "Kathryn, Buyer");
        let said: Vec<(&str, &str, &Remark)> =
            card.values.iter().map(|l| (l.label.as_str(), l.value.as_str(), &l.remark)).take(2).collect();
        assert_eq!(said[0], ("Work phone", "+1 317-555-0101", &Remark::Good("syncs".to_owned())));
        assert_eq!(said[1], ("Cell phone", "317 55", &Remark::Bad("will not sync: too short".into())));
        let place: Vec<(&str, &str)> = card.place.iter().map(|l| (l.label.as_str(), l.value.as_str())).collect();
        assert_eq!(place, [("Organization", "Office Mart"), ("Members", "3")]);
        assert_eq!(card.lines().count(), 1 + 2 + 4 + 2 + 1);
    }

    #[test]
    fn r13_an_organization_says_at_a_glance_whether_imports_may_change_it() {
        let said = |manual: bool| {
            let hit = Hit { record: Record { manual, ..Record::default() }, ..hit(&[]) };
            let card = Card::new(Entity::Organization, &hit, &Known::default(), Some(3));
            card.glance[1].last().map(|line| (line.label.clone(), line.value.clone()))
        };
        assert_eq!(said(true), Some(("Imports".into(), "closed: made by hand".into())));
        assert_eq!(said(false), Some(("Imports".into(), "may change it".into())));
    }

    #[test]
    fn every_contact_has_the_same_lines_at_a_glance() {
        let labels = |values: &[(&str, Value)]| {
            let card = Card::new(Entity::Contact, &hit(values), &Known::default(), Some(3));
            card.glance.map(|side| side.into_iter().map(|line| line.label).collect::<Vec<_>>())
        };
        let full = labels(&[("contact.cell_phone", phone("317 55")), ("account.id", Value::Text("A-1".into()))]);
        assert_eq!(full[0], ["Work", "Cell", "E-mail", "Home", "Other", "Personal"]);
        assert_eq!(full[1], ["Contact ID", "Organization", "Members"]);
        assert_eq!(labels(&[]), full);
    }
}
