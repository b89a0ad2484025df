//! Graph may answer differently for one report: the richest answer is the current object, every other a
//! revision.

use std::sync::Mutex;
use std::sync::atomic::Ordering::Relaxed;

use archive::{ArchiveResult, archive};
use async_trait::async_trait;
use graph_sim::SimReport;
use shared::archive::erasure::Tombstones;
use shared::digest::sha256_hex;
use shared::jobs::{ArchiveJob, Cause};
use shared::model::ArtifactRef;
use shared::ports::clock::Clock;
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

use crate::faults::StoreFault;
use crate::world::{World, report_ready, webinar};

pub(crate) fn answer(participants: u32, seconds: u32) -> String {
    format!(
        r#"{{"id":"r-1","totalParticipantCount":{participants},"meetingStartDateTime":"2026-03-01T10:00:00Z","meetingEndDateTime":"2026-03-01T11:00:00Z","attendanceRecords":[{{"totalAttendanceInSeconds":{seconds}}}]}}"#
    )
}

/// The job for an answer that was fetched at this second.
pub(crate) fn job(world: &World, body: &str, second: i64) -> ArchiveJob {
    ArchiveJob {
        hops: 0,
        tenant_id: "t".into(),
        artifact: ArtifactRef::Report(webinar().report("r-1")),
        cause: Cause::Notification,
        first_seen: world.clock.now(),
        session: None,
        fetched_at: world.clock.now() + jiff::SignedDuration::from_secs(second),
        graph_request_id: None,
        api: "v1.0".into(),
        pages: 1,
        records: 1,
        resolution: None,
        size_bytes: body.len(),
        sha256: sha256_hex(body.as_bytes()),
        body: Some(serde_json::from_str(body).unwrap()),
    }
}

async fn keep(world: &World, body: &str, second: i64) -> ArchiveResult {
    archive(&*world.store, &Tombstones::default(), &job(world, body, second)).await.unwrap()
}

/// What must hold whenever a job has succeeded.
async fn assert_whole(world: &World, current: &str, others: &[&str]) {
    assert_eq!(world.only_report().await, current);
    let records = world.keys("records/");
    assert_eq!(world.metadata(&records[0]).await["sha256"], sha256_hex(current.as_bytes()));
    let mut revisions = world.keys("revisions/");
    revisions.sort();
    let name = |body: &&str| format!("/{}.json", sha256_hex(body.as_bytes()));
    assert_eq!(revisions.len(), others.len());
    for other in others {
        let key = revisions.iter().find(|key| key.ends_with(&name(other))).unwrap();
        assert_eq!(world.text(key).await, *other);
    }
}

#[tokio::test(start_paused = true)]
async fn lines_of_another_answer_are_replaced_by_those_of_the_report() {
    let (before, world) = (World::new(), World::new());
    keep(&before, &answer(1, 60), 0).await;
    let key = before.keys("records/").remove(0);
    let body = before.text(&key).await;
    let lines = NewObject::new(body, "application/x-ndjson", before.metadata(&key).await);
    assert_eq!(world.store.put(&key, lines, Condition::Always).await.unwrap(), PutResult::Stored);
    assert_eq!(keep(&world, &answer(2, 60), 1).await, ArchiveResult::New);
    assert_whole(&world, &answer(2, 60), &[]).await;
}

/// A store in which another job is archived while the first look at the lines is on its way.
struct SlowLook<'a> {
    store: &'a dyn ObjectStore,
    other: Mutex<Option<ArchiveJob>>,
}

#[async_trait]
impl ObjectStore for SlowLook<'_> {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let other = self.other.lock().unwrap().take_if(|_| key.starts_with("records/"));
        if let Some(other) = other {
            archive(self.store, &Tombstones::default(), &other).await.unwrap();
        }
        self.store.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.store.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.store.list(prefix, after).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        self.store.put(key, object, condition).await
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_answers_at_once_the_lines_are_those_of_the_richer_however_slow_a_look_is() {
    let world = World::new();
    let answers = [answer(1, 60), answer(2, 60), answer(3, 60)];
    keep(&world, &answers[0], 0).await;
    let other = Mutex::new(Some(job(&world, &answers[2], 2)));
    let slow = SlowLook { store: &*world.store, other };
    assert_eq!(
        archive(&slow, &Tombstones::default(), &job(&world, &answers[1], 1)).await.unwrap(),
        ArchiveResult::Richer
    );
    assert_whole(&world, &answers[2], &[&answers[0], &answers[1]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_richer_answer_takes_the_place_and_the_one_before_is_a_revision() {
    let world = World::new();
    let (poor, rich) = (answer(4, 100), answer(5, 50));
    assert_eq!(keep(&world, &poor, 0).await, ArchiveResult::New);
    assert_eq!(keep(&world, &rich, 1).await, ArchiveResult::Richer);
    assert_whole(&world, &rich, &[&poor]).await;
}

#[tokio::test(start_paused = true)]
async fn a_poorer_answer_never_takes_the_place_however_late_it_comes() {
    let world = World::new();
    let (poor, rich) = (answer(1, 100), answer(5, 50));
    keep(&world, &rich, 0).await;
    assert_eq!(keep(&world, &poor, 1_000).await, ArchiveResult::Poorer);
    assert_whole(&world, &rich, &[&poor]).await;
}

#[tokio::test(start_paused = true)]
async fn of_two_equally_rich_answers_the_later_is_current_in_whatever_order_they_come() {
    let (earlier, later) = (answer(5, 50), answer(5, 50).replace(":50", ": 50"));
    for order in [[(&earlier, 0), (&later, 1)], [(&later, 1), (&earlier, 0)]] {
        let world = World::new();
        for (body, second) in order {
            keep(&world, body, second).await;
        }
        assert_whole(&world, &later, &[&earlier]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_answer_again_changes_nothing() {
    let world = World::new();
    let body = answer(5, 50);
    keep(&world, &body, 0).await;
    let writes = world.store.writes.load(Relaxed);
    assert_eq!(keep(&world, &body, 9).await, ArchiveResult::Known);
    assert_eq!(world.store.writes.load(Relaxed), writes + 1, "the report is offered once, and refused");
    assert_whole(&world, &body, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn any_order_of_answers_with_any_write_failing_ends_the_same() {
    let bodies = [answer(1, 10), answer(2, 10), answer(2, 20)];
    let prefixes = ["reports/", "revisions/", "records/"];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        for fault in
            prefixes.into_iter().flat_map(|p| [StoreFault::PutRefused(p), StoreFault::PutAnswerLost(p)])
        {
            for failing in 0..3 {
                let world = World::new();
                for (turn, index) in order.into_iter().enumerate() {
                    if turn == failing {
                        world.store.fail(fault);
                    }
                    let job = job(&world, &bodies[index], 0);
                    while archive(&*world.store, &Tombstones::default(), &job).await.is_err() {}
                }
                // A fault that met no such write stays in the store, and harms nothing any more.
                assert_whole(&world, &bodies[2], &[&bodies[0], &bodies[1]]).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_does_not_agree_with_its_report_is_refused() {
    let world = World::new();
    let body = answer(5, 50);
    let good = || job(&world, &body, 0);
    let mut wrong = [good(), good(), good(), good()];
    wrong[0].sha256 = sha256_hex(b"other");
    wrong[1].size_bytes += 1;
    wrong[2].records += 1;
    wrong[3].artifact = ArtifactRef::Report(webinar().report("r-2"));
    for job in wrong {
        let error = archive(&*world.store, &Tombstones::default(), &job).await.unwrap_err();
        assert!(error.to_string().starts_with("the job does not agree with the bytes"), "{error}");
    }
    assert_eq!(world.keys(""), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_grows_is_fetched_again_when_its_list_says_so() {
    let world = World::new();
    let first = world.meeting_ended("m-1", 4);
    world.notify(vec![crate::world::call_ended("m-1")]).await;
    world.run_until_idle().await;
    let grown =
        SimReport { records: [first.records.clone(), first.records[..1].to_vec()].concat(), ..first.clone() };
    world.sim.add_report(grown.clone());

    world.notify(vec![crate::world::call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_whole(&world, &grown.whole(), &[&first.whole()]).await;
}

#[tokio::test(start_paused = true)]
async fn lost_metadata_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = local::FolderStore::open(folder.path()).unwrap();
    let world = World::new();
    let job = job(&world, &answer(5, 50), 0);
    archive(&store, &Tombstones::default(), &job).await.unwrap();
    let key = "reports/v1/tenant=t/kind=webinar/date=2026-03-01/r-1.json";
    let before = store.head(key).await.unwrap().unwrap();
    std::fs::remove_file(folder.path().join(".rollcall").join(format!("{key}.json"))).unwrap();
    assert!(store.head(key).await.unwrap().unwrap().metadata.is_empty());

    assert_eq!(archive(&store, &Tombstones::default(), &job).await.unwrap(), ArchiveResult::Known);

    assert_eq!(store.head(key).await.unwrap().unwrap(), before);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_was_notified_twice_is_one_object() {
    let world = World::new();
    let report = world.webinar_report("r-1", None);
    let item = report_ready(&report);
    world.notify(vec![item.clone(), item.clone(), item]).await;
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    assert_eq!((world.keys("reports/").len(), world.keys("records/").len()), (1, 1));
    assert_eq!(world.keys("revisions/"), [""; 0]);
}
