//! The use cases, each once. The terminal app and the command line are two doors to them; neither holds a rule.
//!
//! - [`import`]: a file is opened, checked, planned, decided, committed
//! - [`draft`]: an import that was left goes on · [`correct`]: a bad cell is corrected
//! - [`reports`]: the files that a check or an import writes: rejects (R23), findings, changes · [`rejects`]: kept with the base
//! - [`show`]: one record with what stands around it · [`history`]: what was done (R25) · [`records`]: record by record
//! - [`edit`]: a person makes or changes a record · [`delete`]: or deletes one
//! - [`undo`]: an import is taken back (R26) · [`adopt`]: an organization is handed over to imports (R13)
//! - [`forget`]: a person is taken out of everything
//! - [`search`]: one search over the whole base
//! - [`export`]: the base as a file · [`upkeep`]: verify, backup, restore, compact
//! - [`gauge`]: how far a use case is, and the flag that stops it

pub mod adopt;
pub mod correct;
pub mod delete;
pub mod draft;
pub mod edit;
mod error;
pub mod export;
pub mod forget;
pub mod gauge;
pub mod history;
pub mod import;
pub mod records;
pub mod rejects;
pub mod reports;
pub mod search;
pub mod show;
pub mod undo;
pub mod upkeep;

pub use error::FlowError;
