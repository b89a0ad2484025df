//! `subscriptions`: the desired subscriptions against the existing ones, and the difference made good.
//!
//! Runs every half hour, and when Graph says something about a subscription or notifies of a new
//! webinar or town hall. It keeps no state: the desired state follows from `WATCH` and from the events
//! that Graph lists, the existing one from one list call, and the plan from both (`plan.rs`). Two runs
//! at once do no harm: the second finds what the first has made, or a 409 or 404 that says so.
//!
//! ```text
//! schedule, queue ─▶ desired (WATCH, events) ─┐
//!                    existing (GET, once) ────┴─▶ plan ─▶ gap units ─▶ create, renew, recreate, delete
//! ```
//!
//! While a subscription was missing, Graph sent no notifications, and it does not send them later. This
//! *unsubscribed window* goes to `backfill` *before* the subscription is made, so that a run that is cut
//! short in between sends it again.

mod config;
mod dependencies;
mod desired_state;
mod error;
mod plan;
mod run;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use serde_json::Value;
use shared::jobs::{Job, SubscriptionsJob};
use shared::lambda::Disposition;
use shared::lambda::batch::{NoMessageId, for_each_job};
use shared::lambda::dead_letters::dead_letter;
use shared::lambda::failed_step::after_failure;
use shared::lambda::function::Function;

pub use config::Config;
pub use dependencies::Dependencies;
pub use error::SubscriptionsError;
use error::is_retryable;
use run::run;

/// Runs once, until `deadline`. An event with `Records` is a batch of messages, and the answer says which to
/// deliver again; any other is the schedule.
///
/// # Errors
/// The scheduled run failed: some subscriptions may not be as desired.
pub async fn handle(
    dependencies: &Dependencies,
    event: Value,
    deadline: Timestamp,
) -> Result<Value, SubscriptionsError> {
    if event.get("Records").is_some() {
        let event: SqsEvent = serde_json::from_value(event).map_err(|_| SubscriptionsError::NotABatch)?;
        let response = handle_batch(dependencies, event, deadline).await?;
        return serde_json::to_value(response).map_err(|_| SubscriptionsError::NotABatch);
    }
    match run(dependencies, &[], deadline).await?.pop() {
        None => Ok(Value::Null),
        Some(failed) => Err(failed),
    }
}

/// One run for a whole batch: Graph throttles the list of subscriptions hard.
async fn handle_batch(
    dependencies: &Dependencies,
    event: SqsEvent,
    deadline: Timestamp,
) -> Result<SqsBatchResponse, NoMessageId> {
    let bodies = event.records.iter().filter_map(|message| message.body.as_deref());
    let jobs: Vec<SubscriptionsJob> =
        bodies.filter_map(|body| SubscriptionsJob::from_message(body).ok()).collect();
    let result = if jobs.is_empty() { Ok(Vec::new()) } else { run(dependencies, &jobs, deadline).await };
    let process = async |_: SubscriptionsJob, message: &SqsMessage| {
        process_message(dependencies, message, &result).await
    };
    for_each_job(event, &*dependencies.clock, &*dependencies.dead_letters, process).await
}

/// What becomes of a message after the run that it asked for.
async fn process_message(
    dependencies: &Dependencies,
    message: &SqsMessage,
    result: &Result<Vec<SubscriptionsError>, SubscriptionsError>,
) -> Disposition {
    let again = async |error: &SubscriptionsError| {
        let Dependencies { subscriptions_queue, dead_letters, clock, .. } = dependencies;
        after_failure(
            Function::Subscriptions,
            &**subscriptions_queue,
            &**dead_letters,
            message,
            error,
            clock.now(),
        )
        .await
    };
    match result {
        // What a person must mend is tried again by the schedule, whose alarm rings.
        Ok(failed) => match failed.iter().find(|error| error.is_retryable()) {
            Some(error) => again(error).await,
            None => Disposition::Ack,
        },
        Err(SubscriptionsError::Graph(error)) if !is_retryable(error) => {
            let body = message.body.as_deref().unwrap_or_default();
            dead_letter(&*dependencies.dead_letters, body, error).await
        }
        Err(error) => again(error).await,
    }
}
