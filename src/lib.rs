//! Muster imports contact files into a local base, shows every conflict, and finds any contact while you type.
//!
//! The folders tell the way of the data; each may use those above it in this list, never those below:
//!
//! | layer | what it is |
//! | --- | --- |
//! | [`model`] | what things are: fields, records, phones, findings. No I/O, no clock, no threads |
//! | [`spill`] | rows that wait on disk when memory is full |
//! | [`intake`] | a file becomes checked rows |
//! | [`base`] | the stored truth: contacts, organizations, history |
//! | [`reconcile`] | checked rows and the base become a plan; decisions change the plan |
//! | [`search`] | a query over the base becomes hits |
//! | [`report`] | a plan or the base becomes files and text: rejects, summaries, JSON, export |
//! | [`home`] | where things live on this machine: paths, recent files |
//! | [`flow`] | the use cases, each once: check, import, undo, export, backup |
//! | [`app`] | the state machine of the screens: messages in, effects out |
//! | [`tui`], [`cli`] | the two doors: a terminal, a command line |

pub mod app;
pub mod base;
pub mod cli;
pub mod flow;
pub mod home;
pub mod intake;
pub mod model;
pub mod reconcile;
pub mod report;
pub mod search;
pub mod spill;
pub mod tui;
