//! The answers that Microsoft documents are archived unchanged, and read into their models.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::model::{EventRef, RegistrationsRef, ReportSource, VirtualEventKind};
use shared::ports::clock::Clock;
use shared::ports::queue::OutgoingMessage;
use tools::programs;

use crate::world::{ORGANIZER, World, report_ready};

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

/// Serves `sample` as Graph's answer to the request that `target` makes, and answers what the archive holds below
/// `prefix` then.
async fn archived_beside_reports(target: FetchTarget, prefix: &str, path: &str, sample: &str) -> String {
    let world = World::new();
    world.sim.fail(path, graph_sim::Fault::Body(sample.to_owned()), 1);
    let job = FetchJob::new(target, Cause::Pull, world.clock.now());
    world.pipeline.queues.fetch.add(vec![OutgoingMessage::new(job.to_message())]);
    world.run_until_idle().await;
    let keys = world.keys(prefix);
    assert_eq!(keys.len(), 1, "{sample}");
    world.text(&keys[0]).await
}

/// The id of what a sample describes, or of the first in its list.
fn id_in(sample: &str) -> String {
    let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
    let described = sample.pointer("/value/0").or_else(|| sample.get("value")).unwrap_or(&sample);
    described["id"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn every_sample_of_a_meeting_event_or_session_is_archived_unchanged() {
    use VirtualEventKind::{Townhall, Webinar};
    let meeting = |id: String| ReportSource::meeting(ORGANIZER, &id, None);
    type Described = fn(String) -> EventRef;
    let events: [(&str, Described); 3] = [
        ("virtualeventwebinar-get", |id| EventRef::VirtualEvent { kind: Webinar, event_id: id }),
        ("virtualeventtownhall-get", |id| EventRef::VirtualEvent { kind: Townhall, event_id: id }),
        ("virtualeventsession-get", |id| EventRef::Source(Webinar.source("w-1@contoso", &id))),
    ];
    for (part, described) in events {
        for path in samples(part) {
            let sample = fs::read_to_string(&path).unwrap();
            let target = FetchTarget::Event(described(id_in(&sample)));
            let kept = archived_beside_reports(target, "events/", "/virtualEvents/", &sample).await;
            assert_eq!(kept, sample.trim(), "{}", path.display());
        }
    }
    for path in samples("v1.0-onlinemeeting-get-ex") {
        let sample = fs::read_to_string(&path).unwrap();
        let source = meeting(id_in(&sample));
        // By its address or number it is the entry of a list, by its id an answer of its own.
        let target = match sample.contains("\"value\"") {
            true => FetchTarget::JoinWebUrl {
                organizer_id: ORGANIZER.into(),
                join_web_url: "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0".into(),
            },
            false => FetchTarget::Event(EventRef::Source(source)),
        };
        let kept = archived_beside_reports(target, "events/", "/onlineMeetings", &sample).await;
        match sample.contains("\"value\"") {
            true => assert_eq!(kept, list(&path)[0].get(), "{}", path.display()),
            false => assert_eq!(kept, sample.trim(), "{}", path.display()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_sample_of_registrations_is_archived_unchanged() {
    let of = |registration_id: Option<String>| {
        let kind = VirtualEventKind::Webinar;
        RegistrationsRef { kind, event_id: "w-1@contoso".into(), registration_id }
    };
    for path in samples("virtualeventregistration-get") {
        let sample = fs::read_to_string(&path).unwrap();
        let target = FetchTarget::Registrations(of(Some(id_in(&sample))));
        let kept = archived_beside_reports(target, "registrations/", "/registrations/", &sample).await;
        assert_eq!(kept, sample.trim(), "{}", path.display());
    }
    for path in samples("virtualeventregistration-list-ex") {
        let sample = fs::read_to_string(&path).unwrap();
        let target = FetchTarget::Registrations(of(None));
        let kept = archived_beside_reports(target, "registrations/", "/registrations", &sample).await;
        assert_eq!(kept, sample.trim(), "{}", path.display());
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
