//! The use cases, each once. The terminal app and the command line are two doors to them; neither holds a rule.
//!
//! - [`import`]: a file is opened, checked, planned, decided, committed
//! - [`rejects`]: the rejects file of a plan (R23)
//! - [`undo`]: an import is taken back (R26)
//! - [`adopt`]: an organization made by hand is handed over to imports (R13)
//! - [`export`]: the base as one CSV

pub mod adopt;
mod error;
pub mod export;
pub mod import;
pub mod rejects;
pub mod undo;

pub use error::FlowError;
