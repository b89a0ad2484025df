//! Throttling, transient failures and time-outs delay a report and lose none; `Retry-After` is kept.

use graph_sim::Fault;
use jiff::SignedDuration;
use shared::ports::clock::Clock;

use crate::world::{World, call_ended};

#[tokio::test(start_paused = true)]
async fn throttling_in_every_form_delays_and_loses_nothing() {
    for retry_after in ["3", "2.128", "600", "Mon, 02 Mar 2026 11:00:00 GMT", "soon"] {
        let world = World::new();
        let report = world.meeting_ended("m-1", 5);
        for path in ["/token", "callRecords/", "/attendanceReports"] {
            world.sim.fail(path, Fault::Throttled(retry_after.to_owned()), 2);
        }

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        assert_eq!(world.only_report().await, report.whole(), "Retry-After: {retry_after}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_request_is_made_before_retry_after() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.sim.fail("callRecords/", Fault::Throttled("600".to_owned()), 1);
    let began = world.clock.now();

    world.notify(vec![call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(
        world.pipeline.next_visible_at(&world.functions),
        Some(began + SignedDuration::from_secs(600))
    );
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 1);
}

/// Graph does say `Retry-After: 0`.
#[tokio::test(start_paused = true)]
async fn a_retry_after_of_zero_still_backs_off() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    world.sim.fail("callRecords/", Fault::Throttled("0".to_owned()), 200);

    world.notify(vec![call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert!(world.sim.requests().len() < 10, "{} requests at once", world.sim.requests().len());
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn transient_failures_delay_and_lose_nothing() {
    for fault in [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::NoConnection,
        Fault::Interrupted,
        Fault::Unauthorized,
        Fault::Body("<html>not Graph</html>".to_owned()),
        Fault::Body(String::new()),
    ] {
        let world = World::new();
        world.sim.set_page_size(2);
        let report = world.meeting_ended("m-1", 5);
        for path in ["callRecords/", "/attendanceReports", "/attendanceRecords"] {
            world.sim.fail(path, fault.clone(), 1);
        }

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        assert_eq!(world.only_report().await, report.whole(), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_runs_out_of_time_is_retried() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    // In place it waits 8 s; the invocation has 5.
    world.sim.fail("callRecords/", Fault::Throttled("8".to_owned()), 1);
    world.notify(vec![call_ended("m-1")]).await;
    let event = world.pipeline.queues.fetch.receive(1).unwrap();
    let deadline = world.clock.now() + SignedDuration::from_secs(5);

    let answer = fetch::handle(&world.pipeline.fetch, event, deadline).await.unwrap();

    assert_eq!(answer.batch_item_failures.len(), 1);
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
}
