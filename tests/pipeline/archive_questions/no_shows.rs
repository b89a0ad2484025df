//! Who registered and did not come follows from registrations against records.

use std::path::Path;

use serde_json::{Value, json};

use super::{ask_everything, record, sorted, write};

/// Adds the line of one registration, which Graph listed or which was read by its id.
fn registered(event: &str, registration: &Value, is_listed: bool, archive: &Path) {
    let name = registration["firstName"].as_str().unwrap();
    let (list, id) = (format!("{event}-{name}"), format!("{event}~{name}"));
    let line =
        json!({"kind": "webinar", "eventId": event, "isListed": is_listed, "registration": registration});
    let key =
        format!("lines/registrations/v1/tenant=t/kind=webinar/{}.jsonl", if is_listed { list } else { id });
    write(archive, &key, &format!("{line}\n"));
}

/// Those who came, in ways that a record tells of, and those whose records say that they did not.
fn add_records(archive: &Path) {
    let came = |event: &str, members: Value, seconds: Value| {
        let mut members = members;
        members["totalAttendanceInSeconds"] = seconds;
        record(event, &members, archive);
    };
    came("w-1", json!({"registrationId": "G-1"}), json!(60));
    came("w-1", json!({"externalRegistrationInformation": {"registrationId": "x-2"}}), json!(60));
    came("w-1", json!({"emailAddress": "Three@Contoso.com"}), json!(60));
    came("w-1", json!({"registrationId": "g-4", "emailAddress": "four@contoso.com"}), json!(0));
    came("w-1", json!({"registrationId": "g-9"}), Value::Null);
    came("w-1", json!({"registrationId": "g-11"}), json!(0));
    came("w-1", json!({"emailAddress": "eleven@contoso.com"}), json!(60));
    came("w-2", json!({"registrationId": "g-10"}), json!(60));
    came("w-4", json!({"identity": {"displayName": "Somebody"}}), json!(60));
}

fn add_registrations(archive: &Path) {
    let add = |event: &str, name: &str, members: Value, is_listed: bool| {
        let mut registration =
            json!({"firstName": name, "status": "registered", "registrationDateTime": "2026-02-01T10:00:00"});
        registration.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        registered(event, &registration, is_listed, archive);
    };
    let external = |id: &str| json!({"id": "g-2", "externalRegistrationInformation": {"registrationId": id}});
    add("w-1", "ById", json!({"id": "g-1"}), true);
    add("w-1", "ByExternalId", external("x-2"), true);
    add("w-1", "ByAddress", json!({"id": "g-3", "email": "three@contoso.com"}), true);
    add("w-1", "NoSeconds", json!({"id": "g-4", "email": "four@contoso.com"}), true);
    add("w-1", "NoRecord", json!({"id": "g-5", "email": "five@contoso.com", "lastName": "Five"}), true);
    add("w-1", "Waitlisted", json!({"id": "g-6", "status": "waitlisted"}), true);
    add("w-1", "Canceled", json!({"id": "g-7"}), true);
    let canceled = json!({"status": "canceled", "cancelationDateTime": "2026-02-02T10:00:00"});
    let with_id = |mut members: Value, id: &str| {
        members["id"] = id.into();
        members
    };
    add("w-1", "Canceled", with_id(canceled.clone(), "G-7"), false);
    add("w-1", "CanceledBefore", with_id(canceled, "g-8"), true);
    let again = json!({"id": "g-8", "registrationDateTime": "2026-02-03T10:00:00"});
    add("w-1", "CanceledBefore", again, false);
    add("w-1", "NoTime", json!({"id": "g-9"}), true);
    add("w-1", "AtAnother", json!({"id": "g-10"}), true);
    add("w-1", "OnceOfTwo", json!({"id": "g-11", "email": "eleven@contoso.com"}), true);
    add("w-1", "Unmatchable", json!({}), true);
    add("w-3", "NotYet", json!({"id": "g-12"}), true);
    add("w-4", "Single", json!({"id": "g-13"}), false);
}

#[test]
fn who_registered_and_is_in_no_record_is_named_and_nobody_where_registrations_were_not_seen() {
    let archive = tempfile::tempdir().unwrap();
    add_records(archive.path());
    add_registrations(archive.path());
    let Some(answers) = ask_everything(archive.path()) else { return };
    for (question, rows) in answers["duckdb"]["answers"].as_object().unwrap() {
        assert_eq!(sorted(rows), sorted(&answers["athena"]["answers"][question]), "{question}");
    }
    let rows = answers["duckdb"]["answers"]["no-shows"].as_array().unwrap();
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let told: Vec<[String; 3]> =
        rows.iter().map(|row| ["eventid", "person", "note"].map(|column| text(row, column))).collect();
    assert_eq!(
        told,
        [
            ["w-1", "AtAnother", ""],
            ["w-1", "CanceledBefore", ""],
            ["w-1", "NoRecord Five", ""],
            ["w-1", "NoSeconds", ""],
            ["w-1", "NoTime", "a record names this person without a time"],
            ["w-1", "Unmatchable", "the registration has no id and no address"],
            ["w-2", "", "registrations were not seen"],
            ["w-4", "Single", ""],
            ["w-4", "", "registrations were not listed: there may be more"],
        ]
    );
    let registrations = answers["duckdb"]["answers"]["registrations"].as_array().unwrap();
    assert_eq!(registrations.len(), 14, "each once");
}
