//! `rollcall pull` has as many calls under way as Graph stands, over real HTTP, with a Graph that takes its time.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, GraphSim, Meeting, SimReport, TENANT_ID};
use http::header::{HOST, RETRY_AFTER};
use http::{HeaderValue, StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use rollcall::cli::PullOptions;
use shared::ports::clock::SystemClock;
use shared::ports::http::HttpClient;
use tokio::net::TcpListener;

const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%22Tid%22%3a%225466a424-0000-4000-8000-0000c0205050%22%2c%22Oid%22%3a%220a11ce00-0000-4000-8000-0000c0205050%22%7d";

/// A Graph that takes its time, and throttles what is more at once than it stands.
struct SlowGraph {
    sim: GraphSim,
    answers_after: Duration,
    stands: usize,
    under_way: AtomicUsize,
    most: AtomicUsize,
    calls: AtomicUsize,
    throttled: AtomicUsize,
}

impl SlowGraph {
    /// With a meeting that has so many reports.
    fn new(reports: i64, answers_after: Duration, stands: usize) -> Self {
        let sim = GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new().unwrap()));
        let meeting = Meeting {
            organizer_id: ORGANIZER.into(),
            meeting_id: "m-1".into(),
            join_web_url: JOIN_WEB_URL.into(),
        };
        sim.add_meeting(meeting.clone());
        let first: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        for number in 0..reports {
            let start = first + SignedDuration::from_hours(24 * number);
            let end = start + SignedDuration::from_mins(30);
            sim.add_report(SimReport::ended(meeting.source(), &format!("r-{number}"), 50, start, end));
        }
        let [under_way, most, calls, throttled] = std::array::from_fn(|_| AtomicUsize::new(0));
        Self { sim, answers_after, stands, under_way, most, calls, throttled }
    }
}

async fn answer(State(graph): State<Arc<SlowGraph>>, request: http::Request<Body>) -> http::Response<Body> {
    let under_way = graph.under_way.fetch_add(1, Ordering::Relaxed) + 1;
    graph.most.fetch_max(under_way, Ordering::Relaxed);
    graph.calls.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(graph.answers_after).await;
    graph.under_way.fetch_sub(1, Ordering::Relaxed);
    if under_way > graph.stands {
        graph.throttled.fetch_add(1, Ordering::Relaxed);
        let mut response = http::Response::new(Body::empty());
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("0.5"));
        return response;
    }
    let (mut parts, body) = request.into_parts();
    let host = parts.headers[HOST].to_str().unwrap().to_owned();
    let path = parts.uri.path_and_query().unwrap().as_str().to_owned();
    parts.uri = Uri::builder().scheme("http").authority(host).path_and_query(path).build().unwrap();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    graph.sim.answer(http::Request::from_parts(parts, body)).await.map(Body::from)
}

/// Pulls the meeting into `to`.
async fn pull(graph: &Arc<SlowGraph>, to: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(Arc::clone(graph));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let env = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("GRAPH_URL", url.as_str()),
        ("LOGIN_URL", url.as_str()),
    ];
    let mut options = PullOptions::to(to);
    options.organizers.push(ORGANIZER.into());
    options.meetings.push(JOIN_WEB_URL.into());
    let exit_code = rollcall::pull::run(&options, &env).await.unwrap();
    assert_eq!(exit_code, ExitCode::SUCCESS);
    assert_eq!(reports_in(to), 50);
}

fn reports_in(folder: &Path) -> usize {
    let days = std::fs::read_dir(folder.join(format!("reports/v1/tenant={TENANT_ID}/kind=meeting"))).unwrap();
    days.map(|day| std::fs::read_dir(day.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn a_pull_has_many_calls_under_way_and_never_more_than_twenty_five() {
    let (graph, folder) = (SlowGraph::new(50, Duration::from_millis(50), 100), tempfile::tempdir().unwrap());
    let graph = Arc::new(graph);
    pull(&graph, folder.path()).await;
    let most = graph.most.load(Ordering::Relaxed);
    assert!((12..=25).contains(&most), "{most} at once");
}

#[tokio::test]
async fn a_pull_asks_less_where_graph_throttles_and_loses_nothing() {
    let (graph, folder) = (SlowGraph::new(50, Duration::from_millis(20), 6), tempfile::tempdir().unwrap());
    let graph = Arc::new(graph);
    pull(&graph, folder.path()).await;
    let throttled = graph.throttled.load(Ordering::Relaxed);
    assert!((1..25).contains(&throttled), "{throttled} of {} calls", graph.calls.load(Ordering::Relaxed));
}
