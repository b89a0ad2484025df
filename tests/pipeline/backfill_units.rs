//! A run is split into units: each may fail, be delivered twice or never, and is short however large the
//! tenant is.

use std::sync::Arc;

use backfill::Summary;
use graph_sim::{Fault, SimEvent, SimReport};
use jiff::{SignedDuration, Timestamp};
use local::{MemoryQueues, QueueSet};
use serde_json::{Value, json};
use shared::jobs::{FetchJob, FetchTarget, Job};
use shared::lambda::function::Function;
use shared::model::VirtualEventKind;
use shared::ports::clock::Clock;

use crate::backfill_tenant::{in_calendar, in_call_records, ledger, run, session, tenant};
use crate::world::{ORGANIZER, World};

/// How many jobs for reports are in the queue of `fetch`.
fn reports_to_fetch(world: &World) -> usize {
    let messages = world.pipeline.queues.fetch.messages();
    let jobs = messages.iter().map(|message| FetchJob::from_message(&message.body).unwrap());
    jobs.filter(|job| matches!(job.target, FetchTarget::Report(_))).count()
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_fails_sends_what_it_found_before() {
    let world = World::new();
    for meeting in ["m-1", "m-2", "m-3"] {
        session(&world, ORGANIZER, meeting, &format!("r-{meeting}"), world.clock.now());
    }
    world.sim.fail("/onlineMeetings/m-3/attendanceReports", Fault::Status(500), 10);
    let request = json!({"organizers": [ORGANIZER], "meetings": ["m-1", "m-2", "m-3"]});
    world.pipeline.backfill(request).await.unwrap();
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    assert_eq!(reports_to_fetch(&world), 2, "the unit failed at the third");
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_unit_whose_time_is_up_sends_what_it_found_and_continues_in_another_message() {
    let world = World::new();
    let meetings: Vec<String> = (0..12).map(|number| format!("m-{number}")).collect();
    for meeting in &meetings {
        session(&world, ORGANIZER, meeting, &format!("r-{meeting}"), world.clock.now());
    }
    // All that have begun wait for as long as a call may wait in place.
    let throttled = Fault::Throttled("9".into());
    world.sim.fail("/onlineMeetings/m-0/attendanceReports", throttled, 1);
    let request = json!({"organizers": [ORGANIZER], "meetings": meetings});
    let accepted = world.pipeline.backfill(request).await.unwrap();
    let event = serde_json::to_value(world.pipeline.queues.backfill.receive(1).unwrap()).unwrap();
    let deadline = world.clock.now() + SignedDuration::from_secs(125);

    let response = backfill::handle(&world.pipeline.backfill, event, "", deadline).await.unwrap();

    assert_eq!(response["batchItemFailures"], json!([]));
    assert!(world.clock.now() < deadline);
    assert_eq!(reports_to_fetch(&world), 10, "as many as had begun");
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 12);
    let key = accepted.ledger.unwrap();
    let summary = Summary::of(&*world.objects, &key).await.unwrap().unwrap();
    assert_eq!((summary.totals.reports, summary.is_seen()), (12, true), "each once");
}

/// Has the messages of a run's units received so often by invocations that are killed.
async fn killed(world: &World, times: u32) {
    let queue = &world.pipeline.queues.backfill;
    for _ in 0..times {
        assert!(queue.receive(10).is_some());
        let comes_again = queue.next_visible_at().unwrap().duration_since(world.clock.now());
        tokio::time::advance(comes_again.try_into().unwrap()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_was_killed_often_looks_at_fewer_meetings_and_hands_on_the_rest() {
    let world = World::new();
    let meetings: Vec<String> = (0..8).map(|number| format!("m-{number}")).collect();
    for meeting in &meetings {
        session(&world, ORGANIZER, meeting, &format!("r-{meeting}"), world.clock.now());
    }
    let request = json!({"organizers": [ORGANIZER], "meetings": meetings});
    let accepted = world.pipeline.backfill(request).await.unwrap();
    killed(&world, 24).await;
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    assert_eq!(reports_to_fetch(&world), 2, "a quarter");
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 8);
    let summary = Summary::of(&*world.objects, &accepted.ledger.unwrap()).await.unwrap().unwrap();
    assert_eq!((summary.totals.reports, summary.is_seen()), (8, true), "each once");
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_nobody_can_go_on_with_ends_however_often_it_was_killed() {
    let world = World::new();
    let session_ids = ["s-1", "s-2", "s-3"].map(str::to_owned);
    for id in &session_ids {
        let source = VirtualEventKind::Webinar.source("w-1", id);
        let end = world.clock.now();
        let report =
            SimReport::ended(source, &format!("r-{id}"), 3, end - SignedDuration::from_hours(1), end);
        world.sim.add_report(report);
    }
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: "w-1".to_owned(),
        organizer_id: ORGANIZER.to_owned(),
        session_ids: session_ids.into(),
        end: world.clock.now(),
    });
    world.pipeline.backfill(json!({"webinars": ["w-1"]})).await.unwrap();
    killed(&world, 24).await;
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    assert_eq!(reports_to_fetch(&world), 3);
    world.run_until_idle().await;
    assert_eq!((world.keys("reports/").len(), world.dead_letters().len()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_hangs_sends_what_it_found() {
    let world = World::new();
    for meeting in ["m-1", "m-2"] {
        session(&world, ORGANIZER, meeting, &format!("r-{meeting}"), world.clock.now());
    }
    world.sim.fail("/onlineMeetings/m-2/attendanceReports", Fault::Silence, 1);
    let request = json!({"organizers": [ORGANIZER], "meetings": ["m-1", "m-2"]});
    world.pipeline.backfill(request).await.unwrap();
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    assert_eq!(reports_to_fetch(&world), 1, "the unit hung at the second");
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_always_fails_blocks_none_behind_it_however_many_there_are() {
    for count in [2, 3, 6, 9] {
        let world = World::new();
        let meetings: Vec<String> = (0..count).map(|number| format!("m-{number}")).collect();
        for meeting in &meetings {
            session(&world, ORGANIZER, meeting, &format!("r-{meeting}"), world.clock.now());
        }
        world.sim.fail("/onlineMeetings/m-0/attendanceReports", Fault::Status(500), 1_000);
        world.pipeline.backfill(json!({"organizers": [ORGANIZER], "meetings": meetings})).await.unwrap();
        let begun = world.clock.now();
        while world.keys("reports/").len() < count - 1 {
            let next = world.pipeline.next_visible_at(&world.functions).unwrap();
            tokio::time::advance(next.duration_since(world.clock.now()).try_into().unwrap_or_default()).await;
            world.pipeline.run(&world.functions).await.unwrap();
            let lasted = world.clock.now().duration_since(begun);
            assert!(lasted < SignedDuration::from_mins(10), "{count} meetings: {lasted:#}");
        }
        world.run_until_idle().await;
        world.dead_letters();
    }
}

#[tokio::test(start_paused = true)]
async fn every_unit_may_be_delivered_twice() {
    let world = World::new();
    tenant(&world);
    let answer = world.pipeline.backfill(json!({"since": "2025-04-01"})).await.unwrap();
    let queue = &world.pipeline.queues.backfill;
    while let Some(event) = queue.receive(1) {
        let event_json = serde_json::to_value(&event).unwrap();
        let deadline = world.clock.now() + SignedDuration::from_mins(5);
        for _ in 0..2 {
            backfill::handle(&world.pipeline.backfill, event_json.clone(), "", deadline).await.unwrap();
        }
        let settled = backfill::handle(&world.pipeline.backfill, event_json, "", deadline).await.unwrap();
        queue.delete_acknowledged(&event, &serde_json::from_value(settled).unwrap());
    }
    world.run_until_idle().await;
    let summary = Summary::of(&*world.objects, answer.ledger.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!((summary.totals.reports, summary.is_seen()), (3, true));
    assert_eq!(world.keys("reports/").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_ledger_waits_for_a_unit_without_another_message() {
    let world = World::new();
    tenant(&world);
    world.pipeline.backfill(json!({"organizers": [ORGANIZER], "audit": true})).await.unwrap();
    let queue = &world.pipeline.queues.backfill;
    let units = queue.messages().len() - 1;
    assert_eq!(queue.receive(units).unwrap().records.len(), units, "these units are in flight");
    let ledger = || queue.messages().pop().unwrap().body;
    let begun = ledger();
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    let waiting = ledger();
    assert_ne!(waiting, begun, "it waits for the first unit");
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    assert_eq!(ledger(), waiting);
    assert!(!world.pipeline.invoke(Function::Backfill).await.unwrap(), "its message is not visible at once");
    assert_eq!(queue.messages().len(), units + 1);
    world.run_until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_never_answers_is_named_in_a_ledger_that_is_not_complete() {
    let world = World::new();
    tenant(&world);
    let answer = world.pipeline.backfill(json!({"organizers": [ORGANIZER], "audit": true})).await.unwrap();
    let lost = world.pipeline.queues.backfill.receive(1).unwrap();
    world.pipeline.queues.backfill.delete_acknowledged(&lost, &Default::default());
    world.run_until_idle().await;
    let summary = Summary::of(&*world.objects, answer.ledger.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!((summary.is_seen(), summary.silent.len()), (false, 1));
}

#[tokio::test(start_paused = true)]
async fn a_unit_is_as_long_in_a_large_tenant_as_in_a_small_one() {
    let mut largest = Vec::new();
    for organizers in [30, 600] {
        let world = World::new();
        for number in 0..organizers {
            let organizer = format!("{number:08x}-0000-4000-8000-0000c0205050");
            world.sim.add_user(&organizer, &[]);
            for week in 0..3 {
                let ended = world.clock.now() - SignedDuration::from_hours(24 * 40 * (week + 1));
                let report =
                    session(&world, &organizer, &format!("m-{number}"), &format!("r-{number}-{week}"), ended);
                in_calendar(&world, &organizer, &report);
            }
        }
        let answer = world.pipeline.backfill(json!({"audit": true, "from": ["calendars"]})).await.unwrap();
        let mut most = (0, 0);
        while world.pipeline.next_visible_at(&world.functions).is_some() {
            let before = (world.sim.requests().len(), world.keys("staging/").len());
            if !world.pipeline.invoke(Function::Backfill).await.unwrap() {
                let next = world.pipeline.next_visible_at(&world.functions).unwrap();
                tokio::time::advance(next.duration_since(world.clock.now()).try_into().unwrap()).await;
            }
            let after = (world.sim.requests().len(), world.keys("staging/").len());
            most = (most.0.max(after.0 - before.0), most.1.max(after.1 - before.1));
        }
        let summary = Summary::of(&*world.objects, answer.ledger.as_deref().unwrap()).await.unwrap().unwrap();
        assert_eq!(summary.totals.reports, organizers * 3);
        largest.push(most);
    }
    assert_eq!(largest[0], largest[1], "Graph's calls and objects of the largest unit");
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_costs_two_calls_a_meeting_and_one_for_sixty() {
    let meetings = 300;
    let world = World::new();
    world.sim.set_page_size(60);
    for number in 0..meetings {
        let ended = world.clock.now() - SignedDuration::from_mins(number);
        let report = session(&world, ORGANIZER, &format!("m-{number}"), &format!("r-{number}"), ended);
        in_call_records(&world, ORGANIZER, &report);
    }
    run(&world, json!({"reconcile": true, "days": 1})).await;
    let before = world.sim.requests().len();
    for days in [1, 1, 1, 3] {
        run(&world, json!({"reconcile": true, "days": days})).await;
    }
    let calls = (world.sim.requests().len() - before) as i64;
    // A list of the webinars and one of the town halls each time, up to two more windows of call records, and the
    // token now and then.
    let bound = 4 * (2 * meetings + meetings / 60 + 4) + 8;
    assert!(calls <= bound, "{calls} calls, more than {bound}");
    assert!(world.keys("reports/").len() as i64 == meetings);
}

#[tokio::test(start_paused = true)]
async fn pages_that_link_in_a_circle_end_and_the_ledger_is_not_complete() {
    let world = World::new();
    let page = r#"{"value":[{"id":"c-1"}],"@odata.nextLink":"https://graph.microsoft.com/v1.0/communications/callRecords?$skiptoken=1"}"#;
    world.sim.fail("/callRecords", Fault::Body(page.into()), usize::MAX);
    let since = (world.clock.now() - SignedDuration::from_hours(1)).to_string();
    let (lines, summary) = ledger(&world, json!({"since": since, "from": ["callRecords"]})).await;
    // The run's hour, and the 25 hours before it.
    assert_eq!((lines.len(), lines[0].outcome.as_deref()), (2, Some("malformed")));
    assert!(!summary.is_seen());
}

#[tokio::test(start_paused = true)]
async fn an_empty_last_page_that_links_to_itself_ends_the_list() {
    let world = World::new();
    let page = r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/v1.0/communications/callRecords?$skiptoken=1"}"#;
    world.sim.fail("/callRecords", Fault::Body(page.into()), usize::MAX);
    let since = (world.clock.now() - SignedDuration::from_hours(1)).to_string();
    let (lines, summary) = ledger(&world, json!({"since": since, "from": ["callRecords"]})).await;
    assert_eq!((lines.len(), summary.is_complete), (0, true));
    assert_eq!(
        world.sim.requests().iter().filter(|path| path.contains("/callRecords")).count(),
        4,
        "two windows"
    );
}

#[tokio::test(start_paused = true)]
async fn a_years_run_keeps_nobody_waiting() {
    let world = World::new();
    tenant(&world);
    let clock: Arc<dyn Clock> = world.clock.clone();
    let (there, bulk) = (MemoryQueues::new(&clock), MemoryQueues::new(&clock));
    let set = QueueSet { backfill_bulk: bulk.backfill.clone(), ..there.set() };
    let backfill = world.env.backfill(&set);
    let start = async |request: Value, id: &str| {
        backfill::handle(&backfill, request, id, Timestamp::MAX).await.unwrap();
        (there.backfill.messages().len(), bulk.backfill.messages().len())
    };
    let (people, _) = start(json!({"since": "2026-02-10"}), "a person's month").await;
    assert!(people > 3);
    let (people_now, long) = start(json!({"since": "2025-04-01"}), "a person's year").await;
    assert!(people_now == people && long > 3, "{people_now} and {long}");
    let (people_now, longer) =
        start(json!({"audit": true, "days": 8, "schedule": "nightly"}), "a night's ledger").await;
    assert!(people_now == people && longer > long, "{people_now} and {longer}");
    start(json!({"organizers": [ORGANIZER], "meetings": ["m-calendar"]}), "a meeting of the year").await;
    assert!(there.backfill.messages().len() > people);

    // What goes on from a unit of the bulk queue stays in it, and so does one that is put off.
    world.sim.fail("/users", Fault::Status(503), 100);
    let mut received = 0;
    while let Some(event) = bulk.backfill.receive(1) {
        received += 1;
        let batch = serde_json::to_value(&event).unwrap();
        let deadline = world.clock.now() + SignedDuration::from_mins(5);
        let response = backfill::handle(&backfill, batch, "", deadline).await.unwrap();
        bulk.backfill.delete_acknowledged(&event, &serde_json::from_value(response).unwrap());
    }
    assert!(received >= longer && bulk.backfill.next_visible_at().unwrap() > world.clock.now());
    let people_now = there.backfill.messages().len();
    assert_eq!(people_now, people + 2, "a meeting's unit and its ledger");
}
