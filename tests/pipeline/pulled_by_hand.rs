//! `rollcall pull` fetches what the archive lacks, over real HTTP, and nothing twice.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use graph_sim::{CLIENT_ID, CLIENT_SECRET, GraphSim, Meeting, SimReport, TENANT_ID, attendance_record};
use rollcall::cli::PullOptions;
use shared::clock::SystemClock;
use shared::http::HttpClient;
use tokio::net::TcpListener;

use crate::world::ORGANIZER;

const JOIN_WEB_URL: &str =
    "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%22Tid%22%7d";

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
        SimReport {
            source: meeting.source(),
            id: format!("r-{day}"),
            ready_at: end,
            start,
            end: Some(end),
            records: (0..5).map(|number| attendance_record(number, start, end)).collect(),
            raw: None,
        }
    };
    let reports: Vec<SimReport> = (0..3).map(report).collect();
    reports.iter().for_each(|report| sim.add_report(report.clone()));
    reports
}

async fn pull(graph_url: &str, to: &Path, meeting: &str) -> anyhow::Result<ExitCode> {
    let options = PullOptions {
        to: to.display().to_string(),
        organizer: ORGANIZER.into(),
        meetings: vec![meeting.into()],
    };
    let env = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("GRAPH_URL", graph_url),
        ("LOGIN_URL", graph_url),
    ];
    rollcall::pull::run(&options, &env).await
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
async fn a_refusal_is_told_and_is_a_failure() {
    let (sim, url) = serve().await;
    add_meeting(&sim);
    sim.fail("/attendanceReports", graph_sim::Fault::NoAccessPolicy, 1);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(pull(&url, folder.path(), "MSpk/+=").await.unwrap(), ExitCode::FAILURE);
    assert_eq!(pull(&url, folder.path(), "https://no/such/meeting").await.unwrap(), ExitCode::FAILURE);
}

#[tokio::test]
async fn what_passes_is_waited_for() {
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
    let to = folder.path().display().to_string();
    let options = PullOptions { to, organizer: "o".into(), meetings: vec!["m".into()] };
    let error = rollcall::pull::run(&options, &[("AZURE_TENANT_ID", "t")]).await.unwrap_err();
    let told = format!("{error:#}");
    assert!(told.contains("AZURE_CLIENT_SECRET") && told.contains("GRAPH_ACCESS_TOKEN"), "{told}");
}
