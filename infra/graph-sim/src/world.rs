//! The state of the simulated tenant.

use std::collections::BTreeSet;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::ReportSource;

use crate::faults::Faults;
use crate::manners::Manner;
use crate::people::attendance_record;
use crate::requests::Asked;
use crate::subscription::Subscription;
use crate::tenant::{CLIENT_ID, TENANT_ID};

/// The permissions that the application has unless a test sets others.
const ROLES: [&str; 7] = [
    "OnlineMeetingArtifact.Read.All",
    "OnlineMeetings.Read.All",
    "CallRecords.Read.All",
    "VirtualEvent.Read.All",
    "Calendars.Read",
    "User.ReadBasic.All",
    "Application.Read.All",
];

/// The whole state: what the tenant has, what was given out, and what fails next.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) meetings: Vec<Meeting>,
    pub(crate) calls: Vec<Call>,
    /// The calls of whose records there is a later version, once for each.
    pub(crate) changed_calls: Vec<String>,
    pub(crate) reports: Vec<SimReport>,
    pub(crate) events: Vec<SimEvent>,
    pub(crate) calendar: Vec<CalendarEntry>,
    pub(crate) users: Vec<String>,
    /// The users of other tenants who are guests here.
    pub(crate) guests: Vec<String>,
    /// User principal names and the ids of their users.
    pub(crate) principal_names: Vec<(String, String)>,
    /// Groups and their users.
    pub(crate) members: Vec<(String, String)>,
    /// The client assertions that tokens were requested with.
    pub(crate) assertions: Vec<String>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) subscriptions_made: usize,
    pub(crate) faults: Faults,
    pub(crate) page_size: Option<usize>,
    /// Parts of paths, and how long the answer to a request for such a path takes.
    pub(crate) slow: Vec<(String, Duration)>,
    pub(crate) manners: BTreeSet<Manner>,
    /// The lists whose page token has expired once.
    pub(crate) expired_lists: BTreeSet<String>,
    pub(crate) client_secret: Option<String>,
    /// How many tokens were given out.
    pub(crate) tokens: usize,
    /// How many of them, from the first on, are revoked.
    pub(crate) tokens_from: usize,
    pub(crate) requests: Vec<String>,
    /// How often the key that signs tokens was rotated.
    pub(crate) signing_key: usize,
    /// The permissions that tokens carry; `None` for all of [`ROLES`].
    pub(crate) roles: Option<Vec<String>>,
    /// When the application's secret expires; `None` without a secret.
    pub(crate) secret_end: Option<Timestamp>,
    /// How far the token service's clock is ahead.
    pub(crate) skew: SignedDuration,
}

impl World {
    /// A new token, with the application's permissions in its claims.
    pub(crate) fn new_token(&mut self) -> String {
        self.tokens += 1;
        let roles = self.roles.clone().unwrap_or_else(|| ROLES.map(str::to_owned).to_vec());
        let claims = json!({"tid": TENANT_ID, "appid": CLIENT_ID, "roles": roles}).to_string();
        format!("e30.{}.simulated-token-{}", BASE64URL_NOPAD.encode(claims.as_bytes()), self.tokens)
    }

    /// The record of a call, `json` in its first version, in the version that it has now.
    pub(crate) fn in_version(&self, call: &Call, json: String) -> String {
        let changes = self.changed_calls.iter().filter(|changed| **changed == call.id).count();
        json.replacen("\"version\":1", &format!("\"version\":{}", 1 + changes), 1)
    }

    pub(crate) fn has(&self, manner: Manner) -> bool {
        self.manners.contains(&manner)
    }

    /// Whether a user of the tenant has this id, however its letters are written.
    pub(crate) fn has_user(&self, id: &str) -> bool {
        self.users.iter().any(|user| user.eq_ignore_ascii_case(id))
    }

    pub(crate) fn is_authorized(&self, asked: &Asked) -> bool {
        let signature = asked.bearer.as_deref().and_then(|token| token.rsplit('.').next());
        let number = signature.and_then(|token| token.strip_prefix("simulated-token-"));
        let number = number.and_then(|number| number.parse::<usize>().ok());
        number.is_some_and(|number| number > self.tokens_from && number <= self.tokens)
    }
}

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

    /// As Graph shows it, with `subject` as its raw JSON.
    pub(crate) fn json(&self, subject: &str) -> String {
        let members = json!({
            "id": self.meeting_id,
            "joinWebUrl": self.join_web_url,
            "startDateTime": "2026-02-01T10:00:00Z",
            "endDateTime": "2026-02-01T11:00:00Z",
            "joinMeetingIdSettings": {"joinMeetingId": self.join_meeting_id(), "isPasscodeRequired": false, "passcode": null},
        });
        format!("{{\"subject\":{subject},{}", &members.to_string()[1..])
    }
}

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

impl SimEvent {
    /// As Graph shows it; a draft's plan may hold a null.
    pub(crate) fn json(&self, has_plan: bool) -> String {
        let date_time = has_plan.then_some("2026-02-01T10:00:00");
        json!({
            "id": self.id,
            "status": "published",
            "displayName": "An event",
            "startDateTime": {"dateTime": date_time, "timeZone": "UTC"},
            "endDateTime": {"dateTime": self.end.to_string().trim_end_matches('Z'), "timeZone": "UTC"},
            "createdBy": {"application": null, "device": null, "user": {"id": self.organizer_id, "displayName": null}},
        })
        .to_string()
    }
}

/// An event in a user's calendar.
#[derive(Debug, Clone)]
pub struct CalendarEntry {
    /// The object id of the user whose calendar it is.
    pub user_id: String,
    /// Whether that user organizes it.
    pub is_organizer: bool,
    /// When the event begins.
    pub start: Timestamp,
    /// The join address of its online meeting; `None` where it has none.
    pub join_web_url: Option<String>,
}

/// A call record: of a meeting that took place, or of a call between two people.
#[derive(Debug, Clone)]
pub struct Call {
    /// The id of the call record.
    pub id: String,
    /// The join address of its meeting; `None` for a call between two people.
    pub join_web_url: Option<String>,
    /// The object id of the user who organized it, and that user's tenant; `None` where Graph does not say.
    pub organizer: Option<(String, String)>,
    /// When the call began. Graph keeps the record for 30 days from then.
    pub start: Timestamp,
    /// When the call ended.
    pub end: Timestamp,
}

impl Call {
    /// As Graph shows it, with or without the user who organized it.
    pub(crate) fn json(&self, names_organizer: bool) -> String {
        let organizer = self.organizer.as_ref().filter(|_| names_organizer);
        let user = organizer.map(|(id, tenant)| json!({"id": id, "tenantId": tenant, "displayName": null}));
        json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#communications/callRecords/$entity",
            "id": self.id,
            "version": 1,
            "type": if self.join_web_url.is_some() { "groupCall" } else { "peerToPeer" },
            "modalities": ["audio"],
            "startDateTime": self.start.to_string(),
            "endDateTime": self.end.to_string(),
            "joinWebUrl": self.join_web_url,
            "organizer_v2": {"id": organizer.map(|(id, _)| id), "identity": {"user": user}},
        })
        .to_string()
    }

    /// As the list shows a call of which it tells next to nothing.
    pub(crate) fn unknown(&self) -> String {
        json!({"id": self.id, "version": 1, "type": "unknown", "startDateTime": self.start.to_string()})
            .to_string()
    }

    /// The call with the users who took part: a guest of another tenant, and the organizer.
    pub(crate) fn with_participants(&self, names_organizer: bool) -> String {
        let guest = json!({"identity": {"user": {"id": "a-guest", "tenantId": "another-tenant"}}});
        let user = self.organizer.as_ref().map(|(id, tenant)| json!({"id": id, "tenantId": tenant}));
        let participants = json!([guest, {"identity": {"user": user}}]);
        let call = self.json(names_organizer);
        format!("{},\"participants_v2\":{participants}}}", &call[..call.len() - 1])
    }
}

/// An attendance report, and from when on it is served.
#[derive(Debug, Clone)]
pub struct SimReport {
    /// The meeting or session that it is of.
    pub source: ReportSource,
    /// The id of the report.
    pub id: String,
    /// From when on Graph lists and serves it.
    pub ready_at: Timestamp,
    /// When the session began.
    pub start: Timestamp,
    /// When the session ended; `None` while it goes on.
    pub end: Option<Timestamp>,
    /// The attendance records, each a JSON object.
    pub records: Vec<String>,
    /// A body that is served instead of all this, as it is; `None` for the report itself.
    pub raw: Option<String>,
    /// Until when only so many of its records are served, though all participants are counted.
    pub short_until: Option<(Timestamp, usize)>,
}

impl SimReport {
    /// The report of a session that has ended, ready at its end, with the records of `attendees` people.
    pub fn ended(source: ReportSource, id: &str, attendees: usize, start: Timestamp, end: Timestamp) -> Self {
        let records = (0..attendees).map(|number| attendance_record(number, start, end)).collect();
        Self {
            source,
            id: id.to_owned(),
            ready_at: end,
            start,
            end: Some(end),
            records,
            raw: None,
            short_until: None,
        }
    }

    /// The records that are served at `now`.
    pub(crate) fn served_records(&self, now: Timestamp) -> &[String] {
        match self.short_until {
            Some((until, served)) if now < until => &self.records[..served.min(self.records.len())],
            _ => &self.records,
        }
    }

    /// Whether Graph serves it at `now`: from when it is ready until a year after its session began.
    pub fn is_there(&self, now: Timestamp) -> bool {
        self.ready_at <= now && now.duration_since(self.start) < SignedDuration::from_hours(365 * 24)
    }

    /// The report with all its records, as Graph serves it where it fits on one page.
    pub fn whole(&self) -> String {
        self.raw.clone().unwrap_or_else(|| self.page(&self.records, None))
    }

    /// The report with some of its records, and the link to the page with the others.
    pub(crate) fn page(&self, records: &[String], next_link: Option<&str>) -> String {
        let next = next_link.map(|link| format!(",\"attendanceRecords@odata.nextLink\":{}", json!(link)));
        format!(
            "{{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#attendanceReports/$entity\",{},\"attendanceRecords\":[{}]{}}}",
            self.members(),
            records.join(","),
            next.unwrap_or_default(),
        )
    }

    /// The report as a list shows it, with its records: all that Graph gives of a channel's report.
    pub fn listed_with_records(&self) -> String {
        format!("{{{},\"attendanceRecords\":[{}]}}", self.members(), self.records.join(","))
    }

    /// The report as a list shows it; where members are odd, its count is no whole number's text.
    pub(crate) fn listed(&self, has_odd_members: bool) -> String {
        let listed = format!("{{{},\"attendanceRecords\":[]}}", self.members());
        let count = format!("\"totalParticipantCount\":{}", self.records.len());
        if !has_odd_members {
            return listed;
        }
        listed.replace(&count, &format!("{count}.0,\"externalEventInformation\":\"odd\""))
    }

    fn members(&self) -> String {
        format!(
            "\"id\":{},\"totalParticipantCount\":{},\"meetingStartDateTime\":\"{}\",\"meetingEndDateTime\":{}",
            json!(self.id),
            self.records.len(),
            self.start,
            json!(self.end.map(|end| end.to_string())),
        )
    }
}
