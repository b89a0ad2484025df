//! What travels to `subscriptions`.

use serde::{Deserialize, Serialize};

use super::Job;
use crate::graph::VirtualEventKind;

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

impl Job for SubscriptionsJob {}

impl SubscriptionsJob {
    /// The kind of job, for log lines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Lifecycle { .. } => "lifecycle",
            Self::EventCreated { .. } => "event created",
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

/// What Rollcall subscribes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WatchedResource {
    /// Every call of the tenant that ends.
    CallRecords,
    /// Every webinar and town hall of the tenant that is made.
    VirtualEvents,
    /// The reports of a webinar or town hall.
    Reports {
        /// Which of the two.
        kind: VirtualEventKind,
        /// Its id.
        event_id: String,
    },
    /// The calls of one meeting, as they end: told within seconds, in encrypted notifications.
    MeetingCalls {
        /// The object id of the user who organized the meeting.
        organizer_id: String,
        /// The meeting's address as Graph wrote it.
        join_web_url: String,
    },
}
