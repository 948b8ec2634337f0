//! Opening the base for a command, and what its errors mean for the exit code.

use std::path::{Path, PathBuf};
use std::time::Duration;

use color_eyre::eyre::Report;

use super::args::Common;
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::base::{Base, BaseError, Who};
use crate::flow::FlowError;
use crate::flow::import::Stamp;
use crate::flow::upkeep::renewed;
use crate::home::access::{Access, Target};
use crate::home::config::confinement;
use crate::home::paths::{PathError, Paths};
use crate::home::{clock, who};

/// The base, made if there is none: for an import.
pub fn base_or_new(common: &Common) -> Result<Base, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    paths.make_base()?;
    Ok(opened(&paths, common)?)
}

/// The base, or where there is none, an empty one in memory: looking makes no files.
pub fn base_or_empty(common: &Common) -> Result<Base, Failure> {
    Ok(open_or_empty(common)??)
}

/// As [`base_or_empty`], for a command that has an answer to what keeps the base from opening.
pub fn open_or_empty(common: &Common) -> Result<Result<Base, BaseError>, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    Ok(match is_there(&paths.base)? {
        true => opened(&paths, common),
        false => Ok(Base::in_memory()),
    })
}

/// The base, which must exist.
pub fn existing_base(common: &Common) -> Result<Base, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    if !is_there(&paths.base)? {
        let text = format!("there is no base in {}: name its folder with --base", paths.base.display());
        return Err(Failure { exit: Exit::Unusable, report: Report::msg(text) });
    }
    Ok(opened(&paths, common)?)
}

/// Opens a base, and says so if it was of an older schema.
fn opened(paths: &Paths, common: &Common) -> Result<Base, BaseError> {
    let base = Base::open(&paths.base, wait(common))?;
    if let Some(text) = renewed(&base) {
        Output::new(common, &mut std::io::sink(), &mut std::io::stderr()).note(&text);
    }
    Ok(base)
}

/// Whether there is a base. A folder that cannot be looked into is not the same as an empty one.
fn is_there(dir: &Path) -> Result<bool, Failure> {
    match std::fs::read_dir(dir) {
        Ok(_) => Ok(Base::exists(dir)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => {
            let text =
                format!("cannot read the base {}: check its owner, or choose another with --base", dir.display());
            Err(Failure::new(Exit::Unusable, Report::new(error).wrap_err(text)))
        }
    }
}

/// Which files may be named: those that `config.toml` locks the account down to, else those that the options do, else all.
/// From a locked-down account no option leads out, to another base neither.
///
/// # Errors
/// `config.toml` does not say for certain; an option would lead out; a folder cannot be opened.
pub fn access(common: &Common) -> Result<Access, Failure> {
    let by_config = match Paths::find(None) {
        Ok(paths) => confinement(&paths.config_file())?,
        // No home, no configuration.
        Err(_) => None,
    };
    let by_option = common.inbox.clone().zip(common.outbox.clone()).map(<[PathBuf; 2]>::from);
    if by_config.is_some() && (by_option.is_some() || common.base.is_some()) {
        return Err(Failure::usage("config.toml locks this account down: --base, --inbox and --outbox are not for it"));
    }
    let Some([inbox, outbox]) = by_config.or(by_option) else { return Ok(Access::default()) };
    Access::confined(&inbox, &outbox).map_err(|error| {
        let text = format!("cannot use the inbox {} and the outbox {}", inbox.display(), outbox.display());
        Failure::new(Exit::Unusable, Report::new(error).wrap_err(text))
    })
}

/// The place for a file or a folder that a command makes.
pub fn target(path: &Path, common: &Common) -> Result<Target, Failure> {
    let target = common.access.target(path);
    Ok(target.map_err(|error| FlowError::from(error).doing(format!("cannot write {}", path.display())))?)
}

/// How long to wait for a base that another process uses.
pub fn wait(common: &Common) -> Duration {
    Duration::from_secs(common.wait.into())
}

/// Who runs the command, and when.
pub fn stamp(common: &Common) -> Stamp {
    let who = who::Who::now(common.as_name.as_deref());
    let who = Who { user: who.user, ssh_client: who.ssh, as_name: who.name };
    Stamp { who, when: clock::now().as_millisecond() }
}

impl From<PathError> for Failure {
    fn from(error: PathError) -> Failure {
        Failure::new(Exit::Unusable, error)
    }
}

impl From<BaseError> for Failure {
    fn from(error: BaseError) -> Failure {
        let exit = match &error {
            BaseError::InUse { .. } => Exit::InUse,
            BaseError::NoSuchCommit(_) | BaseError::TooOld(_) => Exit::Partly,
            _ => Exit::Unusable,
        };
        Failure::new(exit, error)
    }
}

impl From<FlowError> for Failure {
    fn from(error: FlowError) -> Failure {
        match error {
            FlowError::Base(error) => error.into(),
            FlowError::Map(error) => Failure::new(Exit::Usage, error),
            FlowError::Questions(questions) => {
                let mut text = "the file raises questions; answer each with an option".to_owned();
                for question in questions {
                    text.push_str(&format!("\n{}", question.message));
                    for answer in &question.answers {
                        let mark = if answer.suggested { " (suggested)" } else { "" };
                        text.push_str(&format!("\n    {}   {}{mark}", answer.options(), answer.label));
                    }
                }
                Failure { exit: Exit::Usage, report: Report::msg(text) }
            }
            FlowError::Intake(error) => {
                let exit = if error.is_question() { Exit::Usage } else { Exit::Unusable };
                let hint = error.hint();
                Failure { exit, report: Report::msg(format!("{error}\n{hint}")) }
            }
            FlowError::NotFound { .. } | FlowError::Blocked(_) => Failure::new(Exit::Partly, error),
            FlowError::Cancelled => Failure::new(Exit::Interrupted, error),
            FlowError::File { .. } | FlowError::Json(_) | FlowError::Draft(_) => Failure::new(Exit::Unusable, error),
        }
    }
}
