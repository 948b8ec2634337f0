//! Changes read ahead on a thread of their own: unpacking and decoding them costs the writer no time.

use std::io;

use crossbeam_channel::bounded;

use super::change::Change;

/// Changes that are handed over at once, and how many such batches may wait.
const BATCH: usize = 128;
const WAITING: usize = 8;

/// Does `work` on the changes while another thread reads them. A panic of that thread goes on here, after the work.
pub(super) fn read_ahead<T>(
    mut changes: Box<dyn Iterator<Item = io::Result<Change>> + Send + '_>,
    work: impl FnOnce(&mut dyn Iterator<Item = io::Result<Change>>) -> T,
) -> T {
    std::thread::scope(|scope| {
        let (sender, receiver) = bounded::<Vec<io::Result<Change>>>(WAITING);
        scope.spawn(move || {
            loop {
                let batch: Vec<_> = changes.by_ref().take(BATCH).collect();
                // Nobody takes it any more when the work has failed.
                if batch.is_empty() || sender.send(batch).is_err() {
                    return;
                }
            }
        });
        work(&mut receiver.into_iter().flatten())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Box<dyn Iterator<Item = io::Result<Change>> + Send> {
        Box::new((0..5000).map(|n| Ok(Change { id: n.to_string(), line: n, put: None })))
    }

    #[test]
    fn all_come_in_order() {
        let lines: Vec<u32> = read_ahead(numbers(), |changes| changes.map(|change| change.unwrap().line).collect());
        assert_eq!(lines, (0..5000).collect::<Vec<_>>());
    }

    #[test]
    fn work_may_stop_early() {
        assert_eq!(read_ahead(numbers(), |changes| changes.take(3).count()), 3);
    }
}
