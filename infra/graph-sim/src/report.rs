//! Attendance reports.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::model::ReportSource;

use crate::people::attendance_record;

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

    /// The report as the deprecated path gives it; where members are odd, its count is no whole number's text.
    pub(crate) fn deprecated(&self, has_records: bool, has_odd_members: bool, now: Timestamp) -> String {
        let segments = self.source.segments();
        let [user, meeting] = [1, 3].map(|segment| segments.get(segment).copied().unwrap_or_default());
        let context = format!(
            "https://graph.microsoft.com/beta/$metadata#users('{user}')/onlineMeetings('{meeting}')/meetingAttendanceReport/$entity"
        );
        let records: Vec<String> =
            self.served_records(now).iter().map(|record| without_ids(record)).collect();
        let records = has_records.then(|| format!("\"attendanceRecords\":[{}],", records.join(",")));
        format!(
            "{{\"@odata.context\":{},{}\"totalParticipantCount\":{}{}}}",
            json!(context),
            records.unwrap_or_default(),
            self.records.len(),
            if has_odd_members { ".0" } else { "" },
        )
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

/// A record as the deprecated report has it, without its id and that of a registration. One that is no JSON object in
/// Rust's eyes stays as it is.
fn without_ids(record: &str) -> String {
    let Ok(Value::Object(mut members)) = serde_json::from_str(record) else { return record.to_owned() };
    members.retain(|name, _| !matches!(name.as_str(), "id" | "registrationId"));
    Value::Object(members).to_string()
}
