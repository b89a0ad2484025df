//! The archived bytes are those that Graph sent, from each kind of notification.

use serde_json::{Value, json};
use shared::model::ReportSource;

use crate::world::{ORGANIZER, World, call, call_ended, report_ready, webinar};

#[tokio::test(start_paused = true)]
async fn a_meetings_report_is_archived_byte_for_byte() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 12);

    let status = world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(status, 202);
    assert_eq!(world.only_report().await, report.whole());
    let key =
        format!("reports/v1/tenant={}/kind=meeting/date=2026-03-02/report-m-1.json", graph_sim::TENANT_ID);
    assert_eq!(world.keys("reports/"), [key]);
}

#[tokio::test(start_paused = true)]
async fn a_webinars_and_a_town_halls_report_are_archived_byte_for_byte() {
    let world = World::new();
    let townhall = ReportSource::Townhall { townhall_id: "h-1@contoso".into(), session_id: "s-1".into() };
    let reports = [world.report(webinar(), "r-1", 40), world.report(townhall, "r-2", 150)];
    reports.iter().for_each(|report| world.sim.add_report(report.clone()));

    world.notify(reports.iter().map(report_ready).collect()).await;
    world.run_until_idle().await;

    let keys = world.keys("reports/");
    assert!(keys[0].contains("/kind=townhall/") && keys[1].contains("/kind=webinar/"), "{keys:?}");
    assert_eq!(world.text(&keys[0]).await, reports[1].whole());
    assert_eq!(world.text(&keys[1]).await, reports[0].whole());
}

#[tokio::test(start_paused = true)]
async fn records_that_come_in_pages_are_joined_unchanged() {
    let world = World::new();
    world.sim.set_page_size(7);
    let report = world.meeting_ended("m-1", 40);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
    let metadata = world.metadata(&world.keys("reports/")[0]).await;
    assert_eq!((metadata["pages"].as_str(), metadata["records"].as_str()), ("6", "40"));
}

#[tokio::test(start_paused = true)]
async fn white_space_numbers_nulls_and_unknown_members_stay_as_they_are() {
    let world = World::new();
    let body = "{ \"id\" : \"r-1\",\r\n  \"totalParticipantCount\": 1, \"meetingStartDateTime\": \"2026-03-01T10:00:00.1234567Z\",\
        \"meetingEndDateTime\":\"2026-03-01T11:00:00.12Z\", \"unheardOf\": {\"big\": 123456789012345678901234567890, \"float\": 1.10e+2},\
        \"attendanceRecords\": [ {\"emailAddress\":null, \"identity\":{\"displayName\":\"Zo\\u00eb \\/ \u{feff}明子\"}} ] , \"last\": null }";
    let report = world.webinar_report("r-1", Some(&format!("\n {body}\n")));

    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, body);
}

#[tokio::test(start_paused = true)]
async fn a_meeting_that_was_joined_again_has_each_of_its_reports_archived() {
    let world = World::new();
    let first = world.meeting_ended("m-1", 8);
    let mut second = world.report(first.source.clone(), "report-second", 6);
    second.start = first.start + jiff::SignedDuration::from_hours(1);
    second.end = Some(first.end.unwrap() + jiff::SignedDuration::from_hours(1));
    world.sim.add_report(second.clone());
    world.sim.add_call(call("again", "m-1", second.start, second.end.unwrap()));

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 1, "the other session is told of by itself");
    world.notify(vec![call_ended("again")]).await;
    world.run_until_idle().await;

    let keys = world.keys("reports/");
    assert_eq!(keys.len(), 2);
    assert_eq!(world.text(&keys[0]).await, first.whole());
    assert_eq!(world.text(&keys[1]).await, second.whole());
}

#[tokio::test(start_paused = true)]
async fn a_report_too_large_for_a_message_waits_in_staging() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 1_000);
    assert!(report.whole().len() > shared::ports::queue::MAX_INLINE_BYTES);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
    assert_eq!(world.keys("staging/").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_character_that_sqs_refuses_does_not_stop_a_report() {
    let world = World::new();
    let mut report = world.meeting_ended("m-1", 1);
    report.records.push("{\"identity\":{\"displayName\":\"\u{FFFE}\u{FFFF}\"}}".to_owned());
    world.sim.add_report(report.clone());

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
    assert_eq!(world.keys("staging/").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_attendee_is_a_line_for_sql() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 3);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    let lines = world.text(&world.keys("records/")[0]).await;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (line, record) in lines.iter().zip(&report.records) {
        assert_eq!(line["reportId"], json!("report-m-1"));
        assert_eq!((&line["organizerId"], &line["meetingId"]), (&json!(ORGANIZER), &json!("m-1")));
        assert_eq!(line["attendanceRecord"], serde_json::from_str::<Value>(record).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn the_metadata_of_an_object_says_where_it_came_from() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 2);

    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;

    let metadata = world.metadata(&world.keys("reports/")[0]).await;
    let expected = [
        ("api", "v1.0"),
        ("cause", "notification"),
        ("complete", "true"),
        ("fetched-at", "2026-03-02T10:30:00.1234567Z"),
        ("graph-request-id", "94fb3b52-0000-4000-8000-000000000001"),
        ("meeting-end", "2026-03-02T10:30:00.1234567Z"),
        ("meeting-start", "2026-03-02T10:00:00.1234567Z"),
        ("pages", "1"),
        ("participants", "2"),
        ("records", "2"),
        ("report-id", "report-m-1"),
        ("sha256", &shared::digest::sha256_hex(report.whole().as_bytes())),
        ("source", "users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings/m-1"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(metadata, expected.into());
}
