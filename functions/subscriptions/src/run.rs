//! One run: what must be done so that the subscriptions are as desired, and doing it.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use shared::graph::{
    ClientStateKey, ClientStateScope, GraphClient, NewSubscription, Subscription, is_conflict, is_not_found,
};
use shared::jobs::{BackfillUnit, Job, LifecycleEvent, SubscriptionsJob};
use shared::lambda::deadline::time_left;
use shared::lambda::metrics::{self, Metric};
use shared::model::WatchedResource;
use shared::ports::queue::OutgoingMessage;
use shared::ports::secrets::Stage;
use tracing::{error, info};

use crate::desired_state::desired_state;
use crate::plan::{Action, DesiredState, Existing, foreign, plan, unsubscribed_window};
use crate::{Dependencies, SubscriptionsError};

/// How many actions are under way at once. Thousands of webinars must fit into one invocation, and Graph
/// throttles who asks for too much.
const ACTIONS_AT_ONCE: usize = 4;

/// One run, until `deadline`. Answers what could not be done; the windows that Graph reported are in the
/// queue of `backfill` then. Every result is counted.
pub(crate) async fn run(
    dependencies: &Dependencies,
    jobs: &[SubscriptionsJob],
    deadline: Timestamp,
) -> Result<Vec<SubscriptionsError>, SubscriptionsError> {
    let clock = &*dependencies.clock;
    let prepared = tokio::select! {
        biased;
        prepared = prepare(dependencies, jobs) => prepared,
        () = clock.sleep(time_left(clock, deadline)) => Err(SubscriptionsError::OutOfTime { left: 0 }),
    };
    let run = prepared?;
    let mut failed = perform_all(dependencies, &run, deadline).await;
    info!(
        desired = run.desired.resources.len(),
        actions = run.actions.len(),
        "the subscriptions were looked at"
    );
    count(&run, clock.now());
    match run.desired.overlooked {
        // What was lost may be of an event that could not be listed: the message must not end here.
        Some(error) if jobs.iter().any(reports_loss) => Err(error.into()),
        overlooked => {
            failed.extend(overlooked.map(SubscriptionsError::from));
            Ok(failed)
        }
    }
}

/// What a run knows, and what it is going to do.
struct Run {
    key: ClientStateKey,
    desired: DesiredState,
    existing: Vec<Subscription>,
    actions: Vec<Action>,
}

/// Finds out what is desired and what exists, and sends the windows that Graph reported.
async fn prepare(dependencies: &Dependencies, jobs: &[SubscriptionsJob]) -> Result<Run, SubscriptionsError> {
    let key = current_key(dependencies).await?;
    let desired = desired_state(dependencies, &key, jobs).await;
    let existing = list_client(dependencies).subscriptions().await?;
    for resource in reported_gaps(jobs, &desired, &existing) {
        send_gap(dependencies, &resource).await?;
    }
    let actions = plan(&desired, &existing, &reauthorize(jobs), dependencies.clock.now());
    Ok(Run { key, desired, existing, actions })
}

/// Performs the planned actions, some at once, until `deadline`. Answers what could not be done.
async fn perform_all(dependencies: &Dependencies, run: &Run, deadline: Timestamp) -> Vec<SubscriptionsError> {
    let clock = &*dependencies.clock;
    let performed = stream::iter(&run.actions).map(|action| perform(dependencies, run, action));
    let mut results = performed.buffer_unordered(ACTIONS_AT_ONCE);
    let mut failed = Vec::new();
    for done in 0..run.actions.len() {
        let result = tokio::select! {
            biased;
            result = results.next() => result.unwrap_or(Ok(())),
            () = clock.sleep(time_left(clock, deadline)) => {
                let late = SubscriptionsError::OutOfTime { left: run.actions.len() - done };
                error!("{late}");
                failed.push(late);
                break;
            }
        };
        if let Err(error) = result {
            error!("a subscription is not as wanted: {error}");
            failed.push(error);
        }
    }
    failed
}

/// Counts what an alarm must know: for how long notifications still come, and what had no subscription.
fn count(run: &Run, now: Timestamp) {
    let existing = Existing::new(&run.existing);
    let left = |resource: &WatchedResource| {
        let ends = existing.to(resource).iter().filter_map(|subscription| subscription.expires_at());
        ends.max().map(|end| end.duration_since(now).as_secs_f64().max(0.0) / 3_600.0)
    };
    // Those that are absent have a count of their own: a new webinar is no alarm.
    let foreign = foreign(&run.desired, &run.existing, now);
    let counts = |resource: &&WatchedResource| !is_beside_the_reports(resource);
    let least = run.desired.resources.iter().filter(counts).filter_map(left).reduce(f64::min);
    let is_absent = |action: &&Action| matches!(action, Action::Create(resource) if counts(&resource));
    let absent = run.actions.iter().filter(is_absent).count();
    let mut counted =
        vec![Metric::count("SubscriptionsAbsent", absent), Metric::count("SubscriptionsForeign", foreign)];
    counted.extend(least.map(|hours| Metric::hours("SubscriptionHoursLeft", hours)));
    metrics::emit(now, &counted);
}

fn reports_loss(job: &SubscriptionsJob) -> bool {
    use LifecycleEvent::{Missed, SubscriptionRemoved};
    matches!(job, SubscriptionsJob::Lifecycle { event: Missed | SubscriptionRemoved, .. })
}

/// The client that lists and deletes. What was made in beta is sure to be listed there.
fn list_client(dependencies: &Dependencies) -> GraphClient {
    match dependencies.watch.meetings.is_empty() {
        true => dependencies.graph.clone(),
        false => dependencies.graph.in_beta(),
    }
}

/// The client that makes and renews subscriptions to `resource`.
fn create_client(dependencies: &Dependencies, resource: &WatchedResource) -> GraphClient {
    match resource.is_encrypted() {
        true => dependencies.graph.in_beta(),
        false => dependencies.graph.clone(),
    }
}

async fn current_key(dependencies: &Dependencies) -> Result<ClientStateKey, SubscriptionsError> {
    let secret = dependencies.secrets.get(&dependencies.key_secret_id, Stage::Current).await?;
    secret.as_ref().map(ClientStateKey::new).ok_or(SubscriptionsError::NoKey)
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
/// not listed any more, so whatever is desired may be meant.
fn reported_gaps(
    jobs: &[SubscriptionsJob],
    desired: &DesiredState,
    existing: &[Subscription],
) -> Vec<WatchedResource> {
    let mut gaps = Vec::new();
    for job in jobs {
        let SubscriptionsJob::Lifecycle { subscription_id, event } = job else { continue };
        let meant = existing.iter().find(|existing| existing.id == *subscription_id);
        let is_meant =
            |resource: &&WatchedResource| meant.is_none_or(|existing| resource.is(&existing.resource));
        match event {
            LifecycleEvent::ReauthorizationRequired => {}
            // A removed one is made anew, with its gap, by the plan.
            LifecycleEvent::SubscriptionRemoved if meant.is_none() => {}
            LifecycleEvent::Missed | LifecycleEvent::SubscriptionRemoved => {
                gaps.extend(desired.resources.iter().filter(is_meant).cloned());
            }
        }
    }
    // Graph says it more than once, and of what it no longer lists.
    gaps.sort();
    gaps.dedup();
    gaps
}

async fn send_gap(dependencies: &Dependencies, resource: &WatchedResource) -> Result<(), SubscriptionsError> {
    // Of registrations nothing can be looked for: the list of all is asked for when a report comes.
    if is_beside_the_reports(resource) {
        return Ok(());
    }
    let (since, until) = unsubscribed_window(resource, dependencies.clock.now());
    let unit = BackfillUnit::Gap { resource: resource.clone(), since, until };
    dependencies.backfill_queue.send(vec![OutgoingMessage::new(unit.to_message())]).await?;
    let hours = until.duration_since(since).as_hours();
    info!(
        gap_hours = hours,
        "perhaps nothing was notified of {}: backfill looks through the last {hours} hours",
        kind(resource)
    );
    Ok(())
}

async fn perform(dependencies: &Dependencies, run: &Run, action: &Action) -> Result<(), SubscriptionsError> {
    match action {
        Action::Delete { id } => Ok(list_client(dependencies).delete_subscription(id).await?),
        Action::Create(resource) => create(dependencies, run, resource).await,
        // Deleted first: Graph takes one for each resource.
        Action::Recreate { id, resource } => {
            create_client(dependencies, resource).delete_subscription(id).await?;
            create(dependencies, run, resource).await
        }
        Action::Renew { id, resource, until } => {
            let encryption = run.desired.encryption.as_ref().filter(|_| resource.is_encrypted());
            let graph = create_client(dependencies, resource);
            match graph.renew_subscription(id, *until, encryption).await {
                Err(error) if is_not_found(&error) => create(dependencies, run, resource).await,
                renewed => Ok(renewed?),
            }
        }
    }
}

/// Creates a subscription, after its unsubscribed window was sent. Where one exists already, another run has
/// created it: the next run plans with it.
async fn create(
    dependencies: &Dependencies,
    run: &Run,
    resource: &WatchedResource,
) -> Result<(), SubscriptionsError> {
    send_gap(dependencies, resource).await?;
    let expires_at = dependencies.clock.now() + resource.longest_life();
    let (tenant_id, end) = (dependencies.tenant_id.clone(), run.desired.state_end);
    let scope = ClientStateScope { tenant_id, kind: resource.kind(), end };
    let new = NewSubscription {
        change_type: resource.change_type(),
        resource: resource.path(),
        notification_url: run.desired.notification_url.clone(),
        lifecycle_notification_url: run.desired.lifecycle_url.clone(),
        expiration_date_time: expires_at.to_string(),
        client_state: run.key.sign(dependencies.secrets.random()?, &scope),
        encryption: run.desired.encryption.clone().filter(|_| resource.is_encrypted()),
    };
    match create_client(dependencies, resource).create_subscription(&new).await {
        Ok(_) => {
            info!("subscribed to {}", kind(resource));
            Ok(())
        }
        Err(error) if is_conflict(&error) => Ok(()),
        // No report depends on it: the next run tries again, and the list of all is asked for when a report comes.
        Err(error) if is_beside_the_reports(resource) => {
            info!(outcome = error.outcome.name(), "not subscribed to {}: {error}", kind(resource));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether no report depends on a resource: nobody is told where it is without a subscription.
fn is_beside_the_reports(resource: &WatchedResource) -> bool {
    matches!(resource, WatchedResource::Registrations { .. })
}

/// What a resource is, for the log.
fn kind(resource: &WatchedResource) -> &'static str {
    match resource {
        WatchedResource::CallRecords => "call records",
        WatchedResource::VirtualEvents => "new webinars and town halls",
        WatchedResource::Reports { .. } => "the reports of an event",
        WatchedResource::Registrations { .. } => "the registrations for a webinar",
        WatchedResource::MeetingCalls { .. } => "the calls of a meeting",
    }
}
