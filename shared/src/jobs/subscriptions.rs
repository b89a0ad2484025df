//! What travels to `subscriptions`.

use serde::{Deserialize, Serialize};

use super::Job;
use crate::model::VirtualEventKind;

/// Something that `subscriptions` must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SubscriptionsJob {
    /// Graph says something about one of the subscriptions.
    Lifecycle {
        /// The subscription's id.
        subscription_id: String,
        /// What it says.
        event: LifecycleEvent,
    },
    /// There is a new webinar or town hall.
    EventCreated {
        /// Which of the two.
        kind: VirtualEventKind,
        /// Its id.
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

/// What Graph says about a subscription.
/// <https://learn.microsoft.com/graph/change-notifications-lifecycle-events>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LifecycleEvent {
    /// It must be renewed, or its notifications stop.
    ReauthorizationRequired,
    /// It is gone.
    SubscriptionRemoved,
    /// Notifications were lost.
    Missed,
}
