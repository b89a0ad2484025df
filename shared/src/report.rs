//! An attendance report as raw JSON, and the few things that are read from it.
//!
//! What is kept is what Graph sent: bodies travel as text, and the model below borrows from it only
//! what a decision needs. A report that came in pages is joined from the raw text of its records.

use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clock::parse_time;
use crate::graph::AttendanceRecord;
use crate::jobs::SessionTimes;

/// A view of a report: Graph's `meetingAttendanceReport`, with its records unread.
///
/// Everything is nullable but `id`, which only the deprecated call leaves out.
/// <https://learn.microsoft.com/graph/api/resources/meetingattendancereport>
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeetingAttendanceReport<'a> {
    /// The report's id.
    pub id: Option<String>,
    /// How many people took part, as Graph counts them. It may differ from the number of records.
    pub total_participant_count: Option<i64>,
    /// When the session began, as Graph wrote it (UTC, any number of fractional digits).
    pub meeting_start_date_time: Option<String>,
    /// When the session ended; null while it goes on.
    pub meeting_end_date_time: Option<String>,
    /// The event in other systems, for webinars and town halls; only its organizers see it.
    pub external_event_information: Option<Vec<ExternalEventInformation>>,
    /// The records, each as it was sent. Absent or null where Graph did not expand them.
    #[serde(borrow)]
    pub attendance_records: Option<Vec<&'a RawValue>>,
    /// Where the next page of records is.
    #[serde(rename = "attendanceRecords@odata.nextLink")]
    pub records_next_link: Option<String>,
}

/// An event in another system.
/// <https://learn.microsoft.com/graph/api/resources/virtualeventexternalinformation>
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalEventInformation {
    /// The application that hosts it.
    pub application_id: Option<String>,
    /// Its id there.
    pub external_event_id: Option<String>,
}

impl<'a> MeetingAttendanceReport<'a> {
    /// Reads a report.
    ///
    /// # Errors
    /// The text is not JSON, or not a report. Do not show serde's text: it quotes values.
    pub fn read(text: &'a str) -> serde_json::Result<Self> {
        // serde takes an array for a struct, too.
        if !text.trim_start().starts_with('{') {
            return Err(serde::de::Error::custom("a report is an object"));
        }
        serde_json::from_str(text)
    }

    /// What is left of it without its text: everything but the records.
    pub fn without_records(self) -> MeetingAttendanceReport<'static> {
        MeetingAttendanceReport {
            id: self.id,
            total_participant_count: self.total_participant_count,
            meeting_start_date_time: self.meeting_start_date_time,
            meeting_end_date_time: self.meeting_end_date_time,
            external_event_information: self.external_event_information,
            attendance_records: None,
            records_next_link: None,
        }
    }

    /// The records, read: for who reads the archive from Rust.
    ///
    /// # Errors
    /// A record is not as Microsoft documents it.
    pub fn read_records(&self) -> serde_json::Result<Vec<AttendanceRecord>> {
        self.attendance_records.iter().flatten().map(|record| serde_json::from_str(record.get())).collect()
    }

    /// Whether it is the report with this id. Ids are compared without their letters' case, as Graph
    /// does.
    pub fn is(&self, report_id: &str) -> bool {
        self.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(report_id))
    }

    /// When the session began, if Graph said so.
    pub fn start(&self) -> Option<Timestamp> {
        self.meeting_start_date_time.as_deref().and_then(parse_time)
    }

    /// When the session ended, if it has.
    pub fn end(&self) -> Option<Timestamp> {
        self.meeting_end_date_time.as_deref().and_then(parse_time)
    }

    /// Whether it is about a session that was at this time.
    pub fn overlaps(&self, session: SessionTimes) -> bool {
        self.start().is_some_and(|start| start <= session.end)
            && self.end().is_some_and(|end| end >= session.start)
    }

    /// How many records it holds.
    pub fn record_count(&self) -> usize {
        self.attendance_records.as_ref().map_or(0, Vec::len)
    }

    /// How rich it is, to compare two answers for one report: participants, records, seconds of
    /// attendance, end. The greater is the richer.
    pub fn richness(&self) -> (Option<i64>, usize, i64, Option<Timestamp>) {
        let records = self.attendance_records.iter().flatten();
        let seconds = records.map(|record| attendance_seconds(record)).fold(0, i64::saturating_add);
        (self.total_participant_count, self.record_count(), seconds, self.end())
    }
}

/// `totalAttendanceInSeconds` of one record; 0 where it is null, absent or not a whole number.
fn attendance_seconds(record: &RawValue) -> i64 {
    #[derive(serde::Deserialize)]
    struct AttendanceRecord {
        #[serde(rename = "totalAttendanceInSeconds")]
        seconds: Option<i64>,
    }
    let record = serde_json::from_str::<AttendanceRecord>(record.get());
    record.ok().and_then(|record| record.seconds).unwrap_or(0)
}

/// Joins a report and the further pages of its records into one report; answers its text, and how many
/// records it holds.
///
/// The first page's members stay in their order and as they are, but `attendanceRecords` holds the
/// records of all pages, each unchanged, and the link to the next page is gone. A report that has
/// neither, as a list may show it, gets its records at the end.
///
/// # Errors
/// The first page is not a JSON object.
pub fn join_pages(first: &str, pages: &[&[Box<RawValue>]]) -> serde_json::Result<(String, usize)> {
    let Members(members) = serde_json::from_str(first)?;
    let own = MeetingAttendanceReport::read(first)?.attendance_records.unwrap_or_default();
    let rest = pages.iter().copied().flatten().map(AsRef::as_ref);
    let records: Vec<&RawValue> = own.into_iter().chain(rest).collect();
    let has_records = members.iter().any(|(name, _)| name == RECORDS);
    let place = if has_records { RECORDS } else { RECORDS_NEXT_LINK };

    let bytes: usize = records.iter().map(|record| record.get().len() + ",".len()).sum();
    let mut joined = String::with_capacity(first.len() + RECORDS.len() + bytes);
    let mut is_placed = false;
    for (name, value) in members {
        if name == place && !is_placed {
            is_placed = true;
            push_records(&mut joined, &records);
        } else if name != RECORDS && name != RECORDS_NEXT_LINK {
            push_name(&mut joined, &serde_json::to_string(&name)?);
            joined.push_str(value.get());
        }
    }
    if !is_placed {
        push_records(&mut joined, &records);
    }
    joined.push('}');
    Ok((joined, records.len()))
}

/// The next member of an object: its name, which is JSON.
fn push_name(object: &mut String, name: &str) {
    object.push(if object.is_empty() { '{' } else { ',' });
    object.push_str(name);
    object.push(':');
}

fn push_records(object: &mut String, records: &[&RawValue]) {
    push_name(object, &format!("\"{RECORDS}\""));
    object.push('[');
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            object.push(',');
        }
        object.push_str(record.get());
    }
    object.push(']');
}

const RECORDS: &str = "attendanceRecords";
const RECORDS_NEXT_LINK: &str = "attendanceRecords@odata.nextLink";

/// The members of a JSON object in their order, values as they are.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn pages_are_joined_without_touching_a_record() {
        let first = r#"{"@odata.context":"c","id":"r-1","totalParticipantCount":3,"big":12345678901234567890123,
            "attendanceRecords":[{"n":1.0,  "t":"2026-01-01T00:00:00.1234567Z"}],
            "attendanceRecords@odata.nextLink":"https://next","z":null}"#;
        let second = [raw(r#"{"n":2e0,"x":"\u00e9"}"#)];
        let third = [raw(r#"{ "n" : 3 }"#)];

        let joined = join_pages(first, &[&second, &third]).unwrap();

        assert_eq!(joined.1, 3);
        assert_eq!(
            joined.0,
            r#"{"@odata.context":"c","id":"r-1","totalParticipantCount":3,"big":12345678901234567890123,"attendanceRecords":[{"n":1.0,  "t":"2026-01-01T00:00:00.1234567Z"},{"n":2e0,"x":"\u00e9"},{ "n" : 3 }],"z":null}"#
        );
    }

    #[test]
    fn records_that_stand_only_on_later_pages_are_joined_too() {
        let page = [raw("{}")];
        let absent = r#"{"id":"r","attendanceRecords@odata.nextLink":"https://next","z":1}"#;
        assert_eq!(join_pages(absent, &[&page]).unwrap().0, r#"{"id":"r","attendanceRecords":[{}],"z":1}"#);
        let null = r#"{"attendanceRecords@odata.nextLink":"https://next","attendanceRecords":null}"#;
        assert_eq!(join_pages(null, &[&page]).unwrap().0, r#"{"attendanceRecords":[{}]}"#);
        let listed = r#"{"id":"r"}"#;
        assert_eq!(
            join_pages(listed, &[&page]).unwrap(),
            (r#"{"id":"r","attendanceRecords":[{}]}"#.to_owned(), 1)
        );
    }

    #[test]
    fn the_records_are_read_for_who_wants_their_members() {
        let body = r#"{"attendanceRecords":[{"role":"Organizer"},{"role":"Attendee"}]}"#;
        let records = MeetingAttendanceReport::read(body).unwrap().read_records().unwrap();
        assert_eq!(records.len(), 2);
        assert!(
            MeetingAttendanceReport::read(r#"{"attendanceRecords":[1]}"#).unwrap().read_records().is_err()
        );
    }

    #[test]
    fn a_report_is_read_whatever_is_null_or_absent() {
        for body in [
            r#"{"id":"r"}"#,
            r#"{"id":"r","attendanceRecords":null,"totalParticipantCount":null}"#,
            r#"{"id":"r","attendanceRecords":[],"meetingEndDateTime":null}"#,
            r#"{"id":"r","attendanceRecords":[{"identity":null,"totalAttendanceInSeconds":null}]}"#,
        ] {
            let report = MeetingAttendanceReport::read(body).unwrap();
            assert_eq!(report.id.as_deref(), Some("r"));
            assert_eq!(report.end(), None);
        }
    }

    #[test]
    fn what_is_no_object_is_no_report() {
        for body in ["[]", r#"["r",1,"2026-01-01T00:00:00Z"]"#, "null", "\"r\"", "", "{"] {
            assert!(MeetingAttendanceReport::read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn more_participants_records_seconds_and_a_later_end_are_richer_in_that_order() {
        let poorest_first = [
            r#"{"totalParticipantCount":null,"attendanceRecords":[{},{},{}]}"#,
            r#"{"totalParticipantCount":1,"attendanceRecords":[{}]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[{"totalAttendanceInSeconds":9}]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[{"totalAttendanceInSeconds":10}]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[{"totalAttendanceInSeconds":10}],"meetingEndDateTime":"2026-01-01T00:00:00Z"}"#,
        ];
        let reports = poorest_first.map(|body| MeetingAttendanceReport::read(body).unwrap().richness());
        assert!(reports.is_sorted_by(|poorer, richer| poorer < richer));
    }
}
