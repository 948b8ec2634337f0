//! Writes a large, realistic contact file: for benches, and for trying muster at size.
//!
//! `cargo run --release --example generate -- --rows 1000000 --to /tmp/million.csv`
//!
//! The same arguments give the same bytes. `--change K` (1 to 30) gives the same contacts with something changed in every
//! row: a file to import after the first one.
//!
//! - `rows`: which row is what, and its cells
//! - `people`: countries with their names, streets and numbering blocks
//! - `random`: a small generator of numbers, so that a row depends on its number only

mod people;
mod random;
mod rows;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Write a large, realistic contact file")]
struct Args {
    /// Number of data rows
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Another seed gives other people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of columns; those that matter least go first
    #[arg(long, default_value_t = 36, value_parser = clap::value_parser!(u16).range(10..=41))]
    columns: u16,
    /// Rows that share an account
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    accounts: u64,
    /// Share of rows that disagree with another row of their account or contact, from 0 to 1
    #[arg(long, default_value_t = 0.0)]
    conflicts: f64,
    /// Share of rows that cannot be imported or bring a warning, from 0 to 1
    #[arg(long, default_value_t = 0.0)]
    broken: f64,
    /// Change something in every row, and something else for every K from 1 to 30
    #[arg(long, default_value_t = 0, value_name = "K", value_parser = clap::value_parser!(u64).range(0..=30))]
    change: u64,
    /// Where to write; standard output if absent
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let out: Box<dyn Write> = match &args.to {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(io::stdout().lock()),
    };
    let plan = rows::Plan {
        rows: args.rows,
        seed: args.seed,
        columns: usize::from(args.columns),
        rows_per_account: args.accounts,
        conflicts: args.conflicts,
        broken: args.broken,
        change: args.change,
    };
    match plan.write(BufWriter::with_capacity(1 << 20, out)) {
        // The reader has seen enough, as in `generate | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
