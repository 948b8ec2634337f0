//! `muster show`: one contact, organization or import.

use serde_json::{Value, json};
use uuid::Uuid;

use super::args::{Common, RecordId, Show};
use super::exit::{Exit, Failure};
use super::history::{act_json, state_text};
use super::open::base_or_empty;
use super::output::Output;
use crate::base::Base;
use crate::flow::correct::CorrectedCell;
use crate::flow::history::{self, Act};
use crate::flow::import::ImportDetails;
use crate::flow::show::{Name, Shown, show};
use crate::home::clock;
use crate::model::fields::{Entity, FieldId};
use crate::model::record::Record;
use crate::report::import::{counts_text, grouped};
use crate::report::json::{self, Around, ChangeRef};
use crate::report::text::{Look, record, table};

/// How many members of an organization are shown.
const MEMBERS: usize = 50;

/// Prints what was asked for.
pub fn run(what: &Show, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_or_empty(common)?;
    match what {
        Show::Contact(id) => one(&base, Entity::Contact, id, output)?,
        Show::Organization(id) => one(&base, Entity::Organization, id, output)?,
        Show::Import { number } => act(&history::act(&base, *number)?, output)?,
    }
    Ok(Exit::Done)
}

fn one(base: &Base, entity: Entity, id: &RecordId, output: &mut Output<'_>) -> Result<(), Failure> {
    let name =
        match id.internal {
            false => Name::External(&id.id),
            true => Name::Internal(Uuid::parse_str(id.id.trim()).map_err(|_| {
                Failure::usage(format!("'{}' is no internal ID; one looks like {}", id.id, Uuid::nil()))
            })?),
        };
    let shown = show(base, entity, name, MEMBERS)?;
    let (catalog, act) = (base.catalog(), &shown.change);
    let (words, local) = (act.as_ref().map(Act::name), act.as_ref().map(|act| clock::local(act.at())));
    let change = act.as_ref().zip(words.as_deref().zip(local.as_deref())).map(|(act, (words, local))| ChangeRef {
        number: act.entry.number(),
        words,
        file: act.file(),
        at: act.at(),
        local,
    });
    let around = Around { organization_name: shown.organization_name.as_deref(), change };
    if output.json {
        let mut object = json::record(entity, &shown.id, &shown.record, &catalog, around);
        if entity == Entity::Organization {
            object["members"] = members_json(&shown);
        }
        output.print_json(&object)?;
    } else {
        let mut text = record(entity, &shown.id, &shown.record, &catalog, around, output.look);
        if entity == Entity::Organization {
            text.push_str(&members_text(&shown, output.look));
        }
        output.print(&text)?;
    }
    Ok(())
}

fn person(contact: &Record) -> String {
    let values = contact.values.view();
    let names = [FieldId::FIRST_NAME, FieldId::LAST_NAME].map(|field| values.text(field).unwrap_or_default());
    names.join(" ").trim().to_owned()
}

fn members_json(shown: &Shown) -> Value {
    let first: Vec<Value> =
        shown.members.iter().map(|(id, contact)| json!({ "id": id, "name": person(contact) })).collect();
    json!({ "total": shown.members_total, "first": first })
}

fn members_text(shown: &Shown, look: Look) -> String {
    let mut text = format!("\n{} members\n", grouped(shown.members_total));
    let rows: Vec<[String; 3]> = shown
        .members
        .iter()
        .map(|(id, contact)| [String::new(), id.clone(), look.personal(&person(contact))])
        .collect();
    text.push_str(&table(&rows, look.ascii));
    if shown.members_total > shown.members.len() as u64 {
        text.push_str(&format!("  ... and {} more\n", grouped(shown.members_total - shown.members.len() as u64)));
    }
    text
}

fn act(act: &Act, output: &mut Output<'_>) -> Result<(), Failure> {
    if output.json {
        let mut object = act_json(act);
        if let Some(import) = &act.import {
            object["details"] = json!(import);
        }
        output.print_json(&object)?;
        return Ok(());
    }
    let mut rows = vec![
        ["Number".to_owned(), act.entry.number().to_string()],
        ["What".to_owned(), act.kind()],
        ["Time".to_owned(), clock::local(act.at())],
        ["Who".to_owned(), act.who()],
    ];
    rows.extend(act.import.iter().flat_map(import_rows));
    let state = state_text(act);
    rows.extend((!state.is_empty()).then(|| ["State".to_owned(), state]));
    let mut text = table(&rows, output.look.ascii);
    match &act.import {
        Some(import) => text.push_str(&format!("\n{}", counts_text(&import.counts))),
        None => text.push_str(&done_text(act)),
    }
    output.print(&text)?;
    Ok(())
}

fn import_rows(import: &ImportDetails) -> Vec<[String; 2]> {
    let ImportDetails { file, reading, merging, rules, decisions, corrections, digest, .. } = import;
    let yes = |set: bool, words: &str| set.then(|| words.to_owned());
    let settings = [
        Some(format!("region {}", reading.region.code())),
        yes(reading.region_from_country, "the row's own country first"),
        yes(reading.strict_phones, "strict phones"),
        Some(format!("empty cells {}", merging.blank.word())),
        Some(format!("hand edits {}", merging.hand_edits.word())),
        merging.only.map(|only| format!("only {}", only.word())),
        yes(merging.replace_valid_phones, "invalid phones replace valid ones"),
        yes(merging.accept_different_person, "different persons accepted"),
    ];
    let row = |label: &str, text: String| [label.to_owned(), text];
    let mut rows = vec![
        row("File", format!("{}, {} bytes, {}", file.name, grouped(file.bytes), file.encoding)),
        row("SHA-256", file.sha256.clone()),
        row("Settings", settings.into_iter().flatten().collect::<Vec<_>>().join(", ")),
    ];
    rows.extend((!rules.is_empty()).then(|| row("Policies", rules.join(", "))));
    rows.extend(
        (!decisions.is_empty())
            .then(|| row("Decided", format!("{} conflicts and consents", grouped(decisions.len() as u64)))),
    );
    let corrected = |cell: &CorrectedCell| {
        row("Corrected", format!("line {}, {}: '{}' -> '{}'", cell.line, cell.header, cell.old, cell.new))
    };
    rows.extend(corrections.iter().take(CORRECTED).map(corrected));
    let more = corrections.len().saturating_sub(CORRECTED) as u64;
    rows.extend((more > 0).then(|| row("", format!("and {} more: --json lists all", grouped(more)))));
    rows.push(row("Digest", digest.clone()));
    rows
}

/// How many corrected cells are listed.
const CORRECTED: usize = 20;

fn done_text(act: &Act) -> String {
    let line = |label: &str, counts: crate::base::Counts| {
        let [created, updated, deleted] = [counts.created, counts.updated, counts.deleted].map(grouped);
        format!("{label:<15}{created} created, {updated} updated, {deleted} deleted\n")
    };
    format!("\n{}{}", line("Contacts", act.entry.done.contacts), line("Organizations", act.entry.done.organizations))
}
