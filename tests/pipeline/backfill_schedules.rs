//! The ledgers that schedules have written are counted, and what reconciles could not see: alarms watch both.

use backfill::Summary;
use graph_sim::Fault;
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::jobs::{BackfillUnit, Job};
use shared::model::{Watch, WatchedResource};
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::backfill_tenant::{OTHER, in_calendar, in_call_records, ledger, run, session};
use crate::faults::StoreFault;
use crate::metrics::{counted, forget_metrics};
use crate::world::{ORGANIZER, World, secrets};

fn nightly() -> Value {
    json!({"audit": true, "days": 8, "schedule": "nightly"})
}

/// A session so many days ago, of which a call record tells.
fn missing(world: &World, organizer: &str, name: &str, days: i64) {
    let ended = world.clock.now() - SignedDuration::from_hours(24 * days);
    let report = session(world, organizer, &format!("m-{name}"), &format!("r-{name}"), ended);
    in_call_records(world, organizer, &report);
}

/// What a ledger was counted as: missing, and of these new; unreachable, and of these new.
fn totals() -> [Option<u64>; 4] {
    let names = ["LedgerMissing", "LedgerNewMissing", "LedgerUnreachable", "LedgerNewUnreachable"];
    let totals = names.map(|name| match counted(name).as_slice() {
        [] => None,
        [(_, number)] => Some(*number),
        more => panic!("{name}: {more:?}"),
    });
    forget_metrics();
    totals
}

#[tokio::test(start_paused = true)]
async fn a_scheduled_ledger_is_counted_and_alarms_are_given_what_is_new_since_the_one_before() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    missing(&world, ORGANIZER, "1", 1);
    run(&world, nightly()).await;
    assert_eq!(counted("LedgersWritten"), [("nightly".to_owned(), 1)]);
    assert_eq!(counted("LedgerMissing"), [("nightly".to_owned(), 1)]);
    assert_eq!(counted("LedgerNewMissing"), [(String::new(), 1)]);
    assert_eq!(totals(), [Some(1), Some(1), Some(0), Some(0)], "the first: all is new");
    run(&world, nightly()).await;
    assert_eq!(totals(), [Some(1), Some(0), Some(0), Some(0)], "it was told the night before");

    missing(&world, ORGANIZER, "2", 2);
    missing(&world, OTHER, "other", 2);
    // Of the meeting, and of its session.
    world.sim.fail(&format!("/users/{OTHER}/"), Fault::NoAccessPolicy, 2);
    run(&world, nightly()).await;
    assert_eq!(totals(), [Some(2), Some(1), Some(2), Some(2)]);
    run(&world, json!({"audit": true, "days": 365, "schedule": "monthly"})).await;
    assert_eq!(counted("LedgersWritten"), [("monthly".to_owned(), 1)]);
    assert_eq!(totals(), [Some(3), Some(3), Some(0), Some(0)], "the first of its schedule");
}

#[tokio::test(start_paused = true)]
async fn a_persons_ledger_is_not_counted() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    missing(&world, ORGANIZER, "1", 1);
    run(&world, nightly()).await;
    forget_metrics();
    for request in [json!({"audit": true, "days": 8}), json!({"since": "2026-02-25", "dryRun": true})] {
        let (_, summary) = ledger(&world, request).await;
        assert_eq!((summary.totals.missing, totals()), (1, [None; 4]));
    }
    run(&world, nightly()).await;
    assert_eq!(totals(), [Some(1), Some(0), Some(0), Some(0)], "nor is it the one before");
}

#[tokio::test(start_paused = true)]
async fn the_nightly_ledger_is_of_eight_days_of_calls_and_the_monthly_one_of_calendars_as_well() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    missing(&world, ORGANIZER, "1", 7);
    missing(&world, ORGANIZER, "2", 9);
    let old = world.clock.now() - SignedDuration::from_hours(24 * 200);
    in_calendar(&world, ORGANIZER, &session(&world, ORGANIZER, "m-old", "r-old", old));
    let calendars = || world.sim.requests().iter().filter(|path| path.contains("/calendarView")).count();
    for (request, reports, looked_at) in
        [(nightly(), 1, 0), (json!({"audit": true, "days": 365, "schedule": "monthly"}), 3, 1)]
    {
        let (lines, summary) = ledger(&world, request).await;
        let ids: Vec<_> = lines.iter().filter_map(|line| line.report_id.as_ref()).collect();
        assert_eq!((ids.len(), summary.totals.reports, calendars()), (reports, reports as u64, looked_at));
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledger_whose_counting_stopped_half_way_is_counted_when_it_is_taken_again() {
    let world = World::new();
    missing(&world, ORGANIZER, "1", 1);
    for fault in [StoreFault::PutRefused("audits/"), StoreFault::PutAnswerLost("audits/")] {
        // The ledger itself, then the object that names the latest.
        for kept in 0..2 {
            (0..=kept).for_each(|_| world.store.fail(fault));
            let key = run(&world, nightly()).await.ledger.unwrap();
            assert!(Summary::of(&*world.objects, &key).await.unwrap().is_some(), "{fault:?}");
            assert!(!counted("LedgersWritten").is_empty(), "{fault:?}");
            forget_metrics();
        }
    }
    run(&world, nightly()).await;
    assert_eq!(totals(), [Some(1), Some(0), Some(0), Some(0)]);
}

#[tokio::test(start_paused = true)]
async fn what_a_reconcile_or_a_gap_could_not_see_is_counted_by_its_outcome() {
    let world = World::new();
    missing(&world, ORGANIZER, "1", 0);
    missing(&world, OTHER, "2", 0);
    // The call's record is to be kept with its meeting, and the meeting is looked at.
    world.sim.fail(&format!("/users/{OTHER}/"), Fault::NoAccessPolicy, 2);
    world.sim.fail(&format!("/users/{ORGANIZER}/"), Fault::NoMeeting, 9);
    run(&world, json!({"reconcile": true, "days": 1})).await;
    let both = [("access_policy_missing".to_owned(), 1), ("not_found".to_owned(), 1), (String::new(), 1)];
    assert_eq!(counted("ReconcileUnseen"), both, "of what Graph does not know no alarm is told");

    forget_metrics();
    world.sim.fail("/callRecords", Fault::Status(503), 9_999);
    let until = world.clock.now();
    let (resource, since) = (WatchedResource::CallRecords, until - SignedDuration::from_hours(1));
    let unit = BackfillUnit::Gap { resource, since, until };
    world.pipeline.queues.backfill.send(vec![OutgoingMessage::new(unit.to_message())]).await.unwrap();
    world.run_until_idle().await;
    // The gap's hour, and the day before it, from which late records may come.
    let spent = [("unavailable", 1), ("", 1), ("unavailable", 1), ("", 1)];
    let spent = spent.map(|(outcome, number)| (outcome.to_owned(), number));
    assert_eq!(counted("ReconcileUnseen"), spent, "a day of patience is spent");
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_counts_the_sessions_of_which_nobody_was_told_and_a_gap_does_not() {
    let without_calls = || Watch { call_records: false, ..Watch::default() };
    let reconcile = || json!({"reconcile": true, "days": 1});
    let two_hours_ago = |world: &World| {
        let ended = world.clock.now() - SignedDuration::from_hours(2);
        in_call_records(world, ORGANIZER, &session(world, ORGANIZER, "m-1", "r-1", ended));
    };
    for (watch, is_gap, counts) in [
        (Watch::default(), false, vec![1]),
        (Watch::default(), true, vec![]),
        (without_calls(), false, vec![]),
    ] {
        let world = World::watching(watch, secrets());
        two_hours_ago(&world);
        if is_gap {
            let until = world.clock.now();
            let (resource, since) = (WatchedResource::CallRecords, until - SignedDuration::from_hours(24));
            let unit = BackfillUnit::Gap { resource, since, until };
            world.pipeline.queues.backfill.send(vec![OutgoingMessage::new(unit.to_message())]).await.unwrap();
            world.run_until_idle().await;
        } else {
            run(&world, reconcile()).await;
        }
        let untold: Vec<u64> = counted("SessionsUntold").into_iter().map(|(_, number)| number).collect();
        assert_eq!(untold, counts);
        assert_eq!(counted("ReconcilesBegun").len(), usize::from(!is_gap));
        // What is archived now was told of, as far as the next one sees.
        forget_metrics();
        run(&world, reconcile()).await;
        assert!(counted("SessionsUntold").iter().all(|(_, number)| *number == 0));
    }
}
