//! Pseudonymised copies of whole archives: what no byte of them may have is told by the archive's bytes, and not by the code that is tested.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jiff::Timestamp;
use reader::files::csv::CsvOptions;
use reader::files::pseudonymised as files;
use reader::index::{Index, SeriesQuery};
use reader::pseudonyms::{PseudonymKey, PseudonymisedSession, Pseudonymiser, Times};
use reader::rules::Rules;
use reader::session::sessions_of;
use serde_json::{Value, json};
use shared::ports::store::{Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult};
use tools::programs;

use crate::odd_archive;

const PACKAGES: [&str; 2] = ["openpyxl==3.1.5", "pandas==2.3.3"];

/// The texts that a copy may have, beside pseudonyms, instants and the rules.
const WORDS: [&str; 31] = [
    "15min",
    "meeting",
    "webinar",
    "townhall",
    "user",
    "address",
    "registrant",
    "phone",
    "anonymous",
    "Organizer",
    "Presenter",
    "Attendee",
    "yes",
    "no",
    "times",
    "as Graph",
    "named only",
    "not known",
    "present",
    "partial",
    "absent",
    "registered",
    "canceled",
    "waitlisted",
    "pendingApproval",
    "rejectedByOrganizer",
    "other",
    "the times that were given",
    "the plan of the session",
    "the plan of the meeting",
    "the report's own times",
];

/// What JSON alone has in other words.
const JSON_WORDS: [&str; 9] =
    ["asGraph", "namedOnly", "nothing", "unknown", "given", "session", "report", "excused", "meeting"];

const TENANT: &str = "3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";
const AIKO: &str = "0a1b2c3d-0001-4000-8000-000000000001";
const OTHER: &str = "0a1b2c3d-0002-4000-8000-000000000002";
const EVENT: &str = "0a1b2c3d-0077-4000-8000-000000000077@3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";

async fn indexed(archive: &Path, cache: &Path) -> Index {
    let index = Index::open(cache.join("rollcall/index.sqlite")).unwrap();
    let store = Arc::new(FolderStore::existing(archive).unwrap());
    index.refresh(store, "2026-11-12T06:00:00Z".parse().unwrap(), &|_| ()).await.unwrap();
    index
}

fn key(byte: u8) -> PseudonymKey {
    PseudonymKey::of_file(&[byte; 32]).unwrap()
}

/// The copies of the sessions that a query finds.
fn copies(
    index: &Index,
    key: &PseudonymKey,
    query: &SeriesQuery,
    rules: &Rules,
) -> Vec<PseudonymisedSession> {
    let sessions = sessions_of(index.reports(query).unwrap(), rules);
    let mut pseudonymiser = Pseudonymiser::new(index, key, Times::QuarterHours, rules, &sessions).unwrap();
    sessions.iter().map(|reports| pseudonymiser.session(reports).unwrap().unwrap()).collect()
}

fn is_pseudonym(text: &str) -> bool {
    let rest = ["k_", "m_", "p_", "s_"].iter().find_map(|kind| text.strip_prefix(kind));
    rest.is_some_and(|rest| {
        rest.len() == 26 && rest.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    })
}

/// Whether a text is an instant, which must be a quarter of an hour.
fn is_quarter(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok_and(|at| at.as_nanosecond() % 900_000_000_000 == 0)
}

fn assert_json(value: &Value) {
    match value {
        Value::Object(members) => members.values().for_each(assert_json),
        Value::Array(all) => all.iter().for_each(assert_json),
        Value::String(text) => {
            let is_word = WORDS.contains(&text.as_str()) || JSON_WORDS.contains(&text.as_str());
            assert!(is_word || is_pseudonym(text) || is_quarter(text), "{text:?}");
        }
        _ => {}
    }
}

fn assert_csv(bytes: &[u8]) {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    for line in text.lines().skip(1) {
        for field in line.split(',').filter(|field| !field.is_empty()) {
            let is_number = field.parse::<i64>().is_ok();
            assert!(
                is_number || WORDS.contains(&field) || is_pseudonym(field) || is_quarter(field),
                "{field:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_text_of_the_archive_of_oddities_is_a_pseudonym_an_instant_or_a_word_of_ours() {
    let (archive, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    odd_archive::write(archive.path()).await;
    let index = indexed(archive.path(), cache.path()).await;
    let rules = Rules::default();
    let copies = copies(&index, &key(7), &SeriesQuery::default(), &rules);
    assert!(copies.len() > 90);
    for copy in &copies {
        let written: Value = serde_json::from_slice(&files::json(copy, &rules).unwrap()).unwrap();
        assert_json(&written["session"]);
        assert_csv(&files::csv(copy, &rules.zone, CsvOptions::default()).unwrap());
        assert_csv(&files::csv_registrations(copy, &rules.zone, CsvOptions::default()).unwrap());
    }
}

/// Somebody from 10:07 to 10:52, with members that Graph may add.
fn record(id: &str, name: &str, address: &str) -> Value {
    json!({
        "id": id, "emailAddress": address, "role": "Attendee", "totalAttendanceInSeconds": 2711,
        "identity": {"id": id, "displayName": name, "tenantId": TENANT, "department": "Zyx-department"},
        "registrationId": format!("{id}-registration"),
        "deviceInfo": {"agent": "Zyx-agent/7.1", "ipAddress": "203.0.113.77"},
        "registrationAnswers": [{"questionText": "Zyx-question", "value": "Zyx-answer"}],
        "attendanceIntervals": [{"joinDateTime": "2026-10-14T10:07:11Z", "leaveDateTime": "2026-10-14T10:52:22Z",
            "durationInSeconds": 2711, "deviceName": "Zyx-device"}],
    })
}

async fn put(archive: &Path, key: &str, body: Value, source: &str) {
    let metadata: Metadata = [("source".to_owned(), source.to_owned())].into();
    let object = NewObject::new(body.to_string(), "application/json", metadata);
    let put = FolderStore::open(archive).unwrap().put(key, object, Condition::IfAbsent).await.unwrap();
    assert_eq!(put, PutResult::Stored);
}

async fn put_report(archive: &Path, kind: &str, day: u32, source: &str, records: Value) {
    let body = json!({"id": format!("report-zyx-{kind}-{day}"), "subject": "Zyx-subject", "totalParticipantCount": 9,
        "meetingStartDateTime": format!("2026-10-{day}T10:01:01Z"), "meetingEndDateTime": format!("2026-10-{day}T11:02:02Z"),
        "attendanceRecords": records});
    let key =
        format!("reports/v1/tenant={TENANT}/kind={kind}/date=2026-10-{day}/report-zyx-{kind}-{day}.json");
    put(archive, &key, body, source).await;
}

/// A meeting on two days and a webinar's session, with a registration, members that nobody knows, and somebody who was erased.
async fn write(archive: &Path) {
    let aiko = || record(AIKO, "Aiko Zyx-Ferreira", "aiko.zyx@contoso.com");
    let by_address = json!({"emailAddress": "Aiko.ZYX@contoso.com", "identity": {"displayName": "A. Zyx"}});
    let erased = json!({"rollcallErased": {"erasure": "erasure-zyx", "at": "2026-11-01T08:00:03Z"}});
    let meeting = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/meeting-zyx";
    let other = record(OTHER, "Noor Zyx-Haddad", "noor.zyx@fabrikam.com");
    let guest = record("8:acs:guest-zyx", "Guest Zyx", "");
    let telephone = record("+31201232714", "+31 20 123 2714", "");
    put_report(archive, "meeting", 14, meeting, json!([aiko(), other, guest, telephone, erased])).await;
    put_report(archive, "meeting", 21, meeting, json!([by_address])).await;
    let webinar = format!("solutions/virtualEvents/webinars/{}", EVENT.replace('@', "%40"));
    put_report(archive, "webinar", 22, &format!("{webinar}/sessions/session-zyx"), json!([aiko()])).await;
    let registration = json!({"value": [
        {"id": "registration-zyx", "firstName": "Aiko", "lastName": "Zyx-Ferreira", "email": "aiko.zyx@contoso.com",
            "status": "registered", "registrationDateTime": "2026-10-01T08:09:10Z", "userId": AIKO,
            "registrationQuestionAnswers": [{"displayName": "Zyx-shoe size", "value": "Zyx-42"}]},
        {"id": "registration-zyx-2", "firstName": "Petra", "lastName": "Zyx-Vossberg", "email": "petra.zyx@contoso.com",
            "status": "Zyx-status", "registrationDateTime": "2026-10-02T08:09:10Z"}]});
    let key = format!("registrations/v1/tenant={TENANT}/kind=webinar/{EVENT}.json");
    put(archive, &key, registration, &format!("{webinar}/registrations")).await;
    let event = json!({"id": EVENT, "displayName": "Zyx-title of the webinar", "description": {"content": "Zyx-text"}});
    put(archive, &format!("events/v1/tenant={TENANT}/kind=webinar/{EVENT}.json"), event, &webinar).await;
}

/// Every text that an object of the archive has, and may not be in a copy; and the times to the second.
fn needles(archive: &Path) -> BTreeSet<String> {
    let mut needles = BTreeSet::new();
    let mut folders = vec![archive.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(value) = serde_json::from_slice(&std::fs::read(&path).unwrap()) {
                add_texts(&value, &mut needles);
            }
        }
    }
    // Seconds that are no quarter of an hour, as they stand in the reports.
    needles.insert("2711".to_owned());
    needles.insert("zyx".to_owned());
    needles.retain(|text| text.len() > 2 && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)));
    needles
}

fn add_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|member| add_texts(member, texts)),
        Value::Array(all) => all.iter().for_each(|one| add_texts(one, texts)),
        Value::String(text) => {
            texts.insert(text.to_lowercase());
            // An instant also without its zone, and as the hour of the day.
            if let Some((_, hour)) = text.split_once('T').filter(|_| text.parse::<Timestamp>().is_ok()) {
                texts.insert(hour.trim_end_matches('Z').to_owned());
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn no_text_of_the_archive_is_in_a_byte_of_any_form() {
    let (archive, cache, written) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(archive.path()).await;
    let index = indexed(archive.path(), cache.path()).await;
    let needles = needles(archive.path());
    assert!(
        ["aiko.zyx@contoso.com", AIKO, "zyx-answer", "10:07:11", "203.0.113.77"]
            .iter()
            .all(|one| needles.contains(*one))
    );
    let told = vec![("aiko.zyx@contoso.com".to_owned(), "noor.zyx@fabrikam.com".to_owned())];
    for (name, same) in [("one", Vec::new()), ("told", told)] {
        let rules = Rules { same, ..Rules::default() };
        for copy in copies(&index, &key(7), &SeriesQuery::default(), &rules) {
            let xlsx = files::xlsx(&copy, &rules).unwrap();
            std::fs::write(written.path().join(format!("{name}-{}.xlsx", copy.session)), &xlsx).unwrap();
            for bytes in [
                xlsx,
                files::json(&copy, &rules).unwrap(),
                files::csv(&copy, &rules.zone, CsvOptions::default()).unwrap(),
                files::csv_registrations(&copy, &rules.zone, CsvOptions::default()).unwrap(),
            ] {
                let text = String::from_utf8_lossy(&bytes).to_lowercase();
                let found: Vec<_> = needles.iter().filter(|needle| text.contains(needle.as_str())).collect();
                assert!(found.is_empty(), "{found:?} in {text}");
            }
        }
    }
    unpack(written.path(), &needles);
}

/// Has Python unpack the workbooks, and look through what is in them.
fn unpack(folder: &Path, needles: &BTreeSet<String>) {
    let Some(python) = programs::python(&PACKAGES) else {
        assert!(std::env::var_os("CI").is_none(), "CI must unpack the workbooks with openpyxl");
        return programs::skipped("openpyxl cannot be installed, so no workbook is unpacked");
    };
    std::fs::write(folder.join("needles.json"), json!(needles).to_string()).unwrap();
    std::fs::write(folder.join("words.json"), json!(WORDS).to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read_pseudonymised.py");
    let output = Command::new(python.join("python")).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_person_is_one_by_id_by_address_and_by_registration_whichever_sessions_are_chosen() {
    let (archive, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(archive.path()).await;
    let index = indexed(archive.path(), cache.path()).await;
    let all = copies(&index, &key(7), &SeriesQuery::default(), &Rules::default());
    assert_eq!(all.iter().map(|copy| copy.people.len()).collect::<Vec<_>>(), [4, 1, 1]);
    let aiko = &all[1].people[0].person;
    assert!(aiko.is_some() && all[0].people.iter().any(|one| one.person == *aiko));
    assert_eq!(all[2].people[0].person, *aiko);
    assert!(all[0].people.iter().all(|one| one.person.is_some()), "who was erased is in no row");
    let registered: Vec<_> = all[2].registrations.iter().map(|one| (&one.person, one.status)).collect();
    assert!(registered.len() == 2 && registered.contains(&(aiko, Some("registered"))), "{registered:?}");

    let since = "2026-10-20T00:00:00Z".parse().ok();
    let later = SeriesQuery { since, ..SeriesQuery::default() };
    assert_eq!(copies(&index, &key(7), &later, &Rules::default()), all[1..]);
    let with_another = copies(&index, &key(8), &later, &Rules::default());
    assert!(with_another[0].people[0].person.is_some() && with_another[0].people[0].person != *aiko);
}

#[tokio::test]
async fn who_was_told_to_be_the_same_is_so_also_where_one_of_both_is_not_chosen() {
    let (archive, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(archive.path()).await;
    let index = indexed(archive.path(), cache.path()).await;
    let rules = Rules { same: vec![(OTHER.to_owned(), AIKO.to_owned())], ..Rules::default() };
    let all = copies(&index, &key(7), &SeriesQuery::default(), &rules);
    assert_eq!(all[0].people.len(), 3, "two ids are one person");
    let later = SeriesQuery { since: "2026-10-20T00:00:00Z".parse().ok(), ..SeriesQuery::default() };
    assert_eq!(copies(&index, &key(7), &later, &rules), all[1..]);
}
