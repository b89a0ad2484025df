//! Questions to the archive (`infra/analytics`, by `DuckDB`) answer whatever a record holds, and what is odd in it is
//! NULL. The archive itself keeps each record as Graph sent it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use tools::programs;

use crate::world::{World, report_ready};

/// The members of a record that nothing is odd about, and of its report.
const RECORD: [(&str, &str); 6] = [
    ("emailAddress", r#""ilse@contoso.com""#),
    ("role", r#""Attendee""#),
    ("totalAttendanceInSeconds", "60"),
    ("registrationId", r#""g-1""#),
    ("identity", r#"{"displayName":"Ilse \ud83d\ude00","id":"p-1"}"#),
    (
        "attendanceIntervals",
        r#"[{"joinDateTime":"2026-03-01T10:00:00.1234567Z","leaveDateTime":"2026-03-01T10:01:00Z","durationInSeconds":60}]"#,
    ),
];
const TIMES: [(&str, &str); 2] = [
    ("meetingStartDateTime", r#""2026-03-01T10:00:00Z""#),
    ("meetingEndDateTime", r#""2026-03-01T11:00:00Z""#),
];
/// What of a row is NULL where nothing is odd: a webinar's report names no organizer.
const ALWAYS: [&str; 1] = ["organizerId"];
/// What is NULL where the record is no object.
const OF_RECORD: [&str; 8] =
    ["email", "joinedAt", "leftAt", "person", "personId", "registrationId", "role", "seconds"];

/// A member with another value, and what of the row is NULL for that.
#[rustfmt::skip]
const ODD: [(&str, &str, &[&str]); 21] = [
    ("unheardOf", r#"["Person \ud83d"]"#, &[]),
    ("identity", r#"{"displayName":"Person \ud83d","id":"p-1"}"#, &["person"]),
    ("identity", r#"{"displayName":"\uDE00\uD83D","id":"p-1"}"#, &["person"]),
    ("identity", r#"{"displayName":"\ud83d\\ude00","id":"p-1"}"#, &["person"]),
    ("identity", r#"{"displayName":{"first":"Ilse"},"id":7}"#, &["person", "personId"]),
    ("identity", r#""Person \ud83d""#, &["person", "personId"]),
    ("identity", "null", &["person", "personId"]),
    ("emailAddress", r#"["ilse@contoso.com"]"#, &["email"]),
    ("role", r#""\ud83d""#, &["role"]),
    ("registrationId", "false", &["registrationId"]),
    ("totalAttendanceInSeconds", "60.0", &[]),
    ("totalAttendanceInSeconds", r#""many""#, &["seconds"]),
    ("totalAttendanceInSeconds", "1e400", &["seconds"]),
    ("totalAttendanceInSeconds", "99999999999999999999999999", &["seconds"]),
    ("attendanceIntervals", r#""none""#, &["joinedAt", "leftAt"]),
    ("attendanceIntervals", r#"{"joinDateTime":null}"#, &["joinedAt", "leftAt"]),
    ("attendanceIntervals", r#"[7,{"joinDateTime":"soon","leaveDateTime":{}}]"#, &["joinedAt", "leftAt"]),
    ("attendanceIntervals", r#"[{"joinDateTime":"0001-01-01T00:00:00Z","leaveDateTime":"0001-01-01T00:00:00"}]"#, &["joinedAt", "leftAt"]),
    ("meetingStartDateTime", r#""0001-01-01T00:00:00Z""#, &["startsAt"]),
    ("meetingStartDateTime", r#""Person \ud83d""#, &["startsAt"]),
    ("totalParticipantCount", "2.0", &[]),
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

/// The reports, with what of the row of each is NULL.
fn reports() -> Vec<(String, String, Vec<&'static str>)> {
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

#[tokio::test(start_paused = true)]
async fn each_question_answers_whatever_a_record_holds_and_what_is_odd_in_it_is_null() {
    let world = World::new();
    let mut expected = BTreeMap::new();
    for (id, raw, mut nulls) in reports() {
        world.notify(vec![report_ready(&world.webinar_report(&id, Some(&raw)))]).await;
        nulls.extend(ALWAYS);
        nulls.sort_unstable();
        expected.insert(id, nulls.into_iter().map(str::to_owned).collect::<Vec<_>>());
    }
    world.run_until_idle().await;
    for (id, raw, _) in reports() {
        let key = world.keys("reports/").into_iter().find(|key| key.ends_with(&format!("/{id}.json")));
        assert_eq!(world.text(&key.unwrap()).await, raw, "it is kept as sent");
    }
    let Some(programs) = programs::python(&["duckdb", "pytz"]) else {
        programs::skipped("DuckDB needs python3 with venv and pip, and the Python package index");
        return;
    };
    let archive = tempfile::tempdir().unwrap();
    for key in world.keys("records/") {
        let file = archive.path().join(&key);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, world.text(&key).await).unwrap();
    }
    assert_eq!(ask_everything(&programs, archive.path()), expected);
}

/// What is NULL of each record of an archive of which each question was asked.
fn ask_everything(programs: &Path, archive: &Path) -> BTreeMap<String, Vec<String>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(programs.join("python"))
        .arg(tests.join("archive_questions/ask_everything.py"))
        .args([&tests.join("../../infra/analytics"), archive])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
