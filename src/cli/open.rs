//! Opening the base for a command, and what its errors mean for the exit code.

use std::time::Duration;

use color_eyre::eyre::Report;

use super::args::Common;
use super::exit::{Exit, Failure};
use crate::base::{Base, BaseError, Who};
use crate::flow::FlowError;
use crate::flow::import::Stamp;
use crate::home::paths::{PathError, Paths};
use crate::home::{clock, who};

/// The base for a command that writes; it is made if there is none.
pub fn base_to_write(common: &Common) -> Result<Base, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    paths.make_base()?;
    Ok(Base::open(&paths.base, Duration::from_secs(common.wait.into()))?)
}

/// The base for a command that only reads. Where there is none, an empty one in memory: looking makes no files.
pub fn base_to_read(common: &Common) -> Result<Base, Failure> {
    let paths = Paths::find(common.base.as_deref())?;
    let empty = std::fs::read_dir(&paths.base).map(|mut entries| entries.next().is_none());
    match empty {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Base::in_memory()),
        Ok(true) => Ok(Base::in_memory()),
        _ => base_to_write(common),
    }
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
            FlowError::NotFound(_) | FlowError::Blocked(_) => Failure::new(Exit::Partly, error),
            FlowError::Cancelled => Failure::new(Exit::Interrupted, error),
            FlowError::File { .. } | FlowError::Json(_) => Failure::new(Exit::Unusable, error),
        }
    }
}
