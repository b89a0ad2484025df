//! Whatever fails, a report that Graph has comes into the archive, or a person is told.

use std::time::Duration;

use graph_sim::{CLIENT_SECRET, Call, Fault, TENANT_ID};
use jiff::SignedDuration;
use local::MemorySecrets;
use shared::jobs::{FetchJob, FetchTarget, Job};
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;
use shared::ports::secrets::Stage;

use crate::faults::StoreFault;
use crate::world::{ORGANIZER, WEBHOOK_KEY, World, call_ended, report_ready};

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
async fn a_session_that_goes_on_is_waited_for() {
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
async fn graph_is_not_asked_again_before_retry_after() {
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
async fn the_token_service_is_not_asked_again_before_retry_after() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    world.sim.fail("/token", Fault::Throttled("60".to_owned()), 1);
    let asked = || world.sim.requests().iter().filter(|path| path.contains("/token")).count();

    world.notify(vec![call_ended("m-1"), call_ended("m-1")]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(asked(), 1);
    world.run_until_idle().await;
    assert_eq!((asked(), world.only_report().await), (2, report.whole()));
}

/// Graph does say `Retry-After: 0`.
#[tokio::test(start_paused = true)]
async fn who_is_told_to_wait_for_no_time_waits_longer_each_time() {
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
async fn failures_that_pass_delay_and_lose_nothing() {
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
async fn a_failure_that_lasts_a_day_is_a_dead_letter() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.sim.fail("callRecords/", Fault::Status(500), 100_000);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.dead_outcomes(), ["unavailable"]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_a_person_must_mend_is_a_dead_letter_with_its_remedy() {
    for (fault, outcome, words) in [
        (Fault::NoAccessPolicy, "access_policy_missing", "Grant-CsApplicationAccessPolicy"),
        (Fault::NotOrganizer, "not_organizer", "organizer"),
        (Fault::NoConsent, "consent_missing", "admin consent"),
        (Fault::Status(400), "invalid_request", "redrive"),
    ] {
        let world = World::new();
        world.meeting_ended("m-1", 5);
        world.sim.fail("/attendanceReports", fault, 1);

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        let letters = world.dead_letters();
        let attribute = |name| letters[0].attributes.iter().find(|(key, _)| *key == name).unwrap().1.as_str();
        assert_eq!((letters.len(), attribute("outcome")), (1, outcome));
        assert!(attribute("remedy").contains(words), "{}", attribute("remedy"));
        assert_eq!(attribute("request-id"), "94fb3b52-0000-4000-8000-000000000001");
        // The letter is the job itself: sent back to its queue, it succeeds.
        world.pipeline.queues.fetch.send(letters).await.unwrap();
        world.run_until_idle().await;
        assert_eq!(world.keys("reports/").len(), 1);
    }
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
async fn a_token_is_asked_for_once_and_again_at_four_fifths_of_its_life() {
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
async fn a_call_without_a_meeting_of_ours_ends_quietly() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 1);
    let join_web_url = Some("https://teams.microsoft.com/x".to_owned());
    let call =
        Call { id: String::new(), join_web_url, organizer: None, start: report.start, end: report.start };
    let ours = Some((ORGANIZER.to_owned(), TENANT_ID.to_owned()));
    world.sim.add_call(Call { id: "call-1".into(), ..call.clone() });
    world.sim.add_call(Call { id: "call-2".into(), organizer: ours, join_web_url: None, ..call.clone() });
    let theirs = Some((ORGANIZER.to_owned(), "another-tenant".to_owned()));
    world.sim.add_call(Call { id: "call-3".into(), organizer: theirs, ..call });

    world.notify(vec![call_ended("1"), call_ended("2"), call_ended("3")]).await;
    world.pipeline.run(&world.functions).await.unwrap();

    assert_eq!(world.pipeline.next_visible_at(&world.functions), None);
    assert_eq!(world.keys("").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_claim_check_that_has_expired_makes_the_report_be_fetched_again() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 500);
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

#[tokio::test(start_paused = true)]
async fn an_archived_report_that_did_not_change_is_not_fetched_again() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let gets = || world.sim.requests().iter().filter(|path| path.contains("/attendanceReports/")).count();
    assert_eq!(gets(), 1);

    world.notify(vec![call_ended("m-1"), call_ended("m-1")]).await;
    world.run_until_idle().await;
    assert_eq!(gets(), 1);
}

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
        let report = world.meeting_ended("m-1", 500);
        world.store.fail(fault);
        world.store.fail(fault);

        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;

        assert_eq!(world.only_report().await, report.whole(), "{fault:?}");
        let lines = world.text(&world.keys("records/")[0]).await;
        assert_eq!(lines.lines().count(), 500, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_runs_out_of_time_is_taken_again() {
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

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_job_is_a_dead_letter_and_harms_no_neighbour() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.notify(vec![call_ended("m-1")]).await;
    let odd = ["", "null", "{\"version\":2,\"job\":{}}", "\u{1F600}"];
    let odd = odd.map(|body| shared::ports::queue::OutgoingMessage::new(body.to_owned()));
    world.pipeline.queues.fetch.send(odd.to_vec()).await.unwrap();
    world.pipeline.queues.archive.send(odd.to_vec()).await.unwrap();

    world.run_until_idle().await;

    assert_eq!(world.dead_outcomes(), ["invalid_request"; 8]);
    assert_eq!(world.keys("reports/").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_join_url_leads_to_its_meetings_reports() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    let job = FetchJob {
        target: FetchTarget::JoinWebUrl {
            organizer_id: ORGANIZER.to_owned(),
            join_web_url: "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%7d"
                .to_owned(),
        },
        cause: shared::jobs::Cause::Pull,
        first_seen: world.clock.now(),
        session: None,
    };

    let message = shared::ports::queue::OutgoingMessage::new(job.to_message());
    world.pipeline.queues.fetch.send(vec![message]).await.unwrap();
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
}
