//! The page of a person, held against the pages of the sessions.

use super::*;
use crate::index::SessionQuery;
use crate::pages::attended::{Attended, attended};
use crate::pages::loaded::loaded;

/// A part of a session: the report of some minutes of 14 October.
fn part(id: &str, minutes: (u32, u32), records: &[Value]) -> (String, String) {
    let at = |minute: u32| format!("2026-10-14T10:{minute:02}:00Z");
    let body = json!({
        "id": id, "totalParticipantCount": records.len(), "attendanceRecords": records,
        "meetingStartDateTime": at(minutes.0), "meetingEndDateTime": at(minutes.1),
    });
    (id.to_owned(), body.to_string())
}

/// Somebody whom no id of Entra tells: a telephone, anonymous, or nothing but an address.
fn stranger(record_id: Option<&str>, identity_id: Option<&str>, address: &str) -> Value {
    json!({
        "id": record_id, "emailAddress": address, "role": "Attendee", "totalAttendanceInSeconds": 300,
        "identity": {"id": identity_id, "displayName": format!("Somebody {address}")},
        "attendanceIntervals": [{
            "joinDateTime": "2026-10-14T10:20:00Z", "leaveDateTime": "2026-10-14T10:25:00Z", "durationInSeconds": 300,
        }],
    })
}

/// A person who has another address than by the number.
fn at_address(number: usize, address: &str) -> Value {
    let mut record = person(number, &format!("Person {number}"));
    record["emailAddress"] = json!(address);
    record
}

/// A session of two reports, and another of names alone.
fn odd() -> Vec<(String, String)> {
    let phone = || stranger(None, Some("+31201232714"), "");
    let (doubled, shared) = ("doubled@contoso.com", "Shared@contoso.com");
    let mut without_times = person(1, "Aiko Ferreira");
    without_times["attendanceIntervals"] = json!(null);
    let mut named = [without_times, person(2, "Noor Haddad")];
    named[0]["totalAttendanceInSeconds"] = json!(null);
    let alone: Vec<Value> = named[..1].to_vec();
    vec![
        part("r-1", (0, 20), &[person(1, "Aiko"), phone(), at_address(3, doubled), stranger(None, None, "")]),
        part(
            "r-2",
            (22, 40),
            &[
                person(1, "Aiko Ferreira"),
                phone(),
                stranger(Some("8:acs:1"), Some("8:acs:1"), ""),
                stranger(None, Some("+31209998888"), ""),
                stranger(None, None, ""),
                at_address(4, "DOUBLED@contoso.com"),
                stranger(None, None, doubled),
                at_address(5, "shared@contoso.com"),
                stranger(None, None, shared),
                stranger(None, None, "alone@fabrikam.com"),
            ],
        ),
        part("r-3", (58, 59), &named),
        ("r-4".to_owned(), json!({"id": "r-4", "attendanceRecords": alone}).to_string()),
    ]
}

fn borrowed(reports: &[(String, String)]) -> Vec<(&str, String)> {
    reports.iter().map(|(id, body)| (id.as_str(), body.clone())).collect()
}

#[tokio::test]
async fn everybody_on_a_session_s_page_has_a_page_that_leads_back() {
    let reports = odd();
    let browser = Browser::open(&borrowed(&reports)).await;
    let session = browser.link("/?search=fabrikam", "/session").await;
    let page = browser.text(&session).await;
    assert!(page.contains("11 joined"), "{page}");
    let links: Vec<String> = page
        .split("href=\"/person?")
        .skip(1)
        .map(|rest| format!("/person?{}", rest.split('"').next().unwrap().replace("&#38;", "&")))
        .collect();
    assert!(links.iter().any(|link| link.contains("phone")) && links.len() > 8, "{links:?}");
    for link in links {
        let person = browser.text(&link).await;
        assert!(person.contains("known sessions that name the person"), "{link}");
        let back = person.contains("/session?");
        assert!(back, "{link}");
    }
}

#[tokio::test]
async fn an_excerpt_says_of_a_person_what_the_whole_session_says() {
    let reports = odd();
    let browser = Browser::open(&borrowed(&reports)).await;
    let (index, rules) = (&browser.index, Rules::default());
    let people = index.people(None, 0, 100).unwrap().rows;
    assert!(people.len() > 10, "{people:?}");
    for person in people {
        let query = SessionQuery { person: Some(person.key.clone()), limit: 100, ..SessionQuery::default() };
        let sessions = index.sessions(&query).unwrap().rows;
        let keys = index.keys_of(&person.key).unwrap();
        let whole: Vec<Attended> = sessions
            .iter()
            .map(|line| (line, loaded(index, &line.key, rules.clone()).unwrap().unwrap().session))
            .map(|(line, session)| Attended::of(&keys, &line.key, session).unwrap())
            .collect();
        assert_eq!(whole.len(), person.sessions);
        assert_eq!(attended(index, &person.key, &sessions, &rules).unwrap(), whole, "{}", person.key);
    }
}
