//! Faults of AWS that last: a message is put off in growing steps, and is a dead letter with its reason before its
//! queue forgets it. A step that hangs leaves its neighbours their time.

use graph_sim::Fault;
use jiff::SignedDuration;
use shared::lambda::failed_step::FAILING_FOR;
use shared::ports::clock::Clock;
use tokio::time::advance;

use crate::faults::StoreFault;
use crate::metrics::counted;
use crate::world::{World, call_ended};

/// How often a refusal that lasts is met at most.
const FOR_EVER: usize = 1_000;

fn value<'a>(attributes: &'a [(&'static str, String)], name: &str) -> &'a str {
    attributes.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

#[tokio::test(start_paused = true)]
async fn what_the_archive_refuses_for_days_is_a_dead_letter_with_its_reason() {
    for fault in [StoreFault::HeadRefused, StoreFault::PutRefused("reports/")] {
        let world = World::new();
        world.meeting_ended("m-1", 3);
        let begun = world.clock.now();
        (0..FOR_EVER).for_each(|_| world.store.fail(fault));
        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;
        let lasted = world.clock.now().duration_since(begun);
        assert!(lasted > FAILING_FOR && lasted < FAILING_FOR + SignedDuration::from_hours(2), "{lasted:#}");
        let letters = world.dead_letters();
        assert_eq!(letters.len(), 1, "{fault:?}");
        let attributes = &letters[0].attributes;
        assert_eq!(value(attributes, "outcome"), "aws_unavailable");
        let tries: usize = value(attributes, "tries").parse().unwrap();
        assert!((70..=90).contains(&tries), "{fault:?}: tried {tries} times since it was sent anew");
        assert!(value(attributes, "tried-since").starts_with("2026-03-0"));
        let counted = counted("StepsFailed").len();
        assert!((tries..tries + 20).contains(&counted), "each failure is counted: {counted} of {tries}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_hangs_is_put_off_and_its_neighbours_are_archived() {
    let world = World::new();
    for meeting in ["m-1", "m-2", "m-3", "m-4", "m-5"] {
        world.meeting_ended(meeting, 3);
    }
    world.sim.fail("/communications/callRecords/call-m-1", Fault::Silence, 5);
    let calls = ["m-1", "m-2", "m-3", "m-4", "m-5"].map(call_ended);
    world.notify(calls.into()).await;
    let begun = world.clock.now();
    while world.keys("reports/").len() < 4 {
        let next = world.pipeline.next_visible_at(&world.functions).unwrap();
        advance(next.duration_since(world.clock.now()).try_into().unwrap_or_default()).await;
        world.pipeline.run(&world.functions).await.unwrap();
    }
    let lasted = world.clock.now().duration_since(begun);
    assert!(lasted < SignedDuration::from_mins(10), "the neighbours waited for {lasted:#}");
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_graph_for_days_has_its_days_when_the_archive_refuses() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let begun = world.clock.now();
    let throttled = Fault::Throttled("3600".to_owned());
    world.sim.fail("/communications/callRecords/call-m-1", throttled, 80);
    (0..3).for_each(|_| world.store.fail(StoreFault::HeadRefused));
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let lasted = world.clock.now().duration_since(begun);
    assert!(lasted > FAILING_FOR, "it was throttled for {lasted:#}");
    assert_eq!(world.dead_letters().len(), 0);
    assert_eq!(world.keys("reports/").len(), 1);
}
