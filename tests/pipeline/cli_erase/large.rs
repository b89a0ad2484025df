//! A person in 300 of 10,000 reports: how long it takes, and how many calls.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::{StreamExt, stream};
use rollcall::erase::Planned;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{Condition, NewObject, PutResult, VersionedStore};
use tools::emulators::{self, Latencies};

use super::archives::{Place, eraser, request};
use super::cuts::Cut;
use super::people::{AIKO, TENANT};

const REPORTS: usize = 10_000;
const WITH: usize = 300;

fn body(number: usize) -> String {
    let record = |place: usize| {
        let id = format!("{:08x}-0000-4000-8000-{number:012x}", place + 1);
        let (id, address) = match (place, number % (REPORTS / WITH)) {
            (3, 0) if number / (REPORTS / WITH) < WITH => (AIKO.id.to_owned(), AIKO.address.to_owned()),
            _ => (id.clone(), format!("{id}@contoso.com")),
        };
        format!(
            r#"{{"id":"{id}","emailAddress":"{address}","identity":{{"id":"{id}","displayName":"{address}"}},"role":"Attendee","totalAttendanceInSeconds":3000,"attendanceIntervals":[{{"joinDateTime":"2026-03-01T10:05:00Z","leaveDateTime":"2026-03-01T10:55:00Z","durationInSeconds":3000}}]}}"#
        )
    };
    let records: Vec<String> = (0..50).map(record).collect();
    format!(
        r#"{{"id":"r-{number}","totalParticipantCount":50,"meetingStartDateTime":"2026-03-01T10:00:00Z","meetingEndDateTime":"2026-03-01T11:00:00Z","attendanceRecords":[{}]}}"#,
        records.join(",")
    )
}

async fn fill(store: Arc<dyn VersionedStore>) {
    let mut writes = stream::iter(0..REPORTS)
        .map(|number| {
            let store = Arc::clone(&store);
            async move {
                let key = format!("reports/v1/tenant={TENANT}/kind=meeting/date=2026-03-01/r-{number}.json");
                let object = NewObject::new(body(number), "application/json", Default::default());
                store.put(&key, object, Condition::IfAbsent).await.unwrap()
            }
        })
        .buffer_unordered(32);
    while let Some(put) = writes.next().await {
        assert_eq!(put, PutResult::Stored);
    }
}

/// `cargo test --release -p pipeline cli_erase::large -- --ignored --nocapture`
#[tokio::test]
#[ignore = "it takes minutes, and prints what it took"]
async fn a_person_in_300_of_10_000_reports() {
    let config = emulators::aws_sim(Latencies::default()).await;
    for place in [Place::folder(), Place::bucket(&config, "erase-large", false).await] {
        fill(Arc::clone(&place.archive.store)).await;
        let counted = Cut::new(place.archive.clone(), usize::MAX, false, true);
        let eraser = eraser(counted.archive(), None);
        let began = SystemClock.now();
        let Planned::Plan(plan) = eraser.plan(request(AIKO.id)).await.unwrap() else { panic!("a plan") };
        let (planned, calls) = (SystemClock.now() - began, counted.calls.swap(0, Ordering::Relaxed));
        assert_eq!(plan.record.objects.len(), WITH);
        let began = SystemClock.now();
        let outcome = eraser.carry_out(&plan, true).await.unwrap();
        let what = if place.folder.is_some() { "folder" } else { "aws-sim" };
        eprintln!(
            "{what}: plan {planned:#}, {calls} calls; erasure with its second look {:#}, {} calls",
            SystemClock.now() - began,
            counted.calls.load(Ordering::Relaxed)
        );
        assert_eq!((outcome.counts.objects, outcome.counts.records), (WITH, WITH));
    }
}
