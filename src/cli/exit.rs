//! How the program ends: its exit code, and the message when it ends badly.

use std::io;
use std::process::ExitCode;

use color_eyre::eyre::Report;

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; nothing held or rejected.
    Done = 0,
    /// Done, with rows held or rejected; or: not found, undo blocked, damage found.
    Partly = 1,
    /// Wrong usage, or a question about the file that an option must answer. Nothing was written.
    Usage = 2,
    /// The file or the base cannot be read or written.
    Unusable = 3,
    /// Another process holds the base.
    InUse = 4,
    /// Ended by SIGHUP: the line dropped.
    HungUp = 129,
    /// Ended by SIGINT: Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do its work: what happened with its causes, and the exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, where, and what to do now.
    pub report: Report,
}

impl Failure {
    /// A failure with the causes of an error.
    pub fn new(exit: Exit, error: impl Into<Report>) -> Failure {
        Failure { exit, report: error.into() }
    }

    /// Wrong usage; the message names what is right.
    pub fn usage(message: impl std::fmt::Display) -> Failure {
        Failure { exit: Exit::Usage, report: Report::msg(message.to_string()) }
    }

    /// Whether the reader of our output went away, as `| head` does. That is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        let kinds = self.report.chain().filter_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
        kinds.into_iter().any(|kind| kind == io::ErrorKind::BrokenPipe)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(Exit::Unusable, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pipe_is_found_below_other_errors() {
        let pipe = io::Error::from(io::ErrorKind::BrokenPipe);
        let failure = Failure::new(Exit::Unusable, Report::new(pipe).wrap_err("cannot write the export"));
        assert!(failure.is_broken_pipe());
        assert!(!Failure::usage("no").is_broken_pipe());
    }
}
