//! Webinars and town halls, their sessions, and what they are called.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::people::name;
use crate::tenant::TENANT_ID;
use crate::titles::{title_json, with_member};

/// An event and its session last so long, unless a test says when the event begins.
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// What Graph shows of a session and this tenant has not set.
const NOT_SET: [&str; 18] = [
    "isBroadcast",
    "broadcastSettings",
    "audioConferencing",
    "videoTeleconferenceId",
    "externalId",
    "joinMeetingIdSettings",
    "lobbyBypassSettings",
    "isEntryExitAnnounced",
    "allowedPresenters",
    "allowAttendeeToEnableMic",
    "allowAttendeeToEnableCamera",
    "allowMeetingChat",
    "shareMeetingChatHistoryDefault",
    "allowTeamworkReactions",
    "recordAutomatically",
    "watermarkProtection",
    "allowParticipantsToChangeName",
    "chatInfo",
];

/// A webinar or town hall, and its sessions.
#[derive(Debug, Clone)]
pub struct SimEvent {
    /// The segment of its path: `webinars` or `townhalls`.
    pub kind: &'static str,
    /// The id of the event.
    pub id: String,
    /// The object id of the user who organizes it.
    pub organizer_id: String,
    /// The ids of its sessions, in order.
    pub session_ids: Vec<String>,
    /// When it is planned to end.
    pub end: Timestamp,
}

/// What Graph says of a webinar or town hall beside its ids and its end.
#[derive(Debug, Clone)]
pub struct EventDetails {
    /// Its title; `None` where Graph has none (null).
    pub title: Option<String>,
    /// The name of the user who organizes it; `None` where Graph does not say (null).
    pub organizer_name: Option<String>,
    /// When it is planned to begin; `None` for an hour before its end.
    pub start: Option<Timestamp>,
    /// The zone that its plan is written in, as Graph writes it: Windows's name of it, or what no clock knows, as `PacificSt`.
    pub time_zone: String,
    /// How far that zone's clocks are ahead of UTC.
    pub utc_offset: SignedDuration,
}

impl Default for EventDetails {
    fn default() -> Self {
        Self {
            title: Some("An event".to_owned()),
            organizer_name: None,
            start: None,
            time_zone: "UTC".to_owned(),
            utc_offset: SignedDuration::ZERO,
        }
    }
}

/// What Graph says of a session beside its id.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionDetails {
    /// Its title; `None` where Graph has none (null).
    pub(crate) subject: Option<String>,
    /// When it is planned to begin and to end; `None` for the last hour of its event.
    pub(crate) planned: Option<(Timestamp, Timestamp)>,
}

impl SimEvent {
    /// As lists show it, in the shape of the samples at
    /// <https://learn.microsoft.com/graph/api/virtualeventwebinar-get> and
    /// <https://learn.microsoft.com/graph/api/virtualeventtownhall-get>. What is odd is half an emoji in the title, and
    /// a plan that holds a null, as a draft's.
    pub(crate) fn json(&self, details: &EventDetails, is_odd: bool) -> String {
        let date_time = |time: Timestamp| {
            let local = (time + details.utc_offset).to_string();
            json!({"dateTime": local.trim_end_matches('Z'), "timeZone": details.time_zone})
        };
        let mut members = self.members(details);
        members["startDateTime"] = match is_odd {
            true => json!({"dateTime": null, "timeZone": details.time_zone}),
            false => date_time(details.start.unwrap_or(self.end - AN_HOUR)),
        };
        members["endDateTime"] = date_time(self.end);
        with_member("displayName", &title_json(details.title.as_deref(), is_odd), &members)
    }

    fn members(&self, details: &EventDetails) -> Value {
        let person = |id: &str, name: Option<&str>| {
            json!({
                "@odata.type": "#microsoft.graph.communicationsUserIdentity",
                "id": id,
                "displayName": name,
                "tenantId": TENANT_ID,
            })
        };
        let user = person(&self.organizer_id, details.organizer_name.as_deref());
        let co_organizer = person("c0c0c0c0-0000-4000-8000-0000c0205050", Some(&name(8)));
        let mut members = json!({
            "id": self.id,
            "status": "published",
            "createdBy": {"application": null, "device": null, "user": user},
            "audience": "everyone",
            "coOrganizers": [co_organizer],
            "settings": {"isAttendeeEmailNotificationEnabled": false},
            "externalEventInformation": [{"applicationId": "a0a0a0a0-0000-4000-8000-0000c0205050", "externalEventId": "e-1"}],
        });
        if self.kind == "webinars" {
            members["@odata.type"] = json!("#microsoft.graph.virtualEventWebinar");
            members["description"] = json!("What we have learned.");
        } else {
            members["@odata.type"] = json!("#microsoft.graph.virtualEventTownhall");
            members["description"] =
                json!({"content": "<p>What we have learned.</p>", "contentType": "html"});
            members["isInviteOnly"] = json!(false);
            members["invitedAttendees"] = json!([]);
        }
        members
    }

    /// A session as the list shows it: a summary.
    pub(crate) fn listed_session(&self, id: &str, details: &SessionDetails, is_odd: bool) -> String {
        let subject = title_json(details.subject.as_deref(), is_odd);
        with_member("subject", &subject, &self.session_members(id, details))
    }

    /// The same session, as GET shows it before it is put into `value`, in the shape of the sample at
    /// <https://learn.microsoft.com/graph/api/virtualeventsession-get>.
    pub(crate) fn session(&self, id: &str, details: &SessionDetails, is_odd: bool) -> String {
        let mut members = self.session_members(id, details);
        members["participants"] = json!({"@odata.type": "microsoft.graph.meetingParticipants"});
        members["chatInfo"] =
            json!({"threadId": format!("19:{id}@thread.v2"), "messageId": "0", "replyChainMessageId": null});
        with_member("subject", &title_json(details.subject.as_deref(), is_odd), &members)
    }

    /// Its start is a text, as in the samples, and its end an object, as in the schema: both are read.
    fn session_members(&self, id: &str, details: &SessionDetails) -> Value {
        let (start, end) = details.planned.unwrap_or((self.end - AN_HOUR, self.end));
        let mut members = json!({
            "@odata.type": "#microsoft.graph.virtualEventSession",
            "id": id,
            "startDateTime": start.to_string(),
            "endDateTime": {"dateTime": end.to_string().trim_end_matches('Z'), "timeZone": "UTC"},
            "joinWebUrl": format!("https://teams.microsoft.com/l/meetup-join/19%3a{id}%40thread.v2/0"),
            "capabilities": [],
        });
        for name in NOT_SET {
            members[name] = Value::Null;
        }
        members
    }
}
