//! What is wrong in Graph's answers and ids is never archived, and what is merely odd is archived as sent.

use graph_sim::{Fault, SimReport};
use serde_json::{Value, json};
use shared::model::{MAX_ID_BYTES, ReportSource};

use crate::world::{World, report_ready, webinar};

/// The session's times, as members of a report.
const TIMES: &str =
    r#""meetingStartDateTime":"2026-03-01T10:00:00Z","meetingEndDateTime":"2026-03-01T11:00:00Z""#;

async fn archive_raw(world: &World, id: &str, raw: &str) {
    let report = world.webinar_report(id, Some(raw));
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn odd_ids_go_through_the_whole_pipeline_and_leave_no_prefix() {
    let long = "x".repeat(MAX_ID_BYTES);
    for id in ["a/b", "../../etc", "a@b", "a%2Fb", "%2e%2e", "a\0b", "ä明子", "a b'c\"d", "\u{FFFE}", &long]
    {
        let world = World::new();
        let report = SimReport { id: id.to_owned(), ..world.report(webinar(), "", 2) };
        world.sim.add_report(report.clone());

        world.notify(vec![report_ready(&report)]).await;
        world.run_until_idle().await;

        assert_eq!(world.only_report().await, report.whole(), "{id:?}");
        let key = &world.keys("reports/")[0];
        assert!(key.contains("/date=2026-03-02/~") && key.split('/').count() == 6, "{key}");
        let metadata = world.metadata(key).await;
        assert!(metadata.values().all(|value| value.is_ascii() && value.len() <= 512), "{metadata:?}");
        let size: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(size <= 2_048, "S3 takes 2 KiB of metadata, this has {size}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_makes_no_url_is_a_dead_letter() {
    for id in [".", "..", "a\tb", "a\nb", &"x".repeat(MAX_ID_BYTES + 1)] {
        let world = World::new();
        let report = SimReport { id: id.to_owned(), ..world.report(webinar(), "", 2) };
        world.notify(vec![report_ready(&report)]).await;
        world.run_until_idle().await;
        assert_eq!(world.dead_outcomes(), ["invalid_request"], "{id}");
        assert_eq!(world.sim.requests(), [""; 0], "no request was made");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_or_no_json_is_never_archived() {
    let whole = format!(r#"{{"id":"r-1",{TIMES},"attendanceRecords":[{{"a":1}}]}}"#);
    let cut = &whole[..whole.len() - 5];
    for body in [cut, "<html>Sign in</html>", "", "[]", "\"text\"", "\u{feff}{}", "{\"id\":1}"] {
        let world = World::new();
        let report = world.webinar_report("r-1", Some(&whole));
        world.sim.fail("/attendanceReports/r-1", Fault::Body(body.to_owned()), 1);

        world.notify(vec![report_ready(&report)]).await;
        world.pipeline.run(&world.functions).await.unwrap();
        assert_eq!(world.keys(""), [""; 0], "{body}");

        world.run_until_idle().await;
        assert_eq!(world.only_report().await, whole, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_never_yields_a_report() {
    let world = World::new();
    world.sim.set_page_size(10);
    let report = world.report(webinar(), "r-1", 35);
    world.sim.add_report(report.clone());
    world.sim.fail("/attendanceRecords", Fault::Body("{\"value\":[{}".to_owned()), 1);

    world.notify(vec![report_ready(&report)]).await;
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(world.keys(""), [""; 0]);

    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn a_next_link_to_elsewhere_or_in_a_circle_is_not_followed() {
    let circle = "https://graph.microsoft.com/v1.0/solutions/virtualEvents/webinars/w-1@contoso/sessions/s-1/attendanceReports/r-1/attendanceRecords?$skiptoken=0";
    for link in [
        "https://evil.contoso.com/v1.0/x",
        "http://graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com/beta/x",
        "https://user@graph.microsoft.com/v1.0/x",
        "not a URL",
        circle,
    ] {
        let world = World::new();
        let page = json!({"value": [{"a": 1}], "@odata.nextLink": circle}).to_string();
        world.sim.fail("/attendanceRecords", Fault::Body(page), 10_000);
        let raw = format!(
            r#"{{"id":"r-1",{TIMES},"attendanceRecords":[],"attendanceRecords@odata.nextLink":{}}}"#,
            json!(link)
        );
        archive_raw(&world, "r-1", &raw).await;

        assert_eq!(world.keys(""), [""; 0], "{link}");
        assert_eq!(world.dead_outcomes(), ["malformed"], "{link}");
        let strange = |path: &String| path.contains("/x") || path.starts_with("/beta");
        assert!(!world.sim.requests().iter().any(strange), "{link} was followed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_without_id_is_a_dead_letter_after_a_day() {
    for raw in
        [format!("{{{TIMES}}}"), format!(r#"{{"id":null,{TIMES}}}"#), format!(r#"{{"id":"other",{TIMES}}}"#)]
    {
        let world = World::new();
        archive_raw(&world, "r-1", &raw).await;
        assert_eq!(world.keys(""), [""; 0]);
        assert_eq!(world.dead_outcomes(), ["malformed"], "{raw}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_without_end_is_waited_for_and_one_without_start_has_the_date_of_its_end() {
    for raw in [
        r#"{"id":"r-1"}"#,
        r#"{"id":"r-1","meetingEndDateTime":null}"#,
        r#"{"id":"r-1","meetingEndDateTime":"soon"}"#,
    ] {
        let world = World::new();
        archive_raw(&world, "r-1", raw).await;
        assert_eq!(world.keys(""), [""; 0], "{raw}");
    }
    let world = World::new();
    let raw = r#"{"id":"r-1","meetingStartDateTime":null,"meetingEndDateTime":"2026-02-28T23:00:00-05:00"}"#;
    archive_raw(&world, "r-1", raw).await;
    assert!(world.keys("reports/")[0].contains("/date=2026-03-01/"));
    assert_eq!(world.only_report().await, raw);
}

#[tokio::test(start_paused = true)]
async fn records_that_are_absent_empty_null_or_without_identity_are_archived_as_sent() {
    for (records, lines) in [
        ("", 0),
        (r#","attendanceRecords":[]"#, 0),
        (r#","attendanceRecords":null"#, 0),
        (r#","attendanceRecords":[{"identity":null},{"identity":{"displayName":null}},{}]"#, 3),
    ] {
        let world = World::new();
        let raw = format!(r#"{{"id":"r-1","totalParticipantCount":3,{TIMES}{records}}}"#);
        archive_raw(&world, "r-1", &raw).await;
        assert_eq!(world.only_report().await, raw);
        assert_eq!(world.text(&world.keys("records/")[0]).await.lines().count(), lines, "{raw}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_outside_ascii_is_percent_encoded_in_the_metadata() {
    let world = World::new();
    let source = ReportSource::Webinar { webinar_id: "wébinar/明@x".into(), session_id: "s 1".into() };
    let report = world.report(source, "r-1", 1);
    world.sim.add_report(report.clone());
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
    let metadata = world.metadata(&world.keys("reports/")[0]).await;
    assert_eq!(
        metadata["source"],
        "solutions/virtualEvents/webinars/w%C3%A9binar%2F%E6%98%8E%40x/sessions/s%201"
    );
    let line: Value = serde_json::from_str(&world.text(&world.keys("records/")[0]).await).unwrap();
    assert_eq!(line["eventId"], json!("wébinar/明@x"));
}
