//! A person in three of a hundred reports, or in 300 of 10,000: erased with two kills in between, found nowhere, and not kept again. It
//! prints how long each step takes, and how many calls.

use std::path::Path;
use std::sync::atomic::Ordering;

use archive::{ArchiveResult, archive};
use aws_config::SdkConfig;
use futures_util::{StreamExt, stream};
use reader::index::Index;
use rollcall::dead_letters::leave_out_erased;
use rollcall::erase::{Plan, Planned};
use shared::archive::erasure::Tombstones;
use shared::aws::SqsQueue;
use shared::jobs::{ArchiveJob, Job};
use shared::model::{ArtifactRef, Outcome, ReportSource};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::queue::{OutgoingMessage, Queue};
use tools::emulators::{self, Latencies};

use super::archives::{Place, eraser, marker, request};
use super::cuts::Cut;
use super::letters::{drained, holds_person, queue, reader};
use super::people::{self, AIKO, KEY, KWAME, RICHER, of_records};
use super::{manifests, tombstones};
use crate::sizes::how_many;

const ATTENDEES: usize = 50;
/// So many artifacts are archived at once.
const AT_ONCE: usize = 32;
/// The person is in the first of each so many reports, in three of a hundred.
const EVERY: usize = 33;

/// How many reports there are, and in how many of them the person is.
#[derive(Clone, Copy)]
struct Size {
    reports: usize,
    with: usize,
}

impl Size {
    fn of(reports: usize) -> Self {
        Self { reports, with: reports * 3 / 100 }
    }

    fn has_person(self, number: usize) -> bool {
        number.is_multiple_of(EVERY) && number / EVERY < self.with
    }

    fn with_person(self) -> impl Iterator<Item = usize> {
        (0..self.reports).filter(move |number| self.has_person(*number))
    }

    fn job(self, number: usize) -> ArchiveJob {
        let record = |place: usize| {
            if place == 3 && self.has_person(number) {
                return AIKO.record(RICHER);
            }
            let id = format!("{:08x}-0000-4000-8000-{number:012x}", place + 1);
            format!(
                r#"{{"id":"{id}","emailAddress":"{id}@contoso.com","identity":{{"id":"{id}","displayName":"{id}"}},"role":"Attendee","totalAttendanceInSeconds":3000,"attendanceIntervals":[{{"joinDateTime":"2026-03-01T10:05:00Z","leaveDateTime":"2026-03-01T10:55:00Z","durationInSeconds":3000}}]}}"#
            )
        };
        let (id, records) = (format!("r-{number:05}"), (0..ATTENDEES).map(record).collect::<Vec<_>>());
        let source = ReportSource::Meeting { organizer_id: KWAME.id.into(), meeting_id: "m-2".into() };
        let artifact = ArtifactRef::Report(source.report(&id));
        people::job(artifact, (&of_records(&id, &records), ATTENDEES), 0, true).job
    }

    /// Archives reports, with these tombstones; answers what became of each, in any order.
    async fn archived(
        self,
        place: &Place,
        tombstones: &Tombstones,
        numbers: impl Iterator<Item = usize>,
    ) -> Vec<ArchiveResult> {
        let store = &*place.archive.store;
        let archived =
            numbers.map(|number| async move { archive(store, tombstones, &self.job(number)).await.unwrap() });
        stream::iter(archived).buffer_unordered(AT_ONCE).collect().await
    }

    /// The writes at which an erasure is killed, one run after the other: in the midst of the objects.
    fn killed_at(self) -> [usize; 2] {
        [self.with / 6 + 5, self.with * 2 / 3 + 5]
    }
}

/// Carries a plan out, killed at some of its writes and gone on with; answers the calls of all its runs.
async fn erase_with_kills(place: &Place, plan: &Plan, killed_at: [usize; 2]) -> usize {
    let (mut calls, erasure) = (0, marker().erasure);
    for (run, at) in killed_at.into_iter().enumerate() {
        let counted = Cut::new(place.archive.clone(), usize::MAX, false, true);
        let cut = eraser(Cut::new(counted.archive(), at, true, false).archive(), None);
        let killed = match run {
            0 => cut.carry_out(plan, true).await,
            _ => cut.resume(&erasure, true).await,
        };
        assert!(format!("{:?}", killed.unwrap_err()).contains("killed"));
        calls += counted.calls.load(Ordering::Relaxed);
    }
    let counted = Cut::new(place.archive.clone(), usize::MAX, false, true);
    let outcome = eraser(counted.archive(), None).resume(&erasure, true).await.unwrap();
    assert!(outcome.is_over && outcome.counts.kept.is_empty(), "{outcome:?}");
    calls + counted.calls.load(Ordering::Relaxed)
}

/// Tells how long something took.
async fn timed<T>(what: &str, done: impl Future<Output = T>) -> T {
    let began = SystemClock.now();
    let done = done.await;
    eprintln!("  {what}: {:.1} s", (SystemClock.now() - began).total(jiff::Unit::Second).unwrap());
    done
}

async fn refreshed(place: &Place, folder: &Path) -> Index {
    let index = Index::open(folder.join("index.sqlite")).unwrap();
    index.refresh(place.archive.store.clone(), SystemClock.now(), &|_| ()).await.unwrap();
    index
}

/// Whether a file of the folder has anything of the person in it.
fn files_hold_person(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| {
        let text = String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).to_lowercase();
        AIKO.texts().iter().any(|needle| text.contains(needle))
    })
}

/// The queue of `archive` and its dead letters, in both of which each report with the person waits.
struct Queues {
    jobs: SqsQueue,
    dead: SqsQueue,
}

impl Queues {
    async fn filled(aws: &SdkConfig, size: Size) -> Self {
        let queues = Self { jobs: queue(aws, "erase-jobs").await, dead: queue(aws, "erase-dead").await };
        let jobs = || size.with_person().map(|number| size.job(number).to_message());
        queues.jobs.send(jobs().map(OutgoingMessage::new).collect()).await.unwrap();
        let letter = |job: String| shared::lambda::dead_letters::letter(&job, Outcome::AccessPolicyMissing);
        queues.dead.send(jobs().map(letter).collect()).await.unwrap();
        queues
    }

    /// What waits is archived without the person, dead letters are written anew, and then nobody is found in either.
    async fn lose_person(&self, place: &Place, size: Size) {
        let all = tombstones(place).await;
        for message in drained(&self.jobs).await {
            let job = ArchiveJob::from_message(&message.body).unwrap();
            let result = archive(&*place.archive.store, &all, &job).await.unwrap();
            assert_eq!(result, ArchiveResult::Known);
            self.jobs.delete(&message.receipt_handle).await.unwrap();
        }
        let counts = leave_out_erased(&self.dead, &reader(place, Some(KEY))).await.unwrap();
        assert_eq!((counts.letters, counts.changed), (size.with, size.with));
        assert_eq!(self.jobs.count().await.unwrap(), 0);
        let letters = drained(&self.dead).await;
        assert!(letters.len() == size.with && !letters.iter().any(holds_person));
    }
}

/// The person is in each place that an archive has, erased, found nowhere, and not kept when Graph answers them again.
async fn is_found_nowhere(place: &Place, size: Size, queues: Option<Queues>) {
    people::fill(&*place.archive.store).await;
    size.archived(place, &Tombstones::default(), 0..size.reports).await;
    let cache = tempfile::tempdir().unwrap();
    drop(timed("index", refreshed(place, cache.path())).await);
    assert!(timed("manifests and verify", manifests(place)).await.is_intact());
    let before = place.current().await;
    assert!(place.with_person().await.len() > 2 * size.with && files_hold_person(cache.path()));

    let counted = Cut::new(place.archive.clone(), usize::MAX, false, true);
    let planner = eraser(counted.archive(), None);
    let Planned::Plan(plan) = timed("plan", planner.plan(request(AIKO.id))).await.unwrap() else {
        panic!("a plan")
    };
    eprintln!("  {} calls, {} objects", counted.calls.load(Ordering::Relaxed), plan.record.objects.len());
    let erased = erase_with_kills(place, &plan, size.killed_at());
    let calls = timed("erasure, killed twice and gone on with", erased).await;
    eprintln!("  {calls} calls");

    assert_eq!(place.with_person().await, [""; 0], "bytes, versions, keys and metadata");
    drop(timed("index of what has changed", refreshed(place, cache.path())).await);
    assert!(!files_hold_person(cache.path()));
    let after = place.current().await;
    for (key, (text, _)) in before.iter().filter(|(key, _)| !key.starts_with("staging/")) {
        assert_eq!(after[key].0, AIKO.replaced(text, &marker().json()), "{key}");
    }
    let findings = timed("manifests and verify", manifests(place)).await;
    assert!(findings.is_intact(), "{findings:?}");

    let again = size.archived(place, &*tombstones(place).await, size.with_person()).await;
    assert_eq!(again, vec![ArchiveResult::Known; size.with], "Graph answers the person again");
    if let Some(queues) = queues {
        timed("queues", queues.lose_person(place, size)).await;
    }
    let unchanged = place.current().await;
    let of_archive = unchanged.iter().filter(|(key, _)| !key.starts_with("manifests/"));
    assert!(of_archive.into_iter().all(|(key, object)| after[key] == *object));
    assert_eq!(place.with_person().await, [""; 0]);
}

/// `REPORTS=10000 cargo test -p pipeline cli_erase::large -- --nocapture` (`just prove`; most of an hour)
#[tokio::test]
async fn a_person_in_three_of_a_hundred_reports_in_a_folder() {
    is_found_nowhere(&Place::folder(), Size::of(how_many("REPORTS", 100)), None).await;
}

#[tokio::test]
async fn a_person_in_three_of_a_hundred_reports_in_a_bucket() {
    let config = emulators::aws_sim(Latencies::default()).await;
    let size = Size::of(how_many("REPORTS", 100));
    let queues = Queues::filled(&config, size).await;
    let place = Place::bucket(&config, "erase-large", false).await;
    is_found_nowhere(&place, size, Some(queues)).await;
}
