//! Invented records, as Browse gets them.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::sync::Arc;
use std::time::Duration;

use muster::app::job::{ActName, Counts, Found, Hit, Known, Report};
use muster::app::message::{Message, Size};
use muster::app::state::State;
use muster::app::update::update;
use muster::model::fields::by_name;
use muster::model::phone::Phone;
use muster::model::record::{Record, Value};
use muster::model::settings::Country;
use muster::search::Query;
use uuid::Uuid;

/// A record with these fields; fields of phones are read as phones of the United States.
pub fn record(fields: &[(&str, &str)]) -> Record {
    let value = |name: &str, text: &str| match name.ends_with("phone") {
        true => Value::Phone(Phone::parse(text, None, Some(Country::US))),
        false => Value::Text(text.to_owned()),
    };
    let field = |name: &str| by_name(name).expect("a field of the table").id;
    let values = fields.iter().map(|(name, text)| (field(name), value(name, text))).collect();
    let internal = Uuid::from_u128(0x0197_1a2b_3c4d_7000_8000_0000_0000_0001);
    Record { internal, created: 7, changed: 7, line: 2, values, ..Record::default() }
}

/// A contact.
pub fn hit(number: usize, name: &str, organization: &str) -> Hit {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let fields = [
        ("contact.first_name", first),
        ("contact.last_name", last),
        ("contact.title", "Buyer"),
        ("contact.work_phone", &format!("317 555 {number:04}")),
        ("contact.cell_phone", "317 55"),
        ("contact.work_email", &format!("person{number}@officemart.example")),
        ("contact.city", "Carmel"),
        ("account.id", "OM-100"),
    ];
    Hit { id: format!("C-{number}"), record: record(&fields), organization: Some(organization.to_owned()) }
}

/// Contacts of which some are foreign in every way.
pub fn hits() -> Vec<Hit> {
    let mut hits = vec![
        hit(101, "Kathryn Smith", "Office Mart"),
        hit(102, "Josh Smithers", "Office Mart"),
        hit(103, "evil\u{1b}[31m name", "tab\there, line\nend"),
        hit(104, "山田太郎 and a very long name that has to be cut", "Zoë & Söhne"),
    ];
    hits.extend((105..150).map(|n| hit(n, "Rebecca Jones", "Patel Group")));
    hits
}

/// Hits of a query.
pub fn found(query: &str, hits: Vec<Hit>) -> Found {
    let today = "2026-11-22".parse().expect("a day");
    let query = Arc::new(Query::parse(query, today).expect("a query"));
    Found { query, total: hits.len(), hits, took: Duration::from_millis(2), ..Found::default() }
}

/// Tells the state what a job found.
pub fn report(state: &mut State, report: Report) {
    update(state, Message::Report(report));
}

/// Browse on a base with contacts.
pub fn browse((width, height): (u16, u16)) -> State {
    let (mut state, _) = State::new(Size { width, height });
    report(&mut state, Report::Opened(Counts { contacts: 48_211, organizations: 3_902 }));
    let words = ["import 7", "office-mart.csv", "ops", "2026-11-22 10:14"].map(str::to_owned);
    let [name, file, who, when] = words;
    let acts = [(7, ActName { name, file, who, when })].into();
    report(&mut state, Report::Known(Known { acts, ..Known::default() }));
    report(&mut state, Report::Found(found("", hits())));
    report(&mut state, Report::Members(vec![("OM-100".to_owned(), 3)]));
    state
}
