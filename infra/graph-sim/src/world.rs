//! The state of the simulated tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::ReportSource;

use crate::event::{EventDetails, SessionDetails, SimEvent};
use crate::faults::Faults;
use crate::manners::Manner;
use crate::meeting::{Meeting, MeetingDetails};
use crate::registration::SimRegistration;
use crate::reports::Reports;
use crate::requests::Asked;
use crate::sign_in::SignIns;
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
    /// What Graph says of them, by their ids.
    pub(crate) meeting_details: BTreeMap<String, MeetingDetails>,
    pub(crate) calls: Vec<Call>,
    /// The calls of whose records there is a later version, once for each.
    pub(crate) changed_calls: Vec<String>,
    pub(crate) reports: Reports,
    pub(crate) events: Vec<SimEvent>,
    /// What Graph says of them, by their ids.
    pub(crate) event_details: BTreeMap<String, EventDetails>,
    /// What Graph says of their sessions, by the ids of event and session.
    pub(crate) session_details: BTreeMap<(String, String), SessionDetails>,
    /// The registrations for them, in order, each with the id of its event.
    pub(crate) registrations: Vec<(String, SimRegistration)>,
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
    /// The people who sign in.
    pub(crate) sign_ins: SignIns,
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

    /// A meeting as Graph shows it, in the answer to a filter and by its id.
    pub(crate) fn meeting_json(&self, meeting: &Meeting) -> String {
        let upn = self.principal_name(&meeting.organizer_id, "@contoso.com");
        let mut shown = meeting.clone();
        if self.has(Manner::IdsInCapitals) {
            shown.organizer_id = shown.organizer_id.to_uppercase();
        }
        let details = self.meeting_details.get(&meeting.meeting_id);
        shown.json(details, &upn, self.has(Manner::OddMembers))
    }

    /// A webinar or town hall as a list of them shows it.
    pub(crate) fn listed_event_json(&self, event: &SimEvent) -> String {
        let details = self.event_details.get(&event.id).cloned().unwrap_or_default();
        event.json(&details, self.has(Manner::OddMembers))
    }

    /// A webinar or town hall as Graph gives it by its id.
    pub(crate) fn event_json(&self, event: &SimEvent) -> String {
        let json = self.listed_event_json(event);
        match event.kind == "webinars" && !self.has(Manner::WebinarsAreUnwrapped) {
            true => wrapped(&json),
            false => json,
        }
    }

    /// A session as the list of an event's sessions shows it.
    pub(crate) fn listed_session_json(&self, event: &SimEvent, id: &str) -> String {
        event.listed_session(id, &self.details_of_session(event, id), self.has(Manner::OddMembers))
    }

    /// A session as Graph gives it by its id.
    pub(crate) fn session_json(&self, event: &SimEvent, id: &str) -> String {
        wrapped(&event.session(id, &self.details_of_session(event, id), self.has(Manner::OddMembers)))
    }

    fn details_of_session(&self, event: &SimEvent, id: &str) -> SessionDetails {
        self.session_details.get(&(event.id.clone(), id.to_owned())).cloned().unwrap_or_default()
    }

    /// The registrations for an event, as Graph shows them, each with its id.
    pub(crate) fn registrations_json(&self, event_id: &str) -> Vec<(&str, String)> {
        let of_event = self.registrations.iter().filter(|(id, _)| id == event_id);
        let json = |registration: &SimRegistration| registration.json(self.has(Manner::OddMembers));
        of_event.map(|(_, registration)| (registration.id.as_str(), json(registration))).collect()
    }

    /// The newest report of a meeting as the deprecated path gives it: `None` while there is none.
    pub(crate) fn newest_report_json(
        &self,
        source: &ReportSource,
        has_records: bool,
        now: Timestamp,
    ) -> Option<String> {
        let reports = self.reports.of(source).filter(|report| report.is_there(now));
        let newest = reports.max_by_key(|report| report.start)?;
        Some(newest.deprecated(has_records, self.has(Manner::OddMembers), now))
    }

    /// The user principal name of a user: the one that was given, or one made of the id.
    pub(crate) fn principal_name(&self, id: &str, domain: &str) -> String {
        let given = self.principal_names.iter().find(|(_, of)| of == id);
        given.map_or_else(|| format!("{id}{domain}"), |(name, _)| name.clone())
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

/// An answer inside `value`, though it is one object and no list.
fn wrapped(json: &str) -> String {
    format!("{{\"value\":{json}}}")
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
