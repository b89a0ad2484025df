//! The jobs of `subscriptions`: lifecycle notifications and new events.

use serde::{Deserialize, Serialize};

use super::Job;
use crate::model::VirtualEventKind;

/// An event after which `subscriptions` must look at a subscription or create one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SubscriptionsJob {
    /// Graph sent a lifecycle notification about one of the subscriptions.
    Lifecycle {
        /// The subscription's id in Graph.
        subscription_id: String,
        /// The lifecycle event that Graph notifies of.
        event: LifecycleEvent,
    },
    /// Somebody created a webinar or town hall.
    EventCreated {
        /// Whether the event is a webinar or a town hall.
        kind: VirtualEventKind,
        /// The webinar's or town hall's id.
        event_id: String,
    },
}

impl Job for SubscriptionsJob {
    fn kind(&self) -> &'static str {
        match self {
            Self::Lifecycle { .. } => "lifecycle",
            Self::EventCreated { .. } => "event created",
        }
    }

    fn target(&self) -> String {
        match self {
            Self::Lifecycle { subscription_id, .. } => format!("subscriptions/{subscription_id}"),
            Self::EventCreated { kind, event_id } => {
                format!("solutions/virtualEvents/{}/{event_id}", kind.segment())
            }
        }
    }
}

/// The `lifecycleEvent` of a lifecycle notification.
/// <https://learn.microsoft.com/graph/change-notifications-lifecycle-events>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LifecycleEvent {
    /// The subscription must be renewed, or its notifications stop.
    ReauthorizationRequired,
    /// Graph removed the subscription: it must be created again.
    SubscriptionRemoved,
    /// Graph did not deliver some notifications: their window must be looked through again.
    Missed,
}
