//! The views that questions are asked of.

use serde_json::json;

use super::archive::{Archive, TENANT, aiko, all, record};

#[tokio::test]
async fn titles_and_plans_come_from_events_whenever_they_come() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko(), record("8:acs:1", "Noor \u{1f600}", "")])).await;
    let index = archive.indexed().await;
    assert_eq!(all(&index)[0].title, None);
    let event = json!({"id": "m-1", "subject": "Data protection training", "startDateTime": "2026-10-14T10:00:00Z",
        "endDateTime": "2026-10-14T11:00:00Z", "participants": {"organizer": {"upn": "mirella@contoso.com",
        "identity": {"user": {"displayName": "Mirella Oduya"}}}}});
    let source = [("source", "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/m-1")];
    archive
        .put(&format!("events/v1/tenant={TENANT}/kind=meeting/m-1.json"), &event.to_string(), &source)
        .await;
    archive.refresh(&index).await;
    let line = all(&index).remove(0);
    assert_eq!(line.title.as_ref().unwrap().shown(), "Data protection training");
    assert_eq!(line.organizer.name.unwrap().shown(), "Mirella Oduya");
    assert_eq!(index.series(Some("PROTECTION"), 0, 9).unwrap().rows[0].sessions, 1);
    let report = index.session(&line.key).unwrap().unwrap().remove(0);
    assert_eq!(report.plan, report.span);
    let row = index.read(|connection| {
        let sql = "SELECT title || '|' || organizerUpn || '|' || startsAt || '|' || joinedAt || '|' || joinedAtText || '|' || plannedStart \
            FROM attendance WHERE person LIKE 'Aiko%'";
        connection.query_row(sql, [], |row| row.get::<_, String>(0))
    });
    let row = row.unwrap();
    assert_eq!(
        row,
        "Data protection training|mirella@contoso.com|2026-10-14T10:00:00.000Z|2026-10-14T10:05:00.123Z|2026-10-14T10:05:00.1234567Z|2026-10-14T10:00:00Z"
    );
    let counts = index.read(|connection| {
        let count = |view: &str| {
            connection.query_row(&format!("SELECT count(*) FROM {view}"), [], |row| row.get::<_, i64>(0))
        };
        Ok((count("events")?, count("registrations")?, count("attendance")?))
    });
    assert_eq!(counts.unwrap(), (1, 0, 2));
}
