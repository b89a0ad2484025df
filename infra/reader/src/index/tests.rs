//! An index over invented archives in folders.

mod archive;
mod damaged;
mod ledgers;
mod people;
mod refreshing;
mod views;

use serde_json::json;

use archive::{AIKO, Archive, aiko, all, found, noor, report_key};

#[tokio::test]
async fn sessions_are_listed_and_loaded_with_what_graph_sent() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko(), noor()])).await;
    archive.report(21, "r-2", json!([aiko()])).await;
    let index = archive.indexed().await;
    let lines = all(&index);
    let facts: Vec<_> = lines.iter().map(|line| (line.people, line.mean_seconds, line.parts)).collect();
    assert_eq!(facts, [(1, Some(3000), 1), (2, Some(3000), 1)]);
    assert_eq!(lines[1].key, report_key(14, "r-1"));
    assert_eq!((lines[1].curve.len(), lines[1].curve[20]), (40, 2));
    let reports = index.session(&report_key(14, "r-1")).unwrap().unwrap();
    let [report] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!((report.id.as_str(), report.participants, report.records.len()), ("r-1", Some(2), 2));
    assert_eq!(report.provenance.request_id.as_deref(), Some("q 1"));
    assert_eq!(report.provenance.pages, Some(2));
    let record = &report.records[0];
    assert_eq!((record.id.as_deref(), record.identity_id.as_deref()), (Some(AIKO), Some(AIKO)));
    let interval = record.intervals.as_ref().unwrap()[0];
    assert_eq!(interval.join, "2026-10-14T10:05:00.1234567Z".parse().ok());
    assert_eq!(index.session("reports/none").unwrap(), None);
    let state = index.state().unwrap();
    assert_eq!((state.reports, state.sessions, state.is_refreshing), (2, 2, false));
    assert!(state.as_of.is_some());
}

#[tokio::test]
async fn a_search_lists_the_sessions_that_name_the_person_in_any_case_and_script() {
    let archive = Archive::new();
    let akiko = archive::record("0a1b2c3d-0003-4000-8000-000000000003", "明子 Ｏｄａ", "");
    archive.report(1, "r-1", json!([aiko()])).await;
    archive.report(2, "r-2", json!([noor()])).await;
    archive.report(3, "r-3", json!([aiko(), akiko])).await;
    let index = archive.indexed().await;
    assert_eq!(found(&index, "AIKO ferreira"), ["r-3", "r-1"]);
    assert_eq!(found(&index, "noor.haddad@FABRIKAM"), ["r-2"]);
    assert_eq!(found(&index, "明子"), ["r-3"]);
    assert_eq!(found(&index, "oda"), ["r-3"]);
    assert_eq!(found(&index, "aiko haddad"), [""; 0], "the words of two people");
    assert_eq!(found(&index, "\" OR ? * '"), [""; 0]);
}
