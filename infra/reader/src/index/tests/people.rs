//! Who is one person, and in which sessions.

use serde_json::{Value, json};

use super::archive::{AIKO, Archive, NOOR, TENANT, aiko, noor, record, report_key};
use crate::index::{Index, SessionQuery};
use crate::model::Kind;

/// A record of somebody of whom nothing but name and address is known.
fn without_id(name: &str, address: &str) -> Value {
    let mut record = record("", name, address);
    record["identity"] = json!({"displayName": name});
    record["id"] = Value::Null;
    record
}

fn sessions_of(index: &Index, key: &str) -> usize {
    let query = SessionQuery { person: Some(key.to_owned()), limit: 9, ..SessionQuery::default() };
    index.sessions(&query).unwrap().total
}

#[tokio::test]
async fn a_record_without_an_id_is_the_only_user_who_has_the_address() {
    let archive = Archive::new();
    archive.report(1, "r-1", json!([without_id("Noor", "noor.haddad@fabrikam.com")])).await;
    let index = archive.indexed().await;
    assert_eq!(sessions_of(&index, "mail:noor.haddad@fabrikam.com"), 1);
    archive.report(2, "r-2", json!([aiko(), noor()])).await;
    archive.refresh(&index).await;
    let key = format!("user:{TENANT}/{NOOR}");
    assert_eq!((sessions_of(&index, &key), sessions_of(&index, "mail:noor.haddad@fabrikam.com")), (2, 2));
    let line = index.person(&key).unwrap().unwrap();
    let reports = index.excerpts(&key, &[&report_key(1, "r-1"), &report_key(2, "r-2")]).unwrap().concat();
    assert_eq!((line.sessions, line.name.unwrap().shown()), (2, "Noor Haddad"));
    assert_eq!(reports.iter().map(|report| report.records.len()).collect::<Vec<_>>(), [1, 1]);
    let people = index.people(Some("haddad"), 0, 9).unwrap();
    assert_eq!((people.total, people.rows[0].key.as_str()), (1, key.as_str()));
    assert_eq!(index.person("user:x/y").unwrap(), None);
}

#[tokio::test]
async fn two_ids_with_one_address_are_doubles_and_an_address_alone_joins_neither() {
    let archive = Archive::new();
    let other = record("0a1b2c3d-0007-4000-8000-000000000007", "N. Haddad", "noor.haddad@FABRIKAM.com");
    archive.report(1, "r-1", json!([noor(), without_id("Noor", "noor.haddad@fabrikam.com")])).await;
    let index = archive.indexed().await;
    assert_eq!(index.people(None, 0, 9).unwrap().total, 1);
    archive.report(2, "r-2", json!([other])).await;
    archive.refresh(&index).await;
    assert_eq!(index.people(None, 0, 9).unwrap().total, 3);
    assert_eq!(index.doubles_of(&format!("user:{TENANT}/{NOOR}")).unwrap().len(), 2);
    assert_eq!(
        index.sessions(&SessionQuery { limit: 9, ..SessionQuery::default() }).unwrap().rows[1].people,
        2
    );
    assert_eq!(index.doubles_of(&format!("user:{TENANT}/{AIKO}")).unwrap(), []);
}

#[tokio::test]
async fn a_key_leads_to_the_person_whom_it_means_in_all_of_the_archive() {
    let archive = Archive::new();
    archive.report(1, "r-1", json!([without_id("Aiko", "aiko.ferreira@contoso.com")])).await;
    archive.report(2, "r-2", json!([aiko(), noor()])).await;
    let index = archive.indexed().await;
    let user = |id: &str| Some(format!("user:{TENANT}/{id}"));
    let leads_to = |key: &str| index.key_of_person(key).unwrap();
    assert_eq!(leads_to("mail:aiko.ferreira@contoso.com"), user(AIKO));
    assert_eq!(leads_to("mail:noor.haddad@fabrikam.com"), user(NOOR), "nobody was seen by the address alone");
    assert_eq!(leads_to(&user(NOOR).unwrap()), user(NOOR));
    assert_eq!((leads_to("mail:daan@contoso.com"), leads_to("user:x/y"), leads_to("")), (None, None, None));
    let other = record("0a1b2c3d-0007-4000-8000-000000000007", "N. Haddad", "noor.haddad@fabrikam.com");
    archive.report(3, "r-3", json!([other])).await;
    archive.refresh(&index).await;
    assert_eq!(leads_to("mail:noor.haddad@fabrikam.com"), None, "of two nobody is chosen");
}

#[tokio::test]
async fn anonymous_people_of_one_name_stay_two() {
    let archive = Archive::new();
    let anonymous = |id: &str| record(id, "Noor", "");
    archive.report(1, "r-1", json!([anonymous("8:acs:1")])).await;
    archive.report(2, "r-2", json!([anonymous("8:acs:1")])).await;
    let index = archive.indexed().await;
    assert_eq!(index.people(Some("noor"), 0, 9).unwrap().total, 2);
}

#[tokio::test]
async fn a_registrant_has_the_address_of_the_registration_and_each_registration_is_as_it_was_last() {
    let archive = Archive::new();
    let event = format!("w-1@{TENANT}");
    let path = format!("solutions/virtualEvents/webinars/w-1%40{TENANT}");
    let source = [("source", format!("{path}/sessions/s-1"))];
    let source: Vec<(&str, &str)> = source.iter().map(|(name, path)| (*name, path.as_str())).collect();
    let mut registrant = without_id("Ilse", "");
    registrant["registrationId"] = json!("G-1");
    let report = json!({"id": "r-1", "meetingStartDateTime": "2026-10-14T10:00:00Z", "meetingEndDateTime": "2026-10-14T11:00:00Z",
        "attendanceRecords": [registrant]});
    let of_kind = format!("v1/tenant={TENANT}/kind=webinar");
    archive.put(&format!("reports/{of_kind}/date=2026-10-14/r-1.json"), &report.to_string(), &source).await;
    let index = archive.indexed().await;
    assert_eq!(sessions_of(&index, &format!("registrant:{event}/G-1")), 1);
    let registered = json!({"id": "G-1", "firstName": "Ilse", "lastName": "Lindqvist", "email": "ilse@contoso.com",
        "status": "registered", "registrationDateTime": "2026-10-01T00:00:00"});
    let mut canceled = registered.clone();
    canceled["status"] = json!("canceled");
    canceled["cancelationDateTime"] = json!("2026-10-02T00:00:00");
    let registrations = format!("registrations/{of_kind}/w");
    let of_event = [("source", path.as_str()), ("event-id", event.as_str())];
    archive
        .put(
            &format!("{registrations}.json"),
            &json!({"value": [registered, {"id": "G-2"}]}).to_string(),
            &of_event,
        )
        .await;
    archive.put(&format!("{registrations}/G-1.json"), &canceled.to_string(), &of_event).await;
    archive.refresh(&index).await;
    assert_eq!(sessions_of(&index, "mail:ilse@contoso.com"), 1);
    let all = index.registrations(Kind::Webinar, &event).unwrap();
    let facts: Vec<_> = all.iter().map(|one| (one.id.as_deref(), one.status.as_deref())).collect();
    assert_eq!(facts, [(Some("G-2"), None), (Some("G-1"), Some("canceled"))]);
    assert_eq!(all[1].name.as_ref().unwrap().shown(), "Ilse Lindqvist");
}
