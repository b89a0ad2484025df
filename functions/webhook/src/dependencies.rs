//! What `webhook` works with.

use std::sync::Arc;

use shared::ports::queue::Queue;

use crate::keys::ClientStateKeys;

/// What `webhook` works with: made for the first notification; the handshake needs nothing of it.
pub struct Dependencies {
    /// The tenant whose notifications are taken.
    pub tenant_id: String,
    /// The keys behind `clientState`, by which a genuine notification is known.
    pub keys: ClientStateKeys,
    /// The queue of `fetch`, for calls, reports and encrypted notifications.
    pub fetch_queue: Arc<dyn Queue>,
    /// The queue of `subscriptions`, for what Graph says of a subscription, and for new events.
    pub subscriptions_queue: Arc<dyn Queue>,
    /// The dead-letter queue of `fetch`, for genuine notifications that no route exists for.
    pub dead_letters: Arc<dyn Queue>,
}
