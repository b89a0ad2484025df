//! The pages of an invented archive, asked as a browser asks.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::header::{CONTENT_DISPOSITION, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use shared::ports::store::{Condition, FolderStore, NewObject, ObjectStore as _, PutResult};
use tower::ServiceExt as _;

use super::{FetchCommand, Gate, Pages, router};
use crate::index::Index;
use crate::rules::{Rules, zone};

mod person;

const TENANT: &str = "3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";
const PORT: u16 = 8765;

/// A running set of pages, with the cookie that they gave.
struct Browser {
    router: Router,
    cookie: String,
    index: Arc<Index>,
    _folders: [tempfile::TempDir; 2],
}

fn key(id: &str) -> String {
    format!("reports/v1/tenant={TENANT}/kind=meeting/date=2026-10-14/{id}.json")
}

fn person(number: usize, name: &str) -> Value {
    let id = format!("0a1b2c3d-0001-4000-8000-{number:012}");
    json!({
        "id": id, "emailAddress": format!("person.{number}@contoso.com"), "role": "Attendee", "totalAttendanceInSeconds": 3000,
        "identity": {"id": id, "displayName": name, "tenantId": TENANT},
        "attendanceIntervals": [{
            "joinDateTime": "2026-10-14T10:05:00Z", "leaveDateTime": "2026-10-14T10:55:00Z", "durationInSeconds": 3000,
        }],
    })
}

fn report(id: &str, people: &[Value]) -> String {
    json!({
        "id": id, "totalParticipantCount": people.len(), "attendanceRecords": people,
        "meetingStartDateTime": "2026-10-14T10:00:00Z", "meetingEndDateTime": "2026-10-14T11:00:00Z",
    })
    .to_string()
}

impl Browser {
    async fn open(reports: &[(&str, String)]) -> Self {
        Self::with(reports, None, Rules::default()).await
    }

    async fn with(reports: &[(&str, String)], ledger: Option<String>, rules: Rules) -> Self {
        let [archive, caches] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let store = FolderStore::open(archive.path()).unwrap();
        for (id, body) in reports {
            let source = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/m-1";
            let metadata =
                [("source".to_owned(), source.to_owned()), ("report-id".to_owned(), (*id).to_owned())];
            let object = NewObject::new(body.clone(), "application/json", metadata.into());
            assert_eq!(store.put(&key(id), object, Condition::Always).await.unwrap(), PutResult::Stored);
        }
        if let Some(lines) = ledger {
            let key = format!("audits/v1/tenant={TENANT}/date=2026-10-31/run-1.jsonl");
            let object = NewObject::new(lines, "application/jsonl", Default::default());
            assert_eq!(store.put(&key, object, Condition::Always).await.unwrap(), PutResult::Stored);
        }
        let index = Arc::new(Index::open(caches.path().join("index.sqlite")).unwrap());
        let store = Arc::new(store);
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        index.refresh(store.clone(), now, &|_| {}).await.unwrap();
        let rules = Rules { zone: zone("Europe/Amsterdam").unwrap(), ..rules };
        let fetch_command = FetchCommand::Pull("/archive".into());
        let pages = Pages {
            index: Arc::clone(&index),
            store,
            archive: "/archive".into(),
            rules,
            roster: None,
            fetch_command,
        };
        let gate = Gate::new(PORT).unwrap();
        let first = gate.address().split_once(&PORT.to_string()).unwrap().1.to_owned();
        let mut browser =
            Self { router: router(pages, gate), cookie: String::new(), index, _folders: [archive, caches] };
        let answer = browser.ask(&first).await;
        assert_eq!(
            (answer.status(), answer.headers()[LOCATION].as_bytes()),
            (StatusCode::SEE_OTHER, &b"/"[..])
        );
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        browser.cookie = cookie.split(';').next().unwrap().to_owned();
        browser
    }

    async fn ask(&self, uri: &str) -> Response {
        let request =
            Request::get(uri).header(HOST, format!("127.0.0.1:{PORT}")).header(COOKIE, &self.cookie);
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(&self, uri: &str) -> String {
        let answer = self.ask(uri).await;
        assert_eq!(answer.status(), StatusCode::OK, "{uri}");
        String::from_utf8(to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    /// The first link to a page, as the page before has it.
    async fn link(&self, from: &str, to: &str) -> String {
        let page = self.text(from).await;
        let start =
            page.find(&format!("href=\"{to}?")).unwrap_or_else(|| panic!("{from} has no {to}: {page}"));
        page[start + 6..].split('"').next().unwrap().replace("&#38;", "&")
    }
}

#[tokio::test]
async fn every_page_shows_a_name_with_markup_as_text() {
    let people = [person(1, "<img src=x onerror=alert(1)>"), person(2, "\u{202e}noor"), person(3, "a\0b")];
    let browser = Browser::open(&[("r-1", report("r-1", &people))]).await;
    let session = browser.link("/", "/session").await;
    let register = browser.link("/series", "/register").await;
    let one = browser.link("/people?search=img", "/person").await;
    let certificate = browser.link(&one, "/certificate").await;
    for uri in ["/", "/series", "/people", "/completeness", &session, &register, &one, &certificate] {
        let page = browser.text(uri).await;
        for forbidden in ["<img src=x", "<script", "javascript:", " style=", "onerror=alert(1)>", "\0"] {
            assert!(!page.contains(forbidden), "{forbidden} in {uri}");
        }
        assert!(page.contains("Skip to the content") && page.contains("<bdi>/archive</bdi>"), "{uri}");
    }
    assert!(browser.text(&session).await.contains("<bdi>\u{202e}noor</bdi>"));
    assert!(browser.text("/style.css").await.contains("prefers-color-scheme"));
}

#[tokio::test]
async fn the_json_as_graph_sent_it_is_the_archive_s_bytes_and_no_other_key_is_read() {
    let body = report("r-1", &[person(1, "Aiko Ferreira")]);
    let browser = Browser::open(&[("r-1", body.clone())]).await;
    let session = browser.link("/", "/session").await;
    let json = browser.link(&session, "/session/report.json").await;
    assert_eq!(browser.text(&json).await, body);
    let disposition = browser.ask(&json).await.headers()[CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"r-1.json\""), "{disposition}");
    for other in ["../../etc/passwd", "audits%2Fv1", ".rollcall%2Flock"] {
        let uri = format!("{}{other}", json.split("id=").next().unwrap().to_owned() + "id=");
        assert_eq!(browser.ask(&uri).await.status(), StatusCode::NOT_FOUND, "{uri}");
    }
}

#[tokio::test]
async fn every_file_of_a_session_and_of_a_register_is_written() {
    let browser = Browser::open(&[("r-1", report("r-1", &[person(1, "=1+1")]))]).await;
    let session = browser.link("/", "/session").await;
    for file in [
        "people.csv",
        "records.csv",
        "teams.csv",
        "teams-engagement.csv",
        "people.xlsx",
        "people.json",
        "picture.svg",
    ] {
        let uri = session.replace("/session?", &format!("/session/{file}?"));
        assert_eq!(browser.ask(&uri).await.status(), StatusCode::OK, "{uri}");
    }
    let register = browser.link("/series", "/register").await;
    for file in ["register.csv", "register.json", "register.xlsx", "register.html"] {
        let uri = register.replace("/register?", &format!("/register/{file}?"));
        assert_eq!(browser.ask(&uri).await.status(), StatusCode::OK, "{uri}");
    }
    for uri in ["/?format=csv", "/series?format=csv", "/people?format=csv", "/completeness?format=csv"] {
        assert!(browser.text(uri).await.starts_with('\u{feff}'), "{uri}");
    }
    assert!(browser.text("/people?format=csv").await.contains("'=1+1"));
    let people: Value = serde_json::from_str(&browser.text("/people?format=json").await).unwrap();
    assert_eq!(people[0]["name"], "=1+1");
}

#[tokio::test]
async fn the_file_of_a_page_has_who_is_looked_for_in_the_page_s_order_on_all_pages() {
    let people: Vec<Value> = (0..250).map(|n| person(n, &format!("Person {n:03}"))).collect();
    let mut other = person(900, "Aiko Ferreira");
    other["emailAddress"] = "aiko.ferreira@contoso.com".into();
    let browser = Browser::open(&[("r-1", report("r-1", &[people, vec![other]].concat()))]).await;
    let session = browser.link("/", "/session").await + "&search=person+&sort=name&order=reversed";
    let csv = browser.text(&format!("{session}&format=csv")).await;
    assert_eq!(csv.lines().count(), 251, "a heading, and nobody else");
    assert!(csv.lines().nth(1).unwrap().starts_with("Person 249,"), "{csv}");
    let json: Value = serde_json::from_str(&browser.text(&format!("{session}&format=json")).await).unwrap();
    assert_eq!(json["session"]["attendees"][249]["person"]["name"], "Person 000");
    assert_eq!(json["session"]["attendees"].as_array().unwrap().len(), 250);
}

#[tokio::test]
async fn letters_of_ones_own_and_every_mark_are_on_pages_and_in_files() {
    let mut organizer = person(1, "Mirella Oduya");
    organizer["role"] = "Organizer".into();
    let letters = crate::rules::letters("present=X").unwrap();
    let rules = Rules { letters, ..Rules::default() };
    let body = report("r-1", &[organizer, person(2, "Noor Haddad")]);
    let browser = Browser::with(&[("r-1", body)], None, rules).await;
    let session = browser.link("/", "/session").await;
    assert_eq!(browser.text(&session).await.matches("<b>X</b> present</span>").count(), 2);
    let csv = browser.text(&session.replace("/session?", "/session/people.csv?")).await;
    assert_eq!(csv.matches(",X,no,no,times,").count(), 2, "{csv}");
    let register = browser.link("/series", "/register").await;
    assert!(browser.text(&register).await.contains("<b>X</b> present</span>"), "the legend");
}

#[tokio::test]
async fn a_series_of_which_nothing_is_kept_is_reached_from_its_day() {
    let line = |state: &str, source: &str, start: Value| json!({"state": state, "source": source, "reportId": start, "title": "Nothing kept", "meetingStartDateTime": start});
    let summary = json!({"summary": {"since": "2026-10-01T00:00:00Z", "until": "2026-10-31T00:00:00Z", "isComplete": false, "objects": 0}});
    let lines = [
        line(
            "missing",
            "solutions/virtualEvents/webinars/w-1@t-1/sessions/s-1",
            "2026-10-14T10:00:00Z".into(),
        ),
        line("doubtful", "solutions/virtualEvents/townhalls", Value::Null),
        line("unreachable", "users/o-1/calendarView", Value::Null),
        summary,
    ];
    let ledger = lines.iter().map(|line| format!("{line}\n")).collect();
    let browser = Browser::with(&[], Some(ledger), Rules::default()).await;
    let day = browser.text("/completeness?day=2026-10-14").await;
    assert!(day.contains("1 session: 1 missing, 1 source doubtful, 1 source not looked at"), "{day}");
    let register = browser.text(&browser.link("/completeness?day=2026-10-14", "/register").await).await;
    assert!(
        register.contains("Register · <bdi>Nothing kept</bdi>") && register.contains("no report is kept")
    );
}

#[tokio::test]
async fn what_is_too_large_for_a_file_is_a_sentence() {
    let browser = Browser::open(&[]).await;
    assert_eq!(
        browser.ask("/register/register.xlsx?kind=meeting&id=none").await.status(),
        StatusCode::NOT_FOUND
    );
    let error = crate::files::FileError::TooManyColumns { sheet: "Register", columns: 16_409 };
    let answer = axum::response::IntoResponse::into_response(super::downloads::unwritten(error));
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    assert!(String::from_utf8_lossy(&page).contains("take fewer sessions"));
}

#[tokio::test]
async fn a_text_of_a_megabyte_is_cut_on_pages_and_whole_in_files() {
    let long = "é".repeat(500_000);
    let mut one = person(1, &long);
    one["emailAddress"] = format!("{long}@contoso.com").into();
    let browser = Browser::open(&[("r-1", report("r-1", &[one]))]).await;
    let session = browser.link("/", "/session").await;
    let register = browser.link("/series", "/register").await;
    let one = browser.link("/people", "/person").await;
    let certificate = browser.link(&one, "/certificate").await;
    for uri in ["/", "/series", "/people", &session, &register, &one, &certificate] {
        let page = browser.text(uri).await;
        assert!(page.len() < 100_000, "{uri}: {}", page.len());
    }
    let csv = browser.text(&session.replace("/session?", "/session/people.csv?")).await;
    assert!(csv.contains(&long));
}

#[tokio::test]
async fn an_odd_address_is_a_sentence() {
    let browser = Browser::open(&[]).await;
    for (uri, status) in [
        ("/?colour=red", StatusCode::BAD_REQUEST),
        ("/?page=0", StatusCode::BAD_REQUEST),
        ("/?zone=Mars", StatusCode::BAD_REQUEST),
        ("/?sort=size", StatusCode::BAD_REQUEST),
        ("/?format=pdf", StatusCode::BAD_REQUEST),
        ("/?absent=80%25", StatusCode::BAD_REQUEST),
        ("/register", StatusCode::BAD_REQUEST),
        ("/completeness?from=2026-10-02&to=2026-10-01", StatusCode::BAD_REQUEST),
        ("/session?key=none", StatusCode::NOT_FOUND),
        ("/person?key=none", StatusCode::NOT_FOUND),
        ("/register?kind=meeting&id=none", StatusCode::NOT_FOUND),
        ("/none", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(browser.ask(uri).await.status(), status, "{uri}");
    }
}

#[tokio::test]
async fn an_empty_archive_says_what_fills_it() {
    let browser = Browser::open(&[]).await;
    assert!(browser.text("/").await.contains("rollcall pull --to /archive"));
    assert!(browser.text("/completeness").await.contains("The archive has no ledger"));
}

#[tokio::test]
async fn a_report_without_records_tells_what_graph_counts() {
    let body = report("r-1", &[]).replace("\"totalParticipantCount\":0", "\"totalParticipantCount\":5");
    let browser = Browser::open(&[("r-1", body)]).await;
    let session = browser.link("/", "/session").await;
    assert!(browser.text(&session).await.contains("Graph counts 5 and sent no records"));
}

#[tokio::test]
async fn twenty_thousand_people_are_pages_below_300_kb_and_the_last_is_found() {
    let people: Vec<Value> =
        (0..20_000).map(|n| person(n, &format!("Person {n:05} of the all hands"))).collect();
    let browser = Browser::open(&[("r-1", report("r-1", &people))]).await;
    let session = browser.link("/", "/session").await;
    let register = browser.link("/series", "/register").await;
    for uri in ["/", "/people", &session, &register] {
        let page = browser.text(uri).await;
        assert!(page.len() < 300_000, "{uri}: {}", page.len());
    }
    assert!(browser.text(&format!("{session}&search=19999")).await.contains("Person 19999"));
    assert!(browser.text(&format!("{register}&page=100")).await.contains("Person 19999"));
}

#[test]
fn a_folder_s_command_is_what_a_shell_takes() {
    let command = FetchCommand::Pull("/my archive/it's".into()).of_all();
    assert_eq!(command, r"rollcall pull --to '/my archive/it'\''s'");
}
