//! What is kept beside the reports keeps no report waiting, wakes nobody, and is of nobody who does not count.

use std::time::Duration;

use graph_sim::{Fault, SimEvent, SimReport, TENANT_ID, registration};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::archive::layout::ArtifactPlace;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::model::{EventRef, Organizers, VirtualEventKind, Watch};
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::backfill_tenant::{OTHER, in_call_records, ledger, run, session};
use crate::faults::StoreFault;
use crate::metrics::counted;
use crate::world::{ORGANIZER, World, call_ended, report_ready, secrets};

const WEBINAR: &str = "w-1@contoso";

fn with_webinar(world: &World, organizer: &str, sessions: usize) {
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: WEBINAR.into(),
        organizer_id: organizer.into(),
        session_ids: (1..=sessions).map(|number| format!("s-{number}")).collect(),
        end: world.clock.now(),
    });
}

fn asked(world: &World, path: &str) -> usize {
    world.sim.requests().iter().filter(|asked| asked.ends_with(path)).count()
}

fn for_ever(world: &World, fault: StoreFault) {
    (0..1_000).for_each(|_| world.store.fail(fault));
}

#[tokio::test(start_paused = true)]
async fn a_note_that_is_denied_makes_no_other_messages_and_keeps_no_report_from_ending() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    for_ever(&world, StoreFault::PutRefused("staging/asked/"));
    world.notify(vec![report_ready(&world.webinar_report("r-1", None))]).await;
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 1);
    let report = world.sim.requests().iter().filter(|asked| asked.contains("/attendanceReports/r-1")).count();
    let letters = world.dead_outcomes();
    assert_eq!(
        (report, asked(&world, "/registrations"), letters.len(), counted("StepsFailed").len()),
        (1, 1, 0, 0),
        "{letters:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_is_archived_where_the_archive_does_not_say_whether_it_has_the_meeting() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    for_ever(&world, StoreFault::HeadBelowRefused("events/"));
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let letters = world.dead_outcomes();
    assert_eq!((world.keys("reports/").len(), letters.len()), (1, 0), "{letters:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_fetches_reports_where_titles_cannot_be_read() {
    let world = World::new();
    session(&world, ORGANIZER, "m-1", "r-1", world.clock.now() - SignedDuration::from_hours(2));
    for_ever(&world, StoreFault::GetRefused("events/"));
    run(&world, json!({"organizers": [ORGANIZER], "meetings": ["m-1"]})).await;
    world.dead_letters();
    assert_eq!(world.keys("reports/").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_something_else_is_given_up_and_wakes_nobody() {
    let another = || Fault::Body(r#"{"value":{"id":"another"}}"#.into());
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    world.sim.fail("/registrations/", another(), 1_000);
    world.sim.fail("/sessions/s-1", another(), 1_000);
    world.notify(vec![registered("g-1")]).await;
    let session = EventRef::Source(crate::world::webinar());
    send(&world, FetchTarget::Event(session)).await;
    world.run_until_idle().await;
    let letters = world.dead_outcomes();
    assert_eq!((letters.len(), counted("DeadLetters").len()), (0, 0), "{letters:?}");
    assert_eq!((world.keys("events/"), world.keys("registrations/")), (vec![], vec![]));
}

async fn send(world: &World, target: FetchTarget) {
    let job = FetchJob::new(target, Cause::Notification, world.clock.now());
    world.pipeline.queues.fetch.send(vec![OutgoingMessage::new(job.to_message())]).await.unwrap();
}

fn registered(id: &str) -> Value {
    let path = format!("solutions/virtualEvents/webinars/{WEBINAR}/registrations/{id}");
    json!({
        "changeType": "created",
        "resource": path,
        "resourceData": {"@odata.type": "#microsoft.graph.virtualEventRegistration", "@odata.id": path, "id": id},
    })
}

#[tokio::test(start_paused = true)]
async fn an_event_with_many_sessions_is_asked_for_once() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 20);
    for number in 1..=20 {
        let source = VirtualEventKind::Webinar.source(WEBINAR, &format!("s-{number}"));
        world.sim.add_report(world.report(source, &format!("r-{number}"), 2));
    }
    run(&world, json!({"webinars": [WEBINAR]})).await;
    assert_eq!(world.keys("reports/").len(), 20);
    assert_eq!((asked(&world, "/registrations"), asked(&world, &format!("/webinars/{WEBINAR}"))), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_ledger_has_the_title_of_a_webinar_whose_session_has_none() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    world.sim.set_event_title(WEBINAR, "Working well");
    world.webinar_report("r-1", None);
    run(&world, json!({"webinars": [WEBINAR]})).await;
    let (lines, _) = ledger(&world, json!({"webinars": [WEBINAR]})).await;
    assert_eq!(lines[0].title.as_deref(), Some("Working well"));
}

#[tokio::test(start_paused = true)]
async fn backfill_with_events_asks_for_those_alone_whom_the_request_names_and_watch_has() {
    for request in [
        json!({"since": "2026-01-01", "organizers": [ORGANIZER], "events": true}),
        json!({"since": "2026-01-01", "events": true}),
    ] {
        let watch = Watch { organizers: Organizers::Users(vec![ORGANIZER.to_owned()]), ..Watch::default() };
        let world = World::watching(watch, secrets());
        world.sim.add_user(ORGANIZER, &[]);
        world.sim.add_user(OTHER, &[]);
        let ended = world.clock.now() - SignedDuration::from_hours(72);
        for (organizer, meeting) in [(ORGANIZER, "m-ours"), (OTHER, "m-other")] {
            let report = session(&world, organizer, meeting, &format!("r-{meeting}"), ended);
            in_call_records(&world, organizer, &report);
        }
        // Somebody asked for both once; WATCH has one of them.
        let both = json!({"since": "2026-01-01", "organizers": [ORGANIZER, OTHER], "from": ["callRecords"]});
        run(&world, both).await;
        for prefix in ["events/", "lines/events/", "staging/asked/"] {
            world.keys(prefix).iter().for_each(|key| world.objects.expire(key));
        }
        assert_eq!(world.keys("reports/").len(), 2);
        run(&world, request.clone()).await;
        let keys = world.keys("events/");
        assert!(keys.iter().any(|key| key.contains("m-ours")), "{request} {keys:?}");
        assert!(keys.iter().all(|key| !key.contains("m-other")), "{request} {keys:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_registrations_that_takes_longer_than_a_step_is_given_up_and_wakes_nobody() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    world.sim.set_page_size(10);
    for number in 0..300 {
        world.sim.add_registration(
            WEBINAR,
            graph_sim::SimRegistration {
                id: format!("g-{number}"),
                ..registration(number, world.clock.now())
            },
        );
    }
    world.sim.slow_down("/registrations", Duration::from_millis(4_000));
    world.notify(vec![report_ready(&world.webinar_report("r-1", None))]).await;
    world.run_until_idle().await;
    let letters = world.dead_outcomes();
    let asked = world.sim.requests().iter().filter(|asked| asked.contains("/registrations")).count();
    assert_eq!(
        (world.keys("registrations/").len(), letters.len(), counted("StepsFailed").len()),
        (0, 0, 0),
        "{asked} calls, {letters:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_where_the_answer_of_its_note_is_lost() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    world.sim.behave(&[graph_sim::Manner::RegistrationsAreNotListed]);
    world.store.fail(StoreFault::PutAnswerLost("staging/told/"));
    world.notify(vec![report_ready(&world.webinar_report("r-1", None))]).await;
    world.run_until_idle().await;
    let lines = crate::logs_hold_no_personal_data::lines();
    let told = lines.lines().filter(|line| line.contains("\"WARN\"") && line.contains("registrations: "));
    assert_eq!(told.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_of_an_organizer_whom_watch_leaves_out() {
    let watch = Watch { organizers: Organizers::Users(vec![ORGANIZER.to_owned()]), ..Watch::default() };
    let world = World::watching(watch, secrets());
    world.sim.add_user(ORGANIZER, &[]);
    with_webinar(&world, OTHER, 1);
    let known = registration(7, world.clock.now());
    world.sim.add_registration(WEBINAR, known.clone());
    let source = session(&world, OTHER, "m-other", "r-other", world.clock.now());
    in_call_records(&world, OTHER, &source);
    world
        .notify(vec![
            registered(&known.id),
            report_ready(&world.webinar_report("r-1", None)),
            call_ended("r-other"),
        ])
        .await;
    world.run_until_idle().await;
    let kept = |prefix: &str| world.keys(prefix).len();
    assert_eq!((kept("events/"), kept("registrations/"), kept("reports/"), kept("lines/")), (0, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_large_and_an_odd_meeting_keep_no_report_and_wake_nobody() {
    let people = |number: usize| json!({"upn": format!("{}{number}@contoso.com", "a".repeat(260))});
    let meeting = json!({"id": "m-1", "subject": "x", "participants": {"attendees": (0..1_000).map(people).collect::<Vec<_>>()}});
    let large = json!({"value": [meeting]}).to_string();
    let twice = r#"{"value":[{"id":"m-1","subject":"a","subject":"b"}]}"#.to_owned();
    for body in [large, twice] {
        let world = World::new();
        world.meeting_ended("m-1", 3);
        world.sim.fail("/onlineMeetings", Fault::Body(body.clone()), 1);
        world.notify(vec![call_ended("m-1")]).await;
        world.run_until_idle().await;
        let letters = world.dead_outcomes();
        assert_eq!((world.keys("reports/").len(), letters.len()), (1, 0), "{} {letters:?}", body.len());
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_in_capitals_is_the_same_event() {
    let guid = "dddddddd-0000-4000-8000-0000c0205050@5466a424-0000-4000-8000-0000c0205050";
    let place = |id: &str| {
        let event = EventRef::VirtualEvent { kind: VirtualEventKind::Webinar, event_id: id.into() };
        ArtifactPlace::of_event(TENANT_ID, &event).current().to_owned()
    };
    assert_eq!(place(guid), place(&guid.to_uppercase()));
}

#[tokio::test(start_paused = true)]
async fn a_pull_in_beta_of_everything_asks_the_deprecated_path_for_named_meetings_alone() {
    let mut world = World::new();
    world.calls("beta");
    let ended = world.clock.now() - SignedDuration::from_hours(72);
    for number in 0..5 {
        let report: SimReport =
            session(&world, ORGANIZER, &format!("m-{number}"), &format!("r-{number}"), ended);
        in_call_records(&world, ORGANIZER, &report);
    }
    world.sim.fail("/attendanceReports", Fault::NoAccessPolicy, 1_000);
    run(&world, json!({"since": "2026-02-20", "from": ["callRecords"]})).await;
    world.dead_letters();
    assert_eq!(asked(&world, "/meetingAttendanceReport"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_cannot_be_reached_for_days_is_a_dead_letter_that_can_be_redriven() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    let known = registration(7, world.clock.now());
    world.sim.add_registration(WEBINAR, known.clone());
    world.sim.fail("/registrations/", Fault::Status(503), 100_000);
    world.notify(vec![registered(&known.id)]).await;
    world.run_until_idle().await;
    assert_eq!(world.dead_outcomes(), ["unavailable"], "nobody else asks for it");
    assert_eq!(counted("GraphFailures").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_registrations_that_is_refused_in_unknown_words_is_asked_for_once() {
    let world = World::new();
    with_webinar(&world, ORGANIZER, 1);
    let refusal = r#"{"error":{"code":"Forbidden","message":"An error has occurred."}}"#;
    world.sim.fail("/registrations", Fault::Raw(403, ("x-of", "nobody"), refusal.into()), 1_000);
    world.notify(vec![report_ready(&world.webinar_report("r-1", None))]).await;
    world.run_until_idle().await;
    assert_eq!((asked(&world, "/registrations"), world.keys("reports/").len()), (1, 1));
    assert!(world.dead_letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn where_the_archive_hangs_over_a_title_the_jobs_are_sent_and_the_part_is_written() {
    let world = World::new();
    session(&world, ORGANIZER, "m-1", "r-1", world.clock.now() - SignedDuration::from_hours(2));
    world.store.fail(StoreFault::GetHangs("events/"));
    let (lines, _) = ledger(&world, json!({"organizers": [ORGANIZER], "meetings": ["m-1"]})).await;
    assert_eq!((lines.len(), lines[0].title.as_deref(), world.keys("reports/").len()), (1, None, 1));
}
