//! A ledger tells of each session that took place and has no report: pending, absent, or lost.

use backfill::{LedgerLine, State, Summary};
use graph_sim::{Fault, Manner, SimEvent, SimReport};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use shared::ports::store::{Condition, NewObject, ObjectStore, PutResult};

use crate::backfill_tenant::{OTHER, in_call_records, ledger, run, session};
use crate::world::{ORGANIZER, World, call_ended};

/// The last days, by call records alone.
fn audit(world: &World, days: i64) -> Value {
    let since = (world.clock.now() - SignedDuration::from_hours(24 * days)).to_string();
    json!({"audit": true, "since": since, "from": ["callRecords"]})
}

fn days_ago(world: &World, days: i64) -> Timestamp {
    world.clock.now() - SignedDuration::from_hours(24 * days)
}

/// The lines of sessions, and the sums of the whole ledger.
async fn sessions(world: &World, request: Value) -> (Vec<LedgerLine>, Summary) {
    let (lines, summary) = ledger(world, request).await;
    (lines.into_iter().filter(|line| line.session_id.is_some()).collect(), summary)
}

/// A meeting's session of which Graph never makes a report.
fn without_report(world: &World, meeting: &str) -> SimReport {
    let report = SimReport { ready_at: Timestamp::MAX, ..world.meeting_ended(meeting, 3) };
    world.sim.add_report(report.clone());
    report
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_report_never_comes_is_pending_and_then_absent() {
    let mut world = World::new();
    let report = without_report(&world, "m-1");
    world.notify(vec![call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    world.functions = vec![Function::Archive, Function::Backfill];
    let (lines, summary) = sessions(&world, audit(&world, 1)).await;
    assert_eq!((lines.len(), lines[0].state), (1, State::Pending));
    assert_eq!((summary.totals.pending, summary.totals.reports, summary.is_complete), (1, 0, true));

    world.functions = Function::WITH_QUEUE.to_vec();
    world.run_until_idle().await;
    let (lines, summary) = sessions(&world, audit(&world, 4)).await;
    assert_eq!((summary.totals.absent, summary.totals.pending, summary.is_complete), (1, 0, false));
    let line = &lines[0];
    assert_eq!((line.state, line.session_id.as_deref()), (State::Absent, Some("call-m-1")));
    assert_eq!((&line.source, &line.report_id), (&report.source.path(), &None));
    assert!(line.remedy.as_ref().unwrap().contains("AllowEngagementReport"));
}

#[tokio::test(start_paused = true)]
async fn a_session_with_a_report_has_no_line_of_its_own() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let before = world.sim.requests().len();
    let (lines, summary) = sessions(&world, audit(&world, 1)).await;
    assert_eq!((lines, summary.totals.archived, summary.totals.reports), (vec![], 1, 1));
    let asked = world.sim.requests()[before..].iter().filter(|path| path.ends_with("Reports")).count();
    assert_eq!(asked, 1, "Graph is asked for the reports of a session only where the archive has none");
    assert!(summary.is_complete);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_archive_has_not_kept_is_told_by_an_audit() {
    let world = World::new();
    for manner in [None, Some(Manner::ListedCallsAreUnknown)] {
        world.sim.behave(manner.as_slice());
        if manner.is_none() {
            without_report(&world, "m-1");
        }
        let (lines, summary) = sessions(&world, audit(&world, 1)).await;
        assert_eq!((lines.len(), summary.totals.pending, world.keys("sessions/").len()), (1, 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_older_than_the_fifty_that_graph_lists_is_lost_and_the_archive_remembers_it() {
    let world = World::new();
    for number in 0..51 {
        let ended = world.clock.now() - SignedDuration::from_hours(12 * number + 1);
        let report = session(&world, ORGANIZER, "m-series", &format!("r-{number}"), ended);
        in_call_records(&world, ORGANIZER, &report);
    }
    run(&world, json!({"since": "2026-01-15", "from": ["callRecords"]})).await;
    assert_eq!((world.keys("sessions/").len(), world.keys("reports/").len()), (51, 50));
    // Graph forgets the calls, and lists other reports; those that are archived are not lost.
    tokio::time::advance(std::time::Duration::from_secs(31 * 86_400)).await;
    for number in 0..30 {
        let ended = world.clock.now() - SignedDuration::from_hours(number);
        session(&world, ORGANIZER, "m-series", &format!("r-new-{number}"), ended);
    }
    let (lines, summary) = sessions(&world, audit(&world, 80)).await;
    assert_eq!((summary.totals.lost, summary.totals.absent, summary.is_complete), (1, 0, false));
    assert_eq!((lines.len(), lines[0].session_id.as_deref()), (1, Some("call-r-50")));
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_only_the_archive_remembers_is_looked_at_again() {
    let world = World::new();
    let report = without_report(&world, "m-1");
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    tokio::time::advance(std::time::Duration::from_secs(40 * 86_400)).await;
    world.sim.add_report(SimReport { ready_at: world.clock.now(), ..report });
    let since = days_ago(&world, 60).to_string();
    let (lines, summary) = ledger(&world, json!({"since": since, "from": ["callRecords"]})).await;
    assert_eq!((lines.len(), summary.totals.missing), (1, 1), "its report has come after all");
    assert_eq!(world.keys("reports/").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_meeting_cannot_be_looked_at_is_unreachable() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.sim.fail("/onlineMeetings", Fault::NoAccessPolicy, 99);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    assert_eq!(world.dead_outcomes(), ["access_policy_missing"]);
    let (lines, summary) = sessions(&world, audit(&world, 1)).await;
    let told = (lines[0].state, lines[0].outcome.as_deref(), lines[0].session_id.as_deref());
    assert_eq!(told, (State::Unreachable, Some("access_policy_missing"), Some("call-m-1")));
    assert!(!summary.is_complete);
}

#[tokio::test(start_paused = true)]
async fn a_session_of_an_organizer_outside_of_the_run_has_no_line() {
    let world = World::new();
    for (organizer, meeting) in [(ORGANIZER, "m-1"), (OTHER, "m-2")] {
        let report = session(&world, organizer, meeting, &format!("r-{meeting}"), days_ago(&world, 5));
        in_call_records(&world, organizer, &report);
        world.sim.add_report(SimReport { ready_at: Timestamp::MAX, ..report });
    }
    run(&world, json!({"reconcile": true, "days": 30})).await;
    assert_eq!(world.keys("sessions/").len(), 2);
    for (organizers, absent) in [(json!([]), 2), (json!([ORGANIZER]), 1), (json!([OTHER]), 1)] {
        let mut request = audit(&world, 10);
        request["organizers"] = organizers;
        let (lines, summary) = sessions(&world, request).await;
        assert_eq!((lines.len(), summary.totals.absent), (absent, absent as u64));
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_in_the_ledger_of_the_time_in_which_it_was() {
    let world = World::new();
    let report = without_report(&world, "m-1");
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let ended = report.end.unwrap();
    let hours = |hours: i64| ended + SignedDuration::from_hours(hours);
    for (since, until, absent) in [(-24, -1, 0), (-24, 1, 1), (0, 24, 1), (1, 24, 0)] {
        let (since, until) = (hours(since).to_string(), hours(until).to_string());
        let request = json!({"audit": true, "since": since, "until": until, "from": ["callRecords"]});
        assert_eq!(ledger(&world, request).await.1.totals.absent, absent, "{since} to {until}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_events_session_without_a_report_is_pending_and_then_absent_unless_it_was_called_off() {
    for kind in ["webinars", "townhalls"] {
        assert_pending_then_absent_unless_called_off(kind).await;
    }
}

async fn assert_pending_then_absent_unless_called_off(kind: &'static str) {
    let world = World::new();
    world.sim.add_event(SimEvent {
        kind,
        id: "w-1@contoso".into(),
        organizer_id: OTHER.into(),
        session_ids: vec!["s-1".into()],
        end: world.clock.now() - SignedDuration::from_hours(47),
    });
    let request = json!({"audit": true, "since": "2026-02-20", "from": ["virtualEvents"]});
    let (lines, summary) = sessions(&world, request.clone()).await;
    assert_eq!((lines.len(), summary.totals.pending, lines[0].session_id.as_deref()), (1, 1, Some("s-1")));
    tokio::time::advance(std::time::Duration::from_secs(3_600)).await;
    assert_eq!(ledger(&world, request.clone()).await.1.totals.absent, 1);
    let canceled = r#"{"value":[{"id":"w-1@contoso","status":"canceled"}]}"#;
    world.sim.fail(&format!("/virtualEvents/{kind}"), Fault::Body(canceled.into()), 1);
    assert_eq!(ledger(&world, request).await.1.totals.absent, 0);
}

#[tokio::test(start_paused = true)]
async fn a_day_of_many_sessions_is_split_into_units() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 3);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let kept = world.keys("sessions/").remove(0);
    for number in 0..5_001 {
        let mut metadata = world.metadata(&kept).await;
        metadata.insert("call-record-id".into(), format!("other-{number}"));
        if number == 5_000 {
            metadata.insert("source".into(), "users/nobody/onlineMeetings/none".into());
        }
        let object = NewObject::new(world.text(&kept).await, "application/json", metadata);
        let key = kept.replace("call-m-1", &format!("other-{number:04}"));
        let stored = world.objects.put(&key, object, Condition::IfAbsent).await.unwrap();
        assert_eq!(stored, PutResult::Stored);
    }
    let (lines, summary) = sessions(&world, audit(&world, 1)).await;
    let second = format!("/sessions.{}-p2.jsonl", report.start.strftime("%F"));
    assert!(world.keys("staging/audits/").iter().any(|key| key.ends_with(&second)), "{second}");
    assert_eq!((lines.len(), summary.totals.archived), (1, 1), "the report is of all the others");
    assert_eq!((lines[0].state, lines[0].session_id.as_deref()), (State::Pending, Some("other-5000")));
    assert_eq!(world.keys("sessions/").len(), 5_002);
}
