//! Where things live on this machine, and who sits in front of it.
//!
//! - [`paths`]: the folders of the base, of state, cache and configuration
//! - [`private`]: files that only their owner can read, replaced whole or not at all
//! - [`access`]: which files a person may name, in a locked-down account
//! - [`config`]: what a person sets in `config.toml`
//! - [`draft`]: imports that are not finished
//! - [`recent`]: the files that were imported last
//! - [`log`]: the log file, never the terminal
//! - [`who`]: the person and the line that person came by
//! - [`clock`]: the one place that asks the time

pub mod access;
pub mod clock;
pub mod config;
pub mod draft;
pub mod log;
pub mod paths;
pub mod private;
pub mod recent;
pub mod who;
