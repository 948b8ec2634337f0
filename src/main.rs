//! The program: hooks, arguments, then one of two doors.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use muster::cli::args::{Arguments, Common, Door};
use muster::cli::exit::{Exit, Failure};
use muster::home::paths::Paths;
use muster::tui::{self, work::Place};

fn main() -> ExitCode {
    install_hooks();
    match Arguments::read(std::env::args_os()) {
        Ok((Door::Command(command), common)) => muster::cli::run(command, &common).into(),
        Ok((Door::App(file), common)) => match app(file, &common) {
            Ok(code) => code,
            Err(failure) => muster::cli::failed(failure, &common).into(),
        },
        Err(answer) => {
            // Help and version are answers too; when their reader went away there is nobody to tell.
            let _ = answer.print();
            if answer.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

/// Opens the app, on the import of a file if one is named. A word that is no file was meant as a command.
fn app(file: Option<PathBuf>, common: &Common) -> Result<ExitCode, Failure> {
    if let Some(file) = file.as_ref().filter(|file| !file.exists()) {
        let text = format!("there is no command and no file '{}': `muster --help` lists the commands", file.display());
        return Err(Failure::usage(text));
    }
    let place = Place {
        paths: Paths::find(common.base.as_deref())?,
        as_name: common.as_name.clone(),
        wait: Duration::from_secs(common.wait.into()),
    };
    tui::run(tui::Options { no_color: common.no_color, ascii: common.ascii, file, place }).map_err(|error| {
        let exit = if matches!(error, tui::Error::NoTerminal) { Exit::Usage } else { Exit::Unusable };
        Failure::new(exit, error)
    })
}

/// A panic is a bug: it says where, and asks for a report.
fn install_hooks() {
    let hooks = color_eyre::config::HookBuilder::default().display_env_section(false).panic_section(
        "This is a bug in muster. Nothing is half written: the base has all of an import or none of it. \
             Please report this text with what `muster doctor` prints.",
    );
    // It fails only if hooks were installed before, and then there are some.
    let _ = hooks.install();
}
