//! What the simulated Graph says of its meetings, events and registrations, and how it says it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use graph_sim::{
    EventDetails, Fault, GraphSim, Manner, Meeting, MeetingDetails, PausedClock, RegistrationMatch, SimEvent,
    SimRegistration, SimReport, TITLES_THAT_HURT, record_of_registration, registration,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::model::{ReportSource, VirtualEventKind};
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};

const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const MEETING: &str = "/v1.0/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings/m-1";
const BY_ADDRESS: &str =
    "/v1.0/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings?$filter=JoinWebUrl%20eq%20'https://m-1'";
const WEBINAR: &str = "/v1.0/solutions/virtualEvents/webinars/w-1@contoso";
const TOWNHALL: &str = "/v1.0/solutions/virtualEvents/townhalls/h-1@contoso";
const REGISTRATIONS: &str = "solutions/virtualEvents/webinars/w-1@contoso/registrations";

/// An endpoint that passes the handshake, and keeps what is posted to it.
#[derive(Default)]
struct Endpoint(Mutex<Vec<Value>>);

#[async_trait]
impl Http for Endpoint {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        if let Some((_, token)) = url.query_pairs().find(|(name, _)| name == "validationToken") {
            let mut response = Response::new(token.into_owned().into());
            response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            return Ok(response);
        }
        self.0.lock().unwrap().push(serde_json::from_slice(request.body()).unwrap());
        Ok(http::Response::builder().status(202).body(bytes::Bytes::new()).unwrap())
    }
}

/// A tenant with a meeting, a webinar and a town hall, and an endpoint for its notifications.
struct Tenant {
    sim: GraphSim,
    clock: Arc<PausedClock>,
    endpoint: Arc<Endpoint>,
}

impl Tenant {
    fn new() -> Self {
        let (clock, endpoint) = (Arc::new(PausedClock::default()), Arc::new(Endpoint::default()));
        let sim = GraphSim::new(clock.clone(), endpoint.clone());
        sim.add_meeting(Meeting {
            organizer_id: ORGANIZER.into(),
            meeting_id: "m-1".into(),
            join_web_url: "https://m-1".into(),
        });
        for (kind, id) in [("webinars", "w-1@contoso"), ("townhalls", "h-1@contoso")] {
            sim.add_event(SimEvent {
                kind,
                id: id.into(),
                organizer_id: ORGANIZER.into(),
                session_ids: vec!["s-1".into()],
                end: clock.now(),
            });
        }
        Self { sim, clock, endpoint }
    }

    /// A report of the meeting that ended so many days ago.
    fn reported(&self, id: &str, days_ago: i64) -> SimReport {
        let end = self.clock.now() - SignedDuration::from_hours(24 * days_ago);
        let source = ReportSource::Meeting { organizer_id: ORGANIZER.into(), meeting_id: "m-1".into() };
        let report = SimReport::ended(source, id, 3, end - SignedDuration::from_hours(1), end);
        self.sim.add_report(report.clone());
        report
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let url = if path.starts_with("https:") { path.to_owned() } else { format!("https://graph{path}") };
        let token = format!("Bearer {}", self.sim.new_token());
        let request = http::Request::get(url).header("authorization", token);
        let response = self.sim.answer(request.body(bytes::Bytes::new()).unwrap()).await;
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    /// An answer that must be there, as text.
    async fn text(&self, path: &str) -> String {
        let (status, text) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    async fn subscribe(&self, change_type: &str) -> u16 {
        let made = json!({
            "changeType": change_type,
            "notificationUrl": "https://rollcall.contoso.com/notifications",
            "resource": REGISTRATIONS,
            "expirationDateTime": (self.clock.now() + SignedDuration::from_hours(24)).to_string(),
            "clientState": "state",
        });
        let token = format!("Bearer {}", self.sim.new_token());
        let request = http::Request::post("https://graph/v1.0/subscriptions").header("authorization", token);
        self.sim.answer(request.body(made.to_string().into()).unwrap()).await.status().as_u16()
    }
}

fn entries(list: &Value) -> &Vec<Value> {
    list["value"].as_array().unwrap()
}

#[test]
fn the_titles_that_hurt_are_what_they_are_said_to_be() {
    assert_eq!(TITLES_THAT_HURT.iter().collect::<BTreeSet<_>>().len(), TITLES_THAT_HURT.len());
    let lengths: BTreeSet<usize> = TITLES_THAT_HURT.iter().map(|title| title.chars().count()).collect();
    assert_eq!((lengths.first(), lengths.last()), (Some(&0), Some(&255)));
    for part in ["\"", "\\", "\n", "\t", "\u{202e}", "\u{0}", "<script>", "🎉"] {
        assert!(TITLES_THAT_HURT.iter().any(|title| title.contains(part)), "{part:?}");
    }
    assert!(TITLES_THAT_HURT.iter().any(|title| !title.is_empty() && title.trim().is_empty()));
    assert!(TITLES_THAT_HURT.iter().any(|title| serde_json::from_str::<Value>(title).is_ok()));
}

#[tokio::test(start_paused = true)]
async fn a_title_is_read_as_it_was_given_wherever_it_is_asked_for_and_its_bytes_are_known_to_the_test() {
    let tenant = Tenant::new();
    let sim = &tenant.sim;
    for title in TITLES_THAT_HURT {
        sim.set_subject("m-1", title);
        sim.set_event_title("w-1@contoso", title);
        sim.set_event_title("h-1@contoso", title);
        sim.set_session_subject("w-1@contoso", "s-1", title);

        let meeting = sim.meeting_json("m-1").unwrap();
        assert_eq!(tenant.text(MEETING).await, meeting);
        assert_eq!(tenant.text(BY_ADDRESS).await, format!("{{\"value\":[{meeting}]}}"));
        assert_eq!(tenant.json(MEETING).await["subject"], title);

        for (kind, path, id) in [
            (VirtualEventKind::Webinar, WEBINAR, "w-1@contoso"),
            (VirtualEventKind::Townhall, TOWNHALL, "h-1@contoso"),
        ] {
            assert_eq!(tenant.text(path).await, sim.event_json(kind, id).unwrap());
            let read = tenant.json(path).await;
            assert_eq!(read.get("value").unwrap_or(&read)["displayName"], title);
            let (list, _) = path.rsplit_once('/').unwrap();
            assert_eq!(tenant.json(list).await["value"][0]["displayName"], title);
        }
        let session = tenant.text(&format!("{WEBINAR}/sessions/s-1")).await;
        assert_eq!(Some(session), sim.session_json(VirtualEventKind::Webinar, "w-1@contoso", "s-1"));
        assert_eq!(tenant.json(&format!("{WEBINAR}/sessions/s-1")).await["value"]["subject"], title);
        assert_eq!(tenant.json(&format!("{WEBINAR}/sessions")).await["value"][0]["subject"], title);
    }
    for control in TITLES_THAT_HURT.iter().filter(|title| title.contains('\0')) {
        sim.set_subject("m-1", control);
        assert!(sim.meeting_json("m-1").unwrap().contains(r"\u0000"));
    }
}

#[tokio::test(start_paused = true)]
async fn half_an_emoji_ends_each_title_where_members_are_odd() {
    let tenant = Tenant::new();
    tenant.sim.set_subject("m-1", "Launch");
    tenant.sim.add_registration("w-1@contoso", registration(1, tenant.clock.now()));
    tenant.sim.behave(&[Manner::OddMembers]);
    let registration = format!("/v1.0/{REGISTRATIONS}/{:08x}-0000-4000-8000-0000e0205050", 1);
    for path in [MEETING, WEBINAR, TOWNHALL, &format!("{WEBINAR}/sessions/s-1"), &registration] {
        let text = tenant.text(path).await;
        assert!(text.contains(r#"\ud83d""#), "{path}: {text}");
        assert!(serde_json::from_str::<Value>(&text).is_err(), "no text in Rust holds it");
    }
    assert!(tenant.text(MEETING).await.contains(r#""subject":"Launch\ud83d""#));
    assert_eq!(tenant.text(MEETING).await, tenant.sim.meeting_json("m-1").unwrap());
}

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

#[tokio::test(start_paused = true)]
async fn registrations_are_listed_in_pages_and_read_by_their_ids() {
    let tenant = Tenant::new();
    let path = format!("/v1.0/{REGISTRATIONS}");
    assert_eq!(tenant.text(&path).await, r#"{"value":[]}"#);
    for number in 0..5 {
        tenant.sim.add_registration("w-1@contoso", registration(number, tenant.clock.now()));
    }
    let second = registration(1, tenant.clock.now());
    tenant.sim.add_registration("w-1@contoso", second.clone().canceled(tenant.clock.now()));
    tenant.sim.set_page_size(2);

    let (mut listed, mut next) = (Vec::new(), Some(path.clone()));
    while let Some(page) = next.take() {
        let page = tenant.json(&page).await;
        listed.extend(entries(&page).iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    let ids: Vec<String> = (0..5).map(|number| registration(number, tenant.clock.now()).id).collect();
    assert_eq!(listed, ids, "the one that was canceled stands where it stood");

    let alone = format!("{path}/{}", second.id);
    assert_eq!(Some(tenant.text(&alone).await), tenant.sim.registration_json("w-1@contoso", &second.id));
    let read = tenant.json(&alone).await;
    assert_eq!([&read["status"], &read["email"]], ["canceled", "Person.1@contoso.com"]);
    assert_eq!(read["cancelationDateTime"], "2026-03-02T10:30:00", "without a zone");
    assert_eq!(tenant.get(&format!("{path}/other")).await.0, 404);
    assert_eq!(tenant.get(&path.replace("w-1", "w-2")).await.0, 404);

    let raw = r#"{"id":"odd","email":{"a":1}}"#;
    let odd = SimRegistration { id: "odd".to_owned(), raw: Some(raw.to_owned()), ..second };
    tenant.sim.add_registration("w-1@contoso", odd);
    assert_eq!(tenant.text(&format!("{path}/odd")).await, raw);
}

#[tokio::test(start_paused = true)]
async fn where_registrations_are_not_listed_each_is_still_read_by_its_id() {
    let tenant = Tenant::new();
    let registration = registration(1, tenant.clock.now());
    tenant.sim.add_registration("w-1@contoso", registration.clone());
    tenant.sim.behave(&[Manner::RegistrationsAreNotListed]);
    let (status, refusal) = tenant.get(&format!("/v1.0/{REGISTRATIONS}")).await;
    assert_eq!(status, 403);
    assert_eq!(serde_json::from_str::<Value>(&refusal).unwrap()["error"]["code"], "Forbidden");
    tenant.text(&format!("/v1.0/{REGISTRATIONS}/{}", registration.id)).await;
}

#[tokio::test(start_paused = true)]
async fn town_halls_have_registrations_in_beta_only() {
    let tenant = Tenant::new();
    let registration = registration(1, tenant.clock.now());
    tenant.sim.add_registration("h-1@contoso", registration.clone());
    let list = format!("{TOWNHALL}/registrations");
    for path in [list.clone(), format!("{list}/{}", registration.id)] {
        let (status, refusal) = tenant.get(&path).await;
        assert_eq!(status, 400);
        assert!(refusal.contains("Resource not found for the segment 'registrations'."), "{refusal}");
        tenant.text(&path.replace("v1.0", "beta")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn those_are_told_of_a_registration_whose_subscription_is_to_such_a_change() {
    let tenant = Tenant::new();
    let told = async |change| {
        let kind = VirtualEventKind::Webinar;
        tenant.sim.notify_registration(kind, "w-1@contoso", "r-1", change).await.unwrap().len()
    };
    assert_eq!(told("created").await, 0, "nobody has subscribed");
    assert_eq!(tenant.subscribe("created").await, 201);
    assert_eq!((told("created").await, told("updated").await), (1, 0));
    tenant.sim.forget_subscriptions();
    assert_eq!(tenant.subscribe("created,updated").await, 201);
    assert_eq!((told("created").await, told("updated").await), (1, 1));

    let posted = tenant.endpoint.0.lock().unwrap().last().unwrap()["value"][0].clone();
    let path = format!("{REGISTRATIONS}/r-1");
    assert_eq!([&posted["changeType"], &posted["resource"]], ["updated", REGISTRATIONS]);
    let of =
        json!({"@odata.id": path, "@odata.type": "#microsoft.graph.virtualEventRegistration", "id": path});
    assert_eq!(posted["resourceData"], of);
}

#[test]
fn the_record_of_a_registration_leads_to_it_in_one_way_and_in_no_other() {
    let (start, end) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1));
    for number in 0..8 {
        let registration = registration(number, start);
        let external = registration.external.as_ref().unwrap();
        for matching in RegistrationMatch::ALL {
            let record: Value =
                serde_json::from_str(&record_of_registration(&registration, matching, start, end)).unwrap();
            let address = record["emailAddress"].as_str().unwrap_or_default();
            let ways = [
                record["registrationId"] == registration.id,
                record["externalRegistrationInformation"]["registrationId"] == external.1,
                address.eq_ignore_ascii_case(registration.email.as_deref().unwrap()),
            ];
            let expected = [RegistrationMatch::Id, RegistrationMatch::ExternalId, RegistrationMatch::Address];
            assert_eq!(ways, expected.map(|way| way == matching), "{matching:?}: {record}");
        }
    }
}

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
