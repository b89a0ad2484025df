//! Throttling, transient failures and time-outs delay a report and lose none; `Retry-After` is kept.

use graph_sim::Fault;
use jiff::SignedDuration;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job, MAX_STEP_HOPS};
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::queue::OutgoingMessage;

use crate::metrics::counted;
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

#[tokio::test(start_paused = true)]
async fn nothing_else_of_the_process_is_asked_before_retry_after_either() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.meeting_ended("m-2", 5);
    world.sim.fail("callRecords/call-m-1", Fault::Throttled("600".to_owned()), 1);
    let began = world.clock.now();
    world.notify(vec![call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    world.notify(vec![call_ended("m-2")]).await;
    let asked = world.sim.requests().len();
    world.pipeline.run(&world.functions).await.unwrap();
    while let Some(next) = world.pipeline.next_visible_at(&world.functions)
        && next < began + SignedDuration::from_secs(600)
    {
        tokio::time::advance(next.duration_since(world.clock.now()).try_into().unwrap_or_default()).await;
        world.pipeline.run(&world.functions).await.unwrap();
    }
    assert_eq!(world.sim.requests().len(), asked, "{}", world.clock.now());
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_steps_without_an_end_is_a_dead_letter() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let target = FetchTarget::CallRecord { id: "call-m-1".into() };
    let job = FetchJob::new(target, Cause::Notification, world.clock.now());
    for hops in [MAX_STEP_HOPS - 8, MAX_STEP_HOPS + 1] {
        let job = FetchJob { hops, ..job.clone() };
        world.pipeline.queues.fetch.add(vec![OutgoingMessage::new(job.to_message())]);
    }
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 1);
    let letters = world.dead_letters();
    assert_eq!((letters.len(), letters[0].attributes[0].1.as_str()), (1, Outcome::TooManyHops.name()));
    assert_eq!(counted("DeadLetters").len(), 1);
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
