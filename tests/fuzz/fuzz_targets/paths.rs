//! Any id is exactly one segment of a path in Graph, and one part of a key in the archive.
//!
//! The input is the path of a source; or an organizer, a meeting and a report, each on a line.

#![no_main]

mod world;

use http::StatusCode;
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use shared::archive::layout::ArtifactPlace;
use shared::model::{MeetingAttendanceReport, ReportRef, ReportSource};
use shared::ports::http::Response;

use world::{FakeGraph, JumpingClock, TENANT_ID, client, run};

fuzz_target!(|input: &[u8]| {
    let Ok(input) = std::str::from_utf8(input) else { return };
    if let Some(source) = ReportSource::of_path(input) {
        assert_eq!(ReportSource::of_path(&source.path()).as_ref(), Some(&source));
        check_request(&source.report("r"));
    }
    let mut lines = input.split('\n');
    let mut id = || lines.next().unwrap_or_default();
    let source = ReportSource::meeting(id(), id(), None);
    let report = source.report(id());
    check_request(&report);
    check_keys(&report);
});

/// Graph is asked for exactly the ids' path, or not at all.
fn check_request(report: &ReportRef) {
    let graph = FakeGraph::new(|_| {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_FOUND;
        response
    });
    let client = client(graph.clone(), &JumpingClock::new());
    run(client.attendance_report_without_records(report)).expect_err("there is no report");
    for request in graph.requests.lock().unwrap().iter() {
        let uri = request.uri();
        assert_eq!(
            (uri.scheme_str(), uri.host(), uri.query()),
            (Some("https"), Some("graph.microsoft.com"), None)
        );
        let segments: Vec<String> = uri.path().split('/').skip(2).map(decoded).collect();
        assert_eq!(segments, report.segments());
    }
}

/// The keys of the report are below their prefixes, whatever the ids contain.
fn check_keys(report: &ReportRef) {
    let facts = MeetingAttendanceReport {
        meeting_start_date_time: Some("2026-03-02T10:30:00Z".to_owned()),
        ..MeetingAttendanceReport::default()
    };
    let place = ArtifactPlace::of_report(TENANT_ID, report, &facts).expect("it has a date");
    let lines = place.lines().expect("a report has lines");
    let revision = place.revision("0");
    for (key, prefix) in [(place.current(), "reports"), (lines, "records"), (revision.as_str(), "revisions")]
    {
        let rest = key
            .strip_prefix(&format!("{prefix}/v1/tenant={TENANT_ID}/kind=meeting/date=2026-03-02/"))
            .unwrap();
        assert_eq!(rest.matches('/').count(), usize::from(prefix == "revisions"));
        assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-~/".contains(&byte)), "{key}");
        assert!(rest.len() < 200 && !rest.split('/').any(|part| part == "." || part == ".."), "{key}");
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8().unwrap().into_owned()
}
