//! Stores that fail: a disk in memory which forgets at a power cut what was not flushed, and a fuse for any store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::super::engine::Table;
use super::super::error::BaseError;
use super::super::versions::{Entry, Store};

/// Blows after a number of steps.
#[derive(Clone, Default)]
pub struct Fuse(Arc<Mutex<Burn>>);

#[derive(Default)]
struct Burn {
    left: Option<u64>,
    once: bool,
    steps: u64,
}

impl Fuse {
    /// Every step after the next `steps` fails; with `once`, only the first of them.
    pub fn set(&self, steps: u64, once: bool) {
        *self.0.lock().unwrap() = Burn { left: Some(steps), once, steps: 0 };
    }

    /// No step fails any more.
    pub fn mend(&self) {
        *self.0.lock().unwrap() = Burn::default();
    }

    /// Whether it has blown.
    pub fn blown(&self) -> bool {
        let burn = self.0.lock().unwrap();
        burn.left.is_some_and(|left| burn.steps > left)
    }

    fn step(&self) -> Result<(), BaseError> {
        let mut burn = self.0.lock().unwrap();
        burn.steps += 1;
        match burn.left {
            Some(left) if burn.steps == left + 1 || (burn.steps > left && !burn.once) => {
                Err(BaseError::Engine("the fuse has blown".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// A store whose every step may be the last.
pub struct Fused<S> {
    pub store: S,
    pub fuse: Fuse,
}

impl<S: Store> Store for Fused<S> {
    type Bytes = S::Bytes;

    fn insert(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BaseError> {
        self.fuse.step()?;
        self.store.insert(table, key, value)
    }

    fn remove(&self, table: Table, key: &[u8]) -> Result<(), BaseError> {
        self.fuse.step()?;
        self.store.remove(table, key)
    }

    fn up(&self, table: Table, from: &[u8]) -> Box<dyn Iterator<Item = Entry<S::Bytes>> + Send> {
        self.store.up(table, from)
    }

    fn down(&self, table: Table, below: &[u8]) -> Box<dyn Iterator<Item = Entry<S::Bytes>> + Send> {
        self.store.down(table, below)
    }

    fn state(&self) -> Result<Vec<u8>, BaseError> {
        self.store.state()
    }

    fn set_state(&self, state: &[u8]) -> Result<(), BaseError> {
        self.fuse.step()?;
        self.store.set_state(state)
    }

    fn flush(&self) -> Result<(), BaseError> {
        self.fuse.step()?;
        self.store.flush()
    }

    fn check_space(&self, bytes: u64) -> Result<(), BaseError> {
        self.store.check_space(bytes)
    }
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<Platters>>);

#[derive(Clone, Default)]
struct Platters {
    durable: Cells,
    live: Cells,
    unflushed: Vec<Write>,
}

/// Entries by table and key; the state has no table.
type Cells = BTreeMap<(Option<Table>, Vec<u8>), Vec<u8>>;

/// A key and its new value, or none.
type Write = ((Option<Table>, Vec<u8>), Option<Vec<u8>>);

impl Disk {
    /// A disk of its own with the same content.
    pub fn copy(&self) -> Disk {
        Disk(Arc::new(Mutex::new(self.platters().clone())))
    }

    /// A power cut: of what was not flushed, the disk has written what the bits of `chance` say, in any selection.
    pub fn cut_power(&self, chance: u64) {
        let mut platters = self.platters();
        let unflushed = std::mem::take(&mut platters.unflushed);
        for (n, write) in unflushed.into_iter().enumerate() {
            if chance.rotate_left(n as u32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 1 || chance == u64::MAX {
                apply(&mut platters.durable, write);
            }
        }
        platters.live = platters.durable.clone();
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.platters().live.len()
    }

    fn platters(&self) -> MutexGuard<'_, Platters> {
        self.0.lock().unwrap()
    }

    fn write(&self, write: Write) {
        let mut platters = self.platters();
        platters.unflushed.push(write.clone());
        apply(&mut platters.live, write);
    }

    fn cells(&self, table: Table) -> impl DoubleEndedIterator<Item = Entry<Vec<u8>>> + Send + use<> {
        let live = self.platters().live.clone();
        live.into_iter().filter(move |((of, _), _)| *of == Some(table)).map(|((_, key), value)| Ok((key, value)))
    }
}

fn apply(cells: &mut Cells, (key, value): Write) {
    match value {
        Some(value) => cells.insert(key, value),
        None => cells.remove(&key),
    };
}

fn key_of(entry: &Entry<Vec<u8>>) -> &[u8] {
    entry.as_ref().map_or(&[], |(key, _)| key.as_slice())
}

impl Store for Disk {
    type Bytes = Vec<u8>;

    fn insert(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BaseError> {
        self.write(((Some(table), key.to_vec()), Some(value.to_vec())));
        Ok(())
    }

    fn remove(&self, table: Table, key: &[u8]) -> Result<(), BaseError> {
        self.write(((Some(table), key.to_vec()), None));
        Ok(())
    }

    fn up(&self, table: Table, from: &[u8]) -> Box<dyn Iterator<Item = Entry<Vec<u8>>> + Send> {
        let from = from.to_vec();
        Box::new(self.cells(table).skip_while(move |entry| key_of(entry) < from.as_slice()))
    }

    fn down(&self, table: Table, below: &[u8]) -> Box<dyn Iterator<Item = Entry<Vec<u8>>> + Send> {
        let below = below.to_vec();
        Box::new(self.cells(table).rev().skip_while(move |entry| key_of(entry) >= below.as_slice()))
    }

    fn state(&self) -> Result<Vec<u8>, BaseError> {
        Ok(self.platters().live.get(&(None, Vec::new())).cloned().unwrap_or_default())
    }

    fn set_state(&self, state: &[u8]) -> Result<(), BaseError> {
        self.write(((None, Vec::new()), Some(state.to_vec())));
        Ok(())
    }

    fn flush(&self) -> Result<(), BaseError> {
        let mut platters = self.platters();
        platters.unflushed.clear();
        platters.durable = platters.live.clone();
        Ok(())
    }

    fn check_space(&self, _bytes: u64) -> Result<(), BaseError> {
        Ok(())
    }
}
