//! The stack, created in MiniStack from its template: MiniStack runs the five compiled functions, their event
//! source mappings, schedules and HTTP API; the simulated Graph is outside.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, Fault, GraphSim, Meeting, SimReport, TENANT_ID};
use http::header::{HOST, HeaderValue};
use jiff::SignedDuration;
use rollcall::deployment::{Deployment, Stack};
use rollcall::doctor::{DoctorContext, Verdict, examine};
use rollcall::runs::{Pace, RunMonitor};
use serde_json::{Value, json};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::{ConnectFailure, Http, HttpClient, HttpError, Request, Response};
use shared::ports::store::ObjectStore;
use tokio::net::TcpListener;
use tools::{emulators, programs, until};

use crate::compiled_functions::{CALL_RECORD, CALL_RECORDS, build};
use crate::stack_cost::price::{BATCH_LOG_BYTES, MESSAGE_LOG_BYTES};
use crate::world::ORGANIZER;

/// What transforms and creates the stack.
const PACKAGES: [&str; 3] = ["aws-sam-translator==1.115.0", "boto3==1.35.49", "PyYAML==6.0.3"];
/// A run is over in some seconds; one that cannot end must not hold up what comes after it.
const TIME_FOR_A_RUN: Duration = Duration::from_secs(180);
const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0";

/// A client for which `http://….execute-api.localhost:port` is this machine, whatever its resolver says.
struct Localhost(HttpClient);

#[async_trait]
impl Http for Localhost {
    async fn send(&self, mut request: Request) -> Result<Response, HttpError> {
        let uri = request.uri().clone();
        if let Some(authority) = uri.authority().filter(|authority| authority.host().ends_with(".localhost"))
        {
            let host = HeaderValue::from_str(authority.as_str())
                .map_err(|_| HttpError::Connect(ConnectFailure::Refused))?;
            request.headers_mut().insert(HOST, host);
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let port = authority.port_u16().unwrap_or(80);
            *request.uri_mut() = format!("http://127.0.0.1:{port}{path}")
                .parse()
                .map_err(|_| HttpError::Connect(ConnectFailure::Refused))?;
        }
        self.0.send(request).await
    }
}

fn localhost() -> Arc<Localhost> {
    Arc::new(Localhost(HttpClient::new().unwrap()))
}

/// A stack and its surroundings.
struct World {
    logs: tempfile::TempDir,
    sim: Arc<GraphSim>,
    graph_url: String,
    stack: Stack,
    bucket: String,
    store: Arc<dyn ObjectStore>,
}

impl World {
    /// Creates the stack; `None` where MiniStack or what transforms the template cannot be had.
    async fn deploy() -> Option<Self> {
        let aws = emulators::ministack().await?;
        let Some(programs) = programs::python(&PACKAGES) else {
            programs::skipped(
                "the SAM transform needs python3 with venv and pip, and the Python package index",
            );
            return None;
        };
        let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), localhost()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let graph_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(graph_sim::serve(sim.clone(), listener));
        let logs = tempfile::tempdir().unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let deployed = Command::new(programs.join("python"))
            .arg(here.join("stack_ministack/deploy.py"))
            .args([aws.endpoint_url().unwrap(), &graph_url])
            .arg(build())
            .arg(logs.path())
            .arg(here.join("../../infra/template.yaml"))
            .output()
            .unwrap();
        assert!(deployed.status.success(), "{}", String::from_utf8_lossy(&deployed.stderr));
        let outputs: Value = serde_json::from_slice(&deployed.stdout).unwrap();
        let stack = Stack::at(aws, "rollcall");
        let bucket = outputs["ArchiveBucket"].as_str().unwrap().to_owned();
        let store = stack.archive(bucket.clone(), None);
        Some(Self { logs, sim, graph_url, stack, bucket, store })
    }

    /// A session that has just ended; answers its report's key.
    fn session(&self, id: &str) -> (SimReport, String) {
        let meeting = Meeting {
            organizer_id: ORGANIZER.into(),
            meeting_id: "m-1".into(),
            join_web_url: JOIN_WEB_URL.to_owned(),
        };
        let end = SystemClock.now();
        let start = end - SignedDuration::from_mins(30);
        let report = SimReport::ended(meeting.source(), id, 40, start, end);
        self.sim.add_session(&meeting, &format!("call-{id}"), &report);
        self.sim.add_meeting(meeting);
        let date = start.strftime("%Y-%m-%d");
        let key = format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/{id}.json");
        (report, key)
    }

    /// Notifies of a session as Graph does: again, until it is acknowledged.
    async fn notify(&self, id: &str) {
        let call = format!("{CALL_RECORDS}/call-{id}");
        until(async || self.sim.notify(CALL_RECORDS, &call, CALL_RECORD).await.unwrap() == [202]).await;
    }

    async fn assert_archived_once(&self, report: &SimReport, key: &str) {
        until(async || self.store.head(key).await.unwrap().is_some()).await;
        let object = self.store.get(key).await.unwrap().unwrap();
        assert_eq!(object.body, report.whole().as_bytes());
        let s3 = aws_sdk_s3::config::Builder::from(&self.stack.aws).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        let versions = s3.list_object_versions().bucket(&self.bucket).prefix(key).send().await.unwrap();
        assert_eq!(versions.versions().len(), 1, "{key} was written once");
    }

    /// The log of a function, its metrics among it.
    fn log(&self, function: &str) -> String {
        std::fs::read_to_string(self.logs.path().join(format!("{function}.log"))).unwrap()
    }
}

/// Kills the processes of a function; answers how many there were.
fn kill(function: &str) -> usize {
    let variable = format!("AWS_LAMBDA_FUNCTION_NAME={function}\0");
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let killed = processes.filter(|process| {
        let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&variable)
            && Command::new("kill").args(["-KILL", process]).status().unwrap().success()
    });
    killed.count()
}

#[tokio::test]
async fn the_stack_subscribes_archives_survives_a_kill_and_is_healthy() {
    let Some(world) = World::deploy().await else { return };
    // The schedule does it; each subscription passes its handshake over HTTP.
    until(async || world.sim.subscriptions().len() == 2).await;

    let (report, key) = world.session("r-1");
    world.notify("r-1").await;
    world.assert_archived_once(&report, &key).await;
    logs_are_short_and_name(&world, "r-1").await;

    a_killed_function_is_no_loss(&world).await;
    is_healthy(&world).await;
    what_no_notification_came_of_is_found(&world).await;
}

async fn logs_are_short_and_name(world: &World, id: &str) {
    let functions = ["fetch", "archive"];
    until(async || functions.iter().all(|function| world.log(function).contains(id))).await;
    let logs = functions.map(|function| world.log(function)).concat();
    // The messages of a batch are taken at once: an invocation has the lines of several.
    let messages: BTreeSet<&str> =
        logs.split("\"message.id\":\"").skip(1).filter_map(|id| id.get(..36)).collect();
    let batches = logs.lines().filter(|line| line.contains("OldestMessageSeconds")).count();
    let most = messages.len() as f64 * MESSAGE_LOG_BYTES + batches as f64 * BATCH_LOG_BYTES;
    assert!(logs.len() as f64 <= most, "{} bytes, {batches} batches, {messages:?}: {logs}", logs.len());
}

async fn a_killed_function_is_no_loss(world: &World) {
    let (report, key) = world.session("r-2");
    world.sim.fail("/attendanceReports/r-2", Fault::Silence, 1);
    world.notify("r-2").await;
    let is_asked_for = |path: &String| path.contains("/attendanceReports/r-2");
    until(async || world.sim.requests().iter().any(is_asked_for)).await;
    assert_ne!(kill("rollcall-fetch"), 0);
    world.assert_archived_once(&report, &key).await;
}

async fn is_healthy(world: &World) {
    let context = DoctorContext {
        http: localhost(),
        clock: Arc::new(SystemClock),
        deployment: Some(&world.stack),
        organizers: vec![ORGANIZER.to_owned()],
    };
    let env = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ("GRAPH_URL", &world.graph_url),
        ("LOGIN_URL", &world.graph_url),
    ];
    let findings = examine(&context, &env).await;
    assert!(findings.iter().all(|finding| finding.is == Verdict::Good), "{findings:#?}");
}

async fn what_no_notification_came_of_is_found(world: &World) {
    let monitor = RunMonitor {
        functions: &world.stack,
        store: world.store.clone(),
        archive: "s3://archive".into(),
        tenant_id: TENANT_ID.into(),
        clock: Arc::new(SystemClock),
        pace: Pace::DEPLOYED,
        accept: None,
        json: false,
    };
    let (by_hand, key) = world.session("r-3");
    let since = (SystemClock.now() - SignedDuration::from_hours(48)).to_string();
    let request = json!({"since": since, "from": ["callRecords"]});
    let followed = tokio::time::timeout(TIME_FOR_A_RUN, monitor.run_and_follow(&request)).await;
    let code = followed.unwrap().unwrap();
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
    world.assert_archived_once(&by_hand, &key).await;

    let (by_schedule, key) = world.session("r-4");
    world.assert_archived_once(&by_schedule, &key).await;
}
