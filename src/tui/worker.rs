//! Jobs on threads of their own, at most one wanted of each slot: the newest wins.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::app::job::{Ended, Job, Progress, Report, Slot};
use crate::app::message::Message;
use crate::home::draft::Entry;
use crate::home::log;

/// What the jobs of the app really do.
pub trait Work: Send + Sync + 'static {
    /// Does a job on the calling thread, looking at [`Desk::cancelled`] often. An error says what went wrong, where,
    /// and what to do; it becomes an error on the screen, and so does a panic.
    fn run(&self, job: Job, desk: &Desk) -> Result<(), String>;

    /// Writes to the draft of an import, on the loop's thread, and quickly: to a file, not to a disk. That it could not
    /// is said by the job that saves the draft.
    fn keep(&self, file: &Path, begins: bool, entries: Vec<Entry>);

    /// Brings everything acknowledged to the disk. Called once, before the program ends, from any thread.
    fn flush(&self);
}

/// What a job sends.
#[derive(Debug)]
enum Sent {
    Progress(Progress),
    Report(Report),
    Ended(Ended),
}

/// Something that a job sent, with the place it came from.
#[derive(Debug)]
pub struct Envelope {
    slot: Slot,
    generation: u64,
    sent: Sent,
}

/// Progress is sent at most this often: five times a second.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Where a job sits: its flag and its way to the loop.
pub struct Desk {
    slot: Slot,
    generation: u64,
    cancel: Arc<AtomicBool>,
    sender: Sender<Envelope>,
    last_progress: std::cell::Cell<Option<Instant>>,
}

impl Desk {
    /// Whether the job shall stop.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// The flag behind [`Desk::cancelled`], for flows that look at it themselves.
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }

    /// Says how far the job is. What comes sooner than 200 ms after the last is not sent.
    pub fn progress(&self, progress: Progress) {
        let now = Instant::now();
        if self.last_progress.get().is_none_or(|last| now.duration_since(last) >= PROGRESS_EVERY) {
            self.last_progress.set(Some(now));
            self.send(Sent::Progress(progress));
        }
    }

    /// Says what the job found.
    pub fn report(&self, report: Report) {
        self.send(Sent::Report(report));
    }

    fn send(&self, sent: Sent) {
        // The loop is gone when the program ends; then nobody wants to know.
        let _ = self.sender.send(Envelope { slot: self.slot, generation: self.generation, sent });
    }
}

struct Running {
    generation: u64,
    cancel: Arc<AtomicBool>,
}

/// The jobs that run.
pub struct Workers {
    work: Arc<dyn Work>,
    wanted: HashMap<Slot, Running>,
    threads: Vec<JoinHandle<()>>,
    last_generation: u64,
    sender: Sender<Envelope>,
}

impl Workers {
    /// No jobs yet, and the channel on which they will speak.
    pub fn new(work: Arc<dyn Work>) -> (Workers, Receiver<Envelope>) {
        let (sender, receiver) = unbounded();
        (Workers { work, wanted: HashMap::new(), threads: Vec::new(), last_generation: 0, sender }, receiver)
    }

    /// Starts a job; an older one of its slot is asked to stop, and nothing it says counts any more.
    pub fn start(&mut self, job: Job) -> std::io::Result<()> {
        let slot = job.slot();
        self.cancel(slot);
        self.last_generation += 1;
        let generation = self.last_generation;
        let cancel = Arc::new(AtomicBool::new(false));
        self.wanted.insert(slot, Running { generation, cancel: Arc::clone(&cancel) });
        let desk = Desk { slot, generation, cancel, sender: self.sender.clone(), last_progress: Default::default() };
        let work = Arc::clone(&self.work);
        self.threads.retain(|thread| !thread.is_finished());
        let thread = thread::Builder::new().name(format!("job {generation}"));
        self.threads.push(thread.spawn(move || do_job(work.as_ref(), job, &desk))?);
        Ok(())
    }

    /// See [`Work::keep`].
    pub fn keep(&self, file: &Path, begins: bool, entries: Vec<Entry>) {
        self.work.keep(file, begins, entries);
    }

    /// Asks the job of a slot to stop; it answers when it did.
    pub fn cancel(&self, slot: Slot) {
        if let Some(running) = self.wanted.get(&slot) {
            running.cancel.store(true, Ordering::Relaxed);
        }
    }

    /// What a job sent, as a message; `None` if a newer job has taken its place.
    pub fn accept(&mut self, envelope: Envelope) -> Option<Message> {
        let Envelope { slot, generation, sent } = envelope;
        if self.wanted.get(&slot)?.generation != generation {
            return None;
        }
        Some(match sent {
            Sent::Progress(progress) => Message::Progress(slot, progress),
            Sent::Report(report) => Message::Report(report),
            Sent::Ended(ended) => {
                self.wanted.remove(&slot);
                Message::Ended(slot, ended)
            }
        })
    }

    /// Asks all jobs to stop and waits for them, but no longer than `patience`.
    pub fn stop(&mut self, patience: Duration) {
        for running in self.wanted.values() {
            running.cancel.store(true, Ordering::Relaxed);
        }
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline && self.threads.iter().any(|thread| !thread.is_finished()) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// How much long work gives way to keys and searches when there are more threads than cores, and searches to keys.
const WORK_GIVES_WAY: i32 = 10;
const SEARCH_GIVES_WAY: i32 = 5;

/// Makes the threads that search give way to the one that answers keys.
pub fn let_searches_give_way() {
    let give_way = |_| _ = rustix::process::nice(SEARCH_GIVES_WAY);
    // Where there are such threads already, they are as quick as the rest.
    let _ = rayon::ThreadPoolBuilder::new().start_handler(give_way).build_global();
}

fn do_job(work: &dyn Work, job: Job, desk: &Desk) {
    if desk.slot.is_work() || desk.slot == Slot::Index {
        // For this thread and those that it starts. Where it is refused, the work is as quick as the rest.
        let _ = rustix::process::nice(WORK_GIVES_WAY);
    }
    let ended = match catch_unwind(AssertUnwindSafe(|| work.run(job, desk))) {
        Ok(Ok(())) if desk.cancelled() => Ended::Cancelled,
        Ok(Ok(())) => Ended::Done,
        Ok(Err(_)) if desk.cancelled() => Ended::Cancelled,
        Ok(Err(what)) => Ended::Failed(what),
        Err(panic) => Ended::Failed(format!(
            "This is a fault in muster: {}. Nothing half-done was kept; you can go on, and please report it.",
            log::without_data(panic.as_ref())
        )),
    };
    desk.send(Sent::Ended(ended));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::job::{Found, Search};
    use crate::model::fields::Entity;

    /// Reports its query as the name of a hit; `wait` waits to be cancelled first, `panic` panics.
    struct Echo;

    impl Work for Echo {
        fn run(&self, job: Job, desk: &Desk) -> Result<(), String> {
            let Job::Search(search) = job else { return Err("no base".to_owned()) };
            match search.query.as_str() {
                // Made while it runs: a text that is known before is no data.
                "panic" => panic!("out of range: {}", String::from("Kathryn")),
                "wait" => {
                    while !desk.cancelled() {
                        thread::yield_now();
                    }
                }
                _ => {}
            }
            for rows in 0..1000 {
                desk.progress(Progress { rows, ..Progress::default() });
            }
            desk.report(Report::Found(Found { total: search.count, ..Found::default() }));
            Ok(())
        }

        fn keep(&self, _: &Path, _: bool, _: Vec<Entry>) {}

        fn flush(&self) {}
    }

    fn search(query: &str, count: usize) -> Job {
        Job::Search(Search {
            query: query.to_owned(),
            entity: Entity::Contact,
            member_of: None,
            sort: crate::search::Sort::Best,
            first: 0,
            count,
            around: None,
        })
    }

    fn until_ended(workers: &mut Workers, envelopes: &Receiver<Envelope>) -> Vec<Message> {
        let mut messages = Vec::new();
        while !matches!(messages.last(), Some(Message::Ended(..))) {
            messages.extend(workers.accept(envelopes.recv_timeout(Duration::from_secs(10)).unwrap()));
        }
        messages
    }

    #[test]
    fn the_newest_job_wins_and_the_older_one_is_not_heard() {
        let (mut workers, envelopes) = Workers::new(Arc::new(Echo));
        workers.start(search("wait", 1)).unwrap();
        workers.start(search("quick", 2)).unwrap();
        workers.stop(Duration::from_secs(10));
        let messages = until_ended(&mut workers, &envelopes);
        let found: Vec<_> = messages
            .iter()
            .filter_map(|m| if let Message::Report(Report::Found(f)) = m { Some(f.total) } else { None })
            .collect();
        assert_eq!(found, [2]);
    }

    #[test]
    fn progress_is_thinned_out() {
        let (mut workers, envelopes) = Workers::new(Arc::new(Echo));
        workers.start(search("quick", 2)).unwrap();
        let messages = until_ended(&mut workers, &envelopes);
        assert!(messages.iter().filter(|m| matches!(m, Message::Progress(..))).count() < 10);
    }

    #[test]
    fn a_panic_and_an_error_become_messages() {
        let (mut workers, envelopes) = Workers::new(Arc::new(Echo));
        workers.start(search("panic", 1)).unwrap();
        let messages = until_ended(&mut workers, &envelopes);
        let Some(Message::Ended(Slot::Search, Ended::Failed(text))) = messages.last() else { panic!("{messages:?}") };
        assert!(text.contains("out of range ...") && !text.contains("Kathryn"), "{text}");
        workers.start(Job::Open).unwrap();
        assert_eq!(
            until_ended(&mut workers, &envelopes),
            [Message::Ended(Slot::Base, Ended::Failed("no base".to_owned()))]
        );
    }
}
