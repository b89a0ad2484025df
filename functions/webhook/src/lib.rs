//! `webhook`: one POST of Graph's in, messages in SQS out.
//!
//! Graph asks first whether anybody is here (the handshake), then posts change notifications. Each
//! genuine item becomes a message for `fetch` or `subscriptions`; the answer is 202 only after SQS
//! has all of them, so that what is acknowledged is durable. Anything else makes Graph send again.
//!
//! ```text
//! POST ?validationToken=…  ─▶ 200 and the token, before anything else is touched
//! POST {"value":[…]}       ─▶ each item: ours? genuine? ─▶ fetch or subscriptions queue ─▶ 202
//!                                                  unknown ─▶ dead letters
//! ```

mod answer;
mod config;
mod keys;
mod notification;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::clock::Clock;
use shared::env::EnvError;
use shared::graph::GraphError;
use shared::jobs::{Cause, FetchJob, Job, SubscriptionsJob};
use shared::metrics::{self, Metric};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue, QueueError};
use shared::secrets::SecretError;
use tracing::{error, info, warn};
use url::form_urlencoded;

use answer::{Status, handshake};
pub use config::Config;
pub use keys::ClientStateKeys;
use notification::{ChangeNotification, Named};

/// Graph takes 3 s for slow, and drops the notifications of slow endpoints.
const DEADLINE: Duration = Duration::from_millis(2_500);

/// The most that the platform lets through.
const MAX_BODY_BYTES: usize = 6 << 20;
/// The most of one item: it must fit into a message of SQS, with the validation tokens. Those of
/// Graph have some kilobytes.
const MAX_ITEM_BYTES: usize = 256 << 10;
/// The most of a POST's validation tokens. Graph sends one for each application and tenant.
const MAX_TOKENS_BYTES: usize = 64 << 10;

/// Where notifications go, and how a genuine one is known.
pub struct Inbox {
    /// The tenant whose notifications are taken.
    pub tenant_id: String,
    /// The keys behind `clientState`.
    pub keys: ClientStateKeys,
    /// The inbox of `fetch`.
    pub fetch_queue: Arc<dyn Queue>,
    /// The inbox of `subscriptions`.
    pub subscriptions_queue: Arc<dyn Queue>,
    /// Where genuine notifications go that nobody understands.
    pub dead_letters: Arc<dyn Queue>,
}

/// Answers one request. `open` gives the inbox; it is not asked for before a notification is there.
pub async fn handle<'a>(
    clock: &dyn Clock,
    open: impl AsyncFnOnce() -> Result<&'a Inbox, EnvError>,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    if let Some(refusal) = answer::refusal(&request) {
        return refusal.into();
    }
    if let Some(token) = validation_token(&request) {
        return handshake(token);
    }
    let answered = tokio::select! {
        biased;
        answered = receive(clock, open, &request) => answered,
        () = clock.sleep(DEADLINE) => Err(Refused::Late),
    };
    match answered {
        Ok(()) => Status::ACCEPTED.into(),
        Err(refused) => {
            error!(error = %refused, "a notification is refused: {refused}");
            refused.status().into()
        }
    }
}

/// Why a notification is not acknowledged.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Setting(#[from] EnvError),
    #[error("the body is larger than {} MiB", MAX_BODY_BYTES >> 20)]
    TooLarge,
    #[error("the body is no collection of notifications")]
    NotNotifications,
    #[error("the key behind clientState: {0}")]
    Key(#[from] SecretError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("it took longer than {} ms; Graph sends it again", DEADLINE.as_millis())]
    Late,
}

impl Refused {
    fn status(&self) -> Status {
        match self {
            Self::TooLarge => Status::PAYLOAD_TOO_LARGE,
            Self::NotNotifications => Status::BAD_REQUEST,
            // Graph sends again whatever is not 2xx, for four hours.
            Self::Setting(_) | Self::Key(_) | Self::Queue(_) | Self::Late => Status::SERVICE_UNAVAILABLE,
        }
    }
}

/// The token of a handshake, decoded.
fn validation_token(request: &ApiGatewayV2httpRequest) -> Option<String> {
    let query = request.raw_query_string.as_deref()?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "validationToken").map(|(_, token)| token.into_owned())
}

async fn receive<'a>(
    clock: &dyn Clock,
    open: impl AsyncFnOnce() -> Result<&'a Inbox, EnvError>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(), Refused> {
    let inbox = open().await?;
    let posted = posted(request)?;
    let mut found = Found::default();
    let mut rejected = 0;
    for item in &posted.items {
        match genuine(inbox, item).await? {
            Some(notification) => found.add(notification.names(&posted.validation_tokens), item, clock),
            None => rejected += 1,
        }
    }
    info!(items = posted.items.len(), unknown = found.unknown.len(), "Graph notified: {}", found.summary());
    inbox.fetch_queue.send(found.fetch.iter().map(message).collect()).await?;
    inbox.subscriptions_queue.send(found.subscriptions.iter().map(message).collect()).await?;
    let accepted = posted.items.len() - rejected;
    let counted =
        [Metric::count("NotificationsAccepted", accepted), Metric::count("NotificationsRejected", rejected)];
    inbox.dead_letters.send(found.unknown).await?;
    metrics::emit(clock.now(), &counted);
    Ok(())
}

/// What the genuine items of a POST name.
#[derive(Default)]
struct Found {
    fetch: Vec<FetchJob>,
    subscriptions: Vec<SubscriptionsJob>,
    unknown: Vec<OutgoingMessage>,
}

impl Found {
    fn add(&mut self, named: Named, item: &RawValue, clock: &dyn Clock) {
        let first_seen = clock.now();
        match named {
            Named::Fetch(target) => {
                self.fetch.push(FetchJob { target, cause: Cause::Notification, first_seen, session: None });
            }
            Named::Subscriptions(job) => self.subscriptions.push(job),
            Named::Nothing => info!("Graph says something about a subscription that asks for nothing"),
            Named::Unknown => {
                let reason = GraphError::new(Outcome::InvalidRequest);
                self.unknown.push(OutgoingMessage::dead_letter(item.get(), &reason));
            }
        }
    }

    /// What is looked at, for the log line.
    fn summary(&self) -> String {
        let mut names: Vec<&str> = self.fetch.iter().map(|job| job.target.name()).collect();
        names.extend(self.subscriptions.iter().map(SubscriptionsJob::name));
        if names.is_empty() { "nothing to fetch".to_owned() } else { names.join(", ") }
    }
}

fn message(job: &impl Job) -> OutgoingMessage {
    OutgoingMessage::new(job.to_message())
}

/// What Graph posts: items, each as it came, and what proves the encrypted ones.
struct Posted {
    items: Vec<Box<RawValue>>,
    validation_tokens: Vec<String>,
}

fn posted(request: &ApiGatewayV2httpRequest) -> Result<Posted, Refused> {
    #[derive(Deserialize)]
    struct ChangeNotificationCollection {
        value: Vec<Box<RawValue>>,
        #[serde(rename = "validationTokens")]
        validation_tokens: Option<Box<RawValue>>,
    }
    let body = answer::body(request).ok_or(Refused::NotNotifications)?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Refused::TooLarge);
    }
    let collection = serde_json::from_slice::<ChangeNotificationCollection>(&body);
    let collection = collection.map_err(|_| Refused::NotNotifications)?;
    // Tokens that cannot be read prove nothing; they are no reason to refuse the basic items.
    let tokens = collection.validation_tokens.filter(|tokens| tokens.get().len() <= MAX_TOKENS_BYTES);
    let tokens = tokens.and_then(|tokens| serde_json::from_str(tokens.get()).ok());
    Ok(Posted { items: collection.value, validation_tokens: tokens.unwrap_or_default() })
}

/// The notification, if it is one, of our tenant, and made for a subscription of ours. One that is
/// not is dropped, and its neighbours stay.
async fn genuine(inbox: &Inbox, item: &RawValue) -> Result<Option<ChangeNotification>, Refused> {
    if item.get().len() > MAX_ITEM_BYTES {
        error!(size_bytes = item.get().len(), "an item is dropped: it is larger than any of Graph's");
        return Ok(None);
    }
    let Ok(notification) = serde_json::from_str::<ChangeNotification>(item.get()) else {
        warn!("an item is dropped: it is no change notification");
        return Ok(None);
    };
    if !notification.is_of(&inbox.tenant_id) {
        warn!("an item is dropped: it is of another tenant");
        return Ok(None);
    }
    let client_state = notification.client_state.as_deref().unwrap_or_default();
    if !inbox.keys.genuine(client_state, &inbox.tenant_id).await? {
        warn!("an item is dropped: its clientState is not ours");
        return Ok(None);
    }
    Ok(Some(notification))
}
