//! `muster template`: an empty CSV with the right headers.

use serde_json::json;

use super::args::TemplateOptions;
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::report::csv_out::CsvOut;
use crate::report::export::template_headers;

/// Prints the header line.
pub fn run(options: &TemplateOptions, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let headers: Vec<&str> = template_headers(options.dialect.into()).collect();
    if output.json {
        output.print_json(&json!({ "headers": headers }))?;
    } else {
        let mut csv = CsvOut::new(output.stream());
        csv.record(headers)?;
        csv.finish()?;
    }
    Ok(Exit::Done)
}
