//! The use cases, each once. The terminal app and the command line are two doors to them; neither holds a rule.
//!
//! - [`import`]: a file is opened, checked, planned, decided, committed
//! - [`reports`]: the files that a check or an import writes: rejects (R23), findings, changes

mod error;
pub mod import;
pub mod reports;

pub use error::FlowError;
