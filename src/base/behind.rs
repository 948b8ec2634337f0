//! Pages packed and written on a thread of their own, behind the one that makes them.

use crossbeam_channel::{Sender, bounded};

use super::engine::{Table, Writer};
use super::error::BaseError;
use super::page::Raw;
use super::table::PageSink;

/// Pages that may wait.
const WAITING: usize = 32;

type Waiting = (Table, Vec<u8>, Option<Raw<'static>>);

/// Hands pages to the writing thread.
pub(super) struct Behind(Sender<Waiting>);

impl PageSink for &Behind {
    /// Fails as if the commit was cancelled when the writing thread has given up.
    fn page(&self, table: Table, key: &[u8], page: Option<Raw<'_>>) -> Result<(), BaseError> {
        self.0.send((table, key.to_vec(), page.map(Raw::into_owned))).map_err(|_| BaseError::Cancelled)
    }
}

/// Does `work`, whose pages another thread packs and writes; gives back when all are written. A panic of that thread goes
/// on here.
pub(super) fn write_behind<T>(
    writer: &dyn Writer,
    work: impl FnOnce(&Behind) -> Result<T, BaseError>,
) -> Result<T, BaseError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = bounded::<Waiting>(WAITING);
        let writing =
            scope.spawn(move || receiver.into_iter().try_for_each(|(table, key, page)| writer.page(table, &key, page)));
        let behind = Behind(sender);
        let done = work(&behind);
        drop(behind);
        // Why the thread gave up says more than that the work could not go on.
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        done
    })
}
