//! One archive, as the functions wrote it, asked in three dialects: `DuckDB`'s, Athena's and that of the index.

use std::sync::Arc;

use graph_sim::{SimEvent, SimReport, TITLES_THAT_HURT, registration};
use reader::index::Index;
use reader::questions::{Answer, QUESTIONS};
use serde_json::{Map, Value};
use shared::ports::clock::Clock;
use shared::ports::store::{Condition, FolderStore, NewObject, ObjectStore, PutResult};
use tempfile::TempDir;

use super::{ask_everything, odd_records, sorted};
use crate::world::{ORGANIZER, World, call_ended, report_ready};

const WEBINAR: &str = "w-1@contoso";
/// The columns with an instant, which the dialects write with or without their zone.
const INSTANTS: [&str; 3] = ["startsat", "registeredat", "canceledat"];

/// What the functions archived of a tenant with odd records, titles that hurt, registrations and a meeting, in a folder.
async fn archive() -> TempDir {
    let world = World::new();
    let now = world.clock.now();
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: WEBINAR.into(),
        organizer_id: ORGANIZER.into(),
        session_ids: vec!["s-1".into()],
        end: now,
    });
    world.sim.set_event_title(WEBINAR, TITLES_THAT_HURT[0]);
    world.sim.set_session_subject(WEBINAR, "s-1", TITLES_THAT_HURT[1]);
    world.sim.add_registration(WEBINAR, registration(1, now));
    world.sim.add_registration(WEBINAR, registration(2, now).canceled(now));
    // What began in the year 1 is in no partition of Athena's.
    for (id, raw, _) in
        odd_records::reports().into_iter().filter(|(_, raw, _)| !raw.contains(r#"me":"0001-"#))
    {
        world.notify(vec![report_ready(&world.webinar_report(&id, Some(&raw)))]).await;
    }
    let meeting = world.meeting_ended("m-1", 7);
    world.sim.set_subject("m-1", TITLES_THAT_HURT[2]);
    world.sim.add_report(SimReport { records: late_and_early(&meeting), ..meeting });
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    copied(&world).await
}

/// The records of a meeting, the last of which is of somebody who came ten minutes late and left as early.
fn late_and_early(meeting: &SimReport) -> Vec<String> {
    let minutes = jiff::SignedDuration::from_mins(10);
    let end = meeting.end.unwrap();
    let mut records = meeting.records.clone();
    records.push(graph_sim::attendance_record(7, meeting.start + minutes, end - minutes));
    records
}

async fn copied(world: &World) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::open(folder.path()).unwrap();
    for key in world.keys("").into_iter().filter(|key| !key.starts_with("staging/")) {
        let object = NewObject::new(world.text(&key).await.into_bytes(), "", world.metadata(&key).await);
        assert_eq!(store.put(&key, object, Condition::Always).await.unwrap(), PutResult::Stored);
    }
    folder
}

/// The rows as the other dialects give them: names in small letters, instants without their zone.
fn rows(answer: &Answer) -> Value {
    let names = answer.columns.iter().map(|name| name.to_lowercase());
    let row = |row: &Vec<Value>| {
        let cells = names.clone().zip(row).map(|(name, value)| {
            let bare = value.as_str().filter(|_| INSTANTS.contains(&name.as_str()));
            let value = bare.map_or_else(|| value.clone(), |time| time.trim_end_matches('Z').into());
            (name, value)
        });
        Value::Object(cells.collect::<Map<_, _>>())
    };
    answer.rows.iter().map(row).collect()
}

/// The rows that are not among others, however often a row is there.
fn without(rows: &Value, others: &Value) -> Vec<String> {
    let mut others = sorted(others);
    let mut rows = sorted(rows);
    rows.retain(|row| {
        let place = others.iter().position(|other| other == row);
        place.map(|place| others.swap_remove(place)).is_none()
    });
    rows
}

#[tokio::test(start_paused = true)]
async fn the_index_answers_each_question_as_duckdb_and_athena_do() {
    let archive = archive().await;
    let Some(answers) = ask_everything(archive.path()) else { return };
    let cache = tempfile::tempdir().unwrap();
    let index = Index::open(cache.path().join("index.sqlite")).unwrap();
    let store = Arc::new(FolderStore::existing(archive.path()).unwrap());
    index.refresh(store, shared::ports::clock::SystemClock.now(), &|_| ()).await.unwrap();
    assert_eq!(index.unreadable().unwrap(), []);
    for question in QUESTIONS {
        let answer = rows(&question.ask(&index).unwrap());
        assert!(!answer.as_array().unwrap().is_empty(), "{} has no rows", question.name);
        for dialect in ["duckdb", "athena"] {
            let expected = &answers[dialect]["answers"][question.name];
            let (only_here, only_there) = (without(&answer, expected), without(expected, &answer));
            let name = question.name;
            assert_eq!((only_here, only_there), (vec![], vec![]), "{name}: the index, and {dialect}");
        }
    }
}
