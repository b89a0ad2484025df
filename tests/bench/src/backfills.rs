//! A thousand reports and ten thousand: found by the function `backfill`, and pulled into a folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use backfill::Summary;
use graph_sim::{GraphSim, SimReport};
use jiff::SignedDuration;
use serde_json::json;
use shared::ports::clock::{Clock, SystemClock};
use tokio::time::Instant;
use tools::runtime_api::{FunctionProcess, Settings};

use crate::commands;
use crate::measured::{Results, Sample, Table, mebibytes};
use crate::world::{ORGANIZER, World, meeting, program};

const REPORTS: [usize; 2] = [1_000, 10_000];
const GROWTH: [usize; 4] = [100, 1_000, 10_000, 100_000];
const SESSIONS_OF_A_MEETING: usize = 10;
const ATTENDEES: usize = 10;

pub(crate) async fn ten_thousand(world: &World, results: &mut Results) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for reports in REPORTS {
        let (sim, graph) = world.another_graph().await?;
        add_meetings(&sim, reports / SESSIONS_OF_A_MEETING, SESSIONS_OF_A_MEETING);
        let function = FunctionProcess::new(program("backfill")?, world.settings_for(&graph));
        let found = run_backfill(world, &function, reports).await?;
        rows.push(row("backfill (function)", reports, found, graph.connections.take_most()));
        let folder = Path::new("target/bench").join(format!("pulled-{reports}"));
        let pulled = pull(&world.settings_for(&graph), &folder, reports).await?;
        rows.push(row("rollcall pull", reports, pulled, graph.connections.take_most()));
    }
    let columns =
        vec!["", "reports", "wall, s", "CPU, s", "peak memory, MiB", "connections to Graph, at most"];
    results.add(Table { title: "A backfill".to_owned(), columns, rows });
    Ok(())
}

/// Whether the function's memory grows with the reports of a tenant, where nothing but itself takes time.
pub(crate) async fn growth(world: &World, results: &mut Results) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for reports in GROWTH {
        let world = world.another().await?;
        add_meetings(&world.sim, reports / SESSIONS_OF_A_MEETING, SESSIONS_OF_A_MEETING);
        let found = run_backfill(&world, &world.binary("backfill")?, reports).await?;
        let calls = world.sim.requests().len();
        let each = |count: f64| format!("{:.2}", count / reports as f64);
        rows.push(vec![
            reports.to_string(),
            calls.to_string(),
            each(calls as f64),
            each(found.usage.cpu.as_secs_f64() * 1e3),
            format!("{:.1}", mebibytes(found.usage.peak_bytes)),
        ]);
    }
    let columns = vec!["reports", "calls of Graph", "calls a report", "CPU a report, ms", "peak memory, MiB"];
    results.add(Table { title: "Growth: a backfill of call records".to_owned(), columns, rows });
    Ok(())
}

fn row(name: &str, reports: usize, sample: Sample, connections: usize) -> Vec<String> {
    vec![
        name.to_owned(),
        reports.to_string(),
        format!("{:.1}", sample.wall.as_secs_f64()),
        format!("{:.2}", sample.usage.cpu.as_secs_f64()),
        format!("{:.1}", mebibytes(sample.usage.peak_bytes)),
        connections.to_string(),
    ]
}

/// Adds meetings of the organizer, of whom the world has one already, each with sessions that have a report.
pub(crate) fn add_meetings(sim: &GraphSim, meetings: usize, sessions_of_each: usize) {
    sim.add_user(ORGANIZER, &[]);
    let now = SystemClock.now();
    for number in 1..=meetings {
        let meeting = meeting(number);
        sim.add_meeting(meeting.clone());
        for session in 0..sessions_of_each {
            let end = now - SignedDuration::from_hours(24 * session as i64);
            let start = end - SignedDuration::from_mins(30);
            let id = format!("{meetings}-{number}-{session}");
            let report = SimReport::ended(meeting.source(), &format!("r-{id}"), ATTENDEES, start, end);
            sim.add_session(&meeting, &format!("call-{id}"), &report);
        }
    }
}

/// Runs a backfill over all call records, unit by unit, until the ledger is written.
pub(crate) async fn run_backfill(
    world: &World,
    function: &FunctionProcess,
    reports: usize,
) -> anyhow::Result<Sample> {
    let mut wall = Duration::ZERO;
    let began = Instant::now();
    let since = (SystemClock.now() - SignedDuration::from_hours(24 * 20)).strftime("%Y-%m-%d").to_string();
    let run = function.invoke(&json!({"since": since, "from": ["callRecords"]})).await.unwrap_or_default();
    wall += began.elapsed();
    let ledger = run["ledger"].as_str().with_context(|| format!("backfill answered {run}"))?;
    let store = world.aws.store();
    let summary = loop {
        if let Some(summary) = Summary::of(&store, ledger).await? {
            break summary;
        }
        let Some(batch) = world.aws.receive("backfill", 1).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let began = Instant::now();
        let answer = function.invoke(&batch.event()).await;
        wall += began.elapsed();
        world.aws.delete_acknowledged(batch, answer).await;
    };
    let listed = summary.totals.reports;
    ensure!(listed == reports as u64, "the ledger lists {listed} reports of {reports}");
    Ok(Sample { wall, usage: function.usage().await.unwrap_or_default() })
}

/// Pulls all reports into a new folder, with the command.
async fn pull(settings: &Settings, folder: &Path, reports: usize) -> anyhow::Result<Sample> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let mut rollcall = Command::new(program("rollcall")?);
    rollcall.args(["pull", "--organizer", ORGANIZER, "--to"]).arg(folder);
    let sample = commands::run(rollcall, settings).await?;
    let pulled = files_below(&folder.join("reports"))?.len();
    ensure!(pulled == reports, "rollcall pull wrote {pulled} reports of {reports}");
    Ok(sample)
}

/// The paths of all JSON files below a folder.
pub(crate) fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(files)
}
