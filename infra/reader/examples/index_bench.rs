//! Measures an index over an invented archive: `index_bench FOLDER SESSIONS PEOPLE`, in a folder that is not there yet.
//!
//! It makes the archive, with one session of 20,000 people beside the others, indexes it, starts again, asks the index and then for the
//! pages themselves. The folder is left for who wants to look at it.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use reader::index::{Index, SeriesQuery, SessionQuery, SessionSort};
use reader::pages::{FetchCommand, Gate, Pages, router};
use reader::rules::Rules;
use serde_json::{Value, json};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::FolderStore;
use tower::ServiceExt;
use url::form_urlencoded::byte_serialize;

type Outcome<T> = Result<T, Box<dyn Error>>;

const TENANT: &str = "3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";
const NAMES: [&str; 8] = ["Aiko", "Noor", "Mirella", "Jonas", "Ilse", "Tariq", "Lena", "明子"];
const SURNAMES: [&str; 9] =
    ["Ferreira", "Haddad", "Oduya", "Achterberg", "Lindqvist", "Okafor", "Visser", "Moreau", "Oda"];

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, sessions, people] = &arguments[..] else {
        return Err("write: index_bench FOLDER SESSIONS PEOPLE".into());
    };
    let (folder, sessions, people) = (Path::new(folder), sessions.parse()?, people.parse()?);
    if !folder.join("archive").exists() {
        timed("the archive is made", || make(&folder.join("archive"), sessions, people))?;
    }
    let index = Index::open(folder.join("cache/index.sqlite"))?;
    for start in ["first index", "second start"] {
        let store = Arc::new(FolderStore::existing(folder.join("archive"))?);
        let begun = clock();
        index.refresh(store, "2027-01-01T00:00:00Z".parse()?, &|_| {}).await?;
        let seconds = (clock() - begun).as_secs_f64();
        say(&format!("{start}: {seconds:.1} s, peak {} MiB", peak_mebibytes()))?;
    }
    say(&format!("{:?}, {} MiB on disk", index.state()?, fs::metadata(index.path())?.len() >> 20))?;
    for round in ["cold", "warm"] {
        say(round)?;
        ask(&index, sessions)?;
    }
    say("pages")?;
    ask_for_pages(&Arc::new(index), folder).await?;
    say(&format!("peak {} MiB", peak_mebibytes()))
}

/// Asks for pages as a browser does, and says how long each takes to the last byte.
async fn ask_for_pages(index: &Arc<Index>, folder: &Path) -> Outcome<()> {
    let store = Arc::new(FolderStore::existing(folder.join("archive"))?);
    let (archive, fetch_command) = ("archive".to_owned(), FetchCommand::Backfill);
    let pages = Pages {
        index: Arc::clone(index),
        store,
        archive,
        rules: Rules::default(),
        roster: None,
        fetch_command,
    };
    let gate = Gate::new(PORT)?;
    let (_, entry) = gate
        .address()
        .split_once(&PORT.to_string())
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap_or_default();
    let pages = router(pages, gate);
    let entered = get(&pages, &entry, "").await?;
    let cookie = entered.headers().get(SET_COOKIE).ok_or("no cookie")?.to_str()?.to_owned();
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    // The newest is the largest.
    let newest =
        index.sessions(&SessionQuery { offset: 1, limit: 1, ..SessionQuery::default() })?.rows.remove(0);
    let largest = SessionQuery { limit: 1, sort: SessionSort::People, ..SessionQuery::default() };
    let largest = index.sessions(&largest)?.rows.remove(0);
    let person = index.people(Some("aiko visser"), 0, 50)?.rows.remove(0).key;
    for (what, address) in [
        ("sessions", "/".to_owned()),
        ("sessions, the last page", "/?page=2000".to_owned()),
        ("sessions with a person", "/?search=aiko+visser".to_owned()),
        ("sessions with a word that all have", "/?search=contoso".to_owned()),
        ("a session", format!("/session?key={}", encoded(&newest.key))),
        ("a session of 20,000", format!("/session?key={}", encoded(&largest.key))),
        ("its picture", format!("/session/picture.svg?key={}", encoded(&largest.key))),
        ("a register of 20 sessions", format!("/register?kind=meeting&id={}", encoded(&newest.series.id))),
        ("series", "/series".to_owned()),
        ("people", "/people?search=visser".to_owned()),
        ("a person", format!("/person?key={}", encoded(&person))),
        ("completeness", "/completeness".to_owned()),
    ] {
        for round in ["first", "again"] {
            let begun = clock();
            let answer = get(&pages, &address, &cookie).await?;
            let (status, bytes) = (answer.status(), to_bytes(answer.into_body(), usize::MAX).await?.len());
            let milliseconds = (clock() - begun).as_secs_f64() * 1000.0;
            say(&format!("{milliseconds:>10.1} ms  {what}, {round}: {status}, {} KiB", bytes >> 10))?;
        }
    }
    Ok(())
}

/// The port that the pages believe they are at.
const PORT: u16 = 49_152;

async fn get(pages: &Router, address: &str, cookie: &str) -> Outcome<Response<Body>> {
    let request = Request::get(address).header(HOST, format!("127.0.0.1:{PORT}")).header(COOKIE, cookie);
    Ok(pages.clone().oneshot(request.body(Body::empty())?).await?)
}

fn ask(index: &Index, sessions: usize) -> Outcome<()> {
    let page = SessionQuery { limit: 50, ..SessionQuery::default() };
    let search = |text: &str| SessionQuery { search: Some(text.to_owned()), ..page.clone() };
    let first = index.sessions(&page)?.rows.remove(0);
    let person = index.people(Some("aiko visser"), 0, 50)?.rows.remove(0).key;
    timed("newest sessions", || Ok(index.sessions(&page)?.total))?;
    timed("last page", || {
        Ok(index.sessions(&SessionQuery { offset: sessions - 50, ..page.clone() })?.total)
    })?;
    for sort in [SessionSort::Title, SessionSort::Organizer, SessionSort::People, SessionSort::Minutes] {
        timed(&format!("by {sort:?}"), || Ok(index.sessions(&SessionQuery { sort, ..page.clone() })?.total))?;
    }
    let since = Some("2026-06-01T00:00:00Z".parse()?);
    timed("since June", || Ok(index.sessions(&SessionQuery { since, ..page.clone() })?.total))?;
    timed("kinds", || Ok(index.sessions_by_kind(&page)?.kinds))?;
    for text in ["training 17", "aiko visser", "visser", "contoso", "明子", "a", "nobody at all"] {
        timed(&format!("search {text:?}"), || Ok(index.sessions(&search(text))?.total))?;
    }
    timed("kinds of a search", || Ok(index.sessions_by_kind(&search("visser"))?.kinds))?;
    let of_person = SessionQuery { person: Some(person.clone()), ..page.clone() };
    timed("sessions of a person", || Ok(index.sessions(&of_person)?.total))?;
    timed("a session", || Ok(index.session(&first.key)?.map(|reports| reports[0].records.len())))?;
    let series = SeriesQuery { series: vec![first.series.clone()], ..SeriesQuery::default() };
    timed("reports of a series", || Ok(index.reports(&series)?.len()))?;
    timed("gaps of a series", || Ok(index.gaps(&series)?.known.len()))?;
    timed("series", || Ok(index.series(None, 0, 50)?.total))?;
    timed("series by title", || Ok(index.series(Some("training 17"), 0, 50)?.total))?;
    timed("people", || Ok(index.people(None, 0, 50)?.total))?;
    timed("people by name", || Ok(index.people(Some("visser"), 0, 50)?.total))?;
    let sessions = index.sessions(&SessionQuery { limit: 1_000, ..of_person })?.rows;
    let keys: Vec<&str> = sessions.iter().map(|session| session.key.as_str()).collect();
    timed("a person's records", || Ok(index.excerpts(&person, &keys)?.len()))?;
    timed("doubles", || Ok(index.doubles_of(&person)?.len()))?;
    timed("completeness", || Ok(index.completeness()?.days.len()))?;
    timed("a day", || Ok(index.ledger_day(jiff::civil::date(2026, 3, 3))?.len()))
}

/// A year of sessions, 20 of each series, of people out of twenty thousand.
fn make(archive: &Path, sessions: usize, people: usize) -> Outcome<usize> {
    let first: Timestamp = "2026-01-05T07:00:00Z".parse()?;
    let step = SignedDuration::from_secs(360 * 86_400 / sessions.max(1) as i64);
    for number in 0..=sessions {
        let start = first + step * i32::try_from(number)?;
        let people = if number == sessions { 20_000 } else { people };
        let series = number % (sessions / 20).max(1);
        let records: Vec<Value> = (0..people).map(|place| record(number * 7 + place * 389, start)).collect();
        let day = start.strftime("%Y-%m-%d");
        let id = format!("{number:08x}-0000-4000-8000-00000000000a");
        let report = json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#attendanceReports", "id": id,
            "totalParticipantCount": people, "meetingStartDateTime": start.to_string(),
            "meetingEndDateTime": (start + SignedDuration::from_mins(60)).to_string(), "attendanceRecords": records,
        });
        let source = format!("users/0a1b2c3d-0009-4000-8000-{:012}/onlineMeetings/m-{series}", series % 500);
        let key = format!("reports/v1/tenant={TENANT}/kind=meeting/date={day}/{id}.json");
        write(archive, &key, &report, &source)?;
        if number < sessions / 20 {
            let event = json!({"id": format!("m-{series}"), "subject": format!("Data protection training {series}"),
                "participants": {"organizer": {"upn": format!("organizer.{}@contoso.com", series % 500)}}});
            write(
                archive,
                &format!("events/v1/tenant={TENANT}/kind=meeting/m-{series}.json"),
                &event,
                &source,
            )?;
        }
    }
    Ok(sessions)
}

fn record(seed: usize, start: Timestamp) -> Value {
    let person = seed % 20_000;
    let id = format!("0a1b2c3d-0000-4000-8000-{person:012}");
    let (name, surname) = (NAMES[person % 8], SURNAMES[person % 9]);
    let join = start + SignedDuration::from_secs((seed % 600) as i64);
    let leave = join + SignedDuration::from_secs(3_000);
    json!({
        "id": id, "emailAddress": format!("{name}.{surname}.{person}@contoso.com"), "totalAttendanceInSeconds": 3_000,
        "role": if seed.is_multiple_of(50) { "Organizer" } else { "Attendee" }, "registrationId": null,
        "identity": {"@odata.type": "#microsoft.graph.communicationsUserIdentity", "id": id,
            "displayName": format!("{name} {surname} {person}"), "tenantId": TENANT},
        "attendanceIntervals": [{"joinDateTime": join.to_string(), "leaveDateTime": leave.to_string(), "durationInSeconds": 3_000}],
    })
}

/// Writes an object as the store in a folder does, without waiting for the disk.
fn write(archive: &Path, key: &str, body: &Value, source: &str) -> Outcome<()> {
    let body = serde_json::to_vec(body)?;
    let sha256 = shared::digest::sha256_hex(&body);
    let metadata = json!({"sha256": sha256, "metadata": {
        "sha256": sha256, "source": source, "fetched-at": "2026-12-31T00:00:00Z", "graph-request-id": "q", "api": "v1.0", "pages": "1",
    }});
    let of_metadata = archive.join(format!(".rollcall/{key}.json"));
    for (path, bytes) in [(archive.join(key), body), (of_metadata, serde_json::to_vec(&metadata)?)] {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn timed<T: std::fmt::Debug>(what: &str, measured: impl FnOnce() -> Outcome<T>) -> Outcome<()> {
    let begun = clock();
    let answer = measured()?;
    say(&format!("{:>10.1} ms  {what}: {answer:?}", (clock() - begun).as_secs_f64() * 1000.0))
}

/// The time since 1970.
fn clock() -> Duration {
    let now = SystemClock.now().as_duration();
    now.try_into().unwrap_or_default()
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// The most memory that the process has had, as Linux tells it; 0 elsewhere.
fn peak_mebibytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kibibytes| kibibytes >> 10)
}
