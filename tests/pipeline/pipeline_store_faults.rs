//! A store that fails, or has forgotten a claim check, delays a report and loses none.

use crate::faults::StoreFault;
use crate::world::{World, call_ended};

#[tokio::test(start_paused = true)]
async fn an_archive_that_fails_at_any_point_is_mended_by_the_next_try() {
    for fault in [
        StoreFault::HeadRefused,
        StoreFault::PutRefused("staging/"),
        StoreFault::PutRefused("reports/"),
        StoreFault::PutRefused("records/"),
        StoreFault::PutAnswerLost("staging/"),
        StoreFault::PutAnswerLost("reports/"),
        StoreFault::PutAnswerLost("records/"),
    ] {
        let world = World::new();
        let report = world.meeting_ended("m-1", 1_000);
        world.store.fail(fault);
        world.store.fail(fault);

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        assert_eq!(world.only_report().await, report.whole(), "{fault:?}");
        let lines = world.text(&world.keys("records/")[0]).await;
        assert_eq!(lines.lines().count(), 1_000, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_check_that_has_expired_makes_the_report_be_fetched_again() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 1_000);
    world.notify(vec![call_ended("m-1")]).await;
    // Call record, source, report: then the report waits in staging.
    while world.keys("staging/").is_empty() {
        let event = world.pipeline.queues.fetch.receive(1).unwrap();
        let answer = fetch::handle(&world.pipeline.fetch, event.clone(), jiff::Timestamp::MAX).await.unwrap();
        world.pipeline.queues.fetch.delete_acknowledged(&event, &answer);
    }
    world.objects.expire(&world.keys("staging/")[0]);

    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
}
