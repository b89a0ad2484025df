//! What Rollcall subscribes to, as a subscription names it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{VirtualEventKind, encode_segment};

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

impl WatchedResource {
    /// The resource as a subscription names it.
    pub fn path(&self) -> String {
        match self {
            Self::CallRecords => "communications/callRecords".to_owned(),
            Self::VirtualEvents => "solutions/virtualEvents/events".to_owned(),
            Self::Reports { kind, event_id } => {
                format!("solutions/virtualEvents/{}/{event_id}/getAttendanceReports", kind.segment())
            }
            // The address is percent-encoded once more, as a whole.
            Self::MeetingCalls { join_web_url, .. } => {
                let address = encode_segment(join_web_url);
                format!("communications/onlineMeetings(joinWebUrl='{address}')/meetingCallEvents")
            }
        }
    }

    /// Whether a subscription to `resource` is one to this: Graph may write it in other letters.
    pub fn is(&self, resource: &str) -> bool {
        resource_key(&self.path()) == resource_key(resource)
    }

    /// Which changes are told.
    pub fn change_type(&self) -> &'static str {
        if self.is_encrypted() { "updated" } else { "created" }
    }

    /// Whether its notifications bring data, and so are encrypted. Such subscriptions exist in beta
    /// only.
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Self::MeetingCalls { .. })
    }

    /// How long a subscription to it may live, with some minutes of margin: clocks differ.
    /// <https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime>
    pub fn longest_life(&self) -> SignedDuration {
        match self {
            // Of a meeting's calls the pages say 4320 minutes, too.
            Self::CallRecords | Self::MeetingCalls { .. } => SignedDuration::from_mins(4_230 - 20),
            Self::VirtualEvents | Self::Reports { .. } => SignedDuration::from_mins(1_440 - 20),
        }
    }
}

/// What two ways to write one resource have in common: Graph may write it in other letters.
pub fn resource_key(resource: &str) -> String {
    resource.trim_matches('/').to_ascii_lowercase()
}
