//! The compiled functions, as Lambda runs them: real processes, a Runtime API, and AWS (MiniStack)
//! between them.

mod compiled_webhook;
mod kills;
mod large_batches;
mod largest;
mod proxy;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use graph_sim::{GraphSim, Meeting, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::ObjectStore;
use tokio::net::TcpListener;
use tools::aws::Aws;
use tools::runtime_api::{FunctionProcess, Settings};
use tools::{emulators, until};

use crate::world::{ORGANIZER, WEBHOOK_KEY};
use compiled_webhook::CompiledWebhook;

/// Builds the binaries: `cargo test` does not. Answers the folder where they are.
pub(crate) fn build() -> PathBuf {
    let built =
        Command::new(env!("CARGO")).args(["build", "--workspace", "--bins", "--locked", "--quiet"]).status();
    assert!(built.unwrap().success());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../debug")
}

const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0";
const CERTIFICATE: &str = include_str!("fixtures/notification-certificate-1.pem");
/// The functions' secrets.
const SECRETS: [(&str, &str); 2] = [("webhook-key", WEBHOOK_KEY), ("notification-key", CERTIFICATE)];
pub(crate) const CALL_RECORDS: &str = "communications/callRecords";
pub(crate) const CALL_RECORD: &str = "#Microsoft.Graph.callRecord";

/// The functions' settings; one meeting is watched.
fn settings(aws: &Aws, graph_url: &str) -> Settings {
    let watch = json!({"meetings": [{"organizer": ORGANIZER, "joinWebUrl": JOIN_WEB_URL}]});
    aws.settings(graph_url).into_iter().chain([("WATCH", watch.to_string())]).collect()
}

/// A simulated Graph over HTTP; what it posts goes to `webhook`. Answers its URL, too.
async fn serve_graph(webhook: Arc<CompiledWebhook>) -> (Arc<GraphSim>, String) {
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), webhook));
    sim.set_page_size(250);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(graph_sim::serve(Arc::clone(&sim), listener));
    (sim, url)
}

/// A session of half an hour that ended at `end`: its call `call-{id}` and its report `r-{id}`.
fn session(sim: &GraphSim, meeting: &Meeting, id: &str, attendees: usize, end: Timestamp) -> SimReport {
    let start = end - SignedDuration::from_mins(30);
    let report = SimReport::ended(meeting.source(), &format!("r-{id}"), attendees, start, end);
    sim.add_session(meeting, &format!("call-{id}"), &report);
    report
}

/// The key of a meeting's report.
fn key(prefix: &str, report: &SimReport, extension: &str) -> String {
    let date = report.start.strftime("%Y-%m-%d");
    format!("{prefix}/v1/tenant={TENANT_ID}/kind=meeting/date={date}/{}.{extension}", report.id)
}

async fn is_archived(store: &dyn ObjectStore, report: &SimReport) -> bool {
    let there = store.get(&key("reports", report, "json")).await.unwrap();
    there.is_some_and(|there| there.body == report.whole().as_bytes())
}

#[tokio::test]
async fn the_compiled_functions_subscribe_and_archive_what_they_are_notified_of() {
    let Some(config) = emulators::ministack().await else { return };
    let binaries = build();
    let aws = Aws::prepare(config, "binaries", &SECRETS).await;
    let webhook = Arc::new(CompiledWebhook::default());
    let (sim, graph_url) = serve_graph(webhook.clone()).await;
    let meeting = Meeting {
        organizer_id: ORGANIZER.into(),
        meeting_id: "m-1".into(),
        join_web_url: JOIN_WEB_URL.to_owned(),
    };
    sim.add_meeting(meeting.clone());
    let now = SystemClock.now();
    let report = session(&sim, &meeting, "1", 600, now);
    let function = |name: &str| FunctionProcess::new(binaries.join(name), settings(&aws, &graph_url));
    webhook.connect(function("webhook").into());
    let (fetch, archive, backfill) = (function("fetch"), function("archive"), function("backfill"));
    let run_until_idle = async || {
        while aws.feed("fetch", &fetch, 10).await || aws.feed("archive", &archive, 10).await {}
    };

    assert_eq!(function("subscriptions").invoke(&json!({})).await, Some(Value::Null));
    assert_eq!(sim.subscriptions().len(), 3, "each passed its handshake with the compiled webhook");
    let store = aws.store();
    until(async || sim.notify_call_event(JOIN_WEB_URL, "callEnded", now).await.unwrap() == [202]).await;
    run_until_idle().await;
    assert!(is_archived(&store, &report).await);

    let later = session(&sim, &meeting, "2", 599, now);
    let call = format!("{CALL_RECORDS}/call-2");
    until(async || sim.notify(CALL_RECORDS, &call, CALL_RECORD).await.unwrap() == [202]).await;
    run_until_idle().await;
    assert!(is_archived(&store, &later).await);

    let lost = session(&sim, &meeting, "3", 3, now);
    let answer = backfill.invoke(&json!({"since": "2026-01-01", "from": ["callRecords"]})).await.unwrap();
    let ledger = answer["ledger"].as_str().unwrap();
    while store.get(ledger).await.unwrap().is_none() {
        aws.feed("backfill", &backfill, 1).await;
    }
    run_until_idle().await;
    assert!(is_archived(&store, &lost).await);
    let refused = backfill.invoke(&json!({"sinc": "2026-01-01"})).await.unwrap();
    assert!(refused["errorMessage"].as_str().unwrap().starts_with("the request has an unknown field, sinc"));
}

#[tokio::test]
async fn a_function_without_its_settings_names_the_missing_one() {
    let binaries = build();
    for (function, setting) in [
        ("fetch", "GRAPH_CREDENTIAL"),
        ("archive", "ARCHIVE_BUCKET"),
        ("subscriptions", "NOTIFICATION_URL"),
        ("backfill", "GRAPH_CREDENTIAL"),
    ] {
        let ended = Command::new(binaries.join(function)).env_clear().output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let sentence = format!("the setting {setting} is missing: set this environment variable");
        assert!(!ended.status.success() && stderr.contains(&sentence), "{function}: {stderr}");
    }
}
