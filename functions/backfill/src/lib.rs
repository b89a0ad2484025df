//! `backfill`: what Graph has against what the archive has, and the difference fetched or reported.
//!
//! A run scans calendars, webinars, town halls and call records, or what its request names. It
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

mod archived_day;
mod archived_reports;
mod compare;
mod config;
mod dependencies;
mod error;
mod heads;
mod ledger;
mod ledger_line;
pub mod manifests;
mod manifests_unit;
mod part;
mod request;
mod retry;
mod run_metrics;
mod scopes;
mod send;
mod session_state;
mod summary;
mod unaccounted;
mod units;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use jiff::Timestamp;
use serde_json::Value;
use shared::jobs::{BackfillUnit, LedgerWalk, Run, UnitId};
use shared::lambda::Disposition;
use shared::lambda::batch::for_each_job;
use shared::lambda::deadline::time_left;
use shared::lambda::failed_step::after_failure;
use shared::lambda::function::Function;
use shared::lambda::message::{first_received_at, receive_count, retry_after};
use shared::model::Outcome;
use tracing::info;

pub use config::Config;
pub use dependencies::Dependencies;
pub use error::BackfillError;
pub use ledger_line::{LedgerLine, Risk, State};
pub use part::{Part, ROOT};
pub use request::{Counts, DiscoverySource, RefusedItem, RequestError, RunAccepted};
use request::{Request, Users};
use retry::Attempt;
pub use retry::{LEDGER_PAUSES, RETRY_UNITS_FOR};
use scopes::Units;
use send::{send_jobs, send_units};
pub use summary::Summary;
pub use unaccounted::Unaccounted;

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
        let accepted = start(dependencies, event, invocation_id).await?;
        return serde_json::to_value(accepted).map_err(|_| BackfillError::NotABatch);
    }
    let event: SqsEvent = serde_json::from_value(event).map_err(|_| BackfillError::NotABatch)?;
    let process =
        async |unit, message: &SqsMessage| process_unit(dependencies, &unit, message, deadline).await;
    let response = for_each_job(event, &*dependencies.clock, &*dependencies.dead_letters, process).await?;
    serde_json::to_value(response).map_err(|_| BackfillError::NotABatch)
}

/// Begins a run: its first units are in the queue when this returns.
async fn start(
    dependencies: &Dependencies,
    event: Value,
    run_id: &str,
) -> Result<RunAccepted, BackfillError> {
    let now = dependencies.clock.now();
    if request::asks_for_manifests(&event)? {
        return manifests_unit::start(dependencies, run_id, now).await;
    }
    let (mut request, items) = Request::read(event, now)?;
    let users = Users::look_up(&dependencies.graph, items.principal_names()).await;
    request.items = items.accept(&users.map_err(BackfillError::UserLookup)?, &dependencies.tenant_id);
    let (run, units) = begin(dependencies, &request, request.run(run_id, now)).await?;
    let accepted = request.accepted(&run, units.len(), &dependencies.tenant_id);
    send_units(dependencies, &run, units, 0).await?;
    run_metrics::count_run(now, &run);
    if run.purpose.keeps_ledger() {
        let walk = LedgerWalk { units: vec![UnitId::new(ROOT)], ..LedgerWalk::default() };
        send_jobs(dependencies.queue_of(&run), &[BackfillUnit::Ledger { run: run.clone(), walk }]).await?;
    }
    info!(run.id = run_id, units = accepted.counts.units, "a run begins");
    Ok(accepted)
}

/// The run and its first units. Lambda tries a beginning again that failed half-way, later and with the same id: the run
/// is then the one that was begun, with its times, or the ledger had units of both.
async fn begin(
    dependencies: &Dependencies,
    request: &Request,
    run: Run,
) -> Result<(Run, Units), BackfillError> {
    let units = scopes::first_units(request, &run, &dependencies.watch);
    if !run.purpose.keeps_ledger() {
        return Ok((run, units));
    }
    let refused = request.items.refused.iter();
    let refused =
        refused.map(|item| LedgerLine::unreachable(item.item.clone(), Outcome::InvalidRequest, &item.why));
    let root = Part::root(run.clone(), refused.collect(), units);
    let root = part::write(dependencies, &run, &UnitId::new(ROOT), root).await?;
    Ok((root.run().cloned().unwrap_or(run), root.next()))
}

async fn process_unit(
    dependencies: &Dependencies,
    unit: &BackfillUnit,
    message: &SqsMessage,
    deadline: Timestamp,
) -> Disposition {
    let now = dependencies.clock.now();
    let (queue, tries) = (dependencies.queue_of_unit(unit), receive_count(message));
    let attempt = Attempt { tries, first_at: first_received_at(message).unwrap_or(now) };
    let wait = match run_unit(dependencies, unit, attempt, deadline).await {
        Ok(()) => return Disposition::Ack,
        Err(BackfillError::Graph(error)) => {
            info!(outcome = error.outcome.name(), "the unit is taken again later: {error}");
            retry::pause_after(&error, tries, dependencies.clock.now())
        }
        Err(BackfillError::Unfinished) => dependencies.ledger_pauses.pause(tries),
        Err(error) => {
            let now = dependencies.clock.now();
            return after_failure(
                Function::Backfill,
                queue,
                &*dependencies.dead_letters,
                message,
                &error,
                now,
            )
            .await;
        }
    };
    retry_after(queue, message, wait).await
}

async fn run_unit(
    dependencies: &Dependencies,
    unit: &BackfillUnit,
    attempt: Attempt,
    deadline: Timestamp,
) -> Result<(), BackfillError> {
    match unit {
        BackfillUnit::Gap { resource, since, until } => {
            let (run, units) = scopes::of_gap(resource, (*since, *until), dependencies.clock.now());
            Ok(send_units(dependencies, &run, units, 0).await?)
        }
        // It ends in time by itself: what it found must be sent.
        BackfillUnit::Scan { run, id, scope, hops } => {
            units::run_scan(dependencies, (run, id, *hops), scope, attempt, deadline).await
        }
        // Boxed: a type too deep for rustc inside that of the invocation.
        BackfillUnit::Manifests { .. } => Box::pin(manifests_unit::run(dependencies, unit, deadline)).await,
        BackfillUnit::Ledger { run, walk } => {
            let clock = &*dependencies.clock;
            tokio::select! {
                biased;
                joined = ledger::join(dependencies, run, walk.clone(), attempt) => joined,
                () = clock.sleep(time_left(clock, deadline)) => Err(BackfillError::OutOfTime),
            }
        }
    }
}
