//! What comes into the state machine.

use super::job::{Ended, Progress, Report, Slot};
use super::key::Key;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted, or several printable keys came in one read: text for a field, never commands.
    Text(String),
    /// The window has a new size in columns and rows.
    Resized(Size),
    /// The newest job of a slot is so far.
    Progress(Slot, Progress),
    /// The newest job of a slot found something.
    Report(Report),
    /// The newest job of a slot is over.
    Ended(Slot, Ended),
    /// An effect could not be done: what, and what to do about it.
    Failed(String),
}

/// The size of the window in columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}
