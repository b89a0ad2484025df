//! Meetings: who organizes them, their plans, and that they expire.

use graph_sim::{Manner, Meeting, MeetingDetails};
use jiff::SignedDuration;
use serde_json::Value;
use shared::ports::clock::Clock;

use super::{BY_ADDRESS, MEETING, ORGANIZER, Tenant, entries};

#[tokio::test(start_paused = true)]
async fn a_meeting_names_its_organizer_by_id_and_principal_name_and_says_when_it_is_planned() {
    let tenant = Tenant::new();
    let read = tenant.json(MEETING).await;
    assert_eq!(read["subject"], Value::Null);
    assert_eq!(read["participants"]["organizer"]["upn"], format!("{ORGANIZER}@contoso.com"));

    let planned = (tenant.clock.now(), tenant.clock.now() + SignedDuration::from_mins(45));
    tenant.sim.set_user_principal_name(ORGANIZER, "ilse@contoso.com");
    let subject = Some("Planning".to_owned());
    tenant.sim.describe_meeting("m-1", MeetingDetails { subject, planned: Some(planned) });
    tenant.sim.behave(&[Manner::IdsInCapitals]);
    let read = tenant.json(MEETING).await;
    let organizer = &read["participants"]["organizer"];
    assert_eq!(organizer["upn"], "ilse@contoso.com");
    assert_eq!(organizer["identity"]["user"]["id"], ORGANIZER.to_uppercase());
    assert_eq!(organizer["identity"]["user"]["displayName"], Value::Null);
    assert_eq!(
        [&read["subject"], &read["startDateTime"], &read["endDateTime"]],
        ["Planning", &planned.0.to_string(), &planned.1.to_string()]
    );
}

#[tokio::test(start_paused = true)]
async fn a_channels_meeting_has_neither_a_title_nor_a_plan() {
    let tenant = Tenant::new();
    tenant.sim.add_meeting(Meeting {
        organizer_id: ORGANIZER.into(),
        meeting_id: "m-2".into(),
        join_web_url: "https://teams/19%3ageneral%40thread.tacv2/0".into(),
    });
    let read = tenant.json(&MEETING.replace("m-1", "m-2")).await;
    assert_eq!(read["subject"], "None");
    assert_eq!([&read["startDateTime"], &read["endDateTime"]], ["0001-01-01T00:00:00Z"; 2]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_meeting_is_found_by_its_id_unless_it_expires_as_a_whole_and_its_report_stays() {
    let tenant = Tenant::new();
    tenant.reported("r-1", 90);
    tenant.sim.behave(&[Manner::AddressesExpire]);
    assert_eq!(tenant.text(BY_ADDRESS).await, r#"{"value":[]}"#);
    assert_eq!(tenant.text(MEETING).await, tenant.sim.meeting_json("m-1").unwrap());

    tenant.sim.stop_behaving(&[Manner::AddressesExpire]);
    assert_eq!(entries(&tenant.json(BY_ADDRESS).await).len(), 1);

    tenant.sim.behave(&[Manner::MeetingsExpire]);
    assert_eq!(tenant.text(BY_ADDRESS).await, r#"{"value":[]}"#);
    let (status, refusal) = tenant.get(MEETING).await;
    assert_eq!(status, 404);
    assert!(refusal.contains("3004: "), "{refusal}");
    tenant.text(&format!("{MEETING}/attendanceReports/r-1")).await;
}
