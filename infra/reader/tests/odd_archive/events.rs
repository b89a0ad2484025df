//! A webinar with registrations of every status, and a town hall of 20,000 people.

use serde_json::{Value, json};
use shared::model::{EventRef, RegistrationsRef, VirtualEventKind};

use super::people::{guid, mirella, on, one_of_many, user};
use super::rules::on_the_limits;
use super::{ORGANIZER, OddArchive, Report};

pub(super) async fn write(archive: &OddArchive) {
    webinar(archive).await;
    town_hall(archive).await;
}

/// Archives the title and plan of an event and of its session.
async fn describe(
    archive: &OddArchive,
    kind: VirtualEventKind,
    ids: (&str, &str),
    title: &str,
    plan: (&str, &str),
) {
    let (event_id, session_id) = ids;
    let event = EventRef::VirtualEvent { kind, event_id: event_id.to_owned() };
    let time = |text: &str| json!({"dateTime": text.trim_end_matches('Z'), "timeZone": "UTC"});
    let description = json!({"value": {
        "id": event_id, "displayName": title, "startDateTime": time(plan.0), "endDateTime": time(plan.1),
        "createdBy": {"user": {"id": guid(ORGANIZER), "displayName": "Mirella Oduya"}},
    }});
    archive.event(&event, description).await;
    let session = EventRef::Source(kind.source(event_id, session_id));
    let description = json!({"value": {
        "id": session_id, "subject": null, "startDateTime": plan.0, "endDateTime": time(plan.1),
    }});
    archive.event(&session, description).await;
}

async fn webinar(archive: &OddArchive) {
    let kind = VirtualEventKind::Webinar;
    let (event_id, session_id) = ("w-protect@contoso", "s-protect");
    let (start, end) = ("2026-10-14T08:00:00Z", "2026-10-14T09:00:00Z");
    describe(archive, kind, (event_id, session_id), "Data protection training", (start, end)).await;
    let day = "2026-10-14";
    let who = |id: u32, name: &str| {
        let address = format!("{}@contoso.com", name.to_lowercase().replace(' ', "."));
        user(id, name, &address).registered(&guid(0xe000_0000 + id))
    };
    let mut records = on_the_limits(day, who);
    records.push(user(0xa1, "Walked In", "walked.in@contoso.com").attended(day, &[("08:00", "09:00")]));
    records.push(
        user(0xa2, "Speaker Guest", "speaker@contoso.com")
            .record("Presenter", on(day, &[("08:00", "09:00")])),
    );
    records.push(mirella().record("Organizer", on(day, &[("07:56", "09:04")])));
    let source = kind.source(event_id, session_id);
    let times = ("2026-10-14T07:56:02Z", "2026-10-14T09:04:10Z");
    archive.report(Report::new(&source, "r-protect", times, records)).await;
    let of = RegistrationsRef { kind, event_id: event_id.to_owned(), registration_id: None };
    archive.registrations(&of, registrations()).await;
}

/// Ten who came, two who did not, one of them twice, and one of every other status.
fn registrations() -> Vec<Value> {
    let names = [
        "Whole Hour",
        "Late Fourteen",
        "Early Fortyseven",
        "Partial Thirtysix",
        "Absent Five",
        "Absent Six",
        "Exactly Enough",
        "Second Less",
        "Exactly Late",
        "Second Late",
    ];
    let came = (0x80..).zip(names).map(|(id, name)| registration(id, name, "registered"));
    let stayed_away = [
        (0xb1, "Never Came", "registered"),
        (0xb2, "Stayed Away", "registered"),
        (0xb3, "Stayed Away", "registered"),
        (0xb4, "Called Off", "canceled"),
        (0xb5, "Waits Still", "waitlisted"),
        (0xb6, "Pending Person", "pendingApproval"),
        (0xb7, "Rejected Person", "rejectedByOrganizer"),
        (0xb8, "Later Status", "somethingThatGraphAdds"),
    ];
    came.chain(stayed_away.map(|(id, name, status)| registration(id, name, status))).collect()
}

fn registration(id: u32, name: &str, status: &str) -> Value {
    let (first, last) = name.split_once(' ').unwrap();
    json!({
        "@odata.type": "#microsoft.graph.virtualEventRegistration",
        "id": guid(0xe000_0000 + id),
        "userId": null,
        "firstName": first,
        "lastName": last,
        "email": format!("{}.{}@contoso.com", first, last.to_lowercase()),
        "status": status,
        "registrationDateTime": "2026-10-01T09:00:00",
        "cancelationDateTime": (status == "canceled").then_some("2026-10-02T09:00:00"),
        "externalRegistrationInformation": null,
    })
}

/// How many people the town hall has.
const MANY: u32 = 20_000;

async fn town_hall(archive: &OddArchive) {
    let kind = VirtualEventKind::Townhall;
    let (event_id, session_id) = ("h-all@contoso", "s-all");
    let (start, end) = ("2026-11-03T13:00:00Z", "2026-11-03T14:00:00Z");
    describe(archive, kind, (event_id, session_id), "All hands of twenty thousand", (start, end)).await;
    let day = "2026-11-03";
    let attended = |number: u32| {
        let join = format!("13:{:02}:{:02}", number / 60 % 15, number % 60);
        let leave = format!("13:{:02}:{:02}", 30 + number / 7 % 30, number % 60);
        one_of_many(100 + number).attended(day, &[(&join, &leave)])
    };
    let mut records: Vec<Value> = (1..MANY).map(attended).collect();
    records.push(
        user(0xc1, "Zzyzx Lastname", "zzyzx.lastname@contoso.com").attended(day, &[("13:50", "13:59")]),
    );
    let source = kind.source(event_id, session_id);
    archive.report(Report::new(&source, "r-all", (start, end), records)).await;
}
