//! Reports with a record in which a member is not what it must be.

use std::collections::BTreeMap;

/// The members of a record that nothing is odd about, and of its report.
const RECORD: [(&str, &str); 8] = [
    ("id", r#""c-1""#),
    ("emailAddress", r#""ilse@contoso.com""#),
    ("role", r#""Attendee""#),
    ("totalAttendanceInSeconds", "60"),
    ("registrationId", r#""g-1""#),
    ("externalRegistrationInformation", r#"{"referrer":"Fabrikam","registrationId":"x-1"}"#),
    ("identity", r#"{"displayName":"Ilse \ud83d\ude00","id":"p-1","tenantId":"t-2"}"#),
    (
        "attendanceIntervals",
        r#"[{"joinDateTime":"2026-03-01T10:00:00.1234567Z","leaveDateTime":"2026-03-01T10:01:00Z","durationInSeconds":60}]"#,
    ),
];
const TIMES: [(&str, &str); 2] = [
    ("meetingStartDateTime", r#""2026-03-01T10:00:00Z""#),
    ("meetingEndDateTime", r#""2026-03-01T11:00:00Z""#),
];
/// What is NULL where the record is no object.
const OF_RECORD: [&str; 13] = [
    "email",
    "externalregistrationid",
    "joinedat",
    "joinedattext",
    "leftat",
    "leftattext",
    "person",
    "personid",
    "persontenantid",
    "recordid",
    "registrationid",
    "role",
    "seconds",
];
/// What is NULL of who was there, of the times of who came and went, and of the beginning.
const IDENTITY: &[&str] = &["person", "personid", "persontenantid"];
const INTERVALS: &[&str] = &["joinedat", "joinedattext", "leftat", "leftattext"];
const START: &[&str] = &["startsat", "startsattext"];

/// A member with another value, and what of the row is NULL for that.
#[rustfmt::skip]
const ODD: [(&str, &str, &[&str]); 28] = [
    ("unheardOf", r#"["Person \ud83d"]"#, &[]),
    ("unheard \\ud83d", r#""\ud83d""#, &[]),
    ("identity", r#"{"displayName":"Person \ud83d","id":"p-1","tenantId":"\\ \"\ud83d\ude00"}"#, &["person"]),
    ("identity", r#"{"displayName":"\uDE00\uD83D","id":"p-1","tenantId":"t-2"}"#, &["person"]),
    ("identity", r#"{"displayName":"\ud83d\\ude00","id":"p-1","tenantId":"t-2"}"#, &["person"]),
    ("identity", r#"{"displayName":"\ud83d\ud83d\ude00 \"x\"","id":"p-1","tenantId":"t-2"}"#, &["person"]),
    ("identity", r#"{"displayName":{"first":"Ilse"},"id":7,"tenantId":["t-2"]}"#, IDENTITY),
    ("identity", r#""Person \ud83d""#, IDENTITY),
    ("identity", "null", IDENTITY),
    ("emailAddress", r#"["ilse@contoso.com"]"#, &["email"]),
    ("emailAddress", r#""""#, &["email"]),
    ("role", r#""\ud83d""#, &["role"]),
    ("registrationId", "false", &["registrationid"]),
    ("externalRegistrationInformation", r#""x-1""#, &["externalregistrationid"]),
    ("externalRegistrationInformation", r#"{"registrationId":{"id":"x-1"}}"#, &["externalregistrationid"]),
    ("totalAttendanceInSeconds", "60.0", &[]),
    ("totalAttendanceInSeconds", r#""many""#, &["seconds"]),
    ("totalAttendanceInSeconds", "1e400", &["seconds"]),
    ("totalAttendanceInSeconds", "99999999999999999999999999", &["seconds"]),
    ("attendanceIntervals", r#""none""#, INTERVALS),
    ("attendanceIntervals", r#"{"joinDateTime":null}"#, INTERVALS),
    ("attendanceIntervals", r#"[7,{"joinDateTime":"soon","leaveDateTime":{}}]"#, INTERVALS),
    ("attendanceIntervals", r#"[{"joinDateTime":"\ud83d","leaveDateTime":"2026-03-01T10:01:00Z"}]"#, &["joinedat", "joinedattext"]),
    ("attendanceIntervals", r#"[{"joinDateTime":"0001-01-01T00:00:00Z","leaveDateTime":"0001-01-01T00:00:00"}]"#, INTERVALS),
    ("meetingStartDateTime", r#""0001-01-01T00:00:00Z""#, &["startsat"]),
    ("meetingStartDateTime", r#""Person \ud83d""#, START),
    ("totalParticipantCount", "2.0", &[]),
    ("id", "{}", &["recordid"]),
];

/// A report with one record, in which a member has another value.
fn report(id: &str, (member, value): (&str, &str)) -> String {
    let is_of_report = member.starts_with("meeting") || member == "totalParticipantCount";
    let members = |known: &[(&str, &str)], takes_it: bool| {
        let mut members: BTreeMap<&str, &str> = known.iter().copied().collect();
        members.extend(Some((member, value)).filter(|_| takes_it));
        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(",")
    };
    with_record(id, &members(&TIMES, is_of_report), &format!("{{{}}}", members(&RECORD, !is_of_report)))
}

fn with_record(id: &str, members: &str, record: &str) -> String {
    format!(r#"{{"id":"{id}",{members},"attendanceRecords":[{record}]}}"#)
}

/// The reports by their ids, with what of the row of each is NULL.
pub(super) fn reports() -> Vec<(String, String, Vec<&'static str>)> {
    let odd = ODD.iter().enumerate().map(|(number, (member, value, nulls))| {
        let id = format!("r-{number}");
        (id.clone(), report(&id, (member, value)), nulls.to_vec())
    });
    let times = TIMES.map(|(name, value)| format!("\"{name}\":{value}")).join(",");
    let no_records =
        ["7", r#""text \ud83d""#, "null", "[]"].into_iter().enumerate().map(|(number, record)| {
            let id = format!("no-record-{number}");
            (id.clone(), with_record(&id, &times, record), OF_RECORD.to_vec())
        });
    odd.chain(no_records).collect()
}
