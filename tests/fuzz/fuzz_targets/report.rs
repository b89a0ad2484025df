//! Any report and any pages of its records are refused, or joined and archived with every record unchanged.
//!
//! The input is the report and its pages, separated by empty lines.

#![no_main]

mod world;

use archive::archive;
use libfuzzer_sys::fuzz_target;
use local::MemoryStore;
use serde_json::value::RawValue;
use shared::archive::erasure::Tombstones;
use shared::digest::sha256_hex;
use shared::graph::JoinedText;
use shared::jobs::{ArchiveJob, Cause};
use shared::model::{ArtifactRef, MeetingAttendanceReport, ReportSource};
use shared::ports::store::ObjectStore;

use world::{NOW, TENANT_ID, run};

fuzz_target!(|input: &[u8]| {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let mut texts = input.split("\n\n");
    let first = texts.next().unwrap_or_default();
    let Ok(report) = MeetingAttendanceReport::read(first) else { return };
    let pages: Vec<Vec<Box<RawValue>>> = texts.filter_map(|page| serde_json::from_str(page).ok()).collect();
    let mut joined = JoinedText::of_report(first).expect("a report that can be read can be joined");
    for page in &pages {
        joined.push(&page.iter().map(AsRef::as_ref).collect::<Vec<&RawValue>>());
    }
    let (joined, record_count) = joined.finish();

    let joined_report = MeetingAttendanceReport::read(&joined).expect("a joined report can be read");
    let own = report.attendance_records.iter().flatten().map(|record| record.get());
    let expected: Vec<&str> = own.chain(pages.iter().flatten().map(|record| record.get())).collect();
    let records: Vec<&str> =
        joined_report.attendance_records.iter().flatten().map(|record| record.get()).collect();
    assert_eq!(records, expected);
    assert_eq!(record_count, records.len());
    assert_eq!(
        (joined_report.records_next_link.as_ref(), &joined_report.id, joined_report.end()),
        (None, &report.id, report.end())
    );
    archive_and_check(&joined, &joined_report);
});

/// Archives a report, and checks the objects in the archive.
fn archive_and_check(text: &str, report: &MeetingAttendanceReport<'_>) {
    let store = MemoryStore::default();
    let source = ReportSource::Meeting { organizer_id: "o".to_owned(), meeting_id: "m".to_owned() };
    let job = ArchiveJob {
        hops: 0,
        tenant_id: TENANT_ID.to_owned(),
        artifact: ArtifactRef::Report(source.report(report.id.clone().unwrap_or_default())),
        cause: Cause::Notification,
        first_seen: NOW,
        session: None,
        fetched_at: NOW,
        graph_request_id: None,
        api: "v1.0".to_owned(),
        pages: 1,
        records: report.record_count(),
        resolution: None,
        size_bytes: text.len(),
        sha256: sha256_hex(text.as_bytes()),
        body: Some(serde_json::from_str(text).expect("it is JSON")),
    };
    let keys = match run(archive(&store, &Tombstones::default(), &job)) {
        Ok(_) => store.keys(),
        Err(_) => return assert!(store.keys().is_empty(), "a refused report left an object"),
    };
    let body = |key: &str| run(store.get(key)).unwrap().unwrap().body;
    let [lines_key, report_key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!(body(report_key), text.as_bytes());
    let lines = body(lines_key);
    let lines: Vec<&str> = std::str::from_utf8(&lines).unwrap().lines().collect();
    assert_eq!(lines.len(), report.record_count());
    for line in lines {
        serde_json::from_str::<&RawValue>(line).expect("each line is JSON");
    }
}
