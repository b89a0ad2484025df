//! One run: what must be done, and doing it.

use jiff::Timestamp;
use shared::client_state::ClientStateKey;
use shared::graph::{GraphClient, NewSubscription, Subscription, was_gone, was_there};
use shared::jobs::{BackfillUnit, Job, LifecycleEvent, SubscriptionsJob, WatchedResource};
use shared::metrics::{self, Metric};
use shared::queue::OutgoingMessage;
use shared::secrets::Stage;
use tracing::{error, info};

use crate::plan::{Action, Existing, Wanted, gap, plan};
use crate::wanted::wanted;
use crate::{Dependencies, SubscriptionsError};

/// One run: makes the subscriptions be as wanted. Answers what could not be done; the gaps that Graph
/// told of are on their way then.
pub(crate) async fn run(
    dependencies: &Dependencies,
    jobs: &[SubscriptionsJob],
) -> Result<Vec<SubscriptionsError>, SubscriptionsError> {
    let now = dependencies.clock.now();
    let key = current_key(dependencies).await?;
    let wanted = wanted(dependencies, &key, jobs).await;
    let existing = listing(dependencies).subscriptions().await?;
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
    count(&wanted, &existing, &actions, failed.len(), now);
    match wanted.overlooked {
        // What was lost may be of an event that could not be listed: the message must not end here.
        Some(error) if jobs.iter().any(tells_of_loss) => Err(error.into()),
        overlooked => {
            failed.extend(overlooked.map(SubscriptionsError::from));
            Ok(failed)
        }
    }
}

/// Counts what an alarm must know: how long we shall still be told, and where we were not.
fn count(wanted: &Wanted, existing: &[Subscription], actions: &[Action], failed: usize, now: Timestamp) {
    let existing = Existing::new(existing);
    let left = |resource: &WatchedResource| {
        let ends = existing.to(resource).iter().filter_map(|there| there.expires_at());
        ends.max().map(|end| end.duration_since(now).as_secs_f64().max(0.0) / 3_600.0)
    };
    // Those that are absent have a count of their own: a new webinar is no alarm.
    let least = wanted.resources.iter().filter_map(left).reduce(f64::min);
    let absent = actions.iter().filter(|action| matches!(action, Action::Create(_))).count();
    let unseen = usize::from(wanted.overlooked.is_some());
    let mut counted = vec![
        Metric::count("SubscriptionsAbsent", absent),
        Metric::count("SubscriptionErrors", failed + unseen),
    ];
    counted.extend(least.map(|hours| Metric::hours("SubscriptionHoursLeft", hours)));
    metrics::emit(now, &counted);
}

fn tells_of_loss(job: &SubscriptionsJob) -> bool {
    use LifecycleEvent::{Missed, SubscriptionRemoved};
    matches!(job, SubscriptionsJob::Lifecycle { event: Missed | SubscriptionRemoved, .. })
}

/// The client that lists and deletes. What was made in beta is sure to be listed there.
fn listing(dependencies: &Dependencies) -> GraphClient {
    match dependencies.watch.meetings.is_empty() {
        true => dependencies.graph.clone(),
        false => dependencies.graph.in_beta(),
    }
}

/// The client that makes and renews subscriptions to `resource`.
fn making(dependencies: &Dependencies, resource: &WatchedResource) -> GraphClient {
    match resource.is_encrypted() {
        true => dependencies.graph.in_beta(),
        false => dependencies.graph.clone(),
    }
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
    dependencies.backfill_queue.send(vec![OutgoingMessage::new(unit.to_message())]).await?;
    let hours = until.duration_since(since).as_hours();
    info!(
        gap_hours = hours,
        "perhaps deaf to {}: backfill looks through the last {hours} hours",
        kind(resource)
    );
    Ok(())
}

async fn act(
    dependencies: &Dependencies,
    wanted: &Wanted,
    key: &ClientStateKey,
    action: &Action,
) -> Result<(), SubscriptionsError> {
    match action {
        Action::Delete { id } => Ok(listing(dependencies).delete_subscription(id).await?),
        Action::Create(resource) => create(dependencies, wanted, key, resource).await,
        // Deleted first: Graph takes one for each resource.
        Action::Recreate { id, resource } => {
            making(dependencies, resource).delete_subscription(id).await?;
            create(dependencies, wanted, key, resource).await
        }
        Action::Renew { id, resource, until } => {
            let encryption = wanted.encryption.as_ref().filter(|_| resource.is_encrypted());
            let graph = making(dependencies, resource);
            match graph.renew_subscription(id, *until, encryption).await {
                Err(error) if was_gone(&error) => create(dependencies, wanted, key, resource).await,
                renewed => Ok(renewed?),
            }
        }
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
        change_type: resource.change_type(),
        resource: resource.path(),
        notification_url: wanted.notification_url.clone(),
        lifecycle_notification_url: wanted.lifecycle_url.clone(),
        expiration_date_time: expires_at.to_string(),
        client_state: key.sign(dependencies.secrets.random()?, &dependencies.tenant_id),
        encryption: wanted.encryption.clone().filter(|_| resource.is_encrypted()),
    };
    match making(dependencies, resource).create_subscription(&new).await {
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
        WatchedResource::MeetingCalls { .. } => "the calls of a meeting",
    }
}
