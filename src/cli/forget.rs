//! `muster forget` and `muster allow`: a person goes without a trace, or may come again.

use serde_json::json;

use super::args::{Allow, Common, Forget};
use super::ask::confirmed;
use super::exit::{Exit, Failure};
use super::open::{existing_base, stamp};
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::flow::forget::{self, Absence, Forgetting};
use crate::home::paths::Paths;
use crate::report::import::grouped;
use crate::report::text::Look;

/// Says what would go, asks, forgets, and proves it.
pub fn forget(what: &Forget, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Forget::Contact { id, dry_run, yes } = what;
    let paths = Paths::find(common.base.as_deref())?;
    let base = existing_base(common)?;
    let forgetting = forget::plan(&base, id, stamp(common))?;
    if *dry_run || !output.json {
        say(&forgetting, None, output)?;
    }
    if *dry_run {
        if !output.json {
            output.print("Dry run: nothing was changed.\n")?;
        }
        return Ok(Exit::Done);
    }
    if !confirmed(&format!("Forget contact '{}'?", forgetting.id), *yes, output)? {
        output.print("Nothing was changed.\n")?;
        return Ok(Exit::Done);
    }
    let stop = Stop::on_signals()?;
    let absence = gauged(&stop, output, |gauge| forget::forget(base, &forgetting, &paths, gauge))?;
    if output.json {
        say(&forgetting, Some(&absence), output)?;
    } else {
        output.print(&proof(&absence))?;
    }
    Ok(Exit::Done)
}

fn say(forgetting: &Forgetting, absence: Option<&Absence>, output: &mut Output<'_>) -> Result<(), Failure> {
    if output.json {
        let proof = absence.map(|absence| {
            json!({
                "commit": absence.commit,
                "entries": absence.entries,
                "bytes": absence.bytes,
                "values_gone": absence.gone,
                "values_shared": absence.shared,
            })
        });
        return Ok(output.print_json(&json!({
            "id": forgetting.id,
            "stored": forgetting.stored,
            "commits": forgetting.commits,
            "decisions": forgetting.decisions,
            "forgotten": absence.is_some(),
            "proof": proof,
        }))?);
    }
    let text = blast_radius(forgetting, output.look);
    let safe: String = text.lines().map(|line| format!("{}\n", output.safe(line))).collect();
    Ok(output.print(&safe)?)
}

/// What goes, what does not, and what will be different.
fn blast_radius(forgetting: &Forgetting, look: Look) -> String {
    let Forgetting { id, name, organization, stored, commits, decisions, .. } = forgetting;
    if forgetting.is_again() {
        return format!(
            "Contact {id} is forgotten already. The base is rewritten into fresh files once more, and read.\n"
        );
    }
    let who = match (stored, organization) {
        (true, Some(organization)) => format!("{}, member of {}", look.personal(name), look.personal(organization)),
        (true, None) => look.personal(name),
        (false, _) => "not stored any more, but its traces are".to_owned(),
    };
    let numbers: Vec<String> = commits.iter().map(u64::to_string).collect();
    let commits = match numbers.as_slice() {
        [] => "no commit that is kept for undo".to_owned(),
        numbers => format!("{}; an undo of them leaves the contact out", numbers.join(", ")),
    };
    format!(
        "Contact        {id}: {who}\n\
         Changed by     {commits}\n\
         Decisions      {} remembered ones go\n\
         Files          imported files, rejects, exports and backups stay: delete them where they hold the person\n\
         The base is rewritten into fresh files. This cannot be undone.\n",
        grouped(*decisions as u64)
    )
}

fn proof(absence: &Absence) -> String {
    let shared = match absence.shared {
        0 => String::new(),
        shared => format!("; {shared} others stay where other records, or names in the history, have them too"),
    };
    format!(
        "Forgotten. {} entries were decoded, none is of the contact; {} of its values are nowhere in {} MB of files{shared}.\n\
         Rows with its ID are held (forgotten) until: muster allow contact ID\n",
        grouped(absence.entries),
        absence.gone,
        grouped(absence.bytes.div_ceil(1_000_000)),
    )
}

/// Asks, and lets imports bring a forgotten contact again.
pub fn allow(what: &Allow, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Allow::Contact { id, yes } = what;
    let base = existing_base(common)?;
    if !confirmed(&format!("Let imports bring contact '{id}' again?"), *yes, output)? {
        output.print("Nothing was changed.\n")?;
        return Ok(Exit::Done);
    }
    let done = forget::allow(&base, id, stamp(common))?;
    let number = done.map(|done| done.number);
    if output.json {
        output.print_json(&json!({ "id": id, "allowed": number.is_some(), "commit": number }))?;
    } else {
        let id = output.safe(id).into_owned();
        output.print(&match number {
            Some(_) => format!("The next file may bring contact '{id}' again.\n"),
            None => format!("Contact '{id}' was not forgotten: nothing to do\n"),
        })?;
    }
    Ok(if number.is_some() { Exit::Done } else { Exit::Partly })
}
