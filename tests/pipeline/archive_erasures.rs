//! Who was erased stays erased: Graph answers the person again, and nothing of them is kept, whatever else is.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use archive::{ArchiveResult, archive};
use graph_sim::{SimReport, registration};
use local::TOMBSTONE_KEY_ID;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::archive::erasure::{
    Entry, Identifier, Marker, Shape, Tombstone, TombstoneKey, TombstoneReader, Tombstones, entries,
};
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::jobs::ArchiveJob;
use shared::model::{ArtifactRef, RegistrationsRef, VirtualEventKind};
use shared::ports::clock::Clock;
use shared::ports::secrets::Stage;
use shared::ports::store::{Condition, NewObject, ObjectStore};

use crate::archive_versions::job;
use crate::world::{World, call_ended, report_ready, secrets};

const KEY: &str = "a key for tombstones alone";
const WHO: &str = "0a11ce00-0000-4000-8000-00000000f00d";

fn marker() -> Marker {
    Marker { at: "2026-02-01T08:00:00Z".parse().unwrap(), erasure: "2026-02-01.e1".to_owned() }
}

fn tombstone(identifiers: &[Identifier]) -> Tombstone {
    Tombstone::new(marker(), &TombstoneKey::new(&KEY.to_owned().into()), identifiers)
}

fn tombstones(identifiers: &[Identifier]) -> Tombstones {
    Tombstones::new(TombstoneKey::new(&KEY.to_owned().into()), [tombstone(identifiers)]).unwrap()
}

/// The ids and the address of the attendee whose record this is.
fn identifiers(record: &str) -> Vec<Identifier> {
    let record: Value = serde_json::from_str(record).unwrap();
    let id = record["identity"]["id"].as_str().and_then(|id| Identifier::id(id, "none"));
    let address = record["emailAddress"].as_str().and_then(Identifier::address);
    id.into_iter().chain(address).collect()
}

fn records(report: &str) -> Vec<&str> {
    entries(report, Shape::Report).unwrap().iter().map(|Entry { text, .. }| *text).collect()
}

impl World {
    /// A world in which somebody was erased.
    async fn without(identifiers: &[Identifier]) -> Self {
        let world = Self::with_secrets(secrets().with(TOMBSTONE_KEY_ID, Stage::Current, KEY.to_owned()));
        let body = serde_json::to_vec(&tombstone(identifiers)).unwrap();
        world.put(&layout::tombstone(graph_sim::TENANT_ID, &marker().erasure), body).await;
        world
    }

    async fn put(&self, key: &str, body: Vec<u8>) {
        let object = NewObject::new(body, "application/json", Default::default());
        let _ = self.objects.put(key, object, Condition::Always).await.unwrap();
    }

    /// The keys of all objects in which this text stands.
    async fn with_text(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for key in self.keys("") {
            if self.text(&key).await.contains(text) {
                found.push(key);
            }
        }
        found
    }
}

/// A report of a webinar with the records of these seconds, the first of whom is `WHO`.
fn answer(seconds: &[u32]) -> String {
    let records = seconds.iter().enumerate().map(|(number, seconds)| {
        let id =
            if number == 0 { WHO.to_owned() } else { format!("{number:08x}-0000-4000-8000-00000000beef") };
        format!("{{\"totalAttendanceInSeconds\": {seconds},\n \"identity\":{{\"id\":\"{id}\",\"n\":1.50}}}}")
    });
    let records: Vec<String> = records.collect();
    let count = records.len();
    format!(
        r#"{{"id":"r-1","totalParticipantCount":{count},"meetingStartDateTime":"2026-03-01T10:00:00Z","meetingEndDateTime":"2026-03-01T11:00:00Z", "attendanceRecords":[{}]}}"#,
        records.join(" , ")
    )
}

fn redacted(text: &str) -> String {
    let who = [Identifier::id(WHO, "").unwrap()];
    tombstones(&who).redact(text, Shape::Report, "r-1").unwrap().unwrap().text
}

fn job_of(world: &World, seconds: &[u32], second: i64) -> ArchiveJob {
    ArchiveJob { records: seconds.len(), ..job(world, &answer(seconds), second) }
}

#[tokio::test(start_paused = true)]
async fn graph_answers_somebody_again_who_was_erased_and_nothing_of_them_is_kept() {
    let sample = World::new().report(crate::world::webinar(), "r", 12);
    let record: Value = serde_json::from_str(&sample.records[4]).unwrap();
    let world = World::without(&identifiers(&sample.records[4])).await;
    let report = world.meeting_ended("m-1", 12);

    assert_eq!(world.notify(vec![call_ended("m-1")]).await, 202);
    world.run_until_idle().await;

    let kept = world.only_report().await;
    let (sent, left) = (report.whole(), marker().json());
    for (number, (record, kept)) in records(&sent).into_iter().zip(records(&kept)).enumerate() {
        assert_eq!(kept, if number == 4 { left.as_str() } else { record });
    }
    assert_eq!(kept, sent.replace(records(&sent)[4], &left), "every other byte is as Graph sent it");
    for member in [&record["identity"]["id"], &record["emailAddress"], &record["identity"]["displayName"]] {
        assert_eq!(world.with_text(member.as_str().unwrap()).await, [""; 0], "{member}");
    }
    let metadata = world.metadata(&world.keys("reports/")[0]).await;
    assert_eq!(metadata["sha256"], sha256_hex(kept.as_bytes()));
    assert_eq!(metadata["erasure"], layout::erasure(graph_sim::TENANT_ID, &marker().erasure));
    let lines = world.text(&world.keys("records/")[0]).await;
    assert_eq!((lines.lines().count(), lines.matches("rollcallErased").count()), (12, 1));
}

#[tokio::test(start_paused = true)]
async fn where_nobody_of_a_report_was_erased_its_bytes_are_what_graph_sent() {
    let somebody_else = Identifier::address("somebody.else@fabrikam.com").unwrap();
    for world in [World::new(), World::without(&[somebody_else]).await] {
        let report = world.meeting_ended("m-1", 12);
        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;
        assert_eq!(world.only_report().await, report.whole());
        let metadata = world.metadata(&world.keys("reports/")[0]).await;
        assert!(!metadata.contains_key("erasure"));
        assert_eq!(metadata["sha256"], sha256_hex(report.whole().as_bytes()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_archived_already_loses_who_was_erased_wherever_it_is_copied() {
    let (none, erased) = (Tombstones::default(), tombstones(&[Identifier::id(WHO, "").unwrap()]));
    let world = World::new();
    let (poorer, richer) = ([60, 60], [90, 90, 90]);
    archive(&*world.store, &none, &job_of(&world, &poorer, 0)).await.unwrap();

    let result = archive(&*world.store, &erased, &job_of(&world, &richer, 1)).await;

    assert_eq!(result.unwrap(), ArchiveResult::Richer);
    assert_eq!(world.with_text(WHO).await, [""; 0]);
    assert_eq!(world.only_report().await, redacted(&answer(&richer)));
    let revisions = world.keys("revisions/");
    assert_eq!(world.text(&revisions[0]).await, redacted(&answer(&poorer)));
    let sha256 = sha256_hex(redacted(&answer(&poorer)).as_bytes());
    assert!(revisions[0].ends_with(&format!("/{sha256}.json")) && revisions.len() == 1, "{revisions:?}");
    assert_eq!(world.metadata(&revisions[0]).await["sha256"], sha256);
}

#[tokio::test(start_paused = true)]
async fn the_same_answer_is_the_same_bytes_however_often_it_comes_and_whoever_was_first() {
    let (none, erased) = (Tombstones::default(), tombstones(&[Identifier::id(WHO, "").unwrap()]));
    for before in [None, Some(&none), Some(&erased)] {
        let world = World::new();
        let job = job_of(&world, &[90, 60], 0);
        if let Some(before) = before {
            archive(&*world.store, before, &job).await.unwrap();
        }
        for _ in 0..2 {
            archive(&*world.store, &erased, &job).await.unwrap();
        }
        assert_eq!(world.only_report().await, redacted(&answer(&[90, 60])));
        assert_eq!((world.with_text(WHO).await, world.keys("revisions/")), (vec![], vec![]));
        let lines = world.metadata(&world.keys("records/")[0]).await;
        assert_eq!(lines["sha256"], sha256_hex(redacted(&answer(&[90, 60])).as_bytes()));
        assert_eq!(archive(&*world.store, &erased, &job).await.unwrap(), ArchiveResult::Known);
    }
}

#[tokio::test(start_paused = true)]
async fn a_poorer_answer_brings_nobody_back_either() {
    let (none, erased) = (Tombstones::default(), tombstones(&[Identifier::id(WHO, "").unwrap()]));
    let world = World::new();
    archive(&*world.store, &none, &job_of(&world, &[90, 90, 90], 0)).await.unwrap();
    let current = world.keys("reports/");
    let result = archive(&*world.store, &erased, &job_of(&world, &[60, 60], 1)).await;
    assert_eq!(result.unwrap(), ArchiveResult::Poorer);
    assert_eq!(world.with_text(WHO).await, current, "what is not written is the command's to change");
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_not_those_that_were_fetched_are_refused_also_where_somebody_is_left_out() {
    let erased = tombstones(&[Identifier::id(WHO, "").unwrap()]);
    let world = World::new();
    let job = ArchiveJob { sha256: sha256_hex(b"other"), ..job_of(&world, &[60, 60], 0) };
    assert!(archive(&*world.store, &erased, &job).await.is_err());
    assert_eq!(world.keys(""), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_registration_of_somebody_who_was_erased_is_not_kept() {
    let world = World::new();
    let who = registration(3, world.clock.now());
    let erased = tombstones(&[Identifier::id(&who.id, "").unwrap()]);
    let body = format!(r#"{{"id":"{}","email":"{}"}}"#, who.id, who.email.clone().unwrap());
    let of = |registration_id: Option<String>| {
        let (kind, event_id) = (VirtualEventKind::Webinar, "w-1".to_owned());
        ArtifactRef::Registrations(RegistrationsRef { kind, event_id, registration_id })
    };
    let one = ArchiveJob { artifact: of(Some(who.id.clone())), ..job(&world, &body, 0) };
    assert_eq!(archive(&*world.store, &erased, &one).await.unwrap(), ArchiveResult::Erased);
    assert_eq!(world.keys(""), [""; 0]);

    let list = format!(r#"{{"value":[ {body},{{"id":"other"}} ]}}"#);
    let list = ArchiveJob { artifact: of(None), records: 2, ..job(&world, &list, 0) };
    assert_eq!(archive(&*world.store, &erased, &list).await.unwrap(), ArchiveResult::New);
    assert_eq!((world.with_text(&who.id).await, world.keys("lines/").len()), (vec![], 1));
    let kept = world.text(&world.keys("registrations/")[0]).await;
    assert_eq!(kept, format!(r#"{{"value":[ {},{{"id":"other"}} ]}}"#, marker().json()));
}

#[tokio::test(start_paused = true)]
async fn while_nobody_knows_who_was_erased_nothing_is_kept() {
    let world = World::new();
    let key = layout::tombstone(graph_sim::TENANT_ID, "odd");
    world.put(&key, b"no tombstone".to_vec()).await;
    let report: SimReport = world.webinar_report("r-1", None);
    world.was_asked_for_event(&report.source).await;

    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;

    assert_eq!(world.keys("reports/"), [""; 0]);
    assert_eq!(world.dead_outcomes(), ["aws_unavailable"]);
}

#[tokio::test(start_paused = true)]
async fn tombstones_are_listed_once_in_five_minutes_and_each_is_read_once() {
    let world = World::without(&[]).await;
    let key_id = Some(TOMBSTONE_KEY_ID.to_owned());
    let reader =
        TombstoneReader::new(world.store.clone(), world.secrets.clone(), key_id, world.clock.clone());
    let entry = format!(r#"{{"id":"{WHO}"}}"#);
    let is_known = async || {
        let known = reader.tombstones(graph_sim::TENANT_ID).await.unwrap().marker(&entry, "r-1").is_some();
        (known, world.store.writes.load(Relaxed), world.store.reads.load(Relaxed))
    };
    assert_eq!(is_known().await, (false, 1, 1), "a list is counted as a write");
    let later = Tombstone { erased: Marker { erasure: "later".into(), ..marker() }, ..of_who() };
    let key = layout::tombstone(graph_sim::TENANT_ID, &later.erased.erasure);
    world.put(&key, serde_json::to_vec(&later).unwrap()).await;
    tokio::time::advance(Duration::from_secs(299)).await;
    assert_eq!(is_known().await, (false, 1, 1));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(is_known().await, (true, 2, 2));
    tokio::time::advance(Duration::from_secs(300)).await;
    assert_eq!(is_known().await, (true, 3, 2));
}

fn of_who() -> Tombstone {
    tombstone(&[Identifier::id(WHO, "").unwrap()])
}

#[tokio::test(start_paused = true)]
async fn without_their_key_it_is_not_known_who_was_erased() {
    let world = World::without(&[]).await;
    world.secrets.rotate(TOMBSTONE_KEY_ID, "another key".to_owned());
    for (key_id, tenant, is_known) in [
        (None, graph_sim::TENANT_ID, false),
        (Some(TOMBSTONE_KEY_ID), graph_sim::TENANT_ID, false),
        (Some("no such secret"), graph_sim::TENANT_ID, false),
        (None, "where nobody was erased", true),
    ] {
        let key_id = key_id.map(str::to_owned);
        let reader =
            TombstoneReader::new(world.store.clone(), world.secrets.clone(), key_id, world.clock.clone());
        assert_eq!(reader.tombstones(tenant).await.is_ok(), is_known, "{tenant}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_took_part_in_a_call_or_is_named_by_an_event_is_left_out_there_too() {
    let (call, event) = (
        r#"{"id":"c","startDateTime":"2026-03-01T10:00:00Z","participants_v2":[{"identity":{"user":{"id":"WHO"}}},{"id":"p"}]}"#,
        r#"{"id":"m","participants":{"organizer":{"upn":"o@contoso.com"},"attendees":[{"identity":{"user":{"id":"WHO"}}}]}}"#,
    );
    let erased = tombstones(&[Identifier::id(WHO, "").unwrap()]);
    let world = World::new();
    let meeting = shared::model::ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
    let call_ref = shared::model::CallRecordRef { id: "c".into() };
    for (artifact, body) in [
        (ArtifactRef::CallRecord(call_ref), call),
        (ArtifactRef::Event(shared::model::EventRef::Source(meeting)), event),
    ] {
        let body = body.replace("WHO", WHO);
        let job = ArchiveJob { artifact, records: 0, ..job(&world, &body, 0) };
        archive(&*world.store, &erased, &job).await.unwrap();
    }
    assert_eq!(world.with_text(WHO).await, [""; 0]);
    let left = format!("{{\"identity\":{{\"user\":{{\"id\":\"{WHO}\"}}}}}}");
    let call = call.replace("WHO", WHO).replace(&left, &marker().json());
    assert_eq!(world.text(&world.keys("sessions/")[0]).await, call);
    for key in world.keys("events/").iter().chain(&world.keys("lines/events/")) {
        let text = world.text(key).await;
        assert!(serde_json::from_str::<&RawValue>(text.trim()).is_ok(), "{text}");
        assert!(text.contains("o@contoso.com") && text.contains(&marker().json()), "{text}");
    }
}
