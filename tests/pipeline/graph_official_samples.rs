//! The answers that Microsoft documents are archived unchanged, and read into their models.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use tools::programs;

use crate::world::{World, report_ready};

/// The official samples whose names hold `part`; none where they are not beside the repository.
fn samples(part: &str) -> Vec<PathBuf> {
    let Some(official) = programs::official() else { return Vec::new() };
    let files = fs::read_dir(official.join("samples")).unwrap().map(|file| file.unwrap().path());
    let named = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().contains(part);
    let found: Vec<PathBuf> = files.filter(named).collect();
    assert!(!found.is_empty(), "there are no samples of {part}");
    found
}

#[derive(serde::Deserialize)]
struct List {
    value: Vec<Box<RawValue>>,
}

#[derive(serde::Deserialize)]
struct Report {
    id: String,
}

fn list(path: &Path) -> Vec<Box<RawValue>> {
    serde_json::from_str::<List>(&fs::read_to_string(path).unwrap()).unwrap().value
}

/// Serves `body` as Graph's answer for one report, and answers what the archive holds then.
async fn archived(body: &str) -> String {
    let world = World::new();
    let id = serde_json::from_str::<Report>(body).unwrap().id;
    let report = world.webinar_report(&id, Some(body));
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
    world.only_report().await
}

#[tokio::test(start_paused = true)]
async fn every_report_sample_is_archived_unchanged() {
    for path in samples("attendancereport-get") {
        let sample = fs::read_to_string(&path).unwrap();
        assert_eq!(archived(&sample).await, sample.trim(), "{}", path.display());
    }
}

#[tokio::test(start_paused = true)]
async fn every_report_in_a_list_sample_is_archived_unchanged() {
    for path in samples("attendancereport-list") {
        for report in list(&path) {
            assert_eq!(archived(report.get()).await, report.get(), "{}", path.display());
        }
    }
}

/// Serves records as the second page of a report; the archive must hold each of them unchanged.
async fn assert_records_unchanged(records: &[Box<RawValue>]) {
    let world = World::new();
    let times =
        r#""meetingStartDateTime":"2026-03-01T10:00:00Z","meetingEndDateTime":"2026-03-01T11:00:00Z""#;
    let link = "https://graph.microsoft.com/v1.0/second-page";
    let first = format!(
        r#"{{"id":"r-1",{times},"attendanceRecords":[],"attendanceRecords@odata.nextLink":"{link}"}}"#
    );
    let texts: Vec<&str> = records.iter().map(|record| record.get()).collect();
    let page = format!("{{\"value\": [{}]}}", texts.join(" ,\n "));
    let report = world.webinar_report("r-1", Some(&first));
    world.sim.fail("/second-page", graph_sim::Fault::Body(page), 1);

    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;

    let joined = format!(r#"{{"id":"r-1",{times},"attendanceRecords":[{}]}}"#, texts.join(","));
    assert_eq!(world.only_report().await, joined);
}

#[tokio::test(start_paused = true)]
async fn every_record_sample_is_archived_unchanged() {
    for path in samples("attendancerecord-list") {
        assert_records_unchanged(&list(&path)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_records_of_the_deprecated_report_sample_are_archived_unchanged() {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Deprecated {
        attendance_records: Vec<Box<RawValue>>,
    }
    for path in samples("meetingattendancereport-deprecated") {
        let sample: Deprecated = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_records_unchanged(&sample.attendance_records).await;
    }
}

/// Reads one object, or each of a list, wrapped or not.
fn read_each<T: serde::de::DeserializeOwned>(part: &str) -> Vec<T> {
    let mut read = Vec::new();
    for path in samples(part) {
        let sample: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let each = match &sample["value"] {
            serde_json::Value::Array(list) => list.clone(),
            serde_json::Value::Null => vec![sample],
            wrapped => vec![wrapped.clone()],
        };
        for object in each {
            let object =
                serde_json::from_value(object).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            read.push(object);
        }
    }
    read
}

#[test]
fn every_sample_is_read_into_its_model() {
    use shared::graph::{CallRecord, CallSource, OnlineMeeting, VirtualEvent, VirtualEventSession};
    use shared::model::AttendanceRecord;
    let calls: Vec<CallRecord> =
        ["callrecord-get", "callrecords-list"].into_iter().flat_map(read_each).collect();
    // One sample of this name is an attendance report.
    let parts = ["v1.0-onlinemeeting-get", "beta-onlinemeeting-get-2021-ex1"];
    let meetings: Vec<OnlineMeeting> = parts.into_iter().flat_map(read_each).collect();
    let events: Vec<VirtualEvent> = ["webinars-", "townhalls-"].into_iter().flat_map(read_each).collect();
    let sessions: Vec<VirtualEventSession> = ["v1.0-virtualevent-list-sessions", "virtualeventsession-get"]
        .into_iter()
        .flat_map(read_each)
        .collect();
    let records: Vec<AttendanceRecord> = read_each("attendancerecord-list");
    if programs::official().is_some() {
        assert!(
            calls.iter().any(|call| call.source("t") != CallSource::NoMeeting("the call was no meeting"))
        );
        assert!(meetings.iter().all(|meeting| meeting.join_web_url.is_some()));
        assert!(events.iter().all(|event| event.start_date_time.is_some()));
        assert!(
            sessions.iter().all(|session| session.start_date_time.as_ref().unwrap().timestamp().is_some())
        );
        assert!(
            records.iter().all(|record| record.identity.is_some() && record.attendance_intervals.is_some())
        );
    }
}

#[test]
fn the_records_of_a_report_sample_are_read_with_all_that_their_identities_have() {
    for path in samples("attendancereport-get-ex1") {
        let sample = fs::read_to_string(&path).unwrap();
        let report = shared::model::MeetingAttendanceReport::read(&sample).unwrap();
        for record in report.read_records().unwrap() {
            let identity = record.identity.unwrap();
            assert!(identity.id.is_some() && identity.display_name.is_some(), "{}", path.display());
        }
    }
}
