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
mod wanted;
mod watch;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use serde_json::Value;
use shared::batch::{NoMessageId, Settled, for_each_message};
use shared::client_state::ClientStateKey;
use shared::clock::Clock;
use shared::graph::{GraphClient, GraphError, NewSubscription, Subscription, was_gone, was_there};
use shared::jobs::{BackfillUnit, Job, LifecycleEvent, SubscriptionsJob, WatchedResource};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue, QueueError};
use shared::secrets::{SecretError, Secrets, Stage};
use tracing::{error, info};

pub use config::Config;
use plan::{Action, Wanted, gap, plan};
pub use watch::Watch;

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

/// One run: makes the subscriptions be as wanted. Answers what could not be done; the gaps that Graph
/// told of are on their way then.
async fn run(
    dependencies: &Dependencies,
    jobs: &[SubscriptionsJob],
) -> Result<Vec<SubscriptionsError>, SubscriptionsError> {
    let now = dependencies.clock.now();
    let key = current_key(dependencies).await?;
    let wanted = wanted::wanted(dependencies, &key, jobs).await;
    let existing = dependencies.graph.subscriptions().await?;
    for resource in told_gaps(jobs, &wanted, &existing) {
        send_gap(dependencies, &resource).await?;
    }
    let actions = plan(&wanted, &existing, &reauthorize(jobs), now);
    let mut failed = Vec::new();
    for action in &actions {
        if let Err(error) = act(dependencies, &wanted, &key, action).await {
            error!("a subscription is not as wanted: {error}");
            failed.push(error);
        }
    }
    info!(wanted = wanted.resources.len(), actions = actions.len(), "the subscriptions were looked at");
    match wanted.overlooked {
        // What was lost may be of an event that could not be listed: the message must not end here.
        Some(error) if jobs.iter().any(tells_of_loss) => Err(error.into()),
        overlooked => {
            failed.extend(overlooked.map(SubscriptionsError::from));
            Ok(failed)
        }
    }
}

fn tells_of_loss(job: &SubscriptionsJob) -> bool {
    use LifecycleEvent::{Missed, SubscriptionRemoved};
    matches!(job, SubscriptionsJob::Lifecycle { event: Missed | SubscriptionRemoved, .. })
}

async fn current_key(dependencies: &Dependencies) -> Result<ClientStateKey, SubscriptionsError> {
    let secret = dependencies.secrets.get(&dependencies.key_secret_id, Stage::Current).await?;
    secret.map(ClientStateKey::new).ok_or(SubscriptionsError::NoKey)
}

/// The subscriptions that Graph wants reauthorized.
fn reauthorize(jobs: &[SubscriptionsJob]) -> Vec<String> {
    let asked = jobs.iter().filter_map(|job| match job {
        SubscriptionsJob::Lifecycle { subscription_id, event: LifecycleEvent::ReauthorizationRequired } => {
            Some(subscription_id.clone())
        }
        _ => None,
    });
    asked.collect()
}

/// The resources of which Graph says that notifications were lost. A subscription that is removed is
/// not listed any more, so whatever is wanted may be meant.
fn told_gaps(jobs: &[SubscriptionsJob], wanted: &Wanted, existing: &[Subscription]) -> Vec<WatchedResource> {
    let mut gaps = Vec::new();
    for job in jobs {
        let SubscriptionsJob::Lifecycle { subscription_id, event } = job else { continue };
        let meant = existing.iter().find(|there| there.id == *subscription_id);
        let is_meant = |resource: &&WatchedResource| meant.is_none_or(|there| resource.is(&there.resource));
        match event {
            LifecycleEvent::ReauthorizationRequired => {}
            // A removed one is made anew, with its gap, by the plan.
            LifecycleEvent::SubscriptionRemoved if meant.is_none() => {}
            LifecycleEvent::Missed | LifecycleEvent::SubscriptionRemoved => {
                gaps.extend(wanted.resources.iter().filter(is_meant).cloned());
            }
        }
    }
    gaps
}

async fn send_gap(dependencies: &Dependencies, resource: &WatchedResource) -> Result<(), SubscriptionsError> {
    let (since, until) = gap(resource, dependencies.clock.now());
    let unit = BackfillUnit::Gap { resource: resource.clone(), since, until };
    Ok(dependencies.backfill_queue.send(vec![OutgoingMessage::new(unit.to_message())]).await?)
}

async fn act(
    dependencies: &Dependencies,
    wanted: &Wanted,
    key: &ClientStateKey,
    action: &Action,
) -> Result<(), SubscriptionsError> {
    let graph = &dependencies.graph;
    match action {
        Action::Delete { id } => Ok(graph.delete_subscription(id).await?),
        Action::Create(resource) => create(dependencies, wanted, key, resource).await,
        // Deleted first: Graph takes one for each resource.
        Action::Recreate { id, resource } => {
            graph.delete_subscription(id).await?;
            create(dependencies, wanted, key, resource).await
        }
        Action::Renew { id, resource, until } => match graph.renew_subscription(id, *until).await {
            Err(error) if was_gone(&error) => create(dependencies, wanted, key, resource).await,
            renewed => Ok(renewed?),
        },
    }
}

/// Makes a subscription, after its gap is on its way. Where there is one already, another run has
/// made it: the next one looks at it.
async fn create(
    dependencies: &Dependencies,
    wanted: &Wanted,
    key: &ClientStateKey,
    resource: &WatchedResource,
) -> Result<(), SubscriptionsError> {
    send_gap(dependencies, resource).await?;
    let expires_at = dependencies.clock.now() + resource.longest_life();
    let new = NewSubscription {
        change_type: "created",
        resource: resource.path(),
        notification_url: wanted.notification_url.clone(),
        lifecycle_notification_url: wanted.lifecycle_url.clone(),
        expiration_date_time: expires_at.to_string(),
        client_state: key.sign(dependencies.secrets.random()?, &dependencies.tenant_id),
    };
    match dependencies.graph.create_subscription(&new).await {
        Ok(_) => {
            info!("subscribed to {}", kind(resource));
            Ok(())
        }
        Err(error) if was_there(&error) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a resource is, for the log.
fn kind(resource: &WatchedResource) -> &'static str {
    match resource {
        WatchedResource::CallRecords => "call records",
        WatchedResource::VirtualEvents => "new webinars and town halls",
        WatchedResource::Reports { .. } => "the reports of an event",
    }
}
