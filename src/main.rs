//! The program: hooks, arguments, then one of two doors.

use std::process::ExitCode;

use muster::cli::args::{Arguments, Door};
use muster::cli::exit::Exit;

fn main() -> ExitCode {
    install_hooks();
    match Arguments::read(std::env::args_os()) {
        Ok((Door::Command(command), common)) => muster::cli::run(command, &common).into(),
        Ok((Door::App(file), common)) => muster::cli::app(file.as_deref(), &common),
        Err(answer) => {
            // Help and version are answers too; when their reader went away there is nobody to tell.
            let _ = answer.print();
            if answer.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
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
