//! `muster history`: what was done, newest first; and one act of it as `muster show import` shows it.

use serde_json::{Value, json};

use super::args::Common;
use super::exit::{Exit, Failure};
use super::open::base_or_empty;
use super::output::Output;
use crate::base::{Counts, Kind};
use crate::flow::history::{self, Act, State};
use crate::home::clock;
use crate::report::text::table;

/// Prints the newest `limit` acts.
pub fn run(limit: usize, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = base_or_empty(common)?;
    let acts = history::list(&base)?;
    let newest = &acts[..limit.min(acts.len())];
    if output.json {
        let list: Vec<Value> = newest.iter().map(act_json).collect();
        output.print_json(&json!({ "history": list, "total": acts.len() }))?;
    } else if acts.is_empty() {
        output.print("Nothing was imported yet.\n")?;
    } else {
        let head = ["NUMBER", "TIME", "WHO", "KIND", "FILE", "CONTACTS", "ORGANIZATIONS", "STATE"].map(String::from);
        let rows: Vec<[String; 8]> = std::iter::once(head).chain(newest.iter().map(row)).collect();
        output.print(&table(&rows, output.look.ascii))?;
        if acts.len() > newest.len() {
            output.print(&format!("... and {} older: --limit {}\n", acts.len() - newest.len(), acts.len()))?;
        }
    }
    Ok(Exit::Done)
}

fn row(act: &Act) -> [String; 8] {
    let done = act.entry.done;
    [
        act.entry.number().to_string(),
        clock::local(act.at()),
        act.who(),
        act.kind(),
        act.file().unwrap_or("-").to_owned(),
        counts_text(done.contacts),
        counts_text(done.organizations),
        state_text(act),
    ]
}

/// `+6 ~2 -1`: created, updated, deleted; what is zero is left out.
fn counts_text(counts: Counts) -> String {
    let signs = [('+', counts.created), ('~', counts.updated), ('-', counts.deleted)];
    let parts: Vec<String> = signs.iter().filter(|(_, n)| *n > 0).map(|(sign, n)| format!("{sign}{n}")).collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(" ") }
}

/// Whether the act stands, for a person.
pub fn state_text(act: &Act) -> String {
    match act.state() {
        State::Stands => String::new(),
        State::UndoneBy(by) => format!("undone by {by}"),
        State::TooOld => "too old to undo".to_owned(),
    }
}

/// An act as JSON.
pub fn act_json(act: &Act) -> Value {
    let entry = &act.entry;
    let of = match entry.kind {
        Kind::Undo { of } => Some(of),
        _ => None,
    };
    let file =
        act.import.as_ref().map(|i| json!({ "name": i.file.name, "bytes": i.file.bytes, "sha256": i.file.sha256 }));
    json!({
        "number": entry.number(),
        "at": act.at().to_string(),
        "who": { "user": entry.who.user, "ssh_client": entry.who.ssh_client, "name": entry.who.as_name },
        "kind": history::word(entry.kind),
        "undid": of,
        "file": file,
        "contacts": entry.done.contacts,
        "organizations": entry.done.organizations,
        "undone_by": entry.undone_by,
        "too_old": entry.too_old,
    })
}
