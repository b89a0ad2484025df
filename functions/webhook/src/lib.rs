//! `webhook`: one POST of Graph's in, messages in SQS out.
//!
//! Graph first validates the endpoint (the handshake), then posts change notifications. Each
//! genuine item becomes a message for `fetch` or `subscriptions`; the answer is 202 only after SQS
//! has all of them, so that what is acknowledged is durable. Anything else makes Graph send again.
//!
//! ```text
//! POST ?validationToken=…  ─▶ 200 and the token, before anything else is touched
//! POST {"value":[…]}       ─▶ each item: ours? genuine? ─▶ fetch or subscriptions queue ─▶ 202
//!                                                  unknown ─▶ dead letters
//! ```

mod config;
mod dependencies;
mod http_api;
mod keys;
mod notification;
mod origin;
mod post;
mod refusal;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use shared::env::EnvError;
use shared::jobs::{Cause, FetchJob, Job, SubscriptionsJob};
use shared::lambda::metrics::{self, Metric};
use shared::model::ResourceKind;
use shared::ports::clock::Clock;
use shared::ports::queue::OutgoingMessage;
use tracing::error;

pub use config::Config;
pub use dependencies::Dependencies;
use http_api::{Status, handshake, request_body, request_refusal, validation_token};
pub use keys::ClientStateKeys;
use keys::Verdict;
use notification::{ChangeNotification, Route};
pub use origin::Origin;
use post::Post;
use refusal::Refusal;
pub use unknown::{NOTIFIED_OF, route_again};

/// Graph takes 3 s for slow, and drops the notifications of slow endpoints.
const DEADLINE: SignedDuration = SignedDuration::from_millis(2_500);

/// The most of one item: it must fit into a message of SQS, with the validation tokens. Those of
/// Graph have some kilobytes; of a larger one that is genuine, the dead letters keep whose it is.
const MAX_ITEM_BYTES: usize = 256 << 10;
/// So many items that are not ours, and none that is: the rest of the POST is not read.
const MAX_STRANGERS: usize = 100;

/// Answers one request, if `origin` admits it. `connect` gives the dependencies, and is called for notifications only:
/// the handshake needs none.
pub async fn handle<'a>(
    clock: &dyn Clock,
    origin: &Origin,
    connect: impl AsyncFnOnce() -> Result<&'a Dependencies, EnvError>,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    if !origin.admits(&request) {
        return origin::refuse(clock.now());
    }
    if let Some(status) = request_refusal(&request) {
        return status.into();
    }
    if let Some(token) = validation_token(&request) {
        return handshake(token);
    }
    let received = tokio::select! {
        biased;
        received = receive(clock, connect, &request) => received,
        () = clock.sleep(DEADLINE.unsigned_abs()) => Err(Refusal::Late(DEADLINE)),
    };
    match received {
        Ok(()) => Status::ACCEPTED.into(),
        Err(refusal) => {
            tell(clock.now(), &refusal);
            refusal.status().into()
        }
    }
}

/// Tells in one line why a POST is not acknowledged. What strangers post is counted, and is no error.
fn tell(now: Timestamp, refusal: &Refusal) {
    if refusal.is_of_a_stranger() {
        let rejected = [Metric::count("NotificationsRejected", 1)];
        metrics::emit_with(now, &format!("a POST is refused: {refusal}"), &rejected);
    } else {
        error!("a notification is not acknowledged: {refusal}");
    }
}

/// Sends the genuine items of a POST to their queues. When this returns, each of them is durable.
async fn receive<'a>(
    clock: &dyn Clock,
    connect: impl AsyncFnOnce() -> Result<&'a Dependencies, EnvError>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(), Refusal> {
    let dependencies = connect().await?;
    let arrival = clock.now();
    let body = request_body(request).ok_or(Refusal::NotNotifications)?;
    let routed = route_items(dependencies, Post::read(&body)?, clock, arrival).await?;
    let summary = routed.summary();
    dependencies.fetch_queue.send(messages(&routed.fetch)).await?;
    dependencies.subscriptions_queue.send(messages(&routed.subscriptions)).await?;
    dependencies.dead_letters.send(routed.unknown).await?;
    let counted = [
        Metric::count("NotificationsAccepted", routed.accepted),
        Metric::count("NotificationsRejected", routed.rejected),
    ];
    metrics::emit_with(clock.now(), &summary, &counted);
    Ok(())
}

/// Routes each genuine item of a POST. One that is not genuine is counted, and its neighbours stay.
async fn route_items(
    dependencies: &Dependencies,
    post: Post<'_>,
    clock: &dyn Clock,
    arrival: Timestamp,
) -> Result<RoutedItems, Refusal> {
    let mut routed = RoutedItems::default();
    let mut verified = VerifiedStates::default();
    for item in post.items {
        match verify_item(dependencies, item, &mut verified, arrival).await? {
            Some((notification, kind)) if item.get().len() > MAX_ITEM_BYTES => {
                routed.accepted += 1;
                let abridged = notification.abridged(item.get().len());
                routed.unknown.push(unknown::letter(&abridged, kind));
            }
            Some((notification, kind)) => {
                let route = notification.route(&post.validation_tokens);
                match route.kind().is_none_or(|routed| routed == kind) {
                    true => routed.add(route, item, kind, arrival),
                    // A state that was captured opens nothing else.
                    false => routed.rejected += 1,
                }
            }
            None => routed.rejected += 1,
        }
        if routed.accepted == 0 && routed.rejected >= MAX_STRANGERS {
            return Err(Refusal::Strangers);
        }
        // Nothing in this loop waits, so the deadline outside of it would not be looked at.
        if clock.now().duration_since(arrival) >= DEADLINE {
            return Err(Refusal::Late(DEADLINE));
        }
    }
    Ok(routed)
}

/// Where the genuine items of a POST go, and how many there are of which.
#[derive(Default)]
struct RoutedItems {
    fetch: Vec<FetchJob>,
    subscriptions: Vec<SubscriptionsJob>,
    unknown: Vec<OutgoingMessage>,
    accepted: usize,
    rejected: usize,
}

impl RoutedItems {
    /// What was notified of, for the log line.
    fn summary(&self) -> String {
        let (fetch, subscriptions) = (self.fetch.len(), self.subscriptions.len());
        let unknown = self.unknown.len();
        format!("Graph notified: {fetch} for fetch, {subscriptions} for subscriptions, {unknown} unknown")
    }

    fn add(&mut self, route: Route, item: &RawValue, kind: ResourceKind, first_seen: Timestamp) {
        self.accepted += 1;
        match route {
            Route::Fetch(target) => {
                self.fetch.push(FetchJob::new(target, Cause::Notification, first_seen));
            }
            Route::Subscriptions(job) => self.subscriptions.push(job),
            // A lifecycle event that asks for nothing.
            Route::Nothing => {}
            Route::Unknown => {
                let kept = ChangeNotification::without_client_state(item);
                self.unknown.push(unknown::letter(&kept, kind));
            }
        }
    }
}

/// The messages of jobs, each once: Graph repeats itself within a POST, too.
fn messages(jobs: &[impl Job]) -> Vec<OutgoingMessage> {
    let mut seen = BTreeSet::new();
    let bodies = jobs.iter().map(Job::to_message);
    bodies.filter(|body| seen.insert(body.clone())).map(OutgoingMessage::new).collect()
}

/// The states that were found genuine in this POST, and what they are for: its items are of few subscriptions.
type VerifiedStates = BTreeMap<String, ResourceKind>;

/// Verifies one item. Gives the notification, and the kind of resource that its subscription is to, where it is of our
/// tenant and a key of ours signed its `clientState`; `None` for a stranger's. Where that cannot be decided yet it is an
/// error, and Graph sends the whole POST again.
async fn verify_item(
    dependencies: &Dependencies,
    item: &RawValue,
    verified: &mut VerifiedStates,
    arrival: Timestamp,
) -> Result<Option<(ChangeNotification, ResourceKind)>, Refusal> {
    let notification = ChangeNotification::read(item).filter(|item| item.is_of(&dependencies.tenant_id));
    let Some(notification) = notification else { return Ok(None) };
    let client_state = notification.client_state.as_deref().unwrap_or_default();
    if let Some(kind) = verified.get(client_state).copied() {
        return Ok(Some((notification, kind)));
    }
    match dependencies.keys.verify(client_state, &dependencies.tenant_id, arrival).await? {
        Verdict::Genuine(kind) => {
            verified.insert(client_state.to_owned(), kind);
            Ok(Some((notification, kind)))
        }
        Verdict::Foreign => Ok(None),
        Verdict::Undecided => Err(Refusal::KeyMayBeNew),
    }
}
