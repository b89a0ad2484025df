//! What there is in the simulated tenant.

use jiff::Timestamp;
use serde_json::json;
use shared::report_ref::ReportSource;

use crate::faults::Faults;
use crate::requests::Asked;
use crate::subscriptions::Subscription;

/// Everything.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) meetings: Vec<Meeting>,
    pub(crate) calls: Vec<Call>,
    pub(crate) reports: Vec<SimReport>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) faults: Faults,
    pub(crate) page_size: Option<usize>,
    pub(crate) client_secret: Option<String>,
    /// How many tokens were given out; the first that still counts.
    pub(crate) tokens: usize,
    pub(crate) tokens_from: usize,
    pub(crate) requests: Vec<String>,
}

impl World {
    /// A new token.
    pub(crate) fn new_token(&mut self) -> String {
        self.tokens += 1;
        format!("simulated-token-{}", self.tokens)
    }

    pub(crate) fn is_authorized(&self, asked: &Asked) -> bool {
        let number = asked.bearer.as_deref().and_then(|token| token.strip_prefix("simulated-token-"));
        let number = number.and_then(|number| number.parse::<usize>().ok());
        number.is_some_and(|number| number > self.tokens_from && number <= self.tokens)
    }
}

/// An online meeting.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// The user who organized it.
    pub organizer_id: String,
    /// Its id.
    pub meeting_id: String,
    /// Its address.
    pub join_web_url: String,
}

impl Meeting {
    /// The source of its reports.
    pub fn source(&self) -> ReportSource {
        ReportSource::Meeting { organizer_id: self.organizer_id.clone(), meeting_id: self.meeting_id.clone() }
    }
}

/// A call record.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its id.
    pub id: String,
    /// The address of its meeting; none for a call between two people.
    pub join_web_url: Option<String>,
    /// The user who organized it, and that user's tenant.
    pub organizer: Option<(String, String)>,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
}

impl Call {
    pub(crate) fn json(&self) -> String {
        let user = self
            .organizer
            .as_ref()
            .map(|(id, tenant)| json!({"id": id, "tenantId": tenant, "displayName": null}));
        json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#communications/callRecords/$entity",
            "id": self.id,
            "version": 1,
            "type": if self.join_web_url.is_some() { "groupCall" } else { "peerToPeer" },
            "modalities": ["audio"],
            "startDateTime": self.start.to_string(),
            "endDateTime": self.end.to_string(),
            "joinWebUrl": self.join_web_url,
            "organizer_v2": {"id": self.organizer.as_ref().map(|(id, _)| id), "identity": {"user": user}},
        })
        .to_string()
    }
}

/// An attendance report.
#[derive(Debug, Clone)]
pub struct SimReport {
    /// What it is about.
    pub source: ReportSource,
    /// Its id.
    pub id: String,
    /// From when on Graph shows it.
    pub ready_at: Timestamp,
    /// When the session began.
    pub start: Timestamp,
    /// When it ended; none while it goes on.
    pub end: Option<Timestamp>,
    /// Its records, as JSON.
    pub records: Vec<String>,
    /// Served instead of all this, as it is.
    pub raw: Option<String>,
}

impl SimReport {
    /// The report with all its records, as Graph serves it where it fits on one page.
    pub fn whole(&self) -> String {
        self.raw.clone().unwrap_or_else(|| self.page(&self.records, None))
    }

    /// The report with some of its records, and where the others are.
    pub(crate) fn page(&self, records: &[String], next_link: Option<&str>) -> String {
        let next = next_link.map(|link| format!(",\"attendanceRecords@odata.nextLink\":{}", json!(link)));
        format!(
            "{{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#attendanceReports/$entity\",{},\"attendanceRecords\":[{}]{}}}",
            self.members(),
            records.join(","),
            next.unwrap_or_default(),
        )
    }

    /// The report as a list shows it.
    pub(crate) fn listed(&self) -> String {
        format!("{{{},\"attendanceRecords\":[]}}", self.members())
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
