//! A backfill finds the reports of which no notification came, and its ledger lists what there is.

use backfill::{LedgerLine, Risk, State, Summary};
use graph_sim::{Fault, TENANT_ID};
use jiff::SignedDuration;
use serde_json::json;
use shared::graph::{ClientSecret, GraphConfig};
use shared::jobs::{BackfillUnit, Job};
use shared::lambda::watch_filter::WatchFilter;
use shared::model::WatchedResource;
use shared::ports::clock::Clock;
use shared::ports::queue::OutgoingMessage;

use crate::backfill_tenant::{in_calendar, in_call_records, join_web_url, ledger, run, session, tenant};
use crate::world::{ORGANIZER, World};

fn fetched(world: &World) -> usize {
    world.sim.requests().iter().filter(|path| path.contains("/attendanceReports/")).count()
}

#[tokio::test(start_paused = true)]
async fn a_backfill_finds_what_calendars_call_records_and_events_tell_of_and_a_second_one_fetches_nothing() {
    let world = World::new();
    tenant(&world);
    let (lines, summary) = ledger(&world, json!({"since": "2025-04-01"})).await;
    assert_eq!((lines.len(), summary.totals.missing, summary.is_seen()), (4, 3, true));
    // The tenant has no town hall, or an access policy is missing.
    assert_eq!((summary.totals.reports, summary.totals.doubtful), (3, 1));
    assert_eq!(world.keys("reports/").len(), 3);
    assert_eq!(fetched(&world), 3);
    let cause = &world.metadata(&world.keys("reports/")[0]).await["cause"];
    assert_eq!(cause, "backfill");

    let (_, summary) = ledger(&world, json!({"since": "2025-04-01"})).await;
    assert_eq!((summary.totals.archived, summary.totals.missing), (3, 0));
    assert_eq!(fetched(&world), 3, "an unchanged report costs a list and a HEAD, never a fetch");
}

#[tokio::test(start_paused = true)]
async fn what_is_named_is_searched_and_nothing_else() {
    let world = World::new();
    tenant(&world);
    let named = session(&world, ORGANIZER, "m-named", "r-named", world.clock.now());
    let by_id = json!({"organizers": [ORGANIZER], "meetings": ["m-named"]});
    let by_join_web_url =
        json!({"meetings": [{"organizer": ORGANIZER, "meeting": join_web_url(&world, &named)}]});
    let by_event = json!({"webinars": ["w-1@contoso"]});
    for (request, archived) in [(by_id, 1), (by_join_web_url, 1), (by_event, 2)] {
        run(&world, request).await;
        assert_eq!(world.keys("reports/").len(), archived);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_and_an_audit_fetch_nothing_and_a_refresh_fetches_again() {
    let world = World::new();
    tenant(&world);
    for request in [json!({"since": "2025-04-01", "dryRun": true}), json!({"audit": true})] {
        let (_, summary) = ledger(&world, request).await;
        assert_eq!((summary.totals.reports, summary.totals.missing, fetched(&world)), (3, 3, 0));
    }
    for (request, fetches) in
        [(json!({"since": "2025-04-01"}), 3), (json!({"since": "2025-04-01", "refresh": true}), 6)]
    {
        run(&world, request).await;
        assert_eq!(fetched(&world), fetches);
    }
}

#[tokio::test(start_paused = true)]
async fn the_schedule_finds_what_was_missed_and_keeps_no_ledger() {
    let world = World::new();
    tenant(&world);
    run(&world, json!({"reconcile": true, "days": 1})).await;
    assert_eq!(world.keys("reports/").len(), 0);
    run(&world, json!({"reconcile": true, "days": 30})).await;
    assert_eq!(world.keys("reports/").len(), 1);
    run(&world, json!({"reconcile": true, "days": 365})).await;
    assert_eq!(world.keys("reports/").len(), 3);
    assert_eq!((world.keys("audits/").len(), world.keys("staging/audits/").len()), (0, 0));
    assert_eq!(world.metadata(&world.keys("reports/")[0]).await["cause"], "reconcile");
}

#[tokio::test(start_paused = true)]
async fn a_gap_of_each_resource_is_searched() {
    let world = World::new();
    tenant(&world);
    let now = world.clock.now();
    let watched = session(&world, ORGANIZER, "m-watched", "r-watched", now);
    let organizer_id = ORGANIZER.into();
    let join_web_url = join_web_url(&world, &watched);
    let (kind, event_id) = (shared::model::VirtualEventKind::Webinar, "w-1@contoso".into());
    for (resource, days, archived) in [
        (WatchedResource::CallRecords, 25, 1),
        (WatchedResource::MeetingCalls { organizer_id, join_web_url }, 1, 2),
        (WatchedResource::VirtualEvents, 100, 3),
        (WatchedResource::Reports { kind, event_id }, 1, 3),
    ] {
        let since = now - SignedDuration::from_hours(24 * days);
        let unit = BackfillUnit::Gap { resource, since, until: now };
        let queue: &dyn shared::ports::queue::Queue = &*world.pipeline.queues.backfill;
        queue.send(vec![OutgoingMessage::new(unit.to_message())]).await.unwrap();
        world.run_until_idle().await;
        assert_eq!(world.keys("reports/").len(), archived);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_in_the_ledger_which_is_not_complete() {
    let world = World::new();
    tenant(&world);
    world.sim.fail("/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings", Fault::NoAccessPolicy, 1);
    world.sim.fail("/callRecords", Fault::NoConsent, 99);
    let (lines, summary) = ledger(&world, json!({"audit": true})).await;

    assert!(!summary.is_seen());
    let of = |state: State| lines.iter().filter(move |line| line.state == state);
    assert_eq!(summary.totals.missing, 1, "the webinar's");
    assert_eq!(of(State::Missing).count(), 1);
    let unreachable: Vec<&str> =
        of(State::Unreachable).map(|line| line.outcome.as_deref().unwrap()).collect();
    assert_eq!(summary.totals.unreachable, unreachable.len() as u64);
    assert!(unreachable.contains(&"access_policy_missing") && unreachable.contains(&"consent_missing"));
    let remedies =
        of(State::Unreachable).all(|line| line.remedy.as_ref().is_some_and(|remedy| remedy.len() > 20));
    assert!(remedies);
}

#[tokio::test(start_paused = true)]
async fn refused_items_are_in_the_ledger_and_the_others_are_searched() {
    let world = World::new();
    tenant(&world);
    let unknown = "0c0c0c0c-0000-4000-8000-0000c0205050";
    let request = json!({"organizers": [ORGANIZER, "ilse@contoso.com", unknown], "audit": true});
    let (lines, summary) = ledger(&world, request).await;
    let unreachable: Vec<(&str, &str)> = lines
        .iter()
        .filter(|line| line.state == State::Unreachable)
        .map(|line| (line.source.as_str(), line.outcome.as_deref().unwrap()))
        .collect();
    let calendar = format!("users/{unknown}/calendarView");
    assert!(unreachable.contains(&("organizers[1]", "invalid_request")), "{unreachable:?}");
    assert!(unreachable.contains(&(calendar.as_str(), "no_mailbox")), "{unreachable:?}");
    assert_eq!((summary.totals.missing, summary.totals.unreachable, summary.is_seen()), (1, 2, false));
}

#[tokio::test(start_paused = true)]
async fn each_report_is_in_the_ledger_once_however_often_its_meeting_is_found() {
    let world = World::new();
    let now = world.clock.now();
    for week in 0..60 {
        let ended = now - SignedDuration::from_hours(12 * week);
        let report = session(&world, ORGANIZER, "m-series", &format!("r-{week}"), ended);
        in_calendar(&world, ORGANIZER, &report);
        in_call_records(&world, ORGANIZER, &report);
    }
    let (lines, summary) = ledger(&world, json!({"organizers": [ORGANIZER], "audit": true})).await;
    let mut ids: Vec<&String> = lines.iter().filter_map(|line| line.report_id.as_ref()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), summary.totals.reports, summary.totals.lost), (50, 50, 10), "Graph lists 50");
    let is_of_report = |line: &&LedgerLine| line.report_id.is_some();
    assert!(lines.iter().filter(is_of_report).all(|line| line.risks == [Risk::ManyListed]));
    assert_eq!((lines.len(), summary.totals.at_risk), (60, 50));
}

#[tokio::test(start_paused = true)]
async fn transient_failures_do_not_change_the_ledger() {
    let expected = {
        let world = World::new();
        tenant(&world);
        sorted(ledger(&world, json!({"since": "2025-04-01"})).await.0)
    };
    for (path, fault) in [
        ("/users", Fault::Throttled("30".into())),
        ("/calendarView", Fault::Status(503)),
        ("/callRecords", Fault::Interrupted),
        ("/onlineMeetings", Fault::Body("<html>".into())),
        ("/sessions", Fault::NoConnection),
        ("/attendanceReports", Fault::Status(500)),
        ("/token", Fault::Status(503)),
    ] {
        let world = World::new();
        tenant(&world);
        world.sim.fail(path, fault, 12);
        let (lines, summary) = ledger(&world, json!({"since": "2025-04-01"})).await;
        assert_eq!((sorted(lines), summary.is_seen()), (expected.clone(), true), "{path}");
        assert_eq!(world.keys("reports/").len(), 3, "{path}");
    }
}

/// The lines without their order; what was missing may be archived when a unit is retried.
fn sorted(lines: Vec<LedgerLine>) -> Vec<String> {
    let mut ids: Vec<String> = lines.into_iter().filter_map(|line| line.report_id).collect();
    ids.sort();
    ids
}

#[tokio::test(start_paused = true)]
async fn what_a_cloud_lacks_makes_the_ledger_incomplete_unless_it_has_no_such_events_at_all() {
    let world = World::new();
    let there = &world.pipeline.backfill;
    let settings = [
        ("GRAPH_CREDENTIAL", "secret"),
        ("GRAPH_TENANT_ID", TENANT_ID),
        ("GRAPH_CLIENT_ID", graph_sim::CLIENT_ID),
        ("GRAPH_SECRET_ID", "graph"),
        ("GRAPH_CLOUD", "china"),
    ];
    let authentication = ClientSecret { secrets: world.secrets.clone(), secret_id: "graph".into() };
    let config = GraphConfig::from_env(&settings).unwrap();
    let dependencies = backfill::Dependencies {
        manifests: None,
        tenant_id: there.tenant_id.clone(),
        graph: config.client(Box::new(authentication), world.sim.clone(), world.clock.clone()),
        watch: there.watch.clone(),
        watch_filter: WatchFilter::new(&there.watch, there.clock.clone()),
        store: there.store.clone(),
        fetch_queue: there.fetch_queue.clone(),
        archive_queue: there.archive_queue.clone(),
        backfill_queue: there.backfill_queue.clone(),
        bulk_queue: there.bulk_queue.clone(),
        dead_letters: there.dead_letters.clone(),
        clock: there.clock.clone(),
        reads_settled: there.reads_settled,
        retry_units_for: there.retry_units_for,
        ledger_pauses: there.ledger_pauses,
    };
    for (from, is_complete) in [("virtualEvents", true), ("callRecords", false)] {
        let request = json!({"since": "2026-03-02", "from": [from]});
        let deadline = world.clock.now() + SignedDuration::from_mins(5);
        let answer = backfill::handle(&dependencies, request, from, deadline).await.unwrap();
        while let Some(event) = world.pipeline.queues.backfill.receive(1) {
            let batch = serde_json::to_value(&event).unwrap();
            let settled = backfill::handle(&dependencies, batch, "", deadline).await.unwrap();
            world
                .pipeline
                .queues
                .backfill
                .delete_acknowledged(&event, &serde_json::from_value(settled).unwrap());
        }
        let key = answer["ledger"].as_str().unwrap();
        let summary = Summary::of(&*world.objects, key).await.unwrap().unwrap();
        assert_eq!(summary.is_seen(), is_complete, "{from}");
    }
}
