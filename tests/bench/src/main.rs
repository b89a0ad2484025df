//! `just bench`: Rollcall against what people would use instead, and against the floor, in turn on the same
//! work. Each figure is the median of all rounds.

#![expect(clippy::print_stdout, reason = "it is a command")]

mod archives;
mod measured;
mod notifications;
mod tls;
mod world;

use std::fs;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use measured::Table;
use world::World;

/// Rollcall against what people would use instead.
#[derive(Parser)]
struct Options {
    /// How often each contestant runs.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// What is measured; everything if nothing is named.
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
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let world = World::start().await?;
    let mut tables = Vec::new();
    for part in Part::value_variants() {
        if options.parts.is_empty() || options.parts.contains(part) {
            let measured = measure(*part, &world, options.rounds).await?;
            measured.iter().for_each(|table| print!("{}", table.markdown()));
            tables.extend(measured);
        }
    }
    fs::create_dir_all(&options.to)?;
    fs::write(options.to.join("results.md"), tables.iter().map(Table::markdown).collect::<String>())?;
    fs::write(options.to.join("results.json"), serde_json::to_vec_pretty(&tables)?)?;
    Ok(())
}

async fn measure(part: Part, world: &World, rounds: usize) -> anyhow::Result<Vec<Table>> {
    match part {
        Part::Cold => notifications::cold(world, rounds).await,
        Part::Warm => notifications::warm(world, rounds).await,
        Part::First => archives::first(world, rounds).await,
        Part::Many => archives::many(world, rounds).await,
    }
}
