//! The program: hooks, arguments, then one of two doors.

use std::fmt;
use std::io::{ErrorKind, IsTerminal};
use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use color_eyre::config::{HookBuilder, Theme};
use color_eyre::section::PanicMessage;
use muster::app::job::import::Settings;
use muster::cli::args::{Arguments, Common, Door};
use muster::cli::exit::{Exit, Failure};
use muster::home::log;
use muster::home::paths::Paths;
use muster::{cli, tui};

fn main() -> ExitCode {
    // What muster, or a library in it, writes is for this user alone, unless a file says otherwise of itself.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    install_hooks();
    match Arguments::read(std::env::args_os()) {
        Ok((door, mut common)) => {
            match cli::access(&common) {
                Ok(access) => common.access = access,
                Err(failure) => return cli::fail(failure, &common).into(),
            }
            match door {
                Door::Command(command) => cli::run(command, &common).into(),
                Door::App(file) => app(file, &common),
            }
        }
        Err(answer) => {
            // Help and version are answers too; when their reader went away there is nobody to tell.
            if answer.use_stderr() {
                return cli::refuse(&answer).into();
            }
            let _ = answer.print();
            Exit::Done.into()
        }
    }
}

/// Opens the app, on the import of a file if one is named. A word that is no file was meant as a command.
fn app(file: Option<PathBuf>, common: &Common) -> ExitCode {
    let access = common.access.clone();
    if let Some(file) = file.as_ref().filter(|file| access.open(file).is_err_and(|e| e.kind() == ErrorKind::NotFound)) {
        let text = format!("there is no command and no file '{}': `muster --help` lists the commands", file.display());
        return cli::fail(Failure::usage(text), common).into();
    }
    let paths = match Paths::find(common.base.as_deref()) {
        Ok(paths) => paths,
        Err(error) => return cli::fail(error.into(), common).into(),
    };
    // Without a log the app works as well.
    let _log = paths.make_state().ok().and_then(|()| log::start(&paths.log()).ok());
    let (config, keymap) = match cli::config::load(&paths) {
        Ok(loaded) => loaded,
        Err(error) => return cli::fail(error.into(), common).into(),
    };
    let mut settings = Settings::default();
    settings.reading.region = config.region.unwrap_or(settings.reading.region);
    settings.merging.blank = config.blank.unwrap_or(settings.merging.blank);
    let wait = Duration::from_secs(common.wait.into());
    let place = tui::work::Place { paths, as_name: common.as_name.clone(), wait, settings, access };
    let Common { no_color, ascii, mask, .. } = *common;
    let options =
        tui::Options { no_color, ascii, mask, file, place, theme: config.theme, config_ascii: config.ascii, keymap };
    tui::run(options).unwrap_or_else(|error| {
        let exit = if matches!(error, tui::Error::NoTerminal) { Exit::Usage } else { Exit::Unusable };
        cli::fail(Failure::new(exit, error), common).into()
    })
}

/// What is said of a panic: where it was, and nothing that may be somebody's data.
struct Quiet;

impl PanicMessage for Quiet {
    fn display(&self, panic: &PanicHookInfo<'_>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        writeln!(out, "muster stopped: {}\nat {place}", log::without_data(panic.payload()))
    }
}

/// A panic is a bug: it says where, and asks for a report.
fn install_hooks() {
    let theme = if std::io::stderr().is_terminal() { Theme::dark() } else { Theme::new() };
    let hooks = HookBuilder::default().theme(theme).display_env_section(false).panic_message(Quiet).panic_section(
        "This is a bug in muster. Nothing is half written: the base has all of an import or none of it. \
             Please report this text with what `muster doctor` prints.",
    );
    // It fails only if hooks were installed before, and then there are some.
    let _ = hooks.install();
    // A damaged file can make the storage engine panic while it opens. That is caught, and told as damage.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(muster::base::OPENING) {
            report(panic);
        }
    }));
}
