//! Why a use case could not be done: what happened, and what to do now.

use std::io;

use thiserror::Error;

use crate::base::BaseError;
use crate::home::draft::DraftError;
use crate::intake::{IntakeError, MapError, Question};
use crate::reconcile::PlanError;

/// Why a use case could not be done.
#[derive(Debug, Error)]
pub enum FlowError {
    /// The file cannot be read as contacts.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// An option about the columns cannot be obeyed.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The base cannot be read or written, or is in use.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// Something about the file must be answered first; the app asks, the command line names the options.
    #[error("the file raises questions that only you can answer")]
    Questions(Vec<Question>),
    /// A file that muster writes or spills to.
    #[error("{what}: {source}")]
    File {
        /// Which file, and what was done with it.
        what: String,
        /// What the system says.
        source: io::Error,
    },
    /// The draft of an import.
    #[error("the draft cannot be read or written: {0}")]
    Draft(#[from] DraftError),
    /// The person cancelled; the base is as it was.
    #[error("cancelled; nothing was written")]
    Cancelled,
    /// The record that was asked for does not exist.
    #[error("{what} is not in the base{}", stored(.near))]
    NotFound {
        /// What it is, with its ID.
        what: String,
        /// Stored IDs that equal it but for case or leading zeros.
        near: Vec<String>,
    },
    /// An undo that cannot be (R26); the text says why, and what can be done.
    #[error("{0}")]
    Blocked(String),
    /// Data of our own that does not fit its form.
    #[error("cannot write or read muster's own JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<PlanError> for FlowError {
    fn from(error: PlanError) -> FlowError {
        match error {
            PlanError::Base(error) => FlowError::Base(error),
            PlanError::Cancelled => FlowError::Cancelled,
            PlanError::Spill(source) => FlowError::from(source).doing("cannot keep the checked rows on disk"),
        }
    }
}

impl From<io::Error> for FlowError {
    fn from(source: io::Error) -> FlowError {
        FlowError::File { what: "cannot read or write a file".to_owned(), source }
    }
}

impl FlowError {
    /// Says of an error with a file what was done with which one.
    #[must_use]
    pub fn doing(self, what: impl Into<String>) -> FlowError {
        match self {
            FlowError::File { source, .. } => FlowError::File { what: what.into(), source },
            other => other,
        }
    }
}

fn stored(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; stored: '{}'", near.join("', '")),
    }
}
