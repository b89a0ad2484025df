//! A short report, with fewer records than participants, is archived at once and looked at again until it is
//! whole, or seven days are over. And every report is read once more when it has settled.

use backfill::State;
use graph_sim::SimReport;
use jiff::SignedDuration;
use serde_json::json;
use shared::lambda::function::Function;
use shared::ports::clock::Clock;

use crate::backfill_tenant::{in_call_records, join_web_url, ledger, run, session};
use crate::world::{ORGANIZER, World, call_ended};

/// A session that has just ended, with three participants, of whom Graph shows no record for `hours`.
fn short_session(world: &World, hours: i64) -> SimReport {
    let end = world.clock.now();
    let report = session(world, ORGANIZER, "m-1", "r-1", end);
    let report = SimReport { short_until: Some((end + SignedDuration::from_hours(hours), 0)), ..report };
    world.sim.add_report(report.clone());
    in_call_records(world, ORGANIZER, &report);
    assert!(join_web_url(world, &report).starts_with("https://"));
    report
}

fn gets(world: &World) -> usize {
    world.sim.requests().iter().filter(|path| path.ends_with("/attendanceReports/r-1")).count()
}

/// Lets the functions work for so long.
async fn run_for(world: &World, time: SignedDuration) {
    let until = world.clock.now() + time;
    world.pipeline.run(&world.functions).await.unwrap();
    while let Some(next) = world.pipeline.next_visible_at(&world.functions).filter(|next| *next <= until) {
        let wait = next.duration_since(world.clock.now());
        tokio::time::advance(wait.try_into().unwrap_or_default()).await;
        world.pipeline.run(&world.functions).await.unwrap();
    }
    tokio::time::advance(until.duration_since(world.clock.now()).try_into().unwrap_or_default()).await;
}

async fn state(world: &World) -> (State, Option<bool>) {
    let (lines, summary) = ledger(world, json!({"audit": true, "from": ["callRecords"]})).await;
    assert!(summary.is_complete, "a short report does not fail an audit");
    (lines[0].state, lines[0].settled)
}

#[tokio::test(start_paused = true)]
async fn a_short_report_is_looked_at_again_until_it_is_whole() {
    let world = World::new();
    let report = short_session(&world, 5);
    world.notify(vec![call_ended("r-1")]).await;
    run_for(&world, SignedDuration::from_hours(3)).await;
    let key = world.keys("reports/").remove(0);
    assert_eq!(world.metadata(&key).await["complete"], "false");
    assert_eq!(gets(&world), 3, "at once, after 15 minutes, after an hour");
    assert_eq!(world.keys("revisions/"), [""; 0], "a look that finds nothing new leaves nothing");

    world.run_until_idle().await;

    assert_eq!(world.text(&key).await, report.whole());
    assert_eq!(world.metadata(&key).await["complete"], "true");
    assert_eq!(gets(&world), 4, "no look after the one that found it whole");
    assert_eq!(world.keys("revisions/").len(), 1, "what was there before");
    assert_eq!(state(&world).await, (State::Archived, None));
}

#[tokio::test(start_paused = true)]
async fn a_report_that_stays_short_is_short_for_good_after_seven_days() {
    let world = World::new();
    short_session(&world, 24 * 365);
    world.notify(vec![call_ended("r-1")]).await;
    run_for(&world, SignedDuration::from_hours(30)).await;
    let key = world.keys("reports/").remove(0);
    // The audit's own work is done at once; the looks go on.
    let accepted = world.pipeline.backfill(json!({"audit": true, "from": ["callRecords"]})).await.unwrap();
    run_for(&world, SignedDuration::from_mins(1)).await;
    let text = world.text(&accepted.ledger.unwrap()).await;
    assert!(text.contains(r#""state":"short""#) && text.contains(r#""settled":false"#), "{text}");

    world.run_until_idle().await;

    assert_eq!(gets(&world), 7, "once, and six looks");
    assert_eq!(world.dead_letters().len(), 0);
    assert_eq!(world.metadata(&key).await["complete"], "false");
    assert_eq!(state(&world).await, (State::Short, Some(true)));
    assert_eq!(gets(&world), 7);
}

#[tokio::test(start_paused = true)]
async fn a_look_at_which_graph_fails_is_made_again() {
    let world = World::new();
    let report = short_session(&world, 60);
    world.notify(vec![call_ended("r-1")]).await;
    run_for(&world, SignedDuration::from_hours(71)).await;
    // The look after three days: a day of failures would be too long for a message that is new.
    world.sim.fail("/attendanceReports/r-1", graph_sim::Fault::Status(503), 30);
    world.run_until_idle().await;
    assert_eq!(world.text(&world.keys("reports/")[0]).await, report.whole());
    assert_eq!(world.dead_letters().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_short_report_whose_look_was_not_sent_is_looked_at_all_the_same() {
    let world = World::new();
    let report = short_session(&world, 5);
    world.notify(vec![call_ended("r-1")]).await;
    world.pipeline.invoke(Function::Fetch).await.unwrap();
    // The step stops after the report is sent: its look is nowhere, and its message comes again.
    let queues = &world.pipeline.queues;
    let step = queues.fetch.receive(5).unwrap();
    let deadline = world.clock.now() + SignedDuration::from_mins(5);
    fetch::handle(&world.env.fetch(&queues.set()), step, deadline).await.unwrap();
    let looks = queues.fetch.receive(5).unwrap();
    assert!(looks.records.iter().all(|look| look.body.as_ref().unwrap().contains("notBefore")));
    queues.fetch.delete_acknowledged(&looks, &Default::default());
    // The archive is faster than the message.
    world.pipeline.run(&[Function::Archive]).await.unwrap();
    let key = world.keys("reports/").remove(0);
    assert_eq!(world.metadata(&key).await["complete"], "false");

    world.run_until_idle().await;

    assert_eq!(world.text(&key).await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn every_report_is_read_once_more_when_it_has_settled() {
    for (world, reads) in [(World::new(), 2), (World::new().without_settled_reads(), 1)] {
        let end = world.clock.now();
        let report = session(&world, ORGANIZER, "m-1", "r-1", end);
        in_call_records(&world, ORGANIZER, &report);
        world.notify(vec![call_ended("r-1")]).await;
        run_for(&world, SignedDuration::from_hours(2)).await;
        for _ in 0..5 {
            run(&world, json!({"reconcile": true, "days": 3})).await;
            run_for(&world, SignedDuration::from_hours(12)).await;
        }
        assert_eq!(gets(&world), reads);
    }
}
