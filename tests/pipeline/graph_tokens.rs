//! Access tokens: requested once, shared, renewed before they expire, and replaced when Graph refuses them.

use std::time::Duration;

use graph_sim::{CLIENT_SECRET, Fault};
use local::MemorySecrets;
use shared::ports::secrets::Stage;

use crate::graph_calls::{add_one_of_everything, meeting_of};
use crate::world::{ORGANIZER, WEBHOOK_KEY, World, call_ended, webinar};

#[tokio::test(start_paused = true)]
async fn the_token_service_gets_no_request_before_retry_after() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    world.sim.fail("/token", Fault::Throttled("60".to_owned()), 1);
    let requests = || world.sim.requests().iter().filter(|path| path.contains("/token")).count();

    world.notify(vec![call_ended("m-1"), call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(requests(), 1);
    world.run_until_idle().await;
    assert_eq!((requests(), world.only_report().await), (2, report.whole()));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_replaced_once() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    world.sim.revoke_tokens();
    world.meeting_ended("m-2", 5);

    world.notify(vec![call_ended("m-2")]).await;
    world.run_until_idle().await;

    let tokens = world.sim.requests().iter().filter(|path| path.ends_with("/token")).count();
    assert_eq!((tokens, world.keys("reports/").len()), (2, 2));
    assert_eq!(world.text(&world.keys("reports/")[0]).await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn a_token_is_requested_once_and_again_at_four_fifths_of_its_lifetime() {
    let world = World::new();
    let tokens = || world.sim.requests().iter().filter(|path| path.ends_with("/token")).count();
    for (meeting, minutes, expected) in [("m-1", 0, 1), ("m-2", 40, 1), ("m-3", 10, 2)] {
        tokio::time::advance(Duration::from_secs(minutes * 60)).await;
        world.meeting_ended(meeting, 1);
        world.notify(vec![call_ended(meeting)]).await;
        world.run_until_idle().await;
        assert_eq!(tokens(), expected, "{meeting}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotated_secret_is_used_at_once_and_a_wrong_one_gives_way_to_the_one_before() {
    let secrets = MemorySecrets::default()
        .with("graph", Stage::Current, "not yet known to Entra")
        .with("graph", Stage::Previous, CLIENT_SECRET)
        .with("webhook-key", Stage::Current, WEBHOOK_KEY);
    let world = World::with_secrets(secrets);
    world.meeting_ended("m-1", 1);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 1);

    world.sim.set_client_secret("neither of the two");
    world.sim.revoke_tokens();
    world.meeting_ended("m-2", 1);
    world.notify(vec![call_ended("m-2")]).await;
    world.run_until_idle().await;
    assert_eq!(world.dead_outcomes(), ["credential_refused"]);
}

#[tokio::test(start_paused = true)]
async fn many_callers_share_one_request_for_a_token() {
    let world = World::new();
    add_one_of_everything(&world.sim, &*world.clock);
    let graph = &world.pipeline.fetch.graph;
    let (meeting, webinar) = (meeting_of(ORGANIZER), webinar());
    let calls = [&meeting, &webinar, &meeting, &webinar].map(|source| graph.attendance_reports(source));
    let [a, b, c, d] = calls;
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok());
    let tokens = world.sim.requests().iter().filter(|path| path.ends_with("/token")).count();
    assert_eq!(tokens, 1);
}
