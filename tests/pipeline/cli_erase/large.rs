//! A person in 300 of 10,000 reports: erased with two kills in between, found nowhere, and not kept again. It prints how long each
//! step takes, and how many calls.

use std::path::Path;
use std::sync::atomic::Ordering;

use archive::{ArchiveResult, archive};
use futures_util::{StreamExt, stream};
use reader::index::Index;
use rollcall::erase::{Plan, Planned};
use shared::archive::erasure::Tombstones;
use shared::jobs::ArchiveJob;
use shared::model::{ArtifactRef, ReportSource};
use shared::ports::clock::{Clock, SystemClock};
use tools::emulators::{self, Latencies};

use super::archives::{Place, eraser, marker, request};
use super::cuts::Cut;
use super::people::{self, AIKO, KWAME, RICHER, of_records};
use super::{manifests, tombstones};

const REPORTS: usize = 10_000;
const WITH: usize = 300;
const ATTENDEES: usize = 50;
/// The writes at which an erasure is killed, one run after the other.
const KILLED_AT: [usize; 2] = [50, 200];
/// So many artifacts are archived at once.
const AT_ONCE: usize = 32;

fn has_person(number: usize) -> bool {
    number.is_multiple_of(REPORTS / WITH) && number / (REPORTS / WITH) < WITH
}

fn job(number: usize) -> ArchiveJob {
    let record = |place: usize| {
        if place == 3 && has_person(number) {
            return AIKO.record(RICHER);
        }
        let id = format!("{:08x}-0000-4000-8000-{number:012x}", place + 1);
        format!(
            r#"{{"id":"{id}","emailAddress":"{id}@contoso.com","identity":{{"id":"{id}","displayName":"{id}"}},"role":"Attendee","totalAttendanceInSeconds":3000,"attendanceIntervals":[{{"joinDateTime":"2026-03-01T10:05:00Z","leaveDateTime":"2026-03-01T10:55:00Z","durationInSeconds":3000}}]}}"#
        )
    };
    let (id, records) = (format!("r-{number:05}"), (0..ATTENDEES).map(record).collect::<Vec<_>>());
    let source = ReportSource::Meeting { organizer_id: KWAME.id.into(), meeting_id: "m-2".into() };
    people::job(ArtifactRef::Report(source.report(&id)), (&of_records(&id, &records), ATTENDEES), 0, true).job
}

/// Archives reports, with these tombstones; answers what became of each, in any order.
async fn archived(
    place: &Place,
    tombstones: &Tombstones,
    numbers: impl Iterator<Item = usize>,
) -> Vec<ArchiveResult> {
    let store = &*place.archive.store;
    let archived =
        numbers.map(|number| async move { archive(store, tombstones, &job(number)).await.unwrap() });
    stream::iter(archived).buffer_unordered(AT_ONCE).collect().await
}

/// Carries a plan out, killed at some of its writes and gone on with; answers the calls of all its runs.
async fn erase_with_kills(place: &Place, plan: &Plan) -> usize {
    let (mut calls, erasure) = (0, marker().erasure);
    for (run, at) in KILLED_AT.into_iter().enumerate() {
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

/// `cargo test -p pipeline cli_erase::large -- --ignored --nocapture`
#[tokio::test]
#[ignore = "it takes minutes, and prints what it took"]
async fn a_person_in_300_of_10_000_reports() {
    let config = emulators::aws_sim(Latencies::default()).await;
    for place in [Place::folder(), Place::bucket(&config, "erase-large", false).await] {
        eprintln!("{}", if place.folder.is_some() { "a folder" } else { "a bucket (aws-sim)" });
        people::fill(&*place.archive.store).await;
        archived(&place, &Tombstones::default(), 0..REPORTS).await;
        let cache = tempfile::tempdir().unwrap();
        drop(timed("index", refreshed(&place, cache.path())).await);
        assert!(timed("manifests and verify", manifests(&place)).await.is_intact());
        let before = place.current().await;
        assert!(place.with_person().await.len() > 2 * WITH && files_hold_person(cache.path()));

        let counted = Cut::new(place.archive.clone(), usize::MAX, false, true);
        let planner = eraser(counted.archive(), None);
        let Planned::Plan(plan) = timed("plan", planner.plan(request(AIKO.id))).await.unwrap() else {
            panic!("a plan")
        };
        eprintln!("  {} calls, {} objects", counted.calls.load(Ordering::Relaxed), plan.record.objects.len());
        let calls = timed("erasure, killed twice and gone on with", erase_with_kills(&place, &plan)).await;
        eprintln!("  {calls} calls");

        assert_eq!(place.with_person().await, [""; 0], "bytes, versions, keys and metadata");
        drop(timed("index of what has changed", refreshed(&place, cache.path())).await);
        assert!(!files_hold_person(cache.path()));
        let after = place.current().await;
        for (key, (text, _)) in before.iter().filter(|(key, _)| !key.starts_with("staging/")) {
            assert_eq!(after[key].0, AIKO.replaced(text, &marker().json()), "{key}");
        }
        let findings = timed("manifests and verify", manifests(&place)).await;
        assert!(findings.is_intact(), "{findings:?}");

        let tombstones = tombstones(&place).await;
        let again = archived(&place, &tombstones, (0..REPORTS).filter(|number| has_person(*number))).await;
        assert_eq!(again, vec![ArchiveResult::Known; WITH], "Graph answers the person again");
        let unchanged = place.current().await;
        assert!(
            unchanged
                .iter()
                .filter(|(key, _)| !key.starts_with("manifests/"))
                .all(|(key, object)| after[key] == *object)
        );
        assert_eq!(place.with_person().await, [""; 0]);
    }
}
