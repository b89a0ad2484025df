//! Runs the simulation: `simulation exhaustive`, `simulation random`, `simulation replay SEED`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::ensure;
use clap::{Parser, Subcommand};
use simulation::{Fault, Month, RetryAfter, deliver_report, deliver_throttled, logs, month, placements};

/// How many meetings are held in a month.
const MEETINGS: usize = 500;
/// Each works on simulations of its own; none shares anything with another.
const WORKERS: usize = 2;

#[derive(Parser)]
#[command(about = "The functions under every fault that we can name, in virtual time")]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One report on its way, with every placement of one fault, of two, and so on
    Exhaustive {
        /// The most faults at once
        #[arg(long, default_value_t = 3)]
        faults: usize,
    },
    /// Months of a tenant, with faults by chance
    Random {
        /// How many meetings there are in all
        #[arg(long, default_value_t = 20_000)]
        meetings: usize,
        /// The first month's seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// One month again, with everything that happens
    Replay {
        /// The month's seed
        seed: u64,
        /// How many meetings are held
        #[arg(long, default_value_t = MEETINGS)]
        meetings: usize,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    logs::read();
    match options.what {
        What::Exhaustive { faults } => exhaustive(faults),
        What::Random { meetings, seed } => random(meetings, seed),
        What::Replay { seed, meetings } => replay(seed, meetings),
    }
}

/// A line for who reads the figures.
fn print_stdout(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn exhaustive(most: usize) -> anyhow::Result<ExitCode> {
    let mut all_hold = true;
    for count in 0..=most {
        let placements = placements(count);
        let ways = at_once(&placements, |placed| {
            let deliver_report = deliver_report(placed, false);
            (
                deliver_report.faults,
                deliver_report.broken.into_iter().chain(logs::found()).collect::<Vec<_>>(),
            )
        });
        let faults: usize = ways.iter().map(|(faults, _)| faults).sum();
        let broken: Vec<_> =
            placements.iter().zip(&ways).filter(|(_, (_, broken))| !broken.is_empty()).collect();
        print_stdout(&format!(
            "{count} faults on one report's way: {} placements, {faults} faults, {} broken promises",
            placements.len(),
            broken.len()
        ))?;
        if let Some((placed, (_, how))) = broken.first() {
            print_stdout(&format!("{placed:?}: {how:?}\n{}", trace(placed)))?;
        }
        all_hold &= broken.is_empty();
    }
    all_hold &= throttled()?;
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every request throttled, with every form of `Retry-After`: nobody may come back too early.
fn throttled() -> anyhow::Result<bool> {
    let mut broken = Vec::new();
    let requests = deliver_report(&[], false).requests;
    for at in requests.clone() {
        for retry_after in RetryAfter::ALL {
            let deliver_report = deliver_throttled(at, retry_after);
            broken.extend(
                deliver_report.broken.into_iter().map(|how| format!("{retry_after:?} at {at}: {how}")),
            );
        }
    }
    let ways = requests.len() * RetryAfter::ALL.len();
    print_stdout(&format!(
        "{ways} ways with a throttled request, {} broken promises {}",
        broken.len(),
        broken.join("; ")
    ))?;
    Ok(broken.is_empty())
}

fn trace(placed: &[(usize, Fault)]) -> String {
    deliver_report(placed, true).trace.unwrap_or_default()
}

fn random(meetings: usize, first: u64) -> anyhow::Result<ExitCode> {
    let count = meetings.div_ceil(MEETINGS) as u64;
    let seeds: Vec<u64> = (first..first + count).collect();
    let months = at_once(&seeds, |seed| checked(*seed, MEETINGS, false));
    let again = checked(first, MEETINGS, false);
    ensure!(again.hash == months[0].hash, "the seed {first} is not the same history twice");
    let sum = |of: fn(&Month) -> usize| months.iter().map(of).sum::<usize>();
    print_stdout(&format!(
        "{} months, seeds {first} to {}: {} meetings, {} sessions, {} told of, {} faults, {} requests to Graph, {} dead letters, {} complete audits",
        months.len(),
        first + count - 1,
        sum(|month| month.meetings),
        sum(|month| month.sessions),
        sum(|month| month.delivered),
        sum(|month| month.faults),
        sum(|month| month.requests),
        sum(|month| month.letters),
        sum(|month| month.audits),
    ))?;
    for month in months.iter().filter(|month| !month.broken.is_empty()) {
        print_stdout(&format!(
            "seed {}: {} broken promises, as {}",
            month.seed,
            month.broken.len(),
            month.broken[0]
        ))?;
    }
    ensure!(count < 10 || sum(|month| month.audits) > 0, "no audit came to its end");
    Ok(if sum(|month| month.broken.len()) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn replay(seed: u64, meetings: usize) -> anyhow::Result<ExitCode> {
    let month = checked(seed, meetings, true);
    print_stdout(month.trace.as_deref().unwrap_or_default())?;
    for broken in &month.broken {
        print_stdout(broken)?;
    }
    print_stdout(&format!(
        "seed {seed}: {} faults, {} broken promises, hash {:016x}",
        month.faults,
        month.broken.len(),
        month.hash
    ))?;
    Ok(if month.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A month, and what its log lines held.
fn checked(seed: u64, meetings: usize, is_traced: bool) -> Month {
    let mut month = month(seed, meetings, is_traced);
    month.broken.extend(logs::found());
    month
}

/// Does all of `work`, several at once, and gives the results in its order.
fn at_once<W: Sync, R: Send>(work: &[W], done: impl Fn(&W) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((index, work)) = take(&next, work) {
                    let result = done(work);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, W>(next: &AtomicUsize, work: &'a [W]) -> Option<(usize, &'a W)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    work.get(index).map(|work| (index, work))
}
