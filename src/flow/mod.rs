//! The use cases, each once. The terminal app and the command line are two doors to them; neither holds a rule.
//!
//! - [`acts`]: what made each commit, in words
//! - [`import`]: a file is opened, checked, planned, decided, committed
//! - [`reports`]: the files that a check or an import writes: rejects (R23), findings, changes

pub mod acts;
mod error;
pub mod import;
pub mod reports;

pub use error::FlowError;
