//! Who archives reports, and how: Rollcall's functions with a queue between them, and everybody else in one.

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

/// As the stack has it.
const BATCH_SIZE: usize = 5;

/// Somebody who archives reports.
pub(crate) struct Archiver {
    pub(crate) name: &'static str,
    /// Who does not look at the bytes follows no link.
    pub(crate) reads_pages: bool,
    /// Who takes seconds for a report is measured at the first one only.
    pub(crate) keeps_up: bool,
    way: Way,
}

enum Way {
    /// `fetch`, and then `archive`, with a queue between them.
    Rollcall { fetch: FunctionProcess, archive: FunctionProcess },
    /// One function for it all.
    Alone(FunctionProcess),
}

pub(crate) fn all(world: &World) -> anyhow::Result<Vec<Archiver>> {
    let rollcall = Way::Rollcall { fetch: world.binary("fetch")?, archive: world.binary("archive")? };
    let one = |name, way| Archiver { name, reads_pages: true, keeps_up: true, way };
    let alone = |name, function| one(name, Way::Alone(function));
    Ok(vec![
        one("Rollcall", rollcall),
        Archiver { reads_pages: false, ..alone("floor: bare copy", world.binary("copy-floor")?) },
        alone("Python, httpx and boto3", world.python("archive_httpx.py")),
        Archiver {
            keeps_up: false,
            ..alone("Python, msgraph-sdk and boto3", world.python("archive_msgraph.py"))
        },
        alone("Node, Graph client and client-s3", world.node("archive.mjs")?),
    ])
}

impl Archiver {
    /// Archives these reports; answers how long its functions took.
    pub(crate) async fn archive(&self, world: &World, reports: &[SimReport]) -> anyhow::Result<Duration> {
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

    async fn alone(&self, function: &FunctionProcess, reports: &[SimReport]) -> anyhow::Result<Duration> {
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

    pub(crate) async fn usage(&self) -> Usage {
        match &self.way {
            Way::Alone(function) => function.usage().await.unwrap_or_default(),
            Way::Rollcall { fetch, archive } => {
                let (fetch, archive) = (fetch.usage().await, archive.usage().await);
                let (fetch, archive) = (fetch.unwrap_or_default(), archive.unwrap_or_default());
                Usage { cpu: fetch.cpu + archive.cpu, peak_bytes: fetch.peak_bytes.max(archive.peak_bytes) }
            }
        }
    }

    pub(crate) async fn kill(&self) {
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
