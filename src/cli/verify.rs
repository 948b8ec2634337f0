//! `muster verify`: reads the whole base and says what is damaged.

use serde_json::{Value, json};

use super::args::Common;
use super::exit::{Exit, Failure};
use super::open::open_or_empty;
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::base::{BaseError, Report};
use crate::flow::upkeep::verify;
use crate::report::import::grouped;
use crate::report::text::table;

/// Prints what was found. Damage is an answer (exit code 1), not a failure.
pub fn run(common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let stop = Stop::on_signals()?;
    let report = match open_or_empty(common)? {
        Ok(base) => gauged(&stop, output, |gauge| verify(&base, gauge))?,
        Err(BaseError::Damaged { what }) => Report::unreadable(what),
        Err(error) => return Err(error.into()),
    };
    if output.json {
        let damaged: Vec<Value> =
            report.damaged.iter().map(|d| json!({ "table": d.table, "key": d.key, "what": d.what })).collect();
        output.print_json(&json!({
            "contacts": report.contacts,
            "organizations": report.organizations,
            "members": report.members,
            "digest": (report.damages == 0).then(|| report.digest()),
            "damaged": damaged,
            "damaged_total": report.damages,
        }))?;
    } else {
        output.print(&text(&report, output.look.ascii))?;
    }
    Ok(if report.damages == 0 { Exit::Done } else { Exit::Partly })
}

fn text(report: &Report, ascii: bool) -> String {
    let counts = [report.contacts, report.organizations, report.members].map(grouped);
    let mut text = format!("{} contacts, {} organizations, {} members read\n", counts[0], counts[1], counts[2]);
    if report.damages == 0 {
        text.push_str(&format!("Everything is sound. Digest {}\n", report.digest()));
        return text;
    }
    text.push_str(&format!("{} damaged:\n", grouped(report.damages)));
    let rows: Vec<[String; 3]> =
        report.damaged.iter().map(|d| [format!("  {}", d.table), d.key.clone(), d.what.clone()]).collect();
    text.push_str(&table(&rows, ascii));
    if report.damages > report.damaged.len() as u64 {
        text.push_str(&format!("  ... and {} more\n", grouped(report.damages - report.damaged.len() as u64)));
    }
    text.push_str(
        "To go back to a backup: muster restore --from BACKUP --overwrite\nTo save what can be read, before: muster export --salvage --to FILE\n",
    );
    text
}
