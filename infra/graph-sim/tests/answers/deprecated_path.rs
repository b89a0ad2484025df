//! The deprecated path, which gives the newest report.

use graph_sim::{Fault, Manner};

use super::{MEETING, ORGANIZER, Tenant};

#[tokio::test(start_paused = true)]
async fn the_deprecated_path_gives_the_newest_report_without_its_id_and_times() {
    let tenant = Tenant::new();
    let deprecated = format!("{}/meetingAttendanceReport", MEETING.replace("v1.0", "beta"));
    let with_records = format!("{deprecated}?$expand=attendanceRecords");
    assert_eq!(tenant.get(&with_records).await.0, 404, "no session has ended");
    assert_eq!(tenant.sim.newest_report_json("m-1"), None);
    tenant.reported("r-1", 2);
    let mut newest = tenant.reported("r-2", 1);
    newest.records.pop();
    tenant.sim.add_report(newest);

    let read = tenant.json(&with_records).await;
    let names: Vec<&String> = read.as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.context", "attendanceRecords", "totalParticipantCount"]);
    assert_eq!(read["totalParticipantCount"], 2);
    let records = read["attendanceRecords"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    for name in ["id", "registrationId"] {
        assert!(records.iter().all(|record| record.get(name).is_none()), "{name}");
    }
    assert!(records.iter().all(|record| record["attendanceIntervals"][0]["joinDateTime"].is_string()));
    assert_eq!(tenant.sim.newest_report_json("m-1"), Some(tenant.text(&with_records).await));
    assert!(tenant.json(&deprecated).await.get("attendanceRecords").is_none());
    assert_eq!(tenant.get(&format!("{MEETING}/meetingAttendanceReport")).await.0, 404, "in beta only");

    tenant.sim.behave(&[Manner::OddMembers]);
    assert!(tenant.text(&with_records).await.ends_with(r#""totalParticipantCount":2.0}"#));
}

#[tokio::test(start_paused = true)]
async fn the_deprecated_path_answers_where_the_list_is_refused_for_ever() {
    let tenant = Tenant::new();
    tenant.reported("r-1", 1);
    tenant.sim.fail("onlineMeetings/m-1/attendanceReports", Fault::NoAccessPolicy, usize::MAX);
    let meeting = MEETING.replace("v1.0", "beta");
    for _ in 0..3 {
        assert_eq!(tenant.get(&format!("{meeting}/attendanceReports")).await.0, 403);
        tenant.text(&format!("{meeting}/meetingAttendanceReport?$expand=attendanceRecords")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_deprecated_path_is_refused_to_somebody_else_where_organizers_are_matched() {
    let tenant = Tenant::new();
    tenant.reported("r-1", 1);
    tenant.sim.behave(&[Manner::OrganizersAreMatched]);
    let path = format!("{}/meetingAttendanceReport", MEETING.replace("v1.0", "beta"));
    let (status, refusal) = tenant.get(&path.replace(ORGANIZER, "somebody-else")).await;
    assert_eq!(status, 404);
    assert!(refusal.contains("Organizer Id mismatch"), "{refusal}");
}
