//! The base becomes segments of folded text: all of it, on all cores, or only what commits have changed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::block::{SEGMENT, SLOTS, Segment, Table};
use super::dictionary::{Coder, Coding, Dictionary};
use super::fold::{Folding, Shared};
use super::guide::Guide;
use super::index::{Source, SourcePage};
use super::names::Names;
use super::scan::Cancelled;
use super::text::NameOf;
use crate::model::fields::Entity;

/// How many pages one thread folds at a time, and how many such batches may wait.
const BATCH: usize = 64;
const WAITING: usize = 4;

/// Loads the records of one kind.
pub(super) struct Loader<'a, S: Source> {
    pub source: &'a S,
    pub entity: Entity,
    pub cancelled: Cancelled<'a>,
}

type Numbered<T> = (usize, T);

/// Segments that follow each other.
type Segments = Vec<Arc<Segment>>;

impl<S: Source> Loader<'_, S> {
    /// All of the base; `None` if cancelled. `more` is shown what is there so far.
    pub fn all(&self, names: Names, mut more: impl FnMut(&[Arc<Segment>], &Coding)) -> Result<Option<Table>, S::Error> {
        let coding = Coding::new(names);
        let (to_fold, pages) = bounded(WAITING);
        let (to_collect, folded) = bounded(WAITING);
        let segments = thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (pages, to_collect, coding) = (pages.clone(), to_collect.clone(), &coding);
                scope.spawn(move || self.fold_batches(&pages, &to_collect, coding));
            }
            drop((pages, to_collect));
            let reading = scope.spawn(move || self.read(&to_fold));
            let mut segments = Vec::new();
            // Batches that came before one that is to stand before them.
            let mut early: Vec<Option<Segments>> = Vec::new();
            let mut next = 0;
            for (number, batch) in folded {
                early.resize_with(early.len().max(number + 1), || None);
                early[number] = Some(batch?);
                let before = next;
                while let Some(batch) = early.get_mut(next).and_then(Option::take) {
                    segments.extend(batch);
                    next += 1;
                }
                if next > before {
                    more(&segments, &coding);
                }
            }
            match reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                Err(error) => Err(error),
                Ok(()) if (self.cancelled)() => Ok(None),
                // Every ID has a segment in which it may come to be.
                Ok(()) if segments.is_empty() => Ok(Some(vec![Arc::default()])),
                Ok(()) => Ok(Some(segments)),
            }
        })?;
        Ok(segments.map(|segments| Table::new(segments, Arc::new(coding.dictionary()))))
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
        to_collect: &Sender<Numbered<Result<Segments, S::Error>>>,
        coding: &Coding,
    ) {
        let mut folding = Folding::default();
        let mut coder = Coder::new(coding);
        for (number, batch) in pages {
            let folded = self.fold(&batch, &mut folding, &mut coder);
            if to_collect.send((number, folded)).is_err() {
                break;
            }
        }
    }

    fn fold(&self, pages: &[S::Page], folding: &mut Folding, coder: &mut Coder<'_>) -> Result<Segments, S::Error> {
        let mut segments = Vec::new();
        let low = pages.first().map(|page| page.low().to_owned()).unwrap_or_default();
        let mut filling = Filling { low, most: SEGMENT, folding, segments: &mut segments };
        let mut shared = Shared::Coded(coder);
        for page in pages {
            page.records(&mut |id, record| filling.folding(id).push(self.entity, id, record, &mut shared))?;
        }
        filling.finish();
        Ok(segments)
    }

    /// The table with what the base has now in place of these records, whose text is folded again; all others are as they were.
    /// `None` if cancelled.
    pub fn changed(
        &self,
        before: &Table,
        ids: &BTreeSet<String>,
        names: &NameOf<'_>,
    ) -> Result<Option<Table>, S::Error> {
        let mut segments = Vec::with_capacity(before.segments.len());
        let mut ids = ids.iter().map(String::as_str).peekable();
        let mut folding = Folding::default();
        for (number, segment) in before.segments.iter().enumerate() {
            if (self.cancelled)() {
                return Ok(None);
            }
            let end = before.segments.get(number + 1).map(|next| &*next.low);
            let mut touched = Vec::new();
            while let Some(id) = ids.next_if(|id| end.is_none_or(|end| *id < end)) {
                touched.push(id);
            }
            if touched.is_empty() {
                segments.push(segment.clone());
                continue;
            }
            let low = segment.low.to_string();
            let mut filling = Filling { low, most: SLOTS, folding: &mut folding, segments: &mut segments };
            self.weave(&before.dictionary, segment, &touched, names, &mut filling)?;
            filling.finish();
        }
        let table = Table::new(segments, before.dictionary.clone());
        if before.guide.get().is_some() {
            let guide = Guide::after(before, &table);
            table.guide.get_or_init(|| guide);
        }
        Ok(Some(table))
    }

    /// Fills in the records of a segment, those of the touched IDs as the base has them now.
    fn weave(
        &self,
        dictionary: &Dictionary,
        segment: &Segment,
        touched: &[&str],
        names: &NameOf<'_>,
        filling: &mut Filling<'_>,
    ) -> Result<(), S::Error> {
        let mut entries = segment.entries(dictionary).peekable();
        let mut rest = touched;
        while let Some(first) = rest.first() {
            let Some(page) = self.source.pages(self.entity, first).next().transpose()? else { break };
            // What the page has decides up to its last record, and on those IDs that it would have.
            let mut last = String::new();
            page.records(&mut |id, record| {
                if rest.binary_search(&id).is_ok() {
                    while let Some(entry) = entries.next_if(|entry| *entry.id() < *id) {
                        copy_unless(&entry, touched, filling);
                    }
                    let mut shared = Shared::Plain(names);
                    filling.folding(id).push(self.entity, id, record, &mut shared);
                }
                id.clone_into(&mut last);
            })?;
            let done = rest.partition_point(|id| **id <= *last).max(1);
            rest = &rest[done..];
        }
        entries.for_each(|entry| copy_unless(&entry, touched, filling));
        Ok(())
    }
}

/// Fills in a record as it was, unless it has been touched.
fn copy_unless(entry: &super::block::Entry<'_>, touched: &[&str], filling: &mut Filling<'_>) {
    let id = entry.id();
    if touched.binary_search(&&*id).is_err() {
        filling.folding(&id).copy(entry);
    }
}

/// Segments on their way: neighbouring records, as many to a segment as it may have.
struct Filling<'a> {
    low: String,
    most: usize,
    folding: &'a mut Folding,
    segments: &'a mut Segments,
}

impl Filling<'_> {
    /// Where the next record, which has that ID, is to be folded.
    fn folding(&mut self, id: &str) -> &mut Folding {
        if self.folding.len() == self.most {
            self.finish();
            id.clone_into(&mut self.low);
        }
        self.folding
    }

    fn finish(&mut self) {
        self.segments.push(Arc::new(self.folding.finish(&self.low)));
    }
}
