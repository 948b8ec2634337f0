//! The command line: arguments in, one command done, an exit code out. No rule of an import is decided here; commands
//! call the flows and say what came of it.
//!
//! - [`args`], [`import_args`], [`values`]: the grammar
//! - [`config`]: what the app takes from `config.toml`
//! - [`exit`]: exit codes and failures
//! - [`output`], [`progress`]: the two streams · `ask`: questions · `work`, `stop`: long work, signals · `open`: the base
//! - one file for each command

pub mod args;
pub mod config;
pub mod exit;
pub mod import_args;
pub mod output;
pub mod progress;
pub mod values;

mod adopt;
mod ask;
mod backup;
mod completions;
mod doctor;
mod export;
mod fields;
mod forget;
mod history;
mod import;
mod man;
mod open;
mod search;
mod show;
mod stop;
mod template;
mod undo;
mod verify;
mod work;

pub use open::access;

use args::{Command, Common};
use exit::{Exit, Failure};
use output::Output;

/// Runs a command on the streams of this process and says why if it fails.
pub fn run(command: Command, common: &Common) -> Exit {
    said(common, |output| dispatch(command, common, output))
}

/// Says why something failed before a command began; gives the exit code.
pub fn fail(failure: Failure, common: &Common) -> Exit {
    said(common, |_| Err(failure))
}

/// Says that the arguments are wrong. They are foreign text too: a script may have got them from a file.
pub fn refuse(answer: &clap::Error) -> Exit {
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr());
    let mut output = Output::new(&Common::default(), &mut out, &mut err);
    answer.render().to_string().trim_end().lines().for_each(|line| output.note(line));
    Exit::Usage
}

fn said(common: &Common, work: impl FnOnce(&mut Output<'_>) -> Result<Exit, Failure>) -> Exit {
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr());
    let mut output = Output::new(common, &mut out, &mut err);
    match work(&mut output) {
        Ok(exit) => exit,
        Err(failure) if failure.is_broken_pipe() => Exit::Done,
        Err(failure) => {
            output.failure(&failure);
            failure.exit
        }
    }
}

fn dispatch(command: Command, common: &Common, output: &mut Output<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Check(options) => import::check(&options, common, output),
        Command::Import(options) => import::import(&options, common, output),
        Command::Search(options) => search::run(&options, common, output),
        Command::Show { what } => show::run(&what, common, output),
        Command::Export(options) => export::run(&options, common, output),
        Command::History { limit } => history::run(limit, common, output),
        Command::Undo(options) => undo::run(&options, common, output),
        Command::Adopt { what } => adopt::run(&what, common, output),
        Command::Forget { what } => forget::forget(&what, common, output),
        Command::Allow { what } => forget::allow(&what, common, output),
        Command::Verify => verify::run(common, output),
        Command::Backup { to } => backup::backup(&to, common, output),
        Command::Restore(options) => backup::restore(&options, common, output),
        Command::Compact => backup::compact(common, output),
        Command::Template(options) => template::run(&options, output),
        Command::Fields => fields::run(output),
        Command::Doctor => doctor::run(common, output),
        Command::Completions { shell } => completions::run(shell, output),
        Command::Man => man::run(output),
    }
}
