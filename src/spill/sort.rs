//! Entries sorted by key in bounded memory: full memory goes to disk as a sorted run, reading merges the runs.
//!
//! Equal keys come out in no particular order, so a caller whose keys may repeat makes them distinct (a row number at
//! the end) and thereby makes the order independent of threads and of the size of the runs (R10).

use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::sync::Arc;

use super::SpillRoom;
use super::tape::{Tape, TapeReader, TapeWriter, push_entry, take_entry};

/// Takes entries in any order.
#[derive(Debug)]
pub struct Sorter {
    room: SpillRoom,
    arena: Vec<u8>,
    starts: Vec<u32>,
    file: Option<(Arc<File>, u64)>,
    runs: Vec<Run>,
}

#[derive(Debug, Clone)]
enum Run {
    Memory(Arc<MemoryRun>),
    Disk(Tape),
}

#[derive(Debug)]
struct MemoryRun {
    arena: Vec<u8>,
    starts: Vec<u32>,
}

impl Sorter {
    /// An empty sorter.
    pub fn new(room: &SpillRoom) -> Sorter {
        Sorter { room: room.clone(), arena: Vec::new(), starts: Vec::new(), file: None, runs: Vec::new() }
    }

    /// Takes an entry.
    pub fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        let size = key.len() + payload.len() + 10;
        if !self.arena.is_empty() && self.arena.len() + self.starts.len() * 4 + size > self.room.memory {
            self.spill()?;
        }
        let start = u32::try_from(self.arena.len()).map_err(|_| io::Error::other("an entry of over 4 GiB"))?;
        self.starts.push(start);
        push_entry(&mut self.arena, key, payload);
        Ok(())
    }

    /// All entries, sorted.
    pub fn finish(mut self) -> Sorted {
        if !self.starts.is_empty() {
            sort(&self.arena, &mut self.starts);
            self.arena.shrink_to_fit();
            self.runs.push(Run::Memory(Arc::new(MemoryRun { arena: self.arena, starts: self.starts })));
        }
        Sorted { runs: self.runs }
    }

    fn spill(&mut self) -> io::Result<()> {
        sort(&self.arena, &mut self.starts);
        let (file, start) = match self.file.take() {
            Some(file) => file,
            None => (Arc::new(tempfile::tempfile_in(&self.room.dir)?), 0),
        };
        let mut tape = TapeWriter::append(file.clone(), start);
        for start in &self.starts {
            let (key, payload) = entry(&self.arena, *start);
            tape.push(key, payload)?;
        }
        let tape = tape.finish()?;
        self.file = Some((file, tape.end()));
        self.runs.push(Run::Disk(tape));
        self.arena.clear();
        self.starts.clear();
        Ok(())
    }
}

fn entry(arena: &[u8], start: u32) -> (&[u8], &[u8]) {
    // Only places at which push_entry has begun to write are asked for, so there always is an entry.
    take_entry(&mut &arena[start as usize..]).unwrap_or_default()
}

/// Sorts by the eight bytes that follow what all keys have in common, then by the whole key: IDs of one system share a
/// long beginning, and most comparisons then need no look into the arena.
fn sort(arena: &[u8], starts: &mut [u32]) {
    let Some(first) = starts.first() else { return };
    let first = entry(arena, *first).0;
    let common = starts.iter().fold(first.len(), |common, start| {
        let key = entry(arena, *start).0;
        key.iter().zip(&first[..common]).take_while(|(a, b)| a == b).count()
    });
    let mut keyed: Vec<(u64, u32)> = starts
        .iter()
        .map(|start| {
            let mut word = [0; 8];
            let rest = &entry(arena, *start).0[common..];
            let len = rest.len().min(8);
            word[..len].copy_from_slice(&rest[..len]);
            (u64::from_be_bytes(word), *start)
        })
        .collect();
    keyed.sort_unstable_by(|(a, a_start), (b, b_start)| {
        a.cmp(b).then_with(|| entry(arena, *a_start).0.cmp(entry(arena, *b_start).0)).then(a_start.cmp(b_start))
    });
    for (start, (_, sorted)) in starts.iter_mut().zip(keyed) {
        *start = sorted;
    }
}

/// Sorted entries: read them as often as you like.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    runs: Vec<Run>,
}

impl Sorted {
    /// The entries of several sorters as one.
    pub fn join(parts: impl IntoIterator<Item = Sorted>) -> Sorted {
        Sorted { runs: parts.into_iter().flat_map(|part| part.runs).collect() }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// A reader at the lowest key.
    pub fn merge(&self) -> io::Result<Merge> {
        let mut merge = Merge { heads: Vec::new(), heap: Vec::new(), lent: false };
        for run in &self.runs {
            let mut head = Head::new(run);
            if head.advance()? {
                merge.heads.push(head);
            }
        }
        merge.heap = (0..merge.heads.len()).collect();
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift_down(at);
        }
        Ok(merge)
    }
}

/// Reads sorted entries from the lowest key to the highest.
#[derive(Debug)]
pub struct Merge {
    heads: Vec<Head>,
    heap: Vec<usize>,
    lent: bool,
}

impl Merge {
    /// The next entry, valid until the next call.
    #[expect(clippy::should_implement_trait, reason = "the entry is lent, which Iterator cannot say")]
    pub fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if self.lent && !self.heap.is_empty() {
            if self.heads[self.heap[0]].advance()? {
                self.sift_down(0);
            } else {
                self.heap.swap_remove(0);
                self.sift_down(0);
            }
        }
        self.lent = true;
        Ok(self.heap.first().map(|top| self.heads[*top].current()))
    }

    fn sift_down(&mut self, mut at: usize) {
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let mut least = at;
            for child in [left, right] {
                if child < self.heap.len() && self.order(child, least) == Ordering::Less {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.heap.swap(at, least);
            at = least;
        }
    }

    fn order(&self, a: usize, b: usize) -> Ordering {
        self.heads[self.heap[a]].current().0.cmp(self.heads[self.heap[b]].current().0)
    }
}

/// A run and the entry at which its reading stands.
#[derive(Debug)]
struct Head {
    source: Source,
    entry: Vec<u8>,
    key_len: usize,
}

#[derive(Debug)]
enum Source {
    Memory(Arc<MemoryRun>, usize),
    Disk(TapeReader),
}

impl Head {
    fn new(run: &Run) -> Head {
        let source = match run {
            Run::Memory(run) => Source::Memory(run.clone(), 0),
            Run::Disk(tape) => Source::Disk(tape.reader()),
        };
        Head { source, entry: Vec::new(), key_len: 0 }
    }

    fn advance(&mut self) -> io::Result<bool> {
        let next = match &mut self.source {
            Source::Memory(run, at) => {
                *at += 1;
                run.starts.get(*at - 1).map(|start| entry(&run.arena, *start))
            }
            Source::Disk(reader) => reader.next()?,
        };
        let Some((key, payload)) = next else { return Ok(false) };
        self.entry.clear();
        self.entry.extend_from_slice(key);
        self.entry.extend_from_slice(payload);
        self.key_len = key.len();
        Ok(true)
    }

    fn current(&self) -> (&[u8], &[u8]) {
        self.entry.split_at(self.key_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(sorted: &Sorted) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut merge = sorted.merge().unwrap();
        let mut out = Vec::new();
        while let Some((k, p)) = merge.next().unwrap() {
            out.push((k.to_vec(), p.to_vec()));
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn r10_neither_memory_nor_number_of_sorters_changes_the_order(
            entries in proptest::collection::btree_map(proptest::collection::vec(0u8..4, 0..12), proptest::collection::vec(any::<u8>(), 0..40), 0..200),
            memory in 1usize..2000,
            sorters in 1usize..4,
            seed: u64,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let room = SpillRoom { dir: dir.path().to_owned(), memory };
            let mut all: Vec<Sorter> = (0..sorters).map(|_| Sorter::new(&room)).collect();
            let mut shuffled: Vec<_> = entries.iter().collect();
            shuffled.sort_by_key(|(k, _)| k.iter().fold(seed, |h, b| h.rotate_left(5).wrapping_mul(31) ^ u64::from(*b)));
            for (n, (k, p)) in shuffled.into_iter().enumerate() {
                all[n % sorters].push(k, p).unwrap();
            }
            let sorted = Sorted::join(all.into_iter().map(Sorter::finish));
            let expected: Vec<_> = entries.into_iter().collect();
            prop_assert_eq!(read_all(&sorted), expected.clone());
            prop_assert_eq!(read_all(&sorted), expected);
        }
    }
}
