//! Questions to the archive answer whatever a line holds, and what is odd in it is NULL: those of `infra/analytics`, by
//! `DuckDB`, and those of the template, for Athena, which `DuckDB` answers here, too. The archive itself keeps each record
//! as Graph sent it.

mod no_shows;
mod odd_lines;
mod odd_records;
mod three_dialects;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use graph_sim::TENANT_ID;
use serde_json::{Value, json};
use tempfile::TempDir;
use tools::programs;

use crate::world::{World, report_ready};
use odd_lines::{OddLine, TEXTS_IN_ATHENA, events, registrations};
use odd_records::reports;

/// What asks the questions.
pub(crate) const ASKING: [&str; 5] = ["duckdb==2.0.1", "numpy", "pytz", "PyYAML==6.0.3", "sqlglot==30.30.0"];
/// What of an attendance record's row is NULL where nothing is odd: a webinar's report has no organizer's address.
const ALWAYS: [&str; 1] = ["organizerupn"];

/// What is NULL of each row of a view, by the row's name.
type Nulls = BTreeMap<String, Vec<String>>;

fn write(archive: &Path, key: &str, lines: &str) {
    let file = archive.join(key);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, lines).unwrap();
}

/// What an archive answers to `duckdb` and to `athena`; `None` where nothing can ask.
fn ask_everything(archive: &Path) -> Option<Value> {
    let Some(python) = programs::python(&ASKING) else {
        programs::skipped("DuckDB needs python3 with venv and pip, and the Python package index");
        return None;
    };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python.join("python"))
        .arg(tests.join("archive_questions/ask_everything.py"))
        .args([&tests.join("../../infra"), archive])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn nulls(answers: &Value, engine: &str, view: &str) -> Nulls {
    serde_json::from_value(answers[engine]["null"][view].clone()).unwrap()
}

/// The rows with what is NULL of them: what Athena gives as a text is not.
fn expected<'a>(
    rows: impl IntoIterator<Item = (String, Vec<&'static str>, Vec<&'a str>)>,
    engine: &str,
) -> Nulls {
    let is_null = |odd: &[&str], column: &str| {
        engine == "duckdb" || !odd.iter().any(|odd| TEXTS_IN_ATHENA.contains(&(odd, column)))
    };
    let row = |(name, mut nulls, odd): (String, Vec<&'static str>, Vec<&str>)| {
        nulls.retain(|column| is_null(&odd, column));
        nulls.sort_unstable();
        nulls.dedup();
        (name, nulls.into_iter().map(str::to_owned).collect())
    };
    rows.into_iter().map(row).collect()
}

/// The rows of an answer, whatever the order of those that are alike.
fn sorted(rows: &Value) -> Vec<String> {
    let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(Value::to_string).collect();
    rows.sort();
    rows
}

/// The archive of a tenant whose reports are odd, and lines of odd events and registrations.
async fn odd_archive() -> TempDir {
    let world = World::new();
    for (id, raw, _) in reports() {
        world.notify(vec![report_ready(&world.webinar_report(&id, Some(&raw)))]).await;
    }
    world.run_until_idle().await;
    for (id, raw, _) in reports() {
        let key = world.keys("reports/").into_iter().find(|key| key.ends_with(&format!("/{id}.json")));
        assert_eq!(world.text(&key.unwrap()).await, raw, "it is kept as sent");
    }
    let archive = tempfile::tempdir().unwrap();
    for key in world.keys("records/") {
        // What began in the year 1 lies there, and Athena's tables begin in 2020.
        let read_by_athena = key.replace("date=0001-01-01", "date=2026-03-01");
        write(archive.path(), &read_by_athena, &world.text(&key).await);
    }
    for OddLine { key, line, .. } in events(TENANT_ID).into_iter().chain(registrations(TENANT_ID)) {
        write(archive.path(), &key, &format!("{line}\n"));
    }
    let of_reports = [
        (
            "w-1",
            r#""sessionId":null,"event":{"displayName":"Webinar","endDateTime":{"dateTime":"2026-03-01T11:00:00","timeZone":"UTC"},"createdBy":{"user":{"id":"o-1","displayName":"Megan"}}}"#,
        ),
        (
            "w-1~s-1",
            r#""sessionId":"s-1","event":{"subject":"One","startDateTime":{"dateTime":"2026-03-01T10:00:00","timeZone":"UTC"},"endDateTime":"2026-03-01T11:00:00Z"}"#,
        ),
    ];
    for (name, members) in of_reports {
        let line = format!(r#"{{"kind":"webinar","source":"a path","eventId":"w-1@contoso",{members}}}"#);
        write(
            archive.path(),
            &format!("lines/events/v1/tenant={TENANT_ID}/kind=webinar/{name}.jsonl"),
            &line,
        );
    }
    archive
}

#[tokio::test(start_paused = true)]
async fn each_question_answers_whatever_a_line_holds_and_what_is_odd_in_it_is_null() {
    let archive = odd_archive().await;
    let Some(answers) = ask_everything(archive.path()) else { return };
    for engine in ["duckdb", "athena"] {
        let records = reports();
        let rows = records.iter().map(|(id, raw, nulls)| {
            let odd = TEXTS_IN_ATHENA
                .map(|(odd, _)| odd)
                .into_iter()
                .filter(|odd| raw.contains(&format!(":{odd}")));
            let record_id = if nulls.contains(&"recordid") { "" } else { "c-1" };
            (format!("{id}~{record_id}"), [&nulls[..], &ALWAYS].concat(), odd.collect())
        });
        assert_eq!(nulls(&answers, engine, "attendance"), expected(rows, engine), "{engine}");
        for (view, lines) in [("events", events(TENANT_ID)), ("registrations", registrations(TENANT_ID))] {
            let odd = |line: &OddLine| line.members.iter().map(|(_, value)| *value).collect();
            let rows = lines.iter().map(|line| (line.row.clone(), line.nulls.clone(), odd(line)));
            let mut told = nulls(&answers, engine, view);
            told.retain(|row, _| !row.starts_with("w-1@contoso"));
            assert_eq!(told, expected(rows, engine), "{engine}");
        }
    }
    for (question, rows) in answers["duckdb"]["answers"].as_object().unwrap() {
        // Where a title is a number, Athena shows it.
        if question != "events" {
            assert_eq!(sorted(rows), sorted(&answers["athena"]["answers"][question]), "{question}");
        }
        assert!(question == "late-joiners" || !sorted(rows).is_empty(), "{question}");
    }
}

#[test]
fn an_archive_without_lines_of_events_answers_and_so_does_an_empty_one() {
    let archive = tempfile::tempdir().unwrap();
    let Some(empty) = ask_everything(archive.path()) else { return };
    record(
        "w-1",
        &json!({"identity": {"displayName": "Ilse"}, "totalAttendanceInSeconds": 60}),
        archive.path(),
    );
    let answers = ask_everything(archive.path()).unwrap();
    for engine in ["duckdb", "athena"] {
        let count =
            |answers: &Value, question: &str| answers[engine]["answers"][question].as_array().unwrap().len();
        for question in ["who-attended", "per-meeting", "per-person", "no-shows"] {
            assert_eq!((count(&empty, question), count(&answers, question)), (0, 1), "{question}");
        }
        for question in ["late-joiners", "early-leavers", "events", "registrations"] {
            assert_eq!((count(&empty, question), count(&answers, question)), (0, 0), "{question}");
        }
        assert_eq!(answers[engine]["answers"]["no-shows"][0]["note"], "registrations were not seen");
    }
}

/// Adds a report of `event` with this one record.
fn record(event: &str, record: &Value, archive: &Path) {
    let count = std::fs::read_dir(archive.join(RECORDS)).map_or(0, Iterator::count);
    let line = json!({
        "reportId": format!("r-{count}"), "kind": "webinar", "organizerId": null, "eventId": event, "sessionId": "s-1",
        "meetingStartDateTime": "2026-03-01T10:00:00Z", "meetingEndDateTime": "2026-03-01T11:00:00Z",
        "attendanceRecord": record
    });
    write(archive, &format!("{RECORDS}/r-{count}.jsonl"), &format!("{line}\n"));
}

const RECORDS: &str = "records/v1/tenant=t/kind=webinar/date=2026-03-01";
