//! The contestants that archive reports: Rollcall with two functions and a queue between them, each other with one
//! function.

use std::time::Duration;

use anyhow::{Context, ensure};
use graph_sim::{SimReport, TENANT_ID};
use serde_json::{Value, json};
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::model::encode_segment;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::ObjectStore;
use tokio::time::Instant;
use tools::runtime_api::FunctionProcess;
use tools::usage::Usage;

use crate::world::World;

/// The batch size of the stack.
const BATCH_SIZE: usize = 5;

/// A contestant that archives reports.
pub(crate) struct Archiver {
    pub(crate) name: &'static str,
    /// Whether it follows the links to further pages.
    pub(crate) reads_pages: bool,
    /// Whether it takes part in the work with many reports: not if it takes seconds for each.
    pub(crate) archives_many: bool,
    functions: Functions,
}

enum Functions {
    /// `fetch` and `archive`, with a queue between them.
    Rollcall { fetch: FunctionProcess, archive: FunctionProcess },
    /// One function that does both.
    Single(FunctionProcess),
}

pub(crate) fn all(world: &World) -> anyhow::Result<Vec<Archiver>> {
    let rollcall = Functions::Rollcall { fetch: world.binary("fetch")?, archive: world.binary("archive")? };
    let archiver = |name, functions| Archiver { name, reads_pages: true, archives_many: true, functions };
    let single = |name, function| archiver(name, Functions::Single(function));
    Ok(vec![
        archiver("Rollcall", rollcall),
        Archiver { reads_pages: false, ..single("floor: bare copy", world.binary("copy-floor")?) },
        single("Python, httpx and boto3", world.python("archive_httpx.py")),
        Archiver {
            archives_many: false,
            ..single("Python, msgraph-sdk and boto3", world.python("archive_msgraph.py"))
        },
        single("Node, Graph client and client-s3", world.node("archive.mjs")?),
    ])
}

impl Archiver {
    /// Archives these reports; returns how long its functions took.
    pub(crate) async fn archive(&self, world: &World, reports: &[SimReport]) -> anyhow::Result<Duration> {
        let mut wall = Duration::ZERO;
        for batch in reports.chunks(BATCH_SIZE) {
            wall += match &self.functions {
                Functions::Rollcall { fetch, archive } => {
                    through_the_queue(world, fetch, archive, batch).await?
                }
                Functions::Single(function) => self.archive_with(function, batch).await?,
            };
        }
        for report in reports {
            self.check(world, report).await?;
        }
        Ok(wall)
    }

    async fn archive_with(
        &self,
        function: &FunctionProcess,
        reports: &[SimReport],
    ) -> anyhow::Result<Duration> {
        let job = |report: &SimReport| json!({"path": path(report), "key": self.key(report)});
        let event = json!({"jobs": reports.iter().map(job).collect::<Vec<_>>()});
        let (wall, answer) = timed(function, &event).await;
        ensure!(answer == json!({}), "{} answered {answer}", self.name);
        Ok(wall)
    }

    fn key(&self, report: &SimReport) -> String {
        match self.functions {
            Functions::Rollcall { .. } => {
                let date = report.start.strftime("%Y-%m-%d");
                format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/{}.json", report.id)
            }
            Functions::Single(_) => format!("{}/{}.json", self.name.replace([' ', ':', ','], "-"), report.id),
        }
    }

    /// Checks that the report is stored with all its records.
    async fn check(&self, world: &World, report: &SimReport) -> anyhow::Result<()> {
        let stored = world.aws.store().get(&self.key(report)).await?;
        let stored = stored.with_context(|| format!("{} lost {}", self.name, report.id))?;
        let stored: Value = serde_json::from_slice(&stored.body)?;
        let records = stored["attendanceRecords"].as_array().map_or(0, Vec::len);
        ensure!(records == report.records.len(), "{} stored {records} records of {}", self.name, report.id);
        Ok(())
    }

    /// The usage of its functions: their CPU time together, and the larger peak memory.
    pub(crate) async fn usage(&self) -> Usage {
        match &self.functions {
            Functions::Single(function) => function.usage().await.unwrap_or_default(),
            Functions::Rollcall { fetch, archive } => {
                let (fetch, archive) = (fetch.usage().await, archive.usage().await);
                let (fetch, archive) = (fetch.unwrap_or_default(), archive.unwrap_or_default());
                Usage { cpu: fetch.cpu + archive.cpu, peak_bytes: fetch.peak_bytes.max(archive.peak_bytes) }
            }
        }
    }

    /// Kills its functions, so that the next invocation is a cold start.
    pub(crate) async fn kill(&self) {
        match &self.functions {
            Functions::Single(function) => function.kill().await,
            Functions::Rollcall { fetch, archive } => {
                fetch.kill().await;
                archive.kill().await;
            }
        }
    }
}

async fn through_the_queue(
    world: &World,
    fetch: &FunctionProcess,
    archive: &FunctionProcess,
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
        archived += batch.message_count();
        world.aws.delete_acknowledged(batch, Some(answer)).await;
    }
    Ok(wall)
}

async fn timed(function: &FunctionProcess, event: &Value) -> (Duration, Value) {
    let began = Instant::now();
    let answer = function.invoke(event).await.unwrap_or_default();
    (began.elapsed(), answer)
}

/// The event that SQS invokes `fetch` with.
fn fetch_event(reports: &[SimReport]) -> Value {
    let record = |report: &SimReport| {
        let target = FetchTarget::Report(report.source.report(&report.id));
        let job = FetchJob::new(target, Cause::Notification, SystemClock.now());
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
