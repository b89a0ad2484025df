//! What no notification told of is found by looking again, and the ledger says what there is.

use backfill::{Answer, LedgerLine, Risk, State, Summary};
use graph_sim::{CalendarEntry, Call, Fault, Meeting, SimEvent, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::graph::{ClientSecret, GraphConfig};
use shared::jobs::{BackfillUnit, Job, WatchedResource};
use shared::queue::OutgoingMessage;
use shared::report_ref::ReportSource;

use crate::world::{ORGANIZER, World};

const OTHER: &str = "0b0b0b0b-0000-4000-8000-0000c0205050";

/// An hour's session of a meeting that no notification told of.
fn session(world: &World, organizer: &str, meeting: &str, report: &str, ended: Timestamp) -> SimReport {
    let meeting = Meeting {
        organizer_id: organizer.to_owned(),
        meeting_id: meeting.to_owned(),
        join_web_url: format!("https://teams.microsoft.com/l/meetup-join/19%3a{meeting}%40thread.v2/0"),
    };
    let start = ended - SignedDuration::from_hours(1);
    let report = SimReport::ended(meeting.source(), report, 3, start, ended);
    if world.sim.meetings().iter().all(|there| there.meeting_id != meeting.meeting_id) {
        world.sim.add_meeting(meeting);
    }
    world.sim.add_report(report.clone());
    report
}

fn address(world: &World, report: &SimReport) -> String {
    let meetings = world.sim.meetings();
    meetings.into_iter().find(|meeting| meeting.source() == report.source).unwrap().join_web_url
}

fn in_calendar(world: &World, organizer: &str, report: &SimReport) {
    let join_web_url = Some(address(world, report));
    world.sim.add_calendar_entry(CalendarEntry {
        user_id: organizer.into(),
        is_organizer: true,
        start: report.start,
        join_web_url,
    });
}

fn in_call_records(world: &World, organizer: &str, report: &SimReport) {
    world.sim.add_call(Call {
        id: format!("call-{}", report.id),
        join_web_url: Some(address(world, report)),
        organizer: Some((organizer.into(), TENANT_ID.into())),
        start: report.start,
        end: report.end.unwrap(),
    });
}

/// A tenant with one report that each way of looking finds alone.
fn tenant(world: &World) {
    world.sim.add_user(ORGANIZER, &["group"]);
    world.sim.add_user(OTHER, &[]);
    let now = world.clock.now();
    let days = |days: i64| now - SignedDuration::from_hours(24 * days);
    in_calendar(world, ORGANIZER, &session(world, ORGANIZER, "m-calendar", "r-calendar", days(200)));
    in_call_records(world, OTHER, &session(world, OTHER, "m-call", "r-call", days(20)));
    let end = days(90);
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: "w-1@contoso".into(),
        organizer_id: OTHER.into(),
        session_ids: vec!["s-1".into()],
        end,
    });
    let source = ReportSource::Webinar { webinar_id: "w-1@contoso".into(), session_id: "s-1".into() };
    world.sim.add_report(SimReport::ended(source, "r-webinar", 3, end - SignedDuration::from_hours(1), end));
}

async fn run(world: &World, request: Value) -> Answer {
    let answer = world.pipeline.backfill(request).await.unwrap();
    world.run_until_idle().await;
    answer
}

/// The ledger of a run that `request` begins.
async fn ledger(world: &World, request: Value) -> (Vec<LedgerLine>, Summary) {
    let key = run(world, request).await.ledger.unwrap();
    let summary = Summary::of(&*world.objects, &key).await.unwrap().unwrap();
    let text = world.text(&key).await;
    let lines: Vec<&str> = text.lines().collect();
    let read = |line: &&str| serde_json::from_str(line).unwrap();
    (lines[..lines.len() - 1].iter().map(read).collect(), summary)
}

fn fetched(world: &World) -> usize {
    world.sim.requests().iter().filter(|path| path.contains("/attendanceReports/")).count()
}

#[tokio::test(start_paused = true)]
async fn a_backfill_finds_what_calendars_call_records_and_events_tell_of_and_a_second_one_fetches_nothing() {
    let world = World::new();
    tenant(&world);
    let (lines, summary) = ledger(&world, json!({"since": "2025-04-01"})).await;
    assert_eq!((lines.len(), summary.totals.missing, summary.is_complete), (3, 3, true));
    assert_eq!(world.keys("reports/").len(), 3);
    assert_eq!(fetched(&world), 3);
    let cause = &world.metadata(&world.keys("reports/")[0]).await["cause"];
    assert_eq!(cause, "backfill");

    let (_, summary) = ledger(&world, json!({"since": "2025-04-01"})).await;
    assert_eq!((summary.totals.archived, summary.totals.missing), (3, 0));
    assert_eq!(fetched(&world), 3, "an unchanged report costs a list and a look, never a fetch");
}

#[tokio::test(start_paused = true)]
async fn what_is_named_is_looked_at_and_nothing_else() {
    let world = World::new();
    tenant(&world);
    let named = session(&world, ORGANIZER, "m-named", "r-named", world.clock.now());
    let by_id = json!({"organizers": [ORGANIZER], "meetings": ["m-named"]});
    let by_address = json!({"meetings": [{"organizer": ORGANIZER, "meeting": address(&world, &named)}]});
    let by_event = json!({"webinars": ["w-1@contoso"]});
    for (request, archived) in [(by_id, 1), (by_address, 1), (by_event, 2)] {
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
async fn a_gap_of_each_kind_is_looked_through() {
    let world = World::new();
    tenant(&world);
    let now = world.clock.now();
    let watched = session(&world, ORGANIZER, "m-watched", "r-watched", now);
    let (organizer_id, join_web_url) = (ORGANIZER.into(), address(&world, &watched));
    let (kind, event_id) = (shared::graph::VirtualEventKind::Webinar, "w-1@contoso".into());
    for (resource, days, archived) in [
        (WatchedResource::CallRecords, 25, 1),
        (WatchedResource::MeetingCalls { organizer_id, join_web_url }, 1, 2),
        (WatchedResource::VirtualEvents, 100, 3),
        (WatchedResource::Reports { kind, event_id }, 1, 3),
    ] {
        let since = now - SignedDuration::from_hours(24 * days);
        let unit = BackfillUnit::Gap { resource, since, until: now };
        let queue: &dyn shared::queue::Queue = &*world.pipeline.queues.backfill;
        queue.send(vec![OutgoingMessage::new(unit.to_message())]).await.unwrap();
        world.run_until_idle().await;
        assert_eq!(world.keys("reports/").len(), archived);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_seen_is_said_and_the_ledger_is_not_complete() {
    let world = World::new();
    tenant(&world);
    world.sim.fail("/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings", Fault::NoAccessPolicy, 1);
    world.sim.fail("/callRecords", Fault::NoConsent, 99);
    let (lines, summary) = ledger(&world, json!({"audit": true})).await;

    assert!(!summary.is_complete);
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
async fn items_that_are_refused_stand_in_the_ledger_and_the_rest_goes_on() {
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
    assert!(unreachable.contains(&(calendar.as_str(), "not_found")), "{unreachable:?}");
    assert_eq!((summary.totals.missing, summary.totals.not_found, summary.is_complete), (1, 1, false));
}

#[tokio::test(start_paused = true)]
async fn each_report_stands_in_the_ledger_once_however_often_its_meeting_is_found() {
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
    assert_eq!((ids.len(), lines.len(), summary.totals.reports), (50, 50, 50), "Graph lists 50");
    assert!(lines.iter().all(|line| line.risks == [Risk::ManyListed]));
    assert_eq!(summary.totals.at_risk, 50);
}

#[tokio::test(start_paused = true)]
async fn whatever_fails_in_between_the_ledger_is_the_same() {
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
        assert_eq!((sorted(lines), summary.is_complete), (expected.clone(), true), "{path}");
        assert_eq!(world.keys("reports/").len(), 3, "{path}");
    }
}

/// The lines without their order; what was missing may be archived when a unit is taken again.
fn sorted(lines: Vec<LedgerLine>) -> Vec<String> {
    let mut ids: Vec<String> = lines.into_iter().filter_map(|line| line.report_id).collect();
    ids.sort();
    ids
}

#[tokio::test(start_paused = true)]
async fn every_unit_may_come_twice() {
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
        queue.settle(&event, &serde_json::from_value(settled).unwrap());
    }
    world.run_until_idle().await;
    let summary = Summary::of(&*world.objects, answer.ledger.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!((summary.totals.reports, summary.is_complete), (3, true));
    assert_eq!(world.keys("reports/").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_never_answers_leaves_the_ledger_incomplete_and_named() {
    let world = World::new();
    tenant(&world);
    let answer = world.pipeline.backfill(json!({"organizers": [ORGANIZER], "audit": true})).await.unwrap();
    let lost = world.pipeline.queues.backfill.receive(1).unwrap();
    world.pipeline.queues.backfill.settle(&lost, &Default::default());
    world.run_until_idle().await;
    let summary = Summary::of(&*world.objects, answer.ledger.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!((summary.is_complete, summary.silent.len()), (false, 1));
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
            if !world.pipeline.invoke(rollcall::local::Function::Backfill).await.unwrap() {
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
async fn looking_again_costs_two_calls_a_meeting_and_one_for_sixty() {
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
    // A list of the webinars and one of the town halls each time, and the token now and then.
    let bound = 4 * (2 * meetings + meetings / 60 + 2) + 8;
    assert!(calls <= bound, "{calls} calls, more than {bound}");
    assert!(world.keys("reports/").len() as i64 == meetings);
}

#[tokio::test(start_paused = true)]
async fn pages_that_run_in_a_circle_end_and_the_ledger_is_not_complete() {
    let world = World::new();
    let page = r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/v1.0/communications/callRecords?$skiptoken=1"}"#;
    world.sim.fail("/callRecords", Fault::Body(page.into()), usize::MAX);
    let since = (world.clock.now() - SignedDuration::from_hours(1)).to_string();
    let (lines, summary) = ledger(&world, json!({"since": since, "from": ["callRecords"]})).await;
    assert_eq!((lines.len(), lines[0].outcome.as_deref()), (1, Some("malformed")));
    assert!(!summary.is_complete);
}

#[tokio::test(start_paused = true)]
async fn what_a_cloud_lacks_is_said_unless_it_has_no_such_events_at_all() {
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
        tenant_id: there.tenant_id.clone(),
        graph: config.client(Box::new(authentication), world.sim.clone(), world.clock.clone()),
        watch: there.watch.clone(),
        store: there.store.clone(),
        fetch_queue: there.fetch_queue.clone(),
        backfill_queue: there.backfill_queue.clone(),
        dead_letters: there.dead_letters.clone(),
        clock: there.clock.clone(),
    };
    for (from, is_complete) in [("virtualEvents", true), ("callRecords", false)] {
        let request = json!({"since": "2026-03-02", "from": [from]});
        let deadline = world.clock.now() + SignedDuration::from_mins(5);
        let answer = backfill::handle(&dependencies, request, from, deadline).await.unwrap();
        while let Some(event) = world.pipeline.queues.backfill.receive(1) {
            let batch = serde_json::to_value(&event).unwrap();
            let settled = backfill::handle(&dependencies, batch, "", deadline).await.unwrap();
            world.pipeline.queues.backfill.settle(&event, &serde_json::from_value(settled).unwrap());
        }
        let key = answer["ledger"].as_str().unwrap();
        let summary = Summary::of(&*world.objects, key).await.unwrap().unwrap();
        assert_eq!(summary.is_complete, is_complete, "{from}");
    }
}
