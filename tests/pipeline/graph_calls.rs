//! Every call of the table in `shared::graph`, in both versions of the API and in every cloud.

use graph_sim::{
    CalendarEntry, Call, GraphSim, Meeting, SimEvent, SimRegistration, SimReport, TENANT_ID, registration,
};
use jiff::{SignedDuration, Timestamp};
use shared::graph::{
    CalendarMeeting, Cloud, Endpoints, FetchedArtifact, GraphClient, GraphError, GraphVersion, JoinedPages,
    KnownMeeting, List, ListedReport, Page, StaticToken, TokenCache, VirtualEvent,
};
use shared::model::{
    EventDescription, EventRef, Outcome, RegistrationsRef, ReportRef, ReportSource, VirtualEventKind,
};
use shared::ports::clock::Clock;

use crate::world::{ORGANIZER, World, webinar};

/// The ids of a tenant that are not the same everywhere.
pub(crate) struct Ids {
    pub(crate) meeting_report: String,
    pub(crate) webinar_report: String,
    pub(crate) townhall_report: String,
    pub(crate) join_meeting_id: String,
}

/// Adds one of everything; the sessions end now.
pub(crate) fn add_one_of_everything(sim: &GraphSim, clock: &dyn Clock) -> Ids {
    let now = clock.now();
    let meeting = Meeting {
        organizer_id: ORGANIZER.into(),
        meeting_id: "m-1".into(),
        join_web_url: JOIN_WEB_URL.into(),
    };
    let townhall = VirtualEventKind::Townhall.source("h-1@contoso", "s-1");
    for (source, id, attendees) in
        [(meeting.source(), "report-m-1", 5), (webinar(), "r-1", 3), (townhall, "r-2", 2)]
    {
        sim.add_report(ended(source, id, attendees, now));
    }
    let organizer = Some((ORGANIZER.to_owned(), TENANT_ID.to_owned()));
    let join_web_url = Some(meeting.join_web_url.clone());
    sim.add_call(Call {
        id: "call-m-1".into(),
        join_web_url,
        organizer,
        start: now - HALF_AN_HOUR,
        end: now,
    });
    for (kind, id) in [("webinars", "w-1@contoso"), ("townhalls", "h-1@contoso")] {
        sim.add_event(SimEvent {
            kind,
            id: id.into(),
            organizer_id: ORGANIZER.into(),
            session_ids: vec!["s-1".into()],
            end: now,
        });
        sim.add_registration(id, SimRegistration { id: "g-1".into(), ..registration(1, now) });
    }
    add_calendar(sim);
    sim.add_user(ORGANIZER, &["g"]);
    sim.add_user("u-2", &[]);
    sim.set_user_principal_name(ORGANIZER, UPN);
    let join_meeting_id = meeting.join_meeting_id();
    sim.add_meeting(meeting);
    Ids {
        meeting_report: "report-m-1".into(),
        webinar_report: "r-1".into(),
        townhall_report: "r-2".into(),
        join_meeting_id,
    }
}

/// A calendar with a meeting that its owner organizes, twice, one of somebody else, and none.
fn add_calendar(sim: &GraphSim) {
    for (url, is_organizer) in
        [(Some("https://a"), true), (Some("https://b"), false), (None, true), (Some("https://a"), true)]
    {
        let join_web_url = url.map(str::to_owned);
        sim.add_calendar_entry(CalendarEntry {
            user_id: ORGANIZER.into(),
            is_organizer,
            start: CALENDAR_DAY,
            join_web_url,
        });
    }
}

/// A report of a session of half an hour.
pub(crate) fn ended(source: ReportSource, id: &str, attendees: usize, end: Timestamp) -> SimReport {
    SimReport::ended(source, id, attendees, end - HALF_AN_HOUR, end)
}

const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%7d";
/// The user principal name of the organizer.
const UPN: &str = "megan@contoso.com";
const HALF_AN_HOUR: SignedDuration = SignedDuration::from_mins(30);
/// When the calendar's events are: 2026-03-01T12:00:00Z.
const CALENDAR_DAY: Timestamp = Timestamp::constant(1_772_366_400, 0);
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// A client in this cloud and version, with a token that the simulated Graph takes.
fn client(world: &World, cloud: Cloud, version: GraphVersion) -> GraphClient {
    let endpoints =
        Endpoints::from_env(&[("GRAPH_CLOUD", cloud.name()), ("GRAPH_VERSION", version.name())]).unwrap();
    let token = world.sim.new_token();
    let tokens = TokenCache::new(Box::new(StaticToken(token.into())), world.clock.clone());
    GraphClient::new(world.sim.clone(), world.clock.clone(), tokens, &endpoints)
}

/// The meeting of [`add_one_of_everything`], as this organizer's.
pub(crate) fn meeting_of(organizer: &str) -> ReportSource {
    ReportSource::Meeting { organizer_id: organizer.into(), meeting_id: "m-1".into() }
}

/// A row of the table: its name, and what it answered.
type Row = (&'static str, Result<String, GraphError>);

/// The rows of the table: each call, and what it answered.
pub(crate) async fn rows(graph: &GraphClient, ids: &Ids) -> Vec<Row> {
    let mut rows = attendance_rows(graph, ids).await;
    rows.extend(meeting_rows(graph, ids).await);
    rows.extend(discovery_rows(graph).await);
    rows
}

/// How many pages a report has, all of which are read.
async fn page_count(graph: &GraphClient, report: &ReportRef) -> Result<usize, GraphError> {
    let (mut reading, first) = graph.read_report(report).await?;
    let mut joined = JoinedPages::of_report(&first.text)?;
    while let Some(page) = reading.next_page().await? {
        joined.push(&page.text)?;
    }
    Ok(joined.finish(None).pages)
}

#[rustfmt::skip]
async fn attendance_rows(graph: &GraphClient, ids: &Ids) -> Vec<Row> {
    let (meeting, mine, webinar) = (meeting_of(ORGANIZER), meeting_of("me"), webinar());
    let townhall = VirtualEventKind::Townhall.source("h-1@contoso", "s-1");
    let meeting_report = meeting.report(&ids.meeting_report);
    let (webinar_report, townhall_report) = (webinar.report(&ids.webinar_report), townhall.report(&ids.townhall_report));
    let count = |list: usize| list.to_string();
    let listed = |list: List<ListedReport>| list.whole().unwrap().len().to_string();
    let participants = |report: ListedReport| report.facts.total_participant_count.unwrap_or_default().to_string();
    let people = |report: FetchedArtifact| report.body.matches("emailAddress").count().to_string();
    vec![
        ("reports of a meeting", graph.attendance_reports(&meeting).await.map(listed)),
        ("reports of my meeting", graph.attendance_reports(&mine).await.map(listed)),
        ("reports of a webinar", graph.attendance_reports(&webinar).await.map(listed)),
        ("reports of a town hall", graph.attendance_reports(&townhall).await.map(listed)),
        ("report", page_count(graph, &meeting_report).await.map(count)),
        ("report of a webinar", page_count(graph, &webinar_report).await.map(count)),
        ("report of a town hall", page_count(graph, &townhall_report).await.map(count)),
        ("report without records", graph.attendance_report_without_records(&meeting_report).await.map(participants)),
        ("newest report", graph.newest_attendance_report(&meeting).await.map(people)),
    ]
}

#[rustfmt::skip]
async fn meeting_rows(graph: &GraphClient, ids: &Ids) -> Vec<Row> {
    let (webinar, townhall) = (VirtualEventKind::Webinar, VirtualEventKind::Townhall);
    let first = |events: Page<VirtualEvent>| events.value[0].id.clone();
    let page = async |kind, user| graph.virtual_events_page(kind, user, None).await;
    let path = |known: KnownMeeting| known.source.path();
    let described = async |event: EventRef| {
        graph.event(&event).await.map(|sent| EventDescription::read(&sent.body).unwrap().id)
    };
    let event = |kind, id: &str| EventRef::VirtualEvent { kind, event_id: id.to_owned() };
    let registered = async |kind, id: &str, registration_id: Option<&str>| {
        let (event_id, registration_id) = (id.to_owned(), registration_id.map(str::to_owned));
        graph.registrations(&RegistrationsRef { kind, event_id, registration_id }).await
    };
    vec![
        ("meeting by id", described(EventRef::Source(meeting_of(ORGANIZER))).await),
        ("meeting by join URL", graph.online_meeting_by_join_web_url(ORGANIZER, JOIN_WEB_URL).await.map(path)),
        ("meeting by number", graph.online_meeting_by_join_meeting_id(ORGANIZER, &ids.join_meeting_id).await.map(path)),
        ("webinars", page(webinar, None).await.map(first)),
        ("town halls", page(townhall, None).await.map(first)),
        ("webinars of a user", page(webinar, Some(ORGANIZER)).await.map(first)),
        ("sessions", graph.virtual_event_sessions(webinar, "w-1@contoso").await.map(|list| list.entries[0].id.clone())),
        ("webinar", described(event(webinar, "w-1@contoso")).await),
        ("town hall", described(event(townhall, "h-1@contoso")).await),
        ("session", described(EventRef::Source(townhall.source("h-1@contoso", "s-1"))).await),
        ("registration", registered(webinar, "w-1@contoso", Some("g-1")).await.map(|sent| EventDescription::read(&sent.body).unwrap().id)),
        ("registrations", registered(webinar, "w-1@contoso", None).await.map(|sent| sent.records.to_string())),
        ("registrations for a town hall", registered(townhall, "h-1@contoso", None).await.map(|sent| sent.records.to_string())),
    ]
}

async fn discovery_rows(graph: &GraphClient) -> Vec<Row> {
    let (since, until) = (CALENDAR_DAY - YEAR, CALENDAR_DAY + YEAR);
    let joined = |list: Vec<String>| list.join(" ");
    let addresses = |page: Page<CalendarMeeting>| {
        let address = |meeting: &CalendarMeeting| match meeting {
            CalendarMeeting::Named(named) => named.meeting.clone(),
            CalendarMeeting::WithoutAddress { .. } => "without an address".to_owned(),
        };
        joined(page.value.iter().map(address).collect())
    };
    vec![
        ("call record", graph.call_record("call-m-1").await.map(|call| call.id)),
        (
            "call records",
            graph.call_records_page((since, until), None).await.map(|page| page.value.len().to_string()),
        ),
        ("calendar", graph.organized_meetings_page(ORGANIZER, (since, until), None).await.map(addresses)),
        ("users", graph.user_ids_page(None).await.map(|page| joined(page.value))),
        ("user", graph.user_id_of(UPN).await.map(Option::unwrap_or_default)),
        ("group", graph.group_user_ids_page("g", None).await.map(|page| joined(page.value))),
    ]
}

/// What each row answers in the global cloud.
const ANSWERS: [(&str, &str); 28] = [
    ("reports of a meeting", "1"),
    ("reports of my meeting", "1"),
    ("reports of a webinar", "1"),
    ("reports of a town hall", "1"),
    ("report", "3"),
    ("report of a webinar", "2"),
    ("report of a town hall", "1"),
    ("report without records", "5"),
    ("newest report", "5"),
    ("meeting by id", "m-1"),
    ("meeting by join URL", "users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings/m-1"),
    ("meeting by number", "users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings/m-1"),
    ("webinars", "w-1@contoso"),
    ("town halls", "h-1@contoso"),
    ("webinars of a user", "w-1@contoso"),
    ("sessions", "s-1"),
    ("webinar", "w-1@contoso"),
    ("town hall", "h-1@contoso"),
    ("session", "s-1"),
    ("registration", "g-1"),
    ("registrations", "1"),
    ("registrations for a town hall", "1"),
    ("call record", "call-m-1"),
    ("call records", "1"),
    ("calendar", "https://a"),
    ("users", "0a11ce00-0000-4000-8000-0000c0205050 u-2"),
    ("user", ORGANIZER),
    ("group", "0a11ce00-0000-4000-8000-0000c0205050"),
];

/// The rows that a cloud and version lack.
fn lacking(cloud: Cloud, version: GraphVersion, row: &str) -> bool {
    let virtual_event =
        ["webinar", "town hall", "session", "registration"].iter().any(|word| row.contains(word));
    let attendance = row.contains("report");
    match (cloud, version) {
        (_, GraphVersion::V1) if ["newest report", "registrations for a town hall"].contains(&row) => true,
        (Cloud::Global, _) => false,
        (Cloud::China, _) => !["calendar", "users", "user", "group"].contains(&row),
        (_, GraphVersion::Beta) if attendance => true,
        _ => virtual_event,
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_answers_in_the_clouds_that_have_it_and_is_refused_in_the_others_before_it_is_made() {
    for cloud in Cloud::ALL {
        for version in [GraphVersion::V1, GraphVersion::Beta] {
            let world = World::new();
            let ids = add_one_of_everything(&world.sim, &*world.clock);
            world.sim.set_page_size(2);
            let graph = client(&world, cloud, version);
            let answered = rows(&graph, &ids).await;
            for ((row, answer), (expected_row, expected)) in answered.into_iter().zip(ANSWERS) {
                assert_eq!(row, expected_row);
                match answer {
                    Ok(answer) => {
                        assert!(
                            !lacking(cloud, version, row),
                            "{row} in {} {}",
                            cloud.name(),
                            version.name()
                        );
                        assert_eq!(answer, expected, "{row}");
                    }
                    Err(error) => {
                        assert_eq!(error.outcome, Outcome::UnsupportedInCloud, "{row}: {error}");
                        assert!(
                            lacking(cloud, version, row),
                            "{row} in {} {}: {error}",
                            cloud.name(),
                            version.name()
                        );
                        assert!(error.status.is_none(), "no request was made");
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_join_url_is_encoded_once_more_in_the_filter() {
    let world = World::new();
    let tricky = "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b%22Oid%22%3a%22o'x%22%7d&a=b+c";
    let meeting =
        Meeting { organizer_id: ORGANIZER.into(), meeting_id: "m-9".into(), join_web_url: tricky.into() };
    world.sim.add_meeting(meeting);
    let graph = client(&world, Cloud::Global, GraphVersion::V1);
    assert!(graph.online_meeting_by_join_web_url(ORGANIZER, tricky).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_user_principal_name_stands_in_the_path_as_graph_needs_it() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    let graph = client(&world, Cloud::Global, GraphVersion::V1);
    for name in ["ilse_fabrikam.com#EXT#@contoso.com", "$megan@contoso.com", "o'neill@contoso.com"] {
        assert_eq!(graph.user_id_of(name).await, Ok(None), "{name}");
        world.sim.set_user_principal_name(ORGANIZER, name);
        assert_eq!(graph.user_id_of(name).await.unwrap().as_deref(), Some(ORGANIZER), "{name}");
    }
}
