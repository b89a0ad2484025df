//! `fetch` waits for a report that Graph does not have yet, and gives up on one that never comes.

use graph_sim::Fault;
use jiff::SignedDuration;
use shared::ports::clock::Clock;

use crate::world::{World, call_ended, report_ready};

#[tokio::test(start_paused = true)]
async fn a_report_that_is_not_there_yet_is_waited_for() {
    let world = World::new();
    let mut report = world.meeting_ended("m-1", 5);
    report.ready_at = world.clock.now() + SignedDuration::from_hours(30);
    world.sim.add_report(report.clone());

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
    let lists = world.sim.requests().iter().filter(|path| path.ends_with("/attendanceReports")).count();
    assert!((10..=16).contains(&lists), "a wait of 30 hours cost {lists} lists");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_never_comes_is_given_up_after_48_hours() {
    let world = World::new();
    let mut report = world.meeting_ended("m-1", 5);
    report.ready_at = jiff::Timestamp::MAX;
    world.sim.add_report(report);
    let began = world.clock.now();

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.keys("reports/"), [""; 0]);
    let waited = world.clock.now().duration_since(began);
    assert!((47..=49).contains(&waited.as_hours()), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_not_ended_is_waited_for() {
    let world = World::new();
    let report = world.webinar_report("r-1", None);
    let going_on = graph_sim::SimReport { end: None, ..report.clone() };
    world.sim.add_report(going_on);

    world.notify(vec![report_ready(&report)]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(world.keys("reports/"), [""; 0]);

    world.sim.add_report(report.clone());
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_graph_does_not_know_is_asked_for_three_times() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.sim.fail("/attendanceReports", Fault::NoMeeting, 3);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    let lists = world.sim.requests().iter().filter(|path| path.ends_with("/attendanceReports")).count();
    assert_eq!((lists, world.keys("reports/").len()), (3, 0));
}
