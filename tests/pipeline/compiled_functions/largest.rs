//! The largest report that is admitted (50,000 attendees of a town hall, 120 MiB in 40 pages) fits into 70 % of the
//! memory of `fetch`, and of `archive` in each of its cases: under a real limit, which a control group sets. What
//! needs more is killed there.

use std::path::PathBuf;
use std::time::Duration;

use graph_sim::{SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::jobs::{ArchiveJob, Cause, FetchJob, FetchTarget, Job};
use shared::model::{ArtifactRef, EventRef, ReportSource};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore, PutResult};
use tools::aws::Aws;
use tools::emulators::{self, Latencies};
use tools::memory_limit::MemoryLimit;
use tools::programs::{skipped, told};

use super::compiled_webhook::CompiledWebhook;
use super::{SECRETS, build, serve_graph, settings};
use crate::stack_template::Template;

const ATTENDEES: usize = 50_000;
const PAGES: usize = 40;
const BYTES: usize = 120 << 20;
/// What a function may use of its memory, in percent.
const SHARE: u64 = 70;
/// The batch size of both functions.
const BATCH: i32 = 5;
/// A process that was killed gives no answer.
const TIMEOUT: Duration = Duration::from_mins(3);

pub(super) fn source() -> ReportSource {
    ReportSource::Townhall { townhall_id: "t-1@contoso".into(), session_id: "s-1".into() }
}

/// A report of so many attendees and so many bytes, its JSON text.
pub(super) fn report_of(id: &str, attendees: usize, bytes: usize, end: Timestamp) -> SimReport {
    let start = end - SignedDuration::from_mins(90);
    let mut report = SimReport::ended(source(), id, attendees, start, end);
    let missing = (bytes - report.whole().len()) / attendees;
    let registration = r#","externalRegistrationInformation":{"registrationId":null,"referrer":""#;
    let padding = "x".repeat(missing - registration.len() - "\"}".len());
    for record in &mut report.records {
        record.truncate(record.len() - "}".len());
        record.push_str(&format!("{registration}{padding}\"}}}}"));
    }
    report
}

/// The first `count` records of a report.
pub(super) fn part(report: &SimReport, count: usize) -> SimReport {
    SimReport { records: report.records[..count].to_vec(), ..report.clone() }
}

/// The compiled functions, each process of which has its function's memory.
pub(super) struct Limited {
    pub(super) aws: Aws,
    pub(super) binaries: PathBuf,
    pub(super) graph_url: String,
}

impl Limited {
    /// Invokes a new process of a function with the messages in its queue, and asserts that it lives and is done.
    pub(super) async fn invoke(&self, name: &str, resource: &str, case: &str) {
        let megabytes = Template::read().properties(resource)["MemorySize"].as_u64().unwrap();
        let group = MemoryLimit::new((megabytes << 20) * SHARE / 100).unwrap();
        let function = group.function(&self.binaries.join(name), settings(&self.aws, &self.graph_url));
        let fed = tokio::time::timeout(TIMEOUT, self.aws.feed(name, &function, BATCH)).await;
        assert_eq!(fed.ok(), Some(true), "{name}, {case}: more than {SHARE} % of {megabytes} MB");
        assert_eq!(self.aws.messages(name).await, 0, "{name}, {case}: not done");
        let peak = function.usage().await.unwrap().peak_bytes >> 20;
        told(&format!("{name}, {case}: at most {peak} of {megabytes} MiB"));
        function.kill().await;
    }

    /// Stages an answer for `report`, and archives it.
    async fn archive(&self, report: &SimReport, case: &str) {
        let (text, now) = (report.whole(), SystemClock.now());
        let job = ArchiveJob {
            hops: 0,
            tenant_id: TENANT_ID.into(),
            artifact: ArtifactRef::Report(source().report("r-1")),
            cause: Cause::Notification,
            first_seen: now,
            session: None,
            fetched_at: now,
            graph_request_id: None,
            api: "v1.0".into(),
            pages: PAGES,
            records: report.records.len(),
            resolution: None,
            size_bytes: text.len(),
            sha256: sha256_hex(text.as_bytes()),
            body: None,
        };
        self.put(&layout::staging(&job.sha256), text, Metadata::default()).await;
        self.aws.send("archive", &job.to_message()).await;
        self.invoke("archive", "ArchiveFunction", case).await;
    }

    /// The event is known: nothing but its reports is asked for.
    pub(super) async fn know_the_event(&self) {
        for event in EventRef::of_source(&source()) {
            let asked_at = [("asked-at".to_owned(), SystemClock.now().to_string())].into();
            self.put(&layout::asked_for_event(&event.path()), String::new(), asked_at).await;
        }
    }

    async fn put(&self, key: &str, text: String, metadata: Metadata) {
        let object = NewObject::new(text, "application/json", metadata);
        let put = self.aws.store().put(key, object, Condition::Always).await;
        assert_eq!(put, Ok(PutResult::Stored));
    }

    /// Asserts that `report` is the current version, with its lines.
    pub(super) async fn assert_current(&self, report: &SimReport) {
        let (store, sha256) = (self.aws.store(), sha256_hex(report.whole().as_bytes()));
        for key in [key("reports", report, "json"), key("records", report, "jsonl")] {
            assert_eq!(store.head(&key).await.unwrap().unwrap().metadata["sha256"], sha256, "{key}");
        }
        let lines = store.get(&key("records", report, "jsonl")).await.unwrap().unwrap().body;
        let lines = std::str::from_utf8(&lines).unwrap();
        let is_line = |(line, record): (&str, &String)| line.ends_with(&format!("{record}}}"));
        assert!(
            lines.lines().zip(&report.records).all(is_line) && lines.lines().count() == report.records.len()
        );
    }
}

fn key(prefix: &str, report: &SimReport, extension: &str) -> String {
    let date = report.start.strftime("%Y-%m-%d");
    format!("{prefix}/v1/tenant={TENANT_ID}/kind=townhall/date={date}/{}.{extension}", report.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_report_fits_into_the_memory_of_fetch_and_of_archive_in_each_case() {
    if MemoryLimit::new(1 << 30).is_none() {
        return skipped("the largest report under a limit: this machine lets nobody make a control group");
    }
    let config = emulators::aws_sim(Latencies::default()).await;
    let aws = Aws::prepare(config, "largest", &SECRETS).await;
    let (sim, graph_url) = serve_graph(CompiledWebhook::default().into()).await;
    sim.set_page_size(ATTENDEES / PAGES);
    let whole = report_of("r-1", ATTENDEES, BYTES, SystemClock.now());
    let (shorter, shortest) = (part(&whole, ATTENDEES - 1), part(&whole, ATTENDEES - 2));
    sim.add_report(shorter.clone());
    let limited = Limited { aws, binaries: build(), graph_url };

    limited.know_the_event().await;
    let job = FetchJob::new(FetchTarget::Report(source().report("r-1")), Cause::Pull, SystemClock.now());
    limited.aws.send("fetch", &job.to_message()).await;
    limited.invoke("fetch", "Fetch", "40 pages").await;
    limited.invoke("archive", "ArchiveFunction", "new").await;
    limited.assert_current(&shorter).await;
    limited.archive(&whole, "richer").await;
    limited.archive(&shortest, "poorer").await;
    limited.archive(&whole, "the same report again").await;
    limited.assert_current(&whole).await;

    let lines = key("records", &whole, "jsonl");
    limited.put(&lines, "{}\n".to_owned(), [("sha256".to_owned(), "0".to_owned())].into()).await;
    limited.archive(&shortest, "poorer, lines of another version").await;
    limited.assert_current(&whole).await;
    limited.put(&lines, "{}\n".to_owned(), [("sha256".to_owned(), "0".to_owned())].into()).await;
    limited.put(&key("reports", &whole, "json"), whole.whole(), Metadata::default()).await;
    limited.archive(&whole, "equal bytes without metadata, lines of another version").await;
    limited.assert_current(&whole).await;
}
