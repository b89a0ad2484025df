//! A report of many slow pages is read over several tries, and is then the one that Graph has: what is archived is one
//! answer of Graph's, whatever happens meanwhile. It delays no other message of its batch.

use std::time::Duration;

use graph_sim::{Fault, SimReport};
use jiff::{SignedDuration, Timestamp};
use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use tokio::time::advance;

use crate::faults::StoreFault;
use crate::metrics::counted;
use crate::world::{World, report_ready, webinar};

const PAGES: usize = 40;
const ON_A_PAGE: usize = 3;
const A_PAGE: Duration = Duration::from_secs(20);
const EXPIRED: &str = r#"{"error":{"code":"Directory_ExpiredPageToken","message":"x","innerError":{}}}"#;

/// A report of forty pages, of which each takes twenty seconds.
fn with_slow_report(world: &World) -> SimReport {
    with_slow_report_of(world, PAGES)
}

fn with_slow_report_of(world: &World, pages: usize) -> SimReport {
    world.sim.set_page_size(ON_A_PAGE);
    world.sim.slow_down("/attendanceReports/slow", A_PAGE);
    let report = world.report(webinar(), "slow", pages * ON_A_PAGE);
    world.sim.add_report(report.clone());
    report
}

/// How often a page of the report was asked for.
fn asked(world: &World) -> usize {
    world.sim.requests().iter().filter(|path| path.contains("/attendanceReports/slow")).count()
}

/// Invokes the functions once, when the next message is visible.
async fn run_once(world: &World) {
    let next = world.pipeline.next_visible_at(&world.functions).unwrap();
    advance(next.duration_since(world.clock.now()).try_into().unwrap_or_default()).await;
    for function in Function::WITH_QUEUE {
        world.pipeline.invoke(function).await.unwrap();
    }
}

fn since(world: &World, begun: Timestamp) -> SignedDuration {
    world.clock.now().duration_since(begun)
}

#[tokio::test(start_paused = true)]
async fn a_report_of_forty_slow_pages_ends_and_is_the_one_that_is_got_at_once() {
    let world = World::new();
    let report = with_slow_report(&world);
    let begun = world.clock.now();

    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
    assert!(since(&world, begun) < SignedDuration::from_mins(20), "{:#}", since(&world, begun));
    // Of each try the page is lost that is under way when its time is up.
    assert!(asked(&world) <= PAGES + PAGES / 4 + 2, "{} requests", asked(&world));
    assert_eq!(counted("StepsFailed").len(), 0, "a try that has kept pages is no failure");
    let pages = world.metadata(&world.keys("reports/")[0]).await["pages"].clone();
    assert_eq!(pages, PAGES.to_string());
}

#[tokio::test(start_paused = true)]
async fn a_report_whose_pages_take_longer_than_a_reading_should_ends_too() {
    let world = World::new();
    let report = with_slow_report_of(&world, 250);
    let begun = world.clock.now();
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    let lasted = since(&world, begun);
    assert!(lasted > SignedDuration::from_hours(4) && lasted < SignedDuration::from_hours(7), "{lasted:#}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_report_delays_no_other_message_of_its_batch() {
    let world = World::new();
    let slow = with_slow_report(&world);
    let others = ["a", "b", "c", "d"].map(|id| world.webinar_report(id, None));
    let items = [&slow].into_iter().chain(&others).map(report_ready);
    world.notify(items.collect()).await;
    assert_eq!(world.pipeline.queues.fetch.messages().len(), Function::Fetch.batch_size());

    let batch = world.pipeline.invoke(Function::Fetch);
    let neighbours = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.pipeline.invoke(Function::Archive).await.unwrap();
        world.keys("reports/").len()
    };
    let (batch, archived) = tokio::join!(batch, neighbours);

    assert!(batch.unwrap());
    assert_eq!(archived, others.len(), "they took as long as they do alone");
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 5, "the slow one ends, too");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_graph_no_longer_knows_begins_the_report_anew() {
    let world = World::new();
    let report = with_slow_report(&world);
    world.notify(vec![report_ready(&report)]).await;
    run_once(&world).await;
    let expired = Fault::Raw(400, ("content-type", "application/json"), EXPIRED.to_owned());
    world.sim.fail("/attendanceReports/slow/attendanceRecords", expired, 1);
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    assert!(world.keys("staging/pages/").iter().any(|key| key.contains("/0002/")), "another reading");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_changes_while_it_is_read_is_archived_in_one_of_its_states() {
    let world = World::new();
    let report = with_slow_report(&world);
    world.notify(vec![report_ready(&report)]).await;
    run_once(&world).await;
    let changed = SimReport { id: report.id.clone(), ..world.report(webinar(), "x", PAGES * ON_A_PAGE + 1) };
    let changed = SimReport { start: report.start, end: report.end, ready_at: report.ready_at, ..changed };
    world.sim.add_report(changed.clone());
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, changed.whole());
    assert!(world.keys("revisions/").is_empty(), "nothing was archived that Graph never had");
}

#[tokio::test(start_paused = true)]
async fn pages_that_lead_nowhere_are_not_gone_on_with() {
    let world = World::new();
    let report = with_slow_report(&world);
    world.notify(vec![report_ready(&report)]).await;
    run_once(&world).await;
    let odd = Fault::Body("<html>We are improving</html>".to_owned());
    world.sim.fail("/attendanceReports/slow/attendanceRecords", odd, 2);
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    assert!(world.keys("staging/pages/").iter().any(|key| key.ends_with("/0001/over")));
}

#[tokio::test(start_paused = true)]
async fn two_workers_that_have_the_same_message_read_one_report() {
    let world = World::new();
    let report = with_slow_report(&world);
    world.notify(vec![report_ready(&report)]).await;
    run_once(&world).await;
    advance(Duration::from_secs(1)).await;
    let event = world.pipeline.queues.fetch.receive(1).unwrap();
    let until = world.clock.now() + SignedDuration::from_secs(118);
    let worker = || fetch::handle(&world.pipeline.fetch, event.clone(), until);
    let (one, other) = tokio::join!(worker(), worker());
    assert!(one.is_ok() && other.is_ok());
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    assert!(world.keys("revisions/").is_empty());
}

#[tokio::test(start_paused = true)]
async fn pages_that_could_not_be_kept_come_again() {
    let world = World::new();
    let report = with_slow_report(&world);
    for _ in 0..3 {
        world.store.fail(StoreFault::PutRefused("staging/pages/"));
        world.store.fail(StoreFault::PutAnswerLost("staging/pages/"));
    }
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    assert_eq!(counted("StepsFailed").len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_is_asked_for_again_and_not_those_before_it() {
    let world = World::new();
    world.sim.set_page_size(1);
    let report = world.webinar_report("r-1", None);
    let pages = report.records.len();
    // The third page: each try waits in place until its patience ends.
    world.notify(vec![report_ready(&report)]).await;
    world.sim.fail("/attendanceRecords", Fault::Throttled("600".to_owned()), 1);
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    let of_first_page =
        world.sim.requests().iter().filter(|path| path.ends_with("/attendanceReports/r-1")).count();
    assert_eq!(
        (pages, of_first_page),
        (3, 2),
        "once with its records, and once to see that it has not changed"
    );
}
