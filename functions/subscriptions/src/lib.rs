//! `subscriptions`: what is wanted against what exists, and the difference made good.
//!
//! Runs every half hour, and when Graph says something about a subscription or tells of a new
//! webinar or town hall. It keeps no state: what is wanted follows from `WATCH` and from the events
//! that Graph lists, what exists from one list call, and the plan from both (`plan.rs`). Two runs
//! at once do no harm: the second finds what the first has made, or a 409 or 404 that says so.
//!
//! ```text
//! schedule, queue ─▶ wanted (WATCH, events) ─┐
//!                    existing (GET, once) ───┴─▶ plan ─▶ gap units ─▶ create, renew, recreate, delete
//! ```
//!
//! Where a subscription was missing Rollcall was deaf, and nobody tells what it missed: that time
//! goes to `backfill` *before* the subscription is made, so that a run that is cut short in between
//! sends it again.

mod config;
mod plan;
mod run;
mod wanted;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde_json::Value;
use shared::batch::{NoMessageId, Settled, for_each_message};
use shared::clock::Clock;
use shared::graph::{GraphClient, GraphError};
use shared::jobs::{Job, SubscriptionsJob};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue, QueueError};
use shared::secrets::{SecretError, Secrets};
use shared::watch::Watch;
use tracing::error;

pub use config::Config;
use run::run;

/// What `subscriptions` works with.
pub struct Dependencies {
    /// The tenant that is watched.
    pub tenant_id: String,
    /// Microsoft Graph.
    pub graph: GraphClient,
    /// Where the key behind `clientState` is kept.
    pub secrets: Arc<dyn Secrets>,
    /// The key's id there.
    pub key_secret_id: String,
    /// The id there of the certificate for encrypted notifications.
    pub notification_key_secret_id: Option<String>,
    /// The public address of `webhook`.
    pub notification_url: String,
    /// What to subscribe to.
    pub watch: Watch,
    /// The inbox of `backfill`.
    pub backfill_queue: Arc<dyn Queue>,
    /// Where messages go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why a run did not end.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionsError {
    /// Graph did not do what was asked for.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The key behind `clientState` cannot be read.
    #[error("the key behind clientState: {0}")]
    Key(#[from] SecretError),
    /// The secret of the key has no value.
    #[error("the secret of the key behind clientState has no value: put one into it")]
    NoKey,
    /// A gap could not be sent to `backfill`.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message has no id.
    #[error(transparent)]
    NoMessageId(#[from] NoMessageId),
    /// The event is a batch, but not as SQS sends it.
    #[error("the event is no batch of messages")]
    NotABatch,
}

/// Runs once. An event with `Records` is a batch of messages, and the answer says which to deliver
/// again; any other is the schedule.
///
/// # Errors
/// The scheduled run failed: some subscriptions may not be as wanted.
pub async fn handle(dependencies: &Dependencies, event: Value) -> Result<Value, SubscriptionsError> {
    if event.get("Records").is_some() {
        let event: SqsEvent = serde_json::from_value(event).map_err(|_| SubscriptionsError::NotABatch)?;
        let answer = batch(dependencies, event).await?;
        return serde_json::to_value(answer).map_err(|_| SubscriptionsError::NotABatch);
    }
    match run(dependencies, &[]).await?.pop() {
        None => Ok(Value::Null),
        Some(failed) => Err(failed),
    }
}

/// One run for a whole batch: Graph throttles the list of subscriptions hard.
async fn batch(dependencies: &Dependencies, event: SqsEvent) -> Result<SqsBatchResponse, NoMessageId> {
    let bodies = event.records.iter().filter_map(|message| message.body.as_deref());
    let jobs: Vec<SubscriptionsJob> =
        bodies.filter_map(|body| SubscriptionsJob::from_message(body).ok()).collect();
    let done = if jobs.is_empty() { Ok(Vec::new()) } else { run(dependencies, &jobs).await };
    for_each_message(event, async |message| settle(dependencies, &message, &done).await).await
}

/// What becomes of a message after the run that it asked for.
async fn settle(
    dependencies: &Dependencies,
    message: &SqsMessage,
    done: &Result<Vec<SubscriptionsError>, SubscriptionsError>,
) -> Settled {
    let body = message.body.as_deref().unwrap_or_default();
    if let Err(unreadable) = SubscriptionsJob::from_message(body) {
        error!(message.id = message.message_id, "{unreadable}; it goes to the dead letters");
        return bury(dependencies, body, &GraphError::new(Outcome::InvalidRequest)).await;
    }
    match done {
        Ok(failed) if failed.iter().any(SubscriptionsError::passes) => Settled::Again,
        // What a person must mend is tried again by the schedule, and its alarm tells.
        Ok(_) => Settled::Done,
        Err(SubscriptionsError::Graph(error)) if !passes(error) => bury(dependencies, body, error).await,
        Err(error) => {
            error!("a run failed, and its message is delivered again: {error}");
            Settled::Again
        }
    }
}

/// Sends the message to the dead letters; it leaves its queue only after it is there.
async fn bury(dependencies: &Dependencies, body: &str, reason: &GraphError) -> Settled {
    match dependencies.dead_letters.send(vec![OutgoingMessage::dead_letter(body, reason)]).await {
        Ok(()) => Settled::Done,
        Err(failed) => {
            error!("a message could not be sent to the dead letters: {failed}");
            Settled::Again
        }
    }
}

impl SubscriptionsError {
    /// Whether trying again soon can help.
    fn passes(&self) -> bool {
        match self {
            Self::Graph(error) => passes(error),
            Self::Key(_) | Self::Queue(_) => true,
            Self::NoKey | Self::NoMessageId(_) | Self::NotABatch => false,
        }
    }
}

fn passes(error: &GraphError) -> bool {
    matches!(error.outcome, Outcome::Throttled | Outcome::Unavailable | Outcome::Malformed)
}
