//! `muster backup`, `restore`, `compact`: copies of the base, each read back before it counts.

use std::path::Path;

use color_eyre::eyre::Report;
use serde_json::{Value, json};

use super::args::{Common, RestoreOptions};
use super::exit::{Exit, Failure};
use super::open::{existing_base, target, wait};
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::base::{Base, Proof};
use crate::flow::upkeep;
use crate::home::paths::Paths;
use crate::report::import::grouped;

/// Copies the base. Where there is none, that is a failure: a backup of nothing would only look like one.
pub fn backup(to: &Path, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = existing_base(common)?;
    let stop = Stop::on_signals()?;
    let target = target(to, common)?;
    let proof = gauged(&stop, output, |gauge| upkeep::backup(&base, &target, gauge))?;
    let to = target.shown.display().to_string();
    if output.json {
        output.print_json(&with_facts(json!({ "to": to }), &proof))?;
    } else {
        let to = output.safe(&to).into_owned();
        output.print(&format!(
            "{} copied to {to}, and read back\n{}To have it back: muster restore --from {to}\n",
            counts(&proof),
            digest(&proof)
        ))?;
    }
    Ok(Exit::Done)
}

/// Makes the base from a backup.
pub fn restore(options: &RestoreOptions, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    if common.access.folders().is_some() {
        return Err(Failure::usage("a locked-down account (--inbox, --outbox) cannot replace the base"));
    }
    if !Base::exists(&options.from) {
        let text =
            format!("there is no backup in {}: name the folder that `muster backup` made", options.from.display());
        return Err(Failure { exit: Exit::Unusable, report: Report::msg(text) });
    }
    paths.make_base()?;
    let stop = Stop::on_signals()?;
    let proof = gauged(&stop, output, |gauge| {
        upkeep::restore(&options.from, &paths.base, options.overwrite, wait(common), gauge)
    })?;
    let [from, to] = [&options.from, &paths.base].map(|path| path.display().to_string());
    if output.json {
        output.print_json(&with_facts(json!({ "from": from, "to": to }), &proof))?;
    } else {
        let to = output.safe(&to).into_owned();
        output.print(&format!("{} restored to {to}, and read back\n{}", counts(&proof), digest(&proof)))?;
    }
    Ok(Exit::Done)
}

/// Rewrites the base into fresh files.
pub fn compact(common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = existing_base(common)?;
    let stop = Stop::on_signals()?;
    let [before, after] = gauged(&stop, output, |gauge| Ok(upkeep::compact(base, gauge)?.1))?;
    if output.json {
        output.print_json(&with_facts(json!({ "bytes_before": before.bytes, "bytes_after": after.bytes }), &after))?;
    } else {
        let [before, now] = [before.bytes, after.bytes].map(|bytes| grouped(bytes.div_ceil(1_000_000)));
        output.print(&format!(
            "{} rewritten, and read back: {before} MB before, {now} MB now\n{}",
            counts(&after),
            digest(&after)
        ))?;
    }
    Ok(Exit::Done)
}

fn with_facts(mut object: Value, proof: &Proof) -> Value {
    let head = proof.head;
    for (name, value) in [
        ("commit", head.commit.into()),
        ("contacts", head.contacts.into()),
        ("organizations", head.organizations.into()),
        ("members", head.members.into()),
        ("digest", Value::from(proof.digest.as_str())),
    ] {
        object[name] = value;
    }
    object
}

fn counts(proof: &Proof) -> String {
    let [contacts, organizations] = [proof.head.contacts, proof.head.organizations].map(grouped);
    format!("{contacts} contacts and {organizations} organizations")
}

fn digest(proof: &Proof) -> String {
    format!("Commit {}, digest {}\n", proof.head.commit, proof.digest)
}
