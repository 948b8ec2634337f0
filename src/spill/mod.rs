//! Rows that wait on disk when memory is full (R10, and "memory stays bounded however large the file is").
//!
//! - [`tape`]: entries in the order in which they came, in compressed blocks
//! - [`sort`]: entries sorted by key: sorted runs on tapes, merged while they are read
//!
//! The files have no name, only the process can open them, and they vanish with it, on a kill too. They hold personal data.

pub mod sort;
pub mod tape;

pub use sort::{Merge, Sorted, Sorter};
pub use tape::{Place, Tape, TapeReader, TapeWriter};

use std::path::{Path, PathBuf};

/// Where spill files are made, and how much memory one sorter may hold before it spills.
#[derive(Debug, Clone)]
pub struct SpillRoom {
    /// An existing folder.
    pub dir: PathBuf,
    /// Bytes of entries that one sorter holds in memory.
    pub memory: usize,
}

impl SpillRoom {
    /// Runs of 32 MB in `dir`.
    pub fn new(dir: &Path) -> SpillRoom {
        SpillRoom { dir: dir.to_owned(), memory: 32 << 20 }
    }
}
