//! `WATCH.organizers` holds for reconciles, gaps and ledgers, unless a request names organizers.

use backfill::State;
use graph_sim::{Fault, Manner, SimEvent, SimReport};
use jiff::SignedDuration;
use serde_json::json;
use shared::jobs::{BackfillUnit, Job};
use shared::model::{Organizers, ReportSource, VirtualEventKind, Watch, WatchedResource};
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::backfill_tenant::{OTHER, in_call_records, ledger, run, session};
use crate::metrics::counted;
use crate::world::{ORGANIZER, World, secrets};

/// A tenant of two organizers, of whom `organizers` are watched: each has a meeting that ended now, and a webinar.
/// No policy covers the other one.
fn tenant(organizers: Organizers) -> World {
    let world = World::watching(Watch { organizers, ..Watch::default() }, secrets());
    let end = world.clock.now();
    for (organizer, groups, name) in
        [(ORGANIZER, ["group"].as_slice(), "ours"), (OTHER, [].as_slice(), "other")]
    {
        world.sim.add_user(organizer, groups);
        let report = session(&world, organizer, &format!("m-{name}"), &format!("r-{name}"), end);
        in_call_records(&world, organizer, &report);
        let (id, session_id) = (format!("w-{name}@contoso"), format!("s-{name}"));
        world.sim.add_event(SimEvent {
            kind: "webinars",
            id: id.clone(),
            organizer_id: organizer.to_uppercase(),
            session_ids: vec![session_id.clone()],
            end,
        });
        let source = ReportSource::Webinar { webinar_id: id, session_id };
        let start = end - SignedDuration::from_hours(1);
        world.sim.add_report(SimReport::ended(source, &format!("r-webinar-{name}"), 3, start, end));
    }
    world.sim.fail(&format!("/users/{OTHER}"), Fault::NoAccessPolicy, 99);
    world.sim.fail("/w-other@contoso/sessions", Fault::NoAccessPolicy, 99);
    world
}

fn watched() -> [Organizers; 2] {
    [Organizers::Users(vec![ORGANIZER.to_uppercase()]), Organizers::Group { group: "group".into() }]
}

fn passed_over() -> u64 {
    counted("PassedOver").into_iter().map(|(_, number)| number).sum()
}

#[tokio::test(start_paused = true)]
async fn a_reconcile_passes_over_whoever_is_outside_and_asks_nothing_about_them() {
    for organizers in watched() {
        let world = tenant(organizers.clone());
        run(&world, json!({"reconcile": true, "days": 1})).await;
        assert_eq!(world.keys("reports/").len(), 2, "{organizers:?}");
        assert_eq!((passed_over(), counted("ReconcileUnseen")), (2, vec![]), "{organizers:?}");
    }
    let world = tenant(Organizers::All);
    run(&world, json!({"reconcile": true, "days": 1})).await;
    assert_eq!(passed_over(), 0);
    let unseen = counted("ReconcileUnseen");
    assert!(unseen.contains(&("access_policy_missing".into(), 1)), "{unseen:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_that_a_list_does_not_explain_are_passed_over_as_well() {
    for manner in [Manner::ListedCallsAreUnknown, Manner::OrganizersAreUnnamed] {
        for organizers in watched() {
            let world = tenant(organizers);
            world.sim.behave(&[manner]);
            let (_, summary) = ledger(&world, json!({"audit": true, "since": "2026-02-28"})).await;
            assert_eq!((summary.totals.missing, summary.is_seen()), (2, true), "{manner:?}");
            assert_eq!(passed_over(), 2, "{manner:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whom_a_request_names_is_looked_at_though_watch_leaves_them_out() {
    let world = tenant(watched()[1].clone());
    let (lines, _) = ledger(&world, json!({"audit": true, "organizers": [OTHER]})).await;
    assert!(lines.iter().all(|line| line.state == State::Unreachable) && lines.len() >= 2, "{lines:?}");
    assert_eq!(passed_over(), 0);
    run(&world, json!({"since": "2026-02-28", "organizers": [OTHER]})).await;
    assert_eq!((world.keys("sessions/").len(), passed_over()), (1, 0), "its call's record is kept");
}

#[tokio::test(start_paused = true)]
async fn the_gap_of_an_event_is_passed_over_where_its_organizer_is_outside() {
    let world = tenant(watched()[0].clone());
    let until = world.clock.now();
    for (name, reports) in [("other", 0), ("ours", 1)] {
        let (kind, event_id) = (VirtualEventKind::Webinar, format!("w-{name}@contoso"));
        let resource = WatchedResource::Reports { kind, event_id };
        let unit = BackfillUnit::Gap { resource, since: until - SignedDuration::from_hours(1), until };
        world.pipeline.queues.backfill.send(vec![OutgoingMessage::new(unit.to_message())]).await.unwrap();
        world.run_until_idle().await;
        assert_eq!((world.keys("reports/").len(), passed_over()), (reports, 1), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_group_cannot_be_read_the_ledger_says_so() {
    let world = tenant(watched()[1].clone());
    world.sim.fail("/groups/", Fault::NoConsent, 99);
    let (lines, summary) = ledger(&world, json!({"audit": true, "since": "2026-02-28"})).await;
    assert!(!summary.is_complete);
    let of_group = |line: &&backfill::LedgerLine| line.source == "groups/group/transitiveMembers";
    let told: Vec<_> = lines.iter().filter(of_group).collect();
    assert!(!told.is_empty(), "{lines:?}");
    assert!(told.iter().all(|line| line.outcome.as_deref() == Some("consent_missing")), "{told:?}");
    assert!(told[0].remedy.as_ref().unwrap().contains("GroupMember.Read.All"), "{told:?}");
}
