//! Checked rows and the base become a plan: what an import would do, computed before anything is written.
//!
//! - [`rows`]: the checked rows, sorted by Contact ID and by Account ID
//! - [`conflict`]: rows of one ID that disagree: variants, differing fields, class, suggestion (R6, R7, R9)
//! - [`decision`]: what a person or a policy says to a conflict (R8); [`timeline`]: the same, step by step, for undo
//! - [`doubt`]: what needs a person's consent though no rows disagree (R14, R15, R28)
//! - [`correction`]: cells that a person corrected, and the rows as they then are
//! - [`merge`]: one record of the file meets one record of the base (R4, R11, R14, R15, R18)
//! - `organizations`, `contacts`: a pass over all IDs of the file, each ID to a candidate for the plan
//! - `board`, `candidate`, `pass`: what these passes know and where they write
//! - [`outcome`]: which candidates are accepted, and the one outcome of each row (R5, R12, R30)
//! - `lost`: rows that are rejected only after a policy could have taken what they say (R6)
//! - [`plan`]: counts, blast radius, digest, and the changes to commit (R10)

mod board;
mod candidate;
pub mod conflict;
mod contacts;
pub mod correction;
pub mod decision;
pub mod doubt;
mod lost;
pub mod merge;
mod organizations;
pub mod outcome;
mod pass;
pub mod plan;
pub mod rows;
pub mod timeline;

pub use pass::{PlanError, PlanInput, remembered};

#[cfg(test)]
mod tests;
