//! A plan or the base becomes files and text.
pub mod import;
