//! Questions before something that cannot be taken for granted.

use std::io::{self, BufRead, IsTerminal};

use super::exit::Failure;
use super::output::Output;

/// Whether to go on: `--yes` said so, or the person at the terminal does.
///
/// # Errors
/// There is no terminal to ask on; the message names `--yes`.
pub fn confirmed(question: &str, yes: bool, output: &mut Output<'_>) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::usage(format!("{question} There is no terminal to answer on: say --yes to go on")));
    }
    output.prompt(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
