//! The engine in memory: for a base that is tried out, and the yardstick of the conformance suite.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use super::engine::{Engine, KeyedPage, Pages, Snapshot, Table, Writer};
use super::error::BaseError;

type Tree = BTreeMap<Vec<u8>, Arc<[u8]>>;

/// An engine whose commits are copies of maps of shared pages.
#[derive(Debug, Default)]
pub struct Memory {
    newest: Mutex<Arc<Commit>>,
}

#[derive(Debug, Default, Clone)]
struct Commit {
    number: u64,
    head: Vec<u8>,
    trees: BTreeMap<Table, Arc<Tree>>,
}

impl Memory {
    fn newest(&self) -> Arc<Commit> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Engine for Memory {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        self.newest()
    }

    fn begin(&self, expected: u64, next: u64) -> Result<Box<dyn Writer + '_>, BaseError> {
        let newest = self.newest();
        if newest.number != expected {
            return Err(BaseError::Moved { expected, head: newest.number });
        }
        let commit = Commit { number: next, ..Commit::clone(&newest) };
        Ok(Box::new(MemoryWriter { engine: self, commit: Mutex::new(commit) }))
    }

    fn tidy(&self) -> Result<(), BaseError> {
        Ok(())
    }

    fn check_space(&self, _bytes: u64) -> Result<(), BaseError> {
        Ok(())
    }
}

impl Snapshot for Commit {
    fn head(&self) -> &[u8] {
        &self.head
    }

    fn pages(self: Arc<Self>, table: Table, from: &[u8]) -> Pages {
        let Some(tree) = self.trees.get(&table).cloned() else { return Box::new(std::iter::empty()) };
        let first = tree.range::<[u8], _>((Bound::Unbounded, Bound::Included(from))).next_back();
        let mut next = first.map_or(Bound::Unbounded, |(key, _)| Bound::Included(key.clone()));
        Box::new(std::iter::from_fn(move || {
            let (key, page) = tree.range((next.clone(), Bound::Unbounded)).next()?;
            next = Bound::Excluded(key.clone());
            Some(Ok::<KeyedPage, BaseError>((key.clone(), page.to_vec())))
        }))
    }
}

struct MemoryWriter<'a> {
    engine: &'a Memory,
    commit: Mutex<Commit>,
}

impl Writer for MemoryWriter<'_> {
    fn put(&self, table: Table, key: &[u8], page: Option<&[u8]>) -> Result<(), BaseError> {
        let mut commit = self.commit.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = Arc::make_mut(commit.trees.entry(table).or_default());
        match page {
            Some(page) => tree.insert(key.to_vec(), page.into()),
            None => tree.remove(key),
        };
        Ok(())
    }

    fn finish(self: Box<Self>, head: &[u8]) -> Result<(), BaseError> {
        let mut commit = self.commit.into_inner().unwrap_or_else(PoisonError::into_inner);
        commit.head = head.to_vec();
        *self.engine.newest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(commit);
        Ok(())
    }
}
