//! `just bench`: Rollcall, its alternatives, and the least that a function can do ("floor"), in turn on the same
//! work. Each figure is the median of all rounds.

#![expect(clippy::print_stdout, reason = "it is a command-line tool")]

mod archivers;
mod archives;
mod backfills;
mod commands;
mod measured;
mod notifications;
mod programs;
mod pulls;
mod tls;
mod waiting;
mod world;

use std::fs;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use measured::Results;
use world::World;

/// Compares Rollcall with its alternatives.
#[derive(Parser)]
struct Options {
    /// How often each contestant runs.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The parts to measure; all but growth by default.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// The folder for results.md and results.json.
    #[arg(long, default_value = "target/bench")]
    to: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The webhook from a cold start.
    Cold,
    /// The webhook, warm.
    Warm,
    /// The first report from a cold start.
    First,
    /// Many reports, and large ones.
    Many,
    /// Ten thousand reports found by a backfill, and pulled. Once.
    Backfill,
    /// The memory of a backfill of a hundred to a hundred thousand reports. Once, where it is named: it takes an hour.
    Growth,
    /// What takes how long where Graph answers after 200 ms, S3 after 30 and SQS after 15.
    Waiting,
    /// The sizes of the programs, and the speed of the simulation.
    Programs,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let world = World::start().await?;
    let mut results = Results::default();
    for part in Part::value_variants() {
        let is_default = options.parts.is_empty() && *part != Part::Growth;
        if is_default || options.parts.contains(part) {
            measure(*part, &world, options.rounds, &mut results).await?;
        }
    }
    fs::create_dir_all(&options.to)?;
    fs::write(options.to.join("results.md"), results.markdown())?;
    fs::write(options.to.join("results.json"), serde_json::to_vec_pretty(&results)?)?;
    Ok(())
}

async fn measure(part: Part, world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    match part {
        Part::Cold => notifications::cold(world, rounds, results).await,
        Part::Warm => notifications::warm(world, rounds, results).await,
        Part::First => archives::first(world, rounds, results).await,
        Part::Many => archives::many(world, rounds, results).await,
        Part::Backfill => backfills::ten_thousand(world, results).await,
        Part::Growth => backfills::growth(world, results).await,
        Part::Waiting => waiting::waiting(world, rounds, results).await,
        Part::Programs => programs::programs(results),
    }
}
