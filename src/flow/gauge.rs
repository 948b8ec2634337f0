//! How far a use case is, for the door that waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A count that one thread moves and another shows, and the flag with which that other stops the first.
#[derive(Debug, Default)]
pub struct Gauge {
    /// Records that are done.
    pub done: AtomicU64,
    /// Records in all; 0 while that is not known.
    pub total: AtomicU64,
    /// Set to stop.
    pub cancel: AtomicBool,
}

impl Gauge {
    /// Moves the count.
    pub fn set(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// The count: done, total.
    pub fn get(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Whether to stop.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}
