//! The base becomes blocks of folded text: all of it, on all cores, or only what commits have changed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::block::{Block, Folding, MOST, Table};
use super::index::{Source, SourcePage};
use super::scan::Cancelled;
use super::text::NameOf;
use crate::model::fields::Entity;
use crate::model::record::RecordRef;

/// How many pages one thread folds at a time, and how many such batches may wait.
const BATCH: usize = 32;
const WAITING: usize = 4;

/// Loads the records of one kind.
pub(super) struct Loader<'a, S: Source> {
    pub source: &'a S,
    pub entity: Entity,
    /// The folded names of organizations.
    pub names: &'a NameOf<'a>,
    pub cancelled: Cancelled<'a>,
}

type Numbered<T> = (usize, T);

/// Blocks that follow each other.
type Blocks = Vec<Arc<Block>>;

impl<S: Source> Loader<'_, S> {
    /// Every block of the base, in order; `None` if cancelled. `more` is shown what is there so far.
    pub fn all(&self, mut more: impl FnMut(&[Arc<Block>])) -> Result<Option<Vec<Arc<Block>>>, S::Error> {
        let (to_fold, pages) = bounded(WAITING);
        let (to_collect, folded) = unbounded();
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (pages, to_collect) = (pages.clone(), to_collect.clone());
                scope.spawn(move || self.fold_batches(&pages, &to_collect));
            }
            drop((pages, to_collect));
            let reading = scope.spawn(move || self.read(&to_fold));
            let mut blocks = Vec::new();
            // Batches that came before one that is to stand before them.
            let mut early: Vec<Option<Vec<Arc<Block>>>> = Vec::new();
            let mut next = 0;
            for (number, batch) in folded {
                early.resize_with(early.len().max(number + 1), || None);
                early[number] = Some(batch?);
                let before = next;
                while let Some(batch) = early.get_mut(next).and_then(Option::take) {
                    blocks.extend(batch);
                    next += 1;
                }
                if next > before {
                    more(&blocks);
                }
            }
            match reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Err(error) => Err(error),
                Ok(()) if (self.cancelled)() => Ok(None),
                // Every ID has a block in which it may come to be.
                Ok(()) if blocks.is_empty() => Ok(Some(vec![Arc::default()])),
                Ok(()) => Ok(Some(blocks)),
            }
        })
    }

    /// Hands batches of pages to those that fold them; stops when nobody does any more.
    fn read(&self, to_fold: &Sender<Numbered<Vec<S::Page>>>) -> Result<(), S::Error> {
        let mut pages = self.source.pages(self.entity, "");
        for number in 0.. {
            let batch = pages.by_ref().take(BATCH).collect::<Result<Vec<_>, _>>()?;
            if batch.is_empty() || (self.cancelled)() || to_fold.send((number, batch)).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn fold_batches(
        &self,
        pages: &Receiver<Numbered<Vec<S::Page>>>,
        to_collect: &Sender<Numbered<Result<Blocks, S::Error>>>,
    ) {
        let mut folding = Folding::default();
        for (number, batch) in pages {
            let mut blocks = Vec::with_capacity(batch.len());
            let folded = batch.iter().try_for_each(|page| self.fold(page, &mut folding, &mut blocks));
            if to_collect.send((number, folded.map(|()| blocks))).is_err() {
                break;
            }
        }
    }

    fn fold(&self, page: &S::Page, folding: &mut Folding, blocks: &mut Vec<Arc<Block>>) -> Result<(), S::Error> {
        let mut filling = Filling { low: page.low().to_owned(), folding, blocks };
        page.records(&mut |id, record| filling.push(self, id, record))?;
        filling.finish();
        Ok(())
    }

    /// The blocks of `before`, with what the base has now in place of those that may hold these IDs. Also says how many were
    /// replaced. `None` if cancelled.
    pub fn changed(&self, before: &Table, ids: &BTreeSet<String>) -> Result<Option<(Blocks, usize)>, S::Error> {
        let stale: BTreeSet<usize> = ids.iter().filter_map(|id| before.block_of(id)).collect();
        let replaced = stale.len();
        let mut blocks = Vec::with_capacity(before.blocks.len());
        let mut done = 0;
        let mut stale = stale.into_iter().peekable();
        while let Some(first) = stale.next() {
            if (self.cancelled)() {
                return Ok(None);
            }
            let mut end = first + 1;
            while stale.next_if_eq(&end).is_some() {
                end += 1;
            }
            blocks.extend_from_slice(&before.blocks[done..first]);
            self.range(&before.blocks[first].low, before.blocks.get(end).map(|block| &*block.low), &mut blocks)?;
            done = end;
        }
        blocks.extend_from_slice(&before.blocks[done..]);
        Ok(Some((blocks, replaced)))
    }

    /// Appends what the base has from the ID `low` to before `end`: at least one block, so that every ID has one.
    fn range(&self, low: &str, end: Option<&str>, blocks: &mut Vec<Arc<Block>>) -> Result<(), S::Error> {
        let mut folding = Folding::default();
        let mut filling = Filling { low: low.to_owned(), folding: &mut folding, blocks };
        for page in self.source.pages(self.entity, low) {
            let page = page?;
            if end.is_some_and(|end| page.low() >= end) {
                break;
            }
            page.records(&mut |id, record| {
                if id >= low && end.is_none_or(|end| id < end) {
                    filling.push(self, id, record);
                }
            })?;
        }
        filling.finish();
        Ok(())
    }
}

/// Blocks on their way: neighbouring records, as many to a block as it holds.
struct Filling<'a> {
    low: String,
    folding: &'a mut Folding,
    blocks: &'a mut Vec<Arc<Block>>,
}

impl Filling<'_> {
    fn push<S: Source>(&mut self, loader: &Loader<'_, S>, id: &str, record: &RecordRef<'_>) {
        if self.folding.len() == MOST {
            self.finish();
            self.low = id.to_owned();
        }
        self.folding.push(loader.entity, id, record, loader.names);
    }

    fn finish(&mut self) {
        self.blocks.push(Arc::new(self.folding.finish(&self.low)));
    }
}
