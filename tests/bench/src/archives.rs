//! Reports from Graph into the bucket: the first from a cold start, and then many.

use std::time::Duration;

use anyhow::{Context, ensure};
use graph_sim::{SimReport, TENANT_ID};
use serde_json::{Value, json};
use shared::clock::{Clock, SystemClock};
use shared::graph::encode_segment;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::store::ObjectStore;
use tokio::time::Instant;
use tools::runtime_api::Function;
use tools::usage::Usage;

use crate::measured::{Median, Results, Sample, Table, mebibytes};
use crate::world::World;

/// As the stack has it.
const BATCH_SIZE: usize = 5;
/// Entries a page, where reports come in pages.
const PAGE_SIZE: usize = 200;

/// Somebody who archives reports.
struct Archiver {
    name: &'static str,
    way: Way,
}

enum Way {
    /// `fetch`, and then `archive`, with a queue between them.
    Rollcall { fetch: Function, archive: Function },
    /// One function for it all.
    Alone(Function),
}

fn all(world: &World) -> anyhow::Result<Vec<Archiver>> {
    let rollcall = Way::Rollcall { fetch: world.binary("fetch")?, archive: world.binary("archive")? };
    Ok(vec![
        Archiver { name: "Rollcall", way: rollcall },
        Archiver { name: "floor: bare copy", way: Way::Alone(world.binary("copy-floor")?) },
        Archiver { name: "Python, httpx and boto3", way: Way::Alone(world.python("archive_httpx.py")) },
        Archiver {
            name: "Python, msgraph-sdk and boto3",
            way: Way::Alone(world.python("archive_msgraph.py")),
        },
        Archiver { name: "Node, Graph client and client-s3", way: Way::Alone(world.node("archive.mjs")?) },
    ])
}

impl Archiver {
    /// Archives these reports; answers how long its functions took.
    async fn archive(&self, world: &World, reports: &[SimReport]) -> anyhow::Result<Duration> {
        let mut wall = Duration::ZERO;
        for batch in reports.chunks(BATCH_SIZE) {
            wall += match &self.way {
                Way::Rollcall { fetch, archive } => through_the_queue(world, fetch, archive, batch).await?,
                Way::Alone(function) => self.alone(function, batch).await?,
            };
        }
        for report in reports {
            self.check(world, report).await?;
        }
        Ok(wall)
    }

    async fn alone(&self, function: &Function, reports: &[SimReport]) -> anyhow::Result<Duration> {
        let job = |report: &SimReport| json!({"path": path(report), "key": self.key(report)});
        let event = json!({"jobs": reports.iter().map(job).collect::<Vec<_>>()});
        let (wall, answer) = timed(function, &event).await;
        ensure!(answer == json!({}), "{} answered {answer}", self.name);
        Ok(wall)
    }

    fn key(&self, report: &SimReport) -> String {
        match self.way {
            Way::Rollcall { .. } => {
                let date = report.start.strftime("%Y-%m-%d");
                format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/{}.json", report.id)
            }
            Way::Alone(_) => format!("{}/{}.json", self.name.replace([' ', ':', ','], "-"), report.id),
        }
    }

    /// A contestant that stores less than everything is none.
    async fn check(&self, world: &World, report: &SimReport) -> anyhow::Result<()> {
        let stored = world.aws.store().get(&self.key(report)).await?;
        let stored = stored.with_context(|| format!("{} lost {}", self.name, report.id))?;
        let stored: Value = serde_json::from_slice(&stored.body)?;
        let records = stored["attendanceRecords"].as_array().map_or(0, Vec::len);
        ensure!(records == report.records.len(), "{} kept {records} records of {}", self.name, report.id);
        Ok(())
    }

    async fn usage(&self) -> Usage {
        match &self.way {
            Way::Alone(function) => function.usage().await.unwrap_or_default(),
            Way::Rollcall { fetch, archive } => {
                let (fetch, archive) = (fetch.usage().await, archive.usage().await);
                let (fetch, archive) = (fetch.unwrap_or_default(), archive.unwrap_or_default());
                Usage { cpu: fetch.cpu + archive.cpu, peak_bytes: fetch.peak_bytes.max(archive.peak_bytes) }
            }
        }
    }

    async fn kill(&self) {
        match &self.way {
            Way::Alone(function) => function.kill().await,
            Way::Rollcall { fetch, archive } => {
                fetch.kill().await;
                archive.kill().await;
            }
        }
    }
}

async fn through_the_queue(
    world: &World,
    fetch: &Function,
    archive: &Function,
    reports: &[SimReport],
) -> anyhow::Result<Duration> {
    let (mut wall, answer) = timed(fetch, &fetch_event(reports)).await;
    ensure!(answer["batchItemFailures"] == json!([]), "fetch answered {answer}");
    let mut archived = 0;
    while archived < reports.len() {
        let batch = world.aws.receive("archive", BATCH_SIZE as i32).await.context("nothing to archive")?;
        let (took, answer) = timed(archive, &batch.event()).await;
        ensure!(answer["batchItemFailures"] == json!([]), "archive answered {answer}");
        wall += took;
        archived += batch.len();
        world.aws.settle(batch, Some(answer)).await;
    }
    Ok(wall)
}

async fn timed(function: &Function, event: &Value) -> (Duration, Value) {
    let began = Instant::now();
    let answer = function.invoke(event).await.unwrap_or_default();
    (began.elapsed(), answer)
}

/// What SQS hands to `fetch`.
fn fetch_event(reports: &[SimReport]) -> Value {
    let record = |report: &SimReport| {
        let job = FetchJob {
            target: FetchTarget::Report(report.source.report(&report.id)),
            cause: Cause::Notification,
            first_seen: SystemClock.now(),
            session: None,
        };
        json!({
            "messageId": report.id, "receiptHandle": "r", "body": job.to_message(), "messageAttributes": {},
            "attributes": {"ApproximateReceiveCount": "1"}, "eventSource": "aws:sqs",
        })
    };
    json!({"Records": reports.iter().map(record).collect::<Vec<_>>()})
}

fn path(report: &SimReport) -> String {
    format!("{}/attendanceReports/{}", report.source.path(), encode_segment(&report.id))
}

pub(crate) async fn first(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    world.sim.set_page_size(usize::MAX);
    let archivers = all(world)?;
    let mut samples = vec![Vec::new(); archivers.len()];
    for round in 0..rounds {
        let report = world.sessions(&format!("first-{round}"), 1, 50);
        for (archiver, samples) in archivers.iter().zip(&mut samples) {
            let wall = archiver.archive(world, &report).await?;
            samples.push(Sample { wall, usage: archiver.usage().await });
            archiver.kill().await;
        }
    }
    let title = "First report archived (50 attendees), from a cold start";
    results.add(compared(title, &archivers, &samples));
    Ok(())
}

fn compared(title: &str, archivers: &[Archiver], samples: &[Vec<Sample>]) -> Table {
    let medians: Vec<_> = archivers
        .iter()
        .zip(samples)
        .map(|(archiver, samples)| (archiver.name, Median::of(samples)))
        .collect();
    Table::compared(title.to_owned(), &medians)
}

pub(crate) async fn many(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    for (paged, page_size) in [("inline", usize::MAX), ("in pages of 200", PAGE_SIZE)] {
        world.sim.set_page_size(page_size);
        for (reports, attendees) in [(200, 50), (20, 1_000), (1, 20_000)] {
            if attendees > page_size || page_size > PAGE_SIZE {
                results.add(one_work(world, rounds, reports, attendees, paged).await?);
            }
        }
    }
    Ok(())
}

/// Warm: each has archived a report before it is measured.
async fn one_work(
    world: &World,
    rounds: usize,
    reports: usize,
    attendees: usize,
    paged: &str,
) -> anyhow::Result<Table> {
    // Who does not look at the bytes follows no link.
    let archivers = all(world)?.into_iter().filter(|one| paged == "inline" || !one.name.starts_with("floor"));
    let archivers: Vec<Archiver> = archivers.collect();
    let mut samples = vec![Vec::new(); archivers.len()];
    let mut report_bytes = 0;
    for round in 0..rounds {
        let name = format!("{paged}-{reports}-{round}").replace(' ', "-");
        let warm_up = world.sessions(&format!("warm-{name}"), 1, 3);
        let work = world.sessions(&name, reports, attendees);
        report_bytes = work[0].whole().len() as u64;
        for (archiver, samples) in archivers.iter().zip(&mut samples) {
            archiver.archive(world, &warm_up).await?;
            let before = archiver.usage().await;
            let wall = archiver.archive(world, &work).await?;
            let mut usage = archiver.usage().await;
            usage.cpu -= before.cpu;
            samples.push(Sample { wall, usage });
            archiver.kill().await;
        }
    }
    let title = format!(
        "{reports} reports of {attendees} attendees ({:.2} MiB each), {paged}, warm",
        mebibytes(report_bytes)
    );
    Ok(compared(&title, &archivers, &samples))
}
