//! What Graph says of meetings, webinars, town halls and sessions is kept beside their reports, as it was sent, and who
//! registered. No report waits for it, and no alarm rings where Graph refuses it.

use std::time::Duration;

use graph_sim::{Fault, Manner, SimEvent, TITLES_THAT_HURT, registration};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::digest::sha256_hex;
use shared::model::VirtualEventKind;
use shared::ports::clock::Clock;

use crate::backfill_tenant::{in_call_records, ledger, run, session, tenant};
use crate::metrics::counted;
use crate::world::{ORGANIZER, World, call_ended, report_ready};

const A_DAY: Duration = Duration::from_secs(86_400);
const WEBINAR: &str = "w-1@contoso";

/// A world with the webinar that `World::webinar_report` makes reports of.
fn world_with_webinar() -> World {
    let world = World::new();
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: WEBINAR.into(),
        organizer_id: ORGANIZER.into(),
        session_ids: vec!["s-1".into()],
        end: world.clock.now(),
    });
    world
}

/// How often Graph was asked for a path that ends so.
fn asked(world: &World, path: &str) -> usize {
    world.sim.requests().iter().filter(|asked| asked.ends_with(path)).count()
}

async fn only(world: &World, prefix: &str) -> String {
    let keys = world.keys(prefix);
    assert_eq!(keys.len(), 1, "{keys:?}");
    world.text(&keys[0]).await
}

#[tokio::test(start_paused = true)]
async fn what_graph_says_of_a_notified_meeting_is_kept_without_another_call() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.sim.set_subject("m-1", TITLES_THAT_HURT[0]);
    assert_eq!(world.notify(vec![call_ended("m-1")]).await, 202);
    world.run_until_idle().await;

    let sent = world.sim.meeting_json("m-1").unwrap();
    let key = "events/v1/tenant=5466a424-0000-4000-8000-0000c0205050/kind=meeting/m-1.json";
    assert_eq!(world.text(key).await, sent);
    let metadata = world.metadata(key).await;
    assert_eq!(metadata["sha256"], sha256_hex(sent.as_bytes()));
    for (name, value) in [("cause", "notification"), ("api", "v1.0"), ("event-id", "m-1"), ("pages", "1")] {
        assert_eq!(metadata[name], value, "{name}");
    }
    assert!(metadata.contains_key("fetched-at") && metadata.contains_key("graph-request-id"));
    assert_eq!(metadata["source"], format!("users/{ORGANIZER}/onlineMeetings/m-1"));
    let line: Value = serde_json::from_str(&only(&world, "lines/events/").await).unwrap();
    assert_eq!((&line["meetingId"], &line["organizerId"]), (&json!("m-1"), &json!(ORGANIZER)));
    assert_eq!(line["event"]["subject"], json!(TITLES_THAT_HURT[0]));
    assert_eq!((asked(&world, "/onlineMeetings"), asked(&world, "/onlineMeetings/m-1")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_new_title_becomes_current_and_the_one_before_a_revision() {
    let world = World::new();
    let title = async |title: &str| {
        world.meeting_ended("m-1", 3);
        world.sim.set_subject("m-1", title);
        assert_eq!(world.notify(vec![call_ended("m-1")]).await, 202);
        world.run_until_idle().await;
        tokio::time::advance(Duration::from_secs(60)).await;
        world.sim.meeting_json("m-1").unwrap()
    };
    let first = title("Algebra").await;
    let writes = world.store.writes.load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(title("Algebra").await, first);
    assert_eq!(world.keys("revisions/events/"), [""; 0], "the same answer is no other version");
    let second = title("Analysis").await;
    assert_eq!(only(&world, "events/").await, second);
    assert_eq!(only(&world, "revisions/events/").await, first);
    assert!(only(&world, "lines/events/").await.contains("Analysis"));
    assert!(world.store.writes.load(std::sync::atomic::Ordering::Relaxed) > writes);
    // The first title once more: it is the current one again, and both are kept.
    title("Algebra").await;
    assert_eq!(only(&world, "events/").await, first);
    assert_eq!(world.keys("revisions/events/").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn of_a_webinars_report_event_session_and_registrations_are_asked_for_once_a_week() {
    let world = world_with_webinar();
    world.sim.set_event_title(WEBINAR, "Working well");
    world.sim.add_registration(WEBINAR, registration(1, world.clock.now()));
    let (event, its_session, list) = (
        "/webinars/w-1@contoso",
        "/webinars/w-1@contoso/sessions/s-1",
        "/webinars/w-1@contoso/registrations",
    );
    for (day, days_before, times) in [(0, 0, 1), (1, 1, 1), (6, 5, 1), (8, 2, 2)] {
        tokio::time::advance(A_DAY * days_before).await;
        world.notify(vec![report_ready(&world.webinar_report(&format!("r-{day}"), None))]).await;
        world.run_until_idle().await;
        for path in [event, its_session, list] {
            assert_eq!(asked(&world, path), times, "{path} on day {day}");
        }
    }
    let kind = VirtualEventKind::Webinar;
    let sent = world.sim.event_json(kind, WEBINAR).unwrap();
    assert!(sent.starts_with("{\"value\":"), "as the page shows it: {sent}");
    let kept = world.keys("events/");
    assert_eq!(kept.len(), 2, "{kept:?}");
    for key in &kept {
        let expected = match key.contains("/sessions/s-1.json") {
            true => world.sim.session_json(kind, WEBINAR, "s-1").unwrap(),
            false => sent.clone(),
        };
        assert_eq!(world.text(key).await, expected);
    }
    let listed = format!(
        "{{\"value\":[{}]}}",
        world.sim.registration_json(WEBINAR, &registration(1, world.clock.now()).id).unwrap()
    );
    assert_eq!(only(&world, "registrations/").await, listed);
    assert!(only(&world, "lines/registrations/").await.contains("\"isListed\":true"));
    assert_eq!(world.keys("reports/").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_graph_notifies_of_is_kept_as_sent_and_its_change_too() {
    let world = world_with_webinar();
    world.pipeline.keep_subscriptions().await.unwrap();
    world.discard_messages();
    while let Some(event) = world.pipeline.queues.backfill.receive(1) {
        world.pipeline.queues.backfill.delete_acknowledged(&event, &Default::default());
    }
    let mut known = registration(7, world.clock.now());
    for change in ["created", "updated"] {
        world.sim.add_registration(WEBINAR, known.clone());
        let answers =
            world.sim.notify_registration(VirtualEventKind::Webinar, WEBINAR, &known.id, change).await;
        assert_eq!(answers.unwrap(), [202]);
        world.run_until_idle().await;
        let sent = world.sim.registration_json(WEBINAR, &known.id).unwrap();
        assert_eq!(only(&world, "registrations/").await, sent, "{change}");
        tokio::time::advance(A_DAY / 24).await;
        known = known.canceled(world.clock.now());
    }
    assert_eq!(world.keys("revisions/registrations/").len(), 1);
    let line = only(&world, "lines/registrations/").await;
    assert!(line.contains("\"isListed\":false") && line.contains("\"status\":\"canceled\""), "{line}");
    assert_eq!(asked(&world, "/registrations"), 0, "the list is asked for when a report comes");
}

#[tokio::test(start_paused = true)]
async fn what_graph_refuses_beside_a_report_is_told_once_and_the_report_is_kept() {
    let world = world_with_webinar();
    world.sim.behave(&[Manner::RegistrationsAreNotListed]);
    for number in 0..3 {
        world.notify(vec![report_ready(&world.webinar_report(&format!("r-{number}"), None))]).await;
        world.run_until_idle().await;
        tokio::time::advance(A_DAY * 8).await;
    }
    assert_eq!(world.keys("reports/").len(), 3);
    assert_eq!(world.keys("registrations/"), [""; 0]);
    assert!(asked(&world, "/registrations") >= 3, "each week it is tried again");
    let lines = crate::logs_hold_no_personal_data::lines();
    let told = lines.lines().filter(|line| line.contains("\"WARN\"") && line.contains("registrations: "));
    assert_eq!(told.count(), 1, "{lines}");
    assert!(world.dead_letters().is_empty());
    for alarm in ["GraphRefusals", "GraphFailures", "DeadLetters", "StepsFailed"] {
        assert_eq!(counted(alarm).len(), 0, "{alarm}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_graph_does_not_give_keeps_no_report_waiting() {
    for fault in [Fault::NoConsent, Fault::NoMeeting, Fault::Status(500), Fault::Body("{}".into())] {
        // Graph knows the report, and neither its webinar nor its session.
        let world = World::new();
        world.sim.fail("/registrations", fault.clone(), 1_000);
        world.notify(vec![report_ready(&world.webinar_report("r-1", None))]).await;
        let begun = world.clock.now();
        world.pipeline.run(&world.functions).await.unwrap();
        assert_eq!(world.keys("reports/").len(), 1, "{fault:?}");
        assert!(world.clock.now().duration_since(begun) < SignedDuration::from_mins(1));
        world.run_until_idle().await;
        assert!(world.dead_letters().is_empty(), "{fault:?}");
        assert_eq!((world.keys("events/").len(), world.keys("registrations/").len()), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledgers_lines_have_the_titles_whatever_they_are() {
    let world = World::new();
    for (number, title) in TITLES_THAT_HURT.iter().enumerate() {
        let meeting = format!("m-{number}");
        let ended = world.clock.now() - SignedDuration::from_hours(3 * 24);
        let report = session(&world, ORGANIZER, &meeting, &format!("r-{number}"), ended);
        in_call_records(&world, ORGANIZER, &report);
        world.sim.set_subject(&meeting, title);
    }
    for request in [json!({"since": "2026-02-01", "from": ["callRecords"]}), json!({"audit": true})] {
        let (lines, summary) = ledger(&world, request).await;
        assert!(summary.is_complete || summary.totals.missing > 0);
        let reports: Vec<_> = lines.into_iter().filter(|line| line.report_id.is_some()).collect();
        assert_eq!(reports.len(), TITLES_THAT_HURT.len());
        for line in reports {
            let number: usize = line.report_id.as_deref().unwrap()["r-".len()..].parse().unwrap();
            let title = Some(TITLES_THAT_HURT[number]).filter(|title| !title.trim().is_empty());
            assert_eq!(line.title.as_deref(), title);
        }
    }
    assert_eq!(world.keys("events/").len(), TITLES_THAT_HURT.len());
    for number in 0..TITLES_THAT_HURT.len() {
        let key = world.keys("events/").into_iter().find(|key| key.ends_with(&format!("/m-{number}.json")));
        assert_eq!(world.text(&key.unwrap()).await, world.sim.meeting_json(&format!("m-{number}")).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledger_knows_the_title_of_a_meeting_that_graph_has_forgotten() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 3);
    world.sim.set_subject("m-1", "Closing");
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    world.sim.behave(&[Manner::MeetingsExpire]);
    tokio::time::advance(A_DAY * 90).await;
    let (lines, _) = ledger(&world, json!({"audit": true, "since": "2026-01-01"})).await;
    let line = lines.iter().find(|line| line.report_id.as_deref() == Some(&report.id)).unwrap();
    assert_eq!(line.title.as_deref(), Some("Closing"));
}

#[tokio::test(start_paused = true)]
async fn a_backfill_with_events_gets_what_an_older_archive_lacks() {
    let world = World::new();
    tenant(&world);
    run(&world, json!({"since": "2025-04-01"})).await;
    let all = world.keys("events/");
    assert_eq!(all.len(), 4, "two meetings, a webinar and its session: {all:?}");
    let reports = world.keys("reports/").len();
    // As an archive of the version before: it has reports, and their ids alone.
    for prefix in ["events/", "lines/events/", "staging/asked/"] {
        world.keys(prefix).iter().for_each(|key| world.objects.expire(key));
    }
    let asked_before = world.sim.requests().len();
    let request = json!({"since": "2025-04-01", "from": ["callRecords"], "events": true});
    let (_, summary) = ledger(&world, request).await;
    assert_eq!(world.keys("events/"), all);
    assert_eq!((world.keys("reports/").len(), world.keys("revisions/").len()), (reports, 0));
    assert!(summary.is_seen());
    assert!(world.sim.requests().len() - asked_before < 40, "{:?}", &world.sim.requests()[asked_before..]);
}

#[tokio::test(start_paused = true)]
async fn an_audit_asks_for_nothing_and_keeps_nothing() {
    let world = World::new();
    tenant(&world);
    run(&world, json!({"audit": true, "since": "2025-04-01"})).await;
    assert_eq!((world.keys("events/"), world.keys("staging/asked/")), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn in_beta_the_deprecated_path_is_asked_where_a_meetings_reports_cannot_be_listed() {
    for version in ["v1.0", "beta"] {
        let mut world = World::new();
        world.calls(version);
        let report = session(&world, ORGANIZER, "m-1", "r-1", world.clock.now());
        world.sim.fail("/onlineMeetings/m-1/attendanceReports", Fault::NoAccessPolicy, 1_000);
        let request = json!({"organizers": [ORGANIZER], "meetings": ["m-1"]});
        let (lines, summary) = ledger(&world, request).await;
        assert!(!summary.is_complete, "its reports could not be listed");
        assert_eq!(lines[0].outcome.as_deref(), Some("access_policy_missing"));
        if version == "v1.0" {
            assert_eq!(world.keys("reports/"), [""; 0]);
            continue;
        }
        let newest = world.sim.newest_report_json("m-1").unwrap();
        assert_eq!(only(&world, "reports/").await, newest);
        let key = &world.keys("reports/")[0];
        let today = world.clock.now().strftime("%Y-%m-%d").to_string();
        assert!(key.contains(&format!("/kind=meeting/date={today}/legacy-")), "{key}");
        let records = only(&world, "records/").await;
        assert_eq!(records.lines().count(), report.records.len());
        assert!(records.starts_with("{\"reportId\":\"legacy-"), "{records}");
        assert_eq!(asked(&world, "/meetingAttendanceReport"), 1);
    }
}
