//! `muster completions SHELL`: the completion script.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Arguments;
use super::exit::{Exit, Failure};
use super::output::Output;

/// Prints the script.
pub fn run(shell: Shell, output: &mut Output<'_>) -> Result<Exit, Failure> {
    if output.json {
        return Err(Failure::usage("completions have no JSON form: leave --json out"));
    }
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "muster", &mut script);
    output.stream().write_all(&script)?;
    Ok(Exit::Done)
}
