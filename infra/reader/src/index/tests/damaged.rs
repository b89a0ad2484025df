//! Indexes and objects that are not as they should be.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use super::archive::{Archive, aiko, all, found, noor, record, report_key};

#[tokio::test]
async fn an_empty_archive_has_nothing_and_says_when_it_was_listed() {
    let archive = Archive::new();
    let index = archive.indexed().await;
    assert_eq!(all(&index), []);
    assert!(index.state().unwrap().as_of.is_some());
    assert!(index.completeness().unwrap().days.is_empty());
    assert_eq!(fs::read_dir(archive.folder.path()).unwrap().count(), 0, "nothing is written to it");
}

#[tokio::test]
async fn a_damaged_foreign_or_older_index_is_built_anew() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko()])).await;
    let damages: [fn(&std::path::Path); 3] = [
        |path| {
            fs::write(
                path,
                "no database at all, and longer than a header of SQLite is, which has 100 bytes. ".repeat(9),
            )
            .unwrap()
        },
        |path| {
            Connection::open(path)
                .unwrap()
                .execute_batch("CREATE TABLE other (x); PRAGMA user_version = 7")
                .unwrap()
        },
        |path| drop(Connection::open(path).unwrap().pragma_update(None, "user_version", 0)),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        if number == 1 {
            fs::remove_file(archive.path()).unwrap();
        }
        if number == 0 {
            fs::create_dir_all(archive.path().parent().unwrap()).unwrap();
        }
        damage(&archive.path());
        let index = archive.indexed().await;
        assert_eq!(all(&index).len(), 1, "{number}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_index() {
    use std::os::unix::fs::PermissionsExt;
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko()])).await;
    let index = archive.indexed().await;
    all(&index);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let folder = index.path().parent().unwrap();
    assert_eq!(mode(folder), 0o700);
    for file in fs::read_dir(folder).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn what_is_no_report_is_named_and_keeps_nothing_else_back() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko()])).await;
    for (id, body) in [("r-2", "[]"), ("r-3", "{\"id\":"), ("r-4", "")] {
        archive.raw_report("m-1", 15, id, body).await;
    }
    let index = archive.indexed().await;
    let keys: Vec<String> = index.unreadable().unwrap().into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["r-2", "r-3", "r-4"].map(|id| report_key(15, id)));
    assert_eq!(all(&index).len(), 1);
    archive.report(15, "r-2", json!([noor()])).await;
    assert_eq!(archive.refresh(&index).await, 1);
    assert_eq!(index.unreadable().unwrap().len(), 2);
}

#[tokio::test]
async fn half_an_emoji_and_odd_members_are_read_as_far_as_they_go() {
    let archive = Archive::new();
    let body = r#"{"id":"r-1","totalParticipantCount":2.0,"meetingStartDateTime":7,"meetingEndDateTime":"soon","attendanceRecords":[
        {"id":"a","emailAddress":["x"],"identity":{"displayName":"Noor \ud83d","id":{}},"role":3,"totalAttendanceInSeconds":"60",
         "attendanceIntervals":[{"joinDateTime":"2026-10-14T10:00:00Z","leaveDateTime":null,"durationInSeconds":60.5}, 7, null]},
        null, [], {"identity":"nobody","attendanceIntervals":null}, {"identity":{"displayName":"\u0000"}}]}"#;
    archive.raw_report("m-1", 14, "r-1", body).await;
    let index = archive.indexed().await;
    assert_eq!(index.unreadable().unwrap(), []);
    let reports = index.session(&report_key(14, "r-1")).unwrap().unwrap();
    assert_eq!((reports[0].participants, reports[0].span, reports[0].records.len()), (Some(2), None, 5));
    let first = &reports[0].records[0];
    assert_eq!(first.name.as_ref().unwrap().literal(), Some("\"Noor \\ud83d\""));
    assert_eq!((first.graph_seconds, &first.address), (None, &None));
    assert_eq!(first.intervals.as_ref().unwrap().len(), 3);
    assert_eq!(reports[0].records[3].intervals, None);
    assert_eq!(found(&index, "noor"), ["r-1"]);
    assert_eq!(all(&index)[0].curve, [0; 0]);
}

#[tokio::test]
async fn a_refresh_that_was_stopped_goes_on_at_the_next_start() {
    let archive = Archive::new();
    for day in 1..=9 {
        archive.report(day, &format!("r-{day}"), json!([aiko(), noor()])).await;
    }
    let index = archive.indexed().await;
    // As if it had been stopped before anything was derived, and before two reports were read.
    let connection = Connection::open(index.path()).unwrap();
    connection
        .execute_batch(
            "INSERT INTO stale_series SELECT DISTINCT kind, series FROM sessions; INSERT INTO stale_people SELECT id FROM people; \
             DELETE FROM sessions; DELETE FROM session_identities; UPDATE people SET sessions = 0; UPDATE state SET as_of = NULL; \
             DELETE FROM objects WHERE key LIKE '%/r-3.json' OR key LIKE '%/r-4.json'",
        )
        .unwrap();
    let index = archive.index();
    assert_eq!(archive.refresh(&index).await, 2);
    assert_eq!(all(&index).len(), 9);
    let people = index.people(None, 0, 9).unwrap();
    assert_eq!(people.rows.iter().map(|line| line.sessions).collect::<Vec<_>>(), [9, 9]);
}

#[tokio::test]
async fn two_reports_with_a_short_gap_are_one_session() {
    let archive = Archive::new();
    archive.report_of("m-1", 14, (10, 11), "r-1", json!([aiko()])).await;
    archive.report_of("m-1", 14, (11, 12), "r-2", json!([aiko(), record("8:acs:x", "Guest", "")])).await;
    archive.report_of("m-1", 14, (14, 15), "r-3", json!([noor()])).await;
    let index = archive.indexed().await;
    let facts: Vec<_> = all(&index).into_iter().map(|line| (line.parts, line.people)).collect();
    assert_eq!(facts, [(1, 1), (2, 2)]);
    let of_part = index.session(&report_key(14, "r-2")).unwrap().unwrap();
    assert_eq!(of_part.iter().map(|report| report.id.as_str()).collect::<Vec<_>>(), ["r-1", "r-2"]);
}
