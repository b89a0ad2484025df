//! `backfill`: what Graph has against what the archive has, and the difference fetched or told.
//!
//! A run looks through calendars, webinars, town halls and call records, or at what it is told. It
//! is split into units, each small enough for one invocation however large the tenant is; a unit
//! that is long goes on as a new one. What is missing becomes jobs for `fetch`: `backfill` is only
//! another sender of those.
//!
//! ```text
//! request, schedule, gap ─▶ run ─▶ units ⟲ own queue ─▶ report jobs ─▶ fetch queue
//!                                    └─▶ parts ─▶ ledger
//! ```
//!
//! A unit that is taken twice finds the same, sends the same jobs, and writes its part once.

mod compare;
mod config;
mod ledger;
mod part;
mod request;
mod scopes;
mod units;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use jiff::Timestamp;
use serde_json::Value;
use shared::batch::{NoMessageId, Settled, for_each_message, receive_count};
use shared::clock::Clock;
use shared::graph::{GraphClient, GraphError};
use shared::jobs::{BackfillUnit, Job, LedgerWalk, Run};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue, QueueError};
use shared::store::{ObjectStore, StoreError};
use shared::watch::Watch;
use tracing::{error, info, warn};

pub use compare::{LedgerLine, Risk, State};
pub use config::Config;
pub use ledger::Summary;
pub use part::Part;
pub use part::ROOT;
use request::Request;
pub use request::{Answer, RefusedItem, RequestError};

/// What `backfill` works with.
pub struct Dependencies {
    /// The tenant that is looked through.
    pub tenant_id: String,
    /// Microsoft Graph.
    pub graph: GraphClient,
    /// Whose meetings and events are looked for.
    pub watch: Watch,
    /// The archive: what it has, and where ledgers are kept.
    pub store: Arc<dyn ObjectStore>,
    /// The inbox of `fetch`.
    pub fetch_queue: Arc<dyn Queue>,
    /// Its own inbox.
    pub backfill_queue: Arc<dyn Queue>,
    /// Where units go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why an invocation, or a unit, did not end.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The request is not one. The sentence says what to write instead.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Graph does not answer now.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The archive gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Units or jobs could not be sent.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message has no id.
    #[error(transparent)]
    NoMessageId(#[from] NoMessageId),
    /// The event is a batch, but not as SQS sends it.
    #[error("the event is no batch of messages")]
    NotABatch,
    /// The run's other units are not done yet.
    #[error("the run's other units are not done yet")]
    Unfinished,
    /// The invocation ends before the unit would.
    #[error("the invocation's time is up")]
    OutOfTime,
}

/// Runs once, until `deadline`. An event with `Records` is a batch of units, and the answer says which
/// to deliver again; any other is a request, whose run takes `invocation_id` as its id.
///
/// # Errors
/// The request is not one, or its units could not be sent.
pub async fn handle(
    dependencies: &Dependencies,
    event: Value,
    invocation_id: &str,
    deadline: Timestamp,
) -> Result<Value, BackfillError> {
    if event.get("Records").is_none() {
        let answer = start(dependencies, event, invocation_id).await?;
        return serde_json::to_value(answer).map_err(|_| BackfillError::NotABatch);
    }
    let event: SqsEvent = serde_json::from_value(event).map_err(|_| BackfillError::NotABatch)?;
    let answer =
        for_each_message(event, async |message| take(dependencies, &message, deadline).await).await?;
    serde_json::to_value(answer).map_err(|_| BackfillError::NotABatch)
}

/// Begins a run: its first units are in the queue when this returns.
async fn start(dependencies: &Dependencies, event: Value, run_id: &str) -> Result<Answer, BackfillError> {
    let now = dependencies.clock.now();
    let request = Request::read(event, &dependencies.tenant_id, now)?;
    let run = request.run(run_id, now);
    let units = scopes::first_units(&request, &run, &dependencies.watch);
    let refused = request.refused.iter();
    let refused =
        refused.map(|item| LedgerLine::unreachable(item.item.clone(), Outcome::InvalidRequest, &item.why));
    let root = Part { lines: refused.collect(), units: units.iter().map(|(id, _)| id.clone()).collect() };
    let answer = request.answer(&run, units.len(), &dependencies.tenant_id);
    send_units(dependencies, &run, units).await?;
    if run.purpose.keeps_ledger() {
        part::write(dependencies, &run, part::ROOT, &root).await?;
        let walk = LedgerWalk { units: vec![part::ROOT.to_owned()], ..LedgerWalk::default() };
        send(&*dependencies.backfill_queue, &[BackfillUnit::Ledger { run, walk }]).await?;
    }
    info!(run.id = run_id, units = answer.counts.units, "a run begins");
    Ok(answer)
}

async fn send_units(dependencies: &Dependencies, run: &Run, units: scopes::Units) -> Result<(), QueueError> {
    let part = |(id, scope)| BackfillUnit::Part { run: run.clone(), id, scope };
    send(&*dependencies.backfill_queue, &units.into_iter().map(part).collect::<Vec<_>>()).await
}

async fn send(queue: &dyn Queue, jobs: &[impl Job]) -> Result<(), QueueError> {
    queue.send(jobs.iter().map(|job| OutgoingMessage::new(job.to_message())).collect()).await
}

async fn take(dependencies: &Dependencies, message: &SqsMessage, deadline: Timestamp) -> Settled {
    let unit = match BackfillUnit::from_message(message.body.as_deref().unwrap_or_default()) {
        Ok(unit) => unit,
        Err(unreadable) => {
            error!(message.id = message.message_id, "{unreadable}; it goes to the dead letters");
            return bury(dependencies, message).await;
        }
    };
    let left = Duration::try_from(deadline.duration_since(dependencies.clock.now())).unwrap_or_default();
    let tries = receive_count(message);
    let done = tokio::select! {
        biased;
        done = work(dependencies, &unit, tries) => done,
        () = dependencies.clock.sleep(left) => Err(BackfillError::OutOfTime),
    };
    let wait = match done {
        Ok(()) => return Settled::Done,
        Err(BackfillError::Graph(error)) => waiting::after(&error, tries, dependencies.clock.now()),
        Err(BackfillError::Unfinished) => waiting::for_the_others(tries),
        Err(error) => {
            error!("a unit failed and is taken again: {error}");
            return Settled::Again;
        }
    };
    let handle = message.receipt_handle.as_deref().unwrap_or_default();
    if let Err(failed) = dependencies.backfill_queue.postpone(handle, wait).await {
        warn!("a unit could not be put off: {failed}");
    }
    Settled::Again
}

async fn work(dependencies: &Dependencies, unit: &BackfillUnit, tries: u32) -> Result<(), BackfillError> {
    match unit {
        BackfillUnit::Gap { resource, since, until } => {
            let (run, units) = scopes::of_gap(resource, (*since, *until), dependencies.clock.now());
            Ok(send_units(dependencies, &run, units).await?)
        }
        BackfillUnit::Part { run, id, scope } => units::look(dependencies, run, id, scope, tries).await,
        BackfillUnit::Ledger { run, walk } => ledger::join(dependencies, run, walk.clone()).await,
    }
}

/// Sends the message to the dead letters; it leaves its queue only after it is there.
async fn bury(dependencies: &Dependencies, message: &SqsMessage) -> Settled {
    let body = message.body.as_deref().unwrap_or_default();
    let letter = OutgoingMessage::dead_letter(body, &GraphError::new(Outcome::InvalidRequest));
    match dependencies.dead_letters.send(vec![letter]).await {
        Ok(()) => Settled::Done,
        Err(failed) => {
            error!("a message could not be sent to the dead letters: {failed}");
            Settled::Again
        }
    }
}
