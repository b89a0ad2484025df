//! The resources that Rollcall subscribes to, and the limits of their subscriptions.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{VirtualEventKind, encode_segment};

/// A resource that Rollcall subscribes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WatchedResource {
    /// Every call of the tenant that ends: one subscription for the tenant.
    CallRecords,
    /// Every webinar and town hall that is created in the tenant: one subscription for the tenant.
    VirtualEvents,
    /// The reports of one webinar or town hall.
    Reports {
        /// Whether the event is a webinar or a town hall.
        kind: VirtualEventKind,
        /// The webinar's or town hall's id.
        event_id: String,
    },
    /// Who registers for a webinar, or changes a registration.
    Registrations {
        /// The id of the webinar, `{guid}@{tenant}`.
        event_id: String,
    },
    /// The calls of one meeting, as they end: Graph notifies within seconds, encrypted (beta).
    MeetingCalls {
        /// The object id of the user who organized the meeting.
        organizer_id: String,
        /// The meeting's join URL as Graph wrote it.
        join_web_url: String,
    },
}

/// The kinds of resources that Rollcall subscribes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// The calls of the tenant ([`WatchedResource::CallRecords`]).
    CallRecords,
    /// The tenant's webinars and town halls ([`WatchedResource::VirtualEvents`]).
    VirtualEvents,
    /// The reports of a webinar or town hall ([`WatchedResource::Reports`]).
    Reports,
    /// The registrations for a webinar ([`WatchedResource::Registrations`]).
    Registrations,
    /// The calls of one meeting ([`WatchedResource::MeetingCalls`]).
    MeetingCalls,
}

impl ResourceKind {
    /// Every kind of resource, in no particular order.
    pub const ALL: [Self; 5] =
        [Self::CallRecords, Self::VirtualEvents, Self::Reports, Self::Registrations, Self::MeetingCalls];

    /// Its name in a `clientState`: a contract with the subscriptions that exist.
    pub fn name(self) -> &'static str {
        match self {
            Self::CallRecords => "calls",
            Self::VirtualEvents => "events",
            Self::Reports => "reports",
            Self::Registrations => "registrations",
            Self::MeetingCalls => "meeting",
        }
    }

    /// The kind with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl WatchedResource {
    /// Which kind of resource it is: what its `clientState` is bound to.
    pub fn kind(&self) -> ResourceKind {
        match self {
            Self::CallRecords => ResourceKind::CallRecords,
            Self::VirtualEvents => ResourceKind::VirtualEvents,
            Self::Reports { .. } => ResourceKind::Reports,
            Self::Registrations { .. } => ResourceKind::Registrations,
            Self::MeetingCalls { .. } => ResourceKind::MeetingCalls,
        }
    }

    /// The `resource` of a subscription to it, without a leading slash.
    pub fn path(&self) -> String {
        match self {
            Self::CallRecords => "communications/callRecords".to_owned(),
            Self::VirtualEvents => "solutions/virtualEvents/events".to_owned(),
            Self::Reports { kind, event_id } => {
                format!("solutions/virtualEvents/{}/{event_id}/getAttendanceReports", kind.segment())
            }
            Self::Registrations { event_id } => {
                format!("solutions/virtualEvents/webinars/{event_id}/registrations")
            }
            // The address is percent-encoded once more, as a whole.
            Self::MeetingCalls { join_web_url, .. } => {
                let address = encode_segment(join_web_url);
                format!("communications/onlineMeetings(joinWebUrl='{address}')/meetingCallEvents")
            }
        }
    }

    /// Whether a subscription's `resource` names this one: upper and lower case and outer slashes count for
    /// nothing.
    pub fn is(&self, resource: &str) -> bool {
        resource_key(&self.path()) == resource_key(resource)
    }

    /// The `changeType` of a subscription to it.
    pub fn change_type(&self) -> &'static str {
        match self {
            Self::CallRecords | Self::VirtualEvents | Self::Reports { .. } => "created",
            Self::Registrations { .. } => "created,updated",
            Self::MeetingCalls { .. } => "updated",
        }
    }

    /// Whether its notifications carry resource data, and so are encrypted. Such subscriptions exist in
    /// beta only.
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Self::MeetingCalls { .. })
    }

    /// How long a subscription to it may live, with some minutes of margin: clocks differ.
    /// <https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime>
    pub fn longest_life(&self) -> SignedDuration {
        match self {
            // For a meeting's calls some pages say 4320 minutes.
            Self::CallRecords | Self::MeetingCalls { .. } => SignedDuration::from_mins(4_230 - 20),
            Self::VirtualEvents | Self::Reports { .. } | Self::Registrations { .. } => {
                SignedDuration::from_mins(1_440 - 20)
            }
        }
    }
}

/// A subscription's `resource` in lower case and without outer slashes, for comparison: Graph may return it
/// in another letter case.
pub fn resource_key(resource: &str) -> String {
    resource.trim_matches('/').to_ascii_lowercase()
}
