//! `records/`: the current report as lines, one an attendee, for SQL.
//!
//! Derived, and made again whenever the report's current answer is another. Each object carries the
//! SHA-256 of the report that it was made from.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use shared::report::MeetingAttendanceReport;
use shared::report_ref::ReportSource;
use shared::store::{Condition, NewObject, ObjectStore, StoreError, Written};

use crate::answer::Answer;
use crate::reports::{Current, Kept};

/// How often a write is tried that others get in the way of.
const TRIES: usize = 10;

/// Makes sure that the lines are those of the current answer.
///
/// Whoever changes `reports/` comes here afterwards, and a write that others got in the way of looks
/// again at what is current: so the last one leaves the lines of the last report.
pub(crate) async fn keep(
    store: &dyn ObjectStore,
    answer: &Answer,
    kept: Kept,
    mut current: Current,
) -> Result<(), StoreError> {
    let key = answer.place.records();
    // A new report has no lines yet: no need to look.
    let mut condition = match kept {
        Kept::New => Some(Condition::IfAbsent),
        Kept::Known | Kept::Richer | Kept::Poorer => missing(store, &key, &current).await?,
    };
    for _ in 0..TRIES {
        let Some(allowed) = condition else { return Ok(()) };
        if store.put(&key, object(answer, &current)?, allowed).await? == Written::Stored {
            return Ok(());
        }
        current = Current::read(store, answer).await?;
        condition = missing(store, &key, &current).await?;
    }
    Err(StoreError::Unavailable { code: "others write the same records".to_owned() })
}

/// How the lines of the current answer may be written; `None` if they are there.
async fn missing(
    store: &dyn ObjectStore,
    key: &str,
    current: &Current,
) -> Result<Option<Condition>, StoreError> {
    Ok(match store.head(key).await? {
        None => Some(Condition::IfAbsent),
        Some(head) if head.metadata.get("sha256") == Some(&current.sha256) => None,
        Some(head) => Some(Condition::IfMatch(head.etag)),
    })
}

fn object(answer: &Answer, current: &Current) -> Result<NewObject, StoreError> {
    let unreadable = || StoreError::Refused { code: "the archived report cannot be read".to_owned() };
    let text = std::str::from_utf8(&current.body).map_err(|_| unreadable())?;
    let lines = lines(text, &answer.source, answer.meeting_is_known).map_err(|_| unreadable())?;
    let metadata = [("sha256".to_owned(), current.sha256.clone())].into();
    Ok(NewObject::new(lines, "application/x-ndjson", metadata))
}

/// What each line begins with: where and when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    report_id: Option<&'a str>,
    kind: &'static str,
    source: &'a str,
    organizer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    meeting_start_date_time: Option<&'a str>,
    meeting_end_date_time: Option<&'a str>,
}

/// The lines of a report. Of a channel's report it may not be known which meeting it is of.
fn lines(report: &str, source: &ReportSource, meeting_is_known: bool) -> serde_json::Result<String> {
    let report = on_one_line(report);
    let report = MeetingAttendanceReport::read(&report)?;
    let path = source.path();
    let (organizer_id, meeting_id, event_id, session_id) = match source {
        ReportSource::Meeting { organizer_id, meeting_id }
        | ReportSource::ChannelMeeting { organizer_id, meeting_id } => {
            (Some(organizer_id), Some(meeting_id).filter(|_| meeting_is_known), None, None)
        }

        ReportSource::Webinar { webinar_id: event, session_id }
        | ReportSource::Townhall { townhall_id: event, session_id } => {
            (None, None, Some(event), Some(session_id))
        }
    };
    let head = serde_json::to_string(&Head {
        report_id: report.id.as_deref(),
        kind: source.kind(),
        source: &path,
        organizer_id: organizer_id.map(String::as_str),
        meeting_id: meeting_id.map(String::as_str),
        event_id: event_id.map(String::as_str),
        session_id: session_id.map(String::as_str),
        meeting_start_date_time: report.meeting_start_date_time.as_deref(),
        meeting_end_date_time: report.meeting_end_date_time.as_deref(),
    })?;
    let records = report.attendance_records.unwrap_or_default();
    Ok(with_head(head.trim_end_matches('}'), &records))
}

/// Lines of `head`, an object that is still open, each with one of the records as it was sent.
fn with_head(head: &str, records: &[&RawValue]) -> String {
    let (before, after) = (",\"attendanceRecord\":", "}\n");
    let around = head.len() + before.len() + after.len();
    let mut lines = String::with_capacity(records.iter().map(|record| around + record.get().len()).sum());
    for record in records {
        for part in [head, before, record.get(), after] {
            lines.push_str(part);
        }
    }
    lines
}

/// In JSON a line break can only stand between tokens, where it means nothing.
fn on_one_line(json: &str) -> Cow<'_, str> {
    if json.contains('\n') || json.contains('\r') {
        json.replace(['\n', '\r'], "").into()
    } else {
        json.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{
  "id": "r-1",
  "meetingStartDateTime": "2026-03-01T09:00:00.1234567Z",
  "meetingEndDateTime": "2026-03-01T09:30:00Z",
  "attendanceRecords": [
    {
      "emailAddress": null,
      "unheardOf": 12345678901234567890123,
      "identity": null
    },
    {"id":"a\nb"}
  ]
}"#;

    #[test]
    fn a_meetings_lines_hold_each_record_as_sent() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m=".into() };
        insta::assert_snapshot!(lines(REPORT, &source, true).unwrap());
    }

    #[test]
    fn a_webinars_lines_name_event_and_session() {
        let source = ReportSource::Webinar { webinar_id: "w@t".into(), session_id: "s".into() };
        let lines = lines(REPORT, &source, true).unwrap();
        assert!(
            lines.contains(r#""organizerId":null,"eventId":"w@t","sessionId":"s","meetingStart"#),
            "{lines}"
        );
    }

    #[test]
    fn a_channels_report_of_an_unknown_meeting_names_none() {
        let source = ReportSource::ChannelMeeting { organizer_id: "o".into(), meeting_id: "m".into() };
        assert!(!lines(REPORT, &source, false).unwrap().contains("meetingId"));
        assert!(lines(REPORT, &source, true).unwrap().contains(r#""meetingId":"m""#));
    }

    #[test]
    fn a_report_without_records_has_no_lines() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        for report in
            [r#"{"id":"r"}"#, r#"{"id":"r","attendanceRecords":null}"#, r#"{"attendanceRecords":[]}"#]
        {
            assert_eq!(lines(report, &source, true).unwrap(), "");
        }
    }
}
