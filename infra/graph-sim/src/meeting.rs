//! Online meetings, and what they are called.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::model::ReportSource;

use crate::tenant::TENANT_ID;
use crate::titles::{title_json, with_member};

/// When a meeting is planned for that no test plans.
const PLANNED: [&str; 2] = ["2026-02-01T10:00:00Z", "2026-02-01T11:00:00Z"];
/// The plan of a channel's meeting, as people have seen it.
/// <https://github.com/microsoftgraph/microsoft-graph-docs/issues/16874>
const PLANNED_IN_CHANNEL: [&str; 2] = ["0001-01-01T00:00:00Z"; 2];

/// An online meeting, as Graph has it.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// The object id of the user who organized it.
    pub organizer_id: String,
    /// The id of the online meeting.
    pub meeting_id: String,
    /// The address at which people join it. One with `thread.tacv2` is a channel's.
    pub join_web_url: String,
}

/// What Graph says of a meeting beside its ids.
#[derive(Debug, Clone, Default)]
pub struct MeetingDetails {
    /// Its title; `None` where Graph has none (null).
    pub subject: Option<String>,
    /// When it is planned to begin, and to end; `None` for some hour in February 2026.
    pub planned: Option<(Timestamp, Timestamp)>,
}

impl Meeting {
    /// The source of its reports: a meeting, or a channel meeting.
    pub fn source(&self) -> ReportSource {
        ReportSource::meeting(&self.organizer_id, &self.meeting_id, Some(&self.join_web_url))
    }

    /// The number that people type to join it: the one in a short join URL, else one made of the id.
    pub fn join_meeting_id(&self) -> String {
        if let Some((_, number)) = self.join_web_url.split_once("/meet/") {
            return number.chars().take_while(char::is_ascii_digit).collect();
        }
        let hash = self.meeting_id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("{:012}", hash % 1_000_000_000_000)
    }

    /// The thread of its channel; `None` where it is in none.
    pub(crate) fn channel(&self) -> Option<&str> {
        self.join_web_url.split_once("thread.tacv2").map(|(thread, _)| thread)
    }

    /// As Graph shows it, in the shape of the samples at
    /// <https://learn.microsoft.com/graph/api/onlinemeeting-get>: the organizer's name is null there. A channel's
    /// meeting without details is called "None".
    pub(crate) fn json(&self, details: Option<&MeetingDetails>, upn: &str, is_odd: bool) -> String {
        let is_in_channel = self.channel().is_some();
        let subject = match details {
            Some(details) => details.subject.as_deref(),
            None => is_in_channel.then_some("None"),
        };
        let planned = match details.and_then(|details| details.planned) {
            Some((start, end)) => [start.to_string(), end.to_string()],
            None if is_in_channel => PLANNED_IN_CHANNEL.map(str::to_owned),
            None => PLANNED.map(str::to_owned),
        };
        with_member("subject", &title_json(subject, is_odd), &self.members(&planned, upn))
    }

    fn members(&self, [start, end]: &[String; 2], upn: &str) -> Value {
        let user = json!({
            "id": self.organizer_id,
            "displayName": null,
            "tenantId": TENANT_ID,
            "identityProvider": "AAD",
        });
        json!({
            "id": self.meeting_id,
            "creationDateTime": "2026-01-15T09:30:00.1594516Z",
            "startDateTime": start,
            "endDateTime": end,
            "joinWebUrl": self.join_web_url,
            "isEntryExitAnnounced": true,
            "allowedPresenters": "everyone",
            "videoTeleconferenceId": null,
            "participants": {
                "organizer": {"upn": upn, "role": "presenter", "identity": {"user": user}},
                "attendees": [],
                "producers": [],
                "contributors": [],
            },
            "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": false},
            "joinMeetingIdSettings": {"joinMeetingId": self.join_meeting_id(), "isPasscodeRequired": false, "passcode": null},
        })
    }
}
