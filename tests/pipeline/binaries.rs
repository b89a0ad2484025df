//! The compiled functions, as Lambda runs them: real processes, a Runtime API, and AWS (MiniStack)
//! between them.

mod compiled_door;
mod runtime_api;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use aws_config::SdkConfig;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, Call, GraphSim, Meeting, SimReport, TENANT_ID};
use serde_json::{Value, json};
use shared::clock::{Clock, SystemClock};
use shared::store::ObjectStore;
use tokio::net::TcpListener;

use crate::emulators;
use crate::world::{ORGANIZER, WEBHOOK_KEY};
use compiled_door::CompiledDoor;
use runtime_api::Function;

/// Builds the binaries: `cargo test` does not. Answers the folder where they are.
pub(crate) fn build() -> PathBuf {
    let built =
        Command::new(env!("CARGO")).args(["build", "--workspace", "--bins", "--locked", "--quiet"]).status();
    assert!(built.unwrap().success());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../debug")
}

const QUEUES: [&str; 8] = [
    "fetch",
    "fetch-dlq",
    "archive",
    "archive-dlq",
    "subscriptions",
    "subscriptions-dlq",
    "backfill",
    "backfill-dlq",
];
const CERTIFICATE: &str = include_str!("fixtures/notification-certificate-1.pem");
const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0";

/// What the functions need of AWS, made on MiniStack.
struct Aws {
    config: SdkConfig,
    sqs: aws_sdk_sqs::Client,
}

impl Aws {
    async fn prepare(config: SdkConfig) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&config);
        for queue in QUEUES {
            sqs.create_queue().queue_name(format!("binaries-{queue}")).send().await.unwrap();
        }
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(s3).create_bucket().bucket("binaries").send().await.unwrap();
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        for (name, secret) in
            [("graph", CLIENT_SECRET), ("webhook-key", WEBHOOK_KEY), ("notification-key", CERTIFICATE)]
        {
            secrets
                .create_secret()
                .name(format!("binaries-{name}"))
                .secret_string(secret)
                .send()
                .await
                .unwrap();
        }
        Self { config, sqs }
    }

    fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/binaries-{queue}", self.config.endpoint_url().unwrap())
    }

    /// The settings of all functions.
    fn settings(&self, graph_url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ENDPOINT_URL", self.config.endpoint_url().unwrap().into()),
            ("GRAPH_TENANT_ID", TENANT_ID.into()),
            ("GRAPH_CLIENT_ID", CLIENT_ID.into()),
            ("GRAPH_CREDENTIAL", "secret".into()),
            ("GRAPH_SECRET_ID", "binaries-graph".into()),
            ("GRAPH_URL", graph_url.into()),
            ("LOGIN_URL", graph_url.into()),
            ("WEBHOOK_KEY_SECRET_ID", "binaries-webhook-key".into()),
            ("NOTIFICATION_KEY_SECRET_ID", "binaries-notification-key".into()),
            ("NOTIFICATION_URL", "https://rollcall.contoso.com".into()),
            (
                "WATCH",
                json!({"meetings": [{"organizer": ORGANIZER, "joinWebUrl": JOIN_WEB_URL}]}).to_string(),
            ),
            ("ARCHIVE_BUCKET", "binaries".into()),
            ("FETCH_QUEUE_URL", self.queue_url("fetch")),
            ("FETCH_DLQ_URL", self.queue_url("fetch-dlq")),
            ("SUBSCRIPTIONS_QUEUE_URL", self.queue_url("subscriptions")),
            ("ARCHIVE_QUEUE_URL", self.queue_url("archive")),
            ("ARCHIVE_DLQ_URL", self.queue_url("archive-dlq")),
            ("SUBSCRIPTIONS_DLQ_URL", self.queue_url("subscriptions-dlq")),
            ("BACKFILL_QUEUE_URL", self.queue_url("backfill")),
            ("BACKFILL_DLQ_URL", self.queue_url("backfill-dlq")),
        ]
    }

    /// Does what the event source mapping does: one batch from a queue to its function. Answers
    /// whether there was one.
    async fn feed(&self, queue: &str, function: &Function) -> bool {
        let url = self.queue_url(queue);
        let received =
            self.sqs.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            return false;
        }
        let records: Vec<Value> = messages.iter().map(|message| {
            json!({
                "messageId": message.message_id(), "receiptHandle": message.receipt_handle(), "body": message.body(),
                "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "eventSource": "aws:sqs",
            })
        }).collect();
        let answer = function.invoke(&json!({"Records": records})).await;
        let failed = answer["batchItemFailures"].as_array().unwrap();
        for message in messages {
            if failed.iter().any(|failed| failed["itemIdentifier"].as_str() == message.message_id()) {
                continue;
            }
            let handle = message.receipt_handle().unwrap();
            self.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
        }
        true
    }
}

/// A simulated Graph over HTTP, with a meeting of 600 whose session has just ended; what it posts goes
/// through `door`.
async fn serve_graph(door: Arc<CompiledDoor>) -> (Arc<GraphSim>, SimReport, String) {
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), door));
    sim.set_page_size(250);
    let end = SystemClock.now();
    let start = end - jiff::SignedDuration::from_mins(30);
    let join_web_url = JOIN_WEB_URL.to_owned();
    let meeting = Meeting { organizer_id: ORGANIZER.into(), meeting_id: "m-1".into(), join_web_url };
    let report = SimReport::ended(meeting.source(), "report-m-1", 600, start, end);
    sim.add_report(report.clone());
    let organizer = Some((ORGANIZER.into(), TENANT_ID.into()));
    let join_web_url = Some(meeting.join_web_url.clone());
    sim.add_call(Call { id: "call-m-1".into(), join_web_url, organizer, start, end });
    sim.add_meeting(meeting);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(graph_sim::serve(Arc::clone(&sim), listener));
    (sim, report, url)
}

#[tokio::test]
async fn the_compiled_functions_subscribe_and_archive_what_they_are_told_of() {
    let Some(config) = emulators::ministack().await else { return };
    let binaries = build();
    let aws = Aws::prepare(config).await;
    let door = Arc::new(CompiledDoor::default());
    let (sim, report, graph_url) = serve_graph(door.clone()).await;
    let settings = aws.settings(&graph_url);
    let start = async |function: &str| Function::start(&binaries.join(function), &settings).await;
    door.open(start("webhook").await);
    let (fetch, archive) = (start("fetch").await, start("archive").await);

    assert_eq!(start("subscriptions").await.invoke(&json!({})).await, Value::Null);
    assert_eq!(sim.subscriptions().len(), 3, "each passed its handshake with the compiled webhook");
    let store = shared::aws::S3Store::new(&aws.config, "binaries".into(), None);
    let date = report.start.strftime("%Y-%m-%d");
    let key = format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/report-m-1.json");
    let told = sim.notify_call_event(JOIN_WEB_URL, "callEnded").await.unwrap();
    assert_eq!(told, [202]);
    while aws.feed("fetch", &fetch).await || aws.feed("archive", &archive).await {}
    assert_eq!(store.get(&key).await.unwrap().unwrap().body, report.whole().as_bytes());

    let later = SimReport { records: report.records[1..].to_vec(), id: "report-m-2".into(), ..report };
    sim.add_report(later.clone());
    let call = "communications/callRecords/call-m-1";
    let told = sim.notify("communications/callRecords", call, "#Microsoft.Graph.callRecord").await.unwrap();
    assert_eq!(told, [202]);
    while aws.feed("fetch", &fetch).await || aws.feed("archive", &archive).await {}
    let key = key.replace("report-m-1", "report-m-2");
    assert_eq!(store.get(&key).await.unwrap().unwrap().body, later.whole().as_bytes());

    let lost = SimReport { id: "report-m-3".into(), ..later };
    sim.add_report(lost.clone());
    let backfill = start("backfill").await;
    let answer = backfill.invoke(&json!({"since": "2026-01-01", "from": ["callRecords"]})).await;
    let ledger = answer["ledger"].as_str().unwrap();
    while store.get(ledger).await.unwrap().is_none() {
        aws.feed("backfill", &backfill).await;
    }
    while aws.feed("fetch", &fetch).await || aws.feed("archive", &archive).await {}
    let key = key.replace("report-m-2", "report-m-3");
    assert_eq!(store.get(&key).await.unwrap().unwrap().body, lost.whole().as_bytes());
    let refused = backfill.invoke(&json!({"sinc": "2026-01-01"})).await;
    assert!(refused["errorMessage"].as_str().unwrap().starts_with("the request has an unknown field, sinc"));
}

#[tokio::test]
async fn a_function_without_its_settings_says_which_is_missing() {
    let binaries = build();
    for (function, setting) in [
        ("fetch", "GRAPH_CREDENTIAL"),
        ("archive", "ARCHIVE_BUCKET"),
        ("subscriptions", "NOTIFICATION_URL"),
        ("backfill", "GRAPH_CREDENTIAL"),
    ] {
        let ended = Command::new(binaries.join(function)).env_clear().output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        let sentence = format!("the setting {setting} is missing: set this environment variable");
        assert!(!ended.status.success() && told.contains(&sentence), "{function}: {told}");
    }
}
