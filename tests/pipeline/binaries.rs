//! The compiled functions, as Lambda runs them: real processes, a Runtime API, and AWS (MiniStack)
//! between them.

mod runtime_api;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use aws_config::SdkConfig;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, Call, GraphSim, Meeting, SimReport, TENANT_ID};
use serde_json::{Value, json};
use shared::clock::{Clock, SystemClock};
use shared::http::HttpClient;
use shared::store::ObjectStore;
use tokio::net::TcpListener;

use crate::ministack;
use crate::world::{ORGANIZER, WEBHOOK_KEY, call_ended, signed};
use runtime_api::Function;

/// Builds the binaries: `cargo test` does not. Answers the folder where they are.
fn build() -> PathBuf {
    let built =
        Command::new(env!("CARGO")).args(["build", "--workspace", "--bins", "--locked", "--quiet"]).status();
    assert!(built.unwrap().success());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../debug")
}

/// What the functions need of AWS, made on MiniStack.
struct Aws {
    config: SdkConfig,
    sqs: aws_sdk_sqs::Client,
}

impl Aws {
    async fn prepare(config: SdkConfig) -> Self {
        let sqs = aws_sdk_sqs::Client::new(&config);
        for queue in ["fetch", "fetch-dlq", "archive", "archive-dlq", "subscriptions"] {
            sqs.create_queue().queue_name(format!("binaries-{queue}")).send().await.unwrap();
        }
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(s3).create_bucket().bucket("binaries").send().await.unwrap();
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        for (name, secret) in [("binaries-graph", CLIENT_SECRET), ("binaries-webhook-key", WEBHOOK_KEY)] {
            secrets.create_secret().name(name).secret_string(secret).send().await.unwrap();
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
            ("ARCHIVE_BUCKET", "binaries".into()),
            ("FETCH_QUEUE_URL", self.queue_url("fetch")),
            ("FETCH_DLQ_URL", self.queue_url("fetch-dlq")),
            ("SUBSCRIPTIONS_QUEUE_URL", self.queue_url("subscriptions")),
            ("ARCHIVE_QUEUE_URL", self.queue_url("archive")),
            ("ARCHIVE_DLQ_URL", self.queue_url("archive-dlq")),
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
        assert_eq!(answer, json!({"batchItemFailures": []}));
        for message in messages {
            let handle = message.receipt_handle().unwrap();
            self.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
        }
        true
    }
}

/// A simulated Graph over HTTP, with a meeting of 600 whose session has just ended.
async fn serve_graph() -> (SimReport, String) {
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new().unwrap())));
    sim.set_page_size(250);
    let end = SystemClock.now();
    let start = end - jiff::SignedDuration::from_mins(30);
    let join_web_url = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0".to_owned();
    let meeting = Meeting { organizer_id: ORGANIZER.into(), meeting_id: "m-1".into(), join_web_url };
    let report = SimReport::ended(meeting.source(), "report-m-1", 600, start, end);
    sim.add_report(report.clone());
    let organizer = Some((ORGANIZER.into(), TENANT_ID.into()));
    let join_web_url = Some(meeting.join_web_url.clone());
    sim.add_call(Call { id: "call-m-1".into(), join_web_url, organizer, start, end });
    sim.add_meeting(meeting);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(graph_sim::serve(sim, listener));
    (report, url)
}

fn http_event(query: &str, body: &str) -> Value {
    json!({
        "version": "2.0", "rawPath": "/notifications", "rawQueryString": query, "headers": {}, "body": body,
        "isBase64Encoded": false, "requestContext": {"http": {"method": "POST", "path": "/notifications"}},
    })
}

#[tokio::test]
async fn the_compiled_functions_archive_a_notified_report() {
    let Some(config) = ministack::config().await else { return };
    let binaries = build();
    let aws = Aws::prepare(config).await;
    let (report, graph_url) = serve_graph().await;
    let settings = aws.settings(&graph_url);
    let webhook = Function::start(&binaries.join("webhook"), &settings).await;
    let fetch = Function::start(&binaries.join("fetch"), &settings).await;
    let archive = Function::start(&binaries.join("archive"), &settings).await;

    let handshake = webhook.invoke(&http_event("validationToken=a%20b", "")).await;
    assert_eq!((&handshake["statusCode"], &handshake["body"]), (&json!(200), &json!("a b")));
    let notified = webhook.invoke(&http_event("", &signed(vec![call_ended("m-1")]))).await;
    assert_eq!(notified["statusCode"], json!(202));
    while aws.feed("fetch", &fetch).await || aws.feed("archive", &archive).await {}

    let store = shared::aws::S3Store::new(&aws.config, "binaries".into(), None);
    let date = report.start.strftime("%Y-%m-%d");
    let key = format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/report-m-1.json");
    assert_eq!(store.get(&key).await.unwrap().unwrap().body, report.whole().as_bytes());
}

#[tokio::test]
async fn a_function_without_its_settings_says_which_is_missing() {
    let binaries = build();
    for (function, setting) in
        [("fetch", "GRAPH_CREDENTIAL"), ("archive", "ARCHIVE_BUCKET"), ("subscriptions", "NOTIFICATION_URL")]
    {
        let ended = Command::new(binaries.join(function)).env_clear().output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        let sentence = format!("the setting {setting} is missing: set this environment variable");
        assert!(!ended.status.success() && told.contains(&sentence), "{function}: {told}");
    }
}
