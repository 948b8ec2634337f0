//! What goes out of the state machine, for the runner to do.

use std::path::PathBuf;

use super::job::{Job, Slot};
use crate::home::draft::Entry;

/// Something to do outside the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Start a job; an older one of the same slot is cancelled and its messages are dropped.
    Start(Job),
    /// Ask the job of a slot to stop. It answers when it did.
    Cancel(Slot),
    /// Write to the draft of an import, before the next frame shows what is kept.
    Keep {
        /// The file of the import, as it was named.
        file: PathBuf,
        /// Whether the draft begins with it.
        begins: bool,
        /// What to keep.
        entries: Vec<Entry>,
    },
    /// Send text to the clipboard of the person's terminal (OSC 52).
    Copy(String),
    /// Paint everything again.
    Redraw,
    /// Give the terminal back to the shell until it lets us go on.
    Suspend,
    /// End the program.
    Quit,
}
