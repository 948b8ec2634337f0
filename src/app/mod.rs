//! The state machine of the screens: messages in, effects out. No drawing, no I/O, no clock.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`key`] | a key as a person presses it, whatever bytes the terminal sent for it |
//! | [`action`] | THE table of everything a person can do; help, palette, hints and keymap are read from it |
//! | [`keymap`] | key to action by context, and back |
//! | [`rebind`] | the keys that a person sets, checked |
//! | [`sheet`] | the key sheet of the README |
//! | [`message`] | what comes in |
//! | [`effect`] | what goes out, for the runner to do |
//! | [`job`] | work that runs beside the loop: what is asked, what is answered |
//! | [`state`], [`update`] | what is shown, and how a message changes it |
//! | [`screen`], [`overlay`] | the state and update of each screen, and of what lies above it |
//! | [`field`], [`cursor`] | a line of text being typed, a place in a long list |

pub mod action;
pub mod cursor;
pub mod effect;
pub mod field;
pub mod job;
pub mod key;
pub mod keymap;
pub mod message;
pub mod overlay;
pub mod rebind;
pub mod screen;
pub mod sheet;
pub mod state;
pub mod update;
