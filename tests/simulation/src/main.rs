//! Runs the simulation: `simulation exhaustive`, `simulation random`, `simulation replay SEED`.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::ensure;
use clap::{Parser, Subcommand};
use simulation::{
    Fault, Growth, Month, RetryAfter, deliver_report, deliver_throttled, growth, growth_table, logs, month,
    placements, tenant_table,
};

/// How many meetings there are in a month.
const MEETINGS: usize = 500;
/// Threads, each with simulations of its own that share no state.
const WORKERS: usize = 2;

#[derive(Parser)]
#[command(about = "The functions under every fault that we can name, in virtual time")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The delivery of one report, with every placement of one fault, of two, and so on
    Exhaustive {
        /// The most faults in one delivery
        #[arg(long, default_value_t = 3)]
        faults: usize,
    },
    /// Months of a tenant, with random faults
    Random {
        /// How many meetings there are in total
        #[arg(long, default_value_t = 20_000)]
        meetings: usize,
        /// The first month's seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// One month again, with a trace of every event
    Replay {
        /// The month's seed
        seed: u64,
        /// How many meetings there are
        #[arg(long, default_value_t = MEETINGS)]
        meetings: usize,
    },
    /// What a run, a night and its ledger cost, for tenants of several sizes
    Growth {
        /// How many meetings have ended on the day, for each tenant
        #[arg(default_values_t = [100, 1_000, 10_000, 100_000])]
        meetings: Vec<usize>,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    // The months and deliveries are checked for what their logs tell; growth logs nothing.
    if !matches!(options.command, Command::Growth { .. }) {
        logs::capture();
    }
    match options.command {
        Command::Growth { meetings } => grow(&meetings),
        Command::Exhaustive { faults } => exhaustive(faults),
        Command::Random { meetings, seed } => random(meetings, seed),
        Command::Replay { seed, meetings } => replay(seed, meetings),
    }
}

/// The tables of docs/PERFORMANCE.md.
fn grow(meetings: &[usize]) -> anyhow::Result<ExitCode> {
    let growths =
        meetings.iter().map(|meetings| growth(*meetings)).collect::<anyhow::Result<Vec<Growth>>>()?;
    print_stdout(&growth_table(&growths))?;
    let tenant = growths.last().map(tenant_table);
    print_stdout(&tenant.unwrap_or_default())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a line to the standard output.
fn print_stdout(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn exhaustive(max_faults: usize) -> anyhow::Result<ExitCode> {
    let mut all_hold = true;
    for count in 0..=max_faults {
        let placements = placements(count);
        let deliveries = in_parallel(&placements, |placed| {
            let delivery = deliver_report(placed, false);
            let violations = delivery.violations.into_iter().chain(logs::take_leaks());
            (delivery.faults, violations.collect::<Vec<_>>())
        });
        let faults: usize = deliveries.iter().map(|(faults, _)| faults).sum();
        let failed: Vec<_> = placements
            .iter()
            .zip(&deliveries)
            .filter(|(_, (_, violations))| !violations.is_empty())
            .collect();
        print_stdout(&format!(
            "{count} faults in one report's delivery: {} placements, {faults} faults, {} violations",
            placements.len(),
            failed.len()
        ))?;
        if let Some((placed, (_, violations))) = failed.first() {
            print_stdout(&format!("{placed:?}: {violations:?}\n{}", trace(placed)))?;
        }
        all_hold &= failed.is_empty();
    }
    all_hold &= throttled()?;
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every request throttled, with every form of `Retry-After`: none may be repeated too early.
fn throttled() -> anyhow::Result<bool> {
    let mut violations = Vec::new();
    let requests = deliver_report(&[], false).requests;
    for at in requests.clone() {
        for retry_after in RetryAfter::ALL {
            let delivery = deliver_throttled(at, retry_after);
            let found = delivery.violations.into_iter();
            violations.extend(found.map(|violation| format!("{retry_after:?} at {at}: {violation}")));
        }
    }
    let deliveries = requests.len() * RetryAfter::ALL.len();
    print_stdout(&format!(
        "{deliveries} deliveries with a throttled request, {} violations {}",
        violations.len(),
        violations.join("; ")
    ))?;
    Ok(violations.is_empty())
}

fn trace(placed: &[(usize, Fault)]) -> String {
    deliver_report(placed, true).trace.unwrap_or_default()
}

fn random(meetings: usize, first: u64) -> anyhow::Result<ExitCode> {
    let count = meetings.div_ceil(MEETINGS) as u64;
    let seeds: Vec<u64> = (first..first + count).collect();
    let months = in_parallel(&seeds, |seed| checked(*seed, MEETINGS, false));
    let again = checked(first, MEETINGS, false);
    ensure!(again.hash == months[0].hash, "the seed {first} gives two different histories");
    let sum = |of: fn(&Month) -> usize| months.iter().map(of).sum::<usize>();
    print_stdout(&format!(
        "{} months, seeds {first} to {}: {} meetings, {} sessions, {} notified, {} faults, {} requests to Graph, {} dead letters, {} complete audits",
        months.len(),
        first + count - 1,
        sum(|month| month.meetings),
        sum(|month| month.sessions),
        sum(|month| month.acknowledged),
        sum(|month| month.faults),
        sum(|month| month.requests),
        sum(|month| month.dead_letters.values().sum()),
        sum(|month| month.audits),
    ))?;
    let mut dead_letters = BTreeMap::<&String, usize>::new();
    for (outcome, count) in months.iter().flat_map(|month| &month.dead_letters) {
        *dead_letters.entry(outcome).or_default() += count;
    }
    print_stdout(&format!("dead letters: {dead_letters:?}"))?;
    for month in months.iter().filter(|month| !month.violations.is_empty()) {
        print_stdout(&format!(
            "seed {}, {:?}: {} violations, the first: {}",
            month.seed,
            month.manners,
            month.violations.len(),
            month.violations[0]
        ))?;
    }
    ensure!(count < 10 || sum(|month| month.audits) > 0, "no audit was completed");
    Ok(if sum(|month| month.violations.len()) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn replay(seed: u64, meetings: usize) -> anyhow::Result<ExitCode> {
    let month = checked(seed, meetings, true);
    print_stdout(month.trace.as_deref().unwrap_or_default())?;
    for violation in &month.violations {
        print_stdout(violation)?;
    }
    print_stdout(&format!(
        "seed {seed}, {:?}: {} faults, dead letters {:?}, {} violations, hash {:016x}",
        month.manners,
        month.faults,
        month.dead_letters,
        month.violations.len(),
        month.hash
    ))?;
    Ok(if month.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A month, and what its log lines leaked.
fn checked(seed: u64, meetings: usize, is_traced: bool) -> Month {
    let mut month = month(seed, meetings, is_traced);
    month.violations.extend(logs::take_leaks());
    month
}

/// Runs `work` for all `items` on several threads, and returns the results in the order of the items.
fn in_parallel<I: Sync, R: Send>(items: &[I], work: impl Fn(&I) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((index, item)) = next_item(&next, items) {
                    let result = work(item);
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

fn next_item<'a, I>(next: &AtomicUsize, items: &'a [I]) -> Option<(usize, &'a I)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    items.get(index).map(|item| (index, item))
}
