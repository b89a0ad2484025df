//! `rollcall pull` fetches what the archive lacks, over real HTTP, and nothing twice.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use graph_sim::{
    CLIENT_ID, CLIENT_SECRET, CalendarEntry, Call, GraphSim, Meeting, SimEvent, SimReport, TENANT_ID,
};
use rollcall::cli::PullOptions;
use shared::model::{ReportSource, VirtualEventKind};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::HttpClient;
use tokio::net::TcpListener;

use crate::graph_calls::ended;
use crate::world::ORGANIZER;

const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%22Tid%22%3a%225466a424-0000-4000-8000-0000c0205050%22%2c%22Oid%22%3a%220a11ce00-0000-4000-8000-0000c0205050%22%7d";

async fn serve() -> (Arc<GraphSim>, String) {
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new().unwrap())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(graph_sim::serve(sim.clone(), listener));
    (sim, url)
}

/// A meeting with three reports, the records of which come in pages.
fn add_meeting(sim: &GraphSim) -> Vec<SimReport> {
    sim.set_page_size(2);
    let meeting = Meeting {
        organizer_id: ORGANIZER.into(),
        meeting_id: "MSpk/+=".into(),
        join_web_url: JOIN_WEB_URL.into(),
    };
    sim.add_meeting(meeting.clone());
    let report = |day: i64| {
        let start = "2026-03-01T10:00:00Z".parse::<jiff::Timestamp>().unwrap()
            + jiff::SignedDuration::from_hours(24 * day);
        let end = start + jiff::SignedDuration::from_mins(30);
        SimReport::ended(meeting.source(), &format!("r-{day}"), 5, start, end)
    };
    let reports: Vec<SimReport> = (0..3).map(report).collect();
    reports.iter().for_each(|report| sim.add_report(report.clone()));
    reports
}

async fn pull(graph_url: &str, to: &Path, meeting: &str) -> anyhow::Result<ExitCode> {
    let mut options = PullOptions::to(to);
    options.organizers.push(ORGANIZER.into());
    options.meetings.push(meeting.into());
    pull_with(graph_url, &options).await
}

async fn pull_with(graph_url: &str, options: &PullOptions) -> anyhow::Result<ExitCode> {
    let env = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("GRAPH_URL", graph_url),
        ("LOGIN_URL", graph_url),
    ];
    rollcall::pull::run(options, &env).await
}

#[tokio::test]
async fn a_meeting_is_pulled_by_its_id_or_its_join_url_and_the_second_time_nothing() {
    let (sim, url) = serve().await;
    let reports = add_meeting(&sim);
    let folder = tempfile::tempdir().unwrap();
    let gets = || sim.requests().iter().filter(|path| path.contains("/attendanceReports/")).count();

    assert_eq!(pull(&url, folder.path(), JOIN_WEB_URL).await.unwrap(), ExitCode::SUCCESS);

    for report in &reports {
        let date = report.start.strftime("%Y-%m-%d");
        let key = format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/{}.json", report.id);
        assert_eq!(std::fs::read_to_string(folder.path().join(key)).unwrap(), report.whole());
    }
    let first = gets();
    assert_eq!(pull(&url, folder.path(), JOIN_WEB_URL).await.unwrap(), ExitCode::SUCCESS);
    assert_eq!(pull(&url, folder.path(), "MSpk/+=").await.unwrap(), ExitCode::SUCCESS);
    assert_eq!(gets(), first, "nothing was fetched again");
}

#[tokio::test]
async fn what_a_person_typed_is_understood_with_what_clings_to_it() {
    let (sim, url) = serve().await;
    let short = "https://teams.microsoft.com/meet/24014128301281?p=aB3xYz";
    let meeting =
        Meeting { organizer_id: ORGANIZER.into(), meeting_id: "MSpk/+=".into(), join_web_url: short.into() };
    let now = SystemClock.now();
    let report = ended(meeting.source(), "r-1", 3, now);
    sim.add_user(ORGANIZER, &[]);
    sim.set_user_principal_name(ORGANIZER, "megan@contoso.com");
    sim.add_meeting(meeting);
    sim.add_report(report.clone());
    let quoted = format!("\u{feff}\"{CLIENT_SECRET}\"\n");
    let (tenant, client) =
        (format!("{{{}}}", TENANT_ID.to_uppercase()), format!("export AZURE_CLIENT_ID={CLIENT_ID}"));
    let env = [
        ("AZURE_TENANT_ID", tenant.as_str()),
        ("AZURE_CLIENT_ID", &client),
        ("AZURE_CLIENT_SECRET", &quoted),
        ("GRAPH_URL", &url),
        ("LOGIN_URL", &url),
    ];
    for typed in ["240 141 283 012 81", short, "MSpk/+="] {
        let folder = tempfile::tempdir().unwrap();
        let mut options = PullOptions::to(folder.path());
        options.organizers.push(" Megan@Contoso.com".into());
        options.meetings.push(typed.into());
        assert_eq!(rollcall::pull::run(&options, &env).await.unwrap(), ExitCode::SUCCESS, "{typed}");
        assert_archived(folder.path(), std::slice::from_ref(&report));
    }
}

#[tokio::test]
async fn ids_that_are_none_are_refused_with_a_sentence_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let options = PullOptions::to(folder.path());
    let env =
        [("AZURE_TENANT_ID", "contoso.com"), ("AZURE_CLIENT_ID", CLIENT_ID), ("AZURE_CLIENT_SECRET", "x")];
    let message = format!("{:#}", rollcall::pull::run(&options, &env).await.unwrap_err());
    assert!(message.contains("AZURE_TENANT_ID is wrong: write the id"), "{message}");
    assert!(!message.contains("contoso.com"), "{message}");
}

#[tokio::test]
async fn a_refusal_is_a_failure_of_the_command() {
    let (sim, url) = serve().await;
    add_meeting(&sim);
    sim.fail("/attendanceReports", graph_sim::Fault::NoAccessPolicy, 1);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(pull(&url, folder.path(), "MSpk/+=").await.unwrap(), ExitCode::FAILURE);
    assert_eq!(pull(&url, folder.path(), "https://no/such/meeting").await.unwrap(), ExitCode::FAILURE);
}

#[tokio::test]
async fn transient_failures_are_retried() {
    let (sim, url) = serve().await;
    add_meeting(&sim);
    for path in ["/token", "/attendanceReports", "/attendanceRecords"] {
        sim.fail(path, graph_sim::Fault::Throttled("0.2".into()), 2);
        sim.fail(path, graph_sim::Fault::Status(503), 1);
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(pull(&url, folder.path(), "MSpk/+=").await.unwrap(), ExitCode::SUCCESS);
}

#[tokio::test]
async fn a_setting_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let options = PullOptions::to(folder.path());
    let error = rollcall::pull::run(&options, &[("AZURE_TENANT_ID", TENANT_ID)]).await.unwrap_err();
    let message = format!("{error:#}");
    assert!(message.contains("AZURE_CLIENT_SECRET") && message.contains("GRAPH_ACCESS_TOKEN"), "{message}");
}

/// The object id of one of the organizers.
fn organizer(number: i64) -> String {
    format!("0a11ce0{number}-0000-4000-8000-0000c0205050")
}

/// 3 organizers, 40 meetings (some recurring, in a channel, rejoined), 5 webinars, 3 town halls.
fn add_tenant(sim: &GraphSim) -> Vec<SimReport> {
    let mut reports = Vec::new();
    let now = SystemClock.now();
    for number in 0..40 {
        let organizer_id = organizer(number % 3);
        let thread =
            if number < 4 { "general%40thread.tacv2".to_owned() } else { format!("m{number}%40thread.v2") };
        let join_web_url =
            format!("https://teams.microsoft.com/l/meetup-join/19%3a{thread}/{number}?context=%7b%7d");
        let meeting =
            Meeting { organizer_id: organizer_id.clone(), meeting_id: format!("m-{number}"), join_web_url };
        // Recurring and rejoined meetings have several reports.
        let sessions = if number % 5 == 0 { 4 } else { 1 };
        for session in 0..sessions {
            let end = now - jiff::SignedDuration::from_hours(24 * (session + 1) + number);
            reports.push(ended(meeting.source(), &format!("report-{number}-{session}"), 3, end));
            if number % 2 == 0 {
                let join_web_url = Some(meeting.join_web_url.clone());
                let organizer = Some((organizer_id.clone(), TENANT_ID.to_owned()));
                sim.add_call(Call {
                    id: format!("call-{number}-{session}"),
                    join_web_url,
                    organizer,
                    start: end - HALF_AN_HOUR,
                    end,
                });
            }
        }
        let start = now - jiff::SignedDuration::from_hours(24 * 40);
        let join_web_url = Some(meeting.join_web_url.clone());
        if number % 2 == 1 || number % 3 == 0 {
            sim.add_calendar_entry(CalendarEntry {
                user_id: organizer_id,
                is_organizer: true,
                start,
                join_web_url,
            });
        }
        sim.add_meeting(meeting);
    }
    reports.extend(add_events(sim, now));
    reports.iter().for_each(|report| sim.add_report(report.clone()));
    reports
}

/// 5 webinars and 3 town halls, whose sessions end now.
fn add_events(sim: &GraphSim, now: jiff::Timestamp) -> Vec<SimReport> {
    let mut reports = Vec::new();
    for (kind, events) in [("webinars", 5), ("townhalls", 3)] {
        for number in 0..events {
            let id = format!("{kind}-{number}@contoso");
            let session_ids = vec![format!("s-{number}")];
            let organizer_id = organizer(number % 3);
            let kind_of =
                if kind == "webinars" { VirtualEventKind::Webinar } else { VirtualEventKind::Townhall };
            reports.push(ended(
                kind_of.source(&id, &session_ids[0]),
                &format!("report-{kind}-{number}"),
                3,
                now,
            ));
            sim.add_event(SimEvent { kind, id, organizer_id, session_ids, end: now });
        }
    }
    reports
}

const HALF_AN_HOUR: jiff::SignedDuration = jiff::SignedDuration::from_mins(30);

/// Every report is in the folder, whole, and nothing else is.
fn assert_archived(folder: &Path, reports: &[SimReport]) {
    for report in reports {
        let (kind, date) = (report.source.kind(), report.start.strftime("%Y-%m-%d"));
        let key = format!("reports/v1/tenant={TENANT_ID}/kind={kind}/date={date}/{}.json", report.id);
        let archived = std::fs::read_to_string(folder.join(&key)).unwrap_or_else(|_| panic!("no {key}"));
        let whole = match report.source {
            ReportSource::ChannelMeeting { .. } => report.listed_with_records(),
            _ => report.whole(),
        };
        assert_eq!(archived, whole);
    }
    assert!(!folder.join("revisions").exists());
}

#[tokio::test]
async fn a_tenant_is_pulled_whole_nothing_twice_and_the_second_time_nothing() {
    let (sim, url) = serve().await;
    let reports = add_tenant(&sim);
    sim.set_page_size(20);
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.organizers = (0..3).map(organizer).collect();
    let fetches = || {
        let of_a_report = |path: &&String| path.contains("/attendanceReports/");
        sim.requests().iter().filter(of_a_report).cloned().collect::<Vec<_>>()
    };

    assert_eq!(pull_with(&url, &options).await.unwrap(), ExitCode::SUCCESS);

    assert_archived(folder.path(), &reports);
    let first = fetches();
    let distinct: std::collections::HashSet<&String> = first.iter().collect();
    assert_eq!((first.len(), distinct.len()), (reports.len(), reports.len()), "each was fetched once");
    assert_eq!(pull_with(&url, &options).await.unwrap(), ExitCode::SUCCESS);
    assert_eq!(fetches().len(), first.len(), "nothing was fetched again");
}

#[tokio::test]
async fn webinars_and_town_halls_are_pulled_by_their_ids() {
    let (sim, url) = serve().await;
    let reports = add_tenant(&sim);
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.webinars = vec!["webinars-0@contoso".into(), "webinars-4@contoso".into()];
    options.townhalls = vec!["townhalls-2@contoso".into()];
    assert_eq!(pull_with(&url, &options).await.unwrap(), ExitCode::SUCCESS);
    let named: Vec<SimReport> = reports
        .into_iter()
        .filter(|report| {
            ["report-webinars-0", "report-webinars-4", "report-townhalls-2"].contains(&report.id.as_str())
        })
        .collect();
    assert_eq!(named.len(), 3);
    assert_archived(folder.path(), &named);
}

#[tokio::test]
async fn what_could_not_be_listed_is_a_failure_and_the_rest_is_pulled() {
    let (sim, url) = serve().await;
    add_tenant(&sim);
    sim.fail("/calendarView", graph_sim::Fault::NoConsent, 1);
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.organizers = vec![organizer(0)];
    assert_eq!(pull_with(&url, &options).await.unwrap(), ExitCode::FAILURE);
    assert!(folder.path().join("reports").exists());
}

#[tokio::test]
async fn a_person_pulls_with_a_token_of_their_own() {
    let (sim, url) = serve().await;
    let reports = add_meeting(&sim);
    let token = sim.new_token();
    let token = format!("Authorization: Bearer {token}\n");
    let env = [("GRAPH_ACCESS_TOKEN", token.as_str()), ("AZURE_TENANT_ID", TENANT_ID), ("GRAPH_URL", &url)];
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.organizers.push("me".into());
    options.meetings.push(JOIN_WEB_URL.into());

    assert_eq!(rollcall::pull::run(&options, &env).await.unwrap(), ExitCode::SUCCESS);

    assert_archived(folder.path(), &reports);
    assert!(sim.requests().iter().all(|path| path.starts_with("/v1.0/me/")), "{:?}", sim.requests());
}

#[tokio::test]
async fn a_certificate_in_a_file_signs_in() {
    let (sim, url) = serve().await;
    let reports = add_meeting(&sim);
    let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/certificate-and-key.pem");
    let env = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_CERTIFICATE_PATH", bundle),
        ("GRAPH_URL", &url),
        ("LOGIN_URL", &url),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.organizers.push(ORGANIZER.into());
    options.meetings.push("MSpk/+=".into());

    assert_eq!(rollcall::pull::run(&options, &env).await.unwrap(), ExitCode::SUCCESS);

    assert_archived(folder.path(), &reports);
    assert_eq!(sim.assertions().len(), 1);
}
