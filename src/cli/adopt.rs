//! `muster adopt`: hands a manual organization over to imports (R13).

use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::args::{Adopt, Common};
use super::ask::confirmed;
use super::exit::{Exit, Failure};
use super::open::{base_or_empty, stamp};
use super::output::Output;
use crate::flow::adopt::adopt;

/// Asks and hands over.
pub fn run(what: &Adopt, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Adopt::Organization { id, yes } = what;
    let base = base_or_empty(common)?;
    let question = format!("Let imports change organization '{id}' and add members?");
    if !confirmed(&question, *yes, output)? {
        output.print("Nothing was changed.\n")?;
        return Ok(Exit::Done);
    }
    let done = adopt(&base, id, &stamp(common), &AtomicBool::new(false))?;
    let number = done.map(|done| done.number);
    if output.json {
        output.print_json(&json!({ "organization": id, "adopted": number.is_some(), "commit": number }))?;
    } else {
        let text = match number {
            Some(number) => {
                format!("Imports may now change organization '{id}'. To take that back: muster undo {number}")
            }
            None => format!("Imports may already change organization '{id}': nothing to do"),
        };
        let text = output.safe(&text).into_owned();
        output.print(&(text + "\n"))?;
    }
    Ok(Exit::Done)
}
