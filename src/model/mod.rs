//! What things are. Plain values: nothing here reads a file, asks the time or starts a thread.
//!
//! - [`fields`]: the one table of fields that intake, checks, screens, search and export read
//! - [`record`]: the values of a contact or an organization, and the record that the base keeps
//! - [`phone`]: a typed phone text, its E.164 form, or why it has none
//! - [`text`]: normal forms, folding, and making foreign text safe to show
//! - [`finding`]: everything the checker can say about a row or a cell
//! - [`formula`]: the guard against cells that a spreadsheet would run
//! - [`columns`]: the columns that muster adds to the files it writes
//! - [`settings`]: what a person chooses for an import

pub mod columns;
pub mod fields;
pub mod finding;
pub mod formula;
pub mod phone;
pub mod record;
pub mod settings;
pub mod text;
