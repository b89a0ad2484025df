//! `rollcall hold` names what it holds in records of the archive: in a folder there is nothing else.

use std::collections::BTreeSet;

use rollcall::cli::HoldOptions;
use rollcall::hold;
use rollcall::holds::Holds;
use shared::ports::store::{Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult};
use tempfile::TempDir;

const NOOR: &str = "0a1b2c3d-0002-4000-8000-000000000002";
const AIKO: &str = "0a1b2c3d-0001-4000-8000-000000000001";
const MEETINGS: &str = "v1/tenant=t-1/kind=meeting";

/// An archive with two meetings and a webinar, and a folder for the index.
struct Archive {
    folder: TempDir,
    cache: TempDir,
    store: FolderStore,
}

impl Archive {
    async fn invented() -> Self {
        let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = FolderStore::open(folder.path()).unwrap();
        let archive = Self { folder, cache, store };
        archive.meeting(14, "m-1", &[AIKO, NOOR]).await;
        archive.meeting(15, "m-2", &[AIKO]).await;
        let webinar = "solutions/virtualEvents/webinars/w-1/sessions/s-1";
        let of_webinars = "v1/tenant=t-1/kind=webinar";
        archive
            .report(&format!("reports/{of_webinars}/date=2026-10-16/r-w.json"), webinar, 16, &[AIKO])
            .await;
        archive.put(&format!("events/{of_webinars}/w-1/sessions/s-1.json"), "{}", webinar).await;
        archive.put(&format!("lines/events/{of_webinars}/w-1~s-1.jsonl"), "", webinar).await;
        let registration =
            format!(r#"{{"id":"g-1","email":"noor@fabrikam.com","firstName":"N","userId":"{NOOR}"}}"#);
        archive.put(&format!("registrations/{of_webinars}/w-1/g-1.json"), &registration, "solutions").await;
        archive
    }

    async fn meeting(&self, day: u32, id: &str, people: &[&str]) {
        let source = format!("users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/{id}");
        let of_day = format!("{MEETINGS}/date=2026-10-{day}");
        self.report(&format!("reports/{of_day}/r-{id}.json"), &source, day, people).await;
        self.report(&format!("revisions/{of_day}/r-{id}/aa.json"), &source, day, people).await;
        self.put(&format!("records/{of_day}/r-{id}.jsonl"), "", &source).await;
        self.put(&format!("events/{MEETINGS}/{id}.json"), r#"{"id":"m"}"#, &source).await;
        let call = format!("sessions/v1/tenant=t-1/date=2026-10-{day}/c-{id}.json");
        self.put(&call, r#"{"id":"c"}"#, &source).await;
    }

    async fn report(&self, key: &str, source: &str, day: u32, people: &[&str]) {
        let record = |id: &&str| {
            format!(
                r#"{{"id":"{id}","emailAddress":"{}@contoso.com","identity":{{"id":"{id}","displayName":"X"}},"attendanceIntervals":[]}}"#,
                &id[9..13]
            )
        };
        let records: Vec<String> = people.iter().map(record).collect();
        let times = format!(
            r#""meetingStartDateTime":"2026-10-{day}T10:00:00Z","meetingEndDateTime":"2026-10-{day}T11:00:00Z""#
        );
        let body = format!(r#"{{"id":"r",{times},"attendanceRecords":[{}]}}"#, records.join(","));
        self.put(key, &body, source).await;
    }

    async fn put(&self, key: &str, body: &str, source: &str) {
        let metadata: Metadata = [("source".to_owned(), source.to_owned())].into();
        let object = NewObject::new(body.to_owned(), "application/json", metadata);
        let put = self.store.put(key, object, Condition::IfAbsent).await.unwrap();
        assert_eq!(put, PutResult::Stored, "{key}");
    }

    async fn hold(&self, name: &str, options: HoldOptions) -> anyhow::Result<()> {
        let archive = Some(self.folder.path().to_string_lossy().into_owned());
        let (first, second) =
            if options.lift.is_some() { (archive, None) } else { (Some(name.to_owned()), archive) };
        let env = [("XDG_CACHE_HOME", self.cache.path().to_str().unwrap())];
        hold::run(&HoldOptions { first, second, ..options }, &env).await.map(drop)
    }

    async fn holds(&self) -> Holds {
        Holds::read(&self.store).await.unwrap()
    }

    /// The last segments of the keys that a hold names, with their first.
    async fn held(&self, name: &str) -> BTreeSet<String> {
        let holds = self.holds().await;
        let shown = |key: &String| {
            let (first, last) = (key.split('/').next().unwrap(), key.rsplit('/').next().unwrap());
            format!("{first} {last}")
        };
        holds.named(name).unwrap().keys.iter().map(shown).collect()
    }
}

fn meeting(id: &str) -> HoldOptions {
    HoldOptions { meetings: vec![id.to_owned()], ..HoldOptions::default() }
}

fn lift(name: &str) -> HoldOptions {
    HoldOptions { lift: Some(name.to_owned()), ..HoldOptions::default() }
}

fn set<const N: usize>(keys: [&str; N]) -> BTreeSet<String> {
    keys.map(str::to_owned).into()
}

#[tokio::test]
async fn all_that_belongs_to_a_meeting_is_held_and_nothing_of_another() {
    let archive = Archive::invented().await;
    archive.hold("case-1", meeting("m-1")).await.unwrap();
    let expected = set([
        "events m-1.json",
        "lines m-1.jsonl",
        "records r-m-1.jsonl",
        "reports r-m-1.json",
        "revisions aa.json",
        "sessions c-m-1.json",
    ]);
    assert_eq!(archive.held("case-1").await, expected);
    let holds = archive.holds().await;
    let of = |key: &str| holds.of(&key.replace("MEETINGS", MEETINGS)).map(str::to_owned);
    assert_eq!(of("reports/MEETINGS/date=2026-10-14/r-m-1.json").as_deref(), Some("case-1"));
    // One that came after the hold.
    assert_eq!(of("revisions/MEETINGS/date=2026-10-14/r-m-1/bb.json").as_deref(), Some("case-1"));
    assert_eq!(of("reports/MEETINGS/date=2026-10-15/r-m-2.json"), None);
}

#[tokio::test]
async fn a_hold_that_is_run_again_holds_what_has_come_since_and_nothing_else_by_its_name() {
    let archive = Archive::invented().await;
    archive.hold("case-1", meeting("m-1")).await.unwrap();
    let before = archive.held("case-1").await.len();
    archive.hold("case-1", HoldOptions::default()).await.unwrap();
    assert_eq!(archive.held("case-1").await.len(), before);
    archive.meeting(21, "m-3", &[NOOR]).await;
    let again = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/m-1";
    let key = format!("reports/{MEETINGS}/date=2026-10-21/r-again.json");
    archive.report(&key, again, 21, &[NOOR]).await;
    archive.hold("case-1", HoldOptions::default()).await.unwrap();
    assert_eq!(archive.held("case-1").await.len(), before + 2, "the report, and its lines");
    let refused = archive.hold("case-1", meeting("m-2")).await.unwrap_err();
    assert!(refused.to_string().contains("holds something else (meeting m-1)"), "{refused}");
    let refused = archive.hold("case-2", HoldOptions::default()).await.unwrap_err();
    assert!(refused.to_string().contains("say what it shall hold"), "{refused}");
    let refused = archive.hold("case-2", meeting("m-9")).await.unwrap_err();
    assert!(refused.to_string().contains("has no meeting m-9"), "{refused}");
}

#[tokio::test]
async fn what_two_holds_hold_stays_held_when_one_is_lifted() {
    let archive = Archive::invented().await;
    archive.hold("case-1", meeting("m-1")).await.unwrap();
    let person = HoldOptions { person: Some(NOOR.to_owned()), ..HoldOptions::default() };
    archive.hold("case-2", person).await.unwrap();
    let of_noor = set(["registrations g-1.json", "reports r-m-1.json", "revisions aa.json"]);
    assert_eq!(archive.held("case-2").await, of_noor);
    archive.hold("", lift("case-1")).await.unwrap();
    let holds = archive.holds().await;
    let of = |key: &str| holds.of(&key.replace("MEETINGS", MEETINGS)).map(str::to_owned);
    assert_eq!(of("reports/MEETINGS/date=2026-10-14/r-m-1.json").as_deref(), Some("case-2"));
    assert_eq!(of("events/MEETINGS/m-1.json"), None);
    assert!(holds.named("case-1").unwrap().lifted_at.is_some());
    let refused = archive.hold("case-1", HoldOptions::default()).await.unwrap_err();
    assert!(refused.to_string().contains("was lifted at"), "{refused}");
    assert!(
        archive.hold("", lift("case-1")).await.is_err() && archive.hold("", lift("case-9")).await.is_err()
    );
}

#[tokio::test]
async fn a_webinar_is_held_with_its_sessions_and_who_registered_and_a_time_with_all_its_calls() {
    let archive = Archive::invented().await;
    let webinar = HoldOptions { webinars: vec!["w-1".to_owned()], ..HoldOptions::default() };
    archive.hold("webinar", webinar).await.unwrap();
    let held = archive.held("webinar").await;
    for one in ["reports r-w.json", "events s-1.json", "lines w-1~s-1.jsonl", "registrations g-1.json"] {
        assert!(held.contains(one), "{one}: {held:?}");
    }
    // Of this call no report is kept.
    archive.put("sessions/v1/tenant=t-1/date=2026-10-15/c-9.json", "{}", "").await;
    let time = |since: &str, until: &str| HoldOptions {
        since: Some(since.to_owned()),
        until: Some(until.to_owned()),
        ..HoldOptions::default()
    };
    archive.hold("day", time("2026-10-15", "2026-10-16")).await.unwrap();
    let held = archive.held("day").await;
    assert!(held.contains("sessions c-9.json") && held.contains("reports r-m-2.json"), "{held:?}");
    assert!(!held.contains("reports r-m-1.json") && !held.contains("sessions c-m-1.json"), "{held:?}");
    assert!(archive.hold("none", time("2025-01-01", "2025-01-02")).await.is_err());
}

#[tokio::test]
async fn where_a_record_is_damaged_nobody_knows_what_is_held() {
    let archive = Archive::invented().await;
    archive.hold("case-1", meeting("m-1")).await.unwrap();
    std::fs::write(archive.folder.path().join("holds/v1/tenant=t-1/case-1/000001.jsonl"), "{").unwrap();
    let unknown = Holds::read(&archive.store).await.unwrap_err();
    assert!(unknown.to_string().contains("case-1/000001.jsonl is no record of a hold"), "{unknown}");
}
