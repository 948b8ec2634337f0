//! `muster search`: the records that match, best first.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::args::{Common, SearchOptions};
use super::exit::{Exit, Failure};
use super::open::{base_or_empty, target};
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::flow::search::{Found, FoundRecord, Searcher};
use crate::home::clock;
use crate::model::fields::{Entity, FIELDS, Field, Kind};
use crate::report::import::grouped;
use crate::report::json::{Around, record};
use crate::report::text::{Look, table};
use crate::search::Query;

/// Prints the hits. Finding nothing is exit code 1, as for grep.
pub fn run(options: &SearchOptions, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let text = options.query.join(" ");
    let query = Query::parse(&text, clock::today()).map_err(Failure::usage)?;
    let entity = if options.organizations { Entity::Organization } else { Entity::Contact };
    let base = base_or_empty(common)?;
    // A file that may not be written is said before the base is loaded.
    let to = options.to.as_ref().map(|path| target(path, common)).transpose()?;
    let stop = Stop::on_signals()?;
    let searcher = gauged(&stop, output, |gauge| Searcher::load(&base, gauge))?;
    // Only once the person has the answer.
    let keep = || searcher.keep(&|| stop.wanted());
    if let Some(target) = to {
        let done = gauged(&stop, output, |gauge| searcher.export(query, entity, &target, gauge))?;
        let (hits, file) = (done.contacts + done.lone_organizations, target.shown.display().to_string());
        if output.json {
            output.print_json(&json!({ "query": text, "total": hits, "file": file }))?;
        } else {
            let file = output.safe(&file);
            output.print(&format!("{} hits written to {file}\n", grouped(hits)))?;
        }
        keep();
        return Ok(if hits == 0 { Exit::Partly } else { Exit::Done });
    }
    let found = gauged(&stop, output, |gauge| searcher.search(query, entity, options.limit, gauge))?;
    if output.json {
        let catalog = base.catalog();
        let hit = |hit: &FoundRecord| {
            let around = Around { organization_name: hit.organization_name.as_deref(), change: None };
            record(entity, &hit.id, &hit.record, &catalog, around)
        };
        let hits: Vec<Value> = found.hits.iter().map(hit).collect();
        let typo = found.hits.first().is_some_and(|hit| hit.typo);
        output.print_json(&json!({ "query": text, "total": found.total, "typo": typo, "hits": hits }))?;
    } else {
        output.print(&as_text(&found, entity, output.look))?;
    }
    keep();
    Ok(if found.total == 0 { Exit::Partly } else { Exit::Done })
}

fn as_text(found: &Found, entity: Entity, look: Look) -> String {
    if found.total == 0 {
        return format!("No {} matches.\n", entity.noun());
    }
    let head = match entity {
        Entity::Contact => ["ID", "NAME", "ORGANIZATION", "PHONE", "E-MAIL"],
        Entity::Organization => ["ID", "NAME", "INDUSTRY", "PHONE", "CITY"],
    };
    let rows = found.hits.iter().map(|hit| {
        let [id, rest @ ..] = row(hit, entity);
        let [name, second, third, fourth] = rest.map(|text| look.personal(&text));
        [id, name, second, third, fourth]
    });
    let rows: Vec<[String; 5]> = std::iter::once(head.map(String::from)).chain(rows).collect();
    let mut text = table(&rows, look.ascii);
    let shown = found.hits.len();
    // Writing to a String cannot fail.
    let _ = match shown < found.total {
        true => writeln!(text, "{shown} of {} hits: --limit {} shows all", grouped(found.total as u64), found.total),
        false => writeln!(text, "{} hits", grouped(found.total as u64)),
    };
    if found.hits.first().is_some_and(|hit| hit.typo) {
        text.push_str("Nothing matches as typed: these differ by one slip.\n");
    }
    text
}

fn row(hit: &FoundRecord, entity: Entity) -> [String; 5] {
    let id = hit.id.clone();
    let phone = filled(hit, |field| field.entity == entity && matches!(field.kind, Kind::Phone));
    let text = |name: &str| filled(hit, |field| field.name == name);
    match entity {
        Entity::Contact => {
            let name = format!("{} {}", text("contact.first_name"), text("contact.last_name"));
            let email = filled(hit, |field| matches!(field.kind, Kind::Email));
            [id, name, hit.organization_name.clone().unwrap_or_default(), phone, email]
        }
        Entity::Organization => [id, text("account.name"), text("account.industry"), phone, text("account.city")],
    }
}

/// The first of these fields that is filled.
fn filled(hit: &FoundRecord, wanted: impl Fn(&Field) -> bool) -> String {
    let mut fields = FIELDS.iter().filter(|field| wanted(field));
    fields.find_map(|field| hit.record.values.view().value(field.id)).map(|value| value.text()).unwrap_or_default()
}
