//! Long work: done on a thread of its own, while this one draws its progress and passes a signal on.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::exit::Failure;
use super::output::Output;
use super::progress::Progress;
use super::stop::Stop;
use crate::flow::FlowError;
use crate::flow::gauge::Gauge;

/// Work this short is looked at often, so that a small file is not kept waiting for the next look.
const SHORT: Duration = Duration::from_millis(50);

/// Does the work; `cancel` is set when a signal comes, and `draw` is asked for the progress line.
///
/// # Errors
/// Those of the work. If a signal stopped it, the failure has the exit code of the signal.
pub fn watched<T: Send>(
    stop: &Stop,
    output: &mut Output<'_>,
    cancel: &AtomicBool,
    draw: impl Fn(&mut Progress, &mut dyn Write),
    work: impl FnOnce() -> Result<T, FlowError> + Send,
) -> Result<T, Failure> {
    let mut progress = Progress::new(output.watched);
    let started = Instant::now();
    let result = std::thread::scope(|scope| {
        let job = scope.spawn(work);
        while !job.is_finished() {
            if stop.wanted() {
                cancel.store(true, Ordering::Relaxed);
            }
            draw(&mut progress, output.messages());
            std::thread::park_timeout(Duration::from_millis(if started.elapsed() < SHORT { 1 } else { 20 }));
        }
        // A panic of the job goes on here.
        job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    progress.clear(output.messages());
    match stop.exit() {
        Some(exit) if result.is_err() => Err(Failure::new(exit, FlowError::Cancelled)),
        _ => Ok(result?),
    }
}

/// Does work that counts records.
///
/// # Errors
/// As [`watched`].
pub fn gauged<T: Send>(
    stop: &Stop,
    output: &mut Output<'_>,
    work: impl FnOnce(&Gauge) -> Result<T, FlowError> + Send,
) -> Result<T, Failure> {
    let gauge = Gauge::default();
    let draw = |progress: &mut Progress, err: &mut dyn Write| {
        let (done, total) = gauge.get();
        progress.count(err, done, total);
    };
    watched(stop, output, &gauge.cancel, draw, || work(&gauge))
}
