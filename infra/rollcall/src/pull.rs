//! `rollcall pull`: the reports of a real tenant, with the functions' own steps, nothing deployed.
//!
//! The queues are in memory, so what is under way is lost when the command ends; run it again, and
//! it goes on with what the archive lacks.
#![expect(clippy::print_stdout, reason = "a command prints its result")]

mod config;
mod progress;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use archive::archive;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use fetch::{FetchError, Step, fetch};
use shared::batch::receive_count;
use shared::clock::{Clock, SystemClock};
use shared::env::Env;
use shared::graph::GraphError;
use shared::jobs::{ArchiveJob, Cause, FetchJob, FetchTarget, Job};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue};
use shared::report_ref::ReportSource;

use crate::cli::PullOptions;
use crate::local::LocalPipeline;
use progress::Progress;

/// How often a failure that may pass is tried again.
const TRIES: u32 = 4;

/// Pulls what the options name.
///
/// # Errors
/// A setting is missing, or the archive refuses.
pub async fn run(options: &PullOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let ground = config::ground(options, env).await?;
    let pull = Pull { pipeline: LocalPipeline::new(ground), progress: Progress::start() };
    let jobs = options.meetings.iter().map(|meeting| job(&options.organizer, meeting));
    let messages = jobs.map(|job| OutgoingMessage::new(job.to_message())).collect();
    pull.pipeline.fetch_queue.send(messages).await?;
    while pull.fetch_one().await? || pull.archive_one().await? {}
    let done = pull.progress.finish();
    println!("{done}\nThe archive: {}", options.to);
    Ok(if done.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where to begin for a meeting that is given by its id or its address.
fn job(organizer_id: &str, meeting: &str) -> FetchJob {
    let organizer_id = organizer_id.to_owned();
    let target = if meeting.starts_with("https://") {
        FetchTarget::JoinWebUrl { organizer_id, join_web_url: meeting.to_owned() }
    } else {
        FetchTarget::Source(ReportSource::Meeting { organizer_id, meeting_id: meeting.to_owned() })
    };
    FetchJob { target, cause: Cause::Pull, first_seen: SystemClock.now(), session: None }
}

struct Pull {
    pipeline: LocalPipeline,
    progress: Progress,
}

impl Pull {
    /// Takes one step towards a report, if there is one to take.
    async fn fetch_one(&self) -> anyhow::Result<bool> {
        let Some(event) = self.pipeline.fetch_queue.receive(1) else { return Ok(false) };
        let message = &event.records[0];
        let job = FetchJob::from_message(message.body.as_deref().unwrap_or_default())?;
        match fetch(&self.pipeline.fetch, &job).await {
            Ok(Step::Listed { listed, sent }) => self.progress.listed(listed, sent),
            Ok(Step::Nothing(_) | Step::Resolved | Step::Fetched) => {}
            Err(FetchError::Graph(error)) => {
                if let Some(wait) = wait(&error, receive_count(message)) {
                    self.progress.waiting(&error, wait);
                    return self.again(&event, wait).await;
                }
                self.progress.failed(&job.target, &error);
            }
            Err(error) => return Err(error.into()),
        }
        self.pipeline.fetch_queue.settle(&event, &SqsBatchResponse::default());
        Ok(true)
    }

    /// Waits here: there is no other invocation that could go on meanwhile.
    async fn again(&self, event: &SqsEvent, wait: Duration) -> anyhow::Result<bool> {
        SystemClock.sleep(wait).await;
        let handle = event.records[0].receipt_handle.as_deref().unwrap_or_default();
        self.pipeline.fetch_queue.postpone(handle, Duration::ZERO).await?;
        Ok(true)
    }

    /// Archives one report, if one has been fetched.
    async fn archive_one(&self) -> anyhow::Result<bool> {
        let Some(event) = self.pipeline.archive_queue.receive(1) else { return Ok(false) };
        let job = ArchiveJob::from_message(event.records[0].body.as_deref().unwrap_or_default())?;
        let kept = archive(&*self.pipeline.archive.store, &job).await?;
        self.progress.archived(kept);
        self.pipeline.archive_queue.settle(&event, &SqsBatchResponse::default());
        Ok(true)
    }
}

/// How long to wait before the step is tried again; `None` if it is not.
fn wait(error: &GraphError, receive_count: u32) -> Option<Duration> {
    match error.outcome {
        Outcome::Throttled => Some(error.retry_after.unwrap_or(Duration::from_secs(30))),
        Outcome::Unavailable | Outcome::Malformed if receive_count < TRIES => {
            Some(Duration::from_secs(2_u64.pow(receive_count)))
        }
        _ => None,
    }
}

/// The archive behind `--to`, shared with the functions' settings.
type Store = Arc<dyn shared::store::ObjectStore>;
