//! What `subscriptions` works with.

use std::sync::Arc;

use shared::graph::GraphClient;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;
use shared::ports::secrets::Secrets;

/// What `subscriptions` works with: one for each execution environment.
pub struct Dependencies {
    /// The tenant that is watched.
    pub tenant_id: String,
    /// Microsoft Graph, as the application sees it.
    pub graph: GraphClient,
    /// The secrets: the key behind `clientState`, and the certificate for encrypted notifications.
    pub secrets: Arc<dyn Secrets>,
    /// The id of that key among the secrets.
    pub key_secret_id: String,
    /// The id of the certificate for encrypted notifications among the secrets; `None` where there is none.
    pub notification_key_secret_id: Option<String>,
    /// The public address of `webhook`; `/notifications` and `/lifecycle` lie below it.
    pub notification_url: String,
    /// `WATCH`: which resources to subscribe to.
    pub watch: Watch,
    /// The queue of `backfill`, for unsubscribed windows.
    pub backfill_queue: Arc<dyn Queue>,
    /// The queue of `subscriptions` itself, for a message that is put off.
    pub subscriptions_queue: Arc<dyn Queue>,
    /// The dead-letter queue, where messages go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// The clock that lifetimes and deadlines are measured with.
    pub clock: Arc<dyn Clock>,
}
