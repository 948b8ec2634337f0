//! `muster export`: the base as one CSV file; with `--salvage`, what a damaged one still says.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;

use serde_json::json;

use super::args::{Common, ExportOptions};
use super::exit::{Exit, Failure};
use super::open::{base_or_empty, target, wait};
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::base::Base;
use crate::flow::export::{export, export_to, salvage_to};
use crate::home::access::Target;
use crate::home::paths::Paths;
use crate::report::import::grouped;

/// Writes the file, or standard output for `-`.
pub fn run(options: &ExportOptions, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let (path, wording) = (options.to.as_path(), options.wording());
    let to_stdout = path == Path::new("-");
    if to_stdout && output.json {
        return Err(Failure::usage("the file and the JSON cannot both go to standard output: name a file with --to"));
    }
    if to_stdout && io::stdout().is_terminal() {
        return Err(Failure::usage("a terminal would obey what is in the data: name a file with --to, or pipe it on"));
    }
    let target = target(path, common)?;
    if options.salvage {
        return salvage(&target, options, common, output);
    }
    let base = base_or_empty(common)?;
    let stop = Stop::on_signals()?;
    // Not through `output`, which stays with the thread that draws the progress.
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let done = gauged(&stop, output, |gauge| match to_stdout {
        true => export(&base, BufWriter::with_capacity(1 << 16, stdout), wording, gauge)
            .map_err(|error| error.doing("cannot write to standard output")),
        false => export_to(&base, &target, wording, gauge),
    })?;
    if output.json {
        let file = target.shown.display().to_string();
        output.print_json(
            &json!({ "file": file, "contacts": done.contacts, "lone_organizations": done.lone_organizations }),
        )?;
    } else if !to_stdout {
        let file = target.shown.display().to_string();
        let text = format!(
            "{} contacts and {} organizations without contacts written to {}\n",
            grouped(done.contacts),
            grouped(done.lone_organizations),
            output.safe(&file)
        );
        output.print(&text)?;
    }
    Ok(Exit::Done)
}

/// Lines of the text that say what was lost; the JSON has up to a thousand.
const TEXT_CUT: usize = 20;

/// Writes what a damaged base still says.
fn salvage(
    target: &Target,
    options: &ExportOptions,
    common: &Common,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    if options.to == Path::new("-") {
        return Err(Failure::usage("--salvage reports on standard output: name a file with --to"));
    }
    let paths = Paths::find(common.base.as_deref())?;
    if !Base::exists(&paths.base) {
        return Err(Failure::usage(format!(
            "there is no base in {}: name its folder with --base",
            paths.base.display()
        )));
    }
    let stop = Stop::on_signals()?;
    let rescue =
        gauged(&stop, output, |gauge| salvage_to(&paths.base, wait(common), target, options.wording(), gauge))?;
    let file = target.shown.display().to_string();
    if output.json {
        output.print_json(&json!({
            "file": file,
            "contacts": rescue.contacts,
            "contacts_expected": rescue.expected.map(|(contacts, _)| contacts),
            "organizations": rescue.organizations,
            "organizations_expected": rescue.expected.map(|(_, organizations)| organizations),
            "lost": rescue.lost,
        }))?;
    } else {
        let of = |read: u64, expected: Option<u64>| match expected {
            Some(expected) => format!("{} of {}", grouped(read), grouped(expected)),
            None => grouped(read),
        };
        let mut text = format!(
            "{} contacts and {} organizations written to {}\n",
            of(rescue.contacts, rescue.expected.map(|(contacts, _)| contacts)),
            of(rescue.organizations, rescue.expected.map(|(_, organizations)| organizations)),
            output.safe(&file)
        );
        if !rescue.lost.is_empty() {
            text.push_str("Not readable:\n");
        }
        for lost in rescue.lost.iter().take(TEXT_CUT) {
            text.push_str(&format!("  {}\n", output.safe(lost)));
        }
        if rescue.lost.len() > TEXT_CUT {
            text.push_str(&format!("  ... and {} more\n", rescue.lost.len() - TEXT_CUT));
        }
        output.print(&text)?;
    }
    Ok(if rescue.is_whole() { Exit::Done } else { Exit::Partly })
}
