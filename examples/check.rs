//! Measures a check without a base: `cargo run --release --example check -- FILE [WORKERS [MAP...]]`.

#![allow(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use muster::intake::{self, CheckedRow, Checker, MapOptions, Progress, Sink, SourceOptions};
use muster::model::fields::Catalog;
use muster::model::finding::Finding;
use muster::model::settings::Reading;

/// Counts what comes.
#[derive(Default)]
struct Count {
    findings: u64,
    rejected: u64,
    value_bytes: u64,
}

impl Sink for Count {
    fn row(&mut self, row: CheckedRow<'_>) -> io::Result<()> {
        let sides = [row.contact, row.account];
        self.value_bytes += sides.iter().flatten().map(|side| side.values.0.len() as u64).sum::<u64>();
        self.rejected += u64::from(row.rejected);
        Ok(())
    }

    fn finding(&mut self, _: Finding) -> io::Result<()> {
        self.findings += 1;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("a file is needed")?;
    let workers: usize = arguments.next().map_or(Ok(2), |n| n.parse())?;
    let start = Instant::now();
    let source = intake::open(Path::new(&file), &SourceOptions::default())?;
    let outcome = intake::map(
        &source,
        &MapOptions { maps: arguments.collect(), ..MapOptions::default() },
        &Catalog::default(),
        &[],
    )?;
    for question in &outcome.questions {
        println!(
            "? {} {:?}",
            question.message,
            question.answers.iter().map(intake::Answer::options).collect::<Vec<_>>()
        );
    }
    let checker = Checker::new(&outcome.mapping, &outcome.catalog, &Reading::default());
    let sinks = (0..workers).map(|_| Count::default()).collect();
    let (summary, sinks) = intake::check(&source, &checker, sinks, &Progress::default(), &AtomicBool::new(false))?;
    let seconds = start.elapsed().as_secs_f64();
    let sum = |part: fn(&Count) -> u64| sinks.iter().map(part).sum::<u64>();
    println!(
        "{} rows, {} MB, {} MB of values, {} rejected, {} findings: {seconds:.2} s, {:.0} rows/s",
        summary.rows,
        summary.bytes / 1_000_000,
        sum(|s| s.value_bytes) / 1_000_000,
        sum(|s| s.rejected),
        sum(|s| s.findings),
        f64::from(summary.rows) / seconds
    );
    Ok(())
}
