//! Opening the base for a command, and what its errors mean for the exit code.

use std::path::Path;
use std::time::Duration;

use color_eyre::eyre::Report;

use super::args::Common;
use super::exit::{Exit, Failure};
use crate::base::{Base, BaseError, Who};
use crate::flow::FlowError;
use crate::flow::import::Stamp;
use crate::home::access::Access;
use crate::home::paths::{PathError, Paths};
use crate::home::{clock, who};

/// The base, made if there is none: for an import.
pub fn base_or_new(common: &Common) -> Result<Base, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    paths.make_base()?;
    Ok(Base::open(&paths.base, wait(common))?)
}

/// The base, or where there is none, an empty one in memory: looking makes no files.
pub fn base_or_empty(common: &Common) -> Result<Base, Failure> {
    Ok(open_or_empty(common)??)
}

/// As [`base_or_empty`], for a command that has an answer to what keeps the base from opening.
pub fn open_or_empty(common: &Common) -> Result<Result<Base, BaseError>, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    Ok(match is_there(&paths.base)? {
        true => Base::open(&paths.base, wait(common)),
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
    Ok(Base::open(&paths.base, wait(common))?)
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

/// How long to wait for a base that another process uses.
/// Which files may be named.
pub fn access(common: &Common) -> Result<Access, Failure> {
    let (Some(inbox), Some(outbox)) = (&common.inbox, &common.outbox) else { return Ok(Access::default()) };
    Access::confined(inbox, outbox).map_err(|error| {
        let text = format!("cannot use the inbox {} and the outbox {}", inbox.display(), outbox.display());
        Failure::new(Exit::Unusable, Report::new(error).wrap_err(text))
    })
}

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
