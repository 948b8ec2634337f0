//! The terminal: the only place that knows ratatui and crossterm.
//!
//! | file | what it does |
//! | --- | --- |
//! | [`mod@run`] | THE loop: wait, drain, update, do the effects, draw once |
//! | [`terminal`] | puts the terminal into our modes and back, on every way out |
//! | [`decode`], [`input`] | bytes of the terminal become keys and pasted text; notices a dead terminal |
//! | [`signal`] | signals become events; [`last_call`] ends the program within a second if the loop cannot |
//! | [`worker`], [`work`] | jobs on threads of their own, and what they do |
//! | [`canvas`], [`paint`] | what the views draw, and the few bytes that show it |
//! | [`frames`] | a log of frames, for measuring |
//! | [`theme`] | colours and marks for this terminal |
//! | [`view`], [`widget`] | pure drawing: the state in, cells out |

mod canvas;
pub mod decode;
mod frames;
pub mod input;
pub mod last_call;
pub mod paint;
pub mod run;
pub mod signal;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod widget;
pub mod work;
pub mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::keymap::Keymap;
use crate::home::config::ThemeName;
use theme::Theme;
use work::{Flows, Place};
use worker::Work;

/// How the app shall look, and what it begins with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// No colours, as with `NO_COLOR`.
    pub no_color: bool,
    /// Only ASCII, whatever the locale says.
    pub ascii: bool,
    /// Personal data is drawn masked.
    pub mask: bool,
    /// A file whose import shall be opened.
    pub file: Option<PathBuf>,
    /// The base, and who works on it.
    pub place: Place,
    /// The theme that `config.toml` names.
    pub theme: Option<ThemeName>,
    /// Whether to use only ASCII, if `config.toml` says so.
    pub config_ascii: Option<bool>,
    /// Which key does what.
    pub keymap: Keymap,
}

/// Why the app could not run, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Standard input or output is no terminal.
    #[error(
        "muster's app needs a terminal on standard input and output; for scripts there are `muster check` and `muster import`"
    )]
    NoTerminal,
    /// The terminal, a thread or a signal handler failed.
    #[error("the terminal cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

/// Runs the app until the person quits or a signal ends it; gives the exit code (129 HUP, 131 QUIT, 143 TERM).
pub fn run(options: Options) -> Result<ExitCode, Error> {
    let work = Arc::new(Flows::new(options.place.clone()));
    run_with(options, work)
}

/// Runs the app with the work that jobs shall do.
pub fn run_with(options: Options, work: Arc<dyn Work>) -> Result<ExitCode, Error> {
    let theme = Theme::detect(&options, |name| std::env::var(name).ok());
    run::run(theme, options.keymap, work, options.file).map(ExitCode::from)
}
