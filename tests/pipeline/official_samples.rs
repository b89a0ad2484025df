//! The answers that Microsoft documents come out of the archive unchanged.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use crate::world::{World, report_ready};

/// Where the official samples are, beside the repository; `None` where they are not.
fn samples(part: &str) -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/graph/samples");
    let Ok(files) = fs::read_dir(&folder) else {
        println!("skipped: the official samples are not beside the repository");
        return None;
    };
    let files = files.map(|file| file.unwrap().path());
    let named = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().contains(part);
    let found: Vec<PathBuf> = files.filter(named).collect();
    assert!(!found.is_empty(), "there are no samples of {part}");
    Some(found)
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
    for path in samples("attendancereport-get").unwrap_or_default() {
        let sample = fs::read_to_string(&path).unwrap();
        assert_eq!(archived(&sample).await, sample.trim(), "{}", path.display());
    }
}

#[tokio::test(start_paused = true)]
async fn every_report_in_a_list_sample_is_archived_unchanged() {
    for path in samples("attendancereport-list").unwrap_or_default() {
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
    for path in samples("attendancerecord-list").unwrap_or_default() {
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
    for path in samples("meetingattendancereport-deprecated").unwrap_or_default() {
        let sample: Deprecated = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_records_unchanged(&sample.attendance_records).await;
    }
}
