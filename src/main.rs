//! The program: hooks, arguments, then one of two doors.

use std::process::ExitCode;

use color_eyre::eyre::Result;
use muster::tui;

fn main() -> Result<ExitCode> {
    color_eyre::install()?;
    let given = |option: &str| std::env::args().any(|argument| argument == option);
    Ok(tui::run(tui::Options { no_color: given("--no-color"), ascii: given("--ascii") })?)
}
