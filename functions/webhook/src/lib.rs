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
mod refusal;

use std::time::Duration;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::env::EnvError;
use shared::jobs::{Cause, FetchJob, Job, SubscriptionsJob};
use shared::lambda::dead_letters::letter;
use shared::lambda::metrics::{self, Metric};
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::queue::OutgoingMessage;
use tracing::{error, info, warn};

pub use config::Config;
pub use dependencies::Dependencies;
use http_api::{Status, handshake, request_body, request_refusal, validation_token};
pub use keys::ClientStateKeys;
use keys::Verdict;
use notification::{ChangeNotification, Route};
use refusal::Refusal;

/// Graph takes 3 s for slow, and drops the notifications of slow endpoints.
const DEADLINE: Duration = Duration::from_millis(2_500);

/// The most that the platform lets through.
const MAX_BODY_BYTES: usize = 6 << 20;
/// The most of one item: it must fit into a message of SQS, with the validation tokens. Those of
/// Graph have some kilobytes; of a larger one that is genuine, the dead letters keep whose it is.
const MAX_ITEM_BYTES: usize = 256 << 10;
/// The most of a POST's validation tokens. Graph sends one for each application and tenant.
const MAX_TOKENS_BYTES: usize = 64 << 10;

/// Answers one request. `connect` gives the dependencies, and is called for notifications only: the handshake
/// needs none.
pub async fn handle<'a>(
    clock: &dyn Clock,
    connect: impl AsyncFnOnce() -> Result<&'a Dependencies, EnvError>,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    if let Some(status) = request_refusal(&request) {
        return status.into();
    }
    if let Some(token) = validation_token(&request) {
        return handshake(token);
    }
    let received = tokio::select! {
        biased;
        received = receive(clock, connect, &request) => received,
        () = clock.sleep(DEADLINE) => Err(Refusal::Late(DEADLINE)),
    };
    match received {
        Ok(()) => Status::ACCEPTED.into(),
        Err(refusal) => {
            error!(error = %refusal, "a notification is not acknowledged: {refusal}");
            refusal.status().into()
        }
    }
}

/// Sends the genuine items of a POST to their queues. When this returns, each of them is durable.
async fn receive<'a>(
    clock: &dyn Clock,
    connect: impl AsyncFnOnce() -> Result<&'a Dependencies, EnvError>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(), Refusal> {
    let dependencies = connect().await?;
    let (posted, arrival) = (read_post(request)?, clock.now());
    let mut routed = RoutedItems::default();
    let mut rejected = 0;
    for item in &posted.items {
        match verify_item(dependencies, item, arrival).await? {
            Some(notification) if item.get().len() > MAX_ITEM_BYTES => {
                let abridged = notification.abridged(item.get().len());
                routed.unknown.push(letter(&abridged, Outcome::InvalidRequest));
            }
            Some(notification) => routed.add(notification.route(&posted.validation_tokens), item, clock),
            None => rejected += 1,
        }
    }
    info!(items = posted.items.len(), unknown = routed.unknown.len(), "Graph notified: {}", routed.summary());
    dependencies.fetch_queue.send(routed.fetch.iter().map(message).collect()).await?;
    dependencies.subscriptions_queue.send(routed.subscriptions.iter().map(message).collect()).await?;
    let accepted = posted.items.len() - rejected;
    let counted =
        [Metric::count("NotificationsAccepted", accepted), Metric::count("NotificationsRejected", rejected)];
    dependencies.dead_letters.send(routed.unknown).await?;
    metrics::emit(clock.now(), &counted);
    Ok(())
}

/// Where the genuine items of a POST go.
#[derive(Default)]
struct RoutedItems {
    fetch: Vec<FetchJob>,
    subscriptions: Vec<SubscriptionsJob>,
    unknown: Vec<OutgoingMessage>,
}

impl RoutedItems {
    fn add(&mut self, route: Route, item: &RawValue, clock: &dyn Clock) {
        let first_seen = clock.now();
        match route {
            Route::Fetch(target) => {
                self.fetch.push(FetchJob {
                    target,
                    cause: Cause::Notification,
                    first_seen,
                    session: None,
                    not_before: None,
                });
            }
            Route::Subscriptions(job) => self.subscriptions.push(job),
            Route::Nothing => info!("Graph says something about a subscription that asks for nothing"),
            Route::Unknown => {
                self.unknown.push(letter(item.get(), Outcome::InvalidRequest));
            }
        }
    }

    /// The kinds of the jobs that are sent, for the log line.
    fn summary(&self) -> String {
        let mut kinds: Vec<&str> = self.fetch.iter().map(Job::kind).collect();
        kinds.extend(self.subscriptions.iter().map(Job::kind));
        if kinds.is_empty() { "nothing to fetch".to_owned() } else { kinds.join(", ") }
    }
}

fn message(job: &impl Job) -> OutgoingMessage {
    OutgoingMessage::new(job.to_message())
}

/// What Graph posts: items, each as it came, and what proves the encrypted ones.
struct Post {
    items: Vec<Box<RawValue>>,
    validation_tokens: Vec<String>,
}

fn read_post(request: &ApiGatewayV2httpRequest) -> Result<Post, Refusal> {
    #[derive(Deserialize)]
    struct ChangeNotificationCollection {
        value: Vec<Box<RawValue>>,
        #[serde(rename = "validationTokens")]
        validation_tokens: Option<Box<RawValue>>,
    }
    let body = request_body(request).ok_or(Refusal::NotNotifications)?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Refusal::TooLarge { most: MAX_BODY_BYTES });
    }
    let collection = serde_json::from_slice::<ChangeNotificationCollection>(&body);
    let collection = collection.map_err(|_| Refusal::NotNotifications)?;
    // Tokens that cannot be read prove nothing; they are no reason to refuse the basic items.
    let tokens = collection.validation_tokens.filter(|tokens| tokens.get().len() <= MAX_TOKENS_BYTES);
    let tokens = tokens.and_then(|tokens| serde_json::from_str(tokens.get()).ok());
    Ok(Post { items: collection.value, validation_tokens: tokens.unwrap_or_default() })
}

/// The notification, if it is one, of our tenant, and from a subscription of ours. One that is
/// not is dropped, and its neighbours stay. Where that cannot be decided yet, Graph must send the whole POST
/// again.
async fn verify_item(
    dependencies: &Dependencies,
    item: &RawValue,
    arrival: Timestamp,
) -> Result<Option<ChangeNotification>, Refusal> {
    let Some(notification) = ChangeNotification::read(item) else {
        warn!("an item is dropped: it is no change notification");
        return Ok(None);
    };
    if !notification.is_of(&dependencies.tenant_id) {
        warn!("an item is dropped: it is of another tenant");
        return Ok(None);
    }
    let client_state = notification.client_state.as_deref().unwrap_or_default();
    match dependencies.keys.verify(client_state, &dependencies.tenant_id, arrival).await? {
        Verdict::Genuine => Ok(Some(notification)),
        Verdict::Foreign => {
            warn!("an item is dropped: its clientState is not ours");
            Ok(None)
        }
        Verdict::Undecided => Err(Refusal::KeyMayBeNew),
    }
}
