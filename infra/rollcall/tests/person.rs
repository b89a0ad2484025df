//! `rollcall person` writes a file that is its owner's alone, and chooses nobody of several.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::tz::TimeZone;
use rollcall::cli::{ArchiveOptions, PersonOptions};
use rollcall::person;
use shared::ports::store::{Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult};

const IDS: [&str; 3] = [
    "0a1b2c3d-0001-4000-8000-000000000001",
    "0a1b2c3d-0002-4000-8000-000000000002",
    "0a1b2c3d-0003-4000-8000-000000000003",
];

/// A report of three people, two of whom have one name.
async fn write(archive: &Path) {
    let names = ["Aiko </title><script>", "Noor Haddad", "Noor Haddad"];
    let record = |(id, name): (&str, &str)| {
        format!(
            r#"{{ "id":"{id}","emailAddress":"{}@contoso.com","identity":{{"id":"{id}","displayName":"{name}"}},
            "role":"Presenter","totalAttendanceInSeconds":3000,"attendanceIntervals":[{{"joinDateTime":"2026-10-14T10:05:00Z",
            "leaveDateTime":"2026-10-14T10:55:00Z","durationInSeconds":3000}}]}}"#,
            &id[9..13]
        )
    };
    let records: Vec<String> = IDS.into_iter().zip(names).map(record).collect();
    let times =
        r#""meetingStartDateTime":"2026-10-14T10:00:00Z","meetingEndDateTime":"2026-10-14T11:00:00Z""#;
    let body = format!(r#"{{"id":"r-1",{times},"attendanceRecords":[{}]}}"#, records.join(","));
    let key = "reports/v1/tenant=t-1/kind=meeting/date=2026-10-14/r-1.json";
    let source = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/m-1";
    let metadata: Metadata = [("source".to_owned(), source.to_owned())].into();
    let object = NewObject::new(body, "application/json", metadata);
    let put = FolderStore::open(archive).unwrap().put(key, object, Condition::IfAbsent).await.unwrap();
    assert_eq!(put, PutResult::Stored);
}

fn options(archive: &Path, who: &str, to: Option<PathBuf>) -> PersonOptions {
    PersonOptions {
        who: who.parse().unwrap(),
        archive: ArchiveOptions { archive: archive.to_string_lossy().into_owned() },
        to,
        json: false,
        same: None,
        zone: Some(TimeZone::UTC),
    }
}

#[tokio::test]
async fn a_page_and_json_are_written_for_one_person() {
    let (archive, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(archive.path()).await;
    let [html, json] = ["aiko.html", "aiko.json"].map(|name| files.path().join(name));
    for file in [&html, &json] {
        let code = person::run(&options(archive.path(), IDS[0], Some(file.clone()))).await.unwrap();
        assert_eq!(code, ExitCode::SUCCESS);
    }
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(
        page.contains("Wed 14 Oct 2026, 10:00–11:00") && page.contains("<td>10:05–10:55</td><td>50</td>")
    );
    assert!(!page.contains("<script") && !page.contains(IDS[1]), "markup is text, and others are not shown");
    let data: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let record = &data["found"][0]["records"][0];
    assert_eq!(
        (record["pointer"].as_str(), record["why"].as_str()),
        (Some("/attendanceRecords/0"), Some("id"))
    );
    assert_eq!(
        (record["record"]["id"].as_str(), data["undecided"].as_array().unwrap().len()),
        (Some(IDS[0]), 0)
    );
    #[cfg(unix)]
    for file in [html, json] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn of_several_of_one_name_nobody_is_chosen_and_nothing_is_written() {
    let (archive, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(archive.path()).await;
    let file = files.path().join("noor.json");
    let code = person::run(&options(archive.path(), "Noor Haddad", Some(file.clone()))).await.unwrap();
    assert_eq!((code, file.exists()), (ExitCode::from(2), false));
    let code = person::run(&options(archive.path(), "nobody@contoso.com", None)).await.unwrap();
    assert_eq!(code, ExitCode::FAILURE);
    let inside = person::run(&options(archive.path(), IDS[0], Some(archive.path().join("x.json")))).await;
    assert!(inside.unwrap_err().to_string().contains("only read"));
}
