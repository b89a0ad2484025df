//! `rollcall pull`: the reports of a real tenant, with the functions' own steps, nothing deployed.
//!
//! The queues are in memory, so what is under way is lost when the command ends; run it again, and
//! it goes on with what the archive lacks.

pub(crate) mod config;
mod discovery;
mod progress;
mod retry;

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

use archive::{ArchiveResult, archive};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use fetch::{FetchError, Step, fetch};
use local::LocalPipeline;
use shared::env::Env;
use shared::graph::GraphError;
use shared::jobs::{ArchiveJob, Cause, FetchJob, FetchTarget, Job};
use shared::lambda::batch::receive_count;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::cli::PullOptions;
use crate::terminal::print_stdout;
use progress::Progress;
use retry::wait;

/// Runs `rollcall pull`: archives the reports that the options name, or all that it finds.
///
/// # Errors
/// A setting is missing, or the archive refuses.
pub async fn run(options: &PullOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let pipeline = LocalPipeline::new(&config::pipeline_env(options, env).await?);
    let mut pull = Pull { pipeline, progress: Progress::start(), fetched: HashSet::new() };
    let graph = (&pull.pipeline.fetch.graph, pull.pipeline.fetch.tenant_id.as_str());
    let targets = discovery::targets(options, graph, &mut pull.progress).await?;
    pull.send(targets).await?;
    while pull.archive_one().await? || pull.fetch_one().await? {}
    let done = pull.progress.finish();
    print_stdout(&format!("{done}\nThe archive: {}", options.to));
    Ok(if done.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Pull {
    pipeline: LocalPipeline,
    progress: Progress,
    /// The targets whose step was taken: a meeting is found in many ways, a channel's report in each of its
    /// meetings.
    fetched: HashSet<String>,
}

impl Pull {
    async fn send(&self, targets: Vec<FetchTarget>) -> anyhow::Result<()> {
        let first_seen = SystemClock.now();
        let job = |target| FetchJob { target, cause: Cause::Pull, first_seen, session: None };
        let messages = targets.into_iter().map(|target| OutgoingMessage::new(job(target).to_message()));
        Ok(self.pipeline.queues.fetch.send(messages.collect()).await?)
    }

    /// Takes one step towards a report, if there is one to take.
    async fn fetch_one(&mut self) -> anyhow::Result<bool> {
        let Some(event) = self.pipeline.queues.fetch.receive(1) else { return Ok(false) };
        let message = &event.records[0];
        let job = FetchJob::from_message(message.body.as_deref().unwrap_or_default())?;
        let identity = identity(&job.target);
        if !self.fetched.contains(&identity) {
            match fetch(&self.pipeline.fetch, &job).await {
                Ok(Step::Listed { listed, wanted }) => self.progress.listed(listed, wanted),
                Ok(Step::Nothing(_) | Step::Resolved | Step::Fetched) => {}
                Err(FetchError::Graph(error)) => match wait(&error, receive_count(message)) {
                    Some(wait) => return self.retry(&event, &error, wait).await,
                    None => self.progress.failed(job.target.name(), &error),
                },
                Err(error) => return Err(error.into()),
            }
            self.fetched.insert(identity);
        } else if let FetchTarget::Report(_) = job.target {
            self.progress.archived(ArchiveResult::Known);
        }
        self.pipeline.queues.fetch.delete_acknowledged(&event, &SqsBatchResponse::default());
        Ok(true)
    }

    /// Waits, then makes the message visible again. No other invocation could run meanwhile.
    async fn retry(&self, event: &SqsEvent, error: &GraphError, time: Duration) -> anyhow::Result<bool> {
        self.progress.waiting(error, time);
        SystemClock.sleep(time).await;
        let handle = event.records[0].receipt_handle.as_deref().unwrap_or_default();
        self.pipeline.queues.fetch.postpone(handle, Duration::ZERO).await?;
        Ok(true)
    }

    /// Archives one report, if one has been fetched.
    async fn archive_one(&mut self) -> anyhow::Result<bool> {
        let Some(event) = self.pipeline.queues.archive.receive(1) else { return Ok(false) };
        let job = ArchiveJob::from_message(event.records[0].body.as_deref().unwrap_or_default())?;
        let result = archive(&*self.pipeline.archive.store, &job).await?;
        self.progress.archived(result);
        self.pipeline.queues.archive.delete_acknowledged(&event, &SqsBatchResponse::default());
        Ok(true)
    }
}

/// What makes two targets the same.
fn identity(target: &FetchTarget) -> String {
    match target {
        FetchTarget::Report(report) => report.report_id.clone(),
        other => format!("{other:?}"),
    }
}
