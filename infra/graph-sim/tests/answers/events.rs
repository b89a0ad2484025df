//! Webinars, town halls and their sessions.

use graph_sim::{EventDetails, Manner};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::model::VirtualEventKind;

use super::{ORGANIZER, TOWNHALL, Tenant, WEBINAR, entries};

#[tokio::test(start_paused = true)]
async fn a_webinar_is_wrapped_by_its_id_and_in_no_list_and_a_town_hall_nowhere() {
    let tenant = Tenant::new();
    let bare = {
        tenant.sim.behave(&[Manner::WebinarsAreUnwrapped]);
        tenant.text(WEBINAR).await
    };
    tenant.sim.stop_behaving(&[Manner::WebinarsAreUnwrapped]);
    let wrapped = tenant.text(WEBINAR).await;
    assert_eq!(wrapped, format!("{{\"value\":{bare}}}"));
    assert_eq!(tenant.sim.event_json(VirtualEventKind::Webinar, "w-1@contoso"), Some(wrapped));
    let webinars = tenant.text("/v1.0/solutions/virtualEvents/webinars").await;
    assert_eq!(webinars, format!("{{\"value\":[{bare}]}}"));
    assert_eq!(tenant.json(TOWNHALL).await["id"], "h-1@contoso");
}

#[tokio::test(start_paused = true)]
async fn a_session_is_wrapped_by_its_id_and_a_summary_in_the_list() {
    let tenant = Tenant::new();
    let list = tenant.json(&format!("{WEBINAR}/sessions")).await;
    let alone = tenant.json(&format!("{WEBINAR}/sessions/s-1")).await;
    assert_eq!(entries(&list)[0]["id"], "s-1");
    assert_eq!(alone["value"]["id"], "s-1");
    assert_eq!(entries(&list)[0]["chatInfo"], Value::Null);
    assert!(alone["value"]["chatInfo"].is_object());
}

#[tokio::test(start_paused = true)]
async fn a_session_has_the_plan_that_it_was_given_beside_its_subject() {
    let tenant = Tenant::new();
    let [start, end] = ["2026-03-04T09:00:00Z", "2026-03-04T09:45:00Z"].map(|time| time.parse().unwrap());
    tenant.sim.plan_session("w-1@contoso", "s-1", start, end);
    tenant.sim.set_session_subject("w-1@contoso", "s-1", "Part one");
    let list = tenant.json(&format!("{WEBINAR}/sessions")).await;
    let alone = tenant.json(&format!("{WEBINAR}/sessions/s-1")).await;
    for session in [&entries(&list)[0], &alone["value"]] {
        assert_eq!(session["subject"], "Part one");
        assert_eq!(session["startDateTime"], "2026-03-04T09:00:00Z");
        assert_eq!(session["endDateTime"]["dateTime"], "2026-03-04T09:45:00");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_says_its_plan_in_its_own_zone_and_who_made_it() {
    let tenant = Tenant::new();
    let details = EventDetails {
        organizer_name: Some("Ilse Vandersloot".to_owned()),
        start: Some("2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap()),
        time_zone: "Pacific Standard Time".to_owned(),
        utc_offset: SignedDuration::from_hours(-8),
        ..EventDetails::default()
    };
    tenant.sim.describe_event("h-1@contoso", details);
    let read = tenant.json(TOWNHALL).await;
    let zoned = |time: &str| json!({"dateTime": time, "timeZone": "Pacific Standard Time"});
    assert_eq!(read["startDateTime"], zoned("2026-03-02T01:00:00"));
    assert_eq!(read["endDateTime"], zoned("2026-03-02T02:30:00.1234567"));
    assert_eq!(read["createdBy"]["user"]["displayName"], "Ilse Vandersloot");
    assert_eq!(read["createdBy"]["user"]["id"], ORGANIZER);
}
