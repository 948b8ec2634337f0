//! The pieces that screens are drawn from: plain data in, cells out.
//!
//! | file | what it draws |
//! | --- | --- |
//! | [`text`] | foreign text, made safe and cut to a width; everything else draws text through it |
//! | [`table`] | the visible part of a list |
//! | [`field`] | a line of text being typed |
//! | [`hints`] | the keys worth knowing here, as many as fit |
//! | [`progress`] | how far a job is |
//! | [`matrix`] | variants side by side, the differing parts marked |

pub mod field;
pub mod hints;
pub mod matrix;
pub mod progress;
pub mod table;
pub mod text;
