//! `muster export`: the base as one CSV file.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;

use serde_json::json;

use super::args::{Common, ExportOptions};
use super::exit::{Exit, Failure};
use super::open::{access, base_or_empty};
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::flow::FlowError;
use crate::flow::export::{export, export_to};
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
    let target = access(common)?
        .target(path)
        .map_err(|error| FlowError::from(error).doing(format!("cannot write {}", path.display())))?;
    let base = base_or_empty(common)?;
    let stop = Stop::on_signals()?;
    // Not through `output`, which stays with the thread that draws the progress.
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let done = gauged(&stop, output, |gauge| match to_stdout {
        true => export(&base, BufWriter::with_capacity(1 << 16, stdout), wording, gauge)
            .map_err(|error| error.doing("cannot write to standard output")),
        false => export_to(&base, &target.path, wording, gauge),
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
