//! `muster backup`: a copy that opens as a base.

use std::path::Path;

use serde_json::json;

use super::args::Common;
use super::exit::{Exit, Failure};
use super::open::existing_base;
use super::output::Output;
use super::stop::Stop;
use super::work::gauged;
use crate::flow::upkeep::backup;
use crate::report::import::grouped;

/// Copies the base. Where there is none, that is a failure: a backup of nothing would only look like one.
pub fn run(to: &Path, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let base = existing_base(common)?;
    let stop = Stop::on_signals()?;
    let head = gauged(&stop, output, |gauge| backup(&base, to, gauge))?;
    let folder = to.display().to_string();
    if output.json {
        let (commit, contacts, organizations) = (head.commit, head.contacts, head.organizations);
        output.print_json(
            &json!({ "to": folder, "commit": commit, "contacts": contacts, "organizations": organizations }),
        )?;
    } else {
        let [contacts, organizations] = [head.contacts, head.organizations].map(grouped);
        let folder = output.safe(&folder).into_owned();
        output.print(&format!(
            "{contacts} contacts and {organizations} organizations copied to {folder}\nIt opens as a base: muster --base {folder}\n"
        ))?;
    }
    Ok(Exit::Done)
}
