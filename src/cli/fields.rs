//! `muster fields`: the table of fields, for the person who maps columns.

use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::output::Output;
use crate::model::fields::{FIELDS, Field, Kind};
use crate::report::text::{table, wrapped};

/// Prints every field.
pub fn run(output: &mut Output<'_>) -> Result<Exit, Failure> {
    if output.json {
        let fields: Vec<Value> = FIELDS.iter().map(as_json).collect();
        output.print_json(&json!({ "fields": fields }))?;
    } else {
        output.print(&as_text(output.look.ascii))?;
    }
    Ok(Exit::Done)
}

fn as_json(field: &Field) -> Value {
    json!({
        "name": field.name,
        "record": field.entity.noun(),
        "label": field.label,
        "header": field.header,
        "header_current": field.header_current,
        "aliases": field.aliases,
        "kind": kind(field.kind),
        "limit": field.limit,
        "required": field.required,
    })
}

/// A line for each field, and below it the other headers that mean it.
fn as_text(ascii: bool) -> String {
    let head = ["FIELD", "KIND", "LIMIT", "HEADER"].map(String::from);
    let rows = FIELDS.iter().map(|field| {
        let required = if field.required { " (required)" } else { "" };
        let header = format!("{}{required}", field.header);
        [field.name.to_owned(), kind(field.kind).to_owned(), field.limit.to_string(), header]
    });
    let lines = table(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), ascii);
    let mut out = String::new();
    for (line, field) in lines.lines().zip(std::iter::once(None).chain(FIELDS.iter().map(Some))) {
        out.push_str(line);
        out.push('\n');
        if let Some(field) = field {
            out.push_str(&wrapped(&format!("also: {}", other_headers(field).join(", ")), 4, 80));
        }
    }
    out.push_str("\nCustom fields: contact.custom.NAME, account.custom.NAME\n");
    out
}

fn other_headers(field: &Field) -> Vec<&'static str> {
    [field.header_current].into_iter().chain(field.aliases.iter().copied()).collect()
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "key",
        Kind::Text => "text",
        Kind::Phone => "phone",
        Kind::Extension(_) => "phone extension",
        Kind::PhoneCountry(_) => "phone country",
        Kind::PhoneSms(_) => "phone yes/no",
        Kind::Email => "e-mail",
        Kind::Url => "web address",
        Kind::XName => "X name",
        Kind::Integer => "whole number",
        Kind::YesNo => "yes/no",
        Kind::List => "list",
        Kind::Country => "country",
    }
}
