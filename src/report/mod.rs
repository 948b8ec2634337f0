//! A plan or the base becomes files and text. Everything here writes to a stream it is given.
//!
//! - [`csv_out`]: CSV with quoting and the formula guard; every CSV file that muster writes goes through it
//! - [`export`]: the whole base as one CSV that an import takes back unchanged
//! - [`rejects`]: the rows that were not imported, ready to be corrected
//! - [`changes`]: what an import writes, old and new
//! - [`findings`]: every error and warning, as CSV and JSON
//! - [`import`]: the result of a check or an import, as text and JSON
//! - [`json`]: a record as JSON
//! - [`text`]: records and tables for a terminal

pub mod changes;
pub mod csv_out;
pub mod export;
pub mod findings;
pub mod import;
pub mod json;
pub mod rejects;
pub mod text;
