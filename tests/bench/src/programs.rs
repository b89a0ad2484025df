//! The sizes of the programs, and the speed of the simulation.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::ensure;
use tokio::time::Instant;

use crate::measured::{Results, Table, mebibytes};
use crate::world::program;

const FUNCTIONS: [&str; 5] = ["webhook", "fetch", "archive", "subscriptions", "backfill"];
const SIMULATED_MEETINGS: usize = 2_000;

pub(crate) fn programs(results: &mut Results) -> anyhow::Result<()> {
    results.add(sizes()?);
    results.add(simulation()?);
    Ok(())
}

/// The sizes of the binaries for this machine; `just build` prints those of the packages for Lambda.
fn sizes() -> anyhow::Result<Table> {
    let mut rows = Vec::new();
    for name in FUNCTIONS.iter().chain(&["hello-floor", "copy-floor"]) {
        let bytes = program(name)?.metadata()?.len();
        rows.push(vec![(*name).to_owned(), format!("{:.1}", mebibytes(bytes))]);
    }
    Ok(Table { title: "Size of the binaries".to_owned(), columns: vec!["", "MiB"], rows })
}

fn simulation() -> anyhow::Result<Table> {
    let simulation = Path::new("target/simulation/simulation");
    let meetings = SIMULATED_MEETINGS.to_string();
    let began = Instant::now();
    let run =
        Command::new(simulation).args(["random", "--meetings", &meetings]).stdout(Stdio::null()).status()?;
    ensure!(run.success(), "the simulation found a violation");
    let seconds = began.elapsed().as_secs_f64();
    let row = vec![meetings, format!("{seconds:.1}"), format!("{:.0}", SIMULATED_MEETINGS as f64 / seconds)];
    let columns = vec!["meetings, 30 days each", "wall, s", "meetings a second"];
    Ok(Table { title: "The simulation".to_owned(), columns, rows: vec![row] })
}
