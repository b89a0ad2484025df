//! The record of a call that was a meeting is kept as Graph sent it, with the meeting that it led to.

use graph_sim::{Fault, TENANT_ID};
use serde_json::json;
use shared::digest::sha256_hex;
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::backfill_tenant::{in_call_records, run, session};
use crate::world::{ORGANIZER, World, call_ended};
use shared::ports::clock::Clock;

fn key(call_id: &str) -> String {
    format!("sessions/v1/tenant={TENANT_ID}/date=2026-03-02/{call_id}.json")
}

#[tokio::test(start_paused = true)]
async fn a_call_record_is_kept_as_sent_with_the_meeting_that_it_led_to() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 3);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.keys("sessions/"), [key("call-m-1")]);
    let sent = world.sim.call_record("call-m-1").unwrap();
    assert_eq!(world.text(&key("call-m-1")).await, sent);
    let metadata = world.metadata(&key("call-m-1")).await;
    for (name, value) in [
        ("source", report.source.path()),
        ("outcome", "ok".to_owned()),
        ("version", "1".to_owned()),
        ("call-record-id", "call-m-1".to_owned()),
        ("start", report.start.to_string()),
        ("end", report.end.unwrap().to_string()),
        ("sha256", sha256_hex(sent.as_bytes())),
    ] {
        assert_eq!(metadata.get(name), Some(&value), "{name}");
    }
    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn a_later_version_of_a_call_record_is_current_and_the_earlier_one_a_revision() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let first = world.sim.call_record("call-m-1").unwrap();
    world.sim.change_call("call-m-1");
    // Its meeting cannot be found any more: what was known of it stays.
    world.sim.fail("/onlineMeetings", Fault::NoAccessPolicy, 1);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.dead_outcomes(), ["access_policy_missing"]);
    let second = world.sim.call_record("call-m-1").unwrap();
    assert_ne!(first, second);
    assert_eq!(world.text(&key("call-m-1")).await, second);
    let metadata = world.metadata(&key("call-m-1")).await;
    assert_eq!((metadata["version"].as_str(), metadata["outcome"].as_str()), ("2", "ok"));
    let revision = key("call-m-1").replace(".json", &format!("/{}.json", sha256_hex(first.as_bytes())));
    assert_eq!(world.text(&format!("revisions/{revision}")).await, first);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_meeting_is_refused_for_ever_is_kept_and_told_its_meeting_when_it_is_redriven() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 3);
    world.sim.fail("/onlineMeetings", Fault::NoAccessPolicy, 1);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.text(&key("call-m-1")).await, world.sim.call_record("call-m-1").unwrap());
    let metadata = world.metadata(&key("call-m-1")).await;
    assert_eq!((metadata.get("source"), metadata["outcome"].as_str()), (None, "access_policy_missing"));
    let letter = world.dead_letters().remove(0);
    world.pipeline.queues.fetch.send(vec![OutgoingMessage::new(letter.body)]).await.unwrap();
    world.run_until_idle().await;

    let metadata = world.metadata(&key("call-m-1")).await;
    assert_eq!((&metadata["source"], metadata["outcome"].as_str()), (&report.source.path(), "ok"));
    assert_eq!((world.keys("sessions/").len(), world.keys("revisions/").len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_meeting_graph_does_not_know_is_kept_before_it_is_given_up() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.sim.fail("/onlineMeetings", Fault::NoMeeting, 9);
    world.notify(vec![call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(world.keys("sessions/").len(), 0, "it is asked for again, and nothing is given up yet");
    world.run_until_idle().await;
    assert_eq!(world.metadata(&key("call-m-1")).await["outcome"], "not_found");
}

#[tokio::test(start_paused = true)]
async fn a_call_record_whose_notification_was_lost_is_kept_by_the_next_reconcile() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let gets = || world.sim.requests().iter().filter(|path| path.ends_with("/callRecords/call-m-1")).count();
    for _ in 0..3 {
        run(&world, json!({"reconcile": true, "days": 1})).await;
        assert_eq!(world.text(&key("call-m-1")).await, world.sim.call_record("call-m-1").unwrap());
        assert_eq!((gets(), world.metadata(&key("call-m-1")).await["cause"].as_str()), (1, "reconcile"));
    }
    world.sim.change_call("call-m-1");
    run(&world, json!({"reconcile": true, "days": 1})).await;
    assert_eq!(world.metadata(&key("call-m-1")).await["version"], "2");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_began_before_the_reconciles_time_is_found_as_well() {
    let world = World::new();
    let ended = world.clock.now() - jiff::SignedDuration::from_hours(26);
    let report = session(&world, ORGANIZER, "m-1", "r-1", ended);
    in_call_records(&world, ORGANIZER, &report);
    run(&world, json!({"reconcile": true, "days": 1})).await;
    assert_eq!((world.keys("sessions/").len(), world.keys("reports/").len()), (1, 1));
}
